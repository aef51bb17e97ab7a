# SPDX-License-Identifier: LGPL-2.1-or-later
# Tests the verb scan as a user sees it: tables, JSON, lines, columns, damaged and strange files, statuses.
"""A scan lists everything: what cannot be described has a row that says why."""

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

from cli_setting import HOSTILE_NAME, SOUND, Setting, control_problems, message_problems, status_problems
from fixtures import TESTS
from programs import arguments_parse, parse_json_or_none
from schemas import schema_problems
from tap import Tap

DEFAULT_TITLES = ["NAME", "FORMAT", "CAPACITY", "ALLOCATION", "BACKING", "STATE"]
# What stands in the folder of a Setting, and the state and code that a scan gives of it.
STRANGE = {
    "sound.qcow2": ("ok", None),
    "folder": ("ok", None),
    "empty": ("ok", None),
    "loop": ("unreadable", "symlink-loop"),
    "dangling": ("unreadable", "not-found"),
    "fifo": ("unreadable", "refused"),
    "socket": ("unreadable", "refused"),
}
# Findings that say what a description had to leave out. A scan makes none so long.
OF_THE_DESCRIPTION = ("number-too-large", "too-many-entries")
WRONG = {
    "no directory": ["scan"],
    "jobs that are no number": ["scan", "--jobs=many", "."],
    "no jobs": ["scan", "--jobs=0", "."],
    "a timeout that is no number": ["scan", "--timeout=soon", "."],
    "a column that there is not": ["scan", "-o", "name,colour", "."],
    "columns for JSON": ["scan", "-o", "name", "--output=json", "."],
    "an output that there is not": ["scan", "--output=xml", "."],
}


def rows_of(result):
    """Title line and rows of a table, split at blanks."""
    lines = result.stdout.decode("utf-8", "replace").splitlines()
    return [line.split() for line in lines]


def volumes_of(result):
    """The volumes of a JSON array by name."""
    found = parse_json_or_none(result.stdout)
    return {volume["name"]: volume for volume in found} if isinstance(found, list) else {}


def check_strange(tap, setting):
    """A folder of sound and strange things."""
    result = setting.call("scan", "--output=json", ".")
    tap.check_none(status_problems(result, 1), "a scan that finds what cannot be read ends with 1")
    volumes = volumes_of(result)
    for name, (state, code) in STRANGE.items():
        volume = volumes.get(name, {})
        tap.check_equal((volume.get("state"), volume.get("error-code")), (state, code), f"{name} is {state}")
    unprivileged = volumes_of(setting.call_unprivileged("scan", "--output=json", "."))
    tap.check_equal(unprivileged.get("locked.qcow2", {}).get("error-code"), "permission-denied",
                    "a file without permission has a row of its own")
    tap.check_equal(unprivileged.get("sound.qcow2", {}).get("state"), "ok", "… and disturbs no other")


def rules_of_image(rules):
    """What is found in the image itself, once each."""
    return list(dict.fromkeys(rule for rule in rules if rule and rule not in OF_THE_DESCRIPTION))


def check_same_as_info(tap, program):
    """Facts that both say are the same for all sample images."""
    folder = TESTS / "qcow2data"
    scanned = volumes_of(program(["scan", "--output=json", str(folder)]))
    names = sorted(name for name in scanned if name.endswith((".qcow2", ".qcow")))
    told = parse_json_or_none(program(["info", "--output=json", *(str(folder / name) for name in names)]).stdout)
    problems = []
    for name, image in zip(names, told or []):
        extra = image["virt-probe"]
        volume = scanned[name]
        wanted = {
            "format": image.get("format"),
            "capacity": image["virt-probe"].get("exact-virtual-size", image.get("virtual-size")),
            "allocation": image.get("actual-size"),
            "physical": extra.get("file-size"),
            "backing": image.get("backing-filename"),
            "backing-format": image.get("backing-filename-format"),
            "snapshots": extra.get("snapshot-count"),
            "state": extra["state"],
            "error-code": extra.get("error", {}).get("code"),
            "error-message": extra.get("error", {}).get("message"),
            "mtime": extra.get("mtime"),
        }
        rules = [finding["rule"] for finding in extra["findings"] if finding["severity"] != "info"]
        if rules_of_image(volume.get("rules", [])) != rules_of_image(rules):
            problems.append(f"{name}: rules are {volume.get('rules')}, info says {rules}")
        problems += [f"{name}: {key} is {volume.get(key)!r}, info says {value!r}"
                     for key, value in wanted.items() if volume.get(key) != value]
    tap.check(len(names) > 100, "there are sample images to compare", [str(len(names))])
    tap.check_none(problems, "a scan says of each sample image what info says")
    tap.check_none(schema_problems("volume", scanned.values()), "volumes are as their schema says")
    tap.check(all(image.get("rules", ["x"]) for image in scanned.values()), "no volume has an empty list of rules")


