"""The source records: what one partner asserted, in the common language, before anybody decides who is whom.

Shapes and status words are borrowed from FHIR (EpisodeOfCare, ServiceRequest, Appointment), the narrow event table with
the source code kept beside the common one from OMOP, and organisation, service and location from Open Referral UK 3.
Every row carries its lineage: which feed, which standard and collection year, which file by its hash, and where in it.
"""

from __future__ import annotations

from hashlib import blake2b

from braid.language.schema import Column, Sensitivity, Table, Type

N, S, I, L, E = (  # noqa: E741 - the class letters are the field's own
    Sensitivity.NORMAL,
    Sensitivity.SPECIAL,
    Sensitivity.IDENTITY,
    Sensitivity.LOCATION,
    Sensitivity.EXISTENCE,
)
TEXT, DATE, TIMESTAMP, INTEGER, DECIMAL, BOOLEAN = (
    Type.TEXT,
    Type.DATE,
    Type.TIMESTAMP,
    Type.INTEGER,
    Type.DECIMAL,
    Type.BOOLEAN,
)


def record_id(feed: str, record_type: str, *natural_key: str) -> str:
    """Return the deterministic id of a source record: 20 hexadecimal digits over feed, record type and natural key.

    The same row of the same feed has the same id in every file it appears in, so a file read twice adds nothing. It is
    derived from data and therefore identifies a *row of a partner*, never a person: person ids are random.
    """
    text = "\x1f".join((feed, record_type, *natural_key))
    return blake2b(text.encode(), digest_size=10).hexdigest()


LINEAGE = (
    Column("record_id", TEXT, N, "Deterministic id of this row, from feed, record type and natural key", required=True),
    Column("feed", TEXT, N, "The feed it came in, as named in place.toml", required=True),
    Column("organisation_id", TEXT, N, "The organisation that asserts it", required=True),
    Column("standard", TEXT, N, "The standard the file follows", codes="standard", required=True),
    Column("collection_year", INTEGER, N, "The collection year of that standard", unit="year", required=True),
    Column("file_sha256", TEXT, N, "Hash of the file it was read from", required=True),
    Column("row_ref", TEXT, N, "Where in the file: line, XPath or JSON pointer", required=True),
    Column("as_of_date", DATE, N, "The date the extract speaks of"),
    Column("sensitivity", TEXT, N, "Sensitivity of the row as a whole", codes="row_sensitivity", required=True),
    Column("quality", TEXT, N, "Rules this row broke and was read with, separated by spaces"),
)
PERSON_RECORD_ID = Column("person_record_id", TEXT, I, "The person record this row is about", required=True)


def _table(name: str, row_is: str, *columns: Column) -> Table:
    return Table(name, row_is, ("record_id",), LINEAGE + columns)


PERSON_RECORD = _table(
    "person_record",
    "one source's assertion that a person exists; a person is a revisable link over such assertions",
    Column("partner_record_id", TEXT, I, "The partner's own key for the person", required=True),
    Column("given_name", TEXT, I, "Given names as written"),
    Column("family_name", TEXT, I, "Family name as written"),
    Column("other_names", TEXT, I, "Former or alternative names, separated by semicolons"),
    Column("birth_date", DATE, I, "Date of birth; the first of the period when the precision is coarser than a day"),
    Column("birth_date_precision", TEXT, N, "How precise the birth date is", codes="precision"),
    Column("birth_expected_date", DATE, I, "Expected date of birth of an unborn child"),
    Column("death_date", DATE, I, "Date of death"),
    Column("sex", TEXT, N, "Sex", codes="sex"),
    Column("gender", TEXT, S, "Gender, where the source holds it apart from sex", codes="sex"),
    Column("ethnicity", TEXT, S, "Ethnicity in the 2021 census detail", codes="ethnicity"),
    Column("ethnicity_precision", TEXT, N, "Whether the code maps exactly or only to a group", codes="code_precision"),
    Column("ethnicity_source", TEXT, S, "Source code system and code, as system:code"),
    Column("language_code", TEXT, N, "Preferred language as the source writes it"),
    Column("interpreter_needed", BOOLEAN, N, "An interpreter is needed"),
    Column("disability", TEXT, S, "Disability codes of the source, separated by semicolons"),
    Column("telephone", TEXT, L, "Telephone number as written"),
    Column("role", TEXT, S, "Role in the case the source keeps about them", codes="role"),
)

