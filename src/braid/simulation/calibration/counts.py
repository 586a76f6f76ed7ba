"""What is counted in the tables of a run, as portable SQL: waits alike, without anybody's id.

Waits of one person are paired inside the engine; what comes out is a number of waits by pathway, step, band and days.
Waits that ended before a kind's window are not counted: of them only those are known whose case is kept for another
reason.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from braid.simulation.calibration.rules import (
    LeadRules,
    PathwayRules,
    Rules,
    StepRules,
    banded_place,
    paired_kinds,
)
from braid.store.engine import Engine

TABLES = ("person_wait", "wait", "episode")
"""The tables of a run that are counted."""
WEEK_DAYS = 7
RUNS = -1
Row = Mapping[str, Any]
Days = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Window:
    """The weeks at whose ends all who waited are known: from the first day to the as-of date."""

    first_date: dt.date
    weeks: int
    """None, where no feed that sends the kind shows an end."""


@dataclass(frozen=True, eq=False)
class Waits:
    """The waits of one kind in one step of one pathway, those alike counted; all arrays have one length."""

    kind: str
    band: Days
    """The how manieth of the kind's bands, from 0."""
    started: Days
    """Days from the day they began to the as-of date."""
    ended: Days
    """Days from the day they ended to the as-of date; `RUNS` where they have not."""
    has_left: npt.NDArray[np.bool_]
    """Whether they ended without what was waited for."""
    counts: Days

    @property
    def is_open(self) -> npt.NDArray[np.bool_]:
        """Which of them run."""
        return np.asarray(self.ended == RUNS, np.bool_)

    @property
    def open_count(self) -> int:
        """How many run."""
        return int(self.counts[self.is_open].sum())

    def only(self, which: npt.NDArray[np.bool_]) -> Waits:
        """Return some of them."""
        return Waits(
            self.kind,
            self.band[which],
            self.started[which],
            self.ended[which],
            self.has_left[which],
            self.counts[which],
        )


def join_waits(kind: str, parts: Sequence[Waits]) -> Waits:
    """Return waits of a kind from several steps as one."""
    empty = np.zeros(0, np.int64)
    each = [Waits(kind, empty, empty, empty, np.zeros(0, np.bool_), empty), *parts]
    return Waits(
        kind,
        np.concatenate([part.band for part in each]),
        np.concatenate([part.started for part in each]),
        np.concatenate([part.ended for part in each]),
        np.concatenate([part.has_left for part in each]),
        np.concatenate([part.counts for part in each]),
    )


@dataclass(frozen=True)
class Standing:
    """So many people who stand alike in a pathway of several steps: since when each of their waits runs."""

    pathway: str
    band: int
    since: Mapping[str, int | None]
    """By step the days since its wait began; none where that step is behind them."""
    people: int


@dataclass(frozen=True)
class Counts:
    """Everything that a calibration needs of a run."""

    as_of: dt.date
    windows: Mapping[str, Window]
    """By kind of wait, of every kind that the run holds or a rule names."""
    open_waits: Mapping[str, int]
    """By kind of wait, also of kinds that no rule names: what the pathways must add up to."""
    waits: Mapping[tuple[str, str], Waits]
    """By pathway and step."""
    standing: tuple[Standing, ...]
    led: Mapping[LeadRules, int]
    """How many of those who ended in the window began what it leads to."""


def count_waits(engine: Engine, as_of: dt.date, rules: Rules) -> Counts:
    """Return the counts of a run. Reads the tables of `TABLES`, and makes tables named `simulated_…`."""
    seen = engine.rows(_SEEN)
    windows = _windows(seen, as_of, rules)
    sent = {row["kind"] for row in seen}
    asked = [one.kind for one in rules.kinds if one.kind in sent]
    paired = [kind for kind in asked if kind in paired_kinds(rules)]
    query = _Query(as_of, rules, windows)
    waits = _count_alone(engine, query, f"({query.waits([kind for kind in asked if kind not in paired])})")
    standing: list[Standing] = []
    led: dict[LeadRules, int] = {}
    if paired:
        engine.create("simulated_wait", query.waits(paired))
        more, standing = _count_paired(engine, query)
        waits |= more
        led = {lead: _count_led(engine, rules, lead) for lead in rules.leads}
    open_waits = Counter({row["kind"]: 0 for row in seen})
    for row in seen:
        open_waits[row["kind"]] += int(row["open_waits"])
    return Counts(as_of, windows, +open_waits, waits, tuple(standing), led)


