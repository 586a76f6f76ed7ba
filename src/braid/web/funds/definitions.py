"""The funds that the pages know: those of the place's `funds.toml`, read at each start."""

import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from braid.place.bodies import load_bodies
from braid.place.money.funds import Fund, load_funds
from braid.store.place_folder import load_place

PLACE_SETTING = "BRAID_PLACE"
"""Names the place folder for the processes that answer requests."""


def funds() -> Mapping[str, Fund]:
    """Return the funds of the place by id; none where nobody said which place. Raises `RulesInvalid` with its
    faults."""
    return _read()[0]


def body_names() -> Mapping[str, str]:
    """Return the names of the bodies of the place by id."""
    return _read()[1]


def _read() -> tuple[Mapping[str, Fund], Mapping[str, str]]:
    return _load(os.environ.get(PLACE_SETTING, ""))


@lru_cache(maxsize=4)
def _load(folder: str) -> tuple[Mapping[str, Fund], Mapping[str, str]]:
    if not folder:
        return {}, {}
    place = load_place(Path(folder))
    bodies = load_bodies(place)
    return {fund.id: fund for fund in load_funds(place, bodies)}, {body.id: body.name for body in bodies}
