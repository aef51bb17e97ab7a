# SPDX-License-Identifier: LGPL-2.1-or-later
# Gives changed images right checksums again, so that they are read further than to the first one.
"""Every structure with a checksum that is found in its place: VHD, VHDX, GPT and LUKS2."""

import hashlib
import struct
import zlib

from hostile_case import MIB  # noqa: F401  (it puts the recipes on the path)
import recipe_vhdx as vhdx

SECTOR = 512
VHD_MAGIC, VHD_CHECKSUM_AT = b"conectix", 64
DYNAMIC_MAGIC, DYNAMIC_CHECKSUM_AT, DYNAMIC_BYTES = b"cxsparse", 36, 1024
GPT_MAGIC, GPT_HEADER_MAX, GPT_ENTRIES_MAX = b"EFI PART", 512, 1 << 16
LUKS_MAGICS, LUKS_CHECKSUM_AT, LUKS_CHECKSUM_BYTES = (b"LUKS\xba\xbe", b"SKUL\xba\xbe"), 448, 64


def crc32c_table():
    """What each byte does to the checksum of VHDX."""
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
        table.append(byte)
    return tuple(table)


CRC32C = crc32c_table()


def crc32c(content):
    """The checksum of all structures of a VHDX."""
    remainder = 0xFFFFFFFF
    for byte in content:
        remainder = remainder >> 8 ^ CRC32C[(remainder ^ byte) & 0xFF]
    return remainder ^ 0xFFFFFFFF


def sum_repair(image, place, length, position):
    """The ones' complement of the sum of all bytes, as VHD has it."""
    if place + length > len(image):
        return
    image[place + position:place + position + 4] = bytes(4)
    total = sum(image[place:place + length])
    struct.pack_into(">I", image, place + position, ~total & 0xFFFFFFFF)


def vhd_repair(image):
    """Both footers, and the header that the first one names."""
    for place in (0, len(image) - SECTOR):
        if place < 0 or image[place:place + 8] != VHD_MAGIC or place + SECTOR > len(image):
            continue
        sum_repair(image, place, SECTOR, VHD_CHECKSUM_AT)
        header, = struct.unpack_from(">Q", image, place + 16)
        if image[header:header + 8] == DYNAMIC_MAGIC:
            sum_repair(image, header, DYNAMIC_BYTES, DYNAMIC_CHECKSUM_AT)


def vhdx_repair(image):
    """Headers and region tables."""
    for places, length, magic in ((vhdx.HEADERS, vhdx.HEADER_BYTES, b"head"),
                                  (vhdx.TABLES, vhdx.TABLE_BYTES, b"regi")):
        for place in places:
            if image[place:place + 4] == magic and place + length <= len(image):
                image[place + 4:place + 8] = bytes(4)
                struct.pack_into("<I", image, place + 4, crc32c(image[place:place + length]))


def gpt_repair(image):
    """The header in the second sector, of either size, and the one in the last."""
    for sector, place in ((512, 512), (4096, 4096), (512, len(image) - 512),
                          (4096, len(image) - 4096)):
        if place < sector or image[place:place + 8] != GPT_MAGIC:
            continue
        if place + 92 > len(image):
            continue
        length, = struct.unpack_from("<I", image, place + 12)
        table, count, size = struct.unpack_from("<QII", image, place + 72)
        if 92 <= length <= GPT_HEADER_MAX and count * size <= GPT_ENTRIES_MAX:
            entries = image[table * sector:table * sector + count * size]
            struct.pack_into("<I", image, place + 88, zlib.crc32(entries))
            image[place + 16:place + 20] = bytes(4)
            struct.pack_into("<I", image, place + 16, zlib.crc32(image[place:place + length]))


def luks2_repair(image):
    """Both copies of the header, where the second one mostly lies."""
    for place in (0, 0x4000, 0x8000):
        if bytes(image[place:place + 6]) not in LUKS_MAGICS or place + 4096 > len(image):
            continue
        version, size = struct.unpack_from(">HQ", image, place + 6)
        if version == 2 and size <= 1 << 20:
            start = place + LUKS_CHECKSUM_AT
            image[start:start + LUKS_CHECKSUM_BYTES] = bytes(LUKS_CHECKSUM_BYTES)
            digest = hashlib.sha256(image[place:place + size]).digest()
            image[start:start + len(digest)] = digest


def repair(image):
    """All checksums of a bytearray; what is not there is left alone."""
    vhd_repair(image)
    gpt_repair(image)
    luks2_repair(image)
    if image[:8] == b"vhdxfile":
        vhdx_repair(image)
