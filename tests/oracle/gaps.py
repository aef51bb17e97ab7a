# SPDX-License-Identifier: LGPL-2.1-or-later
# Checks that virt-probe tells what libvirt 9.0 gets wrong or does not know, one result or more for each gap.
"""The images are those of the recipes, or such that are made here of a few bytes."""

import json
import shutil
import struct
import sys
import tempfile
from pathlib import Path

from fixtures import TESTS
from programs import arguments_parse, run
from tap import Tap

SECTOR = 512
MEGABYTE = 1 << 20

# (gap, image, what must be in the answer): keys of the answer, or of its virt-probe behind a dot; None for absent.
CASES = (
    ("VHDX is known", "vhdx-dynamic.vhdx", {"format": "vhdx", "virtual-size": MEGABYTE}),
    ("a fixed VHD is known by its footer, which is no part of the disk", "vpc-fixed.vhd",
     {"format": "vpc", "virtual-size": 34816, ".file-size": 34816 + SECTOR}),
    ("the current size of a VHD counts, not the original one", "vpc-resized.vhd",
     {"format": "vpc", "details": {"original-size": 512, "current-size": 34816}, "virtual-size": 34816}),
    ("a differencing VHD names its parent", "vpc-differencing.vhd",
     {".parent-identity": "50515253-5455-5657-5859-5a5b5c5d5e5f", "details": {"parent-name": "vpc-dynamic.vhd"}}),
    ("a descriptor of VMware is a disk of the size of its extents", "vmdk-flat.vmdk", {"format": "vmdk", "virtual-size": SECTOR}),
    ("COWD is known", "vmdk-cowd.vmdk", {"format": "vmdk", "rules": ["extent-alone"]}),
    ("SESparse is known", "vmdk-sesparse.vmdk", {"format": "vmdk", "rules": ["extent-alone"]}),
    ("the descriptor of a VMDK is found where the header says", "vmdk-sparse-elsewhere.vmdk",
     {"format": "vmdk", "details": {"create-type": "monolithicSparse"}}),
    ("the old magic of Parallels is known", "parallels-old.hds", {"format": "parallels", "virtual-size": 16384}),
    ("the new magic of Parallels has its size", "parallels-new.hds", {"format": "parallels", "virtual-size": 16384}),
    ("Bochs is recognised", "bochs-2.bochs", {"format": "bochs", "virtual-size": 16384}),
    ("both layouts of Bochs have their size", "bochs-1.bochs", {"format": "bochs", ".version": 0x10000, "virtual-size": 16384}),
    ("cloop is recognised", "cloop-plain.cloop", {"format": "cloop"}),
    ("DMG is recognised by its trailer", "dmg-plain.dmg", {"format": "dmg"}),
    ("LUKS of version 2 is encrypted", "luks2.luks", {"format": "luks", "encrypted": True, ".version": 2}),
    ("a LUKS header that is cut has no size", "luks1-truncated.luks", {"virtual-size": None, "rules": ["truncated"]}),
    ("a payload behind the end of the file has no size", "luks1-payload-past-end.luks",
     {"virtual-size": None, "rules": ["truncated"]}),
    ("a qcow2 header that ends before its length is described in part", "truncated-103.qcow2",
     {"format": "qcow2", ".state": "partial", "rules": ["truncated"]}),
    ("dirty and corrupt bits are told", "v3-dirty-corrupt.qcow2", {"rules": ["dirty", "corrupt"]}),
    ("unknown incompatible features are told", "unknown-incompatible.qcow2", {"rules": ["unknown-incompat-feature"]}),
    ("snapshots are told", "snapshots-several.qcow2", {".snapshot-count": 3}),
    ("bitmaps are told", "bitmaps-several.qcow2", {"rules": ["bitmaps-present"]}),
    ("a size that no file can have is none", "size-64.qcow2", {"virtual-size": None, "rules": ["header-invalid"]}),
    ("a VMDK of 2^62 sectors has no size", "vmdk-capacity-huge.vmdk", {"virtual-size": None, "rules": ["header-invalid"]}),
    ("a GPT is told", "gpt.disk", {"format": "raw", "contents": ["gpt"]}),
    ("an MBR is told", "mbr.disk", {"format": "raw", "contents": ["mbr"]}),
    ("SquashFS is told", "squashfs.disk", {"format": "raw", "contents": ["squashfs"]}),
    ("UDF without ISO 9660 is told", "udf.disk", {"format": "raw", "contents": ["udf"]}),
    ("a version that is not known is not raw", "version-4.qcow2", {"format": "qcow2", "rules": ["unsupported-version"]}),
    ("the data file is a reference of its image", "data-file.qcow2", {"roles": ["data-file"], "rules": ["data-file"]}),
)


