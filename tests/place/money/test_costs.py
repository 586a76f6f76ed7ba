"""Costs of people by payer: whatever the rows, those of a twin that walks from day to day; and examples by hand."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from contextlib import closing
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from braid.language.findings import PERSON_LINK, TABLES
from braid.language.records import SOURCE_TABLES
from braid.language.rule_files import RulesInvalid, RulesUnreadable
from braid.place.money import costs
from braid.place.money.costs import create_person_cost, uncosted
from braid.place.money.savings import Change, PayerEffect, effects_of
from braid.place.money.unit_costs import COLUMNS, UnitCost, parse_unit_costs
from braid.store.duckdb_engine import DuckDBEngine
from braid.store.portable import compile_sql

FIRST, UNTIL = dt.date(2026, 3, 1), dt.date(2026, 6, 16)
DAY = dt.timedelta(days=1)
RECORDS = {table.name: table for table in SOURCE_TABLES}
COSTS = (
    UnitCost("stay", "ta_bnb", "day", "council", 7_001, 2025, dt.date(2000, 1, 1), dt.date(2026, 4, 10), "made up"),
    UnitCost("stay", "ta_bnb", "day", "council", 7_503, 2026, dt.date(2026, 4, 10), None, "made up"),
    UnitCost("stay", "ta_bnb", "each", "icb", 333, 2025, dt.date(2000, 1, 1), None, "made up"),
    UnitCost("episode", "cin", "day", "council", 1_111, 2025, dt.date(2026, 4, 5), None, "made up"),
    UnitCost("event", "hearing", "each", "court", 99_999, 2025, dt.date(2000, 1, 1), dt.date(2026, 5, 1), "made up"),
    UnitCost("wait", "rtt", "week", "icb", 1_000, 2025, dt.date(2000, 1, 1), None, "made up"),
    UnitCost("wait", "rtt", "week", "council", 55, 2025, dt.date(2026, 4, 3), dt.date(2026, 5, 20), "made up"),
)
KINDS = {"stay": ("ta_bnb", "sofa"), "episode": ("cin", "cpp"), "event": ("hearing", "visit"), "wait": ("rtt", "ehcp")}
Span = tuple[str, str, str, dt.date | None, dt.date | None]


def twin(spans: list[Span]) -> dict[tuple[str, str, dt.date], int]:
    """By person, payer and month: every day is asked what it costs."""
    found: Counter = Counter()
    for person, table, kind, start, end in set(spans):
        if start is None:
            continue
        for cost in COSTS:
            if (cost.table, cost.code) != (table, kind):
                continue
            weeks, before, day = Fraction(0), 0, start
            while day < UNTIL:
                lasts = day == start or (table != "event" and (end is None or day < end))
                if not lasts:
                    break
                holds = cost.valid_from <= day and (cost.valid_to is None or day < cost.valid_to)
                pence = 0
                if holds and cost.unit == "day":
                    pence = cost.pence
                if holds and cost.unit == "each" and day == start:
                    pence = cost.pence
                if holds and cost.unit == "week":
                    weeks += Fraction(cost.pence, 7)
                    pence, before = int(weeks) - before, int(weeks)
                if day >= FIRST:
                    found[person, cost.payer, day.replace(day=1)] += pence
                day += DAY
    return {key: pence for key, pence in found.items() if pence}


def reckoned(spans: list[Span]) -> tuple[dict[tuple[str, str, dt.date], int], int]:
    with closing(DuckDBEngine("256MB")) as engine:
        load(engine, spans)
        create_person_cost(engine, COSTS, FIRST, UNTIL)
        rows = engine.rows("select person_id, payer, month, pence from person_cost")
        return {(row["person_id"], row["payer"], row["month"]): row["pence"] for row in rows}, uncosted(engine)


def load(engine: DuckDBEngine, spans: list[Span]) -> None:
    people = sorted({span[0] for span in spans} | {"nobody"})
    engine.load_rows(PERSON_LINK, [_row(PERSON_LINK, person_id=one, person_record_id=f"r-{one}") for one in people])
    for name in ("stay", "episode", "event"):
        last = "stop" if name == "wait" else "end"
        rows = [
            _row(
                RECORDS[name],
                record_id=f"{name}-{at}",
                person_record_id=f"r-{person}",
                kind=kind,
                start_date=start,
                **{f"{last}_date": end},
            )
            for at, (person, table, kind, start, end) in enumerate(spans)
            if table == name
        ]
        engine.load_rows(RECORDS[name], rows)
    waits = [
        _row(TABLES["person_wait"], wait_id=f"w-{at}", person_id=person, kind=kind, start_date=start, stop_date=end)
        for at, (person, table, kind, start, end) in enumerate(spans)
        if table == "wait" and start is not None
    ]
    engine.load_rows(TABLES["person_wait"], waits)


def _row(table, **given):
    """A row of a table in which whatever must be there is something."""
    fillers = {"boolean": False, "date": dt.date(2026, 1, 1), "timestamp": None, "integer": 0, "decimal": 0}
    row = {
        column.name: (
            fillers.get(str(column.type.name if hasattr(column.type, "name") else column.type).lower(), "any")
        )
        if column.required
        else None
        for column in table.columns
    }
    return {**row, **given}


days = st.integers(-40, 130).map(lambda number: FIRST + number * DAY)


@st.composite
def spans(draw) -> Span:
    table = draw(st.sampled_from(sorted(KINDS)))
    start = draw(st.one_of(days, days, days, st.none()) if table != "wait" else days)
    lasts = draw(st.one_of(st.none(), st.integers(0, 90)))
    end = None if lasts is None or start is None else start + lasts * DAY
    return draw(st.sampled_from(("p1", "p2"))), table, draw(st.sampled_from(KINDS[table])), start, end


@settings(max_examples=60, deadline=None)
@given(st.lists(spans(), max_size=6))
def test_costs_are_those_of_every_single_day(found):
    told, left_out = reckoned(found)
    assert told == twin(found)
    costed = {(cost.table, cost.code) for cost in COSTS}
    assert left_out == sum(1 for span in found if span[3] is None and (span[1], span[2]) in costed)


def test_a_stay_of_two_months_by_hand():
    stay = ("p1", "stay", "ta_bnb", dt.date(2026, 4, 8), dt.date(2026, 5, 3))
    told, _ = reckoned([stay, stay])
    assert told == {
        ("p1", "council", dt.date(2026, 4, 1)): 2 * 7_001 + 21 * 7_503,
        ("p1", "council", dt.date(2026, 5, 1)): 2 * 7_503,
        ("p1", "icb", dt.date(2026, 4, 1)): 333,
    }, "what two sources tell of one stay counts once"


def test_weeks_of_waiting_add_up_to_the_penny():
    told, _ = reckoned([("p1", "wait", "rtt", dt.date(2026, 3, 2), dt.date(2026, 5, 27))])
    assert sum(pence for (_, payer, _), pence in told.items() if payer == "icb") == 86 * 1_000 // 7


def test_the_queries_are_portable():
    for sql in (costs._SPANS, costs._COSTS):
        assert compile_sql(sql, "spark")


HEAD = ",".join(COLUMNS) + "\n"
GOOD = "stay,ta_bnb,day,council,7001,2025,2025-04-01,,Made up\n"


def test_a_sound_file_is_read():
    (cost,) = parse_unit_costs(HEAD + GOOD)
    assert cost == UnitCost("stay", "ta_bnb", "day", "council", 7001, 2025, dt.date(2025, 4, 1), None, "Made up")


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("stay", "home", "row 2: the table is not one"),
        ("ta_bnb", "palace", "row 2: the code is no kind of stay"),
        ("day", "week", "row 2: a stay is not costed by that unit"),
        ("7001", "70.01", "row 2: pence must be a whole number"),
        ("7001", "-1", "row 2: pence must be a whole number"),
        (",2025,", ",25,", "row 2: price_year must be a year"),
        ("2025-04-01,", "2025-04-01,2025-04-01", "row 2: valid_from and valid_to must be days"),
        ("Made up", "", "row 2: source must be a text"),
        ("council", "", "row 2: payer must be a text"),
        (",Made up", "", "row 2: it has more or fewer cells"),
    ],
)
def test_each_fault_of_the_file_is_told(old, new, fault):
    with pytest.raises(RulesInvalid) as raised:
        parse_unit_costs(HEAD + GOOD.replace(old, new, 1))
    assert fault in str(raised.value)


def test_two_costs_of_one_day_and_other_columns_are_refused():
    with pytest.raises(RulesInvalid, match="two costs of one payer hold on one day"):
        parse_unit_costs(HEAD + GOOD + GOOD.replace("2025-04-01", "2026-04-01"))
    parse_unit_costs(HEAD + GOOD.replace(",,", ",2026-04-01,") + GOOD.replace("2025-04-01", "2026-04-01"))
    with pytest.raises(RulesUnreadable):
        parse_unit_costs("code,pence\n")


def test_who_pays_and_who_saves_by_hand():
    changes = [Change("rtt", 40, 3), Change("ehcp", 10, 2)]
    effects = effects_of(changes, COSTS, dt.date(2026, 4, 20), 100_001, {"council": 2, "icb": 1})
    # 120 weeks at 10.00 to the ICB and 0.55 to the council; 1,000.01 shared two to one.
    assert effects == (PayerEffect("icb", 33_334, 120_000), PayerEffect("council", 66_667, 6_600))
    assert [effect.net for effect in effects] == [86_666, -60_067]
