"""Disclosure control by its own definition and against an attacker; the cube as a whole."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from braid.trust.cubes import CUBES, WAITS_BY_KIND_AND_DISTRICT, WHOLE_PLACE, Rule, publish
from braid.trust.disclosure import (
    possible_counts,
    publishable_count,
    publishable_median,
    publishable_share,
    publishable_total,
)
from trust.table_attacker import (
    Span,
    attack_pairs,
    attack_sum,
    behind,
    nearest_five,
    plus,
    totals_behind,
)

CUBE = WAITS_BY_KIND_AND_DISTRICT
DISTRICT_COUNTS = (1, 2, 2, 3, 3, 4, 5, 6, 8, 12)


def test_counts_are_zero_suppressed_or_rounded_to_five() -> None:
    """Each small count, since it is among them that one is suppressed: what is drawn at random may miss all seven."""
    for exact in range(300):
        assert publishable_count(exact) == nearest_five(exact)
        check_range_of(exact)


@given(st.integers(300, 100_000))
def test_large_counts_are_rounded_to_five(exact: int) -> None:
    assert publishable_count(exact) is not None
    check_range_of(exact)


def check_range_of(exact: int) -> None:
    shown = publishable_count(exact)
    if shown is not None:
        assert shown % 5 == 0 and abs(shown - exact) <= 2
    low, high = possible_counts(shown)
    assert low <= exact <= high
    assert {publishable_count(low), publishable_count(high)} == {shown}
    assert publishable_count(high + 1) != shown and (low == 0 or publishable_count(low - 1) != shown)


def test_a_count_below_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="below zero"):
        publishable_count(-1)


@given(st.none() | st.integers(0, 400).map(lambda n: 5 * n), st.none() | st.integers(0, 400).map(lambda n: 5 * n))
def test_a_share_is_of_shown_counts_and_never_of_nobody_or_everybody(part: int | None, rest: int | None) -> None:
    share = publishable_share(part, rest)
    if not part or not rest:
        assert share is None
    else:
        assert share == round(100 * part / (part + rest))


@pytest.mark.parametrize("base", [None, 0, 10, 15, 500])
def test_medians_need_a_published_base_and_are_no_ones_own(base: int | None) -> None:
    shown = [publishable_median(days / 2, base) for days in range(2000)]
    if base is None or base < 15:
        assert set(shown) == {None}
    else:
        assert all(each is not None and each % 5 == 0 for each in shown)
        assert max(abs(each - days / 2) for days, each in enumerate(shown) if each is not None) <= 2.5


def tables(count: int, seed: int) -> Iterator[tuple[list[int], list[int], int, int]]:
    """Random rows of districts, counts and of them some, with totals; skewed to small numbers and to the limits."""
    chance = random.Random(seed)
    for _ in range(count):
        size = chance.choice(DISTRICT_COUNTS)
        wholes = [_number(chance) for _ in range(size)]
        if chance.random() < 0.2:
            wholes = [chance.choice((1, 1, 7, 8, 12, 13)) for _ in range(size)]
        somes = [_of(chance, whole) for whole in wholes]
        hidden = chance.choice((0, 0, 0, 1, 2, 6, 15))
        yield wholes, somes, sum(wholes) + hidden, sum(somes) + _of(chance, hidden)


def _number(chance: random.Random) -> int:
    return min(int(chance.expovariate(1 / chance.choice((2, 6, 15, 60)))), 400)


def _of(chance: random.Random, whole: int) -> int:
    """Few, all, or any number of them."""
    return chance.choice((min(1, whole), whole, chance.randint(0, whole)))


NOBODY = dict.fromkeys((*CUBE.columns, "median_days"), 0)


def published(wholes: Sequence[int], somes: Sequence[int], whole: int, some: int) -> list[dict[str, int | None]]:
    """The cells of `waiting` and `over_year` as the cube publishes them, the whole place first."""
    numbers = [("", whole, some), *((str(n), *pair) for n, pair in enumerate(zip(wholes, somes, strict=True)))]
    rows = [
        {**NOBODY, "kind": "rtt", "district_code": code, "waiting": waiting, "over_year": over}
        for code, waiting, over in numbers
    ]
    return [dict(cell.values) for cell in publish(CUBE, rows, [code for code, *_ in numbers[1:]])]


def rounded(wholes: Sequence[int], somes: Sequence[int], whole: int, some: int) -> list[dict[str, int | None]]:
    """The same, each number rounded by itself: what the attacker must be able to break."""
    pairs = [(whole, some), *zip(wholes, somes, strict=True)]
    return [{"waiting": publishable_count(one), "over_year": publishable_count(other)} for one, other in pairs]


FOUND = (
    ([1, 37, 8], [0, 37, 0], 47, 38),
    ([7, 8, 1], [7, 0, 0], 17, 8),
    ([1, 8, 1, 7], [1, 0, 0, 7], 17, 8),
    ([12, 1, 8, 13, 13, 1, 12, 12], [12, 1, 8, 0, 13, 0, 12, 12], 72, 58),
    ([5, 5, 8, 1, 1, 1, 6, 49], [5, 5, 0, 1, 1, 0, 6, 49], 77, 68),
)
"""Tables that gave a cell away while each total had room beside its own parts alone: what is left of a total when the
one counted among it is taken off has parts too."""


def bounded_cells(count: int, seed: int, show=published) -> tuple[int, int]:
    """Return how many cells of 1 to 7 were hidden in `count` tables, and how many the attacker bounds to one value."""
    hidden = bounded = 0
    for table in tables(count, seed):
        values = attacked(*table, show)
        hidden += len(values)
        bounded += sum(len(found) < 2 for found in values)
    return hidden, bounded


def attacked(wholes: list[int], somes: list[int], whole: int, some: int, show=published) -> list[list[int]]:
    """What the attacker leaves of each hidden cell, first with people in no district, then believing there are none."""
    place, *parts = show(wholes, somes, whole, some)
    rows = [[part[name] for part in parts] for name in ("waiting", "over_year")]
    totals = what_totals_say(rows, place["waiting"], place["over_year"], joined=show is published)
    found = [attack_pairs(*rows, *totals, alone) or () for alone in (False, True)]
    return [values for cells in found for _, _, values in cells]


@pytest.mark.parametrize("table", FOUND)
def test_tables_that_once_gave_a_cell_away_do_so_no_more(table: tuple[list[int], list[int], int, int]) -> None:
    assert min(len(values) for values in attacked(*table)) >= 2
    assert min(len(values) for values in attacked(*table, rounded)) < 2


def what_totals_say(
    rows: list[list[int | None]], whole: int | None, some: int | None, joined: bool
) -> tuple[Span, Span]:
    """The range of each total. That of the whole is shown with regard to the other one, which anybody can follow."""
    if not joined:
        return behind(whole), behind(some)
    spans = [[behind(shown) for shown in row] for row in rows]
    somes = totals_behind(publishable_total, some, plus(spans[1]))
    rests = plus([(max(0, w[0] - s[1]), w[1] - s[0]) for w, s in zip(*spans, strict=True)])
    own = plus(spans[0])
    known = (max(own[0], somes[0] + rests[0]), min(own[1], somes[1] + rests[1]))
    return totals_behind(publishable_total, whole, known, own[0]), somes


def test_no_hidden_cell_is_bounded_to_one_value() -> None:
    hidden, bounded = bounded_cells(20_000, seed=1)
    print(f"20,000 tables, {hidden:,} hidden cells attacked, {bounded} bounded to one value")
    assert hidden > 50_000
    assert bounded == 0


@pytest.mark.slow
def test_no_hidden_cell_of_a_million_tables_is_bounded_to_one_value() -> None:
    hidden, bounded = bounded_cells(1_000_000, seed=2)
    print(f"1,000,000 tables, {hidden:,} hidden cells attacked, {bounded} bounded to one value")
    assert bounded == 0


def test_the_attacker_breaks_totals_that_are_only_rounded() -> None:
    hidden, bounded = bounded_cells(4_000, seed=1, show=rounded)
    print(f"rounded totals alone: {bounded} of {hidden:,} hidden cells bounded to one value")
    assert bounded > 50


def test_the_attacker_finds_the_example_of_the_docstring() -> None:
    shown = [publishable_count(n) for n in (8, 8, 1)]
    assert attack_sum([behind(each) for each in shown], behind(publishable_count(17)), False) == [
        (8, 8),
        (8, 8),
        (1, 1),
    ]
    span = plus([behind(each) for each in shown])
    mended = totals_behind(publishable_total, publishable_total(17, span), span)
    assert attack_sum([behind(each) for each in shown], mended, False) == [(8, 12), (8, 12), (1, 6)]


def test_the_attacker_agrees_with_trying_every_table() -> None:
    """Two districts, numbers up to 13: the attacker's values are those of every table that is published alike."""
    worlds: dict[tuple[object, ...], list[tuple[int, ...]]] = {}
    few = (0, 1, 2, 7, 8, 9, 12)
    for a, b, hidden in itertools.product(range(14), range(14), (0, 1, 3)):
        for c, d in itertools.product(range(a + 1), range(b + 1)):
            row, other = [publishable_count(a), publishable_count(b)], [publishable_count(c), publishable_count(d)]
            key = (*row, *other, *_shown_totals(row, other, a + b + hidden, c + d))
            worlds.setdefault(key, []).append((a, b, c, d))
    assert len(worlds) > 100
    for wholes in itertools.product(few, few):
        somes = [whole // 2 for whole in wholes]
        row, other = [publishable_count(n) for n in wholes], [publishable_count(n) for n in somes]
        key = (*row, *other, *_shown_totals(row, other, sum(wholes), sum(somes)))
        spans = [plus([behind(each) for each in each_row]) for each_row in (row, other)]
        totals = [totals_behind(publishable_total, key[4 + side], spans[side]) for side in (0, 1)]
        found = attack_pairs(row, other, *totals, False, enough=9)
        assert found is not None
        for name, index, values in found:
            tried = {world[index + (2 if name == "some" else 0)] for world in worlds[key]}
            assert tried <= set(values)
            assert set(values) - tried == set() or max(values) > max(tried), (key, name, index)


def _shown_totals(row: Sequence[int | None], other: Sequence[int | None], whole: int, some: int) -> tuple[object, ...]:
    return tuple(
        publishable_total(total, plus([behind(each) for each in shown]))
        for shown, total in ((row, whole), (other, some))
    )


def spans_of(numbers: Sequence[int], total: int) -> list[Span]:
    """What the attacker makes of a row and its total: each part, then the total."""
    shown = [behind(publishable_count(number)) for number in numbers]
    whole = totals_behind(publishable_total, publishable_total(total, plus(shown)), plus(shown))
    found = attack_sum(shown, whole, False)
    assert found is not None
    return [*found, whole]


def revealing_pairs(count: int, seed: int) -> tuple[int, int]:
    """Publish tables, move one person, publish again; return the pairs of cells and those that show one person."""
    chance, compared, revealed = random.Random(seed), 0, 0
    for numbers, _, total, _ in tables(count, seed):
        after, moved = list(numbers), chance.randrange(len(numbers))
        step = chance.choice((1, -1)) if numbers[moved] else 1
        after[moved] += step
        for before, now in zip(spans_of(numbers, total), spans_of(after, total + step), strict=True):
            changes = (now[0] - before[1], now[1] - before[0])
            compared += 1
            revealed += changes in ((1, 1), (-1, -1)) or (changes[0] == changes[1] != 0)
    return compared, revealed


def test_no_pair_of_weeks_reveals_one_person() -> None:
    compared, revealed = revealing_pairs(20_000, seed=3)
    print(f"{compared:,} pairs of published cells one person apart, {revealed} reveal it")
    assert compared > 50_000 and revealed == 0


@pytest.mark.slow
def test_no_pair_of_weeks_of_a_million_tables_reveals_one_person() -> None:
    compared, revealed = revealing_pairs(1_000_000, seed=4)
    print(f"{compared:,} pairs of published cells one person apart, {revealed} reveal it")
    assert revealed == 0


def test_every_change_between_two_published_counts_leaves_five_values() -> None:
    """What a week-on-week difference may say: nothing finer than five neighbouring numbers, or that both were 0."""
    shown = [None, *range(0, 200, 5)]
    shown.remove(5)
    for before, now in itertools.product(shown, shown):
        one, other = behind(before), behind(now)
        changes = (other[1] - one[0]) - (other[0] - one[1]) + 1
        assert changes >= 5 or before == now == 0


@st.composite
def exact_rows(draw: st.DrawFn) -> tuple[list[dict[str, object]], list[str]]:
    """Exact rows of one kind: districts, then the place with what no district holds."""
    districts = [f"D{number}" for number in range(draw(st.integers(0, 6)))]
    rows: list[dict[str, object]] = [_exact(draw, district) for district in [*districts, "nowhere"]]
    whole: dict[str, object] = {"kind": "rtt", "district_code": "", "median_days": 100.4}
    for column in CUBE.columns:
        if column != "median_days":
            whole[column] = sum(int(str(row[column])) for row in rows)
    return [*rows[:-1], whole], districts


def _exact(draw: st.DrawFn, district: str) -> dict[str, object]:
    small = st.integers(0, 20) | st.integers(0, 300)
    waiting, completed = draw(small), draw(small)
    with_limit, ended = draw(st.integers(0, waiting)), draw(st.integers(0, completed))
    return {
        "kind": "rtt",
        "district_code": district,
        "waiting": waiting,
        "median_days": 100.4,
        "with_limit": with_limit,
        "within_limit": draw(st.integers(0, with_limit)),
        "over_year": draw(st.integers(0, waiting)),
        "also_elsewhere": draw(st.integers(0, waiting)),
        "completed": completed,
        "completed_with_limit": ended,
        "completed_within": draw(st.integers(0, ended)),
    }


@given(exact_rows())
def test_the_cube_holds_together(made: tuple[list[dict[str, object]], list[str]]) -> None:
    rows, districts = made
    cells = publish(CUBE, rows, districts)
    assert cells == publish(CUBE, list(reversed(rows)), districts), "the same table twice is the same table"
    assert [cell.district for cell in cells] == [WHOLE_PLACE, *districts]
    exact = {str(row["district_code"]): row for row in rows}
    for cell in cells:
        values = cell.values
        assert list(values) == [measure.name for measure in CUBE.measures]
        for measure in CUBE.measures:
            value = values[measure.name]
            if measure.rule is Rule.COUNT:
                number = int(str(exact[cell.district][measure.columns[0]]))
                assert not (1 <= number <= 7 and value is not None)
                assert (number == 0) == (value == 0)
                assert value is None or (value % 5 == 0 and abs(value - number) <= (7 if not cell.district else 2))
            elif measure.rule is Rule.SHARE:
                base = values[measure.base]
                assert value is None or (0 < value < 100 and base is not None and base >= 15)
            else:
                base = values[measure.base]
                assert (value is None) == (base is None or base < 15)
        for part in ("over_year", "also_elsewhere"):
            shown, whole = values[part], values["waiting"]
            assert shown is None or whole is None or shown <= whole
            assert whole is not None or not shown
    shares_hold(cells, exact, districts)


def shares_hold(cells, exact, districts) -> None:
    """A strong attacker is told the published counts behind every share; the hidden ones still keep five values."""
    place, *parts = cells
    for measure in CUBE.measures:
        if measure.rule is not Rule.SHARE or place.values[measure.name] is None:
            continue
        for side in (0, 1):
            spans = []
            for cell in parts:
                part, whole = (int(str(exact[cell.district][column])) for column in measure.columns)
                hidden = (0, behind(cell.values[measure.base])[1])
                known = behind(publishable_count((part, whole - part)[side]))
                spans.append(hidden if cell.values[measure.name] is None else known)
            part, whole = (int(str(exact[WHOLE_PLACE][column])) for column in measure.columns)
            shown = publishable_total((part, whole - part)[side], plus(spans))
            total = totals_behind(publishable_total, shown, plus(spans))
            for alone in (False, True):
                for before, found in zip(spans, attack_sum(spans, total, alone) or spans, strict=True):
                    assert found[1] - found[0] >= min(4, before[1] - before[0])


def test_cubes_are_data_and_each_number_is_in_one_total() -> None:
    """Two cubes count, different things: waits of a kind, and waits that an action would move."""
    assert list(CUBES) == [
        *("waits_by_kind_and_district", "how_long_by_kind"),
        *("additions_by_kind", "sizes_by_kind_and_day", "overlap_by_kinds", "what_frees_most"),
        *("outcomes_by_period", "outcomes_by_district"),
    ]
    totals = [dimension.name for cube in CUBES.values() for dimension in cube.dimensions if dimension.total]
    assert totals == ["district_code", "backlog"]
    counting = [cube for cube in CUBES.values() if any(m.rule is Rule.COUNT for m in cube.measures)]
    assert [cube.id for cube in counting] == [CUBE.id, "what_frees_most"]
    counts = {measure.name for measure in CUBE.measures if measure.rule is Rule.COUNT and not measure.base}
    for cube in CUBES.values():
        totals = [dimension.name for dimension in cube.dimensions if dimension.total]
        assert len(totals) == (1 if cube in counting else 0)
        counts = {m.name for m in (*CUBE.measures, *cube.measures) if m.rule is Rule.COUNT and not m.base}
        sums = {m.name for m in cube.measures if m.rule is Rule.COUNT}
        assert {m.base for m in cube.measures if m.base} <= counts | sums
