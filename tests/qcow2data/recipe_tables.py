# SPDX-License-Identifier: LGPL-2.1-or-later
# Recipe entries: qcow2 internal snapshots and persistent bitmaps, healthy and damaged.
"""QEMU reads both tables whenever it opens the image, even only to describe it."""

from functools import partial

import qcow2_tables as t
from image_recipe import Entry
from qcow2_tables import Bitmap, Snapshot, build_with_bitmaps, build_with_snapshots

GIB = 1 << 30


def snap(**fields):
    """A version 3 image with one snapshot."""
    return partial(build_with_snapshots, Snapshot(**fields))


def snap_header(**header):
    """An image with one good snapshot and a header that points elsewhere."""
    return partial(build_with_snapshots, Snapshot(), header=header)


def bitmap(**fields):
    """An image with one bitmap."""
    return partial(build_with_bitmaps, Bitmap(**fields))


SEVERAL_SNAPSHOTS = (
    Snapshot(id=b"1", name=b"installed", vm_clock=1_500_000_000),
    Snapshot(id=b"2", name=b"running", vm_state=4096, extra=t.snapshot_extra(4096, icount=77),
             l1_size=33, seconds=t.SNAPSHOT_SECONDS + 60, nanoseconds=999_999_999,
             vm_clock=3_600_000_000_123),
    Snapshot(id=b"3", name=b"", seconds=t.SNAPSHOT_SECONDS + 120),
)

SNAPSHOTS = [
    Entry("snapshot-v2.qcow2", "version 2, snapshot without extra data",
          partial(build_with_snapshots, Snapshot(extra=b""), version=2)),
    Entry("snapshot-v2-vm-state.qcow2", "version 2, VM state size in its 32-bit field only",
          partial(build_with_snapshots, Snapshot(extra=b"", vm_state=4096, l1_size=33),
                  version=2)),
    Entry("snapshot-extra-16.qcow2", "16 bytes of extra data: no instruction count",
          snap(extra=t.snapshot_extra()[:16])),
    Entry("snapshot-extra-24.qcow2", "24 bytes of extra data", snap()),
    Entry("snapshot-extra-40.qcow2", "40 bytes of extra data, the last 16 unknown",
          snap(extra=t.snapshot_extra() + b"\x5a" * 16)),
    Entry("snapshot-extra-8.qcow2", "8 bytes of extra data, too few for version 3",
          snap(extra=t.snapshot_extra()[:8])),
    Entry("snapshot-extra-1024.qcow2", "1024 bytes of extra data, the most QEMU takes",
          snap(extra=t.snapshot_extra().ljust(1024, b"\0"))),
    Entry("snapshot-shared-data.qcow2", "snapshot and disk share an L2 table and a cluster",
          partial(build_with_snapshots, Snapshot(), data=True)),
    Entry("snapshots-several.qcow2", "three snapshots, the second with VM state, a shared cluster",
          partial(build_with_snapshots, *SEVERAL_SNAPSHOTS, data=True)),
    Entry("snapshot-vm-state-large.qcow2", "VM state of 5 GiB: only the 64-bit field can hold it",
          snap(extra=t.snapshot_extra(5 * GIB))),
    Entry("snapshot-vm-state-differs.qcow2", "the two VM state sizes disagree",
          snap(extra=t.snapshot_extra(8192), vm_state=4096, l1_size=33)),
    Entry("snapshot-other-size.qcow2", "the disk was 512 KiB when the snapshot was taken",
          snap(extra=t.snapshot_extra(disk_size=1 << 19), l1_size=16)),
    Entry("snapshot-date-2106.qcow2", "date with all 32 bits set", snap(seconds=0xFFFFFFFF)),
    Entry("snapshot-nanoseconds.qcow2", "nanoseconds of more than one second",
          snap(nanoseconds=0xFFFFFFFF)),
    Entry("snapshot-name-300.qcow2", "name of 300 bytes (QEMU shows 255)", snap(name=b"s" * 300)),
    Entry("snapshot-name-unsafe.qcow2", "name with newline, ESC and bytes that are not UTF-8",
          snap(name=b"one\n2  two\x1b[2J\xff")),
    Entry("snapshot-same-id.qcow2", "two snapshots of the same id and name",
          partial(build_with_snapshots, Snapshot(), Snapshot())),
]

