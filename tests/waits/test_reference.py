"""The fast stage gives exactly what the slow obvious one gives, on whatever rows."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from braid.waits import reference
from braid.waits.backlogs import create_multi_backlog
from braid.waits.person_waits import create_person_wait
from braid.waits.run import run
from drawn import drawn
from waits.place import AS_OF, CALENDAR, TinyPlace, close_engines

PEOPLE = [f"p{n}" for n in range(5)]
DAYS = st.sampled_from([AS_OF - dt.timedelta(days=n) for n in (-3, 0, 1, 40, 90, 91, 92, 365, 366, 990)])
MAYBE_DAY = st.none() | DAYS
KINDS = st.sampled_from(
    "register rtt crown_trial care_proceedings temporary_accommodation bnb_family cla_review in_year_admission".split()
)
REFERENCES = st.sampled_from([None, "37XK1", "37xk 1", "B"])
SENSITIVITIES = st.sampled_from(["normal", "special", "criminal", "safe_address"])
FEEDS = st.sampled_from(["feed", "another"])
RECORDS = st.integers(0, 8)

WAITS = st.fixed_dictionaries(
    {
        "record": RECORDS,
        "kind": KINDS,
        "start_date": DAYS,
        "stop_date": MAYBE_DAY,
        "episode_ref": REFERENCES,
        "feed": FEEDS,
        "sensitivity": SENSITIVITIES,
        "extended_to_date": MAYBE_DAY,
        "exception": st.sampled_from([None, None, "ehca:absence"]),
        "as_of_date": st.sampled_from([None, AS_OF, AS_OF - dt.timedelta(days=1)]),
        "organisation_id": st.sampled_from(["council", "council", "hospital"]),
        "standard": st.sampled_from(["cin", "csc_api", "of_its_own"]),
    }
)
SAID = st.dictionaries(FEEDS, st.integers(0, 30))
EPISODES = st.fixed_dictionaries(
    {
        "record": RECORDS,
        "kind": st.sampled_from(["criminal_case", "cin"]),
        "role": st.sampled_from(["victim", "defendant", None]),
        "episode_ref": REFERENCES,
        "start_date": MAYBE_DAY,
        "end_date": MAYBE_DAY,
        "worker": st.sampled_from([None, "Ann", "Ben"]),
        "team": st.sampled_from([None, "East"]),
        "feed": FEEDS,
        "standard": st.sampled_from(["cin", "victim_service"]),
        "sensitivity": SENSITIVITIES,
    }
)
EVENTS = st.fixed_dictionaries({"record": RECORDS, "start_date": MAYBE_DAY, "end_date": MAYBE_DAY, "feed": FEEDS})


@st.composite
def places(draw: st.DrawFn) -> TinyPlace:
    place = TinyPlace()
    records = [
        place.person(person, district=draw(st.sampled_from([None, "D1", "D2"])), protected=draw(st.booleans()))
        for person in PEOPLE
    ]
    records += [place.record(draw(st.sampled_from(PEOPLE))) for _ in range(3)] + ["of nobody"]
    for table, rows, fixed in (("wait", WAITS, {"start_event": "field"}), ("episode", EPISODES, {})):
        for row in draw(st.lists(rows, max_size=14)):
            place.add(table, person_record_id=records[row.pop("record")], **row, **fixed)
    for row in draw(st.lists(EVENTS, max_size=4)):
        place.add("event", person_record_id=records[row.pop("record")], kind="visit", **row)
    return place


def same(fast: list[dict[str, Any]], slow: list[dict[str, Any]]) -> None:
    assert len(fast) == len(slow)
    for left, right in zip(fast, slow, strict=True):
        assert left.keys() == right.keys()
        for name, value in left.items():
            if isinstance(value, float):
                assert value == pytest.approx(right[name]), name
            else:
                assert value == right[name], name


STAYS = st.fixed_dictionaries(
    {
        "record": st.integers(0, 7),
        "kind": st.just("bnb_family"),
        "start_date": st.integers(0, 60).map(lambda days: AS_OF - dt.timedelta(days=days)),
        "stop_date": st.none() | st.integers(-3, 60).map(lambda days: AS_OF - dt.timedelta(days=days)),
        "episode_ref": st.sampled_from(["A", "A", "A", "B", None]),
        "feed": FEEDS,
        "as_of_date": st.sampled_from([AS_OF, AS_OF - dt.timedelta(days=1)]),
    }
)


@drawn(15, 200)
@given(st.lists(STAYS, max_size=12))
def test_fast_and_slow_add_up_the_same_stays(stays: list[dict[str, Any]]) -> None:
    place = TinyPlace()
    records = [place.person(person) for person in PEOPLE[:2]]
    records += [place.record(PEOPLE[number % 2]) for number in range(6)]
    for row in stays:
        place.add("wait", person_record_id=records[row.pop("record")], start_event="ta_entry", **row)
    engine = place.load()
    create_person_wait(engine, CALENDAR, AS_OF)
    same(engine.rows("select * from person_wait order by wait_id"), reference.person_waits(place.rows, CALENDAR, AS_OF))
    close_engines()


@drawn(25, 400)
@given(places(), SAID)
def test_fast_and_slow_agree(place: TinyPlace, precedence: dict[str, int]) -> None:
    engine = place.load()
    summary = run(engine, CALENDAR, AS_OF, feed_services={"another": "Another service"}, precedence=precedence)
    waits = reference.person_waits(place.rows, CALENDAR, AS_OF, precedence)
    people = place.rows["person"]
    same(engine.rows("select * from person_wait order by wait_id"), waits)
    same(
        engine.rows("select * from involvement order by person_id, organisation_id, service"),
        reference.involvements(place.rows, AS_OF, {"another": "Another service"}),
    )
    create_multi_backlog(engine)
    same(engine.rows("select * from multi_backlog order by person_id"), reference.multi_backlog(waits, people))
    same(
        engine.rows("select * from backlog_measure order by kind, coalesce(district_code, '')"),
        reference.backlog_measures(waits, people, AS_OF),
    )
    left_out = summary.unlinked + summary.unknown_kind + summary.begins_later + summary.ended_before_start
    assert summary.waits_read == (
        left_out + summary.repeated + summary.told_again + summary.person_waits - summary.inherited
    )
    close_engines()
