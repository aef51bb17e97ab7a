# SPDX-License-Identifier: LGPL-2.1-or-later
# Recipe entries: QED images, healthy and damaged.
"""Numbers are little-endian; a header cluster, then the L1 table, which is empty."""

import struct
from functools import partial

from image_recipe import Entry

KIB, MIB = 1 << 10, 1 << 20
CLUSTER = 4 * KIB
BACKING_FILE, NEED_CHECK, BACKING_RAW = 1, 2, 4
HEADER_BYTES = 64


def build_qed(*, cluster=CLUSTER, table=2, header=1, features=0, compatible=0, autoclear=0,
              l1_offset=None, size=MIB, backing=b"", backing_offset=HEADER_BYTES,
              backing_size=None, end=None):
    """The header with its fields as wanted; the file has the clusters of a sound image."""
    if l1_offset is None:
        l1_offset = CLUSTER
    if backing_size is None:
        backing_size = len(backing)
    fields = struct.pack("<4sIIIQQQQQII", b"QED\0", cluster, table, header, features, compatible,
                         autoclear, l1_offset, size, backing_offset if backing else 0,
                         backing_size)
    assert len(fields) == HEADER_BYTES
    return (fields + backing).ljust(end or 3 * CLUSTER, b"\0")


HEALTHY = [
    Entry("qed-plain.qed", "1 MiB in clusters of 4 KiB, tables of two clusters", build_qed),
    Entry("qed-backing.qed", "backing file whose format has to be guessed",
          partial(build_qed, features=BACKING_FILE, backing=b"base.qcow2")),
    Entry("qed-backing-raw.qed", "backing file that is raw",
          partial(build_qed, features=BACKING_FILE | BACKING_RAW, backing=b"base.raw")),
    Entry("qed-backing-without-bit.qed", "backing file name, but its bit is clear",
          partial(build_qed, backing=b"base.raw")),
    Entry("qed-need-check.qed", "not closed by its last writer",
          partial(build_qed, features=NEED_CHECK)),
    Entry("qed-size-0.qed", "virtual size 0", partial(build_qed, size=0)),
    Entry("qed-other-features.qed", "compatible and autoclear bits that nobody knows",
          partial(build_qed, compatible=1 << 63, autoclear=1)),
    Entry("qed-header-0.qed", "header of 0 clusters", partial(build_qed, header=0)),
]

DAMAGED = [
    Entry("qed-table-1.qed", "tables of one cluster, which QEMU creates and cannot open",
          partial(build_qed, table=1), "refuses"),
    Entry("qed-table-0.qed", "tables of 0 clusters", partial(build_qed, table=0), "refuses"),
    Entry("qed-table-3.qed", "tables of 3 clusters", partial(build_qed, table=3), "refuses"),
    Entry("qed-table-32.qed", "tables of 32 clusters", partial(build_qed, table=32), "refuses"),
    Entry("qed-cluster-0.qed", "clusters of 0 bytes", partial(build_qed, cluster=0), "refuses"),
    Entry("qed-cluster-2k.qed", "clusters of 2 KiB", partial(build_qed, cluster=2 * KIB),
          "refuses"),
    Entry("qed-cluster-128m.qed", "clusters of 128 MiB", partial(build_qed, cluster=128 * MIB),
          "refuses"),
    Entry("qed-tables-overflow.qed", "tables that reach beyond 2^64 bytes",
          partial(build_qed, cluster=64 * MIB), "refuses"),
    Entry("qed-unknown-feature.qed", "a feature bit that nobody knows",
          partial(build_qed, features=1 << 3), "refuses"),
    Entry("qed-size-odd.qed", "virtual size beside a sector", partial(build_qed, size=MIB + 1),
          "refuses"),
    Entry("qed-size-huge.qed", "virtual size above what the tables reach",
          partial(build_qed, size=1 << 40), "refuses"),
    Entry("qed-size-63.qed", "virtual size 2^63", partial(build_qed, size=1 << 63), "refuses"),
    Entry("qed-l1-misaligned.qed", "L1 table beside a cluster",
          partial(build_qed, l1_offset=CLUSTER + 8), "refuses"),
    Entry("qed-l1-in-header.qed", "L1 table in the header", partial(build_qed, header=2),
          "refuses"),
    Entry("qed-l1-past-end.qed", "L1 table behind the end of the file",
          partial(build_qed, l1_offset=1 << 30), "refuses"),
    Entry("qed-l1-highest.qed", "L1 table at the highest cluster",
          partial(build_qed, l1_offset=(1 << 64) - CLUSTER), "refuses"),
    Entry("qed-l1-cut.qed", "cut in the middle of the L1 table",
          partial(build_qed, end=3 * CLUSTER - 512), "refuses"),
    Entry("qed-header-huge.qed", "header above 4 GiB", partial(build_qed, header=1 << 20),
          "refuses"),
    Entry("qed-backing-outside-header.qed", "backing file name behind the header",
          partial(build_qed, features=BACKING_FILE, backing=b"base", backing_offset=CLUSTER - 3),
          "refuses"),
    Entry("qed-backing-4096.qed", "backing file name of 4096 bytes, in a header of two clusters",
          partial(build_qed, features=BACKING_FILE, backing=b"n" * 64, backing_size=4096,
                  header=2, l1_offset=2 * CLUSTER, end=4 * CLUSTER), "refuses"),
    Entry("qed-backing-huge.qed", "backing file name of 2^32-1 bytes",
          partial(build_qed, features=BACKING_FILE, backing=b"n", backing_size=0xFFFFFFFF),
          "refuses"),
    Entry("qed-backing-unsafe.qed", "backing file name with newline and ESC",
          partial(build_qed, features=BACKING_FILE, backing=b"base\nformat: raw\x1b[2J")),
    Entry("qed-truncated.qed", "cut in the middle of the header", lambda: build_qed()[:48],
          "refuses"),
]

ENTRIES = HEALTHY + DAMAGED
