#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Names what a format of the registry still lacks: page, healthy fixture, golden, spoiled fields, fuzz seed."""
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def goldens():
    """Yields (path, document) of every golden answer."""
    for path in sorted((ROOT / "tests/golden").glob("*data/*.json")):
        yield path, json.loads(path.read_text())


def formats_of(document):
    names = [document.get("format")]
    names += [content["format"] for content in document["virt-probe"].get("content", [])]
    return [name for name in names if name]


def entries():
    """Yields (path, name) of every entry of the registry; small ones share a file."""
    for path in sorted((ROOT / "src/storage/formats").glob("*.c")):
        for name in re.findall(r'^const VpFormat vp_format_\w+ = \{\s*\.name = "([a-z0-9-]+)"', path.read_text(), re.MULTILINE):
            yield path, name


def untested_rules(in_goldens):
    """Rules of the table that neither a golden answer nor the text of a test has."""
    declared = re.findall(r'^RULE\(\w+, "([a-z-]+)"', (ROOT / "src/storage/rules.def").read_text(), re.MULTILINE)
    tests = "".join(path.read_text() for folder in ("unit", "sweep", "oracle") for path in (ROOT / "tests" / folder).glob("*.[cp]*"))
    return [rule for rule in declared if rule not in in_goldens and f'"{rule}"' not in tests]


def main():
    names, contents = (subprocess.run([sys.argv[1], which], check=True, capture_output=True, text=True).stdout.split()
                       for which in ("formats", "contents"))
    healthy = set()
    damaged = set()
    rules = set()
    for _, document in goldens():
        is_healthy = document["virt-probe"]["state"] == "ok"
        (healthy if is_healthy else damaged).update(formats_of(document))
        rules.update(finding["rule"] for finding in document["virt-probe"]["findings"])
    problems = []
    spoiled = "".join((ROOT / f"tests/unit/unit-{which}.c").read_text() for which in ("images", "content"))
    corpus = ROOT / "tests/fuzz/corpus/fuzz-probe"
    pages = {page.stem: page.read_text() for page in (ROOT / "docs/formats").glob("*.md")}
    for path, name in entries():
        if name not in names:
            problems.append(f"{name} in {path.name}: no line in src/storage/formats.def")
    for name in names:
        if name not in pages and not any(f"<!-- layout {name} -->" in page for page in pages.values()):
            problems.append(f"{name}: no page docs/formats/{name}.md, and no other page has its layout")
        if name not in healthy:
            problems.append(f"{name}: no healthy image with a golden answer")
        if name not in damaged | {"raw"} | set(contents):
            problems.append(f"{name}: no damaged image with a golden answer")
        if f'"{name}"' not in spoiled and name != "raw":
            problems.append(f"{name}: no image in tests/unit/unit-images.c, whose fields are spoiled")
        if not list(corpus.glob(f"{name}*")):
            problems.append(f"{name}: no seed tests/fuzz/corpus/fuzz-probe/{name}*")
    problems += [f"rule {rule}: no test names it" for rule in sorted(untested_rules(rules))]
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
