"""The hospital waiting list in the shape of the waiting list minimum data set: `wlmds.csv`. It has no names."""

from __future__ import annotations

from pathlib import Path

from braid.example.coding import ethnicity_code
from braid.example.desk import Desk, spoil, uk
from braid.example.records import Pathway
from braid.example.streams import words

COLUMNS = words(
    "WEEK_ENDING_DATE NHS_NUMBER NHS_NUMBER_STATUS LOCAL_PATIENT_IDENTIFIER PERSON_BIRTH_DATE PERSON_STATED_GENDER_CODE"
    " ETHNIC_CATEGORY POSTCODE PATIENT_PATHWAY_IDENTIFIER ORGANISATION_CODE_OF_PROVIDER REFERRAL_REQUEST_RECEIVED_DATE"
    " REFERRAL_TO_TREATMENT_PERIOD_START_DATE REFERRAL_TO_TREATMENT_PERIOD_END_DATE REFERRAL_TO_TREATMENT_PERIOD_STATUS"
    " PRIORITY_TYPE_CODE ACTIVITY_TREATMENT_FUNCTION_CODE WAITING_LIST_TYPE TCI_DATE OUTPATIENT_FUTURE_APPOINTMENT_DATE"
    " LAST_DNA_DATE CANCELLATION_DATE"
)
EXTRA_COLUMN = "LOCAL_VALIDATION_FLAG"


def write_hospital(desk: Desk, folder: Path) -> None:
    """Write the pathways that this cut holds: open ones, and those that ended in the last half year."""
    rows = [
        _row(desk, pathway)
        for pathway in desk.world.pathways
        if desk.shows(pathway.number, pathway.referred, pathway.stopped, pathway.withdrawn)
    ]
    start = COLUMNS.index("REFERRAL_TO_TREATMENT_PERIOD_START_DATE")
    rows = spoil(rows, desk.spoils(len(rows)), start, COLUMNS.index("PATIENT_PATHWAY_IDENTIFIER"))
    if desk.rates.extra_column:
        rows = [[*row, "V" if number % 3 else ""] for number, row in enumerate(rows)]
    columns = [*COLUMNS, EXTRA_COLUMN] if desk.rates.extra_column else COLUMNS
    desk.write_csv(folder / "wlmds.csv", columns, rows)


def _row(desk: Desk, pathway: Pathway) -> list[object]:
    key = desk.key(pathway.person, "LPI", pathway.number)
    who = desk.describe(pathway.person, key, pathway.referred)
    number = desk.nhs_number(pathway.person, key)
    stopped = desk.known(pathway.stopped)
    booked = pathway.booked if stopped is None else None
    return [
        uk(desk.cut),
        number,
        "01" if number else "03",
        key,
        uk(who.birth),
        "2" if who.female else "1",
        desk.code(ethnicity_code("nhs", who.ethnicity), key),
        who.postcode,
        f"PP{pathway.number:09d}",
        desk.world.geography.hospitals[pathway.hospital].reference,
        uk(pathway.referred),
        uk(pathway.referred),
        uk(stopped),
        pathway.status if stopped or int(pathway.status) < 30 else "20",
        pathway.priority,
        pathway.function,
        "IRTT" if pathway.admitted else "ORTT",
        uk(booked) if pathway.admitted else "",
        "" if pathway.admitted else uk(booked),
        uk(desk.known(pathway.missed)),
        uk(desk.known(pathway.cancelled)),
    ]
