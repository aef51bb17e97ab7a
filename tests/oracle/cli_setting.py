# SPDX-License-Identifier: LGPL-2.1-or-later
# Makes targets and calls the program for the command line tests.
"""A Setting is the program under test with a scratch folder of sound and strange targets."""

import ctypes
import os
import shutil
import socket
from pathlib import Path

from fixtures import TESTS
from programs import parse_json_or_none, run, state_of

SHORT_TIMEOUT = 10  # seconds; nothing may wait, least of all a FIFO
CAPBSET_DROP = 24  # of prctl(2)
CAPABILITIES_OF_ROOT = (1, 2)  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
NOBODY = 65534
SOUND = TESTS / "qcow2data" / "v3-plain.qcow2"
# An ESC sequence, a newline, invalid UTF-8, a C1 control and a bidi override.
HOSTILE_NAME = b"x\x1b]0;title\x07\nforged: line\xff\xc2\x9b\xe2\x80\xae.qcow2"
# What no terminal should get from a name or an image.
CONTROLS = ({chr(code) for code in range(0x20)} - {"\n"} | {chr(code) for code in range(0x7F, 0xA0)}
            | set("\u061c\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e"
                  "\u2066\u2067\u2068\u2069"))


class Setting:
    """The program and a folder with targets; the folder is where the program runs."""

    def __init__(self, program, folder):
        self.program = program
        self.folder = Path(folder)
        shutil.copyfile(SOUND, self.folder / "sound.qcow2")
        shutil.copyfile(SOUND, self.folder / "locked.qcow2")
        (self.folder / "locked.qcow2").chmod(0)
        (self.folder / "folder").mkdir()
        (self.folder / "empty").touch()
        (self.folder / "loop").symlink_to("loop")
        (self.folder / "dangling").symlink_to("nowhere")
        os.mkfifo(self.folder / "fifo")
        with socket.socket(socket.AF_UNIX) as listener:
            # Socket names are short, so the folder is not part of it.
            before = os.getcwd()
            os.chdir(self.folder)
            listener.bind("socket")
            os.chdir(before)

    def call(self, *words, **options):
        """Run the program with the words."""
        options.setdefault("timeout", SHORT_TIMEOUT)
        return run([self.program, *words], cwd=self.folder, **options)

    def call_unprivileged(self, *words):
        """Run it as a user to whom permissions of files mean something."""
        return self.call(*words, preexec_fn=give_up_privileges)

    def describe(self, *words, **options):
        """Run info with JSON; returns the result and what was parsed, or None."""
        result = self.call("info", "--output=json", *words, **options)
        return result, parse_json_or_none(result.stdout)

    def describe_unprivileged(self, *words):
        """The same as a plain user."""
        return self.describe(*words, preexec_fn=give_up_privileges)


def give_up_privileges():
    """In the child of root: no longer read everything.

    Root without these capabilities can still reach the program, wherever it
    was built; another user perhaps cannot.
    """
    if os.geteuid() != 0:
        return
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    if any(prctl(CAPBSET_DROP, capability, 0, 0, 0) != 0 for capability in CAPABILITIES_OF_ROOT):
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)


def message_problems(result, prefix):
    """What is wrong with the one line on stderr that tells of a failure."""
    text = result.stderr.decode("utf-8", "replace")
    problems = []
    if text.count("\n") != 1 or not text.endswith("\n"):
        problems.append(f"stderr is not exactly one line: {text!r}")
    if not text.startswith(prefix):
        problems.append(f"the message does not begin with {prefix!r}: {text!r}")
    return problems


def status_problems(result, wanted):
    """What is wrong with the exit status."""
    if result.status == wanted:
        return []
    return [f"status {result.status}, wanted {wanted}: {result.message}"]


def error_problems(description, state, code=None):
    """What is wrong with the JSON of a target that failed."""
    extra = state_of(description)
    error = extra.get("error", {})
    problems = []
    if extra.get("state") != state:
        problems.append(f"state {extra.get('state')!r}, wanted {state!r}")
    if not error.get("code") or (code is not None and error["code"] != code):
        problems.append(f"error code {error.get('code')!r}, wanted {code or 'any'}")
    if not error.get("message"):
        problems.append("there is no error message")
    return problems


def control_problems(data, what):
    """Control characters and invalid UTF-8 in what was printed."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return [f"{what} is not UTF-8: {error}"]
    found = sorted({character for character in text if character in CONTROLS})
    return [f"{what} holds the control {ord(character):#06x}" for character in found]
