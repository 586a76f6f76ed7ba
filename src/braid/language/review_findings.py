"""The findings that humans review: pairs of records of which linking is not sure, and how each field weighed."""

from __future__ import annotations

from braid.language.records import BOOLEAN, DECIMAL, INTEGER, TEXT, I, N
from braid.language.schema import Column, Table

LINK_REVIEW = Table(
    "link_review",
    "two source records that a human is to look at: joined and perhaps two people, apart and perhaps one, or decided"
    " on; nobody who is sealed is in it",
    ("record_a", "record_b"),
    (
        Column("record_a", TEXT, I, "One source record", required=True),
        Column("record_b", TEXT, I, "The other source record", required=True),
        Column("person_a", TEXT, I, "Whose record the one is now", required=True),
        Column("person_b", TEXT, I, "Whose record the other is now", required=True),
        Column("position", INTEGER, N, "Place in the queue, from 1; 0 of what was decided", required=True),
        Column("cause", TEXT, N, "Why a human is to look", codes="review_cause", required=True),
        Column("weight", DECIMAL, N, "Weight of the evidence of the two records", unit="bits", required=True),
        Column("is_joined", BOOLEAN, N, "Whether they are one person now", required=True),
        Column("needs_two", BOOLEAN, N, "Whether two people must decide alike: a guarded record", required=True),
        Column("chance", DECIMAL, N, "Chance that what is done now is wrong", required=True),
        Column("stake", INTEGER, N, "Pairs of records and of waits that hang on it", unit="pairs", required=True),
        Column(
            "expected", DECIMAL, N, "Chance times stake, by which the queue is ordered", unit="pairs", required=True
        ),
        Column("records_a", INTEGER, N, "Records that would go with the one", unit="records", required=True),
        Column("records_b", INTEGER, N, "Records that would go with the other", unit="records", required=True),
        Column(
            "waits_a", TEXT, I, "Kinds of open wait of the one side, with spaces between, one a wait", required=True
        ),
        Column("waits_b", TEXT, I, "Kinds of open wait of the other side", required=True),
        Column("feeds_a", TEXT, I, "Feeds of the records of the one side, with spaces between", required=True),
        Column("feeds_b", TEXT, I, "Feeds of the records of the other side", required=True),
    ),
)

LINK_REVIEW_FIELD = Table(
    "link_review_field",
    "how one field of two records under review compares: the level it reached and its weight, and no value of either",
    ("record_a", "record_b", "comparison"),
    (
        Column("record_a", TEXT, I, "One source record", required=True),
        Column("record_b", TEXT, I, "The other source record", required=True),
        Column("comparison", TEXT, N, "What is compared; prior: before anything is", required=True),
        Column("level", TEXT, N, "The level that it reached; missing where it says nothing", required=True),
        Column("bits", DECIMAL, N, "What that adds to the weight", unit="bits", required=True),
    ),
)

REVIEW_TABLES = (LINK_REVIEW, LINK_REVIEW_FIELD)
