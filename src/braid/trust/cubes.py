"""Fixed cubes: the tables of figures that are published, each declared here and none other.

A cube has fixed dimensions and no free filters, so that no two published figures differ by a group that somebody chose.
What leaves braid, and what does not:

| output | publication? | figures from |
|---|---|---|
| place page, its downloads, `GET /api/v1/place` | yes | `WAITS_BY_KIND_AND_DISTRICT` |
| backlog pages, their downloads, `GET /api/v1/backlogs` | yes | all cubes of queues |
| `braid backlog --publishable` | yes | `WAITS_BY_KIND_AND_DISTRICT`, `HOW_LONG_BY_KIND` |
| pages of bodies, their downloads | yes | counts of the first cube, and bands of parts (`braid.trust.grounds`) |
| page of blockers, its downloads, `GET /api/v1/blockers` | yes | `WHAT_FREES_MOST` |
| rules page, its downloads, `GET /api/v1/rules`, `braid priority fairness` | yes | groups (`braid.trust.fairness`) |
| linking on the rules page and its downloads, `braid priority fairness` | yes | shares (`braid.trust.link_error`) |
| people, person and audit pages and their API | no: casework, looks recorded | rows that the asker may see |
| page of problem statements, its downloads and API | yes | that, and how many people each concerns |
| pages of boards, minutes | no: for roles that govern | no figures: what was decided, about nobody |
| commission pages, their downloads | no: for roles that govern | published counts; payments in steps of five |
| outcome pages, their downloads | yes, for roles that govern | `OUTCOMES_BY_PERIOD`, `OUTCOMES_BY_DISTRICT` |
| simulation pages, their downloads | no: for roles that simulate | counts of a model, of a network in bands |
| `braid what-if` | yes | counts of a cohort in fixed weeks, without those that stay |
| what-if on pages, `braid what-if --by` | no: casework, looks recorded | rows that the asker may see |
| `braid outcomes`, `braid run`, `waits`, `backlog`, `link`, `read`, `issues` | no: for whoever holds the lake | exact |
| tables of the lake | no: never leave the place's own machine | exact |
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from braid.trust.disclosure import (
    Span,
    possible_counts,
    possible_totals,
    publishable_count,
    publishable_median,
    publishable_share,
    publishable_sum,
    publishable_total,
)

Exact = Mapping[str, Any]
Shown = Mapping[str, int | None]
WHOLE_PLACE = ""


class Rule(StrEnum):
    """How a measure is made publishable."""

    COUNT = "count"
    SHARE = "share"
    MEDIAN = "median"
    PERCENTILE = "percentile"
    RATIO = "ratio"
    SUM = "sum"
    ADDITIONS = "additions"
    SIZE = "size"
    TIME_SHARE = "time share"
    STEP_SHARE = "share in steps"
    STEP_RATE = "rate in steps"
    STEP_DAYS = "days in steps"
    STEP_COUNT = "count in steps"


@dataclass(frozen=True)
class Measure:
    """A figure of each cell. `columns` are the exact ones that it rests on: a count's; a share's part and whole; a
    median's or percentile's; a sum's and that of its count; none of a ratio, which is one of published counts. `base`
    names the count that it rests on or is counted among. Additions and sizes are published by `braid.trust.sizes`,
    what is in steps by `braid.trust.steps`.
    """

    name: str
    title: str
    unit: str
    rule: Rule
    columns: tuple[str, ...]
    base: str = ""


@dataclass(frozen=True)
class Dimension:
    """What cells are told apart by. Categories are fixed by `fixed_by`; `total` says whether a total is published."""

    name: str
    title: str
    fixed_by: str
    total: bool


@dataclass(frozen=True)
class Cube:
    """A published table: measures by kind of wait or action, and by district or backlog where that is a dimension."""

    id: str
    title: str
    population: str
    dimensions: tuple[Dimension, ...]
    measures: tuple[Measure, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The exact columns that the cube needs, beside its dimensions."""
        return tuple(dict.fromkeys(column for measure in self.measures for column in measure.columns))


