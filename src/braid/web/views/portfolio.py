"""The pages of the portfolio: what separate purses and one purse buy, other budgets, and what a board chose."""

from functools import partial
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from braid.place.portfolio.study import Study
from braid.trust.roles import ROLES
from braid.web.access.projections import Viewer
from braid.web.boards.entering import acting_on
from braid.web.boards.files import boards
from braid.web.boards.linked import linked_decisions
from braid.web.care.kept import now_of_database
from braid.web.models import PortfolioStudy
from braid.web.portfolio.form import BECAUSE, PLAN_NAMES, BudgetForm, ChoiceForm
from braid.web.portfolio.keeping import (
    MOST_WAITING,
    Chosen,
    ask,
    choose,
    find_choice,
    find_own_study,
    find_portfolio,
    get_study,
    has_too_many,
    list_choices,
    list_studies,
    read_portfolio,
    read_study,
)
from braid.web.portfolio.pictures import draw_frontier, gain_bars, plan_bars
from braid.web.portfolio.running import FAILURES
from braid.web.portfolio.tables import export_study
from braid.web.portfolio.words import (
    body_rows,
    offer_rows,
    say_band,
    say_core,
    say_payments,
    say_pounds,
    say_share,
    swing_rows,
)
from braid.web.views.care import done_of
from braid.web.views.files import OfRun, hand_out, hand_out_document
from braid.web.views.guards import as_asker, governs, only

REFRESH_SECONDS = 2
STATES = {"waiting": "Waits for its turn", "running": "Is made", "done": "Done", "failed": "Not made"}
TOO_MANY = f"{MOST_WAITING} of your studies wait. Ask again when one of them is done"


@require_safe
@only(governs)
@as_asker("portfolio")
def portfolio(request: HttpRequest, asker: Viewer) -> HttpResponse:
    """Show the study of the place's own budgets, studies of others, and what boards chose."""
    row = find_own_study()
    if row is None:
        return render(request, "portfolio/none.html", {})
    context = {"studies": list_studies(), "choices": list_choices(), "asker": asker.username}
    return _shown(request, row, ChoiceForm(None), context)


@require_http_methods(["GET", "HEAD", "POST"])
@only(governs)
@as_asker("portfolio")
def portfolio_study(request: HttpRequest, asker: Viewer, study_id: UUID) -> HttpResponse:
    """Show a study, or how far it is; a commissioner writes down what a board chose of it."""
    row = get_study(study_id)
    may_choose = ROLES[request.user.role].commissions and row.state == "done"
    if request.method == "POST" and not may_choose:
        raise Http404
    form = ChoiceForm(request.POST if request.method == "POST" else None, boards=_prepared(asker))
    if form.is_bound and form.is_valid():
        choose(asker, row, Chosen(**form.cleaned_data))
        return redirect(f"{reverse('portfolio_study', args=[row.pk])}?done=chosen")
    return _shown(request, row, form, {})


def _prepared(asker: Viewer) -> list[str] | None:
    """Return the boards of the place that whoever asks prepares, by id; None where the place names none."""
    now = now_of_database()
    return [one.id for one in boards().values() if acting_on(asker, one, now).prepares] if boards() else None


def _shown(request: HttpRequest, row: PortfolioStudy, form: ChoiceForm, more: dict[str, object]) -> HttpResponse:
    is_open = row.state in ("waiting", "running")
    is_watched = request.GET.get("watch") != "no"
    choice = find_choice(row)
    context = {
        "row": row,
        "form": form,
        "states": STATES,
        "failure": FAILURES.get(row.failure, ""),
        "is_open": is_open,
        "is_watched": is_watched,
        "is_own": not row.asked_by,
        "may_choose": ROLES[request.user.role].commissions and row.state == "done",
        "choice": choice,
        "decisions": linked_decisions("portfolio", str(choice.pk)) if choice else [],
        "plan_names": PLAN_NAMES,
        "because": BECAUSE,
        "done": done_of(request),
        **more,
        **(_in_words(read_study(row)) if row.state == "done" else {}),
    }
    response = render(request, "portfolio/study.html", context, status=400 if form.errors else 200)
    if is_open and is_watched:
        response["Refresh"] = str(REFRESH_SECONDS)
    return response


def _in_words(study: Study) -> dict[str, object]:
    bands = {regret.plan: regret for regret in study.uncertainty.regrets}
    return {
        "study": study,
        "bars": plan_bars(study),
        "frontier": draw_frontier(study),
        "gains": gain_bars(study),
        "offers": offer_rows(study),
        "bodies": body_rows(study),
        "payments": say_payments(study),
        "core": say_core(study),
        "swings": swing_rows(study),
        "regrets": bands,
        "share": say_share,
        "band": say_band,
        "pounds": say_pounds,
    }


@require_http_methods(["GET", "HEAD", "POST"])
@only(governs)
@as_asker("portfolio")
def ask_portfolio(request: HttpRequest, asker: Viewer) -> HttpResponse:
    """Show and take the form of other budgets."""
    row = find_portfolio()
    if row is None:
        return render(request, "portfolio/none.html", {}, status=404 if request.method == "POST" else 200)
    form = BudgetForm(request.POST if request.method == "POST" else None, portfolio=read_portfolio(row))
    fault = TOO_MANY if request.method == "POST" and has_too_many(asker.username) else ""
    if form.is_bound and form.is_valid() and not fault:
        return redirect("portfolio_study", ask(asker, row, form.budgets))
    status = 400 if fault or (form.is_bound and form.errors) else 200
    return render(request, "portfolio/ask.html", {"row": row, "form": form, "fault": fault}, status=status)


def _done(study_id: UUID) -> tuple[PortfolioStudy, Study, OfRun]:
    row = get_study(study_id)
    if row.state != "done":
        raise Http404
    found = read_study(row)
    return row, found, OfRun(row.portfolio.fingerprint[:12], found.portfolio.from_date)


@require_safe
@only(governs)
@as_asker("portfolio")
def portfolio_file(request: HttpRequest, _asker: Viewer, study_id: UUID, form: str, table: str) -> HttpResponse:
    """Hand out a table of a study as a file."""
    _row, study, of = _done(study_id)
    return hand_out(request, of, form, f"portfolio-{table}", partial(export_study, study, table, run_id=of.run_id))


@require_safe
@only(governs)
@as_asker("portfolio")
def portfolio_document(request: HttpRequest, _asker: Viewer, study_id: UUID) -> HttpResponse:
    """Hand out a study as the document that it is."""
    row, _study, of = _done(study_id)
    return hand_out_document(request, of, "portfolio-study", row.document)
