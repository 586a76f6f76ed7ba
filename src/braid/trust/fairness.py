"""Disclosure control of fairness figures: people reached and never reached, by group, one characteristic at a time.

Counts are rounded and small ones suppressed as everywhere (`braid.trust.disclosure`). Totals are known all the same:
the groups of every characteristic add up to the same people; how many people the statement concerns is published beside
them; and the rules say how many are reached at a time. On the first run those whom the rules placed are those
concerned, and the reached are as many as there are places. A column of a characteristic is withheld whole where all
that would leave a suppressed count fewer than `SLACK` + 1 possible values, or a rounded one fewer than three. A share
has its Wilson interval at 95 %, of the published counts alone.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from braid.trust.disclosure import SLACK, Span, possible_counts, publishable_count, publishable_share

Z = 1.959964
"""Two-sided 95 % of the standard normal distribution."""

LEAST_WIDTH_ROUNDED = 2

COLUMNS = ("reached", "never_reached", "in_doubt")
UNBOUNDED = 10**12
Counts = Mapping[str, int]
"""Exact counts of a group by column."""
GroupOf = Callable[[str, Mapping[str, str]], str]
"""In which group of a characteristic a code counts."""


Tables = Mapping[str, Sequence[Span]]
"""Of one column, the possible counts of each group by characteristic."""


@dataclass(frozen=True)
class Beside:
    """What is published beside the figures: how many people are concerned, `None` suppressed, and the rules' places."""

    people: int | None
    places: int


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


def publish_groups(exact: Mapping[str, Mapping[str, Counts]], beside: Beside) -> list[CharacteristicShown]:
    """Return exact counts, by characteristic, group and column of `COLUMNS`, as they may be published together.

    Characteristics come in their order; where columns cannot all be shown, those of later ones are withheld first. The
    choice follows from published counts alone.
    """
    spans = {
        column: {
            name: [possible_counts(publishable_count(counts[column])) for counts in groups.values()]
            for name, groups in exact.items()
            if groups
        }
        for column in COLUMNS
    }
    shown = _withhold(spans, beside)
    return [
        CharacteristicShown(
            name,
            tuple(
                _shown(group, {c: publishable_count(counts[c]) if name in shown[c] else None for c in COLUMNS})
                for group, counts in groups.items()
            ),
            frozenset(column for column in COLUMNS if groups and name not in shown[column]),
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


def _withhold(spans: Mapping[str, Tables], beside: Beside) -> Mapping[str, Tables]:
    """Return the tables of each column that may stand together."""
    shown: dict[str, dict[str, Sequence[Span]]] = {column: dict(tables) for column, tables in spans.items()}
    while narrow := narrowed(shown, beside):
        column, name = narrow[-1]
        del shown[column][name]
    return shown


def narrowed(shown: Mapping[str, Tables], beside: Beside) -> list[tuple[str, str]]:
    """Return each column and characteristic with a count that is left too few possible values; the last goes first."""
    found = {
        (column, name)
        for totals in _possible_totals(shown, beside)
        for column, (lowest, highest) in totals.items()
        for name, table in shown[column].items()
        if any(_is_narrow(cell, table, lowest, highest) for cell in range(len(table)))
    }
    for name, table in shown["in_doubt"].items():
        if any(name not in shown[column] for column in ("reached", "never_reached")):
            continue
        both = zip(shown["reached"][name], shown["never_reached"][name], strict=True)
        if any(_tells(doubt, *parts) for doubt, parts in zip(table, both, strict=True)):
            found.add(("in_doubt", name))
    order = [name for tables in shown.values() for name in tables]
    return sorted(found, key=lambda each: (order.index(each[1]), COLUMNS.index(each[0])))


def _tells(doubt: Span, reached: Span, never: Span) -> bool:
    """Whether the links in doubt of a group say something of how many people there are in it, or the other way."""
    return doubt[0] > reached[0] + never[0] or doubt[1] > reached[1] + never[1]


def _possible_totals(shown: Mapping[str, Tables], beside: Beside) -> Iterator[dict[str, Span]]:
    """Yield the lowest and highest total of each column, under each reading of what stands beside that can be true.

    That the run is the first, without and with people who share the last place; that it is any other; and none at all.
    """
    low, high = possible_counts(beside.people)
    places = beside.places
    sums = {column: _sums(tables.values()) for column, tables in shown.items()}
    least = (min(places, low), UNBOUNDED)
    for placed, reached, never in (
        ((low, high), (min(places, low), min(places, high)), (max(0, low - places), max(0, high - places))),
        ((low, high), least, (0, max(0, high - places))),
        ((low, UNBOUNDED), least, (0, UNBOUNDED)),
        ((0, UNBOUNDED), (0, UNBOUNDED), (0, UNBOUNDED)),
    ):
        totals = _coupled(placed, _meet(sums["reached"], reached), _meet(sums["never_reached"], never))
        if totals is not None:
            people, reached, never = totals
            doubt = _meet(sums["in_doubt"], (0, people[1]))
            yield {"reached": reached, "never_reached": never, "in_doubt": doubt}


def _coupled(people: Span, reached: Span, never: Span) -> tuple[Span, Span, Span] | None:
    """Return the three as far as that the first is the sum of the others narrows them; `None` where it cannot be."""
    people = _meet(people, (reached[0] + never[0], reached[1] + never[1]))
    reached, never = (
        _meet(reached, (people[0] - never[1], people[1] - never[0])),
        _meet(never, (people[0] - reached[1], people[1] - reached[0])),
    )
    return None if any(low > high for low, high in (people, reached, never)) else (people, reached, never)


def _sums(tables: Iterable[Sequence[Span]]) -> Span:
    """Return between which numbers the total lies that every one of the tables adds up to."""
    found = (0, UNBOUNDED)
    for table in tables:
        found = _meet(found, (sum(low for low, _ in table), sum(high for _, high in table)))
    return found


def _meet(one: Span, other: Span) -> Span:
    return max(one[0], other[0]), min(one[1], other[1])


def _is_narrow(cell: int, table: Sequence[Span], lowest: int, highest: int) -> bool:
    low, high = table[cell]
    if (low, high) == (0, 0):
        return False
    others_low = sum(span[0] for place, span in enumerate(table) if place != cell)
    others_high = sum(span[1] for place, span in enumerate(table) if place != cell)
    width = min(high, highest - others_low) - max(low, lowest - others_high)
    return width < (SLACK if (low, high) == possible_counts(None) else LEAST_WIDTH_ROUNDED)
