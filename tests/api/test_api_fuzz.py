"""Requests drawn from the API's own description, right and wrong ones, by two tenants: none fails, none gets a row of
the other, and every answer is as described.

A few hundred at every change; 50,000 with `./braid test --full`, or as many as BRAID_API_REQUESTS says.
"""

import json
import os
import time
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from joint_sample import put_joint
from jsonschema import Draft202012Validator
from machines import Machine, make_machine
from published_sample import REFERENCE
from sample_run import CHILD, VICTIM

from braid.api.openapi import openapi_document
from braid.web.models import ApiUse, CareAction, JointCase, PersonWait, Referral
from braid.web.watch import known_asker

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis draws the requests, and is not installed")
pytestmark = pytest.mark.django_db
QUICK, FULL = 300, int(os.environ.get("BRAID_API_REQUESTS", "50000"))
NOBODYS = "00000000-0000-4000-8000-000000000000"
GOOD = {
    "/api/v1/referrals/{referral_id}/answers": {"step": "accept"},
    "/api/v1/offers/{offer_id}/answers": {"step": "decline"},
    "/api/v1/actions/{care_action_id}/steps": {"step": "take_on"},
}
"""What a write takes: of what is drawn hardly anything would be."""


@dataclass
class Tenant:
    """A machine, the ids of what is its own, and words that stand in rows of its own alone."""

    machine: Machine
    mark: str
    ids: dict[str, list[str]] = field(default_factory=dict)

    def marks(self) -> set[str]:
        """What no answer to anybody else may hold."""
        return {self.mark, *(one for name, known in self.ids.items() if name != "team_id" for one in known)}


def put_tenant(name: str, role: str, purpose: str, person_id: str) -> Tenant:
    """Make a tenant with joint work about one person, whom no other tenant reaches."""
    machine = make_machine(name, role=role, purpose=purpose, per_minute=6000)
    tenant = Tenant(machine, f"words-of-{name}")
    joint = put_joint(person_id, machine.username, purpose)
    with known_asker():
        Referral.objects.filter(pk=joint.referral).update(note=tenant.mark)
        CareAction.objects.filter(case=joint.case).update(words=tenant.mark)
        JointCase.objects.filter(pk=joint.case).update(reference=f"JC-{name}"[:20])
        waits = list(PersonWait.objects.filter(person=person_id).values_list("pk", flat=True))
    tenant.ids = {
        "person_id": [person_id],
        "wait_id": waits,
        "referral_id": [joint.referral],
        "offer_id": [joint.offer],
        "case_id": [joint.case, joint.led],
        "care_action_id": [joint.action],
        "team_id": [f"joint-{machine.username.replace('_', '-')}"],
    }
    return tenant


@pytest.fixture
def tenants(published, user_of) -> list[Tenant]:
    """A council for children, and a charity for victims."""
    return [
        put_tenant("northmere-desk", "practitioner", "school_from_ta", CHILD),
        put_tenant("harbour-desk", "advocate", "victim_response", VICTIM),
    ]


class Described:
    """The description, and whether an answer is as it says."""

    def __init__(self) -> None:
        self.document = json.loads(openapi_document())
        self._kept: dict[tuple[str, str, str], Draft202012Validator] = {}

    def check(self, path: str, method: str, answer) -> None:
        """Fail where an answer has a status, a form or a content that the description does not have."""
        status = str(answer.status_code)
        described = self.document["paths"][path][method]["responses"]
        assert status in described, (path, method, status, answer.content)
        content = described[status].get("content")
        if content is None:
            assert answer.content == b"", (path, method, status)
            return
        ((kind, form),) = content.items()
        assert answer["Content-Type"].partition(";")[0] == kind, (path, method, status)
        self._validator(path, method, status, form["schema"]).validate(answer.json())

    def _validator(self, path: str, method: str, status: str, schema: dict) -> Draft202012Validator:
        key = (path, method, status)
        if key not in self._kept:
            whole = {**schema, "components": self.document["components"]}
            self._kept[key] = Draft202012Validator(whole)
        return self._kept[key]


