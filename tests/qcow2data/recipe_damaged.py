# SPDX-License-Identifier: LGPL-2.1-or-later
# Recipe entries: qcow2 headers and tables that are cut short, out of range or misplaced.
"""Some of these QEMU accepts; the description then still names what is wrong."""

from functools import partial

import qcow2_builder as q
from image_recipe import Entry
from qcow2_builder import build_qcow2, pack_extension, with_header

U32_MAX = (1 << 32) - 1
U64_MAX = (1 << 64) - 1
# Limits of QEMU's block/qcow2.h: 32 MiB of L1 table, 8 MiB of refcount table.
L1_ENTRIES_MAX = (32 << 20) // 8
REFCOUNT_TABLE_CLUSTERS_MAX = (8 << 20) // 512


def refused(name, shows, **header):
    """An entry for header fields that QEMU refuses."""
    return Entry(f"{name}.qcow2", shows, with_header(**header), "refuses")


def accepted(name, shows, **header):
    """An entry for header fields that QEMU accepts all the same."""
    return Entry(f"{name}.qcow2", shows, with_header(**header))


def cut(length, **geometry):
    """The first bytes of a plain image."""
    return build_qcow2(**geometry)[:length]


def overrun(length, **header):
    """An image whose first extension claims more bytes than there are."""
    extension = pack_extension(0x12345678, b"", length)
    return partial(build_qcow2, extensions=[extension], header=header)


TRUNCATED = [
    Entry("truncated-4.qcow2", "the magic only (raw for QEMU)", partial(cut, 4)),
    Entry("truncated-8.qcow2", "magic and version only", partial(cut, 8), "refuses"),
    Entry("truncated-71.qcow2", "one byte less than a version 2 header",
          partial(cut, 71, version=2)),
    Entry("truncated-72.qcow2", "version 3, cut after the version 2 fields",
          partial(cut, 72), "refuses"),
    Entry("v2-truncated-72.qcow2", "version 2 header and nothing else",
          partial(cut, 72, version=2)),
    Entry("truncated-103.qcow2", "one byte less than the shortest version 3 header",
          partial(cut, 103), "refuses"),
    Entry("truncated-104.qcow2", "the shortest version 3 header and nothing else",
          partial(cut, 104, header_length=104)),
    Entry("truncated-header-104.qcow2", "header_length 112, cut after 104 bytes",
          partial(cut, 104)),
    Entry("truncated-500.qcow2", "cut inside the header cluster", partial(cut, 500)),
    Entry("truncated-512.qcow2", "the header cluster only", partial(cut, 512)),
    Entry("truncated-extension.qcow2", "cut inside the backing format extension",
          lambda: build_qcow2(backing=b"base.raw", backing_format=b"raw")[:122]),
    Entry("truncated-backing.qcow2", "cut inside the backing file name",
          lambda: build_qcow2(backing=b"base.raw", backing_format=b"raw")[:140]),
    Entry("truncated-cluster-2m.qcow2", "clusters of 2 MiB, cut after the first 4 KiB",
          lambda: build_qcow2(cluster_bits=21)[:4096]),
]

VERSIONS = [
    accepted("version-0", "version 0 (raw for QEMU)", version=0),
    refused("version-1-of-3", "version 3 image relabelled as version 1", version=1),
    refused("version-4", "version 4", version=4),
    refused("version-huge", "version 0xffffffff", version=U32_MAX),
]

GEOMETRY = [
    refused("cluster-bits-8", "clusters of 256 bytes", cluster_bits=8),
    refused("cluster-bits-22", "clusters of 4 MiB", cluster_bits=22),
    refused("cluster-bits-63", "cluster_bits 63", cluster_bits=63),
    refused("cluster-bits-huge", "cluster_bits 0xffffffff", cluster_bits=U32_MAX),
    refused("cluster-bits-misfit", "cluster_bits 16, but tables on 512-byte boundaries",
            cluster_bits=16),
    refused("refcount-order-7", "refcounts of 128 bits", refcount_order=7),
    refused("refcount-order-huge", "refcount_order 0xffffffff", refcount_order=U32_MAX),
    refused("extended-l2-small-cluster", "extended L2 entries with 512-byte clusters",
            incompatible_features=q.INCOMPAT_EXTENDED_L2),
    refused("size-63", "virtual size 2^63", size=1 << 63),
    refused("size-64", "virtual size 2^64 - 1", size=U64_MAX),
    refused("size-62", "virtual size 2^62, far more than the L1 table covers", size=1 << 62),
]

HEADER_LENGTHS = [
    refused("header-length-0", "header_length 0", header_length=0),
    refused("header-length-103", "header_length 103", header_length=103),
    accepted("header-length-105", "header_length 105, not a multiple of 8", header_length=105),
    refused("header-length-over-cluster", "header_length 520 in a cluster of 512",
            header_length=520),
    refused("header-length-huge", "header_length 0xffffffff", header_length=U32_MAX),
]

