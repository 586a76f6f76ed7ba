"""The tallies: what measures of backlogs and services are added up from, so that a night adds only what changed."""

from __future__ import annotations

from braid.language.records import DATE, INTEGER, TEXT, N
from braid.language.schema import Column, Table

WAIT_TALLY = Table(
    "wait_tally",
    "how many waits are alike in all that measures of backlogs and services rest on",
    ("kind", "organisation_id", "district_code", "start_date", "stop_date", "due_date", "clock"),
    (
        Column("kind", TEXT, N, "Kind of wait", codes="wait_kind", required=True),
        Column("backlog", TEXT, N, "Backlog", codes="backlog", required=True),
        Column("organisation_id", TEXT, N, "The provider", required=True),
        Column("district_code", TEXT, N, "District; empty where it is withheld or unknown"),
        Column("start_date", DATE, N, "The day the clock started", required=True),
        Column("stop_date", DATE, N, "The day it stopped; empty while it runs"),
        Column("due_date", DATE, N, "Last day inside the limit"),
        Column("clock", TEXT, N, "How it stands against its limit", codes="clock_status", required=True),
        Column("waits", INTEGER, N, "Waits", unit="waits", required=True),
    ),
)

PEOPLE_TALLY = Table(
    "people_tally",
    "how many people wait for a service, or wait in a backlog and in another too",
    ("counted", "kind", "organisation_id", "district_code"),
    (
        Column("counted", TEXT, N, "service: who waits for it; backlog: who waits elsewhere too", required=True),
        Column("kind", TEXT, N, "Kind of wait", codes="wait_kind", required=True),
        Column("organisation_id", TEXT, N, "The provider; empty for the whole place"),
        Column("district_code", TEXT, N, "District; empty for the whole place"),
        Column("people", INTEGER, N, "People", unit="people", required=True),
    ),
)

OVERLAP_TALLY = Table(
    "overlap_tally",
    "how on one day the number of people changed who wait for a service, or for two at once",
    ("kind", "organisation_id", "other_kind", "other_organisation_id", "day"),
    (
        Column("kind", TEXT, N, "Kind of wait", codes="wait_kind", required=True),
        Column("organisation_id", TEXT, N, "The provider; empty for the whole place"),
        Column("other_kind", TEXT, N, "The other kind; empty where one service is told alone", codes="wait_kind"),
        Column("other_organisation_id", TEXT, N, "Its provider; empty for the whole place"),
        Column("day", DATE, N, "The day; 31 December 9999 for the end of what has not ended", required=True),
        Column("change", INTEGER, N, "People who began on it less people who ended", unit="people", required=True),
        Column("people", INTEGER, N, "People who last wait for both until that day", unit="people", required=True),
    ),
)

TALLY_TABLES = (WAIT_TALLY, PEOPLE_TALLY, OVERLAP_TALLY)
