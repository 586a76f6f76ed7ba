"""Referrals, joint cases, meetings and actions as kept: played by several organisations, under the pages' own role."""

import datetime as dt
from contextlib import contextmanager

import pytest
from care_teams import make_teams
from django.utils import timezone
from published_sample import REFERENCE, as_pages
from sample_agreements import ORGANISATIONS
from sample_run import CHILD, VICTIM

from braid.care.meetings import Decision
from braid.care.referrals import Answer
from braid.language.steps import NotPossible
from braid.trust.roles import SCHOOL_FROM_TA, VICTIM_RESPONSE
from braid.web.access.projections import Viewer
from braid.web.access.sight import NotThere, looking
from braid.web.care import actions, cases, meetings, referrals
from braid.web.care.meetings import ActionWanted, AnswerGiven, Grounds
from braid.web.models import ExclusionEntry, Meeting, TeamMember, User
from braid.web.overlay.effects import renew_effects
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db


@pytest.fixture
def teams(published):
    """A team for each organisation at the table."""
    make_teams()


@contextmanager
def acting_as(role: str, purpose: str, username: str = ""):
    """The transaction of a human, under the role of the pages."""
    with as_pages(), looking(Viewer(username or f"test-{role}", role, purpose, REFERENCE, "test")) as sight:
        yield sight


def refer(urgency="urgent") -> referrals.Referral:
    with acting_as("practitioner", SCHOOL_FROM_TA) as sight:
        return referrals.send(sight, CHILD, "hospital-safeguarding", "health", urgency, "Asthma; the flat is damp")


def test_a_referral_opens_the_person_to_the_team_until_it_is_over(teams):
    with acting_as("partner", SCHOOL_FROM_TA) as sight, pytest.raises(NotThere):
        referrals.check_sees(sight, CHILD)
    row = refer()
    with acting_as("partner", SCHOOL_FROM_TA) as sight:
        (seen,) = referrals.list_inbox(sight)
        assert seen.name and seen.note and seen.silence.level == 0
        referrals.answer_referral(sight, row.pk, 1, Answer("accept"))
    with acting_as("partner", SCHOOL_FROM_TA) as sight:
        referrals.answer_referral(sight, row.pk, 2, Answer("complete"))
    with acting_as("partner", SCHOOL_FROM_TA) as sight:
        assert referrals.list_inbox(sight) == []
        assert referrals.get_referral(sight, row.pk).name == "", "who they are is closed again with the referral"
    with acting_as("practitioner", SCHOOL_FROM_TA) as sight:
        (sent,) = referrals.list_sent(sight)
        assert (sent.state, bool(sent.name)) == ("done", True)


def test_nobody_else_knows_of_a_referral(teams):
    row = refer()
    for role, purpose in (("analyst", SCHOOL_FROM_TA), ("coordinator", SCHOOL_FROM_TA), ("responder", VICTIM_RESPONSE)):
        with acting_as(role, purpose) as sight:
            with pytest.raises(NotThere):
                referrals.get_referral(sight, row.pk)
            assert referrals.list_inbox(sight) == []


def test_two_who_answer_at_once_do_not_undo_each_other(teams):
    row = refer()
    with acting_as("partner", SCHOOL_FROM_TA) as sight:
        referrals.answer_referral(sight, row.pk, 1, Answer("accept"))
    with acting_as("partner", SCHOOL_FROM_TA) as sight, pytest.raises(NotPossible, match="Somebody else changed"):
        referrals.answer_referral(sight, row.pk, 1, Answer("complete"))


def open_marac() -> cases.JointCase:
    with acting_as("advocate", VICTIM_RESPONSE) as sight:
        return cases.open_case(sight, "marac", "advocate", VICTIM, "harmed", another=True)


def join(case_id, team: str, agency: str, role: str, right="edit", sight_of_case="whole") -> None:
    with acting_as("advocate", VICTIM_RESPONSE) as sight:
        offer = cases.offer_case(sight, case_id, team, agency, right, sight_of_case)
    with acting_as(role, VICTIM_RESPONSE) as sight:
        with pytest.raises(NotThere):
            cases.get_case(sight, case_id)
        assert [one.id for one in cases.list_offers(sight)] == [offer.pk]
        cases.accept_offer(sight, offer.pk)


