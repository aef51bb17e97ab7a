# SPDX-License-Identifier: LGPL-2.1-or-later
# Recipe entries: partition tables of machines that are no PCs (all raw for QEMU).
"""Each image has just the fields that are read, and those by which libblkid knows it; else zeros."""

import struct
from functools import partial

from image_recipe import Entry
from recipe_content import SECTOR, pieces


def build_sun():
    """The label of a disk of Sun: one partition, and the sum of all its words."""
    label = bytearray(pieces(SECTOR, (0, b"DISK cyl 8 alt 2 hd 2 sec 4"), (128, struct.pack(">I8sH", 1, b"disk", 8)),
                             (142, struct.pack(">H", 2)), (188, struct.pack(">I", 0x600DDEEE)), (432, struct.pack(">HHHH", 8, 2, 2, 4)),
                             (444, struct.pack(">II", 0, 64)), (508, b"\xda\xbe")))
    for word, in struct.iter_unpack(">H", bytes(label[:510])):
        label[510] ^= word >> 8
        label[511] ^= word & 0xFF
    return pieces(4096, (0, bytes(label)))


def build_sgi():
    """The label of a disk of SGI: the partitions that each has, and a sum that makes that of all words 0."""
    label = pieces(SECTOR, (0, struct.pack(">IHH16s", 0x0BE5A941, 0, 1, b"/unix")), (312 + 8 * 12, struct.pack(">III", 4, 0, 0)),
                   (312 + 10 * 12, struct.pack(">III", 8, 0, 6)))
    total = sum(word for word, in struct.iter_unpack(">I", label))
    return pieces(4096, (0, label), (504, struct.pack(">I", -total & 0xFFFFFFFF)))


def build_bsd(place):
    """The label of a disk of a BSD: 8 sectors, and a sum over all of it."""
    label = bytearray(pieces(404, (0, struct.pack("<I", 0x82564557)), (8, b"kind"), (24, b"disk"),
                             (40, struct.pack("<IIIIII", 512, 8, 1, 1, 8, 8)),
                             (132, struct.pack("<IHHII", 0x82564557, 0, 8, 4096, 4096)), (148, struct.pack("<IIIBB", 8, 0, 0, 7, 0))))
    for word, in struct.iter_unpack("<H", bytes(label[:148 + 8 * 16])):
        label[136] ^= word & 0xFF
        label[137] ^= word >> 8
    return pieces(4096, (place, bytes(label)))


def build_mac(block):
    """The map of a disk of Apple: one partition, which is the map itself."""
    entry = struct.pack(">HHIII32s32s", 0x504D, 0, 1, 1, 1, b"Apple", b"Apple_partition_map")
    return pieces(8192, (0, b"ER" + struct.pack(">HI", block, 8192 // block)), (block, entry))


ENTRIES = [
    Entry("sun.disk", "disk label of Sun", build_sun),
    Entry("sgi.disk", "disk label of SGI", build_sgi),
    Entry("bsd.disk", "disk label of a BSD in the second sector", partial(build_bsd, 512)),
    Entry("bsd-first-sector.disk", "disk label of a BSD in the first sector", partial(build_bsd, 64)),
    Entry("mac.disk", "partition map of Apple", partial(build_mac, 512)),
    Entry("mac-2048.disk", "partition map of Apple, blocks of 2048 bytes", partial(build_mac, 2048)),
]
