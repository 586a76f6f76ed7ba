"""The findings of priority: the rules that held, whom they place where and why, and what moved since the run before."""

from __future__ import annotations

from braid.language.person_ids import PERSON_ID
from braid.language.records import DATE, INTEGER, TEXT, N, S
from braid.language.schema import Column, Table

_PROBLEM = Column("problem", TEXT, S, "The problem statement", required=True)
_PURPOSE = Column("purpose", TEXT, S, "The purpose under which they may be looked at", required=True)

PRIORITY_RULE = Table(
    "priority_rule",
    "the version of the priority rules of a problem statement that held, whole",
    ("problem",),
    (
        Column("problem", TEXT, N, "The problem statement", required=True),
        Column("holds_from_date", DATE, N, "The day from which the version holds", required=True),
        Column("digest", TEXT, N, "SHA-256 of the text", required=True),
        Column("text", TEXT, N, "The file of the rules", required=True),
    ),
)

PRIORITY_RANK = Table(
    "priority_rank",
    "where the priority rules place a person whom a problem statement concerns",
    ("problem", "person_id"),
    (
        _PROBLEM,
        _PURPOSE,
        PERSON_ID,
        Column("band_position", INTEGER, S, "The band, from 1, the first", unit="bands", required=True),
        Column("points", INTEGER, S, "Sum of the points", unit="points", required=True),
        Column("longest_since_date", DATE, N, "Start of the longest running wait of the statement's kinds"),
        Column("position", INTEGER, N, "Place in the order, from 1; people not told apart share one", required=True),
    ),
)

PRIORITY_REASON = Table(
    "priority_reason",
    "why the priority rules place a person where they do: their band, or an entry of points",
    ("problem", "person_id", "reason_id"),
    (
        _PROBLEM,
        PERSON_ID,
        Column("reason_id", TEXT, S, "The band or the entry of points, by its id in the rules", required=True),
        Column("points", INTEGER, S, "Its points; a band has none", unit="points"),
    ),
)

RANK_CHANGE = Table(
    "rank_change",
    "a cause of a change of rank since the run before: position, band or points",
    ("problem", "person_id", "cause"),
    (
        _PROBLEM,
        _PURPOSE,
        PERSON_ID,
        Column("cause", TEXT, N, "Why the rank changed", codes="rank_cause", required=True),
        Column("from_position", INTEGER, N, "Place before; empty for who joined"),
        Column("to_position", INTEGER, N, "Place now; empty for who left"),
        Column("from_band_position", INTEGER, S, "Band before", unit="bands"),
        Column("to_band_position", INTEGER, S, "Band now", unit="bands"),
        Column("from_points", INTEGER, S, "Points before", unit="points"),
        Column("to_points", INTEGER, S, "Points now", unit="points"),
        Column("gained", TEXT, S, "Ids of bands and points that hold now and did not, separated by spaces"),
        Column("lost", TEXT, S, "Ids of bands and points that held and do not now, separated by spaces"),
    ),
)

PRIORITY_REACH = Table(
    "priority_reach",
    "since when the priority rules place a person, and when they first stood among as many as the team can take up",
    ("problem", "person_id"),
    (
        _PROBLEM,
        PERSON_ID,
        Column("ranked_since_date", DATE, N, "Day of the first run that placed them", required=True),
        Column("reached_date", DATE, N, "Day of the first run that placed them among those reached; empty for nobody"),
        Column("left_date", DATE, N, "Day of the first run that did not place them any more; kept for a year"),
    ),
)

PRIORITY_FAIRNESS = Table(
    "priority_fairness",
    "people of one group whom the priority rules placed, and how many of them were never reached",
    ("problem", "characteristic", "group_code"),
    (
        Column("problem", TEXT, N, "The problem statement", required=True),
        Column("characteristic", TEXT, N, "By what people are told apart", codes="characteristic", required=True),
        Column("group_code", TEXT, N, "The group, or the district", required=True),
        Column("people", INTEGER, N, "Placed now, or within the last year", unit="people", required=True),
        Column("first_band", INTEGER, N, "Of those placed now, in the first band", unit="people", required=True),
        Column("reached", INTEGER, N, "Of all, ever among those reached", unit="people", required=True),
        Column("never_reached", INTEGER, N, "Of all, never among them", unit="people", required=True),
        Column("in_doubt", INTEGER, N, "Of all, with a link that a human has to decide", unit="people", required=True),
    ),
)

PRIORITY_TABLES = (PRIORITY_RULE, PRIORITY_RANK, PRIORITY_REASON, RANK_CHANGE, PRIORITY_REACH, PRIORITY_FAIRNESS)