def test_a_whole_marac(teams):
    row = open_marac()
    join(row.pk, "vale-coordination", "coordination", "coordinator")
    join(row.pk, "hospital-safeguarding", "health", "responder")
    with acting_as("coordinator", VICTIM_RESPONSE) as sight:
        meeting = meetings.plan_meeting(sight, "marac", timezone.now() + dt.timedelta(days=9))
        item = meetings.put_on_agenda(sight, meeting.pk, row.pk)
        meetings.take_meeting_step(sight, meeting.pk, 1, "ask_returns")
    words = "Seen in the emergency department twice this month"
    with acting_as("responder", VICTIM_RESPONSE) as sight:
        assert [one.pk for one, *_ in meetings.list_returns_due(sight)] == [item.pk]
        grounds = Grounds("crime_and_disorder_act_1998_s115", "serious_harm")
        answers = [
            AnswerGiven("contact", "harmed", words, {}),
            AnswerGiven("risk", "harmed", "Kept from the coordinator", {"vale-authority": "not_necessary"}),
        ]
        meetings.give_return(sight, item.pk, 1, answers, grounds)
    with acting_as("advocate", VICTIM_RESPONSE) as sight:
        assert meetings.see_item(sight, meetings.get_item(item.pk)).lines == (), "independent until the meeting begins"
    with acting_as("coordinator", VICTIM_RESPONSE) as sight:
        there = dict.fromkeys(("police", "childrens_social_care", "housing", "probation"), ("", "urgent"))
        meetings.write_attendance(
            sight,
            meeting.pk,
            Meeting.objects.get(pk=meeting.pk).version,
            {**there, "advocate": ("present", ""), "health": ("remote", "")},
        )
        meetings.take_meeting_step(sight, meeting.pk, 3, "begin")
    with acting_as("advocate", VICTIM_RESPONSE) as sight:
        lines = meetings.see_item(sight, meetings.get_item(item.pk)).lines
        assert [line.words for line in lines] == ["Kept from the coordinator", words]
    with acting_as("coordinator", VICTIM_RESPONSE) as sight:
        seen = meetings.see_item(sight, meetings.get_item(item.pk))
        assert [line.words for line in seen.lines] == [words]
        with pytest.raises(NotPossible, match="at least one action"):
            meetings.decide(sight, item.pk, seen.version, Decision("safety_plan", "High risk"), [])
        wanted = [ActionWanted("Go through the plan", "harbour-advocacy", timezone.localdate() + dt.timedelta(days=2))]
        meetings.decide(sight, item.pk, seen.version, Decision("safety_plan", "High risk"), wanted)
    with acting_as("responder", VICTIM_RESPONSE) as sight:
        meetings.dissent(sight, item.pk, "A move should come first")
    with acting_as("coordinator", VICTIM_RESPONSE) as sight:
        meetings.take_meeting_step(sight, meeting.pk, 4, "end")
        meetings.take_meeting_step(sight, meeting.pk, 5, "agree")
        seen = meetings.see_item(sight, meetings.get_item(item.pk))
        assert seen.dissents and seen.actions and seen.decided_by == "test-coordinator"
    with acting_as("advocate", VICTIM_RESPONSE) as sight:
        (mine,) = actions.list_of_teams(sight)
        actions.take_step(sight, mine.id, 1, "complete", "done")
        with pytest.raises(NotPossible, match="did themselves"):
            actions.take_step(sight, mine.id, 2, "check")
        cases.close_case(sight, row.pk, 1, "goals_met")


def test_who_leaves_has_left_at_the_next_statement(teams):
    row = open_marac()
    join(row.pk, "hospital-safeguarding", "health", "responder")
    with acting_as("responder", VICTIM_RESPONSE) as sight:
        assert cases.get_case(sight, row.pk).subjects[0].name
        cases.remove_member(sight, row.pk, "test-responder")
        with pytest.raises(NotThere):
            cases.get_case(sight, row.pk)


def test_an_exclusion_takes_the_case_away_whatever_the_seat(teams):
    row = open_marac()
    join(row.pk, "hospital-safeguarding", "health", "responder")
    with known_asker():
        ExclusionEntry.objects.create(
            subject_id=VICTIM, reason="staff_knows", barred_username="test-responder", entered_by="test-ig_lead"
        )
        renew_effects()
    with acting_as("responder", VICTIM_RESPONSE) as sight:
        assert cases.list_cases(sight) == []
        with pytest.raises(NotThere):
            cases.get_case(sight, row.pk)


def test_a_case_is_handed_over_without_a_moment_of_nobody(teams):
    row = open_marac()
    join(row.pk, "hospital-safeguarding", "health", "responder", right="hand_over")
    with acting_as("responder", VICTIM_RESPONSE) as sight:
        seen = cases.get_case(sight, row.pk)
        assert [one.username for one in seen.members if one.is_lead] == ["test-responder"]
    with acting_as("advocate", VICTIM_RESPONSE) as sight:
        assert not cases.get_case(sight, row.pk).mine.is_lead
        cases.remove_member(sight, row.pk, "test-advocate")


def test_an_agreement_that_lapses_closes_the_case(teams):
    row = open_marac()
    user = User.objects.get(username="test-advocate")
    user.organisation = ORGANISATIONS["listing_officer"]
    user.save()
    with acting_as("advocate", VICTIM_RESPONSE) as sight, pytest.raises(NotThere):
        cases.get_case(sight, row.pk)


def test_who_moved_to_another_organisation_takes_the_seat_that_it_was_offered(teams):
    row = open_marac()
    join(row.pk, "hospital-safeguarding", "health", "responder")
    user = User.objects.get(username="test-responder")
    user.organisation = "vale-authority"
    user.save()
    with known_asker():
        TeamMember.objects.create(team_id="vale-coordination", username="test-responder")
    with acting_as("advocate", VICTIM_RESPONSE) as sight:
        offer = cases.offer_case(sight, row.pk, "vale-coordination", "coordination", "view", "own")
    with acting_as("responder", VICTIM_RESPONSE) as sight:
        cases.accept_offer(sight, offer.pk)
    with acting_as("responder", VICTIM_RESPONSE) as sight:
        mine = cases.get_case(sight, row.pk).mine
        assert (mine.organisation, mine.agency, mine.right, mine.sight) == (
            *("vale-authority", "coordination"),
            *("view", "own"),
        )
