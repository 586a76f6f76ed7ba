"""How many networks drawn at random the two engines write the same record of, to the last digit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from braid.simulation.engines import compiled, plain
from braid.simulation.program import Counting, compile_network
from braid.simulation.randomness import seed_of
from braid.simulation.record import EVENTS, differences
from simulation.drawn_networks import drawn_network
from simulation.readings import Identities, Reading, check_identities

COUNTING = Counting(window_weeks=13, bins=20, check_weeks=5)


@dataclass(frozen=True)
class Agreement:
    """What came of running networks on both engines."""

    networks: int
    events: int
    unlike: tuple[int, ...]
    """Seeds of the networks whose records differ."""
    identities: Identities


def compare_engines(seeds: Iterable[int]) -> Agreement:
    """Run the network of each seed on both engines; every second one with opposite luck."""
    networks, events, unlike, identities = 0, 0, [], Identities()
    for seed in seeds:
        network = drawn_network(seed)
        program = compile_network(network, COUNTING)
        flip = bool(seed % 2)
        one, other = (engine.run(program, seed_of(seed, 0), is_antithetic=flip) for engine in (plain, compiled))
        networks, events = networks + 1, events + int(one.counts[EVENTS])
        identities += check_identities(Reading(network, program, other))
        if differences(one, other):
            unlike.append(seed)
    return Agreement(networks, events, tuple(unlike), identities)
