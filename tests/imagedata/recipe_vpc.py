# SPDX-License-Identifier: LGPL-2.1-or-later
# Recipe entries: VHD images (QEMU calls the format vpc), healthy and damaged.
"""Numbers are big-endian.  QEMU detects a footer at the start of the file only,
so it takes fixed images, which have theirs at the end, for raw ones.
"""

import struct
from functools import partial

from image_recipe import Entry

SECTOR = 512
FIXED, DYNAMIC, DIFFERENCING = 2, 3, 4
NO_OFFSET = (1 << 64) - 1
VERSION = 0x00010000
UUID = bytes(range(0x10, 0x20))
PARENT_UUID = bytes(range(0x50, 0x60))

# 68 sectors: one cylinder of the smallest geometry that the VHD rules yield.
# With it the size by geometry and the size in bytes agree, which spares the
# images the question of which one counts.
CYLINDERS, HEADS, SECTORS_PER_TRACK = 1, 4, 17
SIZE = CYLINDERS * HEADS * SECTORS_PER_TRACK * SECTOR
BLOCK_SIZE = 2 << 20

HEADER_OFFSET = SECTOR
HEADER_BYTES = 1024
TABLE_OFFSET = HEADER_OFFSET + HEADER_BYTES
FOOTER_CHECKSUM_AT, HEADER_CHECKSUM_AT = 64, 36


def with_checksum(block, position):
    """Store the ones' complement of the byte sum at position, which is still zero."""
    checksum = ~sum(block) & 0xFFFFFFFF
    return block[:position] + struct.pack(">I", checksum) + block[position + 4:]


def footer(*, kind, size=SIZE, original_size=None, header_offset=NO_OFFSET,
           creator=b"vprb", cylinders=CYLINDERS, saved_state=0):
    """The 512-byte footer, which dynamic images also have at the start."""
    if original_size is None:
        original_size = size
    seconds = 0  # since 2000-01-01
    block = struct.pack(">8sIIQI4sI4sQQHBBII16sB", b"conectix", 2, VERSION, header_offset,
                        seconds, creator, VERSION, b"Wi2k", original_size, size,
                        cylinders, HEADS, SECTORS_PER_TRACK, kind, 0, UUID, saved_state)
    return with_checksum(block.ljust(SECTOR, b"\0"), FOOTER_CHECKSUM_AT)


def dynamic_header(*, entries=1, block_size=BLOCK_SIZE, magic=b"cxsparse", parent_name="",
                   locators=b""):
    """The header of dynamic and differencing images."""
    parent_uuid = PARENT_UUID if parent_name else b""
    block = struct.pack(">8sQQIIII16sII512s", magic, NO_OFFSET, TABLE_OFFSET, VERSION,
                        entries, block_size, 0, parent_uuid, 0, 0,
                        parent_name.encode("utf-16-be", "surrogatepass")) + locators
    return with_checksum(block.ljust(HEADER_BYTES, b"\0"), HEADER_CHECKSUM_AT)


def build_fixed(**fields):
    """Data, then the footer."""
    return bytes(SIZE) + footer(kind=FIXED, **fields)


def build_dynamic(kind=DYNAMIC, header=None, **fields):
    """Footer copy, dynamic header, a table of one unallocated block, footer."""
    end = footer(kind=kind, header_offset=HEADER_OFFSET, **fields)
    table = b"\xff" * SECTOR
    return end + dynamic_header(**(header or {})) + table + end


