"""What each side and each seat reads of a meeting: on the page, on paper, in the plan, and by the person's own view."""

import datetime as dt

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone
from published_sample import as_pages
from sample_run import CHILD, VICTIM
from test_care_steps import acting_as, join, open_marac, teams  # noqa: F401
from test_web_minutes import HOSPITAL, NOTE, deliver, hold, papers, place, send  # noqa: F401

from braid.care.links import ViewWanted
from braid.care.meetings import Decision
from braid.care.sides import EVERYBODY
from braid.language.steps import NotPossible
from braid.trust.roles import VICTIM_RESPONSE
from braid.web.care import actions, cases, meetings, minutes, newcomers, own_views, plans, plans_seen
from braid.web.care.meetings import ActionWanted, AnswerGiven
from braid.web.care.shares import Grounds
from braid.web.models import (
    AgencyNote,
    AgendaItem,
    CareAction,
    CaseMember,
    CaseOffer,
    CaseSubject,
    Dissent,
    GoalAction,
    JointCase,
    JointPlan,
    Meeting,
    MeetingReturn,
    PlanGoal,
    ReturnLine,
    ShareDecision,
)
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db
GROUNDS = Grounds("crime_and_disorder_act_1998_s115", "serious_harm")
DUTY = "children_act_2004_s16la"
ACCUSED, TO_ARREST, WHY = "CANARY-of-the-accused", "CANARY-arrest-the-accused", "CANARY-why-against-the-accused"


def today(days: int = 0) -> dt.date:
    return timezone.localdate() + dt.timedelta(days=days)


def denied():
    """What the policies refuse, whatever the page says."""
    return pytest.raises(DatabaseError, match="row-level security")


def seat(agency: str, sight: str = "whole", right: str = "edit", username: str = "test-responder") -> None:
    """Put somebody into another seat of the one case, as the owner of the tables."""
    with known_asker():
        CaseMember.objects.filter(username=username).update(agency=agency, sight=sight, right=right)


def conference(*, to: str = "in_session") -> tuple[Meeting, AgendaItem]:
    """A conference of an advocate, a coordinator who chairs, and a hospital; somebody is accused."""
    row = open_marac()
    with acting_as("advocate", VICTIM_RESPONSE) as sight:
        cases.add_subject(sight, row.pk, "accused", name_apart=ACCUSED)
    join(row.pk, "vale-coordination", "coordination", "coordinator")
    join(row.pk, "hospital-safeguarding", "health", "responder")
    with acting_as("coordinator", VICTIM_RESPONSE) as sight:
        meeting = meetings.plan_meeting(sight, "marac", timezone.now() + dt.timedelta(days=9))
        item = meetings.put_on_agenda(sight, meeting.pk, row.pk)
        meetings.take_meeting_step(sight, meeting.pk, 1, "ask_returns")
    if to == "in_session":
        begin(meeting)
    return meeting, item


def begin(meeting: Meeting) -> None:
    with acting_as("coordinator", VICTIM_RESPONSE) as sight:
        there = dict.fromkeys(("police", "childrens_social_care", "housing", "probation"), ("", "urgent"))
        meetings.write_attendance(
            sight,
            meeting.pk,
            Meeting.objects.get(pk=meeting.pk).version,
            {**there, "advocate": ("present", ""), "health": ("remote", "")},
        )
        meetings.take_meeting_step(sight, meeting.pk, 3, "begin")


def decide_apart(item: AgendaItem, team: str = "harbour-advocacy") -> None:
    with acting_as("coordinator", VICTIM_RESPONSE) as sight:
        wanted = [ActionWanted(TO_ARREST, team, today(2))]
        meetings.decide(sight, item.pk, 1, Decision("disrupt", WHY), wanted)


def end(meeting: Meeting) -> None:
    with acting_as("coordinator", VICTIM_RESPONSE) as sight:
        meetings.take_meeting_step(sight, meeting.pk, 4, "end")
        meetings.take_meeting_step(sight, meeting.pk, 5, "agree")


