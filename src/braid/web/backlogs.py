"""The figures of the backlog pages: each queue's published figures together; the exact ones only pass through here."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from braid.language.clock_rules import usual_weeks
from braid.language.codes import WAIT_KINDS
from braid.trust.cubes import Cell, Shown
from braid.trust.durations import publish_durations
from braid.trust.overlaps import publish_overlaps
from braid.trust.sizes import COMPLETED_DAYS, Kept, find_kept, publish_additions, reckon_additions
from braid.web.figures import Figures, PlaceFigures, get_place_figures
from braid.web.models import PublishedRun, ServiceMeasure, ServiceOverlap, ShownSize

SHOWN_DAYS = 364
QUARTERS = 4
LIMIT_DIGITS = 3
STEADY_COUNT, STEADY_SHARE = 10, 0.05
"""A queue is called steady where it changed by no more than 10, or a twentieth: rounding alone can do that."""


@dataclass(frozen=True)
class Size:
    """How many waited on a day, as published: `None` where too few did."""

    day: dt.date
    waiting: int | None
    is_filled_in: bool


@dataclass(frozen=True)
class Quarter:
    """What came and what left in the 91 days up to a day, as published or reckoned of what was."""

    day: dt.date
    additions: int | None
    completed: int | None


@dataclass(frozen=True)
class Overlap:
    """What people wait for too, and in what part of the time, in per cent."""

    other_kind: str
    other_name: str
    time_share: int


@dataclass(frozen=True)
class Backlog:
    """One queue. `None` in a figure: not published, or there is nothing to count.

    `is_known` says whether all who left in the last 91 days are known; where they are not, neither additions nor
    clearance is told.
    """

    figures: Figures
    is_known: bool
    p92_days: int | None
    completed_median_days: int | None
    completed_p92_days: int | None
    clearance_weeks: int | None
    additions: int | None
    change: int | None
    trend: str
    """`grows`, `falls`, `steady`, or `not_known`."""
    limit_weeks: float | None
    sizes: tuple[Size, ...]
    quarters: tuple[Quarter, ...]
    overlaps: tuple[Overlap, ...]
    districts: tuple[tuple[str, Figures], ...]


@dataclass(frozen=True)
class Backlogs:
    """Every queue of the published run, those of public debate first."""

    run: PublishedRun | None
    backlogs: tuple[Backlog, ...]

    def find(self, kind: str) -> Backlog | None:
        """Return the queue of a kind of wait; `None` where the place counts none."""
        return next((backlog for backlog in self.backlogs if backlog.figures.kind == kind), None)


def get_backlogs() -> Backlogs:
    """Return the publishable figures of every queue; empty before the first run."""
    place = get_place_figures()
    run = place.run
    if run is None or run.as_of_date is None:
        return Backlogs(run, ())
    shown = _shown_sizes(run.as_of_date)
    kept = {kind: [((run.as_of_date - row.day).days, row.waiting) for row in rows] for kind, rows in shown.items()}
    durations = publish_durations(_exact_measures(), place.cells)
    additions = publish_additions(_exact_measures(), place.cells, durations, kept)
    known, overlaps = _known_kinds(), _overlaps(place.cells)
    lengths = {cell.kind: cell.values for cell in durations}
    return Backlogs(
        run,
        tuple(
            _backlog(
                figures,
                lengths[figures.kind],
                additions[figures.kind],
                _Past(run.as_of_date, shown[figures.kind]),
                is_known=figures.kind in known,
                overlaps=tuple(overlaps[figures.kind]),
                districts=_districts(place, figures.kind),
            )
            for figures in place.kinds
        ),
    )


@dataclass(frozen=True)
class _Past:
    """What was published of a queue before today."""

    today: dt.date
    rows: tuple[ShownSize, ...]

    def size(self, days: int) -> Kept | None:
        """Return the size so many days ago."""
        return find_kept([((self.today - row.day).days, row.waiting) for row in self.rows], days)

    def completed(self, days: int) -> int | None:
        """Return how many left in the 91 days before so many days ago."""
        found = find_kept([((self.today - row.day).days, row.completed) for row in self.rows], days)
        return found[1] if found else None

    def quarters(self) -> Iterator[Quarter]:
        """Return the quarters before the last one of which something was published."""
        for number in range(1, QUARTERS):
            days = number * COMPLETED_DAYS
            now, before, completed = self.size(days), self.size(days + COMPLETED_DAYS), self.completed(days)
            additions = reckon_additions(now[1], before[1], completed) if now and before else None
            if completed is not None:
                yield Quarter(self.today - dt.timedelta(days), additions, completed)


def _backlog(
    figures: Figures,
    lengths: Shown,
    additions: int | None,
    past: _Past,
    *,
    is_known: bool,
    overlaps: tuple[Overlap, ...],
    districts: tuple[tuple[str, Figures], ...],
) -> Backlog:
    change = _change(figures, additions, past)
    limit = usual_weeks(figures.kind)
    lengths = lengths if is_known else {**lengths, "clearance_weeks": None}
    return Backlog(
        figures=figures,
        is_known=is_known,
        additions=additions,
        change=change,
        trend=_trend(change, figures.waiting),
        limit_weeks=None if limit is None else round(limit, LIMIT_DIGITS),
        sizes=(
            *(Size(row.day, row.waiting, row.is_filled_in) for row in past.rows),
            Size(past.today, figures.waiting, is_filled_in=False),
        ),
        quarters=(Quarter(past.today, additions, figures.completed if is_known else None), *past.quarters()),
        overlaps=overlaps,
        districts=districts,
        **lengths,
    )


def _change(figures: Figures, additions: int | None, past: _Past) -> int | None:
    """By how many the queue grew in 91 days: between two published sizes, else of what came and what left."""
    before = past.size(COMPLETED_DAYS)
    if before is not None:
        return None if before[1] is None or figures.waiting is None else figures.waiting - before[1]
    return None if additions is None or figures.completed is None else additions - figures.completed


def _trend(change: int | None, waiting: int | None) -> str:
    if change is None:
        return "not_known"
    if abs(change) <= max(STEADY_COUNT, STEADY_SHARE * (waiting or 0)):
        return "steady"
    return "grows" if change > 0 else "falls"


def _overlaps(cells: Sequence[Cell]) -> dict[str, list[Overlap]]:
    found: dict[str, list[Overlap]] = defaultdict(list)
    for cell in publish_overlaps(_exact_overlaps(), cells):
        if cell.time_share is not None:
            found[cell.kind].append(Overlap(cell.other_kind, WAIT_KINDS[cell.other_kind].name, cell.time_share))
    return found


def _districts(place: PlaceFigures, kind: str) -> tuple[tuple[str, Figures], ...]:
    return tuple((district.name, district.by_kind[kind]) for district in place.districts if kind in district.by_kind)


def _shown_sizes(today: dt.date) -> dict[str, tuple[ShownSize, ...]]:
    """What was published of each queue in the 52 weeks before today, in order of days."""
    since = today - dt.timedelta(SHOWN_DAYS)
    found: dict[str, list[ShownSize]] = defaultdict(list)
    for row in ShownSize.objects.filter(day__gte=since, day__lt=today).order_by("day"):
        found[row.kind].append(row)
    return defaultdict(tuple, {kind: tuple(rows) for kind, rows in found.items()})


def _known_kinds() -> set[str]:
    return set(ServiceMeasure.objects.filter(additions__isnull=False).values_list("kind", flat=True))


def _exact_measures() -> list[dict]:
    return list(ServiceMeasure.objects.values())


def _exact_overlaps() -> list[dict]:
    return list(ServiceOverlap.objects.values("kind", "other_kind", "people", "share"))
