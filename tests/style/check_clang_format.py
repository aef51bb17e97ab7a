#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks that every C file is laid out as .clang-format says."""
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def main():
    listed = subprocess.run(["git", "ls-files", "*.c", "*.h"], cwd=ROOT, check=True, capture_output=True, text=True)
    files = [name for name in listed.stdout.split() if (ROOT / name).exists()]
    return subprocess.run(["clang-format", "--dry-run", "-Werror", *files], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
