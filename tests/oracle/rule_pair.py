# SPDX-License-Identifier: LGPL-2.1-or-later
# What a row of the tables of rules says, and the files that its inputs are made of.
"""Each rule has an input that it finds something in, and the nearest one that is still fine."""

import os
from typing import NamedTuple

from fixtures import FOLDERS, TESTS
from hostile_case import FIFO

# Who finds it, as the column of src/storage/rules.def says.
DESCRIPTION, EXAMINATION, JUDGEMENT, CHAIN = "DESCRIPTION", "EXAMINATION", "JUDGEMENT", "CHAIN"
VERBS = {DESCRIPTION: ("info", "--output=json"), EXAMINATION: ("audit", "--no-sandbox", "--output=json"),
         JUDGEMENT: ("audit", "--no-sandbox", "--output=json"),
         CHAIN: ("info", "--backing-chain", "--output=json")}


class Link(NamedTuple):
    """A symbolic link in the place of a file."""

    target: str


class HardLink(NamedTuple):
    """Another name of a file that is there already."""

    target: str


class Made(NamedTuple):
    """A file with others beside it, in a folder of its own.

    What a file holds is the name of a sample image, bytes, (bytes, the size that they are
    enlarged to), FIFO, a link, or a function that makes one of these. "{folder}" in an option is
    the folder.
    """

    image: object
    name: str = "image"
    files: tuple = ()  # (name, what it holds)
    options: tuple = ()
    is_stream: bool = False  # comes through a pipe
    has_no_seccomp: bool = False  # the kernel offers no sandbox


class Unit(NamedTuple):
    """The path of a unit test that shows it, where no command line can."""

    path: str


class Pair(NamedTuple):
    """A rule, what it finds something in, what is nearly that and still fine, and who is asked.

    Inputs that are no Made or Unit are what the file of one holds.
    """

    rule: str
    bad: object
    good: object
    finder: str = DESCRIPTION


def sample(name):
    """The bytes of a sample image."""
    return next((TESTS / folder / name) for folder in FOLDERS if (TESTS / folder / name).exists()).read_bytes()


def put(path, content):
    """Make one file."""
    content = content() if callable(content) else content
    path.parent.mkdir(parents=True, exist_ok=True)
    if content is FIFO:
        os.mkfifo(path)
    elif isinstance(content, Link):
        path.symlink_to(content.target)
    elif isinstance(content, HardLink):
        os.link(path.parent / content.target, path)
    else:
        content, size = content if isinstance(content, tuple) else (content, None)
        with open(path, "wb") as out:
            out.write(sample(content) if isinstance(content, str) else content)
            if size is not None:
                out.truncate(size)


def prepare(made, folder):
    """Make the files of an input; the image comes last, since it may be a link."""
    folder.mkdir()
    for name, content in made.files:
        put(folder / name, content)
    put(folder / made.name, made.image)
