"""The joint funds of a board: contributed, committed, spent, available, and what was paid for month by month."""

import datetime as dt
from collections.abc import Mapping

from django.urls import reverse

from braid.place.drawings import Bar, draw_bars, draw_shares
from braid.place.money.amounts import say_pence, say_pounds
from braid.place.money.funds import PAID_FOR, Fund
from braid.place.money.periods import first_month_of, year_words
from braid.place.money.positions import Position, position_of
from braid.place.packs import PackFigure
from braid.store.exports import PackSection, PackTable, Picture
from braid.web.funds.books import entries_of, state_of
from braid.web.funds.definitions import funds
from braid.web.funds.pictures import shift_rows
from braid.web.funds.seen import closed_to, sums_of, year_in
from braid.web.models import DecisionLink
from braid.web.packs.digests import digest_of
from braid.web.packs.scope import PackPart, Scope

MOST_MONTHS = 12
HEADS = {"contributed": "Contributed", "committed": "Committed", "spent": "Spent", "available": "Available"}
ABOUT = (
    "Available is what the lines of a fund may still commit: their budget less what is committed and spent. Posts and"
    " services are paid whatever comes of them; outcomes are paid when they come."
)
Months = list[tuple[dt.date, Mapping[str, int]]]


def make_money(scope: Scope) -> PackPart:
    """Return a section for each fund that a decision of the board is about, or that serves what it looks after."""
    parts = [_of_fund(fund, scope) for fund in _of_board(scope)]
    return PackPart(
        tuple(section for part in parts for section in part.sections),
        tuple(figure for part in parts for figure in part.figures),
        tuple(one for part in parts for one in part.inputs),
    )


def _of_board(scope: Scope) -> list[Fund]:
    ids = [row.pk for row in scope.decisions]
    linked = set(DecisionLink.objects.filter(kind="fund", decision__in=ids).values_list("reference", flat=True))
    return [fund for fund in funds().values() if fund.id in linked or _serves(fund, scope)]


def _serves(fund: Fund, scope: Scope) -> bool:
    lines = fund.lines.values()
    return any(line.statement in scope.statements or line.outcome in scope.outcomes for line in lines)


def _of_fund(fund: Fund, scope: Scope) -> PackPart:
    found, months = _position(fund, scope), _months(fund, scope)
    amounts = _amounts(found)
    bars = [Bar(HEADS[code], pence / 100, say_pounds(pence)) for code, pence in amounts.items()]
    pictures = [draw_bars(f"{fund.name}, {year_words(found.year)}", bars, "green")]
    tables = [_totals(found, amounts), _lines(found)]
    if months:
        pictures.append(_draw_months(months))
        tables.append(_by_month(months))
    section = PackSection(f"Money: {fund.name}", tuple(pictures), (ABOUT,), tables=tuple(tables))
    inputs = ((f"ledger of {fund.id}", _ledger(fund, scope)),)
    return PackPart((section,), _figures(fund, found, amounts, scope), inputs)


def _position(fund: Fund, scope: Scope) -> Position:
    return position_of(fund, year_in(fund, scope.day), _sums(fund, scope), closed_to(fund))


def _sums(fund: Fund, scope: Scope) -> Mapping[tuple[str, dt.date], int]:
    sums = sums_of(fund.id)
    return {key: pence for key, pence in sums.items() if key[1] <= scope.day} if scope.is_past else sums


def _months(fund: Fund, scope: Scope) -> Months:
    """Return what each month spent, from the first with any to the last, the newest of them."""
    sums, closed = _sums(fund, scope), closed_to(fund)
    found = [one for year in fund.years for one in position_of(fund, year, sums, closed).months]
    spent = [at for at, one in enumerate(found) if any(one.spent.values())]
    kept = found[spent[0] : spent[-1] + 1] if spent else []
    return [(one.month, one.spent) for one in kept if one.month <= first_month_of(scope.day)][-MOST_MONTHS:]


def _amounts(found: Position) -> dict[str, int]:
    return {
        "contributed": found.fell_due,
        "committed": found.total("committed"),
        "spent": found.total("spent"),
        "available": found.total("available"),
    }


def _draw_months(months: Months) -> Picture:
    heads = [f"{month:%b %Y}" for month, _ in months]
    parts = [(name, [float(max(0, spent[code])) for _, spent in months]) for code, name in PAID_FOR.items()]
    return draw_shares("Of what was spent in each month, the part for posts, services and outcomes", heads, parts)


def _totals(found: Position, amounts: Mapping[str, int]) -> PackTable:
    rows = tuple((HEADS[code], say_pence(pence)) for code, pence in amounts.items())
    return PackTable(f"Where the fund stands, {year_words(found.year)}", ("Figure", "Amount"), rows)


def _lines(found: Position) -> PackTable:
    columns = ("Line", "Paid for", "Budget", "Committed", "Spent", "Available")
    rows = tuple(
        (one.name, PAID_FOR[one.paid_for], *map(say_pence, (one.budget, one.committed, one.spent, one.available)))
        for one in found.lines
    )
    return PackTable("Lines of the fund", columns, rows)


def _by_month(months: Months) -> PackTable:
    rows = tuple((f"{month:%B %Y}", *(_part_words(*part) for part in parts)) for month, parts in shift_rows(months))
    return PackTable("What was spent in each month, and its share of the month", ("Month", *PAID_FOR.values()), rows)


def _part_words(pence: int, share: int | None) -> str:
    return say_pence(pence) if share is None else f"{say_pence(pence)} ({share}%)"


def _figures(fund: Fund, found: Position, amounts: Mapping[str, int], scope: Scope) -> tuple[PackFigure, ...]:
    source, day = f"{reverse('fund', args=[fund.id])}?year={found.year}", scope.day.isoformat()
    return tuple(
        PackFigure(f"fund:{fund.id}:{code}", f"{fund.name}: {HEADS[code].lower()}", float(pence), say_pence(pence),
                   day, source, None)
        for code, pence in amounts.items()
    )  # fmt: skip


def _ledger(fund: Fund, scope: Scope) -> str:
    """Return a digest of the ledger as of its last entry that the pack may know of."""
    rows = entries_of(fund.id).order_by("posted_at", "pk")
    rows = rows.filter(month__lte=scope.day) if scope.is_past else rows
    return digest_of([[row.pk, state_of(row)] for row in rows])