EXTENSIONS = [
    Entry("extension-overrun.qcow2", "first extension of 0x7fffffff bytes",
          overrun(0x7FFFFFFF), "refuses"),
    Entry("extension-overrun-huge.qcow2", "first extension of 0xffffffff bytes",
          overrun(U32_MAX), "refuses"),
    Entry("extension-overrun-1.qcow2", "first extension ends one byte behind the cluster",
          overrun(512 - 120 + 1), "refuses"),
    Entry("extension-to-end.qcow2", "first extension ends exactly with the cluster",
          overrun(512 - 120)),
    Entry("extension-overrun-backing.qcow2", "first extension runs into the backing file name",
          overrun(16, backing_file_offset=128, backing_file_size=4), "refuses"),
    Entry("extension-area-short.qcow2", "backing offset leaves 4 bytes for extensions",
          overrun(0, backing_file_offset=116, backing_file_size=4), "refuses"),
    Entry("extension-end-length.qcow2", "the end mark claims 16 bytes, which are there",
          partial(build_qcow2, extensions=[pack_extension(q.EXT_END, b"", 16)])),
    Entry("extension-end-overrun.qcow2", "the end mark claims 0xffffffff bytes",
          partial(build_qcow2, extensions=[pack_extension(q.EXT_END, b"", U32_MAX)]),
          "refuses"),
]

COMPRESSION = [
    refused("compression-type-2", "compression type 2 is unknown", compression_type=2,
            incompatible_features=q.INCOMPAT_COMPRESSION),
    refused("compression-without-bit", "compression type zstd without its bit",
            compression_type=q.COMPRESSION_ZSTD),
    refused("compression-bit-zlib", "compression bit, but type zlib",
            incompatible_features=q.INCOMPAT_COMPRESSION),
    Entry("compression-bit-header-104.qcow2", "compression bit, but no byte for the type",
          partial(build_qcow2, header_length=104,
                  header={"incompatible_features": q.INCOMPAT_COMPRESSION}), "refuses"),
]

L1_TABLES = [
    accepted("l1-past-end", "L1 table behind the end of the file", l1_table_offset=1 << 40),
    accepted("l1-offset-0", "L1 table on top of the header", l1_table_offset=0),
    refused("l1-misaligned", "L1 table not on a cluster boundary", l1_table_offset=0x608),
    refused("l1-offset-highest", "L1 table just below offset 2^63",
            l1_table_offset=0x7FFFFFFFFFFFFE00),
    refused("l1-overflow", "L1 table that ends behind offset 2^63",
            l1_table_offset=0x7FFFFFFFFFFFFE00, l1_size=65),
    refused("l1-overflow-64", "L1 table just below offset 2^64",
            l1_table_offset=0xFFFFFFFFFFFFFE00),
    refused("l1-size-0", "L1 table of no entries, but a disk of 1 MiB", l1_size=0),
    refused("l1-too-small", "L1 table one entry too short", l1_size=31),
    refused("l1-too-large", "L1 table of one entry more than 32 MiB",
            l1_size=L1_ENTRIES_MAX + 1),
    accepted("l1-largest", "L1 table of 32 MiB, nearly all behind the end of the file",
             l1_size=L1_ENTRIES_MAX),
    refused("l1-size-huge", "0xffffffff L1 entries", l1_size=U32_MAX),
]

REFCOUNT_TABLES = [
    refused("refcount-table-misaligned", "refcount table not on a cluster boundary",
            refcount_table_offset=0x208),
    accepted("refcount-table-past-end", "refcount table behind the end of the file",
             refcount_table_offset=1 << 40),
    accepted("refcount-table-offset-0", "refcount table on top of the header",
             refcount_table_offset=0),
    refused("refcount-table-overflow", "end of the refcount table overflows",
            refcount_table_offset=0xFFFFFFFFFFFFFE00, refcount_table_clusters=0x7F),
    refused("refcount-table-0", "refcount table of no clusters", refcount_table_clusters=0),
    refused("refcount-table-too-large", "refcount table of one cluster more than 8 MiB",
            refcount_table_clusters=REFCOUNT_TABLE_CLUSTERS_MAX + 1),
    refused("refcount-table-huge", "refcount table of 0xffffffff clusters",
            refcount_table_clusters=U32_MAX),
    accepted("tables-overlap", "L1, refcount and snapshot tables all at offset 0",
             l1_table_offset=0, refcount_table_offset=0, snapshots_offset=0),
]

ENTRIES = (TRUNCATED + VERSIONS + GEOMETRY + HEADER_LENGTHS + EXTENSIONS + COMPRESSION
           + L1_TABLES + REFCOUNT_TABLES)
