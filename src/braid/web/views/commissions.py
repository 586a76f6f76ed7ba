"""The pages of joint commissions for whoever governs: what is bought together, how it fares, what is paid for it."""

import datetime as dt
from collections.abc import Callable, Sequence
from functools import partial, wraps
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from braid.language.rule_files import RulesInvalid
from braid.language.steps import NotPossible
from braid.place.commissions.rounds import FIGURES, Round
from braid.place.commissions.safeguards import REASONS
from braid.place.commissions.selection import COUNTS, SHARES
from braid.place.commissions.signing import Signer
from braid.place.commissions.states import BANDS, COMMISSION
from braid.place.commissions.terms import COMPONENTS, LEGAL_BASES, PARTS, PRICE_MODELS, Terms
from braid.trust.roles import Role
from braid.web.access.projections import Viewer
from braid.web.access.sight import NotThere
from braid.web.boards.linked import linked_decisions
from braid.web.chains.reading import chains_through
from braid.web.commissions import keeping
from braid.web.commissions.forms import (
    MOST_FORM_LOTS,
    QueryForm,
    RoundForm,
    StatementForm,
    TermsForm,
    initial_of,
)
from braid.web.commissions.pictures import draw_money
from braid.web.commissions.place_files import files
from braid.web.commissions.seen import line_words, list_commissions, see, see_returns
from braid.web.commissions.tables import export_commission
from braid.web.models import Commission, ReportingRound, RoundReturn
from braid.web.views.care import attempt, done_of, version_of
from braid.web.views.files import OfRun, hand_out
from braid.web.views.guards import View, as_asker, governs, only


def commissions_them(role: Role) -> bool:
    """For `only`: roles that draw up commissions."""
    return role.commissions


def as_governor(view: Callable[..., HttpResponse]) -> View:
    """Hand a page who asks and for which body, and let the database know them until it is made."""

    @as_asker("commissions")
    @wraps(view)
    def asked(request: HttpRequest, asker: Viewer, *args: object, **kwargs: object) -> HttpResponse:
        user = request.user
        return view(request, asker, Signer(user.username, user.role, user.organisation), *args, **kwargs)

    return asked


