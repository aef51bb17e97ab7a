# SPDX-License-Identifier: LGPL-2.1-or-later
# Recipe entries: small and old file systems, as content of a raw payload (all raw for QEMU).
"""Each image has just the fields that are read, and those by which libblkid knows it; else zeros."""

import struct
import zlib
from functools import partial

from image_recipe import Entry
from recipe_content import UUID, build_ext, pieces

MINIX = 1024


def build_minix(order, magic):
    """The superblock of Minix 1 or 2: 64 inodes and 100 zones, of which data begin behind two maps."""
    zones = (100, 0) if magic < 0x2000 else (0, 100)
    return pieces(4096, (MINIX, struct.pack(order + "HHHHHHIHHI", 64, zones[0], 1, 1, 6, 0, 0x10081C00, magic, 1, zones[1])))


def build_minix3():
    """The superblock of Minix 3."""
    return pieces(4096, (MINIX, struct.pack("<IHHHHHHIIHHHB", 64, 0, 1, 1, 7, 0, 0, 0x7FFFFFFF, 100, 0x4D5A, 0, 1024, 0)))


def build_ext_like_minix():
    """ext2 with as many free inodes as the number of Minix is."""
    image = bytearray(build_ext(blocks=1))
    struct.pack_into("<I", image, MINIX + 16, 0x137F)
    return bytes(image)


def build_bfs():
    """The superblock of BFS with 48 inodes; nothing is being compacted."""
    return pieces(4096, (0, struct.pack("<III", 0x1BADFACE, 512 + 48 * 64, 4095) + b"\xff" * 16 + b"boot  disk  "))


def build_romfs():
    """The header of romfs, whose words have the sum 0, and its root directory."""
    head = pieces(96, (0, b"-rom1fs-" + struct.pack(">I", 96)), (16, b"disk"), (32, struct.pack(">IIII", 0x49, 0x20, 0, 0xD1FFFF97) + b"."))
    total = sum(word for word, in struct.iter_unpack(">I", head))
    return pieces(1024, (0, head), (12, struct.pack(">I", -total & 0xFFFFFFFF)))


def build_ubi():
    """The header of an erase block of UBI; its checksum begins with all bits set and is not inverted."""
    head = struct.pack(">4sB3xQIII32x", b"UBI#", 1, 3, 64, 128, 0x12345678)
    return pieces(4096, (0, head + struct.pack(">I", zlib.crc32(head) ^ 0xFFFFFFFF)))


def build_ubifs():
    """The superblock of UBIFS: 16 erase blocks of 1 KiB."""
    body = pieces(4096 - 8, (0, struct.pack("<QIBBH", 1, 4096, 6, 0, 0)), (24, struct.pack("<IIII", 8, 1024, 16, 16)),
                  (72, struct.pack("<I", 4)), (100, UUID))
    return pieces(16384, (0, struct.pack("<II", 0x06101831, zlib.crc32(body) ^ 0xFFFFFFFF) + body))


def build_jffs2(order):
    """A cleanmarker of JFFS2, and erased flash; its checksum begins with 0 and is not inverted."""
    marker = struct.pack(order + "HHI", 0x1985, 0x2003, 12)
    return (marker + struct.pack(order + "I", zlib.crc32(marker, 0xFFFFFFFF) ^ 0xFFFFFFFF)).ljust(4096, b"\xff")


def build_befs(order, place):
    """The superblock of BeFS: 8 blocks of 1 KiB."""
    head = struct.pack(order + "32sIIIIQQIIII", b"disk", 0x42465331, 0x42494745, 1024, 10, 8, 1, 232, 0xDD121031, 1, 13)
    return pieces(8192, (place, head), (place + 112, struct.pack(order + "I", 0x15B6830E)))


def build_hpfs(extended):
    """The boot sector, the superblock and its spare one of HPFS."""
    boot = struct.pack("<BI11s8s", extended, 0x1234ABCD, b"DISK", b"HPFS")
    return pieces(10240, (0, b"\xebN\x90IBM 20.0"), (38, boot.replace(b"\0", b" ")), (510, b"\x55\xaa"),
                  (8192, struct.pack("<IIBBHIII", 0xF995E849, 0xFA53E9C5, 2, 2, 0, 18, 20, 0)),
                  (8704, struct.pack("<II", 0xF9911849, 0xFA5229C5)))


def build_refs():
    """The boot sector of ReFS 3.4."""
    return pieces(4096, (3, b"ReFS"), (16, b"FSRS" + struct.pack("<HHQIIBB", 512, 0, 8, 512, 8, 3, 4)),
                  (56, struct.pack("<Q", 0x0102030405060708)))


def build_zonefs():
    """The superblock of zonefs; its checksum begins with all bits set and is not inverted."""
    head = pieces(4096, (0, b"SFOZ"), (8, b"disk"), (72, UUID), (104, struct.pack("<I", 0o640)))
    return pieces(4096, (0, head), (4, struct.pack("<I", zlib.crc32(head) ^ 0xFFFFFFFF)))


ENTRIES = [
    Entry("minix.disk", "Minix 1, names of 14 bytes", partial(build_minix, "<", 0x137F)),
    Entry("minix-big-endian.disk", "Minix 1, names of 30 bytes, big-endian", partial(build_minix, ">", 0x138F)),
    Entry("minix-2.disk", "Minix 2, names of 30 bytes", partial(build_minix, "<", 0x2478)),
    Entry("minix-3.disk", "Minix 3", build_minix3),
    Entry("ext2-like-minix.disk", "ext2 that has the number of Minix in its superblock", build_ext_like_minix),
    Entry("bfs.disk", "BFS of SCO", build_bfs),
    Entry("befs.disk", "BeFS of a PC", partial(build_befs, "<", 512)),
    Entry("befs-big-endian.disk", "BeFS, big-endian", partial(build_befs, ">", 0)),
    Entry("hpfs.disk", "HPFS", partial(build_hpfs, 0x28)),
    Entry("hpfs-without-label.disk", "HPFS whose boot sector has no label", partial(build_hpfs, 0x20)),
    Entry("refs.disk", "ReFS", build_refs),
    Entry("zonefs.disk", "zonefs", build_zonefs),
    Entry("romfs.disk", "romfs", build_romfs),
    Entry("ubi.disk", "UBI", build_ubi),
    Entry("ubifs.disk", "UBIFS", build_ubifs),
    Entry("jffs2.disk", "JFFS2 of NOR flash, little-endian", partial(build_jffs2, "<")),
    Entry("jffs2-big-endian.disk", "JFFS2 of NOR flash, big-endian", partial(build_jffs2, ">")),
]
