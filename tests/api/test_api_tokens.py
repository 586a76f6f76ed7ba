"""A token of a system opens what its role, purpose and agreement open, from its networks, in its time, and no more."""

import datetime as dt
import logging

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone
from machines import LEAD, make_machine, put_in_team, row_of
from published_sample import ENTRIES, REFERENCE, as_pages
from sample_agreements import CHILD as CHILD_ITEMS
from sample_agreements import agreement, sample_agreements
from sample_run import CHILD

from braid.language.steps import NotPossible
from braid.web.access.context import Binding, asking_as, bound_by
from braid.web.accounts import close_user, renew_factor, renew_token, renew_user
from braid.web.acting import find_actor
from braid.web.enforcement import enforce
from braid.web.models import ApiAnswer, ApiToken, ApiUse, Barred, PersonWait, SafetyTask, Suspension, User
from braid.web.request_facts import digest_token
from braid.web.systems.tokens import (
    Wanted,
    is_from,
    list_system_tokens,
    make_token,
    renew_system_token,
    revoke_system_token,
)
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db


def seen(machine, path: str = f"/people/{CHILD}") -> int:
    return machine.get(path).status_code


def test_a_system_looks_as_itself_and_the_record_names_token_and_agreement(published):
    machine = make_machine()
    answer = machine.get(f"/people/{CHILD}")
    assert (answer.status_code, answer.json()["name"]) == (200, "Ada Example")
    look = ENTRIES.get(kind="look")
    assert (look.username, look.role, look.organisation) == (
        "system-northmere-housing",
        "practitioner",
        "northmere-council",
    )
    assert (look.channel, look.purpose, look.reference) == ("api", "school_from_ta", REFERENCE)
    assert look.agreement_id == "sample-school_from_ta"
    assert look.session_digest == digest_token(machine.token_id)


def test_of_the_token_only_its_digest_is_kept_and_no_log_says_it(published, caplog):
    caplog.set_level(logging.DEBUG)
    machine = make_machine()
    machine.get("/people")
    Client().get("/api/v1/people", headers={"Authorization": f"Bearer {machine.token}x"})
    secret = machine.token.removeprefix("braid_")
    for model in (ApiToken, ApiUse, ApiAnswer, User):
        assert secret not in str(list(model.objects.values()))
    assert secret not in str(list(ENTRIES.values())) + caplog.text
    assert machine.token.startswith("braid_")


def test_it_is_bound_to_its_purpose(published):
    machine = make_machine()
    assert machine.get("/people").status_code == 200
    assert machine.get("/people", X_Purpose="school_from_ta").status_code == 200
    assert machine.get("/people", X_Purpose="court_readiness").status_code == 403


def test_it_is_bound_to_its_agreement_and_another_one_of_its_organisation_opens_nothing_to_it(published):
    narrow = agreement("school_from_ta", {"identity", "waits.school_place"}, {"northmere-council"}, id="narrow")
    enforce([*sample_agreements(), narrow])
    wide, bound = make_machine(), make_machine("northmere-narrow", agreement_id="narrow")
    kinds = [{one["backlog"] for one in each.get(f"/people/{CHILD}").json()["waits"]} for each in (wide, bound)]
    assert kinds[1] == {"school_place"} < kinds[0]
    assert bound.get(f"/people/{CHILD}").json()["district"] != wide.get(f"/people/{CHILD}").json()["district"]
    counted = []
    for machine in (wide, bound):
        with as_pages(), bound_by(Binding(machine.token_id, "")), asking_as(machine.username, "school_from_ta"):
            counted.append(PersonWait.objects.exclude(backlog="school_place").count())
    assert counted[0] > counted[1] == 0, "the policies of the database bind it too"


def test_a_suspended_agreement_closes_at_the_next_request_and_says_so(published):
    machine = make_machine()
    Suspension.objects.create(agreement_id="sample-school_from_ta", suspended_by="lead", reason="breach")
    answer = machine.get("/people")
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:braid:problem:agreement_not_in_force")


def test_a_revoked_token_shows_nothing_at_the_next_statement(published):
    machine = make_machine()
    with as_pages(), bound_by(Binding(machine.token_id)), asking_as(machine.username, "school_from_ta"):
        assert PersonWait.objects.count() > 0
        with connection.cursor() as cursor:
            cursor.execute("reset role")
        ApiToken.objects.filter(pk=machine.token_id).update(revoked_at=timezone.now())
        with connection.cursor() as cursor:
            cursor.execute("set role braid_pages")
        assert PersonWait.objects.count() == 0
    assert seen(machine) == 401


def test_a_token_that_is_over_shows_nothing_at_the_next_statement(published):
    machine = make_machine()
    ApiToken.objects.filter(pk=machine.token_id).update(expires_at=timezone.now())
    with as_pages(), bound_by(Binding(machine.token_id)), asking_as(machine.username, "school_from_ta"):
        assert PersonWait.objects.count() == 0
    assert seen(machine) == 401