@dataclass(frozen=True)
class Cell:
    """The published figures of one kind of wait in a district, or in the whole place (`WHOLE_PLACE`).

    In a cube of other dimensions `kind` names the first one's category and `district` the second one's.
    `spans` say of each count which exact numbers may stand behind it, to whoever knows the rule and all of the table.
    """

    kind: str
    district: str
    values: Shown
    spans: Mapping[str, Span] = field(default_factory=dict)


WAITS_BY_KIND_AND_DISTRICT = Cube(
    "waits_by_kind_and_district",
    "Waits by kind and district",
    "Waits of people in the place. Protected people and those without a known district count in the place alone.",
    (
        Dimension("kind", "Kind of wait", "the common language", total=False),
        Dimension("district_code", "District", "place.toml", total=True),
    ),
    (
        Measure("waiting", "Waiting", "waits", Rule.COUNT, ("waiting",)),
        Measure("median_days", "Median days waited so far", "days", Rule.MEDIAN, ("median_days",), "waiting"),
        Measure(
            "within_share", "Within the limit", "per cent", Rule.SHARE, ("within_limit", "with_limit"), base="waiting"
        ),
        Measure("over_year", "Waiting over a year", "waits", Rule.COUNT, ("over_year",), "waiting"),
        Measure(
            "also_elsewhere", "Also waiting in another backlog", "people", Rule.COUNT, ("also_elsewhere",), "waiting"
        ),
        Measure("completed", "Ended in the last 91 days", "waits", Rule.COUNT, ("completed",)),
        Measure(
            "completed_within_share",
            "Ended within the limit",
            "per cent",
            Rule.SHARE,
            ("completed_within", "completed_with_limit"),
            base="completed",
        ),
    ),
)
HOW_LONG_BY_KIND = Cube(
    "how_long_by_kind",
    "How long people wait, by kind",
    "Waits of people in the place, as a whole. Bases are counts of the table above, as published.",
    (Dimension("kind", "Kind of wait", "the common language", total=False),),
    (
        Measure(
            "p92_days", "92nd percentile of days waited so far", "days", Rule.PERCENTILE, ("open_p92_days",), "waiting"
        ),
        Measure(
            "completed_median_days",
            "Median days of waits that ended in the last 91 days",
            "days",
            Rule.MEDIAN,
            ("completed_median_days",),
            "completed",
        ),
        Measure(
            "completed_p92_days",
            "92nd percentile of days of those",
            "days",
            Rule.PERCENTILE,
            ("completed_p92_days",),
            "completed",
        ),
        Measure("clearance_weeks", "Waiting by ended a week", "weeks", Rule.RATIO, (), "completed"),
    ),
)
WHAT_FREES_MOST = Cube(
    "what_frees_most",
    "What frees most",
    "Waits of people in the place that an action would move, directly or down the line, protected people among them. A"
    " cell is there where the action holds a wait. Teams and resources are the sums of their actions as published.",
    (
        Dimension("action", "Action: whose move, what, on which holder", "the problem statements", total=False),
        Dimension("backlog", "Backlog of the waits", "the common language", total=True),
    ),
    (
        Measure("held_waits", "Waits that it holds", "waits", Rule.COUNT, ("held_waits",)),
        Measure("held_weeks", "Time these waited", "weeks", Rule.SUM, ("held_weeks", "held_waits"), "held_waits"),
        Measure("freed_waits", "Waits that it alone would free", "waits", Rule.COUNT, ("freed_waits",), "held_waits"),
        Measure("freed_weeks", "Time those waited", "weeks", Rule.SUM, ("freed_weeks", "freed_waits"), "freed_waits"),
    ),
)
ADDITIONS_BY_KIND = Cube(
    "additions_by_kind",
    "Additions, by kind",
    "Waits of people in the place, as a whole, that began in the 91 days in which waits that ended are counted.",
    (Dimension("kind", "Kind of wait", "the common language", total=False),),
    (Measure("additions", "Began in the last 91 days", "waits", Rule.ADDITIONS, ("additions",), "completed"),),
)
SIZES_BY_KIND_AND_DAY = Cube(
    "sizes_by_kind_and_day",
    "Size of each queue over 52 weeks, by kind",
    "Waits of people in the place, as a whole. Each day shows what was published of it then. Weeks before the first"
    " publication are filled in once, and never again.",
    (
        Dimension("kind", "Kind of wait", "the common language", total=False),
        Dimension("day", "Day", "the runs that were published, and 52 weeks before the first", total=False),
    ),
    (Measure("waiting", "Waiting", "waits", Rule.SIZE, ("waiting",)),),
)
OVERLAP_BY_KINDS = Cube(
    "overlap_by_kinds",
    "What people wait for at once, by kind",
    "Of the time that people in the place waited for the first, on days of the last 52 weeks that are known of both,"
    " the part in which they waited for the second too.",
    (
        Dimension("kind", "Kind of wait", "the common language", total=False),
        Dimension("other_kind", "Also waiting for", "the common language", total=False),
    ),
    (Measure("time_share", "Part of the time", "per cent", Rule.TIME_SHARE, ("people", "share"), "waiting"),),
)
_OUTCOME = Dimension("outcome", "Outcome", "outcomes.toml and what ships", total=False)
_OUTCOME_MEASURES = (
    Measure("share", "What meets the measure", "per cent", Rule.STEP_SHARE, ("met", "observations", "people")),
    Measure("rate", "What happened, for each 100 people", "events", Rule.STEP_RATE, ("met", "observations", "people")),
    Measure("median", "Median length", "days", Rule.STEP_DAYS, ("median_days", "people")),
    Measure("count", "What meets the measure", "as counted", Rule.STEP_COUNT, ("met", "people")),
)
OUTCOMES_BY_PERIOD = Cube(
    "outcomes_by_period",
    "Outcomes by period",
    "People in the place, as a whole, protected people among them. An outcome has one of the measures. A period is"
    " published once, when it is over, and stays as it was shown; those before the first are filled in once.",
    (
        _OUTCOME,
        Dimension("period_end_date", "Period", "calendar weeks, months or quarters that are over", total=False),
    ),
    _OUTCOME_MEASURES,
)
OUTCOMES_BY_DISTRICT = Cube(
    "outcomes_by_district",
    "Outcomes by district",
    "The last period of the table above, by district, of shares, rates and medians alone. Protected people and those"
    " without a known district count in the place alone.",
    (_OUTCOME, Dimension("district_code", "District", "place.toml", total=False)),
    _OUTCOME_MEASURES[:3],
)
CUBES = {
    cube.id: cube
    for cube in (
        WAITS_BY_KIND_AND_DISTRICT,
        HOW_LONG_BY_KIND,
        ADDITIONS_BY_KIND,
        SIZES_BY_KIND_AND_DAY,
        OVERLAP_BY_KINDS,
        WHAT_FREES_MOST,
        OUTCOMES_BY_PERIOD,
        OUTCOMES_BY_DISTRICT,
    )
}


