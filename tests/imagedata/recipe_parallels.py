# SPDX-License-Identifier: LGPL-2.1-or-later
# Recipe entries: Parallels expandable images (ploop), both magics, and damaged ones.
"""Numbers are little-endian; a cluster has as many sectors as the header says tracks."""

import hashlib
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


EXTENSION_MAGIC, BITMAP = 0xAB234CEF23DCEA87, 0x20385FAE252CB34A
CLUSTER = TRACKS * SECTOR
GRANULARITY = 2


def bitmap_feature(identity=0x10, *, sectors=4 * TRACKS, granularity=GRANULARITY, table=(0,),
                   entries=None, magic=BITMAP, feature_flags=0, size=None):
    """A feature of the format extension: a dirty bitmap and where its clusters are."""
    data = struct.pack("<Q16sII", sectors, bytes(range(identity, identity + 16)), granularity,
                       len(table) if entries is None else entries)
    data += struct.pack(f"<{len(table)}Q", *table)
    size = len(data) if size is None else size
    return struct.pack("<QQIxxxx", magic, feature_flags, size) + data


def with_extension(features, *, magic=EXTENSION_MAGIC, end=bytes(24), **fields):
    """An image whose second cluster is the format extension, its third one of a bitmap."""
    image = bytearray(build_parallels(**fields))
    struct.pack_into("<Q", image, 56, TRACKS)
    body = (b"".join(features) + end).ljust(CLUSTER - 24, b"\0")[:CLUSTER - 24]
    extension = struct.pack("<Q", magic) + hashlib.md5(body).digest() + body
    return bytes(image) + extension + bytes(CLUSTER)


HEALTHY = [
    Entry("parallels-bitmap.hds", "format extension with a dirty bitmap of zeros",
          lambda: with_extension([bitmap_feature()])),
    Entry("parallels-bitmaps.hds", "three dirty bitmaps: zeros, ones and a cluster of data",
          lambda: with_extension([bitmap_feature(), bitmap_feature(0x30, table=(1,)),
                                  bitmap_feature(0x50, table=(2 * TRACKS,), granularity=8)])),
    Entry("parallels-extension-empty.hds", "format extension without a feature",
          lambda: with_extension([])),
    Entry("parallels-bitmap-outside.hds", "a cluster of a bitmap behind the end of the file",
          lambda: with_extension([bitmap_feature(table=(1 << 30,))])),
    Entry("parallels-data-in-table.hds", "data begins before the second cluster",
          partial(build_parallels, data_offset=1)),
    Entry("parallels-data-past-end.hds", "data begins behind the end of the file",
          lambda: build_parallels(data_offset=4 * TRACKS)[:TRACKS * SECTOR]),
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
    Entry("parallels-bitmap-size.hds", "a bitmap for a disk of another size",
          lambda: with_extension([bitmap_feature(sectors=8)]), "refuses"),
    Entry("parallels-bitmap-table-short.hds", "a bitmap without a table",
          lambda: with_extension([bitmap_feature(table=())]), "refuses"),
    Entry("parallels-bitmap-table-long.hds", "a bitmap with a table that is too long",
          lambda: with_extension([bitmap_feature(table=(0, 0))]), "refuses"),
    Entry("parallels-bitmap-table-cut.hds", "a table of 2^32-1 entries",
          lambda: with_extension([bitmap_feature(entries=0xFFFFFFFF)]), "refuses"),
    Entry("parallels-bitmap-twice.hds", "two bitmaps of one id",
          lambda: with_extension([bitmap_feature(), bitmap_feature()]), "refuses"),
    Entry("parallels-bitmap-cluster-highest.hds", "a cluster of a bitmap at sector 2^64-1",
          lambda: with_extension([bitmap_feature(table=((1 << 64) - 1,))]), "refuses"),
    Entry("parallels-bitmap-flags.hds", "flags of a feature",
          lambda: with_extension([bitmap_feature(feature_flags=1)]), "refuses"),
    Entry("parallels-bitmap-small.hds", "a bitmap that is shorter than its header",
          lambda: with_extension([bitmap_feature(size=8)]), "refuses"),
    Entry("parallels-feature-unknown.hds", "a feature that nobody knows",
          lambda: with_extension([bitmap_feature(magic=1)]), "refuses"),
    Entry("parallels-feature-long.hds", "a feature of 2^32-1 bytes",
          lambda: with_extension([bitmap_feature(size=0xFFFFFFFF)]), "refuses"),
    Entry("parallels-feature-end-flags.hds", "flags at the end of the features",
          lambda: with_extension([], end=struct.pack("<QQQ", 0, 1, 0)), "refuses"),
    Entry("parallels-features-without-end.hds", "features up to the end of the cluster",
          lambda: with_extension([bitmap_feature(size=CLUSTER - 48)]), "refuses"),
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
