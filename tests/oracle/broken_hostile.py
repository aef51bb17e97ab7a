# SPDX-License-Identifier: LGPL-2.1-or-later
# Broken chains: names that try to hide a file, to leak a password, or to take all memory.
"""What QEMU would open another way, or refuse, is never called sound."""

from chain_images import file_node, json_name, qcow2, raw
from chain_judge import rules_of
from chain_setting import failed_lines, sound_lines
from programs import parse_json_or_none

SECRET = "hunter2"
MANY = 200
BASE, MIDDLE, VICTIM = file_node("base"), file_node("middle"), file_node("victim")
QCOW2_VICTIM = {"driver": "qcow2", "file": VICTIM}

# (what, json: name, recorded format): with each, QEMU takes other files than the name seems to say, or refuses it.
CONTRADICTIONS = (
    ("a backing file below raw, recorded qcow2",
     {"driver": "raw", "file": MIDDLE, "backing": QCOW2_VICTIM, "offset": 0}, "qcow2"),
    ("a filter, recorded qcow2",
     {"driver": "copy-on-read", "file": MIDDLE, "backing": QCOW2_VICTIM}, "qcow2"),
    ("a filter above qcow2, recorded raw",
     {"driver": "copy-on-read", "file": {"driver": "qcow2", "file": VICTIM}}, "raw"),
    ("a slice, recorded qcow2", {"driver": "raw", "offset": 0, "size": 512, "file": BASE}, "qcow2"),
    ("a backing file of a raw disk",
     {"driver": "qcow2", "file": BASE, "backing": QCOW2_VICTIM}, "raw"),
    ("a data file of a raw disk",
     {"driver": "qcow2", "file": BASE, "data-file": VICTIM}, "raw"),
    ("a data file of an image without one",
     {"driver": "qcow2", "file": MIDDLE, "data-file": VICTIM}, "qcow2"),
)


def check_contradictions(tap, setting):
    """The recorded format, the driver of a json: name and what it adds must fit together."""
    for what, description, form in CONTRADICTIONS:
        with setting.box() as box:
            box.base()
            box.overlay("middle", "base")
            box.put("victim", qcow2())
            box.overlay("top", json_name(description), form)
            answer = box.info("top")
            tap.check_equal(answer.result.status, 1, f"{what}: not sound")
            tap.check_none([path for path in box.opened("info", "--backing-chain", "top")
                            if path.endswith("/victim")], f"{what}: the file is not opened")


def check_overrides_of_guesses(tap, setting):
    """With --probe-backing=safe a guess opens no further file, whoever names it."""
    with setting.box() as box:
        box.put("disk", raw(1 << 20))
        box.put("victim", qcow2())
        box.overlay("top", json_name({"file": file_node("disk"), "backing": QCOW2_VICTIM}), None)
        tap.check_equal(box.info("--probe-backing=safe", "top").result.status, 1,
                        "safe: a json: name gives no backing file to a guess")
    with setting.box() as box:
        box.put("evil", qcow2("victim", "qcow2"))
        box.put("victim", qcow2())
        box.overlay("middle", "nowhere", "raw")
        box.overlay("top", json_name({"driver": "qcow2", "file": MIDDLE,
                                      "backing": {"file": file_node("evil")}}))
        answer = box.info("--probe-backing", "top")
        tap.check_equal([one.get("format") for one in answer.array], ["qcow2", "qcow2", "raw"],
                        "a backing file that is replaced keeps the recorded format")


# (what, the names of top and of the image below it): a repair command would show the password.
LEAKS = (
    ("the name of the backing file", None,
     json_name({"file": {"driver": "file", "filename": "nowhere"}, "password": SECRET}), None),
    ("the name of the overlay",
     json_name({"driver": "qcow2", "password": SECRET, "file": {"driver": "raw", "file": MIDDLE}}),
     "nowhere", "raw"),
    ("a URI without a format", None, f"https://user:{SECRET}@localhost/x", None),
)


def check_leaks(tap, setting):
    """No way of printing shows a password."""
    for what, above, below, form in LEAKS:
        with setting.box() as box:
            box.overlay("middle", below, form)
            top = "middle"
            if above is not None:
                top = "top"
                box.overlay(top, above)
            for words in (["chain"], ["chain", "--output=json"], ["info", "--backing-chain"],
                          ["info", "--backing-chain", "--full", "--output=json"]):
                result = box.call(*words, top)
                tap.check(SECRET.encode() not in result.stdout + result.stderr,
                          f"{what}: {' '.join(words)} shows no password")


