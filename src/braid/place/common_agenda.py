"""The common agenda of two boards: what they can only do together, derived from what is published and said why.

Every point rests on a figure that was published before it, on a file of the place, or on a decision: nothing is counted
here. Points come in the order of `KINDS`, within a kind the largest first. What nothing is known of is no point; it is
said by `gaps`, so that an empty agenda is not taken for agreement.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from braid.place.money.amounts import say_pounds
from braid.place.remits import Remit, shared_populations
from braid.place.rollups import say_span
from braid.trust.disclosure import Span

KINDS: Mapping[str, str] = {
    "conflict": "Pulling against each other",
    "shared_people": "The same people",
    "same_population": "Looked after by both",
    "shared_waits": "Waiting on each other's lists",
    "holds": "One holds up the other",
    "pays_and_saves": "One pays, the other saves",
    "same_outcome": "The same outcome",
    "same_money": "The same money",
}
"""Kinds of points, in the order of an agenda: what the boards must settle comes first."""


@dataclass(frozen=True)
class Aim:
    """An outcome that a board has a target for. `target` is in the outcome's own unit; None where there is none."""

    outcome: str
    name: str
    unit: str
    lower_is_better: bool
    target: float | None
    target_date: dt.date | None
    shown: str
    """Where it stands, as published and in words; empty where it is not."""


@dataclass(frozen=True)
class Side:
    """One of the two boards: its remit, the bodies on it and their kinds, what it aims at, which funds it decides on.

    `priorities` are titles; `funds` ids with their names.
    """

    board: str
    name: str
    remit: Remit
    bodies: frozenset[str]
    kinds: frozenset[str]
    priorities: tuple[str, ...] = ()
    aims: tuple[Aim, ...] = ()
    funds: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Shares:
    """Of the time that the people on a board's list wait, the parts on lists in each board's remit, in per cent.

    As published: a board that is missing has no published part.
    """

    board: str
    by_owner: Mapping[str, int]


@dataclass(frozen=True)
class Hold:
    """Waits of a backlog that some kind of organisation holds up, as published. `weeks` None: not published."""

    backlog: str
    backlog_name: str
    owner_kind: str
    action: str
    waits: int
    weeks: int | None


@dataclass(frozen=True)
class Saving:
    """What one body pays for and another saves by, in pence over a period, and where that is from."""

    what: str
    payer: str
    saver: str
    pence: int
    period: str
    """The period that the pence are of, in words: from a day to a day."""
    source: str


@dataclass(frozen=True)
class Pull:
    """Something that helps what one board looks after and harms what the other does, and where that is from."""

    what: str
    helps: str
    """Id of the board whose people or outcome gain."""
    harms: str
    words: str
    source: str


@dataclass(frozen=True)
class Known:
    """What is published of the place on the day, for any two boards."""

    day: dt.date
    people: Mapping[frozenset[str], Span]
    """Of each pair of boards: the fewest and the most people on both lists. A pair that is missing is not published."""
    shares: tuple[Shares, ...]
    holds: tuple[Hold, ...]
    savings: tuple[Saving, ...]
    pulls: tuple[Pull, ...]
    populations: Mapping[str, str]
    """What each population is called."""
    body_names: Mapping[str, str]
    recut: tuple[Recut, ...] = ()
    """Boards whose remit is another than the one that lists were first published by."""


@dataclass(frozen=True)
class Recut:
    """A board by name, whose remit is not the one that lists were first published by; `was` holds those populations."""

    name: str
    was: tuple[str, ...]


@dataclass(frozen=True)
class AgendaPoint:
    """A point of the common agenda: what, why it is on it, its figure and where that is from."""

    kind: str
    title: str
    why: str
    figure: str
    source: str
    size: float
    """By which points of a kind are put in order; it is not shown."""


