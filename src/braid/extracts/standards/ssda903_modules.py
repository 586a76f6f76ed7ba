"""The small modules of the looked-after children return, row by row. The key of a person is always CHILD."""

from __future__ import annotations

from typing import Any

from braid.extracts.fields import Fields

SYSTEM = "ssda903"
OC2_COLUMNS = (
    "DOB",
    "SDQ_REASON",
    "HEALTH_CHECK",
    "IMMUNISATIONS",
    "TEETH_CHECK",
    "HEALTH_ASSESSMENT",
    "SUBSTANCE_MISUSE",
    "INTERVENTION_RECEIVED",
    "INTERVENTION_OFFERED",
)
AD1_COLUMNS = ("DOB", "FOSTER_CARE", "NB_ADOPTR", "SEX_ADOPTR", "LS_ADOPTR")
UPN_UNKNOWN = frozenset({"UN1", "UN2", "UN3", "UN4", "UN5"})
REVIEW_CODES = frozenset(f"PN{digit}" for digit in range(8))
SDQ_REASONS = frozenset(f"SDQ{digit}" for digit in range(1, 6))
IN_TOUCH = frozenset({"YES", "NO", "DIED", "REFU", "NREQ", "RHOM"})
ACTIVITIES = frozenset(["F1", "F2", "F4", "F5", "P1", "P2", "P4", "P5", "G4", "G5", "G6"])
ACCOMMODATION = frozenset(letter + digit for letter in "BCDEGHKRSTUVWXYZ" for digit in "12")
HOUSING_STAYS = {"S": "no_fixed_abode", "V": "ta_other", "W": "ta_bnb"}
SW_REASONS = frozenset(
    ["MANAGE", "FCONTA", "LEFTRL", "ORGRST", "TSPROC", "ABSENC", "CHCHAN", "PCCHAN", "SWDIED", "OTHERS"]
)
PERMANENCE = frozenset({"P0", "P1", "P2", "P3", "P4", "Z1"})
PLACED_CEASED = frozenset({"RD1", "RD2", "RD3", "RD4"})
CHECKS_DONE = ("HEALTH_CHECK", "IMMUNISATIONS", "TEETH_CHECK", "HEALTH_ASSESSMENT")


def emit(row: Fields, record_type: str, key: tuple[str, ...], child: str, **values: Any) -> str:
    """Add a record about a child of the return; all of its rows are special category."""
    return row.reading.emit(
        record_type, (child, *key), row.position, "special", row.quality,
        person_record_id=row.reading.person_record_id(child), **values,
    )  # fmt: skip


def read_header(row: Fields) -> None:
    """Read one child: the person, the pupil number, and a mother's baby as a relationship to an unnamed record."""
    child = row.key("CHILD")
    birth_date = row.date("DOB")
    _emit_upn(row, child)
    ethnicity = row.ethnicity("ETHNIC", "dfe")
    sex = row.sex("SEX", "dfe")
    row.reading.emit(
        "identifier", (child, "la_child", child), row.position, "special", row.quality,
        person_record_id=row.reading.person_record_id(child), scheme="la_child", value=child, check_result="none",
    )  # fmt: skip
    row.reading.emit(
        "person_record", (child,), row.position, "special", row.quality,
        partner_record_id=child, birth_date=birth_date, birth_date_precision="day" if birth_date else None, sex=sex,
        role="child", **ethnicity,
    )  # fmt: skip
    if row.flag("MOTHER"):
        _emit_baby(row, child)


def _emit_upn(row: Fields, child: str) -> None:
    upn = row.text("UPN")
    if upn and upn.upper() in UPN_UNKNOWN:
        row.reading.note("upn_unknown", "UPN", row.position, "UPN holds the reason why there is none")
        return
    row.identifier("UPN", "upn", child, sensitivity="special")


