"""What a case that ends leaves behind, agendas that change, and what two clicks do; under the pages' own role."""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from care_teams import make_teams
from django.db import connection
from django.utils import timezone
from published_sample import ENTRIES, REFERENCE, as_pages
from sample_agreements import ORGANISATIONS
from sample_run import CHILD

from braid.care.meetings import returns_due_at
from braid.care.referrals import Answer
from braid.care.reminders import Choices, mail_of
from braid.language.steps import NotPossible
from braid.trust.roles import SCHOOL_FROM_TA
from braid.web.access.projections import Viewer
from braid.web.access.sight import NotThere, Sight, looking
from braid.web.care import actions, cases, meetings, plans, referrals
from braid.web.care.kept import case_type_of
from braid.web.care.meetings import AnswerGiven, Grounds
from braid.web.care.plans_seen import get_plan, list_due
from braid.web.care.things import list_appointments, list_meeting_changes
from braid.web.models import (
    AgendaItem,
    CareAction,
    CaseMember,
    JointCase,
    JointPlan,
    Meeting,
    MeetingReturn,
    MoveNotice,
    PlanApproval,
    PlannedMove,
    Referral,
    TeamMember,
    User,
)
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db
SOON = dt.timedelta(days=9)
NO_DIGEST = Choices(wants_digest=False)


@pytest.fixture(autouse=True)
def _teams(published):
    """A team for each organisation at the table."""
    make_teams()


@contextmanager
def acting_as(role: str, purpose: str = SCHOOL_FROM_TA, username: str = "") -> Iterator[Sight]:
    """The transaction of a human, under the role of the pages."""
    with as_pages(), looking(Viewer(username or f"test-{role}", role, purpose, REFERENCE, "test")) as sight:
        yield sight


def open_panel() -> JointCase:
    """A case about a child that a practitioner opened and a coordinator took over, each in their seat."""
    with acting_as("practitioner") as sight:
        row = cases.open_case(sight, "placement_panel", "education", CHILD, "child")
        offer = cases.offer_case(sight, row.pk, "vale-coordination", "coordination", "hand_over", "whole")
    with acting_as("coordinator") as sight:
        cases.accept_offer(sight, offer.pk)
    return row


def with_meeting(row: JointCase) -> tuple[Meeting, AgendaItem]:
    """The lead of a case, who is a coordinator, puts it on the agenda of a meeting of theirs and asks for returns."""
    with acting_as("coordinator") as sight:
        meeting = meetings.plan_meeting(sight, "placement_panel", timezone.now() + SOON)
        item = meetings.put_on_agenda(sight, meeting.pk, row.pk)
        return meetings.take_meeting_step(sight, meeting.pk, 1, "ask_returns"), item


def close(row: JointCase, role: str = "coordinator") -> None:
    with acting_as(role) as sight:
        cases.close_case(sight, row.pk, JointCase.objects.get(pk=row.pk).version, "goals_met")


def tomorrow() -> dt.date:
    return timezone.localdate() + dt.timedelta(days=1)


def test_a_case_is_not_closed_while_the_law_or_an_agenda_waits_for_it() -> None:
    row = open_panel()
    _, item = with_meeting(row)
    with pytest.raises(NotPossible, match="waits on an agenda"):
        close(row)
    with acting_as("coordinator") as sight:
        meetings.leave_agenda(sight, item.pk, 1, "take_off", "settled")
    move = PlannedMove.objects.create(case=row, planned_on=tomorrow(), leaves_district=True, made_by="test-coordinator")
    notice = MoveNotice.objects.create(move=move, kind="s208", body="council", changed_by="test-coordinator")
    with pytest.raises(NotPossible, match="1 notices of a move are not sent"):
        close(row)
    MoveNotice.objects.filter(pk=notice.pk).update(state="sent", sent_on=timezone.localdate())
    JointPlan.objects.create(case=row, number=1, state="proposed", made_by="test-coordinator")
    with pytest.raises(NotPossible, match="joint plan waits"):
        close(row)
    JointPlan.objects.update(state="draft")
    close(row)
    assert JointCase.objects.get().state == "closed"


def test_in_a_closed_case_nothing_begins_anew() -> None:
    row = open_panel()
    with acting_as("coordinator") as sight:
        made = actions.make_action(sight, row, "Ask the school", "vale-coordination", tomorrow())
    with acting_as("coordinator", username="test-coordinator") as sight:
        actions.take_step(sight, made.pk, 1, "complete", "done")
    close(row)
    with acting_as("coordinator") as sight, pytest.raises(NotPossible, match="case is not open"):
        actions.take_step(sight, made.pk, 2, "send_back")
    assert CareAction.objects.get().state == "done"


