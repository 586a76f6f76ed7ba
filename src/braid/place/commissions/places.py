"""Whether a lot may take somebody on: its ground, and how many it serves at once.

A team that serves a lot, for its service and in its window, has no other referrals for it: whom the lot cannot take is
refused, with the rule and what to do, and never quietly served outside the commission.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from braid.place.bodies import Body
from braid.place.commissions.eligibility import Judged
from braid.place.commissions.terms import Lot, Terms

TAKES_A_PLACE = ("referred", "assessed", "submitted", "under_way")
"""States of a service in which somebody has a place, unless their referral was refused or taken back."""
FREES_A_PLACE = ("refused", "revoked")
"""States of a referral in which its service never had, or no longer has, a place."""
FULL = (
    "{lot} of {commission} serves {capacity} at once, and every place is taken. Refer again once a place is free, refer"
    " to another team, or ask a commissioner of {lead} to vary how many it serves"
)
ELSEWHERE = (
    "{lot} of {commission} serves people who live in {ground}, and by the records they live elsewhere. Refer to another"
    " team, or have the partner correct the record that says where they live"
)


@dataclass(frozen=True)
class LotGround:
    """The districts that a lot serves: `whole` ones, and those of which it serves some small areas, by code."""

    whole: frozenset[str]
    partly: frozenset[str]
    is_everywhere: bool
    """Whether it serves each district of the place whole: then nobody need ask where somebody lives."""


def ground_of_lot(
    lot: Lot, terms: Terms, bodies: Mapping[str, Body], areas: Mapping[str, frozenset[str]], districts: Collection[str]
) -> LotGround:
    """Return the ground of a lot: its bodies' and its districts, or that of all who commission where it names none.

    `areas` are the small areas of each district, none where the place has no such file; `districts` all of its codes.
    """
    named = lot.bodies if lot.bodies or lot.districts else terms.bodies
    served = [bodies[one] for one in named if one in bodies]
    whole = frozenset(lot.districts).union(*(one.districts for one in served))
    own = frozenset[str]().union(*(one.areas for one in served))
    whole |= {code for code, of in areas.items() if of and of <= own}
    partly = frozenset(code for code, of in areas.items() if of & own) - whole
    return LotGround(whole, partly, frozenset(districts) <= whole)


def judge_ground(ground: LotGround, district: str | None, names: Mapping[str, str]) -> Judged:
    """Return whether somebody lives on the ground of a lot, as far as their district tells.

    `district` is empty or `None` where it is not known, or not for whoever asks to see: then it cannot be told, and a
    district of which the lot serves a part cannot either.
    """
    words = f"live in {ground_words(ground, names)}"
    if ground.is_everywhere:
        return Judged(words, True)
    if not district or district in ground.partly:
        return Judged(words, None)
    return Judged(words, district in ground.whole)


def ground_words(ground: LotGround, names: Mapping[str, str]) -> str:
    """Return the ground of a lot in words."""
    if ground.is_everywhere:
        return "any district of the place"
    whole = sorted(names.get(code, code) for code in ground.whole)
    parts = [f"a part of {name}" for name in sorted(names.get(code, code) for code in ground.partly)]
    return ", or ".join([*whole, *parts]) or "no district of the place"


def say_full(lot: Lot, terms: Terms, bodies: Mapping[str, str]) -> str:
    """Return why nobody is referred to a lot whose places are all taken, and what to do."""
    lead = bodies.get(terms.lead, terms.lead)
    return FULL.format(lot=lot.name, commission=terms.title, capacity=lot.capacity, lead=lead)


def say_elsewhere(lot: Lot, terms: Terms, ground: LotGround, names: Mapping[str, str]) -> str:
    """Return why somebody who lives elsewhere is not referred to a lot, and what to do."""
    return ELSEWHERE.format(lot=lot.name, commission=terms.title, ground=ground_words(ground, names))
