# SPDX-License-Identifier: LGPL-2.1-or-later
# Rules about the structure of an image: fields, tables, checksums, texts.
"""Rows of the test of rules; rule_pair.py says what they mean."""

from functools import partial

from qcow2_builder import build_qcow2
from rule_pair import CHAIN, EXAMINATION, Made, Pair
import recipe_parallels as parallels
import recipe_partitions as parts
import recipe_vmdk as vmdk
import recipe_vpc as vpc

PLAIN = "v3-plain.qcow2"
L1_END = 1536 + 32 * 8  # of the plain image
HIGHEST = 0x7FFFFFFFFFFFFE00  # the last cluster of 512 bytes below 2^63
GPT_ENTRIES_MAX = (1 << 20) // 128
EXTENTS_MAX = 256
PARTITIONS_MAX = 32  # that an audit looks into


def header(**fields):
    """A plain image with other header fields."""
    return partial(build_qcow2, header=fields)


def on(name):
    """An overlay of a raw disk of that name."""
    return partial(build_qcow2, backing=name, backing_format=b"raw")


def flat_disk(count):
    """A disk of so many extents, all in one file."""
    return Made(vmdk.flat(*(['RW 1 FLAT "flat" 0'] * count), kind="twoGbMaxExtentFlat"),
                files=(("flat", bytes(512)),))


def with_bitmap_at(cluster):
    """A disk of Parallels whose second cluster names a bitmap in that one, from 0."""
    return lambda: parallels.with_extension([parallels.bitmap_feature(table=(cluster * parallels.TRACKS,))])


def gpt_disk(count):
    """A disk of 8 MiB with so many partitions, each at a place that needs a read of its own."""
    sectors = 16384
    entries = b"".join(parts.gpt_entry(parts.LINUX, 256 + 64 * number, 256 + 64 * number, "", number + 1)
                       for number in range(count)).ljust(128 * 128, b"\0")
    tables = [parts.gpt_header(here, other, table, sectors, entries, 128).ljust(512, b"\0")
              for here, other, table in ((1, sectors - 1, 2), (sectors - 1, 1, sectors - 33))]
    head = (parts.mbr(parts.mbr_entry(0xEE, 1, 0xFFFFFFFF)).ljust(512, b"\0") + tables[0] + entries)
    return head.ljust(512 * (sectors - 33), b"\0") + entries + tables[1]


PAIRS = [
    Pair("header-invalid", "refcount-order-7.qcow2", "v3-refcount-width-64.qcow2"),
    Pair("truncated", lambda: build_qcow2()[:L1_END - 1], lambda: build_qcow2()[:L1_END]),
    Pair("table-outside-file", header(l1_table_offset=HIGHEST, l1_size=64),
         header(l1_table_offset=HIGHEST, l1_size=63)),
    Pair("unsupported-version", "version-4.qcow2", PLAIN),
    Pair("table-overlap", header(refcount_table_clusters=3), header(refcount_table_clusters=2),
         EXAMINATION),
    Pair("table-overlap", with_bitmap_at(1), with_bitmap_at(2)),
    Pair("header-inconsistent", "header-length-105.qcow2", "v3-header-104.qcow2"),
    Pair("header-length-range", "header-length-103.qcow2", "v3-header-104.qcow2"),
    Pair("header-length-range", "header-length-over-cluster.qcow2", "v3-header-whole-cluster.qcow2"),
    Pair("header-extension-overrun", "extension-overrun-1.qcow2", "extension-to-end.qcow2"),
    Pair("header-extension-invalid", "backing-format-16.qcow2", "backing-format-15.qcow2"),
    Pair("header-extension-count", "v3-extensions-257.qcow2", "v3-extensions-256.qcow2"),
    Pair("huge-allocation", "snapshots-65537.qcow2", "snapshots-65536.qcow2"),
    Pair("table-invalid", "snapshot-extra-1032.qcow2", "snapshot-extra-1024.qcow2"),
    Pair("table-odd", "snapshot-extra-8.qcow2", "snapshot-extra-16.qcow2"),
    Pair("too-many-entries", partial(parts.build_logical, count=5),
         partial(parts.build_logical, count=4)),
    Pair("too-many-entries", flat_disk(EXTENTS_MAX + 1), flat_disk(EXTENTS_MAX), CHAIN),
    Pair("number-too-large", partial(parts.build_gpt, last=1 << 63),
         partial(parts.build_gpt, last=(1 << 63) - 1)),
    Pair("not-examined", partial(parts.build_gpt, count=GPT_ENTRIES_MAX + 1),
         partial(parts.build_gpt, count=GPT_ENTRIES_MAX)),
    Pair("not-examined", partial(gpt_disk, PARTITIONS_MAX + 1), partial(gpt_disk, PARTITIONS_MAX), EXAMINATION),
    Pair("checksum-mismatch", "vpc-dynamic-checksum.vhd", "vpc-dynamic.vhd"),
    Pair("copy-damaged", lambda: parts.spoiled(parts.build_gpt(), -512 + 91),
         lambda: parts.spoiled(parts.build_gpt(), -512 + 92)),
    Pair("archive", "gzip.disk", lambda: b"\x1f\x8b\x09".ljust(20, b"\0")),
    Pair("protective-mbr-broken",
         partial(parts.build_gpt, protective=parts.mbr(parts.mbr_entry(0xEE, 1, 2),
                                                       parts.mbr_entry(0x83, 4, 2))),
         partial(parts.build_gpt, protective=parts.mbr(parts.mbr_entry(0xEE, 1, 2)))),
    Pair("reserved-nonzero", "v3-header-padding.qcow2", "v3-header-120-set.qcow2"),
    Pair("unsafe-text", on(b"base\x7f.raw"), on(b"base~.raw")),
    Pair("descriptor-invalid", vmdk.flat(vmdk.ONE, kind="x" * 128),
         vmdk.flat(vmdk.ONE, kind="x" * 127)),
    Pair("create-type-unsupported", "vmdk-type-custom.vmdk", "vmdk-flat.vmdk"),
    Pair("extent-alone", "vmdk-split-s001.vmdk", "vmdk-sparse.vmdk"),
    Pair("extent-ignored", vmdk.flat(vmdk.ONE, 'RW 0 FLAT "a" 0'),
         vmdk.flat(vmdk.ONE, 'RW 1 FLAT "a" 0')),
    Pair("ambiguous-descriptor", vmdk.flat(vmdk.ONE, more="CID=12345679\n"),
         vmdk.flat(vmdk.ONE, more="CID=12345678\n")),
    Pair("size-ambiguous", "vpc-dynamic-qemu.vhd", partial(vpc.build_dynamic, creator=b"qemu")),
]
