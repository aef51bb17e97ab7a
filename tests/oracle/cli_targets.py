# SPDX-License-Identifier: LGPL-2.1-or-later
# Command line tests: info on targets that are sound, strange or missing.
"""A failure is status 1, one line on stderr that names the target, and an object in JSON."""

import resource
import shutil

from cli_setting import (HOSTILE_NAME, SOUND, control_problems, error_problems, message_problems,
                         status_problems)
from programs import environment, parse_json_or_none, state_of

# How many descriptors a program may have; it begins with three.
LIMITS = (4, 5, 6, 8, 16)
# What cannot be described at all.
UNREADABLE = {
    "nothing there": "missing",
    "a dangling symbolic link": "dangling",
    "a symbolic link to itself": "loop",
    "a directory": "folder",
    "a FIFO": "fifo",
    "a socket": "socket",
    "a character device": "/dev/null",
    "a file in no directory": "missing/sound.qcow2",
    "a file below a file": "sound.qcow2/image",
    "a name that is too long": "n" * 300,
    "an empty name": "",
}
# Length of a cut image, its state and its error code; less than magic and version is raw.
CUTS = ((0, "ok", None), (1, "ok", None), (4, "ok", None), (8, "partial", "truncated"),
        (71, "partial", "truncated"), (72, "partial", "truncated"), (103, "partial", "truncated"),
        (104, "partial", "truncated"), (511, "partial", "truncated"),
        (512, "partial", "truncated"), (1791, "partial", "truncated"), (1792, "ok", None))


def check_unreadable(tap, setting):
    """Targets that are no images, for people and in JSON."""
    for what, name in UNREADABLE.items():
        human = setting.call("info", name)
        problems = status_problems(human, 1) + message_problems(human, f"virt-probe: {name}: ")
        if human.stdout:
            problems.append(f"something is printed on stdout: {human.stdout!r}")
        tap.check_none(problems, f"info on {what} fails with one line that names it")
        result, description = setting.describe(name)
        problems = status_problems(result, 1) + error_problems(description, "unreadable")
        if not isinstance(description, dict) or description.get("filename") != name:
            problems.append(f"the object does not name the file: {result.stdout!r}")
        tap.check_none(problems, f"info in JSON on {what} is an object with an error")


def check_locked(tap, setting):
    """A file that the caller may not read."""
    human = setting.call_unprivileged("info", "locked.qcow2")
    tap.check_none(status_problems(human, 1)
                   + message_problems(human, "virt-probe: locked.qcow2: "),
                   "info on a file without permission fails with one line")
    result, description = setting.describe_unprivileged("locked.qcow2")
    tap.check_none(status_problems(result, 1) + error_problems(description, "unreadable"),
                   "info in JSON on a file without permission is an object with an error")
    sound = setting.call_unprivileged("info", "sound.qcow2")
    tap.check_none(status_problems(sound, 0), "the same caller may read another file")


def check_cuts(tap, setting):
    """An image cut at several bytes."""
    content = SOUND.read_bytes()
    for length, state, code in CUTS:
        name = f"cut-{length}.qcow2"
        (setting.folder / name).write_bytes(content[:length])
        result, description = setting.describe(name)
        problems = status_problems(result, 0 if state == "ok" else 1)
        if state != "ok":
            problems += error_problems(description, state, code)
            problems += message_problems(setting.call("info", name), f"virt-probe: {name}: ")
        elif state_of(description).get("state") != "ok":
            problems.append(f"state {state_of(description).get('state')!r}, wanted 'ok'")
        tap.check_none(problems, f"an image cut after {length} bytes is {state}")


def check_empty(tap, setting):
    """No bytes at all are a raw disk of size 0, with a finding."""
    result, description = setting.describe("empty")
    tap.check_none(status_problems(result, 0), "info on an empty file succeeds")
    description = description or {}
    tap.check_equal((description.get("format"), description.get("virtual-size")), ("raw", 0),
                    "an empty file is raw and has size 0")
    rules = [finding["rule"] for finding in state_of(description).get("findings", [])]
    tap.check("empty" in rules, "an empty file has the finding empty", rules)


