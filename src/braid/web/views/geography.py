"""The pages of bodies: which ground each serves, where bounds do not line up, and how many wait there."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from csp.constants import NONCE, SELF
from csp.decorators import csp_replace
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from braid.language.codes import WAIT_KINDS
from braid.place.rollups import say_span
from braid.trust.disclosure import Span
from braid.web.geography.drawings import (
    WIDTH,
    collect_outlines,
    draw_classes,
    draw_districts,
    draw_ground,
    find_classes,
    say_classes,
)
from braid.web.geography.seen import (
    Ground,
    Rings,
    get_body_figures,
    get_district_figures,
    get_ground,
    get_part_figures,
)
from braid.web.geography.tables import export_ground
from braid.web.views.files import hand_out
from braid.web.views.guards import only

BY_DISTRICT, BY_PART = "district", "part"
DIVISIONS = {BY_DISTRICT: "Districts", BY_PART: "Parts of districts"}


@dataclass(frozen=True)
class AreaFigure:
    """How many wait in a district or part: the range; `None` where it is not shown."""

    name: str
    rings: Rings
    span: Span | None

    @property
    def words(self) -> str:
        """The range as people read it."""
        return "not shown" if self.span is None else say_span(self.span)


@require_safe
@only(lambda role: role.sees_place)
def bodies(request: HttpRequest) -> HttpResponse:
    """Show the bodies of the place, their ground, and how many wait by district or by part of one."""
    ground = get_ground()
    kind = _chosen(request.GET.get("body"), [code for code, _ in ground.kinds])
    drawn = [one for one in ground.bodies if not one.everywhere and kind in ("", one.kind)]
    figures = get_district_figures()
    wait_kind = _chosen(request.GET.get("wait"), figures) or next(iter(figures), "")
    division = _chosen(request.GET.get("by"), DIVISIONS) or BY_DISTRICT
    areas = _areas(ground, wait_kind, division)
    spans = [area.span for area in areas]
    classes = find_classes(spans)
    context = {
        "ground": ground,
        "names": {district.code: district.name for district in ground.districts},
        "place_map": draw_districts(ground),
        "multiples": [(one, draw_ground(ground, one.rings, one.name)) for one in drawn],
        "body_kind": kind,
        "kind_items": _items([("", "Every kind"), *ground.kinds]),
        "wait_kind": wait_kind,
        "wait_name": WAIT_KINDS[wait_kind].name if wait_kind else "",
        "wait_items": _items([(code, WAIT_KINDS[code].name) for code in figures]),
        "division": division,
        "division_items": _items(list(DIVISIONS.items())),
        "areas": areas,
        "classes": say_classes(spans, classes),
        "class_map": draw_classes(ground, [(area.name, area.rings, area.span) for area in areas], classes),
        "hides": None in spans,
    }
    return render(request, "geography/bodies.html", context)


def _chosen(asked: str | None, known: object) -> str:
    """Return what was chosen, where it is known; nothing otherwise."""
    return asked if asked and isinstance(known, Sequence | dict) and asked in known else ""


def _items(choices: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"value": value, "text": text} for value, text in choices]


def _areas(ground: Ground, wait_kind: str, division: str) -> list[AreaFigure]:
    """Return the districts with their figures; by part, the parts of those that are cut and the others whole."""
    by_district = get_district_figures().get(wait_kind, {})
    whole = {one.code: AreaFigure(one.name, one.rings, by_district.get(one.code)) for one in ground.districts}
    if division == BY_DISTRICT:
        return list(whole.values())
    figures = get_part_figures()
    cut = {part.district for part in ground.parts}
    found = []
    for district in ground.districts:
        if district.code not in cut:
            found.append(whole[district.code])
        for part in (part for part in ground.parts if part.district == district.code):
            told = [
                one.span
                for one, is_said in figures.get((part.district, part.number), ())
                if is_said and one.kind == wait_kind
            ]
            found.append(AreaFigure(part.name, part.rings, told[0] if told else None))
    return found


@require_safe
@csp_replace({"script-src": [NONCE], "worker-src": [SELF]})
@only(lambda role: role.sees_place)
def body(request: HttpRequest, body_id: str) -> HttpResponse:
    """Show one body: its ground, who serves that ground too, and how many wait there."""
    ground = get_ground()
    one = ground.find(body_id)
    if one is None:
        raise Http404
    names = {district.code: district.name for district in ground.districts}
    beside = [(other, one.beside[other.id]) for other in ground.bodies if other.id in one.beside]
    context = {
        "ground": ground,
        "body": one,
        "cuts": ", ".join(names[code] for code in one.cuts),
        "map": draw_ground(ground, one.rings, one.name, WIDTH),
        "districts": [(names[code], count) for code, count in one.districts.items()],
        "sizes": {district.name: district.areas for district in ground.districts},
        "beside": beside,
        "figures": get_body_figures(one.id),
        "outlines": json.dumps(collect_outlines(ground, one.rings), separators=(",", ":")),
        "nonce": request.csp_nonce,
    }
    return render(request, "geography/body.html", context)


@require_safe
@only(lambda role: role.sees_place)
def ground_file(request: HttpRequest, form: str, table: str) -> HttpResponse:
    """Hand out the figures by body or by part as a file; 404 before the first run."""
    ground = get_ground()
    return hand_out(request, ground.run if ground.bodies else None, form, table, partial(export_ground, ground, table))
