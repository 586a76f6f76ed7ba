"""Two boards as the common agenda sees them: of what was published and decided alone. Runs inside `asking_as`."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from django.db.models import Q, QuerySet

from braid.language.codes import BACKLOGS, WAIT_KINDS
from braid.place.boards.terms import Board
from braid.place.common_agenda import Aim, Hold, Known, Pull, Recut, Saving, Shares, Side
from braid.place.populations import population_of_backlog, population_of_statement
from braid.place.portfolio.load import find_portfolio
from braid.place.portfolio.model import Portfolio
from braid.place.remits import Remit
from braid.simulation.calibration.rules import default_rules
from braid.simulation.comparison import Comparison, Difference
from braid.store.place_folder import Place
from braid.trust.lists import span_of_lists
from braid.trust.unblocking import ACTION, ALL_BACKLOGS
from braid.web.boards.files import boards
from braid.web.funds.definitions import body_names, funds
from braid.web.graph_figures import backlog_name
from braid.web.models import (
    BoardOverlap,
    BoardRemit,
    BoardWaitShare,
    DecisionLink,
    OutcomeDefinition,
    ProblemStatement,
    SimulationQuestion,
    UnblockFigure,
)
from braid.web.outcomes.reading import SeenOutcome, read_outcome
from braid.web.packs.scope import Scope, open_scope
from braid.web.published import find_published_run
from braid.web.served_place import of_served_place, served_bodies
from braid.web.simulations.answers import read_answer
from braid.web.simulations.words import value_words

MOST_QUESTIONS = 10
"""So many answers of simulations are looked at for what pulls two boards apart, the newest."""


def get_side(board: Board, now: dt.datetime) -> Side:
    """Return a board as one side of a comparison, as whoever governs knows it.

    What was decided in confidence is left out for its members too: page and pack are for both boards.
    """
    scope = open_scope(board, None, now, is_confidential=False)
    priorities = scope.priorities
    members = frozenset(member.body for member in board.members)
    outcomes = list(dict.fromkeys(one for row in priorities for one in row.outcomes))
    return Side(
        board.id,
        board.name,
        board.remit,
        members,
        frozenset(body.kind for body in served_bodies().values() if body.id in members),
        tuple(row.title for row in priorities),
        tuple(_aim(*read_outcome(one)[:1]) for one in _published(outcomes)),
        tuple(_funds(scope)),
    )


def _published(outcomes: Sequence[str]) -> list[str]:
    known = set(OutcomeDefinition.objects.filter(pk__in=outcomes).values_list("pk", flat=True))
    return [one for one in outcomes if one in known]


def _aim(seen: SeenOutcome) -> Aim:
    document, last = seen.document, seen.last
    target = document["target"]
    end = target["steps"][-1] if target else None
    return Aim(
        seen.id,
        document["name"],
        document["unit"],
        document["better"] == "lower",
        end["value"] if end else None,
        dt.date.fromisoformat(end["by"]) if end else None,
        f"{last.value:g} {document['unit']} ({last.last_date:%B %Y})" if last and last.value is not None else "",
    )


def _funds(scope: Scope) -> Iterator[tuple[str, str]]:
    """Yield the funds that a decision of the board is about which was carried and stands."""
    known = funds()
    rows = DecisionLink.objects.filter(kind="fund", decision__in=[row.pk for row in scope.decisions])
    for fund in sorted(set(rows.values_list("reference", flat=True))):
        if fund in known:
            yield fund, known[fund].name


@of_served_place
def _offered(place: Place | None) -> Portfolio | None:
    return find_portfolio(place) if place else None


def get_known() -> Known:
    """Return what is published of the place, for any two of its boards."""
    run = find_published_run()
    assert run is not None
    bands = {frozenset(row.boards.split()): (row.low, row.high) for row in BoardOverlap.objects.all()}
    ids = list(boards())
    pairs = [frozenset((one, other)) for number, one in enumerate(ids) for other in ids[number + 1 :]]
    known = {board for one in bands for board in one}
    return Known(
        run.as_of_date,
        {pair: span_of_lists(bands, pair) for pair in pairs if pair <= known},
        _shares(),
        tuple(_holds()),
        tuple(_savings()),
        tuple(_pulls()),
        _population_names(),
        body_names(),
        tuple(_recut()),
    )


def _recut() -> Iterator[Recut]:
    """Yield the boards whose remit in the file is not the one that lists were first published by."""
    kept = {row.board_id: Remit(row.board_id, tuple(row.statements), tuple(row.backlogs)) for row in _kept_remits()}
    now = {board.id: board.remit for board in boards().values()}
    if not kept:
        return
    for board in sorted(kept.keys() | now.keys()):
        was, remit = (remits.get(board, Remit(board)).populations for remits in (kept, now))
        if sorted(was) != sorted(remit):
            yield Recut(boards()[board].name if board in boards() else board, was)


def _kept_remits() -> QuerySet[BoardRemit]:
    return BoardRemit.objects.order_by("board_id")


def _shares() -> tuple[Shares, ...]:
    by_board: dict[str, dict[str, int]] = defaultdict(dict)
    for row in BoardWaitShare.objects.order_by("board_id", "owner_board_id"):
        by_board[row.board_id][row.owner_board_id] = row.share
    return tuple(Shares(board, by_owner) for board, by_owner in by_board.items())


def _holds() -> Iterator[Hold]:
    """Yield the actions that hold up waits of a backlog, by who would move them, as far as they are published."""
    rows = UnblockFigure.objects.filter(scope=ACTION, held_waits__gt=0).exclude(backlog=ALL_BACKLOGS)
    for row in rows.order_by("backlog", "position"):
        name = backlog_name(row.backlog)
        yield Hold(row.backlog, name, row.owner_organisation, row.next_action, row.held_waits, row.held_weeks)


def _savings() -> Iterator[Saving]:
    """Yield what interventions bring to bodies that do not pay for them, at the boards' own weights."""
    offered = _offered()
    if offered is None:
        return
    weights = {weight.outcome: weight.pence for weight in offered.weights}
    period = f"from {_day(offered.from_date)} to {_day(offered.to_date)}"
    for offer in offered.offered:
        size = offer.sizes[offer.least]
        worth: dict[str, float] = defaultdict(float)
        for effect in offer.effects:
            worth[effect.body] += effect.at_sizes[offer.least].central * weights.get(effect.outcome, 0)
        for payer in size.costs:
            for saver, pence in worth.items():
                if saver not in size.costs and pence > 0:
                    yield Saving(offer.name, payer, saver, round(pence), period, "interventions.toml, at its weights")


