# SPDX-License-Identifier: LGPL-2.1-or-later
# Prints test results in TAP, the Test Anything Protocol, which meson reads.
"""The plan comes last, so a program that dies on the way has failed."""

import sys


def printable(text):
    """The text on one line of ASCII: names of hostile images end up in sentences."""
    line = text.encode("unicode_escape", "backslashreplace").decode("ascii")
    return line.replace("\\\\", "\\").replace("#", "\\#")


class Tap:
    """Counts and prints the results of one test program."""

    def __init__(self):
        self.count = 0
        self.failed = 0

    def check(self, holds, sentence, diagnostics=()):
        """Print one result; the diagnostics only when it does not hold."""
        self.count += 1
        self.failed += not holds
        print(f"{'ok' if holds else 'not ok'} {self.count} - {printable(sentence)}")
        if not holds:
            for line in diagnostics:
                self.comment(line)
        sys.stdout.flush()
        return holds

    def check_equal(self, found, wanted, sentence):
        """One result that tells both values when they differ."""
        return self.check(found == wanted, sentence, [f"found  {found!r}", f"wanted {wanted!r}"])

    def check_none(self, problems, sentence):
        """One result that holds when there are no problems; a list of lines."""
        return self.check(not problems, sentence, problems)

    def comment(self, text):
        """Print lines that people read and meson does not judge."""
        for line in str(text).splitlines() or [""]:
            print(f"# {printable(line)}")

    def finish(self):
        """Print the plan; returns the exit status."""
        print(f"1..{self.count}")
        if self.count == 0:
            return 1
        return 1 if self.failed else 0


def bail_out(reason):
    """End at once: nothing can be tested."""
    print(f"Bail out! {printable(reason)}")
    sys.exit(1)