class Run:
    """Sends what is drawn, counts it, and holds every answer to what must be so."""

    def __init__(self, tenants: list[Tenant]) -> None:
        self.tenants, self.described = tenants, Described()
        self.statuses: Counter[int] = Counter()
        self.shown = 0
        self.client = Client(raise_request_exception=False)

    def ask(self, path: str, method: str, case, tenant: Tenant, other: Tenant, whose: int, tag: str) -> None:
        """Send one request for a tenant; every second names an id that there is, its own or the other's."""
        given_ids = {**(case.path_parameters or {})}
        for name in given_ids:
            known = (tenant if whose in (1, 2) else other).ids.get(name) if whose else None
            if known:
                given_ids[name] = known[whose % len(known)]
        url = path.format(**{name: quote(str(value), safe="") for name, value in given_ids.items()})
        query = dict(case.query or {})
        headers = {name: str(value) for name, value in (case.headers or {}).items() if is_header(value)}
        headers |= {"Authorization": f"Bearer {tenant.machine.token}"}
        if whose:
            headers |= {"X-Reference": REFERENCE, "X-Purpose": tenant.machine.purpose}
        if whose == 2 and method != "get":
            headers |= {"If-Match": tag, "Idempotency-Key": f"key-{self.shown:08d}"}
        with transaction.atomic():
            answer = self._send(method, url, query, headers, GOOD.get(path) if whose == 2 else None, case)
            transaction.set_rollback(True)
        self.statuses[answer.status_code] += 1
        assert answer.status_code < 500, (method, url, answer.content)
        self.described.check(path, method, answer)
        self._check_own(answer, tenant, other, (method, url))

    def _send(self, method: str, url: str, query: dict, headers: dict, good: dict | None, case):
        address = f"{url}?{urlencode(query, doseq=True)}" if query else url
        if method == "get":
            return self.client.get(address, headers=headers)
        body = good or (None if type(case.body).__name__ == "NotSet" else case.body)
        sent = body if isinstance(body, bytes) else json.dumps(body)
        return self.client.generic(method.upper(), address, sent, content_type="application/json", headers=headers)

    def _check_own(self, answer, tenant: Tenant, other: Tenant, asked: object) -> None:
        said = answer.content.decode()
        for mark in other.marks():
            assert mark not in said, (asked, "holds what is the other tenant's")
        self.shown += tenant.mark in said or any(one in said for one in tenant.ids["person_id"])


def is_header(value: object) -> bool:
    """Whether a value could be sent in a header at all."""
    text = str(value)
    return text.isascii() and text.isprintable()


def run_requests(tenants: list[Tenant], most: int) -> Run:
    """Draw and send about `most` requests over every operation, in turn; print how many after each round."""
    schema = schemathesis.openapi.from_dict(json.loads(openapi_document()))
    operations = [each.ok() for each in schema.get_all_operations()]
    run, round_size = Run(tenants), max(1, min(25, most // len(operations)))
    began = time.monotonic()
    while run.statuses.total() < most:
        for operation in operations:
            _ask_many(run, operation, round_size)
            ApiUse.objects.all().delete()
        took = time.monotonic() - began
        print(f"{run.statuses.total()} requests, {took:.0f} s, {dict(sorted(run.statuses.items()))}", flush=True)
    return run


def _ask_many(run: Run, operation, count: int) -> None:
    tags = ['"1-aaaaaaaaaaaaaaaaaaaaaa"', '"2-aaaaaaaaaaaaaaaaaaaaaa"', "*", ""]

    @seed(run.statuses.total())  # another one each round, and the same at each run
    @settings(
        derandomize=False,
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(), st.booleans(), st.integers(0, 3), st.sampled_from(tags))
    def ask(case, turn: bool, whose: int, tag: str) -> None:
        tenant, other = run.tenants if turn else reversed(run.tenants)
        run.ask(operation.path, operation.method, case, tenant, other, whose, tag)

    ask()


def check_run(run: Run) -> None:
    """A run shows something only where answers of many kinds came, with rows of who asked among them."""
    assert run.shown > run.statuses.total() / 50
    assert {200, 404, 422} <= set(run.statuses)
    assert not [status for status in run.statuses if status >= 500]


def test_no_request_fails_or_gets_a_row_of_another_tenant(tenants):
    run = run_requests(tenants, QUICK)
    check_run(run)


@pytest.mark.slow
def test_no_request_of_many_fails_or_gets_a_row_of_another_tenant(tenants):
    run = run_requests(tenants, FULL)
    check_run(run)
    assert {201, 403, 409, 412, 428} <= set(run.statuses)
