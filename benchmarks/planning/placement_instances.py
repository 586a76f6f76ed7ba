"""Reference instances of placements as problems: made by the generator in `$BRAID_SHARED/design/bench-planning`."""

from __future__ import annotations

import datetime as dt
import importlib
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from braid.planning.placements.model import (
    Child,
    Circle,
    Exclusion,
    Household,
    Norms,
    Point,
    Problem,
    School,
    Unit,
    UnitType,
)

ON_DATE = dt.date(2026, 12, 1)
TYPES: tuple[UnitType, ...] = ("council", "leased", "nightly", "bed_and_breakfast")


def find_generator() -> ModuleType | None:
    """Return the generator, or None where nobody has put it there."""
    folder = Path(os.environ.get("BRAID_SHARED", "shared")) / "design" / "bench-planning"
    if not (folder / "b_gen.py").exists():
        return None
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
    return importlib.import_module("b_gen")


def problem_of(instance: dict[str, Any]) -> Problem:
    """Return an instance of the generator as a problem with the very same rules, prices and figures."""
    return Problem(
        kind="placements",
        on_date=ON_DATE,
        districts=tuple(instance["names"]),
        schools=tuple(School(f"s{s}", _point(row)) for s, row in enumerate(instance["S"])),
        units=tuple(_unit(instance, u) for u in range(instance["m"])),
        households=tuple(_households(instance)),
        norms=Norms(walking_km_under=3.219, walking_km=4.828),
    )


def _point(row: Any) -> Point:
    return Point(float(row[0]), float(row[1]))


def _unit(instance: dict[str, Any], unit: int) -> Unit:
    return Unit(
        id=f"u{unit}",
        district=instance["names"][instance["ula"][unit]],
        type=TYPES[instance["typ"][unit]],
        bedrooms=int(instance["ubed"][unit]),
        night_pence=float(instance["ucost"][unit]) * 100,
        point=_point(instance["upos"][unit]),
        is_accessible=bool(instance["uacc"][unit]),
    )


def _households(instance: dict[str, Any]) -> list[Household]:
    at_school: list[list[Child]] = [[] for _ in range(instance["n"])]
    for household, school, age in zip(*instance["ch"], strict=True):
        position = len(at_school[household])
        at_school[household].append(Child(f"h{household}-c{position}", int(age), f"s{school}"))
    return [_household(instance, h, at_school[h]) for h in range(instance["n"])]


def _household(instance: dict[str, Any], h: int, at_school: list[Child]) -> Household:
    little = [Child(f"h{h}-c{c}", 3) for c in range(len(at_school), int(instance["kids"][h]))]
    circle = Circle(_point(instance["perp"][h]), float(instance["rad"][h]))
    return Household(
        id=f"h{h}",
        home_district=instance["names"][instance["hla"][h]],
        bedrooms_needed=int(instance["bed"][h]),
        needs_access=bool(instance["access"][h]),
        children=(*at_school, *little),
        home=_point(instance["home"][h]),
        current_unit=f"u{instance['cur'][h]}" if instance["cur"][h] >= 0 else None,
        bed_and_breakfast_days=7 * int(instance["weeks"][h]),
        exclusion=Exclusion(circles=(circle,)) if instance["dv"][h] else Exclusion(),
    )
