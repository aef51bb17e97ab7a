#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Shows what starting a process costs: an empty one, the program with --version, and the peer."""
import argparse
import pathlib
import shutil
import sys

sys.dont_write_bytecode = True
from spawn import compare  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--empty", required=True, help="a program that does nothing")
    parser.add_argument("--program", required=True, help="the virt-probe to measure")
    parser.add_argument("--runs", type=int, default=300, help="of each command (default: 300)")
    args = parser.parse_args()
    commands = [[str(pathlib.Path(args.empty).resolve())], [str(pathlib.Path(args.program).resolve()), "--version"]]
    names = ["empty process", "virt-probe --version"]
    if shutil.which("qemu-img"):
        commands.append([shutil.which("qemu-img"), "--version"])
        names.append("qemu-img --version")
    print(f"medians of {args.runs} runs each, in turns; milliseconds from start to end (and of CPU)")
    for name, timing in zip(names, compare(commands, args.runs)):
        print(f"{name:22} {timing.median():6.2f} ({timing.median_cpu():5.2f})")


if __name__ == "__main__":
    main()
