"""The pages of a case's appointments: one plan for whoever was harmed, and where whoever is accused will be, apart."""

from collections.abc import Mapping
from functools import partial
from uuid import UUID

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from braid.care import appointment_sheet as sheets
from braid.care.appointment_sheet import OWN_KINDS, REFUSALS, SERVICES, Building, Need, Offer, time_of
from braid.care.words import check_words
from braid.language.dates import london_date
from braid.language.steps import NotPossible
from braid.store.vault_keys import VaultKeyNotAvailable, VaultSealBroken
from braid.web.access.projections import Viewer
from braid.web.access.sight import Sight, looking
from braid.web.care import appointments
from braid.web.care.appointment_calendar import write_appointments
from braid.web.care.appointment_forms import (
    SEXES,
    ChooseForm,
    KnownForm,
    NeedForm,
    OfferForm,
    OwnTimeForm,
    RefuseForm,
    TravelForm,
    WishForm,
)
from braid.web.care.appointments import AppointmentsSeen
from braid.web.care.kept import name_of_user
from braid.web.recording import Facts, record
from braid.web.templating import day_words
from braid.web.views.care import attempt, done_of, status_of, version_of
from braid.web.views.guards import only, reason_words, sees_people, with_reason

NOT_READABLE = "The appointments cannot be read just now, and nothing is kept. Try again later"
CAUSES = {
    "staff_busy": "nobody of the service offers a time",
    "staff_booked": "whoever could see them sees them then already",
    "order": "what comes before it is later",
    "not_offered": "not offered",
}
"""Why a time was not to be had, as everybody may read it."""


@require_http_methods(["GET", "HEAD", "POST"])
@only(sees_people)
@with_reason("appointments")
def appointments_page(request: HttpRequest, viewer: Viewer, case_id: UUID) -> HttpResponse:
    """Show what is needed, offered, proposed and agreed; take a step; plan."""
    fault, status, kind = "", 200, request.POST.get("kind", "")
    with looking(viewer) as sight:
        try:
            seen = appointments.get_appointments(sight, case_id)
        except (VaultKeyNotAvailable, VaultSealBroken):
            return _not_readable(request, viewer, case_id)
        forms = _forms(request, seen, kind)
        form = forms.get(kind)
        if request.method == "POST" and (form is None or form.is_valid()):
            fault, status = attempt(partial(_step, sight, request, case_id, kind, form))
            if not fault:
                return redirect(f"{reverse('appointments', args=[case_id])}?done={kind}")
            seen = appointments.get_appointments(sight, case_id)
    context = {
        "seen": seen,
        "forms": forms,
        "services": {code: name for code, (name, _) in SERVICES.items()},
        "own_kinds": OWN_KINDS,
        "refusals": REFUSALS,
        "sexes": SEXES,
        "causes": CAUSES,
        "time_of": time_of,
        "name_of": name_of_user,
        "building_of": partial(building_words, seen.buildings),
        "need_words": {one.id: need_words(one) for one in seen.sheet.needs},
        "fault": fault,
        "touched": request.POST.get("need", ""),
        "done": done_of(request),
        "reason": reason_words(viewer),
    }
    return render(request, "care/appointments.html", context, status=status_of(request, status))


def _not_readable(request: HttpRequest, viewer: Viewer, case_id: UUID) -> HttpResponse:
    context = {"case_id": case_id, "fault": NOT_READABLE, "reason": reason_words(viewer)}
    return render(request, "care/appointments_closed.html", context, status=503)


def building_words(names: Mapping[str, str], building: Building) -> str:
    """Return a building as people call it."""
    return building.words or names.get(building.partner, building.partner)


def need_words(need: Need) -> str:
    """Return an appointment that is needed in words."""
    return f"{SERVICES[need.service][0]}, {need.minutes} minutes"


def _forms(request: HttpRequest, seen: AppointmentsSeen, kind: str) -> dict[str, Form]:
    def data(name: str) -> object:
        return request.POST if name == kind else None

    needs = [(one.id, need_words(one)) for one in seen.sheet.needs]
    agreed = {one.need for one in sheets.agreed_of(seen.sheet)}
    open_needs = [(code, words) for code, words in needs if code not in agreed]
    offers = [(one.id, offer_words(one, seen.buildings)) for one in seen.sheet.offers]
    return {
        "need": NeedForm(data("need"), prefix="need", needs=needs),
        "offer": OfferForm(data("offer"), prefix="offer", buildings=seen.buildings),
        "own": OwnTimeForm(data("own"), prefix="own"),
        "wish": WishForm(data("wish"), prefix="wish"),
        "refuse": RefuseForm(data("refuse"), prefix="refuse"),
        "choose": ChooseForm(data("choose"), prefix="choose", needs=open_needs, offers=offers),
        "travel": TravelForm(data("travel"), prefix="travel", initial={"minutes": seen.sheet.travel_minutes}),
    }


def offer_words(offer: Offer, names: Mapping[str, str]) -> str:
    """Return a time that a service has as one line."""
    when = f"{day_words(offer.date)}, {time_of(offer.from_minute)} to {time_of(offer.until_minute)}"
    return f"{SERVICES[offer.service][0]}, {when}: {offer.who}, {building_words(names, offer.building)}"


