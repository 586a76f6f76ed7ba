"""Reminders over a real mail server and calendars over a real request: each under its user's own policies, once."""

import dataclasses
import datetime as dt
import email
import re

import icalendar
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from published_sample import ENTRIES, as_pages
from sample_run import VICTIM
from test_care_steps import acting_as, teams  # noqa: F401
from test_web_minutes import hold

from braid.language.dates import LONDON
from braid.language.steps import NotPossible
from braid.outbound import ChannelRefused, Routes
from braid.outbound.model import ChannelUncertain
from braid.store.place_folder import PlaceInvalid
from braid.trust.roles import VICTIM_RESPONSE
from braid.web.accounts import FIRST, close_user, digest_of, renew_user
from braid.web.care import feeds, reminding
from braid.web.care.reminding import remind_due
from braid.web.care.things import list_things
from braid.web.delivering import remind_once
from braid.web.models import (
    AuditEntry,
    CalendarFeed,
    CareAction,
    CaseMember,
    ExclusionEntry,
    MeetingReturn,
    ReminderChoice,
    ReminderSent,
    SafetyTask,
    User,
)
from braid.web.outbound.route_file import Ways
from braid.web.overlay.effects import renew_effects
from braid.web.watch import known_asker
from replays.mail_server import mail_server

pytestmark = pytest.mark.django_db
MORNING = dt.time(9)


def next_working_morning() -> dt.datetime:
    """A Tuesday to come, at nine: two working days lie before it."""
    day = timezone.localdate() + dt.timedelta(days=1)
    while day.weekday() != 1:
        day += dt.timedelta(days=1)
    return dt.datetime.combine(day, MORNING, LONDON)


@pytest.fixture
def post():
    """A mail server on loopback, and the ways that lead to it."""
    with mail_server() as arrived:
        routes = Routes(smtp_host="127.0.0.1", smtp_port=arrived.port, smtp_tls=False)
        yield arrived, Ways(routes, {}, "https://braid.place.example")


@pytest.fixture
def overdue(teams):  # noqa: F811
    """A conference that was held, of which an action of the advocate's team is long overdue."""
    meeting, item = hold()
    with known_asker():
        CareAction.objects.filter(item=item).update(due_on=timezone.localdate() - dt.timedelta(days=20))
    return meeting, item


def give_address(*roles: str) -> None:
    for role in roles:
        User.objects.filter(username=f"test-{role}").update(email=f"{role}@work.example")


def words_of(arrived) -> dict[str, str]:
    """Of each recipient the words that arrived."""
    found: dict[str, str] = {}
    for (recipient,), raw in arrived.mails:
        found[recipient] = found.get(recipient, "") + email.message_from_bytes(raw).get_payload()
    return found


def at(moment: dt.datetime):
    return lambda: moment


def test_whoever_owns_it_is_told_once_in_words_that_name_nobody(overdue, post):
    arrived, ways = post
    give_address("advocate", "coordinator", "responder", "practitioner")
    now = next_working_morning()
    assert remind_due(ways, at(now)) == {"sent": 2}
    told = words_of(arrived)
    reference = overdue[1].case.reference
    assert f"1 action overdue, and risen to you: {reference}." in told["advocate@work.example"]
    assert "On your work list today" in told["advocate@work.example"]
    assert f"1 action overdue, and risen to you: {reference}." in told["coordinator@work.example"]
    for raw in arrived.mails:
        text = raw[1].decode()
        for word in ("Cass", "Example", VICTIM, "marac", "MARAC", "victim", "Go through", "harbour"):
            assert word.lower() not in text.replace("work.example", "").replace("place.example", "").lower(), word
        assert "https://braid.place.example/work-list/" in text and "Subject: Braid: your work list" in text
        assert "Auto-Submitted: auto-generated" in text
    assert remind_due(ways, at(now + dt.timedelta(hours=1))) == {}
    assert len(arrived.mails) == 2
    tomorrow = now + dt.timedelta(days=1)
    assert remind_due(ways, at(tomorrow)) == {"sent": 1}, "the digest of another day, to whom something is to do"
    assert ENTRIES.filter(page="reminders", kind="sent").count() == 3
    assert not ENTRIES.filter(page="reminders").exclude(person_id="").exists()


