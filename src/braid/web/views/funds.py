"""The pages of joint funds: where each stands, its journal, and for a finance officer what keeps its ledger."""

import datetime as dt
from functools import partial
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from braid.place.money.entries import LedgerRefused
from braid.place.money.funds import OVERSPENDS, PAID_FOR, UNDERSPENDS, Fund
from braid.place.money.periods import first_month_of, year_words
from braid.place.money.rules import SENT_ALREADY
from braid.trust.roles import ROLES, Role
from braid.web.access.projections import Viewer
from braid.web.boards.linked import linked_decisions
from braid.web.chains.reading import chains_through
from braid.web.funds import keeping
from braid.web.funds.definitions import body_names, funds
from braid.web.funds.form import FIELDS, PostForm, RefuseForm, kinds_of
from braid.web.funds.pictures import COLOURS, draw_shares, draw_shift, shift_rows
from braid.web.funds.seen import (
    account_words,
    closed_periods,
    find_entry,
    journal,
    left_out,
    list_funds,
    months_of_spend,
    next_open,
    position,
    shares_of,
    waiting,
    year_in,
)
from braid.web.funds.tables import export_fund
from braid.web.views.care import done_of
from braid.web.views.files import OfRun, hand_out
from braid.web.views.guards import as_asker, governs, only

STEPS = {
    SENT_ALREADY: "That form was sent twice. It is posted once.",
    "posted": "The entry is posted.",
    "awaiting": "The entry waits for a colleague to approve it.",
    "approved": "The entry is approved and counts.",
    "refused": "The entry is refused. It stays in the journal and does not count.",
    "closed": "The period is closed for good.",
    "opened": "The budget of the year is given to the lines.",
}


def keeps_ledger(role: Role) -> bool:
    """For `only`: roles that enter contributions, commitments and payments, and close periods."""
    return role.governs and role.keeps_ledger


def today() -> dt.date:
    """Return the day on which a page is asked for, in the United Kingdom."""
    return timezone.localdate()


def _fund(fund_id: str) -> Fund:
    found = funds().get(fund_id)
    if found is None:
        raise Http404
    return found


def _year(request: HttpRequest, fund: Fund) -> int:
    """Return the financial year that a page is of: that of today, where it names none of the fund's."""
    asked = request.GET.get("year", "")
    years = {str(year): year for year in fund.years}
    return years.get(asked, year_in(fund, today()))


@require_safe
@only(governs)
@as_asker("funds")
def funds_page(request: HttpRequest, _asker: Viewer) -> HttpResponse:
    """Show every joint fund with where it stands."""
    return render(request, "funds/list.html", {"funds": list_funds(funds(), today()), "year_words": year_words})


@require_http_methods(["GET", "HEAD", "POST"])
@only(governs)
@as_asker("funds")
def fund_page(request: HttpRequest, asker: Viewer, fund_id: str) -> HttpResponse:
    """Show a fund; take the steps of a finance officer: approve, refuse, close a period, give a year its budget."""
    fund = _fund(fund_id)
    may_keep = keeps_ledger(ROLES[asker.role])
    fault, form = "", RefuseForm()
    if request.method == "POST":
        if not may_keep:
            return HttpResponse(status=403)
        form = RefuseForm(request.POST if request.POST.get("kind") == "refuse" else None)
        try:
            done = _step(request, asker, fund, form)
        except LedgerRefused as refused:
            done, fault = "", str(refused)
        if done:
            return redirect(f"{reverse('fund', args=[fund.id])}?done={done}")
    context = {
        **_shown(request, fund),
        **_decided(fund),
        "may_keep": may_keep,
        "fault": fault,
        "form": form,
        "asker": asker.username,
    }
    return render(request, "funds/fund.html", context, status=400 if fault or form.errors else 200)


def _decided(fund: Fund) -> dict[str, Any]:
    """Return the decisions about a fund, and the chains in which one of its lines may stand."""
    lines = fund.lines.values()
    outcomes, statements = ([getattr(line, name) for line in lines] for name in ("outcome", "statement"))
    chains = chains_through([one for one in outcomes if one], [one for one in statements if one])
    return {"decisions": linked_decisions("fund", fund.id), "chains": chains}


