"""The agenda of a meeting on its page: as it stands and as proposed, by hand, refused; who is there; what waits."""

import datetime as dt
import re
import uuid

import icalendar
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from sample_run import VICTIM
from test_care_steps import acting_as, join, open_marac, teams  # noqa: F401

from braid.care.agendas import REFUSALS
from braid.language.dates import LONDON
from braid.language.steps import NotPossible
from braid.trust.roles import VICTIM_RESPONSE
from braid.web.care import agendas, meetings
from braid.web.care.agenda_seen import AgendaSeen, get_agenda
from braid.web.models import AgendaItem, AuditEntry, CaseMember, ExclusionEntry, JointCase, Meeting
from braid.web.overlay.effects import renew_effects
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db
SEATS = {
    "vale-authority": "coordination",
    "vale-hospital": "health",
    "harbour": "advocate",
    "northmere-council": "housing",
}
STARTS_AT = dt.datetime.combine(timezone.localdate() + dt.timedelta(days=9), dt.time(10), LONDON)


def plan(days: int = 0) -> Meeting:
    with acting_as("coordinator", VICTIM_RESPONSE) as sight:
        return meetings.plan_meeting(sight, "marac", STARTS_AT + dt.timedelta(days=days))


def seat(row: JointCase, *organisations: str) -> None:
    """Put organisations at the table of a case, the coordinator among them."""
    for organisation in ("vale-authority", *organisations):
        username = "test-coordinator" if organisation == "vale-authority" else f"somebody-{organisation}"
        more = {"agency": SEATS[organisation], "right": "edit", "sight": "whole", "is_lead": organisation == "harbour"}
        CaseMember.objects.create(case=row, organisation=organisation, username=username, **more)


def put(meeting: Meeting | None, reference: str, *organisations: str, minutes: int = 15) -> AgendaItem | JointCase:
    """A case of these organisations, about nobody of the sample; on the agenda where a meeting is given."""
    with known_asker():
        row = JointCase.objects.create(
            reference=reference, case_type="marac", purpose=VICTIM_RESPONSE, opened_by="somebody", type_version="1"
        )
        seat(row, *organisations)
        if meeting is None:
            return row
        last = AgendaItem.objects.filter(meeting=meeting).count()
        return AgendaItem.objects.create(meeting=meeting, case=row, position=last + 1, minutes=minutes)


@pytest.fixture
def packed(teams):  # noqa: F811
    """A meeting of four cases that has two organisations sit through each other's."""
    meeting = plan()
    for reference, organisation in (
        ("JC-A", "vale-hospital"),
        ("JC-B", "harbour"),
        ("JC-C", "vale-hospital"),
        ("JC-D", "harbour"),
    ):
        put(meeting, reference, organisation)
    return meeting


def look(meeting: Meeting) -> AgendaSeen:
    with acting_as("coordinator", VICTIM_RESPONSE) as sight:
        return get_agenda(sight, meeting.pk)


def order_of(meeting: Meeting) -> str:
    """The letters of the cases as they stand."""
    return "".join(line.reference[-1] for line in look(meeting).now.lines)


@pytest.fixture
def send(packed, client_of):
    """Send a step about a case, by its letter, as the coordinator; what is expected of the answer is held."""
    client = client_of("coordinator", VICTIM_RESPONSE)

    def sent(kind: str, letter: str = "", status: int = 302, version: int | None = None, **more: str) -> str:
        with known_asker():
            packed.refresh_from_db()
            item = AgendaItem.objects.filter(meeting=packed, case__reference=f"JC-{letter}").first()
        given = {"kind": kind, "version": str(version or packed.version), **more} | (
            {"item": str(item.pk)} if item else {}
        )
        answer = client.post(f"/meetings/{packed.pk}/agenda/", given)
        assert answer.status_code == status, answer.content.decode()[:3000]
        return client.get(answer["Location"]).content.decode() if status == 302 else answer.content.decode()

    return sent


def words_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def recorded(what: str) -> list[dict]:
    with known_asker():
        return [one.details for one in AuditEntry.objects.filter(details__what=what)]


