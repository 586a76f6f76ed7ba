"""What reads records finds a record that does not add up, and says how sure a figure is."""

from __future__ import annotations

import copy
import math
from dataclasses import replace

import numpy as np
import pytest

from braid.simulation.engines import plain
from braid.simulation.program import Counting, compile_network
from braid.simulation.randomness import seed_of
from braid.simulation.record import BUSY, INSIDE, OVERTAKEN, UNEVEN, UNREADY, WAITING
from simulation.drawn_networks import drawn_network
from simulation.readings import Estimate, Reading, check_identities, estimate

SEED = 17


@pytest.fixture(scope="module")
def reading():
    network = drawn_network(SEED)
    program = compile_network(network, Counting(window_weeks=13, bins=20, check_weeks=5))
    return Reading(network, program, plain.run(program, seed_of(SEED, 0)))


def _tampered(reading, name, place):
    record = copy.deepcopy(reading.record)
    getattr(record, name)[place] += 1
    return replace(reading, record=record)


def test_a_sound_record_adds_up(reading):
    identities = check_identities(reading)
    assert (identities.records, identities.broken) == (1, 0)
    assert identities.held > 10


@pytest.mark.parametrize("column", range(13))
def test_one_more_in_any_column_of_a_row_is_found(reading, column):
    """But for steps done, of which nothing else is counted in the rows."""
    steps, services = 5 * reading.program.steps, 4 * reading.program.services
    starts = [*range(5), *range(steps, steps + 4), *range(steps + services, steps + services + 4)]
    broken = check_identities(_tampered(reading, "rows", (-1, starts[column]))).broken
    assert (broken > 0) == (column != 3)


@pytest.mark.parametrize("count", [INSIDE, WAITING, BUSY, OVERTAKEN, UNREADY, UNEVEN])
def test_a_count_that_is_otherwise_is_found(reading, count):
    assert check_identities(_tampered(reading, "counts", count)).broken == 1


@pytest.mark.parametrize("name", ["waits", "clocks", "traces", "trace_sums"])
def test_a_histogram_or_trace_that_is_otherwise_is_found(reading, name):
    last = tuple(-1 for _ in getattr(reading.record, name).shape)
    assert check_identities(_tampered(reading, name, last)).broken == 1


def test_the_error_of_a_mean_is_its_standard_deviation_over_the_root_of_the_number():
    values = [3.0, 5.0, 4.0, 8.0]
    found = estimate([(value, 1.0) for value in values])
    assert found.mean == 5.0
    assert found.error == pytest.approx(np.std(values, ddof=1) / 2)


def test_the_error_of_a_ratio_covers_the_truth_as_often_as_it_should():
    """Sums over samples of different sizes: the ratio is 2, and off by over 1.96 errors one time in twenty."""
    draw = np.random.default_rng(5)
    misses = 0
    for _ in range(2_000):
        sizes = draw.poisson(50, 60)
        found = estimate([(float(draw.normal(2.0 * size, size**0.5)), float(size)) for size in sizes])
        misses += abs(found.deviation(2.0)) > 1.96
    assert 0.04 < misses / 2_000 < 0.07


def test_what_never_varies_is_right_or_endlessly_wrong():
    assert Estimate(2.0, 0.0).deviation(2.0) == 0.0
    assert Estimate(2.0, 0.0).deviation(2.5) == -math.inf
