# SPDX-License-Identifier: LGPL-2.1-or-later
# Broken chains: members that are missing or cannot be read, and the hints that repair a chain.
"""Everything above the break is described, the break itself is named."""

import os
import socket

from chain_images import write_chain
from chain_setting import failed_lines, hint_of, sound_lines
from programs import run

DEPTHS = (1, 5, 19)
HOSTILE_NAMES = (
    "two words", "a'; touch pwned; '", "$(touch pwned)", "`touch pwned`", "-o", "--", "a\"b",
    "back\\slash", "x\ntouch pwned", "*", "~", "ünïcode 日", "semi;touch pwned", "a=b,c", "json:{}",
    "a:b",
)


def check_depths(tap, setting):
    """A base that is missing, far down or near."""
    for depth in DEPTHS:
        with setting.box() as box:
            names = write_chain(box.folder, depth + 1)
            (box.folder / names[-1]).unlink()
            answer = box.info(names[0])
            lines = failed_lines(answer, depth, "not-found", "chain-missing")
            message = answer.result.stderr.decode()
            if f"virt-probe: {names[-1]}: " not in message:
                lines.append(f"stderr does not name {names[-1]}: {message!r}")
            human = box.human(names[0])
            shown = [name for name in names[:-1] if f"image: {name}\n" not in human.stdout.decode()]
            lines += [f"people do not see {name}" for name in shown]
            if human.status != 1:
                lines.append(f"for people the status is {human.status}")
            tap.check_none(lines, f"a base missing at depth {depth} is named, all above described")


def repair_lines(box, top, length):
    """Run the hinted command; the chain must be sound then."""
    answer = box.info(top)
    hint = hint_of(answer)
    if "qemu-img rebase -u" not in hint:
        return [f"the remedy is {hint!r}: {answer.result.message}"]
    if "\n" not in top and hint not in answer.result.stderr.decode():
        return [f"stderr does not hint at {hint!r}: {answer.result.message}"]
    path = f"{os.path.dirname(box.qemu_img)}:{os.environ['PATH']}"
    done = run(["sh", "-c", hint], cwd=box.cwd, env={**os.environ, "PATH": path})
    if done.status != 0:
        return [f"{hint!r} fails: {done.message}"]
    if (box.folder / "pwned").exists():
        return [f"{hint!r} runs a command of the image's choice"]
    return [f"after {hint!r}: {line}" for line in sound_lines(box.info(top), length)]


def check_repairs(tap, setting):
    """The hint is a command that works."""
    with setting.box() as box:
        box.overlay("top", "gone/base")
        box.base()
        tap.check_none(repair_lines(box, "top", 2),
                       "the hint repairs a chain whose base was moved beside the overlay")
    with setting.box() as box:
        box.overlay("top", "/nowhere/at/all/base", "raw")
        box.base(form="raw")
        tap.check_none(repair_lines(box, "top", 2),
                       "the hint repairs a chain whose absolute base lies beside the overlay")
    with setting.box() as box:
        box.overlay("images/top", "middle")
        box.overlay("images/middle", "gone/base")
        box.base("images/base")
        tap.check_none(repair_lines(box, "images/top", 3),
                       "the hint repairs an overlay in the middle, in another directory")
        box.overlay("images/top", "middle")
        box.overlay("images/middle", "gone/base")
        tap.check_none(repair_lines(box, str(box.folder / "images/top"), 3),
                       "the hint repairs a chain that was named by an absolute path")


def check_hostile_repairs(tap, setting):
    """Names in a hint are quoted for the shell."""
    for name in HOSTILE_NAMES:
        with setting.box() as box:
            box.overlay("top", f"gone/{name}")
            box.base(name)
            tap.check_none(hostile_lines(box, "top"),
                           f"a hint that names a base {name!r} is harmless")
        with setting.box() as box:
            box.overlay(name, "gone/base")
            box.base()
            top = str(box.folder / name)
            tap.check_none(hostile_lines(box, top),
                           f"a hint that names an overlay {name!r} is harmless")


def hostile_lines(box, top):
    """A hint may be left out, but when there is one it works."""
    answer = box.info(top)
    lines = failed_lines(answer, 1, "not-found", "chain-missing")
    return lines if lines or not hint_of(answer) else repair_lines(box, top, 2)


def check_permissions(tap, setting):
    """A base that the caller may not read, and one in a folder that he may not enter."""
    with setting.box() as box:
        box.folder.chmod(0o755)
        box.overlay("top", "base")
        box.base().chmod(0)
        tap.check_none(failed_lines(box.info_unprivileged("top"), 1, "permission-denied",
                                    "chain-unreadable"),
                       "a base that may not be read is named")
        box.overlay("top", "closed/base")
        box.base("closed/base")
        (box.folder / "closed").chmod(0)
        tap.check_none(failed_lines(box.info_unprivileged("top"), 1, "permission-denied",
                                    "chain-unreadable"),
                       "a base in a folder that may not be entered is named")
        (box.folder / "closed").chmod(0o755)


def make_socket(path):
    """A socket; its name is short, so the folder is not part of it."""
    before = os.getcwd()
    os.chdir(path.parent)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path.name)
    os.chdir(before)


NO_IMAGES = {
    "a FIFO": (os.mkfifo, "refused", "chain-unreadable"),
    "a directory": (os.mkdir, "refused", "chain-unreadable"),
    "a socket": (make_socket, "refused", "chain-unreadable"),
    "a symbolic link to nothing": (lambda path: path.symlink_to("nowhere"), "not-found",
                                   "chain-missing"),
    "a symbolic link to itself": (lambda path: path.symlink_to("base"), "symlink-loop",
                                  "chain-unreadable"),
    "a symbolic link to a FIFO": (lambda path: (os.mkfifo(path.parent / "fifo"),
                                                path.symlink_to("fifo")), "refused",
                                  "chain-unreadable"),
    "a character device": (lambda path: path.symlink_to("/dev/null"), "refused",
                           "chain-unreadable"),
    "below a file": (lambda path: (path.write_bytes(b"x" * 512), path.rename(path.parent / "f")),
                     None, None),
}


def check_no_images(tap, setting):
    """What is no image in place of a base; recorded raw as well, which accepts any bytes."""
    for what, (make, code, rule) in NO_IMAGES.items():
        for form in ("qcow2", "raw"):
            with setting.box() as box:
                name = "f/base" if what == "below a file" else "base"
                box.overlay("top", name, form)
                make(box.folder / "base")
                tap.check_none(failed_lines(box.info("top"), 1, code, rule),
                               f"a base, recorded {form}, that is {what} is an error")


def check_missing(tap, setting):
    """All of this file."""
    check_depths(tap, setting)
    check_repairs(tap, setting)
    check_hostile_repairs(tap, setting)
    check_permissions(tap, setting)
    check_no_images(tap, setting)
