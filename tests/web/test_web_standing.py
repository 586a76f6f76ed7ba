"""What a second human sees before they confirm, and how what was entered ends: refused, withdrawn, or unreadable."""

import datetime as dt
import re

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone
from outbox_sample import put_about
from published_sample import ENTRIES, REFERENCE, as_pages
from sample_run import CHILD, VICTIM
from test_web_outbox import PRACTITIONER, place, row, send, spool, write
from vault_sample import confirm_session, has_factor, query

from braid.language.steps import NotPossible
from braid.store.signing_key import open_key
from braid.web.access.context import asking_as
from braid.web.access.projections import Viewer
from braid.web.access.sight import looking
from braid.web.audit_check import verify
from braid.web.models import ContactRelease, SafeContact, SafetyTask, User
from braid.web.outbound.resealing import forget_outbound
from braid.web.outbound.safe_contacts import (
    add_release,
    add_safe_contact,
    confirm_kept,
    load_releases,
    load_safe_contacts,
    refuse_kept,
    withdraw_kept,
)
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db

__all__ = ["place", "spool"]
ADVOCATE = Viewer("test-advocate", "advocate", "victim_response", REFERENCE, "contact")
POINTS = ["07700 900123", "66 Elsewhere Road, Northmere, QB97 1ZZ"]


@pytest.fixture
def lead(published, client_of, user_of):
    """The lead, signed in, who confirmed with the second factor a second ago."""
    has_factor(user_of("ig_lead"))
    return confirm_session(client_of("ig_lead"))


def enter(person: str = CHILD, points=POINTS, channels=("sms", "letter"), hours=(9, 17)) -> int:
    viewer = PRACTITIONER if person == CHILD else ADVOCATE
    with as_pages(), looking(viewer):
        return add_safe_contact(viewer, person, channels, points, hours).pk


def enter_release(days: int = 30) -> int:
    with as_pages(), looking(PRACTITIONER):
        until = timezone.now() + dt.timedelta(days=days)
        return add_release(PRACTITIONER, CHILD, "school", "organisation", "southwick-council", until).pk


def seen_on(page: str) -> str:
    return re.search(r'name="seen" value="([0-9a-f]{64})"', page)[1]


def act(function, user: User, kind: str, number: int) -> None:
    with as_pages(), asking_as(user.username, "school_from_ta"):
        function(user, kind, number)


def rules(protected=()) -> dict:
    with known_asker():
        return load_safe_contacts([CHILD], set(protected))


def entries(kind: str) -> list[tuple]:
    return list(ENTRIES.filter(kind=kind).order_by("pk").values_list("username", "person_id", "details"))


# What the second human sees


def test_the_lead_sees_what_a_release_releases_to_whom_and_until_when(lead):
    number = enter_release()
    page = lead.get("/tasks/").content.decode()
    last = timezone.localdate() + dt.timedelta(days=30)
    assert f"Release {number}: school to" in page and "organisation southwick-council" in page
    assert f"{last.day} {last:%B %Y}" in page and CHILD in page
    assert lead.post("/tasks/", {"step": "confirm_release", "id": number}).status_code == 400
    assert lead.post("/tasks/", {"step": "confirm_release", "id": number, "seen": "0" * 64}).status_code == 400
    assert lead.post("/tasks/", {"step": "confirm_release", "id": number, "seen": seen_on(page)}).status_code == 302
    with known_asker():
        assert [one.by for one in load_releases([CHILD])] == ["test-ig_lead"]
    assert entries("changed")[-1] == ("test-ig_lead", CHILD, {"what": f"confirmed release {number}"})


def test_what_changed_since_it_was_shown_is_not_confirmed(lead):
    number = enter_release()
    seen = seen_on(lead.get("/tasks/").content.decode())
    with known_asker():
        ContactRelease.objects.filter(pk=number).update(location_kind="address")
    answer = lead.post("/tasks/", {"step": "confirm_release", "id": number, "seen": seen})
    assert answer.status_code == 400 and "no longer what was shown" in answer.content.decode()


def test_contact_points_are_shown_after_the_second_factor_and_that_is_recorded(lead, tmp_path):
    number = enter()
    listed = lead.get("/tasks/").content.decode()
    assert f"/tasks/contacts/{number}/" in listed and not any(point in listed for point in POINTS)
    assert lead.post("/tasks/", {"step": "confirm_contact", "id": number}).status_code == 400, "not unseen"
    shown = lead.get(f"/tasks/contacts/{number}/")
    page = shown.content.decode()
    assert shown.status_code == 200 and all(point in page for point in POINTS)
    assert "Text message" in page and "From 9:00 until 17:00" in page
    entry = ENTRIES.get(kind="vault_read")
    assert (entry.username, entry.person_id, entry.item_classes) == ("test-ig_lead", CHILD, "safe_contact")
    assert query("select username, person_id, item, permitted from vault.call") == [
        ("test-ig_lead", CHILD, "safe_contact", True)
    ]
    assert lead.post(f"/tasks/contacts/{number}/", {"seen": "0" * 64}).status_code == 400
    assert lead.post(f"/tasks/contacts/{number}/", {}).status_code == 400
    assert rules()[CHILD].is_confirmed is False
    assert lead.post(f"/tasks/contacts/{number}/", {"seen": seen_on(page)}).status_code == 302
    assert rules()[CHILD].is_confirmed
    assert lead.get(f"/tasks/contacts/{number}/").status_code == 404, "it opens to confirm it, and for nothing else"
    report = verify(connection.connection, open_key(tmp_path / "key", "log").public())
    assert report.misfits == [] and report.vault_calls == ENTRIES.filter(kind="vault_read").count() > 1


