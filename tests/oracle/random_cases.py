# SPDX-License-Identifier: LGPL-2.1-or-later
# The random images of the differential test: combinations of options that qemu-img allows.
"""The same seed makes the same images.  What excludes each other is written down here."""

import random

from case import GIB, KIB, MIB, Case, create, encrypted_create, end_extensions, make_folder
from corner_cases import AES, BACKING_NAMES

FORMAT_WEIGHTS = {"qcow2": 12, "qcow": 2, "vdi": 2, "vpc": 2, "vhdx": 2, "parallels": 2, "raw": 1, "qed": 2}
SIZES = (0, 512, 1000, 64 * KIB, MIB, MIB + 512, 3 * MIB, 10 * MIB, GIB, 5 * GIB - 512, 64 * GIB)
NAME_PARTS = ("a", "Z", "0", " ", "-", "_", ".", "ä", "ß", "日", "💾", "%", "'", "+", "~", "é")
BITMAP_GRANULARITIES = (4 * KIB, 64 * KIB, MIB, 16 * MIB)


def choose_name(rng, longest=40):
    """A name for a snapshot, bitmap or file; never empty, no slash, no colon.

    With 4 bytes a character at most, 60 characters stay below 255 bytes.
    """
    return "n" + "".join(rng.choices(NAME_PARTS, k=rng.randint(0, longest)))


def maybe(rng, chance):
    """True as often as the chance says."""
    return rng.random() < chance


def choose_version3_options(rng, options):
    """Options that only version 3 has."""
    if maybe(rng, 0.3):
        options["lazy_refcounts"] = "on"
    if maybe(rng, 0.4):
        options["refcount_bits"] = 1 << rng.randint(0, 6)
    if maybe(rng, 0.3):
        options["compression_type"] = rng.choice(("zlib", "zstd"))
    if maybe(rng, 0.25):
        options["extended_l2"] = "on"
        options["cluster_size"] = 1 << rng.randint(14, 21)
    if maybe(rng, 0.2):
        options["data_file"] = choose_name(rng) + ".raw"
        if maybe(rng, 0.4):
            options["data_file_raw"] = "on"


def choose_qcow2_options(rng):
    """Options of qcow2 that go together."""
    options = {}
    if maybe(rng, 0.7):
        options["cluster_size"] = 1 << rng.randint(9, 21)
    if maybe(rng, 0.2):
        options["compat"] = "0.10"
    else:
        choose_version3_options(rng, options)
    return options


def choose_backing(rng, options):
    """Name of a backing file, or None; the raw data file excludes one."""
    if "data_file_raw" in options or maybe(rng, 0.6):
        return None
    return rng.choice((*BACKING_NAMES.values(), choose_name(rng, 100)))


def choose_preallocation(rng, options, backing, size):
    """Preallocation of a small image; with a backing file only extended L2 allows it."""
    if size > 10 * MIB or maybe(rng, 0.7):
        return
    if backing is None or options.get("extended_l2") == "on":
        options["preallocation"] = "metadata" if backing else rng.choice(
            ("metadata", "falloc", "full"))


def snapshot_steps(rng, options):
    """Snapshots, where counts are wide enough to count them and data is in the image."""
    if "data_file" in options or options.get("refcount_bits", 16) < 8 or maybe(rng, 0.6):
        return []
    names = [choose_name(rng, 60) for _ in range(rng.randint(1, 6))]
    steps = [["snapshot", "-c", name, "a"] for name in names]
    if maybe(rng, 0.3):
        steps.append(["snapshot", "-d", names[0], "a"])
    return steps


def bitmap_steps(rng, options):
    """Bitmaps with several flags; version 2 has none."""
    if options.get("compat") == "0.10" or maybe(rng, 0.6):
        return []
    steps = []
    for index in range(rng.randint(1, 5)):
        step = ["bitmap", "--add"]
        if maybe(rng, 0.5):
            step += ["-g", str(rng.choice(BITMAP_GRANULARITIES))]
        if maybe(rng, 0.4):
            step.append("--disable")
        steps.append([*step, "a", f"{choose_name(rng)}{index}"])
    return steps


def qcow2_case(rng, title):
    """A qcow2 image; encrypted ones and those with a strange backing name are not opened again."""
    options = choose_qcow2_options(rng)
    # A raw data file has all metadata allocated, which takes long for large images.
    size = rng.choice(SIZES[:8] if "data_file_raw" in options else SIZES)
    if maybe(rng, 0.06):
        return Case(f"{title}, AES", [encrypted_create("a", size, **options, **AES)], "a", "qcow2")
    backing = choose_backing(rng, options)
    choose_preallocation(rng, options, backing, size)
    steps = [create("a", size, backing=backing,
                    backing_format="raw" if backing is not None else None, **options)]
    if backing is None:
        steps += snapshot_steps(rng, options) + bitmap_steps(rng, options)
    elif maybe(rng, 0.3):
        steps.append(end_extensions("a", 2 if options.get("compat") == "0.10" else 3))
    return Case(title, steps, "a", "qcow2")


def in_subfolder(case):
    """The same image, asked about by a name in a subdirectory."""
    def move(folder):
        for path in [path for path in folder.iterdir() if path.name != "sub"]:
            path.rename(folder / "sub" / path.name)
    return case._replace(steps=[*case.steps, make_folder("sub"), move],
                         image=f"sub/{case.image}")


def simple_case(rng, title, form):
    """An image of a format with few options."""
    size = rng.choice(SIZES[1:9] if form == "qcow" else SIZES)
    options = {}
    if form == "vdi" and size <= 10 * MIB:
        options["static"] = rng.choice(("on", "off"))
    if form == "vpc":
        options["force_size"] = rng.choice(("on", "off"))
        options["subformat"] = "fixed" if size <= 10 * MIB and maybe(rng, 0.4) else "dynamic"
    if form == "vhdx":
        size = max(size, 512)
        options["block_size"] = MIB << rng.randint(0, 8)
        options["subformat"] = "fixed" if size <= 10 * MIB and maybe(rng, 0.4) else "dynamic"
    if form == "parallels":
        options["cluster_size"] = MIB * rng.choice((1, 2, 3, 8))
    if form == "qed":
        size = rng.choice(SIZES[3:5] + SIZES[6:9])
        options = {"cluster_size": 1 << rng.randint(12, 20), "table_size": rng.choice((2, 4, 8, 16))}
    if form == "raw" and size <= 10 * MIB:
        options["preallocation"] = rng.choice(("off", "falloc", "full"))
    if form == "qcow" and maybe(rng, 0.5):
        # The format is demanded, but qcow has no place to record it.
        options |= {"backing": choose_name(rng), "backing_format": "raw"}
    return Case(title, [create("a", size, form, **options)], "a", form)


def random_cases(seed, count):
    """As many images as wanted, by a seeded choice."""
    rng = random.Random(seed)
    forms, weights = list(FORMAT_WEIGHTS), list(FORMAT_WEIGHTS.values())
    for index in range(count):
        form = rng.choices(forms, weights)[0]
        title = f"random {form}, number {index} of seed {seed}"
        case = qcow2_case(rng, title) if form == "qcow2" else simple_case(rng, title, form)
        yield in_subfolder(case) if maybe(rng, 0.3) else case