def test_before_and_after_stand_beside_each_other_with_what_each_costs(packed, client_of):
    seen = look(packed)
    assert order_of(packed) == "ABCD"
    assert (seen.now.minutes_in_room, seen.now.sitting_through) == (60 + 45 + 45, 180)
    assert (seen.proposed.minutes_in_room, seen.is_proved, seen.is_as_proposed) == (60 + 30 + 30, True, False)
    assert {one.organisation: (one.minutes, one.waited, one.more) for one in seen.spans} == {
        "vale-authority": (60, 0, 0), "vale-hospital": (45, 15, 15), "harbour": (45, 15, 15),
    }  # fmt: skip
    page = client_of("coordinator", VICTIM_RESPONSE).get(f"/meetings/{packed.pk}/agenda/").content.decode()
    words = words_of(page)
    assert "150 minutes in the room" in words and "120 minutes in the room" in words and "30 minutes more" in words
    assert "10:00 to 10:15 , 15 minutes" in words and "10:45 to 11:00" in words
    assert "Of all orders it is proved the best" in words
    assert page.count("<svg") == 2


def test_the_one_script_of_the_pages_is_a_file_of_ours_by_its_nonce(packed, client_of):
    client = client_of("coordinator", VICTIM_RESPONSE)
    answer = client.get(f"/meetings/{packed.pk}/agenda/")
    policy, page = answer["Content-Security-Policy"], answer.content.decode()
    (script,) = re.findall(r"<script[^>]*>", page)
    nonce = re.search(r'nonce="([^"]+)"', script).group(1)
    assert (
        f"script-src 'nonce-{nonce}'" in policy
        and "unsafe" not in policy
        and "'self'" not in policy.split("script-src")[1].split(";")[0]
    )
    assert re.search(r'src="/static/braid/agenda\.js\?v=\w{12}"', script)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=", page)
    again = client.get(f"/meetings/{packed.pk}/agenda/").content.decode()
    assert nonce not in again
    assert "script-src 'none'" in client.get(f"/meetings/{packed.pk}/")["Content-Security-Policy"]


def test_the_proposed_order_is_accepted_as_it_was_shown(packed, send):
    order = look(packed).order
    refused = send("accept", status=409, order=",".join(reversed(order.split(","))))
    assert "Somebody else changed this" in refused and order_of(packed) == "ABCD"
    page = send("accept", order=order)
    assert (
        "in the proposed order" in page
        and "It stands as proposed: it is proved that no order is better" in words_of(page)
    )
    assert order_of(packed) in ("ACBD", "BDAC", "ACDB", "CADB", "CABD", "BDCA", "DBAC", "DBCA")
    assert len(recorded("proposed order accepted")) == 1
    assert all(not line.held_at for line in look(packed).now.lines), "what was accepted is not held"
    send("accept", status=409, version=1, order=order)


def test_what_is_moved_by_hand_is_held_and_said_what_it_costs(packed, send):
    page = words_of(send("move", "B", step="up"))
    assert order_of(packed) == "BACD"
    assert "Held at place 1" in page and "by test-coordinator" in page
    page = words_of(send("place", "A", to="3"))
    assert order_of(packed) == "BCAD", "B stays where it is held"
    assert "JC-B at place 1" in page and "JC-A at place 3" in page
    seen = look(packed)
    assert seen.proposed.lines[0].reference == "JC-B" and seen.proposed.lines[2].reference == "JC-A"
    assert seen.held_cost == 0, "B, D, A, C is as short as any"
    send("place", "C", to="4")
    seen = look(packed)
    assert order_of(packed) == "BDAC" and seen.is_as_proposed
    send("take_back", "A", what="place")
    send("place", "D", to="3")
    seen = look(packed)
    assert (order_of(packed), seen.held_cost, seen.now.minutes_in_room) == ("BADC", 30, 150)
    assert "What is held costs 30 minutes in the room" in words_of(send("sing", status=400))
    assert {one["place"] for one in recorded("case held at a place")} == {1, 3, 4}
    assert len(recorded("case no longer held: place")) == 1
    send("accept", order=seen.order)
    assert order_of(packed)[0] == "B" and order_of(packed)[2:] == "DC", "what is held stays whatever is accepted"


