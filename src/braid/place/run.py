"""The stage: waits and problems in; counts and sums of the whole place out. Sums are made anew by every run."""

from __future__ import annotations

from collections.abc import Sequence

from braid.place.populations import create_population_member
from braid.place.remits import Remit, create_board_lists
from braid.store.engine import Engine


def run(engine: Engine, remits: Sequence[Remit] = ()) -> None:
    """Create the tables of `braid.language.place_findings`. Runs after `braid.problems.run`."""
    create_population_member(engine)
    create_board_lists(engine, remits)
