"""Drawn places and drawn nights: what may happen to a place between two runs, and both ways to run it."""

from __future__ import annotations

import datetime as dt
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from hypothesis import strategies as st

from braid.language.findings import TABLES
from braid.language.priority_findings import PRIORITY_TABLES
from braid.pipeline import TABLES_OF_STAGE
from braid.problems.delta import EARLIER_TABLES, Before, Delta
from braid.problems.load import shipped_statements
from braid.problems.model import (
    Aged,
    Cohort,
    HasNeed,
    InEpisode,
    LivesIn,
    Statement,
    StaysIn,
    WaitsFor,
    WaitsInBacklogs,
)
from braid.problems.run import run as run_problems
from braid.store.duckdb_engine import DuckDBEngine
from braid.waits.rules import BlockerRule, HolderWait, Whose, Words
from braid.waits.run import run as run_waits
from waits.place import AS_OF, CALENDAR, LOADED, SOURCE, TinyPlace

Row = dict[str, Any]
MADE = tuple(
    table for stage in ("waits", "problems") for table in TABLES_OF_STAGE[stage] if table not in PRIORITY_TABLES
)
FEEDS = ("feed", "other")
SERVICES = {"feed": "A service", "other": "A service"}
"""Two feeds behind one service: the newest of their dates is the involvement's."""

_WORDS = Words("Held: {holder}.", "council", "Housing options manager", "Agree who goes first.")
_LOOP = [
    BlockerRule(f"loop_{held}", "loops", held, None, HolderWait((holder,), Whose.SAME_PERSON, None, _WORDS))
    for held, holder in (("register", "rtt"), ("rtt", "register"))
]


def statements() -> tuple[Statement, ...]:
    """The statements that ship, and one of every condition with rules by which two queues wait for each other."""
    shipped = shipped_statements()
    asked = (
        WaitsFor(("rtt", "register"), least_days=31),
        WaitsFor(("cf_assessment", "in_year_admission"), most_days_left=3),
        WaitsInBacklogs(3),
        WaitsFor(("cf_assessment",), clocks=("past",)),
        StaysIn(("ta_bnb",)),
        LivesIn(("E08990002",)),
        HasNeed(("sen",), ("person",)),
        InEpisode(("cin",)),
        Aged(18, None),
    )
    loops = replace(shipped[0], problem_id="loops", cohort=Cohort((), asked), rules=tuple(_LOOP))
    return (*shipped, loops)


STATEMENTS = statements()
KINDS = ("register", "rtt", "crown_trial", "care_proceedings", "cf_assessment", "in_year_admission", "therapy",
         "temporary_accommodation", "bnb_family", "bnb_family", "ehcp_plan", "victim_support")  # fmt: skip
BACK = st.sampled_from([-40, -1, 1, 14, 27, 50, 75, 125, 160, 180, 240, 300, 400, 500, 700])
AHEAD = st.sampled_from([None, None, None, None, -90, -30, -20, 1, 40])
REFERENCE = st.sampled_from(["A", "A", "a ", "B", None])
ORGANISATION = st.sampled_from(["court", "court", "other"])
SENSITIVITY = st.sampled_from(["normal", "normal", "special", "criminal", "safe_address"])
DISTRICT = st.sampled_from(["E08990001", "E08990002", None])
GROUP = 3
"""People of one case; what is drawn for one of them may touch the others."""


def _day(as_of: dt.date, days: int | None) -> dt.date | None:
    return None if days is None else as_of + dt.timedelta(days=days)


