"""The listing board: weeks by judges, before and after, what is decided, and what one more day of a judge would buy.

Hearings that the viewer does not see are "taken", with their sessions and nothing else: they are in no list and no sum.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from braid.language.steps import NotPossible
from braid.planning.listing.choices import worth_of_day
from braid.planning.listing.model import SESSIONS_A_WEEK, Hearing, Judge, Place
from braid.problems.plans.answers import ACCEPTED
from braid.problems.plans.court_lists import amounts_of, is_move, only_seen, present_places
from braid.web.access.proposals import people_of
from braid.web.access.sight import NotThere, Sight
from braid.web.models import ProposalAnswer, ShownPlan
from braid.web.proposals.court import Court, find_court_list, get_court_list
from braid.web.proposals.listing_offers import list_offered
from braid.web.proposals.listing_publishing import LISTING
from braid.web.proposals.listing_words import (
    day_words,
    decided_words,
    hearing_span,
    place_words,
    span_words,
    type_words,
)

WEEKS_A_PAGE = 8
WORTH_STEPS = 5_000
"""Steps of each of the three searches: some two seconds for a court of 1,200 hearings and ten judges."""
MARKS = {
    "new": "New",
    "moved": "Moved",
    "locked": "Locked",
    "frozen": "Notified, held",
    "judge": "Another judge",
}


@dataclass(frozen=True)
class InGrid:
    """One hearing on the grid or in a list."""

    id: UUID
    reference: str
    kind: str
    days: str
    marks: tuple[str, ...]
    today: str
    """Where it is today, in words."""
    proposed: str
    """Where the list has it, in words."""
    can_move: bool


@dataclass(frozen=True)
class Offer:
    """A session in which a hearing that is being moved could start; `first` is its day."""

    judge: str
    start: str
    first: dt.date
    words: str


@dataclass(frozen=True)
class Cell:
    """A judge's week: hearings that the viewer sees, sessions that others take, and those without sitting."""

    hearings: tuple[InGrid, ...]
    taken: tuple[str, ...]
    away: tuple[str, ...]
    offers: tuple[Offer, ...] = ()
    """Where the hearing that is being moved could start."""


