"""The pages of whoever accounts for the record: entries, the log's state, one person's account, looks to ask about."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from braid.web.access import get_account, get_entries, get_findings, get_log
from braid.web.forms import AuditForm
from braid.web.pages import page_links
from braid.web.views.guards import lead_of, only


@require_safe
@only(lambda role: role.sees_audit)
def audit(request: HttpRequest) -> HttpResponse:
    """List the entries, newest first."""
    form = AuditForm(request.GET)
    if not form.is_valid():
        return render(request, "audit.html", {"form": form, "found": None, "pages": None}, status=400)
    wanted = {key: value for key, value in form.cleaned_data.items() if value}
    found = get_entries(lead_of(request, "audit"), wanted, request.GET.get("page", 1))
    pages = page_links(found.page, found.page_count, lambda page: f"?{urlencode({**wanted, 'page': page})}")
    return render(request, "audit.html", {"form": form, "found": found, "pages": pages})


@require_safe
@only(lambda role: role.sees_audit)
def audit_log(request: HttpRequest) -> HttpResponse:
    """Show the newest checkpoint, who witnessed it, and what waits for its place in the log."""
    return render(request, "audit_log.html", {"log": get_log(lead_of(request, "audit log"))})


@require_safe
@only(lambda role: role.sees_audit)
def audit_snooping(request: HttpRequest) -> HttpResponse:
    """List the looks that a rule points out, each with its figure, its threshold and the day by which to ask."""
    return render(request, "audit_snooping.html", {"findings": get_findings(lead_of(request, "audit snooping"))})


@require_safe
@only(lambda role: role.sees_audit)
def audit_person(request: HttpRequest, person_id: str) -> HttpResponse:
    """Show who looked at a person, as it may be handed out. An id that nobody looked at has an
    empty account; what is no id has none."""
    return render(request, "audit_person.html", {"account": get_account(lead_of(request, "audit person"), person_id)})
