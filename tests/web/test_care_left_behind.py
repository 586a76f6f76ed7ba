"""Nothing is left behind: by a meeting that is not held, a chair who sees less, a member who leaves, an acceptance."""

import datetime as dt

import pytest
from django.utils import timezone
from sample_run import VICTIM
from test_care_steps import acting_as, join, open_marac, refer, teams  # noqa: F401

from braid.care.meetings import Decision
from braid.care.referrals import LOOK_AGAIN_AFTER, Answer
from braid.language.steps import NotPossible
from braid.trust.roles import SCHOOL_FROM_TA, VICTIM_RESPONSE
from braid.web.care import actions, cases, meetings, referrals, reviews
from braid.web.care.agendas_unseen import count_left
from braid.web.care.things import list_things
from braid.web.models import (
    AgendaItem,
    AuditEntry,
    CareAction,
    CaseMember,
    ExclusionEntry,
    JointCase,
    Meeting,
    MeetingReturn,
    PlannedMove,
    Referral,
    TeamMember,
    User,
)
from braid.web.overlay.effects import renew_effects
from braid.web.owner_functions import ask
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db


def today(days: int = 0) -> dt.date:
    return timezone.localdate() + dt.timedelta(days=days)


def ahead(days: int) -> dt.datetime:
    return timezone.now() + dt.timedelta(days=days)


def kinds_of(role: str, username: str = "", purpose: str = VICTIM_RESPONSE) -> set[str]:
    with acting_as(role, purpose, username):
        return {one.kind for one in list_things(timezone.now())}


def marac() -> JointCase:
    """A case led by the advocate, with the hospital and a coordinator."""
    row = open_marac()
    join(row.pk, "vale-coordination", "coordination", "coordinator")
    join(row.pk, "hospital-safeguarding", "health", "responder")
    return row


def listed(row: JointCase, days: int = 9) -> AgendaItem:
    """The case on the agenda of a meeting to come."""
    with acting_as("coordinator", VICTIM_RESPONSE) as sight:
        meeting = meetings.plan_meeting(sight, "marac", ahead(days))
        return meetings.put_on_agenda(sight, meeting.pk, row.pk)


def colleague(name: str, of: str, team: str, is_lead: bool = False) -> str:
    """Another account of the role and organisation of a user of the sample, in a team."""
    base = User.objects.get(username=f"test-{of}")
    User.objects.create(username=name, role=base.role, organisation=base.organisation, display_name=name)
    with known_asker():
        TeamMember.objects.create(team_id=team, username=name, is_lead=is_lead)
    return name


def carried() -> list[tuple[str, str]]:
    """What the next meeting of the kind carries over: reference of each case, and how it was left."""
    with acting_as("coordinator", VICTIM_RESPONSE) as sight:
        meeting = meetings.plan_meeting(sight, "marac", ahead(20))
        return [(row.reference, last.state) for row, last in reviews.cases_to_carry(meeting)]


def test_a_meeting_that_is_never_held_gives_its_cases_back(teams):  # noqa: F811
    row = marac()
    item = listed(row)
    assert carried() == [], "it is on an agenda"
    with known_asker():
        Meeting.objects.filter(pk=item.meeting_id).update(starts_at=ahead(-90))
    assert carried() == [(row.reference, "put_off")]
    assert kinds_of("coordinator") >= {"meeting_to_hold"}
    assert "review" in kinds_of("advocate"), "28 days or so after the meeting, as if it had been decided there"
    with acting_as("advocate", VICTIM_RESPONSE) as sight:
        (due,) = reviews.list_reviews(sight)
        assert due.case_id == row.pk and due.silence.level == 2


def test_a_meeting_that_is_called_off_gives_its_cases_back(teams):  # noqa: F811
    row = marac()
    item = listed(row)
    with acting_as("coordinator", VICTIM_RESPONSE) as sight:
        meetings.take_meeting_step(sight, item.meeting_id, 1, "cancel", "too_few")
    assert carried() == [(row.reference, "put_off")]
    assert "meeting_to_hold" not in kinds_of("coordinator")


