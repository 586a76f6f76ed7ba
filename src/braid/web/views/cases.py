"""The pages of joint cases: open one, those one takes part in, one case, and an offer of one."""

from functools import partial
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from braid.care.actions import CANCELLATIONS, RESULTS
from braid.care.words import check_words
from braid.language.person_ids import is_person_id
from braid.language.steps import NotPossible
from braid.web.access.joint import find_names
from braid.web.access.projections import Viewer
from braid.web.access.sight import Sight, looking
from braid.web.care import actions, case_changes, cases
from braid.web.care.cases import CaseSeen
from braid.web.care.forms import (
    ActionForm,
    ActionStepForm,
    CloseForm,
    ColleagueForm,
    OfferForm,
    OpenCaseForm,
    SubjectForm,
)
from braid.web.care.pages import pages_of
from braid.web.care.referrals import check_sees
from braid.web.models import AgendaItem
from braid.web.published import find_published_run
from braid.web.views.care import attempt, done_of, status_of, uuid_of, version_of
from braid.web.views.guards import only, posted, reason_words, sees_people, with_reason
from braid.web.written_once import written_once


@require_http_methods(["GET", "HEAD", "POST"])
@only(sees_people)
@with_reason("open case")
def open_case(request: HttpRequest, viewer: Viewer, person_id: str) -> HttpResponse:
    """Open a joint case about a person."""
    fault = ""
    with looking(viewer) as sight:
        check_sees(sight, person_id)
        run = find_published_run()
        kind = run.kinds.get(sight.organisation, "") if run else ""
        form = OpenCaseForm(posted(request), purpose=viewer.purpose, kind=kind)
        if request.method == "POST" and form.is_valid():
            given = form.cleaned_data
            opened = []
            fault, _ = attempt(
                lambda: opened.append(
                    cases.open_case(
                        sight,
                        given["case_type"],
                        given["agency"],
                        person_id,
                        given["part"],
                        another=given["another"] == "yes",
                    )
                )
            )
            if not fault:
                return redirect("case", opened[0].pk)
        context = {
            "form": form,
            "fault": fault,
            "person_id": person_id,
            "name": find_names(sight, [person_id]).get(person_id, ""),
            "reason": reason_words(viewer),
        }
    return render(request, "care/open_case.html", context, status=400 if fault or form.errors else 200)