@st.composite
def fresh_row(draw: st.DrawFn, place: TinyPlace, as_of: dt.date, group: int) -> tuple[str, Row]:
    """A row of any source table, of somebody of a group or of a record of nobody."""
    records = [row["record_id"] for row in place.rows["person_record"] if row["partner_record_id"][1:-1] == str(group)]
    record = draw(st.sampled_from([*records, f"nobody{group}"]))
    reference = draw(REFERENCE)
    common: Row = {
        "person_record_id": record,
        "feed": draw(st.sampled_from(FEEDS)),
        "organisation_id": draw(ORGANISATION),
        "sensitivity": draw(SENSITIVITY),
    }
    case = {"episode_ref": reference and f"{group}{reference}"}
    table = draw(st.sampled_from(["wait"] * 6 + ["episode"] * 2 + ["event"] * 2 + ["stay", "need"]))
    start, end = _day(as_of, -draw(BACK)), _day(as_of, draw(AHEAD))
    if table == "wait":
        more: Row = {
            "kind": draw(st.sampled_from(KINDS)),
            "start_event": "field",
            "start_date": start,
            "stop_date": end,
        }
        return table, {**common, **case, **more}
    if table == "episode":
        kind, role = draw(
            st.sampled_from(
                [
                    ("criminal_case", "victim"),
                    ("criminal_case", "defendant"),
                    ("family_case", "respondent"),
                    ("cin", None),
                ]
            )
        )
        worker = draw(st.sampled_from([None, "Worker"]))
        more = {"kind": kind, "role": role, "start_date": start, "end_date": end, "worker": worker}
        return table, {**common, **case, **more}
    if table == "event":
        more = {
            "kind": "hearing",
            "start_date": end,
            "planned_date": draw(st.sampled_from([None, start])),
            "status": draw(st.sampled_from([None, "booked", "adjourned", "adjourned", "vacated", "completed"])),
            "cause_group": draw(st.sampled_from([None, "lawyers", "expert", "external"])),
            "status_reason": draw(st.sampled_from([None, "fpl:LW1", "fpl:EX1"])),
        }
        return table, {**common, **case, **more}
    if table == "stay":
        more = {"kind": draw(st.sampled_from(["ta_bnb", "refuge"])), "start_date": start, "end_date": end,
                "confidential": False}  # fmt: skip
        return table, {**common, **more}
    return table, {**common, "code": "sen", "source_type": "test", "whose": draw(st.sampled_from(["person", "parent"]))}


@st.composite
def places(draw: st.DrawFn, groups: int = 8) -> TinyPlace:
    """Groups of people side by side, each with its own cases."""
    place = TinyPlace()
    for group in range(groups):
        for member in "abc"[:GROUP]:
            name = f"p{group}{member}"
            birth = draw(st.sampled_from(["2015-05-05"] * 6 + ["1990-02-28"] * 4 + ["2008-11-16", "2026-11-17"]))
            place.person(name, birth, draw(DISTRICT), protected=draw(st.sampled_from([False, False, False, True])))
        for _ in range(draw(st.integers(2, 9))):
            table, row = draw(fresh_row(place, AS_OF, group))
            place.add(table, **row)
            if table == "wait" and draw(st.booleans()):  # another feed tells it too, and may know otherwise of its end
                (feed,) = set(FEEDS) - {row["feed"]}
                place.add(table, **{**row, "feed": feed, "stop_date": _day(AS_OF, draw(AHEAD))})
    return place


@st.composite
def nights(draw: st.DrawFn, place: TinyPlace, as_of: dt.date) -> tuple[TinyPlace, dt.date]:
    """The place as the next run finds it: days pass, extracts come again, and little of it is otherwise."""
    later = as_of + dt.timedelta(days=draw(st.sampled_from([0, 1, 1, 1, 2, 5])))
    next_place = TinyPlace()
    next_place._numbers = place._numbers
    next_place.rows = {name: [dict(row) for row in rows] for name, rows in place.rows.items()}
    for feed in FEEDS:
        if draw(st.sampled_from([True, True, False])):
            for name in SOURCE:
                for row in next_place.rows[name]:
                    if row["feed"] == feed:
                        row |= {
                            "as_of_date": later,
                            "file_sha256": f"{later:%d}" * 32,
                            "row_ref": f"{later} {row['row_ref']}",
                        }
    for _ in range(draw(st.integers(0, 3))):
        draw(change(next_place, later))
    return next_place, later


