"""What is refused is on record, although the page's own transaction is taken back; and each entry names its request."""

import pytest
from django.db import DatabaseError
from django.test import Client
from published_sample import ENTRIES, PASSWORD, REFERENCE
from sample_run import CHILD, ONLY_HIDDEN, VICTIM
from vault_sample import has_factor

from braid.web.models import AuditEntry
from braid.web.request_facts import digest_session

pytestmark = pytest.mark.django_db


def refusals() -> list[tuple[str, str, str, str]]:
    return list(ENTRIES.filter(kind="refused").order_by("pk").values_list("username", "page", "person_id", "reason"))


@pytest.mark.parametrize("page", ["", "message/", "contact/"])
def test_hidden_and_absent_leave_the_same_entry_but_for_the_id(page, published, client_of):
    client = client_of("practitioner", "school_from_ta")
    absent = "0" * len(ONLY_HIDDEN)
    for person in (ONLY_HIDDEN, absent):
        assert client.get(f"/people/{person}/{page}").status_code == 404
    name = {"": "person", "message/": "message", "contact/": "contact"}[page]
    assert refusals() == [("test-practitioner", name, person, "not_there") for person in (ONLY_HIDDEN, absent)]
    entry = ENTRIES.filter(kind="refused").first()
    assert (entry.purpose, entry.reference, entry.decision) == ("school_from_ta", REFERENCE, "deny")


def test_a_page_that_the_role_may_not_open(published, client_of):
    client = client_of("board_member")
    assert client.get(f"/people/{CHILD}/").status_code == 403
    assert client.get("/tasks/").status_code == 403
    assert refusals() == [
        ("test-board_member", "person", CHILD, "not_permitted"),
        ("test-board_member", "tasks", "", "not_permitted"),
    ]


def test_a_wrong_purpose_on_the_page_and_in_the_api(published, client_of):
    client = client_of("placement_officer")
    client.post("/reason/", {"purpose": "victim_response", "reference": REFERENCE})
    headers = {"X-Purpose": "victim_response", "X-Reference": REFERENCE}
    assert client.get(f"/api/v1/people/{VICTIM}", headers=headers).status_code == 403
    (page, api) = ENTRIES.filter(kind="refused").order_by("pk")
    assert (page.page, page.reason) == ("reason", "purpose_not_permitted_to_role")
    assert (api.person_id, api.purpose, api.channel) == (VICTIM, "victim_response", "api")


def test_a_location_that_is_refused_is_recorded_once(published, client_of, user_of):
    has_factor(user_of("practitioner"))
    assert client_of("practitioner", "school_from_ta").get(f"/people/{VICTIM}/location/address/").status_code == 403
    assert [row[2] for row in refusals()] == [VICTIM]


def test_a_wrong_token_is_recorded_and_none_is_not(published):
    assert Client().get(f"/api/v1/people/{CHILD}").status_code == 401
    assert refusals() == []
    assert Client().get(f"/api/v1/people/{CHILD}", headers={"Authorization": "Bearer wrong"}).status_code == 401
    (entry,) = ENTRIES.filter(kind="refused")
    assert (entry.username, entry.person_id, entry.reason) == ("", CHILD, "wrong_token")


def test_signing_in_out_and_wrongly(published, user_of):
    user_of("analyst")
    client = Client()
    client.post("/sign-in/", {"username": "test-analyst", "password": "wrong"})
    client.post("/sign-in/", {"username": "my password by mistake", "password": "x"})
    client.post("/sign-in/", {"username": "test-analyst", "password": PASSWORD})
    inside = digest_session(client.session.session_key)
    client.post("/sign-out/")
    rows = list(ENTRIES.order_by("pk").values_list("kind", "username", "reason", "session_digest"))
    assert [row[:3] for row in rows] == [
        ("refused", "test-analyst", "wrong_sign_in"),
        ("refused", "", "wrong_sign_in"),
        ("signed_in", "test-analyst", "permitted"),
        ("signed_out", "test-analyst", "permitted"),
    ]
    assert [row[3] for row in rows[2:]] == [inside, inside]
    assert "mistake" not in str(list(ENTRIES.values()))


def test_a_locked_account_is_recorded(published, user_of):
    user_of("analyst")
    client = Client()
    answers = [client.post("/sign-in/", {"username": "test-analyst", "password": f"wrong {n}"}) for n in range(6)]
    assert answers[-1].status_code == 429
    assert {row[0] for row in refusals()} == {"test-analyst"} or ("", "sign_in", "", "locked") in refusals()
    assert len(refusals()) >= 6


def test_entries_of_one_request_name_it_and_its_session(published, client_of):
    client = client_of("analyst", "school_from_ta")
    client.get("/people/")
    client.get(f"/people/{CHILD}/")
    rows = list(ENTRIES.values_list("request_id", "session_digest", "assurance"))
    assert len({row[0] for row in rows}) == 2 and all(len(row[0]) == 32 for row in rows)
    assert {row[1] for row in rows} == {digest_session(client.session.session_key)}
    assert {row[2] for row in rows} == {1}
    other = client_of("practitioner", "school_from_ta")
    other.get(f"/people/{CHILD}/")
    assert ENTRIES.latest("pk").session_digest not in {row[1] for row in rows}


def test_a_confirmed_session_says_so(published, client_of):
    client = client_of("analyst", "school_from_ta")
    session = client.session
    session["assurance"] = 2
    session.save()
    client.get(f"/people/{CHILD}/")
    assert ENTRIES.latest("pk").assurance == 2


def test_a_refusal_that_cannot_be_recorded_answers_with_a_fault(published, client_of, monkeypatch):
    client = client_of("practitioner", "school_from_ta")
    client.raise_request_exception = False
    monkeypatch.setattr(AuditEntry.objects, "append_alike", lambda *_: (_ for _ in ()).throw(DatabaseError))
    assert client.get(f"/people/{'0' * 32}/").status_code == 500


def test_somebody_who_tries_ids_is_pointed_out_to_the_lead(published, client_of):
    """The rule on refusals in a row has entries to read."""
    client = client_of("practitioner", "school_from_ta")
    assert "Refusals in a row" not in client_of("ig_lead").get("/audit/snooping/").content.decode()
    for number in range(30):
        client.get(f"/people/{number:032x}/")
    shown = client_of("ig_lead").get("/audit/snooping/").content.decode()
    assert "Refusals in a row" in shown and "test-practitioner" in shown
