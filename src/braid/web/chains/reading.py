"""The links of the place as its chains find them, and the chain of each priority. Runs inside `asking_as`.

Everything is of what other pages show to the same human: published figures, the ledger, and decisions that they may
see. Ids of a link have a word before them, so that a fund and an outcome of one name are never taken for each other.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Max, QuerySet
from django.urls import reverse
from django.utils import timezone

from braid.language.codes import WAIT_KINDS
from braid.place.chain import NO_VALUE, Chain, Gap, Link, build_chain, value_gap
from braid.place.commissions.states import BANDS, COMMISSION
from braid.place.commissions.terms import Terms
from braid.place.money.amounts import say_pounds
from braid.place.money.funds import Fund
from braid.place.money.periods import months_of, year_words
from braid.place.money.positions import LinePosition
from braid.web.access.sight import NotThere
from braid.web.boards.files import boards
from braid.web.commissions.place_files import files
from braid.web.commissions.seen import list_commissions, read_counts
from braid.web.figures import PlaceFigures, get_place_figures
from braid.web.funds.books import COUNTED
from braid.web.funds.definitions import funds
from braid.web.funds.seen import list_funds
from braid.web.models import BoardPriority, Commission, LedgerEntry, OutcomeDefinition, ShownSize
from braid.web.outcomes.reading import SeenOutcome, read_frameworks

QUARTER = dt.timedelta(days=91)
MOST_LISTED = 200
GONE = "A board that is not in the file any more"
MARK = "Confidential: "
"""Before a priority that was decided in confidence: pages and files show it to members of its board alone."""
NOT_YET = frozenset({"draft", "dropped"})
"""States of a commission in which nothing is commissioned yet, or any more."""
Links = Mapping[str, Sequence[Link]]
Sizes = Mapping[str, Sequence[tuple[dt.date, int | None]]]
"""By kind of wait how many waited on which day, as published, in order of days."""


@dataclass(frozen=True)
class ChainSeen:
    """The chain of a priority, with what may be said of changes of its outcomes."""

    row: BoardPriority
    chain: Chain
    said: tuple[tuple[str, Mapping[str, Any]], ...]
    """By the name of an outcome, what was compared, what else changed, and what may be said."""
    stands: bool


def list_chains() -> list[ChainSeen]:
    """Return the chain of every standing priority of every board, in the order of boards and priorities."""
    order = {board: number for number, board in enumerate(boards())}
    found = _priorities().filter(replaced_by=None, ended_by=None)
    rows = sorted(found[:MOST_LISTED], key=lambda row: (order.get(row.board_id, len(order)), row.position))
    return _chains(rows)


def get_chain(priority_id: UUID) -> ChainSeen:
    """Return the chain of a priority that whoever asks may see, also of one that stands no more. Raises `NotThere`."""
    rows = list(_priorities().filter(pk=priority_id))
    if not rows:
        raise NotThere
    return _chains(rows)[0]


def _priorities() -> QuerySet[BoardPriority]:
    return BoardPriority.objects.select_related("decision", "replaced_by", "ended_by")


def chains_through(outcomes: Collection[str], statements: Collection[str] = ()) -> list[tuple[UUID, str]]:
    """Return the standing priorities in whose chain a thing stands, by id and title: that is for these outcomes, or for
    whatever outcomes serve these problem statements."""
    known = OutcomeDefinition.objects.values_list("pk", "document__statement")
    wanted = {*outcomes, *(pk for pk, statement in known if statement in statements)}
    rows = BoardPriority.objects.filter(replaced_by=None, ended_by=None).order_by("board_id", "position")
    return [(row.pk, row.title) for row in rows[:MOST_LISTED] if wanted & set(row.outcomes)]


def _chains(rows: Sequence[BoardPriority]) -> list[ChainSeen]:
    place = get_place_figures()
    outcomes = {one.id: one for framework in read_frameworks() for one in framework.outcomes}
    bought = [(row, terms) for row, terms, _ in list_commissions() if row.state not in NOT_YET]
    common: dict[str, Sequence[Link]] = {
        "outcome": [_outcome(one, place.run.run_id if place.run else "none") for one in outcomes.values()],
        "money": list(_money()),
        "commission": [_commission(row, terms) for row, terms in bought],
    }
    sizes = read_sizes(place)
    every = [{**common, "waits": list(_waits(row.from_date, place, sizes))} for row in rows]
    so_far = [build_chain(_priority(row), "", links) for row, links in zip(rows, every, strict=True)]
    served = _served_in(so_far, bought)
    return [_chain(row, {**links, "served": served}, outcomes) for row, links in zip(rows, every, strict=True)]


def _served_in(chains: Sequence[Chain], bought: Sequence[tuple[Commission, Terms]]) -> list[Link]:
    """Return whom the commissions of some chains serve: each is asked of the database once, and the others never."""
    about = {one for chain in chains for step in chain.steps if step.head == "commission" for each in step.links
             for one in each.about}  # fmt: skip
    return [link for row, terms in bought if f"commission:{row.pk}" in about for link in _served(row, terms)]


def _chain(row: BoardPriority, links: Links, outcomes: Mapping[str, SeenOutcome]) -> ChainSeen:
    board = boards().get(row.board_id)
    chain = build_chain(_priority(row), board.name if board else GONE, links)
    shown = next(step for step in chain.steps if step.head == "outcome")
    ids = [one.partition(":")[2] for link in shown.links for one in sorted(link.about) if one.startswith("outcome:")]
    said = tuple(
        (outcomes[one].document["name"], effect) for one in ids for effect in outcomes[one].document["effects"]
    )
    return ChainSeen(row, chain, said, not hasattr(row, "replaced_by") and not hasattr(row, "ended_by"))


def _priority(row: BoardPriority) -> Link:
    about = {f"outcome:{one}" for one in row.outcomes} | {f"statement:{one}" for one in row.statements}
    span = f"{_day(row.from_date)} to {_day(row.to_date)}"
    decision = reverse("board_decision", args=[row.decision_id])
    source = f"Decision {row.decision.reference}"
    title = f"{MARK if row.decision.confidential else ''}{row.title}"
    return Link("priority", title, span, row.decision.decided_at.date(), source, decision, frozenset(about))


# -- outcomes


def _outcome(one: SeenOutcome, run: str) -> Link:
    """An outcome is found by its own id alone; the statement that it serves leads on to money and waits."""
    document, last = one.document, one.last
    about = {f"outcome:{one.id}"} | ({f"serves:{document['statement']}"} if document["statement"] else set())
    unit = document["unit"]
    now = "no value published yet" if last is None else f"now {last.value:g} {unit}"
    parts = [now, *_baseline(document), *_target(document)]
    return Link(
        "outcome",
        document["name"],
        "; ".join(parts),
        last.last_date if last else None,
        f"Published figure of outcomes, run {run}",
        reverse("outcome", args=[one.id]),
        frozenset(about),
        _no_value(one) if last is None else None,
    )


def _no_value(one: SeenOutcome) -> Gap:
    """The gap of an outcome without a value. What an older Braid published does not say when one is due."""
    document = one.document
    due = document.get("due")
    if due is None:
        return Gap(
            NO_VALUE.format(name=document["name"]), "Whoever runs Braid publishes when a value is due, with a run."
        )
    first, last = (dt.date.fromisoformat(due[end]) for end in ("from", "until"))
    is_few = bool(one.series)
    return value_gap(document["name"], document["period"], first, last, is_few=is_few, if_whole=due["if_whole"])


def _baseline(document: Mapping[str, Any]) -> Iterator[str]:
    if document["baseline"] is not None:
        yield f"baseline {document['baseline']:g}"


def _target(document: Mapping[str, Any]) -> Iterator[str]:
    if document["target"]:
        end = document["target"]["steps"][-1]
        yield f"target {end['value']:g} by {_day(end['by_date'])}"


# -- money


def _money() -> Iterator[Link]:
    """Yield the lines on which anything is committed or spent in the financial year of today."""
    known = funds()
    if not known:
        return
    counted = LedgerEntry.objects.filter(COUNTED).exclude(line="")
    last = {
        (fund, line): day for fund, line, day in counted.values_list("fund_id", "line").annotate(Max("occurred_date"))
    }
    for seen in list_funds(known, timezone.localdate()):
        year, closed = seen.position.year, seen.position.closed_to
        for line in seen.position.lines:
            if line.committed or line.spent:
                yield _line(seen.fund, line, year, closed, last.get((seen.fund.id, line.id)))


def _line(fund: Fund, line: LinePosition, year: int, closed: dt.date | None, day: dt.date | None) -> Link:
    serves = fund.lines[line.id]
    named = (("outcome", serves.outcome), ("serves", serves.statement), ("commission", serves.commission))
    about = {f"{head}:{one}" for head, one in named if one}
    periods = f"periods to {months_of(year)[-1]:%B %Y}"
    closed_words = f", closed to {closed:%B %Y}" if closed else ", none closed"
    return Link(
        "money",
        f"{fund.name}: {line.name}",
        f"{say_pounds(line.committed)} committed, {say_pounds(line.spent)} spent, of {say_pounds(line.budget)}",
        day,
        f"Ledger of {fund.name}, {year_words(year)}, {periods}{closed_words}",
        reverse("fund", args=[fund.id]),
        frozenset(about),
    )


# -- commissions, and whom they serve


def _commission(row: Commission, terms: Terms) -> Link:
    """A commission is found by its outcomes and its problem statement, and by a line of a fund that names it."""
    about = {f"commission:{row.pk}", f"serves:{terms.statement}"}
    about |= {f"outcome:{one}" for one in terms.outcomes}
    state = COMMISSION.states[row.state].name
    return Link(
        "commission",
        terms.title,
        f"{state}; {say_pounds(terms.value_pence)} from {_day(terms.from_date)} to {_day(terms.to_date)}",
        row.made_at.date(),
        f"Terms {row.in_force or 'not signed yet'} of the commission, paid from {terms.fund}",
        reverse("commission", args=[row.pk]),
        frozenset(about),
    )


def _served(row: Commission, terms: Terms) -> Iterator[Link]:
    """Yield the lots of which any count of people who began is published, band by band as their page has it."""
    counts = read_counts(row)
    month = timezone.localdate().replace(day=1)
    for lot in terms.lots:
        begun = {band: counts.get((lot.id, band), {}).get("attached", 0) for band in BANDS}
        if any(begun.values()):
            yield Link(
                "served",
                f"{terms.title}: {lot.name}",
                f"Have begun: {'; '.join(f'{name.lower()}, {_count(begun[band])}' for band, name in BANDS.items())}",
                month - dt.timedelta(days=1),
                "Records of the service, counts to the nearest 5, of months that are over",
                reverse("commission", args=[row.pk]),
                frozenset({f"commission:{row.pk}"}),
            )


def _count(shown: int | None) -> str:
    return "too few to show" if shown is None else str(shown)


# -- waits


def read_sizes(place: PlaceFigures) -> Sizes:
    """Return what was published of the size of every queue of the place, the newest run's last."""
    found: dict[str, list[tuple[dt.date, int | None]]] = {}
    today = place.run.as_of_date if place.run else None
    if today is None:
        return {}
    for kind, day, waiting in (
        ShownSize.objects.filter(day__lt=today).order_by("day").values_list("kind", "day", "waiting")
    ):
        found.setdefault(kind, []).append((day, waiting))
    for one in place.kinds:
        found.setdefault(one.kind, []).append((today, one.waiting))
    return found


