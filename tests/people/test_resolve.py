from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from braid.people.model import Decisions, Edge, Facts
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


def groups_of(edges: list[Edge], facts: dict[str, Facts], decisions: Decisions | None = None) -> set[frozenset[str]]:
    return {frozenset(group) for group in resolve(RECORDS, edges, facts, decisions or Decisions()).groups}


@given(EDGES, st.dictionaries(st.sampled_from(RECORDS), FACTS))
@settings(deadline=None, max_examples=300)
def test_fast_and_slow_way_agree(edges: list[Edge], facts: dict[str, Facts]) -> None:
    assert groups_of(edges, facts) == resolve_slowly(RECORDS, edges, facts)


@given(EDGES, st.dictionaries(st.sampled_from(RECORDS), FACTS), st.randoms(use_true_random=False))
@settings(deadline=None)
def test_order_of_edges_does_not_matter(edges: list[Edge], facts: dict[str, Facts], shuffler: random.Random) -> None:
    mixed = list(edges)
    shuffler.shuffle(mixed)
    assert resolve(RECORDS, mixed, facts) == resolve(list(reversed(RECORDS)), edges, facts)


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
