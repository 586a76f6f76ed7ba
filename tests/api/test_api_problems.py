"""Whatever refuses, refuses in problem details; and says of who is hidden what it says of nobody, byte for byte."""

import json

import pytest
from django.test import Client
from joint_sample import put_joint
from jsonschema import Draft202012Validator
from machines import make_machine
from published_sample import REFERENCE
from sample_run import CHILD

from braid.api import people
from braid.api.edge import JSON, LARGEST_BODY, _accepts
from braid.api.openapi import openapi_document
from braid.api.problems import KINDS, OF_STATUS
from braid.web.models import ApiUse, Barred, PersonWait
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db
NOBODYS = "00000000-0000-4000-8000-000000000000"
SCHEMA = json.loads(openapi_document())["components"]["schemas"]["ProblemDetails"]


def problem_of(answer, status: int) -> str:
    """Check that an answer is a problem, and return its code."""
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["Cache-Control"] == "no-store"
    said = answer.json()
    Draft202012Validator(SCHEMA).validate(said)
    assert said["status"] == status
    return said["type"].removeprefix("urn:braid:problem:")


def test_every_status_has_a_problem_and_every_problem_its_status():
    assert all(KINDS[code].status == status for status, code in OF_STATUS.items())
    assert {kind.status for kind in KINDS.values()} == {*OF_STATUS, 500}


