#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compares our own XML of every entry of the recipe's directory with the JSON of the same description: nothing more,
nothing less, in the same order."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

import compare_volumes
import recipe

SPACE = "{urn:x-virt-probe:metadata:1}"


def same_text(text, shown):
    """Bytes that neither can hold are written in different ways, and are listed by both."""
    return text == shown or "\ufffd" in text or "\\x" in shown or "\r" in text


def compare(value, element, place):
    """Yields the places where an element is not what JSON says."""
    if isinstance(value, dict):
        keys = [child.tag.removeprefix(SPACE) for child in element]
        if keys != list(value):
            yield f"{place}: {keys}, and not {list(value)}"
            return
        for key, child in zip(value, element):
            yield from compare(value[key], child, f"{place}/{key}")
    elif isinstance(value, list):
        if len(value) != len(element):
            yield f"{place}: {len(element)} items, and not {len(value)}"
        for index, (item, child) in enumerate(zip(value, element)):
            yield from compare(item, child, f"{place}/{index}")
    else:
        text = str(value).lower() if isinstance(value, bool) else str(value)
        if not same_text(text, element.text or ""):
            yield f"{place}: {element.text!r}, and not {text!r}"


def without_lists_of_bytes(value):
    """JSON and XML can hold different bytes, so these lists differ."""
    if isinstance(value, dict):
        return {key: without_lists_of_bytes(item) for key, item in value.items() if not is_list_of_bytes(key, item)}
    return [without_lists_of_bytes(item) for item in value] if isinstance(value, list) else value


def is_list_of_bytes(key, value):
    return key == "bytes" and isinstance(value, list)


def remove_lists_of_bytes(element):
    for child in list(element):
        if child.tag == SPACE + "bytes" and len(child) > 0:
            element.remove(child)
        else:
            remove_lists_of_bytes(child)


def main():
    printer, program = sys.argv[1:]
    problems = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = recipe.make(pathlib.Path(scratch) / "pool")
        names = [name for name in sorted(os.listdir(folder)) if os.path.isfile(folder / name)]
        documents = compare_volumes.run_program(printer, folder, names, "--full")
        # The names are too many for one command line of everybody.
        for name in names:
            described = subprocess.run([program, "info", "--full", "--output=json", folder / name], capture_output=True,
                                       check=False).stdout
            record = xml.etree.ElementTree.fromstring(documents[name]).find(SPACE + "image")
            remove_lists_of_bytes(record)
            problems += compare(without_lists_of_bytes(json.loads(described)), record, repr(name))
    for problem in problems:
        print(problem.encode("utf-8", "backslashreplace").decode())
    return 1 if problems or len(names) < 400 else 0


if __name__ == "__main__":
    sys.exit(main())
