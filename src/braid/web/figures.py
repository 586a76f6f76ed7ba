"""The figures of the place, taken from the published cube; the exact ones only pass through here."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from braid.language.clock_rules import has_limit
from braid.language.codes import BACKLOGS, WAIT_KINDS
from braid.trust.cubes import WAITS_BY_KIND_AND_DISTRICT, WHOLE_PLACE, Cell, publish
from braid.web.models import BacklogMeasure, District, PublishedRun
from braid.web.published import find_published_run, hold_published_set
from braid.web.written_once import written_once


@dataclass(frozen=True)
class Figures:
    """One kind of wait in one area. `None` in a count, share or median: not published, or there is nothing to count."""

    kind: str
    kind_name: str
    backlog: str
    backlog_name: str
    article: bool
    waiting: int | None
    median_days: int | None
    has_limit: bool
    within_share: int | None
    over_year: int | None
    also_elsewhere: int | None
    completed: int | None
    completed_within_share: int | None


@dataclass(frozen=True)
class DistrictFigures:
    """A district and its figures by kind."""

    name: str
    by_kind: dict[str, Figures]


@dataclass(frozen=True)
class PlaceFigures:
    """All figures of the published run: the place's, article backlogs first, and each district's."""

    run: PublishedRun | None
    kinds: tuple[Figures, ...]
    districts: tuple[DistrictFigures, ...]
    cells: tuple[Cell, ...]
    """The published cells that the figures are of."""


def get_place_figures() -> PlaceFigures:
    """Return the publishable figures of the published run; empty before the first."""
    hold_published_set()
    names = dict(get_district_choices())
    cells = _counts(list(names))
    by_district: dict[str, list[Figures]] = {WHOLE_PLACE: [], **{code: [] for code in names}}
    for cell in cells:
        by_district[cell.district].append(_figures(cell))
    ordered = {code: sorted(found, key=_order) for code, found in by_district.items()}
    districts = tuple(
        DistrictFigures(name, {figures.kind: figures for figures in ordered[code]}) for code, name in names.items()
    )
    return PlaceFigures(find_published_run(), tuple(ordered[WHOLE_PLACE]), districts, cells)


def get_published_counts() -> tuple[Cell, ...]:
    """Return the published cells of waits by kind and district."""
    return _counts([code for code, _ in get_district_choices()])


def _counts(districts: list[str]) -> tuple[Cell, ...]:
    return publish(WAITS_BY_KIND_AND_DISTRICT, _exact_rows(), districts)


def _exact_rows() -> list[dict]:
    return list(BacklogMeasure.objects.values("kind", "district_code", *WAITS_BY_KIND_AND_DISTRICT.columns))


def get_district_choices() -> list[tuple[str, str]]:
    """Return the districts as (code, name), by name."""
    return _districts()


@written_once
def _districts() -> QuerySet[District, Any]:
    return District.objects.order_by("name").values_list("code", "name")


def _order(figures: Figures) -> int:
    """The order of the language: the five backlogs of public debate come first there."""
    return list(BACKLOGS).index(figures.backlog) * 100 + list(WAIT_KINDS).index(figures.kind)


def _figures(cell: Cell) -> Figures:
    kind = WAIT_KINDS[cell.kind]
    return Figures(
        kind=kind.code,
        kind_name=kind.name,
        backlog=kind.backlog,
        backlog_name=BACKLOGS[kind.backlog].name,
        article=BACKLOGS[kind.backlog].article,
        has_limit=has_limit(kind.code),
        **cell.values,
    )