def give(role: str, item: AgendaItem, version: int, *answers: AnswerGiven, grounds: Grounds = GROUNDS) -> None:
    with acting_as(role, VICTIM_RESPONSE) as sight:
        meetings.give_return(sight, item.pk, version, answers, grounds)


def lines_of(role: str, item: AgendaItem) -> list[meetings.LineSeen]:
    with acting_as(role, VICTIM_RESPONSE) as sight:
        return list(meetings.see_item(sight, meetings.get_item(item.pk)).lines)


def decisions() -> list[ShareDecision]:
    with known_asker():
        return list(ShareDecision.objects.filter(line_id__isnull=False).order_by("decided_at", "pk"))


def test_what_is_decided_about_who_is_accused_is_in_no_copy_of_a_seat_that_is_not_shown_them(place, tmp_path):  # noqa: F811
    meeting, item = conference()
    decide_apart(item)
    end(meeting)
    with acting_as("responder", VICTIM_RESPONSE) as sight:
        seen = meetings.see_item(sight, meetings.get_item(item.pk))
        assert (seen.decision_name, seen.reason, seen.actions, seen.may_see_decision) == ("", "", (), False)
        (minuted,) = (one.minuted for one in minutes.get_minutes(sight, meeting.pk).items)
        assert (minuted.decision, minuted.reason, minuted.actions) == ("", "", ())
        (line,) = meetings.get_meeting(sight, meeting.pk).items
        assert line.decision_name == ""
    send(meeting)
    assert deliver(place) == {"sent": 2}
    found = {"vale-hospital" in words: words for words in papers(tmp_path)}
    for secret in (TO_ARREST, WHY, "Measures against"):
        assert secret not in found[True], "health is shown nothing of who is accused"
        assert secret in found[False], "the advocate is"


def test_a_team_that_owns_an_action_against_who_is_accused_reads_that_action_alone(place, tmp_path):  # noqa: F811
    meeting, item = conference()
    decide_apart(item, "hospital-safeguarding")
    end(meeting)
    send(meeting, [HOSPITAL])
    assert deliver(place) == {"sent": 1}
    (words,) = papers(tmp_path)
    assert TO_ARREST in words and WHY not in words


@pytest.mark.parametrize("page", ["case", "agenda", "meeting", "minutes", "follow", "plan", "work"])
def test_no_page_tells_a_seat_of_the_side_that_it_is_not_shown(teams, client_of, page):  # noqa: F811
    meeting, item = conference()
    decide_apart(item)
    with acting_as("advocate", VICTIM_RESPONSE) as sight:
        meetings.write_note(sight, item.pk, "CANARY-said-of-the-accused", "accused")
        meetings.write_note(sight, item.pk, "CANARY-said-of-both", EVERYBODY)
    address = {
        "case": f"/cases/{item.case_id}/",
        "agenda": f"/agenda/{item.pk}/",
        "meeting": f"/meetings/{meeting.pk}/",
        "minutes": f"/meetings/{meeting.pk}/minutes/",
        "follow": f"/meetings/{meeting.pk}/follow/",
        "plan": f"/cases/{item.case_id}/plan/",
        "work": "/work-list/",
    }[page]
    with acting_as("coordinator", VICTIM_RESPONSE) as sight:
        meetings.take_meeting_step(sight, meeting.pk, 4, "end")
    seat("housing")
    answer = client_of("responder", VICTIM_RESPONSE).get(address)
    assert answer.status_code == 200 and "CANARY" not in answer.content.decode()
    if page not in ("plan", "follow", "work", "meeting"):
        assert "CANARY" in client_of("advocate", VICTIM_RESPONSE).get(address).content.decode(), "the advocate's has it"


