"""What a page shows of a fund: where it stands, its journal, what waits for approval, and what may be closed next."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Sum

from braid.place.money.accounts import NAMES
from braid.place.money.entries import KINDS, OVERRIDES, STATES
from braid.place.money.funds import Fund
from braid.place.money.periods import month_before, months_of, next_month, year_of
from braid.place.money.positions import Position, position_of
from braid.place.money.rules import UNCORRECTED, missing_of
from braid.place.money.sharing import share_out
from braid.web.funds.books import AWAITING, COUNTED, COUNTED_LINES, entries_of, remaining_of, state_of
from braid.web.models import LedgerEntry, LedgerFund, LedgerLine, LedgerPeriod

MOST_ENTRIES = 200
MOST_CHOICES = 200


@dataclass(frozen=True)
class EntrySeen:
    """An entry of the journal in words; `pence` is what was asked to be posted."""

    id: UUID
    kind: str
    kind_name: str
    month: dt.date
    occurred_date: dt.date
    pence: int
    what: str
    by: str
    posted_at: dt.datetime
    state: str
    state_name: str
    decided_by: str
    reason: str
    late_for: dt.date | None
    override: str
    note: str
    reference: str
    may_be_corrected: bool


@dataclass(frozen=True)
class BodyShare:
    """What of a pool a body's contribution stands for, in proportion: a pound in a pool has no owner."""

    name: str
    fell_due: int
    spent: int
    committed: int
    left: int


@dataclass(frozen=True)
class FundSeen:
    """A fund as the list shows it."""

    fund: Fund
    position: Position
    awaiting: int


def sums_of(fund_id: str) -> dict[tuple[str, dt.date], int]:
    """Return what came to each account of a fund in each period, of entries that are posted."""
    lines = LedgerLine.objects.filter(COUNTED_LINES, fund_id=fund_id)
    found = lines.values_list("account", "entry__month").annotate(pence=Sum("pence"))
    return {(code, month): int(pence) for code, month, pence in found}


def position(fund: Fund, year: int) -> Position:
    """Return where a fund stands in a financial year."""
    return position_of(fund, year, sums_of(fund.id), closed_to(fund))


def closed_to(fund: Fund) -> dt.date | None:
    """Return the last closed period of a fund; `None` where none is."""
    found = LedgerFund.objects.filter(pk=fund.id).values_list("closed_to", flat=True).first()
    return None if found is None or found < fund.first_month else found


def next_open(fund: Fund) -> dt.date | None:
    """Return the first open period of a fund; `None` where its books are closed for good."""
    month = next_month(closed_to(fund) or month_before(fund.first_month))
    return month if year_of(month) in fund.years else None


def list_funds(funds: Mapping[str, Fund], today: dt.date) -> list[FundSeen]:
    """Return every fund with where it stands today."""
    return [
        FundSeen(fund, position(fund, year_in(fund, today)), entries_of(fund.id).filter(AWAITING).count())
        for fund in funds.values()
    ]


def year_in(fund: Fund, day: dt.date) -> int:
    """Return the financial year of a day, or the nearest in which the fund runs."""
    return min(max(year_of(day), fund.years[0]), fund.years[-1])


def months_of_spend(fund: Fund) -> list[tuple[dt.date, Mapping[str, int]]]:
    """Return what each period spent on posts, services and outcomes, from the first with any to the last."""
    sums, closed = sums_of(fund.id), closed_to(fund)
    found = [one for year in fund.years for one in position_of(fund, year, sums, closed).months]
    spent = [at for at, one in enumerate(found) if any(one.spent.values())]
    return [(one.month, one.spent) for one in found[spent[0] : spent[-1] + 1]] if spent else []


def shares_of(found: Position, names: Mapping[str, str]) -> list[BodyShare]:
    """Return by body what its contribution of the year stands for, in proportion to what fell due, to the penny."""
    weights = {body.id: max(0, body.fell_due) for body in found.bodies}
    if not any(weights.values()):
        return []
    spent = share_out(max(0, found.total("spent")), weights)
    committed = share_out(max(0, found.total("committed")), weights)
    return [
        BodyShare(
            names.get(body.id, body.id),
            body.fell_due,
            spent[body.id],
            committed[body.id],
            body.fell_due - spent[body.id] - committed[body.id],
        )
        for body in found.bodies
        if weights[body.id]
    ]


def journal(fund: Fund, names: Mapping[str, str], year: int | None = None) -> list[EntrySeen]:
    """Return the newest entries of a fund, of one financial year where it is named."""
    rows = entries_of(fund.id)
    if year is not None:
        rows = rows.filter(month__range=(months_of(year)[0], months_of(year)[-1]))
    found = list(rows[:MOST_ENTRIES])
    reversed_ids = _reversed_among(found)
    return [_seen(row, fund, names, reversed_ids) for row in found]


