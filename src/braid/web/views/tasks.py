"""The page of safety tasks: what was held back or failed, whose move it is, and what waits for a second human."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from braid.trust.overlay_change import NotPossible
from braid.web.access.context import asking_as
from braid.web.outbound.forms import OutcomeForm
from braid.web.outbound.safe_contacts import KEPT, confirm_kept, list_waiting
from braid.web.outbound.tasks import claim, finish, list_tasks
from braid.web.views.guards import only
from braid.web.views.trust import accounts_for_looks


@require_http_methods(["GET", "HEAD", "POST"])
@only(accounts_for_looks)
def tasks(request: HttpRequest) -> HttpResponse:
    """List the open tasks, those due first; claim one, say what came of one, confirm what somebody entered."""
    fault = ""
    with asking_as(request.user.username, ""):
        if request.method == "POST":
            fault = _take(request)
            if not fault:
                return redirect(f"{reverse('tasks')}?done=recorded")
        context = {
            "tasks": list_tasks(timezone.now()),
            "waiting": list_waiting(),
            "form": OutcomeForm(),
            "fault": fault,
            "me": request.user.username,
            "done": request.GET.get("done") == "recorded",
        }
    return render(request, "tasks.html", context, status=400 if fault else 200)


def _take(request: HttpRequest) -> str:
    """Take one step; return what is in the way, or nothing."""
    step, text = request.POST.get("step", ""), request.POST.get("id", "")
    number = int(text) if text.isdecimal() and len(text) < 10 else 0
    try:
        if step == "claim":
            claim(request.user, number)
        elif step == "finish":
            finish(request.user, number, request.POST.get("outcome", ""))
        elif step in KEPT:
            confirm_kept(request.user, step, number)
        else:
            return "Choose what to do"
    except NotPossible as refusal:
        return str(refusal)
    return ""