def test_nothing_is_sent_twice_even_if_it_is_killed_between(overdue, post, monkeypatch):
    arrived, ways = post
    give_address("coordinator")
    now = next_working_morning()

    class Killed(BaseException):
        """As a signal that ends the process."""

    def killed(*_args, **_kwargs):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(reminding, "deliver", killed)
        with pytest.raises(Killed):
            remind_due(ways, at(now))
    assert arrived.mails == [] and set(ReminderSent.objects.values_list("state", flat=True)) == {"claimed"}
    assert remind_due(ways, at(now)) == {}, "it may have left: it is not sent again"
    with monkeypatch.context() as patch:
        ReminderSent.objects.all().delete()
        deliver = reminding.deliver
        patch.setattr(reminding, "deliver", lambda *given: (deliver(*given), killed()))
        with pytest.raises(Killed):
            remind_due(ways, at(now))
    assert len(arrived.mails) == 1
    assert remind_due(ways, at(now)) == {} and len(arrived.mails) == 1


def test_what_the_server_did_not_take_is_tried_again_and_what_it_may_have_is_not(overdue, post):
    arrived, ways = post
    give_address("coordinator")
    now = next_working_morning()
    closed = Ways(Routes(smtp_host="127.0.0.1", smtp_port=9, smtp_tls=False, timeout_seconds=1), {})
    assert remind_due(closed, at(now)) == {"queued": 1} and not ReminderSent.objects.exists()
    arrived.answer = b"451 later"
    assert remind_due(ways, at(now)) == {"put_off": 1} and not ReminderSent.objects.exists()
    arrived.answer = b"550 never"
    assert remind_due(ways, at(now)) == {"refused": 1}
    assert remind_due(ways, at(now)) == {}, "on that day it is not tried again"
    with known_asker():
        (task,) = SafetyTask.objects.filter(kind="reminders_refused")
    assert (task.subject_id, task.owner_role) == ("test-coordinator", "ig_lead")
    arrived.answer = b"250 kept"
    assert remind_due(ways, at(now + dt.timedelta(days=1))) == {"sent": 1}
    assert "risen to you" in words_of(arrived)["coordinator@work.example"], "nothing of it was used up"
    arrived.mails.clear()
    ReminderSent.objects.all().delete()
    arrived.answer = b""
    assert remind_due(ways, at(now)) == {"uncertain": 1}, "it took the words and gave no answer"
    arrived.answer = b"250 kept"
    assert remind_due(ways, at(now)) == {} and arrived.mails == []


@pytest.mark.parametrize(
    "says",
    [
        {"GREETING": b"554 come back tomorrow"},
        {"EHLO": b"250-mail.place.example\r\n250 AUTH PLAIN", "AUTH": b"535 wrong"},
        {"MAIL": b"550 not from here"},
    ],
)
def test_a_server_that_is_at_fault_uses_up_nobodys_reminders(overdue, post, says):
    arrived, ways = post
    give_address("coordinator", "advocate")
    now = next_working_morning()
    arrived.says = says
    routes = dataclasses.replace(ways.routes, smtp_username="u", smtp_password="p") if "AUTH" in says else ways.routes
    assert remind_due(dataclasses.replace(ways, routes=routes), at(now)) == {"queued": 2}
    assert not ReminderSent.objects.exists()
    arrived.says = {}
    assert remind_due(ways, at(now + dt.timedelta(minutes=10))) == {"sent": 2}


def test_full_mailboxes_keep_nobody_else_from_being_reminded(overdue, post):
    arrived, ways = post
    with known_asker():
        for number in range(6):
            User.objects.create(
                username=f"more-{number}", role="coordinator", organisation="vale-authority", email=f"n{number}@b.cc"
            )
    arrived.full, arrived.says = frozenset({"n0@b.cc", "n1@b.cc", "n2@b.cc", "n3@b.cc"}), {"RCPT": b"452 full"}
    assert remind_due(ways, at(next_working_morning())) == {"put_off": 4, "sent": 2}


