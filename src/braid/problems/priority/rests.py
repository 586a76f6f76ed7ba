"""What the entries of priority rules rest on, as items of agreements: a reason says as much as what it asks.

That somebody waits is an item by backlog, a service that knows them `involvements`, their age part of `identity`, the
district of the home `district`. A need is known from a service, so it rests on `involvements` too. Where somebody lives
rests on the waits of whoever would say so.
"""

from __future__ import annotations

from typing import Any

from braid.language.codes import WAIT_KINDS
from braid.problems.model import Aged, Cohort, Condition, LivesIn, StaysIn, WaitsFor, WaitsInBacklogs
from braid.problems.priority.model import PriorityRules
from braid.problems.words import condition_in_words
from braid.trust.items import waits_item

STAYS = {
    "care_placement": "childrens_social_care",
    "hospital": "hospital_treatment",
    "custody": "crown_court",
    "refuge": "victim_support",
    **dict.fromkeys(("sofa", "rough", "no_fixed_abode", "family_friends"), "homelessness"),
    **dict.fromkeys(("settled_owner", "private_rent", "social_rent", "supported", "unknown"), "social_housing"),
    **dict.fromkeys(
        ("ta_bnb", "ta_nightly", "ta_hostel", "ta_leased", "ta_own_stock", "ta_other"), "temporary_accommodation"
    ),
}
"""The backlog whose waits say that somebody lives in accommodation of a kind."""


def rests_on(rules: PriorityRules) -> dict[str, Any]:
    """Return the items on which each part of the rules rests: `bands`, `longest`, and `points` by id of the entry.

    Which band somebody is in says also in which they are not, so the bands rest on what any of them asks.
    """
    bands = {item for band in rules.bands if band.when for item in items_of(band.when)}
    return {
        "bands": sorted(bands),
        "longest": sorted(_waits(rules.longest_of)),
        "points": {entry.points_id: sorted(items_of(entry.when)) for entry in rules.points},
    }


def conditions_of(cohort: Cohort) -> dict[str, list[dict[str, Any]]]:
    """Return the conditions of a cohort, by list, as a page needs them to say which of them does not hold.

    Each in words, with the items on which it rests, and what a page can hold against what it shows: `wait`, `backlogs`,
    `age` or `districts`. Of accommodation, needs and services it shows too little to say.
    """
    return {
        "all_of": [_condition(each) for each in cohort.all_of],
        "any_of": [_condition(each) for each in cohort.any_of],
        "none_of": [_condition(each) for each in cohort.none_of],
    }


def _condition(condition: Condition) -> dict[str, Any]:
    return {"words": condition_in_words(condition), "items": sorted(_items(condition)), **_facts(condition)}


def _facts(condition: Condition) -> dict[str, Any]:
    if isinstance(condition, WaitsFor):
        wait = {name: getattr(condition, name) for name in ("least_days", "most_days_left")}
        lists = {"kinds": list(condition.kinds), "clocks": list(condition.clocks)}
        return {"wait": {**lists, **wait, "has_standing": condition.standing is not None}}
    if isinstance(condition, WaitsInBacklogs):
        return {"backlogs": {"kinds": list(condition.kinds), "at_least": condition.at_least}}
    if isinstance(condition, Aged):
        return {"age": {"at_least": condition.at_least, "under": condition.under}}
    return {"districts": list(condition.districts)} if isinstance(condition, LivesIn) else {}


def items_of(cohort: Cohort) -> frozenset[str]:
    """Return every item that whoever knows that somebody meets the conditions knows something of."""
    return frozenset(item for condition in cohort.conditions for item in _items(condition))


def _items(condition: Condition) -> frozenset[str]:
    if isinstance(condition, WaitsFor | WaitsInBacklogs):
        return _waits(condition.kinds)
    if isinstance(condition, StaysIn):
        return frozenset(waits_item(STAYS[kind]) for kind in condition.kinds)
    if isinstance(condition, LivesIn):
        return frozenset({"district"})
    return frozenset({"identity" if isinstance(condition, Aged) else "involvements"})


def _waits(kinds: tuple[str, ...]) -> frozenset[str]:
    return frozenset(waits_item(WAIT_KINDS[kind].backlog) for kind in kinds)
