# SPDX-License-Identifier: LGPL-2.1-or-later
# Recipe entries: what the device mapper of Linux keeps on a disk of its own (all raw for QEMU).
"""Each image has just the fields that are read, and those by which libblkid knows it; else zeros."""

import struct

from image_recipe import Entry
from recipe_content import UUID, pieces


def build_verity():
    """The superblock of dm-verity over two blocks."""
    return pieces(4096, (0, struct.pack("<8sII16s32sIIQH", b"verity", 1, 1, UUID, b"sha256", 4096, 4096, 2, 0)))


def build_integrity():
    """The superblock of dm-integrity with tags of 4 bytes."""
    return pieces(8192, (0, struct.pack("<8sBBHIQIB", b"integrt", 1, 15, 4, 1, 4, 0, 0)))


def build_snapshot(valid):
    """The header of a snapshot with chunks of 4 KiB."""
    return pieces(8192, (0, struct.pack("<4sIII", b"SnAp", valid, 1, 8)))


def build_vdo():
    """The header of VDO."""
    return pieces(4096, (0, struct.pack("<8sIIIQIQ16s", b"dmvdo001", 5, 4, 0, 93, 133385, 1, UUID)))


ENTRIES = [
    Entry("dm-verity.disk", "hashes of dm-verity", build_verity),
    Entry("dm-integrity.disk", "dm-integrity", build_integrity),
    Entry("dm-snapshot.disk", "snapshot of the device mapper", lambda: build_snapshot(1)),
    Entry("dm-snapshot-invalid.disk", "the same that overflowed", lambda: build_snapshot(0)),
    Entry("vdo.disk", "VDO", build_vdo),
]