def test_a_server_that_is_gone_is_asked_for_somebody_else_in_each_round():
    numbers, now = list(range(7)), timezone.now()
    firsts = {
        reminding._from_another(numbers, now + n * dt.timedelta(seconds=reminding.ROUND_SECONDS))[0] for n in numbers
    }
    assert firsts == set(numbers) and reminding._from_another([], now) == []
    assert sorted(reminding._from_another(numbers, now)) == numbers


def test_the_ways_of_the_place_lead_to_the_server_and_the_address_of_the_pages(overdue, post, sample):
    arrived, _ = post
    place, _ = sample
    give_address("coordinator")
    file = place.folder / "outbound.toml"
    smtp = f'[smtp]\nhost = "127.0.0.1"\nport = {arrived.port}\ntls = false\n'
    try:
        file.write_text(f'{smtp}[pages]\naddress = "http://braid.place.example"\n', encoding="utf-8")
        with pytest.raises(PlaceInvalid, match="without https"):
            remind_once(place)
        file.write_text(f'{smtp}[pages]\naddress = "https://braid.place.example/"\n', encoding="utf-8")
        assert remind_once(place) == {"sent": 1}
    finally:
        file.unlink()
    assert "https://braid.place.example/work-list/" in words_of(arrived)["coordinator@work.example"]


def test_a_mail_server_that_is_gone_is_asked_thrice_and_not_once_for_everybody(overdue):
    for number in range(5):
        User.objects.create(
            username=f"more-{number}", role="coordinator", organisation="vale-authority", email="a@b.cc"
        )
    with known_asker():
        case_id = overdue[1].case_id
        for number in range(5):
            member = {"username": f"more-{number}", "organisation": "vale-authority", "agency": "coordination"}
            CaseMember.objects.create(case_id=case_id, right="edit", sight="whole", **member)
    closed = Ways(Routes(smtp_host="127.0.0.1", smtp_port=9, smtp_tls=False, timeout_seconds=1), {})
    assert remind_due(closed, at(next_working_morning())) == {"queued": 3}


def test_quiet_hours_and_no_digest_but_what_has_risen_is_told(overdue, post):
    arrived, ways = post
    give_address("coordinator")
    user = User.objects.get(username="test-coordinator")
    ReminderChoice.objects.create(user=user, wants_digest=False, quiet_from=8, quiet_to=10)
    now = next_working_morning()
    assert remind_due(ways, at(now)) == {}
    assert remind_due(ways, at(now + dt.timedelta(hours=1))) == {"sent": 1}
    assert "risen to you" in words_of(arrived)["coordinator@work.example"]
    assert remind_due(ways, at(now + dt.timedelta(days=1, hours=1))) == {}


def test_whoever_is_kept_from_somebody_is_reminded_of_nothing_of_them(overdue, post):
    _, ways = post
    give_address("coordinator")
    with known_asker():
        ExclusionEntry.objects.create(
            subject_id=VICTIM, reason="staff_knows", barred_username="test-coordinator", entered_by="test-ig_lead"
        )
        renew_effects()
    assert remind_due(ways, at(next_working_morning())) == {}
    User.objects.filter(username="test-coordinator").update(is_active=False)
    give_address("advocate")
    assert remind_due(ways, at(next_working_morning())) == {"sent": 1}


def test_one_that_fails_keeps_nobody_from_being_reminded(overdue, post, monkeypatch, caplog):
    arrived, ways = post
    give_address("advocate", "coordinator")
    take = reminding._things

    def fails(user, now):
        if user.username == "test-advocate":
            raise ValueError(f"a value of somebody: {VICTIM}")
        return take(user, now)

    monkeypatch.setattr(reminding, "_things", fails)
    assert remind_due(ways, at(next_working_morning())) == {"failed": 1, "sent": 1}
    assert len(arrived.mails) == 1 and VICTIM not in caplog.text


