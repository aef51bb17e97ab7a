# SPDX-License-Identifier: LGPL-2.1-or-later
# A scratch folder with images, and the program's answers about chains in it, for the oracle tests.
"""Each behaviour gets a Box of its own, so that no case sees what another one left."""

import os
import re
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from chain_images import qcow2, raw, write
from chain_judge import NOT_OPENED, UNREADABLE, array_of, error_of, rules_of
from cli_setting import control_problems, give_up_privileges
from programs import Result, environment, parse_json_or_none, run, state_of

TIMEOUT = 20  # seconds; nothing may wait, least of all for a FIFO
FAILED = (UNREADABLE, NOT_OPENED)
OPENED = re.compile(r"\b(open|openat|openat2)\(.*\) = \d+<(.*)>$")
# What seeds hash tables, and where sanitizers learn about the process.
HARMLESS = re.compile(r"/dev/urandom|/proc/\d+/\w+|/sys/.*")
NETWORK = re.compile(r"\b(socket|connect|sendto|sendmsg)\(")
# Leaks cannot be looked for while the program is traced.
SANITIZERS = "detect_leaks=0:abort_on_error=1"


class Answer(NamedTuple):
    """How info --backing-chain ended and the array that it printed, empty when it is none."""

    result: Result
    array: list

    @property
    def last(self):
        """The last member."""
        return self.array[-1] if self.array else {}

    @property
    def rules(self):
        """All rules of all members."""
        return {rule for element in self.array for rule in rules_of(element)}

    def near(self, number):
        """The rules of a member and of the one above it."""
        pair = self.array[max(0, number - 1):number + 1]
        return {rule for element in pair for rule in rules_of(element)}


class Box:
    """A folder and the program that is run in it."""

    def __init__(self, setting, folder):
        self.program, self.qemu_img = setting.program, setting.qemu_img
        self.strace = setting.strace
        self.folder = Path(folder)
        self.cwd = self.folder

    def put(self, name, content):
        """Write one image."""
        return write(self.folder / name, content)

    def overlay(self, name, backing, form="qcow2", **options):
        """Write a qcow2 image with a backing file."""
        return self.put(name, qcow2(backing, form, **options))

    def base(self, name="base", form="qcow2"):
        """Write an image without a backing file."""
        return self.put(name, raw(1 << 20) if form == "raw" else qcow2())

    def call(self, *words, **options):
        """Run the program."""
        options.setdefault("timeout", TIMEOUT)
        return run([self.program, *words], cwd=self.cwd, **options)

    def info(self, *words, **options):
        """info --backing-chain in JSON."""
        result = self.call("info", "--backing-chain", "--output=json", *words, **options)
        return Answer(result, array_of(result) or [])

    def info_unprivileged(self, *words):
        """The same as a user to whom permissions mean something."""
        return self.info(*words, preexec_fn=give_up_privileges)

    def human(self, *words):
        """info --backing-chain for people."""
        return self.call("info", "--backing-chain", *words)

    def chain(self, *words):
        """The verb chain in JSON: the result and the object."""
        result = self.call("chain", "--output=json", *words)
        return result, parse_json_or_none(result.stdout) or {}

    def tree(self, *words):
        """The verb chain for people."""
        return self.call("chain", *words)

    def theirs(self, *words):
        """qemu-img info of the chain."""
        return run([self.qemu_img, "info", "--backing-chain", "--output=json", *words],
                   cwd=self.cwd, timeout=TIMEOUT)

    def traced(self, *words):
        """The lines of strace over one run, and its answer; None when there is no strace."""
        if self.strace is None:
            return None, None
        log = self.folder.parent / f"{self.folder.name}.strace"
        calls = "trace=open,openat,openat2,%network"
        result = run([self.strace, "-f", "-qq", "-y", "-e", calls, "-o", str(log),
                      self.program, *words], cwd=self.cwd, timeout=TIMEOUT,
                     env=environment(ASAN_OPTIONS=SANITIZERS))
        lines = log.read_text(errors="replace").splitlines()
        log.unlink()
        return lines, result

    def opened(self, *words):
        """Paths that one run opened, O_PATH apart, and that a run without an image does not."""
        lines, _ = self.traced(*words)
        if lines is None:
            return None
        usual, _ = self.traced("--version")
        return opened_paths(lines) - opened_paths(usual)


def opened_paths(lines):
    """Files that were opened for reading, as the kernel calls them."""
    matches = [OPENED.search(line) for line in lines if "O_PATH" not in line]
    found = {match.group(2) for match in matches if match}
    return {path for path in found if not HARMLESS.fullmatch(path)}


class ChainSetting:
    """The programs and where the boxes stand."""

    def __init__(self, arguments, folder):
        self.program, self.qemu_img = arguments.program, arguments.qemu_img
        self.strace = shutil.which("strace")
        self.folder = os.path.realpath(folder)

    @contextmanager
    def box(self):
        """A fresh folder, gone afterwards."""
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            yield Box(self, folder)


def failed_lines(answer, number, code=None, rule=None, states=FAILED):
    """What is wrong with a chain that ends at the member of that number with an error.

    The rule may stand at the member or at the overlay that names it.
    """
    lines = clean_lines(answer.result)
    if answer.result.status != 1:
        lines.append(f"status {answer.result.status}: {answer.result.message}")
    if len(answer.array) != number + 1:
        return [*lines, f"{len(answer.array)} members are listed, {number + 1} are wanted: "
                        f"{answer.result.message}"]
    member = answer.array[number]
    state = state_of(member).get("state")
    if state not in states:
        lines.append(f"state {state!r}, wanted {states}")
    if error_of(member) is None or (code is not None and error_of(member) != code):
        lines.append(f"error {state_of(member).get('error')}, wanted code {code!r}")
    if rule is not None and rule not in answer.near(number):
        lines.append(f"rules {sorted(answer.near(number))}, wanted {rule!r}")
    above = [element.get("filename") for element in answer.array[:number]
             if state_of(element).get("state") != "ok"]
    return lines + [f"the member {name!r} above is not ok" for name in above]


def sound_lines(answer, length, rule=None):
    """What is wrong with a chain of so many members without an error."""
    lines = clean_lines(answer.result)
    if answer.result.status != 0 or answer.result.stderr:
        lines.append(f"status {answer.result.status}: {answer.result.message}")
    if len(answer.array) != length:
        lines.append(f"{len(answer.array)} members are listed, {length} are wanted")
    if rule is not None and rule not in answer.rules:
        lines.append(f"rules {sorted(answer.rules)}, wanted {rule!r}")
    return lines


def clean_lines(result):
    """Controls in the output, and a crash."""
    lines = control_problems(result.stdout, "stdout") + control_problems(result.stderr, "stderr")
    if result.status not in (0, 1):
        lines.append(f"status {result.status}: {result.message}")
    return lines


def hint_of(answer):
    """The command that the last member's error names; empty when there is none."""
    return state_of(answer.last).get("error", {}).get("remedy", "")
