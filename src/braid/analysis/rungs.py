"""The rungs of a ladder: how a value is written so that it says less, each as portable SQL.

All rungs give text; a value that is left out, or was never there, is empty.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

OLDEST_BAND = 85
"""Years. Ages from here on are one band: the few who are older are known by their age."""


@dataclass(frozen=True)
class Rung:
    """A way to write a value. `coarseness` orders the rungs of one kind of value; a ladder never goes back down."""

    code: str
    kind: str
    coarseness: int
    sql: Callable[[str, dt.date], str]


def _whole(expression: str) -> str:
    return f"cast({expression} as varchar)"


def _month(column: str, _as_of: dt.date) -> str:
    return f"concat({_whole(f'br_year({column})')}, '-', right(concat('0', {_whole(f'br_month({column})')}), 2))"


def _quarter(column: str, _as_of: dt.date) -> str:
    return (
        f"concat({_whole(f'br_year({column})')}, '-Q', {_whole(f'cast(floor((br_month({column}) + 2) / 3) as int)')})"
    )


def _year(column: str, _as_of: dt.date) -> str:
    return _whole(f"br_year({column})")


def _age_band(years: int) -> Callable[[str, dt.date], str]:
    def sql(column: str, as_of: dt.date) -> str:
        age = f"br_age({column}, date '{as_of}')"
        low = f"cast(floor({age} / {years}) as int) * {years}"
        return (
            f"case when {age} >= {OLDEST_BAND} then '{OLDEST_BAND} and over'"
            f" else concat({_whole(low)}, '-', {_whole(f'{low} + {years - 1}')}) end"
        )

    return sql


def _child_or_adult(column: str, as_of: dt.date) -> str:
    return f"case when br_age({column}, date '{as_of}') < 18 then 'under 18' else '18 and over' end"


def _day_band(days: int) -> Callable[[str, dt.date], str]:
    def sql(column: str, _as_of: dt.date) -> str:
        low = f"cast(floor({column} / {days}) as int) * {days}"
        return f"concat({_whole(low)}, '-', {_whole(f'{low} + {days - 1}')})"

    return sql


RUNGS: dict[str, Rung] = {
    rung.code: rung
    for rung in (
        Rung("month", "date", 1, _month),
        Rung("quarter", "date", 2, _quarter),
        Rung("year", "date", 3, _year),
        Rung("age_5", "birth date", 1, _age_band(5)),
        Rung("age_10", "birth date", 2, _age_band(10)),
        Rung("age_child_or_adult", "birth date", 3, _child_or_adult),
        Rung("days_91", "days", 1, _day_band(91)),
        Rung("days_364", "days", 2, _day_band(364)),
        Rung("code", "code", 1, lambda column, _as_of: column),
        Rung("common", "code", 2, lambda column, _as_of: column),
    )
}
"""Every rung but `none`, which belongs to every kind and leaves the value out."""
NONE, COMMON = "none", "common"


def write_rung(code: str, column: str, as_of: dt.date, k: int) -> str:
    """Return the SQL that writes `column` on a rung. A missing value stays empty: `concat` would write its parts.

    On `common`, which is for tables of one row a person, a code that fewer than `k` rows have is written `other`.
    """
    if code == NONE:
        return "cast(null as varchar)"
    if code == COMMON:
        few = f"count(*) over (partition by {column}) < {k}"
        return f"case when {column} is null then null when {few} then 'other' else {column} end"
    return f"case when {column} is null then null else {RUNGS[code].sql(column, as_of)} end"


def find_coarseness(code: str) -> int:
    """Return where a rung stands in a ladder; `none` is above all."""
    return max(rung.coarseness for rung in RUNGS.values()) + 1 if code == NONE else RUNGS[code].coarseness