def check_tables(tap, setting, folder):
    """Columns and their choice."""
    result = setting.call("scan", str(folder))
    rows = rows_of(result)
    tap.check_none(status_problems(result, 0), "a scan of sound images ends with 0")
    tap.check_equal(rows[0], DEFAULT_TITLES, "a table has its default columns")
    tap.check_equal([row[0] for row in rows[1:]], sorted(os.listdir(folder)), "a table is sorted by name")
    chosen = rows_of(setting.call("scan", "-o", "format,NAME", str(folder)))
    tap.check_equal(chosen[0], ["FORMAT", "NAME"], "-o chooses columns and their order")
    added = rows_of(setting.call("scan", "-o", "+mode", str(folder)))
    tap.check_equal(added[0], [*DEFAULT_TITLES, "MODE"], "-o + adds columns")
    in_bytes = rows_of(setting.call("scan", "-b", "-o", "capacity", str(folder)))
    tap.check(all(row[0].isdigit() for row in in_bytes[1:]), "-b shows sizes in bytes", [str(in_bytes)])
    listed = setting.call("scan", "-o", "help")
    tap.check(listed.status == 0 and b"backing-path" in listed.stdout, "-o help lists the columns", [listed.message])
    several = rows_of(setting.call("scan", str(folder), str(folder)))
    tap.check_equal(several[0][0], "PATH", "with several directories a table has paths")


def check_lines(tap, setting, folder):
    """One object a line, each the same as in the array."""
    result = setting.call("scan", "--output=lines", "--jobs=3", str(folder))
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    volumes = volumes_of(setting.call("scan", "--output=json", "--jobs=1", str(folder)))
    tap.check_equal(sorted(lines, key=lambda volume: volume["name"]),
                    sorted(volumes.values(), key=lambda volume: volume["name"]), "lines and an array say the same")
    with open("/dev/full", "wb") as full:
        failed = setting.call("scan", "--output=lines", str(folder), stdout=full)
    tap.check_none(status_problems(failed, 1) + message_problems(failed, "virt-probe: cannot write"),
                   "output that cannot be written is a failure")


def check_recursive(tap, setting, folder):
    """Folders below."""
    (folder / "sub/deep").mkdir(parents=True)
    shutil.copyfile(SOUND, folder / "sub/deep/disk.qcow2")
    (folder / "sub/up").symlink_to("..")
    flat = volumes_of(setting.call("scan", "--output=json", str(folder)))
    deep = volumes_of(setting.call("scan", "-r", "--output=json", str(folder)))
    tap.check_equal(set(deep) - set(flat), {"sub/deep", "sub/deep/disk.qcow2", "sub/up"},
                    "-r also lists what is in the folders, and enters no links")
    shutil.rmtree(folder / "sub")


def check_failures(tap, setting):
    """Wrong command lines and directories that are none."""
    for what, words in WRONG.items():
        result = setting.call(*words)
        problems = status_problems(result, 64) + message_problems(result, "virt-probe: ")
        tap.check_none(problems, f"{what}: a wrong command line")
    for name in ("missing", "sound.qcow2"):
        result = setting.call("scan", name)
        tap.check_none(status_problems(result, 1) + message_problems(result, f"virt-probe: {name}: "),
                       f"a scan of {name} fails with one line")


def check_hostile_names(tap, setting, folder):
    """Names that would drive a terminal."""
    hostile = folder / os.fsdecode(HOSTILE_NAME)
    shutil.copyfile(SOUND, hostile)
    table = setting.call("scan", str(folder))
    tap.check_none(control_problems(table.stdout, "the table") + status_problems(table, 0),
                   "a name cannot drive a terminal or forge a line")
    tap.check(b"x\\x1b]0;title\\x07\\x0aforged" in table.stdout, "its bytes are shown once escaped",
              [repr(table.stdout)])
    lines = setting.call("scan", "--output=lines", str(folder))
    exact = [entry["hex"] for line in lines.stdout.splitlines() for entry in json.loads(line).get("bytes", [])
             if entry["pointer"] == "/name"]
    tap.check_equal(exact, [HOSTILE_NAME.hex()], "JSON has the exact bytes of a name")
    tap.check_none(schema_problems("volume", map(json.loads, lines.stdout.splitlines())), "lines are as the schema says")
    hostile.unlink()


def main():
    """Check everything."""
    arguments = arguments_parse(__doc__, needs_qemu_img=False)
    tap = Tap()
    with tempfile.TemporaryDirectory(prefix="virt-probe-") as scratch:
        setting = Setting(arguments.program, scratch)
        check_strange(tap, setting)
        check_failures(tap, setting)
        check_same_as_info(tap, lambda words: setting.call(*words, timeout=60))
        folder = Path(scratch) / "images"
        folder.mkdir()
        for name in ("a.qcow2", "b.qcow2", "c"):
            shutil.copyfile(SOUND, folder / name)
        check_tables(tap, setting, folder)
        check_lines(tap, setting, folder)
        check_recursive(tap, setting, folder)
        check_hostile_names(tap, setting, folder)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
