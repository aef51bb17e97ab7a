# SPDX-License-Identifier: LGPL-2.1-or-later
# Hostile images of all formats by the thousand: what passes the audit leads QEMU nowhere else.
"""No image that passes `audit --profile=upload` makes qemu-img touch another file or a server.

Every image that passes is given to qemu-img info and qemu-img convert, with and without its
format, under strace; of those that are denied a sample to qemu-img info, so that it shows how
much stricter the audit is. The same seed makes the same images.
"""

import os
import shutil
import sys
import tempfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from pathlib import Path

from laxer_judge import BAD_CLASSES, CLASSES, CRASHED, EXPLAINED, STRICTER, judge
from laxer_mutate import Setting, mutant_make
from laxer_seeds import judgements, seeds_load
from laxer_watch import Watch
from programs import arguments_parse
from tap import Tap, bail_out
import qcow2_builder as qcow2
import recipe_vmdk as vmdk

BATCH = 100
DENIED_SAMPLE = 10  # one of so many
SHOWN_MAX = 200
CANARY = "canary.raw"
CONTROLS = ("raw-counting.raw", "v3-data.qcow2", "v1-plain.qcow", "qed-plain.qed", "vdi-dynamic.vdi",
            "vmdk-sparse.vmdk", "vmdk-stream.vmdk", "vpc-dynamic.vhd", "vpc-fixed.vhd", "vhdx-dynamic.vhdx",
            "parallels-new.hds", "luks1.luks", "snapshots-several.qcow2", "bitmaps-several.qcow2",
            "l1-past-end.qcow2", "bochs-2.bochs", "cloop-plain.cloop", "dmg-plain.dmg")


def add_options(parser):
    """The options of this test."""
    parser.add_argument("--count", type=int, default=2000, help="images")
    parser.add_argument("--seed", type=int, default=1, help="of the images")
    parser.add_argument("--first", type=int, default=0, help="number of the first image")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--show", metavar="CLASS", help="list the images of a class as comments")
    parser.add_argument("--keep", metavar="DIR", type=Path, help="copy images of bad classes there")


def folder_names(folder):
    """Names that images may lead to: they lie in the folder, or nowhere, or have no end."""
    canary = f"{folder}/{CANARY}"
    return (CANARY, f"./{CANARY}", canary, f"../images/{CANARY}", "../canary", "canary.qcow2", "fifo",
            f"{folder}/fifo", "nowhere", "/dev/zero", f"file:{CANARY}", f"file://{canary}",
            f"host_device:{canary}", f"raw:{CANARY}", f"blkdebug::{CANARY}",
            'json:{"driver":"file","filename":"%s"}' % canary,
            'json:{"driver":"qcow2","file":{"driver":"file","filename":"%s"}}' % canary,
            'json:{"driver":"nbd","host":"127.0.0.1","port":"1"}', "nbd://127.0.0.1:1/x", "nbd:127.0.0.1:1",
            f"nbd+unix:///x?socket={folder}/socket", f"nbd:unix:{folder}/socket", "http://127.0.0.1:1/x",
            "ssh://127.0.0.1:1/x", f"fat:{folder}", "fat:rw:.", "canary.raw\0x", "disk.vmdk", " " + CANARY)


def folder_prepare(folder):
    """What lies beside the images: canaries, a FIFO, and a folder for what is made of them."""
    images = folder / "images"
    images.mkdir(parents=True)
    (images / CANARY).write_bytes(b"canary".ljust(1 << 20, b"\0"))
    (folder / "canary").write_bytes(bytes(1 << 16))
    shutil.copyfile(Path(__file__).parent.parent / "qcow2data/v3-plain.qcow2", images / "canary.qcow2")
    os.mkfifo(images / "fifo")
    (folder / "work").mkdir()
    return images


def controls_watch(arguments, seeds, folder):
    """What qemu-img touches for images that were not changed and lead nowhere."""
    images = folder_prepare(folder)
    controls = [seed for seed in seeds if seed.name in CONTROLS]
    if len(controls) != len(CONTROLS):
        bail_out("an image of the controls has no recipe")
    for seed in controls:
        (images / seed.name).write_bytes(seed.content)
    watch = Watch(arguments, folder / "work")
    watch.control([(images / seed.name, seed.format) for seed in controls] * 2)
    hidden = watch.harmless.intersection(folder_names(images))
    if hidden:
        bail_out(f"opened for any image, so these show nothing: {sorted(hidden)}")
    return watch.harmless


def leading_elsewhere(names):
    """(name of the image, format, bytes, what qemu-img touches for it)."""
    canary = names[2]
    zeros = vmdk.descriptor(('RW 1 FLAT "/dev/zero" 0',))
    overlay = qcow2.build_qcow2(backing=CANARY.encode(), backing_format=b"raw")
    return (("backing.qcow2", "qcow2", overlay, canary),
            ("extent.vmdk", "vmdk", vmdk.descriptor((f'RW 1 FLAT "{CANARY}" 0',)), canary),
            ("wrapper.vmdk", "vmdk", vmdk.build_wrapper(zeros), "/dev/zero"),
            ("server.qcow2", "qcow2", qcow2.build_qcow2(backing=b"nbd://127.0.0.1:1/x"), "connect"))


def check_watch(tap, arguments, harmless, folder):
    """What is looked for would be seen."""
    images = folder / "images"
    watch = Watch(arguments, folder / "work", harmless)
    for name, form, content, wanted in leading_elsewhere(folder_names(images)):
        (images / name).write_bytes(content)
        touched = watch.ask(images / name, form).touched
        tap.check(any(path.startswith(wanted) for path in touched), f"it is seen where {name} leads",
                  sorted(touched))
        (images / name).unlink()


