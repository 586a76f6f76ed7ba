"""What may be answered to a proposal of a court list, and why: listing is a judicial function, a list only proposes."""

from __future__ import annotations

from braid.language.steps import NotPossible
from braid.problems.plans.answers import LONGEST_WORDS

JUDGE, ATTENDANCE, NOT_READY, OTHER = "judge", "attendance", "not_ready", "other"
VETO_REASONS = {
    JUDGE: "The judge does not hear this case",
    ATTENDANCE: "Somebody who must attend cannot",
    NOT_READY: "It will not be ready before a day",
    OTHER: "Another reason, in the words below",
}
MOVE_REASONS = {
    JUDGE: "The judge asked for it",
    ATTENDANCE: "It suits those who must attend",
    "child": "It suits the child",
    OTHER: "Another reason, in the words below",
}
NO_SAFETY = "Write nothing of anybody's safety, of where they live, or of the evidence: the case file is for that"


def check_veto(reason: str, words: str, has_day: bool) -> None:
    """Raise `NotPossible` unless a hearing is refused with a reason, and with a day where readiness is the reason."""
    _check_reason(reason, VETO_REASONS, words)
    if reason == NOT_READY and not has_day:
        raise NotPossible("Say from which day on it can be heard")
    if reason == JUDGE and has_day:
        raise NotPossible("Leave the day empty where another judge is wanted, or choose another reason")


def check_move(reason: str, words: str) -> None:
    """Raise `NotPossible` unless a hearing is moved with a reason."""
    _check_reason(reason, MOVE_REASONS, words)


def _check_reason(reason: str, reasons: dict[str, str], words: str) -> None:
    if reason not in reasons:
        raise NotPossible("Say why: choose a reason from the list")
    if reason == OTHER and not words.strip():
        raise NotPossible("Say in words what the other reason is")
    if len(words) > LONGEST_WORDS:
        raise NotPossible(f"Shorten the words to {LONGEST_WORDS} characters")
