"""What schools and the council's school teams hold: roll, attendance, in-year admissions and EHC requests.

The part of a file is told by its columns. The national census and common transfer file names are used for the roll;
admissions have no national schema. Attendance codes are those in force on the day: from August 2024 Q and Y1 to Y7 are
no absence but evidence that a child could not reach the school. A session of the code N is to be recoded.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from braid.extracts import checks
from braid.extracts.csv_files import Line
from braid.extracts.fields import Fields, count_unknown_columns, read_rows
from braid.extracts.model import Connector, Reading, UnreadableFile
from braid.extracts.sheets import find_sheet, read_tables
from braid.extracts.tables import RawTable
from braid.language.codes import find_attendance_group

SEN_TYPES = frozenset(
    ["SPLD", "MLD", "SLD", "PMLD", "SEMH", "SLCN", "HI", "VI", "MSI", "PD", "ASD", "OTH", "DS", "NSA"]
)
OUTCOMES = frozenset("YNAWH")
SESSIONS_PER_WEEK = 10
MISSED = {"leave": "not_attended", "unauthorised": "not_attended", "unable": "unable_to_attend"}
NOT_ESTABLISHED = (
    "Marks hold N: a reason is to be established and the session recoded within five school days: send the week again"
)
ATTENDED = frozenset({"attended", "attended_elsewhere"})


@dataclass(frozen=True)
class Part:
    """One kind of school file: the columns that tell it, those it may hold, and how a row of it is read."""

    name: str
    required: tuple[str, ...]
    optional: tuple[str, ...]
    read_row: Callable[[Fields], None]


def read_school(path: Path, reading: Reading) -> None:
    """Read a file of any of the four parts; raise `UnreadableFile` where its columns are of none."""
    if read_tables(path, reading, partial(_read_table, reading)):
        kinds = "; ".join(f"{part.name}: {', '.join(part.required)}" for part in PARTS)
        message = f"the heading is of no school file, which needs once each ({kinds}): check what was sent"
        raise UnreadableFile("wrong_standard", message)


def _read_table(reading: Reading, table: RawTable, first: list[Line]) -> list[str]:
    for part in PARTS:
        columns = (*part.required, *part.optional)
        sheet = find_sheet(table, first, part.required, columns, reading)
        if sheet is not None:
            count_unknown_columns(sheet, reading, columns)
            read_rows(sheet, reading, part.name, part.read_row)
            return []
    return list(PARTS[0].required)


def _emit_person(row: Fields, person: str, sensitivity: str = "normal", **values: Any) -> str:
    birth_date = row.date("DOB")
    return row.reading.emit(
        "person_record", (person,), row.position, sensitivity, row.quality,
        partner_record_id=person, given_name=row.text("Forename"), family_name=row.text("Surname"),
        birth_date=birth_date, birth_date_precision="day" if birth_date else None, role="pupil", **values,
    )  # fmt: skip


def _emit_home(row: Fields, person: str, uprn: str | None = None) -> None:
    """Add where the pupil lives, as far as the row says; the kind of home is nobody's business at school."""
    postcode, line = row.postcode("PostCode"), row.text("AddressLine1")
    if postcode or line or uprn:
        row.reading.emit(
            "stay", (person, postcode or "", line or ""), row.position, "normal", row.quality,
            person_record_id=row.reading.person_record_id(person), kind="unknown", postcode=postcode,
            address_lines=line, uprn=uprn, confidential=False,
        )  # fmt: skip


def _read_roll(row: Fields) -> None:
    person, school, entry = row.key("PupilId"), row.key("URN"), row.required_date("EntryDate")
    row.identifier("UPN", "upn", person)
    row.identifier("FormerUPN", "former_upn", person)
    owner = _emit_person(row, person, sex=row.sex("Sex", "dfe"), **row.ethnicity("Ethnicity", "dfe"))
    _emit_home(row, person, _uprn(row))
    row.reading.emit(
        "episode", (person, "school_roll", school, entry.isoformat()), row.position, "normal", row.quality,
        person_record_id=owner, episode_ref=f"{person}/{school}", kind="school_roll", organisation_ref=school,
        service=row.text("YearGroup"), start_date=entry, end_date=row.end_date("LeavingDate", entry),
    )  # fmt: skip
    _emit_roll_needs(row, person)


