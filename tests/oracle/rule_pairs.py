# SPDX-License-Identifier: LGPL-2.1-or-later
# Checks that every rule finds what it is about, and not the nearest input that is still fine.
"""The tables are in rules_of_*.py. Who can find a rule is compared with src/storage/rules.def."""

import collections
import json
import re
import sys
import tempfile
from pathlib import Path

from audits import put_inputs
from fixtures import TESTS
import rules_of_chains
import rules_of_features
import rules_of_files
import rules_of_names
import rules_of_structure
from programs import arguments_parse, find_program, parse_json_or_none, run
from rule_pair import CHAIN, DESCRIPTION, EXAMINATION, JUDGEMENT, VERBS, Made, Unit, prepare
from tap import Tap

MODULES = (rules_of_files, rules_of_structure, rules_of_features, rules_of_names, rules_of_chains)
PAIRS = [pair for module in MODULES for pair in module.PAIRS]
DEFINITIONS = TESTS.parent / "src/storage/rules.def"
ROW = re.compile(r'^RULE\(\w+, "([a-z-]+)", \w+, \w+, \w+, ([A-Z_]+),', re.MULTILINE)
# Who may be behind what each of them shows.
SHOWN = {DESCRIPTION: {DESCRIPTION}, CHAIN: {DESCRIPTION, CHAIN},
         EXAMINATION: {DESCRIPTION, EXAMINATION, JUDGEMENT}, JUDGEMENT: {DESCRIPTION, EXAMINATION, JUDGEMENT}}


def finders_declared():
    """Who can find each rule, by the table."""
    return {rule: set(finders.split("_OR_")) for rule, finders in ROW.findall(DEFINITIONS.read_text())}


def rules_in(answer):
    """The rules of all findings in an answer, wherever they stand."""
    if isinstance(answer, list):
        return set().union(*map(rules_in, answer)) if answer else set()
    if not isinstance(answer, dict):
        return set()
    found = {answer["rule"]} if "rule" in answer and "severity" in answer else set()
    return found.union(*map(rules_in, answer.values()))


def golden_rules():
    """Who was asked about all samples and hostile inputs, and the rules that were shown."""
    golden = TESTS / "golden"
    yield DESCRIPTION, rules_in([json.loads(path.read_text()) for path in sorted(golden.glob("*data/*.json"))])
    audits = json.loads((golden / "audits.json").read_text()).values()
    yield JUDGEMENT, {finding.split()[1] for _, *findings in audits for finding in findings}


class Question:
    """An input and who is asked about it."""

    def __init__(self, finder, made, folder):
        self.finder, self.made, self.folder = finder, made, folder
        self.rules = None

    @property
    def words(self):
        """The command without its targets; equal ones are one run."""
        words = VERBS[self.finder]
        if self.made.has_no_seccomp:
            words = tuple(word for word in words if word != "--no-sandbox")
        return words + tuple(option.format(folder=self.folder) for option in self.made.options)

    @property
    def target(self):
        """What the program is told."""
        return "-" if self.made.is_stream else f"{self.folder}/{self.made.name}"


def questions_of(root):
    """Every input, made in a folder of its own; pairs of them by pair."""
    asked = []
    for number, pair in enumerate(PAIRS):
        both = []
        for kind, given in (("bad", pair.bad), ("good", pair.good)):
            if isinstance(given, Unit):
                both.append(None)
                continue
            made = given if isinstance(given, Made) else Made(given)
            question = Question(pair.finder, made, f"{number}-{kind}")
            prepare(made, root / question.folder)
            both.append(question)
        asked.append(both)
    return asked


def ask_alone(arguments, root, question):
    """An input that comes through a pipe, or to a process without some calls."""
    command = [arguments.program, *question.words, question.target]
    if question.made.has_no_seccomp and arguments.without_seccomp:
        command.insert(0, arguments.without_seccomp)
    if question.made.is_stream:
        command = ["sh", "-c", 'cat "$0" | "$@"', f"{question.folder}/{question.made.name}", *command]
    result = run(command, cwd=root)
    question.rules = rules_in(parse_json_or_none(result.stdout))


def ask_together(tap, arguments, root, words, questions):
    """Inputs that are asked about in the same way."""
    result = run([arguments.program, *words, *(question.target for question in questions)], cwd=root)
    answers = parse_json_or_none(result.stdout)
    if len(questions) == 1:
        answers = [answers]
    elif isinstance(answers, dict):
        answers = answers.get("images")
    if not tap.check(answers is not None and len(answers) == len(questions),
                     f"{' '.join(words)} answers of each", [result.message]):
        return
    for question, answer in zip(questions, answers):
        question.rules = rules_in(answer)


def ask_all(tap, arguments, root, asked):
    """Everything, in as few runs as possible."""
    batches = collections.defaultdict(list)
    for question in (question for both in asked for question in both if question is not None):
        if question.made.is_stream or question.made.has_no_seccomp:
            ask_alone(arguments, root, question)
        else:
            batches[question.words].append(question)
    for words, questions in batches.items():
        ask_together(tap, arguments, root, words, questions)


