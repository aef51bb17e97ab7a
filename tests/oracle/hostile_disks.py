# SPDX-License-Identifier: LGPL-2.1-or-later
# Hostile VHD, VHDX and VDI disks.
"""Checksums are those of the changed fields, unless the row is about checksums."""

import struct
from functools import partial

from hostile_case import MIB, Case, poked
import recipe_vdi as vdi
import recipe_vhdx as vhdx
import recipe_vpc as vpc


def vhd(says, status, rules, qemu, image, **more):
    """A row of a VHD."""
    return Case(f"vpc: {says}", image, "vpc", status, rules, qemu, alone=True, **more)


def dynamic(**fields):
    """A dynamic VHD with other fields in its second header."""
    return partial(vpc.build_dynamic, header=fields)


def moved_header(place):
    """A dynamic VHD whose footers say that the second header is somewhere else."""
    end = vpc.footer(kind=vpc.DYNAMIC, header_offset=place)
    return end + vpc.build_dynamic()[512:-512] + end


def locators():
    """Eight parent locators: too long, half a surrogate, a share of a server."""
    texts = ((b"W2ku", "\\\\host\\share\\a.vhd".encode("utf-16-le")),
             (b"W2ru", b"\x00\xd8a\0"), *((b"MacX", b"file:///a"),) * 5)
    image = vpc.build_differencing("a.vhd", texts)
    header = bytearray(image[512:1536])
    struct.pack_into(">4sIIIQ", header, 576 + 7 * 24, b"W2ku", 1, 1 << 31, 0, 2048)
    struct.pack_into(">I", header, 36, 0)
    return image[:512] + vpc.with_checksum(bytes(header), 36) + image[1536:]


VHD = [
    vhd("differencing, its checksums right", 0, ("vhd-parent",), "accepts",
        partial(vpc.build_dynamic, vpc.DIFFERENCING, {"parent_name": "parent.vhd"})),
    vhd("type 99", 0, ("header-inconsistent",), "accepts", partial(vpc.build_dynamic, 99)),
    vhd("fixed, with a copy of its footer in front", 1, ("header-inconsistent",), "refuses",
        lambda: vpc.footer(kind=vpc.FIXED) + vpc.build_fixed()),
    vhd("dynamic, and its type says fixed", 0, ("header-inconsistent",), "accepts",
        partial(vpc.build_dynamic, vpc.FIXED)),
    vhd("a checksum of zeros", 1, ("checksum-mismatch",), "refuses",
        lambda: poked(vpc.build_dynamic(), (64, bytes(4)))),
    vhd("2^60 bytes in front, the footer says 34 KiB", 1, ("header-inconsistent",
        "header-invalid"), "any",
        lambda: vpc.build_dynamic(size=1 << 60)[:-512] + vpc.build_dynamic()[-512:]),
    vhd("fixed, a footer alone", 0, ("qemu-format-differs",), "accepts", vpc.build_fixed),
    vhd("a table of 2^32-1 entries", 1, ("huge-allocation",), "refuses",
        dynamic(entries=0xFFFFFFFF)),
    vhd("blocks of 0 bytes", 1, ("header-invalid",), "refuses", dynamic(block_size=0)),
    vhd("blocks of 3 bytes", 1, ("header-invalid",), "refuses", dynamic(block_size=3)),
    vhd("blocks of 2 GiB", 0, (), "accepts", dynamic(block_size=1 << 31)),
    vhd("the second header at 0", 1, ("header-invalid",), "refuses", partial(moved_header, 0)),
    vhd("the second header at the last footer", 1, ("truncated",), "refuses",
        lambda: moved_header(len(vpc.build_dynamic()) - 512)),
    vhd("the second header behind the end", 1, ("truncated",), "refuses", partial(moved_header,
        1 << 40)),
    vhd("the second header at 2^64-512", 1, ("truncated",), "refuses", partial(moved_header,
        (1 << 64) - 512)),
    vhd("eight odd parent locators, one on a server", 0,
        ("vhd-parent", "unsafe-text", "header-inconsistent"), "accepts", locators),
    vhd("size and geometry disagree", 0, ("size-ambiguous",), "accepts",
        partial(vpc.build_dynamic, creator=b"vpc ", size=vpc.SIZE + MIB)),
]


def x(says, status, rules, qemu, image):
    """A row of a VHDX."""
    return Case(f"vhdx: {says}", image, "vhdx", status, rules, qemu, alone=True)


def regions(*more, count=None):
    """A VHDX with other regions beside its own, or another count of them."""
    image = vhdx.build_vhdx(more_regions=more)
    if count is None:
        return image
    for place in vhdx.TABLES:
        table = bytearray(image[place:place + vhdx.TABLE_BYTES])
        struct.pack_into("<II", table, 4, 0, count)
        image = poked(image, (place, vhdx.with_checksum(bytes(table), vhdx.TABLE_BYTES)))
    return image


def region_moved(which, offset):
    """A VHDX one of whose two regions is somewhere else."""
    image = vhdx.build_vhdx()
    for place in vhdx.TABLES:
        table = bytearray(image[place:place + vhdx.TABLE_BYTES])
        struct.pack_into("<I", table, 4, 0)
        struct.pack_into("<Q", table, 16 + 32 * which + 16, offset)
        image = poked(image, (place, vhdx.with_checksum(bytes(table), vhdx.TABLE_BYTES)))
    return image


def item_length(number, length):
    """A VHDX one of whose metadata items has another length."""
    return poked(vhdx.build_vhdx(), (vhdx.METADATA + 32 + 32 * number + 20,
                                     struct.pack("<I", length)))


