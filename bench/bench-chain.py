#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compares `info --backing-chain --output=json` of both programs, side by side, and a chain with its single members."""
import argparse
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
from spawn import compare  # noqa: E402

DEPTH = 20
DEPTHS = (2, 20, 200)


def make_chain(qemu_img, folder, depth):
    """Makes a chain of qcow2 images; gives their paths, the top first."""
    paths = []
    for index in range(depth):
        path = str(folder / f"{index}.qcow2")
        backing = ["-b", paths[0], "-F", "qcow2"] if paths else []
        subprocess.run([qemu_img, "create", "-q", "-f", "qcow2", *backing, path, "1G"], check=True)
        paths.insert(0, path)
    return paths


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True, help="the virt-probe to measure")
    parser.add_argument("--library", required=True, help="bench-chain")
    parser.add_argument("--runs", type=int, default=100, help="of each command (default: 100)")
    args = parser.parse_args()
    qemu_img = shutil.which("qemu-img") or sys.exit("qemu-img is missing")
    with tempfile.TemporaryDirectory() as name:
        paths = make_chain(qemu_img, pathlib.Path(name), max(DEPTHS))
        top = paths[-DEPTH]
        options = ["info", "--backing-chain", "--output=json", top]
        ours, peer = compare([[str(pathlib.Path(args.program).resolve()), *options], [qemu_img, *options]], args.runs)
        print(f"depth {DEPTH}: virt-probe {ours.median():.2f} ms, qemu-img {peer.median():.2f} ms,"
              f" ratio {ours.median() / peer.median():.2f}")
        for depth in DEPTHS:
            subprocess.run([args.library, *paths[-depth:]], check=True)


if __name__ == "__main__":
    main()