def test_without_a_second_factor_of_the_last_five_minutes_no_point_is_shown(lead):
    number = enter()
    for seconds, assurance in ((301, 2), (1, 1)):
        confirm_session(lead, seconds, assurance)
        for answer in (lead.get(f"/tasks/contacts/{number}/"), lead.post(f"/tasks/contacts/{number}/", {"seen": "x"})):
            assert answer.status_code == 302 and answer["Location"].startswith("/confirm/?next=%2Ftasks%2Fcontacts")
    assert query("select count(*) from vault.call") == [(0,)]
    assert set(ENTRIES.filter(reason="step_up").values_list("kind", "item_classes")) == {("refused", "safe_contact")}


def test_a_safe_contact_that_does_not_open_is_withheld_and_leaves_a_task(lead):
    number = enter()
    with known_asker():
        SafeContact.objects.filter(pk=number).update(sealed=b"broken")
    answer = lead.get(f"/tasks/contacts/{number}/")
    assert answer.status_code == 503 and "Withheld" in answer.content.decode()
    assert lead.post(f"/tasks/contacts/{number}/", {"seen": ""}).status_code == 400
    with known_asker():
        assert list(SafetyTask.objects.values_list("kind", "subject_id")) == [("safe_contact_unreadable", CHILD)]


CALL = "select sealed from vault.read_contact({0})"


@pytest.mark.parametrize("role", ["practitioner", "analyst", "advocate", "board_member"])
def test_an_injected_query_of_another_role_gets_no_contact_and_leaves_its_row(role, published):
    number = enter()
    with as_pages(), asking_as(f"test-{role}", "school_from_ta"), connection.cursor() as cursor:
        cursor.execute(CALL.format(number))
        assert cursor.fetchall() == []
    assert query("select username, permitted from vault.call") == [(f"test-{role}", False)]


def test_one_statement_gets_one_contact_and_the_table_gives_no_bytes(published):
    first, second = enter(), enter()
    for statement in (
        f"{CALL.format(first)} union all {CALL.format(second)}",
        "select sealed from braid_safecontact",
        f"select * from braid_contact_to_confirm({first})",
        "select digest from braid_safecontactdigest",
    ):
        with (
            as_pages(),
            asking_as("test-ig_lead", ""),
            connection.cursor() as cursor,
            pytest.raises(DatabaseError),
            transaction.atomic(),
        ):
            cursor.execute(statement)


# Refused and withdrawn


def test_either_human_refuses_what_waits_once(lead, user_of):
    for by in ("ig_lead", "practitioner"):
        for kind, number in (("contact", enter()), ("release", enter_release())):
            act(refuse_kept, user_of(by), kind, number)
            for again in (refuse_kept, withdraw_kept, confirm_kept):
                with pytest.raises(NotPossible):
                    act(again, user_of("ig_lead"), kind, number)
    assert rules() == {}, "it is as if it had not been entered"
    said = [one for one in entries("changed") if one[2]["what"].startswith("refused")]
    assert len(said) == 4 and {one[0] for one in said} == {"test-ig_lead", "test-practitioner"}
    page = lead.get("/tasks/").content.decode()
    assert "Nothing waits" in page and "Nothing is in force" in page


@pytest.mark.parametrize("role", ["analyst", "advocate", "placement_officer"])
def test_nobody_else_refuses_or_withdraws(role, lead, user_of):
    waiting, held = enter(), enter()
    release = enter_release()
    act(confirm_kept, user_of("ig_lead"), "contact", held)
    act(confirm_kept, user_of("ig_lead"), "release", release)
    for function, kind, number in (
        (refuse_kept, "contact", waiting),
        (withdraw_kept, "contact", held),
        (withdraw_kept, "release", release),
    ):
        with pytest.raises(NotPossible):
            act(function, user_of(role), kind, number)


def test_a_withdrawn_release_opens_nothing_any_more(lead, user_of):
    number = enter_release()
    act(confirm_kept, user_of("ig_lead"), "release", number)
    assert "Confirmed and in force" in lead.get("/tasks/").content.decode()
    assert lead.post("/tasks/", {"step": "withdraw_release", "id": number}).status_code == 302
    with known_asker():
        assert load_releases([CHILD]) == ()
    assert entries("changed")[-1] == ("test-ig_lead", CHILD, {"what": f"withdrawn release {number}"})


