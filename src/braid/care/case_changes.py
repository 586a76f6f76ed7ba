"""What becomes of whom a case is about: taken out, parted into a case of their own, or brought into another case.

None of it widens what anybody sees unasked. A case that is parted begins with its lead alone, and one that is merged
leaves its members where they were: others come in by an offer. What was written stays in the case it was written in.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from braid.care.cases import MACHINE, Case, check_edits, check_leads
from braid.care.model import Acting
from braid.language.steps import NotPossible


@dataclass(frozen=True)
class Subject:
    """Whom a case is about. `key` names the row; somebody apart has a name in it and no record."""

    key: str
    apart: bool = False


IN_ERROR = "in_error"
TAKEN_OUT: Mapping[str, str] = {
    IN_ERROR: "They were added by mistake",
    "no_longer": "The case is not about them any more",
}
"""Why somebody is taken out of whom a case is about."""


def check_take_out(by: Acting, case: Case, subjects: Collection[Subject], key: str) -> None:
    """Raise `NotPossible` unless somebody may be taken out: a case is about one person at the least."""
    check_edits(by, case)
    if key not in {one.key for one in subjects}:
        raise NotPossible("The case is not about them. Look at it again")
    if not any(not one.apart for one in subjects if one.key != key):
        raise NotPossible("Nobody would be left. Add whom the case is about first, or close it")


def check_split(by: Acting, case: Case, subjects: Collection[Subject], parted: Collection[str]) -> None:
    """Raise `NotPossible` unless the lead may part these from the case: somebody stays, and somebody goes."""
    check_leads(by, case)
    check_edits(by, case)
    chosen = [one for one in subjects if one.key in set(parted)]
    if len(chosen) != len(set(parted)) or not any(not one.apart for one in chosen):
        raise NotPossible("Choose at least one person of the case to be parted from it")
    if not any(not one.apart for one in subjects if one.key not in set(parted)):
        raise NotPossible("Leave at least one person in the case, or close it")


@dataclass(frozen=True)
class Unsettled:
    """What of a case is still to do: open actions and offers, and agendas on which it waits for a decision."""

    actions: int = 0
    offers: int = 0
    agendas: int = 0


def merge(by: Acting, case: Case, into: Case, of_one_kind: bool, unsettled: Unsettled) -> Case:
    """Return the case as merged into another. Raises `NotPossible`.

    One human leads both: whoever led the other has handed it over, and so agreed. Whatever is still to do is settled
    first, since nobody would look for it in a case that is over.
    """
    check_leads(by, case)
    lead = into.member(by.username)
    if lead is None or not lead.is_lead:
        raise NotPossible("You lead one of the two. Ask the lead of the other to hand it over to your team first")
    if into.state != "open" or not of_one_kind:
        raise NotPossible("A case is merged into an open one of its kind, and of the same purpose")
    if unsettled.actions:
        raise NotPossible(
            f"{unsettled.actions} of its actions are open. Mark each as done, or cancel it and make it there"
        )
    if unsettled.offers:
        raise NotPossible("An offer of it waits for an answer. Withdraw it first")
    if unsettled.agendas:
        raise NotPossible("It waits on an agenda. Take it off, or wait for the decision")
    return Case(MACHINE.after(case.state, "merge"), case.members)
