"""One letting: the household's shape in up to eight slots, its new home, where it came from, and how long it waited."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from braid.extracts import checks
from braid.extracts.fields import Fields, RowRefused, emit_identifier
from braid.extracts.standards import core_codes as codes

SLOTS = tuple(range(1, 9))
COLUMNS = (
    *[
        "id",
        "tenancycode",
        "propcode",
        "startdate",
        "uprn",
        "address_line1",
        "address_line2",
        "town_or_city",
        "postcode_full",
        "la",
        "ethnic",
        "waityear",
        "reason",
        "prevten",
        "homeless",
        "ppostcode_full",
    ],
    *codes.PREFERENCES,
    *codes.ILLNESSES,
    *(f"{stem}{slot}" for stem in ("age", "sex", "sexrab") for slot in SLOTS),
    *(f"relat{slot}" for slot in SLOTS[1:]),
)
OLDEST_YEARS = 120


@dataclass(frozen=True)
class Letting:
    """What the records of one letting share."""

    row: Fields
    key: str
    start_date: dt.date
    is_protected: bool

    def emit(self, record_type: str, key: tuple[str, ...], slot: int = 1, **values: Any) -> None:
        """Add a record about the person in a slot of the household."""
        row = self.row
        row.reading.emit(
            record_type, (self.key, *key), row.position, "normal", row.quality,
            person_record_id=row.reading.person_record_id(self.person(slot)), **values,
        )  # fmt: skip

    def person(self, slot: int) -> str:
        """Return the key of the person in a slot."""
        return f"{self.key}/{slot}"


def read_letting(row: Fields) -> None:
    """Read one letting. Raises `RowRefused` where it has no start date or nothing to tell it by."""
    _join_columns(row)
    _translate_labels(row)
    start = row.required_date("startdate")
    key = _key(row, start)
    reason = row.code("reason", "core_reason", codes.REASONS)
    previous = row.code("prevten", "core_prevten", codes.PREVIOUS_STAYS)
    fled = (reason or "").removeprefix("core_reason:") in codes.FLED
    letting = Letting(row, key, start, fled or previous == "core_prevten:21")
    slots = [slot for slot in SLOTS if _is_present(row, slot)]
    for slot in slots:
        _emit_person(letting, slot)
    _emit_tenancy(letting, slots)
    _emit_previous(letting, previous, reason)
    _emit_wait(letting)
    _emit_needs(letting, reason)


def _join_columns(row: Fields) -> None:
    """Join the bulk upload form's dates in three columns and postcodes in two into those of the export."""
    values = dict(row.values)
    if "startday" in values and not values.get("startdate"):
        parts = [values.get(name, "") for name in ("startday", "startmonth", "startyear")]
        if all(part.isascii() and part.isdigit() for part in parts):
            year = parts[2] if len(parts[2]) == 4 else f"20{parts[2].zfill(2)}"
            values["startdate"] = f"{parts[0]}/{parts[1]}/{year}"
        elif any(parts):
            raise RowRefused(checks.DATE_INVALID, "startdate")
    for name, stem in (("postcode_full", "postcode"), ("ppostcode_full", "ppostcode")):
        if f"{stem}1" in values:
            values[name] = f"{values[f'{stem}1']} {values.get(f'{stem}2', '')}".strip()
    row.values = values


def _translate_labels(row: Fields) -> None:
    """Turn the words of the label export into the codes of the code export."""
    values = dict(row.values)
    for name, text in row.values.items():
        stem = "sex" if name.startswith("sex") else name.rstrip("12345678")
        labels = codes.LABELS.get(stem)
        if labels and text.upper() in labels:
            values[name] = labels[text.upper()]
    row.values = values


def _key(row: Fields, start: dt.date) -> str:
    named = (row.text(name) for name in ("tenancycode", "id", "propcode"))
    tenancy, log, unit = (None if text is None or checks.is_no_key(text) else text for text in named)
    if not (tenancy or log or unit):
        raise RowRefused("key_missing", "tenancycode")
    return f"{tenancy or log or unit}/{start.isoformat()}"


def _is_present(row: Fields, slot: int) -> bool:
    return slot == 1 or any(row.text(f"{stem}{slot}") for stem in ("age", "sex", "sexrab", "relat"))