def check_formats_given(tap, setting):
    """-f with another format than that of the file, and with none that exists."""
    for name in ("vdi", "vpc", "luks", "parallels", "qcow"):
        result, description = setting.describe("-f", name, "sound.qcow2")
        tap.check_none(status_problems(result, 1)
                       + error_problems(description, "partial", "invalid")
                       + message_problems(result, "virt-probe: sound.qcow2: "),
                       f"-f {name} on a qcow2 image fails")
        tap.check_equal((description or {}).get("format"), name,
                        f"-f {name} on a qcow2 image is not overruled")
    result, description = setting.describe("-f", "raw", "sound.qcow2")
    tap.check_none(status_problems(result, 0), "-f raw on a qcow2 image succeeds")
    rules = [finding["rule"] for finding in state_of(description).get("findings", [])]
    tap.check("declared-format-mismatch" in rules, "-f raw on a qcow2 image has a finding", rules)
    for name in ("", "zzz", "QCOW2", "qcow2 ", "file"):
        # qemu-img ends with 1; a mistake of who calls must not look like a bad image.
        result, description = setting.describe("-f", name, "sound.qcow2")
        tap.check_none(status_problems(result, 64) + message_problems(result, f"virt-probe: unknown format '{name}'"),
                       f"-f {name!r} names no format")
        tap.check_equal(description, None, f"-f {name!r} describes nothing")


def check_several(tap, setting):
    """Several images, one of which fails."""
    names = ["sound.qcow2", "missing", "empty", "cut-103.qcow2", "sound.qcow2"]
    result, descriptions = setting.describe(*names)
    tap.check_none(status_problems(result, 1), "several images, one of which fails, end with 1")
    tap.check(isinstance(descriptions, list) and len(descriptions) == len(names),
              "several images are an array", [repr(result.stdout[:200])])
    if not isinstance(descriptions, list):
        return
    for name, description in zip(names, descriptions):
        tap.check_equal(description, setting.describe(name)[1],
                        f"{name} is described among others as it is alone")
    tap.check_equal(result.stderr.count(b"\n"), 2, "each failure has one line on stderr")
    human = setting.call("info", *names)
    tap.check_equal(human.stdout.count(b"image: "), 4, "people see the images that have a header")
    good = setting.call("info", "sound.qcow2", "empty")
    tap.check_none(status_problems(good, 0), "several sound images end with 0")
    tap.check(b"\n\nimage: empty\n" in good.stdout, "an empty line is between images")


def check_hostile_name(tap, setting):
    """A file name that would drive a terminal and forge a line."""
    shutil.copyfile(SOUND, bytes(setting.folder) + b"/" + HOSTILE_NAME)
    ghost = b"ghost" + HOSTILE_NAME
    calls = {"info": ["info", HOSTILE_NAME], "a bare name": [HOSTILE_NAME],
             "info in JSON": ["info", "--output=json", HOSTILE_NAME],
             "info --full": ["info", "--full", HOSTILE_NAME],
             "info on no file": ["info", ghost], "a bare name of no file": [ghost],
             "info in JSON on no file": ["info", "--output=json", ghost],
             "-f": ["info", "-f", HOSTILE_NAME, "sound.qcow2"],
             "-f in JSON": ["info", "--output=json", "-f", HOSTILE_NAME, "sound.qcow2"],
             "--output": ["info", b"--output=" + HOSTILE_NAME, "sound.qcow2"],
             "an option": ["info", b"--" + HOSTILE_NAME], "explain": ["explain", HOSTILE_NAME],
             "too many arguments": ["formats", HOSTILE_NAME]}
    for what, words in calls.items():
        result = setting.call(*words)
        problems = (control_problems(result.stdout, "stdout")
                    + control_problems(result.stderr, "stderr"))
        if b"\nforged" in result.stdout + result.stderr:
            problems.append("the name forges a line")
        tap.check_none(problems, f"a hostile name as {what} is escaped")
    described = parse_json_or_none(setting.call(*calls["info in JSON"]).stdout) or {}
    tap.check_equal(described.get("filename"), HOSTILE_NAME.decode("utf-8", "replace"),
                    "a hostile name is whole in JSON, U+FFFD for a bad byte")