@require_safe
@only(sees_people)
@with_reason("cases")
def case_list(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """List the joint cases in which one takes part."""
    with looking(viewer) as sight:
        context = {"cases": cases.list_cases(sight), "reason": reason_words(viewer)}
    return render(request, "care/cases.html", context)


FORMS = {
    "colleague": ColleagueForm,
    "close": CloseForm,
    "action": ActionForm,
    "subject": SubjectForm,
    "offer": OfferForm,
    "action_step": ActionStepForm,
}


@require_http_methods(["GET", "HEAD", "POST"])
@only(sees_people)
@with_reason("case")
def case(request: HttpRequest, viewer: Viewer, case_id: UUID) -> HttpResponse:
    """Show a joint case to who takes part, and take a step of it."""
    fault, status, kind = "", 200, request.POST.get("kind", "")
    with looking(viewer) as sight:
        row = cases.get_row(case_id)
        seen = cases.see_case(sight, row)
        forms = _forms(request, seen, kind)
        form = forms.get(kind)
        if request.method == "POST" and (form is None or form.is_valid()):
            given = form.cleaned_data if form else {}
            fault, status = attempt(partial(_step, sight, request, case_id, kind, given))
            if not fault:
                target = reverse("cases") if kind == "leave" else reverse("case", args=[case_id])
                return redirect(f"{target}?done={kind}")
            row = cases.get_row(case_id)
            seen = cases.see_case(sight, row)
        context = {
            "case": seen,
            "links": case_changes.links_of(row),
            "pages": pages_of(row, seen),
            "actions": actions.list_of_case(sight, row),
            "items": _agendas_of(row.pk),
            "forms": forms,
            "kind": kind,
            "fault": fault,
            "codes": {"done": RESULTS, "cancelled": CANCELLATIONS, "teams": forms["action"].given_teams},
            "me": viewer.username,
            "done": done_of(request),
            "reason": reason_words(viewer),
        }
    return render(request, "care/case.html", context, status=status_of(request, status))


@written_once
def _agendas_of(case_id: UUID) -> QuerySet[AgendaItem]:
    return AgendaItem.objects.filter(case_id=case_id).select_related("meeting").order_by("-meeting__starts_at")


def _forms(request: HttpRequest, seen: CaseSeen, kind: str) -> dict[str, object]:
    is_asked = seen.mine.is_lead or kind == "offer"  # nobody else is shown to whom the case may be offered
    more = {
        "action": {"teams": actions.teams_of_members(seen.members)},
        "subject": {"case_type": seen.case_type},
        "close": {"case_type": seen.case_type},
        "offer": {
            "teams": cases.list_teams_for(seen.case_type) if is_asked else [],
            "agencies": seen.case_type.agencies,
        },
    }
    return {
        name: form(request.POST if name == kind else None, prefix=name, **more.get(name, {}))
        for name, form in FORMS.items()
    }


def _step(sight: Sight, request: HttpRequest, case_id: UUID, kind: str, given: dict) -> None:
    seen = version_of(request)
    if kind == "colleague":
        cases.add_colleague(sight, case_id, given["username"], given["right"], given["sight"])
    elif kind == "offer":
        cases.offer_case(sight, case_id, given["team"], given["agency"], given["right"], given["sight"])
    elif kind == "subject":
        person_id = given["person_id"].strip()
        if person_id and not is_person_id(person_id):
            raise NotPossible("Enter the id of a person, as the address of their page ends")
        check_words(given["name_apart"])
        cases.add_subject(sight, case_id, given["part"], person_id, given["name_apart"])
    elif kind == "action":
        check_words(given["words"])
        actions.make_action(sight, cases.get_row(case_id), given["words"], given["team"], given["due_on"])
    elif kind == "action_step":
        step = request.POST.get("step", "")
        code = request.POST.get("team", "") if step == "reassign" else given["code"]
        actions.take_step(sight, uuid_of(request.POST.get("action", "")), seen, step, code)
    elif kind == "close":
        cases.close_case(sight, case_id, seen, given["outcome"])
    elif kind == "reopen":
        cases.reopen_case(sight, case_id, seen)
    elif kind == "remove":
        cases.remove_member(sight, case_id, request.POST.get("member", ""))
    elif kind == "leave":
        cases.remove_member(sight, case_id, sight.viewer.username)
    elif kind == "withdraw":
        cases.withdraw_offer(sight, uuid_of(request.POST.get("offer", "")))
    else:
        raise NotPossible("There is no such step. Look at the case again")


@require_http_methods(["GET", "HEAD", "POST"])
@only(sees_people)
@with_reason("offer")
def offer(request: HttpRequest, viewer: Viewer, offer_id: UUID) -> HttpResponse:
    """Show an offer of a case to the team it was made to; accept or decline it."""
    fault = ""
    with looking(viewer) as sight:
        row = cases.get_offer_row(offer_id)
        if request.method == "POST":
            step = cases.accept_offer if request.POST.get("step") == "accept" else cases.decline_offer
            fault, _ = attempt(partial(step, sight, offer_id))
            if not fault:
                target = reverse("case", args=[row.case_id]) if step is cases.accept_offer else reverse("work")
                return redirect(f"{target}?done=answered")
        (seen,) = cases.see_offers(sight, [row])
    context = {"offer": seen, "fault": fault, "reason": reason_words(viewer)}
    return render(request, "care/offer.html", context, status=400 if fault else 200)
