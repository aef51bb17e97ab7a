# SPDX-License-Identifier: LGPL-2.1-or-later
# Judges what virt-probe says of an image against what qemu-img says.
"""Never laxer than QEMU: what it refuses must be an error of ours as well."""

from typing import NamedTuple, Tuple

from compare import MISSING, difference_lines, image_differences
from programs import parse_json_or_none, state_of

EQUAL = "equal"
LEFT_OUT = "equal but for numbers above 2^63-1"
NAMED = "recognised where QEMU says raw"
BOTH_REFUSE = "both refuse"
BY_NAME = "refused by QEMU for the file's name"
STRICTER = "we are stricter"
THEY_CRASH = "qemu-img crashes or hangs"
EXCEPTED = "excepted"
LAXER = "WE ARE LAXER"
DIFFERENT = "WE DIFFER"
OURS_FAILS = "WE FAIL"
LEFT_OUT_RULE = "number-too-large"
BAD_CLASSES = (LAXER, DIFFERENT, OURS_FAILS)


class Verdict(NamedTuple):
    """A class, the rule that makes us stricter, and lines that explain a bad class."""

    kind: str
    rule: str = ""
    lines: Tuple[str, ...] = ()

    @property
    def is_bad(self):
        """Whether the test fails."""
        return self.kind in BAD_CLASSES


def breaking_rule(extra):
    """The rule of the finding that makes the description partial; None without one."""
    message = extra.get("error", {}).get("message")
    for finding in extra.get("findings", []):
        if message is not None and finding.get("message") == message:
            return finding.get("rule")
    return None


def own_problems(ours, description):
    """What is wrong with our answer whatever QEMU says."""
    if ours.has_crashed:
        return [f"ours ends with status {ours.status}: {ours.message}"]
    if ours.status not in (0, 1):
        return [f"ours has status {ours.status}: {ours.message}"]
    if description is None:
        return ["ours prints no valid JSON"]
    extra = state_of(description)
    if ours.status == 0:
        is_whole = extra.get("state") == "ok" and "error" not in extra
        return [] if is_whole else [f"status 0, but the state is {extra.get('state')!r}"]
    problems = []
    if extra.get("state") not in ("partial", "unreadable"):
        problems.append(f"status 1, but the state is {extra.get('state')!r}")
    if not extra.get("error", {}).get("code"):
        problems.append("status 1, but there is no error code")
    return problems


def names_further(theirs, ours):
    """QEMU takes the image for raw, ours knows its name and says so."""
    return (theirs.get("format") == "raw" and ours.get("format") != "raw"
            and state_of(ours).get("qemu-format") == "raw")


def goes_by_name(description):
    """QEMU takes the file for a DMG because of its name alone; ours says so, and what the bytes are."""
    return description.get("format") != "dmg" and state_of(description).get("qemu-format") == "dmg"


def judge_refused(theirs, ours, description):
    """QEMU refuses: ours must as well."""
    if ours.status == 1:
        return Verdict(BOTH_REFUSE)
    if goes_by_name(description):
        return Verdict(BY_NAME)
    return Verdict(LAXER, lines=(f"qemu-img refuses: {theirs.message}", "ours has status 0"))


def is_left_out(difference):
    """QEMU prints numbers above 2^63-1 as negative ones; ours leaves them out."""
    _, their_value, our_value = difference
    return type(their_value) is int and their_value < 0 and our_value == MISSING


def is_cleared(difference, description):
    """QEMU clears the mark of an open QED image in its memory before it tells about it."""
    return description.get("format") == "qed" and difference == ("/dirty-flag", False, True)


def real_differences(theirs, description, is_partial=False):
    """What differs, but for what QEMU itself has changed."""
    return [single for single in image_differences(theirs, description, is_partial=is_partial)
            if not is_cleared(single, description)]


def judge_whole(theirs, description):
    """Both accept: ours must say the same."""
    found = real_differences(theirs, description)
    wrong = [single for single in found if not is_left_out(single)]
    if wrong:
        return Verdict(DIFFERENT, lines=tuple(difference_lines(wrong)))
    if not found:
        return Verdict(EQUAL)
    rules = [finding.get("rule") for finding in state_of(description)["findings"]]
    if LEFT_OUT_RULE in rules:
        return Verdict(LEFT_OUT)
    return Verdict(DIFFERENT, lines=("a number is left out, but no finding says so",
                                     *difference_lines(found)))


def contradictions(theirs, description):
    """Values that a partial description has otherwise than QEMU; missing ones do not count."""
    return difference_lines(single for single in real_differences(theirs, description, True)
                            if single[2] != MISSING)


def judge_partial(theirs, description):
    """Ours does not accept: it must have a reason, and what it says must be true."""
    rule = breaking_rule(state_of(description))
    if rule is None:
        return Verdict(DIFFERENT, lines=("ours is partial, but no finding tells why",))
    if names_further(theirs, description):
        return Verdict(STRICTER, rule)
    lines = contradictions(theirs, description)
    return Verdict(DIFFERENT, rule, tuple(lines)) if lines else Verdict(STRICTER, rule)


def judge_accepted(theirs, description, ours):
    """QEMU accepts: ours says the same, or has a rule that breaks."""
    their_description = parse_json_or_none(theirs.stdout)
    if their_description is None:
        return Verdict(THEY_CRASH, lines=("qemu-img prints no valid JSON",))
    if ours.status == 1:
        return judge_partial(their_description, description)
    if names_further(their_description, description):
        return Verdict(NAMED)
    return judge_whole(their_description, description)


def judge(theirs, ours):
    """The verdict over one image."""
    description = parse_json_or_none(ours.stdout)
    problems = own_problems(ours, description)
    if problems:
        return Verdict(OURS_FAILS, lines=tuple(problems))
    if theirs.has_crashed:
        return Verdict(THEY_CRASH, lines=(f"status {theirs.status}: {theirs.message}",))
    if theirs.status != 0:
        return judge_refused(theirs, ours, description)
    return judge_accepted(theirs, description, ours)