def test_a_case_that_was_closed_meanwhile_takes_no_return() -> None:
    row = open_panel()
    _, item = with_meeting(row)
    JointCase.objects.update(
        state="closed", outcome="goals_met", closed_at=timezone.now()
    )  # as one that was closed before agendas were asked
    with acting_as("coordinator") as sight:
        with pytest.raises(NotPossible, match="The case is not open"):
            grounds = Grounds("children_act_2004_s10", "serious_harm")
            meetings.give_return(sight, item.pk, 1, [AnswerGiven("school", "child", "x", {})], grounds)
        with pytest.raises(NotPossible, match="The case is not open"):
            meetings.say_no_return(sight, item.pk, 1, "say_nothing_held")
    assert {one.state for one in MeetingReturn.objects.all()} == {"asked"}


def turns_held() -> int:
    """How many advisory locks this transaction holds."""
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()")
        return int(cursor.fetchone()[0])


MAKES_SOMETHING_TO_DO: dict[str, Callable[[Sight, JointCase], object]] = {
    "an action": lambda sight, row: actions.make_action(sight, row, "Ask", "vale-coordination", tomorrow()),
    "an offer": lambda sight, row: cases.offer_case(sight, row.pk, "northmere-education", "education", "edit", "whole"),
    "a place on an agenda": lambda sight, row: meetings.put_on_agenda(
        sight, meetings.plan_meeting(sight, "placement_panel", timezone.now() + SOON).pk, row.pk
    ),
}


@pytest.mark.parametrize("what", MAKES_SOMETHING_TO_DO)
def test_whoever_makes_something_to_do_and_whoever_closes_wait_for_each_other(what: str) -> None:
    row = open_panel()
    before = turns_held()
    with acting_as("coordinator") as sight:
        MAKES_SOMETHING_TO_DO[what](sight, row)
        assert turns_held() >= max(before, 1), "held until the transaction ends"
    with pytest.raises(NotPossible):
        close(row)


def test_what_is_clicked_twice_is_done_once() -> None:
    with acting_as("practitioner") as sight:
        row = cases.open_case(sight, "placement_panel", "education", CHILD, "child")
        with pytest.raises(NotPossible, match=f"{row.reference} is open"):
            cases.open_case(sight, "placement_panel", "education", CHILD, "child")
        other = cases.open_case(sight, "placement_panel", "education", CHILD, "child", another=True)
        assert other.pk != row.pk
        actions.make_action(sight, row, "Ask", "northmere-education", tomorrow())
        with pytest.raises(NotPossible, match="this action already"):
            actions.make_action(sight, row, " Ask ", "northmere-education", tomorrow())
        cases.offer_case(sight, row.pk, "vale-coordination", "coordination", "edit", "whole")
        with pytest.raises(NotPossible, match="an offer already"):
            cases.offer_case(sight, row.pk, "vale-coordination", "coordination", "edit", "whole")
    with acting_as("coordinator") as sight:
        at = timezone.now() + SOON
        meetings.plan_meeting(sight, "placement_panel", at)
        with pytest.raises(NotPossible, match="planned this meeting already"):
            meetings.plan_meeting(sight, "placement_panel", at)
    assert (JointCase.objects.count(), Meeting.objects.count(), CareAction.objects.count()) == (2, 1, 1)


def test_of_another_s_open_case_nothing_is_said() -> None:
    open_panel()
    another_practitioner()
    with acting_as("practitioner", username="second") as sight:
        cases.open_case(sight, "placement_panel", "education", CHILD, "child")


def another_practitioner() -> None:
    with known_asker():
        User.objects.create(
            username="second", role="practitioner", display_name="Second", organisation=ORGANISATIONS["practitioner"]
        )


def test_of_another_s_referral_nothing_is_said_and_the_team_finds_both() -> None:
    another_practitioner()
    sent = []
    for username in ("test-practitioner", "second"):
        with acting_as("practitioner", username=username) as sight:
            sent.append(referrals.send(sight, CHILD, "hospital-safeguarding", "health", "urgent").pk)
            with pytest.raises(NotPossible, match="has this referral already"):
                referrals.send(sight, CHILD, "hospital-safeguarding", "health", "urgent")
    assert {row.pk for row in Referral.objects.all()} == set(sent)


