"""FHIR UK Core resources about who somebody is: Patient and RelatedPerson."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from braid.extracts.json_nodes import Node
from braid.extracts.standards.fhir_references import NO_KEY, NO_SUBJECT, Refusal, extension, find_person, period_dates
from braid.language.codes import ETHNICITY_CROSSWALKS, ETHNICITY_GROUP_ONLY
from braid.language.identifiers import find_postcode

SEXES = {name: name for name in ("male", "female", "other", "unknown")}
NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
RELATIONSHIPS = {
    **dict.fromkeys(
        ["prn", "mth", "fth", "nmth", "nfth", "stpmth", "stpfth", "adoptp", "fthfost", "mthfost"], "parent"
    ),
    **dict.fromkeys(
        ["child", "son", "dau", "chldadopt", "chldfost", "sonc", "dauc", "stpchld", "stpson", "stpdau"], "child"
    ),
    **dict.fromkeys(["sps", "husb", "wife", "dompart"], "partner"),
    **dict.fromkeys(["sib", "bro", "sis", "hsib", "hbro", "hsis"], "sibling"),
    **dict.fromkeys(("guard", "carer"), "carer"),
    **dict.fromkeys(
        ["fammemb", "frnd", "nbor", "roomate", "grprn", "gprn", "uncle", "aunt", "cousn", "ext", "onesf", "other"],
        "other",
    ),
}
_OPEN_LABELS = frozenset({"U", "L", "M", "N"})
"""HL7 confidentiality labels that restrict nothing: unrestricted, low, moderate, normal."""
_ETHNICITIES = {code.lower(): hub for code, hub in ETHNICITY_CROSSWALKS["nhs"].items()}
_STAY_KINDS = {"home": "unknown", "temp": "ta_other", "billing": "", "old": "unknown", "work": ""}


def read_patient(node: Node) -> Refusal | None:
    """Read a Patient: person record, identifiers, stays. Return why it was refused."""
    key = node.text("id")
    if key is None:
        return NO_KEY
    identity = _emit_person(node, key, "patient", _ethnicity(node))
    _emit_stays(node, identity)
    return None


def read_related_person(node: Node) -> Refusal | None:
    """Read a RelatedPerson: person record, stays, and what they are to the patient. Return why it was refused."""
    key, patient = node.text("id"), find_person(node, "patient")
    if key is None or patient is None:
        return NO_KEY if key is None else NO_SUBJECT
    identity = _emit_person(node, f"RelatedPerson/{key}", "other", {})
    _emit_stays(node, identity)
    start, end = period_dates(node, "period")
    for kind in _relationship_kinds(node):
        node.document.emit(
            "relationship",
            (patient, identity, kind),
            node,
            sensitivity="special",
            person_record_id=patient,
            other_person_record_id=identity,
            kind=kind,
            start_date=start,
            end_date=end,
        )
    return None


def _relationship_kinds(node: Node) -> list[str]:
    kinds = []
    for concept in node.items("relationship", single=True):
        for one in concept.items("coding", single=True):
            kinds.append(one.code("code", RELATIONSHIPS))
    return list(dict.fromkeys(kind for kind in kinds if kind)) or ["other"]


def _emit_person(node: Node, partner_key: str, role: str, values: Mapping[str, Any]) -> str:
    names = [name for name in node.items("name", single=True) if name.is_object]
    chosen = _chosen_name(names)
    given, family = _name_parts(chosen) if chosen else (None, None)
    born = node.text("birthDate") or ""
    birth_date, precision = _birth_date(node, born)
    identity = node.document.emit(
        "person_record",
        (partner_key,),
        node,
        sensitivity="special",
        partner_record_id=partner_key,
        given_name=given,
        family_name=family,
        other_names="; ".join(_written(name) for name in names if name is not chosen and _written(name)) or None,
        birth_date=birth_date,
        birth_date_precision=precision,
        death_date=node.date("deceasedDateTime"),
        sex=node.code("gender", SEXES),
        language_code=_language(node),
        telephone=_telephone(node),
        role=role,
        **values,
    )
    _emit_identifiers(node, identity)
    return identity


def _birth_date(node: Node, text: str) -> tuple[str | None, str | None]:
    """Return the birth date and its precision: FHIR allows a year, or a year and month."""
    if len(text) == 4 and text.isascii() and text.isdigit() and text >= "1850":
        return f"{text}-01-01", "year"
    if len(text) == 7 and text.isascii() and text > "1850-00" and text[:4].isdigit() and text[4:] in _MONTHS:
        return f"{text}-01", "month"
    born = node.date("birthDate")
    return born, "day" if born else None


_MONTHS = frozenset(f"-{month:02}" for month in range(1, 13))


def _chosen_name(names: list[Node]) -> Node | None:
    """Return the official name, or the usual one, or the first that is not an old one."""
    for use in ("official", "usual"):
        for name in names:
            if name.child("use").value == use:
                return name
    current = [name for name in names if name.child("use").value not in ("old", "maiden")]
    return next(iter(current or names), None)


def _name_parts(name: Node) -> tuple[str | None, str | None]:
    name.child("use").use()
    given = [text for one in _texts(name, "given") if (text := one.as_text())]
    return " ".join(given) or None, name.text("family") or (None if given else name.text("text"))


def _texts(node: Node, key: str) -> list[Node]:
    """Return the texts under a key: a list, or one alone as XML writes it."""
    child = node.child(key)
    return child.members() if isinstance(child.value, list) else [child]


def _written(name: Node) -> str:
    given, family = _name_parts(name)
    return " ".join(part for part in (given, family) if part)


def _language(node: Node) -> str | None:
    for one in node.items("communication", single=True):
        for code in one.section("language").items("coding", single=True):
            return code.text("code")
    return None


def _telephone(node: Node) -> str | None:
    for one in node.items("telecom", single=True):
        if one.is_object and one.child("system").value in ("phone", "sms"):
            one.child("system").use()
            return one.text("value")
    return None


def _ethnicity(node: Node) -> dict[str, Any]:
    found = extension(node, "Extension-UKCore-EthnicCategory")
    if found is None:
        return {}
    for one in found.section("valueCodeableConcept").items("coding", single=True):
        code = one.text("code")
        hub = one.code("code", _ETHNICITIES)
        one.child("system").use()
        precision = "group" if (code or "").upper() in ETHNICITY_GROUP_ONLY["nhs"] else "exact"
        source = f"nhs:{code}" if code else None
        return {"ethnicity": hub, "ethnicity_precision": precision if hub else None, "ethnicity_source": source}
    return {}


def _emit_identifiers(node: Node, identity: str) -> None:
    for one in node.items("identifier", single=True):
        if not one.is_object:
            continue
        system = one.text("system") or ""
        scheme = "nhs" if system.rstrip("/").lower() == NHS_NUMBER.lower() else "local"
        status = _verification(one)
        node.document.emit_identifier(identity, scheme, one.child("value"), sensitivity="special", status=status)


def _verification(identifier: Node) -> str | None:
    """Return the verification status of an NHS number, as the source's own code (01 is verified)."""
    found = extension(identifier, "NHSNumberVerificationStatus")
    concept = found.section("valueCodeableConcept") if found else None
    for one in concept.items("coding", single=True) if concept else ():
        one.child("system").use()
        return one.text("code")
    return None


