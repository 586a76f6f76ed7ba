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

from braid.simulation.calibration.rules import LeadRules, PathwayRules, Rules, StepRules, paired_kinds
from braid.store.engine import Engine

TABLES = ("person_wait", "wait", "episode")
"""The tables of a run that are counted."""
WEEK_DAYS = 7
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Window:
    """The weeks at whose ends all who waited are known: from the first day to the as-of date."""

    first_date: dt.date
    weeks: int
    """None, where no feed that sends the kind shows an end."""


@dataclass(frozen=True)
class Alike:
    """So many waits of one kind in one step of one pathway that began and ended on the same days."""

    pathway: str
    step: str
    kind: str
    band: str | None
    start_date: dt.date
    stop_date: dt.date | None
    code: str | None
    """How they ended."""
    waits: int


@dataclass(frozen=True)
class Standing:
    """So many people who stand alike in a pathway of several steps: since when each of their waits runs."""

    pathway: str
    band: str | None
    since: Mapping[str, dt.date | None]
    """By step; none where that step is behind them."""
    people: int


@dataclass(frozen=True)
class Counts:
    """Everything that a calibration needs of a run."""

    as_of: dt.date
    windows: Mapping[str, Window]
    """By kind of wait, of every kind that the run holds or a rule names."""
    open_waits: Mapping[str, int]
    """By kind of wait, also of kinds that no rule names: what the pathways must add up to."""
    alike: tuple[Alike, ...]
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
    alike = _count_unpaired(engine, rules, windows, [kind for kind in asked if kind not in paired])
    standing: list[Standing] = []
    led: dict[LeadRules, int] = {}
    if paired:
        engine.create("simulated_wait", _waits(rules, windows, paired))
        more, standing = _count_paired(engine, rules, paired)
        alike += more
        led = {lead: _count_led(engine, rules, lead) for lead in rules.leads}
    open_waits = Counter({row["kind"]: 0 for row in seen})
    for row in seen:
        open_waits[row["kind"]] += int(row["open_waits"])
    return Counts(as_of, windows, +open_waits, tuple(alike), tuple(standing), led)


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


# -- waits that are paired with none


def _count_unpaired(engine: Engine, rules: Rules, windows: Mapping[str, Window], kinds: Sequence[str]) -> list[Alike]:
    if not kinds:
        return []
    columns = "kind, band, start_date, stop_date, code"
    rows = engine.rows(
        f"select {columns}, count(*) as waits from ({_waits(rules, windows, kinds)}) w group by {columns}"
    )
    pathways = {kind: rules.alone(kind) for kind in kinds}
    return [_alike(pathways[row["kind"]], pathways[row["kind"]].anchor, row) for row in rows]


def _alike(pathway: PathwayRules, step: StepRules, row: Row) -> Alike:
    return Alike(
        pathway.id, step.id, step.kind, row["band"], row["start_date"], row["stop_date"], row["code"], int(row["waits"])
    )


def _waits(rules: Rules, windows: Mapping[str, Window], kinds: Sequence[str]) -> str:
    """Return the query of the waits of some kinds: those that run, and those that ended in the window."""
    each = [f"select {_RUNS} from person_wait p where p.stop_date is null and p.kind in ({_listed(kinds)})"]
    for end_in in ("wait", "episode"):
        chosen = [kind for kind in kinds if rules.kind(kind).end_in == end_in]
        since = " or ".join(
            f"(p.kind = '{kind}' and p.stop_date >= date '{windows[kind].first_date}')" for kind in chosen
        )
        if chosen:
            each.append(f"{_ENDED[end_in]} where {since}")
    banded = _listed([kind for kind in kinds if rules.kind(kind).bands] or [""])
    return f"""
    select wait_id, person_id, kind, case when kind in ({banded}) then priority end as band, start_date, stop_date, code
    from ({" union all ".join(each)}) w"""


_WAIT = "p.wait_id, p.person_id, p.kind, p.priority, p.start_date, p.stop_date"
_RUNS = f"{_WAIT}, cast(null as varchar) as code"
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


def _listed(kinds: Sequence[str]) -> str:
    return ", ".join(f"'{kind}'" for kind in kinds)


# -- waits that are paired


