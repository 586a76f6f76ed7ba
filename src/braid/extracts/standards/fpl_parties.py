"""The parties of a family public law case: children with their clocks, respondents and others."""

from __future__ import annotations

from typing import Any

from braid.extracts.json_nodes import Node
from braid.extracts.standards.fpl_case import FamilyCase, read_extension
from braid.extracts.standards.fpl_hearings import find_urgency, first_held_date
from braid.language.identifiers import find_postcode

SEXES = {
    **dict.fromkeys(("boy", "male", "m"), "male"),
    **dict.fromkeys(("girl", "female", "f"), "female"),
    **dict.fromkeys(("they identify in another way", "other"), "other"),
    "unknown": "unknown",
}
LIVING_SITUATIONS = {
    "live_in_refuge": "refuge",
    "living in a refuge": "refuge",
    "living_with_respondents": "unknown",
    "living with respondents": "unknown",
    "live_with_family_or_friends": "family_friends",
    "living with other family or friends": "family_friends",
    "under_care_of_la": "care_placement",
    "under the care of the local authority": "care_placement",
    "hospital_soon_to_be_discharged": "hospital",
    "in hospital and soon to be discharged": "hospital",
    "removed_by_police_power_ends": "unknown",
    "removed by police, powers ending soon": "unknown",
    "voluntarily_section_care_order": "care_placement",
    "voluntarily in section 20 care order": "care_placement",
    "not_specified": "unknown",
    "not specified": "unknown",
}
RELATIONS_TO_CHILD = {
    **dict.fromkeys(("father", "mother", "parent"), "parent"),
    **dict.fromkeys(("brother", "sister", "sibling"), "sibling"),
    **dict.fromkeys(
        ["uncle", "aunt", "grandfather", "grandmother", "grandparent", "stepfather", "stepmother", "guardian", "other"],
        "other",
    ),
}
_HIDDEN = ("detailsHidden", "contactDetailsHidden", "isAddressConfidential")
_ADDRESS_LINES = ("AddressLine1", "AddressLine2", "AddressLine3", "PostTown", "County")


def read_parties(case: FamilyCase, legal_basis: str | None) -> list[str]:
    """Read everybody of a case; return the person record ids of its children."""
    children = []
    for node in case.data.items("children1"):
        identity = _read_party(case, node, "children", "child", legal_basis)
        if identity:
            children.append(identity)
            _emit_waits(case, node, identity)
    for node in case.data.items("respondents1"):
        identity = _read_party(case, node, "respondents", "respondent", legal_basis)
        _relate_respondent(case, node, identity, children)
    _read_others(case, legal_basis, children)
    for sibling in children[1:]:
        _relate(case, case.data, children[0], sibling, "same_family_case")
    return children


def _read_others(case: FamilyCase, legal_basis: str | None, children: list[str]) -> None:
    others = case.data.section("others")
    first = [others.child("firstOther")] if others.has("firstOther") else []
    for node in first + others.items("additionalOthers"):
        identity = _read_party(case, node, "others", "other", legal_basis)
        for child in children[:1] if identity else ():
            _relate(case, node, child, identity or "", "same_family_case")


def _read_party(case: FamilyCase, node: Node, part: str, role: str, legal_basis: str | None) -> str | None:
    """Read one party as a row of `part`; return the person record id, `None` when refused."""
    case.reading.row_in(part)
    party = _party(node)
    if not party.is_object or not _has_identity(party):
        message = "A party has neither a name nor a date of birth. Ask the sender to export it again."
        node.reject(part, "party_empty", message)
        return None
    identity = _emit_person(case, node, party, role)
    _emit_stay(case, node, party, identity)
    _emit_episode(case, node, party, identity, role, legal_basis)
    case.reading.row_read(part)
    return identity


def _party(node: Node) -> Node:
    value = node.child("value") if node.is_object and "value" in node.value else node
    return value.child("party") if value.is_object and "party" in value.value else value


def _has_identity(party: Node) -> bool:
    return any(party.has(key) for key in ("firstName", "lastName", "name", "dateOfBirth", "DOB"))


def _emit_person(case: FamilyCase, node: Node, party: Node, role: str) -> str:
    partner_key = f"{case.key}/{_item_key(node)}"
    given, family = party.text("firstName"), party.text("lastName")
    if given is None and family is None:
        given, family = _split_name(party.text("name"))
    born = party.date("dateOfBirth") or party.date("DOB")
    telephone = party.child("telephoneNumber")
    identity = case.document.emit(
        "person_record",
        (partner_key,),
        node,
        sensitivity="safe_address" if _is_hidden(node, party) else "special",
        partner_record_id=partner_key,
        given_name=given,
        family_name=family,
        birth_date=born,
        birth_date_precision="day" if born else None,
        sex=party.code("gender", SEXES),
        telephone=telephone.text("telephoneNumber") if telephone.is_object else party.text("telephone"),
        role=role,
    )
    number = case.data.child("familyManCaseNumber")
    case.document.emit_identifier(identity, "family_case", number, sensitivity="special")
    return identity


def _item_key(node: Node) -> str:
    """Return the item's id. The first other party has none in this format; without an id the content is the key."""
    if node.pointer.endswith("/firstOther"):
        return node.text("id") or "firstOther"
    key = node.text("id")
    if key is None:
        node.warn("party_without_key", "has a party without an id, so that a later correction looks like a new person")
    return key or node.digest()


