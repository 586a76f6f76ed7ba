"""Marks beside what is said to be wrong, letters to whoever asked, words of closed cases, and requests by command."""

import datetime as dt

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from joint_sample import put_joint
from published_sample import ENTRIES, as_pages
from rights_desk import Desk, lead
from sample_run import CHILD, VICTIM

from braid.language.dates import london_date
from braid.language.steps import NotPossible
from braid.web.access.context import asking_as
from braid.web.acting import Actor
from braid.web.models import (
    AgencyNote,
    CareAction,
    JointCase,
    LegalHold,
    Meeting,
    PersonWait,
    PublishedRun,
    RightsItem,
    RightsRequest,
)
from braid.web.rights import commands, sweeping
from braid.web.rights.sealed_lines import open_lines
from braid.web.vault.keys import get_key_ring
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db
MARK = "Said to be wrong"
LETTER = "LETTER-TO-WHOEVER-ASKED: we give you what is held, but for what is about somebody else."


@pytest.fixture
def desk(published, sample):
    """Two leads over the sample's place."""
    return Desk(sample[0], lead("lead-one"), lead("lead-two"))


def wrong(desk: Desk, person: str, source: str, shown: bool = True) -> str:
    """Keep through the page that a record is wrong; return the id of the request."""
    today = london_date(timezone.now()).isoformat()
    form = {"kind": "rectification", "subject_id": person, "asker": "self", "received_on": today, "source": source}
    form |= {"shown_on": today if shown else "", "words": "CANARY of what is wrong"}
    sent = {f"wish-{name}": value for name, value in form.items()}
    assert desk.one.post("/rights/", {"form": "wish", **sent}).status_code == 302
    with known_asker():
        return str(RightsRequest.objects.order_by("opened_at").last().pk)


def provider_of(person: str) -> str:
    """An organisation of a wait that everybody of the sample's practitioners sees."""
    with known_asker():
        return PersonWait.objects.filter(person=person).exclude(provider="").order_by("wait_id").first().provider


def page_of(client_of, person: str = CHILD) -> str:
    return client_of("practitioner", "school_from_ta").get(f"/people/{person}/").content.decode()


def test_what_is_said_to_be_wrong_is_marked_until_its_source_corrected_it(desk, client_of):
    source = provider_of(CHILD)
    assert MARK not in page_of(client_of)
    request_id = wrong(desk, CHILD, source)
    page = page_of(client_of)
    with known_asker():
        count = PersonWait.objects.filter(person=CHILD, provider=source).count()
    assert 0 < page.count(MARK) <= count and "CANARY" not in page and desk.row(request_id).reference not in page
    desk.step(request_id, "send")
    assert MARK in page_of(client_of)
    desk.step(request_id, "answer", reason="corrected")
    today = london_date(timezone.now())
    with known_asker():
        PublishedRun.objects.update(as_of_date=today)
    assert MARK in page_of(client_of), "an extract of that day need not have it yet"
    with known_asker():
        PublishedRun.objects.update(as_of_date=today + dt.timedelta(days=1))
    assert MARK not in page_of(client_of)


@pytest.mark.parametrize("end", ["refused", "closed", "another source", "not shown"])
def test_nothing_is_marked_that_nobody_may_say_or_that_is_right(desk, client_of, end):
    source = "vale-crown-court" if end == "another source" else provider_of(CHILD)
    request_id = wrong(desk, CHILD, source, shown=end != "not shown")
    if end == "refused":
        desk.step(request_id, "send")
        desk.step(request_id, "answer", reason="refused")
    elif end == "closed":
        desk.step(request_id, "close", reason="withdrawn")
    if end == "another source":
        with known_asker():
            assert not PersonWait.objects.filter(person=CHILD, provider=source).exists()
    assert MARK not in page_of(client_of)


