"""The audit page: who looked at whom, when, and why."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from braid.web.access import get_looks
from braid.web.forms import AuditForm
from braid.web.pages import page_links
from braid.web.views.guards import only


@require_safe
@only(lambda role: role.sees_audit)
def audit(request: HttpRequest) -> HttpResponse:
    """List looks at people, newest first."""
    form = AuditForm(request.GET)
    if not form.is_valid():
        return render(request, "audit.html", {"form": form, "found": None, "pages": None}, status=400)
    wanted = {key: value for key, value in form.cleaned_data.items() if value}
    found = get_looks(request.user.role, wanted, request.GET.get("page", 1))
    pages = page_links(found.page, found.page_count, lambda page: f"?{urlencode({**wanted, 'page': page})}")
    return render(request, "audit.html", {"form": form, "found": found, "pages": pages})
