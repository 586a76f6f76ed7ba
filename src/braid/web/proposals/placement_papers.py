"""The placement board and one household of it on paper: what their pages say, in words, without what is pressed."""

from collections.abc import Iterator
from uuid import UUID

from braid.language.dates import london_date
from braid.web.access.sight import Sight
from braid.web.models import Proposal
from braid.web.proposals.board import (
    FILTERS,
    KIND,
    AimSeen,
    BoardSeen,
    ChoiceSeen,
    HouseholdSeen,
    RowSeen,
    get_board,
    get_household,
)
from braid.web.proposals.papers import PaperContent, PaperPart, PaperTable, ask_paper
from braid.web.templating import day_words

PAPER_SIZE = 200
"""Households on a paper: the rest of a longer list is on the next one."""


def ask_board_paper(sight: Sight, wanted: str, page: object) -> UUID:
    """Ask for the board as a paper; return its id. Raises `NotPermitted`, `NotThere`."""
    seen = get_board(sight, wanted, page, PAPER_SIZE)
    which = FILTERS[seen.wanted]
    sheets = f", paper {seen.page} of {seen.page_count}" if seen.page_count > 1 else ""
    lead = [f"{which}: {seen.counts[seen.wanted]:,} of {seen.counts['all']:,} households{sheets}."]
    if seen.plan is not None:
        lead.append(f"A plan for {day_words(seen.plan.on_date)}. It proposes; nothing happens before people accept it.")
    content = PaperContent(
        "Placement board",
        tuple(lead),
        (
            PaperPart("Before and after", table=_aims_table(seen.aims)),
            PaperPart("Households"),
            *(PaperPart(_head(row), lines=tuple(_lines(row))) for row in seen.rows),
        ),
    )
    return ask_paper(sight, KIND, content, _rows(*(row.id for row in seen.rows)))


def papers_of(seen: BoardSeen) -> range:
    """Return the numbers of the papers that the households of a board fill."""
    return range(1, 1 + -(-seen.counts[seen.wanted] // PAPER_SIZE))


def _rows(*ids: UUID) -> list[Proposal]:
    return list(Proposal.objects.filter(pk__in=ids).defer("sealed", "wrapped").order_by("position"))


def _aims_table(aims: tuple[AimSeen, ...]) -> PaperTable:
    rows = tuple(
        (aim.name, f"{aim.households:,}", _amount(aim.before, aim.unit), _amount(aim.after, aim.unit)) for aim in aims
    )
    headings = ("Over the households that you see", "Households", "Today", "By the plan")
    return PaperTable("What is today and what the plan would make of it", headings, rows)


def _amount(amount: int, unit: str) -> str:
    return f"£{amount:,}" if unit == "£" else f"{amount:,} {unit}".strip()


def _head(row: RowSeen) -> str:
    return f"{row.reference}, {row.name}" if row.name else row.reference


def _lines(row: RowSeen) -> Iterator[str]:
    people = f"{row.people} {'person' if row.people == 1 else 'people'}"
    children = f", {row.children} {'child' if row.children == 1 else 'children'}" if row.children else ""
    exams = f", {row.exam_years} in an examination year" if row.exam_years else ""
    yield f"{people}{children}{exams}. {row.state}."
    days = f" {row.days}." if row.days else ""
    accepted = f" Accepted on {day_words(row.accepted_on)}, not yet moved." if row.accepted_on else ""
    yield f"Today: {row.today}.{accepted}{days}"
    journeys = f" Longest way to school: {row.journeys}." if row.journeys else ""
    cost = f" A night: {row.cost}." if row.cost else ""
    yield f"{row.proposal}.{journeys}{cost}"


def ask_household_paper(sight: Sight, proposal_id: UUID) -> UUID:
    """Ask for the page of one household as a paper; return its id. Raises `NotPermitted`, `NotThere`."""
    seen = get_household(sight, proposal_id)
    content = PaperContent(
        f"Placement of {seen.sheet.reference}",
        tuple(_lead(seen)),
        (
            *(_choice_part("Today", each) for each in (seen.today,) if each),
            *(_choice_part("Proposed", each) for each in (seen.proposed,) if each and not _is_today(seen, each)),
            *(PaperPart(title, points=tuple(lines or ["The plan as a whole."])) for title, lines in seen.reasons),
            *_moves(seen),
            *_decided(seen),
            *(_choice_part("Could be chosen instead", each) for each in seen.offered),
        ),
    )
    return ask_paper(sight, KIND, content, _rows(proposal_id, *(row.id for row in seen.chain)))


def _is_today(seen: HouseholdSeen, choice: ChoiceSeen) -> bool:
    return seen.today is not None and seen.today.token == choice.token


def _lead(seen: HouseholdSeen) -> Iterator[str]:
    sheet = seen.sheet
    names = [name for _, name, _ in seen.people]
    needs = "; wheelchair access needed" if sheet.needs_access else ""
    yield f"{seen.council}. {seen.state}.{f' {seen.days}.' if seen.days else ''}"
    yield f"{len(sheet.people)} in the household; {sheet.bedrooms_needed} bedrooms needed{needs}."
    if names:
        yield f"{', '.join(names)}."
    if not sheet.is_today_shown:
        broken = "".join(f" {words}." for words in seen.today_broken)
        yield f"Today: {seen.today_words}. Which unit that is, is not known here.{broken}"
    if seen.accepted_on:
        yield f"Accepted on {day_words(seen.accepted_on)}, not yet moved."
    if seen.today is not None and seen.proposed is not None and _is_today(seen, seen.proposed):
        yield "The plan proposes that it stays where it is."
    elif sheet.stays_unseen:
        yield "The plan proposes that it stays there."
    elif seen.proposed is None:
        yield "The plan found no lawful unit for this household."


def _choice_part(title: str, choice: ChoiceSeen) -> PaperPart:
    available = f" Can be let from {day_words(choice.available)}." if choice.available else ""
    return PaperPart(
        f"{title}: {choice.name}",
        (f"{choice.words}. {choice.district}. {choice.cost} a night.{available}",),
        (*choice.broken, *(f"{name}: {words}" for name, words in choice.journeys)),
    )


def _moves(seen: HouseholdSeen) -> Iterator[PaperPart]:
    lines = [f"{day_words(day)} {words}." for day, words in seen.steps]
    lines += [f"The move cannot be made yet. {seen.cannot_move}."] if seen.cannot_move else []
    chain = tuple(f"{row.reference}: {row.proposal}. {row.state}." for row in seen.chain)
    if lines or chain:
        yield PaperPart("Moves", tuple(lines), chain)


def _decided(seen: HouseholdSeen) -> Iterator[PaperPart]:
    rows = [(seen.answer, "accepted")] if seen.answer else []
    rows += [(one, "refused") for one in seen.refusals]
    points = tuple(
        f"{one.by} {what} {one.unit or 'a unit of an earlier plan'} on {day_words(london_date(one.at))}."
        f"{f' {one.reason}.' if one.reason else ''}{f' {one.words}' if one.words else ''}"
        for one, what in rows
    )
    if points:
        yield PaperPart("What was decided", points=points)
