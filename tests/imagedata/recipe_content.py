# SPDX-License-Identifier: LGPL-2.1-or-later
# Recipe entries: what may lie in a raw payload: file systems, volumes, archives (all raw for QEMU).
"""Each image has just the fields that are read, and else zeros.  Real ones are made and compared in tests/oracle."""

import struct
from functools import partial

from image_recipe import Entry

UUID = bytes(range(0x10, 0x20))
SECTOR = 512
UDF_LABEL = b"\x08VIRT_PROBE"


def pieces(size, *placed):
    """Zeros with bytes at some places."""
    image = bytearray(size)
    for place, content in placed:
        image[place:place + len(content)] = content
    assert len(image) == size
    return bytes(image)


def build_ext(compatible=0x38, incompatible=0x2, read_only=0x3, blocks=4, label=b"disk", mounted=b""):
    """A superblock of ext2, ext3 or ext4: what it is its features decide."""
    fields = struct.pack("<III", compatible, incompatible, read_only) + UUID + label.ljust(16, b"\0") + mounted
    return pieces(4096, (1028, struct.pack("<I", blocks)), (1080, b"\x53\xef"), (1024 + 92, fields))


def build_xfs(block_size=4096):
    """A superblock of XFS."""
    return pieces(4096, (0, b"XFSB" + struct.pack(">IQ", block_size, 1)), (32, UUID), (108, b"disk"))


def build_btrfs():
    """The first superblock of btrfs, of one device of 72 KiB."""
    at = 65536
    return pieces(at + 8192, (at + 32, UUID), (at + 64, b"_BHRfS_M"),
                  (at + 72, struct.pack("<Q", 7)), (at + 112, struct.pack("<QQ", 73728, 4096)),
                  (at + 136, struct.pack("<QII", 1, 4096, 4096)),
                  (at + 201, struct.pack("<QQ", 1, 73728)), (at + 299, b"disk"))


def build_ntfs():
    """The boot sector of NTFS."""
    return pieces(SECTOR, (0, b"\xebR\x90NTFS    " + struct.pack("<HB", 512, 1)),
                  (40, struct.pack("<Q", 1)), (72, bytes(range(8))), (510, b"\x55\xaa"))


def build_exfat():
    """The boot sector of exFAT."""
    return pieces(SECTOR, (0, b"\xebv\x90EXFAT   "), (72, struct.pack("<Q", 1)),
                  (100, struct.pack("<I", 0x1234ABCD)), (108, b"\x09\x03"), (510, b"\x55\xaa"))


def build_fat(name, place):
    """The boot sector of FAT; bytes of its table of partitions are code of zeros."""
    return pieces(SECTOR, (0, b"\xeb<\x90mkfs.fat" + struct.pack("<HB", 512, 4)),
                  (place - 15, struct.pack("<I", 0x1234ABCD)), (place - 11, b"DISK       " + name),
                  (510, b"\x55\xaa"))


def build_squashfs():
    """The superblock of SquashFS 4."""
    return pieces(SECTOR, (0, b"hsqs" + struct.pack("<IIIIHHHHHHQQ", 1, 1700000000, 131072, 0, 1, 17,
                                                   0, 1, 4, 0, 0, 512)))


def build_f2fs():
    """The first superblock of F2FS."""
    return pieces(4096, (1024, struct.pack("<IHH", 0xF2F52010, 1, 15)), (1040, struct.pack("<I", 12)),
                  (1060, struct.pack("<Q", 1)), (1024 + 108, UUID),
                  (1024 + 124, "disk".encode("utf-16-le")))


def build_zfs():
    """The beginning of the list of names and values in a label of ZFS."""
    head = struct.pack(">BBHII", 1, 1, 0, 0, 1) + struct.pack(">II", 36, 32)
    return pieces(17 * 1024, (16384, head + struct.pack(">I8sIIQ", 7, b"version", 8, 1, 5000)))


def build_lvm2(sector=1):
    """A label of LVM2 in one of the first four sectors."""
    label = b"LABELONE" + struct.pack("<QII", sector, 0, 32) + b"LVM2 001"
    return pieces(4096, (sector * SECTOR, label + b"abcdef0123456789abcdef0123456789" + struct.pack("<Q", 4096)))


def build_swap(page):
    """The first page of a swap area."""
    return pieces(2 * page, (1024, struct.pack("<III", 1, 1, 0) + UUID + b"disk"), (page - 10, b"SWAPSPACE2"))


def build_high_sierra():
    """The first descriptor of High Sierra."""
    at = 32776
    return pieces(17 * 2048 + 2048, (at, b"\x01CDROM\x01"), (at + 40, b"DISC".ljust(32)),
                  (at + 80, struct.pack("<I", 18)), (at + 128, struct.pack("<H", 2048)))


def udf_tag(number, block):
    """The tag of a structure, without its checksums."""
    return struct.pack("<HHHHHHI", number, 2, 0, 0, 0, 0, block)


