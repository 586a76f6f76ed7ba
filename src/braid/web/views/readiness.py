"""The page of readiness: what must be there before a case is decided or heard, whose it is, and what is late."""

from functools import partial
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from braid.care.words import check_words
from braid.language.steps import NotPossible
from braid.web.access.projections import Viewer
from braid.web.access.sight import Sight, looking
from braid.web.care import readiness
from braid.web.care.response_forms import DayEndForm, DayForm, ItemForm, forms_for
from braid.web.views.care import attempt, done_of, status_of, version_of
from braid.web.views.guards import only, reason_words, sees_people, with_reason


@require_http_methods(["GET", "HEAD", "POST"])
@only(sees_people)
@with_reason("readiness")
def readiness_page(request: HttpRequest, viewer: Viewer, case_id: UUID) -> HttpResponse:
    """Show the readiness list of a case to who takes part; its owners tick, its lead drops and names the day."""
    fault, status, kind = "", 200, request.POST.get("kind", "")
    with looking(viewer) as sight:
        seen = readiness.get_readiness(sight, case_id)
        touched = request.POST.get("item", "")
        items = forms_for(
            lambda data, auto_id: ItemForm(data, prefix="item", auto_id=auto_id),
            [one.code for one in seen.items],
            request.POST if kind == "item" else None,
            touched,
        )
        day = DayForm(request.POST if kind == "day" else None, prefix="day")
        day_end = DayEndForm(request.POST if kind == "day_end" else None, prefix="day_end")
        form = {"item": items.get(touched), "day": day, "day_end": day_end}.get(kind)
        if request.method == "POST" and (form is None or form.is_valid()):
            fault, status = attempt(partial(_step, sight, request, case_id, kind, form))
            if not fault:
                return redirect(f"{reverse('readiness', args=[case_id])}?done={kind}")
            seen = readiness.get_readiness(sight, case_id)
    context = {
        "readiness": seen,
        "items": items,
        "day": day,
        "day_end": day_end,
        "fault": fault,
        "touched": touched if kind == "item" else "",
        "done": done_of(request),
        "reason": reason_words(viewer),
    }
    return render(request, "care/readiness.html", context, status=status_of(request, status))


def _step(sight: Sight, request: HttpRequest, case_id: UUID, kind: str, form: object) -> None:
    seen = version_of(request)
    if kind == "item" and form is not None:
        given = form.given()
        check_words(given.evidence)
        step = request.POST.get("step", "")
        readiness.take_step(sight, case_id, request.POST.get("item", ""), seen, step, given)
    elif kind == "day":
        readiness.set_day(sight, case_id, seen, form.cleaned_data["what"], form.cleaned_data["day"])
    elif kind == "day_end":
        readiness.end_day(sight, case_id, seen, form.cleaned_data["because"])
    else:
        raise NotPossible("There is no such step. Look at the list again")
