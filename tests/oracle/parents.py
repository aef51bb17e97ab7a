# SPDX-License-Identifier: LGPL-2.1-or-later
# Checks chains over parents that are known by an identity: the right one, another one, and names of another system or none.
"""Each pair of sample images is copied into a folder of its own, some with another identity."""

import json
import shutil
import struct
import sys
import tempfile
import uuid
from pathlib import Path

from fixtures import TESTS
from programs import arguments_parse, run
from tap import Tap

IMAGES = TESTS / "imagedata"
VHD_HEADER = 512  # of a dynamic disk, after the copy of the footer
VHD_CHECKSUM = VHD_HEADER + 36
VHD_PARENT = VHD_HEADER + 40
VHD_IDENTITY = 68  # in the footer
VDI_IDENTITY = 392
VDI_PARENT = 424
BY_NAME = "parent-by-name"
UNNAMED = "parent-unnamed"
MISMATCH = "parent-mismatch"
MISSING = "chain-missing"
REFUSED = "chain-refused"


def unchanged(child, _parent):
    return child


def vhd_of(child, parent):
    """The child with the identity of that parent."""
    child = bytearray(child)
    child[VHD_PARENT:VHD_PARENT + 16] = parent[VHD_IDENTITY:VHD_IDENTITY + 16]
    child[VHD_CHECKSUM:VHD_CHECKSUM + 4] = bytes(4)
    struct.pack_into(">I", child, VHD_CHECKSUM, ~sum(child[VHD_HEADER:VHD_HEADER + 1024]) & 0xFFFFFFFF)
    return bytes(child)


def vhdx_of_another(child, _parent):
    """The child with the identity of no parent at all, in the text of its locator."""
    text = "{11223344-".encode("utf-16-le")
    assert child.count(text) == 1
    return child.replace(text, "{51525354-".encode("utf-16-le"))


def vdi_of(child, parent):
    """The child with an identity of its own and that of the parent, which it has no name for."""
    child = child[:VDI_IDENTITY] + bytes(range(1, 17)) + child[VDI_IDENTITY + 16:]
    return child[:VDI_PARENT] + parent[VDI_IDENTITY:VDI_IDENTITY + 16] + child[VDI_PARENT + 16:]


def vhdx_by_the_other(child, parent):
    """The child that knows its parent by the second key of its locator alone."""
    first = "11223344-5566-7788-99AA-BBCCDDEEFF00".encode("utf-16-le")
    second = "00000000-0000-0000-0000-000000000060".encode("utf-16-le")
    assert child.count(first) == child.count(second) == 1
    return child.replace(first, b"x" * len(first)).replace(second, first).replace(b"x" * len(first), second)


# (image, its parent, what is done to the image, rules of the parent that are about its place in the chain)
CASES = (
    ("vpc-differencing.vhd", "vpc-dynamic.vhd", vhd_of, [BY_NAME]),
    ("vpc-differencing.vhd", "vpc-dynamic.vhd", unchanged, [BY_NAME, MISMATCH]),
    ("vpc-parent-locators.vhd", "vpc-dynamic.vhd", vhd_of, [BY_NAME]),
    ("vhdx-differencing.vhdx", "vhdx-dynamic.vhdx", unchanged, [BY_NAME]),
    ("vhdx-differencing.vhdx", "vhdx-dynamic.vhdx", vhdx_of_another, [BY_NAME, MISMATCH]),
    ("vhdx-differencing.vhdx", "vhdx-dynamic.vhdx", vhdx_by_the_other, [BY_NAME]),
    ("vdi-differencing.vdi", "vdi-dynamic.vdi", vdi_of, [BY_NAME]),
    ("vmdk-flat-parent.vmdk", "vmdk-flat.vmdk", unchanged, []),
    ("vmdk-sparse-parent.vmdk", "vmdk-sparse.vmdk", unchanged, [MISMATCH]),
)

# (image, its parent as it is listed, what it needs beside it)
MISSING_PARENTS = (
    ("vpc-differencing.vhd", "vpc-dynamic.vhd", ()),
    ("vhdx-differencing.vhdx", "vhdx-dynamic.vhdx", ()),
    ("vmdk-sparse-parent.vmdk", "vmdk-sparse.vmdk", ()),
    ("vmdk-flat-parent-unknown.vmdk", "00000001", ("raw-zeros.raw",)),
    ("vdi-differencing.vdi", "53525150-5554-5756-5859-5a5b5c5d5e5f", ()),
)