def test_who_does_not_see_a_wait_is_not_told_that_it_is_said_to_be_wrong(published, user_of):
    for role in ("advocate", "practitioner", "board_member"):
        user_of(role)
    with known_asker():
        today = london_date(timezone.now())
        row = RightsRequest(
            kind="rectification", reference="RR-1", subject_id=VICTIM, asker="self", received_on=today, shown_on=today,
            source=provider_of(VICTIM), state="asked", handled_by="lead-one",
        )  # fmt: skip
        RightsRequest.objects.append_one(row)
    asked = ("braid_disputed_waits", "braid_said_to_be_wrong")
    for username, purpose, found in (
        ("test-advocate", "victim_response", True),
        ("test-practitioner", "school_from_ta", False),
        ("test-board_member", "school_from_ta", False),
        ("", "school_from_ta", False),
    ):
        with as_pages(), asking_as(username, purpose), connection.cursor() as cursor:
            for name in asked:
                cursor.execute(f"select {name}(%s)", [VICTIM])
                assert bool(cursor.fetchall()) is found, (username, name)


# Letters.


def tell(desk: Desk, request_id: str, words: str = LETTER, about: str = "decided", client=None):
    form = {"step": "tell", "about": about, "words": words, "version": str(desk.row(request_id).version)}
    return (client or desk.one).post(f"/rights/{request_id}/", form)


def test_what_was_decided_is_told_in_a_letter_that_rests_sealed_and_stands_on_the_record(desk):
    request_id = desk.open(CHILD)
    desk.work()
    assert tell(desk, request_id).status_code == 302
    with known_asker(), connection.cursor() as cursor:
        cursor.execute("select string_agg(i::text, ' ') from braid_rightsitem i")
        assert "LETTER-TO-WHOEVER" not in cursor.fetchone()[0]
        item = RightsItem.objects.get(kind="letter")
        assert [line.words for line in open_lines(get_key_ring(), item)] == [LETTER]
    page = desk.one.get(f"/rights/{request_id}/").content.decode()
    assert "Letters to whoever asked" in page and "Told in a letter" in page and "LETTER-TO-WHOEVER" not in page
    assert "LETTER-TO-WHOEVER" in desk.one.get(f"/rights/{request_id}/items/{item.position}/").content.decode()
    assert ENTRIES.filter(details__what="rights request tell").last().details["reason"] == "decided"
    assert "LETTER-TO-WHOEVER" not in desk.one.get(f"/rights/{request_id}/pack/").content.decode(), (
        "no part of the pack"
    )


def test_a_letter_is_kept_when_it_is_gathered_again_and_of_a_request_that_ended(desk):
    request_id = desk.open(CHILD)
    desk.work()
    tell(desk, request_id, about="extended")
    desk.step(request_id, "again")
    desk.work()
    desk.step(request_id, "close", reason="withdrawn")
    assert tell(desk, request_id, about="ended").status_code == 302
    with known_asker():
        kept = RightsItem.objects.filter(kind="letter").order_by("position").values_list("position", flat=True)
        assert list(kept) == [100_001, 100_002]


@pytest.mark.parametrize(
    ("words", "about", "says"),
    [
        ("", "decided", "Enter the words"),
        ("x" * 4001, "decided", "4000 characters"),
        (LETTER, "everything", "Choose what the letter tells"),
        ("They live at NX1 4QT now.", "decided", "Leave out"),
        ("Call 07700 900123.", "decided", "Leave out"),
    ],
)
def test_a_letter_that_would_tell_where_somebody_is_or_nothing_is_not_kept(desk, words, about, says):
    request_id = desk.open(CHILD)
    answer = tell(desk, request_id, words, about)
    assert answer.status_code == 400 and says in answer.content.decode()
    with known_asker():
        assert not RightsItem.objects.filter(kind="letter").exists()


def test_nobody_writes_but_whoever_handles_it(desk):
    request_id = desk.open(CHILD)
    assert tell(desk, request_id, client=desk.two).status_code == 400
    with as_pages(), asking_as("lead-two", ""), pytest.raises(DatabaseError), transaction.atomic():
        RightsItem.objects.append_one(
            RightsItem(
                request_id=request_id, position=9, kind="letter", title="x", line_count=1, locked_count=0,
                decided_by="lead-two",
            )
        )  # fmt: skip


# Words of closed cases.


