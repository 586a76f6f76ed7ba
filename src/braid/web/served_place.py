"""What the files of the served place say, read once by each process that answers requests."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any, TypeVar

from braid.place.bodies import Body, load_bodies
from braid.store.place_folder import Organisation, Place, load_place
from braid.store.reference_data import attribution_lines

Found = TypeVar("Found")
PLACE_SETTING = "BRAID_PLACE"
"""Names the place's folder for the processes that answer requests."""


def of_served_place(read: Callable[[Place | None], Found]) -> Callable[[], Found]:
    """Let a reader of the place be asked without one: it reads the served place, once; `None` where none is served."""

    @lru_cache(maxsize=4)
    def kept(folder: str) -> Found:
        return read(load_place(Path(folder)) if folder else None)

    @wraps(read)
    def asked() -> Found:
        return kept(os.environ.get(PLACE_SETTING, ""))

    asked_of_it: Any = asked
    asked_of_it.cache_clear = kept.cache_clear
    return asked


@dataclass(frozen=True)
class Marks:
    """What every page of a place says of its data: that nobody is real, and whose open data its ground is."""

    is_fictional: bool = False
    place_name: str = ""
    attribution: tuple[str, ...] = ()


@of_served_place
def served_marks(place: Place | None) -> Marks:
    """Return the marks of the place. Raises `PlaceInvalid` where a description of its reference data is broken."""
    if place is None:
        return Marks()
    return Marks(place.has_fictional_people, place.name, attribution_lines(place.folder))


@of_served_place
def served_answerable(place: Place | None) -> Organisation | None:
    """Return who answers for the pages: the first authority of the place, else the first organisation it names."""
    named = list(place.organisations) if place else []
    return next((one for one in named if one.kind == "authority"), named[0] if named else None)


@of_served_place
def served_bodies(place: Place | None) -> Mapping[str, Body]:
    """Return the bodies of the place by id. Raises `RulesInvalid` where their file has a fault."""
    return {body.id: body for body in load_bodies(place)} if place else {}


def body_words(body: str) -> str:
    """Return what a body is called; its id where the place names none of that id any more."""
    found = served_bodies().get(body)
    return found.name if found else body
