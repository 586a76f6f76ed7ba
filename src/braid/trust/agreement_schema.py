"""The JSON Schema (2020-12) of an agreement's file, made from the vocabularies: an editor helps to write one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from braid.trust.agreement_terms import ARTICLE_6, ARTICLE_9, CONTROLLER_ROLES, GATEWAYS, SCHEDULE_1
from braid.trust.items import ITEMS
from braid.trust.roles import PURPOSES

_TEXT = {"type": "string", "pattern": r"\S"}
_DAY = {"type": "string", "format": "date"}
_MOMENT = {"type": "string", "description": "A day, a London time, or a time with its offset", "minLength": 10}


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
    parties = {"type": "array", "minItems": 2, "items": _table(party, ["organisation", "controller_role", "article_6"])}
    needed = sorted(head.keys() - {"law_enforcement", "suspended_at"})
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Data sharing agreement of a place",
        **_table({"agreement": _table(head, needed), "party": parties}, ["agreement", "party"]),
    }


def _table(properties: dict[str, Any], needed: list[str]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": needed, "additionalProperties": False}


def _one_of(codes: Iterable[str]) -> dict[str, Any]:
    return {"enum": list(codes)}


def _list_of(codes: Iterable[str], least: int) -> dict[str, Any]:
    return {"type": "array", "items": _one_of(codes), "uniqueItems": True, "minItems": least}
