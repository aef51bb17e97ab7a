#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Counts instructions an image, with callgrind: two counts of calls, and the difference divided by theirs."""
import argparse
import re
import subprocess
import sys
import tempfile

PARTS = {"recognise": (1000, 9000), "detect": (1000, 9000), "describe": (100, 600), "describe+json": (100, 600)}


def instructions(program, part, count):
    with tempfile.NamedTemporaryFile() as out:
        result = subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={out.name}", program,
                                 "--only", part, "--count", str(count)], capture_output=True, text=True)
        if result.returncode != 0:
            sys.exit(result.stderr)
        return int(re.search(r"Collected : (\d+)", result.stderr).group(1))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True, help="bench-memory")
    program = parser.parse_args().program
    for part, (few, many) in PARTS.items():
        each = (instructions(program, part, many) - instructions(program, part, few)) / (many - few)
        print(f"{part:14} {each:10.0f} instructions each")


if __name__ == "__main__":
    main()
