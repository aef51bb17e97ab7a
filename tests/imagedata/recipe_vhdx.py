# SPDX-License-Identifier: LGPL-2.1-or-later
# Recipe entries: VHDX images of Hyper-V, healthy and damaged.
"""Numbers are little-endian, strings UTF-16, checksums CRC-32C.

Regions begin at whole MiB, so an image has two of them; most of its bytes are
zeros.  The log comes first, where the images have none in it.
"""

import struct
import uuid
from functools import partial

from image_recipe import Entry

KIB, MIB = 1 << 10, 1 << 20
HEADERS, TABLES = (64 * KIB, 128 * KIB), (192 * KIB, 256 * KIB)
HEADER_BYTES, TABLE_BYTES = 4 * KIB, 64 * KIB
LOG, BAT, METADATA = MIB, MIB, 2 * MIB
ITEMS = 64 * KIB
REQUIRED_REGION, REQUIRED_ITEM = 1, 4
FIXED, HAS_PARENT = 1, 2
PRESENT = 6

FILE_WRITE, DATA_WRITE = uuid.UUID(int=0x10), uuid.UUID("11223344-5566-7788-99aa-bbccddeeff00")
LOG_GUID, NO_GUID = uuid.UUID(int=0x30), uuid.UUID(int=0)
DISK_ID = uuid.UUID(int=0x40)
BAT_REGION = uuid.UUID("2dc27766-f623-4200-9d64-115e9bfd4a08")
METADATA_REGION = uuid.UUID("8b7ca206-4790-4b9a-b8fe-575f050f886e")
PARAMETERS = uuid.UUID("caa16737-fa36-4d43-b3b6-33f0aa44e76b")
SIZE = uuid.UUID("2fa54224-cd1b-4876-b211-5dbed83bf4b8")
PAGE_83 = uuid.UUID("beca12ab-b2e6-4523-93ef-c309e000c746")
LOGICAL = uuid.UUID("8141bf1d-a96f-4709-ba47-f233a8faab5f")
PHYSICAL = uuid.UUID("cda348c7-445d-4471-9cc9-e9885251c556")
PARENT = uuid.UUID("a8d35f2d-b30b-454d-abf7-d3d84834ab0c")
LOCATOR_TYPE = uuid.UUID("b04aefb7-d19e-4a81-b789-25b8e9445913")
STRANGE = uuid.UUID(int=0x50)

LOCATORS = {
    "parent_linkage": "{11223344-5566-7788-99AA-BBCCDDEEFF00}",
    "parent_linkage2": "{00000000-0000-0000-0000-000000000060}",
    "relative_path": ".\\vhdx-dynamic.vhdx",
    "volume_path": "\\\\?\\Volume{26a21bda-a627-11d7-9931-806e6f6e6963}\\vhdx-dynamic.vhdx",
    "absolute_win32_path": "C:\\Disks\\vhdx-dynamic.vhdx",
}


def crc32c(content):
    """The checksum of all structures (Castagnoli)."""
    remainder = 0xFFFFFFFF
    for byte in content:
        remainder ^= byte
        for _ in range(8):
            remainder = remainder >> 1 ^ (0x82F63B78 if remainder & 1 else 0)
    return remainder ^ 0xFFFFFFFF


def with_checksum(content, length):
    """The structure with its checksum, which stands behind the signature of four bytes."""
    content = content.ljust(length, b"\0")
    return content[:4] + struct.pack("<I", crc32c(content)) + content[8:]


def header(*, sequence, version=1, log_guid=NO_GUID, log_length=0, data_write=DATA_WRITE):
    """One of the two headers."""
    return with_checksum(struct.pack("<4sIQ16s16s16sHHIQ", b"head", 0, sequence,
                                     FILE_WRITE.bytes_le, data_write.bytes_le, log_guid.bytes_le,
                                     0, version, log_length, LOG), HEADER_BYTES)


def region_table(regions):
    """One of the two region tables; regions: (GUID, offset, length, flags)."""
    content = struct.pack("<4sIII", b"regi", 0, len(regions), 0)
    for guid, offset, length, flags in regions:
        content += guid.bytes_le + struct.pack("<QII", offset, length, flags)
    return with_checksum(content, TABLE_BYTES)


def metadata(items):
    """The metadata region; items: (GUID, flags, content)."""
    table = struct.pack("<8sHH20x", b"metadata", 0, len(items))
    contents = b""
    for guid, flags, content in items:
        table += guid.bytes_le + struct.pack("<IIII", ITEMS + len(contents), len(content), flags, 0)
        contents += content
    return table.ljust(ITEMS, b"\0") + contents


def parent_locator(values):
    """The item that says where the parent is."""
    place = 20 + 12 * len(values)
    entries, texts = b"", b""
    for key, value in values.items():
        key_bytes, value_bytes = key.encode("utf-16-le"), value.encode("utf-16-le")
        entries += struct.pack("<IIHH", place + len(texts), place + len(texts) + len(key_bytes),
                               len(key_bytes), len(value_bytes))
        texts += key_bytes + value_bytes
    return LOCATOR_TYPE.bytes_le + struct.pack("<HH", 0, len(values)) + entries + texts