def test_words_are_read_by_seats_that_are_shown_whom_they_are_about(teams, client_of):  # noqa: F811
    meeting, item = conference()
    with acting_as("responder", VICTIM_RESPONSE) as sight:
        meetings.write_note(sight, item.pk, NOTE, "harmed")
        with pytest.raises(NotPossible, match="whom it is about"):
            meetings.write_note(sight, item.pk, NOTE, "nobody")
    with acting_as("coordinator", VICTIM_RESPONSE) as sight:
        meetings.decide(sight, item.pk, 1, Decision("no_further", "Services go on"), [])
        meetings.take_meeting_step(sight, meeting.pk, 4, "end")
    with acting_as("responder", VICTIM_RESPONSE) as sight:
        meetings.dissent(sight, item.pk, "CANARY-not-enough")
        minutes.amend(sight, item.pk, "CANARY-corrected", "harmed")
    advocate = client_of("advocate", VICTIM_RESPONSE)
    for address in (f"/agenda/{item.pk}/", f"/meetings/{meeting.pk}/minutes/"):
        page = advocate.get(address).content.decode()
        assert NOTE in page and "Services go on" in page and "CANARY-not-enough" in page, address
    seat("probation", username="test-advocate")
    with known_asker():
        CaseMember.objects.filter(username="test-advocate").update(is_lead=False)
        CaseMember.objects.filter(username="test-coordinator").update(is_lead=True)
    probation = client_of("advocate", VICTIM_RESPONSE)
    for address in (f"/agenda/{item.pk}/", f"/meetings/{meeting.pk}/minutes/"):
        page = probation.get(address).content.decode()
        assert NOTE not in page and "Services go on" not in page and "CANARY" not in page.replace(ACCUSED, ""), address
    with acting_as("advocate", VICTIM_RESPONSE):
        assert not AgencyNote.objects.exists() and not Dissent.objects.exists(), "nor do the policies give it"
    with acting_as("advocate", VICTIM_RESPONSE) as sight, pytest.raises(NotPossible, match="that your seat is shown"):
        meetings.dissent(sight, item.pk, "We do not agree")


def test_minutes_are_sent_by_a_chair_whose_seat_is_shown_all_of_them(place):  # noqa: F811
    meeting, _ = hold()
    seat("housing", username="test-coordinator")
    with pytest.raises(NotPossible, match="not shown all"):
        send(meeting)


def test_a_name_is_read_by_who_is_shown_or_asked_about_them(teams, client_of):  # noqa: F811
    _, item = conference()
    address = f"/cases/{item.case_id}/"
    responder = client_of("responder", VICTIM_RESPONSE)
    assert ACCUSED in responder.get(address).content.decode(), "health is asked what it holds about them"
    for agency in ("housing", "education"):
        seat(agency)
        for page in (address, f"/agenda/{item.pk}/"):
            assert ACCUSED not in responder.get(page).content.decode(), (agency, page)


def test_a_restricted_member_finds_their_seat_and_the_lead(teams, client_of):  # noqa: F811
    meeting, item = conference()
    with acting_as("advocate", VICTIM_RESPONSE) as sight:
        cases.offer_case(sight, item.case_id, "northmere-education", "housing", "edit", "whole")
    seat("health", sight="own")
    page = client_of("responder", VICTIM_RESPONSE).get(f"/cases/{item.case_id}/").content.decode()
    assert "test-advocate" in page and "test-responder" in page, "the lead, and themself"
    assert "test-coordinator" not in page and "northmere-education" not in page
    with acting_as("responder", VICTIM_RESPONSE):
        assert set(CaseMember.objects.values_list("username", flat=True)) == {"test-advocate", "test-responder"}
        assert not CaseOffer.objects.filter(state="offered").exists()
    assert meeting.pk


def test_a_restricted_member_gives_their_return_to_those_at_the_table(teams, client_of):  # noqa: F811
    _, item = conference(to="gathering")
    seat("health", sight="own")
    given = {"kind": "return", "version": "1", "risk.harmed": "High", "gateway": GROUNDS.gateway}
    answer = client_of("responder", VICTIM_RESPONSE).post(f"/agenda/{item.pk}/", {**given, "necessity": "serious_harm"})
    assert answer.status_code == 302
    assert {one.receiver for one in decisions()} == {"harbour", "vale-authority"}


