from __future__ import annotations

import random
from itertools import combinations, product

from hypothesis import given, settings
from hypothesis import strategies as st

from braid.people.model import Decisions, Edge, Facts, Rest
from braid.people.resolve import MUST_LINK_WEIGHT, resolve
from people.reference import holds, resolve_slowly

RECORDS = [f"r{number}" for number in range(8)]
FACTS = st.builds(
    Facts,
    claims=st.dictionaries(st.sampled_from(["nhs", "upn"]), st.sampled_from(["1", "2", "3"])),
    formers=st.frozensets(st.sampled_from(["1", "2", "3"]), max_size=1),
    cases=st.frozensets(st.sampled_from(["A", "B"]), max_size=1),
)
PAIRS = st.tuples(st.sampled_from(RECORDS), st.sampled_from(RECORDS)).filter(lambda pair: pair[0] < pair[1])
EDGES = st.dictionaries(PAIRS, st.integers(-4, 40).map(lambda weight: weight / 2), max_size=20).map(
    lambda weights: [Edge(left, right, weight) for (left, right), weight in weights.items()]
)


RESTS = st.builds(
    Rest,
    weak=st.dictionaries(PAIRS, st.integers(-8, 7).map(lambda weight: weight / 2), max_size=12).map(
        lambda weights: tuple(Edge(left, right, weight) for (left, right), weight in weights.items())
    ),
    comparable=st.frozensets(st.sampled_from(RECORDS)),
)


def groups_of(edges: list[Edge], facts: dict[str, Facts], decisions: Decisions | None = None) -> set[frozenset[str]]:
    return {frozenset(group) for group in resolve(RECORDS, edges, facts, decisions or Decisions()).groups}


@given(EDGES, st.dictionaries(st.sampled_from(RECORDS), FACTS))
@settings(deadline=None, max_examples=300)
def test_fast_and_slow_way_agree(edges: list[Edge], facts: dict[str, Facts]) -> None:
    assert groups_of(edges, facts) == resolve_slowly(RECORDS, edges, facts)


@given(EDGES, st.dictionaries(st.sampled_from(RECORDS), FACTS), RESTS)
@settings(deadline=None, max_examples=300)
def test_fast_and_slow_way_agree_on_bridges(edges: list[Edge], facts: dict[str, Facts], rest: Rest) -> None:
    groups = {frozenset(group) for group in resolve(RECORDS, edges, facts, rest=rest).groups}
    assert groups == resolve_slowly(RECORDS, edges, facts, rest=rest)


@given(EDGES, st.dictionaries(st.sampled_from(RECORDS), FACTS), RESTS, st.randoms(use_true_random=False))
@settings(deadline=None)
def test_order_of_edges_does_not_matter(
    edges: list[Edge], facts: dict[str, Facts], rest: Rest, shuffler: random.Random
) -> None:
    mixed, weak = list(edges), list(rest.weak)
    shuffler.shuffle(mixed)
    shuffler.shuffle(weak)
    turned = resolve(list(reversed(RECORDS)), mixed, facts, rest=Rest(tuple(weak), rest.comparable))
    assert turned == resolve(RECORDS, edges, facts, rest=rest)


WEIGHTS = (None, -3.0, 5.0, 9.0)
HELD: tuple[Facts, ...] = (Facts(), Facts({"nhs": "1"}), Facts({"nhs": "2"}))


def test_fast_and_slow_way_agree_on_every_case_of_four_records() -> None:
    """Every way in which six pairs of four records weigh nothing, little, something or much, and who holds a number."""
    four = RECORDS[:4]
    for weights in product(WEIGHTS, repeat=6):
        scored = [Edge(*pair, weight) for pair, weight in zip(combinations(four, 2), weights, strict=True) if weight]
        edges = [edge for edge in scored if edge.weight > 0]
        rest = Rest(tuple(edge for edge in scored if edge.weight < 0), frozenset(four[1:]))
        for first, last in ((0, 0), (1, 2)):
            facts = {four[0]: HELD[first], four[3]: HELD[last]}
            groups = {frozenset(group) for group in resolve(four, edges, facts, rest=rest).groups}
            assert groups == resolve_slowly(four, edges, facts, rest=rest), (edges, rest)


