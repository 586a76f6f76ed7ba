"""What holds up what, worked out slowly from the definitions, row by row. The tests hold the queries against it."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from braid.language.records import record_id
from braid.waits.model import case_reference, strictest
from braid.waits.reference import Row, Tables

Chain = tuple[Row, ...]
"""Blockers from the wait in which a chain ends, each held by the next; none where the chain begins in its end."""


@dataclass(frozen=True)
class Effect:
    """The ids of waits that something holds, with the fewest blockers between, and of those that it alone frees."""

    held: dict[str, int]
    freed: frozenset[str]


class Graph:
    """The graph over rows of `person_wait` and `blocker`. `tables` has the wait and episode records that name cases."""

    def __init__(self, tables: Tables, waits: Iterable[Row], blockers: Iterable[Row]) -> None:
        self.waits: dict[str, Row] = {wait["wait_id"]: wait for wait in waits if wait["stop_date"] is None}
        self.blockers = sorted(
            (row for row in blockers if row["holder_wait_id"] != row["held_wait_id"]), key=lambda row: row["blocker_id"]
        )
        self._tables = tables
        self.holder: dict[str, str] = {row["blocker_id"]: self._holder_id(row) for row in self.blockers}
        self.holding: dict[str, list[Row]] = defaultdict(list)
        """The blockers of each held wait."""
        for row in self.blockers:
            self.holding[row["held_wait_id"]].append(row)
        self.deadlock = self._deadlocks()

    def _holder_id(self, blocker: Row) -> str:
        if blocker["holder_wait_id"] is not None:
            return str(blocker["holder_wait_id"])
        thing = self._thing(blocker)
        first = min(other["held_wait_id"] for other in self.blockers if self._thing(other) == thing)
        name = f"{blocker['holder_type']}|{blocker['holder_kind']}|{first}"
        return hashlib.sha256(name.encode()).hexdigest()[:20]

    def _thing(self, blocker: Row) -> tuple[Any, ...]:
        """What is missing is one thing in one case of one organisation; without a case it is the wait's own."""
        if blocker["holder_wait_id"] is not None:
            return ("wait", blocker["holder_wait_id"])
        wait = self.waits[blocker["held_wait_id"]]
        case = self._case(wait)
        whose = ("wait", wait["wait_id"]) if case is None else (wait["organisation_id"], case)
        return (blocker["holder_type"], blocker["holder_kind"], *whose)

    def _case(self, wait: Row) -> str | None:
        for table in ("wait", "episode"):
            for row in self._tables[table]:
                if row["record_id"] == wait["case_record_id"] and row["episode_ref"] is not None:
                    reference: str = row["episode_ref"]
                    return case_reference(reference) if wait["kind"] == "crown_trial" else reference
        return None

    def up_the_line(self, wait: str, seen: frozenset[str] = frozenset()) -> set[str]:
        """Return the ids of all that holds a wait, directly or not; the wait itself too if it is in a deadlock."""
        found = {self.holder[row["blocker_id"]] for row in self.holding.get(wait, ())}
        for holder in found - seen:
            found = found | self.up_the_line(holder, seen | found)
        return found

    def _deadlocks(self) -> dict[str, str]:
        """Return the deadlock of each wait that is in one."""
        above = {wait: self.up_the_line(wait) for wait in self.waits}
        groups = {wait: sorted(o for o in above[wait] if wait in above.get(o, ())) for wait in self.waits}
        return {wait: record_id("braid", "deadlock", *group) for wait, group in groups.items() if group}

    def is_inside(self, blocker: Row, deadlock: str) -> bool:
        """Return whether a blocker is between two waits of a deadlock."""
        ends = (blocker["held_wait_id"], self.holder[blocker["blocker_id"]])
        return all(self.deadlock.get(end) == deadlock for end in ends)

    def sensitivity(self, wait: str) -> str:
        """Return the strictest of a wait and of every wait and blocker up the line."""
        line = {wait, *self.up_the_line(wait)}
        waits = [self.waits[one]["sensitivity"] for one in line if one in self.waits]
        return strictest(*waits, *(row["sensitivity"] for one in line for row in self.holding.get(one, ())))

    def effect(self, lifts: Callable[[Row], bool], gone: str | None = None) -> Effect:
        """Return what the blockers that `lifts` picks hold and free; `gone` is a holder that goes away with them."""
        held: dict[str, int] = {}
        here = {row["held_wait_id"] for row in self.blockers if lifts(row)} - {gone}
        while here:
            held |= dict.fromkeys(here, max(held.values(), default=0) + 1)
            further = {row["held_wait_id"] for row in self.blockers if self.holder[row["blocker_id"]] in here}
            here = further - held.keys() - {gone}
        freed: set[str] = set()
        while more := {wait for wait in held.keys() - freed if self._is_free(wait, lifts, freed)}:
            freed |= more
        return Effect(held, frozenset(freed))

    def _is_free(self, wait: str, lifts: Callable[[Row], bool], freed: set[str]) -> bool:
        return all(lifts(row) or self.holder[row["blocker_id"]] in freed for row in self.holding[wait])

    def chains(self, wait: str) -> Iterator[Chain]:
        """Return every chain that ends in a wait, or begins there."""
        if wait in self.deadlock or wait not in self.holding:
            yield ()
            return
        for row in self.holding[wait]:
            for rest in self.chains(self.holder[row["blocker_id"]]):
                yield (row, *rest)

    def weight(self, end: str, chain: Chain) -> tuple[int, int, int]:
        """Return days waited, days past a limit, and steps."""
        waits = [self.waits[one] for one in self.line(end, chain)]
        return sum(wait["elapsed_days"] for wait in waits), sum(days_over(wait) for wait in waits), len(chain)

    def line(self, end: str, chain: Chain) -> list[str]:
        """Return the waits of a chain, from the one in which it ends."""
        return [one for one in (end, *(self.holder[row["blocker_id"]] for row in chain)) if one in self.waits]

    def critical_path(self, person: str) -> tuple[str, Chain]:
        """Return the wait in which the critical path of a person ends, and its chain."""
        every = [(wait, chain) for wait in self._held_by(person) for chain in self.chains(wait)]

        def order(path: tuple[str, Chain]) -> tuple[Any, ...]:
            weights = (-part for part in self.weight(*path))
            return *weights, path[0], [row["blocker_id"] for row in path[1]]

        return min(every, key=order)

    def _held_by(self, person: str) -> list[str]:
        return [wait for wait in self.holding if self.waits[wait]["person_id"] == person]

    def effects_of_holders(self) -> dict[str, Effect]:
        """Return the effect of each holder that goes away."""
        return {holder: self.effect(self._held_by_it(holder), holder) for holder in set(self.holder.values())}

    def _held_by_it(self, holder: str) -> Callable[[Row], bool]:
        return lambda row: self.holder[row["blocker_id"]] == holder

    def root_blocker(self, person: str, effects: dict[str, Effect]) -> str:
        """Return the holder that alone frees most of a person's waits."""
        mine = self._held_by(person)

        def order(holder: str) -> tuple[Any, ...]:
            freed = [self.waits[wait] for wait in mine if wait in effects[holder].freed]
            held = [wait for wait in mine if wait in effects[holder].held]
            days = sum(wait["elapsed_days"] for wait in freed)
            return -len(freed), -days, -sum(map(days_over, freed)), -len(held), holder in self.holding, holder

        return min((one for one, effect in effects.items() if set(mine) & effect.held.keys()), key=order)


