"""From waits of a queue that is known back to what it was: arrivals, capacity, patience, stays, profile."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pytest

from braid.simulation.calibration.flows import find_profile
from braid.simulation.calibration.pose import Posed
from braid.simulation.calibration.rules import Rules, load_rules
from braid.simulation.durations import Weibull
from braid.simulation.engines import plain
from braid.simulation.program import compile_network
from braid.simulation.randomness import seed_of
from braid.simulation.record import STEP_COLUMNS
from simulation.calibration.drawn_waits import Wait, drawn_slots, drawn_stays, posed_from, rows_of

ARRIVALS, SLOTS, PATIENCE, WEEKS = 60.0, 40, 30.0, 260
STAY = Weibull("weibull", 40.0, 2.0)
RULES = """
window_weeks = 26
least_ends = 24
longest_weeks = 1040
pairing_days = 28
assumed_weeks = 8

[[kind]]
kind = "therapy"
left = ["left"]
assumed_weeks = 26

[[kind]]
kind = "temporary_accommodation"
assumed_weeks = 170

[[service]]
id = "therapy"
title = "Therapy"
gives = "slots"

[[service]]
id = "shelter"
title = "Shelter"
gives = "places"

[[pathway]]
id = "therapy"
title = "Therapy"
unit = "person"
[[pathway.step]]
id = "therapy"
kind = "therapy"
service = "therapy"

