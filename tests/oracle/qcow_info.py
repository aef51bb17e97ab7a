#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compares what we say of qcow and qcow2 images with `qcowinfo` of libqcow."""
import pathlib
import re
import sys

from libyal import compare

IMAGES = pathlib.Path(__file__).resolve().parent.parent / "qcow2data"
NAMES = ("v1-plain.qcow", "v1-backing.qcow", "v1-aes.qcow", "v2-plain.qcow2", "v2-backing.qcow2", "v2-aes.qcow2",
         "v2-cluster-4096.qcow2", "v3-plain.qcow2", "v3-cluster-4096.qcow2", "v3-refcount-width-8.qcow2", "v3-dirty.qcow2",
         "backing-with-format.qcow2", "backing-utf8.qcow2", "snapshots-several.qcow2", "snapshot-v2.qcow2", "luks.qcow2")
METHODS = {"None": None, "AES-CBC 128-bit": "aes", "Linux Unified Key Setup (LUKS)": "luks"}


def pairs(theirs, image):
    """(what, theirs, ours) of each fact that both tell."""
    extra = image["virt-probe"]
    yield "version", int(theirs["Format version"]), 1 if image["format"] == "qcow" else extra["version"]
    yield "size", int(re.search(r"(\d+) bytes", theirs["Media size"])[1]), image["virtual-size"]
    yield "encryption", METHODS[theirs["Encryption method"]], extra.get("encryption", {}).get("method")
    yield "backing file", theirs.get("Backing filename"), image.get("backing-filename")
    yield "snapshots", int(theirs["Number of snapshots"]), extra.get("snapshot-count", 0)


if __name__ == "__main__":
    sys.exit(compare("qcowinfo", sys.argv[1], [IMAGES / name for name in NAMES], pairs))