BAD_SNAPSHOTS = [
    Entry("snapshots-offset-misaligned.qcow2", "snapshot table not on a cluster boundary",
          snap_header(snapshots_offset=0x908), "refuses"),
    Entry("snapshots-none-misaligned.qcow2", "misaligned snapshot table of no snapshots",
          snap_header(snapshots_offset=0x908, nb_snapshots=0), "refuses"),
    Entry("snapshots-past-end.qcow2", "snapshot table behind the end of the file",
          snap_header(snapshots_offset=0x100000)),
    Entry("snapshots-65537.qcow2", "65537 snapshots claimed, one more than QEMU takes",
          snap_header(nb_snapshots=65537), "refuses"),
    Entry("snapshots-65536.qcow2", "65536 snapshots claimed, only the first is in the file",
          snap_header(nb_snapshots=65536)),
    Entry("snapshots-count-huge.qcow2", "0xffffffff snapshots claimed",
          snap_header(nb_snapshots=0xFFFFFFFF), "refuses"),
    Entry("snapshot-extra-1032.qcow2", "1032 bytes of extra data, more than QEMU takes",
          snap(extra=t.snapshot_extra().ljust(1032, b"\0")), "refuses"),
    Entry("snapshot-extra-huge.qcow2", "0xffffffff bytes of extra data claimed",
          snap(extra_length=0xFFFFFFFF), "refuses"),
    Entry("snapshot-name-huge.qcow2", "name and id of 65535 bytes claimed, not in the file",
          snap(id_length=0xFFFF, name_length=0xFFFF)),
    Entry("snapshot-l1-misaligned.qcow2", "L1 table of the snapshot is misaligned",
          snap(l1_offset=0x808)),
    Entry("snapshot-l1-past-end.qcow2", "L1 table of the snapshot lies behind the file",
          snap(l1_offset=1 << 40)),
]

FLAG_BITMAPS = (
    Bitmap(name=b"disabled", flags=0),
    Bitmap(name=b"automatic", flags=t.BITMAP_AUTO, granularity_bits=16),
    Bitmap(name=b"unfinished", flags=t.BITMAP_IN_USE),
    Bitmap(name=b"unfinished-automatic", flags=t.BITMAP_IN_USE | t.BITMAP_AUTO),
)

BITMAPS = [
    Entry("bitmap-one.qcow2", "one disabled bitmap, all clear", bitmap(flags=0)),
    Entry("bitmap-auto.qcow2", "one bitmap with the auto flag", bitmap()),
    Entry("bitmap-in-use.qcow2", "one bitmap that was not closed", bitmap(flags=t.BITMAP_IN_USE)),
    Entry("bitmap-all-set.qcow2", "one bitmap, all set without a data cluster",
          bitmap(table=(t.BITMAP_ALL_ONES,))),
    Entry("bitmap-data.qcow2", "one bitmap with a data cluster", bitmap(data=b"\x0f")),
    Entry("bitmaps-several.qcow2", "four bitmaps with all combinations of in-use and auto",
          partial(build_with_bitmaps, *FLAG_BITMAPS)),
    Entry("bitmap-inconsistent.qcow2", "autoclear bit clear: the bitmap is inconsistent",
          partial(build_with_bitmaps, Bitmap(), header={"autoclear_features": 0})),
    Entry("bitmap-v2.qcow2", "version 2, so the bitmaps are inconsistent",
          partial(build_with_bitmaps, Bitmap(), geometry={"version": 2})),
    Entry("bitmap-name-unsafe.qcow2", "name with newline, ESC and bytes that are not UTF-8",
          bitmap(name=b"one\ncorrupt: false\x1b[2J\xff")),
]