[[pathway]]
id = "shelter"
title = "Shelter"
unit = "person"
[[pathway.step]]
id = "shelter"
kind = "temporary_accommodation"
service = "shelter"
"""


def rules() -> Rules:
    return load_rules(RULES, "test.toml")


@pytest.fixture(scope="module")
def waits() -> list[Wait]:
    return drawn_slots(ARRIVALS, SLOTS, PATIENCE, WEEKS, seed=1)


@pytest.fixture(scope="module")
def posed(waits: list[Wait]) -> Posed:
    uniform = np.random.default_rng(2).random(20_000)
    stays = drawn_stays(10.0, STAY.quantiles(uniform, 1 - uniform)[0], 400, seed=3)
    rows = rows_of("therapy", waits, WEEKS) + rows_of("temporary_accommodation", stays, 400)
    return posed_from(rows, rules())


def test_arrivals_and_slots_are_recovered(posed: Posed) -> None:
    pathway, service = posed.network.pathway("therapy"), posed.network.service("therapy")
    assert pathway.arrivals.level == pytest.approx(ARRIVALS, abs=3.5 * math.sqrt(ARRIVALS / 26))
    assert service.capacity.level == SLOTS
    assert posed.network.pathway("shelter").arrivals.level == pytest.approx(10.0, abs=3.5 * math.sqrt(10 / 26))


def test_patience_is_recovered_although_nobody_waits_half_as_long(posed: Posed, waits: list[Wait]) -> None:
    patience = posed.network.pathway("therapy").steps[0].patience
    assert patience is not None
    assert patience.mean == pytest.approx(PATIENCE, rel=0.12)
    for weeks in (3.0, 6.0, 9.0):
        survival = 1 - float(np.interp(weeks, patience.weeks, patience.shares))
        error = math.exp(-weeks / PATIENCE) / PATIENCE * weeks / math.sqrt(520 * weeks / 12)
        assert survival == pytest.approx(math.exp(-weeks / PATIENCE), abs=4 * error), weeks
    left = [ended - began for began, ended, code in waits if code == "left" and ended is not None]
    assert np.mean(left) < 0.25 * PATIENCE, "the mean of those who left is that of whom the queue let leave"
    assert max(left) < 0.5 * PATIENCE + 3


def test_stays_are_recovered_from_half_a_year_of_which_most_have_not_ended(posed: Posed) -> None:
    law = posed.network.pathway("shelter").steps[0].duration
    assert law.mean == pytest.approx(STAY.mean, rel=0.08)
    for share in (0.1, 0.25, 0.5, 0.75):
        wanted = float(STAY.quantiles(np.array([share]), np.array([1 - share]))[0][0])
        assert float(np.interp(share, law.shares, law.weeks)) == pytest.approx(wanted, rel=0.15), share


def test_places_are_those_taken_and_each_is_begun_since_its_own_day(posed: Posed) -> None:
    taken = [group for group in posed.network.present if group.pathway == "shelter"]
    assert sum(group.count for group in taken) == posed.network.service("shelter").capacity.level
    assert {group.begun for group in taken} == {("shelter",)}


def test_a_settled_queue_that_is_known_has_nothing_odd_about_it(posed: Posed) -> None:
    assert [finding.rule for finding in posed.findings if finding.service == "therapy"] == []


def test_the_queue_that_was_settled_stays_so_when_it_is_simulated(posed: Posed) -> None:
    network = posed.network
    steps = [step.id for pathway in network.pathways for step in pathway.steps]
    place = steps.index("therapy") * len(STEP_COLUMNS)
    settled = (ARRIVALS - SLOTS) * PATIENCE
    sizes = [
        plain.run(compile_network(network), seed_of(1, replication)).rows[:, place].tolist() for replication in range(4)
    ]
    assert {each[0] for each in sizes} == {posed.open_waits["therapy"]}
    assert np.mean([each[-1] for each in sizes]) == pytest.approx(settled, rel=0.15)


def test_the_counted_flows_leave_nobody_uncounted(posed: Posed) -> None:
    assert "uncounted" not in {finding.rule for finding in posed.findings}


def test_a_profile_is_found_where_there_is_one_and_chance_is_not_taken_for_one() -> None:
    first = dt.date(2023, 1, 1)
    rng = np.random.default_rng(5)
    true = np.ones(53)
    true[[20, 21, 22, 23, 24, 25]] = 1.5
    true[[50, 51, 52]] = 0.4
    weeks = np.array([min(((first + dt.timedelta(days=7 * n)).timetuple().tm_yday - 1) // 7, 51) for n in range(156)])
    seasonal = find_profile("year", rng.poisson(100 * true[weeks]).astype(float), first)
    assert seasonal is not None
    assert seasonal.factors[22] == pytest.approx(1.5, abs=0.15)
    assert seasonal.factors[51] == pytest.approx(0.4, abs=0.15)
    assert sum(seasonal.factors) == pytest.approx(52, abs=0.01)
    even = [find_profile("year", rng.poisson(100, 156).astype(float), first) for _ in range(20)]
    spread = [0.0 if one is None else float(np.std(one.factors)) for one in even]
    assert np.mean(spread) < 0.02, "chance alone would spread the weeks by 0.06"
    assert find_profile("year", rng.poisson(100 * true[weeks[:103]]).astype(float), first) is None


def test_of_few_ends_the_rate_is_measured_and_the_law_assumed_and_of_none_all_is() -> None:
    few = [(week / 10, week / 10 + 20.0, "left") for week in range(5)] + [
        (9.0 + n / 100, None, None) for n in range(40)
    ]
    # That the feed reaches back half a year is seen by what else it sends.
    early = rows_of("temporary_accommodation", [(0.0, week + 0.1, "ended") for week in range(26)], 26, None)
    found = posed_from(rows_of("therapy", few, 26, None) + early, rules())
    patience = found.network.pathway("therapy").steps[0].patience
    assert patience is not None
    exposed = 5 * 20.0 + sum(26 - 9.0 - n / 100 for n in range(40))
    assert patience.mean == pytest.approx(exposed / 5, rel=0.02)
    assert "fewer than 24 ended" in found.network.sources["pathway.therapy.therapy.patience"]
    assert any(word.startswith("pathway.therapy.therapy.patience") for word in found.assumed)

    none = posed_from(rows_of("temporary_accommodation", few[5:], 26, None), rules())
    step = none.network.pathway("shelter").steps[0]
    assert step.duration.mean == 170.0
    assert "mean of 170 weeks" in none.network.sources["pathway.shelter.shelter.duration"]
    assert none.network.pathway("shelter").arrivals.level == 0.0
    assert "no week" in none.network.sources["pathway.shelter.arrivals"]