def begin_under_another_chair(item: AgendaItem) -> str:
    """Somebody who takes no part takes the chair, asks for returns and begins."""
    name = colleague("next-chair", "coordinator", "vale-coordination")
    with acting_as("coordinator", VICTIM_RESPONSE, name) as sight:
        meetings.take_chair(sight, item.meeting_id, 1)
        meetings.take_meeting_step(sight, item.meeting_id, 2, "ask_returns")
    with known_asker():
        asked = MeetingReturn.objects.filter(item=item).values_list("agency", flat=True)
        assert set(asked) == {"advocate", "coordination", "health"}
    with acting_as("coordinator", VICTIM_RESPONSE, name) as sight:
        away = dict.fromkeys(("police", "childrens_social_care", "housing", "probation", "health"), ("", "urgent"))
        meetings.write_attendance(sight, item.meeting_id, 3, {**away, "advocate": ("present", "")})
    with known_asker():  # a chair of no case cannot begin: one of theirs is on the agenda too
        mine = JointCase.objects.create(
            reference="JC-MINE", case_type="marac", purpose=VICTIM_RESPONSE, opened_by=name, type_version="1"
        )
        seat = {"organisation": "vale-authority", "agency": "coordination", "right": "edit", "sight": "whole"}
        CaseMember.objects.create(case=mine, username=name, is_lead=True, **seat)
        AgendaItem.objects.create(meeting_id=item.meeting_id, case=mine, position=2)
    with acting_as("coordinator", VICTIM_RESPONSE, name) as sight:
        meetings.take_meeting_step(sight, item.meeting_id, 4, "begin")
    return name


def test_what_a_chair_does_not_see_is_put_off_and_not_lost(teams, client_of):  # noqa: F811
    row = marac()
    item = listed(row)
    name = begin_under_another_chair(item)
    with acting_as("coordinator", VICTIM_RESPONSE, name) as sight:
        seen = meetings.get_meeting(sight, item.meeting_id)
        assert (seen.unseen, [one.case_reference for one in seen.items]) == (1, ["JC-MINE"])
        with pytest.raises(NotPossible, match="1 of the cases"):
            meetings.take_meeting_step(sight, item.meeting_id, 5, "end")
        meetings.decide(sight, seen.items[0].id, 1, Decision("no_further", "Nothing is left to do"), [])
        meetings.take_meeting_step(sight, item.meeting_id, 5, "end")
    with known_asker():
        assert AgendaItem.objects.get(pk=item.pk).state == "put_off"
        assert AuditEntry.objects.filter(details__cases=1, person_id="").count() == 1
        Meeting.objects.filter(pk=item.meeting_id).update(starts_at=ahead(-3))
    assert carried() == [(row.reference, "put_off")]


def test_a_chair_who_is_kept_from_somebody_learns_of_no_case_about_them(teams):  # noqa: F811
    item = listed(marac())
    name = begin_under_another_chair(item)
    with known_asker():
        ExclusionEntry.objects.create(
            subject_id=VICTIM, reason="staff_knows", barred_username=name, entered_by="test-ig_lead"
        )
        renew_effects()
    with acting_as("coordinator", VICTIM_RESPONSE, name) as sight:
        seen = meetings.get_meeting(sight, item.meeting_id)
        assert (seen.unseen, len(seen.items)) == (0, 1)
        meetings.decide(sight, seen.items[0].id, 1, Decision("no_further", "Nothing is left to do"), [])
        meetings.take_meeting_step(sight, item.meeting_id, 5, "end")
    with known_asker():
        assert AgendaItem.objects.get(pk=item.pk).state == "put_off"


def test_the_functions_of_an_agenda_do_nothing_for_who_does_not_chair(teams):  # noqa: F811
    item = listed(marac())
    with known_asker():
        Meeting.objects.filter(pk=item.meeting_id).update(state="in_session")
    for role, name in (("coordinator", colleague("other", "coordinator", "vale-coordination")), ("responder", "")):
        with acting_as(role, VICTIM_RESPONSE, name):
            assert count_left(item.meeting) == 0
            assert ask("braid_put_off_unseen", item.meeting_id) == 0
            ask("braid_ask_unseen", item.meeting_id, timezone.now(), ["advocate"])
    with known_asker():
        assert AgendaItem.objects.get(pk=item.pk).state == "listed" and not MeetingReturn.objects.exists()


def owed(row: JointCase) -> CareAction:
    """An action of the hospital's team, which one member of the case is of."""
    with acting_as("advocate", VICTIM_RESPONSE) as sight:
        return actions.make_action(sight, row, "Words of it", "hospital-safeguarding", today(1))


def test_the_last_of_a_team_does_not_leave_what_it_owes(teams):  # noqa: F811
    row = marac()
    action = owed(row)
    item = listed(row)
    with acting_as("coordinator", VICTIM_RESPONSE) as sight:
        meetings.take_meeting_step(sight, item.meeting_id, 1, "ask_returns")
    name = colleague("nurse", "responder", "hospital-safeguarding")
    with acting_as("responder", VICTIM_RESPONSE) as sight:
        with pytest.raises(NotPossible, match=r"1 open action and 1 return asked for\. Bring in a colleague"):
            cases.remove_member(sight, row.pk, "test-responder")
        cases.add_colleague(sight, row.pk, name, "edit", "whole")
        cases.remove_member(sight, row.pk, "test-responder")
    with acting_as("responder", VICTIM_RESPONSE, name) as sight:
        assert [one.id for one in actions.list_of_teams(sight)] == [action.pk]


