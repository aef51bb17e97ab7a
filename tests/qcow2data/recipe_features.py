# SPDX-License-Identifier: LGPL-2.1-or-later
# Recipe entries: qcow2 versions, feature bits, cluster sizes, extensions, guest data.
"""Images that a reader has to accept, save for those with unknown incompatible bits."""

import struct
from functools import partial

import qcow2_builder as q
from image_recipe import Entry
from qcow2_builder import Qcow2Image, build_qcow2, pack_extension, with_header

INCOMPATIBLE, COMPATIBLE, AUTOCLEAR = 0, 1, 2

# The table that QEMU itself writes: set, bit, name.
KNOWN_FEATURES = (
    (INCOMPATIBLE, 0, b"dirty bit"), (INCOMPATIBLE, 1, b"corrupt bit"),
    (INCOMPATIBLE, 2, b"external data file"), (INCOMPATIBLE, 3, b"compression type"),
    (INCOMPATIBLE, 4, b"extended L2 entries"), (COMPATIBLE, 0, b"lazy refcounts"),
    (AUTOCLEAR, 0, b"bitmaps"), (AUTOCLEAR, 1, b"raw external data"),
)
UNKNOWN_TYPE = 0x76707278

# One cluster of zeros as raw deflate, kept as bytes because the output of a
# compressor may change with its version.
DEFLATED_ZEROS = bytes.fromhex("6360180523190000")
# The same as a zstd frame: single segment of 512 bytes, one RLE block, last.
ZSTD_ZEROS = bytes.fromhex("28b52ffd" "60" "0001" "031000" "00")


def feature_table(features):
    """A feature name table extension; every name field has 46 bytes."""
    data = b"".join(struct.pack(">BB46s", *feature) for feature in features)
    return pack_extension(q.EXT_FEATURE_NAMES, data)


def unknown_feature(name, bits=1 << 5, cut=None):
    """An unknown incompatible bit 5 that the image names itself."""
    table = feature_table([(INCOMPATIBLE, 5, name)])
    if cut is not None:
        table = pack_extension(q.EXT_FEATURE_NAMES, table[8:8 + cut])
    return build_qcow2(extensions=[table], header={"incompatible_features": bits})


def guest_data(version=3):
    """Two host clusters out of order, far apart in the guest."""
    image = Qcow2Image(version=version)
    image.add_data(0x8000, b"at guest offset 0x8000")
    image.add_data(0, b"at guest offset 0")
    return image.finish()


def compressed_data(compression_type, stream):
    """One compressed guest cluster of zeros."""
    image = Qcow2Image()
    image.add_compressed(0, stream)
    bits = q.INCOMPAT_COMPRESSION if compression_type else 0
    return image.finish({"compression_type": compression_type, "incompatible_features": bits})


def zero_clusters():
    """A zero cluster that keeps a host cluster, and one that has none."""
    image = Qcow2Image()
    image.map_cluster(0, image.allocate(b"behind the zero flag") | q.ZERO)
    image.map_cluster(512, q.ZERO)
    return image.finish()


def overwritten(position, data, **geometry):
    """A plain image with some bytes of its header cluster replaced."""
    whole = bytearray(build_qcow2(**geometry))
    whole[position:position + len(data)] = data
    return bytes(whole)


PLAIN = [
    Entry("v3-plain.qcow2", "version 3, no features, 1 MiB, nothing allocated", build_qcow2),
    Entry("v2-plain.qcow2", "version 2, 1 MiB, nothing allocated",
          partial(build_qcow2, version=2)),
    Entry("v3-data.qcow2", "two allocated guest clusters", guest_data),
    Entry("v2-data.qcow2", "version 2 with two allocated guest clusters",
          partial(guest_data, 2)),
    Entry("v3-zero-clusters.qcow2", "zero flag with and without a host cluster", zero_clusters),
    Entry("v3-size-0.qcow2", "virtual size 0", partial(build_qcow2, size=0)),
    Entry("v3-size-0-no-l1.qcow2", "virtual size 0, L1 table of no entries at offset 0",
          partial(build_qcow2, size=0, l1_size=0)),
    Entry("v3-size-1.qcow2", "virtual size of 1 byte (QEMU rounds down to 0)",
          partial(build_qcow2, size=1)),
    Entry("v3-size-odd.qcow2", "virtual size 1 MiB + 1 byte (QEMU rounds down to 512)",
          partial(build_qcow2, size=(1 << 20) + 1)),
    Entry("v3-l1-longer.qcow2", "L1 table with more entries than the size needs",
          partial(build_qcow2, l1_size=64)),
]

