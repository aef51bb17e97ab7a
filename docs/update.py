#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes what the documentation takes from the tables, or checks that it is up to date (--check)."""
import argparse
import json
import pathlib
import re
import subprocess
import sys

WHOLE_FILES = {
    "docs/fields.md": ["fields"],
    "docs/rules.md": ["rules"],
    "docs/schema/info.schema.json": ["schema-image"],
    "docs/schema/chain.schema.json": ["schema-chain"],
    "docs/schema/audit.schema.json": ["schema-audit"],
    "docs/schema/explanation.schema.json": ["schema-explanation"],
    **{f"docs/schema/{kind}.schema.json": ["schema-pools", kind]
       for kind in ("volume", "pool", "refresh", "event", "dependent", "orphan")},
    "docs/schema/virt-probe.rng": ["rng"],
    "tests/fuzz/formats.dict": ["dictionary"],
}
DIFFERENCES = re.compile(r"(<!-- differences -->\n).*?(<!-- /differences -->)", re.DOTALL)
FUNCTIONS = re.compile(r"(<!-- functions -->\n).*?(<!-- /functions -->)", re.DOTALL)
TARGET_PARTS = re.compile(r"(<!-- (target-keys|targets) -->\n).*?(<!-- /\2 -->)", re.DOTALL)
LAYOUT = re.compile(r"(<!-- layout(?: ([a-z0-9-]+))? -->\n).*?(<!-- /layout -->)", re.DOTALL)


def generate(program, arguments):
    return subprocess.run([program, *arguments], check=True, capture_output=True, text=True).stdout


def difference_table(root):
    """Why XML differs from libvirt's, and how often: from the table that the test uses."""
    table = json.loads((root / "tests/xml/differences.json").read_text())
    lines = ["| difference | reason | files |", "| --- | --- | --- |"]
    for name, reason in table["reasons"].items():
        count = sum(name in entry["why"] for entry in table["volumes"].values())
        lines.append(f"| {name} | {reason} | {count} |")
    return "\n".join(lines) + "\n"


def target_page(program, root):
    """The page of targets: keys of rules, and the target files that are installed."""
    files = [str(path) for path in sorted((root / "data/targets").glob("*.target"))]

    def part(match):
        arguments = files if match.group(2) == "targets" else []
        return match.group(1) + generate(program, [match.group(2), *arguments]) + match.group(3)

    return TARGET_PARTS.sub(part, (root / "docs/targets.md").read_text())


def format_pages(program, root):
    """The pages of formats. A page has the layout of the format that it is called after, or of those that its marks name."""
    missing = set(generate(program, ["formats"]).split())
    for page in sorted((root / "docs/formats").glob("*.md")):
        def layout(match, page=page):
            name = match.group(2) or page.stem
            missing.discard(name)
            return match.group(1) + generate(program, ["layout", name]) + match.group(3)

        yield page, LAYOUT.sub(layout, page.read_text())
    for name in sorted(missing):
        yield root / "docs/formats" / f"{name}.md", None


def wanted_files(program, root):
    """Yields each generated file with the text that it should have."""
    page = root / "docs/xml.md"
    page_of_design = root / "docs/architecture.md"
    yield page_of_design, FUNCTIONS.sub(lambda match: match.group(1) + generate(program, ["functions"]) + match.group(2),
                                        page_of_design.read_text())
    yield page, DIFFERENCES.sub(lambda match: match.group(1) + difference_table(root) + match.group(2), page.read_text())
    for name, arguments in WHOLE_FILES.items():
        yield root / name, generate(program, arguments)
    yield root / "docs/targets.md", target_page(program, root)
    yield from format_pages(program, root)


def check_sources(root):
    """Names pages of formats that do not say where their facts come from."""
    missing = [page.name for page in (root / "docs/formats").glob("*.md") if "Source" not in page.read_text()]
    return [f"docs/formats/{name}: no section on sources" for name in missing]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True, help="the built docs/generate")
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).parent.parent)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    problems = check_sources(options.root)
    for path, text in wanted_files(options.program, options.root):
        if text is None:
            problems.append(f"{path.relative_to(options.root)}: missing, or without layout marks")
        elif not options.check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        elif not path.exists() or path.read_text() != text:
            problems.append(f"{path.relative_to(options.root)}: out of date, run ninja update-docs")
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
