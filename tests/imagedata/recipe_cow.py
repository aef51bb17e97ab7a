# SPDX-License-Identifier: LGPL-2.1-or-later
# Recipe entries: COW images of old QEMU, version 2 (all raw for a current QEMU).
"""The header was a C structure written as it lay in memory.

Numbers are big-endian, but the offset of the 64-bit size depends on its
alignment: 1040 where the writer was a 64-bit program, 1036 where it was not.
"""

import struct
from functools import partial

from image_recipe import Entry

SECTOR = 512
VERSION = 2
DISK_SECTORS = 8
BACKING_BYTES = 1024
ALIGNED, PACKED = 4, 0
# Data starts behind the bitmap, on a sector boundary counted from the longer header.
LONGEST_HEADER = 1056


def build_cow(padding=ALIGNED, *, backing=b"/srv/base.raw", version=VERSION,
              size=DISK_SECTORS * SECTOR, sector_size=SECTOR):
    """Header, bitmap with the first sector set, that sector's data."""
    modified = 0
    header = struct.pack(f">4sI{BACKING_BYTES}si{padding}xQI", b"OOOM", version, backing,
                         modified, size, sector_size)
    if padding:
        # The size of the aligned structure is a multiple of 8.
        header = header.ljust(LONGEST_HEADER, b"\0")
    bitmap = b"\1"
    data_offset = -(-(LONGEST_HEADER + len(bitmap)) // SECTOR) * SECTOR
    return (header + bitmap).ljust(data_offset, b"\0") + bytes(SECTOR)


ENTRIES = [
    Entry("cow-size-1040.cow", "size at 1040, backing file /srv/base.raw", build_cow),
    Entry("cow-size-1036.cow", "size at 1036, backing file /srv/base.raw",
          partial(build_cow, PACKED)),
    Entry("cow-no-backing.cow", "size at 1040, no backing file", partial(build_cow, backing=b"")),
    Entry("cow-sector-size-0.cow", "sectors of 0 bytes", partial(build_cow, sector_size=0)),
    Entry("cow-backing-unterminated.cow", "backing file name of 1024 bytes without a NUL",
          partial(build_cow, backing=b"n" * BACKING_BYTES)),
    Entry("cow-backing-unsafe.cow", "backing file name with newline and ESC",
          partial(build_cow, backing=b"/srv/base\nformat: raw\x1b[2J")),
    Entry("cow-truncated.cow", "cut before the size", lambda: build_cow()[:1036]),
]
