"""The pages of the response to whoever was harmed: one plan in strands, and the side of who is accused, apart."""

from functools import partial
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from braid.care.actions import CANCELLATIONS, RESULTS
from braid.care.response import STRANDS
from braid.care.windows import CHECK
from braid.care.words import check_words
from braid.language.steps import NotPossible
from braid.web.access.projections import Viewer
from braid.web.access.sight import Sight, looking
from braid.web.care import response
from braid.web.care.response import ResponseSeen
from braid.web.care.response_forms import EndForm, EventCorrectionForm, EventForm, StrandForm, forms_for
from braid.web.views.care import attempt, done_of, status_of, uuid_of, version_of
from braid.web.views.guards import only, reason_words, sees_people, with_reason


@require_http_methods(["GET", "HEAD", "POST"])
@only(sees_people)
@with_reason("response")
def response_page(request: HttpRequest, viewer: Viewer, case_id: UUID) -> HttpResponse:
    """Show the response as one plan to a seat that is shown the harmed; make an action, begin or end a clock."""
    fault, status, kind = "", 200, request.POST.get("kind", "")
    with looking(viewer) as sight:
        seen = response.get_response(sight, case_id)
        actions, ended, event = _forms(request, seen, kind)
        corrected = _corrections(request, seen, kind)
        touched = request.POST.get("strand", "") if kind == "action" else request.POST.get("event", "")
        form = {
            "action": actions.get(touched),
            "ended": ended.get(touched),
            "event": event,
            "correct": corrected.get(touched),
        }.get(kind)
        if request.method == "POST" and (form is None or form.is_valid()):
            fault, status = attempt(partial(_step, sight, request, case_id, kind, form))
            if not fault:
                return redirect(f"{reverse('response', args=[case_id])}?done={kind or 'step'}")
            seen = response.get_response(sight, case_id)
    context = {
        "response": seen,
        "actions": actions,
        "ended": ended,
        "corrected": corrected,
        "event": event,
        "fault": fault,
        "check": CHECK,
        "done": done_of(request),
        "reason": reason_words(viewer),
    }
    return render(request, "care/response.html", context, status=status_of(request, status))


def _forms(request: HttpRequest, seen: ResponseSeen, kind: str) -> tuple[dict, dict, EventForm]:
    """Return the form of an action for each strand, of its end for each clock that runs, and of a new clock."""

    def data(name: str) -> object:
        return request.POST if name == kind else None

    actions = forms_for(
        lambda posted_data, auto_id: StrandForm(posted_data, prefix="action", auto_id=auto_id, teams=seen.teams),
        STRANDS,
        data("action"),
        request.POST.get("strand", ""),
    )
    running = {str(one.id) for strand in seen.strands for one in strand.events if one.reckoning and not one.ended_on}
    ended = forms_for(
        lambda posted_data, auto_id: EndForm(posted_data, prefix="ended", auto_id=auto_id),
        sorted(running),
        data("ended"),
        request.POST.get("event", ""),
    )
    event = EventForm(data("event"), prefix="event", sees_incident=seen.sees_incident)
    return actions, ended, event


def _corrections(request: HttpRequest, seen: ResponseSeen, kind: str) -> dict[str, EventCorrectionForm]:
    """Return the form of a correction for each thing that started a clock."""
    if not seen.may_edit:
        return {}
    events = {str(one.id): one for strand in seen.strands for one in strand.events}
    return {
        number: EventCorrectionForm(
            request.POST if kind == "correct" and number == request.POST.get("event", "") else None,
            prefix="correct",
            auto_id=f"id_{number}_correct_%s",
            right=one.noun,
        )
        for number, one in events.items()
    }


def _step(sight: Sight, request: HttpRequest, case_id: UUID, kind: str, form: object) -> None:
    if form is None:
        raise NotPossible("There is no such step. Look at the page again")
    given = form.cleaned_data
    if kind == "action":
        check_words(given["words"])
        strand = request.POST.get("strand", "")
        response.make_action(sight, case_id, strand, given["words"], given["team"], given["due_on"])
    elif kind == "event":
        response.add_event(sight, case_id, form.event())
    elif kind == "correct":
        event_id = uuid_of(request.POST.get("event", ""))
        response.correct_event(sight, case_id, event_id, version_of(request), form.right(), given["reason"])
    else:
        event_id = uuid_of(request.POST.get("event", ""))
        response.end_event(sight, case_id, event_id, version_of(request), given["day"])


@require_http_methods(["GET", "HEAD", "POST"])
@only(sees_people)
@with_reason("response apart")
def response_apart(request: HttpRequest, viewer: Viewer, case_id: UUID) -> HttpResponse:
    """Show the side of who is accused to a seat that is shown it; make an action of that side."""
    fault, status, kind = "", 200, request.POST.get("kind", "")
    with looking(viewer) as sight:
        seen = response.get_apart(sight, case_id)
        form = StrandForm(request.POST if kind == "action" else None, prefix="action", teams=seen.teams)
        if request.method == "POST" and (kind != "action" or form.is_valid()):
            fault, status = attempt(partial(_step_apart, sight, request, case_id, kind, form))
            if not fault:
                return redirect(f"{reverse('response_apart', args=[case_id])}?done={kind}")
            seen = response.get_apart(sight, case_id)
    context = {
        "apart": seen,
        "form": form,
        "fault": fault,
        "codes": {"complete": RESULTS, "cancel": CANCELLATIONS},
        "done": done_of(request),
        "reason": reason_words(viewer),
    }
    return render(request, "care/apart.html", context, status=status_of(request, status))


def _step_apart(sight: Sight, request: HttpRequest, case_id: UUID, kind: str, form: StrandForm) -> None:
    if kind == "action":
        given = form.cleaned_data
        check_words(given["words"])
        response.make_action_apart(sight, case_id, given["words"], given["team"], given["due_on"])
    elif kind == "step":
        action_id, step = uuid_of(request.POST.get("action", "")), request.POST.get("step", "")
        code = request.POST.get("team" if step == "reassign" else "code", "")
        response.take_step_apart(sight, case_id, action_id, version_of(request), step, code)
    else:
        raise NotPossible("There is no such step. Look at the page again")
