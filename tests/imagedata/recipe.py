#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Makes the test images of this folder: every format but qcow and qcow2.
"""The entries are in the recipe_*.py modules, one per format or family."""

import sys
from pathlib import Path

sys.dont_write_bytecode = True  # no __pycache__ between the images
FOLDER = Path(__file__).resolve().parent
# The command line and the LUKS header builder are shared with the qcow2 recipe.
sys.path.insert(1, str(FOLDER.parent / "qcow2data"))

from image_recipe import collect_entries, run_recipe  # noqa: E402

ENTRIES = collect_entries(("raw", "vdi", "vmdk", "vpc", "vhdx", "luks", "luks2", "iso", "parallels", "qed", "bochs", "cloop", "dmg", "cow", "content", "filesystems", "labels", "mapped", "members", "partitions", "small"))

if __name__ == "__main__":
    sys.exit(run_recipe(ENTRIES, "Make the test images of all formats but qcow2.", FOLDER))
