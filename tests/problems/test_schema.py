"""The published schema of problem files: it takes what the reader takes, and the reader refuses whatever it refuses."""

from __future__ import annotations

import copy
import json
import runpy
import tomllib
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from braid.language.rule_files import TOP, Fields
from braid.problems.load import SHIPPED, read_document, shipped_text
from braid.problems.new import new_text
from braid.problems.schema import problem_schema
from shared import REPOSITORY

Document = dict[str, Any]
TEXTS = {name: shipped_text(name) for name in SHIPPED} | {"new": new_text("mine")}
VALIDATOR = jsonschema.Draft202012Validator(problem_schema())
WRITTEN = runpy.run_path(str(REPOSITORY / "tools" / "problem_schema.py"))["WRITTEN"]
WRONG: tuple[Any, ...] = ("", "nobody_knows_this", [], {}, ["nobody_knows_this"], -1, 10**9, True, None)


def corruptions(node: Any) -> Iterator[Any]:
    """Yield copies of a document, each with one thing taken out, added or put wrong."""
    if isinstance(node, dict):
        yield {**node, "unheard_of": 1}
        for key, value in node.items():
            yield {name: kept for name, kept in node.items() if name != key}
            yield from ({**node, key: wrong} for wrong in WRONG if wrong is not None)
            yield from ({**node, key: changed} for changed in corruptions(value))
    elif isinstance(node, list):
        for position, value in enumerate(node):
            yield [*node, value]
            yield from ([*node[:position], changed, *node[position + 1 :]] for changed in corruptions(value))


def is_read(document: Document) -> bool:
    top = Fields("mine.toml", TOP, copy.deepcopy(document))
    read_document(top)
    return not top.faults


@pytest.mark.parametrize("name", TEXTS)
def test_whatever_the_schema_refuses_the_reader_refuses(name: str) -> None:
    document = tomllib.loads(TEXTS[name])
    assert is_read(document)
    assert [error.message for error in VALIDATOR.iter_errors(document)] == []
    changed = list(corruptions(document))[:: 1 if name == "new" else 7]
    refused = [each for each in changed if not VALIDATOR.is_valid(each)]
    assert len(refused) > 60
    assert [each for each in refused if is_read(each)] == []


def test_the_schema_lets_pass_little_that_the_reader_refuses() -> None:
    """What holds between two keys is beyond a schema: an id used twice, a held kind that is not among the waits."""
    changed = list(corruptions(tomllib.loads(TEXTS["new"])))
    missed = [each for each in changed if VALIDATOR.is_valid(each) and not is_read(each)]
    assert len(missed) < len(changed) / 50


@pytest.mark.parametrize("name", sorted(WRITTEN))
def test_what_is_published_of_problem_files_is_what_the_vocabularies_say(name: str) -> None:
    published = (REPOSITORY / "docs" / "reference" / name).read_text(encoding="utf-8")
    assert published == WRITTEN[name](), "run: python tools/problem_schema.py"


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(WRITTEN["problem.schema.json"]()))
