"""The small parts that resources are made of (HL7 FHIR R4, 4.0.1, data types), and what the place calls its codes.

Code systems of our own are `urn:braid:...`, as the codes of problems are: nothing has to be looked up to read them,
since each code comes with its words.
"""

import datetime as dt
from typing import Any

from braid.language.dates import LONDON

Resource = dict[str, Any]
PROFILE = "https://fhir.hl7.org.uk/StructureDefinition/UKCore-{}"
SNOMED = "http://snomed.info/sct"
CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
RESTRICTED = "R"
"""HL7 v3 Confidentiality: restricted, as a patient's whose location must not be found."""
OWN = "urn:braid:{}"
"""Of code systems, identifiers and extensions of our own."""


def begin(kind: str, identity: str, version: int | None = None) -> Resource:
    """Return the beginning of a resource: its kind, id and profile."""
    meta: dict[str, Any] = {} if version is None else {"versionId": str(version)}
    return {"resourceType": kind, "id": identity, "meta": {**meta, "profile": [PROFILE.format(kind)]}}


def identifier(of: str, value: str) -> list[dict[str, str]]:
    """Return the one identifier that everything has: our own."""
    return [{"system": OWN.format(of), "value": value}]


def coding(system: str, code: str, display: str) -> dict[str, str]:
    """Return a code of a system, with its words."""
    return {"system": system, "code": code, "display": display}


def concept(*codings: dict[str, str], text: str = "") -> dict[str, Any]:
    """Return a codeable concept; its text is the words of its first code where none is given."""
    said = text or (codings[0]["display"] if codings else "")
    return {**({"coding": list(codings)} if codings else {}), "text": said}


def patient(person_id: str) -> dict[str, str]:
    """Return a reference to a patient."""
    return {"reference": f"Patient/{person_id}", "type": "Patient"}


def named(words: str) -> dict[str, str]:
    """Return a reference to somebody or something that is no resource here, by its words alone."""
    return {"display": words}


def period(start: dt.date | dt.datetime | None, end: dt.date | dt.datetime | None = None) -> dict[str, str]:
    """Return a period by its ends, without one that is not known; empty where neither is."""
    ends = {"start": start, "end": end}
    return {name: moment(value) for name, value in ends.items() if value is not None}


def moment(value: dt.date | dt.datetime) -> str:
    """Return a day, or an instant with the offset that holds in London then."""
    if isinstance(value, dt.datetime):
        return value.astimezone(LONDON).isoformat(timespec="seconds")
    return value.isoformat()
