# SPDX-License-Identifier: LGPL-2.1-or-later
# Checks the command line of `virt-probe audit`: options, targets of every kind, what is printed where, and statuses.
"""Each case has a folder of its own."""

import os
import shutil
import struct
import sys
import tempfile
from pathlib import Path

from cli_setting import control_problems
from fixtures import TESTS
from programs import arguments_parse, environment, parse_json_or_none, run
from tap import Tap

QCOW2 = TESTS / "qcow2data"
PLAIN = "v3-plain.qcow2"
BACKING = "backing-without-format.qcow2"


def fill(folder):
    """A directory as people have it: healthy, dangerous and odd."""
    for name in (PLAIN, BACKING):
        (folder / name).write_bytes((QCOW2 / name).read_bytes())
    below = folder / "below"
    below.mkdir()
    (below / "deep.qcow2").write_bytes((QCOW2 / PLAIN).read_bytes())
    os.mkfifo(folder / "fifo")
    (folder / "link").symlink_to(PLAIN)
    (folder / "loop").symlink_to(".")
    (folder / "line\nfeed\x1b[2J").write_bytes(b"x")


class Setting:
    """The program in a folder."""

    def __init__(self, tap, program, folder):
        self.tap, self.program, self.folder = tap, program, folder

    def audit(self, *words):
        """One run."""
        return run([self.program, "audit", *words], cwd=self.folder)

    def expect(self, words, status, says, stdout=None, stderr=None):
        """Status, and what must stand in the outputs."""
        result = self.audit(*words)
        lines = control_problems(result.stdout, "stdout") + control_problems(result.stderr, "stderr")
        if result.status != status:
            lines.append(f"status {result.status}, wanted {status}: {result.message}")
        if stdout is not None and stdout not in result.stdout.decode("utf-8", "replace"):
            lines.append(f"stdout lacks {stdout!r}: {result.stdout}")
        if stderr is not None and (stderr not in result.message or (stderr == "" and result.stderr)):
            lines.append(f"stderr lacks {stderr!r}: {result.message}")
        self.tap.check_none(lines, says)
        return result


def check_options(setting):
    """Each option by its effect."""
    expect = setting.expect
    expect([PLAIN], 0, "a healthy image passes in silence on stderr", f"{PLAIN}: PASS (qcow2)", "")
    expect([BACKING], 2, "an overlay is denied", "deny     backing-file", "denied: backing-file")
    expect(["--profile=pool", BACKING], 0, "in a pool it may stand on another", "PASS", "")
    expect(["--profile=report", "fifo"], 0, "a report denies nothing", "not-regular", "")
    expect(["--profile=pool", "--fail-on=warning", BACKING], 2, "warnings deny when they are told to", None,
           "denied: backing-format-missing")
    expect(["--allow=backing-file", BACKING], 0, "an allowed rule does not count", "allowed  backing-file", "")
    expect(["--fail-on=warning", "--allow=backing-file", "--allow=backing-format-missing", BACKING], 0,
           "options that allow add up", "PASS", "")
    expect(["--fail-on=warning", "--allow=backing-file,backing-format-missing", BACKING], 0,
           "as does a list", "PASS", "")
    expect(["--allow=backing-fil", BACKING], 64, "a rule that does not exist is said", "", "no rule is called")
    expect(["--profile=stranger", PLAIN], 64, "so is a profile", "", "must be one of")
    expect(["-f", "raw", PLAIN], 2, "declared raw, and qcow2", "declared-format-mismatch", "denied")
    expect(["-f", "qcow3", PLAIN], 64, "a format that does not exist is a wrong command line", "",
           "unknown format 'qcow3'")
    expect(["-q", PLAIN], 0, "quiet prints nothing", "", "")
    expect(["-q", "--output=json", PLAIN], 64, "quiet JSON is none", "", "contradict")


def check_nothing_named(setting):
    """A variable of a script that is empty must not make a question void."""
    for word in ("--for=", "--allow=", "--for=,", "--max-virtual-size=", "--root="):
        setting.expect([word, PLAIN], 64, f"{word} without a value", "")


def check_descriptors(setting):
    """What is open is judged as what it is."""
    def judged(path, *words):
        with open(path, "rb") as source:
            return run([setting.program, "audit", *words, "-"], cwd=setting.folder, stdin=source)
    result = judged(setting.folder / PLAIN)
    setting.tap.check(result.status == 0, "a file on standard input passes", [result.message])
    result = judged(setting.folder / BACKING)
    setting.tap.check(result.status == 2, "one with a backing file does not", [result.message])
    result = judged("/proc/version")
    setting.tap.check(result.status == 2 and b"not-regular" in result.stderr, "nor does a file of proc",
                      [str(result.stdout), result.message])
    setting.expect(["--fd=77"], 1, "a descriptor that is not open is said", "", "cannot use the descriptor")