def test_a_best_pair_against_all_others_is_a_bridge_and_a_human_may_cross_it() -> None:
    edges = [Edge("r0", "r1", 20.0), Edge("r2", "r3", 20.0), Edge("r1", "r2", 6.0)]
    apart = Rest(comparable=frozenset(RECORDS))
    result = resolve(RECORDS[:4], edges, {}, rest=apart)
    assert result.groups == (("r0", "r1"), ("r2", "r3"))
    assert [(item.edge, item.reason) for item in result.contested] == [(edges[2], "bridge")]
    decided = resolve(RECORDS[:4], edges, {}, Decisions(must_link=frozenset({("r1", "r2")})), rest=apart)
    assert decided.groups == (("r0", "r1", "r2", "r3"),)
    assert resolve(RECORDS[:4], edges, {}).groups == (("r0", "r1", "r2", "r3"),)


def test_of_joins_that_numbers_refuse_one_a_pair_of_persons_is_contested_and_none_of_a_case() -> None:
    facts = {"r0": Facts({"nhs": "1"}), "r2": Facts({"nhs": "2"})}
    edges = [Edge("r0", "r1", 30.0), Edge("r1", "r2", 20.0), Edge("r0", "r2", 15.0)]
    assert [item.edge for item in resolve(RECORDS[:3], edges, facts).contested] == [edges[1]]
    parted = {name: Facts(held.claims, cases=frozenset("A")) for name, held in facts.items()}
    assert resolve(RECORDS[:3], edges, parted).contested == ()


@given(EDGES, st.dictionaries(st.sampled_from(RECORDS), FACTS))
@settings(deadline=None)
def test_every_group_is_a_possible_person_and_every_record_has_one(edges: list[Edge], facts: dict[str, Facts]) -> None:
    groups = groups_of(edges, facts)
    assert sorted(record for group in groups for record in group) == RECORDS
    assert all(len(group) == 1 or holds(group, facts) for group in groups)


def test_two_nhs_numbers_are_never_one_person() -> None:
    facts = {"r0": Facts({"nhs": "1"}), "r2": Facts({"nhs": "2"})}
    edges = [Edge("r0", "r1", 20.0), Edge("r1", "r2", 15.0), Edge("r0", "r2", 30.0)]
    result = resolve(RECORDS[:3], edges, facts)
    assert result.groups == (("r0", "r1"), ("r2",))
    assert {item.reason for item in result.refused} == {"constraint"}


def test_a_former_pupil_number_does_not_divide_a_pupil() -> None:
    facts = {"r0": Facts({"upn": "new"}, frozenset({"old"})), "r1": Facts({"upn": "old"})}
    assert groups_of([Edge("r0", "r1", 20.0)], facts) >= {frozenset({"r0", "r1"})}


def test_twins_of_one_application_stay_two() -> None:
    facts = {"r0": Facts(cases=frozenset({"A"})), "r1": Facts(cases=frozenset({"A"}))}
    edges = [Edge("r0", "r2", 30.0), Edge("r1", "r2", 12.0), Edge("r0", "r1", 11.0)]
    assert resolve(RECORDS[:3], edges, facts).groups == (("r0", "r2"), ("r1",))


def test_a_record_that_fits_both_twins_is_left_for_review() -> None:
    facts = {"r0": Facts(cases=frozenset({"A"})), "r1": Facts(cases=frozenset({"A"}))}
    result = resolve(RECORDS[:3], [Edge("r0", "r2", 12.0), Edge("r1", "r2", 12.0)], facts)
    assert result.groups == (("r0",), ("r1",), ("r2",))
    assert [item.reason for item in result.refused] == ["tie", "tie"]


def test_people_decide_over_weights() -> None:
    decisions = Decisions(must_link=frozenset({("r0", "r1")}), cannot_link=frozenset({("r2", "r3")}))
    result = resolve(
        RECORDS[:4], [Edge("r2", "r3", 40.0)], {"r0": Facts({"nhs": "1"}), "r1": Facts({"nhs": "2"})}, decisions
    )
    assert result.groups == (("r0", "r1"), ("r2",), ("r3",))
    assert result.held_by["r0"].weight == MUST_LINK_WEIGHT