IDENTIFIER = _table(
    "identifier",
    "an identifier that a source holds for a person record",
    PERSON_RECORD_ID,
    Column("scheme", TEXT, N, "Which identifier it is", codes="identifier_scheme", required=True),
    Column("value", TEXT, I, "The value, upper case without spaces", required=True),
    Column("check_result", TEXT, N, "Whether the check digit or pattern holds", codes="check_result", required=True),
    Column("status", TEXT, N, "Verification status the source states"),
)

STAY = _table(
    "stay",
    "where a person or household lives or lived, from when to when",
    PERSON_RECORD_ID,
    Column("household_ref", TEXT, I, "The source's key of the household or application the stay belongs to"),
    Column("kind", TEXT, N, "Kind of accommodation", codes="stay_kind", required=True),
    Column("uprn", TEXT, L, "Unique property reference number"),
    Column("address_lines", TEXT, L, "Address lines, separated by commas"),
    Column("postcode", TEXT, L, "Postcode with one inner space"),
    Column("area_code", TEXT, L, "Small area code with its vintage's own prefix"),
    Column("district_code", TEXT, L, "District of the stay"),
    Column("location_ref", TEXT, L, "The unit or building, as the source names it"),
    Column("start_date", DATE, N, "First day"),
    Column("end_date", DATE, N, "Last day; empty while it lasts"),
    Column("reason_in", TEXT, S, "Why it began, system:code"),
    Column("reason_out", TEXT, S, "Why it ended, system:code"),
    Column("confidential", BOOLEAN, N, "The source says the address must not be disclosed", required=True),
)

RELATIONSHIP = _table(
    "relationship",
    "how two person records of one source are related",
    PERSON_RECORD_ID,
    Column("other_person_record_id", TEXT, I, "The other person record", required=True),
    Column("kind", TEXT, S, "What the other is to the first", codes="relationship_kind", required=True),
    Column("legal_responsibility", BOOLEAN, S, "The other has parental responsibility for the first"),
    Column("start_date", DATE, N, "First day"),
    Column("end_date", DATE, N, "Last day"),
)

ORGANISATION = _table(
    "organisation",
    "an organisation as a directory or return describes it",
    Column("organisation_ref", TEXT, N, "The source's key: URN, ODS code, court code or directory id", required=True),
    Column("name", TEXT, N, "Name", required=True),
    Column("kind", TEXT, N, "What kind of organisation it is"),
    Column("area_gss_code", TEXT, N, "Area it serves"),
    Column("url", TEXT, N, "Its page"),
)

SERVICE = _table(
    "service",
    "a service that an organisation offers",
    Column("service_ref", TEXT, N, "The source's key", required=True),
    Column("organisation_ref", TEXT, N, "The organisation that offers it"),
    Column("name", TEXT, N, "Name", required=True),
    Column("status", TEXT, N, "Whether it runs", codes="service_status"),
    Column("minimum_age_years", DECIMAL, N, "Youngest age served", unit="years"),
    Column("maximum_age_years", DECIMAL, N, "Oldest age served", unit="years"),
    Column("assured_date", DATE, N, "When somebody last checked the entry"),
    Column("capacity_period", TEXT, N, "Period or year group the capacity is for"),
    Column("capacity_places", INTEGER, N, "Places", unit="places"),
    Column("capacity_filled", INTEGER, N, "Places filled", unit="places"),
)