def test_whom_the_lead_takes_out_leaves_it_to_the_team_and_the_lead_moves_it(teams, client_of):  # noqa: F811
    row = marac()
    action = owed(row)
    with acting_as("advocate", VICTIM_RESPONSE) as sight:
        cases.remove_member(sight, row.pk, "test-responder")
    with known_asker():
        CareAction.objects.filter(pk=action.pk).update(due_on=today(-20))
    with acting_as("responder", VICTIM_RESPONSE):
        ((thing,), page) = ([one for one in list_things(timezone.now()) if one.kind == "action"], "")
        assert (thing.reference, thing.page) == (row.reference, page), "its team has it still, by reference"
    given = {"kind": "action_step", "action": str(action.pk), "version": "1", "step": "reassign"}
    client = client_of("advocate", VICTIM_RESPONSE)
    address = f"/cases/{row.pk}/"
    assert "Give to another team" in client.get(address).content.decode()
    for team in ("hospital-safeguarding", "northmere-education", ""):
        refused = client.post(address, {**given, "team": team})
        assert refused.status_code == 400 and "Choose another team of the case" in refused.content.decode(), team
    assert (
        client_of("coordinator", VICTIM_RESPONSE).post(address, {**given, "team": "harbour-advocacy"}).status_code
        == 400
    )
    assert client.post(address, {**given, "team": "vale-coordination"}).status_code == 302
    assert kinds_of("responder") == set() and kinds_of("coordinator") == {"action"}
    with acting_as("coordinator", VICTIM_RESPONSE) as sight:
        (mine,) = actions.list_of_teams(sight)
        assert (mine.team_name, mine.owner, mine.version) == ("vale-coordination", "", 2)


def test_an_accepted_referral_is_looked_at_again(teams, client_of):  # noqa: F811
    row = refer()
    with acting_as("partner", SCHOOL_FROM_TA) as sight, pytest.raises(NotPossible, match="was accepted"):
        referrals.look_again(sight, row.pk, 1, today(9))
    with acting_as("partner", SCHOOL_FROM_TA) as sight:
        referrals.answer_referral(sight, row.pk, 1, Answer("accept"))
        assert referrals.get_referral(sight, row.pk).look_again_on == today(LOOK_AGAIN_AFTER.days)
    with known_asker():
        Referral.objects.filter(pk=row.pk).update(answered_at=ahead(-400), answered_by="somebody of the team")
    assert kinds_of("partner", purpose=SCHOOL_FROM_TA) == {"look_again"}
    assert kinds_of("practitioner", purpose=SCHOOL_FROM_TA) == {"look_again"}, "whoever sent it"
    client, address = client_of("partner", SCHOOL_FROM_TA), f"/referrals/{row.pk}/"
    given = {"step": "look_again", "version": "2"}
    for day in ("", str(today()), str(today(400))):
        assert client.post(address, {**given, "look_again_on": day}).status_code == 400
    assert client.post(address, {**given, "look_again_on": str(today(20))}).status_code == 302
    assert kinds_of("partner", purpose=SCHOOL_FROM_TA) == set()
    sender = client_of("practitioner", SCHOOL_FROM_TA)
    assert "looks at it again by" in sender.get(address).content.decode()
    refused = sender.post(address, {"step": "look_again", "version": "3", "look_again_on": str(today(3))})
    assert refused.status_code == 400 and "somebody of the team that accepted" in refused.content.decode()


def test_a_move_whose_day_has_come_asks_whether_it_was_made(teams, client_of):  # noqa: F811
    with known_asker():
        case = JointCase.objects.create(
            reference="JC-MOVE", case_type="placement_panel", purpose=SCHOOL_FROM_TA, opened_by="x", type_version="1"
        )
        seat = {"organisation": "northmere-council", "agency": "housing", "right": "edit", "sight": "whole"}
        CaseMember.objects.create(case=case, username="test-practitioner", is_lead=True, **seat)
        move = PlannedMove.objects.create(case=case, planned_on=today(1), leaves_district=True, made_by="x")
    client = client_of("practitioner", SCHOOL_FROM_TA)
    assert "JC-MOVE" not in client.get("/work-list/").content.decode()
    with known_asker():
        PlannedMove.objects.filter(pk=move.pk).update(planned_on=today(-200))
    page = client.get("/work-list/").content.decode()
    assert "JC-MOVE: a move was planned for" in page and "Planned move to confirm" in page
    assert kinds_of("practitioner", purpose=SCHOOL_FROM_TA) == {"move"}