def test_a_restricted_member_of_a_decided_case_reads_that_it_is_and_their_own_actions(teams, client_of):  # noqa: F811
    _, item = hold(agree=False, hospital_sight="own")
    with known_asker():
        CareAction.objects.filter(item=item).update(team_id="hospital-safeguarding")
    page = client_of("responder", VICTIM_RESPONSE).get(f"/agenda/{item.pk}/").content.decode()
    assert "Not decided" not in page and "It is decided." in page and "Go through the plan" in page
    assert "High risk" not in page and "Record that we do not agree" not in page


@pytest.mark.parametrize(("right", "sight_of_case"), [("view", "whole"), ("edit", "own"), ("view", "own")])
def test_who_sees_a_part_or_may_only_look_decides_nothing(teams, client_of, right, sight_of_case):  # noqa: F811
    meeting, item = conference()
    seat("coordination", sight_of_case, right, "test-coordinator")
    page = client_of("coordinator", VICTIM_RESPONSE).get(f"/agenda/{item.pk}/").content.decode()
    assert 'name="decide-reason"' not in page
    for step in (
        lambda sight: meetings.decide(sight, item.pk, 1, Decision("no_further", "Why"), []),
        lambda sight: meetings.leave_agenda(sight, item.pk, 1, "put_off", "no_time"),
        lambda sight: meetings.leave_agenda(sight, item.pk, 1, "take_off", "mistake"),
    ):
        with acting_as("coordinator", VICTIM_RESPONSE) as sight, pytest.raises(NotPossible, match="lead professional"):
            step(sight)
    with acting_as("coordinator", VICTIM_RESPONSE), denied(), transaction.atomic():
        AgendaItem.objects.filter(pk=item.pk).update(state="decided")
    with acting_as("coordinator", VICTIM_RESPONSE):
        assert AgendaItem.objects.filter(pk=item.pk).update(position=3) == 1, "the agenda is the chair's to pack"
    seat("coordination", username="test-coordinator")
    with acting_as("coordinator", VICTIM_RESPONSE) as sight:
        meetings.decide(sight, item.pk, 1, Decision("no_further", "Why"), [])
    seat("coordination", sight_of_case, right, "test-coordinator")
    with acting_as("coordinator", VICTIM_RESPONSE) as sight, pytest.raises(NotPossible, match="lead professional"):
        meetings.dissent(sight, item.pk, "No")
    mine = {"item_id": item.pk, "organisation": "vale-authority", "words": "No", "recorded_by": "test-coordinator"}
    with acting_as("coordinator", VICTIM_RESPONSE), denied(), transaction.atomic():
        Dissent.objects.append_one(Dissent(**mine))
    assert meeting.pk


def test_a_chair_decides_on_a_side_that_their_seat_is_shown(teams):  # noqa: F811
    _, item = conference()
    seat("probation", username="test-coordinator")
    with acting_as("coordinator", VICTIM_RESPONSE) as sight, pytest.raises(NotPossible, match="not shown"):
        meetings.decide(sight, item.pk, 1, Decision("no_further", "Why"), [])


def test_who_may_only_look_completes_nothing_and_is_given_nothing_to_do(teams):  # noqa: F811
    _, item = conference()
    with acting_as("advocate", VICTIM_RESPONSE) as sight:
        made = actions.make_action(sight, cases.get_row(item.case_id), "Do it", "hospital-safeguarding", today(1))
    seat("health", right="view")
    with acting_as("responder", VICTIM_RESPONSE) as sight:
        (seen,) = actions.list_of_teams(sight)
        assert seen.steps == ()
        with pytest.raises(NotPossible, match="see the case and not work"):
            actions.take_step(sight, made.pk, 1, "complete", "done")
        assert CareAction.objects.filter(pk=made.pk).update(state="done") == 0, "nor do the policies"
    with acting_as("advocate", VICTIM_RESPONSE) as sight:
        assert "hospital-safeguarding" not in actions.teams_at_table(cases.get_row(item.case_id))