LOCATION = _table(
    "location",
    "a place where a service is given",
    Column("location_ref", TEXT, N, "The source's key", required=True),
    Column("organisation_ref", TEXT, N, "The organisation it belongs to"),
    Column("name", TEXT, N, "Name"),
    Column("kind", TEXT, N, "Physical, postal or virtual"),
    Column("latitude", DECIMAL, N, "Latitude, WGS84", unit="degrees"),
    Column("longitude", DECIMAL, N, "Longitude, WGS84", unit="degrees"),
    Column("postcode", TEXT, N, "Postcode of the public building"),
    Column("uprn", TEXT, N, "Unique property reference number"),
)

EPISODE = _table(
    "episode",
    "a service being responsible for a person over time",
    PERSON_RECORD_ID,
    Column("episode_ref", TEXT, N, "The source's key of the episode or case; several people may share one case"),
    Column("kind", TEXT, S, "Kind of episode", codes="episode_kind", required=True),
    Column("service", TEXT, N, "The service, as the source names it"),
    Column("organisation_ref", TEXT, L, "School, hospital or provider key, where the source gives one"),
    Column("status", TEXT, N, "State as the source writes it"),
    Column("start_date", DATE, N, "First day"),
    Column("start_reason", TEXT, S, "Why it began, system:code"),
    Column("end_date", DATE, N, "Last day; empty while it lasts"),
    Column("end_reason", TEXT, S, "Why it ended, system:code"),
    Column("legal_basis", TEXT, S, "Legal status or order, system:code"),
    Column("worker", TEXT, L, "Lead worker as the source names them"),
    Column("team", TEXT, L, "Team as the source names it"),
    Column("parent_episode_ref", TEXT, N, "The episode it is part of"),
    Column("role", TEXT, S, "The person's role in the case", codes="role"),
)

WAIT = _table(
    "wait",
    "a clock that a source started for a person; targets and due dates are reckoned later, by the clock rules",
    PERSON_RECORD_ID,
    Column("episode_ref", TEXT, N, "The episode or case the clock belongs to"),
    Column("kind", TEXT, S, "Kind of wait", codes="wait_kind", required=True),
    Column("priority", TEXT, N, "Priority or band, system:code"),
    Column("start_date", DATE, N, "The day the clock starts", required=True),
    Column("start_event", TEXT, N, "The source field that started it", required=True),
    Column("stop_date", DATE, N, "The day it stopped; empty while it runs"),
    Column("stop_event", TEXT, N, "What stopped it"),
    Column("stated_due_date", DATE, N, "Due date or target that the source itself states"),
    Column("exception", TEXT, S, "Statutory exception or extension the source states, system:code"),
    Column("extended_to_date", DATE, N, "End of the latest extension granted"),
)

EVENT = _table(
    "event",
    "a moment: appointment, hearing, visit, review, decision, move, session missed",
    PERSON_RECORD_ID,
    Column("episode_ref", TEXT, N, "The episode or case it belongs to"),
    Column("kind", TEXT, S, "Kind of event", codes="event_kind", required=True),
    Column("subkind", TEXT, S, "Source type, system:code"),
    Column("start_date", DATE, N, "Day in Europe/London"),
    Column("start_at", TIMESTAMP, N, "Moment in UTC, where the source gives a time"),
    Column("end_date", DATE, N, "Last day"),
    Column("place", TEXT, L, "Where, as the source names it"),
    Column("mode", TEXT, N, "In person, video, telephone"),
    Column("status", TEXT, N, "Status", codes="event_status"),
    Column("status_reason", TEXT, S, "Why, system:code"),
    Column("cause_group", TEXT, N, "Who could have prevented it", codes="cause_group"),
    Column("planned_date", DATE, N, "The day it was planned for"),
)

NEED = _table(
    "need",
    "a need of or about a person",
    PERSON_RECORD_ID,
    Column("whose", TEXT, N, "Whose need it is", codes="need_whose", required=True),
    Column("code", TEXT, S, "Need", codes="need", required=True),
    Column("source_code", TEXT, S, "Source code, system:code"),
    Column("level", TEXT, S, "Level as the source states it"),
    Column("assessed_date", DATE, N, "When"),
    Column("source_type", TEXT, N, "How it is known", codes="need_source_type", required=True),
)