def test_words_of_a_case_go_six_years_after_it_closed_agreed_minutes_among_them(published, user_of):
    user_of("practitioner")
    joint = put_joint(CHILD, "test-practitioner")
    with known_asker():
        LegalHold.objects.all().delete()
        Meeting.objects.filter(items__notes__isnull=False).update(state="agreed", agreed_at=timezone.now())
        notes = AgencyNote.objects.exclude(words=sweeping.GONE)
        assert notes.exists() and CareAction.objects.filter(case=joint.case).exists()
        cases = JointCase.objects.all()
        cases.update(state="closed", outcome="done", closed_at=timezone.now() - dt.timedelta(days=2190))
    assert swept()["case_words"] == 0
    with known_asker():
        cases.update(closed_at=timezone.now() - dt.timedelta(days=2200))
        LegalHold.objects.create(person_id=CHILD, reason="complaint", reference="IG-1", placed_by="somebody")
    assert swept()["case_words"] == 0, "a hold beats the clock"
    with known_asker():
        LegalHold.objects.all().delete()
    assert swept()["case_words"] >= 1
    with known_asker():
        for model, way, column in sweeping._CASE_WORDS:
            left = model.objects.filter(**{f"{way}__in": cases}).values_list(column, flat=True)
            assert set(left) <= {"", sweeping.GONE}, model
        assert CareAction.objects.filter(words=sweeping.GONE).exists()
    assert swept()["case_words"] == 0, "once"
    with known_asker(), pytest.raises(DatabaseError, match="agreed minutes"), transaction.atomic():
        AgencyNote.objects.update(words="something else")


def swept() -> dict[str, int]:
    return {one.rule.code: one.goes for one in sweeping.sweep(timezone.now())}


# By command.


def by(name: str = "lead-one") -> Actor:
    return Actor(name, "vale-authority", "ig_lead", "IG-2026-17", "rights request")


def given(**more: str) -> dict[str, str]:
    today = london_date(timezone.now()).isoformat()
    asked = {"subject_id": CHILD, "asker": "self", "received_on": today, "shown_on": today, "channel": "bundle"}
    return {**asked, **more}


def test_the_verbs_take_the_steps_of_the_pages_with_two_people(desk):
    made = commands.open_one(by(), "access", given())
    reference = made["request"]
    assert made["state"] == "waiting" and desk.work() == 1
    assert [one["request"] for one in commands.list_all(by())] == [reference]
    document = commands.export(by(), reference)
    numbers = [one["item"] for one in document["decided"]]
    for number in numbers:
        left = commands.decide(by(), reference, number, [], "third_party")["undecided"]
    assert numbers and left == 0
    assert commands.take_step(by(), reference, "submit", "", "", "")["state"] == "review"
    with pytest.raises(NotPossible, match="on its page"):
        commands.take_step(by("lead-two"), reference, "approve", "", "", "")
    commands.take_step(by(), reference, "tell", "extended", "", LETTER)
    document = commands.export(by(), reference)
    assert document["state"] == "review" and {one["by"] for one in document["decided"]} == {"lead-one"}
    assert "LETTER" not in str(document) and "Olu" not in str(document)


def test_an_erasure_by_command_takes_a_second_person(desk):
    reference = commands.open_one(by(), "erasure", given(basis="unlawful"))["request"]
    assert commands.take_step(by(), reference, "propose", "", "", "")["state"] == "proposed"
    with pytest.raises(NotPossible):
        commands.take_step(by(), reference, "approve", "", "", "")
    assert commands.take_step(by("lead-two"), reference, "approve", "", "", "")["state"] == "approved"


@pytest.mark.parametrize(
    ("kind", "more", "says"),
    [
        ("access", {"subject_id": "x"}, "Enter an id"),
        ("access", {"channel": "pigeon"}, "channel"),
        ("erasure", {}, "ground in law"),
        ("rectification", {"source": "nobody"}, "source"),
        ("everything", {}, "kind"),
    ],
)
def test_what_is_not_asked_rightly_is_refused_by_the_rules_of_the_form(desk, kind, more, says):
    with pytest.raises(NotPossible, match=says):
        commands.open_one(by(), kind, given(**more))
    with known_asker():
        assert not RightsRequest.objects.exists()


def test_a_lead_who_is_kept_from_somebody_finds_no_request_of_them_by_command_either(desk):
    reference = commands.open_one(by(), "access", given())["request"]
    from braid.web.models import Barred

    with known_asker():
        Barred.objects.create(person_id=CHILD, username="lead-two")
    assert commands.list_all(by("lead-two")) == []
    for act in (commands.export, lambda who, it: commands.take_step(who, it, "take_over", "", "", "")):
        with pytest.raises(NotPossible, match="no request"):
            act(by("lead-two"), reference)
