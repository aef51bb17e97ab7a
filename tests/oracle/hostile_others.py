# SPDX-License-Identifier: LGPL-2.1-or-later
# Hostile images of the rarer formats, and of LUKS.
"""Numbers are set to what overflows, to what is one too many, and to nothing."""

import struct
from functools import partial

import luks1_builder as luks
from hostile_case import ALL_ONES, MIB, Case, poked
import recipe_bochs as bochs
import recipe_cloop as cloop
import recipe_dmg as dmg
import recipe_luks2 as luks2
import recipe_parallels as parallels
import recipe_qed as qed


def build_qcow1(size=8 * MIB, cluster_bits=12, l2_bits=9, backing=(0, 0)):
    """A qcow image of version 1 whose L1 table is empty."""
    header = struct.pack(">4sIQIIQBBHIQ", b"QFI\xfb", 1, backing[0], backing[1], 0, size,
                         cluster_bits, l2_bits, 0, 0, 48)
    return header.ljust(4096, b"\0")


def row(form, says, rules, image, status=1, qemu="refuses", **more):
    """A row that names its format."""
    return Case(f"{form}: {says}", image, form, status, rules, qemu, alone=True, **more)


QCOW1 = [row("qcow", says, ("header-invalid",), partial(build_qcow1, **fields))
         for says, fields in (
             *((f"clusters of 2^{bits}", {"cluster_bits": bits}) for bits in (255, 31, 8, 17)),
             *((f"tables of 2^{bits}", {"l2_bits": bits}) for bits in (255, 5, 14, 27)))] + [
    row("qcow", "a size of 0xeeee… bytes", ("header-invalid",), partial(build_qcow1,
        0xEEEEEEEEEEEEEEEE)),
    row("qcow", "a size of 2^63-1 bytes", ("header-invalid",), partial(build_qcow1,
        0x7FFFFFFFFFFFFFFF)),
    row("qcow", "a backing file name of 2^32-1 bytes", ("header-invalid",),
        partial(build_qcow1, backing=(48, 0xFFFFFFFF))),
    row("qcow", "a backing file name at 2^64-1", ("header-invalid",), partial(build_qcow1,
        backing=(ALL_ONES, 5)),
        qemu="any"),
]

PARALLELS = [
    row("parallels", "2^32-1 entries", ("huge-allocation",), partial(parallels.build_parallels,
        entries=0xFFFFFFFF)),
    row("parallels", "2^30+1 entries, clusters of 2^32-1 sectors", ("huge-allocation",),
        partial(parallels.build_parallels, entries=0x40000001, tracks=0xFFFFFFFF)),
    row("parallels", "an old one of 2^32-1 sectors and 2^30+1 entries", ("huge-allocation",),
        partial(parallels.build_parallels, parallels.OLD_MAGIC, entries=0x40000001,
                sectors=0xFFFFFFFF, in_use=0, data_offset=0, flags=0)),
    row("parallels", "clusters of 0 sectors", ("header-invalid",),
        partial(parallels.build_parallels, tracks=0)),
    row("parallels", "two clusters of the disk in one place", (),
        lambda: poked(parallels.build_parallels(), (64, struct.pack("<II", 1, 1)),
                      (8191, b"\0")), status=0, qemu="any"),
    row("parallels", "a bitmap that lies in the extension that names it", ("table-overlap",),
        lambda: parallels.with_extension([parallels.bitmap_feature(table=(parallels.TRACKS,))]),
        status=0, qemu="any"),
    row("parallels", "a bitmap that lies in the allocation table", ("table-overlap",),
        lambda: parallels.with_extension([parallels.bitmap_feature(table=(2,))], entries=1 << 9),
        status=0, qemu="any"),
]

BOCHS = [
    row("bochs", says, (), partial(bochs.build_bochs, **fields)) for says, fields in (
        ("a catalog of 2^32-1 entries", {"catalog": 0xFFFFFFFF}),
        ("a catalog of 2^30 entries", {"catalog": 0x40000000}),
        ("extents of 0 bytes", {"extent": 0}),
        ("extents of 2 GiB", {"extent": 0x80000000}),
        ("a disk larger than its catalog", {"size": 0x7FFFFFFFFFFFFFFF}))]

CLOOP = [
    row("cloop", says, (), partial(cloop.build_cloop, **fields)) for says, fields in (
        ("blocks beside a sector", {"block_size": 513}),
        ("blocks of 0 bytes", {"block_size": 0}),
        ("blocks of nearly 4 GiB", {"block_size": 0xFFFFFE00}),
        ("2^32-1 blocks", {"blocks": 0xFFFFFFFF, "offsets": [160]}),
        ("2^26+1 blocks", {"blocks": 0x04000001, "offsets": [160]}),
        ("a block that ends before it begins", {"offsets": [160, 150, 190]}))]