BAD_BITMAPS = [
    Entry("bitmap-extra-data.qcow2", "extra data in the directory entry",
          bitmap(extra=b"unknown."), "refuses"),
    Entry("bitmap-extra-compatible.qcow2", "the flag that calls unknown extra data compatible",
          bitmap(flags=t.BITMAP_EXTRA_COMPATIBLE, extra=b"unknown."), "refuses"),
    Entry("bitmap-flag-reserved.qcow2", "reserved flag 31", bitmap(flags=1 << 31), "refuses"),
    Entry("bitmap-type-2.qcow2", "bitmap type 2", bitmap(kind=2), "refuses"),
    Entry("bitmap-granularity-8.qcow2", "granularity of 256 bytes",
          bitmap(granularity_bits=8), "refuses"),
    Entry("bitmap-granularity-32.qcow2", "granularity of 4 GiB",
          bitmap(granularity_bits=32), "refuses"),
    Entry("bitmap-name-empty.qcow2", "bitmap without a name", bitmap(name=b"")),
    Entry("bitmap-name-1024.qcow2", "name of 1024 bytes, one more than allowed",
          bitmap(name=b"b" * 1024), "refuses"),
    Entry("bitmap-same-name.qcow2", "two bitmaps of the same name",
          partial(build_with_bitmaps, Bitmap(), Bitmap()), "refuses"),
    Entry("bitmap-table-misaligned.qcow2", "bitmap table not on a cluster boundary",
          bitmap(table_offset=0x808), "refuses"),
    Entry("bitmap-table-0.qcow2", "bitmap table of no entries", bitmap(table=()), "refuses"),
    Entry("bitmap-table-short.qcow2", "bitmap table too short for the disk",
          partial(build_with_bitmaps, Bitmap(), geometry={"size": 4 << 20}), "refuses"),
    Entry("bitmaps-extension-16.qcow2", "bitmaps extension of 16 instead of 24 bytes",
          partial(build_with_bitmaps, Bitmap(), extension_length=16), "refuses"),
    Entry("bitmaps-reserved.qcow2", "reserved field of the extension is set",
          partial(build_with_bitmaps, Bitmap(), reserved=1), "refuses"),
    Entry("bitmaps-none.qcow2", "bitmaps extension of no bitmaps",
          partial(build_with_bitmaps, Bitmap(), count=0), "refuses"),
    Entry("bitmaps-65536.qcow2", "65536 bitmaps claimed, one more than QEMU takes",
          partial(build_with_bitmaps, Bitmap(), count=65536), "refuses"),
    Entry("bitmaps-count-huge.qcow2", "0xffffffff bitmaps claimed",
          partial(build_with_bitmaps, Bitmap(), count=0xFFFFFFFF), "refuses"),
    Entry("bitmaps-count-more.qcow2", "two bitmaps claimed, the directory has one",
          partial(build_with_bitmaps, Bitmap(), count=2), "refuses"),
    Entry("bitmaps-count-fewer.qcow2", "one bitmap claimed, the directory has two",
          partial(build_with_bitmaps, Bitmap(), Bitmap(name=b"backup-1"), count=1), "refuses"),
    Entry("bitmaps-directory-misaligned.qcow2", "directory not on a cluster boundary",
          partial(build_with_bitmaps, Bitmap(), directory_offset=0x808), "refuses"),
    Entry("bitmaps-directory-past-end.qcow2", "directory behind the end of the file",
          partial(build_with_bitmaps, Bitmap(), directory_offset=1 << 40), "refuses"),
    Entry("bitmaps-directory-huge.qcow2", "directory of 2^60 bytes",
          partial(build_with_bitmaps, Bitmap(), directory_size=1 << 60), "refuses"),
    Entry("bitmaps-directory-cut.qcow2", "directory that ends inside its only entry",
          partial(build_with_bitmaps, Bitmap(), directory_size=16), "refuses"),
]

ENTRIES = SNAPSHOTS + BAD_SNAPSHOTS + BITMAPS + BAD_BITMAPS
