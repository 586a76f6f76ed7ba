"""The hearings of a family public law case: what was held, adjourned or vacated, and who could have prevented it."""

from __future__ import annotations

from braid.extracts.json_nodes import Node
from braid.extracts.standards.fpl_case import FamilyCase
from braid.language.codes import HEARING_CANCELLATION_GROUPS
from braid.language.readiness import READINESS_ITEMS, SYSTEM

HEARING_TYPES = frozenset(
    [
        "EMERGENCY_PROTECTION_ORDER",
        "FACT_FINDING",
        "CASE_MANAGEMENT",
        "FURTHER_CASE_MANAGEMENT",
        "ISSUE_RESOLUTION",
        "FINAL",
        "JUDGMENT_AFTER_HEARING",
        "INTERIM_CARE_ORDER",
        "ACCELERATED_DISCHARGE_OF_CARE",
        "FAMILY_DRUG_ALCOHOL_COURT",
        "PLACEMENT_HEARING",
        "OTHER",
    ]
)
STATUSES = {
    **dict.fromkeys(("adjourned", "adjourned_and_re_listed", "adjourned_to_be_re_listed"), "adjourned"),
    **dict.fromkeys(("vacated", "vacated_and_re_listed", "vacated_to_be_re_listed"), "vacated"),
    **dict.fromkeys(("completed", "held"), "completed"),
    **dict.fromkeys(("booked", "listed"), "booked"),
}
URGENCIES = {
    "standard": "",
    "same_day": "SAME_DAY",
    "urgent": "URGENT",
    "within 18 days": "",
    "within 12 days": "URGENT",
    "within 7 days": "URGENT",
    "within 5 days": "URGENT",
    "within 2 days": "URGENT",
    "same day": "SAME_DAY",
    "other": "",
}
"""How soon the first hearing was asked for, as HearingUrgencyType of the court's case system says it, or the time frame
that older cases carry: any before day 12 is urgent; another time frame is not said to be."""
MODES = {"in_person": "in person", "video": "video", "phone": "telephone"}
_CAUSES = {code.lower(): group for code, group in HEARING_CANCELLATION_GROUPS.items()}


def read_hearings(case: FamilyCase, children: list[str]) -> None:
    """Read both lists of hearings; every hearing is an event of each child of the case."""
    for key, part in (("hearingDetails", "hearings"), ("cancelledHearingDetails", "cancelled_hearings")):
        for node in case.data.items(key):
            case.reading.row_in(part)
            if not node.section("value").value:
                message = "A hearing has no details. Ask the sender to export it again."
                node.reject(part, "hearing_empty", message)
                continue
            _read_hearing(case, node, children, is_cancelled=part == "cancelled_hearings")
            case.reading.row_read(part)


def find_urgency(case: FamilyCase) -> str | None:
    """Return that the first hearing was asked for as urgent, as system:code; `None` where that is not said."""
    asked = case.data.section("hearing")
    key = "hearingUrgencyType" if asked.has("hearingUrgencyType") else "timeFrame"
    urgency = asked.code(key, URGENCIES)
    return f"{SYSTEM}:{urgency}" if urgency else None


def first_held_date(case: FamilyCase, hearing_type: str) -> str | None:
    """Return the first day on which a hearing of a type was held, by the date the extract speaks of."""
    details = [node.child("value") for node in case.data.items("hearingDetails") if node.child("value").is_object]
    of_type = [value for value in details if value.child("type").value == hearing_type]
    days = [value.date("startDate") for value in of_type if _status(case, value, False) == "completed"]
    return min((day for day in days if day), default=None)


def _read_hearing(case: FamilyCase, node: Node, children: list[str], is_cancelled: bool) -> None:
    value = node.section("value")
    hearing_type = value.text("type")
    if hearing_type and hearing_type not in HEARING_TYPES:
        value.child("type").unknown_code()
    if not children:
        value.warn("hearing_without_child", "belongs to a case without a child that could be read, so no event is read")
    status = _status(case, value, is_cancelled)
    day = value.date("startDate")
    called_off = status in ("adjourned", "vacated")
    fields = {
        "kind": "hearing",
        "subkind": f"fpl:{hearing_type}" if hearing_type else None,
        "start_date": day,
        "start_at": value.moment("startDate"),
        "end_date": value.date("endDate"),
        "place": value.text("venue"),
        "mode": _mode(value),
        "status": status,
        "status_reason": _reason(value),
        "cause_group": value.code("cancellationReason", _CAUSES),
        "planned_date": day if called_off else None,
    }
    if day is None:
        value.warn("hearing_without_date", "has no readable start date")
    key = node.text("id") or node.digest()
    for child in children:
        ends = {"person_record_id": child, "episode_ref": case.reference}
        case.document.emit("event", (case.key, key, child), node, sensitivity="special", **ends, **fields)


def _status(case: FamilyCase, value: Node, is_cancelled: bool) -> str | None:
    """Return the status stated, or else what the date says: a hearing before the extract's date was held."""
    stated = value.child("status").value
    if isinstance(stated, str) and stated.strip():
        return value.code("status", STATUSES)
    if is_cancelled:
        return "vacated"
    day, as_of_date = value.date("startDate"), case.reading.source.as_of_date
    if day is None or as_of_date is None:
        return None
    return "completed" if day < as_of_date else "booked"


def _reason(value: Node) -> str | None:
    """Return why a hearing failed: the readiness item of the court's code, or the code as written where none has it."""
    written = value.text("cancellationReason")
    if written is None:
        return None
    item = f"{SYSTEM}:{written.upper()}"
    return item if item in READINESS_ITEMS else f"{SYSTEM}:{written}"


def _mode(value: Node) -> str | None:
    """Return how people attend: one word, or several separated by semicolons."""
    if not isinstance(value.child("attendance").value, list):
        return value.code("attendance", MODES)
    modes = []
    for node in value.items("attendance"):
        word = node.as_text()
        mode = MODES.get(word.lower()) if word else None
        if word and mode is None:
            node.unknown_code()
        modes.append(mode)
    return "; ".join(mode for mode in modes if mode) or None
