"""Which engine runs here: the fast one where a compiler is there, else the plain one, which says the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from braid.simulation.engines import compiled, plain
from braid.simulation.record import Record

Wanted = Literal["any", "compiled", "plain"]


@dataclass(frozen=True)
class Chosen:
    """An engine, and whether several replications gain by running beside each other."""

    name: str
    run: Callable[..., Record]
    """Takes a `Program`, the seed of a replication and `is_antithetic`."""
    is_threaded: bool
    note: str = ""
    """One line for whoever waits, where the fast engine is not to be had."""


def choose_engine(wanted: Wanted = "any") -> Chosen:
    """Return the engine that is wanted. Raises `compiled.NoCompiler` where the compiled one is and cannot be built."""
    if wanted == "plain":
        return Chosen("plain", plain.run, is_threaded=False)
    try:
        compiled.load()
    except compiled.NoCompiler as error:
        if wanted == "compiled":
            raise
        note = f"{error}: simulating with the plain engine, the same figures some fifty times slower."
        return Chosen("plain", plain.run, is_threaded=False, note=note)
    return Chosen("compiled", compiled.run, is_threaded=True)
