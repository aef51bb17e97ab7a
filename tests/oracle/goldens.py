# SPDX-License-Identifier: LGPL-2.1-or-later
# Compares the JSON of every recipe image with the golden file beside the tests.
"""VIRT_PROBE_TEST_REGENERATE=1 writes the golden files anew; read them before a commit.

What depends on the machine is masked: how much a filesystem allocates, times,
and whether somebody writes to the image.
"""

import difflib
import os
import re
import sys

from fixtures import FOLDERS, TESTS, load_images
from programs import arguments_parse, run
from tap import Tap

GOLDEN = TESTS / "golden"
REGENERATE = "VIRT_PROBE_TEST_REGENERATE"
DIFF_LINES_MAX = 40
MASK = '"(masked)"'
# A line of its own in the output, so no text of an image can look like one.
MASKED_LINE = re.compile(rb'^( *"(?:actual-size|mtime)": | *"in-use": (?=true|false)).*?(,?)$', re.MULTILINE)
# Images whose --full output is kept as well: one for each kind of list.
FULL = {
    "backing-with-format.qcow2", "bitmaps-several.qcow2", "data-file.qcow2", "luks.qcow2",
    "snapshots-several.qcow2", "v1-backing.qcow", "v2-plain.qcow2", "v3-extended-l2.qcow2",
    "v3-feature-table.qcow2", "truncated-103.qcow2", "unknown-incompatible-all.qcow2",
    "luks1.luks", "luks2.luks", "parallels-new.hds", "vdi-dynamic.vdi", "vmdk-stream.vmdk", "vmdk-sesparse.vmdk",
    "vmdk-cowd.vmdk", "vmdk-flat-several.vmdk", "vpc-dynamic.vhd", "vpc-parent-locators.vhd",
    "vhdx-dynamic.vhdx", "iso-plain.iso", "gpt.disk",
    "mbr-chain-long.disk",
    "qed-backing.qed", "bochs-2.bochs", "cloop-plain.cloop", "dmg-plain.dmg",
}


def masked(output):
    """The output without what depends on the machine."""
    return MASKED_LINE.sub(rb"\1" + MASK.encode() + rb"\2", output)


def golden_paths(image):
    """(options, golden file) of one image."""
    folder = GOLDEN / image.folder
    paths = [([], folder / f"{image.name}.json")]
    if image.name in FULL:
        paths.append((["--full"], folder / f"{image.name}.full.json"))
    return paths


def difference(wanted, found):
    """A short unified diff."""
    lines = list(difflib.unified_diff(wanted.decode().splitlines(), found.decode().splitlines(),
                                      "golden", "found", lineterm="", n=2))
    return lines[:DIFF_LINES_MAX] + ["…"] * (len(lines) > DIFF_LINES_MAX)


def compare_golden(path, found):
    """How the output departs from its golden file, as lines."""
    if not path.is_file():
        return [f"there is no {path.relative_to(TESTS)}; {REGENERATE}=1 writes it"]
    wanted = path.read_bytes()
    return [] if wanted == found else difference(wanted, found)


def write_golden(path, found):
    """Write one golden file; nothing can be wrong then."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(found)
    return []


def check_image(tap, program, image, handle):
    """Compare, or write, the golden files of one image; returns their paths."""
    paths = golden_paths(image)
    for options, path in paths:
        result = run([program, "info", "--output=json", *options, image.name],
                     cwd=image.directory)
        tap.check_none(handle(path, masked(result.stdout)),
                       f"{' '.join([image.title, *options])}: {image.shows}")
    return [path for _, path in paths]


def check_superfluous(tap, wanted, is_writing):
    """Golden files that belong to no image."""
    found = {path for folder in FOLDERS for path in (GOLDEN / folder).glob("*")}
    superfluous = sorted(found - wanted)
    if is_writing:
        for path in superfluous:
            path.unlink()
        superfluous = []
    tap.check_none([f"{path.relative_to(TESTS)} belongs to no image" for path in superfluous],
                   "every golden file belongs to an image")


def main():
    """Compare all, or write all."""
    arguments = arguments_parse(__doc__.splitlines()[0], needs_qemu_img=False)
    is_writing = os.environ.get(REGENERATE) == "1"
    handle = write_golden if is_writing else compare_golden
    tap = Tap()
    images = load_images()
    paths = set()
    for image in images:
        paths.update(check_image(tap, arguments.program, image, handle))
    tap.check_none(sorted(FULL - {image.name for image in images}),
                   "every image that is kept with --full exists")
    check_superfluous(tap, paths, is_writing)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
