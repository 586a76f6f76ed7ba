"""What waits for a team beside referrals: offers of joint cases, actions, and whether the team can take more."""

import datetime as dt
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router

from braid.api import schemas_of_work as schemas
from braid.api.callers import Purpose, Reference, viewer_of
from braid.api.cursors import Cursors
from braid.api.lists import Cursor, Limit, take_part
from braid.api.writes import Done, IdempotencyKey, IfMatch, check_version, versions_of, write, write_once
from braid.care.teams import check_capacity_change
from braid.language.steps import NotPossible
from braid.web.access.sight import NotThere, Sight, looking
from braid.web.care import actions, cases, referrals
from braid.web.care.kept import acting_of, change, load_team, record_step
from braid.web.models import CareAction, CaseOffer, Team

router = Router(tags=["Work"])
ACTION_STEPS = ("take_on", "complete")


def steps_of(steps: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    """Return steps as the API says them."""
    return [{"code": code, "name": name} for code, name in steps]


@router.get("/offers", response={200: schemas.Offers}, summary="Joint cases offered to a team")
def list_offers(
    request: HttpRequest, limit: Limit, cursor: Cursor, purpose: Purpose = "", reference: Reference = ""
) -> dict:
    """Those that wait for an answer, those due first."""
    viewer = viewer_of(request, purpose, reference, "api offers")
    cursors = Cursors(request, "offers", viewer.purpose)
    with looking(viewer) as sight:
        rows = CaseOffer.objects.filter(purpose=viewer.purpose, state="offered").select_related("team")
        shown, follows = take_part(rows, cursors, cursor, limit, "due_at")
        return {"items": offers_of(sight, shown), "next": follows}


def offers_of(sight: Sight, rows: list[CaseOffer]) -> list[dict[str, Any]]:
    """Return offers as the API says them."""
    return [_offer(row, one) for row, one in zip(rows, cases.see_offers(sight, rows), strict=True)]


@router.get("/offers/{uuid:offer_id}", response={200: schemas.Offer}, summary="One offer")
def get_offer(request: HttpRequest, offer_id: UUID, purpose: Purpose = "", reference: Reference = "") -> dict:
    """404 where there is none, and where the caller may not see it."""
    with looking(viewer_of(request, purpose, reference, "api offer")) as sight:
        row = cases.get_offer_row(offer_id)
        request.version = _version_of_offer(row)
        return offers_of(sight, [row])[0]


def _version_of_offer(row: CaseOffer) -> int:
    """An offer changes once: when it is answered or withdrawn."""
    return 1 if row.state == "offered" else 2


def _offer(row: CaseOffer, seen: cases.OfferSeen) -> dict[str, Any]:
    names = "id case_reference case_type agency right sight offered_from state due_at".split()
    given = {name: getattr(row, name) for name in names}
    return {**given, "team": row.team_id, "team_name": row.team.name, "may_answer": seen.may_answer}


@router.post("/offers/{uuid:offer_id}/answers", response={201: schemas.Receipt}, summary="Answer an offer")
def answer_offer(
    request: HttpRequest,
    offer_id: UUID,
    given: schemas.OfferAnswer,
    match: IfMatch = "",
    key: IdempotencyKey = "",
    purpose: Purpose = "",
    reference: Reference = "",
) -> HttpResponse:
    """The team accepts, and the caller takes part from then on; or it declines."""
    versions = versions_of(match)

    def step(sight: Sight) -> Done:
        row = cases.get_offer_row(offer_id)
        check_version(versions, _version_of_offer(row))
        if given.step == "accept":
            cases.accept_offer(sight, offer_id)
        elif given.step == "decline":
            cases.decline_offer(sight, offer_id)
        else:
            raise NotPossible("Answer with accept or decline")
        state = {"accept": "accepted", "decline": "declined"}[given.step]
        said = {"id": row.pk, "reference": row.case_reference, "state": state}
        return Done(said, f"/api/v1/offers/{row.pk}")

    return write_once(request, viewer_of(request, purpose, reference, "api offer"), key, step)


@router.get("/actions", response={200: schemas.Actions}, summary="What the caller's teams have to do")
def list_actions(
    request: HttpRequest, limit: Limit, cursor: Cursor, purpose: Purpose = "", reference: Reference = ""
) -> dict:
    """Open actions, those due first."""
    viewer = viewer_of(request, purpose, reference, "api actions")
    cursors = Cursors(request, "actions", viewer.purpose)
    with looking(viewer) as sight:
        rows = CareAction.objects.filter(team_id__in=acting_of(sight).teams, state="open")
        shown, follows = take_part(actions.with_names(rows), cursors, cursor, limit, "due_on", of=dt.date)
        return {"items": actions_of(sight, shown), "next": follows}


def actions_of(sight: Sight, rows: Iterable[CareAction]) -> list[dict[str, Any]]:
    """Return actions, read with their names, as the API says them."""
    listed = list(rows)
    teams = {row.pk: row.team_id for row in listed}
    seen = actions.see(sight, listed)
    return [_action(sight, one, teams[one.id], row.result) for row, one in zip(listed, seen, strict=True)]


def say_seen(sight: Sight, seen: Iterable[actions.ActionSeen]) -> dict[UUID, dict[str, Any]]:
    """Return actions that were seen already as the API says them, by id, with one question for all."""
    listed = {one.id: one for one in seen}
    rows = CareAction.objects.filter(pk__in=list(listed)).values_list("pk", "team_id", "result")
    return {pk: _action(sight, listed[pk], team, result) for pk, team, result in rows}


def _action(sight: Sight, seen: actions.ActionSeen, team: str, result: str) -> dict[str, Any]:
    names = "id case_id case_reference words team_name due_on state state_name".split()
    given = {name: getattr(seen, name) for name in names}
    mine = seen.owner == sight.viewer.username
    steps = [(code, name) for code, name in seen.steps if code in ACTION_STEPS]
    return {
        **given,
        "team": team,
        "is_taken_on": bool(seen.owner),
        "is_mine": mine,
        "result": result,
        "steps": steps_of(steps),
    }


def _one_action(care_action_id: UUID) -> CareAction:
    row = actions.with_names(CareAction.objects.filter(pk=care_action_id)).first()
    if row is None:
        raise NotThere
    return row


@router.get("/actions/{uuid:care_action_id}", response={200: schemas.Action}, summary="One action")
def get_action(request: HttpRequest, care_action_id: UUID, purpose: Purpose = "", reference: Reference = "") -> dict:
    """404 where there is none, and where the caller may not see it."""
    with looking(viewer_of(request, purpose, reference, "api action")) as sight:
        row = _one_action(care_action_id)
        request.version = row.version
        return actions_of(sight, [row])[0]


@router.post(
    "/actions/{uuid:care_action_id}/steps", response={201: schemas.Receipt}, summary="Take a step of an action"
)
def step_action(
    request: HttpRequest,
    care_action_id: UUID,
    given: schemas.ActionStep,
    match: IfMatch = "",
    key: IdempotencyKey = "",
    purpose: Purpose = "",
    reference: Reference = "",
) -> HttpResponse:
    """Take it on for the team, or say that it is done and what came of it."""
    versions = versions_of(match)

    def step(sight: Sight) -> Done:
        row = _one_action(care_action_id)
        check_version(versions, row.version)
        if given.step not in ACTION_STEPS:
            raise NotPossible(
                f"Take one of the steps {', '.join(ACTION_STEPS)}; a human checks, sends back and cancels"
            )
        after = actions.take_step(sight, care_action_id, row.version, given.step, given.result)
        said = {"id": after.pk, "reference": after.case.reference, "state": after.state}
        return Done(said, f"/api/v1/actions/{after.pk}")

    return write_once(request, viewer_of(request, purpose, reference, "api action"), key, step)


@router.get("/teams", response={200: schemas.Teams}, summary="Teams that offer anything for the purpose")
def list_teams(request: HttpRequest, purpose: Purpose = "", reference: Reference = "") -> dict:
    """By organisation and name."""
    viewer = viewer_of(request, purpose, reference, "api teams")
    with looking(viewer) as sight:
        return {"items": [_team(sight, row) for row in referrals.list_teams(viewer.purpose)]}


@router.get("/teams/{slug:team_id}", response={200: schemas.Team}, summary="One team")
def get_team(request: HttpRequest, team_id: str, purpose: Purpose = "", reference: Reference = "") -> dict:
    """What it offers, and what it says of its capacity."""
    with looking(viewer_of(request, purpose, reference, "api team")) as sight:
        row = _one_team(team_id)
        request.version = row.version
        return _team(sight, row)


def _one_team(team_id: str) -> Team:
    row = Team.objects.filter(pk=team_id).first()
    if row is None:
        raise NotThere
    return row


def _team(sight: Sight, row: Team) -> dict[str, Any]:
    names = "id name organisation services capacity capacity_until".split()
    return {**{name: getattr(row, name) for name in names}, "is_mine": row.pk in acting_of(sight).teams}


@router.patch(
    "/teams/{slug:team_id}", response={200: schemas.TeamReceipt}, summary="Say whether a team takes referrals"
)
def change_team(
    request: HttpRequest,
    team_id: str,
    given: schemas.TeamChange,
    match: IfMatch = "",
    purpose: Purpose = "",
    reference: Reference = "",
) -> HttpResponse:
    """Only for a team of the caller's. `capacity_until` is the day until which it holds; without it, it lasts."""
    versions = versions_of(match)

    def step(sight: Sight) -> Done:
        row = _one_team(team_id)
        check_version(versions, row.version)
        by, today = acting_of(sight), timezone.localdate()
        check_capacity_change(by, load_team(row.pk), given.capacity, given.capacity_until, today)
        change(row, row.version, capacity=given.capacity, capacity_until=given.capacity_until)
        record_step(sight, "capacity said", [], team=row.pk, capacity=given.capacity)
        said = {"id": row.pk, "capacity": row.capacity, "capacity_until": row.capacity_until}
        return Done(said, f"/api/v1/teams/{row.pk}", status=200)

    return write(viewer_of(request, purpose, reference, "api team"), step)