def test_a_lead_owns_what_their_team_is_silent_on(teams):  # noqa: F811
    _, item = hold(agree=False)
    with known_asker():
        CareAction.objects.filter(item=item).update(due_on=timezone.localdate() - dt.timedelta(days=20))
        MeetingReturn.objects.filter(item=item, agency="advocate").update(due_at=timezone.now() - dt.timedelta(days=9))
        type(item.meeting).objects.filter(pk=item.meeting_id).update(state="in_session")
    now = timezone.now()
    with acting_as("advocate", VICTIM_RESPONSE):
        mine = {one.kind: one for one in list_things(now)}
    assert set(mine) == {"return", "action"}
    assert {owner.value for owner in mine["return"].mine} == {"inbox", "team_lead"}


def test_the_work_list_has_its_four_parts_for_each_role(overdue, client_of):
    parts = ("Mine", "My team&#39;s", "Overdue", "Waiting on others")
    for role, purpose in (
        ("practitioner", "school_from_ta"),
        ("partner", "school_from_ta"),
        ("coordinator", "victim_response"),
        ("responder", "victim_response"),
        ("advocate", "victim_response"),
    ):
        page = client_of(role, purpose).get("/work-list/").content.decode()
        found = re.findall(r"<h2 class=\"govuk-heading-m\">([^<]+)</h2>", page)
        assert [part.replace("&#39;", "'") for part in parts] == [one.replace("&#39;", "'") for one in found], role
    hold(agree=False)
    coordinator = client_of("coordinator", "victim_response").get("/work-list/").content.decode()
    assert (
        "Minutes that I agree" in coordinator
        and "Risen to you: you asked, lead the team of whoever asked, or coordinate" in coordinator
    )
    advocate = client_of("advocate", "victim_response").get("/work-list/").content.decode()
    assert "Yours or your team" in advocate
    for role in ("board_member", "ig_lead"):
        assert client_of(role).get("/work-list/").status_code == 403
    assert "nobody&#39;s yet" in client_of("ig_lead").get("/tasks/").content.decode()


def feed_address(client: Client) -> str:
    page = client.post("/reminders/", {"kind": "feed"}).content.decode()
    found = re.search(r'id="feed">http://testserver(/calendar/[A-Za-z0-9_-]{43}\.ics)<', page)
    return found[1] if found else ""


def test_a_calendar_is_read_by_its_secret_until_that_is_renewed_or_ended(overdue, client_of):
    meeting, _ = overdue
    client, nobody = client_of("coordinator"), Client()
    address = feed_address(client)
    answer = nobody.get(address)
    assert answer.status_code == 200 and answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer["Cache-Control"] == "no-store"
    found = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    summaries = {str(one["SUMMARY"]) for one in found}
    assert summaries == {f"MDT meeting {meeting.reference}", "1 action due"}
    text = answer.content.decode()
    for word in (VICTIM, "Cass", "test-", "harbour", "marac", "LOCATION", "JC-"):
        assert word.lower() not in text.lower(), word
    token = address.split("/")[-1].removesuffix(".ics")
    kept = CalendarFeed.objects.get(ended_at__isnull=True)
    assert kept.digest == digest_of(token) and token not in str(CalendarFeed.objects.values())
    assert token not in client.get("/reminders/").content.decode(), "it is shown once"
    newer = feed_address(client)
    assert nobody.get(address).status_code == 404 and nobody.get(newer).status_code == 200
    client.post("/reminders/", {"kind": "end"})
    assert nobody.get(newer).status_code == 404
    with known_asker():
        said = [entry.details["what"] for entry in AuditEntry.objects.filter(page="reminders").order_by("pk")]
    assert said == ["calendar feed renewed", "calendar feed renewed", "calendar feed ended"]


def test_a_calendar_shows_what_its_owner_may_see_at_that_moment(overdue, client_of):
    address = feed_address(client_of("responder"))
    assert b"MDT meeting" in Client().get(address).content
    with known_asker():
        ExclusionEntry.objects.create(
            subject_id=VICTIM, reason="staff_knows", barred_username="test-responder", entered_by="test-ig_lead"
        )
        renew_effects()
    assert b"VEVENT" not in Client().get(address).content
    User.objects.filter(username="test-responder").update(is_active=False)
    assert Client().get(address).status_code == 404


