"""The published figures of the national example, and what it assumes besides, read from the files beside this one."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

AREAS = {"E": "England", "EW": "England and Wales"}
TAKEN = {
    "publisher": "read in the publication",
    "copy": "read in a copy of the publication",
    "press": "as reported by others",
    "stated": "reckoned from a change that a later edition states",
}


class FiguresInvalid(Exception):
    """The files of figures break a rule of their form. The message names file, entry and next step."""


@dataclass(frozen=True)
class Figure:
    """A published number."""

    id: str
    value: float
    unit: str
    date: str
    area: str
    publisher: str
    title: str
    taken: str
    """Key of `TAKEN`."""
    source: str = ""
    """Who reported it, or what is to be known of it."""


@dataclass(frozen=True)
class Assumption:
    """A number that nobody publishes, and why it is this one."""

    id: str
    value: float
    unit: str
    reason: str


@dataclass(frozen=True)
class Point:
    """How long care proceedings took at a time."""

    period: str
    """A year, or a year and a quarter: `2016`, `2025 Q2`."""
    mean_weeks: float
    taken: str
    source: str
    use: str
    """`capacity` where it fits the sitting capacity of its time, `held` where it is predicted."""
    within: float | None = None
    """Share within 26 weeks."""
    median_weeks: float | None = None
    shape: bool = False
    """Whether its share within 26 weeks helped to fit the shape, so that it is no prediction."""


@dataclass(frozen=True)
class Volume:
    """How many public law cases were started and disposed of in a period."""

    period: str
    started: float
    taken: str
    source: str
    disposed: float | None = None


@lru_cache(maxsize=1)
def published() -> Mapping[str, Figure]:
    """Return the published figures by id."""
    return {one.id: one for one in parse_figures(_text("figures.toml"), "figures.toml")}


@lru_cache(maxsize=1)
def assumed() -> Mapping[str, Assumption]:
    """Return the assumptions by id."""
    entries = _entries(_text("assumptions.toml"), "assumptions.toml", "assumption")
    return {one.id: one for one in (_made(Assumption, entry, "assumptions.toml") for entry in entries)}


@lru_cache(maxsize=1)
def care_points() -> tuple[Point, ...]:
    """Return the published durations of care proceedings, the earliest first."""
    entries = _entries(_text("care_series.toml"), "care_series.toml", "point")
    renamed = ({("use" if key == "for" else key): value for key, value in entry.items()} for entry in entries)
    return tuple(_made(Point, entry, "care_series.toml") for entry in renamed)


@lru_cache(maxsize=1)
def care_volumes() -> tuple[Volume, ...]:
    """Return the published numbers of public law cases, the earliest first."""
    entries = _entries(_text("care_series.toml"), "care_series.toml", "volume")
    return tuple(_made(Volume, entry, "care_series.toml") for entry in entries)


@lru_cache(maxsize=1)
def sitting_ratios() -> Mapping[int, tuple[float, ...]]:
    """Return, by the seed it was fitted with, the sitting time of each stretch as a share of what cases ask for."""
    entries = _entries(_text("care_fit.toml"), "care_fit.toml", "fit")
    return {int(entry["seed"]): tuple(map(float, entry["ratios"])) for entry in entries}


def figure(wanted: str) -> float:
    """Return the value of a published figure. Raises `KeyError`."""
    return published()[wanted].value


def assumption(wanted: str) -> float:
    """Return the value of an assumption. Raises `KeyError`."""
    return assumed()[wanted].value


def parse_figures(text: str, file: str) -> list[Figure]:
    """Return the figures of a TOML text. Raises `FiguresInvalid`."""
    found = [_made(Figure, entry, file) for entry in _entries(text, file, "figure")]
    for one in found:
        if one.area not in AREAS or one.taken not in TAKEN:
            raise FiguresInvalid(
                f"{file}: {one.id}: area is E or EW, taken one of {', '.join(TAKEN)}; write one of them"
            )
        if one.taken != "publisher" and not one.source:
            raise FiguresInvalid(
                f"{file}: {one.id}: it was not read in the publication; name who reported it as source"
            )
    if len({one.id for one in found}) < len(found):
        raise FiguresInvalid(f"{file}: two figures have one id; give each its own")
    return found


def _text(file: str) -> str:
    return resources.files("braid.simulation.national").joinpath(file).read_text(encoding="utf-8")


def _entries(text: str, file: str, kind: str) -> list[dict[str, Any]]:
    try:
        entries: list[dict[str, Any]] = tomllib.loads(text).get(kind, [])
    except tomllib.TOMLDecodeError as error:
        raise FiguresInvalid(f"{file}: not TOML: {error}; mend the line it names") from None
    return entries


def _made(kind: type[Any], entry: dict[str, Any], file: str) -> Any:
    try:
        return kind(**entry)
    except TypeError:
        place = entry.get("id", entry.get("period", "an entry without a name"))
        raise FiguresInvalid(
            f"{file}: {place}: fields are missing or unknown; write those of {kind.__name__}"
        ) from None
