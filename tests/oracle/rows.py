# SPDX-License-Identifier: LGPL-2.1-or-later
# Follows every kind of hostile input to its inputs and their outcomes.
"""The golden file of audits is compared by audits.py; here it must keep what each row promises."""

import json
import re
import sys

import rows_changes
import rows_disks
import rows_files
import rows_others
import rows_qcow2
import rows_scripts
import rows_vmdk
from audits import GOLDEN
from fixtures import TESTS, load_images
from hostile import MODULES
from programs import arguments_parse
from rows_case import Named, Setting
from tap import Tap

# How many rows each family has: files, qcow2, VMDK, VHD, VHDX, VDI, the rarer formats, LUKS, partition tables, discs,
# several at once, declared formats, mutations and XML.
FAMILIES = {"F": 14, "Q": 46, "V": 22, "H": 9, "X": 8, "D": 3, "C": 6, "L": 3, "G": 4, "I": 2, "P": 10, "R": 3, "M": 2}
IDS = [f"{family}{number:02}" for family, count in FAMILIES.items() for number in range(1, count + 1)]
TABLES = (rows_qcow2, rows_vmdk, rows_disks, rows_others)
SCRIPTS = rows_files.SCRIPTS + rows_changes.SCRIPTS + rows_scripts.SCRIPTS
NAMED = (Named("M01", "sweep/test-flips.c", "/sweep/flips/"),
         Named("F10", "unit/test-confined.c", "/confined/file-that-changes-meanwhile-is-reported"),
         Named("F03", "unit/test-audit-place.c", "/audit-place/what-has-no-bytes-is-denied"))
RULE = re.compile(r'^RULE\(\w+, "([a-z0-9-]+)", (\w+), (\w+),', re.MULTILINE)
PAGE = TESTS.parent / "docs" / "security.md"


def severities():
    """What the table of rules says, by profile and rule."""
    text = (TESTS.parent / "src/storage/rules.def").read_text()
    found = RULE.findall(text)
    return {"upload": {rule: upload.lower() for rule, upload, _ in found},
            "pool": {rule: pool.lower() for rule, _, pool in found}}


def all_rows():
    """The entries of all tables."""
    return [row for table in TABLES for row in table.ROWS]


def formats():
    """What every input is described as; a fixture without a golden description is missing."""
    found = {case.says: case.format for module in MODULES for case in module.CASES}
    for image in load_images():
        path = TESTS / "golden" / image.folder / f"{image.name}.json"
        found[image.title] = json.loads(path.read_text()).get("format") if path.is_file() else None
    return found


def check_ids(tap):
    """Every id has an entry, and no entry has an id that is none."""
    found = {row.id for row in all_rows()} | {row for row, _ in SCRIPTS} | {row.id for row in NAMED}
    tap.check_equal(len(IDS), 132, "the list has 132 rows")
    tap.check_equal(sorted(set(IDS) - found), [], "every row has an input")
    tap.check_equal(sorted(found - set(IDS)), [], "and every input a row")
    pairs = [(row.id, row.input) for row in all_rows()]
    tap.check_equal(sorted({pair for pair in pairs if pairs.count(pair) > 1}), [], "no variant is there twice")


def row_problems(row, golden, described, severity):
    """How an outcome departs from what its row promises."""
    if row.input not in golden or row.input not in described:
        return ["there is no such input"]
    verdict, *found = golden[row.input]
    problems = [f"verdict {verdict}, wanted {row.verdict}"] if verdict != row.verdict else []
    problems += [f"no rule is called {rule}" for rule in row.rules if rule not in severity]
    problems += [f"no finding {severity[rule]} {rule} in {found}" for rule in row.rules
                 if rule in severity and f"{severity[rule]} {rule}" not in found]
    is_denied = "deny" in {severity.get(rule) for rule in row.rules}
    if is_denied != (row.verdict == "denied"):
        problems.append("the rules of the row do not give its verdict")
    if row.format is not None and described[row.input] != row.format:
        problems.append(f"format {described[row.input]}, wanted {row.format}")
    return problems


def check_rows(tap):
    """The golden outcome of each entry, and that its input was judged for the profile that it says."""
    pools = {case.says for module in MODULES for case in module.CASES if "--profile=pool" in case.audited}
    tap.check_equal({row.input for row in all_rows() if row.profile == "pool"}, pools, "inputs for pools are judged for those")
    golden, described, severity = json.loads(GOLDEN.read_text()), formats(), severities()
    for row in all_rows():
        tap.check_none(row_problems(row, golden, described, severity[row.profile]), f"{row.id}: {row.input}")


def check_named(tap):
    """What other tests have still stands there."""
    for row in NAMED:
        tap.check(row.word in (TESTS / row.path).read_text(), f"{row.id}: {row.path} has {row.word}")


def check_page(tap):
    """The page names every family with its last row."""
    text = PAGE.read_text()
    missing = [f"{family}01 to {family}{count:02}" for family, count in FAMILIES.items()
               if f"| {family}01 to {family}{count:02} |" not in text]
    tap.check_equal(missing, [], "docs/security.md says where each family is")


def main():
    """Check the tables, then run the scripts."""
    arguments = arguments_parse(__doc__.splitlines()[0], lambda parser: parser.add_argument(
        "--pools", action="store_true", help="the program has pools"), needs_qemu_img=False)
    tap = Tap()
    check_ids(tap)
    check_rows(tap)
    check_named(tap)
    check_page(tap)
    setting = Setting(arguments, tap)
    for row, script in SCRIPTS:
        tap.comment(row)
        script(setting)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