def build_udf(label=UDF_LABEL, anchor=True):
    """Recognition sequence, anchor at block 256, one logical volume descriptor at block 257; blocks of 512 bytes."""
    sequence = [(32768 + i * 2048, b"\0" + name + b"\1") for i, name in enumerate((b"BEA01", b"NSR03", b"TEA01"))]
    text = label.ljust(127, b"\0") + bytes((len(label),))
    volume = udf_tag(6, 257) + bytes(68) + text
    return pieces(259 * SECTOR, *sequence,
                  *([(256 * SECTOR, udf_tag(2, 256) + struct.pack("<II", 2 * SECTOR, 257))] if anchor else []),
                  (257 * SECTOR, volume), (258 * SECTOR, udf_tag(8, 258)))


def build_tar(member, magic=b"ustar\x0000"):
    """The header of the first member of a tar archive, and two blocks that end it."""
    return pieces(3 * SECTOR, (0, member), (257, magic))


ENTRIES = [
    Entry("ext2.disk", "ext2: no journal", partial(build_ext, mounted=b"/mnt")),
    Entry("ext3.disk", "ext3: a journal", partial(build_ext, compatible=0x3C, mounted=b"/mnt")),
    Entry("ext4.disk", "ext4: extents, an area of 64-bit features", partial(build_ext, 0x3C, 0x2C2, 0x46B, mounted=b"/mnt")),
    Entry("ext4-past-end.disk", "ext4, larger than the file", partial(build_ext, 0x3C, 0x2C2, 0x46B, blocks=0xFFFFFFFF)),
    Entry("ext4-label-unsafe.disk", "ext4, control characters in its label",
          partial(build_ext, 0x3C, 0x2C2, 0x46B, label=b"a\x1b[2J\nb")),
    Entry("xfs.disk", "XFS", build_xfs),
    Entry("xfs-block-0.disk", "XFS, blocks of 0 bytes", partial(build_xfs, 0)),
    Entry("btrfs.disk", "btrfs", build_btrfs),
    Entry("ntfs.disk", "NTFS, whose boot sector ends as an MBR does", build_ntfs),
    Entry("exfat.disk", "exFAT, whose boot sector ends as an MBR does", build_exfat),
    Entry("fat12.disk", "FAT12, whose boot sector ends as an MBR does", partial(build_fat, b"FAT12   ", 54)),
    Entry("fat16.disk", "FAT16", partial(build_fat, b"FAT16   ", 54)),
    Entry("fat32.disk", "FAT32", partial(build_fat, b"FAT32   ", 82)),
    Entry("squashfs.disk", "SquashFS", build_squashfs),
    Entry("f2fs.disk", "F2FS", build_f2fs),
    Entry("zfs.disk", "label of a ZFS pool", build_zfs),
    Entry("lvm2.disk", "physical volume of LVM2, label in sector 1", build_lvm2),
    Entry("lvm2-sector-3.disk", "the same in sector 3", partial(build_lvm2, 3)),
    Entry("swap.disk", "swap area, pages of 4 KiB", partial(build_swap, 4096)),
    Entry("swap-16k.disk", "swap area, pages of 16 KiB", partial(build_swap, 16384)),
    Entry("swap-64k.disk", "swap area, pages of 64 KiB", partial(build_swap, 65536)),
    Entry("high-sierra.disk", "High Sierra", build_high_sierra),
    Entry("udf.disk", "UDF, blocks of 512 bytes", build_udf),
    Entry("udf-label-utf16.disk", "UDF, its label in UTF-16 with half a surrogate",
          partial(build_udf, b"\x10" + "Ö".encode("utf-16-be") + b"\xd8\x00")),
    Entry("udf-no-anchor.disk", "UDF without its anchor", partial(build_udf, anchor=False)),
    Entry("gzip.disk", "a gzip file", lambda: b"\x1f\x8b\x08".ljust(20, b"\0")),
    Entry("xz.disk", "an xz file", lambda: b"\xfd7zXZ\0".ljust(32, b"\0")),
    Entry("bzip2.disk", "a bzip2 file", lambda: b"BZh91AY&SY".ljust(14, b"\0")),
    Entry("zstd.disk", "a Zstandard file", lambda: b"\x28\xb5\x2f\xfd".ljust(13, b"\0")),
    Entry("lz4.disk", "an LZ4 file", lambda: b"\x04\x22\x4d\x18".ljust(15, b"\0")),
    Entry("zip.disk", "a zip archive without members", lambda: b"PK\5\6".ljust(22, b"\0")),
    Entry("tar.disk", "a tar archive", partial(build_tar, b"disk.raw")),
    Entry("tar-member-unsafe.disk", "a tar archive of the old GNU form, first member with ESC",
          partial(build_tar, b"disk\x1b[2J.raw", b"ustar  \0")),
    Entry("ova.disk", "an appliance: the first member is the description", partial(build_tar, b"appliance.ovf")),
    Entry("several.disk", "btrfs, swap and LVM2 at once",
          lambda: pieces(73728, (0, build_btrfs()), (0, build_swap(4096)), (512, build_lvm2()[512:1024]))),
]
