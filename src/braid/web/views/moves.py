"""The page of a case's planned moves: who moves, the notices that the law asks for, their drafts and their clocks."""

from functools import partial
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from braid.care.words import check_words
from braid.language.steps import NotPossible
from braid.store.vault_keys import VaultKeyNotAvailable
from braid.web.access.projections import Viewer
from braid.web.access.sight import Sight, looking
from braid.web.care import moves, moves_seen, notices
from braid.web.care.moves_seen import MovesSeen
from braid.web.care.response_forms import (
    BodyForm,
    FactCorrectionForm,
    FactForm,
    MoveForm,
    NoticeStepForm,
    SendForm,
    SentCorrectionForm,
    forms_for,
)
from braid.web.views.care import attempt, done_of, status_of, uuid_of, version_of
from braid.web.views.guards import only, reason_words, sees_people, with_reason

OF_MOVE = ("move", "body", "fact")
"""Kinds of step that name a move; the others name a notice."""
NO_KEY = "It cannot be kept safely just now, so nothing was kept. Try again later"


@require_http_methods(["GET", "HEAD", "POST"])
@only(sees_people)
@with_reason("moves")
def moves_page(request: HttpRequest, viewer: Viewer, case_id: UUID) -> HttpResponse:
    """Show the moves of a case and their notices to who sees the whole of it; plan one, and take a step of one."""
    fault, status, kind = "", 200, request.POST.get("kind", "")
    with looking(viewer) as sight:
        seen = moves_seen.get_moves(sight, case_id)
        plan, forms = _plan_form(request, seen, kind), _forms(request, seen, kind)
        touched = request.POST.get("move" if kind in OF_MOVE else "notice", "")
        form = plan if kind == "plan" else forms.get(kind, {}).get(touched)
        if request.method == "POST" and (form is None or form.is_valid()):
            fault, status = attempt(partial(_step, sight, request, case_id, kind, form))
            if not fault:
                return redirect(f"{reverse('moves', args=[case_id])}?done={kind}")
            seen = moves_seen.get_moves(sight, case_id)
    context = {
        "moves": seen,
        "plan": plan,
        "forms": forms,
        "fault": fault,
        "faulty": [form] if form is not None else [],
        "touched": touched,
        "kind": kind,
        "done": done_of(request),
        "reason": reason_words(viewer),
    }
    return render(request, "care/moves.html", context, status=status_of(request, status))


def _plan_form(request: HttpRequest, seen: MovesSeen, kind: str) -> MoveForm:
    data = request.POST if kind == "plan" else None
    return MoveForm(data, prefix="plan", people=seen.people, districts=seen.districts)


def _forms(request: HttpRequest, seen: MovesSeen, kind: str) -> dict[str, dict]:
    """Return the forms of each move and of each notice by its id: of a step, and of handing it over."""

    def data(name: str) -> object:
        return request.POST if name == kind else None

    notices = {str(one.id): one for move in seen.moves for one in move.notices}
    touched, of_move = request.POST.get("notice", ""), request.POST.get("move", "")
    return {
        "move": forms_for(
            lambda given, auto_id: FactForm(given, prefix="move", auto_id=auto_id),
            [str(move.id) for move in seen.moves],
            data("move"),
            of_move,
        ),
        "body": {
            str(move.id): BodyForm(
                data("body") if str(move.id) == of_move else None,
                prefix="body",
                auto_id=f"id_{move.id}_body_%s",
                children=move.children,
            )
            for move in seen.moves
            if seen.may_edit and move.children and move.state != "called_off"
        },
        "fact": {
            str(move.id): FactCorrectionForm(
                data("fact") if str(move.id) == of_move else None,
                prefix="fact",
                auto_id=f"id_{move.id}_fact_%s",
                facts=move.facts,
            )
            for move in seen.moves
            if move.facts
        },
        "sent": forms_for(
            lambda given, auto_id: SentCorrectionForm(given, prefix="sent", auto_id=auto_id),
            [number for number, one in notices.items() if one.may_correct],
            data("sent"),
            touched,
        ),
        "notice": forms_for(
            lambda given, auto_id: NoticeStepForm(given, prefix="notice", auto_id=auto_id),
            notices,
            data("notice"),
            touched,
        ),
        "send": _send_forms(seen, data("send"), touched),
    }


def _send_forms(seen: MovesSeen, data: object, touched: str) -> dict[str, SendForm]:
    leaving = [one for move in seen.moves for one in move.notices if "hand_over" in dict(one.steps)]
    return {
        str(one.id): SendForm(
            data if str(one.id) == touched else None,
            prefix="send",
            auto_id=f"id_{one.id}_send_%s",
            kind=one.kind,
            receivers={partner: seen.names.get(partner, partner) for partner in seen.receivers[one.body]},
            gateways=sorted({law for laws in seen.receivers[one.body].values() for law in laws}),
        )
        for one in leaving
    }


def _step(sight: Sight, request: HttpRequest, case_id: UUID, kind: str, form: object) -> None:
    if form is None:
        raise NotPossible("There is no such step. Look at the page again")
    seen, step = version_of(request), request.POST.get("step", "")
    if kind == "plan":
        given = form.given()
        check_words(given.application)
        moves.plan_move(sight, case_id, given)
    elif kind == "move":
        move_id = uuid_of(request.POST.get("move", ""))
        moves.take_move_step(sight, case_id, move_id, seen, step, form.cleaned_data["day"])
    elif kind == "body":
        move_id = uuid_of(request.POST.get("move", ""))
        moves.add_body(sight, case_id, move_id, form.child_id(), form.cleaned_data["body"])
    elif kind == "fact":
        data = form.cleaned_data
        move_id = uuid_of(request.POST.get("move", ""))
        moves.correct_fact(sight, case_id, move_id, seen, data["fact"], data["day"], data["reason"])
    elif kind == "sent":
        notice_id = uuid_of(request.POST.get("notice", ""))
        moves.correct_sent(sight, case_id, notice_id, seen, form.cleaned_data["reason"])
    elif kind == "notice":
        data = form.cleaned_data
        notice_id = uuid_of(request.POST.get("notice", ""))
        moves.take_notice_step(sight, case_id, notice_id, seen, step, data["reason"], data["day"])
    else:
        notice_id = uuid_of(request.POST.get("notice", ""))
        try:
            notices.send_notice(sight, case_id, notice_id, seen, form.sending())
        except VaultKeyNotAvailable:
            raise NotPossible(NO_KEY) from None
