# SPDX-License-Identifier: LGPL-2.1-or-later
# Command line tests: options, verbs, help, and where the output goes.
"""Status 64 is a wrong command line; its message names the help to be read."""

import re

from cli_setting import message_problems, status_problems
from programs import parse_json_or_none

FORMAT_KEYS = {"name": str, "aliases": list, "layer": str, "extensions": list, "abilities": list,
               "can-have-backing": bool, "reads": int, "functions": int, "title": str}
# libvirt has no names for what lies in raw disks.
OPTIONAL_KEYS = {"libvirt-name": str}
QEMU_FORMATS = {"raw", "qcow2", "qcow", "vdi", "vpc", "luks", "parallels", "qed", "bochs", "cloop",
                "dmg", "vmdk", "vhdx"}
# Spellings of a command line that all mean the same.
SAME_AS_INFO = {
    "a bare name": ["sound.qcow2"],
    "-f qcow2": ["info", "-f", "qcow2", "sound.qcow2"],
    "-fqcow2": ["info", "-fqcow2", "sound.qcow2"],
    "-fqcow2 without a verb": ["-fqcow2", "sound.qcow2"],
    "--format=qcow2": ["info", "--format=qcow2", "sound.qcow2"],
    "--format qcow2": ["info", "--format", "qcow2", "sound.qcow2"],
    "an option behind the name": ["info", "sound.qcow2", "-f", "qcow2"],
    "--output=human": ["info", "--output=human", "sound.qcow2"],
    "-U": ["info", "-U", "sound.qcow2"],
    "--force-share": ["info", "--force-share", "sound.qcow2"],
    "-t none": ["info", "-t", "none", "sound.qcow2"],
    "-U -fqcow2 -tnone": ["info", "-U", "-fqcow2", "-tnone", "sound.qcow2"],
    "--": ["info", "--", "sound.qcow2"],
}
WRONG = {
    "no image": ["info"],
    "--object x": ["info", "--object", "x", "sound.qcow2"],
    "--object=x": ["info", "--object=x", "sound.qcow2"],
    "--image-opts": ["info", "--image-opts", "driver=qcow2"],
    "a bad --output": ["info", "--output=yaml", "sound.qcow2"],
    "an empty --output": ["info", "--output=", "sound.qcow2"],
    "--output without a value": ["info", "sound.qcow2", "--output"],
    "-f without a value": ["info", "sound.qcow2", "-f"],
    "an unknown format": ["info", "-f", "nonsense", "sound.qcow2"],
    "an unknown format of a file that there is not": ["info", "--format=nonsense", "missing"],
    "an unknown format of standard input": ["info", "-f", "nonsense", "-"],
    "an unknown format without a verb": ["-fnonsense", "sound.qcow2"],
    "an empty format": ["info", "-f", "", "sound.qcow2"],
    "an unknown format for chain": ["chain", "-f", "nonsense", "sound.qcow2"],
    "an unknown format for audit": ["audit", "-f", "nonsense", "sound.qcow2"],
    "an unknown option": ["info", "--unknown", "sound.qcow2"],
    "an unknown letter": ["info", "-Z", "sound.qcow2"],
    "an unknown letter without a verb": ["-Z", "sound.qcow2"],
    "a value for an option without one": ["info", "--full=yes", "sound.qcow2"],
    "a bad --output of explain": ["explain", "--output=xml", "dirty"],
    "a bad --output of formats": ["formats", "--output=yaml"],
    "an argument of formats": ["formats", "raw"],
    "two rules": ["explain", "dirty", "corrupt"],
    "an unknown option of explain": ["explain", "--unknown"],
    "an unknown verb": ["describe"],
}
FULL_DEVICE = {
    "info": ["info", "sound.qcow2"],
    "info in JSON": ["info", "--output=json", "sound.qcow2"],
    "info of several in JSON": ["info", "--output=json", "sound.qcow2", "empty"],
    "formats": ["formats"],
    "formats in JSON": ["formats", "--output=json"],
    "explain": ["explain", "dirty"],
    "explain in JSON": ["explain", "--output=json"],
    "--help": ["--help"],
    "info --help": ["info", "--help"],
    "--version": ["--version"],
}