def check_sizes(setting):
    """Sizes with suffixes, and what is none."""
    for word, status in (("1M", 0), ("1048576", 0), ("1048575", 2), ("1023k", 2), ("1T", 0), ("8E", 64), ("0", 64),
                         ("-1", 64), ("1X", 64), ("1Mi", 64), ("", 64), ("99999999999999999999", 64)):
        setting.expect([f"--max-virtual-size={word}", PLAIN], status, f"--max-virtual-size={word}")


def check_roots(setting):
    """Absolute names may lead beneath the root."""
    image = str(QCOW2 / "backing-absolute.qcow2")
    allowed = "--allow=backing-file,absolute-path"
    setting.expect([allowed, image], 2, "an absolute name leads out", "path-outside-pool")
    setting.expect([allowed, "--root=/", image], 0, "unless the root is above it", "PASS")
    setting.expect(["--root=/nonexistent", image], 64, "a root must exist", "", "no directory")


def check_directories(setting):
    """Directories, with what lies in them."""
    result = setting.expect(["."], 2, "a directory is judged file by file",
                            "6 images: 2 passed, 4 denied, 0 could not be read")
    text = result.stdout.decode()
    setting.tap.check("deep.qcow2" not in text, "directories below are left out", [text])
    setting.tap.check("./line\\x0afeed\\x1b[2J: PASS" in text or "line\\x0a" in text, "names are shown escaped", [text])
    os.symlink("/dev/null", setting.folder / "below" / "out")
    setting.expect(["below/out"], 2, "a link that leads out is said", "symlink-escape", "symlink-escape")
    os.unlink(setting.folder / "below" / "out")
    setting.tap.check("loop" in text and "symlink" in text, "links are judged and not followed", [text])
    setting.expect(["-r", "."], 2, "with -r those too", "./below/deep.qcow2: PASS")
    setting.expect(["-r", "below"], 0, "a directory that is healthy passes", "1 images: 1 passed")
    document = parse_json_or_none(setting.audit("-r", "--output=json", ".").stdout) or {}
    setting.tap.check_equal(document.get("summary"),
                            {"images": 7, "passed": 3, "denied": 4, "unreadable": 0}, "JSON has the summary")
    setting.tap.check_equal(len(document.get("images", [])), 7, "and all images")


def check_targets(setting):
    """What is no image, and several at once."""
    expect = setting.expect
    expect(["missing"], 1, "a file that is not there could not be read", "", "missing: cannot open")
    expect(["missing", PLAIN], 1, "with one that passes that counts", "2 images: 1 passed, 0 denied, 1 could")
    expect(["missing", BACKING, PLAIN], 2, "with one that is denied that counts", "3 images: 1 passed, 1 denied, 1")
    expect(["fifo"], 2, "a FIFO is denied and not waited for", "not-regular")
    os.symlink("nowhere", setting.folder / "dangling")
    expect(["dangling"], 2, "a link to nothing is denied as a link", "symlink")
    expect(["--profile=pool", "dangling"], 1, "in a pool there is nothing to judge", "", "cannot open")
    expect(["loop"], 2, "a link to a directory is not entered", "symlink")
    (setting.folder / "nbd:x").write_bytes((QCOW2 / PLAIN).read_bytes())
    expect(["nbd:x"], 0, "a name that QEMU takes for a server is said", "file-name-protocol", "")
    os.unlink(setting.folder / "nbd:x")
    server = setting.folder / "nbd:localhost:1:exportname="
    server.mkdir()
    (server / "x").write_bytes((QCOW2 / PLAIN).read_bytes())
    expect([f"{server.name}/x"], 0, "so is a directory of that kind", "file-name-protocol: QEMU takes the name, as it", "")
    expect([f"./{server.name}/x"], 0, "which is none with another before it", "x: PASS (qcow2)\n", "")
    shutil.rmtree(server)
    image = bytearray((QCOW2 / "snapshot-extra-16.qcow2").read_bytes())
    place = image.rindex(struct.pack(">QQ", 0, 1 << 20)) + 8  # where the snapshot has the size of its disk
    for size, status, part in ((1 << 20, 0, "PASS"), ((1 << 20) + 512, 2, "oversized-virtual-size: the disk of snapshot 1")):
        image[place:place + 8] = struct.pack(">Q", size)
        (setting.folder / "shots").write_bytes(image)
        expect(["--max-virtual-size=1M", "shots"], status, f"the disk of a snapshot has {size} bytes", part)
    os.unlink(setting.folder / "shots")
    disk = setting.folder / "disk"
    disk.mkdir()
    (disk / "DiskDescriptor.xml").write_text("<Parallels_disk_image Version='1.0'/>")
    (disk / BACKING).write_bytes((QCOW2 / BACKING).read_bytes())
    expect(["disk"], 2, "a descriptor does not hide what lies beside it", f"disk/{BACKING}: DENIED")
    expect(["-r", "."], 2, "nor in a directory below", f"./disk/{BACKING}: DENIED")
    expect(["/dev/zero"], 2, "as is a device", "not-regular")
    expect(["/proc/self/maps"], 2, "and a file of proc", "not-regular")
    expect(["--list-targets", PLAIN], 64, "a list judges nothing", "", "judges no image")
    expect([], 64, "no target is a wrong command line", "", "missing")
    document = parse_json_or_none(setting.audit("--output=json", "missing").stdout) or {}
    setting.tap.check_equal((document.get("verdict"), document.get("error", {}).get("code")), ("error", "not-found"),
                            "JSON says why there is no verdict")


