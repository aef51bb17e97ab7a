# SPDX-License-Identifier: LGPL-2.1-or-later
# Recipe entries: qcow2 backing files and external data files.
"""None of these files is ever opened to describe the image; some do not exist."""

import json
from functools import partial

import qcow2_builder as q
from image_recipe import Entry
from qcow2_builder import Qcow2Image, build_qcow2, pack_extension

# The cluster that holds a 1023-byte name (the longest that QEMU's
# block/qcow2.c takes) has to be larger than 1023 bytes and the header.
LONG_NAME = b"n" * 1019 + b".raw"
JSON_NAME = json.dumps({"driver": "qcow2", "file": {"driver": "file",
                                                    "filename": "v3-plain.qcow2"}})
DATA_FILE = b"external-data.raw"
DATA_BYTES = 4096


def on(name, backing_format=b"raw", **options):
    """An image on a backing file of that name and format."""
    return partial(build_qcow2, backing=name, backing_format=backing_format, **options)


def loose_name(offset, length):
    """An image with a backing file offset and length but no name of its own."""
    return partial(build_qcow2,
                   header={"backing_file_offset": offset, "backing_file_size": length})


def with_data_file(name=DATA_FILE, *, incompatible=q.INCOMPAT_DATA_FILE, autoclear=0,
                   clusters=(), backing=b""):
    """An image whose guest data is, or should be, in an external data file."""
    image = Qcow2Image(size=DATA_BYTES)
    if backing:
        image.set_backing(backing, b"raw")
    if name is not None:
        image.extensions.append(pack_extension(q.EXT_DATA_FILE, name))
    image.external_data = True
    for offset in clusters:
        image.map_cluster(offset, offset)
    return image.finish({"incompatible_features": incompatible,
                         "autoclear_features": autoclear})


BACKING = [
    Entry("backing-with-format.qcow2", "backing file v3-plain.qcow2, format qcow2",
          on(b"v3-plain.qcow2", b"qcow2")),
    Entry("backing-without-format.qcow2", "backing file without the format extension",
          on(b"v3-plain.qcow2", None)),
    Entry("v2-backing.qcow2", "version 2 with a backing file, no format",
          on(b"v2-plain.qcow2", None, version=2)),
    Entry("v2-backing-with-format.qcow2", "version 2 with a backing file and its format",
          on(b"v2-plain.qcow2", b"qcow2", version=2)),
    Entry("backing-raw.qcow2", "backing file of format raw", on(DATA_FILE)),
    Entry("backing-chain.qcow2", "top of a chain of three images",
          on(b"backing-with-format.qcow2", b"qcow2")),
    Entry("backing-self.qcow2", "the image is its own backing file",
          on(b"backing-self.qcow2", b"qcow2")),
    Entry("backing-loop-a.qcow2", "backing file backing-loop-b.qcow2, which points back",
          on(b"backing-loop-b.qcow2", b"qcow2")),
    Entry("backing-loop-b.qcow2", "backing file backing-loop-a.qcow2, which points back",
          on(b"backing-loop-a.qcow2", b"qcow2")),
    Entry("backing-subdir.qcow2", "relative name in a subfolder that does not exist",
          on(b"sub/base.raw")),
    Entry("backing-parent-dir.qcow2", "relative name that climbs out of the folder",
          on(b"../../../base.raw")),
    Entry("backing-absolute.qcow2", "absolute name of a system file", on(b"/etc/passwd")),
    Entry("backing-json.qcow2", "json: name", on(b"json:" + JSON_NAME.encode(), b"qcow2")),
    Entry("backing-protocol.qcow2", "name with the nbd protocol", on(b"nbd://127.0.0.1:1/disk")),
    Entry("backing-file-protocol.qcow2", "name with the file protocol", on(b"file:base.raw")),
    Entry("backing-colon.qcow2", "colon behind a slash, so no protocol", on(b"./a:b.raw")),
    Entry("backing-1023.qcow2", "name of 1023 bytes, the longest allowed",
          on(LONG_NAME, cluster_bits=11)),
    Entry("backing-last.qcow2", "the name ends with the last byte of the cluster",
          on(b"base.raw", name_last=True)),
    Entry("backing-1023-last.qcow2", "name of 1023 bytes that ends with the cluster",
          on(LONG_NAME, cluster_bits=11, name_last=True)),
    Entry("backing-utf8.qcow2", "name with letters outside ASCII",
          on("gr\u00fcn-\u78c1\u76d8.raw".encode())),
]

