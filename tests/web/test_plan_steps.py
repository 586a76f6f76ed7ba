"""Joint plans as kept: drafted, approved by each organisation, reviewed, replaced; under the pages' own role."""

import datetime as dt
from uuid import UUID

import pytest
from django.db import connection
from django.utils import timezone
from published_sample import as_pages
from sample_run import VICTIM
from test_care_steps import acting_as, join, open_marac, teams  # noqa: F401 - a fixture

from braid.language.steps import NotPossible
from braid.trust.roles import VICTIM_RESPONSE
from braid.web.access.sight import NotThere
from braid.web.care import actions, cases, plans
from braid.web.care.kept import ChangedMeanwhile
from braid.web.care.plans_seen import get_plan, list_due
from braid.web.models import CaseSubject, GoalAction, JointPlan, PlanApproval, PlanGoal, User
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db
GOAL = "I want to sleep through the night"


def soon(days: int = 10) -> dt.date:
    return timezone.localdate() + dt.timedelta(days=days)


def version(case_id: UUID) -> int:
    with known_asker():
        return JointPlan.objects.filter(case=case_id).order_by("-number").values_list("version", flat=True)[0]


def subject_of(case_id: UUID) -> int:
    with known_asker():
        return CaseSubject.objects.exclude(person_id="").get(case=case_id).pk


def step(name: str, case_id: UUID, *given: object, role: str = "advocate") -> None:
    """Take a step of the plan of a case as somebody of a role, who has seen its newest version."""
    with acting_as(role, VICTIM_RESPONSE) as sight:
        getattr(plans, name)(sight, case_id, version(case_id), *given)


def seen(case_id: UUID, role: str = "advocate", number: int | None = None):
    with acting_as(role, VICTIM_RESPONSE) as sight:
        return get_plan(sight, case_id, number)


def draft() -> UUID:
    """A case of the advocate, the hospital and, for their own part alone, the coordinator; with a plan to be sent."""
    case_id = open_marac().pk
    join(case_id, "hospital-safeguarding", "health", "responder")
    join(case_id, "vale-coordination", "coordination", "coordinator", sight_of_case="own")
    with acting_as("advocate", VICTIM_RESPONSE) as sight:
        plans.begin(sight, case_id)
    step("add_goal", case_id, subject_of(case_id), GOAL, "person", soon())
    (goal,) = seen(case_id).goals
    step("add_action", case_id, goal.id, "Go through the safety plan", "harbour-advocacy", soon(3))
    step("add_action", case_id, goal.id, "Book the room for the meeting", "vale-coordination", soon(4))
    step("set_review_day", case_id, soon(20))
    return case_id


def approved() -> UUID:
    case_id = draft()
    step("propose", case_id)
    for role in ("responder", "advocate", "coordinator"):
        step("approve", case_id, role=role)
    return case_id


def test_a_plan_holds_once_each_organisation_has_said_so_for_itself(teams):  # noqa: F811
    case_id = draft()
    step("propose", case_id)
    plan = seen(case_id)
    assert [one.organisation for one in plan.approvals] == ["harbour", "vale-authority", "vale-hospital"], (
        "whose seat must attend, and who owns an action"
    )
    with acting_as("responder", VICTIM_RESPONSE) as sight:
        (due,) = list_due(sight)
        assert due.case_id == case_id and not due.is_review and due.silence.level == 0
    step("approve", case_id, role="responder")
    with pytest.raises(NotPossible, match="It is approved by now"):
        step("approve", case_id, role="responder")
    step("approve", case_id)
    assert seen(case_id).state == "proposed"
    restricted = seen(case_id, "coordinator")
    assert (
        restricted.may_answer
        and not restricted.goals
        and [one.organisation for one in restricted.approvals] == ["vale-authority"]
    )
    assert [one.words for one in restricted.own_actions] == ["Book the room for the meeting"]
    step("approve", case_id, role="coordinator")
    assert seen(case_id).state == "approved", "the last one sees only its own part, and still is the last"
    with acting_as("responder", VICTIM_RESPONSE) as sight:
        assert list_due(sight) == []


