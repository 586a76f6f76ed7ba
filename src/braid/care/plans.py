"""A joint plan of a case: goals of the people it is about, the actions towards each, who agreed, when it is reviewed.

A plan is drafted by those who work on the case, sent for approval by its lead, and approved by each organisation that
must sit at the table or owns an action in it: each speaks for itself and nobody for another. An approved plan does not
change. What changes it is a new version, which takes its place once it is approved itself; the old one stays readable.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from braid.care.case_types import CaseType
from braid.care.cases import Case, Right, Sight, check_edits, check_leads
from braid.care.model import Acting, Escalation, escalation_of
from braid.care.response import APART, sees_response
from braid.language.calendars import LAST_DAY
from braid.language.dates import london_date
from braid.language.steps import Machine, NotPossible, State, Step

MACHINE = Machine(
    "Joint plan",
    "draft",
    {
        "draft": State("Draft", said="a draft"),
        "proposed": State("Sent for approval"),
        "approved": State("Approved"),
        "superseded": State("Replaced by a newer version", ends=True),
        "ended": State("Ended", ends=True),
    },
    {
        "propose": Step("Send for approval", ("draft",), "proposed", "the lead professional"),
        "take_back": Step("Take back", ("proposed",), "draft", "the lead professional"),
        "ask_change": Step("Ask for change", ("proposed",), "draft", "an organisation that is asked"),
        "approve": Step("Approve", ("proposed",), "approved", "the last organisation that is asked"),
        "review": Step("Review", ("approved",), "approved", "whoever works on the case"),
        "supersede": Step("Replace", ("approved",), "superseded", "the approval of a newer version"),
        "end": Step("End", ("draft", "proposed", "approved"), "ended", "the lead professional"),
    },
)
APPROVAL_MACHINE = Machine(
    "Approval of a joint plan",
    "asked",
    {
        "asked": State("Asked"),
        "approved": State("Approved", ends=True),
        "change_asked": State("Change asked for", ends=True, said="answered with a change asked for"),
    },
    {
        "approve": Step("Approve", ("asked",), "approved", "the organisation"),
        "ask_change": Step("Ask for change", ("asked",), "change_asked", "the organisation"),
    },
)
UNFINISHED = frozenset({"draft", "proposed"})
"""States in which a plan is still to be agreed: a case has one such plan at most, beside one that holds."""
SHOWN_TO_THE_PERSON = ("approved", "proposed")
"""States in which the person may be shown a plan, that which holds first. A draft is nobody's promise."""
MOST_GOALS = 12
LONGEST_GOAL = 300
LONGEST_WHY = 1000
LONGEST_AHEAD = dt.timedelta(days=366)
WHOSE: Mapping[str, str] = {
    "person": "The person's own goal",
    "agreed": "Agreed with the person",
    "services": "The services' goal: the person has not agreed to it",
}
"""Whose goal it is, and whether the person agreed: said of each goal, since agreeing to one is not agreeing to all."""
CHANGES: Mapping[str, str] = {
    "not_what_they_want": "It is not what the person wants",
    "not_safe": "It is not safe as it stands",
    "not_possible": "We cannot do it, or not by that day",
    "not_ours": "An action is not for us",
    "missing": "Something is missing",
    "too_much": "It asks too much at once",
}
"""Why an organisation asks for change."""
RESULTS: Mapping[str, str] = {
    "met": "Met",
    "on_the_way": "On the way",
    "no_change": "No change",
    "worse": "Worse than before",
    "not_wanted": "The person does not want it any more",
}
"""What came of a goal, said at a review."""
ENDINGS: Mapping[str, str] = {
    "goals_met": "Its goals are met",
    "person_withdrew": "The person does not want a joint plan",
    "case_closes": "The joint case closes",
    "in_error": "It was begun in error",
}
"""Why a plan is ended."""
_LETTERS = 3


@dataclass(frozen=True)
class Goal:
    """A goal: its words, whose it is (a code of `WHOSE`), its day, how many actions lead to it.

    `apart` says that it would be about somebody whom the case keeps apart: of them no plan speaks.
    """

    words: str
    whose: str
    target_on: dt.date
    actions: int = 0
    apart: bool = False


@dataclass(frozen=True)
class Approval:
    """What one organisation is asked about a plan, and where that stands: a state of `APPROVAL_MACHINE`."""

    organisation: str
    state: str = APPROVAL_MACHINE.first


