"""A number typed in place of an id is neither looked up nor kept: not in the record, an entry or the log."""

import logging
import re

import pytest
from django.test import Client
from published_sample import ENTRIES, REFERENCE
from sample_run import CHILD
from test_web_access_matrix import all_routes
from vault_sample import confirm_session, has_factor

from braid.trust.roles import ROLES
from braid.web.logs import WithoutValues
from braid.web.models import AuditEntry, BreakGlass, ExclusionEntry, RestrictionEntry
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db

NUMBERS = ("9434765919", "943 476 5919", "943-476-5919", "QQ123456C", "0" * 40)
"""A number of the health service in three ways of writing, one of national insurance, and one too long."""
PURPOSE = {role: next(iter(sorted(role_of.purposes)), None) for role, role_of in ROLES.items()}
ROUTES = sorted(route for route in all_routes() if "<str:person_id>" in route or "<person_id>" in route)
FORMS = {
    "/conflicts/": ("subject_id", {"reason": "staff_knows"}),
    "/break-glass/": (
        "person_id",
        {
            "reason": "immediate_danger",
            "reference_kind": "incident",
            "reference": REFERENCE,
            "colleague": "test-ig_lead",
            "purpose": "school_from_ta",
        },
    ),
    "/trust/overlay/": (
        "exclusion-subject_id",
        {"kind": "exclusion", "exclusion-reason": "relative", "exclusion-barred_username": "test-analyst"},
    ),
}
OTHER_FIELDS = (
    (
        "exclusion-barred_person_id",
        {"kind": "exclusion", "exclusion-reason": "relative", "exclusion-subject_id": CHILD},
    ),
    ("restriction-subject_id", {"kind": "restriction", "restriction-reason": "witness"}),
)


def everything_kept() -> str:
    with known_asker():
        return str(
            [list(model.objects.values()) for model in (AuditEntry, BreakGlass, ExclusionEntry, RestrictionEntry)]
        )


def everything_logged(caplog) -> list[str]:
    """The lines as the server writes them, with what its filter leaves of each."""
    for record in caplog.records:
        WithoutValues().filter(record)
    return [record.getMessage() for record in caplog.records]


def leaves_a_trace(text: str, number: str) -> bool:
    """The number, written together or with what stood between, or its first part with what follows cut off."""
    return number in text or re.sub(r"\W", "", number) in text or number[:7] in text


def test_the_addresses_are_those_that_take_an_id():
    assert len(ROUTES) >= 6 and all(route.count("<") >= 1 for route in ROUTES)


@pytest.mark.parametrize("role", ROLES)
def test_a_number_typed_in_an_address_leaves_no_trace(role, published, client_of, user_of, caplog):
    caplog.set_level(logging.INFO, "django.request")
    has_factor(user_of(role))
    client = confirm_session(client_of(role, PURPOSE[role]))
    headers = {"X-Purpose": PURPOSE[role] or "", "X-Reference": REFERENCE}
    before = ENTRIES.count()
    for route in ROUTES:
        for number in NUMBERS:
            url = (
                route.replace("<str:person_id>", number)
                .replace("<person_id>", number)
                .replace("<slug:field>", "address")
            )
            for method in (client.get, client.post):
                assert method(url, headers=headers).status_code in (403, 404, 405), (route, method)
    assert ENTRIES.count() > before, "that somebody was refused is kept"
    kept, logged = everything_kept(), everything_logged(caplog)
    assert logged and not any(leaves_a_trace(kept, number) for number in NUMBERS[:4])
    assert not [line for line in logged for number in NUMBERS if leaves_a_trace(line, number)]


def test_a_number_leaves_no_trace_with_a_wrong_token_or_where_there_is_no_page(published, client_of, caplog):
    caplog.set_level(logging.INFO, "django.request")
    wrong, lead = {"Authorization": "Bearer wrong"}, client_of("ig_lead")
    for number in NUMBERS:
        assert Client().get(f"/api/v1/people/{number}", headers=wrong).status_code == 401
        for route in ("/{}/", "/people/{}/nothing/", "/trust/overlay/exclusion/{}/", "/trust/agreements/{}/"):
            assert lead.get(route.format(number)).status_code == 404, route
    assert not any(leaves_a_trace(everything_kept(), number) for number in NUMBERS[:4])
    assert not [line for line in everything_logged(caplog) for number in NUMBERS if leaves_a_trace(line, number)]


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_typed_in_a_form_is_refused_and_not_kept(number, published, client_of):
    for route, (field, form) in FORMS.items():
        client = client_of("ig_lead" if "trust" in route else "practitioner")
        assert client.post(route, {**form, field: number}).status_code == 400, route
        assert client.post(route, {**form, field: CHILD}).status_code == 302, (
            "or the form is refused for something else"
        )
    for field, form in OTHER_FIELDS:
        client = client_of("ig_lead")
        assert client.post("/trust/overlay/", {**form, field: number}).status_code == 400, field
        assert client.post("/trust/overlay/", {**form, field: CHILD}).status_code == 302, field
    assert client_of("ig_lead").get("/audit/", {"person_id": number}).status_code == 400
    assert number not in everything_kept()