_SEEN = """
select kind, feed, min(stop_date) as known_since_date, sum(case when stop_date is null then 1 else 0 end) as open_waits
from person_wait group by kind, feed order by kind, feed"""


def _windows(seen: Sequence[Row], as_of: dt.date, rules: Rules) -> dict[str, Window]:
    """Return the window of each kind of wait, from the earliest end that a feed which sends the kind shows of any.

    The first end of a kind of which few end says little of how far back its feed reaches.
    """
    since: dict[str | None, dt.date] = {}
    for row in seen:
        if row["known_since_date"] is not None:
            since[row["feed"]] = min(row["known_since_date"], since.get(row["feed"], as_of))
    named = [row["kind"] for row in seen] + [one.kind for one in rules.kinds]
    kinds: dict[str, list[dt.date]] = {kind: [] for kind in named}
    for row in seen:
        kinds[row["kind"]] += [since[row["feed"]]] if row["feed"] in since else []
    return {kind: _window(min(days, default=None), as_of, rules) for kind, days in kinds.items()}


def _window(known_since: dt.date | None, as_of: dt.date, rules: Rules) -> Window:
    longest = as_of - dt.timedelta(days=WEEK_DAYS * rules.window_weeks - 1)
    if known_since is None:
        return Window(longest, 0)
    weeks = ((as_of - max(known_since, longest)).days + 1) // WEEK_DAYS
    return Window(as_of - dt.timedelta(days=WEEK_DAYS * weeks - 1), weeks)


# -- waits as the engine gives them


@dataclass(frozen=True)
class _Query:
    """Writes the queries of a run's waits."""

    as_of: dt.date
    rules: Rules
    windows: Mapping[str, Window]

    def waits(self, kinds: Sequence[str]) -> str:
        """Return the query of the waits of some kinds: those that run, and those that ended in the window.

        Days are counted back from the as-of date; `ended` is empty, and `has_left` 0, of those that run.
        """
        each = [f"select {_WAIT}, cast(null as varchar) as code from person_wait p where {self._runs(kinds)}"]
        for end_in in ("wait", "episode"):
            chosen = [kind for kind in kinds if self.rules.kind(kind).end_in == end_in]
            if chosen:
                each.append(f"{_ENDED[end_in]} where {self._ended(chosen)}")
        return f"""
        select wait_id, person_id, kind, {self._band(kinds)} as band, {self._days("start_date")} as started,
          case when stop_date is not null then greatest({self._days("stop_date")}, 0) end as ended,
          case when stop_date is null then 0 else {self._left(kinds)} end as has_left
        from ({" union all ".join(each)}) w"""

    def _runs(self, kinds: Sequence[str]) -> str:
        return f"p.stop_date is null and p.kind in ({_listed(kinds)})"

    def _ended(self, kinds: Sequence[str]) -> str:
        since = [f"(p.kind = '{kind}' and p.stop_date >= date '{self.windows[kind].first_date}')" for kind in kinds]
        return " or ".join(since)

    def _days(self, column: str) -> str:
        return f"br_days({column}, date '{self.as_of}')"

    def _band(self, kinds: Sequence[str]) -> str:
        """Say which of its kind's bands a wait is in; the last one where its priority is none of them."""
        cases = []
        for kind in kinds:
            bands = self.rules.kind(kind).bands
            each = [
                f"when kind = '{kind}' and priority = {_text(code)} then {place}" for place, code in enumerate(bands)
            ]
            cases += [*each, f"when kind = '{kind}' then {len(bands) - 1}"] if bands else []
        return f"case {' '.join(cases)} else 0 end" if cases else "0"

    def _left(self, kinds: Sequence[str]) -> str:
        cases = []
        for kind in kinds:
            rules = self.rules.kind(kind)
            if rules.served:
                cases.append(f"when kind = '{kind}' and code in ({_listed(rules.served)}) then 0")
                cases.append(f"when kind = '{kind}' then 1")
            elif rules.left:
                cases.append(f"when kind = '{kind}' and code in ({_listed(rules.left)}) then 1")
        return f"case {' '.join(cases)} else 0 end" if cases else "0"