def _step(request: HttpRequest, asker: Viewer, fund: Fund, form: RefuseForm) -> str:
    """Do what a button asks and return what was done; nothing where the form of it is not sound."""
    kind, given = request.POST.get("kind", ""), request.POST
    if kind == "approve":
        keeping.approve(asker, _uuid(given.get("entry", "")), funds())
        return "approved"
    if kind == "refuse":
        if not form.is_valid():
            return ""
        keeping.refuse(asker, _uuid(given.get("entry", "")), form.cleaned_data["reason"], funds())
        return "refused"
    if kind == "close":
        keeping.close(asker, fund, _month(given.get("month", "")))
        return "closed"
    if kind == "open":
        keeping.open_year(asker, fund, _year_given(given.get("year", ""), fund))
        return "opened"
    raise Http404


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None


def _month(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise Http404 from None


def _year_given(text: str, fund: Fund) -> int:
    for year in fund.years:
        if text == str(year):
            return year
    raise Http404


def _shown(request: HttpRequest, fund: Fund) -> dict[str, Any]:
    names, year = body_names(), _year(request, fund)
    found, months = position(fund, year), months_of_spend(fund)
    shares = shares_of(found, names)
    return {
        "fund": fund,
        "names": names,
        "year": year,
        "years": [(one, year_words(one)) for one in fund.years],
        "found": found,
        "shares": shares,
        "shares_drawing": draw_shares(shares),
        "shift": draw_shift(months),
        "shift_rows": shift_rows(months),
        "paid_for": PAID_FOR,
        "colours": COLOURS,
        "underspend": UNDERSPENDS[fund.underspend],
        "overspend": OVERSPENDS[fund.overspend],
        "journal": journal(fund, names, year),
        "waiting": waiting(fund, names),
        "balance": [(book, account_words(code, fund, names), pence) for book, code, pence in found.trial_balance],
        "periods": closed_periods(fund),
        "next_open": next_open(fund),
        "this_month": first_month_of(today()),
        "left_out": left_out(fund, names),
        "has_budget": any(line.budget for line in found.lines),
        "done": STEPS.get(done_of(request), ""),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@only(keeps_ledger)
@as_asker("funds")
def fund_post(request: HttpRequest, asker: Viewer, fund_id: str) -> HttpResponse:
    """Show and take the form of an entry: first which kind, then what that kind asks for."""
    fund, names = _fund(fund_id), body_names()
    kind = request.GET.get("kind", "")
    if kind not in FIELDS:
        return render(request, "funds/kinds.html", {"fund": fund, "kinds": kinds_of()})
    entry = find_entry(fund, names, _uuid(request.GET.get("entry", ""))) if kind == "correction" else None
    if kind == "correction" and (entry is None or not entry.may_be_corrected):
        raise Http404
    data = request.POST if request.method == "POST" else None
    form = PostForm(data, kind=kind, fund=fund, funds=funds(), names=names, initial={"occurred_date": today()})
    fault = ""
    if form.is_bound and form.is_valid():
        try:
            kept = keeping.post(asker, form.order(asker.username, entry.id if entry else None), funds())
            return redirect(f"{reverse('fund', args=[fund.id])}?done={kept.state}")
        except LedgerRefused as refused:
            if refused.code == SENT_ALREADY:
                return redirect(f"{reverse('fund', args=[fund.id])}?done={SENT_ALREADY}")
            fault = str(refused)
    context = {"fund": fund, "kind": kind, "kind_name": dict(kinds_of()).get(kind, ""), "form": form, "fault": fault}
    status = 400 if fault or (form.is_bound and form.errors) else 200
    return render(request, "funds/post.html", {**context, "entry": entry}, status=status)


@require_safe
@only(governs)
@as_asker("funds")
def fund_file(request: HttpRequest, _asker: Viewer, fund_id: str, form: str, table: str) -> HttpResponse:
    """Hand out a table of a fund as a file."""
    fund = _fund(fund_id)
    found = position(fund, _year(request, fund))
    make = partial(export_fund, table, found, body_names())
    return hand_out(request, OfRun(f"fund {fund.id}", today()), form, f"fund-{table}", make)
