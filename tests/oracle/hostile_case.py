# SPDX-License-Identifier: LGPL-2.1-or-later
# What a row of the hostile inputs says, and the pieces that such inputs are made of.
"""Most inputs are those of a recipe in tests/imagedata with other fields, or a few bytes poked."""

import sys
from typing import NamedTuple

from fixtures import TESTS

sys.path[1:1] = [str(TESTS / "imagedata"), str(TESTS / "qcow2data")]
FIFO = object()  # takes the place of a file's bytes
ALL_ONES = (1 << 64) - 1
MIB = 1 << 20


class Case(NamedTuple):
    """One input and its golden outcome.

    The image is bytes, or bytes and the size that the file is enlarged to, or a function that
    makes one of these.
    """

    says: str
    image: object
    format: str
    status: int
    rules: tuple
    qemu: str
    files: tuple = ()  # (name, bytes or FIFO) beside the image
    declared: str = None  # the format that both programs are told
    alone: bool = False  # nothing may be opened but the image
    name: str = "image"
    contents: tuple = ()  # what must be found in a raw payload
    audited: tuple = ()  # further options of an audit


def poked(image, *places):
    """The image with other bytes at (place, bytes), enlarged when it ends before."""
    changed = bytearray(image)
    for place, content in places:
        place += len(changed) if place < 0 else 0
        changed = changed.ljust(place + len(content), b"\0")
        changed[place:place + len(content)] = content
    return bytes(changed)
