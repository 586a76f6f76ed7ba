"""Waiting list minimum data set: one row a pathway, at the census of a week. No names, by design of the extract.

Which period statuses stop the clock follows the referral to treatment rules: 30 to 36 stop it, 90 to 92 and 98 never
started one.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from braid.extracts.fields import Fields, RowRefused
from braid.extracts.model import Connector, Reading
from braid.extracts.sheets import read_sheets
from braid.language.codes import ETHNICITY_CROSSWALKS

REQUIRED = ("LOCAL_PATIENT_IDENTIFIER", "PATIENT_PATHWAY_IDENTIFIER", "REFERRAL_TO_TREATMENT_PERIOD_STATUS")
COLUMNS = (
    *REQUIRED,
    *[
        "WEEK_ENDING_DATE",
        "NHS_NUMBER",
        "NHS_NUMBER_STATUS",
        "PERSON_BIRTH_DATE",
        "PERSON_STATED_GENDER_CODE",
        "ETHNIC_CATEGORY",
        "POSTCODE",
        "ORGANISATION_CODE_OF_PROVIDER",
        "REFERRAL_REQUEST_RECEIVED_DATE",
        "REFERRAL_TO_TREATMENT_PERIOD_START_DATE",
        "REFERRAL_TO_TREATMENT_PERIOD_END_DATE",
        "PRIORITY_TYPE_CODE",
        "ACTIVITY_TREATMENT_FUNCTION_CODE",
        "WAITING_LIST_TYPE",
        "TCI_DATE",
        "OUTPATIENT_FUTURE_APPOINTMENT_DATE",
        "LAST_DNA_DATE",
        "CANCELLATION_DATE",
    ],
)
RUNNING = frozenset({"10", "11", "12", "20", "21"})
STOPPED = frozenset({"30", "31", "32", "33", "34", "35", "36"})
NO_CLOCK = frozenset({"90", "91", "92", "98", "99"})
NHS_STATUSES = frozenset(f"0{digit}" for digit in range(1, 9))
PRIORITIES = frozenset({"1", "2", "3"})
WAITING_LISTS = frozenset({"IRTT", "ORTT", "INON", "ONON"})
STAYS_WITHOUT_ADDRESS = {"ZZ99 3VZ": "no_fixed_abode", "ZZ99 3WZ": "unknown"}
EVENTS = (
    ("TCI_DATE", "booked"),
    ("OUTPATIENT_FUTURE_APPOINTMENT_DATE", "booked"),
    ("LAST_DNA_DATE", "not_attended"),
    ("CANCELLATION_DATE", None),
)
START, REFERRED = "REFERRAL_TO_TREATMENT_PERIOD_START_DATE", "REFERRAL_REQUEST_RECEIVED_DATE"
END, CENSUS = "REFERRAL_TO_TREATMENT_PERIOD_END_DATE", "WEEK_ENDING_DATE"


def read_wlmds(path: Path, reading: Reading) -> None:
    """Read a weekly extract; raise `UnreadableFile` where it is none."""
    read_sheets(path, reading, "pathway", (REQUIRED, COLUMNS), _read_pathway)


def _read_pathway(row: Fields) -> None:
    person, pathway = row.key("LOCAL_PATIENT_IDENTIFIER"), row.key("PATIENT_PATHWAY_IDENTIFIER")
    status = row.code("REFERRAL_TO_TREATMENT_PERIOD_STATUS", "rtt", RUNNING | STOPPED | NO_CLOCK)
    start, start_event = _start(row, status)
    end = row.end_date(END, start)
    _emit_person(row, person)
    owner = row.reading.person_record_id(person)
    row.reading.emit(
        "episode", (person, pathway), row.position, "special", row.quality,
        person_record_id=owner, episode_ref=pathway, kind="rtt_pathway", status=status,
        service=_coded(row, "ACTIVITY_TREATMENT_FUNCTION_CODE", "tfc"),
        organisation_ref=row.text("ORGANISATION_CODE_OF_PROVIDER"),
        start_date=row.date(REFERRED) or start, end_date=end,
    )  # fmt: skip
    if start:
        _emit_wait(row, person, pathway, status, start, start_event, end)
    _emit_events(row, person, pathway)


def _start(row: Fields, status: str | None) -> tuple[dt.date | None, str]:
    """Return the day the clock started and the field that says so; no day for a status without a clock."""
    if status and status.removeprefix("rtt:") in NO_CLOCK:
        return None, ""
    if row.text(START):
        return row.required_date(START), START
    if row.text(REFERRED):
        return row.required_date(REFERRED), REFERRED
    raise RowRefused("date_missing", START)


def _emit_person(row: Fields, person: str) -> None:
    birth_date = row.date("PERSON_BIRTH_DATE")
    sex = row.sex("PERSON_STATED_GENDER_CODE", "nhs")
    ethnicity = _ethnicity(row)
    number_status = row.code("NHS_NUMBER_STATUS", "nhs_status", NHS_STATUSES)
    row.identifier("NHS_NUMBER", "nhs", person, status=number_status, sensitivity="special")
    owner = row.reading.emit(
        "person_record", (person,), row.position, "special", row.quality,
        partner_record_id=person, birth_date=birth_date, birth_date_precision="day" if birth_date else None,
        gender=sex, sex=sex, role="patient", **ethnicity,
    )  # fmt: skip
    postcode = row.postcode("POSTCODE")
    if postcode is None:
        return
    kind = STAYS_WITHOUT_ADDRESS.get(postcode)
    row.reading.emit(
        "stay", (person, postcode), row.position, "special", row.quality,
        person_record_id=owner, kind=kind or "unknown", postcode=None if kind else postcode, confidential=False,
    )  # fmt: skip
    if kind == "no_fixed_abode":
        row.reading.emit(
            "need", (person, "homeless", postcode), row.position, "special", row.quality,
            person_record_id=owner, whose="person", code="homeless", source_code="ons:ZZ99 3VZ", source_type="flag",
        )  # fmt: skip


def _ethnicity(row: Fields) -> dict[str, str]:
    """Return the ethnicity columns; local systems append a second character to the NHS letter, which is dropped."""
    text = (row.text("ETHNIC_CATEGORY") or "").upper()
    if len(text) == 2 and text not in ETHNICITY_CROSSWALKS["nhs"] and text[0].isalpha():
        row.values = {**row.values, "ETHNIC_CATEGORY": text[0]}
    return row.ethnicity("ETHNIC_CATEGORY", "nhs")


def _emit_wait(
    row: Fields, person: str, pathway: str, status: str | None, start: dt.date, start_event: str, end: dt.date | None
) -> None:
    """Add the clock. A stopping status without an end date stops it at the census, with a doubt."""
    stops = (status or "").removeprefix("rtt:") in STOPPED
    if stops and end is None:
        row.doubt("clock_stop_undated", END, f"{END} is empty though the status stops the clock: census date taken")
        end = row.date(CENSUS) or start
    row.reading.emit(
        "wait", (person, pathway, "rtt", start.isoformat()), row.position, "special", row.quality,
        person_record_id=row.reading.person_record_id(person), episode_ref=pathway, kind="rtt",
        priority=row.code("PRIORITY_TYPE_CODE", "priority_type", PRIORITIES), start_date=start, start_event=start_event,
        stop_date=end, stop_event=(status if stops else END) if end else None,
    )  # fmt: skip


def _emit_events(row: Fields, person: str, pathway: str) -> None:
    for name, status in EVENTS:
        day = row.date(name)
        if day is None:
            continue
        row.reading.emit(
            "event", (person, pathway, name, day.isoformat()), row.position, "special", row.quality,
            person_record_id=row.reading.person_record_id(person), episode_ref=pathway, kind="appointment",
            subkind=f"wlmds:{name}", start_date=day, status=status, planned_date=day if status == "booked" else None,
        )  # fmt: skip


def _coded(row: Fields, name: str, system: str) -> str | None:
    text = row.text(name)
    return f"{system}:{text}" if text else None


CONNECTORS = (
    Connector(
        "wlmds", 2021, 2030, read_wlmds, "Waiting list minimum data set, weekly CSV", waits=("rtt",), is_piecewise=True
    ),
)
