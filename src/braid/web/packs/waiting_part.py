"""Who waits in the backlogs of a board's remit, and how many its statements concern: published figures alone."""

from collections.abc import Sequence
from dataclasses import asdict

from django.urls import reverse

from braid.place.drawings import Bar, draw_bars
from braid.place.packs import PackFigure
from braid.store.exports import PackSection, PackTable
from braid.web.backlogs import Backlog, get_backlogs
from braid.web.models import ProblemStatement
from braid.web.packs.digests import digest_of
from braid.web.packs.scope import PackPart, Scope
from braid.web.queue_words import TRENDS

TITLE, NOTHING, NOT_KEPT = "Waits", "\N{EN DASH}", "Not kept"
FEW, FEW_PEOPLE = "Few", "1\N{EN DASH}7"
MINUS = "\N{MINUS SIGN}"
ABOUT = (
    "Counts of 1 to 7 are not shown and all others are rounded to 5; figures of the whole place can be off by up to 7,"
    " so that no district's can be reckoned back. A wait counts once for each person who waits."
)


def make_waits(scope: Scope) -> PackPart:
    """Return the queues of the board's remit and the people of its statements."""
    kept = [one for one in get_backlogs().backlogs if one.figures.backlog in scope.board.backlogs]
    people = [] if scope.is_past else _people(scope)
    if not kept and not people:
        return PackPart()
    waiting = [(one, _waiting(one, scope)) for one in kept]
    pictures = []
    if kept:
        bars = [_bar(one.figures.kind_name, value, total_words(value)) for one, (value, _) in waiting]
        pictures.append(draw_bars("How many wait", bars))
    if people:
        bars = [_bar(name, value, people_words(value)) for _, name, value in people]
        pictures.append(draw_bars("How many people each problem statement concerns", bars, "orange"))
    tables = [_queues(kept, scope)] if kept else []
    if people:
        rows = tuple((name, people_words(value)) for _, name, value in people)
        tables.append(PackTable("Whom the problem statements concern", ("Problem statement", "People"), rows))
    figures = [_figure_of_queue(one, value, day) for one, (value, day) in waiting]
    figures += [_figure_of_statement(pk, name, value, scope) for pk, name, value in people]
    said = [[asdict(one.figures), value, day] for one, (value, day) in waiting]
    section = PackSection(TITLE, tuple(pictures), (ABOUT,), tables=tuple(tables))
    return PackPart((section,), tuple(figures), (("published waits", digest_of([said, people])),))


def _people(scope: Scope) -> list[tuple[str, str, int | None]]:
    rows = ProblemStatement.objects.filter(pk__in=scope.statements).order_by("position")
    return [(pk, words.get("name", pk), people) for pk, words, people in rows.values_list("pk", "words", "people")]


def _waiting(one: Backlog, scope: Scope) -> tuple[int | None, str]:
    """Return the size that was published last by the day of the pack, and of which day it is."""
    if not scope.is_past:
        return one.figures.waiting, one.sizes[-1].day.isoformat()
    before = [size for size in one.sizes if size.day <= scope.day]
    return (before[-1].waiting, before[-1].day.isoformat()) if before else (None, "")


def _bar(name: str, value: int | None, words: str) -> Bar:
    return Bar(name, None if value is None else float(value), words)


def _queues(kept: Sequence[Backlog], scope: Scope) -> PackTable:
    columns = ("Queue", "Waiting", "Change in 13 weeks", "Trend", "Median so far", "Within the limit", "Ended")
    return PackTable("Each queue of the remit, the whole place", columns, tuple(_row(one, scope) for one in kept))


def _row(one: Backlog, scope: Scope) -> tuple[str, ...]:
    name, figures = one.figures.kind_name, one.figures
    if scope.is_past:
        return (name, total_words(_waiting(one, scope)[0]), *[NOT_KEPT] * 5)
    return (
        name,
        total_words(figures.waiting),
        change_words(one),
        TRENDS[one.trend],
        days_words(figures.median_days, figures.waiting),
        _share_words(figures.within_share, figures.has_limit, figures.waiting),
        total_words(figures.completed) if one.is_known else "Not known",
    )


def total_words(value: int | None) -> str:
    """Return a count of the whole place as the pages of backlogs say it."""
    return FEW if value is None else f"{value:,}"


def people_words(value: int | None) -> str:
    """Return how many people a statement concerns as its page says it."""
    return FEW_PEOPLE if value is None else f"{value:,}"


def change_words(one: Backlog) -> str:
    """Return by how many a queue grew as its page says it."""
    if one.change is None:
        return "Not shown" if one.is_known else "Not known"
    return f"+{one.change:,}" if one.change > 0 else f"{MINUS}{-one.change:,}" if one.change else "0"


def days_words(value: int | None, count: int | None) -> str:
    """Return a median as the pages of backlogs say it."""
    if count == 0:
        return NOTHING
    return "Too few" if value is None else f"{value:,} days"


def _share_words(value: int | None, has_limit: bool, count: int | None) -> str:
    if not has_limit:
        return "No limit in law"
    if count == 0:
        return NOTHING
    return "Too few" if value is None else f"{value}%"


def _figure_of_queue(one: Backlog, value: int | None, day: str) -> PackFigure:
    kind = one.figures.kind
    words, source = total_words(value), reverse("backlog", args=[kind])
    title = f"Waiting: {one.figures.kind_name}"
    return PackFigure(f"waiting:{kind}", title, None if value is None else float(value), words, day, source, True)


def _figure_of_statement(pk: str, name: str, value: int | None, scope: Scope) -> PackFigure:
    words, source = people_words(value), reverse("problem", args=[pk])
    number = None if value is None else float(value)
    return PackFigure(f"statement:{pk}", f"People: {name}", number, words, scope.day.isoformat(), source, None)
