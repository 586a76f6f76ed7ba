"""From an accepted proposal to a planned move of a joint case, whose notices are then drafted and chased there."""

from uuid import UUID

from braid.care.moves import Mover
from braid.language.steps import NotPossible
from braid.problems.plans.placement_sheets import HouseholdSheet
from braid.trust.roles import SCHOOL_FROM_TA
from braid.web.access.sight import Sight
from braid.web.care import cases, moves
from braid.web.models import CaseMember, CaseSubject
from braid.web.proposals.board import HouseholdSeen, get_household

NOT_ACCEPTED = "Accept a proposal first: a move is planned of what was decided"
NO_CASE = "There is no open joint case of this household in which you work on the whole. Open one, or ask to join"


def list_cases(sight: Sight, seen: HouseholdSeen) -> list[tuple[UUID, str]]:
    """Return the joint cases in which the viewer may plan a move of this household, by id and reference."""
    mine = CaseMember.objects.filter(
        username=sight.viewer.username, left_at__isnull=True, sight="whole", right="edit"
    ).values("case")
    rows = CaseSubject.objects.filter(
        person_id__in=seen.sheet.people,
        ended_at__isnull=True,
        case__in=mine,
        case__state="open",
        case__purpose=SCHOOL_FROM_TA,
    )
    return sorted(set(rows.values_list("case_id", "case__reference")), key=lambda row: row[1])


def plan_accepted_move(sight: Sight, proposal_id: UUID, case_id: UUID) -> None:
    """Plan the move of an accepted proposal in a joint case, of those whom the case is about, with its notices.

    Raises `NotPossible`, `NotThere`. The day is that of the plan; of a unit that was chosen instead there is none, and
    the move is planned on the page of the case.
    """
    seen = get_household(sight, proposal_id)
    sheet, proposed = seen.sheet, seen.sheet.proposed
    if seen.answer is None or not seen.answer.is_proposed or proposed is None or not sheet.steps:
        raise NotPossible(NOT_ACCEPTED)
    if case_id not in {one for one, _ in list_cases(sight, seen)}:
        raise NotPossible(NO_CASE)
    about = set(cases.people_of(cases.get_row(case_id)))
    given = moves.MoveGiven(
        planned_on=sheet.steps[-1].on_date,
        leaves_district=proposed.unit.district != sheet.district,
        movers=tuple(_mover(sheet, one) for one in sheet.people if one in about),
    )
    moves.plan_move(sight, case_id, given)


def _mover(sheet: HouseholdSheet, person_id: str) -> Mover:
    child = next((one for one in sheet.children if one.person == person_id), None)
    if child is None:
        return Mover(person_id, "")
    return Mover(person_id, "kept" if child.school else "none", exam_year=child.is_exam_year)
