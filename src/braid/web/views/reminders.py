"""The page of one's own reminders and calendar, and the calendar itself by its secret address."""

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from braid.care.reminders import Choices, check_choices
from braid.language.steps import NotPossible
from braid.trust.roles import ROLES, Role
from braid.web.access.context import asking_as
from braid.web.access.projections import Viewer
from braid.web.access.sight import NotThere
from braid.web.care.feeds import end_feed, find_feed, read_feed, renew_feed
from braid.web.care.forms import ReminderForm
from braid.web.models import ReminderChoice
from braid.web.recording import Facts, record
from braid.web.views.care import done_of
from braid.web.views.guards import governs, only, sees_people


def _has_calendar(role: Role) -> bool:
    """For `only`: who has work of joint cases, and who may sit on a board, whose meetings stand in a calendar too."""
    return sees_people(role) or governs(role)


@require_http_methods(["GET", "HEAD", "POST"])
@only(_has_calendar)
def reminders(request: HttpRequest) -> HttpResponse:
    """Show and change what reminds one of one's work; make, renew or end one's calendar feed, shown this once.

    Of whoever is never shown a person no work is reminded: they have the calendar alone.
    """
    viewer = Viewer(request.user.username, request.user.role, "", "", "reminders")
    is_reminded = sees_people(ROLES[request.user.role])
    kind, fault, address = request.POST.get("kind", ""), "", ""
    with asking_as(request.user.username, ""):
        row = ReminderChoice.objects.filter(user=request.user).first() or ReminderChoice(user=request.user)
        before = {"digest": row.wants_digest, "quiet_from": row.quiet_from, "quiet_to": row.quiet_to}
        form = ReminderForm(request.POST if kind == "choices" else None, initial=before)
        if kind == "feed":
            address = request.build_absolute_uri(reverse("calendar", args=[renew_feed(viewer, request.user)]))
        elif kind == "end":
            end_feed(viewer, request.user)
            return redirect(f"{reverse('reminders')}?done=ended")
        elif kind == "choices" and is_reminded and form.is_valid():
            fault = _choose(viewer, row, form.cleaned_data)
            if not fault:
                return redirect(f"{reverse('reminders')}?done=chosen")
        elif request.method == "POST" and (kind != "choices" or not is_reminded):
            fault = "Choose what to do"
        feed = find_feed(request.user)
    context = {
        "form": form,
        "fault": fault,
        "is_reminded": is_reminded,
        "has_address": bool(request.user.email),
        "feed": feed,
        "address": address,
        "done": done_of(request),
    }
    return render(request, "care/reminders.html", context, status=400 if fault or form.errors else 200)


def _choose(viewer: Viewer, row: ReminderChoice, given: dict) -> str:
    """Keep what was chosen; return what is in the way, or nothing."""
    try:
        check_choices(Choices(given["digest"], given["quiet_from"], given["quiet_to"]))
    except NotPossible as refusal:
        return str(refusal)
    values = {"wants_digest": given["digest"], "quiet_from": given["quiet_from"], "quiet_to": given["quiet_to"]}
    with transaction.atomic():
        if not ReminderChoice.objects.filter(user=row.user).update(**values):
            ReminderChoice.objects.append_one(ReminderChoice(user=row.user, **values))
        record("account_changed", viewer, facts=Facts(details={"what": "reminders chosen"}))
    return ""


@require_safe
def calendar(_request: HttpRequest, token: str) -> HttpResponse:
    """Hand out the calendar of whoever's secret stands in the address; any other address is not there."""
    try:
        content = read_feed(token)
    except NotThere:
        raise Http404 from None
    answer = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'inline; filename="work-list.ics"'
    return answer