def _waits(since: dt.date, place: PlaceFigures, sizes: Sizes) -> Iterator[Link]:
    """Yield the kinds of wait of which a size is published now and of before the day since which a priority stands."""
    medians = {one.kind: one.median_days for one in place.kinds}
    run = place.run.run_id if place.run else ""
    for kind, statements in _statements_of_kinds().items():
        then, now = _then_and_now(sizes.get(kind, ()), since)
        if then is not None and now is not None:
            yield _wait(kind, statements, then, now, medians.get(kind), run)


Size = tuple[dt.date, int]


def _then_and_now(sizes: Sequence[tuple[dt.date, int | None]], since: dt.date) -> tuple[Size | None, Size | None]:
    """Return the last published size before a day and the newest; where all is before it, that of a quarter earlier."""
    if not sizes or sizes[-1][1] is None:
        return None, None
    now = (sizes[-1][0], sizes[-1][1])
    bound = since if now[0] > since else now[0] - QUARTER
    shown = [(day, waiting) for day, waiting in sizes[:-1] if waiting is not None]
    before = [one for one in shown if one[0] <= bound]
    return (before[-1] if before else shown[0] if shown else None), now


def _wait(kind: str, statements: Iterable[str], then: Size, now: Size, median: int | None, run: str) -> Link:
    change = now[1] - then[1]
    said = "as many" if change == 0 else f"{abs(change):,} {'fewer' if change < 0 else 'more'}"
    length = "" if median is None else f"; half of them have waited {median:,} days or longer"
    about = {f"{word}:{one}" for one in statements for word in ("statement", "serves")}
    return Link(
        "waits",
        WAIT_KINDS[kind].name,
        f"{now[1]:,} wait, {then[1]:,} on {_day(then[0])}: {said}{length}",
        now[0],
        f"Published sizes of backlogs, run {run}",
        reverse("backlog", args=[kind]),
        frozenset(about),
    )


def _statements_of_kinds() -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for statement in files().statements.values():
        for kind in statement.waits:
            found.setdefault(kind, []).append(statement.problem_id)
    return found


def _day(day: dt.date) -> str:
    return f"{day.day} {day:%B %Y}"