@st.composite
def change(draw: st.DrawFn, place: TinyPlace, as_of: dt.date) -> None:
    """One thing that happens in one group: a row comes, goes or changes; people merge, split or are described anew."""
    group = draw(st.integers(0, 7))
    what = draw(st.sampled_from(["add", "add", "retract", "alter", "merge", "split", "describe"]))
    links, persons = place.rows["person_link"], place.rows["person"]
    if what == "add":
        table, row = draw(fresh_row(place, as_of, group))
        dates = [one["as_of_date"] for name in SOURCE for one in place.rows[name] if one["feed"] == row["feed"]]
        place.add(table, **row, as_of_date=max(dates, default=as_of))
    elif what in ("retract", "alter"):
        table = draw(st.sampled_from(["wait", "wait", "episode", "event", "stay", "need"]))
        rows = place.rows[table]
        if rows:
            at = draw(st.integers(0, len(rows) - 1))
            if what == "retract":
                rows.pop(at)
            elif "end_date" in rows[at]:
                rows[at]["end_date"] = _day(as_of, draw(AHEAD))
            elif "stop_date" in rows[at]:
                rows[at]["stop_date"] = _day(as_of, draw(AHEAD))
            else:
                rows[at]["whose"] = "household"
    elif what == "merge":
        here = sorted({link["person_id"] for link in links if link["person_id"].startswith(f"p{group}")})
        if len(here) > 1:
            for link in links:
                if link["person_id"] == here[1]:
                    link["person_id"] = here[0]
            persons[:] = [row for row in persons if row["person_id"] != here[1]]
    elif what == "split":
        at = draw(st.integers(0, len(links) - 1))
        name = f"{links[at]['person_id'][:2]}s{at}"
        links[at]["person_id"] = name
        if all(row["person_id"] != name for row in persons):
            persons.append({**persons[0], "person_id": name})
    elif persons:
        at = draw(st.integers(0, len(persons) - 1))
        persons[at] |= {"district_code": draw(DISTRICT), "protected": draw(st.booleans())}


def load(place: TinyPlace) -> DuckDBEngine:
    """An engine with a place's source tables, links and persons."""
    engine = new_engine()
    for name in LOADED:
        engine.load_rows(TABLES[name], place.rows[name])
    return engine


def new_engine() -> DuckDBEngine:
    """An empty engine."""
    return DuckDBEngine(memory_limit="512MB", threads=1)


def run_fully(place: TinyPlace, as_of: dt.date, folder: Path) -> Before:
    """Run both stages over everybody, and write what they find and what they rest on."""
    folder.mkdir()
    with closing(load(place)) as engine:
        summary = run_waits(engine, CALENDAR, as_of, feed_services=SERVICES)
        run_problems(engine, STATEMENTS, as_of)
        write(engine, folder)
    return Before(as_of, summary.as_document())


def run_delta(
    place: TinyPlace, as_of: dt.date, before: Before, earlier: Path, folder: Path, most: float = 1
) -> tuple[Before, Delta]:
    """Run both stages over whom the night touches, on top of what a run before wrote."""
    folder.mkdir()
    with closing(load(place)) as engine:
        for name in EARLIER_TABLES:
            engine.load_parquet(f"earlier_{name}", earlier / f"{name}.parquet")
        delta = Delta(engine, new_engine, CALENDAR, as_of, before, STATEMENTS, SERVICES, most_touched=most)
        with closing(delta):
            summary = delta.run_waits()
            delta.run_problems()
            write(engine, folder)
    return Before(as_of, summary.as_document()), delta


def write(engine: DuckDBEngine, folder: Path) -> None:
    for table in (*(TABLES[name] for name in LOADED), *MADE):
        engine.write(table, folder / f"{table.name}.parquet")


def differences(one: Path, other: Path) -> dict[str, tuple[list[Row], list[Row]]]:
    """Rows of every finding table that only one of two folders holds, by table."""
    found = {}
    for table in MADE:
        left, right = (pq.read_table(folder / f"{table.name}.parquet").to_pylist() for folder in (one, other))
        if left != right:
            found[table.name] = ([row for row in left if row not in right], [row for row in right if row not in left])
    return found