TARGET = "[Target]\nTitle=t\nSource=s\nDate=2026-01-01\nNames={names}\n[Accept]\nFormats=raw\n"


def check_systems(setting):
    """Targets by name, alias and path; one's own file that is bad does not keep anybody from others, but is said."""
    folder = setting.folder / "config" / "targets"
    folder.mkdir(parents=True)
    (folder / "place.target").write_text(TARGET.format(names="store;shop"))
    env = environment(VIRT_PROBE_CONFIG_DIR=str(setting.folder / "config"), VIRT_PROBE_TARGETDIR=str(setting.folder / "none"))

    def reasons(*words):
        """How often the image is refused, and what is said on stderr besides."""
        result = run([setting.program, "audit", "--output=json", *words, PLAIN], cwd=setting.folder, env=env)
        document = parse_json_or_none(result.stdout) or {}
        refused = [finding for finding in document.get("findings", []) if finding["rule"] == "target-refuses"]
        others = [line for line in result.stderr.decode().splitlines() if "denied: target-refuses" not in line]
        return len(refused), document.get("targets"), others
    path = "--for=" + str(folder / "place.target")
    detour = "--for=config/targets/../targets/place.target"
    for words in (["--for=place"], ["--for=place", "--for=place"], ["--for=store,place"], ["--for=store", "--for=shop"],
                  ["--for=place", path], [path, detour, "--for=store"]):
        setting.tap.check_equal(reasons(*words), (1, ["place"], []), f"{words} is one target")
    (folder / "other.target").write_text(TARGET.format(names="other-store"))
    setting.tap.check_equal(reasons("--for=place,other"), (2, ["place", "other"], []), "two targets are two")
    (folder / "broken.target").write_text("[Targt]\n")
    warning = f"virt-probe: warning: {folder}/broken.target: group \"Target\", key \"Title\" is missing; this target is left out"
    setting.tap.check_equal(reasons("--for=place"), (1, ["place"], []), "a bad file beside the one that is named is nothing")
    setting.tap.check_equal(reasons("--for=store,shop"), (1, ["place"], [warning]),
                            "where an alias is looked for it is said, once")
    setting.tap.check_equal(reasons("--for=nowhere")[2][:1], [warning], "also when nothing is found")
    setting.tap.check_equal(reasons("--for=broken")[0:2], (0, None), "and who names it gets no judgement")


def check_output_is_complete(setting):
    """A verdict that could not be written is none."""
    with open("/dev/full", "wb") as full:
        result = run([setting.program, "audit", PLAIN], cwd=setting.folder, stdout=full)
    setting.tap.check(result.status == 1 and b"cannot write" in result.stderr, "a full disk is an error",
                      [result.status, result.message])


def main():
    """Run all."""
    arguments = arguments_parse(__doc__.splitlines()[0], needs_qemu_img=False)
    tap = Tap()
    with tempfile.TemporaryDirectory(prefix="virt-probe-") as place:
        setting = Setting(tap, arguments.program, Path(place))
        fill(setting.folder)
        for check in (check_options, check_nothing_named, check_descriptors, check_sizes, check_roots, check_directories, check_targets,
                      check_systems, check_output_is_complete):
            check(setting)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