def _uprn(row: Fields) -> str | None:
    text = row.text("UPRN")
    if not text:
        return None
    value, _, rule = checks.check_identifier("uprn", text)
    if rule:
        row.doubt(rule, "UPRN")
        return None
    return value


def _emit_roll_needs(row: Fields, person: str) -> None:
    provision = row.code("SENprovision", "sen_provision", ("N", "K", "E"))
    sen_type = row.code("SENtype", "sen_type", SEN_TYPES)
    if provision in ("sen_provision:K", "sen_provision:E"):
        _emit_need(row, person, "sen", sen_type or provision, level=provision)
    if row.flag("FSM"):
        _emit_need(row, person, "income", "school:FSM")
    if row.flag("LookedAfter"):
        row.reading.emit(
            "episode", (person, "cla"), row.position, "special", row.quality,
            person_record_id=row.reading.person_record_id(person), kind="cla", status="as the school knows it",
        )  # fmt: skip


def _emit_need(row: Fields, person: str, code: str, source_code: str | None, **values: Any) -> None:
    row.reading.emit(
        "need", (person, code, source_code or ""), row.position, "special", row.quality,
        person_record_id=row.reading.person_record_id(person), whose="person", code=code, source_code=source_code,
        source_type="flag", **values,
    )  # fmt: skip


