"""One's own calendar: hearings and agreed appointments of one's cases, and meetings of one's boards, naming nobody."""

import datetime as dt
import re
from dataclasses import replace

import icalendar
import pytest
from django.test import Client
from django.utils import timezone
from joint_sample import put_joint
from sample_run import VICTIM

from braid.care.appointment_sheet import Sheet
from braid.language.documents import parse
from braid.web.care.appointments import seal_appointments
from braid.web.models import AppointmentSheet, BoardMeeting, BoardSeatHolder, CaseMember
from braid.web.vault.keys import open_key_ring
from braid.web.vault.sealed_rows import open_columns
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db


def entries_of(client: Client) -> list[icalendar.Event]:
    """The entries of a calendar, read at a new secret address by a program that has not signed in."""
    page = client.post("/reminders/", {"kind": "feed"}).content.decode()
    address = re.search(r'id="feed">http://testserver(/calendar/[A-Za-z0-9_-]{43}\.ics)<', page)[1]
    answer = Client().get(address)
    assert answer.status_code == 200
    for word in (VICTIM, "Cass", "words of", "JC-", "test-", "building", "health"):
        assert word.lower() not in answer.content.decode().lower(), word
    return list(icalendar.Calendar.from_ical(answer.content).walk("VEVENT"))


def titles(client: Client) -> list[tuple[str, str]]:
    wanted = ("Appointment", "Hearing of a case", "Board meeting")
    found = [(str(one["SUMMARY"]), str(one["STATUS"])) for one in entries_of(client)]
    return sorted(one for one in found if one[0] in wanted)


def agree(case_id: str) -> None:
    """Let the appointment that is proposed in a case be agreed."""
    with known_asker():
        row = AppointmentSheet.objects.get(case=case_id, side="harmed")
        ring, owner = open_key_ring(), f"appointments:{row.pk}"
        content = open_columns(ring, owner, "appointments", row.key_id, row.wrapped, row.sealed)
        sheet = parse(content, Sheet, "sheet")
        agreed = replace(sheet, booked=tuple(replace(one, is_agreed=True) for one in sheet.booked))
        assert agreed.booked
        AppointmentSheet.objects.filter(pk=row.pk).update(**seal_appointments(ring, row.pk, agreed))


def test_what_is_agreed_and_heard_in_ones_cases_stands_in_it_until_one_leaves(published, user_of, client_of):
    client = client_of("advocate")
    joint = put_joint(VICTIM, "test-advocate", "victim_response")
    days = [("Hearing of a case", "CANCELLED"), ("Hearing of a case", "CONFIRMED")]
    assert titles(client) == days, "what is proposed alone is nothing to come to"
    agree(joint.case)
    assert titles(client) == [("Appointment", "CONFIRMED"), *days]
    with known_asker():
        CaseMember.objects.filter(case=joint.case, username="test-advocate").update(left_at=timezone.now())
    assert titles(client) == []


@pytest.mark.parametrize("role", ["analyst", "board_member", "commissioner", "finance_officer", "ig_lead"])
def test_meetings_of_ones_boards_stand_in_it_and_those_called_off_as_such(published, user_of, client_of, role):
    client, now = client_of(role), timezone.now()
    with known_asker():
        for board in ("mine", "another"):
            for hours, state, because in ((24, "planned", ""), (48, "cancelled", "too_few")):
                BoardMeeting.objects.create(
                    board_id=board,
                    starts_at=now + dt.timedelta(hours=hours),
                    length_minutes=60,
                    planned_by="somebody",
                    state=state,
                    cancelled_because=because,
                )
        BoardSeatHolder.objects.create(
            username=f"test-{role}", board_id="mine", seat="chair", body="x", from_date=now.date(), given_by="y"
        )
    assert titles(client) == [("Board meeting", "CANCELLED"), ("Board meeting", "CONFIRMED")]


def test_whoever_is_shown_no_person_has_the_calendar_alone_and_only_of_boards_they_sit_on_today(published, client_of):
    client, now = client_of("board_member"), timezone.now()
    page = client.get("/reminders/").content.decode()
    assert "Reminders by e-mail" not in page and "boards on which you hold a seat" in page
    assert client.post("/reminders/", {"kind": "choices", "digest": "on"}).status_code == 400
    day = dt.timedelta(days=1)
    with known_asker():
        for board in ("over", "not-yet", "taken-back"):
            BoardMeeting.objects.create(
                board_id=board, starts_at=now + day, length_minutes=60, planned_by="somebody", state="planned"
            )
        seat = {"username": "test-board_member", "seat": "chair", "body": "x", "given_by": "y"}
        past = now.date() - 9 * day
        BoardSeatHolder.objects.create(board_id="over", from_date=past, until_date=now.date() - day, **seat)
        BoardSeatHolder.objects.create(board_id="not-yet", from_date=now.date() + day, **seat)
        BoardSeatHolder.objects.create(board_id="taken-back", from_date=past, ended_at=now, **seat)
    assert titles(client) == []