def test_a_place_that_is_held_is_not_taken_twice(packed, send):
    send("place", "A", to="2")
    for given, words in (
        ({"kind": "place", "letter": "B", "to": "2"}, "Another case is held at that place"),
        ({"kind": "place", "letter": "B", "to": "9"}, "Choose a place from 1 to 4"),
        ({"kind": "place", "letter": "B", "to": "first"}, "Enter the place as a number"),
        ({"kind": "move", "letter": "B", "step": "sideways"}, "Move a case up or down"),
        ({"kind": "take_back", "letter": "A", "what": "all"}, "nothing of that kind"),
        ({"kind": "slot", "letter": "A", "minutes": "500"}, "between 1 and 120 minutes"),
        ({"kind": "sing", "letter": "A"}, "no such step"),
    ):
        page = send(status=400, **given)
        assert words in page and "<title>Error: " in page, given
    assert order_of(packed) == "BACD"


def test_a_case_held_until_a_time_leaves_a_pause_and_counts_for_who_waits(packed, send):
    for wrong in ("", "half past", "25:00", "09:59", "10:00", "11:30"):
        page = send("time", "A", status=400, time=wrong)
        assert "time" in page and f'value="{wrong}"' in page, "what was typed is kept"
    page = words_of(send("time", "A", time="11:00"))
    assert "not before 11:00" in page and "30 minutes too long" in page
    now, proposed = look(packed).now, look(packed).proposed
    first = now.lines[0]
    assert (first.pause, f"{first.begins_at.astimezone(LONDON):%H:%M}") == (60, "11:00")
    (moved,) = [line for line in proposed.lines if line.reference == "JC-A"]
    assert f"{moved.begins_at.astimezone(LONDON):%H:%M}" >= "11:00" and moved.place == 4
    assert recorded("case held until a time") == [
        {"what": "case held until a time", "case": "JC-A", "meeting": packed.reference, "time": "11:00"}
    ]
    send("take_back", "A", what="time")
    assert look(packed).now.lines[0].pause == 0


def reschedule(client, meeting: Meeting, kind: str = "reschedule", **given: str) -> str:
    with known_asker():
        meeting.refresh_from_db()
    answer = client.post(f"/meetings/{meeting.pk}/", {"kind": kind, "version": str(meeting.version), **given})
    assert answer.status_code == 302, answer.content.decode()[:3000]
    return words_of(client.get(answer["Location"]).content.decode())


def test_a_time_at_which_the_meeting_does_not_last_any_more_holds_nothing_and_is_said(packed, send, client_of):
    """Whether it is moved to before or after, or is shorter; moved back, the time holds again."""
    client = client_of("coordinator", VICTIM_RESPONSE)
    send("time", "A", time="11:00")
    for kind, given in (
        ("reschedule", {"hours": 4}),
        ("reschedule", {"hours": -2}),
        ("reschedule", {"hours": 0}),
        ("length", {"minutes": "60"}),
        ("length", {"minutes": "61"}),
    ):
        if kind == "reschedule":
            starts_at = (STARTS_AT + dt.timedelta(hours=given["hours"])).astimezone(LONDON)
            page = reschedule(client, packed, starts_at=f"{starts_at:%Y-%m-%dT%H:%M}")
        else:
            page = reschedule(client, packed, kind, **given)
        seen, holds = look(packed), given in ({"hours": 0}, {"minutes": "61"})
        first = seen.now.lines[0]
        assert (first.pause, first.not_before, first.lapsed) == (
            (60, dt.time(11), None) if holds else (0, None, dt.time(11))
        ), given
        assert (
            "Held no longer , as the meeting does not last at that time: JC-A not before 11:00" in page
        ) is not holds
        agenda = words_of(client.get(f"/meetings/{packed.pk}/agenda/").content.decode())
        assert ("Held no longer: not before 11:00" in agenda) is not holds
        assert bool(seen.held) is holds
    send("take_back", "A", what="time")
    assert look(packed).now.lines[0].not_before is look(packed).now.lines[0].lapsed is None


def test_what_is_held_costs_a_later_end_too(packed, send):
    send("place", "A", to="1")
    page = words_of(send("time", "A", time="11:00"))
    assert look(packed).held_later == 60
    assert "has the meeting end 60 minutes later , against what would be proposed without it" in page


def test_who_held_the_place_and_who_held_the_time_are_both_named(packed, send):
    send("place", "A", to="1")
    with known_asker():
        AgendaItem.objects.filter(case__reference="JC-A").update(held_by="chair-before")
    page = words_of(send("time", "A", time="10:30"))
    assert "Held at place 1 by chair-before" in page and "not before 10:30 , by test-coordinator" in page
    page = words_of(send("place", "A", to="2"))
    assert "Held at place 2 by test-coordinator" in page


