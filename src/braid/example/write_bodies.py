"""Writes which ground each body of the example place serves: on purpose, their bounds do not line up."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from braid.example.model import World

HALLOWMERE, QUILLBECK, TARNWICK, OSMERBY, FENHALLOW = range(5)


def write_bodies(world: World, folder: Path) -> None:
    """Write `bodies.toml`: health without one district, a court area that ends within another, schools across two."""
    districts = world.geography.districts
    everywhere = list(range(len(districts)))
    areas = [[area.code for area in world.geography.areas if area.district == index] for index in everywhere]
    near, far = _halves(areas[TARNWICK])
    whole = [k for k in everywhere if k != FENHALLOW]
    grounds = [
        ("arden-vale-icb", "", "", whole, []),
        ("family-court", "", "", [HALLOWMERE, QUILLBECK], near),
        ("fenside-family-court", "Fenside Family Court", "court", everywhere[OSMERBY:], far),
        ("fenside-icb", "NHS Fenside Integrated Care Board", "icb", [FENHALLOW], []),
        ("beacon-schools", "Beacon Schools Trust", "school_trust", [QUILLBECK], _halves(areas[HALLOWMERE])[1]),
        ("arden-vale-fire", "Arden Vale Fire and Rescue Authority", "fire", everywhere, []),
        ("hallowmere-healthwatch", "Healthwatch Hallowmere", "voluntary", [HALLOWMERE], []),
    ]
    parts = [
        _body(identifier, name, kind, [districts[k].code for k in served], own)
        for identifier, name, kind, served, own in grounds
    ]
    (folder / "bodies.toml").write_text("\n".join(parts), encoding="utf-8")


def _halves(codes: Sequence[str]) -> tuple[list[str], list[str]]:
    middle = len(codes) // 2
    return list(codes[:middle]), list(codes[middle:])


def _body(identifier: str, name: str, kind: str, districts: Sequence[str], areas: Sequence[str]) -> str:
    lines = [f'[[body]]\nid = "{identifier}"\n']
    if name:
        lines.append(f'name = "{name}"\nkind = "{kind}"\n')
    lines.append(f"districts = {json.dumps(list(districts))}\n")
    if areas:
        lines.append(f"areas = {json.dumps(list(areas))}\n")
    return "".join(lines)