QED = [
    row("qed", "clusters of 0 bytes", ("header-invalid",), partial(qed.build_qed, cluster=0)),
    row("qed", "tables of 0 clusters", ("header-invalid",), partial(qed.build_qed, table=0)),
    row("qed", "a header of 2^31 clusters", ("header-length-range",), partial(qed.build_qed,
        header=1 << 31)),
    row("qed", "a backing file name behind the header", ("header-invalid",),
        partial(qed.build_qed, features=1, backing=b"base", backing_offset=qed.CLUSTER)),
    row("qed", "a raw backing file with an absolute path", ("qed-backing", "absolute-path"),
        partial(qed.build_qed, features=5, backing=b"/etc/passwd"), status=0, qemu="accepts"),
    row("qed", "a backing file whose format is to be guessed",
        ("qed-backing", "backing-format-missing"),
        partial(qed.build_qed, features=1, backing=b"base"), status=0, qemu="any"),
]

DMG = [
    row("dmg", "a property list of 2^63 bytes", ("header-invalid",),
        partial(dmg.build_dmg, plist=(0, 1 << 63)), name="disk.dmg"),
    row("dmg", "a property list of 2^63-1 bytes", ("header-invalid",),
        partial(dmg.build_dmg, plist=(4096, (1 << 63) - 1)), name="disk.dmg"),
    # A guest can end its disk like that, so the name decides whether it counts.
    Case("dmg: the same under another name is a raw disk",
         partial(dmg.build_dmg, plist=(0, 1 << 63)), "raw", 0, ("no-signature",), "accepts",
         alone=True),
]


def luks1(says, rules, image, status=1, qemu="refuses"):
    """A row of LUKS version 1, with room for its key slots."""
    return row("luks", says, ("encrypted", *rules), image, status, qemu)


def long_luks1(**fields):
    """A LUKS header with zeros up to where a payload begins."""
    return luks.luks1_header(**fields).ljust((luks.payload_sector(32) + 8) * 512, b"\0")


def slot_poked(places):
    """A LUKS header with fields of its key slots (number, offset, value) changed."""
    return poked(long_luks1(active_slots=range(8)),
                 *((208 + 48 * number + offset, struct.pack(">I", value))
                   for number, offset, value in places))


LUKS1 = [
    luks1("a payload at 0", (), partial(long_luks1, payload=0), status=0),
    luks1("a payload behind the end", (), partial(long_luks1, payload=0xFFFFFFFF)),
    luks1("keys of 2^31 bytes", (), lambda: poked(long_luks1(),
                                                 (108, struct.pack(">I", 1 << 31)))),
    luks1("eight slots that all lie in the header", (),
          lambda: slot_poked((number, 40, 0) for number in range(8))),
    luks1("eight slots in one place", (),
          lambda: slot_poked((number, 40, 8) for number in range(8))),
    luks1("slots of 2^31 stripes", (),
          lambda: slot_poked((number, 44, 1 << 31) for number in range(8))),
    luks1("a hash without its NUL", (), partial(long_luks1, hash_name=b"s" * 32)),
    luks1("a cipher without its NUL", (), partial(long_luks1, cipher=b"a" * 32)),
    luks1("control bytes in the cipher", ("unsafe-text",),
          partial(long_luks1, cipher=b"aes\x1b[2J\n")),
    luks1("control bytes in the hash", ("unsafe-text",),
          partial(long_luks1, hash_name=b"sha\x1b[2J\n")),
]


def luks2_sized(size):
    """Version 2 whose header claims that size; its checksum is then a matter of taste."""
    return poked(luks2.build_luks2(), (8, struct.pack(">Q", size)))


def luks2_of_brackets():
    """Version 2 with the largest headers that there are, and nothing but brackets in their text."""
    size = 4 * MIB
    text = b"[" * (size - luks2.BINARY_BYTES)
    return (luks2.header(luks2.FIRST, text, size=size)
            + luks2.header(luks2.SECOND, text, size=size, offset=size) + bytes(MIB))


LUKS2 = [
    luks1("version 2: a first header of 2^63 bytes", ("copy-damaged",),
          partial(luks2_sized, 1 << 63), status=0, qemu="any"),
    luks1("version 2: a first header of 4 MiB in a small file", ("copy-damaged",),
          partial(luks2_sized, 4 * MIB),
          status=0, qemu="any"),
    luks1("version 2: a header of 16 KiB", (), luks2.build_luks2, status=0, qemu="accepts"),
    luks1("version 2: both checksums wrong", ("checksum-mismatch",),
          lambda: poked(luks2.build_luks2(), (4096, b" "), (luks2.HEADER_BYTES + 4096, b" ")),
          qemu="any"),
    luks1("version 2: two sound headers of different age", (),
          partial(luks2.build_luks2, second_sequence=4), status=0, qemu="any"),
    luks1("version 2: a text of brackets only", (),
          partial(luks2.build_luks2, text=b"[" * 12000), qemu="any"),
    luks1("version 2: 4 MiB of brackets", ("limit",), luks2_of_brackets, qemu="any"),
    luks1("version 2: a label of control bytes", ("unsafe-text",),
          partial(luks2.build_luks2, label=b"\x1b[2J"), status=0, qemu="any"),
]

CASES = QCOW1 + PARALLELS + BOCHS + CLOOP + QED + DMG + LUKS1 + LUKS2
