"""The queries of paths, deadlocks and what frees most find what the slow evaluation of the definitions finds."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from braid.problems.run import create_graph_findings
from braid.waits.components import components
from braid.waits.graph_reference import Graph, deadlocks, person_paths
from braid.waits.unblock_reference import unblock_actions, unblock_measures
from drawn import drawn
from waits.graphs import TinyGraph
from waits.place import close_engines

KINDS = ("rtt", "register", "crown_trial", "therapy")
ORGANISATIONS = ("hospital", "council")
SENSITIVITIES = ("normal", "normal", "special", "criminal", "safe_address")
CASES = (None, None, "A", "A", "a ", "B")
MISSING = (("evidence", "letter"), ("capacity", "hearing"), ("event", "review"))
ACTIONS = ("Ring.", "Write.")

WAIT = st.fixed_dictionaries(
    {
        "person": st.integers(0, 3),
        "days": st.sampled_from([0, 7, 7, 10, 300]),
        "over": st.sampled_from([0, 0, 1, 30]),
        "kind": st.sampled_from(KINDS),
        "organisation_id": st.sampled_from(ORGANISATIONS),
        "sensitivity": st.sampled_from(SENSITIVITIES),
        "case": st.sampled_from(CASES),
    }
)
BLOCKER = st.fixed_dictionaries(
    {
        "held": st.integers(0, 7),
        "holder": st.integers(0, 7) | st.sampled_from(MISSING),
        "owner": st.sampled_from(ORGANISATIONS),
        "next_action": st.sampled_from(ACTIONS),
        "rule_id": st.sampled_from(["a", "b"]),
        "sensitivity": st.sampled_from(SENSITIVITIES),
    }
)


@st.composite
def graphs(draw: st.DrawFn) -> TinyGraph:
    """Cases side by side, with cycles, several people, several blockers of a wait, several rules between two."""
    graph = TinyGraph()
    for case in range(draw(st.integers(1, 4))):
        rows = draw(st.lists(WAIT, min_size=1, max_size=8))
        for number, row in enumerate(rows):
            reference = row.pop("case")
            row["case"] = reference and f"{case} {reference}"
            graph.wait(f"wait{case}{number}", f"person{case}{row.pop('person')}", row.pop("days"), **row)
        for row in draw(st.lists(BLOCKER, max_size=14)):
            held, holder = row.pop("held") % len(rows), row.pop("holder")
            named = holder if isinstance(holder, tuple) else f"wait{case}{holder % len(rows)}"
            graph.hold(f"wait{case}{held}", named, **row)
    return graph


def only(row: dict[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name in names}


@drawn(18, 200)
@given(graphs())
def test_queries_and_definitions_agree(tiny: TinyGraph) -> None:
    engine = tiny.load()
    create_graph_findings(engine)
    slow = Graph(tiny.place.rows, tiny.waits, tiny.blockers)

    paths = person_paths(slow)
    steps = [(row["person_id"], at, one) for row in paths for at, one in enumerate(row.pop("path"), 1)]
    found = engine.rows("select * from person_path order by person_id")
    assert [only(row, set(paths[0])) for row in found] == paths if paths else found == []
    assert [tuple(row.values()) for row in engine.rows("select * from path_step order by person_id, position")] == steps

    stuck = deadlocks(slow)
    inside = [(row["deadlock_id"], one) for row in stuck for one in row.pop("blockers")]
    assert engine.rows("select * from deadlock order by deadlock_id") == stuck
    listed = engine.rows("select deadlock_id, blocker_id from deadlock_blocker order by deadlock_id, blocker_id")
    assert [tuple(row.values()) for row in listed] == inside

    effects = slow.effects_of_holders()
    pairs = [
        (holder, wait, slow.waits[wait]["person_id"], steps, wait in effect.freed, slow.sensitivity(wait))
        for holder, effect in effects.items()
        for wait, steps in effect.held.items()
    ]
    assert sorted(tuple(row.values()) for row in engine.rows("select * from unblock_wait")) == sorted(pairs)
    assert_same(engine.rows("select * from unblock_action order by position"), unblock_actions(slow))
    measured = engine.rows("select * from unblock_measure order by scope, backlog nulls first, position")
    assert_same(measured, unblock_measures(slow))
    close_engines()


@drawn(8, 60)
@given(graphs())
def test_a_path_stands_for_as_many_days_as_it_says(tiny: TinyGraph) -> None:
    engine = tiny.load()
    create_graph_findings(engine)
    paths = engine.rows("select * from person_path where deadlock_id is null")
    for later in (1, 2, 3, 7, 40, 1000):
        waits = [
            {**row, "elapsed_days": row["elapsed_days"] + later, "days_left": _later(row, later)} for row in tiny.waits
        ]
        slow = Graph(tiny.place.rows, waits, tiny.blockers)
        effects = slow.effects_of_holders()
        for path in paths:
            if path["stands_days"] is None or later < path["stands_days"]:
                person = path["person_id"]
                assert slow.critical_path(person)[0] == path["end_wait_id"]
                assert len(slow.critical_path(person)[1]) == path["steps"]
                assert slow.root_blocker(person, effects) == path["root_holder_id"]
    close_engines()


def _later(wait: dict[str, Any], days: int) -> int | None:
    return None if wait["days_left"] is None else wait["days_left"] - days


def assert_same(found: list[dict[str, Any]], expected: list[dict[str, Any]]) -> None:
    expected = sorted(expected, key=lambda row: (row.get("scope", ""), row.get("backlog") or "", row["position"]))
    assert [sorted(row) for row in found] == [sorted(row) for row in expected]
    assert found == expected


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=20))
def test_components_are_what_reaches_each_other(edges: list[tuple[int, int]]) -> None:
    reach = {one: {b for a, b in edges if a == one} for edge in edges for one in edge}
    for _ in range(9):
        reach = {one: there.union(*(reach[b] for b in there)) for one, there in reach.items()}
    groups = {tuple(sorted(b for b in there | {one} if b == one or one in reach[b])) for one, there in reach.items()}
    both_ways = {group for group in groups if len(group) > 1}
    assert {tuple(group) for group in components(edges)} == both_ways


def test_a_chain_of_many_waits_needs_no_recursion() -> None:
    length = 50_000
    ring = [(n, (n + 1) % length) for n in range(length)]
    assert [len(group) for group in components(ring)] == [length]
