"""One family public law case: its references, its dates and the orders applied for."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from braid.extracts.json_nodes import Document, Node
from braid.extracts.model import Reading

ORDER_TYPES = frozenset(
    [
        "CARE_ORDER",
        "INTERIM_CARE_ORDER",
        "SUPERVISION_ORDER",
        "INTERIM_SUPERVISION_ORDER",
        "EDUCATION_SUPERVISION_ORDER",
        "EMERGENCY_PROTECTION_ORDER",
        "CHILD_ASSESSMENT_ORDER",
        "SECURE_ACCOMMODATION_ORDER",
        "REFUSE_CONTACT_WITH_CHILD",
        "CHILD_RECOVERY_ORDER",
        "CONTACT_WITH_CHILD_IN_CARE",
        "OTHER",
    ]
)
_ENDED_STATES = frozenset({"CLOSED", "DELETED", "RETURNED"})
NO_EXTENSION = "NO_EXTENSION"
_EXTENSION_REASONS = ("caseExtensionReasonList", "caseExtensionReason", "extensionReason")


@dataclass(frozen=True)
class Extended:
    """Whether a node says that the court extended the time, and why, as system:code.

    Not `is_said`: it says nothing. `is_said` without a reason: it says that there was no extension.
    """

    is_said: bool
    reason: str | None


@dataclass(frozen=True)
class FamilyCase:
    """A case and what its children's clocks share. Dates are ISO text; `key` leads the keys of its parties."""

    data: Node
    key: str
    reference: str
    state: str | None
    start_date: str | None
    start_event: str
    completion_date: str | None
    extension: Extended
    closed_date: str | None

    @property
    def document(self) -> Document:
        """The document the case stands in."""
        return self.data.document

    @property
    def reading(self) -> Reading:
        """The reading that the case fills."""
        return self.data.document.reading

    @property
    def has_ended(self) -> bool:
        """Whether its state says that proceedings are over, or never began."""
        return (self.state or "").upper() in _ENDED_STATES


def find_case(node: Node) -> FamilyCase | None:
    """Return the case at a node, with or without its wrapper; `None` where its data is no object."""
    data = node.child("caseData") if node.is_object and "caseData" in node.value else node
    if not data.is_object:
        return None
    key, reference = _keys(node, data)
    start_event = "dateOfIssue" if data.text("dateOfIssue") else "dateSubmitted"
    closing = data.section("closeCaseTabField")
    return FamilyCase(
        data=data,
        key=key,
        reference=reference,
        state=node.text("state") or data.text("state"),
        start_date=data.date(start_event),
        start_event=start_event,
        completion_date=data.date("caseCompletionDate"),
        extension=read_extension(data),
        closed_date=closing.date("date"),
    )


def read_extension(node: Node) -> Extended:
    """Return what a case or a child says about an extension; a reason stated wins over a field that says none."""
    is_said = False
    for key in _EXTENSION_REASONS:
        reason = node.text(key) if not isinstance(node.child(key).value, list) else None
        if reason and reason.upper() != NO_EXTENSION:
            return Extended(True, f"fpl:{reason}")
        is_said = is_said or reason is not None
    return Extended(is_said, None)


def read_orders(data: Node) -> str | None:
    """Read the orders applied for; return them as system:code separated by semicolons."""
    reading, found = data.document.reading, []
    for node in data.section("orders").items("orderType"):
        reading.row_in("orders")
        order = node.as_text()
        if order is None:
            node.reject("orders", "order_without_type", "An order applied for has no type. Ask the sender to name it.")
            continue
        if order not in ORDER_TYPES:
            node.unknown_code()
        found.append(f"fpl:{order}")
        reading.row_read("orders")
    return ";".join(dict.fromkeys(found)) or None


def _keys(node: Node, data: Node) -> tuple[str, str]:
    """Return the key of the case and the reference shown for it.

    The key is the case id, or the court's number; a case with neither is keyed by the ids of its children.
    """
    number = data.text("familyManCaseNumber")
    case_id = node.text("id") or data.text("id") or data.text("ccdCaseReference")
    key = case_id or number
    if key is None:
        node.warn("case_without_key", "has neither an id nor a court number; it is keyed by its children")
        ids = sorted(text for child in data.items("children1") if (text := child.text("id")))
        key = hashlib.blake2b("+".join(ids).encode(), digest_size=8).hexdigest() if ids else data.digest()
    return key, number or key
