"""The two identities of an adoption on the pages: the one before is absent for everybody, the one since is not, and
nothing that anybody gets leads from one to the other."""

import datetime as dt

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from published_sample import REFERENCE, as_pages
from sample_agreements import sample_agreements
from sample_run import (
    CHILD,
    ONE_WAIT,
    _blocker,
    _cohort,
    _involve,
    _person,
    _wait,
    person_id,
    sample_tables,
    write_run,
    write_sample_place,
)
from vault_sample import confirm_session, has_factor, read_as_pages

from braid.trust.overlay import Exclusion
from braid.trust.roles import PURPOSES, ROLES, Reach
from braid.web.access import NotThere, get_people, get_person, list_people
from braid.web.access.context import asking_as
from braid.web.access.correspondents import get_correspondents
from braid.web.access.decisions import decisions_on
from braid.web.access.projections import PeopleFilter, Viewer
from braid.web.access.sight import looking
from braid.web.enforcement import enforce
from braid.web.models import Barred, Blocker, BreakGlass, EmergencyApproval, PersonAlias, PersonWait, SealedPerson
from braid.web.overlay.entries import add_entry
from braid.web.publish import publish
from braid.web.refusals import NotPublishable
from braid.web.vault.reading import VaultNotReadable
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db
BEFORE, MIDDLE = person_id(950), person_id(951)
PURPOSE = "school_from_ta"


def _tables(*, sealed: bool = True):
    """CHILD since an adoption, and who they were before: at worst in one household, with a blocker between them."""
    tables = sample_tables(4)
    _person(tables, BEFORE, "Zed", "Before", dt.date(2015, 3, 2), "E08990001", protected=True, household="home-1")
    _wait(tables, BEFORE, "in_year_admission", 400)
    _wait(tables, BEFORE, "care_proceedings", 401)
    stay = _wait(tables, BEFORE, "temporary_accommodation", 402)
    _wait(tables, BEFORE, "register", 403)
    _involve(tables, BEFORE, "northmere-council", "Housing register", "normal", "", "")
    for purpose in PURPOSES:
        _cohort(tables, BEFORE, purpose)
    held = next(row["wait_id"] for row in tables["person_wait"] if row["person_id"] == CHILD)
    _blocker(tables, CHILD, PURPOSE, "held_by_a_wait", held, stay, "normal")
    _blocker(tables, CHILD, PURPOSE, "held_by_an_event", held, None, "normal")
    for row in tables["blocker"][-2:]:
        row["holder_person_id"] = BEFORE
    if sealed:
        sides = ((BEFORE, "pre_adoptive"), (CHILD, "adoptive"))
        tables["sealed_person"] = [{"person_id": who, "side": side} for who, side in sides]
    return tables


@pytest.fixture(scope="module")
def place_and_runs(tmp_path_factory):
    place, _ = write_sample_place(tmp_path_factory.mktemp("adopted"))
    return (
        place,
        write_run(place, "2026-11-15-open", _tables(sealed=False)),
        write_run(place, "2026-11-15-s", _tables()),
    )


@pytest.fixture
def place(place_and_runs, db, user_of):
    for role in ROLES:
        user_of(role)
    return place_and_runs[0]


@pytest.fixture
def sealed(place, place_and_runs):
    summary = publish(place_and_runs[2], place)
    enforce(sample_agreements())
    return summary


ASKED = [(code, purpose) for code, role in ROLES.items() for purpose in sorted(role.purposes)]


def _viewer(role: str, purpose: str) -> Viewer:
    return Viewer(f"test-{role}", role, purpose, REFERENCE, "test")


def _grant(role: str, purpose: str) -> None:
    """The widest emergency access to the first identity."""
    now = timezone.now()
    items = ["identity", "district", "blockers", "involvements", "contacts", "vault.address"]
    with known_asker():
        grant = BreakGlass.objects.create(
            username=f"test-{role}",
            person_id=BEFORE,
            purpose=purpose,
            reason="missing_person",
            reference="INC-1",
            colleague="another",
            items=items,
            live_from=now - dt.timedelta(hours=1),
            live_to=now + dt.timedelta(hours=3),
            review_due_at=now,
        )
        EmergencyApproval.objects.create(break_glass=grant, asked_by=grant.username, approved_by="second")


@pytest.mark.parametrize(("role", "purpose"), [one for one in ASKED if ROLES[one[0]].reach is not Reach.CASE])
def test_before_the_seal_the_identity_is_seen_by_whoever_may(role, purpose, place, place_and_runs, client_of):
    """Of the same run without its seals: what the other tests find absent would be there."""
    publish(place_and_runs[1], place)
    enforce(sample_agreements())
    assert client_of(role, purpose).get(f"/people/{BEFORE}/").status_code == 200


