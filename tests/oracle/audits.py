# SPDX-License-Identifier: LGPL-2.1-or-later
# Judges every sample and every hostile input, and compares verdicts and rules with golden ones; nothing else is looked at.
"""VIRT_PROBE_TEST_REGENERATE=1 writes the golden file anew; read it before a commit."""

import collections
import json
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

from fixtures import TESTS, load_images
from hostile import MODULES, SANITIZERS, declaration, prepare
from programs import arguments_parse, environment, parse_json_or_none, run
from tap import Tap

GOLDEN = TESTS / "golden" / "audits.json"
REGENERATE = "VIRT_PROBE_TEST_REGENERATE"
STATUSES = {"pass": 0, "denied": 2}
# Calls that take a path, and those by which a name of a server would be asked for.
TRACED = "%file,%network"
TOGETHER = 120  # seconds, for hundreds of inputs
PATH = re.compile(r'(?<!\\)"((?:[^"\\]|\\.)*)"')


def summary_of(audit):
    """Verdict and rules, as the golden file has them."""
    rules = sorted({f"{finding['severity']} {finding['rule']}" for finding in audit["findings"]})
    return [audit["verdict"], *rules]


def audit_one(program, folder, name, *words):
    """The judgement of one image, and how the program ended."""
    result = run([program, "audit", "--no-sandbox", "--output=json", *words, name], cwd=folder)
    return parse_json_or_none(result.stdout), result


def ending_lines(audit, result):
    """Status and stderr must go with the verdict."""
    if audit is None:
        return [f"no JSON, status {result.status}: {result.message}"]
    lines = []
    if result.status != STATUSES.get(audit["verdict"]):
        lines.append(f"status {result.status} of {audit['verdict']}")
    if (audit["verdict"] == "pass") != (result.stderr == b""):
        lines.append(f"stderr of {audit['verdict']}: {result.message}")
    return lines


def judge_samples(tap, program, found):
    """All samples of a folder in one run."""
    for folder in sorted({image.folder for image in load_images()}):
        names = [image.name for image in load_images((folder,))]
        result = run([program, "audit", "--no-sandbox", "--output=json", *names], cwd=TESTS / folder)
        document = parse_json_or_none(result.stdout) or {"images": [], "summary": {}}
        for audit in document["images"]:
            found[f"{folder}/{audit['filename']}"] = summary_of(audit)
        verdicts = [audit["verdict"] for audit in document["images"]]
        tap.check_equal(document["summary"],
                        {"images": len(names), "passed": verdicts.count("pass"),
                         "denied": verdicts.count("denied"), "unreadable": 0},
                        f"{folder}: the summary counts")


def judge_hostile(tap, program, found):
    """Each hostile input by itself."""
    for module in MODULES:
        for case in module.CASES:
            with tempfile.TemporaryDirectory(prefix="virt-probe-") as place:
                folder = Path(place)
                prepare(case, folder)
                audit, result = audit_one(program, folder, case.name, *declaration(case), *case.audited)
                tap.check_none(ending_lines(audit, result), f"{case.says}: status and stderr")
                if audit is not None:
                    found[case.says] = summary_of(audit)


def compare(tap, found):
    """With the golden file, or write that."""
    if os.environ.get(REGENERATE):
        lines = [f"{json.dumps(name)}: {json.dumps(value)}" for name, value in sorted(found.items())]
        GOLDEN.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    golden = json.loads(GOLDEN.read_text())
    for name in sorted(golden.keys() | found.keys()):
        tap.check_equal(found.get(name), golden.get(name), f"{name}: verdict and rules")


def traced(arguments, folder, words, names):
    """The paths of one audit of several files."""
    log = Path(folder) / "strace.log"
    run([shutil.which("strace"), "-f", "-qq", "-s", "4096", "-e", f"trace={TRACED}", "-o", str(log),
         arguments.program, "audit", "--no-sandbox", "-q", *words, *names], cwd=folder,
        env=environment(ASAN_OPTIONS=SANITIZERS), timeout=TOGETHER)
    lines = log.read_text(errors="replace").splitlines()[1:]  # the first one is of the program itself
    log.unlink()
    return {path for line in lines for path in PATH.findall(line.split(" = ")[0])}


def put_inputs(root):
    """Every sample and every hostile input in a folder of its own, under a name that says nothing.

    By the options that say what it is, and by those of an audit.
    """
    batches = collections.defaultdict(dict)
    for number, sample in enumerate(load_images()):
        name = f"sample-{number}/image{sample.path.suffix}"
        (root / name).parent.mkdir()
        shutil.copy(sample.path, root / name)
        batches[(), ()][name] = sample.title
    for number, case in enumerate(case for module in MODULES for case in module.CASES):
        name = f"hostile-{number}/{case.name}"
        (root / name).parent.mkdir()
        prepare(case, root / f"hostile-{number}")
        batches[tuple(declaration(case)), case.audited][name] = case.says
    return batches


def check_only_the_image(tap, arguments):
    """Nothing that an image names is opened, resolved or asked about."""
    with tempfile.TemporaryDirectory(prefix="virt-probe-") as folder:
        root = Path(folder)
        (root / "zeros").write_bytes(bytes(4096))
        usual = traced(arguments, folder, (), ["zeros"]) | traced(arguments, folder, ("-f", "qcow2"), ["zeros"])
        count = 0
        for (declared, audited), titles in put_inputs(root).items():
            words = declared + audited
            paths = traced(arguments, folder, words, titles)
            says = " ".join(("audit", *words))
            tap.check_equal(sorted(titles.keys() - paths), [], f"{says}: each of {len(titles)} was traced")
            tap.check_equal(sorted(paths - usual - titles.keys()), [], f"{says}: nothing but the images is looked at")
            count += len(titles.keys() & paths)
        tap.check_equal(count, len(load_images()) + sum(len(module.CASES) for module in MODULES),
                        "every sample and every hostile input was traced")


def main():
    arguments = arguments_parse(__doc__.splitlines()[0], needs_qemu_img=False)
    tap = Tap()
    found = {}
    judge_samples(tap, arguments.program, found)
    judge_hostile(tap, arguments.program, found)
    compare(tap, found)
    check_only_the_image(tap, arguments)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