def test_change_is_asked_with_a_reason_and_all_are_asked_again(teams):  # noqa: F811
    case_id = draft()
    step("propose", case_id)
    step("approve", case_id)
    with pytest.raises(NotPossible, match="Take that out"):
        step("ask_change", case_id, "missing", "ring 07700 900123", role="responder")
    step("ask_change", case_id, "missing", "A follow-up at the clinic", role="responder")
    plan = seen(case_id)
    assert plan.state == "draft" and "A follow-up at the clinic" in {one.words for one in plan.approvals}
    step("propose", case_id)
    assert {one.state for one in seen(case_id).approvals} == {"asked"}


def test_what_was_approved_does_not_change_and_a_newer_version_takes_its_place(teams):  # noqa: F811
    case_id = approved()
    for name, given in (
        ("add_goal", (subject_of(case_id), "Another", "person", soon())),
        ("set_review_day", (soon(),)),
        ("end_goal", (seen(case_id).goals[0].id,)),
    ):
        with pytest.raises(NotPossible, match="Only a draft is changed"):
            step(name, case_id, *given)
    with acting_as("responder", VICTIM_RESPONSE) as sight:
        plans.begin(sight, case_id)
    assert [one.words for one in seen(case_id).goals] == [GOAL] and len(seen(case_id).goals[0].actions) == 2
    step("add_goal", case_id, subject_of(case_id), "Somebody goes with me to the court", "agreed", soon())
    goal = seen(case_id).goals[1]
    own = next(iter(seen(case_id).goals[0].actions))
    step("link_action", case_id, goal.id, own.id)
    step("set_review_day", case_id, soon(30))
    assert seen(case_id, number=1).state == "approved", "until the new one is approved"
    step("propose", case_id)
    for role in ("responder", "advocate", "coordinator"):
        step("approve", case_id, role=role)
    old, new = seen(case_id, number=1), seen(case_id)
    assert (old.state, new.state, new.number) == ("superseded", "approved", 2)
    assert [one.words for one in old.goals] == [GOAL], "and it is read as it was"
    assert [one.number for one in new.versions] == [2, 1]


def test_a_review_says_what_came_of_each_goal(teams):  # noqa: F811
    case_id = approved()
    (goal,) = seen(case_id).goals
    with pytest.raises(NotPossible, match="of each goal"):
        step("review", case_id, [], soon(30))
    step("review", case_id, [(goal.id, "on_the_way", "Sleeps better since the lock was changed")], soon(30))
    plan = seen(case_id)
    assert plan.goals[0].result_name == "On the way" and plan.review_on == soon(30)
    with known_asker():
        JointPlan.objects.update(review_on=timezone.localdate())
    with acting_as("advocate", VICTIM_RESPONSE) as sight:
        (due,) = list_due(sight)
        assert due.is_review
    assert seen(case_id).review_is_due


def test_of_two_who_change_at_once_the_second_reads_what_stands(teams):  # noqa: F811
    case_id = draft()
    before = version(case_id)
    step("add_goal", case_id, subject_of(case_id), "One", "person", soon())
    with acting_as("responder", VICTIM_RESPONSE) as sight, pytest.raises(ChangedMeanwhile):
        plans.add_goal(sight, case_id, before, subject_of(case_id), "Two", "person", soon())


def test_the_person_accused_has_no_part_in_the_plan(teams):  # noqa: F811
    case_id = draft()
    with acting_as("advocate", VICTIM_RESPONSE) as sight:
        cases.add_subject(sight, case_id, "accused", name_apart="Kim Sample")
    with known_asker():
        apart = CaseSubject.objects.get(name_apart="Kim Sample")
    with pytest.raises(NotPossible, match="kept apart"):
        step("add_goal", case_id, apart.pk, "Stop drinking", "services", soon())
    for words in ("Keep Sample away", "That kim  sample moves out"):
        with pytest.raises(NotPossible, match="kept apart"):
            step("add_goal", case_id, subject_of(case_id), words, "person", soon())
    (goal,) = seen(case_id).goals
    with pytest.raises(NotPossible, match="kept apart"):
        step("add_action", case_id, goal.id, "Speak with Kim", "harbour-advocacy", soon())
    with acting_as("advocate", VICTIM_RESPONSE) as sight:
        named = actions.make_action(sight, cases.get_row(case_id), "Visit Kim Sample", "harbour-advocacy", soon())
    with pytest.raises(NotPossible, match="kept apart"):
        step("link_action", case_id, goal.id, named.pk)
    assert apart.pk not in seen(case_id).subjects


