# SPDX-License-Identifier: LGPL-2.1-or-later
# Rows F01 to F09, F12 and F13: what a file is, not what its bytes are.
"""Each script has a folder of its own; nothing in it may be waited for."""

import os
import re
import socket
from pathlib import Path

from cli_setting import give_up_privileges
from fixtures import load_images
from rows_case import PLAIN

READS = "read,pread64,readv,preadv,preadv2"
OPENED = re.compile(r"\bopen(?:at|at2)?\(")
HEAD_MAX = 4
BYTES_MAX = {"info": 64 << 10, "audit": 80 << 10}  # an audit looks for other formats as well
PLAIN_BYTES = PLAIN.read_bytes()
RETURNED = re.compile(r"\b(?:pread64|preadv|preadv2|read)\(\d+<.*/image>.* = (\d+)$")
NETWORK = re.compile(r"\b(socket|connect|sendto|sendmsg)\(")
NAMES = (b"line\nfeed.qcow2", b"\x1b]0;title\x07\x1b[2J", b"\xff\xfe\xc2", b"n" * 255, b"-x", b"--help",
         b"nbd:x", b"nbd:127.0.0.1:1", b"json:{}", b'json:{"driver":"null-co"}', b"a:b", b" ")
PROTOCOLS = (b"nbd:x", b"nbd:127.0.0.1:1", b"json:{}", b'json:{"driver":"null-co"}', b"a:b")


def waiting_lines(lines, name):
    """Calls that open a file of that name and could wait; all but those that only take its place, and those that ask not to."""
    opened = [line for line in lines if OPENED.search(line) and f'{name}"' in line]
    reads = [line for line in lines if re.search(rf"\b(?:{READS.replace(',', '|')})\(\d+<[^>]*{name}>", line)]
    return [line for line in opened if "O_PATH" not in line and "O_NONBLOCK" not in line] + reads


def check_fifo(setting):
    """Nobody will ever write into it; TIMEOUT ends what waits."""
    with setting.box() as folder:
        os.mkfifo(folder / "fifo")
        setting.expect("a FIFO is denied", setting.audit("fifo"), 2, "denied", ("not-regular",))
        result = setting.call("info", "fifo")
        setting.tap.check(result.status == 1, "nor does info wait", [result.message])
        verbs = [("audit",), ("audit", "--no-sandbox"), ("info",)]
        if b"built without" not in setting.call("info", "--sandbox", "fifo").stderr:
            verbs.append(("info", "--sandbox"))
        for words in verbs:
            lines = setting.traced(f"%file,{READS}", *words, "fifo")
            if lines is not None:
                says = " ".join(words)
                setting.tap.check(any('fifo"' in line and "S_IFIFO" in line for line in lines),
                                  f"{says}: the calls are seen", lines[-3:])
                setting.tap.check_none(waiting_lines(lines, "fifo"), f"{says}: a FIFO is not opened to be read")


def check_socket(setting):
    """It cannot be opened at all."""
    with setting.box() as folder:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(folder / "socket"))
            answer = setting.audit("socket")
        setting.expect("a socket is denied", answer, 2, "denied", ("not-regular",))


def check_devices(setting):
    """Some of them have no end, and opening others does something."""
    with setting.box():
        for name in ("/dev/zero", "/dev/null", "/dev/tty"):
            setting.expect(f"{name} is denied", setting.audit(name), 2, "denied", ("not-regular",))


def check_directories(setting):
    """An audit judges the files in one; a directory by itself is no image."""
    with setting.box() as folder:
        (folder / "disk").mkdir()
        result = setting.call("info", "disk")
        setting.tap.check(result.status == 1 and b"directory" in result.stderr,
                          "a directory is not described", [result.message])
        opened = os.open(folder / "disk", os.O_RDONLY)
        answer = setting.audit("-", stdin=opened)
        os.close(opened)
        setting.expect("nor is an open one", answer, 1, "error")
        (folder / "disk/DiskDescriptor.xml").write_text("<Parallels_disk_image Version='1.0'/>")
        (folder / "disk/root.hds").write_bytes(PLAIN_BYTES)
        document = setting.audit("-r", ".").audit or {}
        setting.tap.check_equal(sorted(image["filename"] for image in document.get("images", [])),
                                ["./disk/DiskDescriptor.xml", "./disk/root.hds"],
                                "a descriptor does not hide what lies beside it")
        described = setting.info("disk")
        setting.tap.check(described.get("format") != "parallels"
                          or described["virt-probe"]["state"] != "ok",
                          "nor makes an empty one a disk", [described])


def check_links(setting):
    """Four links; the root allows absolute names in images, not links."""
    links = {"inside": ("image", "denied", {"symlink"}, {"symlink-escape"}),
             "outside": ("/etc/shadow", "denied", {"symlink", "symlink-escape"}, set()),
             "dangling": ("nowhere", "denied", {"symlink"}, set()),
             "itself": ("itself", "denied", {"symlink"}, set())}
    with setting.box() as folder:
        (folder / "image").write_bytes(PLAIN_BYTES)
        for name, (target, verdict, rules, never) in links.items():
            (folder / name).symlink_to(target)
            answer = setting.audit(f"--root={folder}", name)
            setting.expect(f"a link to {target} is denied", answer, 2, verdict, rules)
            setting.tap.check_equal(answer.rules & never, set(), f"a link to {target} leads nowhere else")
        for name in ("dangling", "itself"):
            answer = setting.audit("--profile=pool", name)
            setting.expect(f"where links may be, {name} cannot be read", answer, 1, "error")


