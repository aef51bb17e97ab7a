# SPDX-License-Identifier: LGPL-2.1-or-later
# Compares the members of VMDK disks in several files with what qemu-img says of their extents.
"""qemu-img opens extents to describe a disk; ours opens them when the chain is followed."""

import shutil
import sys
import tempfile
from pathlib import Path

from fixtures import TESTS
from programs import arguments_parse, parse_json_or_none, run, state_of
from tap import Tap

SUBFORMATS = ("monolithicFlat", "twoGbMaxExtentSparse", "twoGbMaxExtentFlat")
SIZES = (64 << 10, 1 << 20, (2 << 30) + (1 << 20), 5 << 30)
OTHER_FILES = "vmdk-extent-external"  # true of every disk in several files
HARMLESS = ("info", "notice")  # a flat extent is raw and its name ends in .vmdk, for one


def answer_of(program, *words, cwd):
    """What a program prints in JSON, empty when it failed."""
    result = run([program, *words], cwd=cwd)
    return (parse_json_or_none(result.stdout) if result.status == 0 else None) or {}


def disk_lines(arguments, folder, name):
    """All that ours says otherwise of one disk."""
    theirs = answer_of(arguments.qemu_img, "info", "--output=json", name, cwd=folder)
    chain = answer_of(arguments.program, "chain", "--output=json", name, cwd=folder)
    members = chain.get("members", [])
    extents = theirs.get("format-specific", {}).get("data", {}).get("extents", [])
    found = [(one.get("filename"), one.get("virtual-size")) for one in members[1:]]
    wanted = [(one["filename"], one["virtual-size"]) for one in extents]
    lines = [] if found == wanted else [f"extents are {found}, wanted {wanted}"]
    if {(one.get("role"), one.get("state")) for one in members[1:]} != {("extent", "ok")}:
        lines.append(f"members are {members[1:]}")
    # qemu-img adds up the files of all extents, and not the descriptor.
    used = sum(one.get("actual-size", 0) for one in members[1:])
    if theirs.get("actual-size") not in (used, used + members[0].get("actual-size", 0)):
        lines.append(f"the extents take {used} bytes, wanted {theirs.get('actual-size')}")
    return lines + finding_lines(arguments, folder, name)


def finding_lines(arguments, folder, name):
    """No part of a disk that is whole is said to be wrong."""
    array = answer_of(arguments.program, "info", "--backing-chain", "--output=json", name,
                      cwd=folder)
    elements = list(array)
    for element in array:
        sides = state_of(element).get("side-members", [])
        elements += [one.get("info", {}) for one in sides]
    return [str(finding) for element in elements
            for finding in state_of(element).get("findings", [])
            if finding.get("severity") not in HARMLESS and finding.get("rule") != OTHER_FILES]


def check_whole(tap, arguments):
    """Disks as qemu-img makes them."""
    for subformat in SUBFORMATS:
        for size in SIZES:
            with tempfile.TemporaryDirectory(prefix="virt-probe-") as folder:
                made = run([arguments.qemu_img, "create", "-q", "-f", "vmdk", "-o",
                            f"subformat={subformat}", "disk.vmdk", str(size)], cwd=folder)
                lines = ([made.message] if made.status != 0
                         else disk_lines(arguments, folder, "disk.vmdk"))
                tap.check_none(lines, f"{subformat} of {size} bytes")


def check_alone(tap, arguments):
    """A part without its descriptor, and a descriptor without a part."""
    with tempfile.TemporaryDirectory(prefix="virt-probe-") as folder:
        run([arguments.qemu_img, "create", "-q", "-f", "vmdk", "-o",
             "subformat=twoGbMaxExtentSparse", "disk.vmdk", "1M"], cwd=folder)
        alone = run([arguments.program, "info", "disk-s001.vmdk"], cwd=folder)
        tap.check(b"extent-alone" in alone.stdout, "a part that stands alone is said to",
                  [alone.message, str(alone.stdout)])
        (Path(folder) / "disk-s001.vmdk").unlink()
        theirs = run([arguments.qemu_img, "info", "disk.vmdk"], cwd=folder)
        ours = run([arguments.program, "info", "--backing-chain", "disk.vmdk"], cwd=folder)
        tap.check(theirs.status == ours.status == 1, "a part that is missing is an error",
                  [theirs.message, ours.message])


def descriptor_of(kind, create_type, name):
    """A disk of one extent of 64 KiB."""
    return ("# Disk DescriptorFile\nversion=1\nCID=1\nparentCID=ffffffff\n"
            f'createType="{create_type}"\nRW 128 {kind} "{name}"\n')


def check_kinds(tap, arguments):
    """Each kind of part under each kind of line: ours and qemu-img agree on what goes together."""
    kinds = (("SPARSE", "twoGbMaxExtentSparse"), ("VMFSSPARSE", "vmfsSparse"), ("SESPARSE", "seSparse"))
    for kind, create_type in kinds:
        for name in ("vmdk-sparse.vmdk", "vmdk-cowd.vmdk", "vmdk-sesparse.vmdk", "vmdk-flat.vmdk"):
            with tempfile.TemporaryDirectory(prefix="virt-probe-") as folder:
                shutil.copy(TESTS / "imagedata" / name, folder)
                Path(folder, "disk.vmdk").write_text(descriptor_of(kind, create_type, name))
                theirs = run([arguments.qemu_img, "info", "disk.vmdk"], cwd=folder)
                ours = run([arguments.program, "chain", "--output=json", "disk.vmdk"], cwd=folder)
                tap.check(theirs.status == ours.status, f"{name} as a {kind} extent",
                          [theirs.message, ours.message])
                tap.check(ours.status == 0 or b"extent-mismatch" in ours.stdout,
                          f"{name} as a {kind} extent: the rule is named", [str(ours.stdout)])


def main():
    """Run all."""
    arguments = arguments_parse(__doc__.splitlines()[0])
    tap = Tap()
    check_whole(tap, arguments)
    check_alone(tap, arguments)
    check_kinds(tap, arguments)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
