# SPDX-License-Identifier: LGPL-2.1-or-later
# Runs the commands that README.md and the manual page show, and compares what they print.
"""Lines with a dollar sign are typed, those below are what comes; an example without such lines must work and print something."""

import os
import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from chain_images import qcow2, raw, write
from fixtures import TESTS
from programs import arguments_parse, environment, run
from tap import Tap

PAGES = {"README.md": TESTS.parent / "README.md", "the manual page": TESTS.parent / "docs/man/virt-probe.rst.in"}
LEFT_OUT = "…"
GIB = 1 << 30
# What is true of any filesystem: how much an image takes there is not, and with it the width of columns.
ALLOCATION = re.compile(r"\d+(\.\d+)? KiB")
SPACES = re.compile(r" +|-{20,}")
# Commands of other programs, which are not asked, and the folder in which everything lies already.
NOT_RUN = ("virsh ", "cd tests/qcow2data")


class Example(NamedTuple):
    """A command, and the lines that it is shown with."""

    command: str
    lines: list


def examples_of(text):
    """The examples of a page, in their order."""
    found = []
    for block in re.findall(r"(?:^    .*\n|^\n(?=    ))+", text, re.MULTILINE):
        parts = re.split(r"^    \$ ", block, flags=re.MULTILINE)[1:]
        for lines in (part.rstrip("\n").split("\n") for part in parts):
            command = [lines.pop(0)]
            while command[-1].endswith("&&"):
                command.append(lines.pop(0))
            found.append(Example("\n".join(command), [line[4:] for line in lines]))
    return found


NO_SANDBOX = "the program was built without"


def plain(lines):
    """Lines as they are compared; a program that was built without a sandbox says so in each judgement."""
    return [SPACES.sub(" ", ALLOCATION.sub("N KiB", line)).rstrip() for line in lines if NO_SANDBOX not in line]


def is_part(wanted, found):
    """Whether pieces of the text stand in it in their order, each as it is; what is left out may be anything."""
    pieces = [piece.strip("\n") for piece in re.split(rf"^ *{LEFT_OUT}$", "\n".join(wanted), flags=re.MULTILINE)]
    place = 0
    text = "\n".join(found)
    for piece in pieces:
        place = text.find(piece, place)
        if place < 0:
            return False
        place += len(piece)
    return True


class Setting:
    """A folder with every file that the pages name, and nothing else but what commands make."""

    def __init__(self, program, folder):
        self.folder = Path(folder)
        images = self.folder / "images"
        self.places = {"/var/lib/libvirt/images": str(images), "/dev/vg0/guest": str(self.folder / "guest.raw")}
        self.environment = environment(PATH=f"{os.path.dirname(program)}:{os.environ['PATH']}")

    def make(self):
        """Everything anew, so that no page depends on another."""
        images = self.folder / "images"
        shutil.rmtree(images, ignore_errors=True)
        for name in ("backing-without-format", "v3-plain", "l1-past-end"):
            shutil.copyfile(TESTS / "qcow2data" / f"{name}.qcow2", self.folder / f"{name}.qcow2")
        shutil.copyfile(TESTS / "qcow2data/l1-past-end.qcow2", self.folder / "damaged.qcow2")
        large = {"size": 20 * GIB, "cluster_bits": 16}
        write(self.folder / "disk.qcow2", qcow2(size=10 * GIB, cluster_bits=16))
        write(self.folder / "guest.raw", raw())
        write(self.folder / "overlay.qcow2", qcow2("disk.qcow2", "qcow2", size=10 * GIB, cluster_bits=16))
        write(self.folder / "web.qcow2", qcow2("mid.qcow2", "qcow2", **large))
        write(self.folder / "mid.qcow2", qcow2("base.qcow2", "qcow2", **large))
        run(["gzip", "-kf", "disk.qcow2"], cwd=self.folder)
        for name in ("base.qcow2", "web.qcow2"):
            write(images / name, qcow2(**large))
        (images / "cut.qcow2").write_bytes(qcow2(**large)[:80])
        catalogue = Path(tempfile.mkdtemp(dir=self.folder))
        self.environment.update(VIRT_PROBE_CONFIG_DIR=str(catalogue / "config"), VIRT_PROBE_STATE_DIR=str(catalogue / "state"))

    def call(self, command, head=""):
        """Run a command as a shell does, after the head."""
        for place, stand_in in self.places.items():
            command = command.replace(place, stand_in)
        return run(["sh", "-c", f"{head}{command}"], cwd=self.folder, env=self.environment)

    def lines(self, command):
        """What a command prints on both outputs, as the page has it."""
        text = self.call(command, "exec 2>&1\n").stdout.decode("utf-8", "replace")
        for place, stand_in in self.places.items():
            text = text.replace(stand_in, place)
        return text.rstrip("\n").split("\n")


def check(tap, setting, page, example):
    """One example."""
    title = f"{page}: {example.command}"
    if not example.lines:
        result = setting.call(example.command)
        complaints = [line for line in result.stderr.splitlines() if not line.startswith(b"virt-probe: ")]
        tap.check(result.status == 0 and result.stdout and not complaints, f"{title} works",
                  [f"status {result.status}", result.message])
        return
    found, wanted = plain(setting.lines(example.command)), plain(example.lines)
    is_equal = is_part(wanted, found) if any(line.strip() == LEFT_OUT for line in wanted) else found == wanted
    tap.check(is_equal, f"{title} prints what is shown", [*found, "but this is shown:", *wanted])


def main():
    """Check everything."""
    arguments = arguments_parse(__doc__, needs_qemu_img=False)
    tap = Tap()
    with tempfile.TemporaryDirectory(prefix="virt-probe-") as folder:
        setting = Setting(arguments.program, os.path.realpath(folder))
        for page, path in PAGES.items():
            setting.make()
            examples = [example for example in examples_of(path.read_text()) if not example.command.startswith(NOT_RUN)]
            tap.check(len(examples) > 5, f"{page} has examples", [str(examples)])
            for example in examples:
                check(tap, setting, page, example)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
