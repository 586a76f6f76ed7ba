"""Remits of boards: whose waits and which problem statements each looks after, and how many people they have in common.

A board's list is everybody of the populations in its remit that no other board looks after: what several look after
together is said by itself (decision 50).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from braid.language.place_findings import BOARD_LIST, BOARD_WAIT
from braid.place.populations import population_of_backlog, population_of_statement
from braid.store.engine import Engine
from braid.waits.model import WEEK_DAYS, quoted

NOBODYS = ""
"""Instead of a board, where a backlog is in no remit."""


@dataclass(frozen=True)
class Remit:
    """What a board looks after: problem statements and backlogs, by their ids."""

    board: str
    statements: tuple[str, ...] = ()
    backlogs: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.board.replace("-", "").isalnum():
            raise ValueError("the id of a board has letters, digits and hyphens only")

    @property
    def populations(self) -> tuple[str, ...]:
        """The populations of it."""
        return (*map(population_of_statement, self.statements), *map(population_of_backlog, self.backlogs))


def shared_populations(remits: Sequence[Remit]) -> dict[str, tuple[str, ...]]:
    """Return the populations that several boards look after, each with those boards."""
    owners: dict[str, list[str]] = defaultdict(list)
    for remit in remits:
        for population in remit.populations:
            owners[population].append(remit.board)
    return {population: tuple(boards) for population, boards in owners.items() if len(boards) > 1}


def list_of(remit: Remit, remits: Sequence[Remit]) -> tuple[str, ...]:
    """Return the populations of a board's list: those of its remit that are in no other."""
    shared = shared_populations(remits)
    return tuple(one for one in remit.populations if one not in shared)


def create_board_lists(engine: Engine, remits: Sequence[Remit]) -> None:
    """Create `board_list` and `board_wait` from population_member and person_wait.

    Runs after `braid.place.populations.create_population_member`.
    """
    if not remits:
        engine.load_rows(BOARD_LIST, [])
        engine.load_rows(BOARD_WAIT, [])
        return
    engine.create("board_person", _board_person(remits))
    found = engine.rows(_combinations(remits))
    engine.load_rows(BOARD_LIST, sorted(_named(found, remits), key=lambda row: str(row["boards"])))
    engine.create("board_wait", " union all ".join(_waits(number, remits) for number in range(len(remits))))


def _board_person(remits: Sequence[Remit]) -> str:
    """Return a query of everybody in a population, with 1 or 0 for each board whose list they are on."""
    lists = [list_of(remit, remits) for remit in remits]
    flags = ", ".join(
        f"max(case when population in ({quoted(own)}) then 1 else 0 end) as on_{number}" if own else f"0 as on_{number}"
        for number, own in enumerate(lists)
    )
    return f"select person_id, {flags} from population_member group by person_id"


def _combinations(remits: Sequence[Remit]) -> str:
    flags = ", ".join(f"on_{number}" for number in range(len(remits)))
    return f"select {flags}, count(*) as people from board_person group by {flags}"


def _named(found: Iterable[Mapping[str, Any]], remits: Sequence[Remit]) -> Iterator[dict[str, Any]]:
    for row in found:
        boards = sorted(remit.board for number, remit in enumerate(remits) if row[f"on_{number}"])
        if boards:
            yield {"boards": " ".join(boards), "people": row["people"]}


def _waits(number: int, remits: Sequence[Remit]) -> str:
    """Return a query of the waits of the people on one board's list, by whose remit the backlog is in."""
    owners = {remit.board: remit.backlogs for remit in remits if remit.backlogs}
    taken = tuple(backlog for backlogs in owners.values() for backlog in backlogs)
    of_none = f"w.backlog not in ({quoted(taken)})" if taken else "w.backlog is not null"
    wheres = [(board, f"w.backlog in ({quoted(backlogs)})") for board, backlogs in owners.items()]
    return " union all ".join(
        f"""
    select '{remits[number].board}' as board, '{owner}' as owner_board, count(distinct w.person_id) as people,
      count(*) as waits, cast(sum(w.elapsed_days) as double) / {WEEK_DAYS} as weeks
    from person_wait w join board_person b on b.person_id = w.person_id
    where w.stop_date is null and b.on_{number} = 1 and {where}
    having count(*) > 0"""
        for owner, where in [*wheres, (NOBODYS, of_none)]
    )


def count_board_lists(
    cohort: Iterable[Mapping[str, Any]], waits: Iterable[Mapping[str, Any]], remits: Sequence[Remit]
) -> tuple[dict[str, int], dict[tuple[str, str], tuple[int, int, float]]]:
    """Return what `create_board_lists` finds, one person at a time: the slow twin that the queries are held to."""
    open_waits = [row for row in waits if row["stop_date"] is None]
    of_person: dict[str, set[str]] = defaultdict(set)
    for row in cohort:
        of_person[row["person_id"]].add(population_of_statement(row["problem"]))
    for row in open_waits:
        of_person[row["person_id"]].add(population_of_backlog(row["backlog"]))
    shared = shared_populations(remits)
    boards = {
        person: {remit.board for remit in remits if found & ({*remit.populations} - {*shared})}
        for person, found in of_person.items()
    }
    lists = Counter(" ".join(sorted(found)) for found in boards.values() if found)
    rows: dict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for row in open_waits:
        owners = [remit.board for remit in remits if row["backlog"] in remit.backlogs] or [NOBODYS]
        for board in boards[row["person_id"]]:
            for owner in owners:
                rows[board, owner].append(row)
    return dict(lists), {
        key: (len({row["person_id"] for row in own}), len(own), sum(row["elapsed_days"] for row in own) / WEEK_DAYS)
        for key, own in rows.items()
    }
