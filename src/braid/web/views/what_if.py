"""What if, for a person or a cohort: a form of planned changes, and what they do to waits, side by side."""

from dataclasses import dataclass
from typing import Any

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
    asked = _asked(request)
    context = {**asked.context(viewer), "person": get_what_if(viewer, person_id, asked.plan)}
    return render(request, "what_if.html", context, status=asked.status)


@require_safe
@only(lambda role: role.sees_people)
@with_reason("what if of a cohort")
def cohort_what_if(request: HttpRequest, viewer: Viewer, problem_id: str) -> HttpResponse:
    """Count what planned changes would do to the waits of those whom a problem statement concerns."""
    statement = next((each for each in get_statements()[1] if each.problem_id == problem_id), None)
    if statement is None:
        raise Http404
    asked = _asked(request)
    rows = get_cohort_what_if(viewer, problem_id, statement.words["purpose_code"], asked.plan)
    context = {**asked.context(viewer), "statement": statement, "rows": rows}
    return render(request, "cohort_what_if.html", context, status=asked.status)


@dataclass(frozen=True)
class _Asked:
    """The form as it was sent, and the plan that it makes: one without options where it says none or is wrong."""

    form: WhatIfForm
    plan: Plan
    status: int

    def context(self, viewer: Viewer) -> dict[str, Any]:
        """Return what the page shows of the form and the plan."""
        return {
            "form": self.form,
            "option_fields": [(name, fields_of(self.form, name)) for name in OPTIONS],
            "when_help": WHEN_HELP,
            "options": list(self.plan.options),
            "looked_at": self.plan.looked_at if self.plan.options else None,
            "reason": reason_words(viewer),
        }


def _asked(request: HttpRequest) -> _Asked:
    """Read what is asked; 404 before the first run."""
    run = find_published_run()
    if run is None or run.as_of_date is None:
        raise Http404
    as_of, calendar = run.as_of_date, read_calendar(run.calendar)
    form = WhatIfForm(request.GET or None, role=role_of(request), as_of=as_of, calendar=calendar)
    if form.is_bound and form.is_valid():
        return _Asked(form, Plan(form.options, as_of, form.looked_at, calendar), 200)
    return _Asked(form, Plan({}, as_of, as_of, calendar), 400 if form.is_bound else 200)
