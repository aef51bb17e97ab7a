# SPDX-License-Identifier: LGPL-2.1-or-later
# What an entry of the rows of hostile inputs says, and what the scripts among them work with.
"""A row is one kind of hostile input; most have several variants, each an entry of its own.

header-invalid is what header-inconsistent is for values that QEMU refuses, and truncated what
table-outside-file is for places that a file could have; those need no reason.
"""

import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from cli_setting import control_problems
from fixtures import TESTS
from programs import environment, parse_json_or_none, run

PLAIN = TESTS / "qcow2data" / "v3-plain.qcow2"
TIMEOUT = 20  # seconds; a guard, nothing may wait
SANITIZERS = "detect_leaks=0:abort_on_error=1"


class Row(NamedTuple):
    """A variant: the input by its key in the golden file of audits, and what that must have."""

    id: str
    input: str
    verdict: str
    rules: tuple
    format: str = None  # what it must be described as
    differs: str = None  # why the rules are others than one would expect
    profile: str = "upload"  # for which the input is judged


def denied(row, name, rules, form=None, differs=None):
    """An input that an upload must not have; rules are separated by blanks."""
    return Row(row, name, "denied", tuple(rules.split()), form, differs)


def passes(row, name, rules="", form=None, differs=None):
    """One that it may have, with these findings."""
    return Row(row, name, "pass", tuple(rules.split()), form, differs)


def qcow2(name):
    """A fixture of tests/qcow2data."""
    return f"qcow2data/{name}.qcow2"


class Named(NamedTuple):
    """A row that another test has: where, and a word by which it is found there."""

    id: str
    path: str
    word: str


class Answer(NamedTuple):
    """How an audit ended and what it said of one file."""

    status: int
    audit: dict
    message: str

    @property
    def verdict(self):
        """In one word; None when there was no JSON."""
        return (self.audit or {}).get("verdict")

    @property
    def rules(self):
        """All that it found."""
        return {finding["rule"] for finding in (self.audit or {}).get("findings", [])}


class Setting:
    """The program, and an empty folder for each script."""

    def __init__(self, arguments, tap):
        self.program, self.has_pools, self.tap = arguments.program, arguments.pools, tap
        self.strace = shutil.which("strace")
        self.folder = None

    @contextmanager
    def box(self):
        """A new folder, in which the program runs."""
        with tempfile.TemporaryDirectory(prefix="virt-probe-") as place:
            self.folder = Path(place)
            yield self.folder

    def call(self, *words, **options):
        """Run it."""
        options.setdefault("timeout", TIMEOUT)
        return run([self.program, *map(os.fspath, words)], cwd=self.folder, **options)

    def audit(self, *words, **options):
        """Judge one file; words are options and the name."""
        result = self.call("audit", "--output=json", *words, **options)
        return Answer(result.status, parse_json_or_none(result.stdout), result.message)

    def info(self, *words):
        """Describe one file."""
        return parse_json_or_none(self.call("info", "--output=json", *words).stdout) or {}

    def traced(self, calls, *words):
        """The lines that strace writes of such calls; None where there is no strace."""
        if self.strace is None:
            return None
        log = self.folder / "strace.log"
        run([self.strace, "-f", "-qq", "-y", "-e", f"trace={calls}", "-o", str(log), self.program,
             *words], cwd=self.folder, timeout=TIMEOUT, env=environment(ASAN_OPTIONS=SANITIZERS))
        lines = log.read_text(errors="replace").splitlines()
        log.unlink()
        return lines

    def expect(self, says, answer, status, verdict, rules=()):
        """Status, verdict and rules of one audit."""
        lines = []
        if (answer.status, answer.verdict) != (status, verdict):
            lines.append(f"status {answer.status}, {answer.verdict}, wanted {status}, {verdict}")
        if not answer.rules.issuperset(rules):
            lines.append(f"no finding of {sorted(set(rules) - answer.rules)}")
        return self.tap.check_none(lines + [answer.message] if lines else [], says)

    def expect_clean(self, says, *results):
        """Nothing that was printed may drive a terminal."""
        lines = [line for result in results for output in (result.stdout, result.stderr)
                 for line in control_problems(output, "the output")]
        return self.tap.check_none(lines, says)
