"""Counts by grounds that do not line up: what no subtraction may tell, by proof, by trying everything, by attack."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from braid.trust.cubes import WAITS_BY_KIND_AND_DISTRICT, publish
from braid.trust.disclosure import publishable_count, publishable_total
from braid.trust.grounds import (
    LEAST,
    SPARE,
    Part,
    cut_districts,
    keep_parts,
    publishable_parts,
    span_of_ground,
    span_of_parts,
)
from trust.grounds_attacker import Known, attack
from trust.table_attacker import FAR, Span, behind, nearest_five, plus, totals_behind

CUBE = WAITS_BY_KIND_AND_DISTRICT
NOBODY = dict.fromkeys((*CUBE.columns, "median_days"), 0)


@dataclass(frozen=True)
class World:
    """Small areas with their districts and exact counts, and grounds over them."""

    area_districts: dict[str, str]
    counts: dict[str, int]
    grounds: tuple[frozenset[str], ...]
    nowhere: int

    def of(self, areas) -> int:
        return sum(self.counts[area] for area in areas)

    def areas_in(self, district: str) -> frozenset[str]:
        return frozenset(area for area, of in self.area_districts.items() if of == district)

    @property
    def districts(self) -> list[str]:
        return sorted({*self.area_districts.values()})


def draw_world(chance: random.Random) -> World:
    """A place of one to four districts with one to six small areas, skewed to small numbers and limits of ranges."""
    area_districts, counts = {}, {}
    for district in range(chance.choice((1, 2, 2, 3, 4))):
        usual = chance.choice((1, 2, 6, 15, 60))
        at_limits = chance.random() < 0.25
        for number in range(chance.choice((1, 2, 2, 3, 4, 6))):
            area = f"{district}{number}"
            area_districts[area] = f"D{district}"
            drawn = min(400, int(chance.expovariate(1 / usual)))
            counts[area] = chance.choice((0, 1, 1, 7, 8, 12, 13, 18)) if at_limits else drawn
    grounds = tuple(_ground(chance, area_districts) for _ in range(chance.choice((1, 2, 3, 5))))
    return World(area_districts, counts, grounds, chance.choice((0, 0, 0, 1, 6)))


def _ground(chance: random.Random, area_districts: dict[str, str]) -> frozenset[str]:
    """Whole districts and some areas, or any areas."""
    whole = {district for district in sorted({*area_districts.values()}) if chance.random() < 0.4}
    return frozenset(
        area for area, district in sorted(area_districts.items()) if district in whole or chance.random() < 0.35
    )


def bands_of(world: World, district: str, parts: Sequence[Part]) -> tuple[int | None, list[Part], tuple[Span, ...]]:
    own = [part for part in parts if part.district == district]
    shown = publishable_count(world.of(world.areas_in(district)))
    return shown, own, publishable_parts(shown, [world.of(part.areas) for part in own[1:]])


def test_a_worked_example() -> None:
    """A district of 31 falls into 19, 9 and 3; the first is the rest. 30 stands for 28 to 32."""
    shown = publishable_count(31)
    assert shown == 30
    assert publishable_parts(shown, [9, 3]) == ((8, 12), (0, 7))
    assert span_of_parts(shown, [(8, 12), (0, 7)], [], with_rest=True) == (9, 24)
    assert span_of_parts(shown, [(8, 12), (0, 7)], [1], with_rest=False) == (0, 7)
    assert span_of_parts(shown, [(8, 12), (0, 7)], [0, 1], with_rest=True) == (28, 32)


def test_the_last_band_is_open_and_leaves_the_rest_its_room() -> None:
    assert publishable_parts(20, [17]) == ((8, 22),)
    assert publishable_parts(25, [22]) == ((13, 27),)
    assert publishable_parts(30, [22]) == ((18, 32),)
    assert publishable_parts(30, [13, 9]) == ((13, 17), (8, 32))
    assert publishable_parts(30, [22, 9]) == ((18, 32), (0, 32))


@pytest.mark.parametrize("shown", [None, 0, 10, 15])
def test_of_a_small_district_nothing_is_said_about_parts(shown: int | None) -> None:
    most = {None: 7, 0: 0, 10: 12, 15: 17}[shown]
    for exact in range(most + 1):
        assert publishable_parts(shown, [exact, most - exact]) == ((0, most), (0, most))


def test_a_count_below_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="below zero"):
        publishable_parts(30, [-1])


@given(st.integers(0, 400), st.data())
def test_every_count_lies_in_its_band_and_bands_follow_from_what_is_published(whole: int, data: st.DataObject) -> None:
    shown, left, counts = publishable_count(whole), whole, []
    for _ in range(data.draw(st.integers(1, 5))):
        counts.append(data.draw(st.integers(0, left)))
        left -= counts[-1]
    bands = publishable_parts(shown, counts)
    assert all(low <= exact <= high for exact, (low, high) in zip(counts, bands, strict=True))
    lows = [min(high, max(low, 0)) for low, high in bands]
    assert publishable_parts(shown, lows) == bands, "whoever has the low ends has the bands: no choice says more"
    for meant in itertools.chain.from_iterable(
        itertools.combinations(range(len(counts)), n) for n in range(len(counts) + 1)
    ):
        for with_rest in (False, True):
            exact = sum(counts[number] for number in meant) + (left if with_rest else 0)
            low, high = span_of_parts(shown, bands, meant, with_rest)
            assert low <= exact <= high


def values_left(whole: int, bands: Sequence[Span]) -> list[int]:
    """For each sum of parts that is not the district: how many values whoever knows the district exactly is left.

    Reckoned as sums of whole numbers in ranges fill their range: with the rest, a sum is the district less the others.
    """
    lows, highs = numpy.array([band[0] for band in bands]), numpy.array([band[1] for band in bands])
    spare = whole - lows.sum()
    left = []
    for meant in itertools.product((False, True), repeat=len(bands)):
        chosen = numpy.array(meant, dtype=bool)
        if chosen.any():
            left.append(min(int((highs - lows)[chosen].sum()), int(spare)) + 1)
    return left


def test_the_reckoning_of_values_agrees_with_trying_every_district() -> None:
    """Up to three counted parts, a district of up to 34: the values are those of every way to fill the bands."""
    for whole in range(34):
        shown = publishable_count(whole)
        for counts in itertools.islice(itertools.product(range(0, whole + 1, 3), repeat=3), 0, 400, 7):
            if sum(counts) > whole:
                continue
            bands = publishable_parts(shown, counts)
            ways = [
                way
                for way in itertools.product(*(range(low, min(high, whole) + 1) for low, high in bands))
                if sum(way) <= whole
            ]
            masks = [mask for mask in itertools.product((0, 1), repeat=3) if any(mask)]
            tried = [len({sum(m * one for m, one in zip(mask, way, strict=True)) for way in ways}) for mask in masks]
            assert values_left(whole, bands) == tried


def says_something(shown: int | None, bands: Sequence[Span]) -> bool:
    most = behind(shown)[1]
    return any(band != (0, most) for band in bands)


def attack_districts(count: int, seed: int) -> tuple[int, int, int]:
    """Draw districts with parts; whoever knows each district exactly attacks. Return sums attacked, least values left,
    and districts of which something was said.

    Every number that may stand behind a district's figure is tried as the one known: all must stay possible.
    """
    chance, attacked, least, said = random.Random(seed), 0, FAR, 0
    for _ in range(count):
        counts = _skewed(chance)
        whole = sum(counts)
        shown = publishable_count(whole)
        bands = publishable_parts(shown, counts[1:])
        if not says_something(shown, bands):
            continue
        said += 1
        low, high = behind(shown)
        for known in {low, whole, high}:
            left = values_left(known, bands)
            attacked += len(left)
            least = min(least, *left)
    return attacked, least, said


def _skewed(chance: random.Random) -> list[int]:
    parts = chance.choice((2, 2, 3, 4, 5))
    if chance.random() < 0.3:
        return [chance.choice((0, 1, 7, 8, 12, 13, 17, 18)) for _ in range(parts)]
    usual = chance.choice((2, 6, 15, 60))
    return [min(400, int(chance.expovariate(1 / usual))) for _ in range(parts)]


def test_whoever_knows_districts_exactly_is_left_five_values_of_each_sum_of_parts() -> None:
    attacked, least, said = attack_districts(100_000, seed=3)
    print(
        f"100,000 districts, {said:,} of which something is said, {attacked:,} sums attacked, {least} values at least"
    )
    assert attacked > 300_000
    assert least >= LEAST


@pytest.mark.slow
def test_whoever_knows_a_million_districts_exactly_is_left_five_values_of_each_sum_of_parts() -> None:
    attacked, least, said = attack_districts(1_000_000, seed=4)
    print(
        f"1,000,000 districts, {said:,} of which something is said, {attacked:,} sums attacked, {least} values at least"
    )
    assert least >= LEAST


@dataclass(frozen=True)
class Published:
    """What an attacker has of a world: unknowns are its parts, and of sums of them it is known where they lie."""

    parts: tuple[frozenset[str], ...]
    known: tuple[Known, ...]
    said: frozenset[str]
    """Districts of which something is said about parts."""


def everything(world: World) -> Published:
    """Districts and the whole place as their cube shows them, bands of parts, and the range of each ground."""
    cut = cut_districts(world.grounds, world.area_districts)
    pieces, known, said = [], [], set()
    for district in world.districts:
        shown, own, bands = bands_of(world, district, cut)
        mine = [part.areas for part in own] or [world.areas_in(district)]
        numbers = range(len(pieces), len(pieces) + len(mine))
        pieces += mine
        known.append((list(numbers), behind(shown)))
        known += [([number], band) for number, band in zip(numbers[1:], bands, strict=True)]
        said |= {district} if own and says_something(shown, bands) else set()
    known.append(_whole_place(world, len(pieces)))
    for ground in world.grounds:
        members = [number for number, areas in enumerate(pieces) if areas <= ground]
        known.append((members, span_of_world(world, ground, cut)))
    return Published(tuple(pieces), tuple(known), frozenset(said))


def _whole_place(world: World, unknowns: int) -> Known:
    """The whole place as shown beside its districts; the attacker believes that nobody is in no district."""
    rows = [
        {**NOBODY, "kind": "rtt", "district_code": district, "waiting": world.of(world.areas_in(district))}
        for district in world.districts
    ]
    total = sum(row["waiting"] for row in rows) + world.nowhere
    rows.append({**NOBODY, "kind": "rtt", "district_code": "", "waiting": total})
    place, *parts = publish(CUBE, rows, world.districts)
    spans = plus([behind(part.values["waiting"]) for part in parts])
    low, high = totals_behind(publishable_total, place.values["waiting"], spans)
    return list(range(unknowns)), (low - world.nowhere, high)


def span_of_world(world: World, ground: frozenset[str], cut: Sequence[Part]) -> Span:
    spans = []
    for district in world.districts:
        shown, own, bands = bands_of(world, district, cut)
        spans.append(span_of_ground(ground, world.areas_in(district), own, shown, bands))
    return plus(spans)


def rounded(world: World) -> Published:
    """Districts and grounds, each rounded by itself: what the attacker must be able to break."""
    cut = cut_districts(world.grounds, world.area_districts)
    pieces = []
    for district in world.districts:
        pieces += [part.areas for part in cut if part.district == district] or [world.areas_in(district)]
    told = [*(world.areas_in(district) for district in world.districts), *world.grounds]
    known = [
        ([number for number, areas in enumerate(pieces) if areas <= ground], behind(nearest_five(world.of(ground))))
        for ground in told
    ]
    return Published(tuple(pieces), tuple(known), frozenset(world.districts))


def questions(world: World, published: Published) -> Iterator[list[int]]:
    """Each part; each sum and difference of two published grounds or districts that is not one of whole districts."""
    parts = published.parts
    inside = [world.area_districts[min(areas)] in published.said for areas in parts]
    for number, asked in enumerate(inside):
        if asked:
            yield [int(number == other) for other in range(len(parts))]
    told = [*(world.areas_in(district) for district in world.districts), *world.grounds]
    for one, other in itertools.combinations(told, 2):
        for sign in (1, -1):
            factors = [int(areas <= one) + sign * int(areas <= other) for areas in parts]
            by_district: dict[str, set[int]] = {}
            for areas, factor in zip(parts, factors, strict=True):
                by_district.setdefault(world.area_districts[min(areas)], set()).add(factor)
            if any(len(by_district[district]) > 1 for district in published.said if district in by_district):
                yield factors


def attack_worlds(count: int, seed: int, show=everything) -> tuple[int, int, int]:
    """Return how many questions were asked, how many have fewer than `LEAST` values between, how many just one."""
    chance, asked, few, one = random.Random(seed), 0, 0, 0
    for _ in range(count):
        world = draw_world(chance)
        published = show(world)
        for factors in questions(world, published):
            span = attack(len(published.parts), published.known, factors)
            assert span is not None, "what is true of the world fits what is published of it"
            asked += 1
            few += span[1] - span[0] < LEAST - 1
            one += span[1] == span[0]
    return asked, few, one


def test_nobody_who_reads_all_figures_bounds_a_part_sum_or_difference_to_fewer_than_five() -> None:
    asked, few, _ = attack_worlds(120, seed=5)
    print(f"120 places, {asked} parts, sums and differences asked of an integer program, {few} below {LEAST} values")
    assert asked > 400
    assert few == 0


@pytest.mark.slow
def test_nobody_does_in_many_more_places() -> None:
    asked, few, _ = attack_worlds(5_000, seed=6)
    print(f"5,000 places, {asked} parts, sums and differences asked of an integer program, {few} below {LEAST} values")
    assert few == 0


@pytest.mark.slow
def test_the_attacker_breaks_grounds_that_are_each_rounded() -> None:
    asked, few, one = attack_worlds(60, seed=5, show=rounded)
    print(f"each ground rounded: {few} of {asked} below {LEAST} values, {one} told exactly")
    assert few > 30 and one > 15


@settings(max_examples=200)
@given(st.integers(0, 10**9))
def test_every_ground_lies_in_its_range(seed: int) -> None:
    world = draw_world(random.Random(seed))
    cut = cut_districts(world.grounds, world.area_districts)
    for ground in [*world.grounds, *(world.areas_in(district) for district in world.districts)]:
        low, high = span_of_world(world, ground, cut)
        assert low <= world.of(ground) <= high


def test_a_cut_has_one_piece_for_each_set_of_grounds() -> None:
    areas = {"a": "D", "b": "D", "c": "D", "d": "E", "e": "E"}
    cut = cut_districts([frozenset("ad"), frozenset("ade"), frozenset("b")], areas)
    assert [(part.district, sorted(part.areas), part.is_rest) for part in cut] == [
        ("D", ["a"], True),
        ("D", ["b"], False),
        ("D", ["c"], False),
        ("E", ["d"], True),
        ("E", ["e"], False),
    ]
    assert cut_districts([frozenset("abc"), frozenset("abcde")], areas) == ()


def test_a_ground_is_cut_once() -> None:
    """The court's ground grows by one area: that area would be told apart by this week's figure less last week's."""
    areas = dict.fromkeys("abcdef", "D") | dict.fromkeys("uvw", "E")
    before = cut_districts([frozenset("ab")], areas)
    after = cut_districts([frozenset("abc"), frozenset("u")], areas)
    kept = keep_parts(before, after, areas)
    assert [part for part in kept if part.district == "D"] == list(before)
    assert [part for part in kept if part.district == "E"] == [part for part in after if part.district == "E"]
    assert keep_parts((), after, areas) == after


