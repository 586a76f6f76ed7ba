"""What of a case is still to do. A case that is over has nothing to do, since nobody would look for it there."""

from __future__ import annotations

from dataclasses import dataclass

from braid.language.steps import NotPossible


@dataclass(frozen=True)
class Unsettled:
    """How many of each: open actions, offers that wait, agendas on which it waits, notices of the law that are not
    sent, and plans that wait for an approval.
    """

    actions: int = 0
    offers: int = 0
    agendas: int = 0
    notices: int = 0
    plans: int = 0


def check_settled(left: Unsettled) -> None:
    """Raise `NotPossible` while anything is to do, with what settles it."""
    if left.actions:
        raise NotPossible(f"{left.actions} of its actions are open. Mark each as done, or cancel it with a reason")
    if left.offers:
        raise NotPossible("An offer of it waits for an answer. Withdraw it first")
    if left.agendas:
        raise NotPossible("It waits on an agenda. Ask the chair to take it off, or wait for the decision")
    if left.notices:
        raise NotPossible(f"{left.notices} notices of a move are not sent. Send each, or say why it is not sent")
    if left.plans:
        raise NotPossible("Its joint plan waits for an approval. Take it back or end it first")