def _is_restricted(node: Node) -> bool:
    """Whether the resource's security label restricts it, as it does where a patient's location must not be found.

    A label that is not known to be open counts as a restriction.
    """
    labels = node.section("meta").items("security", single=True)
    return any(label.text("code") not in _OPEN_LABELS if label.is_object else True for label in labels)


def _emit_stays(node: Node, identity: str) -> None:
    restricted = _is_restricted(node)
    if restricted:
        _emit_stay(node, identity, "unknown", "restricted", {"confidential": True, "sensitivity": "safe_address"})
    for address in node.items("address", single=True):
        kind = address.code("use", _STAY_KINDS) if address.has("use") else "unknown"
        if kind == "" or not address.is_object:
            continue
        values = _address(address)
        if values:
            protection = {"confidential": restricted, "sensitivity": "safe_address" if restricted else "special"}
            key = f"{values['postcode']} {values['address_lines']} {values['start_date']}"
            _emit_stay(address, identity, kind or "unknown", key, values | protection)


def _emit_stay(node: Node, identity: str, kind: str, key: str, values: dict[str, Any]) -> None:
    node.document.emit("stay", (identity, kind, key), node, person_record_id=identity, kind=kind, **values)


def _address(address: Node) -> dict[str, Any]:
    lines = [text for one in _texts(address, "line") if (text := one.as_text())]
    lines += [text for key in ("city", "district") if (text := address.text(key))]
    written = address.text("postalCode")
    postcode = find_postcode(written)
    if written and postcode is None:
        address.child("postalCode").warn(
            "postcode_form", "has not the form of a postcode, so the stay is read without it"
        )
    if not lines and postcode is None:
        return {}
    start, end = period_dates(address, "period")
    return {"address_lines": ", ".join(lines) or None, "postcode": postcode, "start_date": start, "end_date": end}


READERS: dict[str, Callable[[Node], Refusal | None]] = {"Patient": read_patient, "RelatedPerson": read_related_person}
