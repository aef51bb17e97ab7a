# SPDX-License-Identifier: LGPL-2.1-or-later
# Hostile images of every format: what we must say, and that QEMU is not the stricter one.
"""Each row is an input with its golden outcome; qemu-img sees the same file."""

import os
import shutil
import sys
import tempfile
from pathlib import Path

import hostile_content
import hostile_disks
import hostile_others
import hostile_qcow2
import hostile_vmdk
from chain_setting import opened_paths
from cli_setting import control_problems
from hostile_case import FIFO
from programs import HUNG, arguments_parse, environment, parse_json_or_none, run, state_of
from tap import Tap

TIMEOUT = 10  # seconds, for each program
GRAVE = ("warning", "error", "deny")
SANITIZERS = "detect_leaks=0:abort_on_error=1"
MODULES = (hostile_qcow2, hostile_vmdk, hostile_disks, hostile_others, hostile_content)


def put(path, image):
    """Write an image; bytes with a size are enlarged to it."""
    content, size = image if isinstance(image, tuple) else (image, None)
    with open(path, "wb") as out:
        out.write(content)
        if size is not None:
            out.truncate(size)


def prepare(case, folder):
    """Write the input and the files beside it."""
    put(folder / case.name, case.image() if callable(case.image) else case.image)
    for name, content in case.files:
        if content is FIFO:
            os.mkfifo(folder / name)
        else:
            put(folder / name, content)


def declaration(case):
    """The options that declare a format."""
    return ["-f", case.declared] if case.declared else []


def outcome_lines(case, result, document):
    """Where the description is not what the row says."""
    lines = control_problems(result.stdout, "stdout") + control_problems(result.stderr, "stderr")
    findings = state_of(document).get("findings", [])
    rules = {finding["rule"] for finding in findings}
    if result.status != case.status:
        lines.append(f"status {result.status}, wanted {case.status}: {result.message}")
    if document.get("format") != case.format:
        lines.append(f"format {document.get('format')!r}, wanted {case.format!r}")
    if not rules.issuperset(case.rules):
        lines.append(f"no finding of {sorted(set(case.rules) - rules)}")
    contents = {content["format"] for content in state_of(document).get("content", [])}
    if not contents.issuperset(case.contents):
        lines.append(f"content {sorted(contents)}, wanted {case.contents}")
    return [*lines, *(str(finding) for finding in findings)] if lines else []


def judged(result):
    """What qemu-img did of it."""
    if result.status == HUNG:
        return "hangs"
    if result.has_crashed:
        return "crashes"
    return "accepts" if result.status == 0 else "refuses"


def lax_lines(result, document, theirs):
    """What QEMU refuses, or dies of, must be an error or a warning of ours."""
    severities = {finding["severity"] for finding in state_of(document).get("findings", [])}
    is_grave = result.status == 1 or severities.intersection(GRAVE)
    if is_grave or judged(theirs) in ("accepts", "hangs"):
        return []
    return [f"qemu-img {judged(theirs)} it: {theirs.message}",
            *(str(finding) for finding in state_of(document).get("findings", []))]


def opened_besides(strace, program, case, folder):
    """Files that were opened and are not the image."""
    log = folder.parent / f"{folder.name}.strace"

    def opened(*words):
        """The paths of one run."""
        run([strace, "-f", "-qq", "-y", "-e", "trace=open,openat,openat2,%network", "-o", str(log),
             program, *words], cwd=folder, timeout=TIMEOUT,
            env=environment(ASAN_OPTIONS=SANITIZERS))
        return opened_paths(log.read_text(errors="replace").splitlines())
    found = opened("info", "--output=json", *declaration(case), case.name) - opened("--version")
    log.unlink()
    return sorted(found - {os.path.realpath(folder / case.name)})


def check_case(tap, arguments, strace, case):
    """All that a row says."""
    with tempfile.TemporaryDirectory(prefix="virt-probe-") as place:
        folder = Path(place) / "images"
        folder.mkdir()
        prepare(case, folder)
        words = ["info", "--output=json", *declaration(case), case.name]
        result = run([arguments.program, *words], cwd=folder, timeout=TIMEOUT)
        document = parse_json_or_none(result.stdout) or {}
        tap.check_none(outcome_lines(case, result, document), f"{case.says}: what we say")
        if case.qemu != "not asked":
            theirs = run([arguments.qemu_img, *words], cwd=folder, timeout=TIMEOUT)
            tap.check_none(lax_lines(result, document, theirs),
                           f"{case.says}: no laxer than QEMU")
        if case.qemu not in ("any", "not asked"):
            tap.check_equal(judged(theirs), case.qemu, f"{case.says}: what QEMU says")
        if case.alone and strace is not None:
            tap.check_none(opened_besides(strace, arguments.program, case, folder),
                           f"{case.says}: nothing else is opened")


def main():
    """Check every row."""
    arguments = arguments_parse(__doc__.splitlines()[0])
    tap = Tap()
    strace = shutil.which("strace")
    for module in MODULES:
        for case in module.CASES:
            check_case(tap, arguments, strace, case)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
