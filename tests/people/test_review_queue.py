"""The queue of doubts: which pairs stand in it, what hangs on them, in which order; and how each field weighed."""

from __future__ import annotations

import datetime as dt
import itertools
import random

import pytest

from braid.people.expected import Gap, chance_of
from braid.people.guarded import Settled
from braid.people.model import Decisions, Edge, EdgeSet, Facts, RefusedEdge, Resolution
from braid.people.review_queue import (
    CONTRADICTION_BITS,
    LEAST_CHANCE,
    Doubt,
    Standing,
    count_stake,
    find_doubts_of,
    list_decided,
    order_queue,
)


def standing(
    persons,
    edges=(),
    *,
    weak=(),
    refused=(),
    proposed=(),
    causes=None,
    contested=None,
    facts=None,
    decisions=None,
    sealed=(),
):
    """How linking ended, of persons by name."""
    groups = tuple(tuple(records) for records in persons.values())
    resolution = Resolution(groups, {}, tuple(RefusedEdge(*one) for one in refused), tuple(proposed))
    settled = Settled(resolution, frozenset(), frozenset(), frozenset(), (), decisions or Decisions())
    found = EdgeSet(tuple(edges), 0, 0, tuple(weak))
    return Standing(
        {name: tuple(records) for name, records in persons.items()},
        settled,
        found,
        causes or {},
        contested or {},
        facts or {},
        frozenset(sealed),
    )


def causes_of(doubts):
    return {doubt.pair: doubt.cause for doubt in doubts}


def test_each_kind_of_doubt_stands_in_the_queue():
    held, tied, weak = Edge("a1", "b1", 20.0), Edge("b1", "c1", 9.0), Edge("c1", "d1", 2.0)
    refused, bridge, over = Edge("a1", "d1", 12.0), Edge("e1", "e2", 4.2), Edge("f1", "f2", 4.5)
    inside = Edge("e2", "e3", 18.0)
    found = find_doubts_of(
        standing(
            {"A": ["a1"], "B": ["b1"], "C": ["c1"], "D": ["d1"], "E": ["e1", "e2", "e3"], "F": ["f1", "f2"]},
            [held, inside, refused, tied, bridge, over],
            weak=[weak],
            refused=[(held, "protected"), (tied, "tie"), (refused, "constraint")],
            proposed=[held],
            causes={held: "birth_date"},
        ),
        [Gap("A", "B", {}, 0.9), Gap("B", "C", {}, 0.5), Gap("C", "D", {}, 0.8)],
    )
    assert causes_of(found) == {
        ("a1", "b1"): "birth_date",
        ("b1", "c1"): "tie",
        ("c1", "d1"): "below_threshold",
        ("a1", "d1"): "strong_refused",
        ("e1", "e2"): "single_join",
        ("f1", "f2"): "above_threshold",
    }
    by_pair = {doubt.pair: doubt for doubt in found}
    assert by_pair["e1", "e2"].left == ("e1",) and set(by_pair["e1", "e2"].right) == {"e2", "e3"}
    assert by_pair["b1", "c1"].chance == 0.5
    assert by_pair["f1", "f2"].chance == pytest.approx(1 - chance_of(4.5)) and by_pair["f1", "f2"].is_joined


def test_an_edge_that_another_goes_round_is_no_bridge():
    edges = [Edge("x", "y", 30.0), Edge("y", "z", 5.0), Edge("x", "z", 4.5)]
    (doubt,) = find_doubts_of(standing({"P": ["x", "y", "z"]}, edges), [])
    assert (doubt.pair, doubt.cause) == (("y", "z"), "above_threshold"), "the heaviest that holds z, and not alone"
    strong = [Edge("x", "y", 30.0), Edge("y", "z", 25.0), Edge("x", "z", 4.5)]
    assert find_doubts_of(standing({"P": ["x", "y", "z"]}, strong), []) == []


