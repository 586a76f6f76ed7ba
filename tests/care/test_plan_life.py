"""A joint plan of several organisations while it is drafted, sent, approved, reviewed and replaced, beside a plain book
of who said what: nobody answers for another, what was approved stays, one version holds."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from braid.care import plans
from braid.care.case_types import shipped_case_types
from braid.care.cases import Case, Member, Right, Sight
from braid.care.plans import Approval, Goal, Plan
from braid.language.steps import NotPossible
from care.table import acting, london

NOW = london("2026-11-27T10:00")
TODAY = dt.date(2026, 11, 27)
MARAC = shipped_case_types()["marac"]
SEATS = {
    "lead": Member("lead", "charity", "advocate", is_lead=True),
    "officer": Member("officer", "police", "police"),
    "nurse": Member("nurse", "hospital", "adult_social_care", sight=Sight.OWN),
    "watcher": Member("watcher", "school", "education", right=Right.VIEW),
}
"""The advocate and the police must attend; the others own something or only look on."""
PEOPLE = {name: acting(name, seat.organisation) for name, seat in SEATS.items()}
PEOPLE["stranger"] = acting("stranger", "police")
PEOPLE["moved"] = acting("officer", "hospital")
WHO = st.sampled_from([*sorted(PEOPLE), "lead", "officer"])


@dataclass
class Version:
    """A version as the book has it."""

    state: str = "draft"
    goals: int = 0
    review: bool = False
    asked: dict[str, bool] = field(default_factory=dict)


class Plans(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.case = Case("open", tuple(SEATS.values()))
        self.plans: list[Plan] = []
        self.book: list[Version] = []
        self.owners: set[str] = set()

    def works(self, who: str, whole: bool = True) -> bool:
        """Whether somebody works on the case: written down by hand."""
        return self.case.state == "open" and who in ({"lead", "officer"} if whole else {"lead", "officer", "nurse"})

    def attempt(self, may: bool, step, *given: object):
        try:
            after = step(*given)
        except NotPossible:
            assert not may
            return None
        assert may
        return after

    @rule(state=st.sampled_from(["open", "open", "closed"]))
    def the_case_is(self, state: str) -> None:
        self.case = replace(self.case, state=state)

    @rule(owner=st.sampled_from(["hospital", "charity", "school"]))
    def an_action_is_made(self, owner: str) -> None:
        if owner != "school" or "hospital" in self.owners:
            self.owners.add(owner)

    @rule(who=WHO)
    def somebody_begins(self, who: str) -> None:
        may = self.works(who) and all(one.state not in ("draft", "proposed") for one in self.book)
        states = [one.state for one in self.plans]
        try:
            plans.check_begins(PEOPLE[who], self.case, states)
        except NotPossible:
            assert not may
            return
        assert may
        self.plans.append(Plan(len(self.plans) + 1))
        self.book.append(Version())

    @precondition(lambda self: self.plans)
    @rule(who=WHO, actions=st.integers(0, 2), apart=st.booleans(), days=st.sampled_from([-1, 0, 5, 366, 367]))
    def somebody_adds_a_goal(self, who: str, actions: int, apart: bool, days: int) -> None:
        plan, version = self.plans[-1], self.book[-1]
        goal = Goal("Sleep through the night", "person", TODAY + dt.timedelta(days=days), actions, apart)
        may = self.works(who) and version.state == "draft" and not apart and 0 <= days <= 366

        def add() -> Plan:
            plans.check_drafts(PEOPLE[who], self.case, plan)
            plans.check_goal(goal, ["Kim Sample"], len(plan.goals), NOW)
            return replace(plan, goals=(*plan.goals, goal))

        after = self.attempt(may and version.goals < plans.MOST_GOALS, add)
        if after is not None:
            self.plans[-1] = after
            version.goals += 1

    @precondition(lambda self: self.plans and self.book[-1].state == "draft")
    @rule()
    def it_is_made_whole(self) -> None:
        goal = Goal("Sleep through the night", "person", TODAY, 1)
        self.plans[-1] = replace(self.plans[-1], goals=(goal,), review_on=TODAY + dt.timedelta(days=9))
        self.book[-1] = Version("draft", 1, review=True)

    @precondition(lambda self: self.plans)
    @rule(who=WHO)
    def somebody_sends_it(self, who: str) -> None:
        plan, version = self.plans[-1], self.book[-1]
        asked = {"charity", "police"} | self.owners
        assert set(plans.organisations_asked(MARAC, self.case, self.owners)) == asked
        is_whole = bool(plan.goals) and all(goal.actions for goal in plan.goals) and version.review
        may = who == "lead" and self.case.state == "open" and version.state == "draft" and is_whole
        after = self.attempt(
            may and "school" not in asked, plans.propose, PEOPLE[who], self.case, plan, sorted(asked), NOW
        )
        if after is not None:
            self.plans[-1] = after
            version.state, version.asked = "proposed", dict.fromkeys(asked, False)

    @precondition(lambda self: self.plans)
    @rule(who=WHO)
    def somebody_approves(self, who: str) -> None:
        plan, version = self.plans[-1], self.book[-1]
        organisation = {"lead": "charity", "officer": "police", "nurse": "hospital"}.get(who, "")
        may = self.works(who, whole=False) and version.state == "proposed" and version.asked.get(organisation) is False
        after = self.attempt(may, plans.approve, PEOPLE[who], self.case, plan)
        if after is None:
            return
        version.asked[organisation] = True
        if all(version.asked.values()):
            version.state = "approved"
            for number, one in enumerate(self.plans[:-1]):
                if self.book[number].state == "approved":
                    self.plans[number] = plans.supersede(one)
                    self.book[number].state = "superseded"
        self.plans[-1] = after

    @precondition(lambda self: self.plans and self.book[-1].state == "proposed")
    @rule()
    def all_approve(self) -> None:
        for who in ("lead", "officer", "nurse"):
            self.somebody_approves(who)

    @precondition(lambda self: self.plans)
    @rule(who=WHO, reason=st.sampled_from(["missing", "not_safe", ""]))
    def somebody_asks_for_change(self, who: str, reason: str) -> None:
        plan, version = self.plans[-1], self.book[-1]
        organisation = {"lead": "charity", "officer": "police", "nurse": "hospital"}.get(who, "")
        may = self.works(who, whole=False) and version.state == "proposed" and version.asked.get(organisation) is False
        after = self.attempt(may and reason != "", plans.ask_change, PEOPLE[who], self.case, plan, reason)
        if after is not None:
            self.plans[-1], version.state = replace(after, approvals=()), "draft"

    @precondition(lambda self: self.plans)
    @rule(who=WHO)
    def somebody_takes_it_back(self, who: str) -> None:
        may = who == "lead" and self.case.state == "open" and self.book[-1].state == "proposed"
        after = self.attempt(may, plans.take_back, PEOPLE[who], self.case, self.plans[-1])
        if after is not None:
            self.plans[-1], self.book[-1].state = after, "draft"

    @precondition(lambda self: self.plans)
    @rule(who=WHO, count=st.sampled_from(["all", "one less"]), days=st.sampled_from([-1, 28]))
    def somebody_reviews_it(self, who: str, count: str, days: int) -> None:
        plan, version = self.plans[-1], self.book[-1]
        results = ("met",) * (len(plan.goals) - (count != "all"))
        may = self.works(who) and version.state == "approved" and count == "all" and days > 0
        next_on = TODAY + dt.timedelta(days=days)
        after = self.attempt(may, plans.review, PEOPLE[who], self.case, plan, results, next_on, NOW)
        if after is not None:
            assert after == replace(plan, review_on=next_on)
            self.plans[-1] = after

    @precondition(lambda self: self.plans)
    @rule(who=WHO, reason=st.sampled_from(["goals_met", "bored"]))
    def somebody_ends_it(self, who: str, reason: str) -> None:
        version = self.book[-1]
        may = who == "lead" and reason == "goals_met" and version.state in ("draft", "proposed", "approved")
        after = self.attempt(may, plans.end, PEOPLE[who], self.case, self.plans[-1], reason)
        if after is not None:
            self.plans[-1], version.state = after, "ended"

    @invariant()
    def the_book_and_the_rules_agree(self) -> None:
        assert [one.state for one in self.plans] == [one.state for one in self.book]
        for plan, version in zip(self.plans, self.book, strict=True):
            if version.state == "proposed":
                told = {one.organisation: one.state == "approved" for one in plan.approvals}
                assert told == version.asked
                assert not all(told.values())

    @invariant()
    def one_version_holds_and_one_is_worked_on(self) -> None:
        states = [one.state for one in self.plans]
        assert states.count("approved") <= 1
        assert sum(state in ("draft", "proposed") for state in states) <= 1

    @invariant()
    def silence_is_of_who_is_asked_alone(self) -> None:
        for plan in self.plans:
            for one in plan.approvals:
                silence = plans.silence_on(one, plan.state, NOW, NOW)
                assert (silence is not None) is (plan.state == "proposed" and one.state == "asked")


TestPlans = Plans.TestCase
TestPlans.settings = settings(max_examples=max(200, settings().max_examples), stateful_step_count=40)


def test_an_approval_that_is_not_shown_still_counts() -> None:
    """Whoever sees their own alone is the last only when nobody else is asked."""
    case = Case("open", tuple(SEATS.values()))
    plan = Plan(1, "proposed", approvals=(Approval("hospital"), Approval("not shown")))
    assert plans.approve(PEOPLE["nurse"], case, plan).state == "proposed"
    alone = replace(plan, approvals=(Approval("hospital"),))
    assert plans.approve(PEOPLE["nurse"], case, alone).state == "approved"