def chain_of(program, path, *options):
    """The members of the chain, without files that hold data of one."""
    result = run([program, "info", "--backing-chain", "--probe-backing=safe", "--output=json", *options, path.name], cwd=path.parent)
    return json.loads(result.stdout)


def uuid_of(image):
    """What a VDI is known by, as text."""
    return str(uuid.UUID(bytes_le=image[VDI_IDENTITY:VDI_IDENTITY + 16]))


def check_missing(tap, program):
    """Whatever says what an image stands on: when that is not there, it is a line of its own, and the status is 1."""
    for name, parent, sides in MISSING_PARENTS:
        with tempfile.TemporaryDirectory(prefix="virt-probe-") as folder:
            for one in (name, *sides):
                shutil.copy(IMAGES / one, folder)
            result = run([program, "chain", name], cwd=folder)
            lines = result.stdout.decode().splitlines()
            tap.check(result.status == 1 and lines[-1].startswith(f"└─{parent} ")
                      and lines[-1].endswith("unreadable: chain-missing"), f"chain {name}: its parent is missing", lines)
            tap.check(f"virt-probe: {parent}: ".encode() in result.stderr, f"chain {name}: and that is said", [result.message])


def rules_of(member):
    return [finding["rule"] for finding in member["virt-probe"]["findings"]]


def check_case(tap, program, case):
    """One pair of images."""
    name, parent, change, wanted = case
    with tempfile.TemporaryDirectory(prefix="virt-probe-") as folder:
        child = Path(folder, name)
        below = Path(folder, parent)
        shutil.copy(IMAGES / parent, below)
        child.write_bytes(change((IMAGES / name).read_bytes(), below.read_bytes()))
        members = chain_of(program, child)
        title = f"{name} ({change.__name__}) on {parent}"
        tap.check_equal([Path(member["filename"]).name for member in members], [name, parent], f"{title}: the chain")
        found = [rule for rule in rules_of(members[-1]) if rule in (BY_NAME, MISMATCH)]
        tap.check_equal(found, wanted, f"{title}: what is said of the parent")


def check_unnamed(tap, program):
    """A VDI whose parent is in another directory, or beside it under a name that is not of a VDI."""
    with tempfile.TemporaryDirectory(prefix="virt-probe-") as folder:
        below = (IMAGES / "vdi-dynamic.vdi").read_bytes()
        child = Path(folder, "vm", "child.vdi")
        child.parent.mkdir()
        child.write_bytes(vdi_of((IMAGES / "vdi-differencing.vdi").read_bytes(), below))
        Path(folder, "base.vdi").write_bytes(below)
        Path(folder, "vm", "base.img").write_bytes(below)
        members = chain_of(program, child)
        tap.check_equal(len(members), 2, "a VDI stands on none but one beside it")
        tap.check(UNNAMED in rules_of(members[0]), "and says that none was found", rules_of(members[0]))
        tap.check_equal((members[1]["filename"], members[1]["virt-probe"]["state"], rules_of(members[1])),
                        (uuid_of(below), "unreadable", [MISSING]), "which is a member that is missing, by its UUID")
        members = chain_of(program, child, "--follow=none")
        tap.check_equal((len(members), rules_of(members[1])), (2, [REFUSED]), "where nothing is followed, none is looked for")
        Path(folder, "vm", "base.VDI").symlink_to("base.img")
        tap.check_equal(len(chain_of(program, child)), 2, "a link beside it counts as what it leads to")
        result = run([program, "info", "--output=json", child.name], cwd=child.parent)
        tap.check_equal(json.loads(result.stdout)["virt-probe"].get("references", []), [], "without its chain nothing is searched")


def main():
    arguments = arguments_parse(__doc__.splitlines()[0], needs_qemu_img=False)
    tap = Tap()
    for case in CASES:
        check_case(tap, arguments.program, case)
    check_unnamed(tap, arguments.program)
    check_missing(tap, arguments.program)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
