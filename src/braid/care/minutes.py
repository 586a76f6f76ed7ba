"""Minutes of a meeting: what was said and decided on each case, as each organisation may have it.

Each reads what its seats are shown: words by the part they are about, a decision and its actions by their side. What
others returned beforehand is no part of minutes: who may see a return reads it on the case's page, where it can be
closed again. Minutes name cases by their reference and nobody by name.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from braid.care.case_types import CaseType
from braid.care.cases import Case, Member, Right, Sight
from braid.care.meetings import Reader
from braid.care.response import APART
from braid.care.sides import EVERYBODY, parts_known, sees_all, sees_side, sees_words
from braid.language.steps import NotPossible

_Row = TypeVar("_Row")
LONGEST_AMENDMENT = 2000
STATES = ("held", "agreed")
"""States of a meeting that has minutes."""
USE_DAYS = 365
"""How long a copy that has left may be used, in days."""


@dataclass(frozen=True)
class Said:
    """Words of one agency of one organisation: a note, a dissent, an amendment. `about` is the part they are about."""

    organisation: str
    agency: str
    words: str
    by: str
    at: dt.datetime
    about: str = ""


@dataclass(frozen=True)
class AgreedAction:
    """An action as it was agreed: whose it is, by which day, of which strand.

    What came of it since is no part of the minutes.
    """

    words: str
    team: str
    organisation: str
    due_on: dt.date
    strand: str = ""


@dataclass(frozen=True)
class Minuted:
    """One case in the minutes. Without a decision it was put off, or the reader may not see what was decided.

    `is_apart`: what was decided is of the side of who is apart, such as whoever is accused.
    """

    reference: str
    is_put_off: bool
    decision: str = ""
    reason: str = ""
    decided_by: str = ""
    notes: tuple[Said, ...] = ()
    dissents: tuple[Said, ...] = ()
    amendments: tuple[Said, ...] = ()
    actions: tuple[AgreedAction, ...] = ()
    is_apart: bool = False


def seen_by(whole: Minuted, reader: Reader, case_type: CaseType) -> Minuted:
    """Return what a reader sees: what their own seat said and their own teams do, and what their seat is shown.

    Somebody restricted sees the first two alone.
    """
    is_whole = reader.sight is Sight.WHOLE
    sees_decision = is_whole and sees_side(case_type, reader.agency, whole.is_apart)

    def said(rows: Iterable[Said]) -> tuple[Said, ...]:
        return tuple(
            one
            for one in rows
            if (one.organisation, one.agency) == (reader.organisation, reader.agency)
            or (is_whole and sees_words(case_type, reader.agency, one.about))
        )

    return Minuted(
        whole.reference,
        whole.is_put_off,
        whole.decision if sees_decision else "",
        whole.reason if sees_decision else "",
        whole.decided_by if sees_decision else "",
        said(whole.notes),
        whole.dissents if sees_decision else (),
        said(whole.amendments),
        tuple(
            one
            for one in whole.actions
            if one.organisation == reader.organisation
            or (is_whole and sees_side(case_type, reader.agency, one.strand == APART))
        ),
        whole.is_apart and sees_decision,
    )


def receivers_of(members: Iterable[Member], sender: str) -> tuple[str, ...]:
    """Return the organisations to which the minutes of a case go: all that take part but the sender's own."""
    return tuple(sorted({one.organisation for one in members} - {sender}))


def copy_for(whole: Minuted, organisation: str, members: Iterable[Member], case_type: CaseType) -> Minuted | None:
    """Return what an organisation is sent of a case: what its members see together; `None` where it takes no part."""
    readers = {Reader(organisation, one.agency, one.sight) for one in members if one.organisation == organisation}
    if not readers:
        return None
    parts = [seen_by(whole, reader, case_type) for reader in readers]
    decided = next((part for part in parts if part.decided_by), parts[0])

    return replace(
        decided,
        notes=_together(whole.notes, (part.notes for part in parts)),
        dissents=_together(whole.dissents, (part.dissents for part in parts)),
        amendments=_together(whole.amendments, (part.amendments for part in parts)),
        actions=_together(whole.actions, (part.actions for part in parts)),
    )


def _together(whole: Iterable[_Row], parts: Iterable[Collection[_Row]]) -> tuple[_Row, ...]:
    """Return what stands in any of the parts, in the order of the whole."""
    listed = list(parts)
    return tuple(one for one in whole if any(one in part for part in listed))


