"""The fast engine writes the very record that the plain one writes, whatever the network."""

from __future__ import annotations

import pytest

from braid.simulation.engines import compiled, plain
from braid.simulation.program import Counting, compile_network
from braid.simulation.randomness import seed_of
from braid.simulation.record import EVENTS, OVERTAKEN, UNEVEN, UNREADY, differences
from simulation.drawn_networks import drawn_network

COUNTING = Counting(window_weeks=13, bins=20, check_weeks=5)
needs_compiler = pytest.mark.skipif(not compiled.is_available(), reason="no C compiler on this machine")


def _check(seed: int) -> int:
    program = compile_network(drawn_network(seed), COUNTING)
    slow = plain.run(program, seed_of(seed, 0), is_antithetic=bool(seed % 2))
    fast = compiled.run(program, seed_of(seed, 0), is_antithetic=bool(seed % 2))
    assert differences(slow, fast) == []
    assert [slow.counts[number] for number in (OVERTAKEN, UNREADY, UNEVEN)] == [0, 0, 0]
    return int(slow.counts[EVENTS])


@needs_compiler
@pytest.mark.parametrize("hundred", range(2))
def test_both_engines_write_the_same_record_of_drawn_networks(hundred):
    assert sum(_check(seed) for seed in range(hundred * 100, hundred * 100 + 100)) > 10_000


@needs_compiler
@pytest.mark.slow
@pytest.mark.parametrize("hundred", range(2, 12))
def test_both_engines_write_the_same_record_of_a_thousand_more(hundred):
    assert sum(_check(seed) for seed in range(hundred * 100, hundred * 100 + 100)) > 10_000