def test_each_step_on_a_case_is_recorded_with_the_case_and_whom_it_is_about(teams, client_of):  # noqa: F811
    meeting, row = plan(), open_marac()
    join(row.pk, "vale-coordination", "coordination", "coordinator")
    with acting_as("coordinator", VICTIM_RESPONSE) as sight:
        item = meetings.put_on_agenda(sight, meeting.pk, row.pk)
        agendas.place_case(sight, meeting.pk, 1, item.pk, 1)
        agendas.hold_until(sight, meeting.pk, 2, item.pk, dt.time(10, 30))
        agendas.take_back(sight, meeting.pk, 3, item.pk, "time")
        agendas.give_minutes(sight, meeting.pk, 4, item.pk, 20)
    with known_asker():
        for what in (
            "case held at a place", "case held until a time", "case no longer held: time", "minutes of a case",
        ):  # fmt: skip
            entries = AuditEntry.objects.filter(details__what=what)
            assert VICTIM in {one.person_id for one in entries}, what
            assert {(one.relation, one.details["case"]) for one in entries} == {("case", row.reference)}, what


def test_of_two_who_put_a_case_on_at_once_one_is_told(packed, send):
    first, second = put(None, "JC-W", "harbour"), put(None, "JC-X", "harbour")
    send("put", case=str(first.pk), meeting=str(packed.pk), version=1)
    page = send("put", case=str(second.pk), meeting=str(packed.pk), version=1, status=409)
    assert "Somebody else changed this" in page and order_of(packed) == "ABCDW"


def test_a_refusal_has_its_reason_and_nothing_is_learned_from_it(packed, send):
    before = look(packed)
    for reason in ("", "because"):
        assert "Choose from the list why" in send("refuse", status=400, order=before.order, reason=reason)
    page = words_of(send("refuse", order=before.order, reason="arranged"))
    assert "Refused by test-coordinator" in page and REFUSALS["arranged"].lower() in page
    after = look(packed)
    assert after.order == before.order and after.refused, "the same is proposed, and said to be refused"
    assert recorded("proposed order refused")[0]["reason"] == "arranged"
    send("place", "D", to="1")
    assert look(packed).refused == "", "another order is a new one"
    assert "is refused, with why" in words_of(send("refuse", order=look(packed).order, reason="no_gain"))


def test_nobody_is_said_to_come_earlier_where_nobody_was_put_off(teams, client_of):  # noqa: F811
    """And no short case is moved up where nothing is gained by it."""
    meeting, client = plan(), client_of("coordinator", VICTIM_RESPONSE)
    put(meeting, "JC-A", "vale-hospital", minutes=30)
    late = put(meeting, "JC-B", "harbour", minutes=10)
    seen, page = look(meeting), words_of(client.get(f"/meetings/{meeting.pk}/agenda/").content.decode())
    assert seen.is_as_proposed and "It stands as proposed" in page and "ut off before" not in page
    with known_asker():
        earlier = Meeting.objects.create(
            reference="MT-OLD", case_type="marac", purpose=VICTIM_RESPONSE, chair="test-coordinator", type_version="1",
            organisation="vale-authority", starts_at=STARTS_AT - dt.timedelta(days=30), state="held",
        )  # fmt: skip
        AgendaItem.objects.create(meeting=earlier, case=late.case, position=1, state="put_off", left_because="no_time")
    page = words_of(client.get(f"/meetings/{meeting.pk}/agenda/").content.decode())
    assert "as many minutes in the room as the order as it stands. Put off before and earlier now: JC-B." in page


def test_an_earlier_end_is_said_where_the_order_has_it(packed, send):
    """What is proposed may cost minutes in the room where it ends the meeting earlier: the page says both."""
    page = words_of(send("time", "A", time="10:45"))
    seen = look(packed)
    assert seen.ends_earlier == 45 and "The meeting ends 45 minutes earlier." in page
    assert "the minute at which the meeting ends" in page


def test_of_two_who_pack_it_at_once_one_is_told(packed, send):
    send("move", "B", step="up")
    page = send("move", "A", status=409, version=1, step="down")
    assert "Somebody else changed this" in page and order_of(packed) == "BACD"
    with known_asker():
        assert len(recorded("case held at a place")) == 1


