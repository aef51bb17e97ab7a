# SPDX-License-Identifier: LGPL-2.1-or-later
# The images that the never-laxer test starts from.
"""All images of the recipes, and some that qemu-img makes; with the header fields that virt-probe finds."""

import tempfile
from pathlib import Path
from typing import NamedTuple, Tuple

from fixtures import load_images
from case import MIB, Case, create
from programs import parse_json, run, state_of
from random_cases import random_cases

SEED_MAX = 5 * MIB
RANDOM_CASES = 60
BIG_ENDIAN = ("qcow", "qcow2", "vpc", "luks", "dmg", "cloop", "cow")
CONTENTS = ("gpt", "mbr", "iso")  # of raw images, groups of their own
# Such an image may be given to QEMU by whoever takes formats of old; the others never.
OLD_FORMAT_RULE = "banned-format"
VMDK_KINDS = ("monolithicSparse", "streamOptimized", "monolithicFlat", "twoGbMaxExtentSparse")


class Field(NamedTuple):
    """A field of the header."""

    name: str
    offset: int
    length: int


class Seed(NamedTuple):
    """An image, and what virt-probe says of it."""

    name: str
    content: bytes
    format: str
    group: str
    fields: Tuple[Field, ...]
    is_healthy: bool

    @property
    def suffix(self):
        """Of its name."""
        return Path(self.name).suffix

    @property
    def order(self):
        """Of the bytes of its numbers."""
        return "big" if self.format in BIG_ENDIAN else "little"


def denials(judgement):
    """The rules that deny an image, without the one that only says that its format is old."""
    return {finding["rule"] for finding in judgement.get("findings", ())
            if finding["severity"] == "deny"} - {OLD_FORMAT_RULE}


def is_taken(judgement):
    """Whether an image passes, if need be as one of an old format."""
    return judgement["verdict"] in ("pass", "denied") and not denials(judgement)


def judgements(arguments, targets, cwd=None):
    """What the audit says of files, or of those in a folder, by their names."""
    result = run([arguments.program, "audit", "--profile=upload", "--output=json", *targets], cwd=cwd)
    if result.status not in (0, 1, 2, 3):
        raise RuntimeError(f"audit ends with {result.status}: {result.message[-2000:]}")
    return {Path(item["filename"]).name: item for item in parse_json(result.stdout)["images"]}


def vmdk_cases():
    """What qemu-img makes of VMDK, for random_cases does not."""
    return [Case(kind, [create("a.vmdk", 4 * MIB, "vmdk", subformat=kind)], "a.vmdk", "vmdk")
            for kind in VMDK_KINDS]


def case_content(arguments, case):
    """The image of a case; None when qemu-img did not make it, or it is large."""
    with tempfile.TemporaryDirectory(prefix="virt-probe-") as folder:
        for step in case.steps:
            if callable(step):
                step(Path(folder))
            elif run([arguments.qemu_img, *step], cwd=folder).status != 0:
                return None
        image = Path(folder, case.image)
        return image.read_bytes() if image.stat().st_size <= SEED_MAX else None


def contents_load(arguments, seed_number):
    """Name and bytes of all images."""
    for image in load_images():
        if image.path.stat().st_size <= SEED_MAX:
            yield image.name, image.path.read_bytes()
    cases = [*vmdk_cases(), *random_cases(seed_number, RANDOM_CASES)]
    for number, case in enumerate(cases):
        content = case_content(arguments, case)
        if content is not None:
            yield f"made-{number}.{case.format}", content


def group_of(description):
    """The format, or what is in a raw image."""
    form = description.get("format", "raw")
    for content in state_of(description).get("content", ()):
        if form == "raw" and content["format"] in CONTENTS:
            return content["format"]
    return form


def seed_new(name, content, description, is_healthy):
    """A seed from its description."""
    fields = tuple(Field(row["name"], row["offset"], row["length"])
                   for row in state_of(description).get("header", ()))
    return Seed(name, content, description.get("format", "raw"), group_of(description), fields, is_healthy)


def seeds_load(arguments, folder, seed_number):
    """All seeds; they are written into the folder to be described."""
    contents = dict(contents_load(arguments, seed_number))
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    result = run([arguments.program, "info", "--full", "--output=json", *contents], cwd=folder)
    described = {item["filename"]: item for item in parse_json(result.stdout)}
    taken = {name for name, item in judgements(arguments, ["."], folder).items() if is_taken(item)}
    return tuple(seed_new(name, content, described[name], name in taken)
                 for name, content in contents.items())
