"""The findings: what the chain works out from the source records. From here on a person is a `person_id`."""

from __future__ import annotations

from braid.language.feed_findings import FEED_SHAPE
from braid.language.graph_findings import GRAPH_TABLES
from braid.language.household_findings import HOUSEHOLD_TABLES
from braid.language.outcome_findings import OUTCOME_COUNT
from braid.language.person_ids import PERSON_ID
from braid.language.place_findings import PLACE_TABLES
from braid.language.priority_findings import PRIORITY_TABLES
from braid.language.records import (
    BOOLEAN,
    DATE,
    DECIMAL,
    INTEGER,
    ISSUE,
    REJECT,
    SOURCE_TABLES,
    TEXT,
    TIMESTAMP,
    E,
    I,
    L,
    N,
    S,
)
from braid.language.review_findings import REVIEW_TABLES
from braid.language.schema import Column, Table
from braid.language.tallies import TALLY_TABLES

PERSON_LINK = Table(
    "person_link",
    "a source record believed to be this person; revisable",
    ("person_record_id",),
    (
        PERSON_ID,
        Column("person_record_id", TEXT, I, "The source record", required=True),
        Column("match_weight", DECIMAL, N, "Weight of the strongest edge that holds it", unit="bits"),
        Column("method", TEXT, N, "How it was linked", codes="link_method", required=True),
    ),
)

RECORD_MEMORY = Table(
    "record_memory",
    "who a source record was last, also where no extract shows it now, so that whoever comes back is the same person",
    ("person_record_id",),
    (
        Column("person_record_id", TEXT, I, "The source record", required=True),
        PERSON_ID,
    ),
)

PERSON_HISTORY = Table(
    "person_history",
    "a change of identity since the run before: new, merged, split, retired, returned",
    ("person_id", "change", "other_person_id"),
    (
        PERSON_ID,
        Column("change", TEXT, N, "What happened", codes="person_change", required=True),
        Column("other_person_id", TEXT, I, "The person merged into, or split from"),
        Column("cause", TEXT, N, "What caused it", codes="change_cause", required=True),
    ),
)

MEMBERSHIP = Table(
    "membership",
    "who a source record was, over the days on which its source held it, and between which moments that was believed",
    ("person_record_id", "from_date", "known_from_at"),
    (
        Column("person_record_id", TEXT, I, "The source record", required=True),
        PERSON_ID,
        Column("from_date", DATE, N, "First day on which its source held the record", required=True),
        Column("to_date", DATE, N, "First day on which its source held it no longer; empty while it does"),
        Column("known_from_at", TIMESTAMP, N, "When a run came to say so", required=True),
        Column("known_to_at", TIMESTAMP, N, "When a later run came to say otherwise; empty while none does"),
    ),
)

PERSON_LINEAGE = Table(
    "person_lineage",
    "every change of identity in every run so far; ids of persons, and of no record",
    ("person_id", "change", "other_person_id", "known_at"),
    (
        PERSON_ID,
        Column("change", TEXT, N, "What happened", codes="person_change", required=True),
        Column("other_person_id", TEXT, I, "The person merged into, or split from"),
        Column("cause", TEXT, N, "What caused it", codes="change_cause", required=True),
        Column("release", TEXT, N, "The linkage model by which the run linked", required=True),
        Column("as_of_date", DATE, N, "The day of which the run speaks", required=True),
        Column("known_at", TIMESTAMP, N, "When the run found it", required=True),
    ),
)

KEPT_APART = Table(
    "kept_apart",
    "two source records of which humans decided that they are two people; it holds until humans decide otherwise",
    ("record_a", "record_b"),
    (
        Column("record_a", TEXT, I, "One source record", required=True),
        Column("record_b", TEXT, I, "The other source record", required=True),
        Column("decided_date", DATE, N, "When; an older decision does not undo it", required=True),
    ),
)

LINK_PROPOSAL = Table(
    "link_proposal",
    "two source records that may be one person, and a human decides: one is guarded, or numbers or others are against",
    ("record_a", "record_b"),
    (
        Column("record_a", TEXT, I, "One source record", required=True),
        Column("record_b", TEXT, I, "The other source record", required=True),
        Column("weight", DECIMAL, N, "Weight of the evidence", unit="bits", required=True),
        Column("cause", TEXT, N, "Why it was not linked", codes="proposal_cause", required=True),
    ),
)

