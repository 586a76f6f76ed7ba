"""Disclosure control of the expected error of linking, by group of people or by pair of standards.

What is published are shares alone, in whole per cent, of groups large enough; no count, so that nothing can be
subtracted from anything, and no total that another figure could be held against. The shares are of published counts
where they are of counts.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from braid.trust.disclosure import publishable_count, publishable_share
from braid.trust.fairness import GroupOf, Z

LEAST_PEOPLE, LEAST_LINKS = 30, 100
"""A cell of fewer people, or of fewer links and expected misses, is suppressed whole."""
SUMS = "people records unnamed links false_links false_variance missed_links missed_variance".split()
Sums = Mapping[str, float]


@dataclass(frozen=True)
class Share:
    """An expected share in whole per cent, and its interval at 95 %, outwards."""

    share: int
    low: int
    high: int


@dataclass(frozen=True)
class ErrorShown:
    """What is published of a cell. `false` is of the links, `missed` of the true ones; `None`: too few.

    `unnamed` is the per cent of records without a name; `None` too where all or none are.
    """

    false: Share | None
    missed: Share | None
    unnamed: int | None


def publish_error(sums: Sums) -> ErrorShown:
    """Return the expected error of one cell as it may be published; `sums` are columns of `link_error`."""
    true = sums["links"] - sums["false_links"] + sums["missed_links"]
    if sums["people"] < LEAST_PEOPLE or min(true, sums["links"]) < LEAST_LINKS:
        return ErrorShown(None, None, None)
    named = int(sums["records"] - sums["unnamed"])
    return ErrorShown(
        _share(sums["false_links"], sums["false_variance"], sums["links"]),
        _share(sums["missed_links"], sums["missed_variance"], true),
        publishable_share(publishable_count(int(sums["unnamed"])), publishable_count(named)),
    )


def _share(expected: float, variance: float, whole: float) -> Share:
    """Return a share with what chance alone leaves open, if the chances are right."""
    spread = Z * math.sqrt(variance)
    low, high = max(0.0, expected - spread) / whole, min(1.0, (expected + spread) / whole)
    return Share(round(100 * expected / whole), math.floor(100 * low), math.ceil(100 * high))


def sum_by_group(
    rows: Iterable[Mapping[str, Any]], groups: Mapping[str, Mapping[str, str]], group_of: GroupOf
) -> dict[str, dict[str, Sums]]:
    """Return rows of `link_error` over all standards, by characteristic and group; every group is there.

    `group_of` says in which of a characteristic's `groups` a code counts.
    """
    found: dict[tuple[str, str], dict[str, float]] = defaultdict(lambda: dict.fromkeys(SUMS, 0.0))
    for row in rows:
        name = row["characteristic"]
        if name in groups:
            cell = found[name, group_of(row["group_code"], groups[name])]
            for column in SUMS:
                cell[column] += row[column]
    return {name: {code: found[name, code] for code in codes} for name, codes in groups.items()}