FEATURES = [
    Entry("v3-dirty.qcow2", "dirty bit with lazy refcounts",
          with_header(incompatible_features=q.INCOMPAT_DIRTY,
                      compatible_features=q.COMPAT_LAZY_REFCOUNTS)),
    Entry("v3-corrupt.qcow2", "corrupt bit",
          with_header(incompatible_features=q.INCOMPAT_CORRUPT)),
    Entry("v3-dirty-corrupt.qcow2", "dirty and corrupt bits together",
          with_header(incompatible_features=q.INCOMPAT_DIRTY | q.INCOMPAT_CORRUPT)),
    Entry("v3-lazy-refcounts.qcow2", "lazy refcounts, closed cleanly",
          with_header(compatible_features=q.COMPAT_LAZY_REFCOUNTS)),
    Entry("v3-zstd.qcow2", "compression type zstd, nothing compressed yet",
          with_header(compression_type=q.COMPRESSION_ZSTD,
                      incompatible_features=q.INCOMPAT_COMPRESSION)),
    Entry("v3-zstd-data.qcow2", "compression type zstd, one compressed cluster",
          partial(compressed_data, q.COMPRESSION_ZSTD, ZSTD_ZEROS)),
    Entry("v3-zlib-data.qcow2", "compression type zlib, one compressed cluster",
          partial(compressed_data, q.COMPRESSION_ZLIB, DEFLATED_ZEROS)),
    Entry("v3-extended-l2.qcow2", "extended L2 entries, with the 16 KiB clusters they demand",
          partial(build_qcow2, cluster_bits=14, extended_l2=True)),
    Entry("v3-autoclear-bitmaps-alone.qcow2", "autoclear bit 0 without a bitmaps extension",
          with_header(autoclear_features=q.AUTOCLEAR_BITMAPS)),
    Entry("v2-feature-bytes.qcow2", "version 2 with a byte where version 3 has the dirty bit",
          partial(overwritten, q.V2_HEADER_LENGTH + 7, b"\1", version=2)),
    Entry("unknown-compatible.qcow2", "compatible bits 1 and 63 are unknown",
          with_header(compatible_features=1 << 63 | 1 << 1)),
    Entry("unknown-autoclear.qcow2", "autoclear bits 2 and 63 are unknown",
          with_header(autoclear_features=1 << 63 | 1 << 2)),
    Entry("unknown-incompatible.qcow2", "incompatible bit 5 is unknown and unnamed",
          with_header(incompatible_features=1 << 5), "refuses"),
    Entry("unknown-incompatible-63.qcow2", "incompatible bit 63 is unknown and unnamed",
          with_header(incompatible_features=1 << 63), "refuses"),
    Entry("unknown-incompatible-all.qcow2", "all 64 incompatible bits are set",
          with_header(incompatible_features=(1 << 64) - 1), "refuses"),
    Entry("unknown-incompatible-named.qcow2", "the image's own feature table names bit 5",
          partial(unknown_feature, b"guest snapshots in colour"), "refuses"),
    Entry("unknown-incompatible-long-name.qcow2", "a feature name of 46 bytes without a NUL",
          partial(unknown_feature, b"n" * 46), "refuses"),
    Entry("unknown-incompatible-spoofed.qcow2", "the feature table calls bit 5 the dirty bit",
          partial(unknown_feature, b"dirty bit"), "refuses"),
    Entry("unknown-incompatible-control.qcow2", "a feature name with newline and ESC",
          partial(unknown_feature, b"x\nfile format: raw\x1b[2J"), "refuses"),
]

GEOMETRY = [
    Entry(f"v3-cluster-{1 << bits}.qcow2", f"clusters of {1 << bits} bytes",
          partial(build_qcow2, cluster_bits=bits))
    for bits in (10, 11, 12, 16)
] + [
    Entry("v2-cluster-4096.qcow2", "version 2 with clusters of 4096 bytes",
          partial(build_qcow2, version=2, cluster_bits=12)),
] + [
    Entry(f"v3-refcount-width-{1 << order}.qcow2", f"refcounts of {1 << order} bits",
          partial(build_qcow2, refcount_order=order))
    for order in (0, 1, 2, 3, 5, 6)
]

HEADERS = [
    Entry("v3-header-104.qcow2", "header_length 104: no compression type byte",
          partial(build_qcow2, header_length=104)),
    Entry("v3-header-120.qcow2", "header_length 120, the unknown field is zero",
          partial(build_qcow2, header_length=120)),
    Entry("v3-header-120-set.qcow2", "header_length 120, the unknown field is not zero",
          partial(overwritten, 112, b"\1" * 8, header_length=120)),
    Entry("v3-header-padding.qcow2", "non-zero padding behind the compression type",
          partial(overwritten, 105, b"\1" * 7)),
    Entry("v3-header-whole-cluster.qcow2", "header_length equal to the cluster size",
          partial(build_qcow2, header_length=512)),
    Entry("v3-unknown-extension.qcow2", "unknown extension of 5 bytes plus padding",
          partial(build_qcow2, extensions=[pack_extension(UNKNOWN_TYPE, b"probe")])),
    Entry("v2-unknown-extension.qcow2", "version 2 with an unknown extension",
          partial(build_qcow2, version=2,
                  extensions=[pack_extension(UNKNOWN_TYPE, b"probe")])),
    Entry("v3-empty-extensions.qcow2", "extensions of length 0 fill the header cluster",
          partial(build_qcow2, extensions=[pack_extension(UNKNOWN_TYPE, b"")] * 50)),
    Entry("v3-extensions-256.qcow2", "as many header extensions as an audit lets pass",
          partial(build_qcow2, cluster_bits=12, extensions=[pack_extension(UNKNOWN_TYPE, b"")] * 256)),
    Entry("v3-extensions-257.qcow2", "one more header extension than that",
          partial(build_qcow2, cluster_bits=12, extensions=[pack_extension(UNKNOWN_TYPE, b"")] * 257)),
    # Past the end of the file QEMU reads zeros, which end the extensions.
    Entry("v3-extensions-2000.qcow2", "2000 empty extensions, cut inside a cluster of 2 MiB",
          lambda: build_qcow2(cluster_bits=21, extensions=[
              pack_extension(UNKNOWN_TYPE, b"")] * 2000)[:112 + 8 * 2000]),
    Entry("v3-feature-table.qcow2", "feature name table of 384 bytes as QEMU writes it",
          partial(build_qcow2, cluster_bits=13, extensions=[feature_table(KNOWN_FEATURES)])),
    Entry("v3-feature-table-full.qcow2", "the feature table ends with the cluster, no end mark",
          partial(build_qcow2, extensions=[feature_table(KNOWN_FEATURES)])),
    Entry("v3-feature-table-cut.qcow2", "feature name table of 40 bytes, less than one entry",
          partial(unknown_feature, b"never complete", 0, 40)),
]

ENTRIES = PLAIN + FEATURES + GEOMETRY + HEADERS
