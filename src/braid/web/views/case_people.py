"""Whom a joint case is about, and what becomes of it as a whole: waits, parting, merging, a lead who stands in."""

from functools import partial
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from braid.care.case_changes import TAKEN_OUT
from braid.language.steps import NotPossible
from braid.web.access.projections import Viewer
from braid.web.access.sight import NotThere, Sight, looking
from braid.web.care import case_changes, case_waits, cases
from braid.web.care.documents_seen import list_to_part
from braid.web.care.forms import MergeForm, StandInForm
from braid.web.views.care import attempt, done_of, status_of, uuid_of, version_of
from braid.web.views.guards import only, posted, reason_words, sees_people, with_reason


@require_http_methods(["GET", "HEAD", "POST"])
@only(sees_people)
@with_reason("people of a case")
def case_people(request: HttpRequest, viewer: Viewer, case_id: UUID) -> HttpResponse:
    """Show whom a case is about, who lives with them, and what they wait for; change any of it."""
    fault, status, kind = "", 200, request.POST.get("kind", "")
    with looking(viewer) as sight:
        if not cases.get_case(sight, case_id).is_whole:
            raise NotThere
        merge = MergeForm(request.POST if kind == "merge" else None, prefix="merge")
        if request.method == "POST" and (kind != "merge" or merge.is_valid()):
            targets: list[UUID] = []
            fault, status = attempt(partial(_step, sight, request, case_id, kind, merge, targets))
            if not fault:
                name = "case" if targets else "case_people"
                return redirect(f"{reverse(name, args=[targets[0] if targets else case_id])}?done={kind}")
        row = cases.get_row(case_id)
        seen = cases.get_case(sight, case_id)
        context = {
            "case": seen,
            "waits": case_waits.list_waits(sight, row),
            "names": {one.person_id: one.name for one in seen.subjects if one.person_id},
            "household": case_waits.list_household(sight, row),
            "parts": [part for part in seen.case_type.parts.values() if not part.apart],
            "documents": list_to_part(sight, row, seen) if seen.mine.is_lead and seen.state == "open" else [],
            "taken_out": TAKEN_OUT,
            "merge": merge,
            "fault": fault,
            "done": done_of(request),
            "reason": reason_words(viewer),
        }
    return render(request, "care/case_people.html", context, status=status_of(request, status))


def _step(sight: Sight, request: HttpRequest, case_id: UUID, kind: str, merge: MergeForm, targets: list[UUID]) -> None:
    given, seen = request.POST, version_of(request)
    if kind == "take_out":
        case_changes.take_out_subject(sight, case_id, given.get("subject", ""), given.get("why", ""))
    elif kind == "confirm":
        case_changes.confirm_subject(sight, case_id, given.get("subject", ""))
    elif kind == "household":
        cases.add_subject(sight, case_id, given.get("part", ""), given.get("person", ""))
    elif kind == "waits":
        case_waits.choose_waits(sight, case_id, given.getlist("wait"))
    elif kind == "part":
        chosen = [uuid_of(one) for one in given.getlist("document")]
        targets.append(case_changes.part_case(sight, case_id, seen, given.getlist("subject"), chosen).pk)
    elif kind == "merge":
        targets.append(case_changes.merge_case(sight, case_id, seen, merge.cleaned_data["into"]).pk)
    else:
        raise NotPossible("There is no such step. Look at the case again")


@require_http_methods(["GET", "HEAD", "POST"])
@only(sees_people)
@with_reason("stand in")
def stand_in(request: HttpRequest, viewer: Viewer, led_id: UUID) -> HttpResponse:
    """Lead a case in place of a lead professional of one's team."""
    fault = ""
    with looking(viewer) as sight:
        led = case_changes.get_led(led_id)
        form = StandInForm(posted(request))
        if request.method == "POST" and form.is_valid():
            fault, _ = attempt(partial(case_changes.stand_in, sight, led_id, form.cleaned_data["why"]))
            if not fault:
                return redirect(f"{reverse('case', args=[led_id])}?done=stand_in")
    context = {"led": led, "form": form, "fault": fault, "reason": reason_words(viewer)}
    return render(request, "care/stand_in.html", context, status=400 if fault or form.errors else 200)
