"""The stage: source waits and links in; person_wait, involvement and the measures of backlogs and services out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from braid.language.calendars import Calendar
from braid.store.engine import Engine
from braid.waits.backlogs import create_backlog_measure
from braid.waits.involvements import create_involvement
from braid.waits.model import Progress, WaitSummary
from braid.waits.overlaps import create_service_overlap
from braid.waits.person_waits import count_waits, create_person_wait
from braid.waits.services import create_service_measure, create_service_week
from braid.waits.sources import NOT_SAID, Precedence
from braid.waits.tallies import create_tallies


def run(
    engine: Engine,
    calendar: Calendar,
    as_of: dt.date,
    progress: Progress | None = None,
    feed_services: Mapping[str, str] | None = None,
    precedence: Precedence = NOT_SAID,
) -> WaitSummary:
    """Reckon every clock as seen on `as_of`, and measure backlogs and services.

    Reads wait, episode, event, person_record, person_link and person. `feed_services` gives the place's own name of the
    service behind a feed, `precedence` its place among the sources of a wait. `multi_backlog` counts blockers too, so
    `braid.problems.run` makes it.
    """
    tell = progress or _silent
    tell("clocks")
    create_person_wait(engine, calendar, as_of, precedence)
    tell("involvement")
    create_involvement(engine, as_of, feed_services or {})
    tell("tallies")
    create_tallies(engine, as_of)
    tell("measures")
    create_measures(engine, as_of)
    return summarise(engine, as_of)


def create_measures(engine: Engine, as_of: dt.date) -> None:
    """Create the measures of backlogs and services from the tallies."""
    create_backlog_measure(engine, as_of)
    create_service_measure(engine, as_of)
    create_service_week(engine, as_of)
    create_service_overlap(engine, as_of)


def _silent(_step: str) -> None:
    """Tell nobody."""


def summarise(engine: Engine, as_of: dt.date) -> WaitSummary:
    """Return what the stage counted; every count is a sum over people and over records of nobody."""
    totals = engine.rows(
        "select count(*) as person_waits, sum(case when stop_date is null then 1 else 0 end) as running,"
        " count(distinct case when stop_date is null then person_id end) as people_waiting from person_wait"
    )[0]
    several = engine.rows("select count(*) as n from wait_in_several")[0]["n"]
    counts = count_waits(engine, as_of)
    return WaitSummary(
        **counts,
        person_waits=totals["person_waits"],
        running=int(totals["running"] or 0),
        people_waiting=totals["people_waiting"],
        people_in_several=several,
    )
