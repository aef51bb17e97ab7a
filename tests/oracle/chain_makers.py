# SPDX-License-Identifier: LGPL-2.1-or-later
# Makes random backing chains for the oracle tests; the same seed makes the same chains.
"""A chain is written from its top down, because a name depends on how its overlay was named."""

import os
import random
from pathlib import Path
from typing import List, NamedTuple

from chain_images import BASES, FIXED_VPC, MIB, NAME_MAX, qcow, qcow2, raw, write
from chain_spelling import Link, Place, choose_link, looks_like_protocol

FOLDERS = ("", "a", "a/b", "a/b/c", "with blank", "ünïcode 日", "a:b", "-d")
FOLDER_LINKS = {"link": "a/b", "a/up": "..", "with blank/across": "../a", "twice": "link"}
FILE_NAMES = ("m{}", "m{}.qcow2", "disk {}.img", "'{}'", "\"{}\"", "back\\slash{}", "{}%20%s%n.raw",
              "-{}", "{}:1", "日本-{}-ü", "{{{}}}", "a,b={}", "{}#?&=", "~{}", " {} ", "json:{}",
              "$({})", "`{}`;*", "tab\t{}")
DEPTHS = (2, 2, 3, 3, 3, 4, 4, 5, 6, 7, 8, 10, 12, 15, 20)
DATA_NAME = "data-{}.raw"


class Member(NamedTuple):
    """One image of a chain, the file where it really is, and how it is called when opened."""

    path: Path
    form: str
    opened: str
    is_form_known: bool = True


class Chain(NamedTuple):
    """A chain on disk: how it is asked about, and its members from the top."""

    title: str
    root: Path
    cwd: Path
    top: str
    members: List[Member]
    spellings: List[str]

    @property
    def first_unknown(self):
        """Which member is the first whose format nobody recorded; None when there is none."""
        for number, member in enumerate(self.members):
            if not member.is_form_known:
                return number
        return None


def make_folders(root):
    """The folders of a chain and the symbolic links between them."""
    for folder in FOLDERS:
        (root / folder).mkdir(parents=True, exist_ok=True)
    for link, target in FOLDER_LINKS.items():
        (root / link).symlink_to(target)


def choose_file(root, number, rng):
    """A new path; sometimes one that leads through links."""
    folder = rng.choice((*FOLDERS, *FOLDER_LINKS)) if rng.random() < 0.7 else ""
    return root / folder / rng.choice(FILE_NAMES).format(number)


def link_to(root, path, number, rng):
    """Another name for an image: a symbolic link, which may lie elsewhere."""
    link = root / rng.choice(FOLDERS) / f"to-{number}"
    target = os.path.relpath(path, link.parent) if rng.random() < 0.5 else str(path)
    link.symlink_to(target)
    return link


def choose_qcow2(rng, number, folder):
    """Options of a qcow2 image, and the data file that they name, if any."""
    options = {"cluster_bits": rng.choice((9, 9, 9, 10, 11, 12, 13)),
               "version": rng.choice((2, 3, 3, 3))}
    options["size"] = rng.choice((0, 512, 1000, 32768, MIB, MIB + 512, 3 * MIB))
    if rng.random() < 0.2:
        options["snapshots"] = [f"snapshot {i}" for i in range(rng.randint(1, 4))]
    if options["version"] == 2:
        return options
    options["refcount_order"] = rng.choice((4, 4, 3, 5, 6))
    options["lazy"] = rng.random() < 0.2
    options["zstd"] = rng.random() < 0.2
    if rng.random() < 0.15:
        options.update(extended_l2=True, cluster_bits=14)
    if rng.random() < 0.2 and options["size"] >= MIB:
        options["bitmaps"] = [f"bitmap-{i}" for i in range(rng.randint(1, 3))]
    if rng.random() < 0.15:
        # Absolute, because the image may be reached by a link from elsewhere.
        path = write(folder / DATA_NAME.format(number), raw(options["size"]))
        options["data_file"] = str(path)
    return options


def choose_top_name(path, cwd, rng):
    """How the chain's top is named on the command line."""
    relative = os.path.relpath(path, os.path.realpath(cwd))
    relative = f"./{relative}" if looks_like_protocol(relative) or relative[0] == "-" else relative
    return rng.choice((relative, relative, f".//{relative}", f"../{cwd.name}/{relative}",
                       str(path)))


def write_base(path, form, is_form_known, rng):
    """The last member; a fixed VHD only where its format is recorded."""
    if form == "raw":
        content = raw(rng.choice((2048, 4096, 5000, 65536)))
    elif form == "vpc" and is_form_known and rng.random() < 0.3:
        content = FIXED_VPC()
    elif form == "qcow2":
        content = qcow2(**choose_qcow2(rng, "base", path.parent))
    else:
        content = BASES[form]()
    write(path, content)


def write_overlay(member, number, name, recorded, rng):
    """An image on top of another one."""
    if member.form == "qcow":
        content = qcow(name, size=rng.choice((512, MIB)))
    else:
        content = qcow2(name, recorded, **choose_qcow2(rng, number, member.path.parent))
    write(member.path, content)


def choose_form(rng, is_last, may_probe):
    """The format of a member below the top."""
    if is_last:
        return rng.choice(tuple(BASES))
    return rng.choice(("qcow2",) * 5 + ("qcow",) * may_probe)


class ChainMaker:
    """Writes one chain below a root folder."""

    def __init__(self, root, seed, folder_choice=FOLDERS):
        self.rng = random.Random(seed)
        # What is recorded are real paths, so the root is one as well.
        self.root = Path(os.path.realpath(root))
        make_folders(self.root)
        self.cwd = self.root / self.rng.choice(folder_choice)
        self.spellings = []

    def next_member(self, overlay, number, is_last, may_probe):
        """Choose the next member and link the overlay to it."""
        rng = self.rng
        form = choose_form(rng, is_last, may_probe)
        path = choose_file(self.root, number, rng)
        shown = link_to(self.root, path, number, rng) if rng.random() < 0.2 else path
        recorded = form
        if overlay.form == "qcow" or (may_probe and rng.random() < 0.5):
            recorded = None
        place = Place(str(self.cwd), overlay.opened)
        what, link = choose_link(place, shown, form, recorded is not None, rng)
        if len(link.name.encode()) > NAME_MAX:
            what, link = "absolute", Link(str(shown), str(shown))
        self.spellings.append(what)
        write_overlay(overlay, number - 1, link.name, recorded, rng)
        return Member(path, form, link.opened, recorded is not None or link.says_form)

    def make(self, title):
        """Write all members."""
        rng = self.rng
        depth, may_probe = rng.choice(DEPTHS), rng.random() < 0.35
        form = "qcow" if may_probe and rng.random() < 0.15 else "qcow2"
        path = choose_file(self.root, 0, rng)
        top = choose_top_name(path, self.cwd, rng)
        members = [Member(path, form, top)]
        for number in range(1, depth):
            members.append(self.next_member(members[-1], number, number == depth - 1, may_probe))
        last = members[-1]
        write_base(last.path, last.form, last.is_form_known, rng)
        forms = " ".join(member.form for member in members)
        return Chain(f"{title}: {forms}", self.root, self.cwd, top, members, self.spellings)