def publish(cube: Cube, rows: Iterable[Exact], districts: Sequence[str]) -> tuple[Cell, ...]:
    """Return the published cells: for each kind that the place counts at all, the whole place, then each district.

    `rows` hold `kind`, `district_code` and the cube's exact columns; a district without a row counts as nobody.
    """
    exact = {(row["kind"], row["district_code"] or WHOLE_PLACE): row for row in rows}
    cells: list[Cell] = []
    for kind in (kind for kind, district in exact if district == WHOLE_PLACE):
        of_districts = [exact.get((kind, district), {}) for district in districts]
        parts = [_part(cube, row) for row in of_districts]
        cells.append(Cell(kind, WHOLE_PLACE, *_total(cube, exact[kind, WHOLE_PLACE], of_districts, parts)))
        cells.extend(
            Cell(kind, district, part, {m.name: possible_counts(part[m.name]) for m in _of(cube, Rule.COUNT)})
            for district, part in zip(districts, parts, strict=True)
        )
    return tuple(cells)


def _part(cube: Cube, row: Exact) -> Shown:
    counts = {m.name: publishable_count(_number(row, m.columns[0])) for m in _of(cube, Rule.COUNT)}
    shares = {
        m.name: publishable_share(*(publishable_count(number) for number in _part_and_rest(m, row)))
        for m in _of(cube, Rule.SHARE)
    }
    return _in_order(cube, counts, shares, row)


