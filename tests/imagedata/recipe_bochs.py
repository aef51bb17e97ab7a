# SPDX-License-Identifier: LGPL-2.1-or-later
# Recipe entries: growing disks of Bochs, both versions, and damaged ones.
"""Numbers are little-endian; a header sector, then the catalog, in which nothing is allocated."""

import struct
from functools import partial

from image_recipe import Entry

SECTOR = 512
VERSION_1, VERSION_2 = 0x00010000, 0x00020000
EXTENT = 4096
NO_EXTENT = b"\xff" * 4


def build_bochs(version=VERSION_2, *, magic=b"Bochs Virtual HD Image", subtype=b"Growing",
                header=SECTOR, catalog=4, bitmap=1, extent=EXTENT, size=4 * EXTENT):
    """Version 2 has a time before the size of the disk."""
    fields = struct.pack("<32s16s16sIIIII", magic, b"Redolog", subtype, version, header, catalog,
                         bitmap, extent)
    if version == VERSION_1:
        fields += struct.pack("<Q", size)
    else:
        fields += struct.pack("<IQ", 0x4D2B5A00, size)
    return fields.ljust(SECTOR, b"\0") + (NO_EXTENT * 4).ljust(SECTOR, b"\0")


HEALTHY = [
    Entry("bochs-2.bochs", "version 2, 16 KiB in extents of 4 KiB", build_bochs),
    Entry("bochs-1.bochs", "version 1, which has no time", partial(build_bochs, VERSION_1)),
    Entry("bochs-size-odd.bochs", "virtual size beside a sector (QEMU rounds down)",
          partial(build_bochs, size=4 * EXTENT - 1)),
    Entry("bochs-behind-nul.bochs", "bytes behind the NUL of a text",
          partial(build_bochs, subtype=b"Growing\0\xff\xff", magic=b"Bochs Virtual HD Image\0a")),
]

DAMAGED = [
    Entry("bochs-undoable.bochs", "redolog that belongs to another image (raw for QEMU)",
          partial(build_bochs, subtype=b"Undoable")),
    Entry("bochs-version-3.bochs", "version 3 (raw for QEMU)", partial(build_bochs, 0x00030000)),
    Entry("bochs-catalog-huge.bochs", "catalog of 2^32-1 entries",
          partial(build_bochs, catalog=0xFFFFFFFF), "refuses"),
    Entry("bochs-catalog-short.bochs", "catalog too small for the disk",
          partial(build_bochs, catalog=3), "refuses"),
    Entry("bochs-catalog-past-end.bochs", "catalog behind the end of the file",
          partial(build_bochs, header=1 << 30)),
    Entry("bochs-bitmap-0.bochs", "bitmaps of 0 bytes, on which QEMU's arithmetic goes round",
          partial(build_bochs, bitmap=0)),
    Entry("bochs-extent-0.bochs", "extents of 0 bytes", partial(build_bochs, extent=0),
          "refuses"),
    Entry("bochs-extent-3k.bochs", "extents of 3 KiB", partial(build_bochs, extent=3072),
          "refuses"),
    Entry("bochs-extent-16m.bochs", "extents of 16 MiB", partial(build_bochs, extent=1 << 24),
          "refuses"),
    Entry("bochs-size-64.bochs", "virtual size 2^64-1",
          partial(build_bochs, size=(1 << 64) - 1), "refuses"),
    Entry("bochs-truncated.bochs", "cut in the middle of the header",
          lambda: build_bochs()[:90]),
]

ENTRIES = HEALTHY + DAMAGED
