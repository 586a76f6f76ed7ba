"""Changes to the safety overlay: one person may narrow, two are needed to widen, and nothing lapses by itself.

Adding an entry, or letting it ask later, is done by one person at once. Removing it or letting it ask earlier is
proposed by one and approved by another. The states are data, so that they can be read, drawn and tested whole.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from braid.language.steps import NotPossible


class Change(StrEnum):
    """What is proposed for an entry."""

    REMOVE = "remove"
    SHORTEN = "shorten"


class State(StrEnum):
    """Where a proposal stands."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Step(StrEnum):
    """What somebody does with a proposal."""

    APPROVE = "approve"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"


TRANSITIONS: dict[tuple[State, Step], State] = {
    (State.PROPOSED, Step.APPROVE): State.APPROVED,
    (State.PROPOSED, Step.REFUSE): State.REFUSED,
    (State.PROPOSED, Step.WITHDRAW): State.WITHDRAWN,
}
"""Every step there is; what was decided stays decided."""
BY_ANOTHER = frozenset({Step.APPROVE, Step.REFUSE})
"""Steps that the proposer may not take; every other step is the proposer's alone."""


def check_step(state: State, step: Step, proposed_by: str, by: str, barred_user: str = "") -> State:
    """Return the state after `step` by `by`; raise `NotPossible` where a rule forbids it.

    `barred_user` is whom the entry bars: nobody decides on what keeps themselves away.
    """
    if not by or by == barred_user:
        raise NotPossible("You may not decide on an entry that bars you. Ask another information governance lead")
    if (state, step) not in TRANSITIONS:
        raise NotPossible("This proposal is decided already. Propose again if the entry is still there")
    if step in BY_ANOTHER and by == proposed_by:
        raise NotPossible("Whoever proposed a change may not decide on it. Ask another information governance lead")
    if step not in BY_ANOTHER and by != proposed_by:
        raise NotPossible("Only whoever proposed a change may withdraw it. Refuse it instead")
    return TRANSITIONS[state, step]


def check_proposer(by: str, barred_user: str = "") -> None:
    """Raise `NotPossible` where `by` may not propose to lift or shorten the entry: it bars them, or they are nobody."""
    if not by or by == barred_user:
        raise NotPossible("You may not decide on an entry that bars you. Ask another information governance lead")


def is_shortening(old: dt.datetime | None, new: dt.datetime | None) -> bool:
    """Whether an entry that asks at `new` asks earlier than one that asks at `old`; `None` never asks."""
    return new is not None and (old is None or new < old)


def asks(until: dt.datetime | None, now: dt.datetime) -> bool:
    """Whether an entry asks to be decided on at `now`. It goes on until somebody decides, however long that takes."""
    return until is not None and until <= now
