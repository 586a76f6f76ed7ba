"""Problems and plans as documents: read back as written, and every fault said."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from braid.language.documents import DocumentInvalid, fingerprint, parse, schema, write
from braid.planning.appointments.checker import check
from braid.planning.appointments.model import (
    LARGEST_PRICE,
    LARGEST_TIMES,
    LARGEST_WEIGHT,
    LONGEST_WAIT,
    After,
    Agreed,
    AppointmentsPlan,
    AppointmentsProblem,
    Prices,
    SameSex,
    Travel,
    Victim,
    faults,
)
from braid.planning.appointments.run import solve
from braid.planning.contract import Limits
from planning.appointments.instances import random_problem
from planning.appointments.made import MONDAY, PROBLEM, plan_with


@given(st.integers(0, 10**9))
@settings(max_examples=60, deadline=None)
def test_a_problem_is_read_back_as_written(seed: int) -> None:
    problem = random_problem(seed)
    again = parse(write(problem), AppointmentsProblem, "problem.json")
    assert again == problem
    assert fingerprint(again) == fingerprint(problem)


def test_a_plan_is_read_back_as_written() -> None:
    plan = plan_with()
    assert parse(write(plan), AppointmentsPlan, "plan.json") == plan


@given(st.from_type(AppointmentsProblem))
@settings(max_examples=60, deadline=None)
def test_faults_are_found_in_whatever_can_be_read(problem: AppointmentsProblem) -> None:
    assert all(len(fault) == 3 and all(fault) for fault in faults(problem))


@given(
    st.builds(
        lambda bookings: replace(plan_with(), bookings=bookings),
        st.from_type(AppointmentsPlan).map(lambda p: p.bookings),
    )
)
@settings(max_examples=60, deadline=None)
def test_the_checker_answers_whatever_a_plan_says(plan: AppointmentsPlan) -> None:
    checked = check(PROBLEM, plan)
    assert checked.passes == (not checked.broken)


def test_a_field_that_nobody_knows_is_refused_with_its_place() -> None:
    text = write(PROBLEM).replace('"days": 3', '"days": 3, "weeks": 1')
    with pytest.raises(DocumentInvalid) as refused:
        parse(text, AppointmentsProblem, "problem.json")
    assert "it has a field that the schema does not know" in str(refused.value)
    assert "weeks" not in str(refused.value), "a field that nobody knows may be somebody's data"


def test_the_schema_describes_the_fields() -> None:
    made = schema(AppointmentsProblem, "Joint appointments")
    assert "Safety data" in str(made["$defs"]["Presence"])
    assert "weekends among them" in made["properties"]["days"]["description"]


BELA = PROBLEM.victims[1]
DAY = dt.timedelta(days=1)


def with_task(**changed: Any) -> Victim:
    """Return Bela with her first task otherwise."""
    return replace(BELA, tasks=(replace(BELA.tasks[0], **changed), *BELA.tasks[1:]))


CIRCLE = replace(BELA, tasks=(replace(BELA.tasks[0], after=(After("bela/review"),)), *BELA.tasks[1:]))


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"days": 0}, "days"),
        ({"days": 3, "first_date": dt.date.max}, "first_date"),
        ({"closes_minute": 500}, "closes_minute"),
        ({"sites": ("north", "south", "north")}, "sites[2]"),
        ({"sites": ("north", "south", "west")}, "travel"),
        ({"travel": ()}, "travel"),
        ({"travel": (Travel("north", "south", -1),)}, "travel[0]"),
        ({"travel": (*PROBLEM.travel, Travel("south", "north", 10))}, "travel[1]"),
        ({"travel": (*PROBLEM.travel, Travel("south", "east", 10))}, "travel[1]"),
        ({"staff": (*PROBLEM.staff, PROBLEM.staff[0])}, "staff[4]"),
        ({"staff": (replace(PROBLEM.staff[0], site="east"), *PROBLEM.staff[1:])}, "staff[0].site"),
        ({"victims": (*PROBLEM.victims, BELA)}, "victims[2]"),
        ({"victims": (PROBLEM.victims[0], CIRCLE)}, "victims[1].tasks"),
        ({"victims": (PROBLEM.victims[0], replace(BELA, tasks=BELA.tasks[1:]))}, "victims[1].tasks[0].after[0].task"),
        ({"agreed": (Agreed("nobody", "idva-1", MONDAY, 600),)}, "agreed[0].task"),
        ({"agreed": (Agreed("bela/idva", "nobody", MONDAY, 600),)}, "agreed[0].staff"),
        ({"prices": replace(PROBLEM.prices, move=-1)}, "prices.move"),
        ({"prices": replace(PROBLEM.prices, unbooked=10**400)}, "prices.unbooked"),
        ({"prices": replace(PROBLEM.prices, high_risk_times=101)}, "prices.high_risk_times"),
        ({"travel": (Travel("north", "south", 10**30),)}, "travel[0]"),
        ({"days": 10**30}, "days"),
        ({"agreed": (Agreed("bela/idva", "idva-2", MONDAY, 510),)}, "agreed[0].start_minute"),
        ({"agreed": (Agreed("bela/idva", "idva-2", MONDAY, 1035),)}, "agreed[0].start_minute"),
        ({"agreed": (Agreed("bela/idva", "idva-2", MONDAY, 510, True),)}, "agreed[0].start_minute"),
        ({"agreed": (Agreed("bela/idva", "idva-2", MONDAY - DAY, 10**30, True),)}, "agreed[0].start_minute"),
        ({"victims": (PROBLEM.victims[0], replace(BELA, arrival_date=MONDAY + 3 * DAY))}, "victims[1].arrival_date"),
        ({"victims": (PROBLEM.victims[0], replace(BELA, arrival_date=dt.date.min))}, "victims[1].arrival_date"),
        (
            {"victims": (PROBLEM.victims[0], with_task(deadline_date=dt.date.min, release_date=dt.date.min))},
            "victims[1].tasks[0].deadline_date",
        ),
        ({"victims": (PROBLEM.victims[0], with_task(weight=10**30))}, "victims[1].tasks[0].weight"),
        (
            {"victims": (PROBLEM.victims[0], replace(BELA, same_sex=(SameSex("IDVA", "female"),)))},
            "victims[1].same_sex[0].service",
        ),
    ],
)
def test_each_fault_has_its_place(change: dict[str, object], place: str) -> None:
    assert faults(PROBLEM) == []
    assert place in [fault[0] for fault in faults(replace(PROBLEM, **change))]


def test_the_largest_numbers_that_are_read_are_reckoned_with() -> None:
    dear = Prices(*([LARGEST_PRICE] * 6), high_risk_times=LARGEST_TIMES)
    long_ago = MONDAY - LONGEST_WAIT
    victims = tuple(
        replace(
            victim,
            arrival_date=long_ago,
            is_high_risk=True,
            tasks=tuple(
                replace(task, weight=LARGEST_WEIGHT, release_date=long_ago, deadline_date=long_ago)
                for task in victim.tasks
            ),
        )
        for victim in PROBLEM.victims
    )
    problem = replace(PROBLEM, victims=victims, prices=dear)
    assert faults(problem) == []
    made = solve(problem, Limits(seconds=0.2))
    assert check(problem, made).passes