def _emit_baby(row: Fields, child: str) -> None:
    """Add the child's baby, known only by a birth date."""
    born = row.date("MC_DOB")
    if born is None:
        emit(row, "need", ("young_parent",), child, whose="person", code="young_parent", source_code="ssda903:MOTHER=1",
             source_type="flag")  # fmt: skip
        return
    baby = f"{child}/baby/{born.isoformat()}"
    row.reading.emit(
        "person_record", (baby,), row.position, "special", row.quality,
        partner_record_id=baby, birth_date=born, birth_date_precision="day", role="child",
    )  # fmt: skip
    row.reading.emit(
        "relationship", (baby, child, "parent"), row.position, "special", row.quality,
        person_record_id=row.reading.person_record_id(baby), kind="parent",
        other_person_record_id=row.reading.person_record_id(child), start_date=born,
    )  # fmt: skip
    emit(row, "need", ("young_parent",), child, whose="person", code="young_parent", source_code="ssda903:MOTHER=1",
         source_type="flag", assessed_date=born)  # fmt: skip


def read_review(row: Fields) -> None:
    """Read one statutory review."""
    child, day = row.key("CHILD"), row.required_date("REVIEW")
    code = row.code("REVIEW_CODE", SYSTEM, REVIEW_CODES)
    emit(row, "event", ("review", day.isoformat()), child, kind="review", subkind=code, start_date=day,
         status="completed")  # fmt: skip


def read_missing(row: Fields) -> None:
    """Read one time missing or away; without an end it still lasts, with one a return interview is due."""
    child, start = row.key("CHILD"), row.required_date("MIS_START")
    code = row.code("MISSING", SYSTEM, ("M", "A"))
    end = row.end_date("MIS_END", start)
    key = ("missing", start.isoformat())
    emit(row, "event", key, child, kind="missing", subkind=code, start_date=start, end_date=end)
    emit(row, "need", key, child, whose="person", code="missing", source_code=code, assessed_date=start,
         source_type="flag")  # fmt: skip


def read_oc2(row: Fields) -> None:
    """Read the health and offending outcomes of one child at the year's end: no dates in this module."""
    child = row.key("CHILD")
    score = row.number("SDQ_SCORE", 0, 40)
    reason = row.code("SDQ_REASON", SYSTEM, SDQ_REASONS)
    year = str(row.reading.source.collection_year)
    result = str(score) if score is not None else reason
    if result:
        emit(row, "outcome", ("SDQ", year), child, headline=3, measure=f"{SYSTEM}:SDQ_SCORE", result=result)
    for name in CHECKS_DONE:
        done = row.flag(name)
        if done is not None:
            emit(row, "outcome", (name, year), child, headline=3, measure=f"{SYSTEM}:{name}", result=str(int(done)))
    if row.flag("CONVICTED"):
        _emit_flag(row, child, "offending", "CONVICTED", year)
    if row.flag("SUBSTANCE_MISUSE"):
        _emit_flag(row, child, "substance_drugs", "SUBSTANCE_MISUSE", year)
    for name in ("INTERVENTION_RECEIVED", "INTERVENTION_OFFERED"):
        done = row.flag(name)
        if done is not None:
            emit(row, "outcome", (name, year), child, headline=4, measure=f"{SYSTEM}:{name}", result=str(int(done)))


def _emit_flag(row: Fields, child: str, code: str, name: str, key: str) -> None:
    emit(row, "need", (code, name, key), child, whose="person", code=code, source_code=f"{SYSTEM}:{name}",
         source_type="assessed")  # fmt: skip


def read_oc3(row: Fields, homes: frozenset[str] = ACCOMMODATION) -> None:
    """Read one care leaver: in touch, activity, and a home that may be none (S, V and W raise a housing need).

    `homes` are the codes of homes that the source has.
    """
    child = row.key("CHILD")
    touch = row.code("IN_TOUCH", SYSTEM, IN_TOUCH)
    activity = row.code("ACTIV", SYSTEM, ACTIVITIES)
    home = row.code("ACCOM", SYSTEM, homes)
    year = str(row.reading.source.collection_year)
    emit(row, "episode", ("care_leaver",), child, episode_ref=f"{child}/care_leaver", kind="care_leaver", status=touch)
    if activity:
        emit(row, "outcome", ("ACTIV", year), child, headline=1, measure=f"{SYSTEM}:ACTIV", result=activity)
    if home is None:
        return
    emit(row, "outcome", ("ACCOM", year), child, headline=9, measure=f"{SYSTEM}:ACCOM", result=home)
    stay_kind = HOUSING_STAYS.get(home.removeprefix(f"{SYSTEM}:")[0])
    if stay_kind:
        emit(row, "need", ("homeless", year), child, whose="person", code="homeless", source_code=home,
             source_type="flag")  # fmt: skip
        emit(row, "stay", ("accom", year), child, kind=stay_kind, confidential=False)


