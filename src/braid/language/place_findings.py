"""The findings about the whole place that boards work with: counts and sums, nobody's row."""

from __future__ import annotations

from braid.language.records import DECIMAL, INTEGER, TEXT, N
from braid.language.schema import Column, Table

BOARD_LIST = Table(
    "board_list",
    "people by the combination of boards on whose lists they are, each person once",
    ("boards",),
    (
        Column("boards", TEXT, N, "Ids of all those boards, in order, separated by spaces", required=True),
        Column("people", INTEGER, N, "People on these lists and on no other", unit="people", required=True),
    ),
)

BOARD_WAIT = Table(
    "board_wait",
    "what the people on a board's list wait for on the as-of date, by which board looks after the backlog",
    ("board", "owner_board"),
    (
        Column("board", TEXT, N, "The board whose list it is", required=True),
        Column("owner_board", TEXT, N, "The board in whose remit the backlog is; empty: in none", required=True),
        Column("people", INTEGER, N, "People on the list who wait there", unit="people", required=True),
        Column("waits", INTEGER, N, "Their waits there", unit="waits", required=True),
        Column("weeks", DECIMAL, N, "Time waited so far, summed over those waits", unit="weeks", required=True),
    ),
)

PLACE_TABLES = (BOARD_LIST, BOARD_WAIT)
