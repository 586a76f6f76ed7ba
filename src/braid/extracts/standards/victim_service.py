"""Referrals to a service for people harmed: every row says that somebody sought help, so every row is `safe_address`.

An address is shown only where `SafeAddress` says N: Y, empty or unreadable all count as confidential, and a refuge is
confidential whatever the column says. High, medium and standard risk follow the DASH thresholds of 14 and 10 ticks.
"""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

from braid.extracts import checks
from braid.extracts.fields import Fields, emit_identifier
from braid.extracts.model import Connector, Reading
from braid.extracts.sheets import read_sheets
from braid.language.codes import ETHNICITY_CROSSWALKS
from braid.language.identifiers import normalise

SAFE = "safe_address"
_WORD = re.compile(r"[A-Za-z_]{2,20}")
REQUIRED = ("ReferralID", "ClientRef", "ReferralDate", "Service")
COLUMNS = (
    *REQUIRED,
    *[
        "FirstName",
        "Surname",
        "AKA",
        "DOB",
        "Sex",
        "Ethnicity",
        "NHSNumber",
        "SafeAddress",
        "AddressLine1",
        "Postcode",
        "Telephone",
        "SafeContact",
        "HarmType",
        "DASHScore",
        "ReferralSource",
        "FirstContactDate",
        "SupportStartDate",
        "ClosedDate",
        "ClosureReason",
        "PoliceURN",
        "RefugeRef",
    ],
)
SERVICES = ("IDVA", "ISVA", "THERAPY", "REFUGE")
HARMS = {
    "DA": "domestic_abuse", "DOMESTIC_ABUSE": "domestic_abuse", "DOMESTIC ABUSE": "domestic_abuse",
    "SV": "sexual_abuse", "SEXUAL_VIOLENCE": "sexual_abuse", "SEXUAL VIOLENCE": "sexual_abuse",
    "SEXUAL_ABUSE": "sexual_abuse", "SEXUAL ABUSE": "sexual_abuse", "RAPE": "sexual_abuse",
    "STALKING": "domestic_abuse", "COERCIVE_CONTROL": "domestic_abuse", "COERCIVE CONTROL": "domestic_abuse",
    "BOTH": "domestic_abuse",
}  # fmt: skip


def read_victim_service(path: Path, reading: Reading) -> None:
    """Read a file of referrals; raise `UnreadableFile` where it is none."""
    read_sheets(path, reading, "referral", (REQUIRED, COLUMNS), _read_referral)


def _read_referral(row: Fields) -> None:
    referral, person, referred = row.key("ReferralID"), row.key("ClientRef"), row.required_date("ReferralDate")
    service = row.code("Service", "victim_service", SERVICES)
    _emit_person(row, person)
    _emit_stay(row, person, service == "victim_service:REFUGE")
    _emit_needs(row, person, referral, referred)
    closed = row.end_date("ClosedDate", referred)
    _emit_episode(row, person, referral, service, referred, closed)
    _emit_wait(row, person, referral, service, referred, closed)
    _emit_case(row, person)


def _emit_person(row: Fields, person: str) -> None:
    birth_date = row.date("DOB")
    sex = row.sex("Sex", "words")
    ethnicity = _ethnicity(row)
    row.identifier("NHSNumber", "nhs", person, sensitivity=SAFE)
    row.reading.emit(
        "person_record", (person,), row.position, SAFE, row.quality,
        partner_record_id=person, given_name=row.text("FirstName"), family_name=row.text("Surname"),
        other_names=row.text("AKA"), birth_date=birth_date, birth_date_precision="day" if birth_date else None, sex=sex,
        telephone=_telephone(row), role="victim", **ethnicity,
    )  # fmt: skip


def _telephone(row: Fields) -> str | None:
    """Return the telephone number, unless the service says that it is not safe to use."""
    return None if (row.text("SafeContact") or "").upper() in ("N", "NO") else row.text("Telephone")


def _coded(row: Fields, name: str, system: str) -> str | None:
    """Return a local word as `system:word`; nothing for what looks like free text."""
    text = row.text(name)
    return f"{system}:{text}" if text and _WORD.fullmatch(text) else None


def _ethnicity(row: Fields) -> dict[str, str]:
    """Return the ethnicity columns from the code system that the code belongs to: the DfE's or the NHS's."""
    code = (row.text("Ethnicity") or "").upper()
    return row.ethnicity("Ethnicity", "dfe" if code in ETHNICITY_CROSSWALKS["dfe"] else "nhs")