def _step(sight: Sight, request: HttpRequest, case_id: UUID, kind: str, form: Form | None) -> None:
    seen, today = version_of(request), london_date(timezone.now())
    need, part = request.POST.get("need", ""), request.POST.get("part", "")
    keep = partial(appointments.change_sheet, sight, case_id, seen)
    if kind == "need":
        keep("appointment needed", lambda sheet: sheets.add_need(sheet, form.need(), today))
    elif kind == "offer":
        check_words(f"{form.cleaned_data['who']}\n{form.cleaned_data['words']}")
        keep("time offered", lambda sheet: sheets.add_offer(sheet, form.offer(sight.organisation), today))
    elif kind == "own":
        keep("own time", lambda sheet: sheets.add_own_time(sheet, form.own(), today))
    elif kind == "wish":
        given = form.cleaned_data
        keep("wish of whom to see", lambda sheet: sheets.set_wish(sheet, given["service"], given["sex"] or None))
    elif kind == "remove":
        keep("taken out", lambda sheet: sheets.remove(sheet, request.POST.get("what", ""), part))
    elif kind == "plan":
        appointments.plan_appointments(sight, case_id, seen)
    elif kind == "choose":
        chosen = form.cleaned_data
        given = chosen["need"], chosen["offer"], sheets.minute_of(chosen["starts"]), sight.viewer.username
        step = partial(appointments.plan_appointments, sight, case_id, seen, "appointment chosen")
        step(lambda sheet: sheets.choose(sheet, *given, today))
    elif kind == "travel":
        keep("time between buildings", lambda sheet: sheets.set_travel(sheet, form.cleaned_data["minutes"]))
    elif kind == "agree":
        keep("appointment agreed", lambda sheet: sheets.agree(sheet, need))
    elif kind == "call_off":
        keep("appointment called off", lambda sheet: sheets.call_off(sheet, need))
    elif kind == "refuse":
        reason = form.cleaned_data["reason"]
        keep("appointment refused", lambda sheet: sheets.refuse(sheet, need, reason, sight.viewer.username))
    else:
        raise NotPossible("There is no such step. Look at the page again")


@require_http_methods(["GET", "HEAD", "POST"])
@only(sees_people)
@with_reason("appointments apart")
def appointments_apart(request: HttpRequest, viewer: Viewer, case_id: UUID) -> HttpResponse:
    """Show a seat of that side where whoever is accused will be, as far as it is known; add to it, take out of it."""
    fault, status, kind = "", 200, request.POST.get("kind", "")
    with looking(viewer) as sight:
        try:
            seen = appointments.get_whereabouts(sight, case_id)
        except (VaultKeyNotAvailable, VaultSealBroken):
            return _not_readable(request, viewer, case_id)
        form = KnownForm(request.POST if kind == "known" else None, prefix="known", buildings=seen.buildings)
        if request.method == "POST" and (kind != "known" or form.is_valid()):
            fault, status = attempt(partial(_step_apart, sight, request, case_id, kind, form))
            if not fault:
                return redirect(f"{reverse('appointments_apart', args=[case_id])}?done={kind}")
            seen = appointments.get_whereabouts(sight, case_id)
    context = {
        "seen": seen,
        "form": form,
        "time_of": time_of,
        "building_of": partial(building_words, seen.buildings),
        "fault": fault,
        "done": done_of(request),
        "reason": reason_words(viewer),
    }
    return render(request, "care/appointments_apart.html", context, status=status_of(request, status))


def _step_apart(sight: Sight, request: HttpRequest, case_id: UUID, kind: str, form: KnownForm) -> None:
    seen, today = version_of(request), london_date(timezone.now())
    keep = partial(appointments.change_whereabouts, sight, case_id, seen)
    if kind == "known":
        check_words(form.cleaned_data["words"])
        keep("whereabouts known", lambda kept: sheets.add_known(kept, form.known(), today))
    elif kind == "remove":
        part = request.POST.get("part", "")
        keep("whereabouts taken out", lambda kept: sheets.remove_known(kept, part))
    else:
        raise NotPossible("There is no such step. Look at the page again")


@require_safe
@only(sees_people)
@with_reason("appointment calendar")
def appointment_calendar(request: HttpRequest, viewer: Viewer, case_id: UUID) -> HttpResponse:
    """Hand out what was agreed as a calendar file: times and a reference, and nothing else; record that it left."""
    with looking(viewer) as sight:
        try:
            reference, agreed, people = appointments.list_agreed(sight, case_id)
        except (VaultKeyNotAvailable, VaultSealBroken):
            return _not_readable(request, viewer, case_id)
        details = {"what": "agreed appointments", "form": "ics", "case": reference, "appointments": len(agreed)}
        record("exported", viewer, people or ("",), Facts(organisation=sight.organisation, details=details))
    content = write_appointments(reference, agreed, timezone.now())
    answer = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="appointments.ics"'
    return answer
