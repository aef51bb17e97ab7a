# SPDX-License-Identifier: LGPL-2.1-or-later
# Recipe entries: images of qcow version 1, the ancestor of qcow2.
"""Version 1 has the magic of qcow2 but a header of its own, 48 bytes long."""

import struct
from functools import partial

from image_recipe import Entry
from qcow2_builder import MAGIC, SECTOR

HEADER_BYTES = 48
U32_MAX = (1 << 32) - 1


def build_qcow1(*, backing=b"", backing_offset=HEADER_BYTES, backing_size=None,
                size=1 << 20, cluster_bits=12, l2_bits=9, crypt_method=0, l1_offset=None):
    """Header, backing file name, then an L1 table with nothing allocated."""
    if backing_size is None:
        backing_size = len(backing)
    if not backing_size:
        backing_offset = 0
    if l1_offset is None:
        l1_offset = HEADER_BYTES + -(-len(backing) // 8) * 8
    mtime = 0
    header = struct.pack(">IIQIIQBBHIQ", MAGIC, 1, backing_offset, backing_size, mtime, size,
                         cluster_bits, l2_bits, 0, crypt_method, l1_offset)
    # Room for eight L1 entries; a 1 MiB disk needs one with QEMU's cluster and L2 sizes.
    end = HEADER_BYTES + len(backing) + 8 * 8
    return (header + backing).ljust(-(-end // SECTOR) * SECTOR, b"\0")


HEALTHY = [
    Entry("v1-plain.qcow", "version 1, 1 MiB, nothing allocated", build_qcow1),
    # Smaller clusters and larger L2 tables are QEMU's choice with a backing file.
    Entry("v1-backing.qcow", "version 1 with a backing file",
          partial(build_qcow1, backing=b"v1-plain.qcow", cluster_bits=9, l2_bits=12)),
    Entry("v1-aes.qcow", "version 1 with AES encryption", partial(build_qcow1, crypt_method=1)),
    Entry("v1-size-odd.qcow", "version 1, 1 MiB + 1 byte",
          partial(build_qcow1, size=(1 << 20) + 1)),
]

DAMAGED = [
    Entry("v1-truncated-8.qcow", "version 1, magic and version only",
          lambda: build_qcow1()[:8], "refuses"),
    Entry("v1-truncated-48.qcow", "version 1, the header and nothing else",
          lambda: build_qcow1()[:HEADER_BYTES]),
    Entry("v1-size-1.qcow", "version 1, virtual size of 1 byte", partial(build_qcow1, size=1),
          "refuses"),
    Entry("v1-size-huge.qcow", "version 1, virtual size 2^63 - 1",
          partial(build_qcow1, size=(1 << 63) - 1), "refuses"),
    Entry("v1-cluster-bits-8.qcow", "version 1, clusters of 256 bytes",
          partial(build_qcow1, cluster_bits=8), "refuses"),
    Entry("v1-cluster-bits-17.qcow", "version 1, clusters of 128 KiB",
          partial(build_qcow1, cluster_bits=17), "refuses"),
    Entry("v1-l2-bits-5.qcow", "version 1, L2 tables of 32 entries",
          partial(build_qcow1, l2_bits=5), "refuses"),
    Entry("v1-l2-bits-14.qcow", "version 1, L2 tables of 16384 entries",
          partial(build_qcow1, l2_bits=14), "refuses"),
    Entry("v1-crypt-2.qcow", "version 1, encryption method 2",
          partial(build_qcow1, crypt_method=2), "refuses"),
    Entry("v1-backing-1024.qcow", "version 1, backing file name of 1024 bytes",
          partial(build_qcow1, backing=b"n" * 1024), "refuses"),
    Entry("v1-backing-past-end.qcow", "version 1, backing file name behind the file",
          partial(build_qcow1, backing_offset=1 << 40, backing_size=8)),
    Entry("v1-l1-past-end.qcow", "version 1, L1 table behind the end of the file",
          partial(build_qcow1, l1_offset=1 << 40)),
]

ENTRIES = HEALTHY + DAMAGED
