# SPDX-License-Identifier: LGPL-2.1-or-later
# Recipe entries: Parallels expandable images (ploop), both magics, and damaged ones.
"""Numbers are little-endian; a cluster has as many sectors as the header says tracks."""

import struct
from functools import partial

from image_recipe import Entry

SECTOR = 512
OLD_MAGIC, NEW_MAGIC = b"WithoutFreeSpace", b"WithouFreSpacExt"
VERSION = 2
TRACKS = 8
CLOSED, OPEN = 0x312E3276, 0x746F6E59
HEADER_BYTES = 64


def build_parallels(magic=NEW_MAGIC, *, version=VERSION, tracks=TRACKS, entries=4,
                    sectors=4 * TRACKS, in_use=CLOSED, data_offset=TRACKS, flags=1):
    """Header and an allocation table without a single allocated cluster."""
    heads, cylinders, extension = 16, 1, 0
    header = struct.pack("<16sIIIIIQIIIQ", magic, version, heads, cylinders, tracks, entries,
                         sectors, in_use, data_offset, flags, extension)
    assert len(header) == HEADER_BYTES
    return header.ljust(max(1, data_offset) * SECTOR, b"\0")


HEALTHY = [
    Entry("parallels-new.hds", "new magic, 16 KiB in clusters of 4 KiB", build_parallels),
    Entry("parallels-old.hds", "old magic, which needs no data offset",
          partial(build_parallels, OLD_MAGIC, in_use=0, data_offset=0, flags=0)),
    Entry("parallels-old-63.hds", "old magic with clusters of 63 sectors",
          partial(build_parallels, OLD_MAGIC, tracks=63, entries=1, sectors=63, in_use=0,
                  data_offset=0, flags=0)),
    Entry("parallels-old-high-bits.hds", "old magic ignores the upper half of the size",
          partial(build_parallels, OLD_MAGIC, sectors=1 << 32 | 4 * TRACKS, in_use=0,
                  data_offset=0, flags=0)),
    Entry("parallels-open.hds", "not closed by its last writer",
          partial(build_parallels, in_use=OPEN)),
]

DAMAGED = [
    Entry("parallels-tracks-0.hds", "clusters of 0 sectors", partial(build_parallels, tracks=0),
          "refuses"),
    Entry("parallels-tracks-huge.hds", "clusters of 0xffffffff sectors",
          partial(build_parallels, tracks=0xFFFFFFFF), "refuses"),
    Entry("parallels-table-huge.hds", "allocation table of 0xffffffff entries",
          partial(build_parallels, entries=0xFFFFFFFF), "refuses"),
    Entry("parallels-table-past-end.hds", "allocation table longer than the file",
          partial(build_parallels, entries=4096)),
    Entry("parallels-size-huge.hds", "disk of 2^63 sectors",
          partial(build_parallels, sectors=1 << 63), "refuses"),
    Entry("parallels-size-over-table.hds", "disk larger than the allocation table covers",
          partial(build_parallels, sectors=64 * TRACKS)),
    Entry("parallels-version-3.hds", "version 3 (raw for QEMU)",
          partial(build_parallels, version=3)),
    Entry("parallels-truncated-20.hds", "magic and version only",
          lambda: build_parallels()[:20], "refuses"),
    Entry("parallels-truncated-40.hds", "cut in the middle of the size",
          lambda: build_parallels()[:40]),
]

ENTRIES = HEALTHY + DAMAGED
