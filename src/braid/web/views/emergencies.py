"""The pages of emergency access: asking for it, the lead's queue and reviews, and the status that everybody sees."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from braid.language.steps import NotPossible
from braid.trust.break_glass import FINDINGS, REASONS, REFERENCE_KINDS, NotGranted, Request
from braid.trust.items import ITEMS
from braid.trust.roles import PURPOSES, ROLES
from braid.web.access import record_read
from braid.web.access.context import asking_as
from braid.web.overlay.emergencies import (
    acknowledge,
    approve_access,
    colleague_answered,
    grant_access,
    list_access,
    list_alerts,
    monthly_rates,
    needs_approval,
    review_access,
)
from braid.web.overlay.forms import AccessForm, ReviewForm
from braid.web.views.care import done_of
from braid.web.views.guards import anybody, lead_of, only, posted, role_of
from braid.web.views.trust import accounts_for_looks

ITEM_NAMES = {code: item.name for code, item in ITEMS.items()}
WORDS = {
    "items": ITEM_NAMES,
    "reasons": REASONS,
    "kinds": REFERENCE_KINDS,
    "findings": FINDINGS,
    "purposes": PURPOSES,
    "roles": ROLES,
}


@require_http_methods(["GET", "HEAD", "POST"])
@only(lambda role: role.sees_people)
def break_glass(request: HttpRequest) -> HttpResponse:
    """Ask for access in an emergency; list one's own."""
    form = AccessForm(posted(request), role=role_of(request))
    if request.method == "POST" and form.is_valid():
        try:
            with asking_as(request.user.username, ""):
                grant_access(request.user, Request(username=request.user.username, **form.cleaned_data))
            return redirect(f"{reverse('break_glass')}?done=granted")
        except NotGranted as refusal:
            form.add_error("colleague", str(refusal))
    with asking_as(request.user.username, ""):
        mine = list_access(request.user.username)
    now = timezone.now()
    waiting = {one.pk for one in mine if needs_approval(one, now)}
    done = done_of(request) == "granted"
    context = {"form": form, "mine": mine, "waiting": waiting, "now": now, "done": done}
    return render(request, "break_glass.html", {**context, **WORDS}, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@only(accounts_for_looks)
def queue(request: HttpRequest) -> HttpResponse:
    """List what waits for approval, alerts, reviews and the rate of each month; approve, or acknowledge an alert."""
    fault, now = "", timezone.now()
    if request.method == "POST":
        try:
            with asking_as(request.user.username, ""):
                if "approve" in request.POST:
                    approve_access(request.user, _number(request, "approve"))
                else:
                    acknowledge(request.user, _number(request, "alert"))
            return redirect("trust_emergencies")
        except NotPossible as refusal:
            fault = str(refusal)
    with asking_as(request.user.username, ""):
        access, rates = list_access(), monthly_rates()
        record_read(lead_of(request, "trust emergencies"), len(access))
    waiting = [one for one in access if needs_approval(one, now)]
    alerts = list_alerts(now, request.user)
    context = {"alerts": alerts, "access": access, "waiting": waiting, "rates": rates, "now": now, "fault": fault}
    return render(request, "trust_emergencies.html", {**context, **WORDS}, status=400 if fault else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@only(accounts_for_looks)
def review(request: HttpRequest, access_id: int) -> HttpResponse:
    """Show one access and write down what its review found."""
    with asking_as(request.user.username, ""):
        one = next((row for row in list_access() if row.pk == access_id), None)
        if one is not None:
            record_read(lead_of(request, "trust review"), 1, one.person_id, access=access_id)
    if one is None:
        raise Http404
    form = ReviewForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            with asking_as(request.user.username, ""):
                review_access(request.user, access_id, form.cleaned_data["finding"])
            return redirect("trust_emergencies")
        except NotPossible as refusal:
            form.add_error("finding", str(refusal))
    context = {"one": one, "form": form, "now": timezone.now(), "colleague": colleague_answered(one)}
    return render(request, "trust_review.html", {**context, **WORDS}, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@only(anybody)
def status(request: HttpRequest) -> HttpResponse:
    """Show alerts that nobody acknowledged, with age and owners, and take the acknowledgement of who is told.

    Of people it shows nothing.
    """
    fault = ""
    if request.method == "POST":
        try:
            with asking_as(request.user.username, ""):
                acknowledge(request.user, _number(request, "alert"))
            return redirect("status")
        except NotPossible as refusal:
            fault = str(refusal)
    context = {"alerts": list_alerts(timezone.now(), request.user), "fault": fault}
    return render(request, "status.html", context, status=400 if fault else 200)


def _number(request: HttpRequest, name: str) -> int:
    """Return the number posted under a name, or 0, which nothing has."""
    text = request.POST.get(name, "")
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 10 else 0
