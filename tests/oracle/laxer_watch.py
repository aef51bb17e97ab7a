# SPDX-License-Identifier: LGPL-2.1-or-later
# Runs qemu-img under strace and says what it opened or asked about that is not the image.
"""One strace watches the four questions about an image, in a shell that limits memory, time and output."""

import os
import re
import shlex
import signal
import subprocess
from pathlib import Path
from typing import NamedTuple, Tuple

from programs import environment

LIMITS = "ulimit -c 0; ulimit -v 2097152; ulimit -t 5; ulimit -f 524288"  # KiB, seconds, 512 bytes
TIMEOUT = 20  # seconds, for all questions about an image
CALLS = "trace=%file,%network,open_by_handle_at"
IMAGE, OUTPUT, LOG = "IMAGE", "OUTPUT", "LOG"
CALL = re.compile(r"^\d+ +(?:<\.\.\. )?(\w+)(?: resumed>)?\(?(.*)$")
QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
FORMAT = re.compile("^file format: (.*)$", re.MULTILINE)


class Answer(NamedTuple):
    """How one run of qemu-img ended."""

    title: str
    status: int
    message: str

    @property
    def has_crashed(self):
        """Killed by a signal, which is not that for too large an output."""
        return self.status >= 128 and self.status != 128 + signal.SIGXFSZ


class Watched(NamedTuple):
    """All runs over one image, and what was touched."""

    answers: Tuple[Answer, ...]
    touched: frozenset
    has_hung: bool
    guess: str = None  # the format that QEMU takes, when it was not told one; None when it refuses


def questions(form):
    """What is asked: with and without a format, when QEMU has one of that name."""
    declared = [[]] if form is None else [[], ["-f", form]]
    return [[verb, *words] for verb in ("info", "convert") for words in declared]


def script_lines(qemu_img, asked, image, output, log):
    """The shell script; each status goes to the log, and so does what qemu-img says."""
    yield LIMITS
    for number, words in enumerate(asked):
        targets = ["-O", "raw", image, output] if words[0] == "convert" else [image]
        command = " ".join(map(shlex.quote, [qemu_img, *words, *targets]))
        printed = shlex.quote(f"{log}.out") if words == ["info"] else "/dev/null"
        yield f"{command} >{printed} 2>{shlex.quote(f'{log}.{number}')}; echo $?"


def group_run(argv, folder):
    """Run in a process group, which is killed as a whole when it takes too long; None then."""
    # With one arena the C library does not ask for the number of processors, or it would now and then.
    with subprocess.Popen(argv, cwd=folder, env=environment(MALLOC_ARENA_MAX="1"), start_new_session=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            return process.communicate(timeout=TIMEOUT)[0]
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return None


def touched_by(line, names):
    """What a line of strace says was touched: a path, or a call that needs none; None for nothing."""
    match = CALL.match(line)
    if match is None or "+++ exited" in line or "--- SIG" in line:
        return None
    call, rest = match.groups()
    if "resumed>" in line or "AT_EMPTY_PATH" in line:
        return None
    path = QUOTED.search(rest)
    if path is None:
        return f"{call}({rest.split(')')[0]}"
    name = path.group(1).encode("latin-1").decode("unicode_escape")
    if call in ("connect", "bind", "socket", "sendto"):
        return f"{call}({rest}"
    return names.get(name, name)


def log_read(path, names):
    """Everything that a log says was touched, by whatever process."""
    lines = path.read_text(errors="replace").splitlines()
    path.unlink()
    return frozenset(filter(None, (touched_by(line, names) for line in lines)))


class Watch:
    """The programs, and what qemu-img touches whatever the image."""

    def __init__(self, arguments, folder, harmless=frozenset()):
        self.qemu_img, self.strace = arguments.qemu_img, arguments.strace
        self.folder = Path(folder)
        self.harmless = harmless

    def ask(self, image, form, is_traced=True, verbs=("info", "convert")):
        """Ask about one image."""
        asked = [words for words in questions(form) if words[0] in verbs]
        output, log = self.folder / "output", self.folder / "log"
        script = "\n".join(script_lines(self.qemu_img, asked, str(image), str(output), log))
        argv = ["/bin/sh", "-c", script]
        if is_traced:
            argv = [self.strace, "-f", "-qq", "--seccomp-bpf", "-e", CALLS, "-o", f"{log}.strace", *argv]
        printed = group_run(argv, self.folder)
        statuses = [int(word) for word in (printed or b"").split()]
        answers = tuple(Answer(" ".join(words), status, self.said(f"{log}.{number}"))
                        for number, (words, status) in enumerate(zip(asked, statuses)))
        names = {str(image): IMAGE, str(output): OUTPUT, str(self.folder): LOG}
        names |= {f"{log}.{number}": LOG for number in (*range(len(asked)), "out")}
        touched = log_read(Path(f"{log}.strace"), names) if is_traced else frozenset()
        output.unlink(missing_ok=True)
        found = FORMAT.search(Path(f"{log}.out").read_text(errors="replace"))
        guess = found.group(1) if found is not None else None
        return Watched(answers, touched - self.harmless, printed is None, guess)

    def said(self, path):
        """What a run printed on stderr."""
        return Path(path).read_text(errors="replace").strip().replace("\n", " / ")[-400:]

    def control(self, images):
        """Learn from images that lead nowhere: (path, format)."""
        found = set()
        for image, form in images:
            found |= self.ask(image, form).touched
        self.harmless = frozenset(found)
