"""The finding of outcomes: exact counts by outcome, period and district. They never leave the place's own machine."""

from __future__ import annotations

from braid.language.records import BOOLEAN, DATE, DECIMAL, INTEGER, TEXT, N
from braid.language.schema import Column, Table

OUTCOME_COUNT = Table(
    "outcome_count",
    "one outcome in one period, in one district, or in the whole place where the district is empty",
    ("outcome_id", "period_end_date", "district_code"),
    (
        Column("outcome_id", TEXT, N, "The outcome", required=True),
        Column("period_start_date", DATE, N, "First day of the period", required=True),
        Column("period_end_date", DATE, N, "Last day of the period", required=True),
        Column("district_code", TEXT, N, "District"),
        Column("known", BOOLEAN, N, "No: extracts do not show all that was counted then", required=True),
        Column("observations", INTEGER, N, "What was counted; of a rate, among whom", required=True),
        Column("met", INTEGER, N, "Of it, what meets the measure; of a rate, what happened", required=True),
        Column("people", INTEGER, N, "Whose these are, each once; of a rate or count, of what is met", required=True),
        Column("median_days", DECIMAL, N, "Median length of what was counted", unit="days"),
        Column("low_days", DECIMAL, N, "Lower end of the median's 95 per cent interval", unit="days"),
        Column("high_days", DECIMAL, N, "Upper end of it", unit="days"),
    ),
)
