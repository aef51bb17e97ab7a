# SPDX-License-Identifier: LGPL-2.1-or-later
# Recipe entries: members of arrays that say so at the end, and logs that stand alone (all raw for QEMU).
"""Each image has just the fields that are read, and those by which libblkid knows it; else zeros."""

import struct
import zlib
from functools import partial

from image_recipe import Entry
from recipe_content import UUID, pieces


def build_xfs_log():
    """The first record of a log of XFS, with which it is mounted."""
    return pieces(4096, (0, struct.pack(">IIII", 0xFEEDBABE, 1, 2, 512)), (16, struct.pack(">QQIII", 1 << 32, 1 << 32, 0, 0xFFFFFFFF, 1)),
                  (300, struct.pack(">I", 1) + UUID), (512, struct.pack(">I", 1)))


def build_drbd(magic):
    """The last block of a disk of DRBD of 16 sectors."""
    return pieces(8192, (4096, struct.pack(">QQ", 16, 0x4242424242424242)), (4096 + 60, struct.pack(">IIiIiI", magic, 16, -8, 257, -16, 4096)),
                  (4096 + 40, struct.pack(">Q", 0x4242424242424242)))


def build_isw():
    """The last sector but one of a member of an Intel array."""
    return pieces(4096, (4096 - 1024, b"Intel Raid ISM Cfg Sig. 1.0.00"))


def build_ddf():
    """The last sector of a disk of 32 MiB in a DDF array, which is its own first header."""
    head = bytearray(b"\xff" * 512)
    head[:40] = struct.pack(">II24s8s", 0xDE11DE11, 0xFFFFFFFF, b"VENDOR  0123456789abcdef", b"01.02.00")
    head[96:112] = struct.pack(">QQ", 65535, 65535)
    head[4:8] = struct.pack(">I", zlib.crc32(head))
    return pieces(4096, (4096 - 512, bytes(head)))


ENTRIES = [
    Entry("xfs-log.disk", "log of XFS that stands alone", build_xfs_log),
    Entry("drbd.disk", "member of DRBD 8", partial(build_drbd, 0x8374026B)),
    Entry("drbd-9.disk", "member of DRBD 9", partial(build_drbd, 0x8374026D)),
    Entry("isw-raid.disk", "member of an Intel array", build_isw),
    Entry("ddf-raid.disk", "member of a DDF array", build_ddf),
]
