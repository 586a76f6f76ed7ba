"""Joint cases and their plans, for who takes part: each sees what their seat is shown, as on the pages."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router

from braid.api import schemas_of_work as schemas
from braid.api.callers import Purpose, Reference, viewer_of
from braid.api.cursors import Cursors
from braid.api.lists import Cursor, Limit, take_part
from braid.api.work import actions_of, offers_of, say_seen
from braid.web.access.sight import Sight, looking
from braid.web.care import actions, cases
from braid.web.care.cases import CaseSeen
from braid.web.care.plans_seen import GoalSeen, get_plan
from braid.web.models import CareAction, CaseOffer, JointCase

router = Router(tags=["Joint work"])


@router.get("/cases", response={200: schemas.Cases}, summary="Joint cases in which the caller takes part")
def list_cases(
    request: HttpRequest, limit: Limit, cursor: Cursor, purpose: Purpose = "", reference: Reference = ""
) -> dict:
    """The newest first."""
    viewer = viewer_of(request, purpose, reference, "api cases")
    cursors = Cursors(request, "cases", viewer.purpose)
    with looking(viewer) as sight:
        shown, follows = take_part(JointCase.objects.all(), cursors, cursor, limit, "-opened_at")
        seen = cases.see_cases(sight, shown, leads_alone=True)
        return {"items": [_in_list(one) for one in seen], "next": follows}


def _in_list(seen: CaseSeen) -> dict[str, Any]:
    names = "id reference state state_name opened_at closed_at".split()
    subjects = [
        {"part": one.part_name, "person_id": one.person_id, "name": one.name, "is_apart": one.apart}
        for one in seen.subjects
    ]
    return {
        **{name: getattr(seen, name) for name in names},
        "case_type": seen.case_type.id,
        "case_type_name": seen.case_type.name,
        "outcome": seen.outcome_name,
        "subjects": subjects,
    }


@router.get("/cases/{uuid:case_id}", response={200: schemas.Case}, summary="One joint case")
def get_case(request: HttpRequest, case_id: UUID, purpose: Purpose = "", reference: Reference = "") -> dict:
    """404 where there is none, and where the caller takes no part in it."""
    with looking(viewer_of(request, purpose, reference, "api case")) as sight:
        row = cases.get_row(case_id)
        request.version = row.version
        seen = cases.see_case(sight, row)
        return {**_in_list(seen), "is_whole": seen.is_whole, **_table(sight, row, seen)}


def _table(sight: Sight, row: JointCase, seen: CaseSeen) -> dict[str, Any]:
    names = "agency organisation is_lead".split()
    members = [
        {
            **{name: getattr(one, name) for name in names},
            "right": str(one.right),
            "sight": str(one.sight),
            "is_me": one.username == sight.viewer.username,
        }
        for one in seen.members
    ]
    standing = CaseOffer.objects.filter(case=row, state="offered").select_related("team").order_by("offered_at")
    return {"members": members, "offers": offers_of(sight, list(standing))}


@router.get("/cases/{uuid:case_id}/actions", response={200: schemas.Actions}, summary="The actions of a case")
def list_case_actions(
    request: HttpRequest, case_id: UUID, limit: Limit, cursor: Cursor, purpose: Purpose = "", reference: Reference = ""
) -> dict:
    """Those due first."""
    viewer = viewer_of(request, purpose, reference, "api case")
    cursors = Cursors(request, "case actions", viewer.purpose, case=str(case_id))
    with looking(viewer) as sight:
        row = cases.get_row(case_id)
        cases.see_case(sight, row)
        rows = actions.with_names(CareAction.objects.filter(case=row))
        shown, follows = take_part(rows, cursors, cursor, limit, "due_on", of=dt.date)
        return {"items": actions_of(sight, shown), "next": follows}


@router.get("/cases/{uuid:case_id}/plan", response={200: schemas.Plan}, summary="The joint plan of a case")
def get_case_plan(request: HttpRequest, case_id: UUID, purpose: Purpose = "", reference: Reference = "") -> dict:
    """The whole, or of whoever sees their own part alone, that."""
    with looking(viewer_of(request, purpose, reference, "api plan")) as sight:
        seen = get_plan(sight, case_id)
        said = say_seen(sight, [*seen.own_actions, *(each for one in seen.goals for each in one.actions)])
        names = "case_id case_reference number state state_name review_on is_whole".split()
        return {
            **{name: getattr(seen, name) for name in names},
            "goals": [_goal(one, said) for one in seen.goals],
            "own_actions": [said[one.id] for one in seen.own_actions],
            "approvals": [
                {
                    "organisation": one.organisation,
                    "state": one.state,
                    "state_name": one.state_name,
                    "due_at": one.due_at,
                    "answered_at": one.answered_at,
                }
                for one in seen.approvals
            ],
        }


def _goal(seen: GoalSeen, said: dict[UUID, dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": seen.id,
        "about": seen.about,
        "words": seen.words,
        "whose": seen.whose_name,
        "target_on": seen.target_on,
        "result": seen.result_name,
        "actions": [said[one.id] for one in seen.actions],
    }
