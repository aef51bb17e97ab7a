# SPDX-License-Identifier: LGPL-2.1-or-later
# Adds snapshot tables, bitmaps and a LUKS header to a qcow2 image being built.
"""Every field of the on-disk entries can be given, so that it can also be wrong."""

import struct
from dataclasses import dataclass, field

from qcow2_builder import (AUTOCLEAR_BITMAPS, EXT_BITMAPS, EXT_LUKS, Qcow2Image,
                           pack_extension)

# 2023-11-14 22:13:20 UTC: any fixed moment will do.
SNAPSHOT_SECONDS = 1_700_000_000
ICOUNT_UNKNOWN = (1 << 64) - 1

BITMAP_IN_USE = 1 << 0
BITMAP_AUTO = 1 << 1
BITMAP_EXTRA_COMPATIBLE = 1 << 2
BITMAP_DIRTY_TRACKING = 1
# Table entry without a data cluster: all bits of its range are set.
BITMAP_ALL_ONES = 1


def pad8(data):
    """Snapshot table and bitmap directory entries are aligned to 8 bytes."""
    return data + b"\0" * (-len(data) % 8)


def unless(given, default):
    """The given value, or the default if none was given."""
    return default if given is None else given


def snapshot_extra(vm_state=0, disk_size=1 << 20, icount=ICOUNT_UNKNOWN):
    """The 24 bytes of extra data known so far; cut them for older writers."""
    return struct.pack(">QQQ", vm_state, disk_size, icount)


@dataclass
class Snapshot:
    """One entry of the snapshot table; fields that default to None follow from the rest."""

    id: bytes = b"1"
    name: bytes = b"first"
    extra: bytes = field(default_factory=snapshot_extra)
    vm_state: int = 0
    seconds: int = SNAPSHOT_SECONDS
    nanoseconds: int = 0
    vm_clock: int = 0
    l1_size: int | None = None
    l1_offset: int | None = None
    id_length: int | None = None
    name_length: int | None = None
    extra_length: int | None = None

    def pack(self, l1_offset, l1_size):
        """The entry with the given L1 table, unless another one was asked for."""
        fixed = struct.pack(">QIHHIIQII", unless(self.l1_offset, l1_offset), l1_size,
                            unless(self.id_length, len(self.id)),
                            unless(self.name_length, len(self.name)),
                            self.seconds, self.nanoseconds, self.vm_clock, self.vm_state,
                            unless(self.extra_length, len(self.extra)))
        return pad8(fixed + self.extra + self.id + self.name)


def add_snapshots(image, snapshots):
    """Write the snapshot table; call it when all guest data is in place."""
    entries = []
    l2_offsets = {index: table[0] for index, table in image.l2_tables.items()}
    for snapshot in snapshots:
        l1_size = snapshot.l1_size or image.fields["l1_size"]
        table = bytearray(8 * l1_size)
        for index, offset in l2_offsets.items():
            struct.pack_into(">Q", table, 8 * index, offset)
        image.share_clusters()
        entries.append(snapshot.pack(image.allocate(table), l1_size))
    image.fields["nb_snapshots"] = len(snapshots)
    image.fields["snapshots_offset"] = image.allocate(b"".join(entries))


@dataclass
class Bitmap:
    """One entry of the bitmap directory, with its bitmap table."""

    name: bytes = b"backup-0"
    flags: int = BITMAP_AUTO
    # 512-byte granularity: one bitmap cluster of 512 bytes then covers 2 MiB.
    granularity_bits: int = 9
    kind: int = BITMAP_DIRTY_TRACKING
    table: tuple = (0,)
    data: bytes = b""
    extra: bytes = b""
    table_offset: int | None = None

    def pack(self, image):
        """Allocate the bitmap table (and data); return the directory entry."""
        table = list(self.table)
        if self.data:
            table[0] = image.allocate(self.data)
        offset = self.table_offset
        if offset is None:
            offset = image.allocate(struct.pack(f">{len(table)}Q", *table))
        fixed = struct.pack(">QIIBBHI", offset, len(table), self.flags, self.kind,
                            self.granularity_bits, len(self.name), len(self.extra))
        return pad8(fixed + self.extra + self.name)


def add_bitmaps(image, bitmaps, *, count=None, reserved=0, directory_size=None,
                directory_offset=None, extension_length=None):
    """Write the bitmap directory and its extension; the keywords falsify the latter."""
    directory = b"".join(bitmap.pack(image) for bitmap in bitmaps)
    if directory_offset is None:
        directory_offset = image.allocate(directory)
    data = struct.pack(">IIQQ", unless(count, len(bitmaps)), reserved,
                       unless(directory_size, len(directory)), directory_offset)
    image.extensions.append(pack_extension(EXT_BITMAPS, data[:extension_length]))
    image.fields["autoclear_features"] |= AUTOCLEAR_BITMAPS


def add_luks(image, luks_header, *, area=4096, offset=None, length=None,
             extension_length=None):
    """Store a LUKS header in area bytes and point the extension to it."""
    image.fields["crypt_method"] = 2
    if offset is None:
        offset = image.allocate(luks_header.ljust(area, b"\0"))
    data = struct.pack(">QQ", offset, unless(length, area))
    image.extensions.append(pack_extension(EXT_LUKS, data[:extension_length]))


def build_with_snapshots(*snapshots, header=None, data=False, **geometry):
    """An image with internal snapshots; data shares one guest cluster with them."""
    image = Qcow2Image(**geometry)
    if data:
        image.add_data(0, b"shared by the disk and its snapshots")
    add_snapshots(image, snapshots)
    return image.finish(header)


def build_with_bitmaps(*bitmaps, header=None, geometry=None, **falsify):
    """An image with persistent bitmaps; falsify goes to the bitmaps extension."""
    image = Qcow2Image(**(geometry or {}))
    add_bitmaps(image, bitmaps, **falsify)
    return image.finish(header)


def build_with_luks(luks_header, *, header=None, **falsify):
    """An image encrypted with LUKS; falsify goes to the LUKS extension."""
    image = Qcow2Image()
    add_luks(image, luks_header, **falsify)
    return image.finish(header)
