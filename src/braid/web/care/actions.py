"""Actions as kept: made in a case, taken on, done, checked, sent back or cancelled; and the work lists they fill."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet

from braid.care import actions
from braid.care.actions import MACHINE, Action
from braid.care.cases import Case, Member, Right
from braid.care.model import Acting, Escalation
from braid.care.response import APART, answers_for_apart, check_strand, sees_apart
from braid.language.steps import NotPossible
from braid.web.access.sight import NotThere, Sight
from braid.web.care import cases
from braid.web.care.kept import acting_of, case_type_of, change, now_of_database, record_step
from braid.web.models import AgendaItem, CareAction, CaseMember, JointCase, TeamMember
from braid.web.written_once import written_once


@dataclass(frozen=True)
class ActionSeen:
    """An action as its case or its team sees it."""

    id: UUID
    case_id: UUID
    case_reference: str
    words: str
    team_name: str
    owner: str
    due_on: dt.date
    state: str
    state_name: str
    result_name: str
    silence: Escalation | None
    steps: tuple[tuple[str, str], ...]
    is_answered_for: bool
    """Whether the viewer checks, sends back and cancels it."""
    version: int


def noun_of(row: CareAction) -> Action:
    """Return a row as the rules know it."""
    return Action(row.team_id, row.due_on, row.owner, row.state, row.result)


def teams_at_table(row: JointCase) -> dict[str, str]:
    """Return the teams of whoever works on a case, id to name: who may own its actions."""
    return teams_of_members(cases.noun_of(row).members)


def teams_of_members(members: Iterable[Member]) -> dict[str, str]:
    """Return the same of whoever is read already as taking part."""
    names = {one.username for one in members if one.right is Right.EDIT}
    return dict(_teams_of_people(sorted(names)))


@written_once
def _teams_of_people(usernames: list[str]) -> QuerySet[TeamMember, Any]:
    rows = TeamMember.objects.filter(username__among=usernames, ended_at__isnull=True)
    return rows.order_by("team_id").values_list("team_id", "team__name")


def make_action(
    sight: Sight,
    row: JointCase,
    words: str,
    team_id: str,
    due_on: dt.date,
    item: AgendaItem | None = None,
    strand: str = "",
) -> CareAction:
    """Make an action of a case, of a strand of its response where one is chosen. Raises `NotPossible`."""
    by, row = acting_of(sight), cases.get_held(row.pk)
    noun_of_case = cases_edits(by, row)
    check_strand(strand)
    mine = noun_of_case.member(by.username)
    if strand == APART and (mine is None or not sees_apart(case_type_of(row.case_type), mine.agency)):
        raise NotPossible("An action about who is apart is made by a seat that is shown them. Ask one")
    noun = Action(team_id, due_on)
    actions.check_new(noun, words, teams_at_table(row), now_of_database())
    made = CareAction(
        case=row,
        item=item,
        team_id=team_id,
        words=words.strip(),
        due_on=due_on,
        made_by=by.username,
        strand=strand,
    )
    if CareAction.objects.filter(case=row, team_id=team_id, words=made.words, due_on=due_on, state="open").exists():
        raise NotPossible("The case has this action already. Look at its actions")
    CareAction.objects.append_one(made)
    record_step(sight, "action made", cases.people_of(row), "case", case=row.reference, team=team_id)
    return made


def cases_edits(by: Acting, row: JointCase) -> Case:
    """Return the case as the rules know it, which `by` may work on. Raises `NotPossible`."""
    noun = cases.noun_of(row)
    cases.cases.check_edits(by, noun)
    return noun


def take_step(sight: Sight, action_id: UUID, seen: int, step: str, code: str = "") -> CareAction:
    """Take a step of an action: `take_on`, `reassign` to the team of a code, or one of its machine.

    Raises `NotPossible`, `NotThere`.
    """
    row = CareAction.objects.select_related("case").filter(pk=action_id).first()
    if row is None:
        raise NotThere
    by, before = acting_of(sight), noun_of(row)
    if step == "send_back" and cases.get_held(row.case_id).state != "open":
        raise NotPossible("The case is not open. Open it again first, or make the action where it is wanted")
    noun = cases.noun_of(row.case)
    member = noun.member(by.username)
    if member is not None and member.right is not Right.EDIT:
        raise NotPossible("You may see the case and not work on it. Ask its lead professional")
    answers = _answers_for(row.strand, row.case.case_type, noun, by)
    if step == "reassign":
        after = actions.reassign(before, code, teams_of_members(noun.members), answers)
    else:
        after = _after(by, before, step, code, answers)
    ended = None if after.is_open else now_of_database()
    change(row, seen, team_id=after.team, state=after.state, owner=after.owner, result=after.result, ended_at=ended)
    details = {"case": row.case.reference, "team": after.team, "result": after.result}
    record_step(sight, f"action: {step}", cases.people_of(row.case), "case", **details)
    return row


def _answers_for(strand: str, kind_of_case: str, noun: Case, by: Acting) -> bool:
    """Whether they check, send back and cancel an action: the lead, or of the side apart whoever does it there."""
    if strand == APART:
        return answers_for_apart(case_type_of(kind_of_case), noun, by.username)
    member = noun.member(by.username)
    return member is not None and member.is_lead


def _after(by: Acting, before: Action, step: str, code: str, leads: bool) -> Action:
    if step == "take_on":
        return actions.take_on(by, before)
    if step == "complete":
        return actions.complete(by, before, code)
    if step == "check":
        return actions.check_done(by, before, leads)
    if step == "send_back":
        return actions.send_back(before, leads)
    if step == "cancel":
        return actions.cancel(before, code, leads)
    raise NotPossible("There is no such step. Look at the action again")


def list_of_case(sight: Sight, row: JointCase) -> list[ActionSeen]:
    """Return the actions of a case, open ones first, those due first."""
    return see(sight, _of_case(row.pk))


@written_once
def _of_case(case_id: UUID) -> QuerySet[CareAction]:
    return with_names(CareAction.objects.filter(case_id=case_id)).order_by("ended_at", "due_on", "pk")


@written_once
def _of_teams(teams: list[str]) -> QuerySet[CareAction]:
    return with_names(CareAction.objects.filter(team_id__among=teams, state="open")).order_by("due_on", "pk")


@written_once
def _to_check(username: str) -> QuerySet[CareAction]:
    mine = CaseMember.objects.filter(username=username, left_at__isnull=True)
    theirs = Q(case_id__in=mine.filter(is_lead=True).values("case_id"))
    theirs |= Q(case_id__in=mine.filter(right="edit", sight="whole").values("case_id"), strand=APART)
    return with_names(CareAction.objects.filter(theirs, state__in=("done", "open"))).order_by("due_on", "pk")


def list_of_teams(sight: Sight, members: cases.Members | None = None) -> list[ActionSeen]:
    """Return the open actions of the viewer's teams, those due first; `members` as of `members_by_case`."""
    return see(sight, _of_teams(sorted(acting_of(sight).teams)), members)


