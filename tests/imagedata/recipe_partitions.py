# SPDX-License-Identifier: LGPL-2.1-or-later
# Recipe entries: partition tables, healthy and damaged (all raw for QEMU).
"""Tables of four entries, so that disks are small; sgdisk's have 128."""

import struct
import zlib
from functools import partial

from image_recipe import Entry

ESP = bytes.fromhex("28732ac11ff8d211ba4b00a0c93ec93b")
LINUX = bytes.fromhex("af3dc60f838472478e793d69d8477de4")
DISK = bytes(range(0x20, 0x30))
ENTRIES_COUNT = 4
ENTRY_SIZE = 128


def mbr_entry(kind, start, count, status=0):
    """An entry of an MBR; nobody reads cylinders."""
    return struct.pack("<B3sB3sII", status, b"\0\2\0", kind, b"\xff\xff\xff", start, count)


def mbr(*entries, disk_id=0):
    """A sector with a table of partitions."""
    table = b"".join(entries).ljust(64, b"\0")
    return bytes(440) + struct.pack("<IH", disk_id, 0) + table + b"\x55\xaa"


def gpt_entry(kind, first, last, name, attributes=0):
    """An entry of a GPT."""
    unique = bytes(range(0x30 + first % 16, 0x40 + first % 16))
    text = name if isinstance(name, bytes) else name.encode("utf-16-le")
    return kind + unique + struct.pack("<QQQ", first, last, attributes) + text.ljust(72, b"\0")


def gpt_header(own, other, table, sectors, entries, count=ENTRIES_COUNT):
    """A header with its checksums."""
    def pack(checksum):
        return struct.pack("<8sIIIIQQQQ16sQIII", b"EFI PART", 0x10000, 92, checksum, 0, own, other, 3,
                           sectors - 4, DISK, table, count, ENTRY_SIZE, zlib.crc32(entries))
    return pack(zlib.crc32(pack(0)))


def build_gpt(sector=512, *, name="root", last=5, protective=None, count=ENTRIES_COUNT):
    """Protective MBR, header, table, a few sectors, table again, header again."""
    sectors = 10
    entries = (gpt_entry(ESP, 3, 3, "efi", 1) + gpt_entry(LINUX, 4, last, name)).ljust(ENTRIES_COUNT * ENTRY_SIZE, b"\0")
    first = mbr(mbr_entry(0xEE, 1, 0xFFFFFFFF)) if protective is None else protective
    parts = [first, gpt_header(1, sectors - 1, 2, sectors, entries, count), entries, *([b""] * (sectors - 5)),
             entries, gpt_header(sectors - 1, 1, sectors - 2, sectors, entries, count)]
    return b"".join(part.ljust(sector, b"\0") for part in parts)


def spoiled(image, *places):
    """The image with other bytes at those places, counted from the end when negative."""
    image = bytearray(image)
    for place in places:
        image[place] ^= 0xFF
    return bytes(image)


def without_primary(image, sector=512):
    """The image with zeros for its first header."""
    return image[:sector] + bytes(sector) + image[2 * sector:]


def build_logical(second_link=8, count=0):
    """An extended partition from sector 4 on with logical ones in a chain."""
    disk = bytearray(32 * 512)
    disk[:512] = mbr(mbr_entry(0x83, 1, 2, 0x80), mbr_entry(0x05, 4, 28), disk_id=0x12345678)
    disk[4 * 512:5 * 512] = mbr(mbr_entry(0x83, 1, 1), mbr_entry(0x05, second_link - 4, 4))
    disk[8 * 512:9 * 512] = mbr(mbr_entry(0x82, 1, 2))
    for i in range(count):
        at = (8 + 2 * i) * 512
        disk[at:at + 512] = mbr(mbr_entry(0x83, 1, 1), mbr_entry(0x05, 6 + 2 * i, 2))
    return bytes(disk)


HYBRID = mbr(mbr_entry(0xEE, 1, 2), mbr_entry(0x83, 4, 2))

ENTRIES = [
    Entry("gpt.disk", "two partitions", build_gpt),
    Entry("gpt-4096.disk", "sectors of 4096 bytes", partial(build_gpt, 4096)),
    Entry("gpt-primary-checksum.disk", "the first header is damaged", lambda: spoiled(build_gpt(), 512 + 56)),
    Entry("gpt-primary-table.disk", "the first table is damaged", lambda: spoiled(build_gpt(), 1024)),
    Entry("gpt-primary-missing.disk", "only the header in the last sector is there", lambda: without_primary(build_gpt())),
    Entry("gpt-4096-primary-missing.disk", "the same with sectors of 4096 bytes",
          lambda: without_primary(build_gpt(4096), 4096)),
    Entry("gpt-backup-damaged.disk", "the last header is damaged", lambda: spoiled(build_gpt(), -512 + 56)),
    Entry("gpt-both-damaged.disk", "both headers are damaged", lambda: spoiled(build_gpt(), 512 + 56, -512 + 56)),
    Entry("gpt-no-protective.disk", "no MBR before it", partial(build_gpt, protective=b"")),
    Entry("gpt-hybrid.disk", "other partitions beside the protective one", partial(build_gpt, protective=HYBRID)),
    Entry("gpt-truncated.disk", "cut before its backup", lambda: build_gpt()[:-1024]),
    Entry("gpt-grown.disk", "grown since it was made", lambda: build_gpt() + bytes(4096)),
    Entry("gpt-partition-past-end.disk", "a partition longer than the disk", partial(build_gpt, last=2**63)),
    Entry("gpt-name-unsafe.disk", "ESC and half a surrogate in a name",
          partial(build_gpt, name="a\x1b[2J".encode("utf-16-le") + b"\x00\xd8")),
    Entry("gpt-entries-huge.disk", "2^32-1 entries", partial(build_gpt, count=0xFFFFFFFF)),
    Entry("mbr.disk", "a partition", lambda: mbr(mbr_entry(0x0C, 1, 1, 0x80), disk_id=0x12345678) + bytes(512)),
    Entry("mbr-logical.disk", "two logical partitions", build_logical),
    Entry("mbr-loop.disk", "logical partitions that name each other", partial(build_logical, count=1, second_link=4)),
    Entry("mbr-link-past-end.disk", "a logical partition beyond the end", partial(build_logical, second_link=0x10000000)),
    Entry("mbr-chain-long.disk", "ten logical partitions", partial(build_logical, count=10)),
    Entry("mbr-protective-alone.disk", "a protective MBR without GPT", lambda: mbr(mbr_entry(0xEE, 1, 1)) + bytes(512)),
    Entry("mbr-overlap.disk", "partitions that overlap: no MBR", lambda: mbr(mbr_entry(0x83, 1, 2), mbr_entry(0x83, 2, 2)) + bytes(2048)),
    Entry("mbr-past-end.disk", "a partition longer than the disk", lambda: mbr(mbr_entry(0x83, 1, 100))),
]
