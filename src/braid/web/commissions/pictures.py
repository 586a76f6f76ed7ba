"""The picture of a commission: of each lot, what was paid against what it may cost. The table has the same figures."""

from dataclasses import dataclass

from braid.web.commissions.seen import CommissionSeen

WIDTH, ROW = 420, 80


@dataclass(frozen=True)
class MoneyBar:
    """A lot: its name, what it may cost and what was paid in pence, and the lengths of both."""

    name: str
    value_pence: int
    paid_pence: int
    y: int
    value_width: float
    paid_width: float


@dataclass(frozen=True)
class Money:
    """Bars of all lots on one scale from nothing."""

    bars: tuple[MoneyBar, ...]
    height: int


def draw_money(seen: CommissionSeen) -> Money:
    """Return a bar for each lot; the dearest is as wide as the picture."""
    most = max(one.lot.value_pence for one in seen.lots)
    bars = tuple(
        MoneyBar(
            one.lot.name,
            one.lot.value_pence,
            one.paid_pence,
            ROW * number,
            round(WIDTH * one.lot.value_pence / most, 1),
            round(WIDTH * max(one.paid_pence, 0) / most, 1),
        )
        for number, one in enumerate(seen.lots)
    )
    return Money(bars, ROW * len(bars))
