# SPDX-License-Identifier: LGPL-2.1-or-later
# Broken chains: what --root and --follow refuse to open.
"""An image of a stranger must not make the program read a file of the host."""

import os
from pathlib import Path

from chain_images import file_node, json_name, qcow2, raw
from chain_judge import NOT_OPENED, error_of, rules_of, side_elements
from chain_setting import failed_lines, sound_lines
from programs import state_of

OUTSIDE = "/etc/hostname"
VICTIM_SIZE = 1 << 19  # by which it is told from the bases, of 1 MiB
REFUSED = ("refused", "chain-refused")


def opened_outside_lines(box, allowed, *words):
    """Files that a run opens and that do not lie in the allowed directory."""
    opened = box.opened("info", "--backing-chain", *words)
    if opened is None:
        return []
    return [f"{path} is opened" for path in sorted(opened)
            if os.path.commonpath([path, str(allowed)]) != str(allowed)]


def root_box(box):
    """A root directory with a sound base, and a victim beside it."""
    root = box.folder / "root"
    box.base("root/base")
    box.base("root/sub/base")
    box.put("victim", qcow2(size=VICTIM_SIZE))
    return root


def link(path, target):
    """Make a symbolic link; returns nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)


# (what, recorded name, how to plant, taking the root); all lead out of the root.
ESCAPES = (
    ("an absolute name", lambda root: str(root.parent / "victim"), None),
    ("a name with ..", lambda root: "../victim", None),
    ("a name with .. in the middle", lambda root: "sub/../../victim", None),
    ("a system file", lambda root: OUTSIDE, None),
    ("file: and an absolute name", lambda root: f"file:{OUTSIDE}", None),
    ("json: and an absolute name",
     lambda root: json_name({"driver": "raw", "file": file_node(OUTSIDE)}), None),
    ("an absolute link", lambda root: "planted",
     lambda root: link(root / "planted", OUTSIDE)),
    ("a relative link", lambda root: "planted",
     lambda root: link(root / "planted", "../victim")),
    ("a link to a link", lambda root: "planted",
     lambda root: (link(root / "planted", "sub/second"), link(root / "sub/second", OUTSIDE))),
    ("a linked directory", lambda root: "away/victim",
     lambda root: link(root / "away", "..")),
    ("a linked directory by an absolute link", lambda root: "away/hostname",
     lambda root: link(root / "away", "/etc")),
    ("a way through /proc", lambda root: "/proc/self/root/etc/hostname", None),
    ("a linked way through /proc", lambda root: "planted",
     lambda root: link(root / "planted", "/proc/self/cwd/victim")),
)


def check_escapes(tap, setting):
    """Every way out of the root, for a backing file and for a data file."""
    for what, name, plant in ESCAPES:
        with setting.box() as box:
            root = root_box(box)
            if plant is not None:
                plant(root)
            for form in ("raw", "qcow2"):
                box.overlay("root/top", name(root), form)
                words = [f"--root={root}", str(root / "top")]
                lines = failed_lines(box.info(*words), 1, *REFUSED)
                lines += opened_outside_lines(box, root, *words)
                tap.check_none(lines, f"--root: {what} does not lead out, format {form}")
            box.put("root/top", qcow2(data_file=name(root)))
            answer = box.info(*words)
            sides = side_elements(answer.array[0]) if answer.array else []
            lines = opened_outside_lines(box, root, *words)
            # The name of a data file is a path, also when it begins with a prefix.
            wanted = "not-found" if name(root).startswith(("file:", "json:")) else "refused"
            if [error_of(side) for side in sides] != [wanted] or answer.result.status != 1:
                lines.append(f"the data file is {sides}: {answer.result.message}")
            tap.check_none(lines, f"--root: {what} does not lead out as a data file")


def check_root_top(tap, setting):
    """The image at the top has to lie beneath the root as well."""
    with setting.box() as box:
        root = root_box(box)
        link(root / "planted", OUTSIDE)
        link(root / "away", "..")
        for what, name in (("outside", box.folder / "victim"), ("a link", root / "planted"),
                           ("behind a link", root / "away/victim"),
                           ("behind ..", root / "../victim"), ("a system file", Path(OUTSIDE)),
                           ("missing", root / "missing")):
            words = ["-f", "raw", f"--root={root}", str(name)]
            answer = box.info(*words)
            lines = opened_outside_lines(box, root, *words)
            if answer.result.status != 1 or state_of(answer.last).get("state") == "ok":
                lines.append(f"status {answer.result.status}: {answer.result.message}")
            tap.check_none(lines, f"--root: a top image that is {what} is refused")


def check_root_inside(tap, setting):
    """What stays beneath the root is followed, however it is named."""
    names = {"relative": "base", "absolute": "{root}/base", "a detour": "sub/../base",
             "a link": "inner", "file:": "file:{root}/base",
             "json:": json_name({"driver": "qcow2", "file": file_node("{root}/base")}).replace(
                 "{root}", "%s")}
    for what, name in names.items():
        with setting.box() as box:
            root = root_box(box)
            link(root / "inner", "sub/base")
            name = name.replace("{root}", str(root)).replace("%s", str(root))
            box.overlay("root/top", name)
            tap.check_none(sound_lines(box.info(f"--root={root}", str(root / "top")), 2),
                           f"--root: a base that is named by {what} and lies beneath is followed")
    with setting.box() as box:
        root = root_box(box)
        box.overlay("root/top", "base")
        for what, words in (("relative root", ["--root=root", "root/top"]),
                            ("root with a slash", [f"--root={root}/", f"{root}/top"]),
                            ("current directory", ["--root=.", "root/top"])):
            tap.check_none(sound_lines(box.info(*words), 2), f"--root: {what} is understood")
        answer = box.info("--root=missing", "root/top")
        tap.check(answer.result.status in (1, 64), "--root: a missing directory is an error",
                  [answer.result.message])
        box.base("root-beside/base")
        box.overlay("root/top", "../root-beside/base")
        words = [f"--root={root}", str(root / "top")]
        tap.check_none(failed_lines(box.info(*words), 1, *REFUSED),
                       "--root: a directory whose name begins like the root's is outside")


def check_swapped(tap, setting):
    """A link that changes while the program runs leads nowhere else."""
    with setting.box() as box:
        root = root_box(box)
        box.overlay("root/top", "swap")
        link(root / "swap", "base")
        words = [f"--root={root}", str(root / "top")]
        lines = []
        for attempt in range(40):
            child = os.fork()
            if child == 0:
                swap_forever(root)
            answer = box.info(*words)
            os.kill(child, 9)
            os.waitpid(child, 0)
            last = answer.last
            if state_of(last).get("state") not in ("ok", "not-opened", "unreadable"):
                lines.append(f"attempt {attempt}: {state_of(last)}")
            if last.get("virtual-size") == VICTIM_SIZE:
                lines.append(f"attempt {attempt}: the victim was read")
        tap.check_none(lines, "--root: a link that is swapped meanwhile does not lead out")


def swap_forever(root):
    """Exchange the link; the victim has another size.  Killed from outside."""
    while True:
        for target in ("base", "../victim"):
            fresh = root / f"fresh-{os.getpid()}"
            try:
                fresh.symlink_to(target)
                fresh.replace(root / "swap")
            except OSError:
                os._exit(0)


def check_follow_none(tap, setting):
    """--follow=none opens only the image that was asked for."""
    with setting.box() as box:
        box.put("top", qcow2("base", "qcow2", data_file="data"))
        box.base()
        box.put("data", raw(1 << 20))
        answer = box.info("--follow=none", "top")
        states = [state_of(one).get("state") for one in [*answer.array,
                                                         *side_elements(answer.array[0])]]
        tap.check(states and set(states[1:]) <= {NOT_OPENED} and states[0] == "ok",
                  "--follow=none leaves all but the top closed",
                  [str(states), answer.result.message])
        opened = box.opened("info", "--backing-chain", "--follow=none", "top")
        if opened is not None:
            tap.check_equal(opened, {str(box.folder / "top")}, "--follow=none opens only the top")


def check_same_directory(tap, setting):
    """--follow=same-directory opens members beside the top only."""
    inside = ("base", "./base", "file:base", json_name({"driver": "qcow2",
                                                        "file": file_node("base")}))
    outside = ("sub/base", "../victim", OUTSIDE, f"file:{OUTSIDE}")
    with setting.box() as box:
        root = root_box(box)
        box.cwd = root
        for name in inside:
            box.overlay("root/top", name)
            tap.check_none(sound_lines(box.info("--follow=same-directory", "top"), 2),
                           f"--follow=same-directory follows {name}")
        for name in outside:
            box.overlay("root/top", name, "raw")
            lines = failed_lines(box.info("--follow=same-directory", "top"), 1, *REFUSED)
            opened = box.opened("info", "--backing-chain", "--follow=same-directory", "top")
            lines += [f"{path} is opened" for path in (opened or set()) - {str(root / "top")}]
            tap.check_none(lines, f"--follow=same-directory refuses {name}")
        link(root / "planted", "../victim")
        box.overlay("root/top", "planted")
        answer = box.info("--follow=same-directory", "top")
        opened = box.opened("info", "--backing-chain", "--follow=same-directory", "top")
        lines = failed_lines(answer, 1, "refused")
        if str(box.folder / "victim") in (opened or set()):
            lines.append("the link's target is opened")
        tap.check_none(lines, "--follow=same-directory refuses a link that leads away")
        tap.check("chain-refused" in answer.rules | set(rules_of(answer.last)),
                  "--follow=same-directory names its rule", [str(answer.rules)])


def check_policies(tap, setting):
    """All of this file."""
    check_escapes(tap, setting)
    check_root_top(tap, setting)
    check_root_inside(tap, setting)
    check_swapped(tap, setting)
    check_follow_none(tap, setting)
    check_same_directory(tap, setting)
