# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the tests of volume XML share: hiding what differs from machine to machine, reading and writing the answers."""
import html
import json
import os
import pathlib
import re
import stat

FOLDER = pathlib.Path(__file__).resolve().parent
ANSWERS = FOLDER / "libvirt-volumes.json"
COMMENT = re.compile(rb"^ *<!-- .* -->\n", re.MULTILINE)
BACKING = re.compile(rb"<backingStore>\n    <path>(.*?)</path>", re.DOTALL)


def stamp(nanoseconds):
    seconds, rest = divmod(nanoseconds, 10**9)
    return f"{seconds}.{rest:09}" if rest else str(seconds)


def attributes_of(path):
    """The elements of a file's owner and times, as they have to be."""
    info = os.stat(path)
    lines = ["<permissions>", f"  <mode>0{info.st_mode & 0o777:o}</mode>", f"  <owner>{info.st_uid}</owner>",
             f"  <group>{info.st_gid}</group>", "</permissions>", "<timestamps>",
             f"  <atime>{stamp(info.st_atime_ns)}</atime>", f"  <mtime>{stamp(info.st_mtime_ns)}</mtime>",
             f"  <ctime>{stamp(info.st_ctime_ns)}</ctime>", "  <btime>0</btime>", "</timestamps>"]
    return "".join(f"    {line}\n" for line in lines).encode()


def normalise(xml, folder, name):
    """The document without paths, owners, times and allocation, if those are right."""
    backing = BACKING.search(xml)
    head, mark, tail = xml.partition(b"  <backingStore>\n")
    head = head.replace(attributes_of(os.path.join(folder, name)), b"    @ATTRIBUTES@\n")
    if backing and os.path.exists(unescape(backing.group(1))):
        tail = tail.replace(attributes_of(unescape(backing.group(1))), b"    @ATTRIBUTES@\n")
    if backing and not unescape(backing.group(1)).startswith(str(folder)):
        # What other files the machine has, and whose they are, is not compared.
        tail = tail.replace(b"    @ATTRIBUTES@\n", b"")
    xml = head + mark + tail
    info = os.stat(os.path.join(folder, name))
    blocks = 0 if stat.S_ISDIR(info.st_mode) else info.st_blocks * 512
    xml = xml.replace(f"<allocation unit='bytes'>{blocks}<".encode(), b"<allocation unit='bytes'>@BLOCKS@<")
    # Those of another file than the one that was asked for: it was made by the same user, at another time.
    xml = xml.replace(f"<owner>{info.st_uid}<".encode(), b"<owner>@OWNER@<")
    xml = xml.replace(f"<group>{info.st_gid}<".encode(), b"<group>@GROUP@<")
    xml = re.sub(rb"<ctime>[0-9.]+<", b"<ctime>@TIME@<", xml)
    return xml.replace(os.fsencode(folder), b"@POOL@")


def unescape(text):
    return html.unescape(text.decode("utf-8", "surrogateescape"))


def without_comments(xml):
    """Elements are compared; comments are ours alone."""
    return COMMENT.sub(b"", xml)


def to_lines(xml):
    """Lines of text that JSON can hold: other bytes as lone surrogates."""
    return xml.decode("utf-8", "surrogateescape").rstrip("\n").split("\n")


def write_answers(answers):
    text = json.dumps({"made by": "ask_libvirt.py, libvirt 9.0.0", "answers": dict(sorted(answers.items()))}, indent=0)
    ANSWERS.write_text(text + "\n")


def read_answers():
    return json.loads(ANSWERS.read_text())["answers"]