def test_parts_that_no_longer_lie_in_one_district_are_told_of_no_more() -> None:
    before = cut_districts([frozenset("ab"), frozenset("c")], dict.fromkeys("abcdef", "D"))
    moved = dict.fromkeys("abdef", "D") | {"c": "E", "g": "D", "h": "E"}
    kept = keep_parts(before, cut_districts([frozenset("h")], moved), moved)
    assert {(part.district, part.areas, part.is_rest) for part in kept} == {
        ("D", frozenset("defg"), True),
        ("D", frozenset("ab"), False),
        ("E", frozenset("h"), True),
        ("E", frozenset("c"), False),
    }
    gone = {"a": "D", "b": "D", "d": "F", "e": "F", "f": "F"}
    assert keep_parts(before, (), gone) == (), "with nothing left over they would add up to the district"


def changes_told(count: int, seed: int, keep: bool) -> tuple[int, int]:
    """Publish a place, change each ground, publish again with everybody where they were; attack both together.

    Return how many small areas were asked about, and how many are bounded to fewer than `LEAST` values.
    """
    chance, asked, few = random.Random(seed), 0, 0
    for _ in range(count):
        world = draw_world(chance)
        cuts = [cut_districts(world.grounds, world.area_districts)]
        for _ in range(3):
            anew = cut_districts(draw_grounds(chance, world), world.area_districts)
            cuts.append(keep_parts(cuts[-1], anew, world.area_districts) if keep else anew)
        areas = sorted(world.area_districts)
        known, said = _known_of_areas(world, cuts, areas)
        for number, area in enumerate(areas):
            if world.area_districts[area] in said:
                span = attack(len(areas), known, [int(number == other) for other in range(len(areas))])
                assert span is not None
                asked += 1
                few += span[1] - span[0] < LEAST - 1
    return asked, few


