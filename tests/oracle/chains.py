# SPDX-License-Identifier: LGPL-2.1-or-later
# Compares what virt-probe and qemu-img say of random backing chains, sound and damaged.
"""Where qemu-img describes a chain ours says the same; where it fails, ours does not accept."""

import random
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import List, NamedTuple

from chain_damage import damage
from chain_judge import (LAXER, NOT_OPENED, array_lines, array_of, chain_lines,
                         element_lines, error_of, human_lines, leaves, own_lines, rules_of,
                         side_elements, stricter_rule)
from chain_makers import ChainMaker
from programs import arguments_parse, parse_json_or_none, run, state_of
from tap import Tap

JOBS = 2
CHAINS_MIN = 120
PROBE = "--probe-backing"
EQUAL, BOTH_REFUSE, STRICT, LAX = "equal", "both refuse", "we are stricter", "we are laxer"


class Outcome(NamedTuple):
    """What came of one chain."""

    title: str
    lines: List[str]
    members: int
    leaves: int
    classes: Counter


def add_options(parser):
    """The options of this test."""
    parser.add_argument("--seed", type=int, default=1, help="of the random choice")
    parser.add_argument("--count", type=int, default=200, help="of the sound chains")
    parser.add_argument("--damaged", type=int, default=240, help="of the damaged chains")
    parser.add_argument("--only", type=int, help="only the chain of this number")


class Asker:
    """Asks both programs about one chain."""

    def __init__(self, arguments, chain, is_damaged=False):
        self.arguments = arguments
        self.chain = chain
        # Damage may also hit a format that was recorded.
        self.is_probing = is_damaged or chain.first_unknown is not None

    def theirs(self, *options, human=False):
        """qemu-img info of the whole chain."""
        output = [] if human else ["--output=json"]
        return run([self.arguments.qemu_img, "info", "--backing-chain", *output, *options,
                    self.chain.top], cwd=self.chain.cwd)

    def ours(self, *options, verb=("info", "--backing-chain"), human=False, probe=True):
        """The same of ours; formats that nobody recorded are recognised as qemu-img does."""
        output = [] if human else ["--output=json"]
        probing = [PROBE] if probe and self.is_probing else []
        return run([self.arguments.program, *verb, *output, *probing, *options, self.chain.top],
                   cwd=self.chain.cwd)


def sound_lines(asker, options):
    """All differences over a sound chain; and qemu-img's array."""
    theirs, ours = asker.theirs(*options), asker.ours(*options)
    array, our_array = array_of(theirs), array_of(ours)
    if array is None or len(array) != len(asker.chain.members):
        return [f"qemu-img does not see the chain: {theirs.message}"], []
    lines = [] if ours.status == 0 else [f"status {ours.status}: {ours.message}"]
    return lines + own_lines(ours, our_array) + array_lines(array, our_array), array


def human_pair_lines(asker):
    """Differences in the output for people."""
    theirs, ours = asker.theirs(human=True), asker.ours(human=True)
    return [f"human: {line}" for line in human_lines(theirs.stdout, ours.stdout)]


def verb_lines(asker):
    """The verb chain against info."""
    array = array_of(asker.ours())
    chain = asker.ours(verb=("chain",))
    lines = [] if array is None else chain_lines(array, parse_json_or_none(chain.stdout))
    return lines if asker.ours().status == chain.status else [*lines, "the verbs' statuses differ"]


def ends_refused(what, result, length):
    """A chain that must end with a member that is listed, but refused."""
    array = array_of(result)
    if array is None or result.status != 1 or len(array) != length:
        return [f"{what}: {len(array or [])} members of {length}, status {result.status}"]
    if error_of(array[-1]) != "refused" or len(array) < 2:
        return [f"{what}: the last member is {state_of(array[-1])}"]
    return []


def policy_lines(asker):
    """What becomes of a chain whose formats are not all recorded, without --probe-backing."""
    unknown = asker.chain.first_unknown
    if unknown is None:
        return []
    strict = asker.ours(probe=False)
    lines = ends_refused("no probing", strict, unknown + 1)
    array = array_of(strict)
    if not lines and (state_of(array[-1]).get("state") != NOT_OPENED
                      or "backing-format-missing" not in rules_of(array[-2])):
        lines = [f"no probing: {state_of(array[-1])}, overlay {rules_of(array[-2])}"]
    safe = asker.ours(f"{PROBE}=safe", probe=False)
    if unknown < len(asker.chain.members) - 1:
        return lines + ends_refused("safe probing", safe, unknown + 1)
    # The data file of a guess is listed, but not opened.
    sides = side_elements((array_of(safe) or [{}])[-1])
    if safe.status != (1 if sides else 0) or any(map(error_of, sides)) != bool(sides):
        lines.append(f"safe probing: status {safe.status}: {safe.message}")
    return lines