def _total(
    cube: Cube, row: Exact, districts: Sequence[Exact], parts: Sequence[Shown]
) -> tuple[Shown, Mapping[str, Span]]:
    """Return the figures of the whole place and what may stand behind its counts, given those published of districts.

    A base comes after what is counted among it: it is at least the one in all and the rest of each district.
    """
    among: dict[str, list[tuple[list[Span], Span]]] = defaultdict(list)
    counts: dict[str, int | None] = {}
    shares: dict[str, int | None] = {}
    behind: dict[str, Span] = {}
    for measure in _of(cube, Rule.SHARE):
        sides = [_side(measure, side, row, districts, parts) for side in (0, 1)]
        shares[measure.name] = publishable_share(*(shown for shown, _ in sides))
        if shares[measure.name] is not None:
            among[measure.base] += [(spans, possible_totals(shown, _sum(spans))) for shown, spans in sides]
    for measure in sorted(_of(cube, Rule.COUNT), key=lambda measure: not measure.base):
        spans = [possible_counts(part[measure.name]) for part in parts]
        known = [_sum(spans), *(_at_least(spans, *some) for some in among[measure.name])]
        within = (max(low for low, _ in known), min(high for _, high in known))
        shown = publishable_total(_number(row, measure.columns[0]), within)
        counts[measure.name] = shown
        behind[measure.name] = possible_totals(shown, within)
        among[measure.base].append((spans, possible_totals(shown, _sum(spans))))
    return _in_order(cube, counts, shares, row), behind


def _side(
    measure: Measure, side: int, row: Exact, districts: Sequence[Exact], parts: Sequence[Shown]
) -> tuple[int | None, list[Span]]:
    """Return the published total of a share's part (0) or of the rest (1), and what is known of each district's.

    What a district's share tells of them: their published counts; where there is none, no more than the base.
    """
    spans = [
        (0, possible_counts(part[measure.base])[1])
        if part[measure.name] is None
        else possible_counts(publishable_count(_part_and_rest(measure, exact)[side]))
        for exact, part in zip(districts, parts, strict=True)
    ]
    return publishable_total(_part_and_rest(measure, row)[side], _sum(spans)), spans


def _at_least(wholes: Sequence[Span], somes: Sequence[Span], some: Span) -> Span:
    """Return in what range a total lies that some are counted among, by their total and the rest of each part."""
    rests = [
        (max(0, whole[0] - part[1]), max(0, whole[1] - part[0])) for whole, part in zip(wholes, somes, strict=True)
    ]
    return _sum([some, *rests])


def _in_order(cube: Cube, counts: Shown, shares: Shown, row: Exact) -> Shown:
    """The cell's values in the order of the cube, medians and sums by their published base."""
    medians = {m.name: publishable_median(row.get(m.columns[0]), counts[m.base]) for m in _of(cube, Rule.MEDIAN)}
    sums = {
        m.name: publishable_sum(row.get(m.columns[0]) or 0, _number(row, m.columns[1]), counts[m.base])
        for m in _of(cube, Rule.SUM)
    }
    found = {**counts, **shares, **medians, **sums}
    return {measure.name: found[measure.name] for measure in cube.measures}


def _of(cube: Cube, rule: Rule) -> list[Measure]:
    return [measure for measure in cube.measures if measure.rule is rule]


def _sum(spans: Iterable[Span]) -> Span:
    lows, highs = 0, 0
    for low, high in spans:
        lows, highs = lows + low, highs + high
    return lows, highs


def _part_and_rest(measure: Measure, row: Exact) -> tuple[int, int]:
    part, whole = (_number(row, column) for column in measure.columns)
    return part, max(0, whole - part)


def _number(row: Exact, column: str) -> int:
    return int(row.get(column) or 0)
