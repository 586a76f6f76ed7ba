"""The CapabilityStatement: what is answered here, made of the same list as the answers. About nobody."""

from collections.abc import Iterable
from typing import Any

from braid import __version__
from braid.api.fhir.catalogue import KINDS, PATIENT_PARAMETERS, PATIENT_WORDS
from braid.api.fhir.elements import PROFILE, Resource
from braid.api.fhir.query import Parameter

WRITTEN_ON = "2026-11-30"
"""When what is answered was last changed: the statement has to say a date."""
SECURITY = (
    "Authorization: Bearer with a token of a system; X-Purpose and X-Reference as for the API at /api/v1. Every look at"
    " a person is recorded."
)
ID = Parameter("_id", "token", "The id of one resource")


def capability_statement(base: str) -> Resource:
    """Return the statement of the server at a base address."""
    resources = [_resource("Patient", PATIENT_WORDS, PATIENT_PARAMETERS)]
    resources += [_resource(one.name, one.words, one.parameters) for one in KINDS.values()]
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": WRITTEN_ON,
        "kind": "instance",
        "software": {"name": "Braid", "version": __version__},
        "implementation": {"description": "Who waits in several public services at once, and why", "url": base},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json"],
        "rest": [{"mode": "server", "security": {"description": SECURITY}, "resource": resources}],
    }


def _resource(name: str, words: str, parameters: Iterable[Parameter]) -> dict[str, Any]:
    return {
        "type": name,
        "profile": PROFILE.format(name),
        "documentation": words,
        "interaction": [{"code": "read"}, {"code": "search-type"}],
        "versioning": "no-version",
        "readHistory": False,
        "updateCreate": False,
        "conditionalRead": "not-supported",
        "searchParam": [_parameter(one) for one in (ID, *parameters)],
    }


def _parameter(one: Parameter) -> dict[str, str]:
    kind = {"identifier": "token", "_lastUpdated": "date"}.get(one.name, one.kind)
    return {"name": one.name, "type": kind, "documentation": one.words}
