# SPDX-License-Identifier: LGPL-2.1-or-later
# One image of the differential test: how qemu-img makes it and how it is asked about.
"""Steps are lists of arguments for qemu-img, or functions that get the folder."""

from pathlib import Path
from typing import Callable, List, NamedTuple, Sequence, Union

Step = Union[List[str], Callable[[Path], None]]
SECRET = ["--object", "secret,id=secret,data=virt-probe"]
MIB = 1 << 20
GIB = 1 << 30
TIB = 1 << 40
KIB = 1 << 10


class Case(NamedTuple):
    """An image, made in an empty folder by its steps."""

    title: str
    steps: Sequence[Step]
    image: str
    format: str

    @property
    def needs_luks(self):
        """LUKS costs time, so there may be few of these."""
        return "luks" in self.title


def option_list(options):
    """-o arguments from a dictionary; commas in values are doubled as QEMU wants."""
    if not options:
        return []
    pairs = [f"{key}={str(value).replace(',', ',,')}" for key, value in options.items()]
    return ["-o", ",".join(pairs)]


def create(image, size, form="qcow2", *, backing=None, backing_format=None, **options):
    """The step that creates an image; a backing file is not opened.

    Options whose names are no Python identifiers come in a dictionary: **{"cipher-alg": …}.
    """
    arguments = ["create", "-q", "-f", form, *option_list(options)]
    if backing is not None:
        arguments += ["-u", "-b", backing]
    if backing_format is not None:
        arguments += ["-F", backing_format]
    return [*arguments, image, str(size)]


def encrypted_create(image, size, form="qcow2", **options):
    """The step that creates an encrypted image."""
    plain = create(image, size, form, **options)
    return [plain[0], *SECRET, *plain[1:]]


def make_folder(name):
    """The step that makes a folder."""
    return lambda folder: (folder / name).mkdir(parents=True)


def write_file(name, content):
    """The step that writes a file."""
    return lambda folder: (folder / name).write_bytes(content)


def patch_file(name, offset, content):
    """The step that overwrites bytes of a file."""
    def patch(folder):
        with open(folder / name, "r+b") as file:
            file.seek(offset)
            file.write(content)
    return patch


def end_extensions(name, version=3):
    """The step that ends the header extensions of a qcow2 image before the first one.

    That is how an image without the format of its backing file is made; qemu-img
    no longer makes one.
    """
    return patch_file(name, 112 if version == 3 else 72, bytes(8))
