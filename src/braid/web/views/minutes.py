"""The page of minutes: read by who takes part, corrected until they are agreed, agreed and sent by the chair."""

from functools import partial
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from braid.care.meetings import ATTENDANCES, EXCUSES
from braid.care.words import check_words
from braid.language.steps import NotPossible
from braid.store.vault_keys import VaultKeyNotAvailable
from braid.web.access.projections import Viewer
from braid.web.access.sight import Sight, looking
from braid.web.care import meetings, minutes
from braid.web.care.forms import AmendForm, SendMinutesForm
from braid.web.care.minutes import MinutesSeen
from braid.web.flows import gateways_in_force
from braid.web.outbound.disclosures import Grounds
from braid.web.views.care import attempt, done_of, status_of, uuid_of, version_of
from braid.web.views.guards import only, reason_words, sees_people, with_reason

NO_KEY = "They cannot be kept safely just now, so nothing was sent. Try again later"


@require_http_methods(["GET", "HEAD", "POST"])
@only(sees_people)
@with_reason("minutes")
def meeting_minutes(request: HttpRequest, viewer: Viewer, meeting_id: UUID) -> HttpResponse:
    """Show the minutes of a meeting as far as one takes part; correct them, and as its chair agree and send them."""
    fault, status, kind = "", 200, request.POST.get("kind", "")
    with looking(viewer) as sight:
        seen = minutes.get_minutes(sight, meeting_id)
        amend = AmendForm(request.POST if kind == "amend" else None)
        send = SendMinutesForm(
            request.POST if kind == "send" else None, receivers=seen.receivers, gateways=_laws(viewer, seen)
        )
        form = {"amend": amend, "send": send}.get(kind)
        if request.method == "POST" and (form is None or form.is_valid()):
            fault, status = attempt(partial(_step, sight, request, meeting_id, kind, form))
            if not fault:
                done = {"send": "sent"}.get(kind, kind)
                return redirect(f"{reverse('minutes', args=[meeting_id])}?done={done}")
            seen = minutes.get_minutes(sight, meeting_id)
    context = {
        "minutes": seen,
        "amend": amend,
        "amended": request.POST.get("item", "") if kind == "amend" else "",
        "send": send,
        "attendance_words": ATTENDANCES,
        "excuse_words": EXCUSES,
        "fault": fault,
        "done": done_of(request),
        "reason": reason_words(viewer),
    }
    return render(request, "care/minutes.html", context, status=status_of(request, status))


def _laws(viewer: Viewer, seen: MinutesSeen) -> list[str]:
    """Return the laws that an agreement in force names for any who receives them, and the kind of case permits."""
    if not seen.is_chair or seen.state != "agreed":
        return []
    gateways = gateways_in_force(viewer.purpose)
    named = {law for one in seen.receivers for law in gateways.get(one, {})}
    return [law for law in seen.case_type.gateways if law in named]


def _step(sight: Sight, request: HttpRequest, meeting_id: UUID, kind: str, form: object) -> None:
    if kind == "amend":
        check_words(form.cleaned_data["words"])
        given = form.cleaned_data
        minutes.amend(sight, uuid_of(request.POST.get("item", "")), given["words"], given["about"])
    elif kind == "agree":
        meetings.take_meeting_step(sight, meeting_id, version_of(request), "agree")
    elif kind == "send":
        given = form.cleaned_data
        grounds = Grounds(given["gateway"], given["necessity"], given["weighing"])
        wanted = [given["receiver"]] if given["receiver"] else []
        try:
            minutes.send_minutes(sight, meeting_id, wanted, grounds)
        except VaultKeyNotAvailable:
            raise NotPossible(NO_KEY) from None
    else:
        raise NotPossible("There is no such step. Look at the minutes again")