def log_at(place, length):
    """A VHDX with a log in use that lies there."""
    image = vhdx.build_vhdx()
    for number, at in enumerate(vhdx.HEADERS):
        head = vhdx.header(sequence=number + 1, log_guid=vhdx.LOG_GUID, log_length=length)
        image = poked(image, (at, vhdx.with_checksum(
            head[:4] + bytes(4) + head[8:72] + struct.pack("<Q", place), vhdx.HEADER_BYTES)))
    return image


def spoiled_headers(*which):
    """A VHDX some of whose headers do not have the right checksum."""
    return poked(vhdx.build_vhdx(), *((vhdx.HEADERS[number] + 4, b"\0\0\0\0") for number in which))


BAT_TWICE = (vhdx.BAT_REGION, 3 * MIB, MIB, vhdx.REQUIRED_REGION)
OVERLAP = (vhdx.STRANGE, vhdx.METADATA, MIB, 0)
VHDX = [
    x("differencing", 1, ("qemu-unsupported",), "refuses",
      partial(vhdx.build_vhdx, flags=vhdx.HAS_PARENT, locators=vhdx.LOCATORS, bat=(0,) * 8193)),
    x("blocks of 0 bytes", 1, ("header-invalid",), "refuses",
      partial(vhdx.build_vhdx, block_size=0)),
    x("blocks of 3 MiB", 1, ("header-invalid",), "refuses",
      partial(vhdx.build_vhdx, block_size=3 * MIB)),
    x("blocks of 1 GiB", 1, ("header-invalid",), "refuses",
      partial(vhdx.build_vhdx, block_size=1 << 30)),
    x("5000 regions", 1, ("header-invalid",), "refuses", partial(regions, count=5000)),
    x("two block tables", 1, ("header-invalid",), "refuses", partial(regions, BAT_TWICE)),
    x("regions that overlap", 1, ("header-invalid",), "refuses", partial(regions, OVERLAP)),
    x("the block table at 2^50", 1, ("truncated",), "accepts", partial(region_moved, 0, 1 << 50)),
    x("the metadata at 2^50", 1, ("truncated",), "refuses", partial(region_moved, 1, 1 << 50)),
    x("a size of no bytes", 0, ("header-inconsistent",), "accepts", partial(item_length, 1, 0)),
    x("a size of four bytes", 0, ("header-inconsistent",), "accepts", partial(item_length, 1, 4)),
    x("both headers damaged", 1, ("checksum-mismatch",), "refuses", partial(spoiled_headers, 0, 1)),
    x("the newer header damaged", 0, ("copy-damaged",), "accepts", partial(spoiled_headers, 1)),
    x("the older header damaged", 0, ("copy-damaged",), "accepts", partial(spoiled_headers, 0)),
    x("two headers of one sequence", 1, ("header-invalid",), "refuses", vhdx.build_equal_sequences),
    x("a log in use behind the end", 1, ("dirty", "truncated"), "accepts", partial(log_at,
        1 << 40, MIB)),
    x("a log in use of 2^32-4096 bytes", 1, ("dirty", "header-invalid"), "refuses",
        partial(log_at, MIB, (1 << 32) - 4096)),
    x("2047 items, one that a reader must know", 1, ("unknown-incompat-feature",), "refuses",
      lambda: poked(vhdx.build_vhdx(more_items=((vhdx.STRANGE, vhdx.REQUIRED_ITEM, b"?" * 8),)),
                    (vhdx.METADATA + 10, struct.pack("<H", 2047)))),
]


def d(says, status, rules, qemu, **fields):
    """A row of a VDI."""
    return Case(f"vdi: {says}", partial(vdi.build_vdi, **fields), "vdi", status, rules, qemu,
                alone=True)


LARGEST = (512 << 40) - 128 * MIB
VDI = [
    d("differencing, with a parent", 1, ("qemu-unsupported",), "refuses", image_type=4,
      link_uuid=vdi.PARENT_UUID, parent_uuid=vdi.PARENT_SNAPSHOT_UUID),
    d("64 KiB more than the largest", 1, ("header-invalid",), "refuses",
      size=LARGEST + (64 << 10), blocks=0x1FFFFF80),
    d("64 MiB in 63 blocks", 1, ("header-invalid",), "refuses", size=64 * MIB, blocks=63),
    d("64 MiB in 65 blocks", 0, (), "accepts", size=64 * MIB, blocks=65),
    d("blocks of 1 MiB + 1", 1, ("header-invalid",), "refuses", block_size=MIB + 1, blocks=1),
    d("blocks of 1 MiB - 1", 1, ("header-invalid",), "refuses", block_size=MIB - 1, blocks=1),
    d("blocks of 2 MiB", 1, ("header-invalid",), "refuses", block_size=2 * MIB),
    d("no banner, only the number at 64", 0, (), "any", banner=b""),
    d("version 2^32-1", 1, ("unsupported-version",), "refuses", version=0xFFFFFFFF),
    d("a block table beside a sector", 1, ("header-invalid",), "refuses", map_offset=520),
    d("data beside a sector", 1, ("header-invalid",), "refuses", data_offset=1032),
    # qemu-img would read a table of 2 GiB for it.
    Case("vdi: the largest disk", lambda: (vdi.build_vdi(
        size=LARGEST, blocks=0x1FFFFF80, data_offset=vdi.MAP_OFFSET + 4 * 0x1FFFFF80), 4 << 30),
         "vdi", 0, (), "not asked", alone=True),
]

CASES = VHD + VHDX + VDI
