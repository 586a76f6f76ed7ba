"""The placement board: who is proposed which unit and why, what each child's way to school becomes, and the answers."""

from functools import partial
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from braid.language.steps import NotPossible
from braid.problems.plans.answers import ACCEPTED, REFUSED
from braid.store.vault_keys import VaultKeyNotAvailable, VaultSealBroken
from braid.trust.roles import SCHOOL_FROM_TA, Role
from braid.web.access.projections import Viewer
from braid.web.access.sight import Sight, looking
from braid.web.pages import page_links
from braid.web.proposals import answering, board, moving, placement_papers, unit_questions
from braid.web.proposals.board import FILTERS, HouseholdSeen
from braid.web.proposals.calendar import write_moves
from braid.web.proposals.forms import ChooseForm, RefuseForm
from braid.web.recording import Facts, record
from braid.web.views.care import attempt, done_of, status_of, uuid_of
from braid.web.views.guards import only, reason_words, with_reason
from braid.web.views.papers import print_board

NOT_READABLE = "Where households are cannot be read just now, so nothing of the plan is shown. Try again later"


def places_households(role: Role) -> bool:
    """For `only`: roles that work with plans of placements."""
    return board.KIND in role.plans


@require_safe
@only(places_households)
@with_reason("placements")
def placements(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Show the board: the households of the plan that one sees, the most pressing first."""
    wanted, fault, seen = request.GET.get("show", "open"), "", None
    with looking(viewer) as sight:
        try:
            seen = board.get_board(sight, wanted, request.GET.get("page"))
        except (VaultKeyNotAvailable, VaultSealBroken):
            fault = NOT_READABLE

    def address(page: int) -> str:
        return f"{reverse('placements')}?{urlencode({'show': wanted, 'page': page})}"

    context = {
        "board": seen,
        "filters": FILTERS,
        "papers": placement_papers.papers_of(seen) if seen else (),
        "is_purpose": viewer.purpose == SCHOOL_FROM_TA,
        "pages": page_links(seen.page, seen.page_count, address) if seen else None,
        "fault": fault,
        "reason": reason_words(viewer),
    }
    return render(request, "placements/board.html", context, status=503 if fault else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@only(places_households)
@with_reason("placement")
def placement(request: HttpRequest, viewer: Viewer, proposal_id: UUID) -> HttpResponse:
    """Show what is proposed for a household beside today and what else could be; take an answer."""
    fault, status, kind = "", 200, request.POST.get("kind", "")
    if kind == "print":
        asked = print_board(viewer, partial(placement_papers.ask_household_paper, proposal_id=proposal_id))
        return asked or _not_readable(request, viewer)
    with looking(viewer) as sight:
        try:
            seen = board.get_household(sight, proposal_id)
        except (VaultKeyNotAvailable, VaultSealBroken):
            return _not_readable(request, viewer)
        forms = _forms(request, seen, kind)
        form = forms.get(kind)
        if request.method == "POST" and (form is None or form.is_valid()):
            fault, status = attempt(partial(_step, sight, request, seen, kind, form))
            if not fault and kind == "move":
                return redirect("moves", uuid_of(request.POST["case"]))
            if not fault:
                return redirect(f"{reverse('placement', args=[proposal_id])}?done={kind}")
            seen = board.get_household(sight, proposal_id)
        joint = moving.list_cases(sight, seen) if seen.answer and seen.steps else []
    context = {
        "household": seen,
        "joint": joint,
        "forms": forms,
        "fault": fault,
        "done": done_of(request),
        "reason": reason_words(viewer),
    }
    return render(request, "placements/household.html", context, status=status_of(request, status))


def _not_readable(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    context = {"board": None, "filters": FILTERS, "pages": None, "fault": NOT_READABLE, "reason": reason_words(viewer)}
    return render(request, "placements/board.html", context, status=503)


def _forms(request: HttpRequest, seen: HouseholdSeen, kind: str) -> dict[str, RefuseForm | ChooseForm]:
    offered = [(one.token, f"{one.name}: {one.words}, {one.cost} a night") for one in seen.offered]
    return {
        "refuse": RefuseForm(request.POST if kind == "refuse" else None, prefix="refuse"),
        "choose": ChooseForm(request.POST if kind == "choose" else None, prefix="choose", offered=offered),
    }


def _step(sight: Sight, request: HttpRequest, seen: HouseholdSeen, kind: str, form: RefuseForm | ChooseForm) -> None:
    proposal_id, proposed = seen.row.pk, seen.proposed.token if seen.proposed else ""
    given = form.cleaned_data if form else {}
    version, why = request.POST.get("version", ""), (given.get("reason", ""), given.get("words", ""))
    if kind == "accept":
        answering.answer_proposal(sight, proposal_id, version, ACCEPTED, proposed)
    elif kind == "chain":
        answering.accept_chain(sight, proposal_id, version)
    elif kind == "choose":
        answering.answer_proposal(sight, proposal_id, version, ACCEPTED, given["unit"], *why)
    elif kind == "refuse":
        answering.answer_proposal(sight, proposal_id, version, REFUSED, proposed, *why)
    elif kind == "move":
        moving.plan_accepted_move(sight, proposal_id, uuid_of(request.POST.get("case", "")))
    elif kind == "take_back":
        answering.take_back(sight, proposal_id, uuid_of(request.POST.get("answer", "")))
    else:
        raise NotPossible("There is no such step. Look at the page again")


@require_safe
@only(places_households)
@with_reason("placement why not")
def placement_why_not(request: HttpRequest, viewer: Viewer, proposal_id: UUID) -> HttpResponse:
    """Say why a unit of the stock, by its reference, is not the one proposed for a household."""
    with looking(viewer) as sight:
        try:
            seen = unit_questions.get_question(sight, proposal_id, request.GET.get("unit", ""))
        except (VaultKeyNotAvailable, VaultSealBroken):
            return _not_readable(request, viewer)
    context = {"question": seen, "longest": unit_questions.LONGEST_REFERENCE, "reason": reason_words(viewer)}
    return render(request, "placements/why_not.html", context)


@require_POST
@only(places_households)
@with_reason("placement print")
def placement_print(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Ask for the board as a paper, for the households that the page shows."""
    wanted, page = request.POST.get("show", "open"), request.POST.get("page")
    asked = print_board(viewer, partial(placement_papers.ask_board_paper, wanted=wanted, page=page))
    return asked or _not_readable(request, viewer)


@require_safe
@only(places_households)
@with_reason("placement calendar")
def placement_calendar(_request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Hand out the accepted moves as a calendar file, and record that it left."""
    with looking(viewer) as sight:
        moves, people = board.list_accepted_moves(sight)
        details = {"what": "accepted moves", "form": "ics", "moves": len(moves)}
        record("exported", viewer, people or ("",), Facts(organisation=sight.organisation, details=details))
    answer = HttpResponse(write_moves(moves, timezone.now()), content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="moves.ics"'
    return answer