@pytest.mark.parametrize(("role", "purpose"), ASKED)
def test_the_identity_before_an_adoption_is_absent_for_everybody_on_every_answer(role, purpose, sealed, client_of):
    _grant(role, purpose)
    client, told = client_of(role, purpose), {"X-Purpose": purpose, "X-Reference": REFERENCE}
    for route in ("/people/{}/", "/people/{}/message/", "/people/{}/contact/", "/api/v1/people/{}"):
        hidden, absent = (client.get(route.format(who), headers=told) for who in (BEFORE, "0" * 32))
        assert (hidden.status_code, hidden.content) == (404, absent.content), route
    for route in ("/people/", "/people/?sort=blockers", f"/people/?q={BEFORE}", "/api/v1/people"):
        answer = client.get(route, headers=told)
        assert answer.status_code == 200 and BEFORE.encode() not in answer.content, route
        assert b"Zed" not in answer.content and b"402" not in answer.content, route
    listed = list_people(_viewer(role, purpose))
    assert BEFORE not in str(listed)
    with pytest.raises(NotThere):
        get_person(_viewer(role, purpose), BEFORE)


def test_the_policies_alone_keep_the_identity_from_the_pages(sealed):
    for role, purpose in ASKED:
        _grant(role, purpose)
        with as_pages(), asking_as(f"test-{role}", purpose):
            assert not PersonWait.objects.filter(person_id=BEFORE).exists(), role
            assert not Blocker.objects.filter(holder_person_id=BEFORE).exists(), role


def test_the_identity_since_the_adoption_is_seen_without_a_trace_of_the_other(sealed, client_of):
    client = client_of("analyst", PURPOSE)
    for answer in (client.get(f"/people/{CHILD}/"), client.get("/people/"), client.get(f"/people/{CHILD}/message/")):
        assert answer.status_code == 200
        assert BEFORE.encode() not in answer.content and b"Zed" not in answer.content
    seen = get_person(_viewer("analyst", PURPOSE), CHILD)
    assert seen.waits and not {"held_by_a_wait", "held_by_an_event"} & {one.rule_id for one in seen.blockers}
    assert any(person.person_id == CHILD for person in get_people(_viewer("analyst", PURPOSE), PeopleFilter()).people)
    with looking(_viewer("analyst", PURPOSE)) as sight:
        assert set(get_correspondents(sight, CHILD).people) == {CHILD, ONE_WAIT}


def test_no_location_of_a_sealed_identity_leaves_the_vault(sealed, client_of, user_of):
    has_factor(user_of("advocate"))
    _grant("advocate", "victim_response")
    client = confirm_session(client_of("advocate", "victim_response"))
    assert client.get(f"/people/{BEFORE}/location/address/").status_code == 404
    with pytest.raises(VaultNotReadable):
        read_as_pages(BEFORE, "vault.address")


def test_the_decision_is_told_of_the_seal(sealed):
    with looking(_viewer("analyst", PURPOSE)) as sight:
        decisions = decisions_on(sight, [BEFORE, CHILD])
        assert {who: subject.sealed for who, subject in decisions.subjects.items()} == {BEFORE: True, CHILD: False}
        assert decisions.on(BEFORE, "waits.school_place", "northmere-council", "normal").reason == "sealed"


def test_no_page_reads_the_list_itself(sealed):
    refused = pytest.raises(DatabaseError, match="permission denied")
    with as_pages(), known_asker(), refused, transaction.atomic():
        connection.cursor().execute("select * from braid_sealedperson")


def test_a_seal_in_a_set_published_before_there_were_any_closes_at_the_next_start(place, place_and_runs):
    publish(place_and_runs[2], place)
    with known_asker():
        SealedPerson.objects.all().delete()
    assert publish(place_and_runs[2], place).changed
    with known_asker():
        assert set(SealedPerson.objects.values_list("person_id", flat=True)) == {BEFORE}
    assert not publish(place_and_runs[2], place).changed


def test_a_run_that_does_not_know_the_seals_of_its_place_is_not_published(place, place_and_runs):
    listed = place.folder / "restricted" / "sealed.csv"
    listed.parent.mkdir(exist_ok=True)
    listed.write_text("seal,side,feed,partner_record_id\n", encoding="utf-8")
    try:
        with pytest.raises(NotPublishable, match="sealed people"):
            publish(place_and_runs[1], place)
    finally:
        listed.unlink()


def test_no_entry_spreads_from_one_identity_to_the_other_by_an_id_that_was_merged(
    sealed, place, place_and_runs, user_of
):
    with known_asker():
        PersonAlias.objects.bulk_create(
            [PersonAlias(person_id=BEFORE, other_id=MIDDLE), PersonAlias(person_id=MIDDLE, other_id=CHILD)]
        )
        SealedPerson.objects.all().delete()
    publish(place_and_runs[2], place)
    with known_asker():
        add_entry(user_of("ig_lead"), Exclusion(BEFORE, "relative", "x", timezone.now(), barred_user="test-analyst"))
        reached = set(Barred.objects.values_list("person_id", flat=True))
    assert CHILD not in reached and {BEFORE, MIDDLE} <= reached
