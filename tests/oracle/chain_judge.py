# SPDX-License-Identifier: LGPL-2.1-or-later
# Judges what virt-probe says of a backing chain against what qemu-img says of it.
"""A chain is an array of descriptions, the top first; both verbs of ours tell the same of it."""

import re

from compare import MISSING, difference_lines, differences, human_difference_lines
from judge import breaking_rule, names_further
from programs import parse_json_or_none, state_of

OK, PARTIAL, UNREADABLE, NOT_OPENED = "ok", "partial", "unreadable", "not-opened"
AT_LEAST_NOTICE = ("notice", "warning", "deny")

# Rules by which ours refuses a backing file that qemu-img info accepts.  Damage inside one image
# has rules of its own, which the test of verdicts looks after.
STRICTER = {
    "chain-loop": "qemu-img compares names, so a member that comes again by another name, now"
                  " recorded raw, ends its chain; to write to it would spoil the overlay",
}
# The same for a data file: qemu-img info opens none.
STRICTER_SIDES = {
    "chain-missing": "qemu-img info does not see that the data file is missing",
    "chain-unreadable": "qemu-img info does not see that the data file is no file",
    "chain-loop": "qemu-img info does not see that the data file is a member of the chain",
}
# Parts of error messages of qemu-img that ours need not share, and why: ours says json-option-unknown.
UNKNOWN_OPTION = "an option may be one of a newer QEMU, what file is meant is clear, and a finding says so"
LAXER = {
    "does not support the option": UNKNOWN_OPTION,
    "doesn't support the option": UNKNOWN_OPTION,
}


def array_of(result):
    """The array that was printed; None when there is none."""
    found = parse_json_or_none(result.stdout)
    return found if isinstance(found, list) else None


def leaves(value):
    """How many single values a description has."""
    if isinstance(value, dict):
        return sum(map(leaves, value.values()))
    if isinstance(value, list):
        return sum(map(leaves, value))
    return 1


def flat(value, prefix=""):
    """A json: description with dotted keys only, which mean the same as objects in objects."""
    if not isinstance(value, dict):
        return {prefix: value}
    return {key: found for name, inner in value.items()
            for key, found in flat(inner, f"{prefix}.{name}" if prefix else name).items()}


def canonical(element):
    """The element with a json: filename as what it stands for.

    QEMU writes such a name anew, in the order of a hash table.
    """
    name = element.get("filename")
    if not isinstance(name, str) or not name.startswith("json:"):
        return element
    described = parse_json_or_none(name[len("json:"):].encode())
    return {**element, "filename": name if described is None else flat(described)}


def element_lines(theirs, ours, number, is_partial=False):
    """How one member differs; missing values of a partial description do not count."""
    if is_partial and names_further(theirs, ours):
        return []
    found = list(differences(canonical(theirs), canonical(ours), f"/{number}", is_partial))
    return difference_lines(single for single in found
                            if not (is_partial and single[2] == MISSING))


def array_lines(theirs, ours):
    """How two whole arrays differ."""
    if ours is None:
        return ["ours prints no array"]
    lines = [line for number, (their_element, our_element) in enumerate(zip(theirs, ours))
             for line in element_lines(their_element, our_element, number)]
    if len(theirs) != len(ours):
        lines.append(f"qemu-img lists {len(theirs)} members, ours {len(ours)}")
    return lines


def rules_of(element):
    """The rules of an element's findings."""
    return [finding["rule"] for finding in state_of(element).get("findings", [])]


def error_of(element):
    """The error code of an element, None without one."""
    return state_of(element).get("error", {}).get("code")


def side_elements(element):
    """What stands beside a member: its data file."""
    return [side["info"] for side in state_of(element).get("side-members", [])]


def all_elements(array):
    """Every element of an array, each followed by what stands beside it."""
    return [one for element in array for one in (element, *side_elements(element))]


