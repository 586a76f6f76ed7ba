"""A document of a joint case: what it is, who may read it, for how long it is kept, and how it ends.

A document is a copy of something that somebody else wrote, given to a case. Who reads it is said organisation by
organisation and seat by seat, by the organisation that gave it; nobody comes to read it because cases are merged or
parted. Braid is not where a record is archived: each copy has a day on which it goes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from braid.care.case_types import CaseType
from braid.care.cases import Case, Member, Right, check_edits
from braid.care.cases import Sight as SightOfCase
from braid.care.model import Acting
from braid.care.response import has_sides, sees_apart, sees_response
from braid.language.steps import Machine, NotPossible, State, Step

LONGEST_TITLE = 100
LONGEST_GIVER = 100
MOST_VERSIONS = 99

KINDS: Mapping[str, str] = {
    "assessment": "Assessment",
    "report": "Report",
    "letter": "Letter",
    "court_order": "Order of a court",
    "form": "Form",
    "plan": "Plan of a service",
    "picture": "Picture",
    "other": "Other",
}
"""What a document is."""
HARMED, APART = "harmed", "apart"
SIDES: Mapping[str, str] = {
    HARMED: "Of those whom the case is about",
    APART: "Of the side of who is accused",
}
"""Whom a document is about, where the kind of case keeps two sides apart; everywhere else it is the first."""
RETENTIONS: Mapping[str, tuple[str, int]] = {
    "days_90": ("90 days after the case has ended: the original is with whoever wrote it", 90),
    "year_1": ("One year after the case has ended", 366),
    "years_6": ("Six years after the case has ended (Limitation Act 1980)", 6 * 366),
}
"""How long a copy is kept: the words, and the days after the last case that it is in has ended."""
HOLDS: Mapping[str, str] = {
    "proceedings": "Proceedings of a court need it",
    "inquiry": "An inquiry or review has asked that nothing be destroyed",
    "complaint": "A complaint or claim is open",
    "asked_for": "The person has asked for what is held about them, and was not answered yet",
}
"""Why a document stays although its time is over. A hold beats the day on which it goes, and no withdrawal."""
WITHDRAWALS: Mapping[str, str] = {
    "wrong_person": "It is about somebody else",
    "wrong_file": "It is another file than was meant",
    "leads_to_somebody": "It says where somebody is, or could lead to them",
    "not_necessary": "It is not needed for the case",
    "incorrect": "It was found to be wrong",
    "forbidden": "An order of a court forbids that it is shared",
    "person_asked": "The person asked that it be erased, and they have the right",
}
"""Why a document is withdrawn."""
EXPIRED = "time_over"
ENDINGS: Mapping[str, str] = {**WITHDRAWALS, EXPIRED: "Its time was over"}

MACHINE = Machine(
    "Document",
    "held",
    {
        "held": State("Held"),
        "withdrawn": State("Withdrawn, and its content erased", ends=True),
        "expired": State("Its time was over, and its content was erased", ends=True),
    },
    {
        "withdraw": Step("Withdraw", ("held",), "withdrawn", "the organisation that gave it, or the lead"),
        "expire": Step("Erase when its time is over", ("held",), "expired", "the clock, unless a hold is on it"),
    },
)


@dataclass(frozen=True)
class Document:
    """A document as rules know it. `organisation` and `agency` are those that gave it to the case."""

    organisation: str
    agency: str
    side: str = HARMED
    state: str = MACHINE.first
    retention: str = "days_90"
    held_because: str = ""


Seat = tuple[str, str]
"""An organisation, and the part of the case that it fills."""


def sees_side(case_type: CaseType, agency: str, side: str) -> bool:
    """Whether a seat is shown the side of which a document is."""
    if not has_sides(case_type):
        return side == HARMED and agency in case_type.agencies
    return sees_apart(case_type, agency) if side == APART else sees_response(case_type, agency)


def seats_for(case_type: CaseType, members: Iterable[Member], side: str, giver: Seat) -> tuple[Seat, ...]:
    """Return the seats that could be let to read a document of a side, the giver's own left out, in their order.

    A restricted member is given no document, and a seat in which all are restricted is none.
    """
    found = {
        (one.organisation, one.agency)
        for one in members
        if one.sight is SightOfCase.WHOLE and sees_side(case_type, one.agency, side)
    }
    return tuple(sorted(found - {giver}))


def check_add(by: Acting, case: Case, case_type: CaseType, side: str) -> Member:
    """Return the member that adds a document. Raises `NotPossible`."""
    member = check_edits(by, case)
    if side not in SIDES or not sees_side(case_type, member.agency, side):
        raise NotPossible("Your part of the case is not shown that side. Ask a seat that is")
    return member


def check_described(kind: str, title: str, given_by: str, given_on: dt.date | None, today: dt.date) -> None:
    """Raise `NotPossible` unless it is said what the document is, who gave it and when."""
    if kind not in KINDS:
        raise NotPossible("Choose what kind of document it is")
    if not title.strip() or len(title.strip()) > LONGEST_TITLE:
        raise NotPossible(f"Enter a title of at most {LONGEST_TITLE} characters")
    if not given_by.strip() or len(given_by.strip()) > LONGEST_GIVER:
        raise NotPossible(f"Say which service or role it came from, in at most {LONGEST_GIVER} characters")
    if given_on is None or given_on > today:
        raise NotPossible("Enter the day on which it was given, today or before")


def check_retention(retention: str, longest_days: int | None) -> None:
    """Raise `NotPossible` for a time that is none, or longer than the agreement lets anything be kept."""
    if retention not in RETENTIONS:
        raise NotPossible("Choose how long it is kept")
    if retention not in retentions_within(longest_days):
        raise NotPossible("The agreement lets nothing be kept that long. Choose a shorter time")


def retentions_within(longest_days: int | None) -> dict[str, str]:
    """Return the times that an agreement with so many days of retention permits, in words; the shortest always.

    `None` says that no agreement names any days.
    """
    shortest = next(iter(RETENTIONS))
    return {
        code: words
        for code, (words, days) in RETENTIONS.items()
        if code == shortest or longest_days is None or days <= longest_days + 1
    }


def check_gives(by: Acting, case: Case, document: Document) -> Member:
    """Return the member who speaks for the organisation that gave a document. Raises `NotPossible`."""
    member = check_edits(by, case)
    _check_held(document)
    if member.organisation != document.organisation:
        raise NotPossible("The organisation that gave it decides that. Ask them")
    return member


def check_replace(by: Acting, case: Case, document: Document, versions: int) -> Member:
    """Return the member who replaces a document by a newer version. Raises `NotPossible`."""
    member = check_gives(by, case, document)
    if versions >= MOST_VERSIONS:
        raise NotPossible(f"A document has at most {MOST_VERSIONS} versions. Add it as a new one")
    return member


def check_open_to(case_type: CaseType, members: Iterable[Member], document: Document, seat: Seat) -> None:
    """Raise `NotPossible` unless a seat of the case could read the document."""
    if seat not in seats_for(case_type, members, document.side, (document.organisation, document.agency)):
        raise NotPossible("Choose a seat of the case that is shown that side and is not restricted")


def withdraw(by: Acting, case: Case, document: Document, reason: str) -> str:
    """Return the state of a document that is withdrawn. Raises `NotPossible`.

    Also where the case is over: what should not be there goes. By who works on the case for the organisation that gave
    it, or by the lead professional, who sees it.
    """
    _check_speaks_for(by, case, document)
    if reason not in WITHDRAWALS:
        raise NotPossible("Choose why it is withdrawn")
    return MACHINE.after(document.state, "withdraw")


def check_hold(by: Acting, case: Case, document: Document, reason: str) -> None:
    """Raise `NotPossible` unless a hold may be put on a document, or taken off where `reason` is empty."""
    _check_speaks_for(by, case, document)
    _check_held(document)
    if reason and reason not in HOLDS:
        raise NotPossible("Choose why it must stay")
    if bool(reason) == bool(document.held_because):
        raise NotPossible("That is so already. Look at the page again")


def _check_speaks_for(by: Acting, case: Case, document: Document) -> None:
    member = case.member(by.username)
    if member is None or member.organisation != by.organisation or member.right is not Right.EDIT:
        raise NotPossible("You may see the case and not work on it. Ask its lead professional")
    if member.organisation != document.organisation and not member.is_lead:
        raise NotPossible("The organisation that gave it, or the lead professional, decides that. Ask them")


def _check_held(document: Document) -> None:
    if document.state != "held":
        raise NotPossible("Its content is gone. Add it anew if it is needed")


def check_part(about: Collection[str], parted: Collection[str]) -> None:
    """Raise `NotPossible` unless a document that goes with people who are parted is about one of them.

    Both are keys of whom the case is about.
    """
    if not set(about) & set(parted):
        raise NotPossible("A document goes with somebody whom it is about. Leave the others where they are")


def goes_on(document: Document, ended_on: dt.date | None) -> dt.date | None:
    """Return the day on which a document goes, given the day on which the last case that it is in ended.

    `None` while a case is open, and while a hold is on it.
    """
    if ended_on is None or document.held_because or document.state != "held":
        return None
    return ended_on + dt.timedelta(days=RETENTIONS[document.retention][1])
