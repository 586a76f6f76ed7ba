"""What a pack is about: which board, for which meeting, as of which day, and whether for its members alone.

A public pack leaves confidential items out entirely, also from counts and from what is superseded: it is made by
somebody who sees them, so that every question here says which rows it takes instead of leaving it to the policies.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from braid.language.dates import london_date
from braid.place.boards.terms import Board
from braid.place.packs import PackFigure
from braid.store.exports import PackSection
from braid.web.models import BoardDecision, BoardMeeting, BoardPriority

Inputs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class PackPart:
    """Sections of a pack with their figures, and the digest of each thing that they were made of."""

    sections: tuple[PackSection, ...] = ()
    figures: tuple[PackFigure, ...] = ()
    inputs: Inputs = ()


@dataclass(frozen=True)
class Scope:
    """What a pack is made for. `moment` is when it is made: nothing that came after it stands in the pack."""

    board: Board
    meeting: BoardMeeting | None
    moment: dt.datetime
    is_confidential: bool
    is_past: bool
    """Made as of a day that is over: figures of which only today's is known are left out."""
    decisions: tuple[BoardDecision, ...]
    priorities: tuple[BoardPriority, ...]

    @property
    def day(self) -> dt.date:
        """The day of the pack, in the United Kingdom."""
        return london_date(self.moment)

    @property
    def statements(self) -> tuple[str, ...]:
        """Problem statements of the priorities, then those of the remit."""
        of_priorities = (one for row in self.priorities for one in row.statements)
        return tuple(dict.fromkeys((*of_priorities, *self.board.statements)))

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Outcomes that a priority names."""
        return tuple(dict.fromkeys(one for row in self.priorities for one in row.outcomes))

    def open(self, field: str = "confidential") -> dict[str, bool]:
        """Return the condition on rows that have a field of that name: none where confidential rows may stand in it."""
        return {} if self.is_confidential else {field: False}


def open_scope(
    board: Board, meeting: BoardMeeting | None, moment: dt.datetime, is_confidential: bool, is_past: bool = False
) -> Scope:
    """Return the scope of a pack with the decisions and priorities that stand in it."""
    empty = Scope(board, meeting, moment, is_confidential, is_past, (), ())
    return Scope(board, meeting, moment, is_confidential, is_past, tuple(_decisions(empty)), tuple(_priorities(empty)))


def _decisions(scope: Scope) -> list[BoardDecision]:
    """Return the decisions that stand, newest first."""
    rows = BoardDecision.objects.filter(board_id=scope.board.id, carried=True, decided_at__lte=scope.moment)
    found = rows.filter(**scope.open()).select_related("superseded_by", "item__meeting").order_by("-decided_at", "pk")
    return [row for row in found if not _ended(scope, getattr(row, "superseded_by", None))]


def _ended(scope: Scope, later: BoardDecision | None) -> bool:
    """Whether a later decision that this pack may tell of took the place of one."""
    if later is None or later.decided_at > scope.moment:
        return False
    return scope.is_confidential or not later.confidential


def _priorities(scope: Scope) -> list[BoardPriority]:
    """Return the priorities that stand, in their order."""
    rows = BoardPriority.objects.filter(board_id=scope.board.id, written_at__lte=scope.moment)
    found = rows.filter(**scope.open("decision__confidential")).select_related(
        "decision", "replaced_by__decision", "ended_by__decision"
    )
    kept = found.order_by("position", "written_at", "pk")
    return [row for row in kept if not any(_ended(scope, one) for one in _endings(row))]


def _endings(row: BoardPriority) -> list[BoardDecision]:
    return [getattr(row, name).decision for name in ("replaced_by", "ended_by") if hasattr(row, name)]


MakePart = Callable[[Scope], PackPart]
"""Makes one part of a pack."""
