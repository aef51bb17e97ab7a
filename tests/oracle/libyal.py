# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the comparisons with libyal's tools share: what a tool prints of an image, what we say of it, and comparing."""
import json
import re
import subprocess


def text_of(tool, path):
    """All that the tool prints."""
    return subprocess.run([tool, path], check=True, capture_output=True, text=True).stdout


def facts_of(tool, path):
    """Its lines as a dictionary."""
    return dict(re.findall(r"^\t([A-Z][A-Za-z ]*?)\t*: (.*)$", text_of(tool, path), re.MULTILINE))


def ours(program, path):
    """Our description."""
    text = subprocess.run([program, "info", "--output=json", path], capture_output=True, check=False).stdout
    return json.loads(text)


def differences(tool, name, pairs):
    """Prints each fact that is told differently; how many they are. Pairs are (what, theirs, ours)."""
    count = 0
    for what, theirs, own in pairs:
        if theirs != own:
            print(f"{name}: {what}: {tool} says {theirs}, we say {own}")
            count += 1
    return count


def compare(tool, program, paths, pairs):
    """1 when any fact of any of the images differs, as an exit status."""
    counts = [differences(tool, path.name, pairs(facts_of(tool, str(path)), ours(program, str(path)))) for path in paths]
    return int(any(counts))
