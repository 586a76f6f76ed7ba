"""The listing board: which hearing is proposed when and before whom, why, and what people decide of it."""

from functools import partial
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from braid.language.steps import NotPossible
from braid.planning.listing.model import Place
from braid.store.vault_keys import VaultKeyNotAvailable, VaultSealBroken
from braid.trust.roles import Role
from braid.web.access.projections import Viewer
from braid.web.access.sight import Sight, looking
from braid.web.pages import page_links
from braid.web.proposals import listing_answering, listing_board, listing_hearing, listing_papers
from braid.web.proposals.calendar import write_hearings
from braid.web.proposals.court import Court
from braid.web.proposals.listing_forms import MoveForm, VetoForm
from braid.web.proposals.listing_hearing import HearingSeen
from braid.web.proposals.listing_offers import list_offered
from braid.web.proposals.listing_publishing import LISTING
from braid.web.proposals.listing_words import place_words
from braid.web.recording import Facts, record
from braid.web.views.care import attempt, done_of, status_of, uuid_of, version_of
from braid.web.views.guards import only, reason_words, with_reason
from braid.web.views.papers import print_board

NOT_READABLE = "The court's list cannot be read just now, so nothing of it is shown. Try again later"


def lists_hearings(role: Role) -> bool:
    """For `only`: roles that work with court lists."""
    return LISTING in role.plans


@require_safe
@only(lists_hearings)
@with_reason("listing")
def listing(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Show the list of the viewer's court, week by week and judge by judge; say what one more judge-day would buy."""
    return _board(request, viewer)


@require_safe
@only(lists_hearings)
@with_reason("hearing places")
def hearing_places(request: HttpRequest, viewer: Viewer, hearing_id: UUID) -> HttpResponse:
    """Show the same, with every session in which one hearing could be instead."""
    return _board(request, viewer, hearing_id)


def _board(request: HttpRequest, viewer: Viewer, moving: UUID | None = None) -> HttpResponse:
    fault, status, found, worth = "", 200, None, None
    judge, day = request.GET.get("judge", ""), request.GET.get("day", "")
    with looking(viewer) as sight:
        try:
            found = listing_board.get_list(sight, request.GET.get("page"), moving)
        except (VaultKeyNotAvailable, VaultSealBroken):
            fault, status = NOT_READABLE, 503
        if found is not None and (judge or day):
            try:
                worth = listing_board.get_worth(found[0], judge, day)
            except NotPossible as refusal:
                fault, status = str(refusal), 400
    seen = found[1] if found else None

    def address(page: int) -> str:
        board = reverse("hearing_places", args=[moving]) if moving else reverse("listing")
        return f"{board}?{urlencode({'page': page})}"

    context = {
        "board": seen,
        "judges": listing_board.judges_of(found[0]) if found else {},
        "pages": page_links(seen.page, seen.page_count, address) if seen else None,
        "worth": worth,
        "asked": {"judge": judge, "day": day},
        "fault": fault,
        "reason": reason_words(viewer),
    }
    return render(request, "listing/board.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@only(lists_hearings)
@with_reason("hearing")
def hearing(request: HttpRequest, viewer: Viewer, hearing_id: UUID) -> HttpResponse:
    """Show where a hearing is and could be, what it waits for and why it is not earlier; take an answer."""
    fault, status, kind = "", 200, request.POST.get("kind", "")
    with looking(viewer) as sight:
        try:
            court, seen = listing_hearing.get_hearing(sight, hearing_id)
        except (VaultKeyNotAvailable, VaultSealBroken):
            return _not_readable(request, viewer)
        asked, offered = _offered(request, court, seen)
        forms = _forms(request, court, seen, offered, kind)
        form = forms.get(kind)
        if request.method == "POST" and (form is None or form.is_valid()):
            fault, status = attempt(partial(_step, sight, request, seen, offered, kind, form))
            if not fault:
                return redirect(f"{reverse('hearing', args=[hearing_id])}?done={kind}")
            court, seen = listing_hearing.get_hearing(sight, hearing_id)
    context = {
        "hearing": seen,
        "judges": listing_board.judges_of(court),
        "asked": asked,
        "offers": bool(offered),
        "forms": forms,
        "fault": fault,
        "done": done_of(request),
        "reason": reason_words(viewer),
    }
    return render(request, "listing/hearing.html", context, status=status_of(request, status))


def _not_readable(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    context = {"board": None, "pages": None, "fault": NOT_READABLE, "reason": reason_words(viewer)}
    return render(request, "listing/board.html", context, status=503)


@require_POST
@only(lists_hearings)
@with_reason("listing print")
def listing_print(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Ask for the weeks that the page shows as a paper."""
    asked = print_board(viewer, partial(listing_papers.ask_list_paper, page=request.POST.get("page")))
    return asked or _not_readable(request, viewer)


def _offered(request: HttpRequest, court: Court, seen: HearingSeen) -> tuple[dict[str, str | bool], dict[str, Place]]:
    """Return which judge and day were asked for, and by its session each place before that judge that is offered."""
    given = request.POST if request.method == "POST" else request.GET
    judge = given.get("judge") or (seen.place.judge if seen.place else seen.case.judge)
    day = given.get("from", "").strip()[:10]
    first = f"{day} am" if day else court.sittings.name(0)
    try:
        found = list_offered(court, seen.hearing, [judge], first)
    except ValueError:
        found = []
    return {"judge": judge, "from": day, "is_asked": "judge" in given}, {place.start: place for place in found}


def _forms(
    request: HttpRequest, court: Court, seen: HearingSeen, offered: dict[str, Place], kind: str
) -> dict[str, VetoForm | MoveForm]:
    choices = [(start, place_words(court.sittings, seen.hearing, place)) for start, place in offered.items()]
    return {
        "refuse": VetoForm(request.POST if kind == "refuse" else None, prefix="refuse"),
        "move": MoveForm(
            request.POST if kind == "move" else None,
            prefix="move",
            offered=choices,
            initial={"place": request.GET.get("place", "")},
        ),
    }


def _step(
    sight: Sight,
    request: HttpRequest,
    seen: HearingSeen,
    offered: dict[str, Place],
    kind: str,
    form: VetoForm | MoveForm | None,
) -> None:
    proposal_id, version = seen.row.pk, version_of(request)
    given = form.cleaned_data if form else {}
    if kind == "accept":
        listing_answering.accept_hearing(sight, proposal_id, version)
    elif kind == "refuse":
        listing_answering.refuse_hearing(sight, proposal_id, version, given["reason"], given["day"], given["words"])
    elif kind == "move":
        place = offered[given["place"]]
        listing_answering.move_hearing(sight, proposal_id, version, place, given["reason"], given["words"])
    elif kind == "take_back":
        listing_answering.take_hearing_back(sight, proposal_id, version, uuid_of(request.POST.get("answer", "")))
    else:
        raise NotPossible("There is no such step. Look at the page again")


@require_safe
@only(lists_hearings)
@with_reason("hearing calendar")
def hearing_calendar(_request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Hand out the accepted hearings as a calendar file, and record that it left."""
    with looking(viewer) as sight:
        try:
            hearings, people = listing_board.list_accepted_hearings(sight)
        except (VaultKeyNotAvailable, VaultSealBroken):
            return HttpResponse(NOT_READABLE, content_type="text/plain; charset=utf-8", status=503)
        details = {"what": "accepted hearings", "form": "ics", "days": len(hearings)}
        record("exported", viewer, people or ("",), Facts(organisation=sight.organisation, details=details))
    answer = HttpResponse(write_hearings(hearings, timezone.now()), content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="hearings.ics"'
    return answer
