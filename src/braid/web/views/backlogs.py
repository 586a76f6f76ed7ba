"""The backlog pages: how big each queue is, whether it grows, how long people wait, and what it would take."""

from collections.abc import Sequence
from functools import partial

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from braid.trust.durations import COMPLETED_WEEKS
from braid.web.backlog_tables import export_backlogs
from braid.web.backlogs import STEADY_COUNT, STEADY_SHARE, Backlog, get_backlogs
from braid.web.charts import Bars, draw_bars
from braid.web.queue_charts import Line, Pairs, draw_line, draw_pairs
from braid.web.queue_form import is_own, missing_words, open_form
from braid.web.queue_words import TRENDS, explain, say_asked, sum_up
from braid.web.views.files import hand_out
from braid.web.views.guards import only

PAIR_LENGTH, BAR_LENGTH = 250, 300
LINE_WIDTH, LINE_HEIGHT = 540, 220
LONGEST_GAP_DAYS = 14
"""Sizes that were published further apart are not joined: nobody knows what lay between."""


@require_safe
@only(lambda role: role.sees_place)
def backlogs(request: HttpRequest) -> HttpResponse:
    """Show every queue of the place."""
    found = get_backlogs()
    context = {
        "run": found.run,
        "backlogs": sorted(found.backlogs, key=_order),
        "trends": TRENDS,
        "pairs": _came_and_left(found.backlogs),
        "steady": (STEADY_COUNT, round(100 * STEADY_SHARE)),
        "quarter": COMPLETED_WEEKS,
    }
    return render(request, "backlogs.html", context)


@require_safe
@only(lambda role: role.sees_place)
def backlog(request: HttpRequest, wait_kind: str) -> HttpResponse:
    """Show one queue, and what theory says of it and of the figures that were entered."""
    found = get_backlogs()
    one = found.find(wait_kind)
    if one is None:
        raise Http404
    form = open_form(one, request.GET)
    is_entered = any(name in request.GET for name in form.fields)
    sentence, lines = explain(form.asked) if form.is_valid() else ("", ())
    context = {
        "run": found.run,
        "backlog": one,
        "summary": sum_up(one),
        "trends": TRENDS,
        "line": _sizes(one),
        "overlap_bars": _shares(one),
        "form": form,
        "is_entered": is_entered,
        "is_own": is_own(one, form),
        "missing": missing_words(one),
        "stated": say_asked(form.asked) if form.is_valid() else "",
        "sentence": sentence,
        "lines": lines,
        "quarter": COMPLETED_WEEKS,
    }
    return render(request, "backlog.html", context, status=400 if is_entered and form.errors else 200)


@require_safe
@only(lambda role: role.sees_place)
def backlogs_file(request: HttpRequest, form: str, table: str) -> HttpResponse:
    """Hand out a table of the backlog pages as a file; 404 before the first run."""
    found = get_backlogs()
    run = found.run if found.backlogs else None
    return hand_out(request, run, form, table, partial(export_backlogs, found, table))


def _order(one: Backlog) -> tuple[int, int]:
    """Those that grow first, and of them the ones that grew most."""
    return list(TRENDS).index(one.trend), -(one.change or 0)


def _came_and_left(found: Sequence[Backlog]) -> Pairs:
    """What came and what left in 13 weeks, of the queues of which both are published; those that grew most first."""
    both = [
        (one.figures.kind_name, one.additions, one.figures.completed)
        for one in found
        if one.is_known and one.additions is not None and one.figures.completed is not None
    ]
    return draw_pairs(sorted(both, key=lambda each: each[2] - each[1]), PAIR_LENGTH)


def _shares(one: Backlog) -> Bars:
    """Bars of shares, of which the whole chart's width would be all of the time."""
    most = max((other.time_share for other in one.overlaps), default=0)
    return draw_bars([(other.other_name, other.time_share) for other in one.overlaps], BAR_LENGTH * most / 100)


def _sizes(one: Backlog) -> Line | None:
    values = [(size.day, size.waiting, size.is_filled_in) for size in one.sizes]
    return draw_line(values, LINE_WIDTH, LINE_HEIGHT, LONGEST_GAP_DAYS)
