# SPDX-License-Identifier: LGPL-2.1-or-later
# Tests --sandbox as a user sees it: the same answers, a worker that is ended, kernels that have none.
"""A sandbox changes nothing of an answer but the key that says so."""

import difflib
import os
import shutil
import sys
import tempfile

from cli_setting import Setting, error_problems, message_problems, status_problems
from fixtures import TESTS, load_images
from programs import arguments_parse, environment, parse_json_or_none, run, state_of
from tap import Tap

SNAPSHOTS = "snapshots-several.qcow2"
FORBIDDEN = "the sandboxed parser was ended by a forbidden system call"
NONE_HERE = "there is no sandbox here: the kernel "
STRANGE = ["missing", "dangling", "loop", "folder", "fifo", "socket", "empty", "sound.qcow2"]


def without_sandbox(documents):
    """The descriptions without the key; and what it said, once each."""
    said = []
    for document in documents:
        value = state_of(document).pop("sandbox", None)
        if value not in said:
            said.append(value)
    return documents, said


def both(program, words, cwd, **options):
    """The results without and with --sandbox."""
    return [run([program, words[0], *more, *words[1:]], cwd=cwd, **options) for more in ([], ["--sandbox"])]


def result_problems(plain, confined):
    """How they differ, as lines."""
    problems = [] if plain.status == confined.status else [f"status {plain.status} and {confined.status}"]
    for one, other in ((plain.stdout, confined.stdout), (plain.stderr, confined.stderr)):
        lines = difflib.unified_diff(one.decode("utf-8", "replace").splitlines(), other.decode("utf-8", "replace").splitlines(),
                                     "without", "in a sandbox", lineterm="", n=0)
        problems += [line[:200] for line in lines][:20]
    return problems


def check_images(tap, program):
    """All sample images, in JSON and as text, with everything and without."""
    paths = [str(image.path) for image in load_images()]
    for more in ([], ["--full"]):
        plain, confined = both(program, ["info", "--output=json", *more, *paths], TESTS)
        wanted = parse_json_or_none(plain.stdout)
        found, said = without_sandbox(parse_json_or_none(confined.stdout))
        tap.check_none([path for path, one, other in zip(paths, wanted, found) if one != other]
                       + status_problems(confined, plain.status)
                       + ["messages differ"] * (plain.stderr != confined.stderr),
                       f"{' '.join(['JSON', *more])} of all sample images is the same in a sandbox")
        tap.check(len(said) == 1 and said[0]["seccomp"] is True and isinstance(said[0]["landlock"], int),
                  f"{' '.join(['JSON', *more])} says what was in force", [str(said)])
    plain, confined = both(program, ["info", *paths], TESTS)
    tap.check_none(result_problems(plain, confined), "the text for people is the same in a sandbox")
    dated = [str(image.path) for image in load_images() if image.name == SNAPSHOTS]
    for zone in ("Europe/Berlin", "Asia/Kolkata"):
        tap.check_none(result_problems(*both(program, ["info", *dated], TESTS, env=environment(TZ=zone))),
                       f"dates in {zone} are the same in a sandbox")
    tap.check_none(result_problems(*both(program, ["info", *dated], TESTS, env=environment(LC_ALL="de_DE.UTF-8"))),
                   "another locale makes no difference")


def check_strange(tap, setting):
    """What cannot be opened, and a directory that is an image."""
    disk = setting.folder / "parallels"
    disk.mkdir()
    shutil.copyfile(TESTS / "fuzz/corpus/fuzz-descriptor/plain", disk / "DiskDescriptor.xml")
    for name in [*STRANGE, "parallels"]:
        tap.check_none(result_problems(*both(setting.program, ["info", name], setting.folder)),
                       f"info on {name} is the same in a sandbox")
    tap.check_none(result_problems(*both(setting.program, ["info", "-f", "qcow2", "empty"], setting.folder)),
                   "a declared format is the same in a sandbox")


def check_refusals(tap, setting):
    """What a sandbox for one image cannot have."""
    for words in (["--backing-chain"], ["--output=xml"]):
        result = setting.call("info", "--sandbox", *words, "sound.qcow2")
        tap.check_none(status_problems(result, 64) + message_problems(result, "virt-probe: --sandbox"),
                       f"info --sandbox {' '.join(words)} is refused")


def check_scan(tap, setting):
    """A scan sees the same, but for links that lead out of its directories."""
    for words in (["--output=json", "-r", str(TESTS)], ["-r", str(TESTS / "qcow2data"), str(TESTS / "imagedata")],
                  ["-o", "+mtime", "missing", "sound.qcow2"], ["-o", "help"], ["--jobs=many", "."]):
        tap.check_none(result_problems(*both(setting.program, ["scan", *words], setting.folder)),
                       f"scan {' '.join(words).replace(str(TESTS), 'tests')} is the same in a sandbox")
    inside = setting.folder / "inside"
    inside.mkdir()
    (inside / "near").symlink_to("disk")
    shutil.copyfile(setting.folder / "sound.qcow2", inside / "disk")
    (inside / "far").symlink_to("../sound.qcow2")
    result = setting.call("scan", "--sandbox", "--output=json", "inside")
    states = {volume["name"]: volume["state"] for volume in parse_json_or_none(result.stdout)}
    far = [volume for volume in parse_json_or_none(result.stdout) if volume["name"] == "far"]
    tap.check_equal(states, {"near": "ok", "disk": "ok", "far": "unreadable"},
                    "a link that leads out of the directory is not followed in a sandbox")
    tap.check("permission-denied" in str(far), "the reason is a missing permission", [str(far)])