def test_what_numbers_or_the_rest_refused_stands_as_it_is_proposed_and_no_number_counts_twice():
    number, bridge, case = Edge("a1", "b1", 8.0), Edge("c1", "d1", 6.0), Edge("e1", "f1", 12.0)
    persons = {"A": ["a1"], "B": ["b1"], "C": ["c1"], "D": ["d1"], "E": ["e1"], "F": ["f1"]}
    numbers = {"a1": Facts({"nhs": "1"}), "b1": Facts({"nhs": "2"}), "e1": Facts({"nhs": "3"})}
    refused = [(number, "constraint"), (bridge, "bridge"), (case, "constraint")]
    contested = {number: "number", bridge: "bridge"}
    found = find_doubts_of(
        standing(persons, [number, bridge, case], refused=refused, contested=contested, facts=numbers),
        [Gap("C", "D", {}, 0.7)],
    )
    assert causes_of(found) == {("a1", "b1"): "number", ("c1", "d1"): "bridge", ("e1", "f1"): "strong_refused"}
    chances = {doubt.pair: doubt.chance for doubt in found}
    assert chances == pytest.approx(
        {("a1", "b1"): chance_of(8.0), ("c1", "d1"): 0.7, ("e1", "f1"): chance_of(12.0 - CONTRADICTION_BITS)}
    )
    sealed = standing(persons, [number, bridge], refused=refused, contested=contested, sealed=["b1", "d1"])
    assert ("a1", "b1") not in causes_of(find_doubts_of(sealed, [])), "nobody who is sealed"


def test_nobody_sealed_stands_in_it_by_whichever_record_and_nothing_decided_is_asked_again():
    persons = {"A": ["a1", "a2"], "B": ["b1"], "C": ["c1"], "D": ["d1"]}
    weak = [Edge("a1", "b1", 3.0), Edge("c1", "d1", 3.0)]
    gaps = [Gap("A", "B", {}, 0.9), Gap("C", "D", {}, 0.9)]
    sealed = standing(persons, [Edge("a1", "a2", 4.1)], weak=weak, sealed=["a2"])
    assert causes_of(find_doubts_of(sealed, gaps)) == {("c1", "d1"): "below_threshold"}
    parted = Decisions(frozenset(), frozenset({("c1", "d1")}))
    assert causes_of(find_doubts_of(standing(persons, weak=weak, decisions=parted), gaps)) == {
        ("a1", "b1"): "below_threshold"
    }
    joined = Decisions(frozenset({("a1", "a2")}))
    assert find_doubts_of(standing(persons, [Edge("a1", "a2", 4.1)], decisions=joined), []) == []
    days = [
        (("a1", "b1"), dt.date(2026, 1, 1)),
        (("c1", "d1"), dt.date(2026, 1, 2)),
        (("a1", "a2"), dt.date(2026, 1, 3)),
    ]
    assert [one.doubt.pair for one in list_decided(sealed, days)] == [("c1", "d1")]
    assert [one.doubt.pair for one in list_decided(standing(persons), days)][:2] == [("a1", "a2"), ("c1", "d1")]


def slow_order(doubts, waits):
    """Take the greatest of those that are left, again and again, counting every pair by hand."""
    left = [doubt for doubt in doubts if doubt.chance >= LEAST_CHANCE]
    taken = []
    while left:
        best = None
        for doubt in left:
            stake = 0
            for one in doubt.left:
                for other in doubt.right:
                    stake += 1
                    for ours in waits.get(one, ()):
                        for theirs in waits.get(other, ()):
                            if ours != theirs:
                                stake += 1
            key = (round(doubt.chance * stake, 9), tuple(-ord(sign) for sign in "".join(doubt.pair)))
            if best is None or key > best[0]:
                best = (key, doubt, stake)
        taken.append((best[1], best[2]))
        left.remove(best[1])
    return taken


@pytest.mark.parametrize("seed", range(20))
def test_the_order_is_that_of_the_slow_obvious_way_and_of_any_arrival(seed):
    draw = random.Random(seed)
    kinds = ("rtt", "register", "therapy")
    waits = {f"r{number}": [draw.choice(kinds) for _ in range(draw.randrange(3))] for number in range(40)}
    doubts = []
    for one, other in itertools.islice(itertools.combinations([f"r{n:02}" for n in range(12)], 2), 40):
        left, right = (tuple(draw.sample(sorted(waits), draw.randrange(1, 4))) for _ in range(2))
        doubts.append(Doubt((one, other), "tie", draw.choice([0.01, 0.2, 0.5, 0.9]), left, right, is_joined=False))
    found = order_queue(doubts, waits)
    assert [(one.doubt, one.stake) for one in found] == slow_order(doubts, waits)
    assert [one.position for one in found] == list(range(1, len(found) + 1))
    assert order_queue(draw.sample(doubts, len(doubts)), waits) == found
    assert order_queue(doubts, waits, most=7) == found[:7]


def test_what_hangs_on_a_pair_are_pairs_of_records_and_of_waits_in_different_services():
    waits = {"a": ["rtt", "register"], "b": ["rtt"], "c": ["therapy"]}
    assert count_stake(["a"], ["b"], waits) == 1 + 1, "two waits of one kind are no meeting of services"
    assert count_stake(["a"], ["b", "c"], waits) == 2 + 1 + 2
    assert count_stake(["d"], ["b"], waits) == 1
