# SPDX-License-Identifier: LGPL-2.1-or-later
# Recipe entries: ISO 9660 images, healthy and damaged (all raw for QEMU).
"""Most numbers are stored twice, little-endian then big-endian."""

import struct
from functools import partial

from image_recipe import Entry

BLOCK = 2048
FIRST_DESCRIPTOR = 16
BOOT_RECORD, PRIMARY, SUPPLEMENTARY, TERMINATOR = 0, 1, 2, 255
TIME = b"2023111422132000\0"
NO_TIME = b"0" * 16 + b"\0"


def both16(number):
    """A 16-bit number in both byte orders."""
    return struct.pack("<H", number) + struct.pack(">H", number)


def both32(number):
    """A 32-bit number in both byte orders."""
    return struct.pack("<I", number) + struct.pack(">I", number)


def descriptor(kind, body=b"", identifier=b"CD001"):
    """A volume descriptor: type, identifier, version 1, body."""
    return (struct.pack(">B5sB", kind, identifier, 1) + body).ljust(BLOCK, b"\0")


def directory_record(block, name):
    """The record of a directory that takes one block."""
    moment = bytes((123, 11, 14, 22, 13, 20, 0))
    record = (bytes((34, 0)) + both32(block) + both32(BLOCK) + moment + bytes((2, 0, 0))
              + both16(1) + bytes((1,)) + name)
    assert len(record) == 34
    return record


def primary_descriptor(*, volume, blocks, path_tables, root, block_size=BLOCK,
                       system=b"", publisher=b"", application=b""):
    """The primary volume descriptor; unused text is blank."""
    body = b"\0" + system.ljust(32) + volume.ljust(32) + bytes(8) + both32(blocks) + bytes(32)
    body += both16(1) + both16(1) + both16(block_size)
    body += both32(10) + struct.pack("<II", path_tables, 0)
    body += struct.pack(">II", path_tables + 1, 0) + directory_record(root, b"\0")
    body += b" " * 128 + publisher.ljust(128) + b" " * 128 + application.ljust(128)
    body += b" " * (37 * 3) + TIME + TIME + NO_TIME + NO_TIME + b"\1\0"
    return descriptor(PRIMARY, body)


def path_table(form, root):
    """A path table of the root directory alone."""
    return (struct.pack(form, 1, 0, root, 1) + b"\0\0").ljust(BLOCK, b"\0")


def el_torito(catalog):
    """The boot record descriptor and the blocks of boot catalog and boot image."""
    record = descriptor(BOOT_RECORD, b"EL TORITO SPECIFICATION".ljust(64, b"\0")
                        + struct.pack("<I", catalog))
    # The validation entry's 16-bit words, the checksum among them, sum to zero.
    validation = bytearray(struct.pack("<BBH24sHBB", 1, 0, 0, b"", 0, 0x55, 0xAA))
    checksum = -sum(struct.unpack("<16H", validation)) & 0xFFFF
    struct.pack_into("<H", validation, 28, checksum)
    default = struct.pack("<BBHBBHI20s", 0x88, 0, 0, 0, 0, 4, catalog + 1, b"")
    return record, (bytes(validation) + default).ljust(BLOCK, b"\0") + bytes(BLOCK)


def build_iso(*, volume=b"VIRT_PROBE", bootable=False, joliet=False, claimed_blocks=None,
              block_size=BLOCK, **texts):
    """System area, descriptors, two path tables, root directory, boot blocks."""
    descriptors = 2 + bootable + joliet
    path_tables = FIRST_DESCRIPTOR + descriptors
    root = path_tables + 2
    record, boot = el_torito(root + 1) if bootable else (b"", b"")
    blocks = root + 1 + len(boot) // BLOCK
    primary = primary_descriptor(volume=volume, path_tables=path_tables, root=root,
                                 block_size=block_size, **texts,
                                 blocks=blocks if claimed_blocks is None else claimed_blocks)
    if joliet:
        record += descriptor(SUPPLEMENTARY, bytes(81) + b"%/E")
    tables = path_table("<BBIH", root) + path_table(">BBIH", root)
    directory = directory_record(root, b"\0") + directory_record(root, b"\1")
    return (bytes(FIRST_DESCRIPTOR * BLOCK) + primary + record + descriptor(TERMINATOR)
            + tables + directory.ljust(BLOCK, b"\0") + boot)


def build_unterminated():
    """The primary descriptor ends the file."""
    return build_iso()[:(FIRST_DESCRIPTOR + 1) * BLOCK]


ENTRIES = [
    Entry("iso-plain.iso", "volume VIRT_PROBE, an empty root directory", build_iso),
    Entry("iso-el-torito.iso", "bootable: El Torito boot record, catalog and image",
          partial(build_iso, volume=b"BOOTABLE", bootable=True)),
    Entry("iso-joliet.disk", "Joliet: a supplementary descriptor with its escape sequence; all texts",
          partial(build_iso, volume=b"JOLIET", joliet=True, system=b"LINUX", publisher=b"VIRT-PROBE", application=b"RECIPE")),
    Entry("iso-volume-unsafe.iso", "volume id with newline, ESC and bytes that are not UTF-8",
          partial(build_iso, volume=b"ONE\nTWO\x1b[2J\xff")),
    Entry("iso-size-past-end.iso", "volume larger than the file",
          partial(build_iso, claimed_blocks=0xFFFFFFFF)),
    Entry("iso-block-size-0.iso", "logical blocks of 0 bytes", partial(build_iso, block_size=0)),
    Entry("iso-unterminated.iso", "cut after the primary descriptor", build_unterminated),
    Entry("iso-truncated.iso", "cut after the identifier CD001",
          lambda: build_iso()[:FIRST_DESCRIPTOR * BLOCK + 6]),
]
