# SPDX-License-Identifier: LGPL-2.1-or-later
# Compares the verdicts of virt-probe with those of qemu-img over damaged images.
"""All images of the recipes, and healthy ones with one byte of a header changed or cut.

An image that qemu-img refuses must be an error of virt-probe; one that it
accepts must be described the same, or have a finding whose rule breaks.
"""

import shutil
import sys
import tempfile
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple, Optional

from fixtures import Image, load_images
from judge import EXCEPTED, LAXER, STRICTER, Verdict, judge
from mutations import all_mutations, cuts, sample_mutations
from programs import arguments_parse, run
from tap import Tap, bail_out

JOBS = 2
MEMORY_MAX = 2 << 30  # bytes of address space for qemu-img
MUTATION_TIMEOUT = 10  # seconds
RECIPE_VERSION = b"qemu-img version 7.2"  # the recipes record what this version does

# (image, -f or None): why virt-probe may describe what qemu-img refuses.
DETACHED = "a detached LUKS header is described alone; QEMU needs its payload as well"
EXCEPTIONS = {
    ("luks1-detached.luks", None): DETACHED,
    ("luks1-detached.luks", "luks"): DETACHED,
}


class Run(NamedTuple):
    """One image as both programs are asked about it, and the verdict."""

    title: str
    image: Image
    declared: Optional[str]
    verdict: Verdict
    their_status: int


def add_options(parser):
    """The options of this test."""
    parser.add_argument("--all", action="store_true", help="every mutation instead of a sample")
    parser.add_argument("--seed", type=int, default=1, help="of the sample")
    parser.add_argument("--count", type=int, default=1250, help="of the mutations, each run twice")
    parser.add_argument("--show", metavar="CLASS", help="list the runs of a class as comments")


def format_options(declared):
    """-f, when a format is declared."""
    return [] if declared is None else ["-f", declared]


def compare_file(arguments, folder, name, declared, timeout):
    """Ask both programs and judge; returns verdict and status of qemu-img."""
    command = ["info", "--output=json", *format_options(declared), name]
    limited = [arguments.prlimit, f"--as={MEMORY_MAX}", arguments.qemu_img]
    theirs = run([*limited, *command], cwd=folder, timeout=timeout)
    ours = run([arguments.program, *command], cwd=folder)
    return judge(theirs, ours), theirs.status


def apply_exception(image, declared, verdict):
    """A laxer verdict that the table explains."""
    if verdict.kind == LAXER and (image.name, declared) in EXCEPTIONS:
        return verdict._replace(kind=EXCEPTED, rule=image.name)
    return verdict


def judge_image(arguments, image):
    """The runs over one committed image: recognised, declared, declared raw."""
    runs = []
    for declared in sorted({None, image.format, "raw"}, key=str):
        verdict, status = compare_file(arguments, image.directory, image.name, declared, None)
        verdict = apply_exception(image, declared, verdict)
        runs.append(Run(image.title, image, declared, verdict, status))
    return runs


def judge_mutation(arguments, mutation):
    """The runs over one changed image: recognised and declared."""
    runs = []
    with tempfile.TemporaryDirectory(prefix="virt-probe-") as folder:
        name = mutation.image.name
        Path(folder, name).write_bytes(mutation.content())
        for declared in (None, mutation.image.format):
            verdict, status = compare_file(arguments, folder, name, declared, MUTATION_TIMEOUT)
            runs.append(Run(mutation.title, mutation.image, declared, verdict, status))
    return runs


def run_lines(single):
    """A run as lines for people."""
    how = " ".join(["info", *format_options(single.declared)])
    return [f"{single.title}: {how}: {single.verdict.kind} {single.verdict.rule}",
            *(f"    {line}" for line in single.verdict.lines)]


def bad_lines(runs):
    """All bad runs as lines."""
    return [line for single in runs if single.verdict.is_bad for line in run_lines(single)]


def recorded_verdict(status):
    """The word of the recipes for a status of qemu-img."""
    if status == 0:
        return "accepts"
    return "refuses" if 0 < status < 128 else "crashes"


def check_recipes(tap, arguments, images, pool):
    """One result for each image; one more for what its recipe records of QEMU."""
    version = run([arguments.qemu_img, "--version"]).stdout
    is_recorded_version = version.startswith(RECIPE_VERSION)
    all_runs = []
    for image, runs in zip(images, pool.map(lambda one: judge_image(arguments, one), images)):
        lines = bad_lines(runs)
        for single in runs:
            found = recorded_verdict(single.their_status)
            if single.declared is None and is_recorded_version and found != image.qemu:
                lines.append(f"the recipe says that qemu-img {image.qemu}, but it {found}")
        tap.check_none(lines, f"{image.title}: {image.shows}")
        all_runs += runs
    return all_runs


def check_mutations(tap, arguments, mutations, pool, how):
    """One result for each image that is changed."""
    by_image = defaultdict(list)
    for runs in pool.map(lambda one: judge_mutation(arguments, one), mutations):
        by_image[runs[0].image.name] += runs
    for name, runs in by_image.items():
        tap.check_none(bad_lines(runs), f"{name} {how}")
    return [single for runs in by_image.values() for single in runs]


def print_classes(tap, what, runs):
    """The number of runs of each class, and the rules by which we are stricter."""
    tap.comment(f"{what}: {len(runs)} runs of qemu-img")
    for kind, count in Counter(single.verdict.kind for single in runs).most_common():
        tap.comment(f"    {count:6} {kind}")
    rules = Counter(single.verdict.rule for single in runs if single.verdict.kind == STRICTER)
    for rule, count in rules.most_common():
        tap.comment(f"        {count:6} stricter by {rule}")


def show_runs(tap, kind, runs):
    """The runs of one class, for people who ask."""
    for single in runs:
        if single.verdict.kind == kind:
            for line in run_lines(single):
                tap.comment(line)


def check_exceptions(tap, runs):
    """Exceptions that nobody needs must go."""
    used = {(single.image.name, single.declared) for single in runs
            if single.verdict.kind == EXCEPTED}
    tap.check_none([f"{key} is not needed" for key in EXCEPTIONS if key not in used],
                   "every exception is needed")


def main():
    """Judge everything."""
    arguments = arguments_parse(__doc__.splitlines()[0], add_options)
    arguments.prlimit = shutil.which("prlimit") or bail_out("there is no prlimit")
    tap = Tap()
    images = load_images()
    mutations = (all_mutations(images) if arguments.all
                 else sample_mutations(images, arguments.seed, arguments.count))
    with ThreadPoolExecutor(JOBS) as pool:
        recipe_runs = check_recipes(tap, arguments, images, pool)
        mutation_runs = check_mutations(tap, arguments, mutations, pool, "with one byte changed")
        cut_runs = check_mutations(tap, arguments, cuts(images), pool, "cut")
    check_exceptions(tap, recipe_runs)
    print_classes(tap, "images of the recipes", recipe_runs)
    print_classes(tap, "images with one byte changed", mutation_runs)
    print_classes(tap, "images cut", cut_runs)
    if arguments.show is not None:
        show_runs(tap, arguments.show, recipe_runs + mutation_runs + cut_runs)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