def build_differencing(name, locators):
    """A differencing image; its parent locators lie between the table and the footer."""
    place = TABLE_OFFSET + SECTOR
    entries, texts = b"", b""
    for platform, text in locators:
        length = len(text)
        entries += struct.pack(">4sIIIQ", platform, 1, length, 0, place + len(texts))
        texts += text.ljust(-(-length // SECTOR) * SECTOR, b"\0")
    image = build_dynamic(DIFFERENCING, {"parent_name": name, "locators": entries})
    return image[:-SECTOR] + texts + image[-SECTOR:]


def build_footer_511():
    """A fixed image whose footer lacks its last byte, as Virtual PC wrote it once."""
    return build_fixed()[:-1]


def with_byte(image, position, value):
    """The image with one byte replaced; positions may count from the end."""
    changed = bytearray(image)
    changed[position] = value
    return bytes(changed)


LOCATORS = (
    (b"W2ku", "C:\\Disks\\vpc-dynamic.vhd".encode("utf-16-le")),
    (b"W2ru", ".\\vpc-dynamic.vhd".encode("utf-16-le")),
    (b"MacX", b"file://localhost/Disks/vpc-dynamic.vhd"),
    (b"Mac ", bytes(range(16))),
    (b"Wi2r", b".\\vpc-dynamic.vhd"),
)

HEALTHY = [
    Entry("vpc-fixed.vhd", "fixed image, footer at the end only (raw for QEMU)", build_fixed),
    Entry("vpc-dynamic.vhd", "dynamic image of 34 KiB, nothing allocated", build_dynamic),
    Entry("vpc-dynamic-qemu.vhd", "dynamic image by creator qemu: size by geometry",
          partial(build_dynamic, creator=b"qemu", size=SIZE - SECTOR)),
    Entry("vpc-dynamic-win.vhd", "dynamic image by creator win: size in bytes",
          partial(build_dynamic, creator=b"win ", size=SIZE - SECTOR)),
    Entry("vpc-resized.vhd", "the original size differs from the current one",
          partial(build_dynamic, original_size=SECTOR)),
    Entry("vpc-saved-state.vhd", "dynamic image in saved state",
          partial(build_dynamic, saved_state=1)),
    Entry("vpc-differencing.vhd", "differencing image (QEMU ignores the parent)",
          partial(build_dynamic, DIFFERENCING, {"parent_name": "vpc-dynamic.vhd"})),
    Entry("vpc-parent-locators.vhd", "differencing image that names its parent six times",
          partial(build_differencing, "vpc-dynamic.vhd", LOCATORS)),
    Entry("vpc-footer-511.vhd", "fixed image with a footer of 511 bytes (raw for QEMU)",
          build_footer_511),
]

DAMAGED = [
    Entry("vpc-fixed-checksum.vhd", "fixed image with a wrong checksum (raw for QEMU)",
          lambda: with_byte(build_fixed(), -SECTOR + FOOTER_CHECKSUM_AT, 0)),
    Entry("vpc-dynamic-checksum.vhd", "wrong checksum in the footer copy at the start",
          lambda: with_byte(build_dynamic(), FOOTER_CHECKSUM_AT, 0), "refuses"),
    Entry("vpc-header-checksum.vhd", "wrong checksum in the dynamic header",
          lambda: with_byte(build_dynamic(), HEADER_OFFSET + HEADER_CHECKSUM_AT, 0)),
    Entry("vpc-header-magic.vhd", "dynamic header without its magic",
          partial(build_dynamic, header={"magic": b"cxbroken"}), "refuses"),
    Entry("vpc-block-0.vhd", "blocks of 0 bytes", partial(build_dynamic, header={"block_size": 0}),
          "refuses"),
    Entry("vpc-block-odd.vhd", "blocks that are no power of two",
          partial(build_dynamic, header={"block_size": 3 << 20}), "refuses"),
    Entry("vpc-table-short.vhd", "block table of no entries",
          partial(build_dynamic, header={"entries": 0}), "refuses"),
    Entry("vpc-table-huge.vhd", "block table of 0xffffffff entries",
          partial(build_dynamic, header={"entries": 0xFFFFFFFF}), "refuses"),
    Entry("vpc-footers-differ.vhd", "the footer at the end states another size than its copy",
          lambda: build_dynamic()[:-SECTOR] + footer(kind=DYNAMIC, size=SECTOR,
                                                     header_offset=HEADER_OFFSET)),
    Entry("vpc-locators-odd.vhd", "a parent name with half a surrogate, locators that are unsafe",
          partial(build_differencing, "\ud800a", ((b"W2ru", "a\u202e".encode("utf-16-le")),
                                                  (b"W\x1b[2", b"")))),
    Entry("vpc-locator-past-end.vhd", "a parent locator behind the end of the file",
          partial(build_dynamic, DIFFERENCING,
                  {"parent_name": "a", "locators": struct.pack(">4sIIIQ", b"W2ku", 1, 64, 0,
                                                               1 << 40)})),
    Entry("vpc-no-trailer.vhd", "dynamic image whose footer at the end is lost",
          lambda: build_dynamic()[:-SECTOR]),
    Entry("vpc-type-99.vhd", "dynamic image of type 99", partial(build_dynamic, 99)),
    Entry("vpc-truncated.vhd", "the footer copy and nothing else",
          lambda: build_dynamic()[:SECTOR], "refuses"),
]

ENTRIES = HEALTHY + DAMAGED