LINK_ERROR = Table(
    "link_error",
    "links of a group of people between two standards, and how many of them are expected to be false, or beside them"
    " missed, by the linkage's own chances over the pairs that it compared",
    ("characteristic", "group_code", "source_a", "source_b"),
    (
        Column("characteristic", TEXT, N, "By what people are told apart; all: they are not", required=True),
        Column("group_code", TEXT, N, "The group, or the district; all: everybody", required=True),
        Column("source_a", TEXT, N, "The standard of one record; all: whichever", required=True),
        Column("source_b", TEXT, N, "The standard of the other record", required=True),
        Column("people", INTEGER, N, "With such a link, or one that may be missed", unit="people", required=True),
        Column("records", INTEGER, N, "Records of the group in either", unit="records", required=True),
        Column("unnamed", INTEGER, N, "Of them, without forename or family name", unit="records", required=True),
        Column("links", INTEGER, N, "Pairs of records of one person", unit="pairs", required=True),
        Column("false_links", DECIMAL, N, "Of them, expected to be false", unit="pairs", required=True),
        Column("false_variance", DECIMAL, N, "Variance of that", unit="pairs squared", required=True),
        Column("missed_links", DECIMAL, N, "Expected beside them, and missed", unit="pairs", required=True),
        Column("missed_variance", DECIMAL, N, "Variance of that", unit="pairs squared", required=True),
    ),
)

SEALED_PERSON = Table(
    "sealed_person",
    "a person on one side of a seal; which two belong together is in no table",
    ("person_id", "side"),
    (
        PERSON_ID,
        Column("side", TEXT, I, "Which side", codes="seal_side", required=True),
    ),
)

PERSON = Table(
    "person",
    "a person: a link over source records, described by their most trusted values",
    ("person_id",),
    (
        PERSON_ID,
        Column("given_name", TEXT, I, "Given names most sources agree on"),
        Column("family_name", TEXT, I, "Family name most sources agree on"),
        Column("birth_date", DATE, I, "Date of birth most sources agree on"),
        Column("sex", TEXT, N, "Sex", codes="sex"),
        Column("ethnicity_group", TEXT, S, "Broad ethnic group", codes="ethnicity_group"),
        Column("district_code", TEXT, L, "District of the latest open stay; empty for the protected"),
        Column(
            "deprivation_quintile",
            INTEGER,
            L,
            "Fifth of small areas by deprivation, 1 the most, of the latest open stay; empty where withheld",
        ),
        Column("household_id", TEXT, I, "The household to which they belong now; empty where none is known"),
        Column("protected", BOOLEAN, E, "A source holds a safe address for them or their household", required=True),
        Column("location_withheld", BOOLEAN, E, "Protected, or a neighbour of somebody who is", required=True),
        Column("record_count", INTEGER, N, "Source records linked", unit="records", required=True),
    ),
)

OPTED_OUT_PERSON = Table(
    "opted_out_person",
    "a person whom the place's list of national data opt-outs names; absent from every dataset the opt-out applies to",
    ("person_id",),
    (PERSON_ID,),
)

INVOLVEMENT = Table(
    "involvement",
    "a service that knows a person: since when, who to ask, how fresh its word is",
    ("person_id", "organisation_id", "service"),
    (
        PERSON_ID,
        Column("organisation_id", TEXT, L, "The organisation", required=True),
        Column("service", TEXT, N, "The service", required=True),
        Column("since_date", DATE, N, "First known day"),
        Column("last_date", DATE, N, "Latest recorded activity"),
        Column("worker", TEXT, L, "Whom to ask"),
        Column("team", TEXT, L, "Which team"),
        Column("as_of_date", DATE, N, "The date the newest extract speaks of", required=True),
        Column("sensitivity", TEXT, N, "Sensitivity of the involvement", codes="row_sensitivity", required=True),
    ),
)

