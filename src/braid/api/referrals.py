"""Referrals: those that the caller sent or whose team it went to, a new one, and the team's answer.

Every write goes through the steps of `braid.web.care`, as from a page: the rules, the record and the policies of the
database are the same. What a machine does, it does as the system that its token names, of a team that names it.
"""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from braid.api import schemas_of_work as schemas
from braid.api.callers import Purpose, Reference, viewer_of
from braid.api.cursors import Cursors
from braid.api.lists import Cursor, Limit, take_part
from braid.api.work import steps_of
from braid.api.writes import Done, IdempotencyKey, IfMatch, check_version, versions_of, write_once
from braid.care.referrals import MACHINE, Answer
from braid.care.words import check_words
from braid.language.steps import NotPossible
from braid.web.access.sight import Sight, looking
from braid.web.care import referrals
from braid.web.commissions import serving
from braid.web.models import Referral as ReferralRow

router = Router(tags=["Work"])
REFERRAL_STEPS = ("accept", "refuse", "complete")


@router.get("/referrals", response={200: schemas.Referrals}, summary="Referrals sent, or to a team of the caller's")
def list_referrals(
    request: HttpRequest,
    limit: Limit,
    cursor: Cursor,
    state: str = Query("", description="Those in a state alone", max_length=20),
    purpose: Purpose = "",
    reference: Reference = "",
) -> dict:
    """The newest first. A part may hold fewer than asked for."""
    viewer = viewer_of(request, purpose, reference, "api referrals")
    cursors = Cursors(request, "referrals", viewer.purpose, state=state)
    with looking(viewer) as sight:
        rows = ReferralRow.objects.filter(purpose=viewer.purpose).select_related("team")
        if state:
            rows = rows.filter(state=state if state in MACHINE.states else "none")
        shown, follows = take_part(rows, cursors, cursor, limit, "-sent_at")
        seen = referrals.see(shown, sight)
        return {"items": [_referral(row, one) for row, one in zip(shown, seen, strict=True)], "next": follows}


@router.get("/referrals/{uuid:referral_id}", response={200: schemas.Referral}, summary="One referral")
def get_referral(request: HttpRequest, referral_id: UUID, purpose: Purpose = "", reference: Reference = "") -> dict:
    """404 where there is none, and where the caller may not see it. Its ETag is what an answer names in If-Match."""
    with looking(viewer_of(request, purpose, reference, "api referral")) as sight:
        row = referrals.get_row(referral_id)
        request.version = row.version
        return _referral(row, referrals.see([row], sight)[0])


def _referral(row: ReferralRow, seen: referrals.ReferralSeen) -> dict[str, Any]:
    given = {name: getattr(seen, name) for name in schemas.Referral.model_fields if hasattr(seen, name)}
    more = {
        "service": row.service,
        "team": row.team_id,
        "urgency": row.urgency,
        "refusal": row.refusal,
        "sent_from": row.sent_from,
    }
    return {**given, **more, "steps": steps_of(seen.steps)}


@router.post("/people/{person_id}/referrals", response={201: schemas.Receipt}, summary="Refer a person to a team")
def send_referral(
    request: HttpRequest,
    person_id: str,
    new: schemas.NewReferral,
    key: IdempotencyKey = "",
    purpose: Purpose = "",
    reference: Reference = "",
) -> HttpResponse:
    """404 as for the person. 409 where the rules of referrals do not let it through, saying which."""

    def step(sight: Sight) -> Done:
        referrals.check_sees(sight, person_id)
        check_words(new.note)
        row = referrals.send(sight, person_id, new.team, new.service, new.urgency, new.note, new.since)
        serving.begin(sight, row, new.need_band)
        said = {"id": row.pk, "reference": row.reference, "state": row.state}
        return Done(said, f"/api/v1/referrals/{row.pk}")

    return write_once(request, viewer_of(request, purpose, reference, "api refer"), key, step)


@router.post("/referrals/{uuid:referral_id}/answers", response={201: schemas.Receipt}, summary="Answer a referral")
def answer_referral(
    request: HttpRequest,
    referral_id: UUID,
    given: schemas.ReferralAnswer,
    match: IfMatch = "",
    key: IdempotencyKey = "",
    purpose: Purpose = "",
    reference: Reference = "",
) -> HttpResponse:
    """The team accepts, refuses with a reason, or says that it is done."""
    versions = versions_of(match)

    def step(sight: Sight) -> Done:
        row = referrals.get_row(referral_id)
        check_version(versions, row.version)
        if given.step not in REFERRAL_STEPS:
            raise NotPossible(f"Answer with one of {', '.join(REFERRAL_STEPS)}")
        answer = Answer(given.step, given.refusal, given.parked_until)
        row = referrals.answer_referral(sight, referral_id, row.version, answer)
        said = {"id": row.pk, "reference": row.reference, "state": row.state}
        return Done(said, f"/api/v1/referrals/{row.pk}")

    return write_once(request, viewer_of(request, purpose, reference, "api referral"), key, step)
