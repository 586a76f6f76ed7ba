"""Who makes, signs and moves a commission. Terms hold once every body that commissions has signed those very terms."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from braid.language.steps import NotPossible
from braid.place.commissions.states import COMMISSION
from braid.place.commissions.terms import Terms
from braid.trust.roles import ROLES

CAN_VARY = ("agreed", "open", "closed")
SIGNING_ROLES = ("board_member", "commissioner")


@dataclass(frozen=True)
class Signer:
    """A human who works for a body, with their role: the organisation of an account is the id of a body."""

    username: str
    role: str
    body: str


def check_makes(by: Signer, terms: Terms) -> None:
    """Raise `NotPossible` unless `by` may draw up such terms: a commissioner of one of the bodies."""
    if not ROLES[by.role].commissions:
        raise NotPossible("Only a commissioner draws up terms. Ask one of your body")
    if by.body not in terms.bodies:
        raise NotPossible("Your body is none of those that commission. Add it, or leave it to them")


def check_varies(by: Signer, state: str, old: Terms, new: Terms, spent_pence: int) -> None:
    """Raise `NotPossible` where terms may not be varied so: what was agreed and paid stays under what it was paid."""
    check_makes(by, old)
    if state not in CAN_VARY:
        raise NotPossible("Only what was agreed and has not ended is varied. A draft is written anew")
    if new == old:
        raise NotPossible("Nothing is different. Change something, or leave it")
    if new.statement != old.statement or set(new.bodies) != set(old.bodies):
        raise NotPossible("Another problem or other bodies are another commission. Draw that up apart")
    if new.value_pence < spent_pence:
        raise NotPossible("The value would be less than was paid already. Leave at least so much")
    if {lot.id for lot in old.lots} - {lot.id for lot in new.lots}:
        raise NotPossible("A lot would be gone that people are served by. Close its window instead")


def check_sign(by: Signer, terms: Terms, signed: Collection[str]) -> None:
    """Raise `NotPossible` unless `by` may sign for their body, which has not signed yet."""
    if by.role not in SIGNING_ROLES:
        raise NotPossible("A board member or a commissioner signs for a body. Ask one of yours")
    if by.body not in terms.bodies:
        raise NotPossible("Your body is none of those that commission, and has nothing to sign")
    if by.body in signed:
        raise NotPossible("Your body has signed these terms already")


def is_agreed(terms: Terms, signed: Collection[str]) -> bool:
    """Whether every body that commissions has signed."""
    return set(terms.bodies) <= set(signed)


def in_force(signed: Mapping[int, Collection[str]], terms: Mapping[int, Terms]) -> int:
    """Return the number of the terms that hold: the highest that every body has signed; 0 where there are none yet."""
    return max((number for number, one in terms.items() if is_agreed(one, signed.get(number, ()))), default=0)


def move(by: Signer, terms: Terms, state: str, step: str) -> str:
    """Return the state of a commission after a step of the lead body's commissioner. Raises `NotPossible`."""
    if step == "agree":
        raise NotPossible("A commission is agreed by its bodies' signatures, and in no other way")
    if not ROLES[by.role].commissions or by.body != terms.lead:
        raise NotPossible("A commissioner of the lead body does that. Ask one of them")
    return COMMISSION.after(state, step)
