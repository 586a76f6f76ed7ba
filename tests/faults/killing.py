"""Ending a way at points drawn from a seed, doing it again, and holding the end against one that nobody disturbed.

A `Way` is something that Braid does: it can be put to its beginning, done, done again as it is where Braid is at home,
and its state read as plain facts. What two undisturbed courses do not share (times, drawn ids, sealed bytes, numbers of
a sequence) is found by comparing two of them, and counts only as there or not there.
"""

from __future__ import annotations

import os
import random
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from faults.forked import FAILED, begin, end_of, in_fork
from faults.points import AFTER, AMID, BEFORE, Count, Ending, end_process, watch

ONE = "BRAID_FAULT"
"""Names one fault to be posed again, as `way:kind:seed:number`."""
KILL = "kill"
"""The process itself is ended, at any point; whatever else is struck is struck at a journey to the server."""
MOMENTS = (BEFORE, AMID, AFTER)
LONGEST_PAUSE = 0.004
"""Seconds into a statement at which one of its moments is drawn."""
Rows = Counter[tuple[Any, ...]]
State = dict[str, list[dict[str, Any]]]


class Way(ABC):
    """Something that Braid does, which is ended in the middle."""

    name: str
    folders: tuple[Path, ...] = ()
    """Whose files count as points."""
    is_whole: bool = True
    """Whether it is one transaction: between an end and doing it again there is all of it or nothing."""
    may_differ: frozenset[str] = frozenset()
    """Tables, or `table.column`, that may hold the traces of a second try: how often it was tried, and when."""

    @abstractmethod
    def begin(self) -> None:
        """Put the world to where the way begins; in the process that ends others."""

    @abstractmethod
    def act(self) -> None:
        """Do it; in the process that is ended."""

    @abstractmethod
    def again(self) -> None:
        """Do it again until it is done, as whoever it failed for would; in the process that ends others."""

    @abstractmethod
    def state(self) -> State:
        """Return everything that there is, as rows by table."""

    def is_trace(self, _table: str, _row: dict[str, Any]) -> bool:
        """Whether a row is on record for each try and not for what came of it."""
        return False

    def jolt(self) -> None:  # noqa: B027 - a way may have nothing to do here, nor below
        """Change what is drawn by chance or counted up, so that it is not taken for a fact."""

    def check(self) -> None:  # noqa: B027
        """Raise `AssertionError` where something is half done or the record does not hold; at any moment."""

    def after_end(self) -> None:  # noqa: B027
        """Wait until nothing of the process that was ended is at work any more."""

    def revive(self) -> None:  # noqa: B027
        """Bring the server back that a strike ended, or wait until it answers."""


@dataclass
class Course:
    """What was done to a way and what came of it."""

    way: str
    kind: str
    seed: int
    points: int = 0
    ended: int = 0
    """How often it was ended in the middle."""
    finished: int = 0
    """How often it was done before the end came."""
    whole: int = 0
    """How often all of it stood when it was ended."""
    faults: list[str] = field(default_factory=list)
    where: Counter[str] = field(default_factory=Counter)

    def line(self) -> str:
        """Return it as one line of a report."""
        return (
            f"{self.way} by {self.kind}: {self.points} points, seed {self.seed}, {self.ended} ended in the middle,"
            f" {self.finished} were done before, {self.whole} stood whole when ended, {len(self.faults)} faults"
        )


def end_often(way: Way, seed: int, times: int, kind: str = KILL, strike: Callable[[Any], None] = end_process) -> Course:
    """End a way `times` times at points drawn from `seed`; return what came of it.

    Each draw is a random generator of its own, seeded by way, kind, seed and number: one of them can be posed again
    alone. Runs in a process that nothing else uses, since it ends others and changes the database.
    """
    course = Course(way.name, kind, seed)
    truth = Truth.of(way)
    points = _count(way)
    course.points = len(points)
    may = [at for at, point in enumerate(points, 1) if kind == KILL or point.startswith("sql ")]
    for number in _numbers(way.name, kind, seed, times):
        drawn = random.Random(f"{way.name}:{kind}:{seed}:{number}")
        at, when = drawn.choice(may), drawn.choice(MOMENTS)
        ending = Ending(at, when, drawn.uniform(0, LONGEST_PAUSE), strike)
        place = f"point {at} of {len(points)} ({points[at - 1]}, {when})"
        try:
            _pose(way, ending, truth, course)
        except AssertionError as fault:
            again = f"{ONE}={way.name}:{kind}:{seed}:{number}"
            course.faults.append(f"{place}: {fault}\n  pose it again with {again}")
        course.where[points[at - 1]] += 1
    return course