def test_who_sees_only_their_part_or_none_changes_and_finds_nothing_more(teams):  # noqa: F811
    case_id = draft()
    with pytest.raises(NotPossible, match="your own part"):
        step("add_goal", case_id, subject_of(case_id), "Mine", "person", soon(), role="coordinator")
    user = User.objects.create(username="another", role="advocate", organisation="harbour")
    with acting_as("advocate", VICTIM_RESPONSE, user.username) as sight, pytest.raises(NotThere):
        get_plan(sight, case_id)
    with acting_as("coordinator", VICTIM_RESPONSE):
        assert not PlanGoal.objects.exists() and GoalAction.objects.count() == 1
    with acting_as("advocate", VICTIM_RESPONSE) as sight:
        cases.remove_member(sight, case_id, "test-responder")
    with acting_as("responder", VICTIM_RESPONSE) as sight:
        assert not JointPlan.objects.exists()
        with pytest.raises(NotThere):
            get_plan(sight, case_id)


def test_the_database_lets_nobody_approve_for_another_nor_before_the_last(teams):  # noqa: F811
    """As if a page forgot the rules: the policies alone."""
    case_id = draft()
    step("propose", case_id)
    with acting_as("responder", VICTIM_RESPONSE):
        others = PlanApproval.objects.exclude(organisation="vale-hospital")
        assert others.exists() and not others.update(state="approved", answered_by="test-responder")
        for statement in (
            "update braid_jointplan set state = 'approved'",
            "insert into braid_plangoal (id, plan_id, subject_id, position, words, whose, target_on, written_by)"
            " select gen_random_uuid(), p.id, s.id, 9, 'Mine', 'person', now(), 'test-responder'"
            " from braid_jointplan p join braid_casesubject s on s.case_id = p.case_id",
        ):
            assert "row-level security" in refusal_of(statement)
    with as_pages(), known_asker():
        assert not JointPlan.objects.exists() and not PlanGoal.objects.exists(), "nobody asks, nobody sees"


def refusal_of(statement: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("savepoint before_it")
        try:
            cursor.execute(statement)
        except Exception as refusal:
            cursor.execute("rollback to savepoint before_it")
            return str(refusal)
    return ""


def test_a_plan_that_is_not_whole_is_not_sent(teams):  # noqa: F811
    case_id = open_marac().pk
    with acting_as("advocate", VICTIM_RESPONSE) as sight:
        plans.begin(sight, case_id)
        with pytest.raises(NotPossible, match="worked on already"):
            plans.begin(sight, case_id)
    with pytest.raises(NotPossible, match="at least one goal"):
        step("propose", case_id)
    step("add_goal", case_id, subject_of(case_id), GOAL, "person", soon())
    with pytest.raises(NotPossible, match="at least one action"):
        step("propose", case_id)
    (goal,) = seen(case_id).goals
    step("add_action", case_id, goal.id, "Go through it", "harbour-advocacy", soon(3))
    with pytest.raises(NotPossible, match="on which day"):
        step("propose", case_id)
    step("set_review_day", case_id, soon(9))
    step("propose", case_id)
    step("take_back", case_id)
    assert seen(case_id).state == "draft"
    step("end", case_id, "in_error")
    assert (seen(case_id).state, seen(case_id).ending_name) == ("ended", "It was begun in error")
    assert VICTIM not in repr(seen(case_id).subjects)