def derive_agenda(one: Side, other: Side, known: Known) -> tuple[AgendaPoint, ...]:
    """Return the points of two boards, those that they must settle first. The same whichever board comes first."""
    first, second = sorted((one, other), key=lambda side: side.board)
    found = [
        *_conflicts(first, second, known),
        *_people(first, second, known),
        *_populations(first, second, known),
        *_waits(first, second, known),
        *_waits(second, first, known),
        *_holds(first, second, known),
        *_holds(second, first, known),
        *_savings(first, second, known),
        *_outcomes(first, second),
        *_money(first, second),
    ]
    order = list(KINDS)
    return tuple(sorted(found, key=lambda point: (order.index(point.kind), -point.size, point.title)))


def gaps(one: Side, other: Side, known: Known) -> tuple[str, ...]:
    """Return what nothing is published of, so that no point about it can be on the agenda."""
    found = []
    for side in (one, other):
        if not side.remit.populations:
            found.append(f"{side.name} has no remit in boards.toml: nobody is on its list.")
        if not side.aims:
            found.append(f"{side.name} has no target for any outcome.")
    if frozenset({one.board, other.board}) not in known.people:
        found.append(_not_published(known))
    if not known.savings:
        found.append("Who pays and who saves is not known: no interventions or unit costs of the place say so.")
    return tuple(found)


CUT_ONCE = (
    " Two cuts of the same people would tell a few of them apart, so lists are cut once, and there is no step that cuts"
    " them anew. Put back in boards.toml what stood there, and the next run publishes again; what a board looks after"
    " besides, its priorities, outcomes and actions say without a list."
)


def _not_published(known: Known) -> str:
    """Say that nothing is published of both lists; where remits were changed since, also which, and what they were."""
    said = "How many people are on both lists is not published"
    if not known.recut:
        return f"{said}."
    boards = "; ".join(
        f"{one.name}, which was {', '.join(known.populations.get(was, was) for was in one.was) or 'empty'}"
        for one in known.recut
    )
    return f"{said}: lists were first published by other remits than those of today ({boards}).{CUT_ONCE}"


def _conflicts(first: Side, second: Side, known: Known) -> Iterator[AgendaPoint]:
    names = {first.board: first.name, second.board: second.name}
    for pull in known.pulls:
        if {pull.helps, pull.harms} == set(names):
            why = f"It helps what {names[pull.helps]} looks after and harms what {names[pull.harms]} does."
            yield AgendaPoint("conflict", pull.what, why, pull.words, pull.source, 1.0)
    for mine, theirs in _aims_of_both(first, second):
        if mine.target is not None and theirs.target is not None and mine.target != theirs.target:
            figure = f"{mine.target:g} and {theirs.target:g} {mine.unit}"
            why = f"{first.name} and {second.name} have different targets for one outcome."
            yield AgendaPoint("conflict", mine.name, why, figure, "outcomes.toml", 2.0)


def _people(first: Side, second: Side, known: Known) -> Iterator[AgendaPoint]:
    span = known.people.get(frozenset({first.board, second.board}))
    if span is None or span[0] == 0:
        return
    why = f"They are on the list of {first.name} and on that of {second.name}, whichever board they are asked of."
    yield AgendaPoint(
        "shared_people",
        "People whom both boards have on their lists",
        why,
        span_words(span),
        f"run of {known.day.isoformat()}",
        span[0],
    )


def span_words(span: Span) -> str:
    """Return a published range of people in words."""
    return f"{say_span(span)} people"


def _populations(first: Side, second: Side, known: Known) -> Iterator[AgendaPoint]:
    for population, boards in shared_populations([first.remit, second.remit]).items():
        if set(boards) == {first.board, second.board}:
            why = f"It is in the remit of {first.name} and of {second.name}."
            yield AgendaPoint(
                "same_population", known.populations.get(population, population), why, "", "boards.toml", 0.0
            )


