"""The page of safety tasks: what was held back or failed, whose move it is, and what waits for a second human."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from braid.language.steps import NotPossible
from braid.web.access import record_read
from braid.web.access.context import asking_as
from braid.web.access.projections import Viewer
from braid.web.access.vault import StepUpNeeded
from braid.web.outbound.forms import OutcomeForm
from braid.web.outbound.safe_contacts import refuse_kept, withdraw_kept
from braid.web.outbound.standing import ContactSeen, confirm_contact, confirm_release, list_standing, open_contact
from braid.web.outbound.tasks import claim, finish, list_tasks
from braid.web.second_factor import find_confirmation
from braid.web.views.care import done_of
from braid.web.views.guards import lead_of, only
from braid.web.views.trust import accounts_for_looks

ENDINGS = {
    f"{name}_{kind}": (end, kind)
    for name, end in (("refuse", refuse_kept), ("withdraw", withdraw_kept))
    for kind in ("contact", "release")
}
"""The steps that end what was entered: the function, and the kind of what it ends."""


@require_http_methods(["GET", "HEAD", "POST"])
@only(accounts_for_looks)
def tasks(request: HttpRequest) -> HttpResponse:
    """List the open tasks, those due first, and what was entered; claim, finish, confirm, refuse, withdraw."""
    fault = ""
    with asking_as(request.user.username, ""):
        if request.method == "POST":
            fault = _take(request)
            if not fault:
                return redirect(f"{reverse('tasks')}?done=recorded")
        now = timezone.now()
        standing, waiting = list_standing(now), list_tasks(now)
        record_read(lead_of(request, "tasks"), len(standing) + len(waiting))
        context = {
            "tasks": waiting,
            "waiting": [one for one in standing if not one.is_confirmed],
            "holding": [one for one in standing if one.is_confirmed],
            "parts": _parts(waiting, standing, request.user.username),
            "form": OutcomeForm(),
            "fault": fault,
            "me": request.user.username,
            "done": done_of(request) == "recorded",
        }
    return render(request, "tasks.html", context, status=400 if fault else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@only(accounts_for_looks)
def check_contact(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Show a safe contact that waits, its contact points among it, after the second factor; confirm what was shown."""
    assurance, confirmed_at = find_confirmation(request.session, request.user)
    viewer = Viewer(
        request.user.username, request.user.role, "", "", "safe_contact", assurance=assurance, confirmed_at=confirmed_at
    )
    fault = ""
    with asking_as(request.user.username, ""):
        try:
            seen = open_contact(viewer, contact_id, timezone.now())
        except StepUpNeeded:
            return redirect(f"{reverse('confirm')}?{urlencode({'next': request.get_full_path()})}")
        if request.method == "POST":
            fault = _confirm(request, seen)
            if not fault:
                return redirect(f"{reverse('tasks')}?done=recorded")
    is_withheld = seen.contacts is None
    status = 400 if fault else 503 if is_withheld else 200
    return render(request, "check_contact.html", {"seen": seen, "fault": fault}, status=status)


def _parts(waiting: list, standing: list, me: str) -> dict[str, int]:
    """Count what is mine, nobody's yet, overdue, and with somebody else."""
    return {
        "mine": sum(one.claimed_by == me for one in waiting),
        "nobodys": sum(not one.claimed_by for one in waiting),
        "overdue": sum(one.is_overdue for one in waiting),
        "others": sum(one.claimed_by not in ("", me) for one in waiting)
        + sum(not one.is_confirmed and one.entered_by == me for one in standing),
    }


def _confirm(request: HttpRequest, contact: ContactSeen) -> str:
    try:
        confirm_contact(request.user, contact, request.POST.get("seen", ""))
    except NotPossible as refusal:
        return str(refusal)
    return ""


def _take(request: HttpRequest) -> str:
    """Take one step; return what is in the way, or nothing."""
    step, number = request.POST.get("step", ""), number_in(request)
    try:
        if step == "claim":
            claim(request.user, number)
        elif step == "finish":
            finish(request.user, number, request.POST.get("outcome", ""))
        elif step == "confirm_release":
            confirm_release(request.user, number, request.POST.get("seen", ""))
        elif step in ENDINGS:
            end, kind = ENDINGS[step]
            end(request.user, kind, number)
        else:
            return "Choose what to do"
    except NotPossible as refusal:
        return str(refusal)
    return ""


def number_in(request: HttpRequest) -> int:
    """Return the number that was posted as `id`; 0, which nothing has, for anything else."""
    text = request.POST.get("id", "")
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 10 else 0