@dataclass(frozen=True)
class Aim:
    """One measure, today and by the list, over the hearings that the viewer sees."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Given:
    """A decision that the next list takes as given."""

    proposal: UUID
    reference: str
    answer: UUID
    words: str


@dataclass(frozen=True)
class Worth:
    """What one more sitting day would buy, for the hearings that the viewer sees."""

    judge: str
    day: str
    weeks: float
    cases: int


@dataclass(frozen=True)
class ListSeen:
    """The board."""

    plan: ShownPlan
    weeks: tuple[dt.date, ...]
    """The Mondays of the weeks on this page."""
    judges: tuple[tuple[str, tuple[Cell, ...]], ...]
    page: int
    page_count: int
    aims: tuple[Aim, ...]
    moves: tuple[InGrid, ...]
    unlisted: tuple[InGrid, ...]
    given: tuple[Given, ...]
    version: int
    moving: InGrid | None
    """The hearing for which the grid shows where it could be."""

    @property
    def has_offers(self) -> bool:
        """Whether the hearing that is being moved could be anywhere else in the weeks of this page."""
        return any(cell.offers for _, cells in self.judges for cell in cells)


def get_list(sight: Sight, page: object, moving: UUID | None = None) -> tuple[Court, ListSeen] | None:
    """Return the board, `WEEKS_A_PAGE` weeks a page; `None` where there is no list of the viewer's own court.

    `moving` is a hearing that is free to be moved: the weeks say where the rules let it be. Raises `NotPermitted`,
    `NotThere`, also for a hearing that is held, `VaultKeyNotAvailable`, `VaultSealBroken`.
    """
    court = find_court_list(sight) if moving is None else get_court_list(sight, moving)
    if court is None:
        return None
    mondays = _mondays(court)
    pages = [tuple(mondays[at : at + WEEKS_A_PAGE]) for at in range(0, len(mondays), WEEKS_A_PAGE)]
    number = _page(page, len(pages))
    weeks = pages[number - 1]
    seen = [court.hearings[name] for name in court.rows]
    picked = None if moving is None else court.hearing_of(moving)
    if picked is not None and court.decided[picked.id].hold != "free":
        raise NotThere
    return court, ListSeen(
        plan=court.shown,
        weeks=weeks,
        judges=tuple(_grid(court, weeks, picked)),
        page=number,
        page_count=len(pages),
        aims=tuple(_aims(court)),
        moves=tuple(_in_grid(court, each) for each in seen if is_move(each, court.standing.places.get(each.id))),
        unlisted=tuple(_in_grid(court, each) for each in seen if each.id not in court.standing.places),
        given=tuple(_given(court)),
        version=court.version,
        moving=None if picked is None else _in_grid(court, picked),
    )


def _page(page: object, count: int) -> int:
    text = str(page or 1)
    if not (text.isascii() and text.isdigit() and len(text) < 5 and 1 <= int(text) <= count):
        raise NotThere
    return int(text)


def _monday(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


def _mondays(court: Court) -> list[dt.date]:
    first, last = (_monday(day) for day in (court.sittings.days[0], court.sittings.days[-1]))
    return [first + dt.timedelta(weeks=week) for week in range((last - first).days // 7 + 1)]


def _grid(court: Court, weeks: Sequence[dt.date], moving: Hearing | None) -> Iterator[tuple[str, tuple[Cell, ...]]]:
    """Yield each judge with their weeks."""
    offers = _offers(court, weeks, moving)
    listed: defaultdict[tuple[str, dt.date], list[tuple[int, Hearing]]] = defaultdict(list)
    taken: defaultdict[tuple[str, dt.date], set[int]] = defaultdict(set)
    for name, place in court.standing.places.items():
        hearing, start = court.hearings[name], court.sittings.position(place.start)
        sessions = range(start, min(start + hearing.length_sessions, court.sittings.count))
        for session in sessions:
            week = _monday(court.sittings.days[session // 2])
            if name not in court.rows:
                taken[place.judge, week].add(session)
            elif (start, hearing) not in listed[place.judge, week]:
                listed[place.judge, week].append((start, hearing))
    for judge in court.planned.problem.judges:
        away = _away(court, judge)
        yield (
            judge.id,
            tuple(
                Cell(
                    tuple(_in_grid(court, each) for _, each in sorted(listed[judge.id, week], key=_by_start)),
                    _spans(court, taken[judge.id, week]),
                    _spans(court, away[week]),
                    tuple(offers[judge.id, week]),
                )
                for week in weeks
            ),
        )


def _offers(
    court: Court, weeks: Sequence[dt.date], moving: Hearing | None
) -> defaultdict[tuple[str, dt.date], list[Offer]]:
    """Return by judge and week where a hearing that is being moved could start."""
    found: defaultdict[tuple[str, dt.date], list[Offer]] = defaultdict(list)
    if moving is None:
        return found
    first, most = f"{weeks[0].isoformat()} am", SESSIONS_A_WEEK * len(weeks)
    for place in list_offered(court, moving, judges_of(court), first, most):
        start = court.sittings.position(place.start)
        day = court.sittings.days[start // 2]
        if _monday(day) in weeks:
            found[place.judge, _monday(day)].append(
                Offer(place.judge, place.start, day, span_words(court.sittings, start, start))
            )
    return found


def _by_start(row: tuple[int, Hearing]) -> tuple[int, str]:
    return row[0], row[1].id


def _away(court: Court, judge: Judge) -> defaultdict[dt.date, set[int]]:
    found: defaultdict[dt.date, set[int]] = defaultdict(set)
    for first, last in court.sittings.positions(judge.closed):
        for session in range(first, last + 1):
            found[_monday(court.sittings.days[session // 2])].add(session)
    return found


def _spans(court: Court, sessions: Iterable[int]) -> tuple[str, ...]:
    """Return sessions in words, those that follow each other together: of how many hearings, it does not say."""
    runs: list[list[int]] = []
    for session in sorted(sessions):
        if runs and session == runs[-1][1] + 1:
            runs[-1][1] = session
        else:
            runs.append([session, session])
    return tuple(span_words(court.sittings, first, last) for first, last in runs)


def _in_grid(court: Court, hearing: Hearing) -> InGrid:
    place = court.standing.places.get(hearing.id)
    return InGrid(
        id=court.rows[hearing.id].pk,
        reference=court.planned.references[hearing.id],
        kind=type_words(hearing.type),
        days="Without a place" if place is None else hearing_span(court.sittings, hearing, place),
        marks=marks_of(court, hearing),
        today=place_words(court.sittings, hearing, hearing.present),
        proposed=place_words(court.sittings, hearing, place),
        can_move=court.decided[hearing.id].hold == "free",
    )


def marks_of(court: Court, hearing: Hearing) -> tuple[str, ...]:
    """Return what is to be said of a hearing at one glance, in words."""
    place = court.standing.places.get(hearing.id)
    hold = court.decided[hearing.id].hold
    holds = {
        "new": place is not None and hearing.present is None,
        "moved": is_move(hearing, place),
        "locked": hold == "locked",
        "frozen": hold == "frozen",
        "judge": place is not None and place.judge != court.cases[hearing.case].judge,
    }
    return tuple(words for mark, words in MARKS.items() if holds[mark])


def _aims(court: Court) -> Iterator[Aim]:
    problem, seen = court.planned.problem, set(court.rows)
    before = amounts_of(problem, present_places(problem), seen)
    after = amounts_of(problem, court.standing.places, seen)
    yield Aim("Hearings without a place", f"{before.unlisted:,}", f"{after.unlisted:,}")
    yield Aim("Weeks waited after they could be listed", f"{before.wait_weeks:,.1f}", f"{after.wait_weeks:,.1f}")
    yield Aim("Final hearings that end after the 26 weeks", f"{before.late:,}", f"{after.late:,}")
    yield Aim("Before another than the allocated judge", f"{before.judge_changes:,}", f"{after.judge_changes:,}")
    yield Aim("Hearings of today that move", "0", f"{after.moves:,}")


def _given(court: Court) -> Iterator[Given]:
    names = {row.pk: name for name, row in court.rows.items()}
    standing = ProposalAnswer.objects.filter(kind=LISTING, ended_at__isnull=True, proposal__in=names)
    for answer in standing.order_by("answered_at"):
        change = court.changes.get(answer.pk)
        if change is not None and answer.proposal_id is not None:
            reference = court.planned.references[names[answer.proposal_id]]
            yield Given(answer.proposal_id, reference, answer.pk, decided_words(change.decided))


def get_worth(court: Court, judge: str, day: str) -> Worth:
    """Return what one more sitting day of a judge would buy. Raises `NotPossible`.

    What the viewer does not see stands still meanwhile: no week is gained by it or at its cost.
    """
    judges = {each.id: each for each in court.standing.problem.judges}
    if judge not in judges:
        raise NotPossible("Choose a judge from the list")
    when = _day(day)
    first = court.sittings.find(f"{when.isoformat()} am")
    if first is None:
        raise NotPossible("No court sits on that day. Choose a weekday of the list's horizon, without a bank holiday")
    if not any(low <= first + 1 and first <= high for low, high in court.sittings.positions(judges[judge].closed)):
        raise NotPossible(f"{judge} sits on that day already. Choose a day on which they do not")
    problem = only_seen(court.standing, set(court.rows))
    known = {each.id for each in problem.hearings}
    places = {name: place for name, place in court.standing.places.items() if name in known}
    found = worth_of_day(problem, places, judge, when, WORTH_STEPS)
    return Worth(judge, day_words(when), found.weeks_sooner, found.cases_sooner)


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text.strip()[:10])
    except ValueError:
        raise NotPossible("Enter the day as year-month-day, for example 2027-01-11") from None


def list_accepted_hearings(sight: Sight) -> tuple[list[tuple[dt.date, frozenset[int], str]], list[str]]:
    """Return, for each day of an accepted hearing that the viewer sees, its halves (0 morning) and its reference.

    And whom these hearings are about, as the list knows them: for the record.
    Raises `NotPermitted`, `VaultKeyNotAvailable`, `VaultSealBroken`.
    """
    court = find_court_list(sight)
    if court is None:
        return [], []
    names = {row.pk: name for name, row in court.rows.items()}
    accepted = ProposalAnswer.objects.filter(kind=LISTING, ended_at__isnull=True, answer=ACCEPTED, proposal__in=names)
    numbers = accepted.values_list("proposal_id", flat=True)
    listed = [names[number] for number in numbers if names[number] in court.standing.places]
    days = [day for name in listed for day in _days(court, court.hearings[name], court.standing.places[name])]
    people = people_of([court.rows[name] for name in listed])
    return sorted(days, key=lambda each: (each[0], each[2])), sorted({one for each in people.values() for one in each})


def _days(court: Court, hearing: Hearing, place: Place) -> list[tuple[dt.date, frozenset[int], str]]:
    start = court.sittings.position(place.start)
    halves: defaultdict[dt.date, set[int]] = defaultdict(set)
    for session in range(start, min(start + hearing.length_sessions, court.sittings.count)):
        halves[court.sittings.days[session // 2]].add(session % 2)
    reference = court.planned.references[hearing.id]
    return [(day, frozenset(found), reference) for day, found in halves.items()]


def judges_of(court: Court) -> Mapping[str, str]:
    """Return the judges as choices."""
    return {each.id: each.id for each in court.planned.problem.judges}
