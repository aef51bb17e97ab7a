#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks the program's JSON of all sample images and their chains, of missing ones, and of rules, against docs/schema."""
import json
import pathlib
import subprocess
import sys

import jsonschema

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def strict(schema):
    """The schema without room for keys that it does not know: readers must accept those, we must not print them."""
    kinds = {name: dict(kind, additionalProperties=False) for name, kind in schema["$defs"].items()}
    return dict(schema, **{"$defs": kinds})


def load_validator(name):
    schema = json.loads((ROOT / f"docs/schema/{name}.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(strict(schema))


def answers(program, arguments, names):
    """The program's answers, an item for each name. It must not open whatever the images name."""
    command = [str(pathlib.Path(program).resolve()), *arguments, "--output=json", *names]
    text = subprocess.run(command, capture_output=True, check=False, cwd=ROOT).stdout
    return json.loads(text)


def check(validator, names, documents):
    if not len(documents) == len(names) > 100:
        yield f"{len(documents)} answers for {len(names)} images"
    for name, document in zip(names, documents):
        for error in validator.iter_errors(document):
            yield f"{name}: {error.json_path}: {error.message[:100]}"


def check_members(validator, name, members):
    for index, member in enumerate(members):
        for error in validator.iter_errors(member):
            yield f"{name}: member {index}: {error.json_path}: {error.message[:100]}"


def main():
    program = sys.argv[1]
    validator = load_validator("info")
    images = [path for path in sorted((ROOT / "tests").glob("*data/*")) if path.is_file() and path.suffix != ".py"]
    names = [*map(str, images), "/nonexistent/image", str(ROOT)]
    problems = [*check(validator, names, answers(program, ["info", "--full"], names))]
    chain_options = ["--probe-backing", f"--root={ROOT}"]
    problems += check(load_validator("chain"), names, answers(program, ["chain", *chain_options], names))
    for name, members in zip(names, answers(program, ["info", "--backing-chain", *chain_options], names)):
        problems += check_members(validator, name, members)
    rules = answers(program, ["explain"], [])
    problems += check(load_validator("explanation"), [rule.get("rule") for rule in rules], rules)
    if validator.is_valid({"format": 1}) or validator.is_valid({"nothing": 1}):
        problems.append("the schema accepts what it must not")
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