@dataclass(frozen=True)
class Plan:
    """A version of a plan as rules know it. `approvals` are those of the round now running, else none."""

    number: int
    state: str = MACHINE.first
    goals: tuple[Goal, ...] = ()
    approvals: tuple[Approval, ...] = ()
    review_on: dt.date | None = None

    @property
    def is_unfinished(self) -> bool:
        """Whether it is still to be agreed."""
        return self.state in UNFINISHED


def check_drafts(by: Acting, case: Case, plan: Plan) -> None:
    """Raise `NotPossible` unless `by` may change the plan: they work on the whole of the case, and it is a draft."""
    _check_whole(by, case)
    if plan.state != "draft":
        raise NotPossible("Only a draft is changed. Begin a new version, or let the lead professional take it back")


def check_begins(by: Acting, case: Case, states: Iterable[str]) -> None:
    """Raise `NotPossible` unless `by` may begin a plan or a new version; `states` are those of the case's plans."""
    _check_whole(by, case)
    if UNFINISHED & set(states):
        raise NotPossible("A version is being worked on already. Change that one, or let the lead professional end it")


def check_goal(goal: Goal, names_apart: Iterable[str], standing: int, now: dt.datetime) -> None:
    """Raise `NotPossible` for a goal that says nothing, has no day, or speaks of somebody who is apart.

    `standing` counts the goals that the plan has.
    """
    if goal.apart:
        raise NotPossible("Whoever is kept apart in the case has no goal in this plan. Plan for them elsewhere")
    if not goal.words.strip():
        raise NotPossible("Say the goal in the person's words, or in plain ones")
    if len(goal.words) > LONGEST_GOAL:
        raise NotPossible(f"Say the goal in {LONGEST_GOAL} characters")
    if goal.whose not in WHOSE:
        raise NotPossible("Say whose goal it is")
    if standing >= MOST_GOALS:
        raise NotPossible(f"A plan has {MOST_GOALS} goals at most. Take one out first")
    check_day_ahead(goal.target_on, now)
    check_nobody_apart(goal.words, names_apart)


def check_day_ahead(day: dt.date, now: dt.datetime) -> None:
    """Raise `NotPossible` for a day before today, or more than a year from now."""
    today = london_date(now)
    if not today <= day <= min(today + LONGEST_AHEAD, LAST_DAY):
        raise NotPossible("Choose a day from today on, within a year")


def check_side(strand: str) -> None:
    """Raise `NotPossible` for an action of the side of who is apart: the plan is read by the person it is about."""
    if strand == APART:
        raise NotPossible("That action is of the side of who is apart, and no part of a plan. Choose another")


def check_nobody_apart(words: str, names_apart: Iterable[str]) -> None:
    """Raise `NotPossible` where words name somebody who is apart: the plan is read by the person it is about.

    Of a name each part of at least three letters is looked for as a word with a capital, the whole name however it is
    written. A nickname, or a name in other letters, passes.
    """
    for name in names_apart:
        parts = [part for part in re.split(r"[^\w'-]+", name) if len(part) >= _LETTERS]
        patterns = [rf"\b{re.escape(part[0].upper() + part[1:])}\b" for part in parts]
        if len(name.strip()) >= _LETTERS:
            whole = r"\W+".join(map(re.escape, name.split()))
            patterns.append(rf"(?i:(?<!\w){whole}(?!\w))")
        if any(re.search(pattern, words) for pattern in patterns):
            raise NotPossible("The words name somebody who is kept apart in the case. Say it without their name")


def organisations_asked(case_type: CaseType, case: Case, owners: Collection[str]) -> tuple[str, ...]:
    """Return whom a plan must be approved by: each organisation that owns an action of it, and each in a seat that must
    attend and is shown anything of whom the plan is for."""
    seated = {
        one.organisation
        for one in case.members
        if one.agency in case_type.agencies
        and case_type.agencies[one.agency].must_attend
        and sees_response(case_type, one.agency)
    }
    return tuple(sorted(seated | set(owners)))


