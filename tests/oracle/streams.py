# SPDX-License-Identifier: LGPL-2.1-or-later
# Tests info on standard input and on descriptors that the program is given.
"""A pipe gives the answer of a file; what is no image is one clear error."""

import os
import socket
import sys
import tempfile

from cli_setting import SOUND, Setting, error_problems, message_problems, status_problems
from fixtures import load_images
from programs import arguments_parse, parse_json, parse_json_or_none, run, state_of
from tap import Tap

# Every so manieth image; a test in C feeds all of them in many ways.
STEP = 3
# What a file is known by, and bytes are not.
SOURCE_KEYS = {"filename", "full-backing-filename", "actual-size", "children", "mtime", "in-use"}
BACKING = SOUND.parent / "backing-with-format.qcow2"


def facts_of_bytes(value):
    """A description without what only a file has."""
    if isinstance(value, list):
        return [facts_of_bytes(item) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {key: facts_of_bytes(item) for key, item in value.items() if key not in SOURCE_KEYS}
    # A raw image is nothing but its file, and says so.
    if kept.get("format-specific", {}).get("type") == "file":
        del kept["format-specific"]
    return kept


def without_names(description):
    """Findings about the name of a file, which a stream has not."""
    findings = state_of(description).get("findings", [])
    findings[:] = [finding for finding in findings if finding["rule"] != "ext-name-mismatch"]
    return description


def call(setting, words, **options):
    """Run info in JSON; the result, and what was parsed."""
    result = setting.call("info", "--output=json", *words, **options)
    return result, parse_json_or_none(result.stdout)


def check_images(tap, setting):
    """Images through a pipe."""
    for image in load_images()[::STEP]:
        if image.name.endswith(".dmg"):
            continue  # QEMU goes by the name
        file = run([setting.program, "info", "--output=json", image.name], cwd=image.directory)
        pipe = run(["sh", "-c", 'cat "$1" | "$2" info --output=json -', "sh", image.name, setting.program],
                   cwd=image.directory)
        wanted = facts_of_bytes(without_names(parse_json(file.stdout)))
        tap.check_equal(facts_of_bytes(parse_json(pipe.stdout)), wanted, f"{image.title} is the same through a pipe")
        tap.check_none(status_problems(pipe, file.status), f"{image.title} has the same status")


def check_regular(tap, setting):
    """A regular file as standard input or descriptor, wherever its position is."""
    wanted = setting.describe("sound.qcow2")[1]
    for words, name in ((["-"], "-"), (["--fd=0"], "/dev/fd/0")):
        with open(setting.folder / "sound.qcow2", "rb") as file:
            file.seek(1000)
            result, description = call(setting, words, stdin=file)
        tap.check_none(status_problems(result, 0), f"a file as {name} is described")
        tap.check_equal((description or {}).get("filename"), name, f"it is called {name}")
        tap.check_equal((description or {}).get("actual-size"), wanted["actual-size"], f"the disk size of {name} is known")
        tap.check_equal(facts_of_bytes(description), facts_of_bytes(wanted), f"a file as {name} is the same")
    with open(setting.folder / "sound.qcow2", "rb") as file:
        result, description = call(setting, [f"--fd={file.fileno()}"], pass_fds=[file.fileno()])
    tap.check_equal(facts_of_bytes(description), facts_of_bytes(wanted), "an inherited descriptor is the same")


def check_descriptors(tap, setting):
    """A pipe and a socket as descriptors."""
    wanted = facts_of_bytes(setting.describe("sound.qcow2")[1])
    for what, ends in (("pipe", os.pipe()), ("socket", [end.detach() for end in socket.socketpair()])):
        os.write(ends[1], SOUND.read_bytes())
        os.close(ends[1])
        result, description = call(setting, [f"--fd={ends[0]}"], pass_fds=[ends[0]])
        os.close(ends[0])
        tap.check_none(status_problems(result, 0), f"a {what} is described")
        tap.check_equal(facts_of_bytes(description), wanted, f"a {what} is the same as its file")


def check_names(tap, setting):
    """A relative name counts from no directory."""
    with open(BACKING, "rb") as file:
        description = call(setting, ["-"], stdin=file)[1] or {}
    tap.check("backing-filename" in description and "full-backing-filename" not in description,
              "a relative name of standard input counts from nowhere", [repr(description)])
    (setting.folder / "-").write_bytes(b"x" * 512)
    description = setting.describe("./-")[1] or {}
    tap.check_equal(description.get("format"), "raw", "a file called - is ./-")


def check_broken_off(tap, setting):
    """A read that fails is an io-error, and what came before is described."""
    near, far = socket.socketpair()
    near.send(b"x")
    far.send(SOUND.read_bytes()[:600])
    far.close()  # with a byte unread, which makes the next read fail
    result, description = call(setting, ["-"], stdin=near)
    near.close()
    tap.check_none(status_problems(result, 1) + error_problems(description, "partial", "io")
                   + message_problems(result, "virt-probe: -: the stream cannot be read"),
                   "a stream that breaks off is an io-error")
    rules = {finding["rule"] for finding in state_of(description).get("findings", [])}
    tap.check("truncated" not in rules, "what did not come is not called cut", rules)


def check_no_images(tap, setting):
    """What is neither file nor stream."""
    with open("/dev/null", "rb") as device:
        result, description = call(setting, ["-"], stdin=device)
    tap.check_none(status_problems(result, 1) + error_problems(description, "unreadable", "refused"),
                   "a character device as standard input is refused")
    directory = os.open("/", os.O_RDONLY)
    result, description = call(setting, [f"--fd={directory}"], pass_fds=[directory])
    tap.check_none(status_problems(result, 1) + error_problems(description, "unreadable", "refused")
                   + message_problems(result, f"virt-probe: /dev/fd/{directory}: "), "a directory is refused")
    os.close(directory)
    result, description = call(setting, ["--fd=777"])
    tap.check_none(status_problems(result, 1) + error_problems(description, "unreadable")
                   + message_problems(result, "virt-probe: /dev/fd/777: "), "a descriptor that is not open is an error")
    ends = os.pipe()
    result, description = call(setting, [f"--fd={ends[1]}"], pass_fds=[ends[1]])
    tap.check_none(status_problems(result, 1) + error_problems(description, "unreadable")
                   + message_problems(result, f"virt-probe: /dev/fd/{ends[1]}: is not open for reading"),
                   "a descriptor for writing is an error")
    for end in ends:
        os.close(end)
    written = os.open(setting.folder / "empty", os.O_WRONLY)
    result, description = call(setting, [f"--fd={written}"], pass_fds=[written])
    tap.check_none(status_problems(result, 1) + error_problems(description, "unreadable")
                   + message_problems(result, f"virt-probe: /dev/fd/{written}: is not open for reading"),
                   "a file for writing is an error")
    os.close(written)


def check_command_lines(tap, setting):
    """What cannot be meant."""
    wrong = {"standard input twice": ["info", "-", "sound.qcow2", "-"], "a chain": ["info", "--backing-chain", "-"],
             "XML": ["info", "--output=xml", "-"], "a descriptor and a name": ["info", "--fd=0", "sound.qcow2"],
             "no number": ["info", "--fd=x"], "an empty number": ["info", "--fd="], "a negative number": ["info", "--fd=-1"],
             "a number too large": ["info", "--fd=99999999999"], "a chain of a descriptor": ["info", "--backing-chain", "--fd=0"],
             "nothing": ["info"]}
    for what, words in wrong.items():
        result = setting.call(*words)
        tap.check_none(status_problems(result, 64) + message_problems(result, "virt-probe: "), f"{what} is a wrong command line")


def check_among_others(tap, setting):
    """Standard input is one image of several."""
    with open(BACKING, "rb") as file:
        description = call(setting, ["sound.qcow2", "-", "empty"], stdin=file)[1] or []
    tap.check_equal([item.get("filename") for item in description], ["sound.qcow2", "-", "empty"],
                    "standard input stands among other images")
    with open(BACKING, "rb") as file:
        result = setting.call("-", stdin=file)
    tap.check(result.stdout.startswith(b"image: -\n"), "a bare - is info -", [repr(result.stdout[:80])])


def main():
    """Check everything."""
    arguments = arguments_parse(__doc__, needs_qemu_img=False)
    tap = Tap()
    with tempfile.TemporaryDirectory(prefix="virt-probe-") as folder:
        setting = Setting(arguments.program, folder)
        for check in (check_images, check_regular, check_descriptors, check_names, check_broken_off, check_no_images,
                      check_command_lines, check_among_others):
            check(tap, setting)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