def read_ad1(row: Fields) -> None:
    """Read the adoption of one child: the decision and the match."""
    child = row.key("CHILD")
    for name in ("DATE_INT", "DATE_MATCH"):
        day = row.date(name)
        if day:
            emit(row, "event", (name, day.isoformat()), child, kind="decision", subkind=f"{SYSTEM}:{name}",
                 start_date=day, status="completed")  # fmt: skip


def read_placed(row: Fields) -> None:
    """Read a child's placement for adoption and its end."""
    child, placed = row.key("CHILD"), row.date("DATE_PLACED")
    ceased = row.end_date("DATE_PLACED_CEASED", placed)
    reason = row.code("REASON_PLACED_CEASED", SYSTEM, PLACED_CEASED)
    for name, day, why in (("DATE_PLACED", placed, None), ("DATE_PLACED_CEASED", ceased, reason)):
        if day:
            emit(row, "event", (name, day.isoformat()), child, kind="move", subkind=f"{SYSTEM}:{name}", start_date=day,
                 status="completed", status_reason=why)  # fmt: skip


def read_uasc(row: Fields) -> None:
    """Read an unaccompanied asylum-seeking child; DUC is the eighteenth birthday or the end of the status."""
    child = row.key("CHILD")
    ceased = row.date("DUC")
    emit(row, "need", ("unaccompanied",), child, whose="person", code="unaccompanied", source_code=f"{SYSTEM}:UASC",
         source_type="flag")  # fmt: skip
    if ceased:
        emit(row, "event", ("DUC", ceased.isoformat()), child, kind="decision", subkind=f"{SYSTEM}:DUC",
             start_date=ceased)  # fmt: skip


def read_permanence(row: Fields) -> None:
    """Read whether a child left care for a permanent home before."""
    child, year = row.key("CHILD"), str(row.reading.source.collection_year)
    code = row.code("PREV_PERM", SYSTEM, PERMANENCE)
    if code:
        emit(row, "outcome", ("PREV_PERM", year), child, headline=5, measure=f"{SYSTEM}:PREV_PERM", result=code,
             result_date=row.date("DATE_PERM") if _is_date(row) else None)  # fmt: skip


def _is_date(row: Fields) -> bool:
    """DATE_PERM may hold zz for unknown parts, as the guide allows: no date then, and no fault."""
    return "zz" not in (row.text("DATE_PERM") or "").lower()


def read_worker(row: Fields) -> None:
    """Read one social worker's time with a child."""
    child, start = row.key("CHILD"), row.required_date("SW_DECOM")
    worker = row.key("SW_ID")
    reason = row.code("SW_REASON", SYSTEM, SW_REASONS)
    end = row.end_date("SW_DEC", start)
    emit(
        row, "episode", ("worker", worker, start.isoformat()), child, kind="cla", service="social worker",
        worker=worker, episode_ref=f"{child}/worker/{start.isoformat()}", start_date=start,
        end_date=end, end_reason=reason,
    )  # fmt: skip


def read_dolo(row: Fields) -> None:
    """Read one deprivation of liberty order."""
    child, start = row.key("CHILD"), row.required_date("DOLO_START")
    end = row.end_date("DOLO_END", start)
    key = ("deprivation_of_liberty", start.isoformat())
    emit(row, "need", key, child, whose="person", code="deprivation_of_liberty", source_code=f"{SYSTEM}:DOLO",
         assessed_date=start, source_type="assessed")  # fmt: skip
    emit(row, "event", key, child, kind="decision", subkind=f"{SYSTEM}:DOLO", start_date=start, end_date=end,
         status="completed")  # fmt: skip
