# SPDX-License-Identifier: LGPL-2.1-or-later
# Broken chains: external data files, which stand beside the chain.
"""QEMU takes a data file for raw, whatever its bytes say, and info of qemu-img does not open it."""

import os

from chain_images import file_node, json_name, qcow2, raw
from chain_judge import NOT_OPENED, OK, error_of, rules_of, side_elements
from chain_setting import FAILED, clean_lines
from programs import state_of


def side_lines(answer, status, state, *, code=None, rule=None):
    """What is wrong with the data file of the top, which is all that may be wrong."""
    lines = clean_lines(answer.result)
    sides = side_elements(answer.array[0]) if answer.array else []
    if answer.result.status != status or len(sides) != 1:
        return [*lines, f"status {answer.result.status}, {len(sides)} side members: "
                        f"{answer.result.message}"]
    side = sides[0]
    if state_of(side).get("state") not in state or error_of(side) != code:
        lines.append(f"the data file is {state_of(side)}")
    if rule is not None and rule not in rules_of(side) + rules_of(answer.array[0]):
        lines.append(f"rules {rules_of(side)}, of the owner {rules_of(answer.array[0])}")
    return lines


def check_present(tap, setting):
    """A data file that is there."""
    with setting.box() as box:
        box.put("sub/top", qcow2(data_file="data"))
        box.put("sub/data", raw(1 << 20))
        answer = box.info("sub/top")
        lines = side_lines(answer, 0, (OK,))
        side = side_elements(answer.array[0])[0] if not lines else {}
        found = side.get("filename"), side.get("format"), side.get("virtual-size")
        if found != ("sub/data", "raw", 1 << 20):
            lines.append(f"the data file is {found}")
        # QEMU takes it from the current directory, libvirt from the image's.
        if "name-depends-on-directory" not in rules_of(side) + rules_of(answer.array[0]):
            lines.append(f"rules {rules_of(side)}")
        names = [one["name"] for one in state_of(answer.array[0]).get("side-members", [])]
        tap.check(not lines and names == ["data-file"] and len(answer.array) == 1,
                  "a data file stands beside its image", [*lines, str(names)])
        _, chain = box.chain("sub/top")
        found = [(one.get("role"), one.get("owner"), one.get("recorded-name"))
                 for one in chain.get("members", [])]
        tap.check_equal(found, [("image", None, None), ("data-file", 0, "data")],
                        "the verb chain lists a data file with its role and owner")
        box.put("sub/data", qcow2("/etc/hostname", "raw"))
        tap.check_none(side_lines(box.info("sub/top"), 0, (OK,), rule="data-file-smaller"),
                       "a data file is raw whatever its bytes say, and may be too small")
        side = side_elements(box.info("sub/top").array[0])[0]
        tap.check(side.get("format") == "raw" and "backing-filename" not in side,
                  "the header that a guest writes into a data file is not believed", [str(side)])


def check_in_the_middle(tap, setting):
    """A base with a data file, of whose members the same is said."""
    with setting.box() as box:
        box.overlay("top", "sub/middle")
        box.put("sub/middle", qcow2("base", "qcow2", data_file="data"))
        box.base("sub/base")
        answer = box.info("top")
        lines = clean_lines(answer.result)
        sides = [[error_of(side) for side in side_elements(one)] for one in answer.array]
        if sides != [[], ["not-found"], []] or answer.result.status != 1:
            lines.append(f"status {answer.result.status}, errors of sides {sides}")
        tap.check_none(lines, "a missing data file in the middle does not end the chain")
        _, chain = box.chain("top")
        found = [(one.get("role"), one.get("owner"), one.get("state"))
                 for one in chain.get("members", [])]
        wanted = [("image", None, OK), ("backing", 0, OK),
                  ("data-file", 1, found[2][2] if len(found) > 2 else None), ("backing", 1, OK)]
        tap.check_equal(found, wanted, "a data file is listed behind its owner")


