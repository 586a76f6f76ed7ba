"""Links without an account: a code that opens one thing for a while to whoever holds it, and what ends that.

A code is typed, never followed: it stands in no address, so that no log, history or referrer keeps it. It has 25
letters and digits (125 bits) of an alphabet without look-alikes (Crockford's base 32), and its SHA-256 alone is kept.
Whoever types one that is unknown, used, expired, revoked or closed gets the same answer for each.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace

from braid.care.cases import Case, check_edits, check_leads
from braid.care.model import Acting
from braid.care.plans import check_nobody_apart
from braid.language.steps import Machine, NotPossible, State, Step

MACHINE = Machine(
    "Link without an account",
    "open",
    {
        "open": State("Works", said="open"),
        "used": State("Used", ends=True),
        "revoked": State("Revoked", ends=True),
        "expired": State("Expired", ends=True),
        "closed": State("Closed with what it rested on", ends=True),
    },
    {
        "use": Step("Answer by it", ("open",), "used", "whoever holds the code, once"),
        "revoke": Step("Revoke", ("open",), "revoked", "whoever made it, or the lead"),
        "expire": Step("Expire", ("open",), "expired", "the clock"),
        "close": Step("Close", ("open",), "closed", "whatever it rested on"),
    },
)
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
GROUPS, GROUP_LENGTH = 5, 5
_READ_AS = str.maketrans("OIL", "011")
REPLY_LASTS = dt.timedelta(days=7)
LONGEST_VIEW_DAYS = 28
MOST_MISSES = 10
MISS_WINDOW = dt.timedelta(minutes=15)
MOST_SAID = 20
"""Times that words are kept by one link: enough for whoever reads their plan, too few to fill a page of the case."""
LONGEST_SAID = 2000
LONGEST_FITS = 500
ADULT_AGE = 18
AIMS: Mapping[str, str] = {
    "agree": "To say whether they agree, before it is approved",
    "follow": "To follow what is done, by whom and by when",
    "review": "To say how it went, before a review",
}
"""For what somebody is given the view of their own plan."""
HAND_OVERS: Mapping[str, str] = {
    "in_person": "I read it out, or hand it over, to them alone",
    "safe_contact": "By the safe contact that they gave and a second person confirmed",
}
"""How a code reaches the person. It is sent by no other way, and Braid sends it by none."""
STANCES: Mapping[str, str] = {
    "agree": "I agree with this plan",
    "disagree": "I do not agree with this plan",
    "say": "I want to say something about it",
}
"""What the person says about their plan."""


@dataclass(frozen=True)
class Link:
    """A link as rules know it. `single_use` is of a reply; a view of one's own works until it ends.

    `holds` says that all it rests on still stands: the referral waits, or the case is open and led by whoever made it.
    """

    expires_at: dt.datetime
    single_use: bool
    used: bool = False
    revoked: bool = False
    holds: bool = True


def new_code() -> str:
    """Return a new code, in groups, drawn at random."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(GROUP_LENGTH)) for _ in range(GROUPS))


def digest_of(typed: str) -> str:
    """Return the SHA-256, in hex, of a code as somebody typed it: any case, spaces and dashes, O for 0, I and L for 1.

    What cannot be a code has a digest too, which no link has: it is looked for like any other.
    """
    plain = "".join(letter for letter in typed.upper() if letter.isalnum()).translate(_READ_AS)
    return hashlib.sha256(b"braid link " + plain.encode("utf-8", "replace")).hexdigest()


def state_of(link: Link, now: dt.datetime) -> str:
    """Return where a link stands at `now`, a state of `MACHINE`. At its last instant it has expired."""
    if link.revoked:
        return "revoked"
    if link.used and link.single_use:
        return "used"
    if now >= link.expires_at:
        return "expired"
    return "open" if link.holds else "closed"


