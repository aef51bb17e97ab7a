#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks the program's JSON of all sample images, and of a missing one, against docs/schema."""
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


def main():
    program = sys.argv[1]
    schema = json.loads((ROOT / "docs/schema/info.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(strict(schema))
    images = [path for path in sorted((ROOT / "tests").glob("*data/*")) if path.is_file() and path.suffix != ".py"]
    names = [*map(str, images), "/nonexistent/image", str(ROOT)]
    text = subprocess.run([program, "info", "--output=json", "--full", *names], capture_output=True, check=False).stdout
    documents = json.loads(text)
    problems = [] if len(documents) == len(names) > 100 else [f"{len(documents)} answers for {len(names)} images"]
    for name, document in zip(names, documents):
        for error in validator.iter_errors(document):
            problems.append(f"{name}: {error.json_path}: {error.message[:100]}")
    if validator.is_valid({"format": 1}) or validator.is_valid({"nothing": 1}):
        problems.append("the schema accepts what it must not")
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