def check_remedies(tap, setting):
    """A command is offered only where it repairs what it says."""
    with setting.box() as box:
        box.put("disk", raw(1 << 20))
        name = {"driver": "raw", "offset": 512, "file": file_node("/nowhere/disk")}
        box.overlay("top", json_name(name), "raw")
        tap.check(b" -b disk " not in box.tree("top").stderr,
                  "a json: name is not replaced by a path, which would lose its offset")
    with setting.box() as box:
        box.overlay("real/top", "../base")
        box.base()
        (box.folder / "deep/er").mkdir(parents=True)
        (box.folder / "deep/er/link").symlink_to("../../real/top")
        result = box.tree("deep/er/link")
        tap.check(result.status == 1 and b"rebase" not in result.stderr,
                  "an image that is named by a link is not changed")
    with setting.box() as box:
        box.overlay("top", "base", "dmg")
        box.base()
        tap.check(b"no format is called" not in box.tree("top").stderr,
                  "a format that is not described is not called unknown")


def check_sizes(tap, setting):
    """Names that fill the memory of the summary, and descriptions that fill a terminal."""
    with setting.box() as box:
        for index in range(MANY):
            box.put(f"{index}", qcow2(f"{'./' * 500}{index + 1}", "qcow2", data_file="./" * 2000))
        for words in (["chain"], ["chain", "--output=json"], ["info", "--backing-chain"]):
            tap.check_equal(box.call(*words, "0", timeout=60).status, 1,
                            f"long names everywhere: {' '.join(words)} ends with 1")
        _, summary = box.chain("0")
        tap.check(all("filename" in one and "state" in one for one in summary.get("members", [])),
                  "long names everywhere: each member that is listed is whole")


def check_output_budget(tap, setting):
    """Each image may be long with --full, but all together may not be endless."""
    snapshots = ["\x1b" * 250] * 2000
    with setting.box() as box:
        for index in range(20):
            box.put(f"{index}", qcow2(f"{index + 1}", "qcow2", snapshots=snapshots, cluster_bits=13))
        result = box.call("info", "--full", "--backing-chain", "--output=json", "0", timeout=120)
        array = parse_json_or_none(result.stdout) or []
        tap.check(result.status == 1 and 1 < len(array) < 20, "long descriptions end the chain")
        tap.check("limit" in rules_of(array[-1]), "and the last member says so")


def check_places(tap, setting):
    """What only looks like a file."""
    with setting.box() as box:
        box.base()
        for name in ("base/", "base//", "./base/.", "base/./"):
            box.overlay("top", name)
            for option in ("--follow=any", "--follow=same-directory", f"--root={box.folder}"):
                tap.check_equal(box.info(option, "top").result.status, 1,
                                f"{name} is no file with {option.split('/', maxsplit=1)[0]}")
        for name in ("host_device:base", "host_cdrom:base"):
            box.overlay("top", name, "raw")
            tap.check_none(failed_lines(box.info("top"), 1, "invalid", "chain-unreadable"),
                           f"{name} is no device")


def check_recorded(tap, setting):
    """A format that QEMU does not have is not opened, and a wrong record is called so."""
    with setting.box() as box:
        box.base()
        box.overlay("top", "base", "iso")
        tap.check_none(failed_lines(box.info("top"), 1, "unsupported", "backing-format-unknown"),
                       "a recorded format that is none of QEMU's")
        box.overlay("top", "base", "raw")
        answer = box.info("top")
        tap.check_none(sound_lines(answer, 2), "a qcow2 image that is recorded as raw is raw")
        tap.check(b"recorded as raw" in box.human("top").stdout, "and that is said")
        box.put("disk", raw(1 << 20))
        box.overlay("top", "disk")
        tap.check(b"which is recorded" in box.tree("top").stderr,
                  "a raw disk that is recorded as qcow2: the message says who says so")


def check_options(tap, setting):
    """Options that bound a chain are not dropped silently."""
    with setting.box() as box:
        box.base()
        for option in ("--root=.", "--follow=none", "--probe-backing"):
            tap.check_equal(box.call("info", option, "base").status, 64,
                            f"info {option} needs --backing-chain")
        tap.check_equal(box.tree("--root=nowhere", "base").status, 64, "--root of no directory")
        tap.check_equal(box.call("--output=json", "chain", "base").status, 64,
                        "a verb behind an option")


def check_hostile(tap, setting):
    """All of it."""
    for check in (check_contradictions, check_overrides_of_guesses, check_leaks, check_remedies,
                  check_sizes, check_output_budget,
                  check_places, check_recorded, check_options):
        check(tap, setting)
