"""Minutes of a meeting: what was said and decided on each case, as each organisation may have it.

What others returned beforehand is no part of minutes: who may see a return reads it on the case's page, where it can be
closed again. Minutes name cases by their reference and nobody by name.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from braid.care.cases import Case, Member, Right, Sight
from braid.care.meetings import Reader
from braid.language.steps import NotPossible

LONGEST_AMENDMENT = 2000
STATES = ("held", "agreed")
"""States of a meeting that has minutes."""
USE_DAYS = 365
"""How long a copy that has left may be used, in days."""


@dataclass(frozen=True)
class Said:
    """Words of one agency of one organisation: a note, a dissent, an amendment."""

    organisation: str
    agency: str
    words: str
    by: str
    at: dt.datetime


@dataclass(frozen=True)
class AgreedAction:
    """An action as it was agreed: whose it is and by which day. What came of it since is no part of the minutes."""

    words: str
    team: str
    organisation: str
    due_on: dt.date


@dataclass(frozen=True)
class Minuted:
    """One case in the minutes. Without a decision it was put off, or the reader may not see what was decided."""

    reference: str
    is_put_off: bool
    decision: str = ""
    reason: str = ""
    decided_by: str = ""
    notes: tuple[Said, ...] = ()
    dissents: tuple[Said, ...] = ()
    amendments: tuple[Said, ...] = ()
    actions: tuple[AgreedAction, ...] = ()


def seen_by(whole: Minuted, reader: Reader) -> Minuted:
    """Return what a reader sees: somebody restricted only what their own seat said, and what their own teams do."""
    if reader.sight is Sight.WHOLE:
        return whole

    def own(said: Iterable[Said]) -> tuple[Said, ...]:
        return tuple(one for one in said if (one.organisation, one.agency) == (reader.organisation, reader.agency))

    return Minuted(
        whole.reference,
        whole.is_put_off,
        notes=own(whole.notes),
        amendments=own(whole.amendments),
        actions=tuple(one for one in whole.actions if one.organisation == reader.organisation),
    )


def receivers_of(members: Iterable[Member], sender: str) -> tuple[str, ...]:
    """Return the organisations to which the minutes of a case go: all that take part but the sender's own."""
    return tuple(sorted({one.organisation for one in members} - {sender}))


def copy_for(whole: Minuted, organisation: str, members: Iterable[Member]) -> Minuted | None:
    """Return what an organisation is sent of a case: what its members see together; `None` where it takes no part."""
    of_it = [one for one in members if one.organisation == organisation]
    if not of_it:
        return None
    if any(one.sight is Sight.WHOLE for one in of_it):
        return whole
    seats = {one.agency for one in of_it}
    parts = [seen_by(whole, Reader(organisation, seat, Sight.OWN)) for seat in sorted(seats)]
    return replace(
        parts[0],
        notes=_together(part.notes for part in parts),
        amendments=_together(part.amendments for part in parts),
    )


def _together(parts: Iterable[Iterable[Said]]) -> tuple[Said, ...]:
    return tuple(sorted((one for part in parts for one in part), key=lambda one: (one.at, one.agency, one.words)))


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


def check_sender(case: Case, username: str) -> None:
    """Raise `NotPossible` unless whoever sends works on the whole of a case, and it is open."""
    member = case.member(username)
    if member is None or member.right is not Right.EDIT or member.sight is not Sight.WHOLE:
        raise NotPossible("Of one of the cases you see a part alone. Ask its lead professional to offer you the whole")
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
