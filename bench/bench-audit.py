#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compares whole processes, side by side: `virt-probe audit` in its sandbox and without it, and `qemu-img info`, which is what
services ask today; of one image, and of many, for which qemu-img must be started anew each time."""
import argparse
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
from spawn import compare  # noqa: E402

BUDGET = 0.5  # of qemu-img info, sandbox included
SNAPSHOTS = 60
MANY = 100


def make_images(qemu_img, folder):
    """Makes images that an audit lets pass; gives what they are, where, and how many."""
    def create(name, *options):
        path = str(folder / name)
        subprocess.run([qemu_img, "create", "-q", *options, path, "10G"], check=True)
        return path

    snapshots = create("snapshots.qcow2", "-f", "qcow2")
    for index in range(SNAPSHOTS):
        subprocess.run([qemu_img, "snapshot", "-c", f"day {index}", snapshots], check=True)
    return [("qcow2", [create("plain.qcow2", "-f", "qcow2")]), (f"qcow2, {SNAPSHOTS} snapshots", [snapshots]),
            ("vmdk", [create("disk.vmdk", "-f", "vmdk", "-o", "subformat=streamOptimized")]),
            ("raw", [create("disk.raw", "-f", "raw")]),
            (f"{MANY} of qcow2", [create(f"many-{index}.qcow2", "-f", "qcow2") for index in range(MANY)])]


def peer_of(qemu_img, paths):
    """The command that asks qemu-img about all of them."""
    if len(paths) == 1:
        return [qemu_img, "info", "--output=json", paths[0]]
    return ["/bin/sh", "-c", 'program=$1; shift; for path; do "$program" info --output=json "$path"; done', "sh", qemu_img, *paths]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True, help="the virt-probe to measure")
    parser.add_argument("--runs", type=int, default=100, help="of each command; a tenth with many images (default: 100)")
    args = parser.parse_args()
    program = str(pathlib.Path(args.program).resolve())
    qemu_img = shutil.which("qemu-img") or sys.exit("qemu-img is missing")
    print("medians in turns; milliseconds from start to end, and the ratio to qemu-img")
    print(f"{'image':22} {'audit':>9} {'ratio':>6} {'no sandbox':>11} {'ratio':>6} {'qemu-img':>9}  budget {BUDGET}")
    with tempfile.TemporaryDirectory() as name:
        for what, paths in make_images(qemu_img, pathlib.Path(name)):
            timings = compare([[program, "audit", "--output=json", *paths], [program, "audit", "--no-sandbox", "--output=json", *paths],
                               peer_of(qemu_img, paths)], args.runs if len(paths) == 1 else max(args.runs // 10, 3))
            confined, plain, peer = (timing.median() for timing in timings)
            print(f"{what:22} {confined:9.2f} {confined / peer:6.2f} {plain:11.2f} {plain / peer:6.2f} {peer:9.2f}"
                  f"  {'met' if confined / peer <= BUDGET else 'MISSED'}")


if __name__ == "__main__":
    main()
