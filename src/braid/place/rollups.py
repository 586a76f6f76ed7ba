"""How many wait, by the ground of each body: rolled up from districts and parts of them as they are published.

The counts by small area are exact and stay in the run. `publish_rollups` makes of them what may leave: a band of each
part of a district, and of each body a range, reckoned from published figures alone (`braid.trust.grounds`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from braid.people.describe import LATEST_HOME
from braid.place.bodies import Body, Ground
from braid.store.engine import Engine
from braid.trust.cubes import WHOLE_PLACE, Cell
from braid.trust.disclosure import ROUND_TO, Span, possible_counts
from braid.trust.grounds import Part, cut_districts, keep_parts, publishable_parts, span_of_ground, span_of_parts

AreaCounts = Mapping[str, Mapping[str, int]]
"""Kind of wait to small area to exact number of open waits."""
CLOSE_SHARE = 0.2
"""A range no wider than this part of its middle is called close."""


@dataclass(frozen=True)
class PartFigure:
    """The published band of one kind of wait in a part of a district.

    `number` is the place of the part among those of the district, 0 the rest. `is_said` is false where the
    band says no more than the district's own figure does.
    """

    kind: str
    district: str
    number: int
    span: Span
    is_said: bool


@dataclass(frozen=True)
class BodyFigure:
    """How many wait on the ground of a body, as a range: from the fewest to the most."""

    kind: str
    body: str
    span: Span


@dataclass(frozen=True)
class Rollups:
    """What is published by ground: bands of parts and ranges of bodies, of each kind that the place counts."""

    parts: tuple[PartFigure, ...]
    bodies: tuple[BodyFigure, ...]


def create_area_measure(engine: Engine) -> None:
    """Create `area_measure` from person_wait, person, person_link, stay and postcode.

    Protected people are in no small area, as they are in no district. A home of which the small area is not known is
    in none either, and counts for its district alone.
    """
    engine.create("area_measure", _AREA_MEASURE)


_AREA_MEASURE = f"""
select w.kind, p.district_code, h.area_code, count(*) as waiting
from person_wait w join person p on p.person_id = w.person_id join ({LATEST_HOME}) h on h.person_id = w.person_id
where w.stop_date is null and not p.protected and p.district_code = h.district_code and h.area_code is not null
group by w.kind, p.district_code, h.area_code"""


def area_counts(rows: Iterable[Mapping[str, object]], ground: Ground) -> AreaCounts:
    """Return the counts of rows of `area_measure`, without small areas that the ground has in another district."""
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    for row in rows:
        area = str(row["area_code"])
        if ground.area_districts.get(area) == row["district_code"]:
            counts[str(row["kind"])][area] = int(str(row["waiting"]))
    return counts


def find_parts(bodies: Sequence[Body], ground: Ground, kept: Sequence[Part] = ()) -> tuple[Part, ...]:
    """Return the parts into which the grounds of the bodies cut the districts, or those kept from before."""
    cut = cut_districts([body.areas for body in bodies], ground.area_districts)
    return keep_parts(kept, cut, ground.area_districts)


def publish_rollups(
    bodies: Sequence[Body], ground: Ground, parts: Sequence[Part], cells: Sequence[Cell], counts: AreaCounts
) -> Rollups:
    """Return what is published by ground beside `cells`, the published ones of waits by kind and district.

    `parts` are those of `find_parts`, `counts` the exact ones of small areas.
    """
    by_district = {code: [part for part in parts if part.district == code] for code in ground.districts}
    areas = {code: ground.areas_of([code]) for code in ground.districts}
    shown: dict[str, dict[str, int | None]] = defaultdict(dict)
    for cell in cells:
        if cell.district != WHOLE_PLACE:
            shown[cell.kind][cell.district] = cell.values["waiting"]
    part_figures: list[PartFigure] = []
    body_figures: list[BodyFigure] = []
    for kind, figures in shown.items():
        bands = {code: _bands(own, figures.get(code, 0), counts.get(kind, {})) for code, own in by_district.items()}
        for code, own in by_district.items():
            part_figures += _part_figures(kind, own, figures.get(code, 0), bands[code])
        for body in bodies:
            spans = [
                span_of_ground(body.areas, areas[code], by_district[code], figures.get(code, 0), bands[code])
                if areas[code]
                else _without_areas(body, code, figures.get(code, 0))
                for code in ground.districts
            ]
            body_figures.append(
                BodyFigure(kind, body.id, (sum(low for low, _ in spans), sum(high for _, high in spans)))
            )
    return Rollups(tuple(part_figures), tuple(body_figures))


def _without_areas(body: Body, district: str, shown: int | None) -> Span:
    """Return a district's own span where a body serves it whole, of a place that has no small areas."""
    return possible_counts(shown) if district in body.districts else (0, 0)


def _bands(parts: Sequence[Part], shown: int | None, counts: Mapping[str, int]) -> tuple[Span, ...]:
    return publishable_parts(shown, [sum(counts.get(area, 0) for area in part.areas) for part in parts[1:]])


def _part_figures(kind: str, parts: Sequence[Part], shown: int | None, bands: Sequence[Span]) -> Iterable[PartFigure]:
    most = possible_counts(shown)[1]
    said = any(band != (0, most) for band in bands)
    for number, part in enumerate(parts):
        inside = () if part.is_rest else (number - 1,)
        span = span_of_parts(shown, bands, inside, with_rest=part.is_rest)
        yield PartFigure(kind, part.district, number, span, said and span != (0, most))


def is_close(span: Span) -> bool:
    """Whether a range is no wider than a rounded count of its own, or than a fifth of its middle."""
    low, high = span
    return high - low <= max(ROUND_TO - 1, (low + high) / 2 * CLOSE_SHARE)


def say_span(span: Span) -> str:
    """Return a range as people read it: 1,205 to 1,255; at most 12; none."""
    low, high = span
    if high == 0:
        return "none"
    if low == high:
        return f"{low:,}"
    return f"{low:,} to {high:,}" if low else f"at most {high:,}"