PERSON_WAIT = Table(
    "person_wait",
    "one clock of one person, reckoned by a dated rule",
    ("wait_id",),
    (
        Column("wait_id", TEXT, N, "Id of the wait: the source record that started the clock", required=True),
        PERSON_ID,
        Column("kind", TEXT, S, "Kind of wait", codes="wait_kind", required=True),
        Column("backlog", TEXT, S, "The backlog it stands in", codes="backlog", required=True),
        Column("feed", TEXT, N, "The feed whose record started the clock"),
        Column("case_record_id", TEXT, N, "The record in the extracts that names its case", required=True),
        Column("organisation_id", TEXT, N, "The organisation whose clock it is", required=True),
        Column("priority", TEXT, N, "Priority or band, system:code"),
        Column("start_date", DATE, N, "The day the clock started", required=True),
        Column("start_event", TEXT, N, "What started it", required=True),
        Column("stop_date", DATE, N, "The day it stopped; empty while it runs"),
        Column("extended_to_date", DATE, N, "End of the extension that the source states"),
        Column("exception", TEXT, S, "Statutory exception that the source states, system:code"),
        Column("counted_from_date", DATE, N, "Start of the first of the stays that the law adds up; empty where none"),
        Column("pauses", TEXT, N, "Days since then that do not count: FIRST:LAST, with spaces between them"),
        Column("elapsed_days", INTEGER, N, "Calendar days from start to stop, or to the as-of date", unit="days"),
        Column("due_date", DATE, N, "Last day inside the limit; empty where the law sets none"),
        Column("due_date_other", DATE, N, "The same by the other convention in official use, where two exist"),
        Column("days_left", INTEGER, N, "Calendar days from the as-of date to the due date", unit="days"),
        Column("clock", TEXT, N, "How it stands against its limit", codes="clock_status", required=True),
        Column("rule_id", TEXT, N, "The clock rule", required=True),
        Column("rule_version", TEXT, N, "The date from which that version holds", required=True),
        Column("explanation", TEXT, N, "How the date was reckoned, with its law", required=True),
        Column("as_of_date", DATE, N, "The date of the extract it rests on", required=True),
        Column("sensitivity", TEXT, N, "Sensitivity of the wait", codes="row_sensitivity", required=True),
    ),
)

BLOCKER = Table(
    "blocker",
    "a reason why a wait cannot end yet, with its evidence, its owner and the next action",
    ("blocker_id",),
    (
        Column("blocker_id", TEXT, N, "Id: rule, held wait and what holds it", required=True),
        PERSON_ID,
        Column("problem", TEXT, S, "The problem statement whose rule found it", required=True),
        Column("purpose", TEXT, S, "The purpose under which it may be looked at"),
        Column("rule_id", TEXT, N, "The rule", required=True),
        Column("held_wait_id", TEXT, N, "The wait that is held up", required=True),
        Column("holder_type", TEXT, N, "What holds it", codes="holder_type", required=True),
        Column("holder_kind", TEXT, S, "Kind of wait, document, cause group or capacity that holds it", required=True),
        Column("readiness_item", TEXT, S, "What a failed hearing lacked, system:code", codes="readiness_item"),
        Column("holder_wait_id", TEXT, N, "The wait that holds it, where a wait does"),
        Column("holder_person_id", TEXT, I, "Whose wait or event holds it"),
        Column("reason", TEXT, S, "Why, in words", required=True),
        Column("evidence", TEXT, S, "What in the extracts shows it", required=True),
        Column("evidence_date", DATE, N, "How old the evidence is"),
        Column("evidence_feed", TEXT, N, "The feed whose extract has that date; empty where the date is a hearing's"),
        Column("owner_organisation", TEXT, N, "Whose move it is: kind of organisation", required=True),
        Column("owner_role", TEXT, N, "Whose move it is: role", required=True),
        Column("next_action", TEXT, N, "What would move it", required=True),
        Column("sensitivity", TEXT, N, "Sensitivity of the blocker", codes="row_sensitivity", required=True),
    ),
)

COHORT = Table(
    "cohort",
    "a person whom a problem statement concerns",
    ("problem", "person_id"),
    (
        Column("problem", TEXT, S, "Problem statement", required=True),
        Column("purpose", TEXT, S, "The purpose under which they may be looked at"),
        PERSON_ID,
        Column("reason", TEXT, S, "Why the statement concerns them", required=True),
    ),
)

MULTI_BACKLOG = Table(
    "multi_backlog",
    "a person who waits in two or more backlogs",
    ("person_id",),
    (
        PERSON_ID,
        Column("district_code", TEXT, L, "District; empty where it is withheld or unknown"),
        Column("backlogs", TEXT, S, "The backlogs, separated by spaces, in order of days waited", required=True),
        Column("backlog_count", INTEGER, N, "How many backlogs", unit="backlogs", required=True),
        Column("wait_count", INTEGER, N, "How many open waits", unit="waits", required=True),
        Column("longest_days", INTEGER, N, "Longest wait", unit="days", required=True),
        Column("total_days", INTEGER, N, "Sum over waits", unit="days", required=True),
        Column("blocker_count", INTEGER, N, "Blockers found", unit="blockers", required=True),
    ),
)

