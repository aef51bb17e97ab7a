#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compares what we say of VHD and VHDX images with `vhdiinfo` of libvhdi, which also knows what QEMU does not open."""
import json
import pathlib
import re
import subprocess
import sys

IMAGES = pathlib.Path(__file__).resolve().parent.parent / "imagedata"
TYPES = {"Fixed": "fixed", "Dynamic": "dynamic", "Differential": "differencing"}
NAMES = ("vpc-fixed.vhd", "vpc-dynamic.vhd", "vpc-differencing.vhd", "vhdx-dynamic.vhdx", "vhdx-fixed.vhdx",
         "vhdx-differencing.vhdx", "vhdx-4k.vhdx", "vhdx-second-header.vhdx")


def dump(path):
    """The lines of vhdiinfo as a dictionary."""
    text = subprocess.run(["vhdiinfo", path], check=True, capture_output=True, text=True).stdout
    return dict(re.findall(r"^\t([A-Z][A-Za-z ]*?)\t*: (.*)$", text, re.MULTILINE))


def ours(program, path):
    text = subprocess.run([program, "info", "--output=json", path], capture_output=True, check=False).stdout
    return json.loads(text)


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


def main():
    problems = 0
    for name in NAMES:
        path = str(IMAGES / name)
        for what, theirs, own in pairs(dump(path), ours(sys.argv[1], path)):
            if theirs != own:
                print(f"{name}: {what}: vhdiinfo says {theirs}, we say {own}")
                problems = 1
    return problems


if __name__ == "__main__":
    sys.exit(main())
