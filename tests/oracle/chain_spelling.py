# SPDX-License-Identifier: LGPL-2.1-or-later
# Spells the names of backing files in every way that leads to the same file.
"""A name means what QEMU makes of it.

A relative one is joined to the directory part of the overlay's name, as that
was given; what follows file: and what a json: name holds is taken from the
current directory.
"""

import os
from typing import NamedTuple

from chain_images import file_node, json_name

RAW_ONLY = ("slice", "slice to the end", "slice in strings")
JSON_FORMS = ("nested", "dotted", "single quotes", "no file driver", "escaped", "padded")
# Which of them may carry no format driver, so that only the recorded format counts.
WITHOUT_DRIVER = ("nested", "dotted", "no file driver")


def looks_like_protocol(name):
    """A colon before the first slash."""
    return ":" in name.partition("/")[0]


class Place(NamedTuple):
    """Where a link is written: the current directory and the overlay's name seen from it."""

    cwd: str
    overlay: str

    @property
    def directory(self):
        """The directory part of the overlay's name, with its slash."""
        return self.overlay[:self.overlay.rfind("/") + 1]

    @property
    def real_directory(self):
        """That directory with all symbolic links resolved, as the kernel walks it."""
        return os.path.realpath(os.path.join(self.cwd, self.directory))

    def relative(self, target):
        """The target seen from the overlay; only the way up is affected by links."""
        return os.path.relpath(target, self.real_directory)

    def from_cwd(self, target):
        """The target seen from the current directory.

        The member's own backing name is joined to this, and must not become a protocol then.
        """
        name = os.path.relpath(target, os.path.realpath(self.cwd))
        return f"./{name}" if looks_like_protocol(name) else name


class Link(NamedTuple):
    """A name as an image records it, and how the member is called when it is opened."""

    name: str
    opened: str
    says_form: bool = False


def join(place, name):
    """A link by a relative name."""
    if looks_like_protocol(name):
        name = f"./{name}"
    return Link(name, place.directory + name)


def detour(place, target, rng):
    """Down into a folder and up again, which may not be tidied away."""
    folders = sorted(entry.name for entry in os.scandir(place.real_directory)
                     if entry.is_dir(follow_symlinks=False))
    if folders:
        return join(place, f"{rng.choice(folders)}/../{place.relative(target)}")
    own = os.path.basename(place.real_directory)
    return join(place, f"../{own}/{place.relative(target)}")


def doubled(place, target):
    """With slashes doubled."""
    name = place.relative(target)
    return join(place, name.replace("/", "//") if "/" in name else f".//{name}")


def path_links(place, target, rng):
    """Links by plain names and by file:, by what is special about them."""
    absolute = str(target)
    parent, _, base = absolute.rpartition("/")
    nearby = place.from_cwd(target)
    return {
        "relative": lambda: join(place, place.relative(target)),
        "with ./": lambda: join(place, f"././{place.relative(target)}"),
        "with a detour": lambda: detour(place, target, rng),
        "with two slashes": lambda: doubled(place, target),
        "absolute": lambda: Link(absolute, absolute),
        "absolute with a detour": lambda: Link(*2 * (f"{parent}/./{base}",)),
        "absolute with slashes": lambda: Link(*2 * (f"//{absolute}",)),
        "file: and absolute": lambda: Link(f"file:{absolute}", absolute),
        "file:// and absolute": lambda: Link(f"file://{absolute}", f"//{absolute}"),
        "file: and relative": lambda: Link(f"file:{nearby}", nearby),
    }


def json_description(kind, path, driver):
    """The object of a json: name."""
    outer = {} if driver is None else {"driver": driver}
    if kind == "dotted":
        return {**outer, "file.driver": "file", "file.filename": path}
    if kind == "no file driver":
        return {**outer, "file": {"filename": path}}
    return {**outer, "file": file_node(path)}


def json_link(kind, path, driver):
    """A link by a json: name."""
    if kind == "slice":
        name = json_name({"driver": "raw", "offset": 512, "size": 1024, "file": file_node(path)})
    elif kind == "slice to the end":
        name = json_name({"file": file_node(path), "offset": 1024, "driver": "raw"})
    elif kind == "slice in strings":
        name = json_name({"driver": "raw", "offset": "512", "size": "512",
                          "file.driver": "file", "file.filename": path})
    elif kind == "padded":
        name = json_name(json_description(kind, path, driver), indent=1) + "\n "
    elif kind == "single quotes" and not set(path) & set("\"'\\"):
        name = json_name(json_description(kind, path, driver), ensure_ascii=False).replace('"', "'")
    else:
        name = json_name(json_description(kind, path, driver), ensure_ascii=kind == "escaped")
    return Link(name, path, driver is not None or kind in RAW_ONLY)


def choose_json(place, target, form, is_recorded, rng):
    """A json: link of any form that fits the member."""
    path = rng.choice((str(target), place.from_cwd(target)))
    kinds = JSON_FORMS + (RAW_ONLY * 3 if form == "raw" else ())
    kind = rng.choice(kinds)
    driver = form
    if kind in WITHOUT_DRIVER and rng.random() < 0.4:
        driver = None
    # What is recorded counts more than the driver, so that one may lie.
    if driver and is_recorded and kind not in RAW_ONLY and rng.random() < 0.2:
        driver = rng.choice(("raw", "qcow2", "vdi"))
    return f"json: {kind}{'' if driver else ', no driver'}", json_link(kind, path, driver)


def choose_link(place, target, form, is_recorded, rng):
    """(what is special, link); about every fourth is a json: name."""
    if rng.random() < 0.27:
        return choose_json(place, target, form, is_recorded, rng)
    links = path_links(place, target, rng)
    what = rng.choice(list(links))
    return what, links[what]()