def propose(by: Acting, case: Case, plan: Plan, asked: Iterable[str], now: dt.datetime) -> Plan:
    """Return the plan sent for approval by the lead. Raises `NotPossible` for one that is not whole, or that an
    organisation has nobody to approve."""
    check_leads(by, case)
    check_edits(by, case)
    state = MACHINE.after(plan.state, "propose")
    if not plan.goals:
        raise NotPossible("A plan has at least one goal. Add one first")
    if any(goal.actions == 0 for goal in plan.goals):
        raise NotPossible("Each goal has at least one action, with its team and its day. Add what is missing")
    if plan.review_on is None:
        raise NotPossible("Say on which day the plan is reviewed")
    check_day_ahead(plan.review_on, now)
    may_answer = {one.organisation for one in case.members if one.right is Right.EDIT}
    listed = sorted(set(asked))
    without = [one for one in listed if one not in may_answer]
    if without:
        raise NotPossible(
            f"{', '.join(without)} must approve it and has nobody in the case who may. Offer the case to a team of"
            " theirs to work on first"
        )
    return replace(plan, state=state, approvals=tuple(map(Approval, listed)))


def approve(by: Acting, case: Case, plan: Plan) -> Plan:
    """Return the plan with the approval of `by`'s organisation; approved once that was the last. Raises `NotPossible`.

    Whoever sees only their own part approves that: their organisation owns nothing else of it.
    """
    answered = _answer(by, case, plan, "approve")
    if all(one.state == "approved" for one in answered.approvals):
        return replace(answered, state=MACHINE.after(plan.state, "approve"))
    return answered


def ask_change(by: Acting, case: Case, plan: Plan, reason: str) -> Plan:
    """Return the plan as a draft again, with why an organisation wants it changed. Raises `NotPossible`.

    What others approved counts for that version of the words alone: all are asked again.
    """
    if reason not in CHANGES:
        raise NotPossible("Choose from the list why it should change")
    answered = _answer(by, case, plan, "ask_change")
    return replace(answered, state=MACHINE.after(plan.state, "ask_change"))


def _answer(by: Acting, case: Case, plan: Plan, step: str) -> Plan:
    check_edits(by, case)
    MACHINE.after(plan.state, step)
    mine = next((one for one in plan.approvals if one.organisation == by.organisation), None)
    if mine is None:
        raise NotPossible("Your organisation is not asked about this plan, and nobody answers for another")
    after = replace(mine, state=APPROVAL_MACHINE.after(mine.state, step))
    return replace(plan, approvals=tuple(after if one is mine else one for one in plan.approvals))


def take_back(by: Acting, case: Case, plan: Plan) -> Plan:
    """Return the plan taken back by the lead, as a draft; who approved is asked again. Raises `NotPossible`."""
    check_leads(by, case)
    check_edits(by, case)
    return replace(plan, state=MACHINE.after(plan.state, "take_back"), approvals=())


def supersede(plan: Plan) -> Plan:
    """Return the plan that held, replaced by a newer version that was approved. Raises `NotPossible`."""
    return replace(plan, state=MACHINE.after(plan.state, "supersede"))


def review(by: Acting, case: Case, plan: Plan, results: tuple[str, ...], next_on: dt.date, now: dt.datetime) -> Plan:
    """Return the plan reviewed, with what came of each of its goals in turn, and the day of the next review.

    Raises `NotPossible`.
    """
    _check_whole(by, case)
    state = MACHINE.after(plan.state, "review")
    if len(results) != len(plan.goals) or not set(results) <= RESULTS.keys():
        raise NotPossible("Say of each goal what came of it")
    check_day_ahead(next_on, now)
    return replace(plan, state=state, review_on=next_on)


def end(by: Acting, case: Case, plan: Plan, reason: str) -> Plan:
    """Return the plan ended by the lead, with why. Raises `NotPossible`."""
    check_leads(by, case)
    if reason not in ENDINGS:
        raise NotPossible("Choose from the list why it ends")
    return replace(plan, state=MACHINE.after(plan.state, "end"))


def silence_on(approval: Approval, state: str, due_at: dt.datetime, now: dt.datetime) -> Escalation | None:
    """Return where the silence on an approval stands; `None` once it is given, or a plan of `state` asks for none."""
    return escalation_of(due_at, now) if (state, approval.state) == ("proposed", "asked") else None


def _check_whole(by: Acting, case: Case) -> None:
    if check_edits(by, case).sight is not Sight.WHOLE:
        raise NotPossible("You see your own part of the case, and the plan is of the whole. Ask its lead professional")
