"""The published schemas are those of the code, and allow what the code writes."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from braid.language.documents import as_json_document
from plan_schemas import schemas
from planning.portfolio.drawn_problems import drawn_problem, plan_of

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference"


@pytest.mark.parametrize("name", schemas())
def test_the_published_schema_is_that_of_the_code(name: str) -> None:
    assert (REFERENCE / name).read_text(encoding="utf-8") == schemas()[name], "run python tools/plan_schemas.py"


def test_what_the_code_writes_keeps_the_schema() -> None:
    problem = drawn_problem(3)
    for name, document in (("problem", problem), ("plan", plan_of(problem, {}))):
        jsonschema.validate(as_json_document(document), json.loads(schemas()[f"portfolio-{name}.schema.json"]))


def test_what_the_reader_refuses_breaks_the_schema() -> None:
    document = as_json_document(drawn_problem(3)) | {"surprise": 1}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, json.loads(schemas()["portfolio-problem.schema.json"]))
