#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks from the #include lines that each layer uses only what is below it, and the form of every file."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
INCLUDE = re.compile(r'^\s*#\s*include\s+[<"]([^>"]+)[>"]', re.MULTILINE)
FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 60

# For each folder of sources: the include prefixes of this project that it may use. The first match counts.
LAYERS = [
    ("src/include/virtprobe/", ["virtprobe/"]),
    ("src/util/", ["util/", "virtprobe/error.h"]),
    ("src/storage/formats/", ["storage/format.h", "storage/luks2/luks2.h", "storage/qcow2/qcow2.h", "storage/vhdx/vhdx.h",
                              "storage/vmdk/vmdk.h", "util/"]),
    ("src/storage/luks2/", ["storage/format.h", "storage/location/json-load.h", "storage/luks2/", "util/"]),
    ("src/storage/qcow2/", ["storage/format.h", "storage/qcow2/", "util/"]),
    ("src/storage/vhdx/", ["storage/format.h", "storage/vhdx/", "util/"]),
    ("src/storage/vmdk/", ["storage/format.h", "storage/vmdk/", "util/"]),
    ("src/storage/export/xml", ["storage/export/xml", "util/", "virtprobe/"]),
    ("src/storage/pool/", ["storage/pool/", "storage/export/xml", "util/", "virtprobe/"]),
    ("src/storage/export/", ["storage/record.h", "storage/fields.h", "storage/location.h", "util/", "virtprobe/"]),
    ("src/storage/pool/", ["storage/pool/", "util/", "virtprobe/"]),
    ("src/storage/", ["storage/", "util/", "virtprobe/"]),
    ("tools/", ["virtprobe/", "command.h", "wrap.h", "config.h"]),
]
OWN = ("virtprobe/", "util/", "storage/")
# Only these may open and read files, print, or log.
CALLS = [
    (re.compile(r"(?<!->)\b(open|openat|pread|fopen|mmap|opendir|getdents64)\s*\("), lambda name: "/source-" in name, "opens or reads a file"),
    (re.compile(r"\b(printf|fprintf|puts|fputs|putchar|fputs_unlocked|putchar_unlocked)\s*\("), lambda name: name.startswith("tools/"), "prints"),
    (re.compile(r"\bg_(print|printerr|message|warning|critical|error|info)\s*\("), lambda name: False, "logs"),
    (re.compile(r"\bgoto\b"), lambda name: False, "uses goto"),
]


def sources(*suffixes):
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, check=True,
                            capture_output=True, text=True).stdout.split("\n")
    return [name for name in listed if name.endswith(suffixes) and (ROOT / name).exists()]


def check_includes(name, text):
    for prefix, allowed in LAYERS:
        if name.startswith(prefix):
            break
    else:
        return
    for included in INCLUDE.findall(text):
        is_own = included.startswith(OWN) or prefix == "tools/" and "/" not in included and (ROOT / prefix / included).exists()
        if is_own and not included.startswith(tuple(allowed)):
            yield f"{name}: includes {included}, which its layer must not use"


def check_calls(name, text):
    if not name.startswith(("src/", "tools/")):
        return
    code = re.sub(r'/\*.*?\*/|"(\\.|[^"\\])*"', "", text, flags=re.DOTALL)
    for pattern, may, what in CALLS:
        if pattern.search(code) and not may(name):
            yield f"{name}: {what}"


def check_form(name, text):
    lines = text.split("\n")
    head = "\n".join(lines[:4])
    if "SPDX-License-Identifier: LGPL-2.1-or-later" not in head:
        yield f"{name}: no SPDX line"
    if len(lines) > FILE_LINES_MAX + 1 and not name.endswith(".def"):
        yield f"{name}: {len(lines)} lines, at most {FILE_LINES_MAX}"
    if name.endswith((".c", ".h", ".def")) and f"/* {name.rsplit('/', 1)[-1].replace('.in', '')}: " not in head:
        yield f"{name}: does not begin with its name and purpose"


def check_functions():
    files = sources(".c")
    listed = subprocess.run(["ctags", "-x", "--c-kinds=f", "--_xformat=%N %F %n %e", *files], cwd=ROOT, check=True,
                            capture_output=True, text=True).stdout
    for line in listed.splitlines():
        function, name, first, last = line.rsplit(" ", 3)
        if last.isdigit() and int(last) - int(first) + 1 > FUNCTION_LINES_MAX:
            yield f"{name}: {function} has {int(last) - int(first) + 1} lines, at most {FUNCTION_LINES_MAX}"


def main():
    problems = list(check_functions())
    for name in sources(".c", ".h", ".def", ".py", ".sh", ".h.in"):
        text = (ROOT / name).read_text()
        for check in (check_includes, check_calls, check_form):
            problems.extend(check(name, text))
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