def list_to_check(sight: Sight, members: cases.Members | None = None) -> list[ActionSeen]:
    """Return the actions of cases that the viewer leads which wait for others, or to be checked.

    Of the side apart also those of cases that they do not lead, as far as they see them.
    """
    mine = acting_of(sight).teams
    rows = [one for one in _to_check(sight.viewer.username) if one.state == "done" or one.team_id not in mine]
    return [one for one in see(sight, rows, members) if one.is_answered_for]


def with_names(rows: QuerySet[CareAction]) -> QuerySet[CareAction]:
    """Return actions as `see` asks for them: with the reference, kind and state of their case, and the team's name."""
    of_case = {"case_reference": F("case__reference"), "kind_of_case": F("case__case_type")}
    return rows.annotate(**of_case, state_of_case=F("case__state"), team_name=F("team__name"))


def see(sight: Sight, rows: Iterable[CareAction], members: cases.Members | None = None) -> list[ActionSeen]:
    """Return actions, read `with_names`, as the viewer sees them."""
    by, now, listed = acting_of(sight), sight.now, list(rows)
    nouns = _cases_of(listed, members) if listed else {}
    return [
        _seen(
            row,
            by,
            _works_on(nouns[row.case_id], by),
            _answers_for(row.strand, row.kind_of_case, nouns[row.case_id], by),
            now,
        )
        for row in listed
    ]


def _works_on(noun: Case, by: Acting) -> bool:
    member = noun.member(by.username)
    return member is not None and member.right is Right.EDIT


def _cases_of(rows: Iterable[Any], known: cases.Members | None) -> dict[UUID, Case]:
    """Return the cases of actions, with their members, by id."""
    states = {row.case_id: row.state_of_case for row in rows}
    members = cases.members_by_case(states, known)
    return {case_id: Case(state, tuple(members[case_id])) for case_id, state in states.items()}


def _seen(row: Any, by: Acting, works: bool, leads: bool, now: dt.datetime) -> ActionSeen:
    is_teams = works and row.team_id in by.teams
    of_team, of_lead = {"complete"}, {"check", "send_back", "cancel"}
    may = (of_team if is_teams else set()) | (of_lead if leads else set())
    steps = [(code, MACHINE.steps[code].name) for code in MACHINE.steps_from(row.state) if code in may]
    if row.state == "open" and is_teams and row.owner != by.username:
        steps.insert(0, ("take_on", "Take on"))
    if row.state == "open" and leads:
        steps.append(("reassign", "Give to another team"))
    return ActionSeen(
        id=row.pk,
        case_id=row.case_id,
        case_reference=row.case_reference,
        words=row.words,
        team_name=row.team_name,
        owner=row.owner,
        due_on=row.due_on,
        state=row.state,
        state_name=MACHINE.states[row.state].name,
        result_name=actions.RESULTS.get(row.result) or actions.CANCELLATIONS.get(row.result, ""),
        silence=actions.silence_on(noun_of(row), now),
        steps=tuple(steps),
        is_answered_for=leads,
        version=row.version,
    )