def use(link: Link, now: dt.datetime) -> Link:
    """Return the link after it was used. Raises `NotPossible`, in the same words whatever is in the way."""
    if state_of(link, now) != "open":
        raise NotPossible("This code does not open anything. Check it, or ask whoever gave it to you for a new one")
    return replace(link, used=True)


def revoke(link: Link, now: dt.datetime) -> Link:
    """Return the link revoked. Raises `NotPossible` for one that works no more."""
    MACHINE.after(state_of(link, now), "revoke")
    return replace(link, revoked=True)


def is_locked(misses: int) -> bool:
    """Whether somebody has typed so many wrong codes within `MISS_WINDOW` that no code is looked at for them."""
    return misses >= MOST_MISSES


def reply_expires_at(due_at: dt.datetime, now: dt.datetime) -> dt.datetime:
    """Return until when a link for a reply works: the due time of the referral, if that comes within seven days, else
    seven days. What is overdue can be answered still, so that it does not stay without one."""
    return due_at if now < due_at <= now + REPLY_LASTS else now + REPLY_LASTS


def check_reply_link(by: Acting, sent_by: str, sent_from: str, state: str, teams_of_sender: frozenset[str]) -> None:
    """Raise `NotPossible` unless `by` sent the referral or leads a team of the sender, and nobody answered it."""
    is_lead = by.organisation == sent_from and bool(by.leads & teams_of_sender)
    if by.username != sent_by and not is_lead:
        raise NotPossible("Only whoever sent it, or the lead of their team, makes a link for it. Ask one of them")
    if by.organisation != sent_from:
        raise NotPossible("It was sent for another organisation than yours now. Ask the lead of the team there")
    if state != "pending":
        raise NotPossible("It does not wait for an answer any more. Look at the referral for where it stands")


@dataclass(frozen=True)
class ViewWanted:
    """A view of somebody's own plan as the lead asks for it; of a child's, `fits` says why it fits their age."""

    aim: str
    hand_over: str
    days: int
    fits: str = ""


def check_own_view(
    by: Acting, case: Case, wanted: ViewWanted, age: int | None, has_safe_contact: bool, names_apart: tuple[str, ...]
) -> None:
    """Raise `NotPossible` unless the lead may make a view of their own plan for somebody the case is about.

    `age` is in years, `None` where it is not known: then it is treated as a child's. `has_safe_contact` says whether
    one that a second person confirmed is in force as far as `by` may see.
    """
    check_leads(by, case)
    check_edits(by, case)
    if wanted.aim not in AIMS:
        raise NotPossible("Say for what they are given it")
    if not 1 <= wanted.days <= LONGEST_VIEW_DAYS:
        raise NotPossible(f"Say for how many days it works: from 1 to {LONGEST_VIEW_DAYS}")
    if wanted.hand_over not in HAND_OVERS:
        raise NotPossible("Say how you hand it over")
    if wanted.hand_over == "safe_contact" and not has_safe_contact:
        raise NotPossible("You can see no safe contact of theirs that is confirmed. Read the code out to them alone")
    if (age is None or age < ADULT_AGE) and not wanted.fits.strip():
        raise NotPossible(
            "They are a child, or their age is not known. Say why it fits their age and understanding, or talk it"
            " through with them instead"
        )
    if len(wanted.fits) > LONGEST_FITS:
        raise NotPossible(f"Say in {LONGEST_FITS} characters why it fits")
    check_nobody_apart(wanted.fits, names_apart)


def check_said(stance: str, words: str, said: int) -> None:
    """Raise `NotPossible` for what a person says about their plan that cannot be kept. `said` counts what was kept."""
    if stance not in STANCES:
        raise NotPossible("Choose whether you agree, or want to say something")
    if stance == "say" and not words.strip():
        raise NotPossible("Write what you want to say")
    if len(words) > LONGEST_SAID:
        raise NotPossible(f"Shorten it to {LONGEST_SAID} characters")
    if said >= MOST_SAID:
        raise NotPossible("You have written here many times. Speak with whoever gave you the code")
