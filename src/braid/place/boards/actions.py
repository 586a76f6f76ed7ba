"""Actions of a board: one body, one day, chased until somebody else than who reported it done has confirmed it."""

from __future__ import annotations

import datetime as dt

from braid.language.steps import Machine, NotPossible, State, Step

MACHINE = Machine(
    "Action of a board",
    "open",
    {
        "open": State("Open"),
        "reported": State("Reported done", said="reported done, and to be confirmed"),
        "closed": State("Closed", ends=True),
        "dropped": State("Dropped", ends=True),
    },
    {
        "move": Step("Move its day", ("open",), "open", "the chair"),
        "report": Step("Report it done", ("open",), "reported", "the body that owns it, or the commissioner"),
        "send_back": Step("Send it back", ("reported",), "open", "the chair or the commissioner"),
        "confirm": Step("Confirm and close it", ("reported",), "closed", "the chair or the commissioner"),
        "drop": Step("Drop it", ("open", "reported"), "dropped", "the chair"),
    },
)
OPEN = frozenset({"open", "reported"})
LONGEST_AHEAD = dt.timedelta(days=3 * 366)


def is_overdue(state: str, due_date: dt.date, today: dt.date) -> bool:
    """Whether an action that nobody reported done was due before today. Silence shows by the clock alone."""
    return state == "open" and due_date < today


def check_due(due_date: dt.date, today: dt.date) -> None:
    """Raise `NotPossible` for a day that is past, or further off than anybody plans."""
    if not today <= due_date <= today + LONGEST_AHEAD:
        raise NotPossible("Choose a day from today on, within three years")


def check_words_of_step(step: str, words: str) -> None:
    """Raise `NotPossible` where a step is taken without a word: what was done, or why."""
    if not words.strip():
        asked = "what was done" if step in ("report", "confirm") else "why"
        raise NotPossible(f"Enter {asked}")


def check_confirm(username: str, reported_by: str) -> None:
    """Raise `NotPossible` where whoever reported an action done would confirm it too."""
    if username == reported_by:
        raise NotPossible("You reported it done yourself. Somebody else of the board confirms it")
