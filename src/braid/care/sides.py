"""Whose words, names and decisions a seat is shown at the table: by the part they are about, and by the side.

What a case type opens to a seat of others' returns says what that seat needs to know. The same holds for what is said,
corrected and decided in the meeting, and for whose name stands on the page. Somebody who answers about a part has to
know who that is, and so reads the name, and nothing that others said.
"""

from __future__ import annotations

from braid.care.case_types import CaseType
from braid.care.cases import Member, Sight
from braid.care.response import sees_apart, sees_response

EVERYBODY = "*"
"""What words are about that are about everybody of the case: read by seats that are shown something of each part."""


def parts_shown(case_type: CaseType, agency: str) -> frozenset[str]:
    """Return the parts of which a seat is shown anything that others said."""
    seat = case_type.agencies.get(agency)
    return frozenset(part for _, part in seat.sees) if seat else frozenset()


def parts_known(case_type: CaseType, agency: str) -> frozenset[str]:
    """Return the parts whose names a seat reads: those of which it is shown anything, and those it is asked about."""
    return parts_shown(case_type, agency) | {part for _, part in case_type.asked(agency)}


def sees_words(case_type: CaseType, agency: str, about: str) -> bool:
    """Whether a seat is shown words about a part. About everybody, or no part of the kind: if it is shown each part."""
    shown = parts_shown(case_type, agency)
    opened = frozenset(part for seat in case_type.agencies.values() for _, part in seat.sees)
    return about in shown if about in opened else bool(shown) and shown >= opened


def sees_all(case_type: CaseType, agency: str) -> bool:
    """Whether a seat is shown something of every part, and so reads all that was said."""
    return sees_words(case_type, agency, EVERYBODY)


def sees_side(case_type: CaseType, agency: str, apart: bool) -> bool:
    """Whether a seat is shown anything of a side: that of who is apart, or the other."""
    return sees_apart(case_type, agency) if apart else sees_response(case_type, agency)


def sees_whole(case_type: CaseType, member: Member) -> bool:
    """Whether a member reads the whole of what is planned for those who are not apart: the lead, or a seat shown it."""
    return member.is_lead or (member.sight is Sight.WHOLE and sees_response(case_type, member.agency))


def abouts_of(case_type: CaseType, agency: str) -> tuple[tuple[str, str], ...]:
    """Return whom words of a seat may be about, as codes with words: the parts whose names it reads, or everybody."""
    known = parts_known(case_type, agency)
    parts = tuple((one.id, one.name) for one in case_type.parts.values() if one.id in known)
    return (*parts, (EVERYBODY, "Everybody whom the case is about: read by who may read of all of them"))
