# SPDX-License-Identifier: LGPL-2.1-or-later
# Loads the recipes of the test images, for the oracle tests.
"""The images lie beside their recipes, in tests/qcow2data and tests/imagedata."""

import importlib.util
import sys
from pathlib import Path
from typing import NamedTuple

sys.dont_write_bytecode = True  # no __pycache__ between the images

TESTS = Path(__file__).resolve().parent.parent
FOLDERS = ("qcow2data", "imagedata")
FORMATS = {".qcow2": "qcow2", ".qcow": "qcow", ".vdi": "vdi", ".vhd": "vpc", ".vhdx": "vhdx", ".luks": "luks",
           ".hds": "parallels", ".qed": "qed", ".bochs": "bochs", ".cloop": "cloop", ".dmg": "dmg",
           ".raw": "raw", ".vmdk": "vmdk", ".iso": "raw", ".cow": "raw", ".disk": "raw"}


class Image(NamedTuple):
    """One committed image and what its recipe says of it."""

    folder: str
    name: str
    shows: str
    qemu: str

    @property
    def title(self):
        """The name as the sentences of the tests have it."""
        return f"{self.folder}/{self.name}"

    @property
    def directory(self):
        """Where the image lies."""
        return TESTS / self.folder

    @property
    def path(self):
        """The image itself."""
        return self.directory / self.name

    @property
    def format(self):
        """The format that QEMU knows such a file by."""
        return FORMATS[Path(self.name).suffix]


def load_recipe(folder):
    """Import the recipe of a folder; both are called recipe.py."""
    sys.path.insert(0, str(TESTS / folder))
    spec = importlib.util.spec_from_file_location(f"recipe_of_{folder}",
                                                  TESTS / folder / "recipe.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.ENTRIES


def load_images(folders=FOLDERS):
    """All images of the recipes; they must have been written."""
    images = [Image(folder, entry.name, entry.shows, entry.qemu)
              for folder in folders for entry in load_recipe(folder)]
    missing = [image.title for image in images if not image.path.is_file()]
    if missing:
        raise FileNotFoundError(f"run the recipes first: {', '.join(missing)} are missing")
    return images
