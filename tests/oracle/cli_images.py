# SPDX-License-Identifier: LGPL-2.1-or-later
# Command line tests: what is printed for every image of the recipes.
"""Whatever an image holds, the output is well-formed, bounded and harmless."""

from cli_options import first_words
from cli_setting import control_problems
from fixtures import load_images
from programs import parse_json, run, state_of

OUTPUT_MAX = 256 << 10
READS_MAX = 64
BYTES_MAX = 4 << 20
RAW_READS_MAX = 3
HEALTHY_MIN = 50


def human_problems(program, image):
    """Controls in the output for people, and a missing message."""
    problems = []
    for option in ([], ["--full"]):
        result = run([program, "info", *option, image.name], cwd=image.directory)
        problems += control_problems(result.stdout, "stdout")
        problems += control_problems(result.stderr, "stderr")
        lines = result.stderr.count(b"\n")
        if (result.status, lines) not in ((0, 0), (1, 1)):
            problems.append(f"status {result.status} with {lines} lines on stderr")
    return problems


def output_problems(result, description):
    """Size, encoding and status of the output in JSON."""
    problems = control_problems(result.stdout, "JSON")
    if len(result.stdout) >= OUTPUT_MAX:
        problems.append(f"{len(result.stdout)} bytes are printed, at most {OUTPUT_MAX} are allowed")
    is_whole = state_of(description).get("state") == "ok"
    if result.status != (0 if is_whole else 1):
        problems.append(f"status {result.status}, state {state_of(description).get('state')!r}")
    return problems


def is_healthy_qcow2(description):
    """A qcow2 image without any list that is read beyond the header."""
    data = description.get("format-specific", {}).get("data", {})
    return (description.get("format") == "qcow2" and state_of(description).get("state") == "ok"
            and "snapshots" not in description and "bitmaps" not in data)


def reads_max(description):
    """How many reads the image may cost."""
    if is_healthy_qcow2(description):
        return 1
    if description.get("format") == "raw" and state_of(description).get("state") == "ok":
        is_udf = any(content["format"] == "udf" for content in state_of(description).get("content", []))
        return RAW_READS_MAX + is_udf  # whose anchor lies by the size of its blocks
    return READS_MAX


def budget_problems(description):
    """What was read of the image, against its budget."""
    io = state_of(description).get("io", {})
    if not isinstance(io.get("reads"), int) or not isinstance(io.get("bytes"), int):
        return [f"it is not told what was read: {io!r}"]
    problems = []
    if io["reads"] > reads_max(description):
        problems.append(f"{io['reads']} reads, at most {reads_max(description)} are allowed")
    if io["bytes"] > BYTES_MAX:
        problems.append(f"{io['bytes']} bytes are read, at most {BYTES_MAX} are allowed")
    return problems


def json_problems(program, image):
    """All that is wrong with the JSON of one image, and the description."""
    result = run([program, "info", "--output=json", image.name], cwd=image.directory)
    try:
        description = parse_json(result.stdout)
    except ValueError as error:
        return [f"no valid JSON: {error}"], {}
    return output_problems(result, description) + budget_problems(description), description


def full_problems(program, image):
    """--full is JSON as well."""
    result = run([program, "info", "--full", "--output=json", image.name], cwd=image.directory)
    try:
        parse_json(result.stdout)
    except ValueError as error:
        return [f"--full: no valid JSON: {error}"]
    return control_problems(result.stdout, "JSON of --full")


def check_rules(tap, setting, descriptions):
    """Rules that images have are rules that are explained."""
    rules = {finding["rule"] for description in descriptions
             for finding in state_of(description).get("findings", [])}
    known = set(first_words(setting.call("explain").stdout))
    tap.check_none(sorted(rules - known), "all findings of the images have rules that are known")
    tap.check(len(rules) > len(known) // 2, "the images have findings of most rules",
              sorted(known - rules))


def check_images(tap, setting):
    """All images of the recipes."""
    descriptions = []
    for image in load_images():
        problems, description = json_problems(setting.program, image)
        problems += full_problems(setting.program, image)
        problems += human_problems(setting.program, image)
        tap.check_none(problems, f"{image.title} is printed well")
        descriptions.append(description)
    check_rules(tap, setting, descriptions)
    healthy = sum(is_healthy_qcow2(description) for description in descriptions)
    tap.check(healthy >= HEALTHY_MIN, "many images are held to one read", [str(healthy)])