def test_a_system_is_shown_nothing_without_its_token_nor_by_anothers(published, user_of):
    machine, other = make_machine(), make_machine("other-system", role="placement_officer")
    for binding in (None, Binding(other.token_id), Binding(10**9)):
        with as_pages(), bound_by(binding), asking_as(machine.username, "school_from_ta"):
            assert PersonWait.objects.count() == 0, binding
    client = Client()
    client.force_login(User.objects.get(username=machine.username), backend="django.contrib.auth.backends.ModelBackend")
    client.post("/reason/", {"purpose": "school_from_ta", "reference": REFERENCE})
    assert client.get(f"/people/{CHILD}/").status_code in (403, 404)
    assert not User.objects.get(username=machine.username).has_usable_password()


def test_one_token_opens_nothing_for_the_purpose_of_another(published):
    machine = make_machine()
    for purpose, asks_rightly in (("school_from_ta", True), ("court_readiness", False), ("", True)):
        with as_pages(), bound_by(Binding(machine.token_id)), asking_as(machine.username, purpose):
            with connection.cursor() as cursor:  # its agreement serves one purpose too: the token's own is asked alone
                cursor.execute("select braid_asks_rightly(%s, true)", [row_of_pages(machine)])
                assert cursor.fetchone() == (asks_rightly,), purpose
            assert (PersonWait.objects.count() > 0) is (purpose == "school_from_ta")


def row_of_pages(machine) -> int:
    """Return the number of its account."""
    return User.objects.get(username=machine.username).pk


def test_nobody_becomes_a_system_nor_acts_as_one(published):
    machine = make_machine()
    for change in (
        lambda: renew_user(LEAD, machine.username, "A. Human", "analyst", "vale-authority"),
        lambda: renew_token(LEAD, machine.username),
        lambda: renew_factor(LEAD, machine.username),
    ):
        with pytest.raises(NotPossible, match="system"):
            change()
    assert find_actor(machine.username, REFERENCE, "test") is None
    ApiToken.objects.filter(pk=machine.token_id).update(purpose="", agreement_id="")
    with as_pages(), bound_by(Binding(machine.token_id)), asking_as(machine.username, "school_from_ta"):
        assert PersonWait.objects.count() == 0, "a system's token is for a purpose"
    close_user(LEAD, machine.username)
    assert seen(machine) == 401


def test_it_ends_with_its_account(published):
    machine = make_machine()
    User.objects.filter(username=machine.username).update(is_active=False)
    assert seen(machine) == 401


@pytest.mark.parametrize(
    ("networks", "address", "is_in"),
    [
        ([], "203.0.113.9", True),
        (["198.51.100.0/24"], "198.51.100.7", True),
        (["198.51.100.0/24"], "198.51.101.7", False),
        (["198.51.100.0/24", "2001:db8::/32"], "2001:db8::5", True),
        (["198.51.100.0/24"], "", False),
        (["198.51.100.0/24"], "somewhere", False),
    ],
)
def test_it_is_sent_from_its_networks(networks, address, is_in):
    assert is_from(networks, address) is is_in


def test_from_another_network_it_opens_nothing_and_the_refusal_names_the_system(published):
    machine = make_machine(networks=("198.51.100.0/24",))
    answer = machine.get("/people")
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:braid:problem:wrong_network")
    assert ENTRIES.get(kind="refused").username == machine.username
    machine.client.defaults["REMOTE_ADDR"] = "198.51.100.20"
    assert machine.get("/people").status_code == 200


def test_too_many_requests_wait_and_other_tokens_do_not(published):
    slow, other = make_machine(per_minute=6), make_machine("other-system")
    first = slow.get("/place")
    answer = slow.get("/place")
    assert (first.status_code, answer.status_code) == (200, 429)
    assert 1 <= int(answer["Retry-After"]) <= 10
    assert not ENTRIES.filter(kind="refused").exists(), "who asks too often does not fill the record"
    assert other.get("/place").status_code == 200
    ApiUse.objects.filter(token=slow.token_id).update(due_at=timezone.now() - dt.timedelta(seconds=1))
    assert slow.get("/place").status_code == 200


def test_at_once_it_may_send_what_ten_seconds_hold(published):
    machine = make_machine(per_minute=30)
    statuses = [machine.get("/boards").status_code for _ in range(7)]
    assert statuses == [403] * 5 + [429] * 2


def test_who_is_kept_from_somebody_by_the_systems_name_is_kept_from_them(published):
    machine = make_machine()
    with known_asker():
        Barred.objects.create(person_id=CHILD, username=machine.username)
    hidden, absent = machine.get(f"/people/{CHILD}"), machine.get("/people/" + "f" * 32)
    assert (hidden.status_code, hidden.content) == (404, absent.content)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"name": "X"}, "name"),
        ({"role": "ig_lead"}, "roles"),
        ({"role": "nobody"}, "roles"),
        ({"purpose": "victim_response"}, "looks for"),
        ({"purpose": ""}, "looks for"),
        ({"agreement_id": "sample-court_readiness"}, "agreement"),
        ({"agreement_id": ""}, "agreement"),
        ({"organisation": "vale-crown-court"}, "agreement"),
        ({"days": 366}, "days"),
        ({"days": 0}, "days"),
        ({"per_minute": 0}, "requests"),
        ({"networks": ("10.0.0.1/8",)}, "network"),
        ({"role": "board_member"}, "sees nobody"),
    ],
)
def test_a_token_that_would_open_more_is_not_made(published, change, says):
    usual = {
        "name": "northmere-housing",
        "organisation": "northmere-council",
        "role": "practitioner",
        "purpose": "school_from_ta",
        "agreement_id": "sample-school_from_ta",
    }
    with pytest.raises(NotPossible, match=says):
        make_token(LEAD, Wanted(**{**usual, **change}))
    assert not ApiToken.objects.exists()


