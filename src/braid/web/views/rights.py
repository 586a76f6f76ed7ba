"""The pages of requests about somebody's data: the list, one request, its items, what will be given, and holds."""

from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from braid.language.steps import NotPossible
from braid.trust.retention import load_schedule
from braid.trust.subject_rights import machine_of
from braid.trust.subject_rights_terms import ANSWERS, SECOND_DECIDES
from braid.trust.transparency import load_records
from braid.web.access import record_read
from braid.web.access.context import asking_as
from braid.web.access.projections import Viewer
from braid.web.access.vault import StepUpNeeded
from braid.web.models import RetentionSweep, RightsItem, RightsRequest
from braid.web.overlay.agreements import list_agreements
from braid.web.published import find_published_run
from braid.web.rights import keeping, other_requests, seen
from braid.web.rights.forms import (
    ApproveForm,
    AskedForm,
    BackForm,
    CloseForm,
    ExtendForm,
    GroundForm,
    HoldForm,
    LetterForm,
    ShownForm,
    WishForm,
)
from braid.web.rights.taking import take
from braid.web.second_factor import find_confirmation
from braid.web.views.care import attempt, done_of, version_of
from braid.web.views.guards import lead_of, only
from braid.web.views.trust import accounts_for_looks


@require_http_methods(["GET", "HEAD", "POST"])
@only(accounts_for_looks)
def rights(request: HttpRequest) -> HttpResponse:
    """List the requests with their clocks, and open one."""
    run = find_published_run()
    organisations = sorted(run.names) if run else []
    asked = AskedForm(request.POST if request.POST.get("form") == "access" else None, prefix="asked")
    wish = WishForm(
        request.POST if request.POST.get("form") == "wish" else None, prefix="wish", organisations=organisations
    )
    fault = ""
    if request.method == "POST":
        with asking_as(request.user.username, ""):
            fault = _open(request, asked, wish)
        if not fault and not asked.errors and not wish.errors:
            return redirect(f"{reverse('rights')}?done=opened")
    with asking_as(request.user.username, ""):
        listed = seen.list_requests(request.user.username, timezone.now())
        record_read(lead_of(request, "rights requests"), len(listed))
    context = {"requests": listed, "asked": asked, "wish": wish, "fault": fault, "done": done_of(request) == "opened"}
    return render(request, "rights/list.html", context, status=400 if request.method == "POST" else 200)


def _open(request: HttpRequest, asked: AskedForm, wish: WishForm) -> str:
    """Open a request; return what is in the way, or nothing."""
    if asked.is_bound and asked.is_valid():
        given = keeping.Asked(**asked.cleaned_data)
        return attempt(lambda: keeping.open_request(request.user, given))[0]
    if wish.is_bound and wish.is_valid():
        wanted = other_requests.Wish(**wish.cleaned_data)
        return attempt(lambda: other_requests.open_wish(request.user, wanted))[0]
    return "" if asked.is_bound or wish.is_bound else "Choose what was asked"


@require_http_methods(["GET", "HEAD", "POST"])
@only(accounts_for_looks)
def rights_request(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Show one request: its clock, its steps and its items, without anybody's words; take a step."""
    fault, status = "", 200
    with asking_as(request.user.username, ""):
        row = keeping.find_request(request_id)
        if request.method == "POST":
            fault, status = attempt(
                lambda: take(request.user, row, version_of(request), request.POST.get("step", ""), request.POST)
            )
            if not fault:
                return redirect(f"{reverse('rights_request', args=[request_id])}?done=kept")
            row = keeping.find_request(request_id)
        one = seen.see_request(row, request.user.username, timezone.now())
        context = {
            "one": one,
            "steps": seen.list_steps(row),
            "groups": seen.list_items(row),
            "follow": _what_may_follow(one),
            "forms": {
                "shown": ShownForm(),
                "extend": ExtendForm(),
                "close": CloseForm(),
                "letter": LetterForm(request.POST if fault and request.POST.get("step") == "tell" else None),
            },
            "answers": ANSWERS,
            "fault": fault,
            "done": done_of(request) == "kept",
        }
        record_read(lead_of(request, "rights request"), 1, row.subject_id, request=row.reference)
    return render(request, "rights/request.html", context, status=status)


def _what_may_follow(one: seen.RequestSeen) -> list[tuple[str, str]]:
    """Return the steps that the human who looks may take now, by code and name; of access on pages of their own."""
    machine = machine_of(one.row.kind)
    by_braid = {"gather", "leave", "deliver", "hold", "erase"}
    apart = by_braid | ({"approve", "send_back"} if one.row.kind == "access" else set()) | {"close", "answer"}
    return [
        (code, machine.steps[code].name)
        for code in machine.steps_from(one.row.state)
        if code not in apart and (code in SECOND_DECIDES) != one.is_mine
    ]


def _viewer(request: HttpRequest, page: str) -> Viewer:
    assurance, confirmed_at = find_confirmation(request.session, request.user)
    return Viewer(
        request.user.username, request.user.role, "", "", page, assurance=assurance, confirmed_at=confirmed_at
    )


def _to_confirm(request: HttpRequest) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('confirm')}?{urlencode({'next': request.get_full_path()})}")


