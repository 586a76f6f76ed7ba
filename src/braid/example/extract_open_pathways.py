"""The open pathways of the weekly waiting list extract as a commissioner receives them: `open_pathways.csv`.

It holds no pathway that has ended, and neither names nor postcodes.
"""

from __future__ import annotations

from pathlib import Path

from braid.example.coding import ethnicity_code
from braid.example.desk import Desk, iso, spoil
from braid.example.records import Pathway
from braid.example.streams import words

COLUMNS = words(
    "Week_Ending_Date Waiting_List_Type NHS_NUMBER LOCAL_PATIENT_IDENTIFIER PERSON_BIRTH_DATE PERSON_STATED_GENDER_CODE"
    " ETHNIC_CATEGORY PATIENT_PATHWAY_IDENTIFIER ORGANISATION_CODE_PATIENT_PATHWAY_IDENTIFIER_ISSUER"
    " ORGANISATION_IDENTIFIER_CODE_OF_PROVIDER Referral_Identifier ACTIVITY_TREATMENT_FUNCTION_CODE PRIORITY_TYPE_CODE"
    " REFERRAL_REQUEST_RECEIVED_DATE ORIGINAL_REFERRAL_REQUEST_RECEIVED_DATE REFERRAL_TO_TREATMENT_PERIOD_START_DATE"
    " REFERRAL_TO_TREATMENT_PERIOD_END_DATE REFERRAL_TO_TREATMENT_PERIOD_STATUS OUTCOME_OF_ATTENDANCE_CODE Due_Date"
    " TCI_Date Outpatient_Future_Appointment_Date Last_DNA_Date Cancellation_Date"
)


def write_open_pathways(desk: Desk, folder: Path) -> None:
    """Write the pathways that are open on the day of the cut."""
    rows = [
        _row(desk, pathway)
        for pathway in desk.world.pathways
        if desk.known(pathway.stopped) is None and desk.shows(pathway.number, pathway.referred, None, pathway.withdrawn)
    ]
    start = COLUMNS.index("REFERRAL_TO_TREATMENT_PERIOD_START_DATE")
    rows = spoil(rows, desk.spoils(len(rows)), start, COLUMNS.index("PATIENT_PATHWAY_IDENTIFIER"))
    desk.write_csv(folder / "open_pathways.csv", COLUMNS, rows)


def _row(desk: Desk, pathway: Pathway) -> list[object]:
    key = desk.key(pathway.person, "LPI", pathway.number)
    who = desk.describe(pathway.person, key, pathway.referred)
    hospital = desk.world.geography.hospitals[pathway.hospital].reference
    booked = pathway.booked if pathway.booked and pathway.booked > desk.cut else None
    status = pathway.status if int(pathway.status) < 30 else "20"
    return [
        iso(desk.cut),
        "IRTT" if pathway.admitted else "ORTT",
        desk.nhs_number(pathway.person, key),
        key,
        iso(who.birth),
        "2" if who.female else "1",
        desk.code(ethnicity_code("nhs", who.ethnicity), key),
        f"PP{pathway.number:09d}",
        hospital,
        hospital,
        f"RR{pathway.number:09d}",
        pathway.function,
        pathway.priority,
        iso(pathway.referred),
        iso(pathway.referred),
        iso(pathway.referred),
        "",
        status,
        "2" if desk.known(pathway.missed) else "",
        "",
        iso(booked) if pathway.admitted else "",
        "" if pathway.admitted else iso(booked),
        iso(desk.known(pathway.missed)),
        iso(desk.known(pathway.cancelled)),
    ]
