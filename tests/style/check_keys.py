#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Names each key of docs/formats that no sample image has with a value, and each header field."""
import collections
import json
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
KEYS = re.compile(r"^\| (key|key of `\w+`) \| value \|\n\| --- \| --- \|\n((?:\|.*\n)+)", re.MULTILINE)
ROW = re.compile(r"^\| (.*?) \| (.*) \|$", re.MULTILINE)
LAYOUT = re.compile(r"<!-- layout(?: ([a-z0-9-]+))? -->(.*?)<!-- /layout -->", re.DOTALL)
FIELD = re.compile(r"^\| \d+ \| \d+ \| ([a-z0-9-]+) \| .*? \| (.*) \|$", re.MULTILINE)
MARKED = re.compile(r"`([a-z][a-z0-9.-]*[a-z0-9])`")
VALUES = re.compile(r"\([^()]*\)")  # in parentheses stand what a key may be
FOLDERS = ("details", "tables", "encryption")  # rows whose value lists the keys within


def collect(value, seen):
    """Adds the names of all keys that have a value, and all texts: some rows list those."""
    if isinstance(value, dict):
        if isinstance(value.get("name"), str) and value.get("value") is not None:
            seen.add(value["name"])
        for key, item in value.items():
            if item is not None:
                seen.add(key)
                collect(item, seen)
    elif isinstance(value, list):
        for item in value:
            collect(item, seen)
    elif isinstance(value, str):
        seen.add(value)


def answers(program, paths):
    command = [str(pathlib.Path(program).resolve()), "info", "--full", "--output=json", *map(str, paths)]
    return json.loads(subprocess.run(command, capture_output=True, check=False, cwd=ROOT).stdout)


def directory_of_parallels(folder):
    """A directory with a description, taken from the seeds of the fuzzer."""
    seeds = ROOT / "tests/fuzz/corpus/fuzz-descriptor"
    for name in ("plain", "snapshots"):
        path = pathlib.Path(folder, name)
        path.mkdir()
        (path / "DiskDescriptor.xml").write_bytes((seeds / name).read_bytes())
        yield path


def seen_by_format(program):
    """What the sample images have, by the name of the format; what a content has counts for the content alone."""
    seen = collections.defaultdict(set)
    images = [path for path in sorted((ROOT / "tests").glob("*data/*")) if path.is_file() and path.suffix not in (".py", ".json")]
    with tempfile.TemporaryDirectory() as folder:
        for document in answers(program, [*images, *directory_of_parallels(folder)]):
            contents = document.get("virt-probe", {}).get("content", [])
            for content in contents:
                collect(content, seen[content["format"]])
            collect(document, seen[document.get("format")])
    return seen


def wanted(page):
    """Keys that the tables of a page name."""
    for _, rows in KEYS.findall(page):
        for keys, value in ROW.findall(rows):
            names = [name.rpartition(".")[2] for name in MARKED.findall(keys)]
            yield from names
            if set(names) & set(FOLDERS):
                yield from MARKED.findall(VALUES.sub("", value))


def lacking(path, seen, contents):
    """(format, key) of what no sample image has. Of contents only the fields that are shown count: no other is printed."""
    page = path.read_text()
    layouts = [(name or path.stem, fields) for name, fields in LAYOUT.findall(page)]
    of_page = set().union(*(seen[name] for name in [path.stem, *(name for name, _ in layouts)]))
    yield from ((path.stem, name) for name in dict.fromkeys(wanted(page)) if name not in of_page)
    for form, fields in layouts:
        for name, rules in FIELD.findall(fields):
            if name not in seen[form] and (form not in contents or "shown in" in rules):
                yield form, name


def main():
    program, generate = sys.argv[1:]
    seen = seen_by_format(program)
    contents = subprocess.run([generate, "contents"], check=True, capture_output=True, text=True).stdout.split()
    problems = []
    for path in sorted((ROOT / "docs/formats").glob("*.md")):
        problems += [f"{form}: {name}: no sample image has it" for form, name in lacking(path, seen, contents)]
    if len(seen) < 40:
        problems.append(f"only {len(seen)} formats are seen")
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
