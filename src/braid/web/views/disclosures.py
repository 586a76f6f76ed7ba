"""The page of decisions to share or not, for whoever accounts for the record."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from braid.web.access.context import asking_as
from braid.web.access.projections import Viewer
from braid.web.outbound.disclosure_list import read_decisions
from braid.web.outbound.forms import DecisionsForm
from braid.web.pages import page_links
from braid.web.published import find_published_run
from braid.web.views.guards import only
from braid.web.views.trust import accounts_for_looks


@require_safe
@only(accounts_for_looks)
def disclosures(request: HttpRequest) -> HttpResponse:
    """List what was decided to be shared and what not, newest first; by outcome and receiver."""
    run = find_published_run()
    form = DecisionsForm(request.GET, organisations=sorted(run.kinds) if run else [])
    if not form.is_valid():
        return render(request, "trust_disclosures.html", {"form": form, "found": None, "pages": None}, status=400)
    wanted = {key: value for key, value in form.cleaned_data.items() if value}
    viewer = Viewer(request.user.username, request.user.role, "", "", "disclosures")
    with asking_as(viewer.username, ""):
        found = read_decisions(viewer, wanted, request.GET.get("page", 1))
    pages = page_links(found.page, found.page_count, lambda page: f"?{urlencode({**wanted, 'page': page})}")
    return render(request, "trust_disclosures.html", {"form": form, "found": found, "pages": pages})
