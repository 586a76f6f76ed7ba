"""The past of a queue, as published: an attacker who reads all of it learns nothing about today's figures."""

from __future__ import annotations

import random
import statistics
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from braid.trust.cubes import WAITS_BY_KIND_AND_DISTRICT, WHOLE_PLACE, Cell, publish
from braid.trust.disclosure import (
    possible_counts,
    possible_sizes,
    publishable_count,
    publishable_size,
    publishable_time_share,
)
from braid.trust.durations import publish_durations
from braid.trust.sizes import Known, fill_in_sizes, find_known, reckon_additions, show_additions

FAR = 10**6
WEEKS = range(1, 27)
Wait = tuple[int, int | None]
"""Days back on which somebody came, and on which they left, if they did."""
Bounds = dict[str, list[int]]


@dataclass
class Queue:
    """Waits of a whole place, counted one by one, with a limit in days or none."""

    waits: list[Wait]
    limit: int | None
    districts: list[int]
    """Of each wait the district, or -1."""

    def size(self, days: int) -> int:
        return sum(came >= days and (left is None or left < days) for came, left in self.waits)

    def additions(self) -> int:
        return sum(came < 91 for came, _ in self.waits)

    def row(self, district: int | None = None) -> dict[str, object]:
        mine = [wait for wait, of in zip(self.waits, self.districts, strict=True) if district in (None, of)]
        waiting = [came for came, left in mine if left is None]
        ended = [came - left for came, left in mine if left is not None and left < 91]
        limit = self.limit or 0
        return {
            "kind": "rtt",
            "district_code": None if district is None else f"D{district}",
            "waiting": len(waiting),
            "median_days": statistics.median(waiting) if waiting else None,
            "open_p92_days": percentile(waiting),
            "over_year": sum(days > 365 for days in waiting),
            "with_limit": len(waiting) if self.limit else 0,
            "within_limit": sum(days <= limit for days in waiting),
            "completed": len(ended),
            "completed_median_days": statistics.median(ended) if ended else None,
            "completed_p92_days": percentile(ended),
            "completed_with_limit": len(ended) if self.limit else 0,
            "completed_within": sum(days <= limit for days in ended),
            "also_elsewhere": len(waiting) // 3,
        }

    def published(self) -> tuple[Cell, dict[str, int | None]]:
        districts = sorted({of for of in self.districts if of >= 0})
        rows = [self.row(), *(self.row(district) for district in districts)]
        cells = publish(WAITS_BY_KIND_AND_DISTRICT, rows, [f"D{district}" for district in districts])
        return cells[0], dict(publish_durations([self.row()], cells)[0].values)


def percentile(numbers: list[int]) -> float | None:
    if not numbers:
        return None
    ordered, at = sorted(numbers), 0.92 * (len(numbers) - 1)
    low, part = int(at), at - int(at)
    return ordered[low] + part * (ordered[min(low + 1, len(ordered) - 1)] - ordered[low])


def queues(count: int, seed: int) -> Iterator[Queue]:
    """Queues of every temper: few who leave, all new, none new, growing, falling, old; of sizes around the limits."""
    chance = random.Random(seed)
    for _ in range(count):
        many = chance.choice((15, 40, 110, 110, 180, 400))
        span = chance.choice((60, 100, 200, 500, 1200))
        leaving, quiet = chance.choice((0.0, 0.02, 0.1, 0.3, 0.6)), chance.choice((0, 0, 0, 40, 95))
        waits: list[Wait] = []
        for _ in range(many):
            came = quiet + chance.randrange(span)
            left = chance.choice((chance.randrange(came + 1), chance.randrange(min(came, 91) + 1)))
            waits.append((came, left if chance.random() < leaving else None))
        districts = [chance.choice((-1, 0, 0, 1, 2)) for _ in waits]
        yield Queue(waits, chance.choice((None, 42, 126)), districts)


