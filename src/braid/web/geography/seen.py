"""Reading the published ground and the figures by ground, for pages and files."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from braid.language.codes import BACKLOGS, WAIT_KINDS
from braid.place.bodies import BODY_KINDS
from braid.place.rollups import say_span
from braid.trust.cubes import WHOLE_PLACE
from braid.trust.disclosure import Span
from braid.web.figures import get_published_counts
from braid.web.models import BodyFigure, PartFigure, PublishedGround, PublishedRun
from braid.web.published import find_published_run, hold_published_set

Rings = tuple[tuple[tuple[float, float], ...], ...]


@dataclass(frozen=True)
class DistrictSeen:
    """A district: how many small areas it has, and its outline (longitude, latitude)."""

    code: str
    name: str
    areas: int
    rings: Rings


@dataclass(frozen=True)
class BodySeen:
    """A body and its ground: small areas by district, districts that its bound runs through, who serves it as well.

    `served` is the ground in words; `everywhere` where that is all of the place.
    """

    id: str
    name: str
    kind: str
    kind_name: str
    districts: Mapping[str, int]
    cuts: tuple[str, ...]
    beside: Mapping[str, int]
    rings: Rings
    served: str
    everywhere: bool
    areas: int


@dataclass(frozen=True)
class PartSeen:
    """A part of a district that figures are published by; `name` tells it from the other parts."""

    district: str
    number: int
    name: str
    areas: int
    bodies: tuple[str, ...]
    rings: Rings


@dataclass(frozen=True)
class SharedGround:
    """Ground that several bodies of a kind serve, or none: `bodies` is empty then. `where` says which, in words."""

    kind_name: str
    bodies: tuple[BodySeen, ...]
    where: str


@dataclass(frozen=True)
class Ground:
    """The published ground. Empty before the first run."""

    run: PublishedRun | None
    attribution: str
    districts: tuple[DistrictSeen, ...]
    bodies: tuple[BodySeen, ...]
    parts: tuple[PartSeen, ...]
    shared: tuple[SharedGround, ...]

    def find(self, body_id: str) -> BodySeen | None:
        """Return a body by id; `None` where there is no such body."""
        return next((body for body in self.bodies if body.id == body_id), None)

    @property
    def is_drawn(self) -> bool:
        """Whether the place gave outlines."""
        return any(district.rings for district in self.districts)

    @property
    def kinds(self) -> tuple[tuple[str, str], ...]:
        """Kinds of body that the place has, as (code, name)."""
        there = {body.kind for body in self.bodies}
        return tuple((code, name) for code, name in BODY_KINDS.items() if code in there)


@dataclass(frozen=True)
class KindFigure:
    """How many wait for one thing on a ground: a range, in numbers and in words."""

    kind: str
    kind_name: str
    backlog_name: str
    span: Span

    @property
    def words(self) -> str:
        """The range as people read it."""
        return say_span(self.span)


def get_ground() -> Ground:
    """Return the published ground, in the order of the place folder."""
    hold_published_set()
    row = PublishedGround.objects.first()
    document = row.document if row is not None else {}
    names = {one["code"]: one["name"] for one in document.get("districts", [])}
    sizes = {one["code"]: one["areas"] for one in document.get("districts", [])}
    bodies = tuple(_body(one, names, sizes) for one in document.get("bodies", []))
    by_id = {body.id: body for body in bodies}
    return Ground(
        find_published_run(),
        document.get("attribution", ""),
        tuple(
            DistrictSeen(one["code"], one["name"], one["areas"], _rings(one)) for one in document.get("districts", [])
        ),
        bodies,
        tuple(
            PartSeen(
                one["district"],
                one["number"],
                _part_name(one, by_id, names, sizes),
                one["areas"],
                tuple(one["bodies"]),
                _rings(one),
            )
            for one in document.get("parts", [])
        ),
        _shared(document.get("overlaps", []), by_id, names, sizes),
    )


def _rings(document: Mapping[str, Any]) -> Rings:
    return tuple(tuple((point[0], point[1]) for point in ring) for ring in document["rings"])


def _body(document: Mapping[str, Any], names: Mapping[str, str], sizes: Mapping[str, int]) -> BodySeen:
    districts = document["districts"]
    everywhere = not document["cuts"] and set(districts) == set(names)
    served = "The whole place" if everywhere else _where(districts, names, sizes)
    return BodySeen(
        document["id"],
        document["name"],
        document["kind"],
        BODY_KINDS.get(document["kind"], document["kind"]),
        districts,
        tuple(document["cuts"]),
        document["beside"],
        _rings(document),
        served,
        everywhere,
        sum(districts.values()),
    )


def _where(districts: Mapping[str, int], names: Mapping[str, str], sizes: Mapping[str, int]) -> str:
    """Say a ground in words: whole districts, then how much of others."""
    whole = [names[code] for code in names if code in districts and districts[code] == sizes[code]]
    cut = [
        f"{names[code]} in part ({districts[code]} of {sizes[code]} small areas)"
        for code in names
        if code in districts and districts[code] != sizes[code]
    ]
    return ", ".join([*whole, *cut]) or "No ground of the place"


def _part_name(
    document: Mapping[str, Any], bodies: Mapping[str, BodySeen], names: Mapping[str, str], sizes: Mapping[str, int]
) -> str:
    """Name a part by district, number and size, and by the bodies that serve this part of the district and not all."""
    district = document["district"]
    of = f"{document['areas']} of {sizes.get(district, 0)} small areas"
    some = [bodies[body].name for body in document["bodies"] if district in bodies[body].cuts]
    said = f": {', '.join(some)}" if some else ""
    return f"{names.get(district, district)}, part {document['number'] + 1} ({of}){said}"


def _shared(
    overlaps: list[Mapping[str, Any]],
    bodies: Mapping[str, BodySeen],
    names: Mapping[str, str],
    sizes: Mapping[str, int],
) -> tuple[SharedGround, ...]:
    grouped: dict[tuple[str, tuple[str, ...]], dict[str, int]] = {}
    for one in overlaps:
        if one["district"] in names:
            grouped.setdefault((one["kind"], tuple(one["bodies"])), {})[one["district"]] = one["areas"]
    return tuple(
        SharedGround(
            BODY_KINDS[kind],
            tuple(bodies[identifier] for identifier in ids),
            "The whole place" if districts == dict(sizes) else _where(districts, names, sizes),
        )
        for (kind, ids), districts in grouped.items()
    )


def kind_order(kind: str) -> tuple[int, int]:
    """Return where a kind of wait stands in the order of the common language."""
    return list(BACKLOGS).index(WAIT_KINDS[kind].backlog), list(WAIT_KINDS).index(kind)


def _kind_figure(kind: str, span: Span) -> KindFigure:
    known = WAIT_KINDS[kind]
    return KindFigure(kind, known.name, BACKLOGS[known.backlog].name, span)


def get_body_figures(body_id: str) -> tuple[KindFigure, ...]:
    """Return how many wait on the ground of a body, by kind of wait, in the order of the common language."""
    rows = BodyFigure.objects.filter(body_id=body_id)
    return tuple(
        _kind_figure(row.kind, (row.low, row.high)) for row in sorted(rows, key=lambda row: kind_order(row.kind))
    )


def get_all_body_figures() -> Mapping[str, tuple[KindFigure, ...]]:
    """Return the same of every body, by its id."""
    found: dict[str, list[KindFigure]] = {}
    for row in sorted(BodyFigure.objects.all(), key=lambda row: kind_order(row.kind)):
        found.setdefault(row.body_id, []).append(_kind_figure(row.kind, (row.low, row.high)))
    return {body: tuple(figures) for body, figures in found.items()}


def get_part_figures() -> Mapping[tuple[str, int], tuple[tuple[KindFigure, bool], ...]]:
    """Return of each part, by district and number, how many wait, and whether that says more than the district does."""
    found: dict[tuple[str, int], list[tuple[KindFigure, bool]]] = {}
    for row in sorted(PartFigure.objects.all(), key=lambda row: kind_order(row.kind)):
        figure = _kind_figure(row.kind, (row.low, row.high)), row.is_said
        found.setdefault((row.district_code, row.number), []).append(figure)
    return {part: tuple(figures) for part, figures in found.items()}


def get_district_figures() -> Mapping[str, Mapping[str, Span | None]]:
    """Return by kind of wait and district the range behind the published figure; `None` where it is not shown."""
    found: dict[str, dict[str, Span | None]] = {}
    for cell in get_published_counts():
        if cell.district != WHOLE_PLACE:
            is_shown = cell.values["waiting"] is not None
            found.setdefault(cell.kind, {})[cell.district] = cell.spans["waiting"] if is_shown else None
    return dict(sorted(found.items(), key=lambda item: kind_order(item[0])))
