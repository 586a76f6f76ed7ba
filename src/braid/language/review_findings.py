"""The findings that humans review: pairs of records of which linking is not sure, or that were drawn by chance to say
how often linking errs; and how each field weighed."""

from __future__ import annotations

from braid.language.records import BOOLEAN, DATE, DECIMAL, INTEGER, TEXT, I, L, N, S
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

_OF_QUEUE_ALONE = ("position", "chance", "expected")
LINK_SAMPLE = Table(
    "link_sample",
    "two source records drawn by chance from all that linking joined or compared, for humans to say whether it was"
    " right; nobody who is sealed is in it",
    ("record_a", "record_b"),
    (
        *(column for column in LINK_REVIEW.columns if column.name not in _OF_QUEUE_ALONE),
        Column("stratum", TEXT, N, "What they stood as when they were drawn", codes="link_stratum", required=True),
        Column("asked_order", INTEGER, N, "Place in the order of asking, which says nothing, from 1", required=True),
    ),
)

LINK_SAMPLE_GROUP = Table(
    "link_sample_group",
    "a group that one of the two people of a drawn pair was in, or the pair of standards of its records",
    ("record_a", "record_b", "characteristic", "group_code"),
    (
        Column("record_a", TEXT, I, "One source record", required=True),
        Column("record_b", TEXT, I, "The other source record", required=True),
        Column("characteristic", TEXT, N, "By what they are told apart; all: they are not", required=True),
        Column("group_code", TEXT, S, "The group", required=True),
    ),
)

LINK_FRAME = Table(
    "link_frame",
    "how many pairs there were to draw from, of a stratum and a group, when the sample was drawn",
    ("stratum", "characteristic", "group_code"),
    (
        Column("stratum", TEXT, N, "What the pairs stand as", codes="link_stratum", required=True),
        Column("characteristic", TEXT, N, "By what they are told apart; all: they are not", required=True),
        Column("group_code", TEXT, N, "The group; of sources, two standards with a bar between", required=True),
        Column("pairs", INTEGER, N, "Pairs of records", unit="pairs", required=True),
        Column("people", INTEGER, N, "People of the group in pairs of any stratum", unit="people", required=True),
        Column("drawn_date", DATE, N, "The day of the run that drew the sample", required=True),
        Column("salt", TEXT, L, "The secret by which lots were drawn, as hexadecimal figures", required=True),
    ),
)

REVIEW_TABLES = (LINK_REVIEW, LINK_REVIEW_FIELD, LINK_SAMPLE, LINK_SAMPLE_GROUP, LINK_FRAME)