@dataclass
class Attacker:
    """Knows who leads to what, week by week, and narrows each number until nothing narrows any more.

    W, C, O: who waits, left in 91 days, waits over a year. M: who waits and did so that week already; F: who left in 91
    days and waited that week; L: who left since. S: the size that week; A: who came in 91 days.
    """

    bounds: Bounds = field(default_factory=dict)
    rules: list[tuple[dict[str, int], int]] = field(default_factory=list)

    def know(self, name: str, low: int, high: int) -> None:
        found = self.bounds.setdefault(name, [0, FAR])
        found[:] = [max(found[0], low), min(found[1], high)]

    def at_least(self, more: Mapping[str, int], less: Mapping[str, int], short: int = 0) -> None:
        """The sum of `more`, each by its factor, falls short of that of `less` by `short` at most."""
        for name in (*more, *less):
            self.bounds.setdefault(name, [0, FAR])
        rule = dict(less)
        for name, factor in more.items():
            rule[name] = rule.get(name, 0) - factor
        self.rules.append((rule, short))

    def narrow(self) -> Bounds:
        moved = True
        while moved:
            moved = sum(self._apply(*rule) for rule in self.rules) > 0
        return self.bounds

    def _apply(self, rule: dict[str, int], most: int) -> bool:
        """The sum is at most so many: each part is at most what the least of the others leaves."""
        least = {name: factor * self.bounds[name][factor < 0] for name, factor in rule.items()}
        whole, moved = sum(least.values()) - most, False
        for name, factor in rule.items():
            room, found = least[name] - whole, self.bounds[name]
            if factor > 0 and found[1] > room // factor:
                found[1], moved = room // factor, True
            elif factor < 0 and found[0] < -(room // -factor):
                found[0], moved = -(room // -factor), True
        return moved


def read_today(cell: Cell, durations: Mapping[str, int | None], limit: int | None) -> Attacker:
    """What anybody knows of a queue from today's figures, and how its weeks hang together."""
    attacker = Attacker()
    for name, measure in (("W", "waiting"), ("C", "completed"), ("O", "over_year")):
        attacker.know(name, *cell.spans[measure])
    attacker.at_least({"W": 1}, {"O": 1})
    for week in WEEKS:
        m, f, s, left = f"M{week}", f"F{week}", f"S{week}", f"L{week}"
        attacker.at_least({"W": 1}, {m: 1})
        attacker.at_least({m: 1}, {"O": 1})
        attacker.at_least({s: 1}, {m: 1, f: 1})
        attacker.at_least({"C": 1}, {f: 1})
        if week <= 13:
            attacker.at_least({m: 1, f: 1}, {s: 1})
            attacker.at_least({left: 1}, {f: 1})
            attacker.at_least({"C": 1}, {left: 1})
        lasted(attacker, "W", m, {**cell.values, **durations}, ("median_days", "p92_days"), 7 * week, lower=True)
        if week >= 13:
            names = ("completed_median_days", "completed_p92_days")
            lasted(attacker, "C", f, dict(durations), names, 7 * week, lower=False)
    for newer, older in pairwise(WEEKS):
        attacker.at_least({f"M{newer}": 1}, {f"M{older}": 1})
        attacker.at_least({f"F{newer}": 1, f"L{older}": 1}, {f"F{older}": 1, f"L{newer}": 1})
        attacker.at_least({f"L{older}": 1}, {f"L{newer}": 1})
        for oldest in range(older, 14):
            attacker.at_least({f"S{newer}": 1, f"L{oldest}": 1}, {f"S{oldest}": 1, f"L{newer}": 1})
    attacker.at_least({"A": 1, "S13": 1}, {"W": 1, "C": 1})
    attacker.at_least({"W": 1, "C": 1}, {"A": 1, "S13": 1})
    for week in range(1, 14):
        attacker.at_least({"A": 1, f"S{week}": 1}, {"W": 1})
        attacker.at_least({"A": 1, f"M{week}": 1}, {"W": 1})
    past_limit(attacker, cell, limit)
    return attacker


def lasted(attacker, whole, part, values, names, days, *, lower: bool) -> None:
    """Half waited for the median or longer, 8 in 100 for the percentile or longer, 92 for it or less long."""
    for name, of_hundred in zip(names, (50, 8), strict=True):
        shown = values.get(name)
        if shown is None:
            continue
        if days <= shown - 2.5:
            attacker.at_least({part: 100}, {whole: of_hundred}, short=8)
        if lower and days > shown + 2.5:
            attacker.at_least({whole: of_hundred}, {part: 100}, short=92)


def past_limit(attacker: Attacker, cell: Cell, limit: int | None) -> None:
    """A share says that at least one is past the limit and one within it, and how many to each hundred."""
    share = cell.values["within_share"]
    if limit is None or share is None:
        return
    for week in WEEKS:
        if 7 * week <= limit:
            attacker.know(f"M{week}", max(1, cell.spans["waiting"][0] * (100 - share) // 100 - 8), FAR)


def attack(queue: Queue, known: Known, fill=fill_in_sizes, show=show_additions) -> tuple[Bounds, Bounds]:
    """Return what the attacker knows without the past, and with it."""
    cell, durations = queue.published()
    before = read_today(cell, durations, queue.limit)
    after = read_today(cell, durations, queue.limit)
    sizes = fill([(7 * week, queue.size(7 * week)) for week in WEEKS], known)
    for days, size in sizes:
        after.know(f"S{days // 7}", *possible_sizes(size))
    if not any(abs(days - 91) <= 3 for days, _ in sizes):
        additions = show(queue.additions(), cell, known, sizes)
        if additions is not None:
            after.know("A", *possible_counts(additions))
    return before.narrow(), after.narrow()


def lost(before: Bounds, after: Bounds) -> int:
    """How many numbers of today the past rules out."""
    return sum(after[name][0] - before[name][0] + before[name][1] - after[name][1] for name in "WCO")


def test_the_past_rules_no_number_of_today_out() -> None:
    shown = 0
    for queue in queues(200, seed=1):
        known = find_known(*queue.published(), queue.limit)
        before, after = attack(queue, known)
        for name in "WCO":
            assert after[name] == before[name], (queue, name)
        shown += after["S13"] != before["S13"] or after["A"] != before["A"]
    print(f"of 200 queues the past of {shown} is published in part")
    assert shown > 50


@pytest.mark.slow
def test_the_past_of_five_thousand_queues_rules_no_number_of_today_out() -> None:
    told = sum(lost(*attack(queue, find_known(*queue.published(), queue.limit))) for queue in queues(5_000, seed=2))
    assert told == 0


def test_the_attacker_learns_from_a_past_that_is_only_rounded() -> None:
    def rounded(weeks, _known):
        sizes = [(days, publishable_size(size)) for days, size in weeks]
        return tuple((days, size) for days, size in sizes if size is not None)

    def counted(exact, _cell, _known, _kept):
        return publishable_count(exact)

    told = []
    for queue in queues(200, seed=1):
        known = find_known(*queue.published(), queue.limit)
        told.append(lost(*attack(queue, known, rounded, counted)))
    print(f"rounded alone, the past rules numbers out in {sum(map(bool, told))} of {len(told)} queues")
    assert sum(map(bool, told)) > 5


def test_the_attacker_is_right() -> None:
    """The true numbers of every queue are among those that the attacker leaves."""
    for queue in queues(100, seed=3):
        known = find_known(*queue.published(), queue.limit)
        _, after = attack(queue, known)
        row = queue.row()
        true = {"W": row["waiting"], "C": row["completed"], "O": row["over_year"], "A": queue.additions()}
        true |= {f"S{week}": queue.size(7 * week) for week in WEEKS}
        true |= {f"M{week}": sum(c >= 7 * week and left is None for c, left in queue.waits) for week in WEEKS}
        for name, number in true.items():
            assert after[name][0] <= number <= after[name][1], (name, number, after[name])


@given(st.integers(0, 3000))
def test_a_past_size_is_to_the_nearest_ten_from_a_hundred_on(exact: int) -> None:
    shown = publishable_size(exact)
    assert (shown is None) == (exact < 95)
    if shown is not None:
        assert shown % 10 == 0
        low, high = possible_sizes(shown)
        assert low <= exact <= high and high - low == 9
        assert [publishable_size(number) for number in range(low - 1, high + 2)][1:-1] == [shown] * 10


def queue_of(waiting: int, completed: int, **values: int | None) -> Known:
    names = ("median_days", "within_share", "completed_within_share")
    spans = {"waiting": (waiting - 2, waiting + 2), "completed": (completed - 2, completed + 2), "over_year": (0, 12)}
    shown = {**dict.fromkeys(names), **values}
    durations = dict.fromkeys(("p92_days", "completed_median_days", "completed_p92_days"))
    return find_known(Cell("rtt", WHOLE_PLACE, shown, spans), {**durations, **values}, 126)


def test_a_queue_that_nobody_leaves_shows_no_past() -> None:
    """All who waited then wait now: its past size would be a second count of some who wait today."""
    weeks = [(7 * week, 300) for week in range(1, 14)]
    assert fill_in_sizes(weeks, queue_of(300, 5)) == ()
    assert [days for days, _ in fill_in_sizes(weeks, queue_of(300, 60))] == [days for days, _ in weeks]


def test_all_who_came_lately_are_not_counted_twice() -> None:
    """Where everybody came in these weeks, additions are waiting and completed together, which are published."""

    def shown(exact, waiting, completed, kept=(), **values):
        cell = Cell("rtt", WHOLE_PLACE, {"waiting": waiting, "completed": completed})
        return show_additions(exact, cell, queue_of(waiting, completed, **values), kept)

    assert shown(70, 40, 30) is None
    assert shown(40, 40, 30) == 40
    assert shown(None, 40, 30) is None
    assert shown(45, 40, 30, median_days=200) is None, "half were there 91 days ago"
    assert shown(22, 40, 60, median_days=30) is None, "half came since"
    assert shown(25, 40, 60, median_days=30) == 25
    assert shown(25, 40, 60, kept=[(30, 20)]) is None, "the queue grew by as many"
    assert shown(25, 40, 60, kept=[(30, 35)]) == 25
    assert shown(25, 40, 60, kept=[(94, 80), (30, 35)]) == 20, "of published figures, as one of then was published"
    assert shown(25, 40, 60, kept=[(91, None), (90, 80)]) is None


def test_additions_between_two_published_sizes_are_reckoned_of_what_was_published() -> None:
    assert reckon_additions(2670, 1900, 650) == 1420
    assert reckon_additions(100, 140, 35) == 0
    assert (
        reckon_additions(None, 140, 35) is reckon_additions(100, None, 35) is reckon_additions(100, 140, None) is None
    )


@pytest.mark.parametrize(
    ("share", "people", "bases", "shown"),
    [
        (0.193, 290, (1180, 310), 20),
        (0.0, 290, (1180, 310), 5),
        (1.0, 290, (1180, 310), 95),
        (0.5, 13, (20, 20), 50),
        (0.5, 12, (20, 20), None),
        (0.5, 13, (15, 20), None),
        (0.5, 13, (20, None), None),
    ],
)
def test_a_share_of_time_says_nothing_of_nobody_of_everybody_or_of_few(share, people, bases, shown) -> None:
    assert publishable_time_share(share, people, bases) == shown