def draw_grounds(chance: random.Random, world: World) -> list[frozenset[str]]:
    """Each ground gains or loses one small area."""
    areas = sorted(world.area_districts)
    return [ground ^ {chance.choice(areas)} for ground in world.grounds]


def _known_of_areas(world: World, cuts: Sequence[Sequence[Part]], areas: Sequence[str]) -> tuple[list[Known], set[str]]:
    places = {area: number for number, area in enumerate(areas)}
    known, said = [], set()
    for cut in cuts:
        for district in world.districts:
            shown, own, bands = bands_of(world, district, cut)
            known.append(([places[area] for area in world.areas_in(district)], behind(shown)))
            for part, band in zip(own[1:], bands, strict=True):
                known.append(([places[area] for area in part.areas], band))
            if own and says_something(shown, bands):
                said.add(district)
    return known, said


def test_grounds_that_change_from_week_to_week_tell_no_small_area() -> None:
    asked, few = changes_told(60, seed=7, keep=True)
    print(f"60 places over four weeks of changing grounds: {asked} small areas asked, {few} below {LEAST} values")
    assert asked > 100
    assert few == 0


def test_the_attacker_breaks_parts_that_are_cut_anew_each_week() -> None:
    """The same places with kept parts: what is told is told by the cuts, and by nothing else of the places."""
    asked, few = changes_told(60, seed=8, keep=False)
    print(f"cut anew each week: {few} of {asked} small areas below {LEAST} values")
    assert few > 5
    assert changes_told(60, seed=8, keep=True) == (asked, 0)


def test_not_even_joining_parts_may_be_published_beside_what_was_kept() -> None:
    """Why nothing is cut anew, not coarser either: of 12 and 7 their sum alone tells one part to two values."""
    shown = publishable_count(60)
    apart, joined = publishable_parts(shown, [12, 7]), publishable_parts(shown, [19])
    known: list[Known] = [([0, 1, 2], behind(shown)), ([1], apart[0]), ([2], apart[1])]
    alone = attack(3, known, [0, 1, 0])
    assert alone is not None and alone[1] - alone[0] >= LEAST - 1
    assert attack(3, [*known, ([1, 2], joined[0])], [0, 1, 0]) == (11, 12)


def test_the_room_left_is_that_of_a_suppressed_count() -> None:
    assert SPARE == 7 and LEAST == 5
