"""Disclosure control of fairness figures: people reached and never reached, by group, one characteristic at a time.

Counts are rounded and small ones suppressed as everywhere (`braid.trust.disclosure`). No total stands beside them; but
the groups of every characteristic add up to the same people, so the tables say something about each other's total. A
column of a characteristic is withheld whole where that would leave a suppressed count fewer than `SLACK` + 1 possible
values, or a rounded one fewer than three. A share has its Wilson interval at 95 %, of the published counts alone.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from braid.trust.disclosure import SLACK, Span, possible_counts, publishable_count, publishable_share

Z = 1.959964
"""Two-sided 95 % of the standard normal distribution."""

LEAST_WIDTH_ROUNDED = 2

COLUMNS = ("reached", "never_reached", "in_doubt")
Counts = Mapping[str, int]
"""Exact counts of a group by column."""
GroupOf = Callable[[str, Mapping[str, str]], str]
"""In which group of a characteristic a code counts."""


@dataclass(frozen=True)
class GroupShown:
    """The published figures of a group. `None`: suppressed, withheld, or a share of nobody or everybody.

    `share` is the per cent never reached, `low` and `high` its interval, in whole per cent outwards.
    """

    group: str
    reached: int | None
    never_reached: int | None
    in_doubt: int | None
    share: int | None
    low: int | None
    high: int | None


@dataclass(frozen=True)
class CharacteristicShown:
    """The groups of a characteristic; `withheld` names the columns that are withheld for all of them."""

    characteristic: str
    groups: tuple[GroupShown, ...]
    withheld: frozenset[str]


def publish_groups(exact: Mapping[str, Mapping[str, Counts]]) -> list[CharacteristicShown]:
    """Return exact counts, by characteristic, group and column of `COLUMNS`, as they may be published together.

    Characteristics come in their order; where columns cannot all be shown, those of later ones are withheld first.
    """
    withheld = {column: _withheld(exact, column) for column in COLUMNS}
    return [
        CharacteristicShown(
            name,
            tuple(
                _shown(group, {c: None if name in withheld[c] else publishable_count(counts[c]) for c in COLUMNS})
                for group, counts in groups.items()
            ),
            frozenset(column for column in COLUMNS if name in withheld[column]),
        )
        for name, groups in exact.items()
    ]


def exact_counts(
    rows: Iterable[Mapping[str, Any]], groups: Mapping[str, Mapping[str, str]], group_of: GroupOf
) -> dict[str, dict[str, dict[str, int]]]:
    """Return rows of `priority_fairness` of one problem as `publish_groups` takes them.

    `group_of` says in which of a characteristic's `groups` a code counts. Every one of them is there, also where nobody
    is in it: that a group is missing would say so.
    """
    found: Counter[tuple[str, str, str]] = Counter()
    for row in rows:
        name = row["characteristic"]
        group = group_of(row["group_code"], groups[name])
        found.update({(name, group, column): row[column] for column in COLUMNS})
    return {
        name: {code: {column: found[name, code, column] for column in COLUMNS} for code in codes}
        for name, codes in groups.items()
    }


def _shown(group: str, counts: Mapping[str, int | None]) -> GroupShown:
    share = publishable_share(counts["never_reached"], counts["reached"])
    low = high = None
    if share is not None:
        part, rest = counts["never_reached"] or 0, counts["reached"] or 0
        lowest, highest = wilson_interval(part, part + rest)
        low, high = math.floor(100 * lowest), math.ceil(100 * highest)
    return GroupShown(group, counts["reached"], counts["never_reached"], counts["in_doubt"], share, low, high)


def wilson_interval(part: int, whole: int) -> tuple[float, float]:
    """Return the 95 % interval of a proportion (Wilson 1927, without continuity correction). `whole` is above zero."""
    share = part / whole
    spread = Z * math.sqrt(share * (1 - share) / whole + Z**2 / (4 * whole**2))
    scale = 1 + Z**2 / whole
    centre = share + Z**2 / (2 * whole)
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def _withheld(exact: Mapping[str, Mapping[str, Counts]], column: str) -> set[str]:
    """Return the characteristics whose column is withheld. The choice follows from published counts alone."""
    shown = {
        name: [possible_counts(publishable_count(counts[column])) for counts in groups.values()]
        for name, groups in exact.items()
        if groups
    }
    withheld: set[str] = set()
    for name in reversed(list(shown)):
        if not narrowed(list(shown.values())):
            break
        del shown[name]
        withheld.add(name)
    return withheld


def narrowed(tables: Sequence[Sequence[Span]]) -> bool:
    """Whether tables of the same people leave some count too few possible values, given that their totals are equal."""
    lowest = max((sum(low for low, _ in table) for table in tables), default=0)
    highest = min((sum(high for _, high in table) for table in tables), default=0)
    return any(_is_narrow(cell, table, lowest, highest) for table in tables for cell in range(len(table)))


def _is_narrow(cell: int, table: Sequence[Span], lowest: int, highest: int) -> bool:
    low, high = table[cell]
    if (low, high) == (0, 0):
        return False
    others_low = sum(span[0] for place, span in enumerate(table) if place != cell)
    others_high = sum(span[1] for place, span in enumerate(table) if place != cell)
    width = min(high, highest - others_low) - max(low, lowest - others_high)
    return width < (SLACK if (low, high) == possible_counts(None) else LEAST_WIDTH_ROUNDED)
