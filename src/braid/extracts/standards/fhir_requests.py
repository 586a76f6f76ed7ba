"""FHIR requests for a service: an episode, and the clock of 18 weeks where it is a referral to a consultant.

Which requests are read and which start the clock stands in `fhir_requests.toml`, with its sources. The clock runs from
the day the referral was received (referral to treatment rules suite, October 2022, rule 1). Where the file does not say
when, it counts from the day the request was written, which is no later: the wait names that field as its start.
"""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib import resources
from typing import Any

from braid.extracts.json_nodes import Node
from braid.extracts.standards.fhir_references import (
    NO_KEY,
    NO_SUBJECT,
    Refusal,
    coding,
    codings,
    extension,
    find_person,
)

WRITTEN_ONLY = "authoredOn, the day it was written; the day it was received is not stated"
"""The start event of a clock that counts from the day the request was written, as a person's page shows it."""


@lru_cache(maxsize=1)
def request_rules() -> dict[str, dict[str, frozenset[str]]]:
    """Return the lists of `fhir_requests.toml` by section and name."""
    text = resources.files("braid.extracts.standards").joinpath("fhir_requests.toml").read_text(encoding="utf-8")
    return {
        name: {key: frozenset(codes) for key, codes in section.items()} for name, section in tomllib.loads(text).items()
    }


def read_service_request(node: Node) -> Refusal | None:
    """Read a request: an episode, and a wait where it is an open referral to a consultant that says when it was made.

    What nobody has asked for yet, and what was entered in error, is not read.
    """
    key, person = node.text("id"), find_person(node, "subject")
    if key is None or person is None:
        return NO_KEY if key is None else NO_SUBJECT
    status, intent = node.text("status"), node.text("intent")
    rules = request_rules()["read"]
    if status in rules["not_statuses"] or intent in rules["not_intents"]:
        message = "A request is a draft, a proposal or entered in error: nobody has asked for it, so nothing is read."
        node.document.reading.note("not_asked_for", None, node.row_ref or "/", message)
        return None
    starts_clock = _is_referral_to_consultant(node, intent)
    written = node.date("authoredOn")
    common: dict[str, Any] = {"person_record_id": person, "episode_ref": key, "sensitivity": "special"}
    node.document.emit(
        "episode",
        (key, person),
        node,
        kind="rtt_pathway" if starts_clock else "health_request",
        status=status,
        start_date=written,
        service=coding(node, "code"),
        **common,
    )
    if starts_clock:
        _emit_wait(node, (key, person), written, common)
    return None


def _is_referral_to_consultant(node: Node, intent: str | None) -> bool:
    """Whether a request says plainly that it is an elective referral to a consultant."""
    rules = request_rules()["referral_to_treatment"]
    codes = {*codings(node, "category"), *codings(node, "code")}
    performers = set(codings(node, "performerType"))
    to_a_consultant = bool(codes & rules["to_a_consultant"] or performers & rules["consultants"])
    is_emergency = node.text("priority") in rules["not_priorities"]
    return intent in rules["intents"] and bool(codes & rules["referrals"]) and to_a_consultant and not is_emergency


def _emit_wait(node: Node, key: tuple[str, str], written: str | None, common: dict[str, Any]) -> None:
    priority, received = node.text("priority"), _received(node)
    if node.text("status") not in request_rules()["referral_to_treatment"]["open_statuses"]:
        node.child("status").warn("closed_without_date", "says that it is over but not since when, so no wait is read")
    elif received is None and written is None:
        node.warn("wait_without_start", "says neither when it was received nor when it was made, so no wait is read")
    else:
        if received is None:
            node.warn("receipt_not_stated", "does not say when the referral was received, so its 18 weeks count from"
                      " the day it was written")  # fmt: skip
        node.document.emit(
            "wait",
            key,
            node,
            kind="rtt",
            start_date=received or written,
            start_event="received" if received else WRITTEN_ONLY,
            priority=f"fhir:{priority}" if priority else None,
            **common,
        )


def _received(node: Node) -> str | None:
    """Return the day on which the referral was received, where an extension says so."""
    for name in sorted(request_rules()["referral_to_treatment"]["received"]):
        found = extension(node, name)
        if found is not None:
            return found.date("valueDateTime") or found.date("valueDate")
    return None
