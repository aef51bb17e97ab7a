# SPDX-License-Identifier: LGPL-2.1-or-later
# Hostile raw disks: partition tables, discs, archives, and files that are two things at once.
"""QEMU takes all of these for raw, unless the head of the file says otherwise."""

import gzip
import io
import lzma
import struct
import tarfile
import zipfile
from functools import partial

from hostile_case import MIB, Case, poked
from qcow2_builder import build_qcow2
import luks1_builder as luks
import recipe_content as content
import recipe_filesystems as systems
import recipe_iso as iso
import recipe_partitions as parts
import recipe_vmdk as vmdk
import recipe_vpc as vpc

MARK = (510, b"\x55\xaa")


def raw(says, contents, rules, image, **more):
    """A row of a raw disk with such content."""
    return Case(says, image, "raw", 0, rules, "accepts", alone=True, contents=contents, **more)


def with_entry_size(size):
    """A GPT whose headers claim 2^32-1 entries of that size, their checksums right."""
    image = parts.build_gpt(count=0xFFFFFFFF)
    for at in (512, len(image) - 512):
        head = bytearray(image[at:at + 92])
        struct.pack_into("<I", head, 84, size)
        struct.pack_into("<I", head, 16, 0)
        struct.pack_into("<I", head, 16, parts.zlib.crc32(head))
        image = poked(image, (at, bytes(head)))
    return image


def extended(start, *chain):
    """An MBR with an extended partition, and (sector, next one's entry) of its chain."""
    disk = poked(bytes(64 * 512), (0, parts.mbr(parts.mbr_entry(0x83, 1, 1),
                                                parts.mbr_entry(0x05, start, 60))))
    return poked(disk, *((at * 512, parts.mbr(parts.mbr_entry(0x83, 1, 1),
                                              parts.mbr_entry(0x05, link, 1)))
                         for at, link in chain))


def fat_and_mbr():
    """An MBR with a partition that has what some take for the mark of FAT."""
    return poked(parts.mbr(parts.mbr_entry(0x83, 1, 8)) + bytes(8 * 512), (16, b"\2"),
                 (21, b"\xf8"))


PARTITIONS = [
    raw("mbr: a protective entry, and no GPT", ("mbr",), ("protective-mbr-broken",),
        lambda: parts.mbr(parts.mbr_entry(0xEE, 1, 1)) + bytes(512)),
    raw("gpt: 2^32-1 entries of 2 GiB", ("gpt",), ("header-inconsistent",),
        partial(with_entry_size, 1 << 31)),
    raw("gpt: a partition behind the end", ("gpt",), ("header-inconsistent",),
        partial(parts.build_gpt, last=1 << 62)),
    raw("gpt: a backup that differs", ("gpt",), ("copy-damaged",),
        lambda: parts.spoiled(parts.build_gpt(), -512 + 56)),
    raw("gpt: sectors of 4 KiB", ("gpt",), (), partial(parts.build_gpt, 4096)),
    raw("mbr: an extended partition at sector 0", (), (), partial(extended, 0)),
    raw("mbr: a chain that comes back", ("mbr",), ("header-inconsistent",),
        partial(extended, 4, (4, 4), (8, 0))),
    raw("mbr: a chain that goes on behind 2^32 sectors", ("mbr",), ("header-inconsistent",),
        partial(extended, 4, (4, 0xFFFFFFFE))),
    raw("mbr: a chain of 10000", ("mbr",), ("too-many-entries",),
        lambda: poked(bytes(20100 * 512), (0, parts.mbr(parts.mbr_entry(0x05, 4, 20090))),
                      (4 * 512, b"".join(parts.mbr(parts.mbr_entry(0x83, 1, 1), parts.mbr_entry(
                          0x05, 2 * i + 2, 2)) + bytes(512) for i in range(10000))))),
    raw("mbr: beside bytes that some take for FAT", ("mbr",), (), fat_and_mbr),
]


def iso_poked(place, data):
    """A disc with other bytes in its primary descriptor."""
    return poked(iso.build_iso(), (iso.FIRST_DESCRIPTOR * iso.BLOCK + place, data))


DISCS = [
    raw("iso: blocks of 0 bytes", ("iso",), ("header-inconsistent",),
        partial(iso.build_iso, block_size=0)),
    raw("iso: blocks of 65535 bytes", ("iso",), ("header-inconsistent",),
        partial(iso.build_iso, block_size=0xFFFF)),
    raw("iso: a block size that differs by byte order", ("iso",), ("header-inconsistent",),
        partial(iso_poked, 130, b"\1\0")),
    raw("iso: a size that differs by byte order", ("iso",), ("header-inconsistent",),
        partial(iso_poked, 84, b"\1\0\0\0")),
    raw("iso: 2^32-1 blocks", ("iso",), ("header-inconsistent",),
        partial(iso.build_iso, claimed_blocks=0xFFFFFFFF)),
    raw("iso: a root record of no bytes", ("iso",), (), partial(iso_poked, 156, b"\0")),
    raw("iso: a root record of 255 bytes", ("iso",), (), partial(iso_poked, 156, b"\xff")),
    raw("udf: its second mark without the first", (), (),
        lambda: poked(content.build_udf(), (32768, bytes(2048)))),
]


