"""The pages of the information governance lead: what is open, agreements, the access matrix. No person's waits."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from braid.language.steps import NotPossible
from braid.trust.roles import PURPOSES, ROLES, Role
from braid.web.access.context import asking_as
from braid.web.overlay.agreements import (
    ask_to_lift,
    find_agreement,
    lift,
    list_agreements,
    open_flows,
    readable_terms,
    suspend,
)
from braid.web.overlay.emergencies import list_access, list_alerts
from braid.web.overlay.entries import count_tasks, list_entries
from braid.web.overlay.forms import SUSPENSION_REASONS, SuspendForm
from braid.web.overlay.matrix import access_matrix
from braid.web.published import find_published_run
from braid.web.views.guards import only


def accounts_for_looks(role: Role) -> bool:
    """Whether the pages here are the role's."""
    return role.sees_audit


@require_safe
@only(accounts_for_looks)
def trust(request: HttpRequest) -> HttpResponse:
    """Count what waits for a decision, and what is overdue."""
    now = timezone.now()
    with asking_as(request.user.username, ""):
        entries, access = list_entries(now), [one for one in list_access() if one.reviewed_at is None]
    alerts, agreements = list_alerts(now, request.user), list_agreements(now)
    tasks = [
        ("Alerts to acknowledge", "trust_emergencies", len(alerts), _overdue(alerts)),
        ("Reviews of emergency access", "trust_emergencies", len(access), sum(a.review_due_at <= now for a in access)),
        ("Entries of the overlay to decide on", "trust_overlay", count_tasks(entries), sum(e.asks for e in entries)),
        (
            "Agreements that end within 60 days",
            "trust_agreements",
            sum(one.ends_soon for one in agreements),
            sum(one.standing == "ended" for one in agreements),
        ),
        (
            "Suspensions to lift or keep",
            "trust_agreements",
            sum(one.suspension is not None and one.suspension.lift_asked_by != "" for one in agreements),
            0,
        ),
    ]
    return render(request, "trust.html", {"tasks": tasks})


def _overdue(alerts: list) -> int:
    return sum(one.standing.state == "overdue" for one in alerts)


@require_safe
@only(accounts_for_looks)
def agreements(request: HttpRequest) -> HttpResponse:
    """List the agreements in force."""
    return render(request, "trust_agreements.html", {"agreements": list_agreements(timezone.now())})


@require_http_methods(["GET", "HEAD", "POST"])
@only(accounts_for_looks)
def agreement(request: HttpRequest, agreement_id: str) -> HttpResponse:
    """Show one agreement in words; suspend it, ask to lift the suspension, lift it."""
    found = find_agreement(agreement_id, timezone.now())
    if found is None:
        raise Http404
    form, fault, step = SuspendForm(), "", request.POST.get("step", "")
    if request.method == "POST":
        if step == "suspend":
            form = SuspendForm(request.POST)
        if step != "suspend" or form.is_valid():
            fault = _take(request, agreement_id, step, form)
            if not fault:
                return redirect("trust_agreement", agreement_id)
    context = {
        "one": found,
        "terms": readable_terms(found.row.terms),
        "form": form,
        "fault": fault,
        "me": request.user.username,
        "reasons": SUSPENSION_REASONS,
    }
    return render(request, "trust_agreement.html", context, status=400 if fault or form.errors else 200)


def _take(request: HttpRequest, agreement_id: str, step: str, form: SuspendForm) -> str:
    """Take a step with an agreement; return what is in the way, or nothing."""
    try:
        with asking_as(request.user.username, ""):
            if step == "suspend":
                suspend(request.user, agreement_id, form.cleaned_data["reason"])
            elif step == "ask_to_lift":
                ask_to_lift(request.user, agreement_id)
            elif step == "lift":
                lift(request.user, agreement_id)
            else:
                return "Choose what to do with the agreement"
    except NotPossible as refusal:
        return str(refusal)
    return ""


@require_safe
@only(accounts_for_looks)
def matrix(request: HttpRequest) -> HttpResponse:
    """Show who may see which item today for one role and purpose, and why others may not."""
    roles = {code: role for code, role in ROLES.items() if role.sees_people}
    chosen = roles.get(request.GET.get("role", ""), next(iter(roles.values())))
    purpose = request.GET.get("purpose", "")
    if purpose not in PURPOSES:
        purpose = min(chosen.purposes)
    run = find_published_run()
    organisations = sorted(run.kinds) if run else []
    context = {
        "roles": roles,
        "purposes": PURPOSES,
        "role": chosen,
        "purpose": purpose,
        "rows": access_matrix(chosen, purpose, organisations, open_flows(), timezone.now()),
    }
    return render(request, "trust_matrix.html", context)
