# SPDX-License-Identifier: LGPL-2.1-or-later
# Compares what qemu-img says of an image with what virt-probe says.
"""Ours may say more, but what qemu-img says must be there and be the same."""

import re
from collections import Counter

# The human output of both programs ends its plain lines with one of these.
HEADINGS = ("Snapshot list:", "Format specific information:", "Child node ", "Further information:",
            "Findings:")
SPECIFIC = "Format specific information:"
MISSING = "(missing)"


def escape_pointer(key):
    """One step of a JSON pointer (RFC 6901)."""
    return str(key).replace("~", "~0").replace("/", "~1")


def differences(theirs, ours, pointer="", is_partial=False):
    """Yield (pointer, their value, our value) for all that ours lacks or has otherwise.

    In a partial description a list may end early.
    """
    if isinstance(theirs, dict) and isinstance(ours, dict):
        for key, value in theirs.items():
            where = f"{pointer}/{escape_pointer(key)}"
            if key not in ours:
                yield where, value, MISSING
            else:
                yield from differences(value, ours[key], where, is_partial)
    elif (isinstance(theirs, list) and isinstance(ours, list)
          and (len(theirs) == len(ours) or (is_partial and len(ours) < len(theirs)))):
        for index, (their_item, our_item) in enumerate(zip(theirs, ours)):
            yield from differences(their_item, our_item, f"{pointer}/{index}", is_partial)
    elif type(theirs) is not type(ours) or theirs != ours:
        yield pointer, theirs, ours


# Of a VMDK that a descriptor describes qemu-img says what only its extents know: it opens them.
FROM_EXTENTS = re.compile(r"/actual-size|/cluster-size|/format-specific/data/extents/\d+/cluster-size")
FROM_EXTENTS_LINES = ("disk size: ", "cluster_size: ", "            cluster size: ")


def opens_extents(theirs):
    """Whether qemu-img opened other files to describe the image."""
    extents = theirs.get("format-specific", {}).get("data", {}).get("extents", [])
    return any(extent["filename"] != theirs["filename"] for extent in extents)


def image_differences(theirs, ours, is_partial=False):
    """The differences between descriptions of one image that are not excepted."""
    for single in differences(theirs, ours, is_partial=is_partial):
        if not (opens_extents(theirs) and FROM_EXTENTS.fullmatch(single[0])):
            yield single


def difference_lines(found):
    """Differences as lines for people."""
    return [f"{pointer}: qemu-img {their_value!r}, ours {our_value!r}"
            for pointer, their_value, our_value in found]


def head_lines(text):
    """The lines before the first section; a tab is escaped as ours does it."""
    lines = []
    for line in text.replace("\t", "\\x09").splitlines():
        if line.startswith(HEADINGS):
            break
        lines.append(line)
    return lines


def section_lines(text, heading):
    """The indented lines under a heading."""
    lines = iter(text.splitlines())
    for line in lines:
        if line == heading:
            break
    found = []
    for line in lines:
        if not line.startswith(" "):
            break
        found.append(line)
    return found


def missing_in_order(theirs, ours):
    """Those of their lines that ours does not have, in the same order."""
    remaining = iter(ours)
    missing = []
    for line in theirs:
        kept = list(remaining)
        if line in kept:
            remaining = iter(kept[kept.index(line) + 1:])
        else:
            missing.append(line)
            remaining = iter(kept)
    return missing


def human_difference_lines(theirs, ours):
    """What the human output of qemu-img has and ours lacks.

    The plain lines must come in their order.  qemu-img prints format specific
    lines in the order of a hash table, so only their number is compared.
    """
    head = missing_in_order(head_lines(theirs), head_lines(ours))
    specific = Counter(section_lines(theirs, SPECIFIC)) - Counter(section_lines(ours, SPECIFIC))
    return ([f"line {line!r} is missing or misplaced" for line in head]
            + [f"format specific line {line!r} is missing" for line in specific.elements()])
