#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks which libraries the program and the libraries need: check_links [no ]sqlite [no ]smartcols FILE..."""
import pathlib
import re
import subprocess
import sys

# Of the C library and the compiler.
SYSTEM = {"libc", "libm", "libgcc_s", "ld-linux-x86-64", "ld-linux-aarch64"}
CORE = SYSTEM | {"libglib-2", "libgobject-2", "libjansson"}
ALLOWED = {
    "virt-probe": CORE,
    "libvirtprobe": CORE,
    "virt-probe-pools": CORE | {"libvirtprobe", "libvirtprobe-pool", "libxml2"},
    "libvirtprobe-pool": CORE | {"libvirtprobe", "libxml2"},
}


def main():
    has_sqlite, has_smartcols = sys.argv[1] == "sqlite", sys.argv[2] == "smartcols"
    problems = []
    for path in map(pathlib.Path, sys.argv[3:]):
        name = path.name.split(".")[0]
        listed = subprocess.run(["readelf", "--dynamic", "--wide", path], check=True, capture_output=True, text=True).stdout
        needed = {found.split(".")[0] for found in re.findall(r"\(NEEDED\).*\[([^\]]+)\]", listed)}
        allowed = ALLOWED[name] | ({"libsqlite3"} if has_sqlite and name == "libvirtprobe-pool" else set())
        problems += [f"{name} needs {other}" for other in sorted(needed - allowed)]
        # It is loaded by its name.
        if not has_smartcols and b"libsmartcols.so" in path.read_bytes():
            problems.append(f"{name} loads libsmartcols")
        if name == "libvirtprobe-pool" and has_sqlite != ("libsqlite3" in needed):
            problems.append(f"{name} was built with{'' if has_sqlite else 'out'} SQLite and links otherwise")
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
