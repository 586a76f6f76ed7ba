"""Every address by every role, purpose and person, against an explicit table. An address without a row fails."""

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from published_sample import REFERENCE
from sample_run import CHILD, CHILD_PROTECTED, ONE_WAIT, ONLY_HIDDEN, VICTIM
from vault_sample import has_factor

from braid.trust.roles import COURT_READINESS, PURPOSES, ROLES, SCHOOL_FROM_TA, VICTIM_RESPONSE
from braid.web.models import AuditEntry
from braid.web.views import vault as vault_views

pytestmark = pytest.mark.django_db

SEE_LOCATION_OF = {"advocate": {VICTIM, ONLY_HIDDEN}}
"""Protected persons of the advocate's cohort. Of nobody else's, and of nobody who is not protected, does it open."""
ASSURANCES = {
    "none": (None, None),
    "password": (1, 1),
    "confirmed": (2, 1),
    "confirmed 299 seconds ago": (2, 299),
    "confirmed 300 seconds ago": (2, 300),
    "confirmed in the future": (2, -60),
    "confirmed, without a factor": (2, 1),
}
"""Of each state of a session: its assurance, and how many seconds ago it was confirmed."""
OPENS = {"confirmed", "confirmed 299 seconds ago"}
SEE_PEOPLE = {
    "analyst": {SCHOOL_FROM_TA, COURT_READINESS},
    "practitioner": {SCHOOL_FROM_TA, COURT_READINESS},
    "placement_officer": {SCHOOL_FROM_TA},
    "listing_officer": {COURT_READINESS},
    "advocate": {VICTIM_RESPONSE},
    "board_member": set(),
    "ig_lead": set(),
}
SEE_WHOM = {
    "analyst": {CHILD, CHILD_PROTECTED, VICTIM, ONE_WAIT},
    "practitioner": {CHILD, CHILD_PROTECTED, ONE_WAIT},
    "placement_officer": {CHILD, CHILD_PROTECTED, ONE_WAIT},
    "listing_officer": {CHILD, CHILD_PROTECTED},
    "advocate": {VICTIM, ONLY_HIDDEN},
    "board_member": set(),
    "ig_lead": set(),
}
"""The children are of the cohorts of school and court, and ONE_WAIT lives with one of them; VICTIM and ONLY_HIDDEN are
of the victims' cohort. The analyst reaches everybody with a visible wait: VICTIM through an ordinary housing wait
alone; that she is anything else, nobody but the advocate is told."""
AUDIT = ("/tasks/", "/audit/", "/audit/log/", "/audit/snooping/", f"/audit/person/{CHILD}/", "/audit/person/absent/")
EVERYBODY = {CHILD, CHILD_PROTECTED, VICTIM, ONE_WAIT, ONLY_HIDDEN, "absent"}
ROUTES = {
    "": "signed_in",
    "place/figures.<str:form>": "signed_in",
    "sign-in/": "anybody",
    "sign-out/": "signed_in",
    "reason/": "sees_people",
    "people/": "with_reason",
    "people/<str:person_id>/": "one_person",
    "people/<str:person_id>/location/<slug:field>/": "one_location",
    "confirm/": "signed_in",
    "people/<str:person_id>/message/": "one_person",
    "people/<str:person_id>/contact/": "one_person",
    "messages/": "sees_people",
    "tasks/": "audit",
    "audit/": "audit",
    "audit/log/": "audit",
    "audit/snooping/": "audit",
    "audit/person/<str:person_id>/": "audit",
    "audit/checkpoint.txt": "anybody",
    "audit/consistency/<int:old>/<int:new>": "anybody",
    "conflicts/": "signed_in",
    "status/": "signed_in",
    "break-glass/": "sees_people",
    "trust/": "audit",
    "trust/agreements/": "audit",
    "trust/agreements/<str:agreement_id>/": "audit",
    "trust/matrix/": "audit",
    "trust/overlay/": "audit",
    "trust/overlay/<str:kind>/<int:entry_id>/": "audit",
    "trust/break-glass/": "audit",
    "trust/break-glass/<int:access_id>/": "audit",
    "api/openapi.json": "anybody",
    "api/": "no_docs",
    "api/place": "api_place",
    "api/people": "api_people",
    "api/people/<person_id>": "api_person",
}
"""Every address of the URL map and the rule that its tests below hold it to."""