def _split_name(name: str | None) -> tuple[str | None, str | None]:
    given, _, family = (name or "").rpartition(" ")
    return given.strip() or None, family or None


def _is_hidden(node: Node, party: Node) -> bool:
    """Whether any flag hides the party's details, or their living situation is a refuge."""
    value = node.section("value") if node.is_object and "value" in node.value else node
    flags = [holder.flag(key, when_unreadable=True) for holder in (value, party) for key in _HIDDEN]
    return any(flags) or _stay_kind(party) == "refuge"


def _stay_kind(party: Node) -> str | None:
    situation = party.child("livingSituation").value
    return LIVING_SITUATIONS.get(situation.strip().lower()) if isinstance(situation, str) else None


def _emit_stay(case: FamilyCase, node: Node, party: Node, person: str) -> None:
    """Add where they live; a party whose details are hidden gives a stay even without address."""
    hidden = _is_hidden(node, party)
    address = _address(party.section("address"))
    kind = party.code("livingSituation", LIVING_SITUATIONS)
    if not (address or hidden or kind):
        return
    case.document.emit(
        "stay",
        (case.key, person),
        node,
        sensitivity="safe_address" if hidden else "special",
        person_record_id=person,
        household_ref=None,
        kind=kind or "unknown",
        confidential=hidden,
        **address,
    )


def _address(address: Node) -> dict[str, Any]:
    lines = [line for line in (address.text(key) for key in _ADDRESS_LINES) if line]
    written = address.text("PostCode")
    postcode = find_postcode(written)
    if written and postcode is None:
        address.child("PostCode").warn(
            "postcode_form", "has not the form of a postcode, so the stay is read without it"
        )
    return {"address_lines": ", ".join(lines) or None, "postcode": postcode} if lines or postcode else {}


def _emit_episode(case: FamilyCase, node: Node, party: Node, person: str, role: str, legal_basis: str | None) -> None:
    value = node.section("value") if node.is_object and "value" in node.value else node
    end_reason = value.text("finalOrderIssuedType") if role == "child" else None
    case.document.emit(
        "episode",
        (case.key, person),
        node,
        sensitivity="special",
        person_record_id=person,
        episode_ref=case.reference,
        kind="family_case",
        status=case.state,
        start_date=case.start_date,
        start_reason=f"fpl:{case.start_event}" if case.start_date else None,
        end_date=_final_date(case, node) if role == "child" else case.closed_date,
        end_reason=f"fpl:{end_reason}" if end_reason else None,
        legal_basis=legal_basis,
        worker=party.text("socialWorkerName"),
        role=role,
    )


def _final_date(case: FamilyCase, node: Node) -> str | None:
    value = node.section("value") if node.is_object and "value" in node.value else node
    return value.date("finalDecisionDate") or _party(node).date("finalDecisionDate") or case.closed_date


def _emit_waits(case: FamilyCase, node: Node, child: str) -> None:
    """Add the child's two clocks, where the case says when they started and, if it has ended, when they stopped."""
    final_date = _final_date(case, node)
    if case.start_date is None:
        case.data.warn("wait_without_start", "has no readable date of issue or submission, so no wait is read")
        return
    if case.has_ended and final_date is None:
        case.data.warn("closed_without_date", "has ended on a day that is not stated, so no wait is read")
        return
    reason, extended = _extension(case, _party(node))
    _emit_wait(
        case, node, child, "care_proceedings", final_date, "final_order", exception=reason, extended_to_date=extended
    )
    held = first_held_date(case, "CASE_MANAGEMENT") or final_date
    urgency = find_urgency(case)
    _emit_wait(case, node, child, "care_first_hearing", held, "case_management_hearing", exception=urgency)


def _extension(case: FamilyCase, party: Node) -> tuple[str | None, str | None]:
    """Return why and until when the child's time was extended.

    What is said of the child holds for the child, also that there was no extension; what is said of the case holds for
    every child of whom nothing is said.
    """
    own = read_extension(party)
    reason = own.reason if own.is_said else case.extension.reason
    completion_date = party.date("completionDate") or case.completion_date
    return reason, completion_date if reason else None


def _emit_wait(
    case: FamilyCase, node: Node, child: str, kind: str, stop_date: str | None, stop_event: str, **values: Any
) -> None:
    case.document.emit(
        "wait",
        (case.key, child, kind),
        node,
        sensitivity="special",
        person_record_id=child,
        episode_ref=case.reference,
        kind=kind,
        start_date=case.start_date,
        start_event=case.start_event,
        stop_date=stop_date,
        stop_event=stop_event if stop_date else None,
        **values,
    )


def _relate_respondent(case: FamilyCase, node: Node, respondent: str | None, children: list[str]) -> None:
    if respondent is None:
        return
    kind = _party(node).code("relationshipToChild", RELATIONS_TO_CHILD)
    for child in children:
        _relate(case, node, child, respondent, "respondent_in_case_with")
        if kind and kind != "other":
            _relate(case, node, child, respondent, kind)


def _relate(case: FamilyCase, node: Node, person: str, other: str, kind: str) -> None:
    if person != other:
        ends = {"person_record_id": person, "other_person_record_id": other}
        case.document.emit("relationship", (person, other, kind), node, sensitivity="special", kind=kind, **ends)
