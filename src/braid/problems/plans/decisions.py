"""What people decided on earlier plans of placements, as the next plan takes it: nothing else is learned from them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from braid.planning.placements.model import Household

SAME_SHARE = 0.5
"""A decision follows a household as long as half of all who were or are in it are in both: a birth does not end it."""


@dataclass(frozen=True)
class Decided:
    """That a unit was accepted, or refused, for the household of these people (person ids)."""

    people: frozenset[str]
    unit: str
    is_accepted: bool


def share_in_common(one: Collection[str], other: Collection[str]) -> float:
    """Return the people of both households as a share of the people of either."""
    ones, others = set(one), set(other)
    return len(ones & others) / max(1, len(ones | others))


def find_household(people: Collection[str], households: Mapping[str, Collection[str]]) -> str | None:
    """Return which household people are today: the one with the most of them in common, `None` below `SAME_SHARE`."""
    shares = {name: share_in_common(people, members) for name, members in households.items()}
    best = max(sorted(shares), key=lambda name: shares[name], default=None)
    return best if best is not None and shares[best] >= SAME_SHARE else None


def apply_decisions(
    households: Iterable[Household],
    people: Mapping[str, Collection[str]],
    decided: Collection[Decided],
    units: Collection[str],
) -> tuple[list[Household], int]:
    """Return the households with what was decided for them, and how many decisions name a unit that is gone.

    `decided` is in the order of time: of two that contradict each other the later one holds. A unit that was accepted
    for one household is accepted for no other.
    """
    kept = list(households)
    named = {each.id: people[each.id] for each in kept if each.id in people}
    accepted: dict[str, str] = {}
    refused: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for each in decided:
        household = find_household(each.people, named)
        if household is None or each.unit not in units:
            continue
        if not each.is_accepted:
            refused[household][each.unit] = None
            accepted = {name: unit for name, unit in accepted.items() if (name, unit) != (household, each.unit)}
        elif each.unit not in accepted.values():
            accepted[household] = each.unit
            refused[household].pop(each.unit, None)
    gone = sum(each.unit not in units for each in decided)
    return [_with_decisions(each, accepted.get(each.id), refused[each.id]) for each in kept], gone


def _with_decisions(household: Household, accepted: str | None, refused: Collection[str]) -> Household:
    return replace(household, accepted_unit=accepted, refused_units=tuple(each for each in refused if each != accepted))