def test_a_case_leaves_an_agenda_with_a_reason_and_may_come_back() -> None:
    row = open_panel()
    meeting, item = with_meeting(row)
    with acting_as("coordinator") as sight:
        with pytest.raises(NotPossible, match="while the meeting is in session"):
            meetings.leave_agenda(sight, item.pk, 1, "put_off", "no_time")
        with pytest.raises(NotPossible, match="Choose from the list why"):
            meetings.leave_agenda(sight, item.pk, 1, "take_off", "bored")
        meetings.leave_agenda(sight, item.pk, 1, "take_off", "mistake")
        assert meetings.list_returns_due(sight) == []
        assert [one.pk for one in meetings.cases_to_list(meeting)] == [row.pk]
        again = meetings.put_on_agenda(sight, meeting.pk, row.pk)
        with pytest.raises(NotPossible, match="on the agenda already"):
            meetings.put_on_agenda(sight, meeting.pk, row.pk)
        assert [one.item_id for _, one, _ in meetings.list_returns_due(sight)] == [again.pk]
    (entry,) = [one for one in ENTRIES.filter(kind="changed") if one.details["what"] == "case: take_off"]
    assert entry.details["reason"] == "mistake"


def test_a_chair_who_may_only_view_a_case_is_not_offered_it() -> None:
    row = open_panel()
    CaseMember.objects.filter(case=row).update(is_lead=False)
    CaseMember.objects.filter(case=row).update(right="view")
    with acting_as("coordinator") as sight:
        meeting = meetings.plan_meeting(sight, "placement_panel", timezone.now() + SOON)
        assert meetings.cases_to_list(meeting) == []
        with pytest.raises(NotPossible, match="You may see the case and not work on it"):
            meetings.put_on_agenda(sight, meeting.pk, row.pk)


def test_a_meeting_is_moved_and_its_returns_with_it_in_cases_too_that_the_chair_left() -> None:
    row = open_panel()
    meeting, item = with_meeting(row)
    CaseMember.objects.filter(case=row, username="test-coordinator").update(is_lead=False)
    CaseMember.objects.filter(case=row, username="test-coordinator").update(left_at=timezone.now())
    later = timezone.now() + 3 * SOON
    with acting_as("coordinator") as sight:
        with pytest.raises(NotThere):
            meetings.get_item(item.pk)
        with pytest.raises(NotPossible, match="still to come"):
            meetings.move_meeting(sight, meeting.pk, 2, timezone.now() - SOON)
        meetings.move_meeting(sight, meeting.pk, 2, later)
    due = {one.due_at for one in MeetingReturn.objects.all()}
    assert due == {returns_due_at(later, case_type_of("placement_panel"))}
    kept = Meeting.objects.get()
    assert kept.starts_at == later and kept.moved_at is not None and kept.version == 3
    with acting_as("practitioner") as sight, pytest.raises(NotPossible, match="Only the chair"):
        meetings.move_meeting(sight, meeting.pk, 3, later)


def test_only_the_chair_moves_what_is_due() -> None:
    row = open_panel()
    meeting, _ = with_meeting(row)
    before = {one.due_at for one in MeetingReturn.objects.all()}
    with acting_as("practitioner"), connection.cursor() as cursor:
        cursor.execute("select braid_returns_due(%s, now())", [meeting.pk])
    assert {one.due_at for one in MeetingReturn.objects.all()} == before


def test_a_meeting_is_called_off_with_a_reason() -> None:
    with acting_as("coordinator") as sight:
        meeting = meetings.plan_meeting(sight, "placement_panel", timezone.now() + SOON)
        with pytest.raises(NotPossible, match="Choose why"):
            meetings.take_meeting_step(sight, meeting.pk, 1, "cancel")
        meetings.take_meeting_step(sight, meeting.pk, 1, "cancel", "too_few")
        seen = meetings.get_meeting(sight, meeting.pk)
        assert (seen.state, seen.cancelled_name) == ("cancelled", "Too few can come")


def test_of_two_who_write_attendance_one_is_told() -> None:
    row = open_panel()
    meeting, _ = with_meeting(row)
    with acting_as("coordinator") as sight:
        meetings.write_attendance(sight, meeting.pk, 2, {"coordination": ("present", "")})
        with pytest.raises(NotPossible, match="Somebody else changed this"):
            meetings.write_attendance(sight, meeting.pk, 2, {"coordination": ("absent", "")})


def test_an_approved_plan_is_reviewed_while_a_draft_waits(client_of) -> None:
    row = open_panel()
    today = timezone.localdate()
    held = JointPlan.objects.create(
        case=row, number=1, state="approved", made_by="test-coordinator", review_on=today, approved_at=timezone.now()
    )
    PlanApproval.objects.create(
        plan=held, round=held.round, organisation="vale-authority", state="approved", due_at=timezone.now()
    )
    draft = JointPlan.objects.create(case=row, number=2, state="draft", made_by="test-coordinator")
    with acting_as("coordinator") as sight:
        assert [one.is_review for one in list_due(sight)] == [True]
        seen = get_plan(sight, row.pk)
        assert (seen.number, seen.holding.number, seen.holding.review_is_due) == (2, 1, True)
        plans.review(sight, row.pk, seen.holding.version, [], today + SOON)
        assert list_due(sight) == []
    page = client_of("coordinator", SCHOOL_FROM_TA).get(f"/cases/{row.pk}/plan/").content.decode()
    assert "Version 1 holds until another is approved" in page and "Review version 1, which holds" in page
    assert JointPlan.objects.get(pk=held.pk).review_on == today + SOON
    assert JointPlan.objects.get(pk=draft.pk).version == 1


