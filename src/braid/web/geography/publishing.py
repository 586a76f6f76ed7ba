"""Publication of bodies, grounds and figures by ground: what goes in has been through disclosure control already."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from braid.language.findings import AREA_MEASURE, BACKLOG_MEASURE
from braid.place.bodies import Body
from braid.place.geography import Geography, find_cuts, find_overlaps, load_geography
from braid.place.outlines import Outlines
from braid.place.rollups import Rollups, area_counts, find_parts, publish_rollups
from braid.store.lake import Run
from braid.store.place_folder import Place
from braid.trust.cubes import WAITS_BY_KIND_AND_DISTRICT, publish
from braid.trust.grounds import Part
from braid.web.copying import copy_rows, rows_of
from braid.web.models import GroundPart, PublishedGround

Row = Mapping[str, Any]
PART_COLUMNS = ("kind", "district_code", "number", "low", "high", "is_said")
BODY_COLUMNS = ("kind", "body_id", "low", "high")
DECIMALS = 5
"""Of a degree: a metre or less."""


def load_ground(cursor: Any, run: Run, place: Place) -> None:
    """Publish the geography of the place folder and the figures of a run by ground.

    A run that was made before there were counts by small area has nothing said of parts. Raises `RulesInvalid` where
    a file of the place has a fault.
    """
    geography = load_geography(place)
    counted = run.table(AREA_MEASURE.name).is_file()
    parts = _keep_parts(geography) if counted else ()
    rollups = _roll_up(run, geography, parts, counted=counted)
    copy_rows(cursor, "partfigure", PART_COLUMNS, _part_rows(rollups))
    copy_rows(cursor, "bodyfigure", BODY_COLUMNS, _body_rows(rollups))
    PublishedGround.objects.update_or_create(id=1, defaults={"document": ground_document(geography, parts)})


def is_ground_published() -> bool:
    """Whether the published set has its ground: not where an older Braid published it."""
    return PublishedGround.objects.exists()


def _keep_parts(geography: Geography) -> tuple[Part, ...]:
    """Return the parts to publish by, and keep those that are cut for the first time."""
    rows = GroundPart.objects.order_by("district_code", "number")
    kept = [Part(row.district_code, frozenset(row.areas), is_rest=row.number == 0) for row in rows]
    parts = find_parts(geography.bodies, geography.ground, kept)
    known = {part.district for part in kept}
    was_cut = frozenset[str]().union(*(part.areas for part in kept))
    numbers: Counter[str] = Counter()
    for part in parts:
        number = numbers[part.district]
        numbers[part.district] += 1
        if part.district not in known and not part.areas & was_cut:
            GroundPart.objects.create(district_code=part.district, number=number, areas=sorted(part.areas))
    return parts


def _roll_up(run: Run, geography: Geography, parts: Sequence[Part], *, counted: bool) -> Rollups:
    exact = list(rows_of(run, BACKLOG_MEASURE.name, BACKLOG_MEASURE.names))
    areas = rows_of(run, AREA_MEASURE.name, AREA_MEASURE.names) if counted else iter(())
    cells = publish(WAITS_BY_KIND_AND_DISTRICT, exact, list(geography.ground.districts))
    counts = area_counts(areas, geography.ground)
    return publish_rollups(geography.bodies, geography.ground, parts, cells, counts)


def _part_rows(rollups: Rollups) -> Iterator[Row]:
    for one in rollups.parts:
        named = {"kind": one.kind, "district_code": one.district, "number": one.number, "is_said": one.is_said}
        yield {**named, "low": one.span[0], "high": one.span[1]}


def _body_rows(rollups: Rollups) -> Iterator[Row]:
    for one in rollups.bodies:
        yield {"kind": one.kind, "body_id": one.body, "low": one.span[0], "high": one.span[1]}


def ground_document(geography: Geography, parts: Sequence[Part]) -> dict[str, Any]:
    """Return what pages show of the geography, as JSON: bodies, districts, parts, shared ground and gaps, outlines."""
    outlines, ground = geography.outlines(), geography.ground
    sizes = Counter(ground.area_districts.values())
    cuts = find_cuts(geography.bodies, ground)
    numbers: Counter[str] = Counter()
    part_documents = []
    for part in parts:
        part_documents.append(
            {
                "district": part.district,
                "number": numbers[part.district],
                "areas": len(part.areas),
                "bodies": _served_by(part.areas, geography.bodies),
                "rings": _rings(outlines, geography.drawn_codes(part.areas, frozenset())),
            }
        )
        numbers[part.district] += 1
    return {
        "attribution": geography.boundaries.attribution,
        "districts": [
            {
                "code": code,
                "name": name,
                "areas": sizes[code],
                "rings": _rings(outlines, geography.drawn_codes(ground.areas_of([code]), frozenset({code}))),
            }
            for code, name in ground.districts.items()
        ],
        "bodies": [_body_document(body, geography, outlines, cuts[body.id]) for body in geography.bodies],
        "parts": part_documents,
        "overlaps": [
            {"kind": one.kind, "district": one.district, "bodies": list(one.bodies), "areas": len(one.areas)}
            for one in find_overlaps(geography.bodies, ground)
        ],
    }


def _served_by(areas: frozenset[str], bodies: Sequence[Body]) -> list[str]:
    return [body.id for body in bodies if areas & body.areas]


def _body_document(body: Body, geography: Geography, outlines: Outlines, cuts: Sequence[str]) -> dict[str, Any]:
    ground = geography.ground
    own = Counter(ground.area_districts[area] for area in body.areas)
    districts = own if own else dict.fromkeys(sorted(body.districts), 0)
    return {
        "id": body.id,
        "name": body.name,
        "kind": body.kind,
        "districts": {code: count for code, count in districts.items() if code in ground.districts},
        "cuts": [code for code in cuts if code in ground.districts],
        "beside": {
            other.id: len(other.areas & body.areas)
            for other in geography.bodies
            if other.id != body.id and _share(body, other)
        },
        "rings": _rings(outlines, geography.drawn_codes(body.areas, body.districts)),
    }


def _share(body: Body, other: Body) -> bool:
    return bool(other.areas & body.areas or other.districts & body.districts)


def _rings(outlines: Outlines, codes: Collection[str]) -> list[list[list[float]]]:
    return [
        [[round(east, DECIMALS), round(north, DECIMALS)] for east, north in ring] for ring in outlines.around(codes)
    ]
