"""Waits of one person that are one pathway: paired inside the engine, pathway by pathway, and counted."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from braid.simulation.calibration.counts import Standing, Waits
from braid.simulation.calibration.rules import LeadRules, PathwayRules, Rules, StepRules, banded_place
from braid.simulation.calibration.wait_queries import ALIKE, waits_of
from braid.store.engine import Engine


@dataclass(frozen=True)
class Paired:
    """What was paired, and the table of what was left over."""

    waits: dict[tuple[str, str], Waits]
    """By pathway and step."""
    standing: list[Standing]
    left_over: str


def count_paired(engine: Engine, rules: Rules, sent: Collection[str]) -> Paired:
    """Count pathway by pathway, each from the waits of `simulated_wait` that the ones before left.

    `sent` are the kinds of wait that the run holds: a pathway without its anchor, or without a kind that must be
    waited for together with it, takes none.
    """
    waits: dict[tuple[str, str], Waits] = {}
    standing: list[Standing] = []
    free = "simulated_wait"
    for number, pathway in enumerate(rules.pathways):
        if len(pathway.steps) == 1 or not {s.kind for s in pathway.steps if s.pairing != "before"} <= set(sent):
            continue
        members = f"simulated_member_{number}"
        engine.create(members, _members(pathway, free, rules.pairing_days))
        for place, step in enumerate(pathway.steps):
            waits[pathway.id, step.id] = waits_of(step.kind, engine.arrow(_MEMBERS_ALIKE.format(n=place, of=members)))
        standing += _standing(engine, pathway, members, banded_place(pathway, rules))
        left_over = f"simulated_free_{number}"
        engine.create(left_over, _left_over(free, members, len(pathway.steps)))
        free = left_over
    return Paired(waits, standing, free)


_MEMBERS_ALIKE = """
select band_{n} as band, started_{n} as started, ended_{n} as ended, has_left_{n} as has_left, count(*) as waits
from {of} where wait_{n} is not null group by band_{n}, started_{n}, ended_{n}, has_left_{n}"""


def _left_over(free: str, members: str, steps: int) -> str:
    taken = " union all ".join(
        f"select wait_{place} as wait from {members} where wait_{place} is not null" for place in range(steps)
    )
    return f"""
    select f.* from {free} f left join (select distinct wait from ({taken}) t) m on m.wait = f.wait
    where m.wait is null"""


def _members(pathway: PathwayRules, free: str, days: int) -> str:
    """Return the query of who is in a pathway: for each step the wait of it, none where that is behind them."""
    anchor = pathway.steps.index(pathway.anchor)
    columns, joins = [], [f"from ({_ranked(free, pathway.anchor.kind)}) s{anchor}"]
    for number, step in enumerate(pathway.steps):
        if number != anchor:
            joins.append(_join(free, step, f"s{number}", f"s{anchor}", days))
        columns.append(f"s{number}.wait as wait_{number}")
        columns += [f"s{number}.{name} as {name}_{number}" for name in ALIKE.split(", ")]
    return f"select {', '.join(columns)} {' '.join(joins)}"


def _ranked(free: str, kind: str) -> str:
    """Return the waits of a kind, numbered by person: the first is paired with the first."""
    state = "case when ended is null then 1 else 0 end"
    return f"""
    select wait, person, {ALIKE},
      row_number() over (partition by person, {state} order by started desc, wait) as number_in_state,
      row_number() over (partition by person order by started desc, wait) as number
    from {free} where kind = '{kind}'"""


def _join(free: str, step: StepRules, this: str, anchor: str, days: int) -> str:
    source = f"({_ranked(free, step.kind)}) {this}"
    near = "{0} between {1} - {2} and {1} + {2}"
    if step.pairing == "before":
        begun = near.format(f"{this}.started", f"{anchor}.started", days)
        return f"""left join {source} on {this}.person = {anchor}.person and {this}.number = {anchor}.number
          and {begun} and ({anchor}.ended is null or {this}.ended is not null)"""
    ended = near.format(f"{this}.ended", f"{anchor}.ended", days)
    return f"""join {source} on {this}.person = {anchor}.person
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


def count_led(engine: Engine, rules: Rules, lead: LeadRules) -> int:
    """Return how many of `simulated_wait` ended one pathway in the window and began the other near that day."""
    pathways = {one.id: one for one in rules.pathways}
    first, then = (pathways[each].anchor.kind for each in (lead.begins, lead.leads_to))
    (row,) = engine.rows(f"""
    select count(distinct a.wait) as led from simulated_wait a
    join simulated_wait b on b.person = a.person and b.kind = '{then}'
      and b.started between a.ended - {lead.days_after} and a.ended + {lead.days_before}
    where a.kind = '{first}' and a.ended is not null""")
    return int(row["led"])
