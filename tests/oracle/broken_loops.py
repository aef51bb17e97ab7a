# SPDX-License-Identifier: LGPL-2.1-or-later
# Broken chains: those that come back to a member, and those that do not end soon.
"""A loop is found by what a file is, not by how it is called."""

import os

from chain_images import file_node, json_name, write_chain
from chain_setting import failed_lines, sound_lines

DEPTH_MAX = 200


def make_ring(box, length):
    """A loop of so many overlays; the first is 0.img."""
    for number in range(length):
        box.overlay(f"{number}.img", f"{(number + 1) % length}.img")


def check_rings(tap, setting):
    """Loops that come back to the top under the same name."""
    for length in (1, 2, 5):
        with setting.box() as box:
            make_ring(box, length)
            tap.check_none(failed_lines(box.info("0.img"), length, "loop", "chain-loop"),
                           f"a loop of {length} ends when it comes back")
    with setting.box() as box:
        make_ring(box, 3)
        box.overlay("top", "0.img")
        tap.check_none(failed_lines(box.info("top"), 4, "loop", "chain-loop"),
                       "a loop below the top ends when it comes back")


def check_other_names(tap, setting):
    """The way back has another name each time it is gone."""
    spellings = {
        "./": "./0.img", "a detour": "sub/../0.img", "two slashes": ".//0.img",
        "a symbolic link": "link", "a hard link": "hard", "a linked directory": "here/0.img",
        "file:": "file:0.img",
        "json:": json_name({"driver": "qcow2", "file": file_node("0.img")}),
    }
    for what, name in spellings.items():
        with setting.box() as box:
            (box.folder / "sub").mkdir()
            (box.folder / "here").symlink_to(".")
            box.overlay("0.img", "1.img")
            box.overlay("1.img", name)
            (box.folder / "link").symlink_to("0.img")
            os.link(box.folder / "0.img", box.folder / "hard")
            tap.check_none(failed_lines(box.info("0.img"), 2, "loop", "chain-loop"),
                           f"a loop through {what} ends when it comes back")
    with setting.box() as box:
        box.overlay("0.img", str(box.folder / "0.img"))
        tap.check_none(failed_lines(box.info("0.img"), 1, "loop", "chain-loop"),
                       "an image that is its own base by an absolute name is a loop")


def check_no_loops(tap, setting):
    """What looks like a loop and is none."""
    with setting.box() as box:
        box.overlay("disk", "sub/disk")
        box.overlay("sub/disk", "sub/disk")
        box.base("sub/sub/disk")
        tap.check_none(sound_lines(box.info("disk"), 3),
                       "the same recorded name in another directory is no loop")
    with setting.box() as box:
        box.overlay("one", "base")
        box.overlay("two", "base")
        box.base()
        answer = box.info("one", "two")
        tap.check_equal((answer.result.status, answer.result.stderr), (0, b""),
                        "two chains on the same base are no loop")
        answer = box.info("one", "one")
        tap.check_equal(answer.result.status, 0, "the same image given twice is no loop")


def check_depth(tap, setting):
    """The longest chain that is followed."""
    with setting.box() as box:
        names = write_chain(box.folder, DEPTH_MAX)
        tap.check_none(sound_lines(box.info(names[0]), DEPTH_MAX),
                       f"a chain of {DEPTH_MAX} members is followed to its end")
        write_chain(box.folder, DEPTH_MAX + 1)
        answer = box.info(names[0])
        lines = failed_lines(answer, DEPTH_MAX, "limit", "chain-depth", ("not-opened",))
        tap.check_none(lines, f"member {DEPTH_MAX + 1} of a chain is listed, but not opened")
        write_chain(box.folder, DEPTH_MAX + 50)
        tap.check_none(failed_lines(box.info(names[0]), DEPTH_MAX, "limit", "chain-depth"),
                       "a longer chain ends at the same member")
        make_ring(box, DEPTH_MAX)
        tap.check_none(failed_lines(box.info(names[0]), DEPTH_MAX),
                       f"a loop of {DEPTH_MAX} members ends after them")


def check_loops(tap, setting):
    """All of this file."""
    check_rings(tap, setting)
    check_other_names(tap, setting)
    check_no_loops(tap, setting)
    check_depth(tap, setting)