def test_the_pages_move_a_meeting_take_a_case_off_and_call_the_meeting_off(client_of) -> None:
    row = open_panel()
    meeting, item = with_meeting(row)
    chair = client_of("coordinator", SCHOOL_FROM_TA)
    address, of_item = f"/meetings/{meeting.pk}/", f"/agenda/{item.pk}/"
    later = (timezone.localtime() + 2 * SOON).strftime("%Y-%m-%d 10:00")
    assert chair.post(address, {"kind": "reschedule", "version": "2", "starts_at": "soon"}).status_code == 400
    assert chair.post(address, {"kind": "reschedule", "version": "2", "starts_at": later}).status_code == 302
    shown = chair.get(of_item).content.decode()
    assert "Take it off the agenda" in shown and "Put off to another meeting" not in shown
    assert chair.post(of_item, {"kind": "take_off", "version": "1", "take_off-reason": ""}).status_code == 400
    answer = chair.post(of_item, {"kind": "take_off", "version": "1", "take_off-reason": "settled"})
    assert (answer.status_code, answer["Location"]) == (302, f"{address}?done=take_off")
    assert chair.get(of_item).status_code == 404
    assert chair.post(address, {"kind": "cancel", "version": "3", "cancel-reason": "too_few"}).status_code == 302
    assert "Cancelled</strong>: too few can come" in chair.get(address).content.decode()


def test_a_second_case_of_a_kind_is_opened_on_purpose(client_of) -> None:
    practitioner = client_of("practitioner", SCHOOL_FROM_TA)
    address = f"/people/{CHILD}/case/"
    given = {"case_type": "placement_panel", "agency": "education", "part": "child"}
    assert practitioner.post(address, given).status_code == 302
    again = practitioner.post(address, given)
    assert again.status_code == 400 and "Open another about them" in again.content.decode()
    assert practitioner.post(address, {**given, "another": "yes"}).status_code == 302
    assert JointCase.objects.count() == 2


def test_the_page_offers_the_lead_of_the_sender_to_take_a_referral_back(client_of) -> None:
    with acting_as("practitioner") as sight:
        sent = referrals.send(sight, CHILD, "hospital-safeguarding", "health", "urgent")
    another_practitioner()
    with known_asker():
        TeamMember.objects.create(team_id="northmere-education", username="second", is_lead=True)
    with acting_as("practitioner", username="second") as sight:
        assert (seen := referrals.get_referral(sight, sent.pk)).may_revoke and seen.may_link
    with acting_as("partner") as sight:
        assert not (seen := referrals.get_referral(sight, sent.pk)).may_revoke and not seen.may_link
    with acting_as("partner") as sight:
        referrals.answer_referral(sight, sent.pk, 1, Answer("refuse", "criteria"))
    with acting_as("practitioner", username="second") as sight:
        assert not (seen := referrals.get_referral(sight, sent.pk)).may_revoke and not seen.may_link


def test_whoever_comes_is_told_that_a_meeting_is_moved_or_called_off() -> None:
    row = open_panel()
    meeting, _ = with_meeting(row)
    with acting_as("practitioner"):
        assert list_meeting_changes("test-practitioner", timezone.now()) == []
    with acting_as("coordinator") as sight:
        meetings.move_meeting(sight, meeting.pk, 2, timezone.now() + 3 * SOON)
    told = []
    for step in ("moved", "called off"):
        with acting_as("coordinator") as sight:
            if step == "called off":
                meetings.take_meeting_step(sight, meeting.pk, 3, "cancel", "too_few")
            assert list_meeting_changes("test-coordinator", timezone.now()) == [], "they did it"
        with acting_as("practitioner"):
            mail = mail_of(list_meeting_changes("test-practitioner", timezone.now()), NO_DIGEST, told, timezone.now())
            (entry,) = list_appointments(timezone.now())
        assert mail is not None and f"1 meeting {step}" in mail.words and meeting.reference in mail.words
        told += mail.keys
        assert (entry.is_cancelled, entry.revision) == (step == "called off", Meeting.objects.get().version)
    with acting_as("practitioner"):
        assert (
            mail_of(list_meeting_changes("test-practitioner", timezone.now()), NO_DIGEST, told, timezone.now()) is None
        )
    with acting_as("partner"):
        assert list_meeting_changes("test-partner", timezone.now()) == [], "no case of theirs is on it"
