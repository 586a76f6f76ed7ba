"""The same ranks by definition: one person against every other. The tests hold the queries against it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from braid.problems.cohorts_reference import members
from braid.problems.model import Cohort
from braid.problems.priority.model import PriorityRules, Rank, Reason
from braid.trust.roles import VICTIM_RESPONSE

Tables = Mapping[str, Sequence[dict[str, Any]]]


def rank_people(rules: PriorityRules, people: set[str], tables: Tables, as_of: dt.date) -> dict[str, Rank]:
    """Return the rank of each of `people`, the cohort of the statement, by person; `tables` as for `members`."""
    placed = {person: _placed(person, rules, tables, as_of) for person in people}
    ranks = {}
    for person, own in placed.items():
        before = [other for other in placed.values() if _comes_before(other, own)]
        ranks[person] = Rank(**own, position=len(before) + 1)
    return ranks


def _comes_before(one: dict[str, Any], other: dict[str, Any]) -> bool:
    if one["band_position"] != other["band_position"]:
        return bool(one["band_position"] < other["band_position"])
    if one["points"] != other["points"]:
        return bool(one["points"] > other["points"])
    if one["longest_since"] is None or other["longest_since"] is None:
        return one["longest_since"] is not None and other["longest_since"] is None
    return bool(one["longest_since"] < other["longest_since"])


def _placed(person: str, rules: PriorityRules, tables: Tables, as_of: dt.date) -> dict[str, Any]:
    def meets(when: Cohort | None) -> bool:
        sees_secret = rules.purpose_code == VICTIM_RESPONSE
        return when is None or person in members(tables, when, as_of, sees_secret=sees_secret)

    for number, band in enumerate(rules.bands, start=1):
        if meets(band.when):
            position, reasons = number, [Reason(band.band_id, band.name)]
            break
    met = [entry for entry in rules.points if meets(entry.when)]
    reasons += [Reason(entry.points_id, entry.reason, entry.points) for entry in met]
    begun = [
        wait["start_date"]
        for wait in tables["person_wait"]
        if wait["person_id"] == person and wait["stop_date"] is None and wait["kind"] in rules.longest_of
    ]
    return {
        "person_id": person,
        "band_position": position,
        "points": sum(entry.points for entry in met),
        "longest_since": min(begun) if begun else None,
        "reasons": tuple(reasons),
    }
