"""Writes who opted out of uses beyond their own care: the list that a place would get back for its NHS numbers."""

from __future__ import annotations

from pathlib import Path

from braid.example.model import World
from braid.example.streams import chance, scalar_stream
from braid.example.write_geography import write_table

SHARE = 0.025
"""Of all people. About five in a hundred have opted out in England; fewer here leave more for the small example."""


def choose_opt_outs(world: World) -> list[int]:
    """Return the people who opted out, in order; each has an NHS number."""
    random = scalar_stream(world.seed, "opt-outs")
    chosen = [person for person in range(len(world.people)) if chance(random, SHARE)]
    return [person for person in chosen if world.people.nhs[person]]


def write_opt_outs(world: World, folder: Path) -> None:
    """Write the list by NHS number, in the order of the numbers, readable by the owner alone."""
    path = folder / "opt_outs.csv"
    path.touch(mode=0o600)
    path.chmod(0o600)
    numbers = sorted(world.people.nhs[person] for person in choose_opt_outs(world))
    write_table(path, ["nhs_number"], ([number] for number in numbers))