OUTCOME = _table(
    "outcome",
    "a measured outcome for a person",
    PERSON_RECORD_ID,
    Column("headline", INTEGER, N, "Supporting Families headline outcome, 1 to 10"),
    Column("measure", TEXT, S, "What was measured, system:code", required=True),
    Column("result", TEXT, S, "Result as the source writes it"),
    Column("result_date", DATE, N, "When"),
)

UNIT = _table(
    "unit",
    "a unit of temporary accommodation in which a council can place a household; never a refuge",
    Column("unit_ref", TEXT, L, "The council's key of the unit, as `stay.location_ref` names it", required=True),
    Column("building_ref", TEXT, L, "The building it is part of"),
    Column("kind", TEXT, N, "Kind of accommodation", codes="stay_kind", required=True),
    Column("bedrooms", INTEGER, N, "Rooms to sleep in", required=True),
    Column("is_accessible", BOOLEAN, N, "A wheelchair user can live in it", required=True),
    Column("postcode", TEXT, L, "Postcode with one inner space"),
    Column("night_pence", INTEGER, N, "What a night costs the council", unit="pence"),
    Column("available_from_date", DATE, N, "First day on which it can be let, its present household apart"),
    Column("withdrawn_from_date", DATE, N, "First day on which it can be let no longer"),
)

COURT_DIARY = _table(
    "court_diary",
    "what a court decides itself for its lists: judges and their sittings, rooms, kinds of hearings, gaps, prices",
    Column("first_date", DATE, N, "First day of the horizon", required=True),
    Column("last_date", DATE, N, "Last day of the horizon", required=True),
    Column("judges", INTEGER, N, "Judges who sit", required=True),
    Column("diary", TEXT, N, "The diary as JSON, cut to the fields that listing reads", required=True),
)

HEARING_REQUEST = _table(
    "hearing_request",
    "a hearing that was asked for, whether or not it is listed; never a name, a contact or a note",
    Column("request_ref", TEXT, N, "The hearing service's key of the request", required=True),
    Column("case_ref", TEXT, N, "The case as the hearing service names it", required=True),
    Column("court_case_ref", TEXT, N, "The court's own number of the case, as `episode.episode_ref` may have it"),
    Column("status", TEXT, N, "State of the request as the source writes it"),
    Column("request", TEXT, S, "The request as JSON, cut to the fields that listing reads", required=True),
)

ISSUE = Table(
    "issue",
    "something a rule found in a partner file; never a person's value",
    ("file_sha256", "rule", "field", "position"),
    (
        Column("feed", TEXT, N, "The feed", required=True),
        Column("file_sha256", TEXT, N, "The file", required=True),
        Column("file_name", TEXT, N, "The file's name inside the feed", required=True),
        Column("severity", TEXT, N, "reject: row not read; warning: row read; note", codes="severity", required=True),
        Column("rule", TEXT, N, "The rule that was broken", required=True),
        Column("field", TEXT, N, "The field it is about"),
        Column("position", TEXT, N, "Where in the file"),
        Column("message", TEXT, N, "What is wrong and what to do, without the value", required=True),
    ),
)

REJECT = Table(
    "reject",
    "a row that could not be read, kept whole with its reason until the partner corrects it",
    ("file_sha256", "position"),
    (
        Column("feed", TEXT, N, "The feed", required=True),
        Column("file_sha256", TEXT, N, "The file", required=True),
        Column("file_name", TEXT, N, "The file's name inside the feed", required=True),
        Column("part", TEXT, N, "The part of the file", required=True),
        Column("position", TEXT, N, "Where in the file", required=True),
        Column("rule", TEXT, N, "The rule that refused it", required=True),
        Column("row", TEXT, L, "The row as it stands in the file", required=True),
    ),
)

SOURCE_TABLES = (
    PERSON_RECORD,
    IDENTIFIER,
    STAY,
    RELATIONSHIP,
    ORGANISATION,
    SERVICE,
    LOCATION,
    EPISODE,
    WAIT,
    EVENT,
    NEED,
    OUTCOME,
    UNIT,
    COURT_DIARY,
    HEARING_REQUEST,
)