def check_output(tap, setting, verbs):
    """Output that cannot be written is said in a sandbox, too."""
    with open("/dev/full", "wb") as full:
        for verb in verbs:
            target = {"info": "sound.qcow2", "scan": str(TESTS / "chaindata")}[verb]
            result = setting.call(verb, "--sandbox", target, stdout=full)
            tap.check_none(status_problems(result, 1), f"{verb} --sandbox tells of a full disk")
            results = both(setting.program, [verb, target], setting.folder, stdout=full, env=environment(LANGUAGE="de"))
            tap.check_none(result_problems(*results), f"{verb} --sandbox speaks the language of the user")


def check_attack(tap, setting, preloaded):
    """An image that takes over its parser costs that image."""
    (setting.folder / "attack").write_bytes(b"ATTACK" + bytes(1018))
    words = ["info", "--sandbox", "--output=json", "sound.qcow2", "attack", "sound.qcow2"]
    result = setting.call(*words, env=preloaded)
    found = parse_json_or_none(result.stdout)
    problems = status_problems(result, 1) + message_problems(result, "virt-probe: attack: ")
    if not isinstance(found, list) or len(found) != 3:
        problems.append(f"there are not three answers: {result.stdout!r}")
    else:
        problems += error_problems(found[1], "unreadable", "refused")
        problems += [f"another image: {found[i]}" for i in (0, 2) if state_of(found[i]).get("state") != "ok"]
    if FORBIDDEN not in result.message:
        problems.append(f"the reason is not said: {result.message}")
    tap.check_none(problems, "an image that takes over its parser costs that image and no other")


def check_attack_on_audit(tap, setting, preloaded):
    """The same image in an audit: no verdict on it, and the others are judged."""
    result = setting.call("audit", "--output=json", "sound.qcow2", "attack", "sound.qcow2", env=preloaded)
    found = parse_json_or_none(result.stdout) or {}
    verdicts = [audit.get("verdict") for audit in found.get("images", [])]
    tap.check_equal((result.status, verdicts), (1, ["pass", "error", "pass"]),
                    "an image that takes over an audit gets no verdict, and no other loses its own")


def check_audit_kernels(tap, setting, preloaded):
    """An audit goes on where there is no sandbox, unless it is insisted on."""
    env = dict(preloaded, VIRT_PROBE_TEST_MISSING="seccomp")
    result = setting.call("audit", "--output=json", "sound.qcow2", env=env)
    rules = [finding["rule"] for finding in (parse_json_or_none(result.stdout) or {}).get("findings", [])]
    tap.check_equal((result.status, rules), (0, ["sandbox-missing"]), "an audit without a sandbox says so")
    result = setting.call("audit", "--sandbox", "sound.qcow2", env=env)
    tap.check_none(status_problems(result, 1) + message_problems(result, "virt-probe: there is no sandbox here: "),
                   "audit --sandbox is refused by a kernel without seccomp")
    result = setting.call("audit", "--no-sandbox", "--output=json", "sound.qcow2", env=env)
    tap.check_equal((parse_json_or_none(result.stdout) or {}).get("findings"), [], "audit --no-sandbox says nothing of it")


def check_attack_on_scan(tap, setting, preloaded):
    """One that takes over a scan ends it."""
    inside = setting.folder / "attacked"
    inside.mkdir()
    shutil.move(setting.folder / "attack", inside / "attack")
    result = setting.call("scan", "--sandbox", "attacked", env=preloaded)
    tap.check_none(status_problems(result, 1) + message_problems(result, "virt-probe: the sandboxed"),
                   "an image that takes over a scan ends it, and the program says so")


def check_kernels(tap, setting, preloaded):
    """Kernels that do not offer everything."""
    for missing in ("seccomp", "landlock"):
        env = dict(preloaded, VIRT_PROBE_TEST_MISSING=missing)
        words = {"info": ["info", "--sandbox", "--output=json", "sound.qcow2"], "scan": ["scan", "--sandbox", "."]}
        for verb, command in words.items():
            result = setting.call(*command, env=env)
            if (missing, verb) == ("landlock", "info"):
                sandbox = state_of(parse_json_or_none(result.stdout)).get("sandbox")
                tap.check_equal((result.status, sandbox), (0, {"seccomp": True, "landlock": 0}),
                                "info in a sandbox does without Landlock, and says so")
                continue
            problems = status_problems(result, 1) + message_problems(result, "virt-probe: there is no sandbox here: ")
            tap.check_none(problems + [str(result.stdout)] * bool(result.stdout),
                           f"{verb} --sandbox is refused by a kernel without {missing}")


def main():
    """Run all checks."""
    arguments = arguments_parse(__doc__.splitlines()[0], needs_qemu_img=False, add_options=lambda parser: parser.add_argument(
        "--calls", help="a library to preload, for builds that can have one"))
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        setting = Setting(arguments.program, folder)
        check_refusals(tap, setting)
        has_reader = NONE_HERE not in setting.call("info", "--sandbox", "sound.qcow2").message
        has_scanner = NONE_HERE not in setting.call("scan", "--sandbox", ".").message
        # A container may forbid what the kernel has.
        if not has_reader:
            tap.comment("this machine has no seccomp: only the refusals were tested")
            return tap.finish()
        check_images(tap, arguments.program)
        check_strange(tap, setting)
        check_output(tap, setting, ["info"] + ["scan"] * has_scanner)
        if has_scanner:
            check_scan(tap, setting)
        if arguments.calls:
            preloaded = environment(LD_PRELOAD=os.path.abspath(arguments.calls))
            check_attack(tap, setting, preloaded)
            check_attack_on_audit(tap, setting, preloaded)
            check_audit_kernels(tap, setting, preloaded)
            if has_scanner:
                check_attack_on_scan(tap, setting, preloaded)
            check_kernels(tap, setting, preloaded)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