@pytest.mark.parametrize("by", ["test-practitioner", "test-colleague", "test-ig_lead"])
def test_whose_safe_contact_is_withdrawn_is_not_reached_until_a_new_one_is_confirmed(by, place, spool, user_of):
    """Not at the older one, nor where the run has them, nor by what one human enters next."""
    values = {"role": "practitioner", "organisation": user_of("practitioner").organisation}
    User.objects.create(username="test-colleague", **values)
    lead = user_of("ig_lead")
    for points in (["1 Older Road, Northmere"], POINTS):
        act(confirm_kept, lead, "contact", enter(points=points, hours=(0, 24)))
    with known_asker():
        newest = SafeContact.objects.order_by("pk").last().pk
    act(withdraw_kept, User.objects.get(username=by), "contact", newest)
    kept = rules()[CHILD]
    assert kept.contacts == () and not kept.rule.channels and kept.is_confirmed
    enter(hours=(0, 24))
    message_id = write(recipients=(("person", CHILD),))
    assert send(place) == {"refused": 1} and spool() == []
    assert set(row(message_id).refused_reasons) == {"unknown_recipient", "unsafe_contact"}
    act(confirm_kept, lead, "contact", enter(hours=(0, 24)))
    write(recipients=(("person", CHILD),))
    assert send(place) == {"sent": 1}


def test_the_page_of_a_person_shows_what_ones_role_entered_and_ends_it(lead, client_of, user_of):
    number, release = enter(), enter_release()
    act(confirm_kept, user_of("ig_lead"), "release", release)
    practitioner = client_of("practitioner", "school_from_ta")
    page = practitioner.get(f"/people/{CHILD}/contact/").content.decode()
    assert f"Safe contact {number}" in page and f"Release {release}: school to" in page
    assert "not reached until a new one is entered and confirmed" in page and POINTS[0] not in page
    analyst = client_of("analyst", "school_from_ta").get(f"/people/{CHILD}/contact/").content.decode()
    assert f"Safe contact {number}" not in analyst and "Nothing is in force or waits" in analyst
    route = f"/people/{CHILD}/contact/"
    assert practitioner.post(route, {"kind": "withdraw_contact", "id": number}).status_code == 400
    assert practitioner.post(route, {"kind": "refuse_contact", "id": number}).status_code == 302
    assert practitioner.post(route, {"kind": "withdraw_release", "id": release}).status_code == 302
    last = ENTRIES.filter(kind="changed").order_by("pk").last()
    assert (last.details["what"], last.reference) == (f"withdrawn release {release}", REFERENCE)


STEPS = (
    # what the owner of the tables cannot do either: confirm twice, unconfirm, confirm or change what ended, end wrongly
    ("held", {"second_by": "third"}),
    ("held", {"second_by": "", "ended_how": "refused", "ended_by": "x", "ended_at": "now"}),
    ("held", {"ended_how": "refused", "ended_by": "x", "ended_at": "now"}),
    ("waiting", {"ended_how": "withdrawn", "ended_by": "x", "ended_at": "now"}),
    ("waiting", {"second_by": "third", "ended_how": "withdrawn", "ended_by": "x", "ended_at": "now"}),
    ("waiting", {"ended_how": "refused"}),
    ("ended", {"ended_how": "", "ended_by": "", "ended_at": None}),
    ("ended", {"second_by": "third"}),
)


@pytest.mark.parametrize("model", [SafeContact, ContactRelease])
@pytest.mark.parametrize(("state", "step"), STEPS)
def test_the_database_itself_keeps_the_order_of_steps(state, step, model, published):
    about = put_about(CHILD)
    numbers = {SafeContact: (about.held_contact, about.contact), ContactRelease: (about.held_release, about.release)}
    number = numbers[model][state != "held"]
    with known_asker():
        rows, now = model.objects.filter(pk=number), timezone.now()
        if state == "ended":
            rows.update(ended_how="refused", ended_by="x", ended_at=now)
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**{name: now if value == "now" else value for name, value in step.items()})


# Where the key is lost


def test_a_rule_that_nobody_can_read_any_more_goes_on_withholding(place, spool, user_of):
    """Of somebody who is not protected, whom the run could reach."""
    act(confirm_kept, user_of("ig_lead"), "contact", enter(points=["07700 900123"], hours=(0, 24)))
    with known_asker(), transaction.atomic():
        forget_outbound()
        assert SafeContact.objects.count() == 1, "that there is a rule stays known"
    with known_asker():
        assert list(SafetyTask.objects.values_list("kind", "subject_id")) == [("safe_contact_unreadable", CHILD)]
    kept = rules()[CHILD]
    assert not kept.is_readable and kept.contacts == ()
    message_id = write(recipients=(("person", CHILD),))
    assert send(place) == {"refused": 1} and spool() == []
    assert "lookup_failed" in row(message_id).refused_reasons
    act(confirm_kept, user_of("ig_lead"), "contact", enter(hours=(0, 24)))
    write(recipients=(("person", CHILD),))
    assert send(place) == {"sent": 1}, "entered and confirmed again"


def test_of_a_protected_person_too(published):
    enter(VICTIM)
    with known_asker(), transaction.atomic():
        forget_outbound()
        assert load_safe_contacts([VICTIM], {VICTIM}) == {}, "no rule: a protected person is not reached"
        assert not load_safe_contacts([VICTIM], set())[VICTIM].is_readable
