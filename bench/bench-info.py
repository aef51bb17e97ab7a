#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compares whole processes, side by side: `virt-probe info --output=json` and `qemu-img info --output=json`; and both
with --backing-chain."""
import argparse
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
from spawn import compare  # noqa: E402

BUDGET = 0.35
SNAPSHOTS = 60
DEPTH = 20


def make_images(qemu_img, folder):
    """Makes the images; gives what they are, where, and the options that both programs get."""
    def create(name, *args):
        path = str(folder / name)
        subprocess.run([qemu_img, "create", "-q", *args[:-1], path, args[-1]], check=True)
        return path

    plain = create("plain.qcow2", "-f", "qcow2", "10G")
    snapshots = create("snapshots.qcow2", "-f", "qcow2", "10G")
    for index in range(SNAPSHOTS):
        subprocess.run([qemu_img, "snapshot", "-c", f"day {index}", snapshots], check=True)
    overlay = create("overlay.qcow2", "-f", "qcow2", "-b", plain, "-F", "qcow2", "10G")
    raw = create("disk.raw", "-f", "raw", "1G")
    top = plain
    for index in range(1, DEPTH):
        top = create(f"chain-{index}.qcow2", "-f", "qcow2", "-b", top, "-F", "qcow2", "10G")
    return [("qcow2", plain, []), (f"qcow2, {SNAPSHOTS} snapshots", snapshots, []), ("qcow2, backing", overlay, []),
            ("raw", raw, []), (f"chain of {DEPTH} images", top, ["--backing-chain"])]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True, help="the virt-probe to measure")
    parser.add_argument("--runs", type=int, default=200, help="of each command (default: 200)")
    args = parser.parse_args()
    qemu_img = shutil.which("qemu-img") or sys.exit("qemu-img is missing")
    print(f"medians of {args.runs} runs each, in turns; milliseconds from start to end (and of CPU)")
    print(f"{'image':22} {'virt-probe':>14} {'qemu-img':>14} {'ratio':>6} {'qemu-img -U':>14} {'ratio':>6}  budget {BUDGET}")
    with tempfile.TemporaryDirectory() as name:
        for what, path, options in make_images(qemu_img, pathlib.Path(name)):
            ours, peer, shared = compare([[str(pathlib.Path(args.program).resolve()), "info", "--output=json", *options, path],
                                          [qemu_img, "info", "--output=json", *options, path],
                                          [qemu_img, "info", "-U", "--output=json", *options, path]], args.runs)
            ratios = [ours.median() / other.median() for other in (peer, shared)]
            print(f"{what:22} {ours.median():6.2f} ({ours.median_cpu():5.2f})"
                  f" {peer.median():6.2f} ({peer.median_cpu():5.2f}) {ratios[0]:6.2f}"
                  f" {shared.median():6.2f} ({shared.median_cpu():5.2f}) {ratios[1]:6.2f}"
                  f"  {'met' if max(ratios) <= BUDGET else 'MISSED'}")


if __name__ == "__main__":
    main()