def test_the_organisation_of_a_chair_who_is_not_there_does_not_dissent(teams):  # noqa: F811
    meeting, item = conference()
    with acting_as("coordinator", VICTIM_RESPONSE) as sight:
        meetings.decide(sight, item.pk, 1, Decision("no_further", "Why"), [])
        meetings.write_attendance(
            sight, meeting.pk, Meeting.objects.get(pk=meeting.pk).version, {"coordination": ("apologies", "")}
        )
        with pytest.raises(NotPossible, match="that was present"):
            meetings.dissent(sight, item.pk, "No")
        meetings.write_attendance(
            sight, meeting.pk, Meeting.objects.get(pk=meeting.pk).version, {"coordination": ("", "")}
        )
        meetings.dissent(sight, item.pk, "No")


def test_an_action_against_who_is_accused_is_in_no_plan_and_no_view_of_the_person(teams, client_of):  # noqa: F811
    row = open_marac()
    with acting_as("advocate", VICTIM_RESPONSE) as sight:
        case = cases.get_row(row.pk)
        apart = actions.make_action(sight, case, TO_ARREST, "harbour-advocacy", today(5), None, "apart")
        kept = actions.make_action(sight, case, "Ring on Monday", "harbour-advocacy", today(5))
        plans.begin(sight, row.pk)
        subject = CaseSubject.objects.get(case=case)
        plans.add_goal(sight, row.pk, 1, subject.pk, "Be safe", "person", today(20))
        plan = JointPlan.objects.get(case=case)
        goal = PlanGoal.objects.get(plan=plan)
        assert set(plans_seen.get_plan(sight, row.pk).other_actions) == {str(kept.pk)}
        with pytest.raises(NotPossible, match="no part of a plan"):
            plans.link_action(sight, row.pk, plan.version, goal.pk, apart.pk)
        plans.link_action(sight, row.pk, plan.version, goal.pk, kept.pk)
    linked = {"plan": plan, "goal": goal, "action_id": apart.pk}
    with acting_as("advocate", VICTIM_RESPONSE), denied(), transaction.atomic():
        GoalAction.objects.append_one(GoalAction(**linked))
    with known_asker():
        GoalAction.objects.create(**linked)  # by whatever way it came to be there
    with acting_as("advocate", VICTIM_RESPONSE) as sight:
        version = JointPlan.objects.get(case=case).version
        plans.set_review_day(sight, row.pk, version, today(20))
        plans.propose(sight, row.pk, version + 1)
        code = own_views.make_view(sight, row.pk, subject.pk, ViewWanted("agree", "in_person", 5, "fits"))
        assert TO_ARREST not in repr(plans_seen.get_plan(sight, row.pk))
    with as_pages():
        (own,) = own_views.open_own(code).goals
        assert [one.words for one in own.actions] == ["Ring on Monday"]
    assert TO_ARREST not in client_of("advocate", VICTIM_RESPONSE).get(f"/cases/{row.pk}/plan/").content.decode()