def own_lines(result, array):
    """What is wrong with our answer, whatever QEMU says."""
    if array is None:
        return [f"no array, status {result.status}: {result.message}"]
    elements = all_elements(array)
    failed = [element for element in elements if error_of(element) is not None]
    lines = []
    if result.status != (1 if failed else 0):
        lines.append(f"status {result.status}, {len(failed)} members have errors: {result.message}")
    if len(set(result.stderr.splitlines())) < len({element["filename"] for element in failed}):
        lines.append(f"{len(failed)} members have errors, stderr says {result.message!r}")
    for element in elements:
        state = state_of(element).get("state")
        if state not in (OK, PARTIAL, UNREADABLE, NOT_OPENED):
            lines.append(f"{element.get('filename')}: state {state!r}")
        if (state in (PARTIAL, UNREADABLE)) > (error_of(element) is not None):
            lines.append(f"{element.get('filename')}: {state} without an error")
    return lines


def stricter_rule(element, is_side):
    """The rule by which ours refuses the element; None when it has none that counts."""
    table = STRICTER_SIDES if is_side else STRICTER
    if state_of(element).get("state") == PARTIAL and "format" in element:
        return breaking_rule(state_of(element))
    return next((rule for rule in rules_of(element) if rule in table), None)


def expected_member(element):
    """What the verb chain must say of an element of info."""
    extra = state_of(element)
    wanted = {key: element[key] for key in ("filename", "format", "virtual-size", "actual-size")
              if key in element}
    wanted.update({key: extra[key] for key in ("format-source", "state", "error") if key in extra})
    rules = {finding["rule"] for finding in extra.get("findings", [])
             if finding["severity"] in AT_LEAST_NOTICE}
    return {**wanted, "rules": sorted(rules)}


def found_member(member):
    """The same part of a member as the verb chain says it."""
    found = {key: value for key, value in member.items()
             if key not in ("role", "owner", "recorded-name")}
    return {**found, "rules": sorted(set(member.get("rules", [])))}


def chain_lines(array, chain):
    """How the verb chain contradicts the array of info."""
    if not isinstance(chain, dict) or not isinstance(chain.get("members"), list):
        return ["the verb chain prints no object with members"]
    elements, members = all_elements(array), chain["members"]
    lines = [] if len(elements) == len(members) else [
        f"info has {len(elements)} members, chain {len(members)}"]
    for number, (element, member) in enumerate(zip(elements, members)):
        wanted, found = expected_member(element), found_member(member)
        lines += [f"chain, member {number}: {key} is {found.get(key)!r}, info: {wanted.get(key)!r}"
                  for key in sorted(wanted.keys() | found.keys())
                  if wanted.get(key) != found.get(key)]
    states = {state_of(element).get("state") for element in elements}
    wanted = OK if not any(map(error_of, elements)) else PARTIAL
    wanted = UNREADABLE if UNREADABLE == state_of(array[0]).get("state") else wanted
    if chain.get("state") != wanted:
        lines.append(f"chain: state {chain.get('state')!r}, wanted {wanted!r} of {states}")
    return lines + role_lines(members)


def role_lines(members):
    """Whether roles and owners make a chain."""
    lines = []
    for number, member in enumerate(members):
        role, owner = member.get("role"), member.get("owner")
        is_right = (role == "image" and owner is None if number == 0 else
                    role in ("backing", "data-file") and owner in range(number))
        if not is_right:
            lines.append(f"chain, member {number}: role {role!r}, owner {owner!r}")
    return lines


def human_lines(theirs, ours):
    """How the output for people differs, member by member."""
    if b"json:" in theirs and (b"\nimage: json:" in theirs or b"\n }" in theirs):
        return []  # written anew, or with newlines that ours escapes
    pieces = [re.split(r"\n\n(?=image: )", text.decode("utf-8", "replace"))
              for text in (theirs, ours)]
    if len(pieces[0]) != len(pieces[1]):
        return [f"qemu-img shows {len(pieces[0])} members, ours {len(pieces[1])}"]
    return [f"member {number}: {line}" for number, (their_text, our_text) in enumerate(zip(*pieces))
            for line in human_difference_lines(their_text, our_text)]
