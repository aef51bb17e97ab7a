# SPDX-License-Identifier: LGPL-2.1-or-later
# Hostile qcow2 images that are variants of those in tests/qcow2data.
"""Clusters have 64 KiB where the header is what counts, as in the images that qemu-img makes."""

import struct
from functools import partial

import qcow2_builder as q
from hostile_case import ALL_ONES, FIFO, MIB, Case
from qcow2_builder import build_qcow2, pack_extension
from recipe_backing import on, with_data_file

BITS = 16
CLUSTER = 1 << BITS
FIFO_BESIDE = (("pipe", FIFO),)
UNKNOWN = 0x12345678


def row(says, status, rules, qemu, image, **more):
    """A row of a qcow2 image."""
    return Case(f"qcow2: {says}", image, "qcow2", status, rules, qemu, alone=True, **more)


def poked_header(says, rules, status=1, qemu="refuses", **fields):
    """A row of an image with clusters of 64 KiB whose header has these fields."""
    return row(says, status, rules, qemu, partial(build_qcow2, cluster_bits=BITS, header=fields))


NAMES = [
    row("a json: name of a device of zeros", 0, ("backing-file", "json-filename"), "accepts",
        on(b'json:{"driver":"null-co","size":1048576}')),
    row("a FIFO as its backing file", 0, ("backing-file",), "accepts", on(b"pipe"),
        files=FIFO_BESIDE),
    row("a FIFO as its data file", 0, ("data-file",), "not asked",
        partial(with_data_file, b"pipe"), files=FIFO_BESIDE),
    poked_header("the name of its backing file at 4, in the header",
                 ("header-inconsistent",), 0, "any", backing_file_offset=4, backing_file_size=8),
    poked_header("a backing file name of 2^32-1 bytes", ("header-invalid",),
                 backing_file_offset=0x1000, backing_file_size=0xFFFFFFFF),
]


def named_bit(bits):
    """A table that gives bit 5 the name of bit 0."""
    table = pack_extension(q.EXT_FEATURE_NAMES, struct.pack(">BB46s", 0, 5, b"dirty bit"))
    return build_qcow2(extensions=[table], header={"incompatible_features": bits})


FEATURES = [
    row("a bit that nobody knows by the name of another one", 1,
        ("unknown-incompat-feature", "feature-table-spoof"), "refuses", partial(named_bit, 1 << 5)),
    row("a bit that is not set by the name of another one", 0, (), "accepts",
        partial(named_bit, 0)),
    row("extended L2 entries in clusters of 64 KiB", 0, (), "accepts",
        partial(build_qcow2, cluster_bits=BITS, extended_l2=True)),
]

GEOMETRY = [
    row("clusters of 2^40 bytes", 1, ("header-invalid",), "refuses",
        partial(build_qcow2, header={"cluster_bits": 40})),
    poked_header("a disk of 2^63-1 bytes", ("header-invalid",), size=(1 << 63) - 1),
    poked_header("an L1 table at 2^63-65536", ("truncated",),
                 l1_table_offset=0x7FFFFFFFFFFF0000, qemu="any"),
    poked_header("an L1 table at an odd place", ("header-invalid",),
                 l1_table_offset=0x1234567890ABCDEF),
    poked_header("a refcount table of 2^17+1 clusters", ("huge-allocation",),
                 refcount_table_clusters=0x20001),
    poked_header("a refcount table that ends behind 2^64", ("table-outside-file",),
                 refcount_table_offset=0xFFFFFFFFFFFF0000, refcount_table_clusters=0x7F),
    poked_header("a header of 2^31-1 bytes", ("header-length-range",), header_length=0x7FFFFFFF),
]


def overrun(**header):
    """The shortest header of version 3, and an extension of 2 GiB behind it."""
    return build_qcow2(cluster_bits=BITS, header_length=104, header=header,
                       extensions=[pack_extension(UNKNOWN, b"", 0x7FFFFFFF)])


EXTENSIONS = [
    row("an extension of 2 GiB, the backing file name at 2^64-1", 1, ("header-invalid",),
        "refuses", partial(overrun, backing_file_offset=ALL_ONES, backing_file_size=1)),
    row("an extension of 2 GiB, the backing file name before it", 1,
        ("header-extension-overrun",), "refuses",
        partial(overrun, backing_file_offset=108, backing_file_size=1)),
    row("an extension of 2 GiB", 1, ("header-extension-overrun",), "refuses", overrun),
    row("10000 empty extensions", 0, ("too-many-entries",), "accepts",
        partial(build_qcow2, cluster_bits=21, extensions=[pack_extension(UNKNOWN, b"")] * 10000)),
]


def snapshots_of_zeros():
    """A table of the most snapshots that there may be, all of them zeros."""
    image = build_qcow2(header={"nb_snapshots": 65536, "snapshots_offset": 1 << 20})
    return image, 4 * MIB


# qemu-img compares the name of each with those of all others, for longer than anybody waits.
TABLES = [
    row("65536 snapshots of zeros", 0, ("too-many-entries",), "not asked", snapshots_of_zeros),
]

CASES = NAMES + FEATURES + GEOMETRY + EXTENSIONS + TABLES