def all_routes(patterns=None, prefix="") -> set[str]:
    found = set()
    for pattern in patterns or get_resolver().url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            found |= all_routes(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            found.add(route)
    return found


def test_every_address_has_a_row_and_every_row_an_address():
    assert all_routes() == set(ROUTES)


def test_every_role_has_a_row():
    assert set(ROLES) == set(SEE_PEOPLE) == set(SEE_WHOM)


@pytest.mark.parametrize(
    "route",
    [
        *(
            "/",
            "/place/figures.csv",
            "/sign-out/",
            "/reason/",
            "/people/",
            f"/people/{CHILD}/",
            f"/people/{CHILD}/message/",
            f"/people/{CHILD}/contact/",
            "/messages/",
            "/people/x/",
            *AUDIT,
            "/confirm/",
        ),
        *(f"/people/{VICTIM}/location/address/", "/people/x/location/address/", "/people/x/location/y/"),
    ],
)
def test_nobody_signed_in_is_sent_to_sign_in(route, published):
    answer = Client().get(route)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in/")


@pytest.mark.parametrize("route", ["/api/place", "/api/people", f"/api/people/{CHILD}", "/api/people/x"])
def test_nobody_signed_in_gets_nothing_of_the_api(route, published):
    answer = Client().get(route, headers={"X-Purpose": SCHOOL_FROM_TA, "X-Reference": REFERENCE})
    assert answer.status_code == 401
    wrong = Client().get(route, headers={"Authorization": "Bearer wrong"})
    assert wrong.status_code == 401


@pytest.mark.parametrize("role", ROLES)
def test_pages_without_people(role, published, client_of):
    client = client_of(role)
    assert client.get("/").status_code == 200
    for form in ("csv", "xlsx", "pdf"):
        assert client.get(f"/place/figures.{form}").status_code == 200
    assert client.get("/sign-out/").status_code == 200
    assert client.get("/confirm/").status_code == 200
    assert client.get("/api/place").status_code == 200
    for route in AUDIT:
        assert client.get(route).status_code == (200 if role == "ig_lead" else 403), route
    for route in ("/reason/", "/messages/"):
        assert client.get(route).status_code == (200 if SEE_PEOPLE[role] else 403), route


@pytest.mark.parametrize("role", ROLES)
def test_people_without_a_reason(role, published, client_of):
    client = client_of(role)
    location = f"/people/{VICTIM}/location/address/"
    assert client.get(location).status_code == (302 if SEE_PEOPLE[role] else 403)
    for page in (f"/people/{CHILD}/message/", f"/people/{CHILD}/contact/"):
        assert client.get(page).status_code == (302 if SEE_PEOPLE[role] else 403)
    for route in ("/people/", f"/people/{CHILD}/", f"/people/{ONLY_HIDDEN}/", "/people/absent/"):
        assert client.get(route).status_code == (302 if SEE_PEOPLE[role] else 403)
        assert client.get(f"/api{route.rstrip('/')}").status_code == 403
    assert set(AuditEntry.objects.values_list("kind", flat=True)) <= {"refused"}


@pytest.mark.parametrize("purpose", [*PURPOSES, "curiosity", ""])
@pytest.mark.parametrize("role", ROLES)
def test_people_page_and_api_by_role_purpose_and_person(role, purpose, published, client_of):
    client = client_of(role, purpose)
    permitted = purpose in SEE_PEOPLE[role]
    headers = {"X-Purpose": purpose, "X-Reference": REFERENCE}
    refused = 302 if SEE_PEOPLE[role] else 403
    assert client.get("/people/").status_code == (200 if permitted else refused)
    assert client.get("/api/people", headers=headers).status_code == (200 if permitted else 403)
    for person in EVERYBODY:
        seen = 200 if person in SEE_WHOM[role] else 404
        for page in ("", "message/", "contact/"):
            status = client.get(f"/people/{person}/{page}").status_code
            assert status == (seen if permitted else refused), (person, page)
        answer = client.get(f"/api/people/{person}", headers=headers)
        assert answer.status_code == (seen if permitted else 403), person


@pytest.mark.parametrize("role", ROLES)
def test_other_methods_change_and_show_nothing(role, published, client_of):
    client = client_of(role, next(iter(sorted(SEE_PEOPLE[role])), None))
    location = f"/people/{VICTIM}/location/address/"
    for route in ("/messages/", f"/people/{CHILD}/message/", f"/people/{CHILD}/contact/", "/tasks/"):
        for method in (client.put, client.delete, client.patch):
            assert method(route).status_code in (403, 405), (route, method)
    only_read = [route for route in AUDIT if route != "/tasks/"]
    for route in ("/people/", f"/people/{CHILD}/", location, *only_read, "/api/people", f"/api/people/{CHILD}"):
        for method in (client.post, client.put, client.delete, client.patch):
            assert method(route).status_code in (403, 405), (route, method)
    assert set(AuditEntry.objects.values_list("kind", flat=True)) <= {"refused"}


@pytest.mark.parametrize("assurance", ASSURANCES)
@pytest.mark.parametrize("role", ROLES)
def test_location_by_role_person_and_assurance(role, assurance, published, client_of, user_of, monkeypatch):
    """A role that may not is refused whatever it confirmed; for the one that may, it opens for five minutes alone."""
    level, seconds = ASSURANCES[assurance]
    now = timezone.now()
    monkeypatch.setattr(vault_views.timezone, "now", lambda: now)
    if assurance != "confirmed, without a factor":
        has_factor(user_of(role))
    for purpose in sorted(SEE_PEOPLE[role]) or [None]:
        client = client_of(role, purpose)
        if level:
            session = client.session
            session["assurance"], session["confirmed_at"] = level, now.timestamp() - seconds
            session.save()
        for person in EVERYBODY:
            for field in ("address", "entry"):
                status = client.get(f"/people/{person}/location/{field}/").status_code
                if role != "advocate":
                    assert status == 403, (purpose, person)
                elif person not in SEE_LOCATION_OF[role]:
                    assert status == 404, person
                else:
                    assert status == (200 if assurance in OPENS else 302), person
        assert client.get(f"/people/{VICTIM}/location/nothing/").status_code == (404 if SEE_PEOPLE[role] else 403)
