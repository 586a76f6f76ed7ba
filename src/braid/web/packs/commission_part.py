"""What is commissioned for what a board looks after: money, people served as published counts, the next round."""

from collections.abc import Iterator
from uuid import UUID

from django.urls import reverse

from braid.place.commissions.selection import COUNTS, SHARES, Rate
from braid.place.commissions.signing import Signer
from braid.place.commissions.states import BANDS, COMMISSION
from braid.place.drawings import Bar, Pair, draw_bars, draw_pairs
from braid.place.money.amounts import say_pence, say_pounds
from braid.place.packs import PackFigure
from braid.store.exports import PackSection, PackTable, Picture
from braid.web.commissions.seen import CommissionSeen, LotSeen, list_commissions, see
from braid.web.models import Commission, DecisionLink, ReportingRound
from braid.web.packs.digests import digest_of
from braid.web.packs.scope import PackPart, Scope
from braid.web.templating import day_words

NOBODY = Signer("", "", "")
"""A pack is read: who signs or pays does so on the page of the commission."""
TOO_FEW, NOT_SHOWN = "too few to show", "not shown"
SERVED = "attached"
NOBODY_YET = "Nobody was counted yet in a month that is over."
ABOUT = (
    "People served are of months that are over. Counts of 1 to 7 are not shown and all others are rounded to 5. How"
    " much somebody needs is said by whoever refers, never by the provider."
)


def make_commissions(scope: Scope) -> PackPart:
    """Return a section for each commission of a statement that the board looks after, or that a decision is about."""
    parts = [] if scope.is_past else [_of_commission(row, scope) for row in _of_board(scope)]
    return PackPart(
        tuple(section for part in parts for section in part.sections),
        tuple(figure for part in parts for figure in part.figures),
        tuple(one for part in parts for one in part.inputs),
    )


def _of_board(scope: Scope) -> list[Commission]:
    ids = [row.pk for row in scope.decisions]
    linked = set(DecisionLink.objects.filter(kind="commission", decision__in=ids).values_list("reference", flat=True))
    listed = [(row, terms) for row, terms, _ in list_commissions()]
    return [row for row, terms in listed if terms.statement in scope.statements or str(row.pk) in linked]


def _of_commission(row: Commission, scope: Scope) -> PackPart:
    one = see(row, NOBODY)
    state = COMMISSION.states[row.state]
    paid, value = say_pence(one.paid_pence), say_pence(one.shown.value_pence)
    lines = (f"{state.name}. {paid} paid of {value}.", _round_words(row, scope), ABOUT)
    served = [_served(lot) for lot in one.lots] + [_shares(one)] if _is_counted(one) else []
    lines += () if served else (NOBODY_YET,)
    section = PackSection(f"Commission: {row.title}", tuple(_draw(one)), lines, tables=(_lots(one), *served))
    said = [row.state, one.paid_pence, [[lot.lot.id, lot.paid_pence, dict(lot.counts)] for lot in one.lots], lines[1]]
    return PackPart((section,), tuple(_figures(one, scope)), ((f"commission {row.pk}", digest_of(said)),))


def _is_counted(one: CommissionSeen) -> bool:
    """Whether any count is published as other than nought, or as too few to show."""
    return any(value != 0 for lot in one.lots for counts in lot.counts.values() for value in counts.values())


def _round_words(row: Commission, scope: Scope) -> str:
    """Return which period is reported on next, and until when."""
    coming = ReportingRound.objects.filter(commission=row, due_date__gte=scope.day).order_by("due_date", "pk").first()
    if coming is None:
        return "No reporting round is due."
    return f"Next reporting round: until {day_words(coming.to_date)}, due by {day_words(coming.due_date)}."


def _draw(one: CommissionSeen) -> Iterator[Picture]:
    pairs = [
        Pair(lot.lot.name, lot.paid_pence / 100, lot.lot.value_pence / 100, say_pounds(lot.paid_pence),
             say_pounds(lot.lot.value_pence))
        for lot in one.lots
    ]  # fmt: skip
    yield draw_pairs("What was paid of what each lot may cost", ("paid", "at most"), pairs)
    if not _is_counted(one):
        return
    bars = [
        Bar(f"{lot.lot.name}, {name.lower()}", _number(lot.counts[band][SERVED]), count_words(lot.counts[band][SERVED]))
        for lot in one.lots
        for band, name in BANDS.items()
    ]
    yield draw_bars("People whose service was begun, by how much they need", bars)


def _number(value: int | None) -> float | None:
    return None if value is None else float(value)


def count_words(value: int | None) -> str:
    """Return a count of people served as the page of a commission says it."""
    return TOO_FEW if value is None else f"{value:,}"


def rate_words(rate: Rate | None) -> str:
    """Return a share as the page of a commission says it."""
    return NOT_SHOWN if rate is None else f"{rate.percent}% ({rate.low} to {rate.high})"


def _lots(one: CommissionSeen) -> PackTable:
    rows = tuple(
        (lot.lot.name, f"{lot.lot.volume:,} people", say_pence(lot.lot.value_pence), say_pence(lot.paid_pence))
        for lot in one.lots
    )
    return PackTable("What each lot may cost, and what was paid", ("Lot", "Service to", "May cost", "Paid"), rows)


def _served(lot: LotSeen) -> PackTable:
    """Return what is counted of a lot: a row for each count, so that the bands stand beside each other."""
    rows = tuple((name, *(count_words(lot.counts[band][code]) for band in BANDS)) for code, name in COUNTS.items())
    return PackTable(f"{lot.lot.name}: people by how much they need", ("Counted", *BANDS.values()), rows)


def _shares(one: CommissionSeen) -> PackTable:
    columns = ("Lot", "Need", *(words for words, _, _ in SHARES.values()))
    rows = tuple(
        (lot.lot.name, name, *(rate_words(lot.rates[band][code]) for code in SHARES))
        for lot in one.lots
        for band, name in BANDS.items()
    )
    return PackTable("Shares, with the range in which the true one would lie 95 times in 100", columns, rows)


def _figures(one: CommissionSeen, scope: Scope) -> Iterator[PackFigure]:
    key, day, source = f"commission:{one.row.pk}", scope.day.isoformat(), _page(one.row.pk)
    title = one.row.title
    paid = say_pence(one.paid_pence)
    yield PackFigure(f"{key}:paid", f"{title}: paid", float(one.paid_pence), paid, day, source, None)
    for lot in one.lots if _is_counted(one) else ():
        for band, name in BANDS.items():
            count = lot.counts[band][SERVED]
            yield PackFigure(
                f"{key}:{lot.lot.id}:{band}", f"{lot.lot.name}, {name.lower()}: service begun", _number(count),
                count_words(count), day, source, None,
            )  # fmt: skip


def _page(commission: UUID) -> str:
    return reverse("commission", args=[commission])
