"""The stage: waits and problems in; counts and sums of the whole place out. Sums are made anew by every run."""

from __future__ import annotations

from braid.place.populations import create_populations
from braid.store.engine import Engine


def run(engine: Engine) -> None:
    """Create the tables of `braid.language.place_findings`. Runs after `braid.problems.run`."""
    create_populations(engine)