def person_paths(graph: Graph) -> list[Row]:
    """Return columns of `person_path` in order of person, and the blockers of each path from its end."""
    effects = graph.effects_of_holders()
    rows = []
    for person in sorted({graph.waits[wait]["person_id"] for wait in graph.holding}):
        mine = [wait for wait in graph.holding if graph.waits[wait]["person_id"] == person]
        end, chain = graph.critical_path(person)
        days, over, steps = graph.weight(end, chain)
        begin = graph.holder[chain[-1]["blocker_id"]] if chain else end
        root = graph.root_blocker(person, effects)
        rows.append(
            {
                "person_id": person,
                "held_waits": len(mine),
                "end_wait_id": end,
                "steps": steps,
                "path_days": days,
                "path_waits_over": sum(days_over(graph.waits[one]) > 0 for one in graph.line(end, chain)),
                "path_days_over": over,
                "begin_holder_id": begin,
                "deadlock_id": graph.deadlock.get(begin),
                "root_holder_id": root,
                "root_held_waits": len(set(mine) & effects[root].held.keys()),
                "root_freed_waits": len(set(mine) & effects[root].freed),
                "sensitivity": strictest(*(graph.sensitivity(wait) for wait in mine)),
                "path": [row["blocker_id"] for row in chain],
            }
        )
    return rows


def deadlocks(graph: Graph) -> list[Row]:
    """Return the columns of `deadlock` in order of id, and the blockers inside each."""
    rows = []
    for name in sorted(set(graph.deadlock.values())):
        waits = [graph.waits[wait] for wait, deadlock in graph.deadlock.items() if deadlock == name]
        inside = [row for row in graph.blockers if graph.is_inside(row, name)]
        rows.append(
            {
                "deadlock_id": name,
                "wait_count": len(waits),
                "person_count": len({wait["person_id"] for wait in waits}),
                "organisations": " ".join(sorted({wait["organisation_id"] for wait in waits})),
                "kinds": " ".join(sorted({wait["kind"] for wait in waits})),
                "rules": " ".join(sorted({row["rule_id"] for row in inside})),
                "total_days": sum(wait["elapsed_days"] for wait in waits),
                "waits_over": sum(days_over(wait) > 0 for wait in waits),
                "total_days_over": sum(map(days_over, waits)),
                "sensitivity": strictest(*(graph.sensitivity(wait["wait_id"]) for wait in waits)),
                "blockers": [row["blocker_id"] for row in inside],
            }
        )
    return rows


def days_over(wait: Row) -> int:
    """Return the days a wait is past its limit; none where the law sets no limit."""
    return max(0, -wait["days_left"]) if wait["clock"] == "past" else 0