def _emit_stay(row: Fields, person: str, is_refuge: bool) -> None:
    """Add where they live; without any address too, so that the protection itself is known."""
    in_refuge = is_refuge or row.text("RefugeRef") is not None
    confidential = row.flag("SafeAddress") is not False or in_refuge
    line, postcode = row.text("AddressLine1"), row.postcode("Postcode")
    refuge = row.text("RefugeRef")
    if not (line or postcode or confidential):
        return
    row.reading.emit(
        "stay", (person, postcode or "", line or "", refuge or ""), row.position, SAFE, row.quality,
        person_record_id=row.reading.person_record_id(person), kind="refuge" if in_refuge else "unknown",
        address_lines=line, postcode=postcode, location_ref=refuge, confidential=confidential,
        start_date=row.date("SupportStartDate") if is_refuge else None,
    )  # fmt: skip


def _emit_needs(row: Fields, person: str, referral: str, referred: dt.date) -> None:
    harm = row.text("HarmType")
    score = row.number("DASHScore", 0, 24)
    code = HARMS.get(harm.upper()) if harm else None
    if harm and code is None:
        row.unknown_code("HarmType")
    if code is None and score is None:
        return
    row.reading.emit(
        "need", (person, referral, code or "domestic_abuse"), row.position, SAFE, row.quality,
        person_record_id=row.reading.person_record_id(person), whose="person", code=code or "domestic_abuse",
        source_code=f"harm_type:{harm.upper()}" if harm and code else None, level=get_dash_level(score),
        assessed_date=referred, source_type="disclosed",
    )  # fmt: skip


def get_dash_level(score: int | None) -> str | None:
    """Return the risk level of a number of DASH ticks: high from 14, medium from 10, standard below."""
    if score is None:
        return None
    return "high" if score >= 14 else "medium" if score >= 10 else "standard"


def _emit_episode(
    row: Fields, person: str, referral: str, service: str | None, referred: dt.date, closed: dt.date | None
) -> None:
    owner = row.reading.person_record_id(person)
    started = row.end_date("SupportStartDate", referred)
    row.reading.emit(
        "episode", (person, referral), row.position, SAFE, row.quality,
        person_record_id=owner, episode_ref=referral, kind="da_support", service=service,
        start_date=started or referred, end_date=closed, status="closed" if closed else "open", role="victim",
        start_reason=_coded(row, "ReferralSource", "referral_source"),
        end_reason=_coded(row, "ClosureReason", "closure_reason"),
    )  # fmt: skip
    row.reading.emit(
        "event", (person, referral, "referral"), row.position, SAFE, row.quality,
        person_record_id=owner, episode_ref=referral, kind="referral", start_date=referred, status="completed",
    )  # fmt: skip


def _emit_wait(
    row: Fields, person: str, referral: str, service: str | None, referred: dt.date, closed: dt.date | None
) -> None:
    """Add the clock: therapy stops when support starts, all else at first contact, either at closure."""
    is_therapy = service == "victim_service:THERAPY"
    stop_event = "SupportStartDate" if is_therapy else "FirstContactDate"
    stop = row.date(stop_event)
    if checks.check_order(referred, stop):
        row.doubt(checks.DATES_OUT_OF_ORDER, stop_event)
        stop = None
    if stop is None and closed:
        stop, stop_event = closed, "ClosedDate"
    row.reading.emit(
        "wait", (person, referral), row.position, SAFE, row.quality,
        person_record_id=row.reading.person_record_id(person), episode_ref=referral,
        kind="therapy" if is_therapy else "victim_support", start_date=referred, start_event="ReferralDate",
        stop_date=stop, stop_event=stop_event if stop else None,
    )  # fmt: skip


def _emit_case(row: Fields, person: str) -> None:
    """Add the criminal case that the victim waits for: an identifier, and an episode that the trial's clock joins."""
    text = row.text("PoliceURN")
    if not text:
        return
    case = normalise("case_urn", text)
    emit_identifier(row.reading, person, "case_urn", case, row_ref=row.position, sensitivity=SAFE)
    row.reading.emit(
        "episode", (person, "criminal_case", case), row.position, SAFE, row.quality,
        person_record_id=row.reading.person_record_id(person), episode_ref=case, kind="criminal_case", role="victim",
    )  # fmt: skip


CONNECTORS = (
    Connector(
        "victim_service",
        2020,
        2035,
        read_victim_service,
        "Referrals for people harmed, CSV",
        waits=("victim_support", "therapy"),
        is_piecewise=True,
    ),
)