def check_bad(tap, setting):
    """Data files that are missing, no files, or members of the chain."""
    makers = {
        "missing": (lambda path: None, "not-found", "chain-missing"),
        "a FIFO": (os.mkfifo, "refused", "chain-unreadable"),
        "a directory": (os.mkdir, "refused", "chain-unreadable"),
        "the image itself": (lambda path: os.link(path.parent / "top", path), "loop",
                             "chain-loop"),
        "a link to the image": (lambda path: path.symlink_to("top"), "loop", "chain-loop"),
        "a link to nothing": (lambda path: path.symlink_to("nowhere"), "not-found",
                              "chain-missing"),
    }
    for what, (make, code, rule) in makers.items():
        with setting.box() as box:
            box.put("top", qcow2(data_file="data"))
            make(box.folder / "data")
            tap.check_none(side_lines(box.info("top"), 1, FAILED, code=code, rule=rule),
                           f"a data file that is {what} is an error")
    with setting.box() as box:
        box.put("top", qcow2("middle", "qcow2", data_file="middle"))
        box.put("middle", qcow2("base", "qcow2", data_file="top"))
        box.base()
        answer = box.info("top")
        tap.check("loop" in map(error_of, side_elements((answer.array + [{}])[1]))
                  and answer.result.status == 1,
                  "a data file that is a member above is a loop", [answer.result.message])


def check_names(tap, setting):
    """Names of data files that are more than a path; QEMU takes the name as one string."""
    with setting.box() as box:
        name = json_name({"driver": "raw", "file": file_node(str(box.folder / "data"))})
        box.put("top", qcow2(data_file=name))
        box.put("data", raw(1 << 20))
        answer = box.info("top")
        lines = clean_lines(answer.result)
        if len(side_elements(answer.array[0])) != 1:
            lines.append(f"the sides are {side_elements(answer.array[0])}")
        tap.check_none(lines, "a data file named by json: is listed")
        box.put("top", qcow2(data_file="nbd://127.0.0.1:1/data"))
        answer = box.info("top")
        tap.check_none(side_lines(answer, 1, FAILED, code="not-found", rule="chain-missing"),
                       "a data file named like a server is a path that leads to nothing")
        box.put("top", qcow2(data_file="file:data"))
        box.put("file:data", raw(1 << 20))
        answer = box.info("top")
        tap.check_none(side_lines(answer, 0, (OK,)), "a data file named like a protocol is opened")
        box.put("top", qcow2(data_file=b"data\nimage: forged\x1b[2J\xff"))
        lines = [line for result in (box.human("top"), box.tree("top"), box.info("top").result,
                                     box.chain("top")[0]) for line in clean_lines(result)]
        tap.check_none(lines, "a hostile name of a data file is escaped")


def check_without_bit(tap, setting):
    """A name that the image does not use."""
    with setting.box() as box:
        box.put("top", qcow2(data_file="data", data_bit=False))
        box.put("data", raw(1 << 20))
        answer = box.info("top")
        tap.check(answer.result.status == 0 and not side_elements(answer.array[0]),
                  "a name without the feature bit is no side member", [answer.result.message])
        opened = box.opened("info", "--backing-chain", "top")
        if opened is not None:
            tap.check_equal(opened, {str(box.folder / "top")},
                            "a data file without the feature bit is not opened")


def check_recognised(tap, setting):
    """An image that nobody vouches for may not choose which file is opened."""
    with setting.box() as box:
        box.overlay("top", "middle", None)
        box.put("middle", qcow2(data_file="data"))
        box.put("data", raw(1 << 20))
        answer = box.info("--probe-backing=safe", "top")
        sides = side_elements(answer.array[1]) if len(answer.array) == 2 else []
        tap.check([state_of(side).get("state") for side in sides] == [NOT_OPENED],
                  "--probe-backing=safe lists the data file of a recognised image",
                  [str(answer.array), answer.result.message])
        opened = box.opened("info", "--backing-chain", "--probe-backing=safe", "top")
        if opened is not None:
            tap.check(str(box.folder / "data") not in opened,
                      "--probe-backing=safe does not open that data file", opened)
        answer = box.info("--probe-backing", "top")
        sides = side_elements(answer.last)
        tap.check([state_of(side).get("state") for side in sides] == [OK],
                  "--probe-backing opens the data file of a recognised image",
                  [str(answer.array), answer.result.message])


def check_sides(tap, setting):
    """All of this file."""
    check_present(tap, setting)
    check_in_the_middle(tap, setting)
    check_bad(tap, setting)
    check_names(tap, setting)
    check_without_bit(tap, setting)
    check_recognised(tap, setting)
