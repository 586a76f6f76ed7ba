"""How many people are on lists of several boards at once, published so that no subtraction tells a few of them apart.

A board's list is everybody of the populations in its remit. Counted pair by pair, lists that overlap give each other
away: whoever is on three is counted in three pairs, and the pairs less the lists say of how many. So people are counted
by the **combination** of lists that they are on, each person once; of combinations of two lists or more a band is
published, and those on one list alone are never counted.

Bands are 0 to 7, 8 to 12, 13 to 17 and so on; the last one is open, and begins where the low ends of the bands could no
longer be told apart from what is published of the lists by themselves. Where that is follows from what is published
before, in an order that everybody knows, so that an open band says nothing.

**What holds**, of lists that have no population in common (`braid.place.remits` says by itself what two boards look
after together). Of each list one **base** is taken: the kind of wait in its remit of which most is published, with the
fewest waits that each district may have by the published figures; or whom its problem statement concerns, anywhere.
Give the low end of each band to its combination: so many people who wait in one district for the base of each of its
lists. The last band begins where that still leaves, for every combination, `SPARE` people who wait for each of its
bases in one district, on one list alone. So every number that may stand behind a published figure stays possible,
whatever the bands are; and from there any combination takes 4 people more, one by one, off those spare, and stays in
its band. Each combination, and each pair of lists, keeps `LEAST` values, or as many as it had before anything was said
of combinations; also for whoever knows the bases exactly, district by district (decision 50).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from braid.trust.disclosure import Span, publishable_count, publishable_time_share
from braid.trust.grounds import LEAST, SPARE, band_of

Combination = frozenset[str]
"""Ids of the lists that somebody is on, all of them."""
Base = Mapping[str, int]
"""The fewest people or waits of a list's base, by district; under `ANYWHERE` alone where no district is published."""
ANYWHERE = ""
FAR = 10**9
FIRST = SPARE + 1
"""The low end of the first band that is not 0 to 7."""


def combinations_of(names: Iterable[str]) -> list[Combination]:
    """Return the combinations of two lists or more, in the order in which their bands are chosen: fewer lists first."""
    known = sorted(names)
    chosen = ([name for number, name in enumerate(known) if one >> number & 1] for one in range(1 << len(known)))
    several = [frozenset(one) for one in chosen if len(one) > 1]
    return sorted(several, key=lambda one: (len(one), sorted(one)))


def publish_combinations(
    bases: Mapping[str, Base], counts: Mapping[Combination, int], most: Mapping[str, int]
) -> dict[Combination, Span]:
    """Return the published band of each combination of two lists or more.

    `bases` and `most` rest on published figures alone: of each list its base, and the most people who may be on it.
    `counts` are the exact people by combination, 0 where one is missing. Raises `ValueError` below zero.
    """
    if min(counts.values(), default=0) < 0:
        raise ValueError("a count cannot be below zero")
    rooms = {name: dict(base) for name, base in bases.items()}
    bands: dict[Combination, Span] = {}
    for combination in combinations_of(bases):
        highest = min(most[name] for name in combination)
        low, high = band_of(counts.get(combination, 0), _last_low_end(rooms, combination, bands), highest)
        bands[combination] = (low, high)
        _take(rooms, combination, low)
    return bands


def _last_low_end(
    rooms: Mapping[str, Mapping[str, int]], combination: Combination, before: Iterable[Combination]
) -> int:
    """Return the last low end that leaves `SPARE` to the combination and to each one before it; 0 where none does."""
    open_still = [one for one in before if capacity(rooms, one) >= SPARE]
    low = FIRST
    while True:
        left = {name: dict(room) for name, room in rooms.items()}
        if not _take(left, combination, low):
            break
        if any(capacity(left, one) < SPARE for one in (*open_still, combination)):
            break
        low += LEAST
    return low - LEAST if low > FIRST else 0


def capacity(rooms: Mapping[str, Mapping[str, int]], combination: Combination) -> int:
    """Return how many people may wait, each in one district, for the bases of all lists of a combination."""
    return sum(number for _, number in _places(rooms, combination))


def _places(rooms: Mapping[str, Mapping[str, int]], combination: Combination) -> Sequence[tuple[str, int]]:
    """Return how many may be on the combination in each district, at most; anywhere where no base has districts."""
    somewhere = [rooms[name] for name in combination if ANYWHERE not in rooms[name]]
    left = min((rooms[name][ANYWHERE] for name in combination if ANYWHERE in rooms[name]), default=FAR)
    if not somewhere:
        return [(ANYWHERE, left)]
    found = []
    for district in sorted({district for room in somewhere for district in room}):
        here = min(left, *(room.get(district, 0) for room in somewhere))
        found.append((district, here))
        left -= here
    return found


def _take(rooms: Mapping[str, dict[str, int]], combination: Combination, number: int) -> bool:
    """Take so many people off the rooms of a combination, evenly over districts; say whether there were so many."""
    places = [(district, here) for district, here in _places(rooms, combination) if here]
    if sum(here for _, here in places) < number:
        return False
    whole = sum(here for _, here in places)
    taken = [(district, here, number * here // whole) for district, here in places] if whole else []
    over = number - sum(share for *_, share in taken)
    for district, here, share in taken:
        more = min(over, here - share)
        over -= more
        for name in combination:
            rooms[name][ANYWHERE if ANYWHERE in rooms[name] else district] -= share + more
    return True


def publish_share_of_time(share: float, people: int, on_list: int) -> int | None:
    """Return the part of the time that people on a list wait somewhere, in per cent to the nearest five.

    `people` of it wait there, of `on_list` in all. `None` where these are too few, as of a share between services.
    """
    return publishable_time_share(share, people, [publishable_count(on_list)])


def span_of_lists(bands: Mapping[Combination, Span], names: Iterable[str]) -> Span:
    """Return the fewest and the most people who are on all of these lists, from published bands alone."""
    wanted = frozenset(names)
    found = [band for combination, band in bands.items() if wanted <= combination]
    return sum(low for low, _ in found), sum(high for _, high in found)