@require_safe
@only(governs)
@as_governor
def commissions(request: HttpRequest, asker: Viewer, by: Signer) -> HttpResponse:
    """List what bodies commission together."""
    context = {
        "rows": [(row, terms, COMMISSION.states[row.state].name, paid) for row, terms, paid in list_commissions()],
        "bodies": files().bodies,
        "may_draw_up": by.role == "commissioner",
        "asker": asker.username,
    }
    return render(request, "commissions/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@only(commissions_them)
@as_governor
def draw_up_commission(request: HttpRequest, asker: Viewer, by: Signer) -> HttpResponse:
    """Show and take the form of a new commission. Adding a lot, or taking one away, keeps what is filled in."""
    statement = request.POST.get("statement", request.GET.get("statement", ""))
    if statement not in files().statements:
        form = StatementForm(request.GET if "statement" in request.GET else None)
        status = 400 if request.method == "POST" else 200
        return render(request, "commissions/statement.html", {"form": form}, status=status)
    form = _terms_form(request, statement, {"from_date": "", "sample_percent": 10, "lead": by.body}, ())
    made: list[UUID] = []
    fault, status = _taken(form, lambda: made.append(keeping.draw_up(asker, by, form.terms)))
    if made and not fault:
        return redirect(f"{reverse('commission', args=[made[0]])}?done=drawn_up")
    return render(request, "commissions/terms.html", {"form": form, "fault": fault, "row": None}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@only(commissions_them)
@as_governor
def vary_commission(request: HttpRequest, asker: Viewer, by: Signer, commission_id: UUID) -> HttpResponse:
    """Show and take the form of other terms: a draft written anew, or a variation."""
    row = keeping.get_commission(commission_id)
    terms = keeping.read_terms(row)
    now: Terms = terms[max(terms)]
    ids = [lot.id for lot in now.lots]
    form = _terms_form(request, now.statement, initial_of(now), ids, varied=row.state != "draft")
    done: list[bool] = []

    def vary() -> None:
        reason = form.cleaned_data.get("reason", "")
        keeping.vary(asker, by, row, version_of(request), form.terms, reason)
        done.append(True)

    fault, status = _taken(form, vary)
    if done and not fault:
        return redirect(f"{reverse('commission', args=[row.pk])}?done=varied")
    return render(request, "commissions/terms.html", {"form": form, "fault": fault, "row": row}, status=status)


def _terms_form(
    request: HttpRequest, statement: str, initial: dict[str, object], before: Sequence[str], *, varied: bool = False
) -> TermsForm:
    def form(given: object, lots: int, **more: object) -> TermsForm:
        return TermsForm(given, statement=statement, lots=lots, varied=varied, before=before, **more)

    if request.method != "POST":
        return form(None, len(before) or 1, initial=initial)
    given = request.POST.get("lots", "")
    count = min(max(int(given) if given.isdecimal() and len(given) < 3 else 1, 1), MOST_FORM_LOTS)
    step = request.POST.get("step", "")
    if step in ("add", "remove"):
        count = min(max(count + (1 if step == "add" else -1), 1), MOST_FORM_LOTS)
        several = {name: request.POST.getlist(name) for name in request.POST if name.endswith(("bodies", "outcomes"))}
        several |= {name: request.POST.getlist(name) for name in request.POST if name.endswith("-districts")}
        kept = {**request.POST.dict(), **several}
        return form(None, count, initial=kept)
    return form(request.POST, count)


def _taken(form: TermsForm, step: Callable[[], object]) -> tuple[list[str], int]:
    """Take the form; return what is in the way, each rule that the terms break, and the status of the page."""
    if not form.is_bound:
        return [], 200
    if not form.is_valid():
        return [], 400
    try:
        fault, status = attempt(step)
    except RulesInvalid as refusal:
        return [f"{one.place}: {one.rule}; {one.next_step}" for one in refusal.faults], 400
    return ([fault], status) if fault else ([], 302)


@require_http_methods(["GET", "HEAD", "POST"])
@only(governs)
@as_governor
def commission(request: HttpRequest, asker: Viewer, by: Signer, commission_id: UUID) -> HttpResponse:
    """Show a commission: its outcomes, lots, money, people served, scores; sign it, move it, or post a payment."""
    row, fault, status = keeping.get_commission(commission_id), "", 200
    if request.method == "POST":
        step = request.POST.get("kind", "")
        fault, status = attempt(partial(_step, request, asker, by, row, step))
        if not fault:
            return redirect(f"{reverse('commission', args=[row.pk])}?done={step}")
        row = keeping.get_commission(commission_id)
    seen = see(row, by)
    place = files()
    context = {
        "one": seen,
        "drawing": draw_money(seen),
        "state": COMMISSION.states[row.state].name,
        "steps": [(code, COMMISSION.steps[code].name) for code in seen.steps],
        "words_of": partial(line_words, terms=seen.shown, outcomes=seen.outcomes),
        "bodies": place.bodies,
        "districts": place.districts,
        "laws": LEGAL_BASES,
        "models": PRICE_MODELS,
        "components": COMPONENTS,
        "parts": PARTS,
        "bands": BANDS,
        "counts": COUNTS,
        "count_heads": [("Need", False), *((words, True) for words in COUNTS.values())],
        "shares": SHARES,
        "reasons": REASONS,
        "rounds": list(ReportingRound.objects.filter(commission=row).order_by("-from_date", "pk")),
        "fault": fault,
        "done": done_of(request),
        "by": by,
        "decisions": linked_decisions("commission", str(row.pk)),
        "chains": chains_through(seen.shown.outcomes, [seen.shown.statement]),
    }
    return render(request, "commissions/commission.html", context, status=status)


def _step(request: HttpRequest, asker: Viewer, by: Signer, row: Commission, step: str) -> None:
    seen = version_of(request)
    if step == "sign":
        number = request.POST.get("number", "")
        keeping.sign(asker, by, row, seen, int(number) if number.isdecimal() and len(number) < 5 else 0)
    elif step == "pay":
        keeping.post_payment(asker, by, row, seen)
    elif step in COMMISSION.steps:
        keeping.take_step(asker, by, row, seen, step)
    else:
        raise NotPossible("There is no such step. Look at the page again")


@require_http_methods(["GET", "HEAD", "POST"])
@only(governs)
@as_governor
def commission_rounds(request: HttpRequest, asker: Viewer, by: Signer, commission_id: UUID) -> HttpResponse:
    """Show what providers returned, beside the records; ask for another round, query or accept a return."""
    row, fault, status = keeping.get_commission(commission_id), "", 200
    kind = request.POST.get("kind", "")
    form = RoundForm(request.POST if kind == "ask" else None)
    query = QueryForm(request.POST if kind == "query" else None)
    sent = {"ask": form, "query": query}.get(kind)
    if request.method == "POST":
        status = 400
        if sent is None or sent.is_valid():
            fault, status = attempt(partial(_round_step, request, asker, by, row, kind, sent))
            if not fault:
                return redirect(f"{reverse('commission_rounds', args=[row.pk])}?done={kind}")
    returns = RoundReturn.objects.filter(of_round__commission=row).select_related("of_round__commission", "team")
    context = {
        "row": row,
        "returns": see_returns(list(returns.order_by("-of_round__from_date", "team__name", "pk"))),
        "figures": FIGURES,
        "form": form,
        "query": query,
        "may_answer": by.role == "commissioner" and by.body in row.bodies,
        "fault": fault,
        "done": done_of(request),
    }
    return render(request, "commissions/rounds.html", context, status=status)


def _round_step(
    request: HttpRequest, asker: Viewer, by: Signer, row: Commission, kind: str, sent: RoundForm | QueryForm | None
) -> None:
    if kind == "ask" and sent is not None:
        keeping.ask_round(asker, by, row, Round(**sent.cleaned_data))
        return
    returns = RoundReturn.objects.filter(of_round__commission=row).select_related("of_round__commission")
    try:
        returned = returns.filter(pk=UUID(request.POST.get("return", ""))).first()
    except ValueError:
        returned = None
    if returned is None:
        raise NotPossible("There is no such return. Look at the page again")
    query = sent.cleaned_data["query"] if sent is not None else ""
    keeping.answer_return(asker, by, returned, version_of(request), kind, query)


@require_safe
@only(governs)
@as_governor
def commission_file(
    request: HttpRequest, _asker: Viewer, by: Signer, commission_id: UUID, form: str, table: str
) -> HttpResponse:
    """Hand out people served, or what was paid, as a file: published counts and postings alone."""
    try:
        row = keeping.get_commission(commission_id)
    except NotThere:
        raise Http404 from None
    today: dt.date = timezone.localdate()
    make = partial(export_commission, see(row, by), table)
    return hand_out(request, OfRun(str(row.pk), today), form, f"commission-{table}", make)
