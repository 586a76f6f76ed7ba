"""The API's description in the reference is the one that is served, and says what the API answers."""

import json
from pathlib import Path

import pytest
from django.test import Client
from jsonschema import Draft202012Validator
from published_sample import REFERENCE
from sample_run import CHILD

from braid.api.openapi import openapi_document

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "reference" / "openapi.json"
HEADERS = {"X-Purpose": "school_from_ta", "X-Reference": REFERENCE}


def test_the_reference_holds_the_current_description():
    kept = DOCUMENT.read_text(encoding="utf-8")
    assert kept == openapi_document(), "write openapi_document() to docs/reference/openapi.json"


@pytest.mark.django_db
def test_the_description_is_served_to_anybody():
    assert Client().get("/api/v1/openapi.json").json() == json.loads(openapi_document())


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/api/v1/place", "/api/v1/place"),
        ("/api/v1/backlogs", "/api/v1/backlogs"),
        ("/api/v1/people", "/api/v1/people"),
        ("/api/v1/people/{person_id}", f"/api/v1/people/{CHILD}"),
        ("/api/v1/blockers", "/api/v1/blockers"),
        ("/api/v1/problems", "/api/v1/problems"),
        ("/api/v1/problems/{problem_id}", "/api/v1/problems/court_readiness"),
    ],
)
def test_answers_are_as_described(path, route, published, client_of):
    document = json.loads(openapi_document())
    described = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    answer = client_of("analyst").get(route, headers=HEADERS)
    assert answer.status_code == 200
    Draft202012Validator({**described, "components": document["components"]}).validate(answer.json())