def _waits(mine: Side, theirs: Side, known: Known) -> Iterator[AgendaPoint]:
    for shares in known.shares:
        part = shares.by_owner.get(theirs.board)
        if shares.board == mine.board and part:
            title = f"People of {mine.name} wait on lists of {theirs.name}"
            why = f"Of the time that they have waited so far, this part is for what {theirs.name} looks after."
            yield AgendaPoint("shared_waits", title, why, f"about {part}%", f"run of {known.day.isoformat()}", part)


def _holds(mine: Side, theirs: Side, known: Known) -> Iterator[AgendaPoint]:
    """Yield what holds up waits of one board's remit and is a move of a kind of body that sits on the other alone."""
    movers = theirs.kinds - mine.kinds
    own = frozenset(mine.remit.backlogs) - frozenset(theirs.remit.backlogs)
    for hold in known.holds:
        if hold.backlog in own and hold.owner_kind in movers:
            weeks = "" if hold.weeks is None else f", {hold.weeks:,} weeks waited so far"
            why = f"{hold.backlog_name} is looked after by {mine.name}; the move is for who sits on {theirs.name}."
            yield AgendaPoint(
                "holds", hold.action, why, f"{hold.waits:,} waits{weeks}", f"run of {known.day.isoformat()}", hold.waits
            )


def _savings(first: Side, second: Side, known: Known) -> Iterator[AgendaPoint]:
    sides = ((first, second), (second, first))
    for saving in known.savings:
        for payer, saver in sides:
            if saving.payer in payer.bodies - saver.bodies and saving.saver in saver.bodies - payer.bodies:
                names = [known.body_names.get(one, one) for one in (saving.payer, saving.saver)]
                why = f"{names[0]} pays for it, and {names[1]} saves."
                figure = f"{say_pounds(saving.pence)} {saving.period}"
                yield AgendaPoint("pays_and_saves", saving.what, why, figure, saving.source, saving.pence)


def _aims_of_both(first: Side, second: Side) -> Iterator[tuple[Aim, Aim]]:
    theirs = {aim.outcome: aim for aim in second.aims}
    for mine in first.aims:
        if mine.outcome in theirs:
            yield mine, theirs[mine.outcome]


def _outcomes(first: Side, second: Side) -> Iterator[AgendaPoint]:
    for mine, _ in _aims_of_both(first, second):
        why = f"{first.name} and {second.name} both have it as an aim."
        yield AgendaPoint("same_outcome", mine.name, why, mine.shown, "outcomes.toml", 0.0)


def _money(first: Side, second: Side) -> Iterator[AgendaPoint]:
    theirs = dict(second.funds)
    for fund, name in first.funds:
        if fund in theirs:
            why = f"{first.name} and {second.name} both decide on what is spent of it."
            yield AgendaPoint("same_money", name, why, "", "funds.toml", 0.0)


@dataclass(frozen=True)
class Comparison:
    """Two boards side by side, line by line: what each has under the same head."""

    head: str
    first: tuple[str, ...]
    second: tuple[str, ...]


def compare_boards(one: Side, other: Side, known: Known) -> tuple[Comparison, ...]:
    """Return what each board has under the same heads, in the order in which they were asked for."""
    return tuple(
        Comparison(head, *(tuple(words(side)) for side in (one, other)))
        for head, words in (
            ("Priorities", lambda side: side.priorities),
            (
                "Whom it looks after",
                lambda side: [known.populations.get(each, each) for each in side.remit.populations],
            ),
            ("Outcomes and targets", lambda side: [aim_words(aim) for aim in side.aims]),
            ("Funds", lambda side: [name for _, name in side.funds]),
            ("Bodies", lambda side: sorted(known.body_names.get(body, body) for body in side.bodies)),
        )
    )


def aim_words(aim: Aim) -> str:
    """Return an aim in words: the outcome, where it stands and where it should be by when."""
    stands = f", now {aim.shown}" if aim.shown else ", not published"
    if aim.target is None:
        return f"{aim.name}{stands}; no target"
    by = f" by {aim.target_date:%B %Y}" if aim.target_date else ""
    return f"{aim.name}{stands}; target {aim.target:g} {aim.unit}{by}"
