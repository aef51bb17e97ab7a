# SPDX-License-Identifier: LGPL-2.1-or-later
# Compares JSON with docs/schema, for the oracle tests.
"""A document must have what its schema asks for, and no key that the schema does not know."""

import json

import jsonschema

from fixtures import TESTS

SCHEMAS = TESTS.parent / "docs/schema"


def schema_problems(kind, documents):
    """What is wrong with documents of a kind; having none is wrong, too."""
    schema = json.loads((SCHEMAS / f"{kind}.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    kinds = {name: dict(one, additionalProperties=False) for name, one in schema["$defs"].items()}
    validator = jsonschema.Draft202012Validator({**schema, "$defs": kinds})
    if validator.is_valid({"nothing": 1}) or validator.is_valid({}):
        return [f"the schema {kind} accepts anything"]
    if not documents:
        return [f"there is no {kind} to compare"]
    return [f"{kind}: {error.json_path}: {error.message[:200]}"
            for document in documents for error in validator.iter_errors(document)]