def check_spellings(tap, setting):
    """Many ways to ask the same."""
    wanted = setting.call("info", "sound.qcow2")
    tap.check(b"file format: qcow2\n" in wanted.stdout, "info says the format")
    for what, words in SAME_AS_INFO.items():
        result = setting.call(*words)
        tap.check_equal((result.status, result.stdout, result.stderr), (0, wanted.stdout, b""),
                        f"{what} prints what info prints")


def check_wrong(tap, setting):
    """Wrong command lines: 64, one line that points to the help, nothing on stdout."""
    for what, words in WRONG.items():
        result = setting.call(*words)
        problems = status_problems(result, 64) + message_problems(result, "virt-probe: ")
        if b"--help" not in result.stderr:
            problems.append(f"the message does not point to the help: {result.message}")
        if result.stdout:
            problems.append(f"something is printed on stdout: {result.stdout[:80]!r}")
        tap.check_none(problems, f"{what}: a wrong command line")
    result = setting.call("info", "-f", "nonsense", "sound.qcow2")
    tap.check("'nonsense'" in result.message and "'formats' lists" in result.message,
              "who names an unknown format hears where they are listed", [result.message])
    for option in ("--object", "--image-opts"):
        result = setting.call("info", option, "x", "sound.qcow2")
        tap.check(option in result.message and "not supported" in result.message,
                  f"{option} is refused with a sentence", [result.message])


def verbs_of(setting):
    """The commands that the help lists."""
    text = setting.call("--help").stdout.decode()
    section = text.partition("Commands:\n")[2].partition("\n\n")[0]
    return re.findall(r"^  (\S+)", section, re.MULTILINE)


def check_help(tap, setting):
    """Help and version."""
    alone = setting.call()
    tap.check_equal(alone.status, 64, "no arguments are a wrong command line")
    tap.check(b"Usage:" in alone.stdout + alone.stderr, "no arguments show the usage")
    for words in (["--help"], ["-h"], ["help"]):
        result = setting.call(*words)
        tap.check(result.status == 0 and result.stdout.startswith(b"Usage: ")
                  and not result.stderr, f"{words[0]} shows the usage", [result.message])
    verbs = verbs_of(setting)
    tap.check({"info", "explain", "formats"} <= set(verbs), "the help lists the verbs", verbs)
    for verb in verbs:
        for option in ("--help", "-h"):
            result = setting.call(verb, option)
            tap.check(result.status == 0 and not result.stderr
                      and result.stdout.startswith(f"Usage: virt-probe {verb} ".encode())
                      and b"--help" in result.stdout, f"{verb} {option} shows its options",
                      [repr(result.stdout[:80]), result.message])
    for option in ("--version", "-V"):
        result = setting.call(option)
        tap.check(result.status == 0
                  and re.fullmatch(rb"virt-probe \d+\.\d+\.\d+\n", result.stdout) is not None,
                  f"{option} prints name and version", [repr(result.stdout)])


def first_words(data):
    """The first word of each line."""
    lines = data.decode("utf-8", "replace").splitlines()
    return [line.split()[0] for line in lines if line.strip()]


def format_problems(entry):
    """What is wrong with one entry of formats in JSON."""
    return [f"{entry.get('name')}: {key} is {entry.get(key)!r}" for key, kind in FORMAT_KEYS.items()
            if not isinstance(entry.get(key), kind)] + [
                f"{entry.get('name')}: {key}" for key in entry if key not in FORMAT_KEYS | OPTIONAL_KEYS]