def waiting(fund: Fund, names: Mapping[str, str]) -> list[EntrySeen]:
    """Return the entries of a fund that wait for approval, oldest first."""
    return [_seen(row, fund, names, frozenset()) for row in entries_of(fund.id).filter(AWAITING).order_by("posted_at")]


def _reversed_among(rows: Iterable[LedgerEntry]) -> frozenset[UUID]:
    ids = [row.pk for row in rows]
    undoing = LedgerEntry.objects.filter(COUNTED | AWAITING, reverses__in=ids)
    return frozenset(undoing.values_list("reverses", flat=True))


def _seen(row: LedgerEntry, fund: Fund, names: Mapping[str, str], reversed_ids: frozenset[UUID]) -> EntrySeen:
    state, decision = state_of(row), getattr(row, "decision", None)
    line = fund.lines.get(row.line)
    is_own = row.fund_id == fund.id
    return EntrySeen(
        id=row.pk,
        kind=row.kind,
        kind_name=KINDS[row.kind],
        month=row.month,
        occurred_date=row.occurred_date,
        pence=row.amount_pence,
        what=line.name if line else names.get(row.body, row.body or row.line),
        by=row.posted_by,
        posted_at=row.posted_at,
        state=state,
        state_name=STATES[state],
        decided_by=decision.decided_by if decision else "",
        reason=decision.reason if decision else "",
        late_for=row.late_for,
        override=OVERRIDES.get(row.override, ""),
        note=row.note,
        reference="" if row.reference.startswith("braid:") else row.reference,
        may_be_corrected=state == "posted" and is_own and row.kind not in UNCORRECTED and row.pk not in reversed_ids,
    )


def open_commitments(fund: Fund) -> list[tuple[UUID, str, int]]:
    """Return the commitments of a fund with anything left: id, words, pence left."""
    rows = list(LedgerEntry.objects.filter(COUNTED, fund_id=fund.id, kind="commitment").order_by("-posted_at", "pk"))
    left = remaining_of(row.pk for row in rows)
    words = ((row, fund.lines[row.line].name if row.line in fund.lines else row.line) for row in rows)
    found = [(row.pk, _commitment_words(row, name), left.get(row.pk, 0)) for row, name in words]
    return [one for one in found if one[2] > 0][:MOST_CHOICES]


def _commitment_words(row: LedgerEntry, line: str) -> str:
    said = row.reference or row.note or f"of {row.occurred_date.isoformat()}"
    return f"{line}: {said[:60]}"


def open_accruals(fund: Fund) -> list[tuple[UUID, str, int]]:
    """Return the accruals of a fund that nothing reverses: id, words, pence."""
    rows = list(LedgerEntry.objects.filter(COUNTED, fund_id=fund.id, kind="accrual").order_by("-posted_at", "pk"))
    undone = _reversed_among(rows)
    found = [row for row in rows if row.pk not in undone][:MOST_CHOICES]
    return [
        (
            row.pk,
            _commitment_words(row, fund.lines[row.line].name if row.line in fund.lines else row.line),
            row.amount_pence,
        )
        for row in found
    ]


def find_entry(fund: Fund, names: Mapping[str, str], entry_id: UUID) -> EntrySeen | None:
    """Return an entry of a fund by id."""
    row = entries_of(fund.id).filter(pk=entry_id).first()
    return _seen(row, fund, names, _reversed_among([row])) if row else None


def closed_periods(fund: Fund) -> list[tuple[dt.date, str, dt.datetime]]:
    """Return the closed periods of a fund, newest first: month, by whom, when."""
    rows = LedgerPeriod.objects.filter(fund_id=fund.id).order_by("-month")
    return list(rows.values_list("month", "closed_by", "closed_at"))


def left_out(fund: Fund, names: Mapping[str, str]) -> list[str]:
    """Return, in words, what the ledger of a fund has entries on and `funds.toml` has no more."""
    by_year: dict[tuple[str, int], int] = {}
    for (code, month), pence in sums_of(fund.id).items():
        by_year[code, year_of(month)] = by_year.get((code, year_of(month)), 0) + pence
    return [account_words(one, fund, names) if ":" in one else one for one in missing_of(fund, by_year)]


def account_words(code: str, fund: Fund, names: Mapping[str, str]) -> str:
    """Return what an account is called: Spent on step-down homes."""
    kind, _, item = code.partition(":")
    if not item:
        return NAMES[kind]
    name = fund.lines[item].name if item in fund.lines else names.get(item, item)
    return f"{NAMES[kind]} {name}"
