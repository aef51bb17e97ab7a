#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compares the XML of every volume of the recipe's directory with libvirt's, line for line, and with its schema.

Where they differ, differences.json says how and why; VIRT_PROBE_TEST_REGENERATE=1 writes it anew, and what is new there
needs a reason."""
import argparse
import difflib
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import recipe
import volumes

DIFFERENCES = volumes.FOLDER / "differences.json"


def run_program(program, folder, names, *options):
    command = [program, *options, str(folder), *map(os.fsencode, names)]
    printed = subprocess.run(command, capture_output=True, check=True).stdout
    return dict(zip(names, printed.split(b"\0")))


def difference(theirs, ours):
    """What is only in libvirt's answer and what is only in ours."""
    lines = [line for line in difflib.ndiff(theirs, ours) if line[0] in "+-"]
    return {"libvirt": [line[2:].strip() for line in lines if line[0] == "-"],
            "ours": [line[2:].strip() for line in lines if line[0] == "+"]}


def find_differences(folder, documents):
    answers = volumes.read_answers()
    found = {}
    for name in sorted(set(answers) | set(documents)):
        ours = documents.get(name, b"(no such entry)")
        if not ours.startswith(b"error"):
            ours = volumes.normalise(volumes.without_comments(ours), folder, name)
        theirs = answers.get(name, ["(no answer)"])
        if volumes.to_lines(ours) != theirs:
            found[name] = difference(theirs, volumes.to_lines(ours))
    return found


def check_differences(found, table):
    for name in sorted(set(found) | set(table["volumes"])):
        known = table["volumes"].get(name, {})
        expected = {key: known.get(key) for key in ("libvirt", "ours")}
        if found.get(name) != expected:
            yield f"{name!r}: {found.get(name)}, and not {expected}"
        elif not known["why"] or not set(known["why"]) <= set(table["reasons"]):
            yield f"{name!r}: no reason is given for the difference"
    unused = set(table["reasons"]) - {why for entry in table["volumes"].values() for why in entry["why"]}
    yield from (f"the reason {why} is not used" for why in sorted(unused))


def regenerate(found, table):
    known = table["volumes"]
    entries = {}
    for name, lines in sorted(found.items()):
        is_same = name in known and all(known[name][key] == lines[key] for key in lines)
        entries[name] = {"why": known[name]["why"] if is_same else [], **lines}
    DIFFERENCES.write_text(json.dumps({"reasons": table["reasons"], "volumes": entries}, indent=1) + "\n")


def check_schema(schema, documents, scratch):
    """All documents at once; the answers of xmllint about those that are not valid."""
    paths = {}
    for index, (name, document) in enumerate(sorted(documents.items())):
        path = pathlib.Path(scratch) / f"{index}.xml"
        path.write_bytes(document)
        paths[str(path)] = name
    done = subprocess.run(["xmllint", "--noout", "--nonet", "--relaxng", schema, *paths], capture_output=True, check=False)
    complaints = done.stderr.decode("utf-8", "replace").split("\n")
    valid = {line.removesuffix(" validates") for line in complaints if line.endswith(" validates")}
    for path, name in paths.items():
        if path not in valid:
            said = [line.split(path)[-1] for line in complaints if path in line]
            yield f"{name!r}: not valid by {schema}: {said[:2]}"


def check_full(options, folder, documents, scratch):
    """Everything in a document of ours: it is valid, and libvirt's volume in it is the same."""
    full = run_program(options.program, folder, sorted(documents), "--full")
    yield from check_schema(options.full_schema, full, scratch)
    for name, document in full.items():
        start, end = document.index(b"  <volume "), document.index(b"  </volume>\n") + len(b"  </volume>\n")
        inner = document[start:end].replace(b"\n  ", b"\n")[2:]
        if inner != documents[name]:
            yield f"{name!r}: the volume in the full document is another: {inner}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True)
    parser.add_argument("--schema", required=True, help="storagevol.rng")
    parser.add_argument("--full-schema", required=True, help="virt-probe.rng")
    options = parser.parse_args()
    table = json.loads(DIFFERENCES.read_text())
    with tempfile.TemporaryDirectory() as scratch:
        folder = recipe.make(pathlib.Path(scratch) / "pool")
        documents = run_program(options.program, folder, sorted(os.listdir(folder)))
        found = find_differences(folder, documents)
        if os.environ.get("VIRT_PROBE_TEST_REGENERATE"):
            regenerate(found, table)
            table = json.loads(DIFFERENCES.read_text())
        problems = list(check_differences(found, table))
        valid = {name: text for name, text in documents.items() if not text.startswith(b"error")}
        problems += check_schema(options.schema, valid, scratch)
        problems += check_full(options, folder, valid, scratch)
    for problem in problems:
        print(problem.encode("utf-8", "backslashreplace").decode())
    print(f"{len(documents)} volumes, {len(found)} differ from libvirt's as the table says, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