def check_about(case_type: CaseType, agency: str, about: str) -> None:
    """Raise `NotPossible` unless words say whom they are about: a part that the seat knows, or everybody."""
    if about != EVERYBODY and about not in parts_known(case_type, agency):
        raise NotPossible("Choose whom it is about: who reads it rests on that")


def check_amendment(member: Member, meeting_state: str, words: str) -> None:
    """Raise `NotPossible` unless the member may correct the minutes now, and says how."""
    if meeting_state != "held":
        raise NotPossible("Minutes are corrected from the meeting on, until they are agreed. Bring it to the next one")
    if member.right is not Right.EDIT:
        raise NotPossible("You may see the case and not work on it. Ask its lead professional")
    if not words.strip() or len(words) > LONGEST_AMENDMENT:
        raise NotPossible(f"Say in {LONGEST_AMENDMENT} characters what is to be corrected")


def check_send(username: str, chair: str, meeting_state: str) -> None:
    """Raise `NotPossible` unless whoever sends chairs the meeting and its minutes are agreed."""
    if username != chair:
        raise NotPossible("Only the chair of the meeting sends its minutes")
    if meeting_state != "agreed":
        raise NotPossible("Minutes are sent once they are agreed. Agree them first")


def check_sender(case: Case, username: str, case_type: CaseType) -> None:
    """Raise `NotPossible` unless whoever sends works on the whole of a case, is shown all of it, and it is open.

    What their seat is not shown would be missing in the copies of those who may have it.
    """
    member = case.member(username)
    if member is None or member.right is not Right.EDIT or member.sight is not Sight.WHOLE:
        raise NotPossible("Of one of the cases you see a part alone. Ask its lead professional to offer you the whole")
    if not sees_all(case_type, member.agency):
        raise NotPossible(
            "Your seat is not shown all that was said, and the copies would lack it. A coordinator whose seat is takes"
            " the chair"
        )
    if case.state != "open":
        raise NotPossible("One of the cases is closed. Its lead professional may open it again")


def check_to_send(wanted: Collection[str], receivers: Collection[str], gone: Collection[str]) -> tuple[str, ...]:
    """Return the organisations to send to: those wanted that have not got it. Raises `NotPossible` where none is left.

    `gone` are those to whom a copy has left or is on its way.
    """
    if not set(wanted) <= set(receivers):
        raise NotPossible("Minutes go to organisations that take part in the case. Choose from the list")
    left = tuple(sorted(set(wanted) - set(gone)))
    if not left:
        raise NotPossible("They have got these minutes, or a copy is on its way. Look at what was sent below")
    return left


def pieces_of(one: Minuted, seats: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return a case as titled pieces of words for paper. `seats` are the names of the agencies."""
    put_off = "Put off to another meeting." if one.is_put_off else "What was decided is not part of this copy."
    decided = f"{one.decision}.\n\nWhy: {one.reason}\n\nDecided by {one.decided_by}." if one.decision else put_off
    parts = [
        (f"Case {one.reference}", decided),
        ("Actions", "\n\n".join(f"{_day(do.due_on)}: {do.words} ({do.team}, {do.organisation})" for do in one.actions)),
        ("Not agreed to", _said(one.dissents, seats)),
        ("What was said", _said(one.notes, seats)),
        ("Corrections", _said(one.amendments, seats)),
    ]
    return [(title, words) for title, words in parts if words]


def _said(said: Iterable[Said], seats: Mapping[str, str]) -> str:
    return "\n\n".join(f"{', '.join(_who(one, seats))}: {one.words}" for one in said)


def _who(one: Said, seats: Mapping[str, str]) -> tuple[str, ...]:
    seat = seats.get(one.agency, one.agency)
    return (seat, one.organisation) if seat else (one.organisation,)


def _day(day: dt.date) -> str:
    return f"{day.day} {day:%B %Y}"


def mark_of(reference: str, organisation: str, made_on: dt.date) -> str:
    """Return what stands at the foot of each page of a copy: of what, for whom, and until when it may be used."""
    until = made_on + dt.timedelta(days=USE_DAYS)
    return f"Minutes of {reference}, made for {organisation}, use until {until.isoformat()}"
