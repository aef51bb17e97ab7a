#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compares what we say of VHD and VHDX images with `vhdiinfo` of libvhdi, which also knows what QEMU does not open."""
import pathlib
import re
import sys

from libyal import compare

IMAGES = pathlib.Path(__file__).resolve().parent.parent / "imagedata"
TYPES = {"Fixed": "fixed", "Dynamic": "dynamic", "Differential": "differencing"}
NAMES = ("vpc-fixed.vhd", "vpc-dynamic.vhd", "vpc-differencing.vhd", "vhdx-dynamic.vhdx", "vhdx-fixed.vhdx",
         "vhdx-differencing.vhdx", "vhdx-4k.vhdx", "vhdx-second-header.vhdx")


def pairs(theirs, image):
    """(what, theirs, ours) of each fact that both tell."""
    extra = image["virt-probe"]
    details = extra["details"]
    yield "type", TYPES[theirs["Disk type"]], details["disk-type"]
    yield "size", int(re.search(r"(\d+) bytes\)", theirs["Media size"])[1]), image["virtual-size"]
    yield "identity", theirs["Identifier"], extra["identity"]
    if "logical-sector-size" in details:
        yield "sectors", theirs["Bytes per sector"], f"{details['logical-sector-size']} bytes"
    elif "Parent identifier" in theirs:  # of VHDX libvhdi 20210425 says zeros
        yield "parent", theirs["Parent identifier"], extra["parent-identity"]
    if "Parent filename" in theirs:
        values = [locator.get("value") for locator in extra["parent-locator"]]
        yield "parent's name", theirs["Parent filename"], theirs["Parent filename"] if theirs["Parent filename"] in values else values


if __name__ == "__main__":
    sys.exit(compare("vhdiinfo", sys.argv[1], [IMAGES / name for name in NAMES], pairs))