BACKLOG_MEASURE = Table(
    "backlog_measure",
    "one backlog in one district, or in the whole place where the district is empty",
    ("kind", "district_code"),
    (
        Column("kind", TEXT, N, "Kind of wait", codes="wait_kind", required=True),
        Column("backlog", TEXT, N, "Backlog", codes="backlog", required=True),
        Column("district_code", TEXT, N, "District"),
        Column("waiting", INTEGER, N, "People's open waits", unit="waits", required=True),
        Column("median_days", DECIMAL, N, "Median time waited so far", unit="days"),
        Column("p92_days", DECIMAL, N, "92nd percentile of time waited so far", unit="days"),
        Column("over_year", INTEGER, N, "Waiting over 365 days", unit="waits", required=True),
        Column("with_limit", INTEGER, N, "Waits that have a limit", unit="waits", required=True),
        Column("within_limit", INTEGER, N, "Of those, still within it", unit="waits", required=True),
        Column("completed", INTEGER, N, "Waits that ended in the last 91 days", unit="waits", required=True),
        Column("completed_within", INTEGER, N, "Of those, ended within a limit", unit="waits", required=True),
        Column("completed_with_limit", INTEGER, N, "Completed waits that had a limit", unit="waits", required=True),
        Column(
            "also_elsewhere",
            INTEGER,
            N,
            "Of them, waiting in another backlog too",
            unit="people",
            required=True,
        ),
    ),
)

AREA_MEASURE = Table(
    "area_measure",
    "people's open waits of a kind whose home is in a small area, where that is known and nobody is protected",
    ("kind", "district_code", "area_code"),
    (
        Column("kind", TEXT, N, "Kind of wait", codes="wait_kind", required=True),
        Column("district_code", TEXT, N, "District of the home", required=True),
        Column("area_code", TEXT, L, "Small area of the home", required=True),
        Column("waiting", INTEGER, N, "People's open waits", unit="waits", required=True),
    ),
)

SERVICE_MEASURE = Table(
    "service_measure",
    "one service: a kind of wait at one provider, or in the whole place where the provider is empty",
    ("kind", "organisation_id"),
    (
        Column("kind", TEXT, N, "Kind of wait", codes="wait_kind", required=True),
        Column("backlog", TEXT, N, "Backlog", codes="backlog", required=True),
        Column("organisation_id", TEXT, N, "The provider"),
        Column("waiting", INTEGER, N, "Open waits: the size of the queue", unit="waits", required=True),
        Column("people_waiting", INTEGER, N, "People whose waits they are", unit="people", required=True),
        Column("open_mean_days", DECIMAL, N, "Mean time waited so far", unit="days"),
        Column("open_median_days", DECIMAL, N, "Median time waited so far", unit="days"),
        Column("open_p92_days", DECIMAL, N, "92nd percentile of time waited so far", unit="days"),
        Column("with_limit", INTEGER, N, "Open waits that have a limit", unit="waits", required=True),
        Column("within_limit", INTEGER, N, "Of those, still within it", unit="waits", required=True),
        Column("limit_days", DECIMAL, N, "Median limit, from start to due date, of open and completed", unit="days"),
        Column("over_18_weeks", INTEGER, N, "Open over 18 weeks; referral to treatment alone", unit="waits"),
        Column("over_52_weeks", INTEGER, N, "Open over 52 weeks; referral to treatment alone", unit="waits"),
        Column("over_65_weeks", INTEGER, N, "Open over 65 weeks; referral to treatment alone", unit="waits"),
        Column("completed", INTEGER, N, "Waits that ended in the last 91 days", unit="waits", required=True),
        Column("completed_median_days", DECIMAL, N, "Median length of those", unit="days"),
        Column("completed_p92_days", DECIMAL, N, "92nd percentile of their length", unit="days"),
        Column("completed_with_limit", INTEGER, N, "Completed waits that had a limit", unit="waits", required=True),
        Column("completed_within", INTEGER, N, "Of those, ended within it", unit="waits", required=True),
        Column(
            "clearance_weeks",
            DECIMAL,
            N,
            "Waiting, by completed a week; only where all 91 days are known",
            unit="weeks",
        ),
        Column(
            "known_since_date", DATE, N, "Earliest end that any extract shows: from then on all who waited are known"
        ),
    ),
)

