"""What is paid for a commission: units of each line by their price, under caps, in steps, as postings for a ledger.

Nothing here knows a person. A line is one price of one lot: its confirmed units come in as a count, and what was posted
before as a sum. What is due is a function of the two, so a payment that is reckoned twice posts nothing twice, and a
score that does not hold any more takes its money back by itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from braid.place.commissions.safeguards import STEP, WHOLE
from braid.place.commissions.terms import COMPONENTS, Lot, Terms

ORDER = tuple(COMPONENTS)


@dataclass(frozen=True, order=True)
class Line:
    """What one kind of unit is paid under. A block has no units and no price: it is paid as months go by."""

    lot: str
    component: str
    outcome: str = ""
    score: str = ""
    unit_pence: int = 0


@dataclass(frozen=True)
class Posting:
    """A line for a ledger: pence from a fund, below zero where money comes back. `units` is a multiple of five, but
    in the settlement at the end."""

    fund: str
    line: Line
    units: int
    pence: int
    reason: str


@dataclass(frozen=True)
class Paid:
    """What was posted on a line so far."""

    units: int = 0
    pence: int = 0


def part_caps(lot: Lot) -> Mapping[str, int]:
    """Return what each component of a lot may cost at most; they sum to the lot, the odd pence to the largest rests."""
    exact = {one.component: lot.value_pence * one.hundredths for one in lot.shares}
    caps = {component: pence // WHOLE for component, pence in exact.items()}
    left = lot.value_pence - sum(caps.values())
    by_rest = sorted(exact, key=lambda component: (-(exact[component] % WHOLE), ORDER.index(component)))
    return {component: pence + (component in by_rest[:left]) for component, pence in caps.items()}


def months_between(from_date: dt.date, to_date: dt.date) -> int:
    """Return how many months a commission touches, the first and the last included."""
    return 12 * (to_date.year - from_date.year) + to_date.month - from_date.month + 1


def block_due(terms: Terms, pence: int, as_of: dt.date) -> int:
    """Return how much of a block is due by the end of a day: equal parts for months that are over, odd pence last."""
    months = months_between(terms.from_date, terms.to_date)
    if as_of > terms.to_date:
        return pence
    over = min(max(months_between(terms.from_date, as_of) - 1, 0), months)
    return pence * over // months


def lines_of(terms: Terms) -> list[Line]:
    """Return the lines that terms pay under, in the order in which they are paid."""
    return [line for component in ORDER for lot in terms.lots for line in _lines(lot, component)]


def _lines(lot: Lot, component: str) -> Iterable[Line]:
    if not lot.share_of(component):
        return
    if component == "block":
        yield Line(lot.id, component)
    elif component == "attachment":
        yield Line(lot.id, component, unit_pence=lot.attachment_pence)
    elif component == "session":
        yield Line(lot.id, component, unit_pence=lot.session_pence)
    else:
        for price in lot.prices:
            yield Line(lot.id, component, price.outcome, "achieved", price.achieved_pence)
            if price.partly_pence:
                yield Line(lot.id, component, price.outcome, "partly", price.partly_pence)


def due(
    terms: Terms,
    units: Mapping[Line, int],
    paid: Mapping[Line, Paid],
    as_of: dt.date,
    held: frozenset[str] = frozenset(),
    *,
    is_final: bool = False,
) -> list[Posting]:
    """Return what is to be posted now, line by line, none of it nothing.

    `units` are those that may be paid, stepped already unless this is the settlement; lines that older terms priced
    otherwise stand beside those of these terms. `held` are lots whose outcomes are paid no further. What was paid
    and is not owed any more comes back first; then lines grow in order while part, lot and whole leave room.
    """
    lines = [*lines_of(terms), *sorted((set(units) | set(paid)) - set(lines_of(terms)))]
    lines.sort(key=lambda line: ORDER.index(line.component))
    wanted = {line: _wanted(line, terms, units, paid, as_of, held) for line in lines}
    kept = {line: min(wanted[line], _pence(line, paid)) for line in lines}
    for line in lines:
        kept[line] += _growth(line, wanted[line] - kept[line], _room(line, terms, kept), is_final)
    return [
        posting for line in lines if (posting := _posting(terms.fund, line, kept[line], paid.get(line, Paid()))).pence
    ]


def _wanted(
    line: Line,
    terms: Terms,
    units: Mapping[Line, int],
    paid: Mapping[Line, Paid],
    as_of: dt.date,
    held: frozenset[str],
) -> int:
    if line.component == "block":
        return block_due(terms, part_caps(terms.lot(line.lot)).get("block", 0), as_of)
    wanted = units.get(line, 0) * line.unit_pence
    is_stopped = line.component == "outcome" and line.lot in held
    return min(wanted, _pence(line, paid)) if is_stopped else wanted


def _pence(line: Line, paid: Mapping[Line, Paid]) -> int:
    return paid.get(line, Paid()).pence


def _room(line: Line, terms: Terms, kept: Mapping[Line, int]) -> int:
    """Return what part, lot and whole leave, never below nothing."""
    lot = terms.lot(line.lot)
    of_lot = {other: pence for other, pence in kept.items() if other.lot == line.lot}
    of_part = sum(pence for other, pence in of_lot.items() if other.component == line.component)
    rooms = (
        part_caps(lot).get(line.component, 0) - of_part,
        lot.value_pence - sum(of_lot.values()),
        terms.value_pence - sum(kept.values()),
    )
    return max(0, min(rooms))


def _growth(line: Line, wanted: int, room: int, is_final: bool) -> int:
    """Return by how much a line grows: whole units alone, in steps before the end."""
    if not line.unit_pence:
        return min(wanted, room)
    at_once = line.unit_pence * (1 if is_final else STEP)
    return at_once * (min(wanted, room) // at_once)


def _posting(fund: str, line: Line, pence: int, paid: Paid) -> Posting:
    change = pence - paid.pence
    units = pence // line.unit_pence - paid.units if line.unit_pence else 0
    return Posting(fund, line, units, change, reason_of(line, change))


def reason_of(line: Line, pence: int) -> str:
    """Return why a posting is made, in words for the ledger."""
    what = COMPONENTS[line.component].lower()
    more = f" ({line.outcome}, {line.score})" if line.outcome else ""
    return f"{'Taken back' if pence < 0 else 'Paid'}: lot {line.lot}, {what}{more}"
