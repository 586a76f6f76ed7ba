"""What a place tells of its algorithms: one record for each, after the Algorithmic Transparency Recording Standard."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources

FILE = "algorithms.toml"
FIELDS: Mapping[str, str] = {
    "description": "Tier 1: description",
    "rationale": "Tier 2: rationale and benefit",
    "alternatives": "Tier 2: alternatives considered",
    "integration": "Tier 2: how it is part of a decision",
    "provided": "Tier 2: what it provides to whoever decides",
    "human_decisions": "Tier 2: human decisions and review",
    "appeals": "Tier 2: appeals and review",
    "inputs": "Tier 2: input",
    "outputs": "Tier 2: output",
    "method": "Tier 2: method",
    "performance": "Tier 2: performance",
    "risks": "Tier 2: risks",
    "mitigations": "Tier 2: mitigations",
    "source": "Tier 2: source code",
}
"""The fields of a record beside code and name, each with the part of the standard that it answers."""
ALGORITHMS = ("linking", "priority", "forecasts", "planning")
"""Every algorithm that a record is due of."""


class RecordsInvalid(Exception):
    """A record lacks a field, or an algorithm its record. Names which, and the next step."""


@lru_cache(maxsize=1)
def load_records() -> tuple[Mapping[str, str], ...]:
    """Return the records in their order. Raises `RecordsInvalid`."""
    return parse_records(resources.files("braid.trust").joinpath(FILE).read_text(encoding="utf-8"))


def parse_records(text: str) -> tuple[Mapping[str, str], ...]:
    """Return the records that a text writes. Raises `RecordsInvalid` unless each is whole and none is missing."""
    found: list[dict[str, str]] = tomllib.loads(text).get("record", [])
    for number, record in enumerate(found, 1):
        if set(record) != {"code", "name", *FIELDS} or not all(record.values()):
            raise RecordsInvalid(f"{FILE}, record {number}: it has code, name, {', '.join(FIELDS)}; fill all of them")
    if tuple(record["code"] for record in found) != ALGORITHMS:
        raise RecordsInvalid(f"{FILE}: the records are of {', '.join(ALGORITHMS)}, in this order; correct it")
    return tuple(found)