def test_an_order_that_was_shown_before_somebody_joined_is_not_taken(packed, send):
    order = look(packed).order
    with known_asker():
        for row in JointCase.objects.filter(reference__in=["JC-A", "JC-D"]):
            more = {"agency": "housing", "right": "edit", "sight": "whole"}
            CaseMember.objects.create(case=row, organisation="northmere-council", username="somebody-else", **more)
    assert look(packed).order != order
    assert "Somebody else changed" in send("accept", status=409, order=order)


def test_it_is_for_the_chair_alone_and_closed_once_the_meeting_begins(packed, client_of, send):
    join_row = open_marac()
    join(join_row.pk, "vale-coordination", "coordination", "coordinator")
    with acting_as("coordinator", VICTIM_RESPONSE) as sight:
        meetings.put_on_agenda(sight, packed.pk, join_row.pk)
    advocate = client_of("advocate", VICTIM_RESPONSE)
    assert advocate.get(f"/meetings/{packed.pk}/").status_code == 200, "with a case on the agenda"
    for address in ("agenda/", "agenda.ics"):
        assert advocate.get(f"/meetings/{packed.pk}/{address}").status_code == 404
    assert advocate.post(f"/meetings/{packed.pk}/agenda/", {"kind": "move"}).status_code == 404
    assert f"{packed.pk}/agenda/" not in advocate.get(f"/meetings/{packed.pk}/").content.decode()
    with known_asker():
        Meeting.objects.filter(pk=packed.pk).update(state="in_session")
    page = send("move", "A", status=400, step="down")
    assert "closed once the meeting has begun" in page
    seen = look(packed)
    assert not seen.is_open and seen.proposed is None and seen.waiting == ()
    assert "<script" not in page and 'value="move"' not in page


def stripped(page: str) -> str:
    """A page without what is drawn at random at each look."""
    page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)
    return re.sub(r'nonce="[^"]+"', "", page)


def test_a_case_that_is_kept_from_the_chair_changes_nothing_that_they_see(packed, client_of):
    """Not a place, a time, a sum, a proposal, nor what is free at a meeting of the series."""
    later = plan(14)
    put(None, "JC-W", "harbour")
    client = client_of("coordinator", VICTIM_RESPONSE)

    def pages() -> list[str]:
        found = [client.get(f"/meetings/{packed.pk}/{one}") for one in ("", "agenda/", "agenda.ics", "follow/")]
        assert [one.status_code for one in found] == [200] * 4
        return [re.sub(r"(DTSTAMP|SEQUENCE):\w+", "", stripped(one.content.decode())) for one in found]

    before = pages()
    row = open_marac()
    join(row.pk, "vale-coordination", "coordination", "coordinator")
    with known_asker():
        for meeting in (packed, later):
            AgendaItem.objects.filter(meeting=meeting, position__gte=2).update(position=9)
            AgendaItem.objects.create(meeting=meeting, case=row, position=2, minutes=90, held_rank=1, held_by="x")
        for position, reference in enumerate(("JC-B", "JC-C", "JC-D"), 3):
            AgendaItem.objects.filter(case__reference=reference).update(position=position)
    seen = pages()
    assert row.reference in seen[1] and seen[1] != before[1], "it is there as long as nobody keeps it from them"
    with known_asker():
        ExclusionEntry.objects.create(
            subject_id=VICTIM, reason="staff_knows", barred_username="test-coordinator", entered_by="test-ig_lead"
        )
        renew_effects()
    after = pages()
    for case in (row.pk, uuid.UUID(int=4)):
        put_on = {"kind": "put", "case": str(case), "meeting": str(later.pk)}
        assert client.post(f"/meetings/{packed.pk}/agenda/", put_on).status_code == 404, "hidden is absent"
    now = r"\d+ \w+ \d{4}, \d\d:\d\d:\d\d"
    assert [re.sub(now, "", one) for one in after] == [re.sub(now, "", one) for one in before]


def hide(meeting: Meeting, positions: list[int]) -> None:
    """Cases at these positions of an agenda, the others moved on around them, that are kept from its chair."""
    with known_asker():
        rows = list(AgendaItem.objects.filter(meeting=meeting).order_by("position"))
        free = [at for at in range(1, len(rows) + len(positions) + 1) if at not in positions]
        for row, position in zip(rows, free, strict=True):
            AgendaItem.objects.filter(pk=row.pk).update(position=position)
    for position in positions:
        row = open_marac()
        join(row.pk, "vale-coordination", "coordination", "coordinator")
        with known_asker():
            AgendaItem.objects.create(meeting=meeting, case=row, position=position, minutes=90)
    with known_asker():
        ExclusionEntry.objects.create(
            subject_id=VICTIM, reason="staff_knows", barred_username="test-coordinator", entered_by="test-ig_lead"
        )
        renew_effects()