SERVICE_WEEK = Table(
    "service_week",
    "one service in one week: who came, who left, and who waited at the end of it",
    ("kind", "organisation_id", "week_end_date"),
    (
        Column("kind", TEXT, N, "Kind of wait", codes="wait_kind", required=True),
        Column("organisation_id", TEXT, N, "The provider; empty for the whole place"),
        Column("week_end_date", DATE, N, "Last day of the week; the last week ends on the as-of date", required=True),
        Column("additions", INTEGER, N, "Waits that started in the week", unit="waits", required=True),
        Column("removals", INTEGER, N, "Waits that ended in the week", unit="waits", required=True),
        Column("waiting", INTEGER, N, "Open at the end of its last day", unit="waits", required=True),
        Column("known", BOOLEAN, N, "No: of the time before, only waits that ended later are known", required=True),
    ),
)

SERVICE_OVERLAP = Table(
    "service_overlap",
    "two services that people waited for at once, seen from the first, over the known days of 52 weeks",
    ("kind", "organisation_id", "other_kind", "other_organisation_id"),
    (
        Column("kind", TEXT, N, "Kind of wait", codes="wait_kind", required=True),
        Column("organisation_id", TEXT, N, "The provider; empty for the whole place"),
        Column("other_kind", TEXT, N, "The other kind of wait", codes="wait_kind", required=True),
        Column("other_organisation_id", TEXT, N, "Its provider; empty for the whole place"),
        Column("since_date", DATE, N, "First of these days; the last is the as-of date", required=True),
        Column("people", INTEGER, N, "People who waited for both on one of them", unit="people", required=True),
        Column("both_weeks", DECIMAL, N, "Time they waited for both", unit="person-weeks", required=True),
        Column("service_weeks", DECIMAL, N, "Time people waited for the first", unit="person-weeks", required=True),
        Column("share", DECIMAL, N, "Part of that time in which they waited for the other too", required=True),
    ),
)

POSTCODE = Table(
    "postcode",
    "a postcode of the place and where it lies; open reference data that the place supplies",
    ("postcode",),
    (
        Column("postcode", TEXT, N, "Postcode with one inner space", required=True),
        Column("easting", INTEGER, N, "Easting on the place's own grid", unit="metres", required=True),
        Column("northing", INTEGER, N, "Northing on the place's own grid", unit="metres", required=True),
        Column("district_code", TEXT, N, "District it lies in", required=True),
        Column("area_code", TEXT, N, "Small area it lies in"),
        Column("longitude", DECIMAL, N, "Longitude, WGS 84; needed to plan ways", unit="degrees"),
        Column("latitude", DECIMAL, N, "Latitude, WGS 84", unit="degrees"),
        Column(
            "deprivation_decile", INTEGER, N, "Tenth of small areas by deprivation that its area is in; 1 is the most"
        ),
    ),
)

SCHOOL = Table(
    "school",
    "a school of the place; open reference data that the place supplies",
    ("urn",),
    (
        Column("urn", TEXT, N, "Unique reference number", required=True),
        Column("name", TEXT, N, "Name", required=True),
        Column("kind", TEXT, N, "primary, secondary or special", required=True),
        Column("district_code", TEXT, N, "District", required=True),
        Column("postcode", TEXT, N, "Postcode", required=True),
        Column("easting", INTEGER, N, "Easting", unit="metres", required=True),
        Column("northing", INTEGER, N, "Northing", unit="metres", required=True),
        Column("longitude", DECIMAL, N, "Longitude, WGS 84; needed to plan ways", unit="degrees"),
        Column("latitude", DECIMAL, N, "Latitude, WGS 84", unit="degrees"),
    ),
)

REFERENCE_TABLES = (POSTCODE, SCHOOL)

FINDING_TABLES = (
    PERSON_LINK,
    RECORD_MEMORY,
    PERSON_HISTORY,
    MEMBERSHIP,
    PERSON_LINEAGE,
    KEPT_APART,
    LINK_PROPOSAL,
    *REVIEW_TABLES,
    LINK_ERROR,
    SEALED_PERSON,
    PERSON,
    *HOUSEHOLD_TABLES,
    OPTED_OUT_PERSON,
    INVOLVEMENT,
    PERSON_WAIT,
    BLOCKER,
    *GRAPH_TABLES,
    COHORT,
    *PRIORITY_TABLES,
    MULTI_BACKLOG,
    BACKLOG_MEASURE,
    AREA_MEASURE,
    SERVICE_MEASURE,
    SERVICE_WEEK,
    SERVICE_OVERLAP,
    *TALLY_TABLES,
    *PLACE_TABLES,
    OUTCOME_COUNT,
    FEED_SHAPE,
)

TABLES: dict[str, Table] = {
    table.name: table for table in (*SOURCE_TABLES, ISSUE, REJECT, *REFERENCE_TABLES, *FINDING_TABLES)
}
"""The one registry: every table the chain writes, by name."""
