"""What a board wants to change: the outcomes of its priorities, as they were published."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from braid.place.drawings import Limits, Mark, draw_series
from braid.place.packs import PackFigure
from braid.store.exports import PackSection, PackTable, Picture
from braid.web.outcomes.reading import FEWEST, MOVES, SeenOutcome, Shown, read_frameworks
from braid.web.packs.digests import digest_of
from braid.web.packs.scope import PackPart, Scope
from braid.web.templating import day_words

MOST_PERIODS = 13
"""Periods of a series that a pack draws, the newest: a quarter in weeks, a year in months. The page has them all."""
ABOUT = (
    f"The last {MOST_PERIODS} periods at most; the page of each outcome has them all. An axis need not begin at nought."
    " Grey is the mean of the series with its limits, broken green the target."
)
TITLE, NOT_SHOWN, NOTHING = "Outcomes", "Not shown", "\N{EN DASH}"


@dataclass(frozen=True)
class Kept:
    """An outcome with the periods that were over on the day of the pack."""

    outcome: SeenOutcome
    series: tuple[Shown, ...]

    @property
    def last(self) -> Shown | None:
        """The last period of which a value was published."""
        return next((one for one in reversed(self.series) if one.value is not None), None)


def make_outcomes(scope: Scope) -> PackPart:
    """Return the outcomes that priorities name, then those of the statements that the board looks after."""
    kept = [Kept(one, _until(one, scope)) for one in _of_board(scope)]
    if not kept:
        return PackPart()
    section = PackSection(
        TITLE,
        tuple(_draw(one) for one in kept if _is_drawn(one)),
        (ABOUT,),
        tables=(_summary(kept, scope), *(_periods(one) for one in kept if one.last is not None)),
    )
    rows = [[one.outcome.id, [[p.last_date, p.value, p.low, p.high] for p in one.series]] for one in kept]
    return PackPart((section,), tuple(map(_figure, kept)), (("published outcomes", digest_of(rows)),))


def _of_board(scope: Scope) -> list[SeenOutcome]:
    known = {one.id: one for framework in read_frameworks() for one in framework.outcomes}
    named = [known[one] for one in scope.outcomes if one in known]
    of_statements = [one for one in known.values() if one.document["statement"] in scope.statements]
    return list({one.id: one for one in (*named, *of_statements)}.values())


def _until(one: SeenOutcome, scope: Scope) -> tuple[Shown, ...]:
    return tuple(shown for shown in one.series if shown.last_date <= scope.day)


def _is_drawn(kept: Kept) -> bool:
    """Whether enough periods were shown for a line, as the page of the outcome has it."""
    return sum(1 for one in kept.series[-MOST_PERIODS:] if one.value is not None) >= FEWEST


def _draw(kept: Kept) -> Picture:
    document = kept.outcome.document
    drawn = kept.series[-MOST_PERIODS:]
    marks = [Mark(f"{one.last_date:%-d %b %Y}", one.value) for one in drawn]
    return draw_series(document["name"], marks, document["unit"], _limits(kept), _target(document), from_nought=False)


def _limits(kept: Kept) -> Limits | None:
    """Return the limits that hold for the last period, as the page of the outcome draws them."""
    chart = kept.outcome.chart
    shown = sum(1 for one in kept.series if one.value is not None)
    if chart is None or not shown:
        return None
    last = chart.limits[shown - 1]
    if not math.isfinite(last.lower) or not math.isfinite(last.upper):
        return None
    return Limits(last.centre, last.lower, last.upper)


def _target(document: dict) -> float | None:
    steps = document["target"]["steps"] if document["target"] else ()
    return float(steps[-1]["value"]) if steps else None


def _summary(kept: Sequence[Kept], scope: Scope) -> PackTable:
    columns = ("Outcome", "Until", "Figure", "Interval", "Better", "Did it move?", "Target")
    rows = tuple(
        (
            one.outcome.document["name"],
            day_words(one.last.last_date) if one.last else NOTHING,
            figure_words(one.last, one.outcome.document["unit"]),
            interval_words(one.last),
            str(one.outcome.document["better"]).capitalize(),
            NOTHING if scope.is_past else MOVES[one.outcome.move],
            NOTHING if scope.is_past else one.outcome.verdict or NOTHING,
        )
        for one in kept
    )
    return PackTable("The last figure of each outcome that was shown", columns, rows)


def _periods(kept: Kept) -> PackTable:
    document = kept.outcome.document
    rows = tuple(
        (day_words(one.last_date), figure_words(one, document["unit"]), interval_words(one))
        for one in reversed(kept.series[-MOST_PERIODS:])
    )
    return PackTable(f"{document['name']}: each period, newest first", ("Until", "Figure", "Interval"), rows)


def figure_words(shown: Shown | None, unit: str) -> str:
    """Return a figure as the pages of outcomes say it."""
    if shown is None or shown.value is None:
        return NOT_SHOWN
    return f"{shown.value:g} {unit}" if unit else f"{shown.value:g}"


def interval_words(shown: Shown | None) -> str:
    """Return an interval as the pages of outcomes say it."""
    if shown is None or shown.value is None:
        return NOTHING
    return "Too few to say" if shown.low is None else f"{shown.low:g} to {shown.high:g}"


def _figure(kept: Kept) -> PackFigure:
    document, last = kept.outcome.document, kept.last
    return PackFigure(
        f"outcome:{kept.outcome.id}",
        document["name"],
        last.value if last else None,
        figure_words(last, document["unit"]),
        last.last_date.isoformat() if last else "",
        reverse("outcome", args=[kept.outcome.id]),
        document["better"] == "lower",
    )
