"""What holds up what of one person: by hand, and as the slow evaluation of the definitions has it."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from braid.waits.graph_reference import Graph, days_over, person_paths
from braid.waits.person_graph import Edge, PersonPath, Waiting, find_path, first_owner
from waits.graphs import TinyGraph
from waits.test_graph_reference import KINDS, MISSING


def path_of(waits: dict[str, int], *holds: str) -> PersonPath | None:
    """The path of waits by days; a hold is written `what holds > what is held`."""
    pairs = [hold.split(" > ") for hold in holds]
    edges = [Edge(f"b{number}", held, holder) for number, (holder, held) in enumerate(pairs)]
    return find_path([Waiting(wait, days) for wait, days in waits.items()], edges)


def test_one_call_unblocks_three() -> None:
    path = path_of({"stay": 70, "school": 14, "plan": 28}, "home > stay", "stay > school", "stay > plan")
    assert path is not None
    assert (path.root.holder, path.root.freed, path.root.is_held) == ("home", ("plan", "school", "stay"), False)
    assert (path.end, [edge.holder for edge in path.edges], path.days) == ("plan", ["stay", "home"], 98)


def test_what_two_things_hold_is_freed_by_neither_alone() -> None:
    path = path_of({"school": 14}, "stay > school", "letter > school")
    assert path is not None
    assert (path.root.holder, path.root.held, path.root.freed) == ("letter", ("school",), ())


def test_a_path_begins_in_a_deadlock_and_goes_no_further_into_it() -> None:
    path = path_of({"a": 5, "b": 5, "c": 1}, "a > b", "b > a", "b > c", "letter > a")
    assert path is not None
    assert (path.end, path.deadlock, path.days) == ("c", ("a", "b"), 6)
    assert (path.root.holder, path.root.freed, path.root.is_held) == ("a", ("b", "c"), True)


def test_without_a_wait_that_is_held_there_is_no_path() -> None:
    assert path_of({"a": 5}) is None
    assert path_of({"a": 5}, "a > a") is None
    assert path_of({"a": 5}, "letter > of somebody else") is None


def test_whose_move_it_is_goes_by_what_most_waits_are_held_by() -> None:
    edges = [Edge("1", "a", "home"), Edge("2", "b", "home"), Edge("3", "c", "home")]
    words = {"1": ("council", "ring"), "2": ("hospital", "write"), "3": ("hospital", "write")}
    assert first_owner(edges, words, {"a": 900, "b": 1, "c": 1}) == "2"
    assert first_owner(edges[:2], words, {"a": 1, "b": 900}) == "2"
    assert first_owner(edges[:2], words, {"a": 1, "b": 1}) == "1"


WAIT = st.tuples(st.sampled_from([0, 7, 7, 300]), st.sampled_from([0, 0, 1, 30]), st.sampled_from(KINDS))
HOLD = st.tuples(st.integers(0, 6), st.integers(0, 6) | st.sampled_from(MISSING))


@settings(max_examples=300, deadline=None)
@given(st.lists(WAIT, min_size=1, max_size=7), st.lists(HOLD, max_size=12))
def test_it_is_what_the_definitions_say_of_one_person(rows, holds) -> None:
    tiny = TinyGraph()
    names = [
        tiny.wait(f"wait{number}", "p", days, over=over, kind=kind) for number, (days, over, kind) in enumerate(rows)
    ]
    for held, holder in holds:
        named = holder if isinstance(holder, tuple) else names[holder % len(names)]
        tiny.hold(names[held % len(names)], named)
    slow = Graph(tiny.place.rows, tiny.waits, tiny.blockers)
    waits = [Waiting(wait["wait_id"], wait["elapsed_days"], days_over(wait)) for wait in tiny.waits]
    edges = [Edge(row["blocker_id"], row["held_wait_id"], slow.holder[row["blocker_id"]]) for row in slow.blockers]
    found = find_path(waits, edges)
    for row in person_paths(slow):
        assert found is not None
        assert (found.end, found.days, found.days_over) == (row["end_wait_id"], row["path_days"], row["path_days_over"])
        assert [edge.blocker_id for edge in found.edges] == row["path"]
        assert bool(found.deadlock) == (row["deadlock_id"] is not None)
        assert found.held_waits == row["held_waits"]
        assert (found.root.holder, len(found.root.held), len(found.root.freed)) == (
            row["root_holder_id"],
            row["root_held_waits"],
            row["root_freed_waits"],
        )
    assert (found is None) == (not slow.holding)
