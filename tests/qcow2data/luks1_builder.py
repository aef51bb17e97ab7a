# SPDX-License-Identifier: LGPL-2.1-or-later
# Builds LUKS version 1 headers, for standalone images and for those inside qcow2.
"""The header is well formed, but no passphrase opens it: digests are filler."""

import struct

SECTOR = 512
MAGIC = b"LUKS\xba\xbe"
HEADER_BYTES = 592
KEY_SLOTS = 8
SLOT_ACTIVE = 0x00AC71F3
SLOT_INACTIVE = 0x0000DEAD
# The first 4 KiB belong to the header, and QEMU (crypto/block-luks.c) rounds
# the key material of a slot up to this alignment too.
HEADER_SECTORS = 8
STRIPES = 4000
UUID = b"6c756b73-0000-4000-8000-766972747072"


def slot_sectors(key_bytes, stripes=STRIPES):
    """Sectors that the split key of one slot takes."""
    sectors = -(-key_bytes * stripes // SECTOR)
    return -(-sectors // HEADER_SECTORS) * HEADER_SECTORS


def payload_sector(key_bytes):
    """First sector after the header and the key material of all slots."""
    return HEADER_SECTORS + KEY_SLOTS * slot_sectors(key_bytes)


def key_slot(number, key_bytes, active, stripes):
    """One 48-byte key slot descriptor; only an active slot has iterations and salt."""
    first = HEADER_SECTORS + number * slot_sectors(key_bytes)
    if active:
        salt = bytes(range(0x40, 0x60))
        return struct.pack(">II32sII", SLOT_ACTIVE, 1000, salt, first, stripes)
    return struct.pack(">II32sII", SLOT_INACTIVE, 0, b"", first, stripes)


def luks1_header(*, cipher=b"aes", mode=b"xts-plain64", hash_name=b"sha256",
                 key_bytes=32, version=1, active_slots=(0,), stripes=STRIPES,
                 payload=None):
    """The 592 header bytes; payload is a sector number, by default after the slots."""
    if payload is None:
        payload = payload_sector(key_bytes)
    digest, salt = bytes(range(20)), bytes(range(0x20, 0x40))
    header = struct.pack(">6sH32s32s32sII20s32sI40s", MAGIC, version, cipher, mode,
                         hash_name, payload, key_bytes, digest, salt, 1000, UUID)
    for number in range(KEY_SLOTS):
        header += key_slot(number, key_bytes, number in active_slots, stripes)
    assert len(header) == HEADER_BYTES
    return header