def test_a_name_is_one_system_and_no_humans(published, user_of):
    make_machine()
    with pytest.raises(NotPossible, match="another role"):
        make_machine(role="placement_officer")
    User.objects.create(username="system-taken", role="practitioner", organisation="northmere-council")
    with pytest.raises(NotPossible, match="another role"):
        make_machine("taken")


def test_making_and_revoking_are_in_the_record_and_a_new_system_leaves_a_task(published):
    machine = make_machine()
    make_machine()
    with known_asker():
        assert SafetyTask.objects.filter(kind="account_widened").count() == 1
    revoke_system_token(LEAD, machine.token_id)
    what = [entry.details["what"] for entry in ENTRIES.filter(kind="account_changed").order_by("pk")]
    assert what == ["system token made", "system token made", "system token revoked"]
    assert seen(machine) == 401
    with pytest.raises(NotPossible):
        revoke_system_token(LEAD, machine.token_id)
    states = [(one.system, one.state) for one in list_system_tokens(timezone.now())]
    assert states == [("system-northmere-housing", "holds"), ("system-northmere-housing", "revoked")]


class Manager:
    """Whoever leads a team of the organisation."""

    username, organisation, role, purpose, reference, page = "test-practitioner", "", "practitioner", "", "", "systems"


def test_whoever_leads_a_team_renews_and_revokes_what_is_their_organisations(published, user_of):
    machine, elsewhere = make_machine(), make_machine("harbour-desk", role="advocate", purpose="victim_response")
    with as_pages(), asking_as("test-practitioner", ""):
        assert list_system_tokens(timezone.now()) == []  # leads no team yet
    put_in_team(machine)
    with as_pages(), asking_as("test-practitioner", ""):
        assert [one.id for one in list_system_tokens(timezone.now())] == [machine.token_id]
        token, made = renew_system_token(Manager, machine.token_id)
        revoke_system_token(Manager, machine.token_id)
        for step in (renew_system_token, revoke_system_token):
            with pytest.raises(NotPossible):
                step(Manager, elsewhere.token_id)
    assert seen(machine) == 401
    machine.token = token
    assert seen(machine) == 200
    old, new = ApiToken.objects.get(pk=machine.token_id), ApiToken.objects.get(pk=made)
    assert (old.revoked_by, new.made_by) == ("test-practitioner", "test-practitioner")
    assert (new.purpose, new.agreement_id, new.networks) == (old.purpose, old.agreement_id, old.networks)


def test_a_revoked_token_is_not_renewed(published, user_of):
    machine = make_machine()
    put_in_team(machine)
    revoke_system_token(LEAD, machine.token_id)
    with as_pages(), asking_as("test-practitioner", ""), pytest.raises(NotPossible):
        renew_system_token(Manager, machine.token_id)


@pytest.mark.parametrize(
    "change",
    [
        {"purpose": "court_readiness", "agreement_id": "sample-court_readiness"},
        {"networks": []},
        {"per_minute": 6000},
        {"made_by": "somebody else"},
        {"expires_at": dt.timedelta(days=120)},
    ],
)
def test_the_database_lets_no_page_make_a_token_that_is_bound_otherwise(published, user_of, change):
    machine = make_machine(networks=("198.51.100.0/24",))
    put_in_team(machine)
    row = row_of(machine)
    values = {
        "user_id": row.user_id,
        "digest": "d" * 64,
        "purpose": row.purpose,
        "agreement_id": row.agreement_id,
        "networks": row.networks,
        "per_minute": row.per_minute,
        "made_by": "test-practitioner",
        "expires_at": timezone.now() + dt.timedelta(days=80),
    }
    changed = {**values, **change}
    if isinstance(changed["expires_at"], dt.timedelta):
        changed["expires_at"] = timezone.now() + changed["expires_at"]
    with as_pages(), asking_as("test-practitioner", ""):
        with connection.cursor() as cursor:
            cursor.execute("select set_config('braid.token_digest', %s, true)", ["d" * 64])
        with pytest.raises(DatabaseError, match="policy"), transaction.atomic():
            ApiToken.objects.create(**changed)
        ApiToken.objects.create(**values)


def test_a_page_reads_no_token_but_the_one_that_is_shown_to_it(published):
    make_machine()
    with as_pages(), connection.cursor() as cursor:
        cursor.execute("select count(*) from braid_apitoken")
        assert cursor.fetchone() == (0,)


def test_what_the_sample_opens_is_what_the_narrow_one_leaves_out():
    assert {"identity", "waits.school_place"} < CHILD_ITEMS