@pytest.mark.parametrize("change", ["password", "role", "organisation", "closed and opened again"])
def test_a_feed_ends_with_the_account_as_it_was(overdue, client_of, change):
    client = client_of("advocate")
    address = feed_address(client)
    assert "Nothing has read it yet" in client.get("/reminders/").content.decode()
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT1H" in Client().get(address).content
    assert "It was last read" in client.get("/reminders/").content.decode()
    given = {"role": "advocate", "organisation": "harbour"}
    if change.startswith("closed"):
        close_user(FIRST, "test-advocate")
    elif change != "password":
        given[change] = {"role": "responder", "organisation": "vale-hospital"}[change]
    renew_user(FIRST, "test-advocate", "Advocate", given["role"], given["organisation"])
    assert Client().get(address).status_code == 404


def test_every_wrong_secret_is_the_same_page_that_is_not_there(overdue, client_of, caplog):
    client = client_of("coordinator")
    ended, closed = feed_address(client), feed_address(client_of("advocate"))
    client.post("/reminders/", {"kind": "end"})
    User.objects.filter(username="test-advocate").update(is_active=False)
    nobody, answers, statements = Client(), set(), set()
    guessed = [ended, closed, "/calendar/x.ics", f"/calendar/{'A' * 43}.ics", f"/calendar/{'A' * 900}.ics"]
    caplog.clear()
    for address in guessed:
        with CaptureQueriesContext(connection) as captured:
            answer = nobody.get(address)
        answers.add((answer.status_code, answer.content))
        statements.add(len(captured))
    assert len(answers) == 1 and {status for status, _ in answers} == {404}
    assert len(statements) == 1
    assert answers == {(404, nobody.get("/no-such-page/").content)}
    for address in guessed:
        assert address.split("/")[-1].removesuffix(".ics") not in caplog.text or "x.ics" in address
    assert not ENTRIES.filter(page__contains="calendar").exists(), "nobody who guesses is named"


def test_choices_are_kept_and_bad_hours_are_refused_with_what_was_typed(teams, client_of):  # noqa: F811
    client = client_of("advocate")
    assert client.post("/reminders/", {"kind": "choices", "quiet_from": "0", "quiet_to": "7"}).status_code == 302
    kept = ReminderChoice.objects.get()
    assert (kept.wants_digest, kept.quiet_from, kept.quiet_to) == (False, 0, 7)
    assert 'value="0"' in client.get("/reminders/").content.decode()
    for hours in ({"quiet_from": "30", "quiet_to": "7"}, {"quiet_from": "9"}, {"quiet_from": "x", "quiet_to": "7"}):
        refused = client.post("/reminders/", {"kind": "choices", "digest": "on", **hours})
        assert refused.status_code == 400 and f'value="{hours["quiet_from"]}"' in refused.content.decode()
    assert client.post("/reminders/", {"kind": "nothing"}).status_code == 400
    assert ReminderChoice.objects.get().quiet_to == 7


def test_an_address_is_given_with_the_account_and_must_be_one(published):
    renew_user(FIRST, "new-lead", "New", "ig_lead", "vale-authority", "new@work.example")
    renew_user(FIRST, "new-lead", "New", "ig_lead", "vale-authority")
    assert User.objects.get(username="new-lead").email == "new@work.example"
    with pytest.raises(NotPossible, match="is not one"):
        renew_user(FIRST, "new-lead", "New", "ig_lead", "vale-authority", "new@work\nBcc: x@y.example")


def test_a_feed_is_its_owners_alone_in_the_database_too(overdue, client_of):
    address = feed_address(client_of("advocate"))
    with as_pages(), connection.cursor() as cursor:
        cursor.execute("select has_table_privilege('braid_remindersent', 'select')")
        assert cursor.fetchone() == (False,)
    assert feeds.read_feed(address.split("/")[-1].removesuffix(".ics"))
    assert issubclass(ChannelUncertain, Exception) and not issubclass(ChannelUncertain, ChannelRefused)
