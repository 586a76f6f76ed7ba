"""The agenda of a meeting, for its chair: as it stands beside what is proposed, by hand, and as a calendar file."""

import datetime as dt
from functools import partial
from uuid import UUID

from csp.constants import NONCE
from csp.decorators import csp_replace
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from braid.care.agendas import REFUSALS, USUAL_MINUTES
from braid.language.steps import NotPossible
from braid.web.access.projections import Viewer
from braid.web.access.sight import Sight, looking
from braid.web.care import agendas
from braid.web.care.agenda_calendar import write_agenda
from braid.web.care.agenda_seen import get_agenda, list_times
from braid.web.recording import Facts, record
from braid.web.views.care import attempt, done_of, status_of, uuid_of, version_of
from braid.web.views.guards import only, reason_words, sees_people, with_reason

DONE = {
    "accept": "The agenda is in the proposed order.",
    "refuse": "The order is refused, with why. Nothing else is taken from that: hold by hand what is to hold.",
    "move": "The case is held at its new place.",
    "place": "The case is held at that place.",
    "time": "The case does not begin before that time.",
    "take_back": "It is held no longer.",
    "slot": "The minutes are changed.",
    "put": "The case is on the agenda.",
}
FIELDS = {"place": "to", "time": "time", "slot": "minutes"}
"""What each form about one case calls its field."""


@require_http_methods(["GET", "HEAD", "POST"])
@only(sees_people)
@with_reason("agenda")
@csp_replace({"script-src": [NONCE]})
def agenda(request: HttpRequest, viewer: Viewer, meeting_id: UUID) -> HttpResponse:
    """Show the agenda of a meeting to its chair, as it stands and as proposed; take a step.

    The one page with a script, which drags a case to a place: what it sends is the form that stands there without it.
    """
    fault, status, kind = "", 200, request.POST.get("kind", "")
    with looking(viewer) as sight:
        seen = get_agenda(sight, meeting_id)
        if request.method == "POST":
            fault, status = attempt(partial(_step, sight, request, meeting_id, kind))
            if not fault:
                return redirect(f"{reverse('agenda', args=[meeting_id])}?done={kind}")
            seen = get_agenda(sight, meeting_id)
    item, field = request.POST.get("item", ""), FIELDS.get(kind, "")
    context = {
        "seen": seen,
        "refusals": REFUSALS,
        "usual_minutes": USUAL_MINUTES,
        "fault": fault,
        "fault_at": f"{field}-{item}" if field else ("reason" if kind == "refuse" else ""),
        "touched": item if field else "",
        "typed": {f"{field}-{item}": request.POST.get(field, "")} if field else {},
        "done": DONE.get(done_of(request), ""),
        "nonce": request.csp_nonce,
        "reason": reason_words(viewer),
    }
    return render(request, "care/agenda.html", context, status=status_of(request, status))


def _step(sight: Sight, request: HttpRequest, meeting_id: UUID, kind: str) -> None:
    seen = version_of(request)
    if kind in ("accept", "refuse"):
        order = request.POST.get("order", "").split(",")
        if kind == "accept":
            agendas.accept_order(sight, meeting_id, seen, order)
        else:
            agendas.refuse_order(sight, meeting_id, seen, order, request.POST.get("reason", ""))
    elif kind == "put":
        target, case = (uuid_of(request.POST.get(name, "")) for name in ("meeting", "case"))
        agendas.put_case(sight, target, seen, case)
    else:
        _by_hand(sight, request, meeting_id, kind)


def _by_hand(sight: Sight, request: HttpRequest, meeting_id: UUID, kind: str) -> None:
    seen, item = version_of(request), uuid_of(request.POST.get("item", ""))
    if kind == "move":
        agendas.move_case(sight, meeting_id, seen, item, request.POST.get("step", ""))
    elif kind == "place":
        agendas.place_case(sight, meeting_id, seen, item, _number(request.POST.get("to", ""), "place"))
    elif kind == "time":
        agendas.hold_until(sight, meeting_id, seen, item, _time(request.POST.get("time", "")))
    elif kind == "take_back":
        agendas.take_back(sight, meeting_id, seen, item, request.POST.get("what", ""))
    elif kind == "slot":
        agendas.give_minutes(sight, meeting_id, seen, item, _number(request.POST.get("minutes", ""), "minutes"))
    else:
        raise NotPossible("There is no such step. Look at the agenda again")


def _number(text: str, what: str) -> int:
    text = text.strip()
    if not text.isascii() or not text.isdigit() or len(text) > 4:
        raise NotPossible(f"Enter the {what} as a number")
    return int(text)


def _time(text: str) -> dt.time:
    try:
        return dt.datetime.strptime(text.strip(), "%H:%M").time()  # noqa: DTZ007 - a time of the meeting's own day
    except ValueError:
        raise NotPossible("Enter a time such as 10:30") from None


@require_safe
@only(sees_people)
@with_reason("agenda calendar")
def agenda_calendar(_request: HttpRequest, viewer: Viewer, meeting_id: UUID) -> HttpResponse:
    """Hand out the times of an agenda as a calendar file, with references and nothing else; record that it left."""
    with looking(viewer) as sight:
        meeting, lines, people = list_times(sight, meeting_id)
        details = {"what": "agenda", "form": "ics", "meeting": meeting.reference, "cases": len(lines)}
        record("exported", viewer, people or ("",), Facts(organisation=sight.organisation, details=details))
    places = [(one.begins_at, one.ends_at, one.reference) for one in lines]
    content = write_agenda(meeting.reference, places, timezone.now())
    answer = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="agenda.ics"'
    return answer