def check_formats(tap, setting):
    """The list of formats, for people and in JSON."""
    human, result = setting.call("formats"), setting.call("formats", "--output=json")
    entries = parse_json_or_none(result.stdout)
    tap.check(isinstance(entries, list) and result.status == 0, "formats prints an array",
              [repr(result.stdout[:80])])
    entries = entries if isinstance(entries, list) else []
    tap.check_none([line for entry in entries for line in format_problems(entry)],
                   "each format has its keys")
    names = [entry.get("name") for entry in entries]
    tap.check(QEMU_FORMATS <= set(names) and len(names) == len(set(names)),
              "the formats are there once", names)
    tap.check_equal(first_words(human.stdout)[1:], names,
                    "people see the same formats in the same order")
    for name in names:
        result = setting.call("info", "-f", str(name), "sound.qcow2")
        tap.check(b"unknown format" not in result.stderr, f"-f {name} is known",
                  [result.message])


def check_explain_json(tap, setting, rules):
    """The same in JSON: one rule, and all."""
    listed = parse_json_or_none(setting.call("explain", "--output=json").stdout) or []
    tap.check_equal([rule.get("rule") for rule in listed], rules, "explain in JSON is an array of all rules, in their order")
    found = parse_json_or_none(setting.call("explain", "truncated", "--output=json").stdout) or {}
    tap.check(found in listed and found.get("error-code") == "truncated" and found.get("severities", {}).get("upload") == "deny",
              "explain RULE in JSON is the object of that rule", [repr(found)])
    human = setting.call("explain", "limit").stdout.decode()
    found = parse_json_or_none(setting.call("explain", "limit", "--output=json").stdout) or {}
    tap.check(all(name in human for name in found.get("cves") or ["none"]), "and names the same attacks", [repr(found), human])
    result = setting.call("explain", "no-such-rule", "--output=json")
    tap.check_none(status_problems(result, 1) + message_problems(result, "virt-probe: "), "an unknown rule is none in JSON either")


def check_explain(tap, setting):
    """Every rule has an explanation; others have not."""
    listed = setting.call("explain").stdout
    rules = first_words(listed)
    tap.check(len(rules) > 40 and len(rules) == len(set(rules)), "explain lists each rule once",
              rules)
    for line in listed.decode().splitlines():
        rule, _, title = line.partition(" ")
        result = setting.call("explain", rule)
        text = result.stdout.decode("utf-8", "replace")
        tap.check(result.status == 0 and text.startswith(f"{rule}: {title.strip()}\n")
                  and "What to do:" in text and text.count("\n") > 5, f"explain {rule}", [text])
    check_explain_json(tap, setting, rules)
    for name in ("no-such-rule", "", "DIRTY", "dirty "):
        result = setting.call("explain", name)
        tap.check_none(status_problems(result, 1) + message_problems(result, "virt-probe: "),
                       f"explain {name!r} fails")


def check_outputs(tap, setting):
    """Output that cannot be written is a failure, never silence."""
    for what, words in FULL_DEVICE.items():
        with open("/dev/full", "wb") as full:
            result = setting.call(*words, stdout=full)
        tap.check_none(status_problems(result, 1) + message_problems(result, "virt-probe: "),
                       f"{what} on a full device fails with a message")


def check_called_names(tap, setting):
    """Messages begin with the name under which the program was started."""
    link = setting.folder / "qemu-img"
    link.symlink_to(setting.program)
    linked = type(setting).__new__(type(setting))
    linked.program, linked.folder = str(link), setting.folder
    for what, words, status in (("a missing file", ["info", "missing"], 1),
                                ("a wrong option", ["info", "-Z"], 64),
                                ("a wrong verb", ["zzz"], 64),
                                ("an unknown rule", ["explain", "zzz"], 1)):
        result = linked.call(*words)
        tap.check_none(status_problems(result, status) + message_problems(result, "qemu-img: "),
                       f"as qemu-img, the message for {what} begins so")
    result, direct = linked.call("info", "sound.qcow2"), setting.call("info", "sound.qcow2")
    tap.check_equal(result, direct, "as qemu-img, info prints the same")


def check_options(tap, setting):
    """All of this file."""
    check_spellings(tap, setting)
    check_wrong(tap, setting)
    check_help(tap, setting)
    check_formats(tap, setting)
    check_explain(tap, setting)
    check_outputs(tap, setting)
    check_called_names(tap, setting)