def _read_attendance(row: Fields) -> None:
    """Read a week of ten marks: an event for every session missed, and how many of the possible were attended."""
    person, monday = row.key("PupilId"), row.required_date("WeekCommencing")
    marks = row.key("Marks").upper().split()
    if len(marks) != SESSIONS_PER_WEEK:
        row.doubt(
            "marks_not_ten", "Marks", "Marks are not ten codes, Monday morning to Friday afternoon: correct the week"
        )
    if "N" in marks:
        row.doubt("reason_not_established", "Marks", NOT_ESTABLISHED)
    attended = possible = 0
    for session, mark in enumerate(marks[:SESSIONS_PER_WEEK]):
        group = find_attendance_group(mark, monday + dt.timedelta(days=session // 2))
        if group is None:
            row.unknown_code("Marks")
            continue
        attended += group in ATTENDED
        possible += group in ATTENDED or group in MISSED
        if group in MISSED:
            _emit_missed(row, person, monday, session, mark, MISSED[group])
    if possible:
        row.reading.emit(
            "outcome", (person, "attendance", monday.isoformat()), row.position, "normal", row.quality,
            person_record_id=row.reading.person_record_id(person), headline=1, measure="attendance:sessions",
            result=f"{attended}/{possible}", result_date=monday,
        )  # fmt: skip


def _emit_missed(row: Fields, person: str, monday: dt.date, session: int, mark: str, status: str) -> None:
    day = monday + dt.timedelta(days=session // 2)
    half = "PM" if session % 2 else "AM"
    row.reading.emit(
        "event", (person, "session", day.isoformat(), half), row.position, "normal", row.quality,
        person_record_id=row.reading.person_record_id(person), kind="absence_session", subkind=f"session:{half}",
        start_date=day, status=status, status_reason=f"attendance:{mark}", place=row.text("URN"),
    )  # fmt: skip


def _read_admission(row: Fields) -> None:
    application, person = row.key("ApplicationRef"), row.key("PupilId")
    applied = row.required_date("ApplicationDate")
    decided = row.end_date("OutcomeDate", applied)
    start = row.end_date("StartDate", applied)
    owner = _emit_person(row, person)
    _emit_home(row, person)
    _emit_panel_waits(row, person, application, applied, start)
    reason, outcome = row.text("Reason"), row.text("Outcome")
    row.reading.emit(
        "wait", (person, application), row.position, "normal", row.quality,
        person_record_id=owner, episode_ref=application, kind="in_year_admission", start_date=applied,
        start_event="ApplicationDate", stop_date=decided, stop_event="OutcomeDate" if decided else None,
    )  # fmt: skip
    row.reading.emit(
        "event", (person, application, "application"), row.position, "normal", row.quality,
        person_record_id=owner, episode_ref=application, kind="referral", start_date=applied, status="completed",
        subkind=f"admission_reason:{reason}" if reason and checks.has_code_form(reason) else "admission:application",
        place=row.text("PreferredURN1"),
    )  # fmt: skip
    if decided:
        row.reading.emit(
            "event", (person, application, "outcome"), row.position, "normal", row.quality,
            person_record_id=owner, episode_ref=application, kind="decision", start_date=decided, status="completed",
            subkind=f"admission_outcome:{outcome}" if outcome else None, place=row.text("OutcomeURN"),
        )  # fmt: skip
    school = row.text("OutcomeURN")
    if start and school:
        row.reading.emit(
            "episode", (person, "school_roll", school, start.isoformat()), row.position, "normal", row.quality,
            person_record_id=owner, episode_ref=f"{person}/{school}", kind="school_roll", organisation_ref=school,
            start_date=start, start_reason="admission:in_year",
        )  # fmt: skip


def _emit_panel_waits(row: Fields, person: str, application: str, applied: dt.date, start: dt.date | None) -> None:
    """Add the clocks of what else the council does: asking schools for vacancies, referring to the fair access panel.

    A fair access place is found when the child is on a school's roll.
    """
    asked = row.end_date("VacanciesAskedDate", applied)
    told = row.end_date("VacanciesToldDate", asked or applied)
    referred = row.end_date("FairAccessReferralDate", applied)
    clocks = (
        ("school_vacancies", asked, "VacanciesAskedDate", told, "VacanciesToldDate"),
        ("fair_access_place", referred, "FairAccessReferralDate", start, "StartDate"),
    )
    for kind, began, start_event, stopped, stop_event in clocks:
        if began is None:
            continue
        stop = stopped if stopped and stopped >= began else None
        row.reading.emit(
            "wait", (person, application, kind), row.position, "normal", row.quality,
            person_record_id=row.reading.person_record_id(person), episode_ref=application, kind=kind,
            start_date=began, start_event=start_event, stop_date=stop, stop_event=stop_event if stop else None,
        )  # fmt: skip


def _read_ehc_request(row: Fields) -> None:
    person, requested = row.key("PupilId"), row.required_date("RequestDate")
    request = row.code("RequestOutcome", "ehc_request", OUTCOMES)
    row.identifier("UPN", "upn", person, sensitivity="special")
    owner = _emit_person(row, person, "special")
    _emit_home(row, person)
    reference = f"{person}/ehc/{requested.isoformat()}"
    source = row.text("RequestSource")
    row.reading.emit(
        "event", (reference, "request"), row.position, "special", row.quality,
        person_record_id=owner, episode_ref=reference, kind="referral", start_date=requested, status="completed",
        subkind=f"ehc_source:{source}" if source and checks.has_code_form(source) else "ehc:request",
    )  # fmt: skip
    if row.text("SENneed"):
        need = row.code("SENneed", "sen_type", SEN_TYPES)
        _emit_need(row, person, "sen", need, assessed_date=requested)
    if request != "ehc_request:H":
        _emit_ehc_waits(row, owner, reference, requested, request)


def _emit_ehc_waits(row: Fields, owner: str, reference: str, requested: dt.date, request: str | None) -> None:
    """Add both clocks. An undecided request (A) keeps them open; a refusal or withdrawal stops the plan's clock too."""
    decided = row.end_date("RequestOutcomeDate", requested) if request != "ehc_request:A" else None
    assessment = row.code("AssessmentOutcome", "ehc_assessment", OUTCOMES)
    assessed = row.end_date("AssessmentOutcomeDate", requested)
    plan = row.end_date("PlanStartDate", requested)
    stop, stop_event = plan, "PlanStartDate"
    if not plan and request in ("ehc_request:N", "ehc_request:W"):
        stop, stop_event = decided, request
    elif not plan and assessment in ("ehc_assessment:N", "ehc_assessment:W"):
        stop, stop_event = assessed, assessment
    exception = "ehc:exception" if row.flag("Exceptions") else None
    common: dict[str, Any] = {
        "person_record_id": owner, "episode_ref": reference, "start_date": requested, "start_event": "RequestDate",
        "exception": exception,
    }  # fmt: skip
    row.reading.emit(
        "wait", (reference, "ehcp_decision"), row.position, "special", row.quality,
        kind="ehcp_decision", stop_date=decided, stop_event="RequestOutcomeDate" if decided else None, **common,
    )  # fmt: skip
    row.reading.emit(
        "wait", (reference, "ehcp_plan"), row.position, "special", row.quality,
        kind="ehcp_plan", stop_date=stop, stop_event=stop_event if stop else None, **common,
    )  # fmt: skip
    _emit_ehc_plan(row, owner, reference, plan, assessed, assessment)


def _emit_ehc_plan(
    row: Fields, owner: str, reference: str, plan: dt.date | None, assessed: dt.date | None, assessment: str | None
) -> None:
    if assessed:
        row.reading.emit(
            "event", (reference, "assessment"), row.position, "special", row.quality,
            person_record_id=owner, episode_ref=reference, kind="decision", start_date=assessed, status="completed",
            subkind=assessment,
        )  # fmt: skip
    if plan:
        row.reading.emit(
            "episode", (reference, "ehcp"), row.position, "special", row.quality,
            person_record_id=owner, episode_ref=reference, kind="ehcp", start_date=plan,
        )  # fmt: skip


PARTS = (
    Part(
        "roll",
        ("PupilId", "URN", "EntryDate"),
        (
            "UPN",
            "FormerUPN",
            "Surname",
            "Forename",
            "DOB",
            "Sex",
            "Ethnicity",
            "AddressLine1",
            "PostCode",
            "UPRN",
            "LeavingDate",
            "YearGroup",
            "FSM",
            "SENprovision",
            "SENtype",
            "LookedAfter",
        ),
        _read_roll,
    ),
    Part("attendance", ("PupilId", "WeekCommencing", "Marks"), ("URN",), _read_attendance),
    Part(
        "admissions",
        ("ApplicationRef", "PupilId", "ApplicationDate"),
        (
            "Surname",
            "Forename",
            "DOB",
            "PostCode",
            "PreferredURN1",
            "PreferredURN2",
            "YearGroup",
            "Reason",
            "OutcomeDate",
            "Outcome",
            "OutcomeURN",
            "StartDate",
            "VacanciesAskedDate",
            "VacanciesToldDate",
            "FairAccessReferralDate",
        ),
        _read_admission,
    ),
    Part(
        "ehc_requests",
        ("PupilId", "RequestDate", "RequestOutcome"),
        (
            "UPN",
            "Surname",
            "Forename",
            "DOB",
            "PostCode",
            "RequestSource",
            "RequestOutcomeDate",
            "AssessmentOutcome",
            "AssessmentOutcomeDate",
            "PlanStartDate",
            "Exceptions",
            "SENneed",
        ),
        _read_ehc_request,
    ),
)

CONNECTORS = (
    Connector(
        "school",
        2020,
        2035,
        read_school,
        "School roll, attendance, admissions, EHC requests, CSV",
        waits=("in_year_admission", "fair_access_place", "school_vacancies", "ehcp_decision", "ehcp_plan"),
        is_piecewise=True,
    ),
)
