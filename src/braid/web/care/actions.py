"""Actions as kept: made in a case, taken on, done, checked, sent back or cancelled; and the work lists they fill."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from braid.care import actions
from braid.care.actions import MACHINE, Action
from braid.care.cases import Case
from braid.care.model import Acting, Escalation
from braid.care.response import APART, check_strand, sees_apart
from braid.language.steps import NotPossible
from braid.web.access.sight import NotThere, Sight
from braid.web.care import cases
from braid.web.care.kept import acting_of, case_type_of, change, now_of_database, record_step
from braid.web.models import AgendaItem, CareAction, CaseMember, JointCase, TeamMember


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
    version: int


def noun_of(row: CareAction) -> Action:
    """Return a row as the rules know it."""
    return Action(row.team_id, row.due_on, row.owner, row.state, row.result)


def teams_at_table(row: JointCase) -> dict[str, str]:
    """Return the teams of whoever takes part in a case, id to name: who may own its actions."""
    names = CaseMember.objects.filter(case=row, left_at__isnull=True).values_list("username", flat=True)
    rows = TeamMember.objects.filter(username__in=list(names), ended_at__isnull=True).select_related("team")
    return {one.team_id: one.team.name for one in rows.order_by("team_id")}


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
    by = acting_of(sight)
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
    member = cases.noun_of(row.case).member(by.username)
    leads = member is not None and member.is_lead
    if step == "reassign":
        after = actions.reassign(before, code, teams_at_table(row.case), leads)
    else:
        after = _after(by, before, step, code, leads)
    ended = None if after.is_open else now_of_database()
    change(row, seen, team_id=after.team, state=after.state, owner=after.owner, result=after.result, ended_at=ended)
    details = {"case": row.case.reference, "team": after.team, "result": after.result}
    record_step(sight, f"action: {step}", cases.people_of(row.case), "case", **details)
    return row


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
    rows = CareAction.objects.filter(case=row).select_related("team", "case")
    return see(sight, rows.order_by("ended_at", "due_on", "pk"))


def list_of_teams(sight: Sight) -> list[ActionSeen]:
    """Return the open actions of the viewer's teams, those due first."""
    teams = acting_of(sight).teams
    rows = CareAction.objects.filter(team_id__in=teams, state="open").select_related("team", "case")
    return see(sight, rows.order_by("due_on", "pk"))


def list_to_check(sight: Sight) -> list[ActionSeen]:
    """Return the actions of cases that the viewer leads which wait for others, or to be checked."""
    mine = CaseMember.objects.filter(username=sight.viewer.username, is_lead=True, left_at__isnull=True)
    rows = CareAction.objects.filter(case_id__in=mine.values("case_id")).select_related("team", "case")
    rows = rows.filter(Q(state="done") | (Q(state="open") & ~Q(team_id__in=acting_of(sight).teams)))
    return see(sight, rows.order_by("due_on", "pk"))


def see(sight: Sight, rows: QuerySet[CareAction]) -> list[ActionSeen]:
    """Return actions as the viewer sees them."""
    by, now = acting_of(sight), sight.now
    leads = set(
        CaseMember.objects.filter(username=by.username, is_lead=True, left_at__isnull=True).values_list(
            "case_id", flat=True
        )
    )
    return [_seen(row, by, row.case_id in leads, now) for row in rows]


def _seen(row: CareAction, by: Acting, leads: bool, now: dt.datetime) -> ActionSeen:
    is_teams = row.team_id in by.teams
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
        case_reference=row.case.reference,
        words=row.words,
        team_name=row.team.name,
        owner=row.owner,
        due_on=row.due_on,
        state=row.state,
        state_name=MACHINE.states[row.state].name,
        result_name=actions.RESULTS.get(row.result) or actions.CANCELLATIONS.get(row.result, ""),
        silence=actions.silence_on(noun_of(row), now),
        steps=tuple(steps),
        version=row.version,
    )
