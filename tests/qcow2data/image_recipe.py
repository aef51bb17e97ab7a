# SPDX-License-Identifier: LGPL-2.1-or-later
# Command line shared by the test-image recipes: write, check or list a table of images.
"""A recipe is a table of entries; every entry makes the bytes of one image.

The bytes depend on nothing but the recipe (no clock, no randomness), so the
committed images can always be compared with what the recipe makes today.
"""

import argparse
import importlib
import sys
from pathlib import Path
from typing import Callable, NamedTuple

# What "qemu-img info FILE" was seen to do with an image.  The version is
# named because later releases fixed crashes and tightened checks.
QEMU_VERSION = "7.2"
VERDICTS = ("accepts", "refuses", "crashes")


class Entry(NamedTuple):
    """One image: its file name, what it shows, and how its bytes are made."""

    name: str
    shows: str
    make: Callable[[], bytes]
    qemu: str = "accepts"


def collect_entries(themes):
    """Join the tables of the modules recipe_THEME.py, in the given order."""
    modules = [importlib.import_module(f"recipe_{theme}") for theme in themes]
    return [entry for module in modules for entry in module.ENTRIES]


def write_images(entries, folder):
    """Write every image to the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for entry in entries:
        (folder / entry.name).write_bytes(entry.make())
    return 0


def compare_image(entry, path):
    """Tell how the file at path departs from its entry, or None if it does not."""
    if not path.is_file():
        return "missing"
    if path.read_bytes() != entry.make():
        return "differs from the recipe"
    return None


def check_images(entries, folder):
    """Name every image that is missing, extra or different; 1 if there is any."""
    found = {}
    for entry in entries:
        problem = compare_image(entry, folder / entry.name)
        if problem:
            found[entry.name] = problem
    # Only suffixes of this table count as images: the folder may also hold
    # the recipe itself and files of the build system.
    names = {entry.name for entry in entries}
    suffixes = {Path(name).suffix for name in names}
    for path in folder.glob("*"):
        if path.suffix in suffixes and path.name not in names:
            found[path.name] = "not in the recipe"
    for name, problem in sorted(found.items()):
        print(f"{name}: {problem}", file=sys.stderr)
    return 1 if found else 0


def list_images(entries, column):
    """Print name TAB the given column of every entry."""
    for entry in entries:
        print(f"{entry.name}\t{getattr(entry, column)}")
    return 0


def validate_table(entries):
    """Catch mistakes in the table itself: a name used twice, a bad verdict."""
    names = [entry.name for entry in entries]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"names used twice: {', '.join(twice)}")
    for entry in entries:
        if entry.qemu not in VERDICTS:
            raise ValueError(f"{entry.name}: unknown verdict {entry.qemu}")


def parse_arguments(purpose, default_folder):
    """Parse the command line that all recipes share."""
    parser = argparse.ArgumentParser(description=purpose)
    parser.add_argument("--output", metavar="DIR", type=Path, default=default_folder,
                        help="folder of the images (default: the recipe's own)")
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--check", action="store_true",
                        help="compare the images with the recipe, change nothing")
    action.add_argument("--list", action="store_true",
                        help="print name TAB description of every image")
    action.add_argument("--verdicts", action="store_true",
                        help=f"print name TAB what qemu-img {QEMU_VERSION} info does with it")
    return parser.parse_args()


def run_recipe(entries, purpose, default_folder):
    """Do what the command line asks; returns the exit status."""
    validate_table(entries)
    arguments = parse_arguments(purpose, default_folder)
    if arguments.list:
        return list_images(entries, "shows")
    if arguments.verdicts:
        return list_images(entries, "qemu")
    if arguments.check:
        return check_images(entries, arguments.output)
    return write_images(entries, arguments.output)