def facts(image, keys):
    """What an answer says of the keys of a case, in the form of the case."""
    extra = image["virt-probe"]
    found = {}
    for key, wanted in keys.items():
        if key == "rules":
            rules = {finding["rule"] for finding in extra["findings"]}
            found[key] = [rule for rule in wanted if rule in rules]
        elif key == "details":
            found[key] = {name: extra.get("details", {}).get(name) for name in wanted}
        elif key == "contents":
            found[key] = [content["format"] for content in extra.get("content", [])]
        elif key == "roles":
            found[key] = [reference["role"] for reference in extra.get("references", [])]
        else:
            found[key] = extra.get(key[1:]) if key.startswith(".") else image.get(key)
    return found


def info(program, path, *options):
    return json.loads(run([program, "info", "--output=json", *options, str(path)], cwd=Path(path).parent).stdout)


def sample(name):
    """A sample image of either recipe."""
    return TESTS / ("qcow2data" if name.endswith((".qcow2", ".qcow")) else "imagedata") / name


def overlay(name, backing_format, cluster_bits=16, place=512):
    """A qcow2 image with a header extension for the format of its backing file, whose name stands at place."""
    head = struct.pack(">4sIQIIQIIQQIIQ", b"QFI\xfb", 3, place, len(name), cluster_bits, MEGABYTE, 0, 1,
                       3 << cluster_bits, 1 << cluster_bits, 1, 0, 0)
    head += struct.pack(">QQQII", 0, 0, 0, 4, 104) + struct.pack(">II", 0xE2792ACA, len(backing_format))
    head += backing_format.ljust(-(-len(backing_format) // 8) * 8, b"\0") + bytes(8)
    image = bytearray(4 << cluster_bits)
    image[:len(head)] = head
    image[place:place + len(name)] = name
    image[1 << cluster_bits:(1 << cluster_bits) + 8] = struct.pack(">Q", 2 << cluster_bits)
    return bytes(image)


def check_far_name(tap, program, folder):
    """A name near the end of a first cluster of 64 KiB."""
    path = folder / "far.qcow2"
    path.write_bytes(overlay(b"base.raw", b"raw", place=0xF000))
    image = info(program, path)
    tap.check_equal(facts(image, dict.fromkeys(("backing-filename", "backing-filename-format"))),
                    {"backing-filename": "base.raw", "backing-filename-format": "raw"},
                    "the name of a backing file is read far from the header")


def check_overlay_of_vhdx(tap, program, folder):
    """The format that the overlay records is obeyed."""
    shutil.copy(sample("vhdx-dynamic.vhdx"), folder / "base.vhdx")
    path = folder / "over-vhdx.qcow2"
    path.write_bytes(overlay(b"base.vhdx", b"vhdx"))
    members = info(program, path, "--backing-chain")
    tap.check_equal([member.get("format") for member in members], ["qcow2", "vhdx"], "an overlay of VHDX has a chain")


def check_text(tap, program, folder):
    """Three letters are not enough for QED or qcow."""
    for word in ("QED", "QFI"):
        path = folder / f"{word}.txt"
        path.write_text(f"{word} is a word in this text. " * 40)
        tap.check_equal(info(program, path).get("format"), "raw", f"a text that begins with {word} is raw")


def main():
    arguments = arguments_parse(__doc__.splitlines()[0], needs_qemu_img=False)
    tap = Tap()
    for sentence, name, keys in CASES:
        tap.check_equal(facts(info(arguments.program, sample(name)), keys), keys, f"{sentence}: {name}")
    with tempfile.TemporaryDirectory(prefix="virt-probe-") as folder:
        for check in (check_far_name, check_overlay_of_vhdx, check_text):
            check(tap, arguments.program, Path(folder))
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
