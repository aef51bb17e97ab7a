#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks that headers, symbol maps and libraries export the same functions, and that each is documented: check_symbols
LIBRARY [POOL-LIBRARY]."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
HEADERS = ROOT / "src/include/virtprobe"
DECLARED = re.compile(r"^[A-Za-z][\w \*]*?\b(virt_probe_\w+)\(", re.MULTILINE)
DOCUMENTED = re.compile(r"^ \* (virt_probe_\w+):", re.MULTILINE)
# Headers of the pool library.
POOL_HEADERS = {"hooks.h", "pool-sums.h", "pool.h", "relations.h", "scan.h", "volume.h", "watch.h", "xml.h"}


def headers_of(library):
    """The headers that declare what the library exports."""
    pools = {HEADERS / name for name in POOL_HEADERS}
    if library == "libvirtprobe-pool":
        return pools
    return {*HEADERS.glob("*.h"), HEADERS / "version.h.in"} - pools


def check(library, path):
    """Yields what is wrong with one library."""
    text = "\n".join(header.read_text() for header in headers_of(library))
    declared = set(DECLARED.findall(text))
    mapped = set(re.findall(r"^\s+(virt_probe_\w+);", (ROOT / f"src/{library}.map").read_text(), re.MULTILINE))
    listed = subprocess.run(["nm", "-D", "--defined-only", path], check=True, capture_output=True, text=True)
    exported = {line.split()[-1].split("@")[0] for line in listed.stdout.splitlines() if " T " in line}
    documented = set(DOCUMENTED.findall(text))
    yield from (f"{name}: in the headers, not in the map" for name in sorted(declared - mapped))
    yield from (f"{name}: in the map, not in the headers" for name in sorted(mapped - declared))
    yield from (f"{name}: in the map, not exported" for name in sorted(mapped - exported))
    yield from (f"{name}: exported, not in the map" for name in sorted(exported - mapped))
    undocumented = {name for name in declared if not name.endswith("_get_type")} - documented
    yield from (f"{name}: has no doc comment" for name in sorted(undocumented))


def main():
    problems = list(check("libvirtprobe", sys.argv[1]))
    if len(sys.argv) > 2:
        problems += check("libvirtprobe-pool", sys.argv[2])
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
