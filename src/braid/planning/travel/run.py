"""From points to routes: on foot over the streets, by the timetable, whichever is quicker; kept for the next time."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from braid.language.documents import Part, fingerprint, read_document, write
from braid.planning.travel.engines.streets import Streets, read_streets, walk_metres
from braid.planning.travel.model import WALK_METRES_A_MINUTE, Point, Route
from braid.planning.travel.timetable import Timetable, minutes_to, read_timetable

FARTHEST_WALK_METRES = 8_000.0
"""Beyond this nobody walks to school, and no statutory distance reaches."""
BELL = dt.time(8, 45)
ROUNDED_AWAY = 1e-6
"""Of the last part of a rounded figure: what is nothing but the noise of sums."""
RECKONING = 2
"""Raised when the same networks give other figures, so that routes kept before are routed anew."""


@dataclass(frozen=True)
class Networks:
    """What a place brought: streets, a timetable, both or neither."""

    streets: Streets | None = None
    timetable: Timetable | None = None
    bell: dt.time = BELL

    @property
    def words(self) -> str:
        """What the routes rest on, as people should read it."""
        return "; ".join(each.words for each in (self.streets, self.timetable) if each is not None)


def read_networks(streets: Path | None, timetable: Path | None, date: dt.date, bell: dt.time) -> Networks:
    """Return what a place brought, read from its files. Raises `DocumentInvalid`."""
    return Networks(
        read_streets(streets) if streets else None,
        read_timetable(timetable, date, bell) if timetable else None,
        bell,
    )


@dataclass(frozen=True)
class Routes(Part):
    """Routed ways. A pair that is missing has none that the networks know."""

    routes: tuple[Route, ...]


@dataclass(frozen=True)
class _Asked(Part):
    origins: Mapping[str, Point]
    destinations: Mapping[str, Point]
    streets: str
    timetable: str
    bell: str
    reckoning: int = RECKONING


def find_routes(origins: Mapping[str, Point], destinations: Mapping[str, Point], networks: Networks) -> Routes:
    """Return the routes from each origin to each destination that the networks know."""
    on_foot = np.full((len(origins), len(destinations)), np.inf)
    if networks.streets is not None:
        doors, goals = list(origins.values()), list(destinations.values())
        on_foot = walk_metres(networks.streets, doors, goals, FARTHEST_WALK_METRES)
    found = []
    for column, (destination, point) in enumerate(destinations.items()):
        riding = _riding(networks, list(origins.values()), point)
        for row, origin in enumerate(origins):
            metres = float(on_foot[row, column])
            route = _route(origin, destination, metres if np.isfinite(metres) else None, riding[row], networks)
            found += [route] if route else []
    return Routes(tuple(found))


def _riding(networks: Networks, origins: list[Point], destination: Point) -> list[float | None]:
    if networks.timetable is None:
        return [None] * len(origins)
    return minutes_to(networks.timetable, origins, destination, networks.bell)


def _route(
    origin: str, destination: str, metres: float | None, riding: float | None, networks: Networks
) -> Route | None:
    walking = metres / WALK_METRES_A_MINUTE if metres is not None else None
    known = [minutes for minutes in (walking, riding) if minutes is not None]
    if not known:
        return None
    minutes = min(known)
    by = networks.streets if minutes == walking else networks.timetable
    assert by is not None
    means = "on foot" if minutes == walking else f"by {networks.bell:%H:%M}"
    long_metres = None if metres is None else _round_up(metres, 1_000)
    return Route(origin, destination, _round_up(minutes, 10), long_metres, f"routed {means}: {by.words}")


def _round_up(figure: float, parts: int) -> float:
    """Return a figure rounded up to so many parts of one: what is longer than a limit so written stays longer."""
    return math.ceil(figure * parts - ROUNDED_AWAY) / parts


def kept_routes(
    folder: Path, origins: Mapping[str, Point], destinations: Mapping[str, Point], networks: Networks
) -> Routes:
    """Return the routes as `find_routes` does, from a file of `folder` where the very same was asked before."""
    asked = _Asked(
        origins,
        destinations,
        networks.streets.fingerprint if networks.streets else "",
        f"{networks.timetable.fingerprint} {networks.timetable.words}" if networks.timetable else "",
        networks.bell.isoformat(),
    )
    path = folder / f"routes-{fingerprint(asked)}.json"
    if path.exists():
        return read_document(path, Routes)
    routes = find_routes(origins, destinations, networks)
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    unfinished.write_text(write(routes), encoding="utf-8")
    unfinished.replace(path)
    return routes
