"""The shape of a feed in a run: how much of it there is, which columns are filled, and which codes it holds.

Counts alone. A column is a column of the common language, or the name of one that nobody mapped; a code is one of a
list of ours. Nothing that a person's row holds otherwise is in it.
"""

from __future__ import annotations

from braid.language.records import TEXT, N
from braid.language.schema import Column, Table, Type

FEED_SHAPE = Table(
    "feed_shape",
    "one figure of the shape of one feed: counts alone, and never what a row holds",
    ("feed", "measure", "table_name", "column_name", "code"),
    (
        Column("feed", TEXT, N, "The feed", required=True),
        Column("as_of_date", Type.DATE, N, "The date that its extract speaks of"),
        Column("measure", TEXT, N, "What is counted", codes="shape_measure", required=True),
        Column("table_name", TEXT, N, "The table of the common language; empty for the feed as a whole", required=True),
        Column("column_name", TEXT, N, "The column, or what nobody mapped; empty for the table", required=True),
        Column("code", TEXT, N, "The code of the column's list; empty where none is counted", required=True),
        Column(
            "value", Type.INTEGER, N, "How many; of newest, days from the newest date to the extract", required=True
        ),
        Column("base", Type.INTEGER, N, "Out of how many", required=True),
    ),
)
