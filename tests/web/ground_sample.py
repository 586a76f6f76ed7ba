"""The sample place with small areas, outlines and bodies whose grounds overlap, and a run that counts by small area."""

import json
from pathlib import Path
from typing import Any

from sample_run import PLACE_TOML, sample_tables, write_run

from braid.store.lake import Run
from braid.store.place_folder import Place, load_place

NORTH, SOUTH = "E08990001", "E08990002"
AREAS = {f"N{number}": NORTH for number in range(4)} | {f"S{number}": SOUTH for number in range(4)}
ATTRIBUTION = "Contains made-up data of the sample vale."
BODIES_TOML = """[[body]]
id = "vale-family-court"
districts = ["E08990001"]
areas = ["S0"]

[[body]]
id = "vale-crown-court"
districts = ["E08990001"]

[[body]]
id = "far-court"
name = "Far Court <b>"
kind = "court"
areas = ["S0", "S1"]
"""
SHARES = (0.4, 0.3, 0.2, 0.1)
"""Of a district's waits, those of each of its small areas."""


def write_ground(folder: Path, bodies: str = BODIES_TOML) -> Place:
    """Write a place folder with a geography; return the place."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "place.toml").write_text(PLACE_TOML, encoding="utf-8")
    (folder / "bodies.toml").write_text(bodies, encoding="utf-8")
    (folder / "geography").mkdir(exist_ok=True)
    rows = [f"QB1 {number}AA,{area},{district}\n" for number, (area, district) in enumerate(AREAS.items())]
    text = "postcode,area_code,district_code\n" + "".join(rows)
    (folder / "geography" / "postcodes.csv").write_text(text, encoding="utf-8")
    areas = [_feature(area, area, _square(number)) for number, area in enumerate(AREAS)]
    districts = [_feature(NORTH, "Northmere", _row(1)), _feature(SOUTH, "Southwick Down", _row(0))]
    for name, features in (("areas", areas), ("districts", districts)):
        document = {"type": "FeatureCollection", "features": features, "attribution": ATTRIBUTION}
        (folder / "geography" / f"{name}.geojson").write_text(json.dumps(document), encoding="utf-8")
    return load_place(folder)


def _square(number: int) -> list[list[float]]:
    return _box(number % 4, 1 - number // 4, 1)


def _row(north: int) -> list[list[float]]:
    return (
        [[-2 + 0.1 * step, 53 + 0.1 * north] for step in range(5)]
        + [[-2 + 0.1 * step, 53.1 + 0.1 * north] for step in (4, 3, 2, 1, 0)]
        + [[-2, 53 + 0.1 * north]]
    )


def _box(east: int, north: int, width: int) -> list[list[float]]:
    corners = [(east, north), (east + width, north), (east + width, north + 1), (east, north + 1), (east, north)]
    return [[round(-2 + 0.1 * x, 1), round(53 + 0.1 * y, 1)] for x, y in corners]


def _feature(code: str, name: str, ring: list[list[float]]) -> dict[str, Any]:
    ring = [[round(x, 1), round(y, 1)] for x, y in ring]
    geometry = {"type": "Polygon", "coordinates": [ring]}
    return {"type": "Feature", "properties": {"code": code, "name": name}, "geometry": geometry}


def write_counted_run(place: Place, run_id: str = "counted") -> Run:
    """Write a run of the sample whose waits by district fall into small areas by `SHARES`."""
    tables = sample_tables(0)
    tables["area_measure"] = [
        {"kind": row["kind"], "district_code": district, "area_code": area, "waiting": count}
        for row in tables["backlog_measure"]
        for district in (NORTH, SOUTH)
        if row["district_code"] == district
        for area, count in _fall(row["waiting"], district).items()
    ]
    return write_run(place, run_id, tables)


def _fall(waiting: int, district: str) -> dict[str, int]:
    areas = [area for area, of in AREAS.items() if of == district]
    counts = [int(waiting * share) for share in SHARES]
    return dict(zip(areas, [waiting - sum(counts[1:]), *counts[1:]], strict=True))
