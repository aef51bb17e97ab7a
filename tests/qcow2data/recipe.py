#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Makes the qcow and qcow2 test images of this folder.
"""The entries are in the recipe_*.py modules, one per theme."""

import sys
from pathlib import Path

sys.dont_write_bytecode = True  # no __pycache__ between the images

from image_recipe import collect_entries, run_recipe  # noqa: E402

ENTRIES = collect_entries(("features", "backing", "tables", "encrypted", "damaged",
                           "version1"))

if __name__ == "__main__":
    sys.exit(run_recipe(ENTRIES, "Make the qcow and qcow2 test images.",
                        Path(__file__).resolve().parent))
