# SPDX-License-Identifier: LGPL-2.1-or-later
# Recipe entries: partition tables of machines that are no PCs (all raw for QEMU).
"""Each image has just the fields that are read, and those by which libblkid knows it; else zeros."""

import struct

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


ENTRIES = [
    Entry("sun.disk", "disk label of Sun", build_sun),
    Entry("sgi.disk", "disk label of SGI", build_sgi),
]