def _numbers(name: str, kind: str, seed: int, times: int) -> Iterable[int]:
    asked = os.environ.get(ONE, "").split(":")
    if len(asked) != 4:
        return range(times)
    return [int(asked[3])] if asked[:3] == [name, kind, str(seed)] else []


def _pose(way: Way, ending: Ending, truth: Truth, course: Course) -> None:
    way.begin()
    code = end_of(begin(lambda: _act(way, ending)))
    way.revive()
    way.after_end()
    assert code in (0, FAILED) or code < 0, f"ended with {code}"
    course.finished += code == 0
    course.ended += code != 0
    way.check()
    if way.is_whole:
        course.whole += truth.check_all_or_nothing(way)
    way.again()
    way.check()
    truth.check_end(way)


def _act(way: Way, ending: Callable[..., Any]) -> None:
    watch(ending, way.folders)
    way.act()


def _count(way: Way) -> list[str]:
    way.begin()

    def count() -> list[str]:
        counted = Count()
        watch(counted, way.folders)
        way.act()
        return counted.met

    met = in_fork(count)
    way.after_end()
    return list(met)


class Truth:
    """Where a way begins and ends when nobody disturbs it, without what is drawn by chance."""

    def __init__(self, way: Way, begun: State, ends: tuple[State, State]) -> None:
        """Two ends of the same way tell what no two share."""
        self._may_differ, self._is_trace = way.may_differ, way.is_trace
        self._chance = _differing(*ends)
        self._begun, self._end = self._facts(begun), self._facts(ends[0])
        assert self._end == self._facts(ends[1]), "two undisturbed courses differ in more than chance"

    @staticmethod
    def of(way: Way) -> Truth:
        """Do it twice, undisturbed; once before, so that no process that is ended has to load what it needs."""
        way.begin()
        begun = way.state()
        way.again()
        ends = []
        for jolt in (lambda: None, way.jolt):
            way.begin()
            jolt()
            assert end_of(begin(way.act)) == 0, f"{way.name} cannot be done at all"
            way.after_end()
            way.check()
            ends.append(way.state())
        truth = Truth(way, begun, (ends[0], ends[1]))
        assert truth._begun != truth._end, f"{way.name} changes nothing"
        return truth

    def check_all_or_nothing(self, way: Way) -> bool:
        """Return whether all of it stands. Raises `AssertionError` where a part of it does."""
        found = self._facts(way.state())
        assert found in (self._begun, self._end), f"half done: {_told(found, self._begun)}"
        return found == self._end

    def check_end(self, way: Way) -> None:
        """Raise `AssertionError` where the end is another than that of an undisturbed course."""
        found = self._facts(way.state())
        assert found == self._end, f"not as undisturbed: {_told(found, self._end)}"

    def _facts(self, state: State) -> dict[str, Rows]:
        facts = {}
        for table, rows in state.items():
            if table not in self._may_differ:
                facts[table] = Counter(self._row(table, row) for row in rows if not self._is_trace(table, row))
        return {table: rows for table, rows in facts.items() if rows}

    def _row(self, table: str, row: dict[str, Any]) -> tuple[Any, ...]:
        cells = []
        for column, value in flat(row):
            name = f"{table}.{column}"
            if name not in self._may_differ:
                cells.append((column, ("there" if value else value) if name in self._chance else value))
        return tuple(cells)


def flat(row: dict[str, Any], before: str = "") -> list[tuple[str, Any]]:
    """Return the cells of a row, those of documents within it by their keys; a list as its text."""
    cells: list[tuple[str, Any]] = []
    for name, value in sorted(row.items()):
        if isinstance(value, dict):
            cells += flat(value, f"{before}{name}.") or [(f"{before}{name}", "{}")]
        else:
            cells.append((f"{before}{name}", str(value) if isinstance(value, list) and value else value or None))
    return cells


def _differing(one: State, other: State) -> set[str]:
    found = set()
    for table in {*one, *other}:
        columns: dict[str, list[Counter[str]]] = {}
        for number, state in enumerate((one, other)):
            for row in state.get(table, []):
                for column, value in flat(row):
                    columns.setdefault(column, [Counter(), Counter()])[number][repr(value)] += 1
        found |= {f"{table}.{column}" for column, (ours, theirs) in columns.items() if ours != theirs}
    return found


def _told(found: dict[str, Rows], wanted: dict[str, Rows]) -> str:
    told = []
    for table in sorted({*found, *wanted}):
        more = found.get(table, Counter()) - wanted.get(table, Counter())
        less = wanted.get(table, Counter()) - found.get(table, Counter())
        if more or less:
            told.append(f"{table}: {sum(more.values())} too many, {sum(less.values())} missing {list(more)[:1]}")
    return "; ".join(told)[:1500]
