"""The nightly delta: the stages `waits` and `problems` over whom a night touches, put to what still holds of the rest.

The people are reckoned anew by the very code of a full run, in an engine that holds their rows alone; what they added
to tallies and to the ranking of the place before comes off, what they add now goes on. See `braid.waits.delta`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from braid.language.calendars import Calendar
from braid.language.findings import TABLES
from braid.problems.model import Statement, WaitsFor
from braid.problems.run import run as run_problems
from braid.store.engine import Engine
from braid.waits.delta import kept
from braid.waits.delta.changes import EARLIER, FINDING_SOURCES, SOURCES, create_changes
from braid.waits.delta.evidence import create_kept_blocker
from braid.waits.delta.kept import TOUCHED_ROWS
from braid.waits.delta.people import Night, Touched, create_touched, restricted, restricted_finding
from braid.waits.delta.retold import create_retold
from braid.waits.graph import create_graph
from braid.waits.involvements import create_involvement, load_service_names
from braid.waits.model import WaitSummary
from braid.waits.person_waits import create_distinct_waits, create_person_wait
from braid.waits.run import create_measures, summarise
from braid.waits.sources import Precedence
from braid.waits.tallies import TALLIES, create_tallies
from braid.waits.unblock import create_unblock
from braid.waits.unblock_measures import create_unblock_measure

_WAITS = ("person_wait", "involvement")
_PROBLEMS = (
    "blocker",
    "person_path",
    "path_step",
    "deadlock",
    "deadlock_blocker",
    "unblock_action",
    "unblock_wait",
    "unblock_measure",
    "cohort",
    "multi_backlog",
)
EARLIER_TABLES = (*SOURCES, *FINDING_SOURCES, *_WAITS, *TALLIES, *_PROBLEMS)
"""Tables of the run before that a delta reads, each loaded under its name after `earlier_`."""

MOST_TOUCHED = 0.2
"""Where more of the people are touched, a full run costs less."""


class TooMuchTouched(Exception):
    """A night touches so many people that all are reckoned anew."""

    def __init__(self, touched: Touched) -> None:
        self.touched = touched
        super().__init__(f"{touched.persons} of {touched.persons_in_all} people are touched")


@dataclass(frozen=True)
class Before:
    """The run before: the day it spoke of, and what its stage `waits` counted."""

    as_of: dt.date
    waits: Mapping[str, int]


@dataclass
class Delta:
    """One night. `engine` holds this run's tables and, as `EARLIER_TABLES`, those of the run before.

    `new_engine` returns an empty engine for the touched people. Call `run_waits`, then `run_problems`; the latter also
    alone, where an interrupted run had finished the former. Both leave views of the finding tables in `engine`.
    """

    engine: Engine
    new_engine: Callable[[], Engine]
    calendar: Calendar
    as_of: dt.date
    before: Before
    statements: tuple[Statement, ...]
    feed_services: Mapping[str, str]
    precedence: Precedence = field(default_factory=dict)
    most_touched: float | None = None
    _opened: list[Engine] = field(default_factory=list)

    @cached_property
    def night(self) -> Night:
        """The days that passed, and the lengths of a wait that any statement asks for."""
        conditions = (one for statement in self.statements for one in statement.cohort.conditions)
        waits = [one for one in conditions if isinstance(one, WaitsFor)]
        least = {one.least_days for one in waits if one.least_days is not None}
        most = {one.most_days_left for one in waits if one.most_days_left is not None}
        return Night(self.as_of, self.before.as_of, tuple(sorted(least)), tuple(sorted(most)))

    @cached_property
    def touched(self) -> Touched:
        """Find whom the night touches. Raises `TooMuchTouched`."""
        create_changes(self.engine)
        load_service_names(self.engine, self.feed_services)
        kept.create_service_moves(self.engine, "standard_service", "feed_service")
        create_retold(self.engine)
        touched = create_touched(self.engine, self.night)
        most = MOST_TOUCHED if self.most_touched is None else self.most_touched
        if touched.persons > most * touched.persons_in_all:
            raise TooMuchTouched(touched)
        return touched

    def find_touched(self) -> Touched:
        """Return whom the night touches, found once. Raises `TooMuchTouched`."""
        return self.touched

    @cached_property
    def _now(self) -> Engine:
        """An engine with the touched people's rows of this run, their clocks reckoned."""
        assert self.touched
        engine = self._open("")
        create_person_wait(engine, self.calendar, self.as_of, self.precedence)
        return engine

    @cached_property
    def _then(self) -> Engine:
        """An engine with the touched people's rows of the run before, and what it found of their waits."""
        assert self.touched
        engine = self._open(EARLIER)
        create_distinct_waits(engine, self.before.as_of, self.precedence)
        for name in ("person_wait", "blocker"):
            engine.load_arrow(name, self.engine.arrow(restricted_finding(name)))
        return engine

    def _open(self, prefix: str) -> Engine:
        engine = self.new_engine()
        self._opened.append(engine)
        for name in (*SOURCES, *FINDING_SOURCES):
            engine.load_arrow(name, self.engine.arrow(restricted(name, prefix)))
        return engine

    def run_waits(self) -> WaitSummary:
        """Make the findings of the stage `waits`, and return its counts."""
        now, then, night = self._now, self._then, self.night
        create_involvement(now, self.as_of, self.feed_services)
        create_tallies(now, self.as_of)
        create_tallies(then, self.before.as_of)
        self._take(now, (*_WAITS, *TALLIES), TOUCHED_ROWS)
        self._take(then, TALLIES, "before_")
        self.engine.view("person_wait", kept.person_wait_sql(night))
        self.engine.view("involvement", kept.involvement_sql())
        for name, sql in kept.tally_queries(self.as_of).items():
            self.engine.create(name, sql)
        create_measures(self.engine, self.as_of)
        return self._count(summarise(now, self.as_of), summarise(then, self.before.as_of))

    def _count(self, now: WaitSummary, then: WaitSummary) -> WaitSummary:
        """Return the counts over all: those before, less what the touched people counted, plus what they count."""
        change = {name: count - then.as_document()[name] for name, count in now.as_document().items()}
        return WaitSummary(**{name: self.before.waits[name] + more for name, more in change.items()})

    def run_problems(self) -> None:
        """Make the findings of the stage `problems`. `engine` holds person_wait of the whole place."""
        now, then, night = self._now, self._then, self.night
        run_problems(now, self.statements, self.as_of)
        create_graph(then)
        create_unblock(then)
        create_unblock_measure(then)
        self._take(now, _PROBLEMS, TOUCHED_ROWS)
        self._take(then, ("unblock_measure",), "before_")
        create_kept_blocker(self.engine)
        queries = {
            **{name: kept.by_person_sql(name) for name in ("path_step", "deadlock_blocker", "unblock_wait", "cohort")},
            "person_path": kept.person_path_sql(night),
            "deadlock": kept.deadlock_sql(night),
            "unblock_action": kept.unblock_action_sql(night),
            "unblock_measure": kept.unblock_measure_sql(night),
            "multi_backlog": kept.multi_backlog_sql(night),
        }
        for name, sql in queries.items():
            self.engine.view(name, sql)

    def _take(self, engine: Engine, names: Iterable[str], prefix: str) -> None:
        """Bring findings of a few people's engine over, in the registry's order of columns."""
        for name in names:
            columns = ", ".join(TABLES[name].names)
            self.engine.load_arrow(f"{prefix}{name}", engine.arrow(f"select {columns} from {name}"))

    def close(self) -> None:
        """Let go of the engines that were opened."""
        while self._opened:
            self._opened.pop().close()
