"""Writes which ground each body of the example place serves: on purpose, their bounds do not line up."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from braid.example.geography import DISTRICTS
from braid.example.model import World

HALLOWMERE, QUILLBECK, TARNWICK, OSMERBY, FENHALLOW = range(5)


def write_bodies(world: World, folder: Path) -> None:
    """Write `bodies.toml`: health without one district, a court area that ends within another, schools across two."""
    areas = [[area.code for area in world.geography.areas if area.district == index] for index in range(len(DISTRICTS))]
    near, far = _halves(areas[TARNWICK])
    parts = [
        _served("arden-vale-icb", [HALLOWMERE, QUILLBECK, TARNWICK, OSMERBY], []),
        _served("family-court", [HALLOWMERE, QUILLBECK], near),
        _body("fenside-family-court", "Fenside Family Court", "court", [OSMERBY, FENHALLOW], far),
        _body("fenside-icb", "NHS Fenside Integrated Care Board", "icb", [FENHALLOW], []),
        _body("beacon-schools", "Beacon Schools Trust", "school_trust", [QUILLBECK], _halves(areas[HALLOWMERE])[1]),
        _body("arden-vale-fire", "Arden Vale Fire and Rescue Authority", "fire", list(range(len(DISTRICTS))), []),
        _body("hallowmere-healthwatch", "Healthwatch Hallowmere", "voluntary", [HALLOWMERE], []),
    ]
    (folder / "bodies.toml").write_text("\n".join(parts), encoding="utf-8")


def _halves(codes: Sequence[str]) -> tuple[list[str], list[str]]:
    middle = len(codes) // 2
    return list(codes[:middle]), list(codes[middle:])


def _body(identifier: str, name: str, kind: str, districts: Sequence[int], areas: Sequence[str]) -> str:
    served = _served(identifier, districts, areas)
    return served.replace(f'id = "{identifier}"\n', f'id = "{identifier}"\nname = "{name}"\nkind = "{kind}"\n')


def _served(identifier: str, districts: Sequence[int], areas: Sequence[str]) -> str:
    lines = [f'[[body]]\nid = "{identifier}"\n', f"districts = {json.dumps([DISTRICTS[k].code for k in districts])}\n"]
    if areas:
        lines.append(f"areas = {json.dumps(list(areas))}\n")
    return "".join(lines)