def sound_outcome(arguments, number):
    """Make one sound chain and compare everything."""
    with tempfile.TemporaryDirectory(prefix="virt-probe-") as folder:
        chain = ChainMaker(folder, f"{arguments.seed}/{number}").make(f"chain {number}")
        asker = Asker(arguments, chain)
        lines, array = sound_lines(asker, [])
        declared, _ = sound_lines(asker, ["-f", chain.members[0].form])
        lines += [f"with -f: {line}" for line in declared]
        lines += human_pair_lines(asker) + verb_lines(asker) + policy_lines(asker)
    return Outcome(chain.title, lines, len(chain.members), leaves(array), Counter([EQUAL]))


def refused_lines(theirs, ours, before, our_array):
    """qemu-img refuses: ours does too, and tells what is above the damage as it was."""
    if ours.status != 1:
        if any(part in theirs.message for part in LAXER):
            return [], Counter([LAX])
        return [f"LAXER: qemu-img says {theirs.message}"], Counter()
    lines = []
    if len(our_array) < len(before):
        lines.append(f"{len(before)} members are above the damage, ours lists {len(our_array)}")
    for number, (their_element, our_element) in enumerate(zip(before, our_array)):
        lines += element_lines(their_element, our_element, number)
    return lines, Counter([BOTH_REFUSE])


def stricter_lines(array, our_array):
    """qemu-img accepts and ours does not: each error has a rule, and nothing else differs."""
    lines, classes = [], Counter()
    for number, our_element in enumerate(our_array):
        for element in (our_element, *side_elements(our_element)):
            is_side = element is not our_element
            rule = stricter_rule(element, is_side) if error_of(element) else None
            if error_of(element) and rule is None:
                lines.append(f"/{number}: stricter without a rule: {state_of(element)}")
            elif rule is not None:
                classes[f"{STRICT} by {rule}"] += 1
        if number < len(array):
            lines += element_lines(array[number], our_element, number, True)
    return lines, classes


def damaged_lines(asker, before):
    """Compare a chain that is damaged now; before is what stands above the damage."""
    theirs, ours = asker.theirs(), asker.ours()
    array, our_array = array_of(theirs), array_of(ours)
    lines = own_lines(ours, our_array)
    if lines or our_array is None:
        return lines, Counter()
    lines = verb_lines(asker)
    if theirs.status != 0 or array is None:
        found, classes = refused_lines(theirs, ours, before, our_array)
    elif ours.status == 0:
        found, classes = array_lines(array, our_array), Counter([EQUAL])
    else:
        found, classes = stricter_lines(array, our_array)
    return lines + found, classes


def damaged_outcome(arguments, number):
    """Make one chain, damage it, and compare."""
    rng = random.Random(f"{arguments.seed}/damage/{number}")
    with tempfile.TemporaryDirectory(prefix="virt-probe-") as folder:
        chain = ChainMaker(folder, f"{arguments.seed}/damaged/{number}").make(f"damaged {number}")
        asker = Asker(arguments, chain, is_damaged=True)
        before = array_of(asker.theirs()) or []
        sentence, number = damage(chain, rng)
        lines, classes = damaged_lines(asker, before[:number])
    return Outcome(f"{chain.title}; {sentence}", lines, len(before), leaves(before), classes)


def check_outcomes(tap, outcomes):
    """One result for each; returns what they sum up to."""
    kept = []
    for outcome in outcomes:
        tap.check_none(outcome.lines, outcome.title)
        kept.append(outcome)
    return kept


def summarize(tap, what, outcomes):
    """Numbers for people."""
    classes = sum((outcome.classes for outcome in outcomes), Counter())
    tap.comment(f"{what}: {len(outcomes)} chains, {sum(one.members for one in outcomes)} members, "
                f"{sum(one.leaves for one in outcomes)} values of qemu-img")
    for kind, count in classes.most_common():
        tap.comment(f"    {count:5} {kind}")


def main():
    """Compare over all chains."""
    arguments = arguments_parse(__doc__.splitlines()[0], add_options)
    tap = Tap()
    tap.comment(f"seed {arguments.seed}")
    numbers = [range(arguments.count), range(arguments.damaged)]
    if arguments.only is not None:
        numbers = [[arguments.only]] * 2
    with ThreadPoolExecutor(JOBS) as pool:
        sound = check_outcomes(tap, pool.map(lambda one: sound_outcome(arguments, one),
                                             numbers[0]))
        damaged = check_outcomes(tap, pool.map(lambda one: damaged_outcome(arguments, one),
                                               numbers[1]))
    summarize(tap, "sound", sound)
    summarize(tap, "damaged", damaged)
    if arguments.only is None:
        tap.check(len(sound) >= CHAINS_MIN, f"at least {CHAINS_MIN} chains are compared")
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
