"""The listing board on paper: before and after, what moves, and each week judge by judge."""

from collections.abc import Iterator
from uuid import UUID

from braid.web.access.sight import NotThere, Sight
from braid.web.proposals.listing_board import Cell, InGrid, ListSeen, get_list
from braid.web.proposals.listing_publishing import LISTING
from braid.web.proposals.papers import PaperContent, PaperPart, PaperTable, ask_paper
from braid.web.templating import day_words


def ask_list_paper(sight: Sight, page: object) -> UUID:
    """Ask for a page of the board as a paper; return its id. Raises `NotPermitted`, `NotThere`."""
    found = get_list(sight, page)
    if found is None:
        raise NotThere
    court, seen = found
    content = PaperContent("Listing board", tuple(_lead(seen)), (*_parts(seen), *_weeks(seen)))
    return ask_paper(sight, LISTING, content, list(court.rows.values()))


def _lead(seen: ListSeen) -> Iterator[str]:
    yield (
        f"A list from {day_words(seen.plan.on_date)} on. It proposes, and nothing happens before people accept it. A"
        " hearing of somebody whom you may not see is taken, with its sessions alone."
    )
    if seen.page_count > 1:
        yield f"Part {seen.page} of {seen.page_count}, with {len(seen.weeks)} weeks."


def _parts(seen: ListSeen) -> Iterator[PaperPart]:
    rows = tuple((aim.name, aim.before, aim.after) for aim in seen.aims)
    headings = ("Over the hearings that you see", "Today", "By the list")
    yield PaperPart(
        "Before and after", table=PaperTable("What is today and what the list would make of it", headings, rows)
    )
    if seen.moves:
        yield PaperPart("Hearings that move", points=tuple(_move_words(one) for one in seen.moves))
    if seen.unlisted:
        points = tuple(f"{one.reference} ({one.kind})" for one in seen.unlisted)
        yield PaperPart("Hearings without a place", points=points)
    if seen.given:
        points = tuple(f"{one.reference}: {one.words}." for one in seen.given)
        yield PaperPart("What the next plan takes as given", points=points)


def _move_words(one: InGrid) -> str:
    marks = f". {', '.join(one.marks)}" if one.marks else ""
    return f"{one.reference} ({one.kind}): today {one.today}; proposed {one.proposed}{marks}"


def _weeks(seen: ListSeen) -> Iterator[PaperPart]:
    """Yield each week as a table of judges: on paper a grid of eight weeks would be too narrow to read."""
    for number, week in enumerate(seen.weeks):
        rows = tuple((judge, *_cell_words(cells[number])) for judge, cells in seen.judges)
        table = PaperTable(f"Week of {day_words(week)}", ("Judge", "Hearings", "Taken", "Not sitting"), rows)
        yield PaperPart(f"Week of {day_words(week)}", table=table)


def _cell_words(cell: Cell) -> tuple[str, str, str]:
    hearings = [f"{one.reference}, {one.kind}, {one.days}{_marked(one)}" for one in cell.hearings]
    free = "" if hearings or cell.taken or cell.away else "Free"
    return "; ".join(hearings) or free, "; ".join(cell.taken), "; ".join(cell.away)


def _marked(one: InGrid) -> str:
    return f" ({', '.join(one.marks)})" if one.marks else ""