def test_who_is_put_apart_later_is_named_in_no_view_of_the_person(teams):  # noqa: F811
    row = open_marac()
    with acting_as("advocate", VICTIM_RESPONSE) as sight:
        case = cases.get_row(row.pk)
        plans.begin(sight, row.pk)
        subject = CaseSubject.objects.get(case=case)
        plans.add_goal(sight, row.pk, 1, subject.pk, "Kim Sample is at peace", "person", today(20))
        plans.add_goal(sight, row.pk, 2, subject.pk, "Be safe", "person", today(20))
        goal = PlanGoal.objects.get(words="Be safe")
        for number, words in enumerate(("Talk with Kim", "Ring on Monday")):
            plans.add_action(sight, row.pk, 3 + number, goal.pk, words, "harbour-advocacy", today(5))
        other = PlanGoal.objects.get(words="Kim Sample is at peace")
        plans.link_action(sight, row.pk, 5, other.pk, CareAction.objects.get(words="Ring on Monday").pk)
        plans.set_review_day(sight, row.pk, 6, today(20))
        plans.propose(sight, row.pk, 7)
        code = own_views.make_view(sight, row.pk, subject.pk, ViewWanted("agree", "in_person", 5, "fits"))
    with as_pages():
        assert len(own_views.open_own(code).goals) == 2
    with acting_as("advocate", VICTIM_RESPONSE) as sight:
        cases.add_subject(sight, row.pk, "accused", name_apart="Kim Sample")
    with as_pages():
        (own,) = own_views.open_own(code).goals
        assert (own.words, [one.words for one in own.actions]) == ("Be safe", ["Ring on Monday"])


def add_child(row: JointCase) -> None:
    with known_asker():
        CaseSubject.objects.create(case_id=row.pk, part="child", person_id=CHILD, added_by="test-advocate")


def test_a_line_is_decided_on_about_those_of_its_part_and_by_what_it_holds(teams, client_of):  # noqa: F811
    _, item = conference(to="gathering")
    add_child(item.case)
    answers = [
        AnswerGiven("contact", "child", "About the child", {}),
        AnswerGiven("risk", "harmed", "About whoever was harmed", {}),
        AnswerGiven("risk", "accused", "About who is accused", {}),
    ]
    give("responder", item, 1, *answers)
    with known_asker():
        part = dict(ReturnLine.objects.values_list("pk", "part"))
    found = {(part[one.line_id], one.person_id, one.receiver, one.about) for one in decisions()}
    assert found == {
        ("child", CHILD, "harbour", ""),
        ("child", CHILD, "vale-authority", ""),
        ("harmed", VICTIM, "harbour", ""),
        ("harmed", VICTIM, "vale-authority", ""),
        *(("accused", who, org, "accused") for who in (VICTIM, CHILD) for org in ("harbour", "vale-authority")),
    }, "of who is accused there is no id: those the case is about, and that it is so is said"
    assert {one.item_classes for one in decisions()} == {"E S"}
    ledger = client_of("ig_lead").get("/trust/disclosures/").content.decode()
    assert ledger.count('The line is about the part "accused"') == 4


def test_a_line_is_withheld_from_one_and_under_a_law_by_itself(teams, client_of):  # noqa: F811
    meeting, item = conference(to="gathering")
    hospital = client_of("responder", VICTIM_RESPONSE)
    address = f"/agenda/{item.pk}/"
    page = hospital.get(address).content.decode()
    assert 'name="contact.harmed.not_vale-authority"' in page and 'name="risk.accused.gateway"' in page
    given = {"kind": "return", "version": "1", "contact.harmed": "Told to both", "risk.harmed": "Kept from one",
             "risk.harmed.not_vale-authority": "harm_to_an_adult", "risk.harmed.gateway": "domestic_abuse_act_2021_s57",
             "gateway": GROUNDS.gateway, "necessity": "serious_harm"}  # fmt: skip
    assert hospital.post(address, given).status_code == 302
    with known_asker():
        words = dict(ReturnLine.objects.values_list("pk", "words"))
    found = {(words[one.line_id], one.receiver): (one.outcome, one.gateway, one.reason) for one in decisions()}
    section_115, section_57 = "crime_and_disorder_act_1998_s115", "domestic_abuse_act_2021_s57"
    assert found == {
        ("Told to both", "harbour"): ("shared", section_115, "serious_harm"),
        ("Told to both", "vale-authority"): ("shared", section_115, "serious_harm"),
        ("Kept from one", "harbour"): ("shared", section_57, "serious_harm"),
        ("Kept from one", "vale-authority"): ("withheld", section_57, "harm_to_an_adult"),
    }
    again = hospital.get(address).content.decode()
    kept = again[again.index('name="risk.harmed.not_vale-authority"') :].partition("</select>")[0]
    assert 'value="harm_to_an_adult" selected' in kept, "what was withheld stays so until somebody says otherwise"
    begin(meeting)
    assert {line.words for line in lines_of("coordinator", item)} == {"Told to both"}
    assert {line.words for line in lines_of("advocate", item)} == {"Told to both", "Kept from one"}


