"""How many people are on lists of several boards at once, published so that no subtraction tells a few of them apart.

A board's list is everybody of the populations in its remit. Counted pair by pair, lists that overlap give each other
away: whoever is on three is counted in three pairs, and the pairs less the lists say of how many. So people are counted
by the **combination** of lists that they are on, each person once; of combinations of two lists or more a band is
published, and those on one list alone are never counted.

Bands are 0 to 7, 8 to 12, 13 to 17 and so on; the last one is open, and begins where the low ends of the bands of a
list would no longer leave `SPARE` of the fewest people that its largest population may have, by the figure published of
it. Where that is follows from what is published before, in an order that everybody knows, so that an open band says
nothing.

**What holds**, of lists that have no population in common (`braid.place.remits` says by itself what two boards look
after together). Put the low end of each band into its combination, in the largest population of each of its lists. That
leaves at least `SPARE` people of each list on it alone: every number that may stand behind a published figure of a
population stays possible, whatever the bands are. From there any combination takes 4 people more, one by one, off those
spare, and stays in its band. So each combination, and each pair of lists, keeps `LEAST` values, or as many as it had
before anything was said of combinations; also for whoever knows the populations exactly (decision 50).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from braid.trust.disclosure import Span, possible_counts
from braid.trust.grounds import SPARE, band_of

Combination = frozenset[str]
"""Ids of the lists that somebody is on, all of them."""


def ordered(combinations: Iterable[Combination]) -> list[Combination]:
    """Return combinations of two lists or more in the order in which their bands are chosen: fewer lists first."""
    several = {one for one in combinations if len(one) > 1}
    return sorted(several, key=lambda one: (len(one), sorted(one)))


def publishable_combinations(
    shown: Mapping[str, Sequence[int | None]], counts: Mapping[Combination, int]
) -> dict[Combination, Span]:
    """Return the published band of each combination of two lists or more.

    `shown` has the published figures of the populations of each list; `counts` the exact people by combination, 0 where
    one is missing. The high end of an open band is the most that may be on it by those figures. Raises `ValueError`
    below zero.
    """
    if min(counts.values(), default=0) < 0:
        raise ValueError("a count cannot be below zero")
    spans = {name: [possible_counts(one) for one in figures] for name, figures in shown.items()}
    room = {name: max((low for low, _ in found), default=0) - SPARE for name, found in spans.items()}
    most = {name: sum(high for _, high in found) for name, found in spans.items()}
    bands: dict[Combination, Span] = {}
    for combination in ordered(_combinations(shown)):
        low, high = band_of(
            counts.get(combination, 0),
            min(room[name] for name in combination),
            min(most[name] for name in combination),
        )
        bands[combination] = (low, high)
        for name in combination:
            room[name] -= low
    return bands


def _combinations(names: Iterable[str]) -> Iterable[Combination]:
    known = sorted(names)
    for chosen in range(1, 1 << len(known)):
        yield frozenset(name for number, name in enumerate(known) if chosen >> number & 1)


def span_of_lists(bands: Mapping[Combination, Span], names: Iterable[str]) -> Span:
    """Return the fewest and the most people who are on all of these lists, from published bands alone."""
    wanted = frozenset(names)
    found = [band for combination, band in bands.items() if wanted <= combination]
    return sum(low for low, _ in found), sum(high for _, high in found)
