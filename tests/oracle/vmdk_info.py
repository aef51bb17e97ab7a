#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compares what we say of VMDK images with `vmdkinfo` of libvmdk, which opens no extent to tell about it."""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from libyal import differences, ours, text_of

IMAGES = pathlib.Path(__file__).resolve().parent.parent / "imagedata"
CREATE_TYPES = {"Monolithic flat": "monolithicFlat", "Monolithic sparse": "monolithicSparse", "Stream optimized": "streamOptimized",
                "2GB extent sparse": "twoGbMaxExtentSparse", "2GB extent flat": "twoGbMaxExtentFlat",
                "VMFS flat": "vmfs"}
NAMES = ("vmdk-sparse.vmdk", "vmdk-sparse-parent.vmdk", "vmdk-sparse-tables.vmdk", "vmdk-stream.vmdk",
         "vmdk-stream-footer.vmdk", "vmdk-flat.vmdk", "vmdk-flat-parent.vmdk", "vmdk-flat-several.vmdk",
         "vmdk-split.vmdk", "vmdk-vmfs.vmdk")


def dump(path):
    """The lines of vmdkinfo: those of the disk as a dictionary, and one for each extent."""
    parts = text_of("vmdkinfo", path).split("\nExtent: ")
    return [dict(re.findall(r"^\t([A-Z][A-Za-z ]*?):\t+(.*)$", part, re.MULTILINE)) for part in parts]


def bytes_of(text):
    return int(re.search(r"(\d+) bytes", text)[1])


def make(folder):
    """The paths of an image in each subformat that qemu-img writes, of a size that takes two extents where they end at 2 GiB."""
    for subformat in ("monolithicSparse", "monolithicFlat", "twoGbMaxExtentSparse", "twoGbMaxExtentFlat", "streamOptimized"):
        path = f"{folder}/{subformat}.vmdk"
        subprocess.run(["qemu-img", "create", "-q", "-f", "vmdk", "-o", f"subformat={subformat}", path, "3G"], check=True)
        yield path


def pairs(disk, extents, image):
    """(what, theirs, ours) of each fact that both tell."""
    extra = image["virt-probe"]
    yield "type", CREATE_TYPES.get(disk["Disk type"], disk["Disk type"]), extra["details"]["create-type"]
    yield "size", bytes_of(disk["Media size"]), image["virtual-size"]
    yield "CID", disk["Content identifier"], f"0x{extra['identity']}"
    yield "CID of the parent", disk["Parent content identifier"], f"0x{extra.get('parent-identity', 'ffffffff')}"
    yield "parent", disk.get("Parent filename"), image.get("backing-filename")
    named = [extent["Filename"] for extent in extents if "Filename" in extent]
    references = [reference["location"]["text"] for reference in extra.get("references", []) if reference["role"] == "extent"]
    if references:  # a sparse image names itself, which is no reference
        yield "extents", named, references


def main():
    problems = 0
    with tempfile.TemporaryDirectory() as folder:
        for path in [*(str(IMAGES / name) for name in NAMES), *(make(folder) if shutil.which("qemu-img") else [])]:
            disk, *extents = dump(path)
            problems += differences("vmdkinfo", path, pairs(disk, extents, ours(sys.argv[1], path)))
    return int(problems > 0)


if __name__ == "__main__":
    sys.exit(main())