def tar_of(name, data):
    """A tar archive of one member."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        member = tarfile.TarInfo(name)
        member.size = len(data)
        archive.addfile(member, io.BytesIO(data))
    return out.getvalue()


def zip_of(name, data):
    """A zip archive of one member."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return out.getvalue()


def padded(image):
    """Whole sectors of the image."""
    return image.ljust(-(-len(image) // 512) * 512, b"\0")


ARCHIVES = [
    raw(f"{name}: around a qcow2 image", (name,), ("archive",), image)
    for name, image in (("tar", lambda: tar_of("disk.qcow2", build_qcow2())),
                        ("zip", lambda: padded(zip_of("disk.qcow2", build_qcow2()))),
                        ("gzip", lambda: padded(gzip.compress(build_qcow2()))),
                        ("xz", lambda: padded(lzma.compress(build_qcow2()))),
                        ("zstd", lambda: b"\x28\xb5\x2f\xfd\x20\5\x29\0\0QFI\xfb\0".ljust(512)))
] + [raw("gzip: a thousand times larger inside", ("gzip",), ("archive",),
         lambda: padded(gzip.compress(bytes(16 * MIB))))]


def passing(says, image, form, rules, status=0, qemu="accepts", **more):
    """A row that is two things at once."""
    return Case(says, image, form, status, rules, qemu, alone=True, **more)


def qcow2_in_partition():
    """A disk whose partition holds a qcow2 image with a backing file."""
    inner = build_qcow2(backing=b"/etc/passwd", backing_format=b"raw")
    return parts.mbr(parts.mbr_entry(0x83, 1, -(-len(inner) // 512))) + padded(inner)


def disc_with_gpt():
    """A disc that is a disk with a GPT as well, as installation media are."""
    disk = parts.build_gpt()
    return poked(iso.build_iso(), (0, disk[:1024 + 512]))


SEVERAL = [
    passing("qcow2 in front of a disc", lambda: poked(
        build_qcow2().ljust(MIB, b"\0"), (32768, iso.build_iso()[32768:])), "qcow2", ()),
    passing("qcow2 with the mark of a boot sector", lambda: poked(build_qcow2(), MARK), "qcow2",
            ()),
    passing("qcow2 with the number of vdi at 64",
            lambda: poked(build_qcow2(), (64, struct.pack("<I", 0xBEDA107F))), None,
            ("polyglot",), 1, "refuses"),
    raw("BitLocker that looks like FAT32 and like an MBR", ("bitlocker",), (),
        systems.build_bitlocker),
    raw("a hibernated system in a swap area", ("swsuspend",), (), systems.build_tuxonice),
    passing("qcow2 with the mark of JFS", lambda: poked(build_qcow2().ljust(MIB, b"\0"), (
        32768, b"JFS1")), "qcow2", ()),
    raw("a disc with a GPT", ("iso",), (), disc_with_gpt),
    passing("an MBR in front and the footer of a VHD at the end",
            lambda: poked(vpc.build_fixed(), (0, parts.mbr(parts.mbr_entry(0x83, 1, 8)))), "vpc",
            ("qemu-format-differs",)),
    passing("luks around qcow2", lambda: luks.luks1_header().ljust(
        luks.payload_sector(32) * 512, b"\0") + build_qcow2(), "luks", ("encrypted",)),
    raw("ext4 with the mark of nilfs2 at the end", ("ext4",), (), lambda: poked(
        content.build_ext(0x3C, 0x2C2, 0x46B, blocks=16).ljust(16384, b"\0"),
        (-4096 + 6, b"\x34\x34"))),
    passing("the text of a vmdk in a boot sector", lambda: poked(
        vmdk.descriptor().ljust(512, b"\n")[:446] + parts.mbr(parts.mbr_entry(0x83, 1, 1))[446:]
        + bytes(1024)), "vmdk", ("vmdk-extent-external", "header-inconsistent"), files=((vmdk.FLAT,
            bytes(512)),), qemu="any"),
    raw("a partition that is a qcow2 image with a backing file", ("mbr",), (), qcow2_in_partition),
]

DECLARED = [
    passing("declared raw, and qcow2", build_qcow2, "raw", ("declared-format-mismatch",),
            declared="raw"),
    passing("declared raw in a pool, and qcow2", build_qcow2, "raw", ("declared-format-mismatch",),
            declared="raw", audited=("--profile=pool",)),
    passing("declared qcow2, and zeros", lambda: bytes(MIB), "qcow2", ("bad-magic",), 1, "refuses",
            declared="qcow2"),
    passing("declared qcow2, and a vmdk", vmdk.build_sparse, "qcow2", ("bad-magic",), 1, "refuses",
            declared="qcow2"),
    passing("declared raw, and a disk that its guest owns", partial(qcow2_in_partition), "raw", (),
            declared="raw", contents=("mbr",)),
]

CASES = PARTITIONS + DISCS + ARCHIVES + SEVERAL + DECLARED