@require_http_methods(["GET", "HEAD", "POST"])
@only(accounts_for_looks)
def rights_item(request: HttpRequest, request_id: UUID, number: int) -> HttpResponse:
    """Show one item with its lines, after the second factor; decide which are given, and why the others are not."""
    fault, form = "", GroundForm(request.POST if request.method == "POST" else None)
    with asking_as(request.user.username, ""):
        row = keeping.find_request(request_id)
        try:
            item, lines = seen.open_item(_viewer(request, "rights item"), row, number, timezone.now())
        except StepUpNeeded:
            return _to_confirm(request)
        except seen.NotReadable:
            return render(request, "rights/closed.html", {"row": row}, status=503)
        if request.method == "POST":
            fault = attempt(lambda: _decide(request, row, item.row, form))[0]
            if not fault:
                return redirect(_after(row, number))
        context = {"row": row, "item": item, "lines": lines, "form": form, "fault": fault}
        context["may"] = row.state == "deciding" and row.handled_by == request.user.username
    return render(request, "rights/item.html", context, status=400 if fault else 200)


def _decide(request: HttpRequest, row: RightsRequest, item: RightsItem, form: GroundForm) -> None:
    numbers = request.POST.getlist("kept")
    if not form.is_valid() or not all(one.isascii() and one.isdigit() and len(one) < 6 for one in numbers):
        raise NotPossible("Choose from the lists on the page")
    keeping.decide_item(request.user, row, item, map(int, numbers), form.cleaned_data["ground"])


def _after(row: RightsRequest, number: int) -> str:
    """Return the address of the next item that nobody decided on; of the request, where none is left."""
    left = RightsItem.objects.filter(request=row, decided_by="")
    found = left.filter(position__gt=number).order_by("position").first() or left.order_by("position").first()
    if found is None:
        return f"{reverse('rights_request', args=[row.pk])}?done=kept"
    return reverse("rights_item", args=[row.pk, found.position])


@require_http_methods(["GET", "HEAD", "POST"])
@only(accounts_for_looks)
def rights_pack(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Show what will be given, after the second factor; a second human lets it go or sends it back."""
    fault, status, step = "", 200, request.POST.get("step", "")
    approve = ApproveForm(request.POST if step == "approve" else None)
    back = BackForm(request.POST if step == "send_back" else None)
    with asking_as(request.user.username, ""):
        row = keeping.find_request(request_id)
        try:
            told = seen.open_pack(_viewer(request, "rights pack"), row, timezone.now())
        except StepUpNeeded:
            return _to_confirm(request)
        except seen.NotReadable:
            return render(request, "rights/closed.html", {"row": row}, status=503)
        if request.method == "POST":
            fault, status = attempt(lambda: _answer(request, row, step, approve, back))
            if not fault:
                return redirect(f"{reverse('rights_request', args=[row.pk])}?done=kept")
        may = row.state == "review" and row.handled_by != request.user.username
        context = {"row": row, "told": told, "approve": approve, "back": back, "fault": fault, "may": may}
    return render(request, "rights/pack.html", context, status=status)


def _answer(request: HttpRequest, row: RightsRequest, step: str, approve: ApproveForm, back: BackForm) -> None:
    given = {name: request.POST.get(name, "") for name in ("third_party", "harm", "reason")}
    for form in (approve, back):
        if form.is_bound and not form.is_valid():
            raise NotPossible(next(iter(form.errors.values()))[0])
    keeping.answer_review(
        request.user,
        row,
        version_of(request),
        step,
        request.POST.get("digest", ""),
        given["third_party"],
        given["harm"],
        given["reason"],
    )


@require_http_methods(["GET", "HEAD", "POST"])
@only(accounts_for_looks)
def rights_holds(request: HttpRequest) -> HttpResponse:
    """List the holds in force; place one, ask to lift one, lift one as a second human."""
    fault, step = "", request.POST.get("step", "")
    form = HoldForm(request.POST if request.method == "POST" and not step else None)
    with asking_as(request.user.username, ""):
        if request.method == "POST":
            fault = attempt(lambda: _hold(request, form, step))[0] if step or form.is_valid() else ""
            if not fault and not form.errors:
                return redirect(f"{reverse('rights_holds')}?done=kept")
        holds = seen.list_holds()
        record_read(lead_of(request, "rights holds"), len(holds))
    context = {"holds": holds, "form": form, "fault": fault, "me": request.user.username}
    context["done"] = done_of(request) == "kept"
    return render(request, "rights/holds.html", context, status=400 if request.method == "POST" else 200)


MOST_SWEEPS = 50


@require_safe
@only(accounts_for_looks)
def rights_processing(request: HttpRequest) -> HttpResponse:
    """Show the record of processing: agreements with their impact assessments, the schedule, sweeps, algorithms."""
    with asking_as(request.user.username, ""):
        sweeps = list(RetentionSweep.objects.order_by("-swept_at", "rule")[:MOST_SWEEPS])
    context = {
        "agreements": list_agreements(timezone.now()),
        "schedule": load_schedule(),
        "sweeps": sweeps,
        "records": load_records(),
    }
    return render(request, "rights/processing.html", context)


def _hold(request: HttpRequest, form: HoldForm, step: str) -> None:
    if step:
        other_requests.move_hold(request.user, _uuid(request.POST.get("hold", "")), step)
        return
    given = form.cleaned_data
    other_requests.place_hold(request.user, given["person_id"], given["reason"], given["reference"])


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotPossible("Choose a hold from the list") from None
