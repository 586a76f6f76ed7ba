"""The JSON Schema (2020-12) of an agreement's file, made from the vocabularies: an editor helps to write one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from braid.trust.agreement_file import STATEMENT_ID
from braid.trust.agreement_terms import ARTICLE_6, ARTICLE_9, CONTROLLER_ROLES, GATEWAYS, SCHEDULE_1
from braid.trust.items import ITEMS
from braid.trust.roles import PURPOSES

KEYS = {
    "id": "Its name in the record of looks; small letters, digits and hyphens.",
    "version": "Of the signed text; a change of the text is a new version.",
    "title": "As on the signed paper.",
    "purpose": "The one purpose; what is shared for one purpose is not seen for another.",
    "gateways": "The legal gateways on which the parties rely.",
    "subjects": "Whom it is about, in words.",
    "items": "Everything that may be shared under it.",
    "host": "The party that joins the extracts, and so gives the items of the joined record.",
    "valid_from": "The first moment on which it holds, London time.",
    "valid_to": "The first moment on which it no longer holds.",
    "review_on": "The day of the next review, inside the period.",
    "retention_days": "How many days what was shared is kept.",
    "retention_reason": "Why so long.",
    "dpia": "The reference of the data protection impact assessment.",
    "opt_out_applies": "Whether the national data opt-out applies.",
    "opt_out_reason": "Why it does or does not.",
    "law_enforcement": "Whether it is for law enforcement (Data Protection Act 2018 Part 3); false if left out.",
    "suspended_at": "Since when it decides nothing; leave out while it holds.",
    "statements": "The problem statements whose people the parties may reach, by id. Left out: those that ship for the"
    " purpose, as they ship; a statement that the place wrote reaches nobody until it stands here.",
}
"""The keys of `[agreement]` and what each says."""
PARTY_KEYS = {
    "organisation": "An organisation of place.toml.",
    "controller_role": "Its part in law.",
    "article_6": "Its lawful basis.",
    "article_9": "Its condition for special category data.",
    "schedule_1": "The condition of the Data Protection Act 2018 on which that rests.",
    "provides": "Items of its own rows that others receive.",
    "receives": "Items that it receives.",
    "signed_by": "The office of who signed.",
    "signed_at": "When; unsigned, the party counts for nothing.",
    "left_at": "When it left the agreement; leave out while it is in it.",
}
"""The keys of `[[party]]` and what each says."""

_TEXT = {"type": "string", "pattern": r"\S"}
_DAY = {"type": "string", "format": "date"}
_MOMENT = {"type": "string", "minLength": 10}
_SOME = {"uniqueItems": True, "minItems": 1}


def agreement_schema() -> dict[str, Any]:
    """Return the schema of the document; dates of TOML are ISO text in it. The reader refuses whatever it refuses."""
    head = {
        "id": {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]*$"},
        "version": _TEXT,
        "title": _TEXT,
        "purpose": _one_of(PURPOSES),
        "gateways": _list_of(GATEWAYS, 1),
        "subjects": _TEXT,
        "items": _list_of(ITEMS, 1),
        "host": _TEXT,
        "valid_from": _MOMENT,
        "valid_to": _MOMENT,
        "review_on": _DAY,
        "retention_days": {"type": "integer", "minimum": 1},
        "retention_reason": _TEXT,
        "dpia": _TEXT,
        "opt_out_applies": {"type": "boolean"},
        "opt_out_reason": _TEXT,
        "law_enforcement": {"type": "boolean"},
        "suspended_at": _MOMENT,
        "statements": {"type": "array", "items": {"type": "string", "pattern": f"^{STATEMENT_ID}$"}, **_SOME},
    }
    party = {
        "organisation": _TEXT,
        "controller_role": _one_of(CONTROLLER_ROLES),
        "article_6": _one_of(ARTICLE_6),
        "article_9": _one_of(ARTICLE_9),
        "schedule_1": _one_of(SCHEDULE_1),
        "provides": _list_of(ITEMS, 0),
        "receives": _list_of(ITEMS, 0),
        "signed_by": _TEXT,
        "signed_at": _MOMENT,
        "left_at": _MOMENT,
    }
    needed_of_party = ["organisation", "controller_role", "article_6"]
    parties = {
        "type": "array",
        "minItems": 2,
        "items": _table(_described(party, PARTY_KEYS), needed_of_party),
    }
    needed = sorted(head.keys() - {"law_enforcement", "suspended_at", "statements"})
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Data sharing agreement of a place",
        **_table({"agreement": _table(_described(head, KEYS), needed), "party": parties}, ["agreement", "party"]),
    }


def _described(properties: dict[str, dict[str, Any]], words: dict[str, str]) -> dict[str, Any]:
    """Return the keys with what each says; a key without words, or words without a key, is a fault of ours."""
    if properties.keys() != words.keys():
        raise KeyError("every key of an agreement has its words in KEYS or PARTY_KEYS")
    return {name: {**rule, "description": words[name]} for name, rule in properties.items()}


def _table(properties: dict[str, Any], needed: list[str]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": needed, "additionalProperties": False}


def _one_of(codes: Iterable[str]) -> dict[str, Any]:
    return {"enum": list(codes)}


def _list_of(codes: Iterable[str], least: int) -> dict[str, Any]:
    return {"type": "array", "items": _one_of(codes), "uniqueItems": True, "minItems": least}
