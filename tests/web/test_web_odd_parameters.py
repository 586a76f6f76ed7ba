"""Whatever stands in a query, no address fails: it answers, refuses or is not there. Each page says what it reads."""

import contextlib
import functools
import logging
import re

import pytest
from commissioned import put_commission
from django.http import QueryDict
from django.test import Client
from joint_sample import Joint, put_joint
from portfolio_sample import put_studies
from published_sample import REFERENCE
from sample_run import CHILD
from simulation_sample import put_questions
from test_web_access_matrix import NOBODYS, all_routes
from test_web_query_counts import OF_BOARDS
from vault_sample import confirm_session, has_factor
from ways_to_ask import OF_JOINT

from braid.api import urls as api_urls
from braid.api.fhir.catalogue import KINDS, PATIENT_PARAMETERS
from braid.api.fhir.query import ALWAYS
from braid.trust.roles import ROLES
from drawn import IS_FULL

pytestmark = pytest.mark.django_db

ODD = ("%00", "a%00b", "%ED%A0%80", "%27%20or%201=1--", "9" * 5000, "%D9%A5", "%F0%9F%92%A5" * 300)
"""As they stand in an address: NUL, half a letter, a query's end, too long, a digit of another script."""
PARTS = {
    "<str:person_id>": CHILD,
    "<person_id>": CHILD,
    "<slug:problem_id>": "school_from_ta",
    "<problem_id>": "school_from_ta",
    "<slug:wait_kind>": "rtt",
    "<slug:body_id>": "vale-hospital",
    "<str:feed_id>": "family-court",
    "<slug:field>": "address",
    "<str:form>": "csv",
    "<str:agreement_id>": "sample-school_from_ta",
    "<str:kind>": "exclusion",
    "<str:token>": "nobodys-secret",
    "<slug:team_id>": "joint-test-analyst",
    "<int:entry_id>": "1",
    "<int:access_id>": "1",
    "<int:contact_id>": "1",
    "<int:account_id>": "1",
    "<int:key_id>": "1",
    "<slug:group_id>": "analyst",
    "<int:old>": "0",
    "<int:new>": "1",
    "<int:number>": "1",
    "<slug:board_id>": "nowhere",
    "<slug:fund_id>": "nowhere",
    "<slug:outcome_id>": "nowhere",
    "<str:directory_id>": NOBODYS,
    **dict.fromkeys((f"<{kind}:{name}>" for name in OF_BOARDS for kind in ("uuid", "uuidstr")), NOBODYS),
}
SEEN_BY = ("analyst", "ig_lead")
"""Between them these roles open every address."""


def address(route: str, joint: Joint) -> str:
    for part, value in PARTS.items():
        route = route.replace(part, value)
    for name, what in OF_JOINT.items():
        route = re.sub(rf"<(?:uuid(?:str)?:)?{name}>", getattr(joint, what), route)
    assert "<" not in route, "say here what stands in the address"
    return route


@contextlib.contextmanager
def reading(names: set[str]):
    """Note which names of a query a page asks for; whatever else it does with them."""
    with pytest.MonkeyPatch.context() as patch:
        for method in ("get", "getlist", "__getitem__", "__contains__"):
            plain = getattr(QueryDict, method)

            def noting(query, key, *rest, plain=plain):
                names.add(key)
                return plain(query, key, *rest)

            patch.setattr(QueryDict, method, noting)
        yield


@functools.cache
def paths_of_api() -> dict[str, dict]:
    """The addresses of the API's own document, written once."""
    return api_urls.api.get_openapi_schema(path_prefix="/api/v1/")["paths"]


def names_of_api(route: str) -> set[str]:
    """The names that the API's own document says an address takes in a query."""
    if route.startswith("/fhir/r4/"):
        kind = route.rpartition("/")[2]
        known = KINDS[kind].parameters if kind in KINDS else PATIENT_PARAMETERS
        return {*ALWAYS, *(one.name for one in known)}
    path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route)
    found = paths_of_api().get(path, {}).get("get", {}).get("parameters", [])
    return {each["name"] for each in found if each["in"] == "query"}


@pytest.fixture
def askers(published, client_of, user_of) -> list[Client]:
    clients = []
    for role in SEEN_BY:
        has_factor(user_of(role))
        purpose = min(ROLES[role].purposes, default=None)
        clients.append(confirm_session(client_of(role, purpose and "school_from_ta")))
    return clients


def test_no_parameter_of_any_address_makes_it_fail(askers, monkeypatch):
    monkeypatch.setattr(logging.getLogger("django.request"), "disabled", True)
    headers = {"X-Purpose": "school_from_ta", "X-Reference": REFERENCE}
    failed, asked, joint = [], {}, put_joint(CHILD, "test-analyst")
    question, study, commission = put_questions(range(1)), put_studies(range(1)), str(put_commission().pk)
    of_nobody = {
        "simulation_id": question,
        "priority_id": question,
        "study_id": study,
        "commission_id": commission,
        "return_id": question,
    }

    def named(route):
        for name, value in of_nobody.items():
            route = route.replace(f"<uuid:{name}>", value)
        return route

    for route in sorted(all_routes()):
        url, names = address(named(route), joint), names_of_api(route)
        for turn, client in enumerate(askers):
            read: set[str] = set()
            with reading(read):
                client.get(f"{url}?unknown=1", headers=headers)
            for place, name in enumerate(sorted(names | read), turn):
                # Each address gets every value with --full; else two for each who asks, so that all take their turn.
                for value in ODD if IS_FULL else (ODD[place % len(ODD)], ODD[(place + len(askers)) % len(ODD)]):
                    try:
                        status = client.get(f"{url}?{name}={value}", headers=headers).status_code
                    except Exception as error:
                        status = repr(error)[:80]
                    if status not in (200, 302, 400, 401, 403, 404, 405, 406, 414, 422):
                        failed.append((url, name, value[:8], status))
            asked.setdefault(route, set()).update(names | read)
    assert not failed, failed[:10]
    assert {"problem", "page"} <= asked["/ranking/"]
    assert {"problem", "cursor", "limit"} <= asked["/api/v1/ranking"]
    assert sum(map(len, asked.values())) > 60