FORMATS = [
    Entry("backing-format-15.qcow2", "format name of 15 bytes, the longest that QEMU takes",
          on(b"base.raw", b"f" * 15)),
    Entry("backing-format-16.qcow2", "format name of 16 bytes", on(b"base.raw", b"f" * 16),
          "refuses"),
    Entry("backing-format-empty.qcow2", "format extension of length 0", on(b"base.raw", b"")),
    Entry("backing-format-unknown.qcow2", "format name that nobody knows",
          on(b"base.raw", b"nonesuch")),
    Entry("backing-format-alone.qcow2", "format extension without a backing file",
          on(b"", b"raw")),
    Entry("backing-format-twice.qcow2", "two format extensions, raw then qcow2",
          on(b"v3-plain.qcow2", b"raw",
             extensions=[pack_extension(q.EXT_BACKING_FORMAT, b"qcow2")])),
    Entry("backing-format-control.qcow2", "format name with newline and ESC",
          on(b"base.raw", b"raw\nx: y\x1b[2J")),
]

UNSAFE = [
    Entry("backing-newline.qcow2", "name with a newline and a faked output line",
          on(b"./base.raw\nfile format: raw")),
    Entry("backing-escape.qcow2", "name with a terminal escape sequence",
          on(b"base\x1b]0;title\x07.raw")),
    Entry("backing-invalid-utf8.qcow2", "name that is not UTF-8", on(b"/a\xff\xfe/b")),
    Entry("backing-nul.qcow2", "name with a NUL inside", on(b"/safe\0/etc/shadow")),
]

DAMAGED = [
    Entry("backing-length-0.qcow2", "backing file offset set, length 0", loose_name(0x100, 0)),
    Entry("backing-offset-0.qcow2", "backing file length set, offset 0", loose_name(0, 5)),
    Entry("backing-at-cluster-end.qcow2", "offset equal to the cluster size, length 0",
          loose_name(512, 0)),
    Entry("backing-in-header.qcow2", "name inside the header fields", loose_name(8, 8)),
    Entry("backing-offset-past-cluster.qcow2", "offset one byte behind the header cluster",
          loose_name(513, 1), "refuses"),
    Entry("backing-offset-huge.qcow2", "offset 0x7fffffffffffffff",
          loose_name((1 << 63) - 1, 8), "refuses"),
    Entry("backing-past-cluster.qcow2", "name that crosses the end of the header cluster",
          loose_name(505, 8), "refuses"),
    Entry("backing-1024.qcow2", "name of 1024 bytes, one more than allowed",
          on(LONG_NAME + b"x", cluster_bits=11), "refuses"),
    Entry("backing-length-huge.qcow2", "name length 0xffffffff",
          loose_name(0x100, 0xFFFFFFFF), "refuses"),
]

DATA_FILES = [
    Entry("external-data.raw", "the external data file of the images below",
          partial(bytes, DATA_BYTES)),
    Entry("data-file.qcow2", "external data file, two clusters allocated",
          partial(with_data_file, clusters=(0, 1024))),
    Entry("data-file-raw.qcow2", "raw external data file, all clusters allocated",
          partial(with_data_file, autoclear=q.AUTOCLEAR_RAW_DATA_FILE,
                  clusters=range(0, DATA_BYTES, 512))),
    Entry("data-file-absolute.qcow2", "external data file is a system file",
          partial(with_data_file, b"/etc/shadow")),
    Entry("data-file-json.qcow2", "external data file with a json: name",
          partial(with_data_file, b'json:{"driver": "null-co"}')),
    Entry("data-file-protocol.qcow2", "external data file named like an nbd address",
          partial(with_data_file, b"nbd://127.0.0.1:1/disk")),
    Entry("data-file-newline.qcow2", "external data file name with a newline",
          partial(with_data_file, b"data.raw\ncorrupt: false")),
    Entry("data-file-and-backing.qcow2", "external data file and a backing file",
          partial(with_data_file, backing=b"base.raw")),
    Entry("data-file-raw-and-backing.qcow2", "raw external data file and a backing file",
          partial(with_data_file, autoclear=q.AUTOCLEAR_RAW_DATA_FILE, backing=b"base.raw")),
    Entry("data-file-bit-without-name.qcow2", "external data bit without the extension",
          partial(with_data_file, None)),
    Entry("data-file-name-without-bit.qcow2", "data file extension without the bit",
          partial(with_data_file, incompatible=0)),
    Entry("data-file-raw-without-bit.qcow2", "raw data autoclear bit without a data file",
          partial(with_data_file, None, incompatible=0,
                  autoclear=q.AUTOCLEAR_RAW_DATA_FILE)),
    Entry("data-file-name-empty.qcow2", "data file extension of length 0",
          partial(with_data_file, b"")),
]

ENTRIES = BACKING + FORMATS + UNSAFE + DAMAGED + DATA_FILES
