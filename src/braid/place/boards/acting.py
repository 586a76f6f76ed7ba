"""Who acts on a board: by the seats that somebody holds today, and what each lets them do."""

from __future__ import annotations

from dataclasses import dataclass

from braid.language.steps import NotPossible
from braid.place.boards.terms import COMMISSIONER, Member


@dataclass(frozen=True)
class Acting:
    """A named human on one board: the members they stand for today, and whether their role commissions.

    `chairs` says that one of their seats was given with the chair.
    """

    username: str
    members: frozenset[Member]
    chairs: bool
    commissions: bool

    @property
    def sits(self) -> bool:
        """Whether they hold any seat on the board, its commissioner's among them."""
        return bool(self.members)

    @property
    def prepares(self) -> bool:
        """Whether they are the commissioner of this board."""
        return self.commissions and any(one.seat == COMMISSIONER for one in self.members)

    def speaks_for(self, body: str) -> bool:
        """Whether they hold a seat of a body on this board."""
        return any(one.body == body and one.seat != COMMISSIONER for one in self.members)


def check_prepares(acting: Acting) -> None:
    """Raise `NotPossible` unless the commissioner of this board acts."""
    if not acting.prepares:
        raise NotPossible("The commissioner of this board does that. Ask whoever accounts for access for that seat")


def check_chairs(acting: Acting) -> None:
    """Raise `NotPossible` unless whoever holds the chair of this board acts."""
    if not acting.chairs:
        raise NotPossible("Whoever holds the chair of this board does that")


def check_steers(acting: Acting) -> None:
    """Raise `NotPossible` unless chair or commissioner act."""
    if not (acting.chairs or acting.prepares):
        raise NotPossible("The chair or the commissioner of this board does that")


def check_reports(acting: Acting, body: str) -> None:
    """Raise `NotPossible` unless the body that owns an action, or the commissioner, reports on it."""
    if not (acting.prepares or acting.speaks_for(body)):
        raise NotPossible("The body that owns the action reports on it, or the commissioner of this board")
