"""The figures of the place, each through disclosure control before it leaves this module."""

from dataclasses import dataclass

from braid.language.clock_rules import NO_LIMIT_REASONS
from braid.language.codes import BACKLOGS, WAIT_KINDS
from braid.trust.disclosure import publishable_count, publishable_measure, publishable_share
from braid.web.models import BacklogMeasure, District, PublishedRun
from braid.web.published import find_published_run, hold_published_set


@dataclass(frozen=True)
class Figures:
    """One kind of wait in one area. `None` in a count or share: suppressed, or there is nothing to count."""

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


def get_place_figures() -> PlaceFigures:
    """Return the publishable figures of the published run; empty before the first."""
    hold_published_set()
    rows = list(BacklogMeasure.objects.all())
    names = District.objects.order_by("name").values_list("code", "name")
    whole = sorted((_figures(row) for row in rows if not row.district_code), key=_order)
    districts = tuple(
        DistrictFigures(name, {row.kind: _figures(row) for row in rows if row.district_code == code})
        for code, name in names
    )
    return PlaceFigures(find_published_run(), tuple(whole), districts)


def get_district_choices() -> list[tuple[str, str]]:
    """Return the districts as (code, name), by name."""
    return list(District.objects.order_by("name").values_list("code", "name"))


def _order(figures: Figures) -> int:
    """The order of the language: the five backlogs of public debate come first there."""
    return list(BACKLOGS).index(figures.backlog) * 100 + list(WAIT_KINDS).index(figures.kind)


def _figures(row: BacklogMeasure) -> Figures:
    median = publishable_measure(row.median_days, row.waiting)
    return Figures(
        kind=row.kind,
        kind_name=WAIT_KINDS[row.kind].name,
        backlog=row.backlog,
        backlog_name=BACKLOGS[row.backlog].name,
        article=BACKLOGS[row.backlog].article,
        waiting=publishable_count(row.waiting),
        median_days=None if median is None else round(median),
        has_limit=row.kind not in NO_LIMIT_REASONS,
        within_share=publishable_share(row.within_limit, row.with_limit),
        over_year=publishable_count(row.over_year),
        also_elsewhere=publishable_count(row.also_elsewhere),
        completed=publishable_count(row.completed),
        completed_within_share=publishable_share(row.completed_within, row.completed_with_limit),
    )