def _count_paired(engine: Engine, rules: Rules, kinds: Sequence[str]) -> tuple[list[Alike], list[Standing]]:
    """Count pathway by pathway, each from the waits that the ones before left."""
    alike: list[Alike] = []
    standing: list[Standing] = []
    engine.view("simulated_free_0", "select * from simulated_wait")
    joined = [one for one in rules.pathways if len(one.steps) > 1]
    for number, pathway in enumerate(joined):
        engine.create(f"simulated_member_{number}", _members(pathway, f"simulated_free_{number}", rules.pairing_days))
        for step in range(len(pathway.steps)):
            rows = engine.rows(_ALIKE.format(number=number, step=step))
            alike += [_alike(pathway, pathway.steps[step], row) for row in rows]
        standing += _standing(engine, pathway, number)
        taken = " union all ".join(
            f"select wait_{step} as wait_id from simulated_member_{number} where wait_{step} is not null"
            for step in range(len(pathway.steps))
        )
        engine.create(f"simulated_free_{number + 1}", _LEFT_OVER.format(free=f"simulated_free_{number}", taken=taken))
    columns = "kind, band, start_date, stop_date, code"
    left_over = engine.rows(f"select {columns}, count(*) as waits from simulated_free_{len(joined)} group by {columns}")
    alone = {kind: rules.alone(kind) for kind in kinds}
    return alike + [_alike(alone[row["kind"]], alone[row["kind"]].anchor, row) for row in left_over], standing


_LEFT_OVER = """
select f.* from {free} f left join (select distinct wait_id from ({taken}) t) m on m.wait_id = f.wait_id
where m.wait_id is null"""
_ALIKE = """
select band_{step} as band, start_{step} as start_date, stop_{step} as stop_date, code_{step} as code, count(*) as waits
from simulated_member_{number} where wait_{step} is not null
group by band_{step}, start_{step}, stop_{step}, code_{step}"""


def _members(pathway: PathwayRules, free: str, days: int) -> str:
    """Return the query of who is in a pathway: for each step the wait of it, none where that is behind them."""
    anchor = pathway.steps.index(pathway.anchor)
    columns, joins = [], [f"from ({_ranked(free, pathway.anchor.kind)}) s{anchor}"]
    for number, step in enumerate(pathway.steps):
        if number != anchor:
            joins.append(_join(free, step, f"s{number}", f"s{anchor}", days))
        for name, column in (
            ("wait", "wait_id"), ("band", "band"), ("start", "start_date"), ("stop", "stop_date"), ("code", "code")
        ):  # fmt: skip
            columns.append(f"s{number}.{column} as {name}_{number}")
    return f"select {', '.join(columns)} {' '.join(joins)}"


def _ranked(free: str, kind: str) -> str:
    """Return the waits of a kind, numbered by person: the first is paired with the first."""
    state = "case when stop_date is null then 1 else 0 end"
    return f"""
    select wait_id, person_id, band, start_date, stop_date, code,
      row_number() over (partition by person_id, {state} order by start_date, wait_id) as number_in_state,
      row_number() over (partition by person_id order by start_date, wait_id) as number
    from {free} where kind = '{kind}'"""


def _join(free: str, step: StepRules, this: str, anchor: str, days: int) -> str:
    source = f"({_ranked(free, step.kind)}) {this}"
    near = "{0} between br_add_days({1}, -{2}) and br_add_days({1}, {2})"
    if step.pairing == "before":
        begun = near.format(f"{this}.start_date", f"{anchor}.start_date", days)
        return f"""left join {source} on {this}.person_id = {anchor}.person_id and {this}.number = {anchor}.number
          and {begun} and ({anchor}.stop_date is null or {this}.stop_date is not null)"""
    ended = near.format(f"{this}.stop_date", f"{anchor}.stop_date", days)
    return f"""join {source} on {this}.person_id = {anchor}.person_id
      and {this}.number_in_state = {anchor}.number_in_state
      and (({this}.stop_date is null and {anchor}.stop_date is null) or {ended})"""


def _standing(engine: Engine, pathway: PathwayRules, number: int) -> list[Standing]:
    anchor = pathway.steps.index(pathway.anchor)
    places = range(len(pathway.steps))
    banded = ", ".join(f"band_{place}" for place in places)
    since = [f"case when stop_{place} is null then start_{place} end as since_{place}" for place in places]
    grouped = [f"since_{place}" for place in places]
    rows = engine.rows(f"""
    select band, {", ".join(grouped)}, count(*) as people
    from (select coalesce({banded}) as band, {", ".join(since)} from simulated_member_{number}
      where stop_{anchor} is null) open_members
    group by band, {", ".join(grouped)}""")
    return [
        Standing(
            pathway.id,
            row["band"],
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
      and b.start_date between br_add_days(a.stop_date, -{lead.days_before})
        and br_add_days(a.stop_date, {lead.days_after})
    where a.kind = '{first}' and a.stop_date is not null""")
    return int(row["led"])
