#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks that headers, symbol map and library export the same functions, and that each is documented."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
DECLARED = re.compile(r"^[A-Za-z][\w \*]*?\b(virt_probe_\w+)\(", re.MULTILINE)
DOCUMENTED = re.compile(r"^ \* (virt_probe_\w+):", re.MULTILINE)


def main():
    headers = [*(ROOT / "src/include/virtprobe").glob("*.h"), ROOT / "src/include/virtprobe/version.h.in"]
    text = "\n".join(header.read_text() for header in headers)
    declared = set(DECLARED.findall(text))
    mapped = set(re.findall(r"^\s+(virt_probe_\w+);", (ROOT / "src/libvirtprobe.map").read_text(), re.MULTILINE))
    listed = subprocess.run(["nm", "-D", "--defined-only", sys.argv[1]], check=True, capture_output=True, text=True)
    exported = {line.split()[-1].split("@")[0] for line in listed.stdout.splitlines() if " T " in line}
    documented = set(DOCUMENTED.findall(text))
    problems = [f"{name}: in the headers, not in the map" for name in sorted(declared - mapped)]
    problems += [f"{name}: in the map, not in the headers" for name in sorted(mapped - declared)]
    problems += [f"{name}: in the map, not exported" for name in sorted(mapped - exported)]
    problems += [f"{name}: exported, not in the map" for name in sorted(exported - mapped)]
    undocumented = {name for name in declared if not name.endswith("_get_type")} - documented
    problems += [f"{name}: has no doc comment" for name in sorted(undocumented)]
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
