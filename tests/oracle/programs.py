# SPDX-License-Identifier: LGPL-2.1-or-later
# Runs virt-probe and qemu-img for the oracle tests, and reads what they print.
"""Both programs run in the same environment: English messages, UTC, UTF-8."""

import argparse
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

from tap import bail_out

TIMEOUT_SECONDS = 60
HUNG = -1000  # takes the place of a status; signals are -1 to -64


class Result(NamedTuple):
    """How a program ended and what it printed."""

    status: int
    stdout: bytes
    stderr: bytes

    @property
    def message(self):
        """What it said on stderr, in one line."""
        return " / ".join(self.stderr.decode("utf-8", "replace").splitlines())

    @property
    def has_crashed(self):
        """Killed by a signal (also when a wrapper reports it as 128 + n), or by us."""
        return self.status < 0 or self.status > 128


class DuplicateKey(ValueError):
    """A JSON object has the same key twice."""


def environment(**changes):
    """The environment of every program that is run."""
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith(("LC_", "LANG")) and name != "TZ"}
    return {**kept, "LC_ALL": "C.UTF-8", "TZ": "UTC", **changes}


def run(argv, cwd=None, timeout=TIMEOUT_SECONDS, env=None, **options):
    """Run a program to its end; a hung one is killed and has the status HUNG."""
    options.setdefault("stdout", subprocess.PIPE)
    options.setdefault("stdin", subprocess.DEVNULL)
    with subprocess.Popen(argv, cwd=cwd, env=env or environment(),
                          stderr=subprocess.PIPE, **options) as process:
        try:
            stdout, stderr = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return Result(HUNG, b"", f"killed after {timeout} seconds".encode())
    return Result(process.returncode, stdout or b"", stderr)


def keys_once(pairs):
    """Make the dictionary of a JSON object, which must not repeat a key."""
    keys = [key for key, _ in pairs]
    for key in set(keys):
        if keys.count(key) > 1:
            raise DuplicateKey(f"key {key!r} appears {keys.count(key)} times")
    return dict(pairs)


def parse_json(data):
    """Read strict JSON: valid UTF-8, no NaN, no key twice.  Raises ValueError."""
    def refuse(word):
        raise ValueError(f"{word} is not JSON")
    return json.loads(data.decode("utf-8"), object_pairs_hook=keys_once, parse_constant=refuse)


def parse_json_or_none(data):
    """The same, None when there is none."""
    try:
        return parse_json(data)
    except ValueError:
        return None


def find_program(name):
    """The absolute path of a program, since tests run in other folders."""
    path = shutil.which(name)
    if path is None:
        bail_out(f"there is no program {name}")
    return str(Path(path).absolute())


def arguments_parse(purpose, add_options=None, needs_qemu_img=True):
    """Parse the command line that all oracle tests share.

    All take --qemu-img; only those that compare with it need it to exist.
    """
    parser = argparse.ArgumentParser(description=purpose)
    parser.add_argument("--program", required=True, help="the virt-probe to be tested")
    parser.add_argument("--qemu-img", default="qemu-img", help="the qemu-img to compare with")
    if add_options is not None:
        add_options(parser)
    arguments = parser.parse_args()
    arguments.program = find_program(arguments.program)
    if needs_qemu_img:
        arguments.qemu_img = find_program(arguments.qemu_img)
    return arguments


def state_of(description):
    """The "virt-probe" object of a description, empty when there is none."""
    extra = description.get("virt-probe") if isinstance(description, dict) else None
    return extra if isinstance(extra, dict) else {}
