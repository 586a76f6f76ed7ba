"""Counts by grounds that do not line up, published so that no subtraction tells a small group apart.

A district less a court area is one small area: rounding both would still say roughly how many wait there, and several
such differences together say it exactly. So the grounds are never counted by themselves. A district falls into
**parts**: the finest pieces into which the grounds of all bodies cut it. One of them, the **rest**, is the largest; it
is never counted. Of each other part one band of numbers is published beside the district's own published figure, and
the figure of a body is reckoned from published figures alone.

Bands are 0 to 7, 8 to 12, 13 to 17 and so on, as ranges of `braid.trust.disclosure` are. The last one is open, and it
begins where the low ends of all bands of the district together still leave `SPARE` of the fewest people who may stand
behind the district's figure. Where it begins follows from the district's figure and the bands before, which are
published; so that a band is open says nothing.

**What holds.** Let D be any number that may stand behind a district's published figure. Put the low end of its band in
each part: they leave at least 7 for the rest. From there any one part takes 4 more (7 more where its band begins at 0),
off the rest, and stays in its band, or the rest keeps them. So whoever knows D exactly, and all of every other
district, is left at least `LEAST` values of each part, of each sum of parts that is not the district, and of each sum
or difference of grounds that is not one of whole districts (each person moved between two parts that it counts
otherwise changes it, four times over). And since each D of the range stays possible, what is published of parts says
nothing about any district, the whole place, or another measure of them (decision 49).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from braid.trust.disclosure import ROUND_TO, SUPPRESSED_TO, Span, possible_counts

SPARE = SUPPRESSED_TO
"""How many the low ends of the bands of a district leave over, at the least."""
LEAST = ROUND_TO
"""How many values of each part stay possible to whoever knows the district exactly."""


@dataclass(frozen=True)
class Part:
    """Small areas that the same bodies serve, all in one district. `is_rest`: the one that is never counted.

    The order of parts in a sequence is the order in which their bands are chosen.
    """

    district: str
    areas: frozenset[str]
    is_rest: bool


def cut_districts(grounds: Collection[frozenset[str]], area_districts: Mapping[str, str]) -> tuple[Part, ...]:
    """Return the parts of the districts that the grounds cut: by district, the rest first, larger ones before smaller.

    `area_districts` holds every small area of the place. A district that no ground cuts is not among them.
    """
    pieces: dict[tuple[str, frozenset[int]], set[str]] = defaultdict(set)
    for area, district in area_districts.items():
        served = frozenset(number for number, ground in enumerate(grounds) if area in ground)
        pieces[district, served].add(area)
    found: dict[str, list[frozenset[str]]] = defaultdict(list)
    for (district, _), areas in pieces.items():
        found[district].append(frozenset(areas))
    return tuple(part for district in sorted(found) for part in _parts(district, found[district]))


def _parts(district: str, pieces: Sequence[frozenset[str]]) -> Iterable[Part]:
    if len(pieces) == 1:
        return []
    ordered = sorted(pieces, key=lambda areas: (-len(areas), min(areas)))
    return [Part(district, areas, is_rest=not place) for place, areas in enumerate(ordered)]


def keep_parts(kept: Sequence[Part], cut: Sequence[Part], area_districts: Mapping[str, str]) -> tuple[Part, ...]:
    """Return the parts to publish by, where parts were published by before: a ground is cut once.

    Two cuts of one ground, one after the other, are published together as far as an attacker is concerned, and the
    promise speaks of one. So where an area was in a part before, its district keeps the old parts, those that
    still lie wholly in it; what is new in it counts as rest. Districts of which no area was ever cut are cut anew.
    """
    now: dict[str, list[Part]] = defaultdict(list)
    touched: set[str] = set()
    for part in kept:
        districts = {area_districts.get(area, "") for area in part.areas}
        touched |= districts
        if len(districts) == 1 and not part.is_rest:
            now[districts.pop()].append(part)
    found: list[Part] = []
    for district in sorted({*area_districts.values()}):
        if district not in touched:
            found += [part for part in cut if part.district == district]
        elif now[district]:
            found += _with_rest(district, now[district], area_districts)
    return tuple(found)


def _with_rest(district: str, parts: Sequence[Part], area_districts: Mapping[str, str]) -> list[Part]:
    """Return the parts with the rest before them; none where nothing is left: they would add up to the district."""
    counted = frozenset[str]().union(*(part.areas for part in parts))
    rest = frozenset(area for area, of in area_districts.items() if of == district and area not in counted)
    if not rest:
        return []
    return [Part(district, rest, is_rest=True), *(Part(district, part.areas, is_rest=False) for part in parts)]


def publishable_parts(shown: int | None, counts: Sequence[int]) -> tuple[Span, ...]:
    """Return the published band of each counted part of a district, in order, beside the district's published figure.

    `counts` are the exact numbers of the parts without the rest. The high end of an open band is the most that may
    stand behind `shown`; 0 to that much says nothing. Raises `ValueError` below zero.
    """
    if min(counts, default=0) < 0:
        raise ValueError("a count cannot be below zero")
    fewest, most = possible_counts(shown)
    room = fewest - SPARE
    bands = []
    for exact in counts:
        low, high = band_of(exact, room, most)
        room -= low
        bands.append((low, high))
    return tuple(bands)


def band_of(exact: int, room: int, most: int) -> Span:
    """Return the band of a count: a low end is at most `room`, and the band that would begin above it is open."""
    first = SUPPRESSED_TO + 1
    if room < first:
        return 0, most
    if exact < first:
        return 0, SUPPRESSED_TO
    last = _low_end(room)
    low = min(_low_end(exact), last)
    return low, most if low == last else low + ROUND_TO - 1


def _low_end(number: int) -> int:
    """Return where the closed band of a number from 8 on begins: 8, 13, 18 …"""
    first = SUPPRESSED_TO + 1
    return first + (number - first) // ROUND_TO * ROUND_TO


def span_of_parts(shown: int | None, bands: Sequence[Span], inside: Collection[int], with_rest: bool) -> Span:
    """Return the fewest and the most people of some parts of a district, from published figures alone.

    `bands` are those of its counted parts; `inside` says which of them are meant, `with_rest` whether the rest is.
    """
    fewest, most = possible_counts(shown)
    others = [band for number, band in enumerate(bands) if number not in inside]
    lows = sum(bands[number][0] for number in inside)
    most_left = most - sum(low for low, _ in others)
    if with_rest:
        return max(lows, fewest - sum(high for _, high in others)), most_left
    return lows, min(sum(bands[number][1] for number in inside), most_left)


def span_of_ground(
    ground: Collection[str], areas: Collection[str], parts: Sequence[Part], shown: int | None, bands: Sequence[Span]
) -> Span:
    """Return the fewest and the most people on the part of a ground that lies in a district of these `areas`.

    `parts` are those of the district, the rest first; none where it is not cut. A part that the ground has only some
    areas of may be in or out with everybody in it: the parts are older than the ground.
    """
    own = frozenset(areas) & frozenset(ground)
    if not own:
        return 0, 0
    if own == frozenset(areas):
        return possible_counts(shown)
    if not parts:
        return 0, possible_counts(shown)[1]
    rest, counted = parts[0], parts[1:]
    whole = [number for number, part in enumerate(counted) if part.areas <= own]
    some = [number for number, part in enumerate(counted) if part.areas & own]
    low, _ = span_of_parts(shown, bands, whole, with_rest=rest.areas <= own)
    _, high = span_of_parts(shown, bands, some, with_rest=bool(rest.areas & own))
    return low, high
