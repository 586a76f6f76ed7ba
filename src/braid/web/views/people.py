"""The pages about people: why somebody looks, the list, one person."""

import dataclasses
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_safe

from braid.web.access import get_people, get_person
from braid.web.access.projections import PeopleFilter, PeoplePage, Viewer
from braid.web.access.vault import find_vault_fields
from braid.web.charts import draw_graph, draw_time_line
from braid.web.figures import get_district_choices
from braid.web.forms import PeopleForm, ReasonForm
from braid.web.graph_figures import get_statement_choices
from braid.web.pages import page_links
from braid.web.published import find_published_run
from braid.web.reasons import REFERENCE_HELP, keep_reason
from braid.web.refusal_record import record_wrong_sign_in
from braid.web.views.guards import only, reason_words, role_of, sees_people, with_reason

TIME_LINE_WIDTH = 580


@require_http_methods(["GET", "HEAD", "POST"])
@only(sees_people)
def reason(request: HttpRequest) -> HttpResponse:
    """Ask for a purpose and a reference, keep them, and go on to the page first asked for."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    target = wanted if safe else reverse("people")
    form = ReasonForm(request.POST or None, role=role_of(request))
    if request.method == "POST" and form.is_valid():
        keep_reason(request.session, form.cleaned_data["purpose"], form.cleaned_data["reference"])
        return HttpResponseRedirect(target)
    if form.errors.get("purpose"):
        record_wrong_sign_in(request.user.username, "purpose_not_permitted_to_role", "reason")
    return render(request, "reason.html", {"form": form, "next": target, "reference_help": REFERENCE_HELP})


@require_safe
@only(sees_people)
@with_reason("people")
def people(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """List the people in several backlogs."""
    role = role_of(request)
    form = PeopleForm(
        request.GET, role=role, districts=get_district_choices(), problems=get_statement_choices(role.purposes)
    )
    context = {"form": form, "reason": reason_words(viewer), "found": None, "pages": None}
    if not form.is_valid():
        return render(request, "people.html", context, status=400)
    wanted = PeopleFilter(**{**form.cleaned_data, "sort": form.cleaned_data["sort"] or "longest"})
    found = get_people(viewer, wanted, request.GET.get("page", 1))
    context |= {"found": found, "pages": _links(found, wanted), "sorted_by": wanted.sort}
    return render(request, "people.html", context)


@require_safe
@only(sees_people)
@with_reason("person")
def person(request: HttpRequest, viewer: Viewer, person_id: str) -> HttpResponse:
    """Show one person: waits, blockers, who is involved."""
    found = get_person(viewer, person_id, request.GET.get("beside", ""))
    run = find_published_run()
    waits = (*found.waits, *found.ended_waits)
    today = run.as_of_date if run and run.as_of_date else max(wait.as_of_date for wait in waits)
    context = {
        "person": found,
        "vault_fields": find_vault_fields(viewer, person_id),
        "reason": reason_words(viewer),
        "as_of_date": today,
        "time_line": draw_time_line(waits, today, TIME_LINE_WIDTH),
        "graph": draw_graph(found.blockers),
    }
    return render(request, "person.html", context)


def _links(found: PeoplePage, wanted: PeopleFilter) -> dict[str, object] | None:
    query = {key: value for key, value in dataclasses.asdict(wanted).items() if value}
    return page_links(found.page, found.page_count, lambda page: f"?{urlencode({**query, 'page': page})}")
