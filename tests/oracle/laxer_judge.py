# SPDX-License-Identifier: LGPL-2.1-or-later
# Judges what the audit says of an image against what qemu-img does with it.
"""An image that passes must lead QEMU nowhere, and QEMU must take it for what the audit says."""

from typing import NamedTuple, Tuple

from laxer_seeds import denials, is_taken

EQUAL = "both take it"
CONVERT_REFUSES = "both take it, and convert fails below the header"
BOTH_REFUSE = "both refuse"
STRICTER = "we are stricter"
EXPLAINED = "QEMU refuses it, and a finding says why"
LAXER = "WE ARE LAXER"
CRASHED = "qemu-img crashes or hangs"
VIOLATION = "LEADS ELSEWHERE"
UNREADABLE = "WE FAIL"
CLASSES = (EQUAL, CONVERT_REFUSES, BOTH_REFUSE, STRICTER, EXPLAINED, CRASHED, LAXER, VIOLATION, UNREADABLE)
BAD_CLASSES = (LAXER, VIOLATION, UNREADABLE)
# Formats that QEMU does not know, or knows as raw.
NO_QEMU_FORMAT = ("cow", "dmg-encrypted", None)
# Warnings of passing images that say that QEMU may refuse them; and one that says that QEMU takes
# them for another format, unless it is told.
EXPLAINING_RULES = ("not-examined",)
GUESS_RULES = ("qemu-format-differs",)
SEVERITIES = ("notice", "warning")


class Outcome(NamedTuple):
    """What came of one image."""

    name: str
    steps: Tuple[str, ...]
    format: str
    has_passed: bool
    is_old: bool  # passes but for the age of its format
    kind: str
    rules: Tuple[str, ...]
    lines: Tuple[str, ...]
    n_runs: int


def rules_of(judgement, severities):
    """The rules of findings that are so severe."""
    return tuple(sorted({finding["rule"] for finding in judgement.get("findings", ())
                         if finding["severity"] in severities}))


def declared_format(judgement):
    """What to declare to QEMU; None when it has no such format, as for version 2 of LUKS."""
    form = judgement.get("format")
    if form == "luks" and set(GUESS_RULES).intersection(rules_of(judgement, SEVERITIES)):
        return None
    return None if form in NO_QEMU_FORMAT else form


def infos_of(watched):
    """The answers about what the image is."""
    return [answer for answer in watched.answers if answer.title.startswith("info")]


def refusal_lines(watched):
    """What qemu-img said that did not take the image."""
    return tuple(f"{answer.title}: status {answer.status}: {answer.message}"
                 for answer in watched.answers if answer.status != 0)


def judge_guess(judgement, watched):
    """Both take it; for another format only when a finding says so."""
    is_said = set(GUESS_RULES).intersection(rules_of(judgement, SEVERITIES))
    if watched.guess == judgement.get("format") or is_said:
        refusals = refusal_lines(watched)  # of convert, which reads the tables of clusters
        return (CONVERT_REFUSES if refusals else EQUAL), (), refusals
    return LAXER, (), (f"QEMU takes it for {watched.guess}",)


def judge_taken(judgement, watched):
    """An image that passes: class, rules, lines."""
    if watched.touched:
        return VIOLATION, (), tuple(sorted(f"touches {path}" for path in watched.touched))
    if watched.has_hung or any(answer.has_crashed for answer in watched.answers):
        return CRASHED, (), refusal_lines(watched)
    if all(answer.status == 0 for answer in infos_of(watched)):
        return judge_guess(judgement, watched)
    reasons = rules_of(judgement, SEVERITIES)
    is_guess = all(answer.status == 0 for answer in infos_of(watched) if "-f" in answer.title)
    explaining = tuple(rule for rule in reasons
                       if rule in EXPLAINING_RULES or (is_guess and rule in GUESS_RULES))
    return EXPLAINED if explaining else LAXER, explaining, (*refusal_lines(watched), f"findings: {reasons}")


def judge_denied(judgement, watched):
    """An image that is denied: class, rules, lines."""
    rules = tuple(sorted(denials(judgement)))
    if watched.has_hung or any(answer.has_crashed for answer in watched.answers):
        return CRASHED, rules, refusal_lines(watched)
    if any(answer.status == 0 for answer in infos_of(watched)):
        return STRICTER, rules, ()
    return BOTH_REFUSE, rules, ()


def judge(watch, path, judgement, steps, is_asked):
    """The outcome of one image; is_asked: qemu-img is asked about it even if it is denied."""
    def outcome(kind, rules=(), lines=(), n_runs=0):
        return Outcome(path.name, steps, judgement.get("format", "none"), judgement["verdict"] == "pass",
                       judgement["verdict"] != "pass" and is_taken(judgement), kind, rules, lines, n_runs)
    if judgement["verdict"] == "error":
        return outcome(UNREADABLE, lines=(str(judgement.get("error")),))
    if is_taken(judgement):
        watched = watch.ask(path, declared_format(judgement))
        return outcome(*judge_taken(judgement, watched), len(watched.answers))
    if not is_asked:
        return outcome(None, tuple(sorted(denials(judgement))))
    watched = watch.ask(path, declared_format(judgement), is_traced=False, verbs=("info",))
    return outcome(*judge_denied(judgement, watched), len(watched.answers))
