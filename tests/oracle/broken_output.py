# SPDX-License-Identifier: LGPL-2.1-or-later
# Chains, sound and broken: several images in one run, and the output for people.
"""People see each member, each link's state, and nothing that does not fit a terminal."""

import re

from chain_images import write_chain
from chain_judge import array_of
from chain_setting import clean_lines
from programs import parse_json_or_none

WIDTH = 80


def check_several(tap, setting):
    """Several images in one run, one of whose chains is broken."""
    with setting.box() as box:
        box.overlay("one", "base")
        box.overlay("two", "missing")
        box.overlay("three", "one")
        box.base()
        names = ["one", "two", "three", "nowhere"]
        answer = box.info(*names)
        alone = [box.info(name).array for name in names]
        tap.check_equal(answer.array, alone, "several chains are an array of what they are alone")
        tap.check_equal(answer.result.status, 1, "several chains, two of them broken, end with 1")
        lines = [line for line in answer.result.stderr.decode().splitlines()
                 if line.startswith(("virt-probe: missing: ", "virt-probe: nowhere: "))]
        tap.check_equal(len(lines), 2, "each broken member has one line on stderr")
        result = box.call("chain", "--output=json", *names)
        objects = parse_json_or_none(result.stdout)
        found = [one.get("filename") for one in objects] if isinstance(objects, list) else objects
        tap.check_equal(found, names, "the verb chain prints an array for several images")
        tap.check_equal([one.get("state") for one in objects or [] if isinstance(one, dict)],
                        ["ok", "partial", "ok", "unreadable"], "each chain has its state")


def check_one(tap, setting):
    """An image without anything below it."""
    with setting.box() as box:
        box.base("alone")
        answer = box.info("alone")
        tap.check(answer.result.status == 0 and len(answer.array) == 1,
                  "an image without a base is an array of one", [answer.result.message])
        single = parse_json_or_none(box.call("info", "--output=json", "alone").stdout)
        tap.check_equal(answer.array, [single], "a chain of one is what info says of the image")
        _, chain = box.chain("alone")
        tap.check_equal((chain.get("state"), chain.get("filename"), chain.get("schema")),
                        ("ok", "alone", 1), "the verb chain says what it is about")
        tap.check_equal(len(box.info("alone", "alone").array), 2,
                        "an image given twice is described twice")
        answer = box.info("missing")
        tap.check(answer.result.status == 1 and len(answer.array) == 1,
                  "a missing top is an array of one", [answer.result.message])


def check_plain_info(tap, setting):
    """Without --backing-chain nothing that an image names is looked at."""
    with setting.box() as box:
        write_chain(box.folder, 3)
        result = box.call("info", "--output=json", "0.img")
        tap.check(isinstance(parse_json_or_none(result.stdout), dict) and array_of(result) is None,
                  "info without --backing-chain is one object", [result.message])
        lines, _ = box.traced("info", "0.img")
        tap.check_none([line for line in lines or [] if "1.img" in line or "2.img" in line],
                       "info without --backing-chain opens no other image")


def check_options(tap, setting):
    """Values of options that do not exist."""
    with setting.box() as box:
        box.base("alone")
        for option in ("--probe-backing=", "--probe-backing=all", "--follow=", "--follow=some",
                       "--follow", "--root", "--format=bogus"):
            for verb in (("info", "--backing-chain"), ("chain",)):
                result = box.call(*verb, "alone", option)
                tap.check(result.status == 64 and not result.stdout,
                          f"{' '.join(verb)} {option} is a wrong command line",
                          [str(result.status), result.message])
        result = box.call("chain")
        tap.check_equal(result.status, 64, "chain without an image is a wrong command line")
        for form in ("qcow2", "raw"):
            for name in ("alone", "missing"):
                result, chain = box.chain("-f", form, name)
                tap.check(chain.get("filename") == name and len(chain.get("members", [])) == 1,
                          f"chain -f {form} {name} prints an object", [repr(result.stdout[:80]),
                                                                       result.message])


def check_human(tap, setting):
    """info --backing-chain for people."""
    with setting.box() as box:
        names = write_chain(box.folder, 4)
        result = box.human("0.img")
        text = result.stdout.decode()
        pieces = text.split("\n\nimage: ")
        tap.check_equal([piece.splitlines()[0].removeprefix("image: ") for piece in pieces], names,
                        "an empty line is between the members")
        tap.check(result.status == 0 and not result.stderr and text.endswith("\n")
                  and not text.endswith("\n\n"), "a sound chain has nothing to say on stderr",
                  [result.message, repr(text[-40:])])
        (box.folder / "2.img").unlink()
        result = box.human("0.img")
        tap.check(result.status == 1 and b"virt-probe: 2.img: " in result.stderr
                  and result.stdout.count(b"\nfile format: ") == 2,
                  "people see what is above a missing member", [result.message])


def tree_lines(result, names):
    """What is wrong with a tree of those members."""
    lines = clean_lines(result)
    shown = result.stdout.decode().splitlines()
    lines += [f"{len(line)} columns: {line!r}" for line in shown if len(line) > WIDTH]
    lines += [f"trailing blanks: {line!r}" for line in shown if line != line.rstrip()]
    places = []
    for name in names:
        found = [number for number, line in enumerate(shown)
                 if re.search(rf"(^|[\s─└├│|`-]){re.escape(name)}($|[\s:,])", line)]
        if not found:
            lines.append(f"{name} is not in the tree: {shown}")
        places += found[:1]
    return lines if places == sorted(places) else [*lines, f"the order is {places}"]


def check_tree(tap, setting):
    """The tree of the verb chain."""
    with setting.box() as box:
        names = write_chain(box.folder, 6)
        result = box.tree("0.img")
        lines = tree_lines(result, names)
        if result.status != 0 or result.stderr:
            lines.append(f"status {result.status}: {result.message}")
        tap.check_none(lines, "the tree shows all members in their order within 80 columns")
        tap.check_equal(result.stdout.count(b"qcow2"), len(names), "the tree shows each format")
        names = write_chain(box.folder, 20)
        tap.check_none(tree_lines(box.tree("0.img"), names[:15]),
                       "a chain of 20 fits into 80 columns")


# What is wrong with the base, its name, the format recorded, its bytes, and what the tree says.
BROKEN = (
    ("missing", "base", "qcow2", None, "unreadable"),
    ("damaged", "base", "qcow2", b"QFI\xfb", "partial"),
    ("of no recorded format", "base", None, b"", "not.opened"),
    ("on a server", "nbd://h/base", "raw", None, "not.opened"),
)


def check_broken_tree(tap, setting):
    """The tree tells the state of each link."""
    for what, name, form, content, word in BROKEN:
        with setting.box() as box:
            box.overlay("top", name, form)
            if content is not None:
                box.put(name, content + bytes(600))
            result = box.tree("top")
            lines = tree_lines(result, ["top", name])
            below = [line for line in result.stdout.decode().splitlines() if name in line]
            if not below or not re.search(word, below[0]):
                lines.append(f"the state is not told: {below}")
            tap.check_none(lines, f"the tree tells that a base is {what}")


def check_output(tap, setting):
    """All of this file."""
    check_several(tap, setting)
    check_one(tap, setting)
    check_plain_info(tap, setting)
    check_options(tap, setting)
    check_human(tap, setting)
    check_tree(tap, setting)
    check_broken_tree(tap, setting)