def check_units(tap, pair, texts):
    """A row that unit tests show: they must be there."""
    for given in (pair.bad, pair.good):
        path = given.path if isinstance(given, Unit) else None
        tap.check(path is not None and f'"{path}"' in texts, f"{pair.rule} ({pair.finder}): there is a test {path}")
    tap.check(pair.bad != pair.good, f"{pair.rule} ({pair.finder}): one test cannot show both")


def check_pair(tap, pair, both):
    """The rule is found in one, and not in the other."""
    bad, good = (question.rules if question is not None else None for question in both)
    says = f"{pair.rule} ({pair.finder})"
    tap.check(bad is not None and pair.rule in bad, f"{says}: found", [f"{both[0].folder}: {bad}"])
    tap.check(good is not None and pair.rule not in good, f"{says}: not found where it is nearly so", [f"{both[1].folder}: {good}"])


def check_declared(tap, asked, declared):
    """Whoever shows a rule must be among those that the table says can find it, and each of those has a row."""
    for both in asked:
        for question in (question for question in both if question is not None):
            strange = [rule for rule in sorted(question.rules or ())
                       if not declared.get(rule, set()) & SHOWN[question.finder]]
            tap.check_equal(strange, [], f"{question.folder} ({question.finder}): only rules that can be found so")
    for finder, rules in golden_rules():
        strange = [rule for rule in sorted(rules) if not declared.get(rule, set()) & SHOWN[finder]]
        tap.check_equal(strange, [], f"golden answers ({finder}): only rules that can be found so")
    rows = collections.defaultdict(set)
    for pair in PAIRS:
        rows[pair.rule].add(pair.finder)
    for rule, finders in sorted(declared.items()):
        tap.check_equal(sorted(rows.get(rule, ())), sorted(finders), f"{rule}: a row for each that can find it")


def answers_of(tap, program, root, words, titles):
    """The rules of each of several inputs."""
    result = run([program, *words, *titles], cwd=root)
    answers = parse_json_or_none(result.stdout)
    answers = answers["images"] if isinstance(answers, dict) and "images" in answers else answers
    answers = [answers] if isinstance(answers, dict) else answers or []
    tap.check_equal(len(answers), len(titles), f"{' '.join(words)}: an answer for each")
    return dict(zip(titles, map(rules_in, answers)))


def check_inputs(tap, program, declared):
    """What a description shows it must be able to find, and what an audit adds is found by nobody else."""
    with tempfile.TemporaryDirectory(prefix="virt-probe-") as folder:
        root, count, strange = Path(folder), 0, collections.defaultdict(set)
        for (options, audited), titles in put_inputs(root).items():
            shown = answers_of(tap, program, root, VERBS[DESCRIPTION] + options, titles)
            judged = answers_of(tap, program, root, VERBS[JUDGEMENT] + options + audited, titles)
            for name, title in titles.items():
                only_judged = judged.get(name, set()) - shown.get(name, set())
                wrong = {rule for rule in shown.get(name, ()) if DESCRIPTION not in declared.get(rule, ())}
                wrong |= {rule for rule in only_judged if not declared.get(rule, set()) & {EXAMINATION, JUDGEMENT}}
                for rule in wrong:
                    strange[rule].add(title)
                count += 1
        tap.check(count > len(PAIRS), f"{count} inputs are described and audited")
        for rule, titles in sorted(strange.items()):
            tap.check_none(sorted(titles), f"{rule}: who shows it is declared")


def check_known(tap, arguments, declared):
    """The rows are about all rules that there are."""
    listed = run([arguments.program, "explain"]).stdout.decode().splitlines()
    known = {line.split()[0] for line in listed}
    tap.check_equal(sorted({pair.rule for pair in PAIRS} ^ known), [], "every rule has a row, and every row a rule")
    tap.check_equal(sorted(declared.keys() ^ known), [], "every rule was read from its table")


def add_options(parser):
    """Options of this test alone."""
    parser.add_argument("--without-seccomp", help="runs a program on a kernel that cannot filter calls; without it this one cannot")


def main():
    """Ask about all inputs, then compare."""
    arguments = arguments_parse(__doc__.splitlines()[0], add_options, needs_qemu_img=False)
    if arguments.without_seccomp:
        arguments.without_seccomp = find_program(arguments.without_seccomp)
    tap = Tap()
    declared = finders_declared()
    texts = "".join(path.read_text() for path in sorted((TESTS / "unit").glob("*.c")))
    check_known(tap, arguments, declared)
    with tempfile.TemporaryDirectory(prefix="virt-probe-") as folder:
        root = Path(folder)
        asked = questions_of(root)
        ask_all(tap, arguments, root, asked)
        for pair, both in zip(PAIRS, asked):
            if None in both:
                check_units(tap, pair, texts)
            else:
                check_pair(tap, pair, both)
        check_declared(tap, asked, declared)
    check_inputs(tap, arguments.program, declared)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
