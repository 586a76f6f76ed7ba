"""How long a choice stands if nothing but the date changes.

Of two chains of waits the heavier comes first: days waited, then days past limits. Each day every wait on a chain waits
a day more, so a chain of more waits gains on one of fewer, and may pass it on a day that no extract announces. A run
that recomputes only what changed must know that day. Between two chains it is exact for the first of the two measures
that can tell them apart; where both grow alike the order stands for ever.
"""

from __future__ import annotations

_MEASURES = ("days", "over_days", "waits", "waits_over")


def _days_to_close(gap: str, speed: str) -> str:
    """Return the whole days, one at least, after which a lead of `gap` days that shrinks by `speed` a day is gone."""
    return f"greatest(cast(ceil(cast({gap} as double) / ({speed})) as bigint), 1)"


PASSED_IN_DAYS = f"""case
    when waits > first_waits then {_days_to_close("first_days - days", "waits - first_waits")}
    when waits = first_waits and days = first_days and waits_over > first_waits_over
      then {_days_to_close("first_over_days - over_days", "waits_over - first_waits_over")} end"""
"""Portable SQL: days until a chain (days, over_days, waits, waits_over) is as heavy as the one that is first now."""


def first_values(of: str, window: str) -> str:
    """Return the columns that `PASSED_IN_DAYS` reads of the first chain of a window."""
    return ", ".join(f"first_value({of}.{name}) over ({window}) as first_{name}" for name in _MEASURES)
