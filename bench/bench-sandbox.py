#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compares whole processes with and without --sandbox, in turns: info of one image and of many, and scan."""
import argparse
import importlib
import pathlib
import sys
import tempfile

sys.dont_write_bytecode = True
from spawn import compare  # noqa: E402

make_image = importlib.import_module("bench-scan").make_image
INFO_BUDGET = 0.5  # milliseconds more for one image
SCAN_BUDGET = 0.2  # microseconds more an entry: less than two runs differ by
MANY = 100


def print_pair(what, plain, confined, count, unit, scale, budget):
    """One line: both medians, and what the sandbox costs for each image."""
    more = (confined.median() - plain.median()) * scale / count
    least = (min(confined.wall) - min(plain.wall)) * scale / count
    cpu = (confined.median_cpu() - plain.median_cpu()) * scale / count
    verdict = f"  budget {budget} {unit}: {'met' if more <= budget else 'MISSED'}" if budget else ""
    print(f"{what:26} {plain.median():7.2f} ({plain.median_cpu():6.2f}) {confined.median():7.2f} ({confined.median_cpu():6.2f})"
          f" {confined.median() / plain.median():6.2f} {more:7.3f} {unit} (fastest {least:.3f}, CPU {cpu:.3f}){verdict}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True, help="the virt-probe to measure")
    parser.add_argument("--files", type=int, default=20000, help="in the directory that is scanned (default: 20000)")
    parser.add_argument("--runs", type=int, default=400, help="of info; a twentieth of scan (default: 400)")
    args = parser.parse_args()
    program = str(pathlib.Path(args.program).resolve())
    print("medians in turns; milliseconds from start to end (and of CPU), and what the sandbox costs an image")
    print(f"{'':26} {'without':>16} {'with':>16} {'ratio':>6}")
    with tempfile.TemporaryDirectory() as name:
        for number in range(args.files):
            make_image(pathlib.Path(name), number)
        images = sorted(str(path) for path in pathlib.Path(name).glob("vm-*"))[:MANY]
        for what, words, paths, runs in (("info, JSON", ["--output=json"], images[:1], args.runs), ("info", [], images[:1], args.runs),
                                         (f"info of {MANY} images", [], images, args.runs // 4)):
            plain, confined = compare([[program, "info", *words, *paths], [program, "info", "--sandbox", *words, *paths]], runs)
            print_pair(what, plain, confined, len(paths), "ms", 1, INFO_BUDGET if len(paths) == 1 else None)
        for jobs in ("1", "2"):
            words = [f"--jobs={jobs}", "--output=lines", name]
            plain, confined = compare([[program, "scan", *words], [program, "scan", "--sandbox", *words]], max(args.runs // 20, 3))
            print_pair(f"scan of {args.files}, {jobs} jobs", plain, confined, args.files, "µs", 1000, SCAN_BUDGET)


if __name__ == "__main__":
    main()