def test_all_of_a_return_is_withheld_from_one_with_one_choice(teams, client_of):  # noqa: F811
    _, item = conference(to="gathering")
    given = {"kind": "return", "version": "1", "contact.harmed": "One", "risk.harmed": "Two"}
    given |= {"not_vale-authority": "not_necessary", "gateway": GROUNDS.gateway, "necessity": "serious_harm"}
    assert client_of("responder", VICTIM_RESPONSE).post(f"/agenda/{item.pk}/", given).status_code == 302
    outcomes = {(one.receiver, one.outcome) for one in decisions()}
    assert outcomes == {("harbour", "shared"), ("vale-authority", "withheld")}


def test_under_a_duty_a_line_is_withheld_for_the_childs_sake_with_its_law(teams):  # noqa: F811
    _, item = conference(to="gathering")
    add_child(item.case)
    duty = Grounds(DUTY, "welfare_of_a_child", "no_detriment")
    kept = {"vale-authority": "child_in_danger"}
    with pytest.raises(NotPossible, match="is a duty"):
        give("responder", item, 1, AnswerGiven("risk", "child", "A", {"harbour": "not_necessary"}), grounds=duty)
    give("responder", item, 1, AnswerGiven("risk", "child", "About the child", kept), grounds=duty)
    names = ("receiver", "person_id", "outcome", "gateway", "reason", "detriment")
    found = {tuple(getattr(one, name) for name in names) for one in decisions()}
    assert found == {
        ("harbour", CHILD, "shared", DUTY, "welfare_of_a_child", "no_detriment"),
        ("vale-authority", CHILD, "withheld", DUTY, "", "child_in_danger"),
    }


def test_a_line_is_shared_under_a_law_of_its_kind_of_case(teams, client_of):  # noqa: F811
    meeting, item = conference(to="gathering")
    other = Grounds("children_act_2004_s10", "serious_harm")
    with pytest.raises(NotPossible, match=r"This kind of case is shared under .*section 115"):
        give("responder", item, 1, AnswerGiven("risk", "harmed", "The risk", {}), grounds=other)
    page = client_of("responder", VICTIM_RESPONSE).get(f"/agenda/{item.pk}/").content.decode()
    assert "crime_and_disorder_act_1998_s115" in page and "children_act_2004_s10" not in page
    begin(meeting)
    with acting_as("coordinator", VICTIM_RESPONSE) as sight:
        meetings.decide(sight, item.pk, 1, Decision("no_further", "Why"), [])
    end(meeting)
    with acting_as("coordinator", VICTIM_RESPONSE) as sight, pytest.raises(NotPossible, match="This kind of case"):
        minutes.send_minutes(sight, meeting.pk, [], Grounds("children_act_2004_s10", "joint_decision"))


def late_hospital() -> tuple[Meeting, AgendaItem]:
    """A conference whose advocate has returned before the hospital joins."""
    row = open_marac()
    join(row.pk, "vale-coordination", "coordination", "coordinator")
    with acting_as("coordinator", VICTIM_RESPONSE) as sight:
        meeting = meetings.plan_meeting(sight, "marac", timezone.now() + dt.timedelta(days=9))
        item = meetings.put_on_agenda(sight, meeting.pk, row.pk)
        meetings.take_meeting_step(sight, meeting.pk, 1, "ask_returns")
    answers = [
        AnswerGiven("risk", "harmed", "The risk", {"vale-authority": "not_necessary"}),
        AnswerGiven("risk", "accused", "Of who is accused", {}),
    ]
    give("advocate", item, 1, *answers)
    join(row.pk, "hospital-safeguarding", "health", "responder")
    return meeting, item


