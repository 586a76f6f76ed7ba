"""The words of a notice of a move, drafted for sending. What is not known is a blank to be filled in, never guessed.

Braid writes no address: where a household goes stands in no table of it. Whoever sends a notice of section 208 writes
the address into the message, where the outbound guard reads it against every protected place before it leaves.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from braid.care.moves import NOTICES, Move


@dataclass(frozen=True)
class Span:
    """A stretch of a draft; `is_blank` where something is missing, and the words then say what."""

    words: str
    is_blank: bool = False


@dataclass(frozen=True)
class DraftFacts:
    """What a draft is made of; an empty text or no day is a blank.

    `child` is the name of whom a notice of section 213AA is about. `is_in_force` says whether its law binds; while it
    does not, `basis` is the law under which it is shared, as whoever sends it chose it.
    """

    sender: str
    receiver: str = ""
    applicant: str = ""
    child: str = ""
    is_in_force: bool = True
    basis: str = ""
    reference: str = ""
    address: str = ""
    function: str = ""


Paragraph = tuple[Span, ...]
FUNCTIONS = {
    "interim": "Housing Act 1996 section 188 (interim duty to accommodate)",
    "relief": "Housing Act 1996 section 189B (relief duty)",
    "intentional": "Housing Act 1996 section 190 (accommodation for persons intentionally homeless)",
    "main": "Housing Act 1996 section 193 (main duty)",
    "referral": "Housing Act 1996 section 200 (duty pending referral)",
}
"""Which function the council discharges in making the accommodation available: section 208(3)(e) asks for it."""


def draft_notice(kind: str, body: str, move: Move, facts: DraftFacts) -> tuple[Paragraph, ...]:
    """Return a notice in paragraphs. Its contents are those of the section that asks for it."""
    rows = _of_section_208(move, facts) if kind == "s208" else _of_section_213aa(body, move, facts)
    title = NOTICES[kind].name if facts.is_in_force else NOTICES[kind].name_before
    return ((Span(title),), *rows)


def _of_section_208(move: Move, facts: DraftFacts) -> tuple[Paragraph, ...]:
    adults = sum(not mover.is_child for mover in move.movers)
    children = len(move.movers) - adults
    return (
        (Span("To: "), _filled(facts.receiver, "the council of the other district, at its one mailbox for notices")),
        (Span("From: "), _filled(facts.sender, "the council that gives notice")),
        (
            Span("This council has secured that accommodation outside its district is available for "),
            _filled(facts.applicant, "name of the applicant"),
            Span(", and gives notice of it."),
        ),
        (Span(f"Who moves: {_counted(adults, 'adult', 'adults')} and {_counted(children, 'child', 'children')}."),),
        (Span("Address of the accommodation: "), _filled(facts.address, "written in by whoever sends it")),
        (Span("Made available on: "), _day(move.available_on)),
        (Span("Function discharged: "), _filled(facts.function, "the section under which it was made available")),
        (Span("Our reference: "), _filled(facts.reference, "reference of the application")),
    )


def _of_section_213aa(body: str, move: Move, facts: DraftFacts) -> tuple[Paragraph, ...]:
    of_applicant = move.asked_of == "applicant"
    child = _filled(facts.child, "name of the child")
    if of_applicant:
        whom: Paragraph = (child, Span(" was placed in temporary accommodation, on an application of their own."))
        agreed: Paragraph = (Span("They agreed on "), _day(move.agreed_on), Span(" that you are told."))
    else:
        parent = _filled(facts.applicant, "name of the parent")
        whom = (child, Span(" was placed in temporary accommodation. The parent is "), parent, Span("."))
        agreed = (Span("The parent agreed on "), _day(move.agreed_on), Span(" that you are told."))
    return (
        (Span("To: "), _filled(facts.receiver, NOTICES["s213aa"].bodies[body])),
        (Span("From: "), _filled(facts.sender, "the council that gives notice")),
        whom,
        agreed,
        *_basis(facts),
        (Span("Placed on: "), _day(move.available_on)),
        (Span("Our reference: "), _filled(facts.reference, "reference of the application")),
    )


def _basis(facts: DraftFacts) -> tuple[Paragraph, ...]:
    """Return under which law it is told, where no duty binds: it is never said to be one."""
    if facts.is_in_force:
        return ()
    basis = _filled(facts.basis, "the law under which it is shared, chosen by whoever sends it")
    return (
        (
            Span("This is no notice under section 213AA of the Housing Act 1996, which is not in force. It is told by"),
            Span(" that agreement and under "),
            basis,
            Span("."),
        ),
    )


def has_blanks(draft: tuple[Paragraph, ...]) -> bool:
    """Whether anything is missing."""
    return any(span.is_blank for paragraph in draft for span in paragraph)


def in_words(draft: tuple[Paragraph, ...]) -> str:
    """Return a draft as plain text, a paragraph a line."""
    return "\n".join("".join(span.words for span in paragraph) for paragraph in draft)


def _filled(value: str, missing: str) -> Span:
    return Span(value) if value.strip() else Span(missing, is_blank=True)


def _day(day: dt.date | None) -> Span:
    return Span(f"{day:%-d %B %Y}") if day else Span("day", is_blank=True)


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
