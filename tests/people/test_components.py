"""Whom nothing touches stands as before: found persons are those of resolving everybody, round by round."""

from __future__ import annotations

import random
from itertools import combinations

import pytest

from braid.people.components import Resolver
from braid.people.model import Barriers, Decisions, Edge, Facts, Resolution, Rest
from braid.people.resolve import resolve

RECORDS = [f"r{number:02}" for number in range(24)]
BLOCKS = [RECORDS[start : start + 6] for start in range(0, 24, 6)]
PAIRS = [pair for block in BLOCKS for pair in combinations(block, 2)] + [("r05", "r06"), ("r11", "r12")]


class _Evidence:
    """Records, edges, facts, decisions and seals, changed at random from night to night."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.records = set(RECORDS)
        self.edges: dict[tuple[str, str], Edge] = {}
        self.weak: dict[tuple[str, str], Edge] = {}
        self.comparable = set(RECORDS[::2])
        self.facts: dict[str, Facts] = {}
        self.must: set[tuple[str, str]] = set()
        self.cannot: set[tuple[str, str]] = set()
        self.sides: dict[str, frozenset[tuple[str, str]]] = {}
        for _ in range(60):
            self.change()

    def change(self) -> None:
        pair, one = self.random.choice(PAIRS), self.random.choice(RECORDS)
        chance = self.random.random()
        if chance < 0.45:
            self.edges[pair] = Edge(*pair, float(self.random.randint(5, 12)))
        elif chance < 0.6:
            self.edges.pop(pair, None)
        elif chance < 0.75:
            values = {"nhs": self.random.choice("12")} if self.random.random() < 0.6 else {}
            self.facts[one] = Facts(values, cases=frozenset("C" if self.random.random() < 0.2 else ""))
        elif chance < 0.82:
            (self.must if self.random.random() < 0.5 else self.cannot).symmetric_difference_update([pair])
        elif chance < 0.85:
            self.weak[pair] = Edge(*pair, float(self.random.randint(-4, 3)))
        elif chance < 0.87:
            self.comparable.symmetric_difference_update([one])
        elif chance < 0.93:
            self.sides.pop(one, None)
            if self.random.random() < 0.5:
                self.sides[one] = frozenset([("s", self.random.choice("ab"))])
        else:
            self.records.symmetric_difference_update([one])

    def rest(self) -> Rest:
        weak = (edge for pair, edge in self.weak.items() if self.records.issuperset(pair) and pair not in self.edges)
        return Rest(tuple(weak), frozenset(self.comparable & self.records))

    def extra(self) -> list[Edge]:
        """Edges that no score found, as those of households are."""
        free = [pair for pair in PAIRS if pair not in self.edges and self.records.issuperset(pair)]
        return [Edge(*pair, 4.5) for pair in self.random.sample(free, min(2, len(free)))]

    def now(self) -> tuple[list[str], list[Edge], dict[str, Facts], Decisions]:
        edges = [edge for pair, edge in self.edges.items() if self.records.issuperset(pair)]
        facts = {record: self.facts[record] for record in self.records & self.facts.keys()}
        must = frozenset(pair for pair in self.must if self.records.issuperset(pair))
        return sorted(self.records), edges, facts, Decisions(must, frozenset(self.cannot))


def _same(ours: Resolution, theirs: Resolution) -> bool:
    return (
        ours.groups == theirs.groups
        and ours.held_by == theirs.held_by
        and set(ours.refused) == set(theirs.refused)
        and len(ours.refused) == len(theirs.refused)
        and set(ours.proposed) == set(theirs.proposed)
        and set(ours.contested) == set(theirs.contested)
    )


def _pass_nights(nights: int, seed: int) -> set[str]:
    evidence, reached = _Evidence(seed), set()
    for _ in range(nights):
        records, edges, facts, decisions = evidence.now()
        sides = {record: held for record, held in evidence.sides.items() if record in evidence.records}
        rest, extra = evidence.rest(), evidence.extra()
        resolver = Resolver(records, edges, facts, rest)
        certain = frozenset(edge for edge in edges if edge.weight > 10)
        guarded: frozenset[str] = frozenset()
        for round_ in range(5):
            held = decisions
            if round_ == 2 and decisions.must_link:
                held = Decisions(frozenset(sorted(decisions.must_link)[1:]), decisions.cannot_link)
            if round_ == 3:  # as the second pass does: other edges, and guards found anew
                resolver.extend(extra)
                edges, guarded = [*edges, *extra], frozenset()
            barriers = Barriers(guarded, certain, sides)
            found = resolver.resolve(held, barriers)
            assert _same(found, resolve(records, edges, facts, held, barriers, rest))
            reached |= {item.reason for item in found.refused}
            reached |= ({"proposed"} if found.proposed else set()) | ({"contested"} if found.contested else set())
            guarded |= {record for record in evidence.random.sample(RECORDS, 2) if record in evidence.records}
        for _ in range(evidence.random.choice((0, 1, 1, 2, 6))):
            evidence.change()
    return reached


def test_whom_nothing_touches_stands_as_resolving_everybody_finds_them() -> None:
    reached = _pass_nights(400, seed=1)
    assert reached == {"constraint", "tie", "bridge", "protected", "sealed", "decision", "proposed", "contested"}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 12))
def test_over_many_nights(seed: int) -> None:
    _pass_nights(5_000, seed)


def test_nobody_is_resolved_again_whom_nothing_touches(monkeypatch: pytest.MonkeyPatch) -> None:
    resolved: list[int] = []

    def count(records: list[str], *rest: object) -> Resolution:
        resolved.append(len(records))
        return resolve(records, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr("braid.people.components.resolve", count)
    edges = [Edge(block[0], other, 9.0) for block in BLOCKS for other in block[1:]]
    first = Resolver(RECORDS, edges, {})
    first.resolve(Decisions(), Barriers())
    first.resolve(Decisions(), Barriers(frozenset(["r03"])))
    first.extend([Edge("r07", "r08", 5.0)])
    found = first.resolve(Decisions(), Barriers())
    assert resolved == [24, 6, 12]
    assert [list(group) for group in found.groups] == BLOCKS