def test_who_joins_once_returns_were_asked_for_is_asked(teams):  # noqa: F811
    _, item = late_hospital()
    with acting_as("responder", VICTIM_RESPONSE) as sight:
        ((due, row, _),) = meetings.list_returns_due(sight)
        assert due.pk == item.pk and row.due_at > timezone.now()
        wrong = MeetingReturn(item_id=item.pk, organisation=HOSPITAL, agency="police", due_at=timezone.now())
        with denied(), transaction.atomic():
            MeetingReturn.objects.append_one(wrong)


def test_a_return_is_shared_with_who_joined_since_without_sending_it_again(teams, client_of):  # noqa: F811
    meeting, item = late_hospital()
    begin(meeting)
    assert lines_of("responder", item) == []
    advocate = client_of("advocate", VICTIM_RESPONSE)
    page = advocate.get(f"/agenda/{item.pk}/").content.decode()
    assert "vale-hospital takes part since" in page
    with known_asker():
        before = list(ReturnLine.objects.values_list("pk", "written_at"))
    share = {"kind": "share", "version": "2", "share-gateway": GROUNDS.gateway, "share-necessity": "serious_harm"}
    assert advocate.post(f"/agenda/{item.pk}/", share).status_code == 302
    assert [line.words for line in lines_of("responder", item)] == ["The risk"], "what its seat is shown, and no more"
    assert "Of who is accused" in {line.words for line in lines_of("coordinator", item)}
    assert "The risk" not in {line.words for line in lines_of("coordinator", item)}, "withheld stays withheld"
    with known_asker():
        assert list(ReturnLine.objects.values_list("pk", "written_at")) == before
    assert "takes part since" not in advocate.get(f"/agenda/{item.pk}/").content.decode()
    again = advocate.post(f"/agenda/{item.pk}/", share)
    assert again.status_code == 400 and "Everybody else was decided on" in again.content.decode()
    with acting_as("responder", VICTIM_RESPONSE) as sight, pytest.raises(NotPossible, match="Everybody else"):
        newcomers.share_with_newcomers(sight, item.pk, ["harbour"], GROUNDS)


def test_an_independent_view_stays_beside_the_one_that_replaced_it(teams, client_of):  # noqa: F811
    meeting, item = conference(to="gathering")
    give("responder", item, 1, AnswerGiven("risk", "harmed", "Dropped before", {}))
    give("responder", item, 2, AnswerGiven("risk", "harmed", "First view", {}))
    begin(meeting)
    assert [line.words for line in lines_of("advocate", item)] == ["First view"]
    give("responder", item, 3, AnswerGiven("risk", "harmed", "Second thoughts", {}))
    give("responder", item, 4, AnswerGiven("risk", "harmed", "Consolidated view", {}))
    for role in ("advocate", "coordinator", "responder"):
        first, later = lines_of(role, item)
        assert (first.words, first.is_current, later.words, later.is_current) == (
            *("First view", False),
            *("Consolidated view", True),
        )
        assert first.stage.startswith("Independent") and later.stage.startswith("Consolidated"), role
    page = client_of("advocate", VICTIM_RESPONSE).get(f"/agenda/{item.pk}/").content.decode()
    assert "it was changed since" in page and "Second thoughts" not in page and "Dropped before" not in page
    give("responder", item, 5, AnswerGiven("risk", "harmed", "Kept now", {"vale-authority": "not_necessary"}))
    assert lines_of("coordinator", item) == [], "what is withheld now is withheld whole"
    assert [line.words for line in lines_of("advocate", item)] == ["First view", "Kept now"]
