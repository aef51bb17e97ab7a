# SPDX-License-Identifier: LGPL-2.1-or-later
# Recipe entries: Apple disk images, plain and encrypted, and damaged ones.
"""Numbers are big-endian. Data, a property list that says where data is, and a trailer."""

import base64
import struct
from functools import partial

from image_recipe import Entry

SECTOR = 512
DISK_SECTORS = 8
VERSION = 4
SEGMENT_ID = bytes(range(0x10, 0x20))
RAW, LAST = 1, 0xFFFFFFFF
DEVICE, PARTITION = 1, 2


def block_table():
    """A table of one raw chunk and the end mark."""
    table = struct.pack(">4sIQQQ", b"mish", 1, 0, DISK_SECTORS, 0).ljust(204, b"\0")
    table += struct.pack(">IIQQQQ", RAW, 0, 0, DISK_SECTORS, 0, DISK_SECTORS * SECTOR)
    return table + struct.pack(">IIQQQQ", LAST, 0, DISK_SECTORS, 0, 0, 0)


PLIST = (b"<plist><dict><key>resource-fork</key><dict><key>blkx</key><array><dict><key>Data</key>"
         b"<data>" + base64.b64encode(block_table()) + b"</data></dict></array></dict></dict>"
         b"</plist>\n")


def build_trailer(*, version=VERSION, size=SECTOR, flags=1, data=(0, DISK_SECTORS * SECTOR),
                  resource=(0, 0), segment=(1, 1), plist=(DISK_SECTORS * SECTOR, len(PLIST)),
                  sectors=DISK_SECTORS, variant=DEVICE):
    """The trailer, without checksums."""
    trailer = struct.pack(">4sIIIQQQQQ", b"koly", version, size, flags, 0, *data, *resource)
    trailer += struct.pack(">II", *segment) + SEGMENT_ID
    trailer = trailer.ljust(216, b"\0") + struct.pack(">QQ", *plist)
    return (trailer.ljust(488, b"\0") + struct.pack(">IQ", variant, sectors)).ljust(SECTOR, b"\0")


def build_dmg(**fields):
    """Raw data, the property list, the trailer."""
    return bytes(DISK_SECTORS * SECTOR) + PLIST + build_trailer(**fields)


def build_partition():
    """A partition alone, with a resource fork before the trailer."""
    fork = bytes(256)
    place = DISK_SECTORS * SECTOR + len(PLIST)
    return build_dmg()[:-SECTOR] + fork + build_trailer(resource=(place, len(fork)), variant=PARTITION)


def build_encrypted(*, version=2, data=(4096, 4096)):
    """The header of an encrypted image, and data that stands for the encrypted bytes."""
    size, offset = data
    header = struct.pack(">8sIIIIIII16sIQQ", b"encrcdsa", version, 16, 5, 0x80000001, 128, 91, 160,
                         SEGMENT_ID, SECTOR, size, offset)
    return header.ljust(4096, b"\0") + b"\xa5" * 4096


def build_encrypted_1(salt_length=20):
    """An encrypted image of version 1, which has its header at the end."""
    header = bytearray(1276)
    struct.pack_into(">II", header, 48, 1000, salt_length)
    struct.pack_into(">I", header, 136, 40)
    struct.pack_into(">I", header, 436, 48)
    header[-8:] = b"cdsaencr"
    return b"\xa5" * 4096 + bytes(header)


HEALTHY = [
    Entry("dmg-plain.dmg", "raw data, whose table is in the property list", build_dmg),
    Entry("dmg-raw.dmg", "no trailer: QEMU goes by the name, and refuses",
          lambda: bytes(DISK_SECTORS * SECTOR), "refuses"),
    Entry("dmg-segments.dmg", "the first of two segments", partial(build_dmg, segment=(1, 2))),
    Entry("dmg-partition.disk", "of a partition, with a resource fork; the name does not say dmg", build_partition),
    Entry("dmg-encrypted-2.dmg", "encrypted, header at the beginning", build_encrypted,
          "refuses"),
]

DAMAGED = [
    Entry("dmg-version-5.dmg", "trailer of version 5", partial(build_dmg, version=5)),
    Entry("dmg-size-1024.dmg", "trailer that claims 1024 bytes", partial(build_dmg, size=1024)),
    Entry("dmg-trailer-alone.dmg", "nothing but a trailer", build_trailer, "refuses"),
    Entry("dmg-plist-past-end.dmg", "property list behind the trailer",
          partial(build_dmg, plist=(1 << 30, 10)), "refuses"),
    Entry("dmg-plist-overflow.dmg", "property list that ends beyond 2^64",
          partial(build_dmg, plist=(10, (1 << 64) - 5)), "refuses"),
    Entry("dmg-plist-none.dmg", "neither property list nor resource fork",
          partial(build_dmg, plist=(0, 0)), "refuses"),
    Entry("dmg-resource-past-end.dmg", "resource fork behind the trailer",
          partial(build_dmg, resource=(1 << 30, 10)), "refuses"),
    Entry("dmg-data-past-end.dmg", "data fork behind the trailer",
          partial(build_dmg, data=(1 << 30, 10)), "refuses"),
    Entry("dmg-data-long.dmg", "data fork that does not end before the trailer",
          partial(build_dmg, data=(0, 1 << 30))),
    Entry("dmg-sectors-huge.dmg", "2^55 sectors", partial(build_dmg, sectors=1 << 55),
          "refuses"),
    Entry("dmg-sectors-negative.dmg", "2^64-1 sectors",
          partial(build_dmg, sectors=(1 << 64) - 1), "refuses"),
    Entry("dmg-encrypted-1.dmg", "encrypted, header at the end", build_encrypted_1, "refuses"),
    Entry("dmg-encrypted-1-salt-0.dmg", "ends as an encrypted image, and is none",
          partial(build_encrypted_1, 0), "refuses"),
    Entry("dmg-encrypted-3.dmg", "encrypted, version 3", partial(build_encrypted, version=3),
          "refuses"),
    Entry("dmg-encrypted-past-end.dmg", "encrypted data behind the end of the file",
          partial(build_encrypted, data=(1 << 30, 4096)), "refuses"),
    Entry("dmg-encrypted-truncated.dmg", "cut in the middle of the header",
          lambda: build_encrypted()[:60], "refuses"),
]

ENTRIES = HEALTHY + DAMAGED
