"""Generated rows that outcomes are counted over: every table that the queries read, all of it made up."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

from braid.language.findings import TABLES
from braid.place.outcomes.load import shipped_outcomes
from braid.place.outcomes.model import Counted, Measure, Met, Outcome
from braid.problems.load import load_statements
from braid.problems.model import Aged, Cohort, HasNeed, InEpisode, LivesIn, StaysIn, WaitsFor
from braid.store.engine import Engine

AS_OF = dt.date(2026, 11, 15)
READ = ("person", "person_link", "person_wait", "stay", "episode", "need", "event", "outcome")
KINDS = (
    "cf_assessment",
    "victim_support",
    "care_proceedings",
    "therapy",
    "temporary_accommodation",
    "bnb_family",
    "in_year_admission",
)
LINEAGE = {"feed": "f", "organisation_id": "c", "standard": "cin", "file_sha256": "0", "as_of_date": AS_OF}

Rows = dict[str, list[dict[str, Any]]]


def generate(seed: int, people: int, districts: tuple[str, ...], days: int = 900) -> Rows:
    """Return rows of every table read, of so many people in those districts over so many days."""
    draw = random.Random(seed)
    made: Rows = {name: [] for name in READ}

    def some_day(back: int = days) -> dt.date:
        return AS_OF - dt.timedelta(days=draw.randrange(back))

    def spell() -> tuple[dt.date, dt.date | None]:
        first, last = sorted((some_day(), some_day()))
        return first, draw.choice((None, last, last))

    def add(table: str, **values: Any) -> None:
        row = {**dict.fromkeys(TABLES[table].names), **values}
        common = {name: value for name, value in LINEAGE.items() if name in row and row[name] is None}
        if "record_id" in row:
            common |= {"record_id": f"{table}{len(made[table])}", "row_ref": "1", "collection_year": 2026}
        if "sensitivity" in row:
            common |= {"sensitivity": "normal"}
        made[table].append({**row, **{name: value for name, value in common.items() if name in row}})

    for number in range(people):
        person, record = f"p{number}", f"r{number}"
        add(
            "person",
            person_id=person,
            birth_date=draw.choice((None, some_day(20_000), some_day(6_000))),
            district_code=draw.choice((None, *districts)),
            protected=draw.random() < 0.1,
            location_withheld=draw.random() < 0.1,
            record_count=1,
        )
        add("person_link", person_id=person, person_record_id=record, method="single")
        for _ in range(draw.randrange(4)):
            start, stop = spell()
            due = draw.choice((None, start + dt.timedelta(days=draw.randrange(200))))
            running = "no_limit" if due is None else ("within" if due >= AS_OF else "past")
            ended = "stopped" if due is None else ("stopped_within" if stop and stop <= due else "stopped_past")
            add(
                "person_wait",
                wait_id=f"w{len(made['person_wait'])}",
                person_id=person,
                kind=draw.choice(KINDS),
                backlog="care_proceedings",
                case_record_id="c",
                start_date=start,
                stop_date=stop,
                start_event="e",
                due_date=due,
                clock=running if stop is None else ended,
                rule_id="r",
                rule_version="1",
                explanation="x",
            )
        if draw.random() < 0.5:
            start, stop = spell()
            add(
                "stay",
                person_record_id=record,
                confidential=False,
                kind=draw.choice(("ta_bnb", "refuge")),
                start_date=start,
                end_date=stop,
            )
        if draw.random() < 0.5:
            start, stop = spell()
            add("episode", person_record_id=record, kind=draw.choice(("cin", "ta")), start_date=start, end_date=stop)
        if draw.random() < 0.5:
            day = draw.choice((None, some_day()))
            add(
                "need",
                person_record_id=record,
                code="domestic_abuse",
                whose="person",
                assessed_date=day,
                source_type="flag",
            )
        for _ in range(draw.randrange(3)):
            status = draw.choice(("completed", "adjourned", "vacated", "entered_in_error", None))
            cause = draw.choice((None, "expert", "external"))
            add(
                "event",
                person_record_id=record,
                kind="hearing",
                start_date=some_day(),
                status=status,
                cause_group=cause,
            )
        if draw.random() < 0.5:
            for week in range(draw.randrange(8)):
                monday = AS_OF - dt.timedelta(days=6 + 7 * week)
                result = f"{draw.randrange(11)}/{draw.choice((0, 10, 10, 10))}"
                add(
                    "outcome", person_record_id=record, measure="attendance:sessions", result=result, result_date=monday
                )
    return made


def load(engine: Engine, rows: Rows) -> None:
    """Load the rows into an engine."""
    for name in READ:
        engine.load_rows(TABLES[name], rows[name])


def _outcome(name: str, measure: Measure) -> Outcome:
    return Outcome(name, name, "why", "lower", "own", "", measure)


def _met_by(*conditions: Any) -> Met:
    return Met(who=Cohort(tuple(conditions), ()))


def all_forms() -> tuple[Outcome, ...]:
    """Return the shipped outcomes, and one for each form that none of them has."""
    among = Cohort(
        (StaysIn(("ta_bnb", "refuge")),), (Aged(None, 18), InEpisode(("cin",))), (HasNeed(("neglect",), ("person",)),)
    )
    need = HasNeed(("domestic_abuse",), ("person", "parent"))
    late = WaitsFor(("cf_assessment", "bnb_family"), clocks=("past", "no_limit"), least_days=20)
    near = WaitsFor(("cf_assessment",), clocks=("within",), most_days_left=60)
    here = LivesIn(("E1",))
    own = (
        _outcome("among", Measure("median", "quarter", Counted("waits_ended", KINDS, among))),
        _outcome("open_in_time", Measure("share", "month", Counted("waits_open", KINDS), Met(within_limit=True))),
        _outcome(
            "long", Measure("share", "week", Counted("waits_open", KINDS), Met(days_at_least=30, days_at_most=90))
        ),
        _outcome("began", Measure("count", "month", Counted("waits_began", ("therapy",)), _met_by(need))),
        _outcome("late", Measure("share", "month", Counted("people", (), Cohort((need,), ())), _met_by(late))),
        _outcome("near", Measure("count", "month", Counted("people", (), Cohort((), (near, late))))),
        _outcome("old", Measure("count", "quarter", Counted("people", (), Cohort((Aged(5, 60), here), ())))),
        _outcome(
            "rate",
            Measure("rate", "quarter", Counted("waits_began", KINDS), per=Cohort((need,), (), (Aged(60, None),))),
        ),
        _outcome("known", Measure("count", "month", Counted("events", ("hearing",)), known_from=dt.date(2026, 9, 1))),
    )
    return (*shipped_outcomes(load_statements()).outcomes, *own)
