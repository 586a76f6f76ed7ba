"""What holds up what over the place, and the problem statements: the published figures with their codes as words."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from braid.language.codes import BACKLOGS, CODE_LISTS
from braid.trust.unblocking import ALL_BACKLOGS, RESOURCE, WORDS
from braid.web.access.words import holder_words, organisation_words
from braid.web.models import DeadlockFigure, ProblemStatement, PublishedRun, UnblockFigure
from braid.web.published import find_published_run, hold_published_set
from braid.web.written_once import written_once

EVERY_BACKLOG = "All backlogs"


@dataclass(frozen=True)
class Unblocking:
    """What an action, team or resource holds and alone would free, in one backlog or in all (`backlog` empty).

    Counts are as published: `None` is not shown. `held_hidden` and `freed_hidden` say how many actions' counts are not;
    a team's count is that of the others.
    """

    scope: str
    scope_name: str
    backlog: str
    backlog_name: str
    position: int
    owner_organisation: str
    owner_role: str
    next_action: str
    holder: str
    held_waits: int | None
    held_weeks: int | None
    held_hidden: int
    freed_waits: int | None
    freed_weeks: int | None
    freed_hidden: int


@dataclass(frozen=True)
class Deadlock:
    """Kinds of organisation that wait for each other, and in how many waits; `None` is not shown."""

    organisations: tuple[str, ...]
    waits: int | None


@dataclass(frozen=True)
class BlockerFigures:
    """All of it for the published run, in the order in which it is shown."""

    run: PublishedRun | None
    rows: tuple[Unblocking, ...]
    deadlocks: tuple[Deadlock, ...]

    def of(self, scope: str, backlog: str) -> tuple[Unblocking, ...]:
        """Return the rows of a scope and a backlog, those that free most first."""
        return tuple(row for row in self.rows if (row.scope, row.backlog) == (scope, backlog))

    @property
    def held_by(self) -> tuple[Unblocking, ...]:
        """Which resource holds up which backlog, those that hold most first."""
        rows = [row for row in self.rows if row.scope == RESOURCE and row.backlog != ALL_BACKLOGS]
        return tuple(sorted(rows, key=lambda row: (-(row.held_waits or 0), row.holder, row.backlog_name)))


def get_blocker_figures() -> BlockerFigures:
    """Return what holds up what over the place; empty before the first run, and of a run made before it was found."""
    hold_published_set()
    rows = UnblockFigure.objects.order_by("scope", "backlog", "position")
    deadlocks = DeadlockFigure.objects.order_by("organisations")
    return BlockerFigures(
        find_published_run(),
        tuple(map(_unblocking, rows)),
        tuple(Deadlock(tuple(map(organisation_words, row.organisations.split())), row.waits) for row in deadlocks),
    )


def _unblocking(row: UnblockFigure) -> Unblocking:
    counts = ("held_waits", "held_weeks", "held_hidden", "freed_waits", "freed_weeks", "freed_hidden")
    return Unblocking(
        scope=row.scope,
        scope_name=CODE_LISTS["unblock_scope"][row.scope],
        backlog=row.backlog,
        backlog_name=backlog_name(row.backlog),
        position=row.position,
        owner_organisation=organisation_words(row.owner_organisation) if row.owner_organisation else "",
        owner_role=row.owner_role,
        next_action=row.next_action,
        holder=holder_words(row.holder_type, row.holder_kind) if row.holder_type else "",
        **{name: getattr(row, name) for name in counts},
    )


def backlog_name(code: str) -> str:
    """Return a backlog in words; of the empty code, that it is all of them."""
    return BACKLOGS[code].name if code else EVERY_BACKLOG


@dataclass(frozen=True)
class Move:
    """One owner and action that a rule names, and what is published of it in the backlog of the waits it holds.

    `figures` is `None` where nothing is held by it.
    """

    words: dict[str, Any]
    figures: Unblocking | None


@dataclass(frozen=True)
class Rule:
    """A blocker rule of a statement: its words, and its moves."""

    words: dict[str, Any]
    moves: tuple[Move, ...]


@dataclass(frozen=True)
class Statement:
    """A problem statement as the run had it. `people` is how many it concerns; `None` is not shown."""

    problem_id: str
    words: dict[str, Any]
    people: int | None
    rules: tuple[Rule, ...]


def get_statements() -> tuple[PublishedRun | None, tuple[Statement, ...]]:
    """Return the published run and its problem statements in their order."""
    hold_published_set()
    actions = {
        (row.backlog, *(getattr(row, name) for name in WORDS)): row
        for row in UnblockFigure.objects.filter(scope="action")
    }
    rows = ProblemStatement.objects.order_by("position")
    return find_published_run(), tuple(_statement(row, actions) for row in rows)


def get_statement_choices(purposes: Collection[str]) -> list[tuple[str, str]]:
    """Return (id, name) of the problem statements that serve one of `purposes`, in their order."""
    return [(problem, name) for problem, name, purpose in _names_of_statements() if purpose in purposes]


@written_once
def _names_of_statements() -> QuerySet[ProblemStatement, Any]:
    rows = ProblemStatement.objects.order_by("position")
    return rows.values_list("problem_id", "words__name", "words__purpose_code")


def _statement(row: ProblemStatement, actions: dict[tuple[str, ...], UnblockFigure]) -> Statement:
    rules = tuple(Rule(rule, tuple(_moves(rule, actions))) for rule in row.words["rules"])
    return Statement(row.problem_id, row.words, row.people, rules)


def _moves(rule: dict[str, Any], actions: dict[tuple[str, ...], UnblockFigure]) -> Iterable[Move]:
    for move in rule["moves"]:
        key = (move["owner_kind"], move["owner_role"], move["next_action"], move["holder_type"], move["holder_kind"])
        found = actions.get((rule["backlog"], *key))
        yield Move(move, _unblocking(found) if found else None)
