"""Checking every rank that was kept with a decision: that it follows from the rules and the order kept with it.

Needs the database, and the statements of the place to read the rules by. A finding names the decision by its reference,
never a person.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import dict_row

from braid.problems.model import Statement
from braid.problems.priority.freeze import find_faults

_KEPT = """
select f.document::text as document, f.person_id, d.holds_from_date, d.digest, d.text,
  o.people::text as people, coalesce(c.reference, r.reference) as decision
from braid_frozenrank f
join braid_decidedrules d on d.id = f.rules_id
left join braid_decidedorder o on o.rules_id = d.id
left join braid_agendaitem i on i.id = f.item_id
left join braid_jointcase c on c.id = i.case_id
left join braid_referral r on r.id = f.referral_id
order by f.frozen_at, f.id"""


@dataclass(frozen=True)
class NotFollowing:
    """A kept rank that does not follow: the case or referral decided on, the problem statement, and why not."""

    decision: str
    problem: str
    fault: str


@dataclass(frozen=True)
class FrozenChecked:
    """How many kept ranks were checked, and what of them does not follow."""

    checked: int
    not_following: tuple[NotFollowing, ...]


def check_frozen(connection: psycopg.Connection[Any], statements: Mapping[str, Statement]) -> FrozenChecked:
    """Check every kept rank; `connection` is that of the owner of the tables."""
    checked, found = 0, []
    with connection.cursor(row_factory=dict_row) as cursor:
        for found_row in cursor.execute(_KEPT):
            checked += 1
            row = {**found_row, **{name: json.loads(found_row[name] or "null") for name in ("document", "people")}}
            faults = _faults_of(row, statements)
            found += [NotFollowing(row["decision"], row["document"]["problem"], fault) for fault in faults]
    return FrozenChecked(checked, tuple(found))


def _faults_of(row: Mapping[str, Any], statements: Mapping[str, Statement]) -> list[str]:
    if row["person_id"] not in (row["people"] or {}):
        return ["the person is not in the order, or there is none"]
    faults = find_faults(document_of(row), statements)
    if not _is_race([each["place"] for each in row["people"].values()]):
        faults.append("the order is none: places are missing or too many")
    return faults


def document_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a kept rank as `braid.problems.priority.freeze.freeze` makes it, whole: with the rules and the place."""
    people = row["people"]
    rules = {"holds_from": row["holds_from_date"].isoformat(), "digest": row["digest"], "text": row["text"]}
    return {**row["document"], "position": people[row["person_id"]]["place"], "of": len(people), "rules": rules}


def _is_race(places: list[int]) -> bool:
    """Whether each place is one more than how many stand before it."""
    first: dict[int, int] = {}
    for before, place in enumerate(sorted(places)):
        first.setdefault(place, before + 1)
    return all(place == counted for place, counted in first.items())
