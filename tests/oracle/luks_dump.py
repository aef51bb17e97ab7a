#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compares what we say of LUKS headers with `cryptsetup luksDump`."""
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def dump(path):
    """The lines of luksDump as a dictionary."""
    text = subprocess.run(["cryptsetup", "luksDump", path], check=True, capture_output=True, text=True).stdout
    return dict(re.findall(r"^([A-Z][A-Za-z0-9 -]*):\s*(.*)$", text, re.MULTILINE))


def ours(program, path):
    text = subprocess.run([program, "info", "--output=json", path], check=True, capture_output=True).stdout
    return json.loads(text)["format-specific"]["data"]


def pairs(theirs, data):
    """(what, theirs, ours) of each fact that both tell."""
    mode = data["cipher-mode"] + "-" + data["ivgen-alg"]
    mode += ":" + data["ivgen-hash-alg"] if "ivgen-hash-alg" in data else ""
    yield "cipher", theirs["Cipher name"], data["cipher-alg"].rsplit("-", 1)[0]
    yield "mode", theirs["Cipher mode"], mode
    yield "hash", theirs["Hash spec"], data["hash-alg"]
    yield "payload", int(theirs["Payload offset"]) * 512, data["payload-offset"]
    yield "iterations", int(theirs["MK iterations"]), data["master-key-iters"]
    yield "UUID", theirs["UUID"], data["uuid"]
    for number, slot in enumerate(data["slots"]):
        yield f"slot {number}", theirs[f"Key Slot {number}"], "ENABLED" if slot["active"] else "DISABLED"


def main():
    program = sys.argv[1]
    path = str(ROOT / "imagedata/luks1.luks")
    different = [(what, a, b) for what, a, b in pairs(dump(path), ours(program, path)) if a != b]
    for what, theirs, own in different:
        print(f"{what}: cryptsetup says {theirs}, we say {own}")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