def _day(day: dt.date) -> str:
    return f"{day.day} {day:%B %Y}"


def _pulls() -> Iterator[Pull]:
    """Yield the scenarios that were simulated by which waits of one board's remit get shorter and another's longer."""
    of_service = _backlogs_of_services()
    remits = {board.id: frozenset(board.backlogs) for board in boards().values()}
    rows = SimulationQuestion.objects.filter(Q(kind="scenarios"), Q(state="done"), ended_at=None).select_related(
        "answer"
    )
    for row in rows.order_by("-asked_at", "pk")[:MOST_QUESTIONS]:
        answer = read_answer(row.answer.document)
        for comparison in answer.comparisons:
            yield from _pulls_of(comparison, row.name, of_service, remits)


def _pulls_of(
    comparison: Comparison,
    question: str,
    of_service: Mapping[str, frozenset[str]],
    remits: Mapping[str, frozenset[str]],
) -> Iterator[Pull]:
    gains, losses = (
        [one for one in found if one.measure.unit == "weeks"] for found in (comparison.gains(), comparison.losses())
    )
    for helps, own in remits.items():
        for harms, theirs in remits.items():
            gained = _first(gains, own - theirs, of_service)
            lost = _first(losses, theirs - own, of_service)
            if gained is not None and lost is not None:
                words = " ".join(_words(one, comparison.replications) for one in (gained, lost))
                yield Pull(comparison.scenario, helps, harms, words, f"simulation {question!r}")


def _words(one: Difference, replications: int) -> str:
    said = value_words(one.difference, one.measure.unit, replications, is_difference=True)
    return f"{one.measure.title.partition(':')[0]}: {said}."


def _first(
    found: Sequence[Difference], backlogs: frozenset[str], of_service: Mapping[str, frozenset[str]]
) -> Difference | None:
    """Return the largest difference of a measure of a service in which people of these backlogs wait."""
    mine = [one for one in found if of_service.get(one.measure.id.partition(".")[2], frozenset()) & backlogs]
    return max(mine, key=lambda one: abs(one.difference.mean or 0.0), default=None)


@lru_cache(maxsize=1)
def _backlogs_of_services() -> Mapping[str, frozenset[str]]:
    """Return the backlogs whose waits are queues for each service of a place's network."""
    found: dict[str, set[str]] = defaultdict(set)
    for pathway in default_rules().pathways:
        for step in pathway.steps:
            found[step.service].add(WAIT_KINDS[step.kind].backlog)
    return {service: frozenset(backlogs) for service, backlogs in found.items()}


def _population_names() -> dict[str, str]:
    names = {population_of_backlog(code): f"Who waits: {backlog.name}" for code, backlog in BACKLOGS.items()}
    for pk, words in ProblemStatement.objects.values_list("problem_id", "words"):
        names[population_of_statement(pk)] = f"Whom it concerns: {words.get('name', pk)}"
    return names