def disk_items(size, block_size, flags, sector, locators):
    """The five items that every disk has, and the sixth."""
    virtual_disk = REQUIRED_ITEM | 2
    items = [(PARAMETERS, REQUIRED_ITEM, struct.pack("<II", block_size, flags)),
             (SIZE, virtual_disk, struct.pack("<Q", size)),
             (PAGE_83, virtual_disk, DISK_ID.bytes_le),
             (LOGICAL, virtual_disk, struct.pack("<I", sector)),
             (PHYSICAL, virtual_disk, struct.pack("<I", 4096))]
    if locators is not None:
        items.append((PARENT, REQUIRED_ITEM, parent_locator(locators)))
    return items


def build_vhdx(*, size=MIB, block_size=MIB, flags=0, sector=512, locators=None, bat=(0,),
               more_items=(), more_regions=(), **fields):
    """A whole image; the second header is the newer one. A log comes behind the table."""
    regions = [(BAT_REGION, BAT, MIB, REQUIRED_REGION),
               (METADATA_REGION, METADATA, MIB, REQUIRED_REGION), *more_regions]
    pieces = {0: b"vhdxfile" + "virt-probe ✓".encode("utf-16-le"),
              HEADERS[0]: header(sequence=1, **fields),
              HEADERS[1]: header(sequence=2, **fields),
              **{place: region_table(regions) for place in TABLES},
              BAT: struct.pack(f"<{len(bat)}Q", *bat),
              METADATA: metadata([*disk_items(size, block_size, flags, sector, locators),
                                  *more_items])}
    image = bytearray()
    for place, content in pieces.items():
        image = image.ljust(place, b"\0") + content
    return bytes(image)


def with_bytes(image, position, content):
    """The image with other bytes at a place."""
    return image[:position] + content + image[position + len(content):]


def build_log(entry):
    """An image whose log, behind everything else, has one entry or none."""
    place = 3 * MIB
    image = build_vhdx().ljust(place + MIB, b"\0")
    for number, at in enumerate(HEADERS):
        content = header(sequence=number + 1, log_guid=LOG_GUID, log_length=MIB)
        content = with_checksum(content[:4] + bytes(4) + content[8:72]
                                + struct.pack("<Q", place), HEADER_BYTES)
        image = with_bytes(image, at, content)
    if entry:
        content = struct.pack("<4sIIIQII16sQQ", b"loge", 0, 4096, 0, 1, 0, 0, LOG_GUID.bytes_le,
                              len(image), len(image))
        image = with_bytes(image, place, with_checksum(content, 4096))
    return image


def build_equal_sequences():
    """Two sound headers that differ in all but their sequence."""
    return with_bytes(build_vhdx(), HEADERS[0], header(sequence=2, data_write=STRANGE))


HEALTHY = [
    Entry("vhdx-dynamic.vhdx", "dynamic disk of 1 MiB, nothing allocated", build_vhdx),
    Entry("vhdx-fixed.vhdx", "fixed disk of 512 bytes, whose block the file stores in part",
          lambda: build_vhdx(flags=FIXED, size=512, bat=(3 * MIB | PRESENT,)).ljust(
              3 * MIB + 512, b"\0")),
    Entry("vhdx-size-1000.vhdx", "a size that is not whole sectors (QEMU rounds down)",
          partial(build_vhdx, size=1000)),
    Entry("vhdx-log-empty.vhdx", "not closed cleanly, nothing in the log",
          partial(build_log, False)),
    Entry("vhdx-second-header.vhdx", "the newer header is damaged, so the older one counts",
          lambda: with_bytes(build_vhdx(), HEADERS[1] + 8, b"\3")),
]

UNSUPPORTED = [
    Entry("vhdx-differencing.vhdx", "differencing disk that names its parent five times",
          partial(build_vhdx, flags=HAS_PARENT, locators=LOCATORS, bat=(0,) * 8193), "refuses"),
    Entry("vhdx-4k.vhdx", "logical sectors of 4096 bytes", partial(build_vhdx, sector=4096),
          "refuses"),
    Entry("vhdx-unknown-item.vhdx", "a required item of the metadata that nobody knows",
          partial(build_vhdx, more_items=((STRANGE, REQUIRED_ITEM, b"?" * 8),)), "refuses"),
    Entry("vhdx-log.vhdx", "an entry of the log that is not in the image yet",
          partial(build_log, True), "refuses"),
]

DAMAGED = [
    Entry("vhdx-region-table.vhdx", "the first region table is damaged (QEMU reads only that)",
          lambda: with_bytes(build_vhdx(), TABLES[0] + 8, b"\3"), "refuses"),
    Entry("vhdx-equal-sequences.vhdx", "two headers of one sequence that differ",
          build_equal_sequences, "refuses"),
    Entry("vhdx-block-past-end.vhdx", "a block behind the end of the file",
          partial(build_vhdx, bat=(8 * MIB | PRESENT,)), "refuses"),
    Entry("vhdx-block-overlap.vhdx", "a block in the place of the block allocation table",
          partial(build_vhdx, bat=(MIB | PRESENT,)), "refuses"),
    Entry("vhdx-parent-unsafe.vhdx", "parent names with control characters and half a surrogate",
          lambda: build_vhdx(flags=HAS_PARENT, bat=(0,) * 8193, locators={
              "relative_path": "a\x1b[2J\n", "parent_linkage": "\u202e",
              "volume_path": "?"}).replace("?".encode("utf-16-le"), b"\x00\xd8"), "refuses"),
    Entry("vhdx-truncated.vhdx", "cut behind the first header",
          lambda: build_vhdx()[:HEADERS[1]], "refuses"),
]

ENTRIES = HEALTHY + UNSUPPORTED + DAMAGED
