"""What may be answered to a proposal of a plan, and why: people decide, and the next plan takes it as they said it."""

from __future__ import annotations

from braid.language.steps import NotPossible

ACCEPTED, REFUSED = "accepted", "refused"
LONGEST_WORDS = 500
REASONS = {
    "household_declined": "The household declined it",
    "not_suitable": "It does not suit this household",
    "school": "A child's schooling speaks against it",
    "support": "Support, health or work of the household speaks against it",
    "unit_not_ready": "The unit cannot be let",
    "better_elsewhere": "Another unit suits better",
    "other": "Another reason, in the words below",
}
"""Why a proposal is refused or another unit chosen. Nobody's safety is a reason here: many read it."""
NO_SAFETY = (
    "Write nothing of anybody's safety or of who must not meet whom: a joint case and the team that protects them are"
    " for that, and what they know keeps a household out of this plan"
)


def check_answer(answer: str, is_proposed: bool, reason: str, words: str) -> None:
    """Raise `NotPossible` unless the answer is one, with a reason wherever it is not the plan's own proposal."""
    if answer not in (ACCEPTED, REFUSED):
        raise NotPossible("Accept it, choose another unit, or refuse it")
    is_plain = answer == ACCEPTED and is_proposed
    if not is_plain and reason not in REASONS:
        raise NotPossible("Say why: choose a reason from the list")
    if is_plain and reason:
        raise NotPossible("An acceptance needs no reason. Leave it empty, or choose another unit")
    if reason == "other" and not words.strip():
        raise NotPossible("Say in words what the other reason is")
    if len(words) > LONGEST_WORDS:
        raise NotPossible(f"Shorten the words to {LONGEST_WORDS} characters")


def check_decides(organisation: str, mine: str) -> None:
    """Raise `NotPossible` unless the proposal is of the organisation that answers: who owes the duty decides."""
    if organisation != mine:
        raise NotPossible("Another council owes this household its duty, and decides on the proposal")
