# SPDX-License-Identifier: LGPL-2.1-or-later
# Compares virt-probe info with qemu-img info over images that qemu-img makes.
"""What qemu-img prints in JSON, ours must have with the same value; so must the human output."""

import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from compare import (FROM_EXTENTS_LINES, difference_lines, human_difference_lines,
                     image_differences, opens_extents)
from corner_cases import corner_cases
from programs import arguments_parse, parse_json, run, state_of
from random_cases import random_cases
from tap import Tap

IMAGES_MIN = 250
LUKS_MAX = 15
ATTEMPTS = 10
JOBS = 2


def add_options(parser):
    """The options of this test."""
    parser.add_argument("--seed", type=int, default=1, help="of the random choice")
    parser.add_argument("--count", type=int, default=180, help="how many random images")
    parser.add_argument("--only", metavar="TEXT", help="only images whose title has the text")


def run_step(qemu_img, step, folder):
    """Run one step of qemu-img.

    With so few iterations LUKS sometimes cannot measure how long they take.
    """
    for _ in range(ATTEMPTS):
        result = run([qemu_img, *step], cwd=folder)
        if b"accurate CPU usage" not in result.stderr:
            break
    return result


def make_image(case, folder, qemu_img):
    """Run the steps; returns lines that tell what failed."""
    for step in case.steps:
        if callable(step):
            step(folder)
            continue
        result = run_step(qemu_img, step, folder)
        if result.status != 0:
            return [f"qemu-img {' '.join(step)}", f"status {result.status}: {result.message}"]
    return []


class Pair:
    """What both programs say of one image."""

    def __init__(self, arguments, folder, image, options=()):
        self.command = ["info", *options, image]
        self.theirs = run([arguments.qemu_img, *self.command], cwd=folder)
        self.ours = run([arguments.program, *self.command], cwd=folder)

    def status_lines(self):
        """How the statuses differ."""
        if self.theirs.status == self.ours.status:
            return []
        return [f"status of qemu-img {self.theirs.status}, ours {self.ours.status}",
                f"qemu-img: {self.theirs.message}", f"ours: {self.ours.message}"]

    def json_lines(self):
        """How the JSON differs."""
        lines = self.status_lines()
        if lines or self.theirs.status != 0:
            return lines
        return difference_lines(image_differences(parse_json(self.theirs.stdout),
                                                  parse_json(self.ours.stdout)))

    def human_lines(self, excepted=()):
        """How the human output differs, but for lines that begin so."""
        lines = self.status_lines()
        if lines or self.theirs.status != 0:
            return lines
        theirs = "".join(line for line in self.theirs.stdout.decode("utf-8", "replace").splitlines(True)
                         if not line.startswith(tuple(excepted)))
        return human_difference_lines(theirs, self.ours.stdout.decode("utf-8", "replace"))


def is_fixed_vpc(theirs, ours):
    """QEMU does not recognise a fixed VHD; ours does and tells what QEMU takes it for."""
    return (theirs.get("format") == "raw" and ours.get("format") == "vpc"
            and state_of(ours).get("qemu-format") == "raw")


def recognised_lines(pair):
    """Differences without -f, where a fixed VHD may be called by its name."""
    lines = pair.json_lines()
    if pair.theirs.status != 0 or pair.ours.status != 0:
        return lines
    theirs, ours = parse_json(pair.theirs.stdout), parse_json(pair.ours.stdout)
    if not is_fixed_vpc(theirs, ours):
        return lines
    of_the_file = {key: theirs[key] for key in ("filename", "actual-size")}
    return difference_lines(image_differences(of_the_file, ours))


def compare_image(case, folder, arguments):
    """All differences between the programs for one image, as lines."""
    json_option, form = "--output=json", ["-f", case.format]
    recognised = Pair(arguments, folder, case.image, [json_option])
    declared = Pair(arguments, folder, case.image, [json_option, *form])
    human = Pair(arguments, folder, case.image, [*form, "-U"])
    lines = [f"without -f: {line}" for line in recognised_lines(recognised)]
    lines += [f"with -f {case.format}: {line}" for line in declared.json_lines()]
    excepted = ()
    if declared.theirs.status == 0 and opens_extents(parse_json(declared.theirs.stdout)):
        excepted = FROM_EXTENTS_LINES
    return lines + [f"human: {line}" for line in human.human_lines(excepted)]


def case_lines(case, arguments):
    """Make one image in a folder of its own and compare; returns what is wrong."""
    with tempfile.TemporaryDirectory(prefix="virt-probe-") as folder:
        lines = make_image(case, Path(folder), arguments.qemu_img)
        if lines:
            return ["the image cannot be made", *lines]
        return compare_image(case, folder, arguments)


def main():
    """Compare over all images."""
    arguments = arguments_parse(__doc__.splitlines()[0], add_options)
    cases = corner_cases() + list(random_cases(arguments.seed, arguments.count))
    if arguments.only is not None:
        cases = [case for case in cases if arguments.only in case.title]
    tap = Tap()
    with ThreadPoolExecutor(JOBS) as pool:
        for case, lines in zip(cases, pool.map(lambda case: case_lines(case, arguments), cases)):
            tap.check_none(lines, case.title)
    if arguments.only is None:
        tap.check(len(cases) >= IMAGES_MIN, f"at least {IMAGES_MIN} images are compared",
                  [f"there are {len(cases)}"])
        luks_count = sum(case.needs_luks for case in cases)
        tap.check(luks_count <= LUKS_MAX, f"at most {LUKS_MAX} images with LUKS are made",
                  [f"there are {luks_count}"])
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
