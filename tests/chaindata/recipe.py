#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Makes the images that the cases of libvirt-chains.json are about.
"""They are made at run time, because some hold the absolute name of the folder they lie in."""

import argparse
import struct
import sys
from pathlib import Path

sys.dont_write_bytecode = True  # no __pycache__ beside the recipe
sys.path.insert(1, str(Path(__file__).resolve().parent.parent / "qcow2data"))

# pylint: disable=wrong-import-position
from qcow2_builder import (EXT_DATA_FILE, INCOMPAT_DATA_FILE, Qcow2Image,  # noqa: E402
                           pack_extension)

CAPACITY = 1024
NBD_CAPACITY = 10 << 20
SYMLINKS = {"sub/link1": "../symlink-base.qcow2", "sub/link2": "../symlink-top.qcow2"}
FOLDERS = ("dir", "sub")


def qcow2(backing="", form=None, *, data_file=None, size=CAPACITY, **geometry):
    """A qcow2 image of the capacity that the cases expect."""
    image = Qcow2Image(size=size, cluster_bits=12, **geometry)
    if backing:
        image.set_backing(backing.encode(), None if form is None else form.encode())
    if data_file is not None:
        image.extensions.append(pack_extension(EXT_DATA_FILE, data_file.encode()))
        image.external_data = True
        image.fields["incompatible_features"] |= INCOMPAT_DATA_FILE
    return image.finish()


def qed(backing):
    """A QED image: the header, then the name of a raw backing file."""
    cluster, header_clusters, table_clusters = 65536, 1, 4
    has_backing, is_raw = 1 << 0, 1 << 2
    header = struct.pack("<4sIIIQQQQQII", b"QED\0", cluster, table_clusters, header_clusters,
                         has_backing | is_raw, 0, 0, cluster, CAPACITY, 64, len(backing))
    return (header + backing.encode()).ljust(5 * cluster, b"\0")


def images(folder):
    """The content of every image; absolute names lead into the folder."""
    return {
        "raw": bytes(CAPACITY),
        "qcow2": qcow2(),
        "qcow2-raw-relative.qcow2": qcow2("raw", "raw"),
        "qcow2-raw.qcow2": qcow2(f"{folder}/raw", "raw"),
        "qcow2-qcow2-raw.qcow2": qcow2(f"{folder}/qcow2-raw.qcow2", "qcow2"),
        "qcow2-auto.qcow2": qcow2("qcow2"),
        "raw-auto.qcow2": qcow2("raw"),
        "qcow2-qcow2-auto.qcow2": qcow2("qcow2-auto.qcow2", "qcow2"),
        "qcow2-raw-auto.qcow2": qcow2("raw-auto.qcow2", "qcow2"),
        "qcow2-auto-auto.qcow2": qcow2("qcow2-auto.qcow2"),
        "missing-base.qcow2": qcow2(f"{folder}/missing", "qcow2"),
        "missing-base-auto.qcow2": qcow2(f"{folder}/missing"),
        "nbd.qcow2": qcow2("nbd://example.org:6000/blah", "raw"),
        "file-protocol.qcow2": qcow2("file:raw", "raw"),
        "nbd-tcp.qcow2": qcow2("nbd+tcp://example.org:6000/blah", "raw", size=NBD_CAPACITY),
        "qed.qed": qed("raw"),
        "qed-absolute.qed": qed(f"{folder}/raw"),
        "symlink-base.qcow2": qcow2("../raw", "raw"),
        "symlink-top.qcow2": qcow2("../sub/link1", "qcow2"),
        "loop-self.qcow2": qcow2("loop-self.qcow2", "qcow2"),
        "loop-1.qcow2": qcow2("loop-2.qcow2", "qcow2"),
        "loop-2.qcow2": qcow2("loop-1.qcow2", "qcow2"),
        "datafile.qcow2": qcow2(data_file="raw"),
        "on-datafile.qcow2": qcow2("datafile.qcow2", "qcow2"),
        "on-datafile-auto.qcow2": qcow2("datafile.qcow2"),
        "datafile-empty.qcow2": qcow2(data_file=""),
        "wrap-of-auto.qcow2": qcow2(f"{folder}/on-raw-auto.qcow2"),
        "on-raw-auto.qcow2": qcow2(f"{folder}/raw"),
        "nbd-colon.qcow2": qcow2("nbd:example.org:6000:exportname=blah", "raw"),
        "nbd-no-export.qcow2": qcow2("nbd://example.org", "raw"),
        "rbd.qcow2": qcow2("rbd:testshare", "raw"),
        "rbd-host.qcow2": qcow2("rbd:testshare:id=asdf:mon_host=example.com", "raw"),
    }


def make(folder):
    """Write everything into an existing folder."""
    for name in FOLDERS:
        (folder / name).mkdir()
    for name, content in images(folder).items():
        (folder / name).write_bytes(content)
    for name, target in SYMLINKS.items():
        (folder / name).symlink_to(target)


def main():
    """Write the images where people can look at them."""
    parser = argparse.ArgumentParser(description="Make the images of libvirt's chain tests.")
    parser.add_argument("folder", type=Path, help="an empty folder; it is made")
    folder = parser.parse_args().folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    make(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
