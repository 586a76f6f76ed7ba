"""The findings about who lived with whom, from when to when, and who is what to whom. No column says where."""

from __future__ import annotations

from braid.language.person_ids import PERSON_ID
from braid.language.records import BOOLEAN, DATE, INTEGER, TEXT, I, N, S
from braid.language.schema import Column, Table

_HOUSEHOLD_ID = Column("household_id", TEXT, I, "Random, stable id of the household", required=True)

HOUSEHOLD_MEMBER = Table(
    "household_member",
    "a person in a household for a time; nobody is in two at once",
    ("household_id", "person_id", "shown_from_date"),
    (
        _HOUSEHOLD_ID,
        PERSON_ID,
        Column("from_date", DATE, N, "First day, as a source states it; empty where none does"),
        Column("to_date", DATE, N, "Last day, as a source states it; empty while it lasts or where none does"),
        Column("shown_from_date", DATE, N, "First day on which extracts show it", required=True),
        Column("shown_to_date", DATE, N, "Last day on which extracts show it", required=True),
        Column("is_open", BOOLEAN, N, "They live in it on the as-of day", required=True),
        Column("age_role", TEXT, N, "Adult or child on the last day shown, by birth date", codes="age_role"),
        Column("applied_as", TEXT, S, "What they are on the household's application, by its source", codes="role"),
        Column("evidence", TEXT, N, "What shows it", codes="household_evidence", required=True),
    ),
)

HOUSEHOLD_EVENT = Table(
    "household_event",
    "somebody came into a household or left it, and why, as far as a source says",
    ("household_id", "person_id", "change", "shown_date"),
    (
        _HOUSEHOLD_ID,
        PERSON_ID,
        Column("change", TEXT, N, "Whether they came or left", codes="household_change", required=True),
        Column("event_date", DATE, N, "The day, as a source states it; empty where none does"),
        Column("shown_date", DATE, N, "That day, else the as-of day of the first run that shows it", required=True),
        Column("other_household_id", TEXT, I, "The household they came from or went to, where it is known"),
        Column("cause", TEXT, S, "Why", codes="household_cause", required=True),
    ),
)

HOUSEHOLD_HISTORY = Table(
    "household_history",
    "a change of a household's identity since the run before",
    ("household_id", "change", "other_household_id"),
    (
        _HOUSEHOLD_ID,
        Column("change", TEXT, N, "What happened", codes="person_change", required=True),
        Column("other_household_id", TEXT, I, "The household merged into, or split from"),
        Column("cause", TEXT, N, "What caused it", required=True),
    ),
)

PERSON_RELATIONSHIP = Table(
    "person_relationship",
    "what one person is to another, by one standard",
    ("person_id", "other_person_id", "kind", "standard"),
    (
        PERSON_ID,
        Column("other_person_id", TEXT, I, "The other person", required=True),
        Column("kind", TEXT, S, "What the other is to the first", codes="relationship_kind", required=True),
        Column("standard", TEXT, N, "The standard of the records that say so", codes="standard", required=True),
        Column("from_date", DATE, N, "First day, as a source states it; empty where none does"),
        Column("to_date", DATE, N, "Last day, as a source states it; empty while it lasts or where none does"),
        Column("as_of_date", DATE, N, "Date of the newest extract that says so", required=True),
        Column("legal_responsibility", BOOLEAN, S, "The other has parental responsibility for the first"),
        Column("assertions", INTEGER, N, "Records that say so", unit="records", required=True),
        Column("standards", INTEGER, N, "Standards that say so of these two", unit="standards", required=True),
        Column("sensitivity", TEXT, N, "The strictest of these records", codes="row_sensitivity", required=True),
    ),
)

HOUSEHOLD_TABLES = (HOUSEHOLD_MEMBER, HOUSEHOLD_EVENT, HOUSEHOLD_HISTORY, PERSON_RELATIONSHIP)