class Worker:
    """A folder, the seeds and the watch; one for each process."""

    def __init__(self, arguments, seeds, harmless, folder):
        self.arguments = arguments
        self.folder = Path(folder)
        self.images = folder_prepare(self.folder)
        self.watch = Watch(arguments, self.folder / "work", harmless)
        healthy = tuple(seed for seed in seeds if seed.is_healthy)
        self.setting = Setting(seeds, healthy, folder_names(self.images))

    def batch(self, numbers):
        """The outcomes of images with these numbers."""
        mutants = [mutant_make(self.setting, self.arguments.seed, number) for number in numbers]
        for mutant in mutants:
            (self.images / mutant.name).write_bytes(mutant.content)
        judged = judgements(self.arguments, [str(self.images)])
        outcomes = []
        for number, mutant in zip(numbers, mutants):
            path = self.images / mutant.name
            is_asked = number % DENIED_SAMPLE == 0
            outcome = judge(self.watch, path, judged[mutant.name], mutant.steps, is_asked)
            if outcome.kind in (*BAD_CLASSES, CRASHED) and self.arguments.keep is not None:
                shutil.copyfile(path, self.arguments.keep / mutant.name)
            path.unlink()
            outcomes.append(outcome)
        return outcomes


WORKER = None


def worker_start(arguments, seeds, harmless, parent):
    """Make the worker of this process."""
    global WORKER  # pylint: disable=global-statement
    WORKER = Worker(arguments, seeds, harmless, tempfile.mkdtemp(dir=parent))


def worker_batch(numbers):
    """Let it judge a batch."""
    return WORKER.batch(numbers)


def batches(arguments):
    """The numbers of the images, in handy parts."""
    numbers = iter(range(arguments.first, arguments.first + arguments.count))
    while part := tuple(islice(numbers, BATCH)):
        yield part


def outcomes_of(arguments, tap):
    """Judge all images, in several processes."""
    with tempfile.TemporaryDirectory(prefix="virt-probe-") as parent:
        with tempfile.TemporaryDirectory(dir=parent) as folder:
            seeds = seeds_load(arguments, Path(folder), arguments.seed)
        harmless = controls_watch(arguments, seeds, Path(parent, "controls"))
        check_watch(tap, arguments, harmless, Path(parent, "controls"))
        start = (arguments, seeds, harmless, parent)
        with ProcessPoolExecutor(arguments.jobs, initializer=worker_start, initargs=start) as pool:
            for outcomes in pool.map(worker_batch, batches(arguments)):
                yield from outcomes


def show(tap, outcomes, kinds):
    """The images of some classes, for people."""
    chosen = [outcome for outcome in outcomes if outcome.kind is not None and outcome.kind in kinds]
    for outcome in chosen[:SHOWN_MAX]:
        tap.comment(f"{outcome.kind}: {outcome.name} ({outcome.format}): {'; '.join(outcome.steps)}")
        for line in outcome.lines:
            tap.comment(f"    {line}")
    if len(chosen) > SHOWN_MAX:
        tap.comment(f"… and {len(chosen) - SHOWN_MAX} more")


def print_counts(tap, outcomes):
    """The numbers that matter."""
    taken = [outcome for outcome in outcomes if outcome.has_passed or outcome.is_old]
    asked = [outcome for outcome in outcomes if outcome.kind is not None]
    tap.comment(f"{len(outcomes)} images, {sum(outcome.has_passed for outcome in outcomes)} pass, "
                f"{sum(outcome.is_old for outcome in outcomes)} more pass but for the age of their format; "
                f"{sum(outcome.n_runs for outcome in outcomes)} runs of qemu-img")
    tap.comment(f"passing: {dict(Counter(outcome.format for outcome in taken).most_common())}")
    for title, chosen in (("of those that pass", taken),
                          ("of a sample of those that do not", [one for one in asked if one not in taken])):
        counts = Counter(outcome.kind for outcome in chosen)
        tap.comment(f"{title}: " + ", ".join(f"{kind}: {counts[kind]}" for kind in CLASSES if counts[kind]))
    for kind in (STRICTER, EXPLAINED):
        rules = Counter(rule for outcome in outcomes if outcome.kind == kind for rule in outcome.rules)
        tap.comment(f"{kind}, by rule: {dict(rules.most_common())}")
    rules = Counter(rule for outcome in outcomes if not outcome.has_passed for rule in outcome.rules)
    tap.comment(f"all that deny, by rule: {dict(rules.most_common())}")


def main():
    """Judge so many images."""
    arguments = arguments_parse(__doc__.splitlines()[0], add_options)
    arguments.strace = shutil.which("strace") or bail_out("there is no strace")
    tap = Tap()
    outcomes = list(outcomes_of(arguments, tap))
    show(tap, outcomes, (*BAD_CLASSES, CRASHED, arguments.show))
    print_counts(tap, outcomes)
    for kind in BAD_CLASSES:
        tap.check(not any(outcome.kind == kind for outcome in outcomes), f"no image is of the class '{kind}'")
    tap.check(len(outcomes) == arguments.count, "every image is judged")
    n_passed = sum(outcome.has_passed for outcome in outcomes)
    tap.check(arguments.count < 1000 or n_passed >= arguments.count // 10, "enough images pass to mean something")
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
