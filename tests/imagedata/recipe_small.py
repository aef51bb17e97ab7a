# SPDX-License-Identifier: LGPL-2.1-or-later
# Recipe entries: small and old file systems, as content of a raw payload (all raw for QEMU).
"""Each image has just the fields that are read, and those by which libblkid knows it; else zeros."""

import struct
from functools import partial

from image_recipe import Entry
from recipe_content import build_ext, pieces

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


ENTRIES = [
    Entry("minix.disk", "Minix 1, names of 14 bytes", partial(build_minix, "<", 0x137F)),
    Entry("minix-big-endian.disk", "Minix 1, names of 30 bytes, big-endian", partial(build_minix, ">", 0x138F)),
    Entry("minix-2.disk", "Minix 2, names of 30 bytes", partial(build_minix, "<", 0x2478)),
    Entry("minix-3.disk", "Minix 3", build_minix3),
    Entry("ext2-like-minix.disk", "ext2 that has the number of Minix in its superblock", build_ext_like_minix),
    Entry("bfs.disk", "BFS of SCO", build_bfs),
]