def look_alone(order: str) -> int:
    """Minutes in the room of these cases of a quarter of an hour, a and c of the hospital, the others of Harbour."""
    own = {"hospital": "AC", "harbour": "BDEFGHIJ", "coordinator": order}
    return sum(15 * (max(map(order.index, mine)) - min(map(order.index, mine)) + 1) for mine in own.values())


@pytest.mark.parametrize("positions", [[2], [1, 3], [4, 5, 6]])
def test_putting_and_moving_beside_a_case_that_is_kept_from_the_chair_is_as_without_it(packed, send, positions):
    """The order after each step is that of a meeting without hidden cases, whatever the ids of the cases are."""
    hide(packed, positions)
    seen = "ABCD"
    for letter in "EFGHIJ":
        case = put(None, f"JC-{letter}", "harbour")
        send("put", case=str(case.pk), meeting=str(packed.pk))
        seen += letter
        assert order_of(packed) == seen
    for letter, step in (("J", "up"), ("A", "down"), ("E", "up"), ("J", "down")):
        send("move", letter, step=step)
        send("take_back", letter, what="place")
        at, to = seen.index(letter), seen.index(letter) + (1 if step == "down" else -1)
        listed = list(seen)
        listed[at], listed[to] = listed[to], listed[at]
        seen = "".join(listed)
        assert order_of(packed) == seen
    agenda = look(packed)
    quarters = [STARTS_AT + dt.timedelta(minutes=15 * number) for number in range(10)]
    assert [(line.place, line.begins_at) for line in agenda.now.lines] == list(enumerate(quarters, 1))
    assert (agenda.unseen, agenda.minutes_over, agenda.now.minutes_in_room) == (0, 60, look_alone(seen))


@pytest.mark.parametrize("goes", ["hidden", "taken off"])
def test_a_held_place_counts_among_what_the_reader_sees(packed, send, goes):
    """A case that goes from before it leaves it held where it stands, whether it was taken off or is hidden."""
    hidden = open_marac()
    join(hidden.pk, "vale-coordination", "coordination", "coordinator")
    with known_asker():
        AgendaItem.objects.filter(meeting=packed, case__reference__in=("JC-B", "JC-C", "JC-D")).update(position=9)
        item = AgendaItem.objects.create(meeting=packed, case=hidden, position=2)
        for position, reference in enumerate(("JC-B", "JC-C", "JC-D"), 3):
            AgendaItem.objects.filter(case__reference=reference).update(position=position)
    assert "Held at place 4" in words_of(send("place", "C", to="4"))
    if goes == "hidden":
        hide(packed, [])
    else:
        with known_asker():
            AgendaItem.objects.filter(pk=item.pk).update(state="taken_off", left_because="not_needed")
    seen = look(packed)
    assert (order_of(packed), seen.unseen) == ("ABCD", 0)
    assert [(line.place, line.held_at) for line in seen.now.lines] == [(1, None), (2, None), (3, 3), (4, None)]
    assert [line.reference for line in seen.proposed.lines].index("JC-C") == 2
    send("move", "A", step="down")
    assert order_of(packed) == "BACD", "what is held stays where it is seen"
    send("accept", order=look(packed).order)
    assert order_of(packed)[2] == "C"


def test_the_chair_orders_around_a_case_that_they_do_not_see(packed, send):
    row = open_marac()
    with known_asker():
        AgendaItem.objects.filter(meeting=packed, position__gte=2).update(position=9)
        hidden = AgendaItem.objects.create(meeting=packed, case=row, position=2)
        for position, reference in enumerate(("JC-B", "JC-C", "JC-D"), 3):
            AgendaItem.objects.filter(case__reference=reference).update(position=position)
    assert "1 more case is on it in which you take no part" in words_of(send("place", "D", to="1"))
    assert order_of(packed) == "DABC"
    send("accept", order=look(packed).order)
    with known_asker():
        hidden.refresh_from_db()
        assert (hidden.position, hidden.held_rank) == (2, None)
        places = AgendaItem.objects.filter(meeting=packed).values_list("position", flat=True)
        assert sorted(places) == [1, 2, 3, 4, 5]


