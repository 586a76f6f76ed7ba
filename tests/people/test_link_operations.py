"""Links, decisions, splits, protections and seals in any order: what must hold after every one of them."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping
from itertools import combinations

import pytest

from braid.people.decisions import Decided, Decision, choose
from braid.people.guarded import Evidence, Settled, settle
from braid.people.identity import assign_ids
from braid.people.model import NO_DECISIONS, Barriers, Edge, Facts, Resolution, Rest
from braid.people.protection import Protection
from braid.people.seals import find_ended_ids
from people.reference import resolve_slowly

RECORDS = [f"r{number:02}" for number in range(9)]
PAIRS = list(combinations(RECORDS, 2))
SEALS = ("A1", "A2")
SIDES = ("pre_adoptive", "adoptive")
OPERATIONS = (
    "link",
    "link",
    "link",
    "unlink",
    "weaken",
    "same",
    "same",
    "different",
    "withdraw",
    "protect",
    "seal",
    "lift",
    "lose",
)


class _World:
    """Nine records under operations drawn at random, with the ids of every run so far."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.memory: dict[str, str] = {}
        self.drawn = 0
        self.steps = 0
        self.clear()

    def clear(self) -> None:
        """Begin with fresh evidence; ids go on, as they do from night to night."""
        self.edges: dict[tuple[str, str], Edge] = {}
        self.weak: dict[tuple[str, str], Edge] = {}
        self.certain: set[tuple[str, str]] = set()
        self.comparable = frozenset(name for name in RECORDS if self.random.random() < 0.8)
        self.decided: list[tuple[tuple[str, str], Decision]] = []
        self.own: set[str] = set()
        self.sides: dict[str, frozenset[tuple[str, str]]] = {}
        values = {name: self.random.choice("123") for name in RECORDS if self.random.random() < 0.3}
        self.facts = {
            name: Facts(
                {"nhs": values[name]} if name in values else {},
                cases=frozenset("C") if self.random.random() < 0.15 else frozenset(),
            )
            for name in RECORDS
        }

    def operate(self) -> None:
        if self.steps % 150 == 0:
            self.clear()
        self.steps += 1
        operation, pair = self.random.choice(OPERATIONS), self.random.choice(PAIRS)
        if operation == "link":
            self.edges[pair] = Edge(*pair, self.random.randint(4, 24))
            self.weak.pop(pair, None)
            (self.certain.add if self.random.random() < 0.4 else self.certain.discard)(pair)
        elif operation == "unlink":
            self.edges.pop(pair, None)
            self.weak.pop(pair, None)
        elif operation == "weaken" and pair not in self.edges:
            self.weak[pair] = Edge(*pair, self.random.randint(-9, 3))
        elif operation in ("same", "different"):
            self.decide(pair, is_same=operation == "same")
        elif operation == "withdraw" and self.decided:
            self.decided.pop(self.random.randrange(len(self.decided)))
        elif operation == "protect" and len(self.own) < 5:
            self.own.add(pair[0])
        elif operation == "seal" and len(self.sides) < 6:
            side = (self.random.choice(SEALS), self.random.choice(SIDES))
            self.sides.setdefault(pair[0], frozenset([side]))
        elif operation == "lift" and self.own and self.random.random() < 0.3:
            self.own.pop()
        elif operation == "lose" and self.sides and self.random.random() < 0.2:
            self.sides.pop(self.random.choice(sorted(self.sides)))

    def decide(self, pair: tuple[str, str], *, is_same: bool) -> None:
        approver = self.random.choice(("", "First Human", " first  human", "Second Human", "Second Human"))
        if len(self.decided) == 8:
            del self.decided[0]
        line = self.steps
        day = dt.date(2026, 1, 1) + dt.timedelta(days=self.steps % 300)
        keys = (("f", pair[0]), ("f", pair[1]))
        self.decided.append((pair, Decision(line, *keys, is_same, "First Human", approver, day, "")))

    def evidence(self) -> Evidence:
        certain = frozenset(self.edges[pair] for pair in self.certain if pair in self.edges)
        decided = Decided(tuple(self.decided))
        rest = Rest(tuple(self.weak.values()), self.comparable)
        return Evidence(
            RECORDS, list(self.edges.values()), self.facts, certain, NO_DECISIONS, decided, self.sides, rest
        )

    def protect(self, resolution: Resolution, labels: Mapping[str, str]) -> Protection:
        people = {labels[record] for record in self.own}
        for item in resolution.refused:
            ends = {labels[item.edge.left], labels[item.edge.right]}
            if people & ends:
                people |= ends
        return Protection(frozenset(people), frozenset(people))

    def draw(self) -> str:
        self.drawn += 1
        return f"p{self.drawn}"

    def settle(self) -> Settled:
        return settle(self.evidence(), frozenset(self.own), self.protect)

    def run(self, settled: Settled) -> dict[str, str]:
        ended = find_ended_ids(self.sides, self.memory)
        before, drawn = dict(self.memory), self.drawn
        found = assign_ids(self.memory, settled.resolution.groups, self.draw, ended=ended)
        now = dict(found.person_ids)
        self.check_ids(now, before, drawn, ended)
        told = {(row.person_id, row.other_person_id) for row in found.history if row.other_person_id}
        assert not any(set(pair) & ended for pair in told)
        self.memory = now
        return now

    def check_ids(self, now: dict[str, str], before: dict[str, str], drawn: int, ended: frozenset[str]) -> None:
        for group_id in set(now.values()):
            members = {record for record in RECORDS if now[record] == group_id}
            assert int(group_id[1:]) > drawn or any(before.get(record) == group_id for record in members)
        assert not set(now.values()) & ended


