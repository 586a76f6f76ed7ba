"""The API's description in the reference is the one that is served, and says what the API answers."""

import json
import re
from pathlib import Path

import pytest
from django.test import Client
from joint_sample import put_joint
from jsonschema import Draft202012Validator
from machines import make_machine
from sample_run import CHILD

from braid.api.edge import methods_of
from braid.api.openapi import openapi_document
from braid.web.models import ApiUse, CareAction, PersonWait
from braid.web.watch import known_asker

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "reference" / "openapi.json"


def test_the_reference_holds_the_current_description():
    kept = DOCUMENT.read_text(encoding="utf-8")
    assert kept == openapi_document(), "write openapi_document() to docs/reference/openapi.json"


@pytest.mark.django_db
def test_the_description_is_served_to_anybody():
    assert Client().get("/api/v1/openapi.json").json() == json.loads(openapi_document())


@pytest.mark.django_db
def test_every_answer_is_as_described(published, client_of):
    document = json.loads(openapi_document())
    machine = make_machine()
    with known_asker():
        joint = put_joint(CHILD, machine.username)
        wait = PersonWait.objects.filter(person=CHILD).first().pk
        action = CareAction.objects.get(case_id=joint.case).pk
    ids = {
        "person_id": CHILD,
        "problem_id": "court_readiness",
        "wait_id": wait,
        "referral_id": joint.referral,
        "offer_id": joint.offer,
        "care_action_id": str(action),
        "case_id": joint.case,
        "team_id": "joint-system-northmere-housing",
    }
    asked = []
    for path, operations in document["paths"].items():
        if "get" not in operations or path.startswith(("/api/v1/boards", "/api/v1/outcomes")):
            continue
        ApiUse.objects.all().delete()
        described = operations["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        answer = machine.get(path.removeprefix("/api/v1").format(**ids))
        assert answer.status_code == 200, (path, answer.content)
        assert answer["ETag"]
        Draft202012Validator({**described, "components": document["components"]}).validate(answer.json())
        asked.append(path)
    assert len(asked) > 20


def test_the_door_knows_every_address_of_the_description():
    document = json.loads(openapi_document())
    described = {
        (path.split("?")[0].lstrip("/"), method.upper()) for path, each in document["paths"].items() for method in each
    }
    known = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route), method)
        for route, methods in methods_of().items()
        for method in methods
    }
    assert known == described


def test_every_write_asks_for_a_key_or_a_tag():
    for path, operations in json.loads(openapi_document())["paths"].items():
        for method in set(operations) - {"get"}:
            names = {each["name"] for each in operations[method]["parameters"]}
            assert names & {"If-Match", "Idempotency-Key"}, path
            assert "Idempotency-Key" in names or method == "patch", path
            assert "If-Match" in names or path.endswith("{person_id}/referrals"), path