_WAIT = "p.wait_id, p.person_id, p.kind, p.priority, p.start_date, p.stop_date"
_ENDED = {
    "wait": f"select {_WAIT}, w.stop_event as code from person_wait p left join wait w on w.record_id = p.wait_id",
    "episode": f"""
    select {_WAIT}, coalesce(e.end_reason, w.stop_event) as code
    from person_wait p left join wait w on w.record_id = p.wait_id
    left join (select person_record_id, episode_ref, kind, min(end_reason) as end_reason from episode
      where end_reason is not null group by person_record_id, episode_ref, kind) e
      on e.person_record_id = w.person_record_id and e.episode_ref = w.episode_ref and e.kind = w.kind""",
}
"""How a wait ended, by where that is written. A wait without a record of its own, such as a victim's, has no code."""


def _text(code: str) -> str:
    quoted = code.replace("'", "''")
    return f"'{quoted}'"


def _listed(codes: Sequence[str]) -> str:
    return ", ".join(_text(code) for code in codes) or "''"


_ALIKE = "band, started, ended, has_left"


def _waits_of(kind: str, table: Any) -> Waits:
    """Return the waits of a kind from an Arrow table with the columns of `_ALIKE` and `waits`."""
    columns = {name: table.column(name) for name in ("band", "started", "has_left", "waits")}
    arrays = {name: column.to_numpy().astype(np.int64) for name, column in columns.items()}
    ended = table.column("ended").fill_null(RUNS).to_numpy().astype(np.int64)
    return Waits(kind, arrays["band"], arrays["started"], ended, arrays["has_left"].astype(bool), arrays["waits"])


def _count_alone(engine: Engine, query: _Query, source: str) -> dict[tuple[str, str], Waits]:
    """Count waits by kind, each in the pathway of that kind alone."""
    counted = engine.arrow(f"select kind, {_ALIKE}, count(*) as waits from {source} w group by kind, {_ALIKE}")
    found: dict[tuple[str, str], Waits] = {}
    for kind in sorted(counted.column("kind").unique().to_pylist()):
        pathway = query.rules.alone(kind)
        found[pathway.id, pathway.anchor.id] = _waits_of(kind, counted.filter(pc.equal(counted.column("kind"), kind)))
    return found


# -- waits that are paired


def _count_paired(engine: Engine, query: _Query) -> tuple[dict[tuple[str, str], Waits], list[Standing]]:
    """Count pathway by pathway, each from the waits that the ones before left."""
    waits: dict[tuple[str, str], Waits] = {}
    standing: list[Standing] = []
    engine.view("simulated_free_0", "select * from simulated_wait")
    joined = [one for one in query.rules.pathways if len(one.steps) > 1]
    for number, pathway in enumerate(joined):
        members, free = f"simulated_member_{number}", f"simulated_free_{number}"
        engine.create(members, _members(pathway, free, query.rules.pairing_days))
        for place, step in enumerate(pathway.steps):
            waits[pathway.id, step.id] = _waits_of(step.kind, engine.arrow(_MEMBERS_ALIKE.format(n=place, of=members)))
        standing += _standing(engine, pathway, members, banded_place(pathway, query.rules))
        taken = " union all ".join(
            f"select wait_{place} as wait_id from {members} where wait_{place} is not null"
            for place in range(len(pathway.steps))
        )
        engine.create(f"simulated_free_{number + 1}", _LEFT_OVER.format(free=free, taken=taken))
    return waits | _count_alone(engine, query, f"simulated_free_{len(joined)}"), standing