def _check(world: _World, settled: Settled) -> None:
    chosen, _ = choose(Decided(tuple(world.decided)), settled.guarded, NO_DECISIONS)
    certain = {pair for pair in world.certain if pair in world.edges}
    for group in settled.resolution.groups:
        members = set(group)
        for seal in SEALS:
            assert len({side for record in group for held, side in world.sides.get(record, ()) if held == seal}) < 2
        if members & world.own:
            assert members <= settled.protected <= settled.guarded
        if members & settled.guarded:
            assert members <= settled.guarded
            assert _hang_together(members, certain | chosen.must_link)
        _check_numbers(world, members, chosen.must_link)
    for item in settled.resolution.contested:
        assert not _sealed(world, settled, item.edge)
    for edge in settled.resolution.proposed:
        assert not {edge.left, edge.right} & world.sides.keys()
        assert {edge.left, edge.right} & settled.guarded


def _check_numbers(world: _World, members: set[str], must_link: frozenset[tuple[str, str]]) -> None:
    """No person holds two unequal trusted numbers unless a human put records of theirs together."""
    numbers = {world.facts[record].claims["nhs"] for record in members if world.facts[record].claims}
    assert len(numbers) < 2 or any({one, other} <= members for one, other in must_link)


def _sealed(world: _World, settled: Settled, edge: Edge) -> bool:
    groups = [set(group) for group in settled.resolution.groups]
    return any(group & world.sides.keys() for group in groups if {edge.left, edge.right} & group)


def _hang_together(members: set[str], pairs: set[tuple[str, str]] | frozenset[tuple[str, str]]) -> bool:
    """Tell whether a person hangs together by certain edges and human decisions alone."""
    reached, queue = set(), [min(members)]
    while queue:
        record = queue.pop()
        reached.add(record)
        queue += [
            b if a == record else a for a, b in pairs if record in (a, b) and {a, b} <= members - (reached - {record})
        ]
    return reached == members


def _check_against_twin(world: _World, settled: Settled) -> None:
    evidence = world.evidence()
    chosen, _ = choose(evidence.decided, settled.guarded, NO_DECISIONS)
    barriers = Barriers(settled.guarded, evidence.certain, evidence.sides)
    slow = resolve_slowly(RECORDS, evidence.edges, evidence.facts, chosen, barriers, evidence.rest)
    assert {frozenset(group) for group in settled.resolution.groups} == slow


def _check_split(world: _World, settled: Settled) -> None:
    """A join by two humans and its withdrawal leave both as they were."""
    pair = world.random.choice(PAIRS)
    keys = (("f", pair[0]), ("f", pair[1]))
    row = Decision(99, *keys, True, "First Human", "Second Human", dt.date(2027, 1, 1), "")
    world.decided.append((pair, row))
    world.run(world.settle())
    world.decided.pop()
    assert world.settle().resolution.groups == settled.resolution.groups


def _operate(operations: int, twin_each: int, seed: int) -> None:
    world = _World(seed)
    for number in range(operations):
        world.operate()
        settled = world.settle()
        _check(world, settled)
        world.run(settled)
        if number % twin_each == 0:
            _check_against_twin(world, settled)
            _check_split(world, settled)


def test_no_operation_joins_a_seal_or_a_protected_person() -> None:
    _operate(20_000, twin_each=40, seed=1)


@pytest.mark.slow
def test_a_million_operations_never_join_a_seal_or_a_protected_person() -> None:
    _operate(1_000_000, twin_each=400, seed=2)


def test_the_operations_do_reach_what_they_are_to_try() -> None:
    world, reached = _World(3), set()
    for _ in range(3_000):
        world.operate()
        settled = world.settle()
        reached |= {item.reason for item in settled.resolution.refused}
        reached |= {"proposed"} if settled.resolution.proposed else set()
        reached |= {"two people"} if any("two different people" in problem for problem in settled.problems) else set()
        reached |= {"ended"} if find_ended_ids(world.sides, world.memory) else set()
        world.run(settled)
    assert reached == {
        "constraint",
        "tie",
        "protected",
        "sealed",
        "decision",
        "proposed",
        "two people",
        "ended",
        "bridge",
    }
