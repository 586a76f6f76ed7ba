"""Hearings of a criminal case: one event for each sitting day and defendant."""

from __future__ import annotations

from dataclasses import dataclass

from braid.extracts.json_nodes import Node

_JURISDICTIONS = {"crown": "CROWN", "magistrates": "MAGISTRATES"}


@dataclass(frozen=True)
class Sitting:
    """A day in Europe/London (ISO text) on which a court sits, and the person records it concerns."""

    day: str
    is_crown: bool
    defendants: frozenset[str]

    def concerns(self, person: str) -> bool:
        """Whether the day is about a person record."""
        return person in self.defendants


def read_hearing(node: Node, reference: str | None, known: set[str], is_counted: bool = True) -> list[Sitting]:
    """Read a hearing and its days; return the days.

    `known` are the defendants that the case names. A hearing that names its own is about those, otherwise about all of
    the case. A whole hearing of several cases is read once for each case and counted with the first.
    """
    reading = node.document.reading
    if is_counted:
        reading.row_in("hearings")
    if not node.is_object or not node.value:
        node.reject("hearings", "hearing_empty", "A hearing is empty. Ask the sender to export it again.")
        return []
    named = {text for item in node.items("defendantIds") if (text := item.as_text())}
    if named - known:
        node.warn("hearing_of_unknown_defendant", "names a defendant that this file does not describe")
    persons = frozenset(reading.person_record_id(key) for key in named or known)
    found = [_read_day(node, day, reference, persons, is_counted) for day in node.items("hearingDays")]
    if is_counted:
        reading.row_read("hearings")
    return [sitting for sitting in found if sitting]


def _read_day(
    hearing: Node, node: Node, reference: str | None, persons: frozenset[str], is_counted: bool
) -> Sitting | None:
    reading = node.document.reading
    if is_counted:
        reading.row_in("hearing_days")
    day = node.date("sittingDay") if node.is_object else None
    if day is None:
        if is_counted:
            message = "A hearing day needs a sitting day as a date with time. Ask the sender to correct it."
            node.reject("hearing_days", "sitting_day_missing", message)
        return None
    jurisdiction = hearing.code("jurisdictionType", _JURISDICTIONS)
    for person in sorted(persons):
        _emit_event(hearing, node, reference, person, day)
    if is_counted:
        reading.row_read("hearing_days")
    return Sitting(day, jurisdiction == "CROWN", persons)


def _emit_event(hearing: Node, node: Node, reference: str | None, person: str, day: str) -> None:
    key = hearing.text("hearingId") or hearing.text("id") or hearing.digest()
    kind = hearing.section("hearingType").text("description") or hearing.section("type").text("description")
    node.document.emit(
        "event",
        (key, day, node.text("sittingDay") or "", person),
        node,
        sensitivity="criminal",
        person_record_id=person,
        episode_ref=reference,
        kind="hearing",
        subkind=f"common_platform:{kind}" if kind else None,
        start_date=day,
        start_at=node.moment("sittingDay"),
        place=hearing.section("courtCentre").text("name"),
        status=_status(node, day),
    )


def _status(node: Node, day: str) -> str | None:
    """Results shared, or a day before the extract's date, mean that the court sat."""
    as_of_date = node.document.reading.source.as_of_date
    if node.flag("hasSharedResults"):
        return "completed"
    if as_of_date is None:
        return None
    return "completed" if day < as_of_date else "booked"