def check_empty(setting):
    """No byte at all."""
    with setting.box() as folder:
        (folder / "image").touch()
        setting.expect("an empty file is called so", setting.audit("image"), 0, "pass", ("empty",))


def check_heads(setting):
    """The first bytes of every fixture, hence of every signature that stands there."""
    heads = {image.path.read_bytes()[:count] for image in load_images()
             for count in range(1, HEAD_MAX + 1)} - {b""}
    with setting.box() as folder:
        for head in heads:
            (folder / head.hex()).write_bytes(head)
        document = setting.audit(".").audit or {}
    images = document.get("images", [])
    setting.tap.check_equal(len(images), len(heads), "every file of 1 to 4 bytes is judged")
    wrong = []
    for image in images:
        rules = {finding["rule"] for finding in image["findings"]}
        is_plain = image["format"] == "raw" and rules & {"no-signature", "archive"}
        is_cut = image["verdict"] == "denied" and rules & {"truncated", "header-inconsistent"}
        if not is_plain and not is_cut:
            wrong.append(f"{image['filename']}: {image['format']} {image['verdict']} {sorted(rules)}")
    setting.tap.check_none(wrong, "each has no signature, or one that is cut")


def largest_size(path):
    """Make a sparse file as large as the filesystem allows."""
    low, high = 1, (1 << 63) - 1
    with open(path, "r+b") as file:
        while low < high:
            middle = (low + high + 1) // 2
            try:
                file.truncate(middle)
                low = middle
            except (OSError, OverflowError):
                high = middle - 1
        file.truncate(low)
    return low


def check_largest(setting):
    """Only the first cluster has bytes, and no more than a window is read."""
    with setting.box() as folder:
        (folder / "image").write_bytes(PLAIN_BYTES)
        size = largest_size(folder / "image")
        answer = setting.audit("image")
        setting.expect(f"a sparse file of {size} bytes is judged", answer, 0, "pass")
        setting.tap.check_equal((answer.audit or {}).get("file-size"), size, "its size is told")
        for verb, most in BYTES_MAX.items():
            lines = setting.traced("read,pread64,preadv,preadv2", verb, "image")
            if lines is not None:
                reads = [int(found[1]) for found in map(RETURNED.search, lines) if found]
                setting.tap.check(reads and sum(reads) <= most, f"{verb} reads at most {most} bytes",
                                  reads)


def check_pseudo(setting):
    """The kernel makes such bytes up, and their size is none."""
    with setting.box():
        events = sorted(Path("/sys/devices").glob("*/*/uevent"))[:1]
        for path in (Path("/proc/self/maps"), Path("/proc/version"), *events):
            setting.expect(f"{path} is denied", setting.audit(str(path)), 2, "denied",
                           ("not-regular",))


def check_unreadable(setting):
    """A user to whom modes mean something."""
    with setting.box() as folder:
        folder.chmod(0o755)
        (folder / "image").write_bytes(PLAIN_BYTES)
        (folder / "image").chmod(0)
        answer = setting.audit("image", preexec_fn=give_up_privileges)
        setting.expect("a file without a mode could not be read", answer, 1, "error")
        (folder / "other").write_bytes(PLAIN_BYTES)
        result = setting.call("audit", ".", preexec_fn=give_up_privileges)
        setting.tap.check(b"1 passed, 0 denied, 1 could not" in result.stdout and result.status == 1,
                          "and does not hide the others", [result.stdout, result.message])


def check_names(setting):
    """A name is only ever a name."""
    with setting.box() as folder:
        for name in NAMES:
            with open(os.fsencode(folder) + b"/" + name, "wb") as image:
                image.write(PLAIN_BYTES)
            answer = setting.audit("--", name)
            rules = ("file-name-protocol",) if name in PROTOCOLS else ()
            setting.expect(f"the name {name!r} is that of a file", answer, 0, "pass", rules)
            setting.tap.check_equal(setting.info("--", name).get("format"), "qcow2",
                                    f"{name!r} is described")
            setting.expect_clean(f"{name!r} is shown escaped", setting.call("audit", "--", name),
                                 setting.call("info", "--", name))
        lines = setting.traced("%network", "audit", "-q", "nbd:127.0.0.1:1")
        setting.tap.check_none([line for line in lines or () if NETWORK.search(line)
                                and "AF_UNIX" not in line], "no server is asked")
        result = setting.call("audit", ".")
        setting.expect_clean("all of them together are shown escaped", result)
        setting.tap.check(f"{len(NAMES)} images: {len(NAMES)} passed".encode() in result.stdout,
                          "and all are counted", [result.stdout])


SCRIPTS = (("F01", check_fifo), ("F02", check_socket), ("F03", check_devices),
           ("F04", check_directories), ("F05", check_links), ("F06", check_empty),
           ("F07", check_heads), ("F08", check_largest), ("F09", check_pseudo),
           ("F12", check_unreadable), ("F13", check_names))
