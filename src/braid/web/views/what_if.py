"""What if, for a person or a cohort: a form of planned changes, and what they do to waits, side by side."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from braid.web.access import get_cohort_what_if, get_what_if
from braid.web.access.projections import Viewer
from braid.web.access.what_if import Plan
from braid.web.calendar_document import read_calendar
from braid.web.graph_figures import get_statements
from braid.web.published import find_published_run
from braid.web.views.guards import only, reason_words, role_of, with_reason
from braid.web.what_if_forms import OPTIONS, WHEN_HELP, WhatIfForm, fields_of


@require_safe
@only(lambda role: role.sees_people)
@with_reason("what if")
def what_if(request: HttpRequest, viewer: Viewer, person_id: str) -> HttpResponse:
    """Show what planned changes would do to the waits of a person; nothing of it is kept."""
    form = form_of(request)
    is_valid = form.is_bound and form.is_valid()
    options = form.options if is_valid else {}
    looked_at = form.looked_at if is_valid else form.as_of
    seen = get_what_if(viewer, person_id, Plan(options, form.as_of, looked_at, form.calendar))
    context = {
        "person": seen,
        "form": form,
        "option_fields": [(name, fields_of(form, name)) for name in OPTIONS],
        "when_help": WHEN_HELP,
        "options": list(options),
        "looked_at": looked_at if options else None,
        "reason": reason_words(viewer),
    }
    return render(request, "what_if.html", context, status=400 if form.is_bound and not is_valid else 200)


@require_safe
@only(lambda role: role.sees_people)
@with_reason("what if of a cohort")
def cohort_what_if(request: HttpRequest, viewer: Viewer, problem_id: str) -> HttpResponse:
    """Count what planned changes would do to the waits of those whom a problem statement concerns."""
    statement = next((each for each in get_statements()[1] if each.problem_id == problem_id), None)
    if statement is None:
        raise Http404
    form = form_of(request)
    is_valid = form.is_bound and form.is_valid()
    options = form.options if is_valid else {}
    looked_at = form.looked_at if is_valid else form.as_of
    plan = Plan(options, form.as_of, looked_at, form.calendar)
    context = {
        "statement": statement,
        "rows": get_cohort_what_if(viewer, statement.words["purpose_code"], plan),
        "form": form,
        "option_fields": [(name, fields_of(form, name)) for name in OPTIONS],
        "when_help": WHEN_HELP,
        "options": list(options),
        "looked_at": looked_at if options else None,
        "reason": reason_words(viewer),
    }
    return render(request, "cohort_what_if.html", context, status=400 if form.is_bound and not is_valid else 200)


def form_of(request: HttpRequest) -> WhatIfForm:
    """Return the form as it was sent, or a new one; 404 before the first run."""
    run = find_published_run()
    if run is None or run.as_of_date is None:
        raise Http404
    sent = request.GET if request.GET else None
    return WhatIfForm(sent, role=role_of(request), as_of=run.as_of_date, calendar=read_calendar(run.calendar))