# A search for leaks opens files of its own at the end.
WITHOUT_LEAKS = environment(ASAN_OPTIONS="detect_leaks=0:abort_on_error=1")


def call_with_few(setting, limit, words, **options):
    """Run it where no descriptor may be as large as the limit."""
    return setting.call(*words, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit)), **options)


def few_problems(setting, words, needs_more):
    """It fails where descriptors are too few and says so, once, and works where there are more."""
    whole, problems, working = setting.call(*words), [], []
    for limit in LIMITS:
        result = call_with_few(setting, limit, words, env=WITHOUT_LEAKS)
        if result.status == 0 and result.stdout == whole.stdout:
            working.append(limit)
        elif result.status != 1 or result.stderr.count(b"Too many open files") != 1 or b"sound.qcow2 " in result.stdout:
            problems.append(f"{limit}: status {result.status}: {result.message}, {result.stdout[:80]!r}")
    if LIMITS[-1] not in working or (LIMITS[0] in working) == needs_more:
        problems.append(f"of {LIMITS} only {working} work")
    return problems


def check_few_descriptors(tap, setting):
    """A program that may open no more files says that, once, and says nothing of the image."""
    place = setting.folder / "few"
    place.mkdir()
    shutil.copyfile(SOUND, place / "sound.qcow2")
    # Whether one descriptor besides the three usual ones is too few.
    verbs = {("info", "sound.qcow2"): False, ("info", "--sandbox", "sound.qcow2"): True,
             ("info", "--output=json", "sound.qcow2"): False, ("audit", "sound.qcow2"): True,
             ("audit", "--no-sandbox", "sound.qcow2"): False, ("chain", "sound.qcow2"): False}
    has_pools = setting.call("scan", "--help").status == 0
    if has_pools:
        verbs.update({("scan", *words, place): True for words in ((), ("--sandbox",), ("--output=json",))})
    if b"built without" in setting.call("info", "--sandbox", "sound.qcow2").stderr:
        verbs = {words: needs for words, needs in verbs.items() if "--sandbox" not in words}
    for words, needs_more in verbs.items():
        tap.check_none(few_problems(setting, words, needs_more),
                       f"{' '.join(map(str, words[:-1]))} with few descriptors works or says so")
    if has_pools:
        check_few_of_refresh(tap, setting, place)


def check_few_of_refresh(tap, setting, place):
    """A pool that could not be listed keeps what its catalogue has, new files or not."""
    env = environment(VIRT_PROBE_CONFIG_DIR=str(place / "../few-config"), VIRT_PROBE_STATE_DIR=str(place / "../few-state"),
                      ASAN_OPTIONS="detect_leaks=0:abort_on_error=1")
    setting.call("pool-define-as", "few", "dir", "--target", place, env=env)
    setting.call("pool-refresh", "few", env=env)
    worked, problems = [], []
    for limit in LIMITS:
        before = setting.call("vol-list", "few", env=env).stdout
        (place / f"new-{limit}").write_bytes(b"x")
        result = call_with_few(setting, limit, ("pool-refresh", "few"), env=env)
        after = setting.call("vol-list", "few", env=env).stdout
        worked.append(result.status == 0)
        if result.status == 0 and b"sound.qcow2" in after and f"new-{limit} ".encode() in after:
            continue
        if result.status != 1 or result.stderr.count(b"Too many open files") != 1 or after != before or b"sound.qcow2" not in after:
            problems.append(f"{limit}: status {result.status}: {result.message}, {before!r}, {after!r}")
    tap.check_none(problems, "pool-refresh with few descriptors works, or says so and keeps the catalogue")
    tap.check((worked[0], worked[1], worked[-1]) == (False, False, True), "pool-refresh fails with few and works with more", [worked])


def check_targets(tap, setting):
    """All of this file."""
    check_unreadable(tap, setting)
    check_locked(tap, setting)
    check_cuts(tap, setting)
    check_empty(tap, setting)
    check_formats_given(tap, setting)
    check_several(tap, setting)
    check_hostile_name(tap, setting)
    check_few_descriptors(tap, setting)