_MEMBERS_ALIKE = """
select band_{n} as band, started_{n} as started, ended_{n} as ended, has_left_{n} as has_left, count(*) as waits
from {of} where wait_{n} is not null group by band_{n}, started_{n}, ended_{n}, has_left_{n}"""
_LEFT_OVER = """
select f.* from {free} f left join (select distinct wait_id from ({taken}) t) m on m.wait_id = f.wait_id
where m.wait_id is null"""


def _members(pathway: PathwayRules, free: str, days: int) -> str:
    """Return the query of who is in a pathway: for each step the wait of it, none where that is behind them."""
    anchor = pathway.steps.index(pathway.anchor)
    columns, joins = [], [f"from ({_ranked(free, pathway.anchor.kind)}) s{anchor}"]
    for number, step in enumerate(pathway.steps):
        if number != anchor:
            joins.append(_join(free, step, f"s{number}", f"s{anchor}", days))
        columns.append(f"s{number}.wait_id as wait_{number}")
        columns += [f"s{number}.{name} as {name}_{number}" for name in _ALIKE.split(", ")]
    return f"select {', '.join(columns)} {' '.join(joins)}"


def _ranked(free: str, kind: str) -> str:
    """Return the waits of a kind, numbered by person: the first is paired with the first."""
    state = "case when ended is null then 1 else 0 end"
    return f"""
    select wait_id, person_id, {_ALIKE},
      row_number() over (partition by person_id, {state} order by started desc, wait_id) as number_in_state,
      row_number() over (partition by person_id order by started desc, wait_id) as number
    from {free} where kind = '{kind}'"""


def _join(free: str, step: StepRules, this: str, anchor: str, days: int) -> str:
    source = f"({_ranked(free, step.kind)}) {this}"
    near = "{0} between {1} - {2} and {1} + {2}"
    if step.pairing == "before":
        begun = near.format(f"{this}.started", f"{anchor}.started", days)
        return f"""left join {source} on {this}.person_id = {anchor}.person_id and {this}.number = {anchor}.number
          and {begun} and ({anchor}.ended is null or {this}.ended is not null)"""
    ended = near.format(f"{this}.ended", f"{anchor}.ended", days)
    return f"""join {source} on {this}.person_id = {anchor}.person_id
      and {this}.number_in_state = {anchor}.number_in_state
      and (({this}.ended is null and {anchor}.ended is null) or {ended})"""


def _standing(engine: Engine, pathway: PathwayRules, members: str, banded: int) -> list[Standing]:
    """Count who is in a pathway today, by since when each of their waits runs; `banded` is the step with the bands."""
    anchor = pathway.steps.index(pathway.anchor)
    places = range(len(pathway.steps))
    since = [f"case when ended_{place} is null then started_{place} end as since_{place}" for place in places]
    grouped = ", ".join(["band", *(f"since_{place}" for place in places)])
    rows = engine.rows(f"""
    select {grouped}, count(*) as people
    from (select band_{banded} as band, {", ".join(since)} from {members} where ended_{anchor} is null) open_members
    group by {grouped}""")
    return [
        Standing(
            pathway.id,
            int(row["band"] or 0),
            {step.id: row[f"since_{place}"] for place, step in enumerate(pathway.steps)},
            int(row["people"]),
        )
        for row in rows
    ]


# -- who goes on


def _count_led(engine: Engine, rules: Rules, lead: LeadRules) -> int:
    """Count who ended one pathway in the window and began the other near that day."""
    pathways = {one.id: one for one in rules.pathways}
    first, then = (pathways[each].anchor.kind for each in (lead.begins, lead.leads_to))
    (row,) = engine.rows(f"""
    select count(distinct a.wait_id) as led from simulated_wait a
    join simulated_wait b on b.person_id = a.person_id and b.kind = '{then}'
      and b.started between a.ended - {lead.days_after} and a.ended + {lead.days_before}
    where a.kind = '{first}' and a.ended is not null""")
    return int(row["led"])