def test_cases_that_wait_are_packed_over_the_meetings_of_the_series(packed, client_of):
    later = plan(14)
    fits = put(None, "JC-W", "harbour")
    over = put(None, "JC-X", "harbour")
    elsewhere = put(later, "JC-L", "harbour", minutes=75)
    with known_asker():
        Meeting.objects.filter(pk=packed.pk).update(length_minutes=75)
        earlier = Meeting.objects.create(
            reference="MT-OLD", case_type="marac", purpose=VICTIM_RESPONSE, chair="test-coordinator", type_version="1",
            organisation="vale-authority", starts_at=STARTS_AT - dt.timedelta(days=30), state="held",
        )  # fmt: skip
    with known_asker():
        AgendaItem.objects.create(meeting=earlier, case=over, position=1, state="put_off", left_because="no_time")
    client = client_of("coordinator", VICTIM_RESPONSE)
    seen = look(packed)
    assert [one.pk for one in seen.series] == [packed.pk, later.pk]
    assert {one.reference: one.meeting and one.meeting.pk for one in seen.waiting} == {
        "JC-W": later.pk,
        "JC-X": packed.pk,
    }
    page = words_of(client.get(f"/meetings/{packed.pk}/agenda/").content.decode())
    assert "Put off at its last meeting On this agenda" in page and f"On {later.reference}" in page
    put_on = {"kind": "put", "case": str(fits.pk), "meeting": str(later.pk), "version": "1"}
    assert client.post(f"/meetings/{packed.pk}/agenda/", put_on).status_code == 302
    assert client.post(f"/meetings/{packed.pk}/agenda/", put_on).status_code == 400, "it is on it already"
    with known_asker():
        AgendaItem.objects.filter(pk=elsewhere.pk).update(minutes=90)
        Meeting.objects.filter(pk=packed.pk).update(length_minutes=60)
    (left,) = look(packed).waiting
    assert (left.reference, left.meeting, left.why) == ("JC-X", None, "No time is left at any of these meetings")
    assert "On none. No time is left" in words_of(client.get(f"/meetings/{packed.pk}/agenda/").content.decode())


def test_the_calendar_file_says_times_and_references_and_is_recorded(packed, client_of):
    answer = client_of("coordinator", VICTIM_RESPONSE).get(f"/meetings/{packed.pk}/agenda.ics")
    assert answer["Content-Type"].startswith("text/calendar")
    entries = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    assert [str(one["SUMMARY"]) for one in entries] == [f"{packed.reference}: JC-{letter}" for letter in "ABCD"]
    assert entries[0]["DTSTART"].dt == STARTS_AT.astimezone(dt.UTC)
    assert {one["DTEND"].dt - one["DTSTART"].dt for one in entries} == {dt.timedelta(minutes=15)}
    text = answer.content.decode().lower()
    for word in ("hospital", "harbour", "coordinator", "marac", "location", "description", "attendee", "organizer"):
        assert word not in text
    (kept,) = recorded("agenda")
    assert kept == {"what": "agenda", "form": "ics", "meeting": packed.reference, "cases": 4}


def test_a_case_of_another_meeting_is_not_held(packed):
    other = plan(14)
    item = put(other, "JC-O", "harbour")
    with acting_as("coordinator", VICTIM_RESPONSE) as sight:
        for step in (
            lambda: agendas.place_case(sight, packed.pk, 1, item.pk, 1),
            lambda: agendas.hold_until(sight, packed.pk, 2, item.pk, dt.time(10, 30)),
            lambda: agendas.take_back(sight, packed.pk, 3, item.pk, "place"),
        ):
            with pytest.raises(NotPossible, match="not on the agenda"):
                step()


def test_the_page_asks_no_more_for_many_cases_than_for_few(teams, client_of):  # noqa: F811
    client, counts = client_of("coordinator", VICTIM_RESPONSE), []
    meeting = plan()
    plan(14)
    for several in (2, 6):
        for number in range(several):
            put(meeting, f"JC-{several}{number}", "harbour", minutes=5)
            put(None, f"JC-W{several}{number}", "harbour")
        client.get(f"/meetings/{meeting.pk}/agenda/")
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"/meetings/{meeting.pk}/agenda/").status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 40
