"""Whom a statement concerns: the portable queries find exactly whom the definition, read one row at a time, finds."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from braid.language.clock_rules import CLOCK_RULES
from braid.language.codes import WAIT_KINDS
from braid.problems.cohorts import condition_sql, create_cohort, find_members
from braid.problems.cohorts_reference import members
from braid.problems.load import shipped_statements
from braid.problems.model import (
    RUNNING_CLOCKS,
    WHOSE_NEED,
    Aged,
    Cohort,
    Condition,
    HasNeed,
    InEpisode,
    LivesIn,
    Statement,
    StaysIn,
    WaitsFor,
    WaitsInBacklogs,
)
from braid.problems.words import cohort_in_words
from braid.store.portable import ENGINES, compile_sql
from braid.trust.roles import COURT_READINESS, VICTIM_RESPONSE
from braid.waits import reference
from braid.waits.blockers import create_blocker
from braid.waits.rules import Standing
from braid.waits.run import run
from drawn import drawn
from waits.place import AS_OF, CALENDAR, TinyPlace, close_engines

LEAP_DAYS = (dt.date(2024, 2, 29), dt.date(2026, 2, 28), dt.date(2026, 3, 1))
AS_OFS = (AS_OF, AS_OF, *LEAP_DAYS)
PEOPLE = ("p0", "p1", "p2", "p3", "p4")
RECORD = st.integers(0, len(PEOPLE))
DISTRICTS = ("E08990001", "E08990002")
SENSITIVITY = st.sampled_from(["normal", "special", "criminal", "safe_address"])
LIMITED = {rule.kind for rule in CLOCK_RULES}
WAITS = ("register", "bnb_family", "rtt", "crown_trial", "therapy")
STAYS, EPISODES, NEEDS = ("ta_bnb", "refuge"), ("cin", "da_support", "criminal_case"), ("sen", "domestic_abuse")
STATEMENT = shipped_statements()[0]


def subset(codes: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(codes), min_size=1, unique=True).map(tuple)


def ages() -> st.SearchStrategy[Condition]:
    years = st.sampled_from([0, 1, 17, 18, 19])
    both = st.tuples(st.none() | years, st.none() | years).filter(lambda pair: pair != (None, None))
    return both.map(lambda pair: Aged(*pair))


CONDITION = st.one_of(
    st.builds(
        WaitsFor,
        subset(tuple(kind for kind in WAITS if kind != "crown_trial")),
        st.just(RUNNING_CLOCKS) | subset(RUNNING_CLOCKS),
        st.none() | st.sampled_from([1, 42, 43, 400]),
    ),
    st.builds(WaitsFor, st.just(("crown_trial",)), st.just(RUNNING_CLOCKS), st.none(), st.sampled_from(Standing)),
    st.builds(
        WaitsFor,
        subset(tuple(kind for kind in WAITS if kind in LIMITED)),
        st.just(RUNNING_CLOCKS) | st.just(("within",)),
        most_days_left=st.sampled_from([0, 1, 30, 400]),
    ),
    st.builds(
        WaitsInBacklogs,
        st.integers(1, 4),
        st.sampled_from([tuple(WAIT_KINDS), ("register", "bnb_family", "rtt"), ("temporary_accommodation",)]),
    ),
    st.builds(StaysIn, subset(STAYS)),
    st.builds(LivesIn, subset(DISTRICTS)),
    st.builds(HasNeed, subset(NEEDS), subset(WHOSE_NEED)),
    st.builds(InEpisode, subset(EPISODES)),
    ages(),
)
CONDITIONS = st.lists(CONDITION, max_size=2).map(tuple)
COHORT = st.builds(Cohort, CONDITIONS, CONDITIONS, CONDITIONS).filter(lambda cohort: cohort.all_of or cohort.any_of)
STATEMENTS = st.lists(st.tuples(COHORT, st.sampled_from([VICTIM_RESPONSE, COURT_READINESS])), min_size=3, max_size=6)


@st.composite
def places(draw: st.DrawFn) -> tuple[TinyPlace, dt.date]:
    place, as_of = TinyPlace(), draw(st.sampled_from(AS_OFS))
    days = st.sampled_from([as_of + dt.timedelta(days=n) for n in (-500, -43, -42, -1, 0, 1)])
    births = st.sampled_from([None, dt.date(2008, 2, 29), as_of.replace(year=2008, day=1), as_of, as_of + WEEK])
    for person in PEOPLE:
        known = {"birth_date": None, "district": draw(st.sampled_from([None, *DISTRICTS]))}
        place.person(person, **known, protected=draw(st.booleans()), location_withheld=draw(st.booleans()))
        place.rows["person"][-1]["birth_date"] = draw(births)
    records = [row["record_id"] for row in place.rows["person_record"]] + [place.record(PEOPLE[0])]
    for table, columns in rows_of(days).items():
        for row in draw(st.lists(st.fixed_dictionaries(columns), max_size=8)):
            place.add(table, person_record_id=records[row.pop("record")], **row)
    return place, as_of


WEEK = dt.timedelta(days=7)


def rows_of(days: st.SearchStrategy[dt.date]) -> dict[str, dict[str, st.SearchStrategy[Any]]]:
    always = {"record": RECORD, "sensitivity": SENSITIVITY}
    period = {"start_date": st.none() | days, "end_date": st.none() | days}
    cases = st.sampled_from(["A", "a ", "B", None])
    return {
        "wait": {
            **always,
            "kind": st.sampled_from(WAITS),
            "start_date": days,
            "stop_date": st.none() | days,
            "start_event": st.just("field"),
            "episode_ref": cases,
        },
        "stay": {**always, **period, "kind": st.sampled_from(STAYS), "confidential": st.booleans()},
        "episode": {
            **always,
            **period,
            "kind": st.sampled_from(EPISODES),
            "role": st.sampled_from(["victim", "defendant", None]),
            "episode_ref": cases,
        },
        "need": {
            **always,
            "code": st.sampled_from(NEEDS),
            "whose": st.sampled_from(WHOSE_NEED),
            "source_type": st.just("flag"),
        },
    }


def stated(cohort: Cohort, purpose: str = COURT_READINESS, name: str = "drawn") -> Statement:
    return replace(STATEMENT, problem_id=name, purpose_code=purpose, cohort=cohort, rules=())


@drawn(20, 300)
@given(places(), STATEMENTS)
def test_queries_and_definition_find_the_same_people(
    drawn: tuple[TinyPlace, dt.date], cohorts: list[tuple[Cohort, str]]
) -> None:
    place, as_of = drawn
    engine = place.load()
    run(engine, CALENDAR, as_of)
    create_blocker(engine, (), as_of)
    tables = {**place.rows, "person_wait": reference.person_waits(place.rows, CALENDAR, as_of)}
    statements = tuple(stated(cohort, purpose, f"n{n}") for n, (cohort, purpose) in enumerate(cohorts))
    create_cohort(engine, statements, as_of)
    rows = engine.rows("select problem, person_id, purpose from cohort")
    for statement in statements:
        found = {row["person_id"] for row in rows if row["problem"] == statement.problem_id}
        sees_secret = statement.purpose_code == VICTIM_RESPONSE
        assert found == members(tables, statement.cohort, as_of, sees_secret=sees_secret), cohort_in_words(
            statement.cohort, {}
        )
    close_engines()


@given(CONDITION, st.booleans(), st.sampled_from(ENGINES))
def test_every_condition_is_portable_to_every_engine(condition: Condition, sees_secret: bool, engine: str) -> None:
    sql = condition_sql(condition, AS_OF, sees_secret=sees_secret)
    assert "person_id" in compile_sql(sql, engine)


@given(COHORT)
def test_every_cohort_is_said_in_words_of_the_code_lists(cohort: Cohort) -> None:
    words = cohort_in_words(cohort, {DISTRICTS[0]: "Northmere"})
    assert words.startswith("people who ")
    assert ("but not those who" in words) is bool(cohort.none_of)
    assert not any(code in words for code in (*WAITS[1:4], *STAYS[:1], *EPISODES, "domestic_abuse", DISTRICTS[0]))


def concerned(place: TinyPlace, condition: Condition, purpose: str = VICTIM_RESPONSE) -> set[str]:
    engine = place.load()
    run(engine, CALENDAR, AS_OF)
    create_blocker(engine, (), AS_OF)
    return set(find_members(engine, stated(Cohort((condition,), ()), purpose), AS_OF))


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (WaitsFor(("bnb_family",)), {"long", "short"}),
        (WaitsFor(("bnb_family",), clocks=("past",)), {"long"}),
        (WaitsFor(("bnb_family",), clocks=("within",)), {"short"}),
        (WaitsFor(("bnb_family",), least_days=42), {"long"}),
        (WaitsFor(("bnb_family",), least_days=43), set()),
    ],
)
def test_a_wait_can_be_asked_for_its_clock_and_its_length(condition: Condition, expected: set[str]) -> None:
    place = TinyPlace()
    for person, days in (("long", 42), ("short", 41)):
        place.wait(place.person(person), "bnb_family", str(AS_OF - dt.timedelta(days=days)))
    assert concerned(place, condition) == expected


def test_a_trial_is_waited_for_as_victim_or_as_defendant() -> None:
    place = TinyPlace()
    victim, defendant = place.person("victim"), place.person("defendant")
    place.wait(defendant, "crown_trial", "2025-06-01", episode_ref="37XK0000126", sensitivity="criminal")
    case = {"kind": "criminal_case", "role": "victim", "episode_ref": "37xk 0000126", "sensitivity": "safe_address"}
    place.add("episode", person_record_id=victim, **case)
    for standing in Standing:
        assert concerned(place, WaitsFor(("crown_trial",), standing=standing)) == {str(standing)}


@pytest.mark.parametrize("hidden", ["protected", "location_withheld"])
def test_whose_location_is_withheld_is_not_found_by_where_they_live(hidden: str) -> None:
    place = TinyPlace()
    place.person("seen")
    place.person("hidden", **{hidden: True})
    assert concerned(place, LivesIn(("E08990001",))) == {"seen"}


def test_what_was_told_under_protection_counts_for_support_alone() -> None:
    place = TinyPlace()
    for person, sensitivity in (("told", "safe_address"), ("known", "special")):
        need = {"code": "domestic_abuse", "whose": "person", "source_type": "disclosed", "sensitivity": sensitivity}
        place.add("need", person_record_id=place.person(person), **need)
    need = HasNeed(("domestic_abuse",), WHOSE_NEED)
    assert concerned(place, need, VICTIM_RESPONSE) == {"told", "known"}
    assert concerned(place, need, COURT_READINESS) == {"known"}


def test_nobody_is_of_an_age_before_birth_or_without_a_birth_date() -> None:
    place = TinyPlace()
    for person, born in (("unborn", "2026-11-16"), ("newborn", "2026-11-15"), ("unknown", None)):
        place.person(person, birth_date=born)
    assert concerned(place, Aged(None, 1)) == {"newborn"}


def test_none_of_leaves_people_out_and_the_reason_says_so() -> None:
    place = TinyPlace()
    for person in ("alone", "helped"):
        place.wait(place.person(person), "register", "2026-01-01")
    place.add("episode", person_record_id=place.rows["person_record"][1]["record_id"], kind="cin")
    engine = place.load()
    run(engine, CALENDAR, AS_OF)
    create_blocker(engine, (), AS_OF)
    cohort = Cohort((WaitsFor(("register",)),), (), (InEpisode(("cin",)),))
    create_cohort(engine, (stated(cohort),), AS_OF)
    (row,) = engine.rows("select person_id, reason from cohort")
    assert row["person_id"] == "alone"
    assert row["reason"] == (
        "One of the people who wait (Social housing register)."
        " Not one of those who are known to a service (Child in need)."
    )


def test_the_drawn_waits_have_kinds_with_a_limit_and_without() -> None:
    limited = {rule.kind for rule in CLOCK_RULES}
    assert set(WAITS) & limited and set(WAITS) - limited


def test_backlogs_beyond_the_statements_own_do_not_count() -> None:
    place = TinyPlace()
    place.person("ada")
    for kind in ("register", "rtt"):
        place.wait(place.rows["person_record"][-1]["record_id"], kind, "2026-01-01")
    assert concerned(place, WaitsInBacklogs(2)) == {"ada"}
    assert concerned(place, WaitsInBacklogs(2, ("register", "bnb_family"))) == set()


def test_backlogs_of_support_count_for_support_alone() -> None:
    place = TinyPlace()
    for person, other in (("told", "therapy"), ("known", "rtt")):
        place.person(person)
        place.wait(place.rows["person_record"][-1]["record_id"], "register", "2026-01-01")
        secret = "safe_address" if other == "therapy" else "normal"
        place.wait(place.rows["person_record"][-1]["record_id"], other, "2026-01-01", sensitivity=secret)
    assert concerned(place, WaitsInBacklogs(2), VICTIM_RESPONSE) == {"told", "known"}
    assert concerned(place, WaitsInBacklogs(2), COURT_READINESS) == {"known"}


@pytest.mark.parametrize(
    ("days", "left", "expected"), [(41, 0, {"p"}), (40, 0, set()), (40, 1, {"p"}), (42, 400, set())]
)
def test_days_left_are_counted_to_the_last_day_inside_the_limit(days: int, left: int, expected: set[str]) -> None:
    place = TinyPlace()
    place.wait(place.person("p"), "bnb_family", str(AS_OF - dt.timedelta(days=days)))
    assert concerned(place, WaitsFor(("bnb_family",), most_days_left=left)) == expected