def _emit_person(letting: Letting, slot: int) -> None:
    row = letting.row
    age = _age(row, f"age{slot}")
    name = f"sexrab{slot}" if row.text(f"sexrab{slot}") else f"sex{slot}"
    sex = row.sex(name, "core")
    ethnicity = row.ethnicity("ethnic", "core") if slot == 1 else {}
    person = letting.person(slot)
    row.reading.emit(
        "person_record", (person,), row.position, "normal", row.quality,
        partner_record_id=person, sex=sex, role="applicant" if slot == 1 else "household_member",
        birth_date=None if age is None else dt.date(letting.start_date.year - age, 1, 1),
        birth_date_precision=None if age is None else "year", **ethnicity,
    )  # fmt: skip
    if slot > 1:
        _emit_relationship(letting, slot)


def _age(row: Fields, name: str) -> int | None:
    """Return an age in years; none for one refused (R, -9) or not known."""
    text = (row.text(name) or "").upper()
    if text in ("", "R", "-9", "NOT KNOWN", "PREFERS NOT TO SAY"):
        return None
    return row.number(name, 0, OLDEST_YEARS)


def _emit_relationship(letting: Letting, slot: int) -> None:
    row = letting.row
    code = row.code(f"relat{slot}", "core_relat", codes.RELATIONSHIPS)
    kind = codes.RELATIONSHIPS[code.removeprefix("core_relat:")] if code else "household"
    other = row.reading.person_record_id(letting.person(slot))
    letting.emit("relationship", (f"relat{slot}",), other_person_record_id=other, kind=kind)


def _emit_tenancy(letting: Letting, slots: list[int]) -> None:
    row, start = letting.row, letting.start_date
    lines = [row.text(name) for name in ("address_line1", "address_line2", "town_or_city")]
    postcode, uprn = row.postcode("postcode_full"), row.text("uprn")
    for slot in slots:
        letting.emit(
            "stay", ("social_rent", str(slot)), slot, household_ref=letting.key, kind="social_rent", uprn=uprn,
            address_lines=", ".join(line for line in lines if line) or None, postcode=postcode,
            district_code=row.text("la"), start_date=start, confidential=letting.is_protected,
        )  # fmt: skip
    reference = row.text("tenancycode")
    if reference:
        emit_identifier(
            row.reading, letting.person(1), "tenancy", reference, row_ref=row.position, sensitivity="normal"
        )
    letting.emit("episode", ("tenancy",), episode_ref=letting.key, kind="tenancy", start_date=start, status="open")
    letting.emit("event", ("letting",), episode_ref=letting.key, kind="letting", start_date=start, status="completed")


def _emit_previous(letting: Letting, previous: str | None, reason: str | None) -> None:
    """Add the stay before the letting and the last settled home: two stays, as the postcode is that home's."""
    row = letting.row
    if previous:
        letting.emit(
            "stay", ("previous",), household_ref=letting.key, confidential=letting.is_protected,
            kind=codes.PREVIOUS_STAYS[previous.removeprefix("core_prevten:")], reason_in=reason,
            end_date=letting.start_date,
        )  # fmt: skip
    settled = row.postcode("ppostcode_full")
    if settled:
        letting.emit(
            "stay", ("settled",), household_ref=letting.key, kind="unknown", postcode=settled, reason_out=reason,
            confidential=letting.is_protected,
        )  # fmt: skip


def _emit_wait(letting: Letting) -> None:
    """Add the wait on the register, known only by its band: it starts in the middle of the band before the letting."""
    band = letting.row.code("waityear", "core_waityear", codes.WAIT_MONTHS)
    months = codes.WAIT_MONTHS[band.removeprefix("core_waityear:")] if band else None
    if months is None:
        return
    letting.row.reading.emit(
        "wait", (letting.key, "register"), letting.row.position, "normal",
        " ".join(filter(None, (letting.row.quality, "start_banded"))),
        person_record_id=letting.row.reading.person_record_id(letting.person(1)), episode_ref=letting.key,
        kind="register", start_date=letting.start_date - dt.timedelta(days=round(months * 365.25 / 12)),
        start_event=band, stop_date=letting.start_date, stop_event="startdate",
    )  # fmt: skip


def _emit_needs(letting: Letting, reason: str | None) -> None:
    row = letting.row
    found: list[tuple[str, str]] = []
    homeless = row.code("homeless", "core_homeless", codes.HOMELESS)
    if homeless == "core_homeless:11":
        found.append(("homeless", homeless))
    need = codes.REASON_NEEDS.get((reason or "").removeprefix("core_reason:"))
    if need and reason:
        found.append((need, reason))
    for name, code in {**codes.PREFERENCES, **codes.ILLNESSES}.items():
        if row.flag(name):
            found.append((code, f"core:{name}"))
    for code, source_code in found:
        letting.emit(
            "need", ("need", source_code), whose="household", code=code, source_code=source_code,
            source_type="assessed", assessed_date=letting.start_date,
        )  # fmt: skip
