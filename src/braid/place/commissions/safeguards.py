"""Safeguards of payment by outcome, each with its reason. Figures are ours: no guidance that we know of names them.

A provider that is paid for success alone takes whoever succeeds anyway (creaming) and leaves whoever is hard to help
(parking). The National Audit Office found both risks in payment by results (Outcome-based payment schemes, 2015).
"""

from __future__ import annotations

WHOLE = 10_000
"""Hundredths of a per cent in a whole."""
ATTACHMENT_FLOOR = 2_000
"""Of what one person may earn a provider, at least so much is paid once the service has begun."""
LEAST_SAMPLE_PERCENT = 10
"""Of confirmed scores, at least so many in a hundred are verified by somebody who neither said nor confirmed them."""
HELD_FROM, HELD_OVER_PERCENT = 2, 10
"""A lot's outcomes are paid no further while so many verified scores did not hold, more than so many in a hundred."""
STEP, LEAST_UNITS, LEAST_PEOPLE = 5, 10, 8
"""Money tells how many: pence by the price of one is an exact count. So what is paid for is a multiple of five, ten at
least, and of eight people at least: no more than a published count tells. The rest waits for the next payment, and for
the settlement at the end."""


def payable_units(units: int, people: int) -> int:
    """Return for how many of so many units, of so many people, may be paid before the end."""
    if units < LEAST_UNITS or people < LEAST_PEOPLE:
        return 0
    return STEP * (units // STEP)


def is_held(verified: int, overturned: int) -> bool:
    """Whether so many scores that did not hold stop further payment for a lot's outcomes."""
    return overturned >= HELD_FROM and 100 * overturned > HELD_OVER_PERCENT * (verified + overturned)


REASONS = {
    "caps": "No lot, no part of its price and not the whole may cost more than was agreed: a rush of referrals spends"
    " nobody else's money.",
    "confirmed": "An outcome is paid on the score that the referrer confirmed: nobody marks their own work for money.",
    "sample": "Some confirmed scores are drawn by chance and verified by a third human; those wait until then.",
    "eligible": "Nothing is paid for somebody who was never eligible, by the run or by the referrer's word.",
    "floor": "A part is paid once the service has begun, whatever comes of it: hard cases are worth taking.",
    "shown": "Refusals and drop-outs by need stand beside the scores, so that whom a provider leaves out is seen.",
    "dispute": "A score that is questioned may be disputed; a third human decides, and until then it is not paid.",
    "clawback": "A score that does not hold when verified is taken back from what is paid next.",
    "exact": "Every payment is units by price in whole pence, and the sum of what was posted.",
    "steps": "Units are paid in steps of five, ten at least, so that no sum tells of a few people.",
}
"""Why each safeguard is there, as pages say it."""