def test_who_is_not_known_gets_nothing(published):
    for headers in (
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Basic eDp5"},
        {"Authorization": "Bearer"},
    ):
        answer = Client().get("/api/v1/place", headers=headers)
        assert problem_of(answer, 401) == "no_caller"
        assert answer["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("path", ["/api/v1/nowhere", "/api/", "/api/v2/people", "/api/v1/cases/not-an-id", "/api/v1/"])
def test_an_address_that_is_none(published, path):
    assert problem_of(make_machine().client.get(path), 404) == "not_found"


def test_a_method_that_is_none(published):
    answer = make_machine().client.delete("/api/v1/people")
    assert problem_of(answer, 405) == "method"
    assert answer["Allow"] == "GET"


@pytest.mark.parametrize("accept", ["text/html", "application/json;q=0", "image/*, text/*;q=0.4"])
def test_only_json_is_answered(published, accept):
    assert problem_of(make_machine().get("/place", Accept=accept), 406) == "not_acceptable"


@pytest.mark.parametrize(
    "accept", ["", "*/*", "application/json", "text/html, application/*;q=0.1", "APPLICATION/JSON;q=0.001"]
)
def test_what_takes_json_is_answered(accept):
    assert _accepts(accept, JSON)


def test_what_is_sent_is_json_and_not_too_much(published):
    machine = make_machine()
    path = f"/people/{CHILD}/referrals"
    assert problem_of(machine.send(path, "{"), 400) == "not_readable"
    answer = machine.client.post(f"/api/v1{path}", {"team": "x"}, headers=machine.headers())
    assert problem_of(answer, 415) == "not_json"
    assert problem_of(machine.send(path, {}, Content_Encoding="gzip"), 415) == "not_json"
    assert problem_of(machine.send(path, {"note": "x" * LARGEST_BODY}), 413) == "too_large"
    assert problem_of(machine.get("/people?problem=" + "x" * 4000), 414) == "uri_too_long"


def test_what_is_not_valid_is_named_by_our_words_alone(published):
    machine = make_machine()
    answer = machine.send(
        f"/people/{CHILD}/referrals", {"team": 1, "Ada Example of 17 Willow Court": "x", "urgency": "u"}
    )
    assert problem_of(answer, 422) == "not_valid"
    assert answer.json()["fields"] == ["body", "service", "team"]
    assert b"Ada" not in answer.content


def test_what_fails_says_nothing_of_why(published, monkeypatch, caplog):
    machine = make_machine()
    machine.client.raise_request_exception = False

    def fail(*_: object) -> None:
        raise RuntimeError("Ada Example lives at 17 Willow Court")

    monkeypatch.setattr(people, "get_person", fail)
    answer = machine.get(f"/people/{CHILD}")
    assert problem_of(answer, 500) == "failed"
    assert b"Willow" not in answer.content


def test_a_session_reads_and_does_not_write(published, client_of):
    client = client_of("practitioner", "school_from_ta")
    headers = {"X-Purpose": "school_from_ta", "X-Reference": REFERENCE, "Idempotency-Key": "key-12345678"}
    assert client.get("/api/v1/people", headers=headers).status_code == 200
    answer = client.post(f"/api/v1/people/{CHILD}/referrals", {}, content_type="application/json", headers=headers)
    assert problem_of(answer, 403) == "token_needed"


def test_what_a_write_must_say_of_itself(published):
    machine = make_machine()
    joint = put_joint(CHILD, machine.username)
    path = f"/referrals/{joint.referral}/answers"
    for tag in ("", "*"):
        assert problem_of(machine.send(path, {"step": "accept"}, If_Match=tag), 428) == "match_missing"
    tag = machine.tag(f"/referrals/{joint.referral}")
    for key in ("", "short", "x" * 65, "Ada Example"):
        answer = machine.send(path, {"step": "accept"}, If_Match=tag, Idempotency_Key=key)
        assert problem_of(answer, 400) == "key_missing"
    for wrong in (f"W/{tag}", '"9-aaaaaaaaaaaaaaaaaaaaaa"', "1", tag.strip('"')):
        assert problem_of(machine.send(path, {"step": "accept"}, If_Match=wrong), 412) == "changed_meanwhile"
    assert problem_of(machine.send(path, {"step": "revoke"}, If_Match=tag), 409) == "not_possible"
    assert machine.send(path, {"step": "accept"}, If_Match=tag).status_code == 201


def addresses_about(person_id: str, joint, wait_id: str) -> list[tuple[str, str, dict]]:
    """Every address with the id of somebody, or of what is about them, and how it is asked."""
    match = {"If_Match": '"1-aaaaaaaaaaaaaaaaaaaaaa"'}
    referral = {"team": "northmere-homes", "service": "health", "urgency": "urgent"}
    return [
        ("get", f"/people/{person_id}", {}),
        ("get", f"/people/{person_id}/waits", {}),
        ("get", f"/waits/{wait_id}", {}),
        ("get", f"/people/{CHILD[:-1]}8?beside={person_id}", {}),
        ("send", f"/people/{person_id}/referrals", {"said": referral}),
        ("get", f"/referrals/{joint['referral']}", {}),
        ("send", f"/referrals/{joint['referral']}/answers", {"said": {"step": "accept"}, **match}),
        ("get", f"/offers/{joint['offer']}", {}),
        ("send", f"/offers/{joint['offer']}/answers", {"said": {"step": "decline"}, **match}),
        ("get", f"/cases/{joint['case']}", {}),
        ("get", f"/cases/{joint['case']}/actions", {}),
        ("get", f"/cases/{joint['case']}/plan", {}),
        ("get", f"/actions/{joint['action']}", {}),
        ("send", f"/actions/{joint['action']}/steps", {"said": {"step": "take_on"}, **match}),
    ]


def test_hidden_is_absent_byte_for_byte_at_every_address(published):
    machine = make_machine()
    with known_asker():
        put = put_joint(CHILD, machine.username)
        from braid.web.models import CareAction

        action = CareAction.objects.get(case_id=put.case)
        wait = PersonWait.objects.filter(person=CHILD).first()
    there = {"referral": put.referral, "offer": put.offer, "case": put.case, "action": str(action.pk)}
    absent = dict.fromkeys(there, NOBODYS)
    assert machine.get(f"/referrals/{put.referral}").status_code == 200
    with known_asker():
        Barred.objects.create(person_id=CHILD, username=machine.username)
    pairs = zip(addresses_about(CHILD, there, wait.pk), addresses_about("f" * 32, absent, "nobodys"), strict=True)
    for hidden, nobodys in pairs:
        answers = []
        for method, path, given in (hidden, nobodys):
            ApiUse.objects.all().delete()
            more = {name: value for name, value in given.items() if name != "said"}
            one = machine.get(path) if method == "get" else machine.send(path, given["said"], **more)
            answers.append((one.status_code, one.content, sorted(one.headers.items())))
        assert answers[0] == answers[1], hidden
        assert answers[0][0] == 404, hidden
