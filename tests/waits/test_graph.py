"""What holds up what, in graphs small enough to be worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest

from braid.problems.run import create_graph_findings
from braid.store.duckdb_engine import DuckDBEngine
from waits.graphs import TinyGraph

Row = dict[str, Any]


def found(graph: TinyGraph) -> DuckDBEngine:
    engine = graph.load()
    create_graph_findings(engine)
    return engine


def actions(engine: DuckDBEngine) -> dict[str, Row]:
    return {row["holder_id"]: row for row in engine.rows("select * from unblock_action")}


def path(engine: DuckDBEngine, person: str) -> Row:
    (row,) = engine.rows("select * from person_path where person_id = ?", [person])
    return row


def steps(engine: DuckDBEngine, person: str) -> list[str]:
    rows = engine.rows("select blocker_id from path_step where person_id = ? order by position", [person])
    return [row["blocker_id"] for row in rows]


def waits_of(engine: DuckDBEngine, holder: str, *, freed: bool = False) -> set[str]:
    rows = engine.rows("select * from unblock_wait where holder_id = ?", [holder])
    return {row["wait_id"] for row in rows if row["is_freed"] or not freed}


def test_one_call_unblocks_three_waits_on_one_letting():
    graph = TinyGraph()
    graph.wait("letting", "parent", 350, kind="register")
    for name, kind, days in (("stay", "temporary_accommodation", 70), ("therapy", "therapy", 14), ("court", "rtt", 28)):
        graph.wait(name, "parent", days, kind=kind, over=7 if name == "stay" else 0)
        graph.hold(name, "letting", "council" if name != "court" else "hospital")
    engine = found(graph)
    (call,) = actions(engine).values()
    assert (call["holder_id"], call["holder_kind"], call["position"]) == ("letting", "register", 1)
    assert (call["held_waits"], call["freed_waits"], call["freed_people"], call["held_directly"]) == (3, 3, 1, 3)
    assert (call["freed_weeks"], call["freed_weeks_over"]) == (16.0, 1.0)
    assert (call["owner_organisation"], call["action_count"]) == ("council", 2), "the council's rules hold more of it"
    assert waits_of(engine, "letting", freed=True) == {"stay", "therapy", "court"}
    assert path(engine, "parent") | {"root_holder_id": "letting", "root_freed_waits": 3} == path(engine, "parent")


def test_a_wait_with_two_blockers_is_freed_by_both_and_not_by_one():
    graph = TinyGraph()
    for name, kind in (("home", "register"), ("trial", "crown_trial"), ("therapy", "therapy")):
        graph.wait(name, "p", kind=kind)
    graph.hold("therapy", "home", "council")
    graph.hold("therapy", "trial", "council")
    engine = found(graph)
    for holder in ("home", "trial"):
        assert waits_of(engine, holder) == {"therapy"}
        assert waits_of(engine, holder, freed=True) == set()
    assert path(engine, "p")["root_freed_waits"] == 0
    (team,) = engine.rows("select * from unblock_measure where scope = 'team' and backlog is null")
    assert (team["holders"], team["held_waits"], team["freed_waits"]) == (2, 1, 1), "the team's two moves together do"
    resources = engine.rows("select * from unblock_measure where scope = 'resource' and backlog is null")
    assert {row["holder_kind"]: row["freed_waits"] for row in resources} == {"register": 0, "crown_trial": 0}


def test_two_services_that_wait_for_each_other_are_a_deadlock():
    graph = TinyGraph()
    graph.wait("school", "child", 30, kind="in_year_admission", organisation_id="admissions", over=7)
    graph.wait("stay", "child", 60, kind="temporary_accommodation", organisation_id="housing")
    graph.wait("outside", "child", 500, kind="register")
    graph.wait("behind", "child", 10, kind="ehcp_plan")
    inside = {graph.hold("school", "stay", rule_id="b"), graph.hold("stay", "school", rule_id="a")}
    graph.hold("stay", "outside")
    graph.hold("behind", "school")
    engine = found(graph)
    (deadlock,) = engine.rows("select * from deadlock")
    assert (deadlock["wait_count"], deadlock["person_count"], deadlock["rules"]) == (2, 1, "a b")
    assert deadlock["organisations"] == "admissions housing"
    assert deadlock["kinds"] == "in_year_admission temporary_accommodation"
    assert (deadlock["total_days"], deadlock["total_days_over"]) == (90, 7)
    assert {row["blocker_id"] for row in engine.rows("select * from deadlock_blocker")} == inside
    assert waits_of(engine, "outside") == {"stay", "school", "behind"}
    assert waits_of(engine, "outside", freed=True) == set(), "whatever ends outside, the two go on holding each other"
    assert waits_of(engine, "stay", freed=True) == {"school", "behind"}, "a wait does not count itself"
    assert path(engine, "child")["deadlock_id"] == deadlock["deadlock_id"]
    assert path(engine, "child")["end_wait_id"] == "stay", "60 days alone weigh more than 30 and the 10 behind"
    assert steps(engine, "child") == []


def test_a_deadlock_across_the_people_of_a_case():
    graph = TinyGraph()
    graph.wait("child", "child", kind="care_proceedings")
    graph.wait("parent", "parent", kind="register")
    graph.wait("sibling", "sibling", kind="care_proceedings")
    graph.hold("child", "parent")
    graph.hold("parent", "sibling")
    graph.hold("sibling", "child")
    engine = found(graph)
    (deadlock,) = engine.rows("select * from deadlock")
    assert (deadlock["wait_count"], deadlock["person_count"]) == (3, 3)
    assert {path(engine, one)["deadlock_id"] for one in ("child", "parent", "sibling")} == {deadlock["deadlock_id"]}


def test_a_deadlock_that_holds_another_is_one_of_its_own():
    graph = TinyGraph()
    for name in ("a", "b", "c", "d"):
        graph.wait(name, "p")
    for held, holder in (("a", "b"), ("b", "a"), ("c", "d"), ("d", "c")):
        graph.hold(held, holder)
    between = graph.hold("c", "a", rule_id="between")
    engine = found(graph)
    assert [row["wait_count"] for row in engine.rows("select * from deadlock")] == [2, 2]
    assert {row["rules"] for row in engine.rows("select * from deadlock")} == {"rule"}
    assert between not in {row["blocker_id"] for row in engine.rows("select * from deadlock_blocker")}


def test_two_who_wait_for_one_thing_are_no_deadlock():
    graph = TinyGraph()
    for name in ("a", "b", "c", "d"):
        graph.wait(name, "p")
    for held, holder in (("b", "a"), ("c", "a"), ("d", "b"), ("d", "c")):
        graph.hold(held, holder)
    engine = found(graph)
    assert engine.rows("select * from deadlock") == []
    assert waits_of(engine, "a", freed=True) == {"b", "c", "d"}, "both ways to d lead through a"
    assert waits_of(engine, "b", freed=True) == set()


def test_the_critical_path_is_the_one_that_waited_longest_and_goes_through_other_people():
    graph = TinyGraph()
    graph.wait("home", "parent", 400, kind="register")
    graph.wait("stay", "parent", 100, kind="temporary_accommodation", over=5)
    graph.wait("assessment", "child", 450, kind="cf_assessment")
    graph.wait("court", "child", 30, kind="care_proceedings")
    first, second = graph.hold("stay", "home"), graph.hold("court", "stay")
    graph.hold("court", "assessment")
    engine = found(graph)
    child = path(engine, "child")
    assert steps(engine, "child") == [second, first]
    assert (child["path_days"], child["path_days_over"], child["steps"]) == (530, 5, 2)
    assert (child["begin_holder_id"], child["end_wait_id"]) == ("home", "court")


@pytest.mark.parametrize(("case", "things"), [("case", 1), (None, 2)])
def test_what_is_missing_in_a_case_is_one_thing(case, things):
    graph = TinyGraph()
    for child in ("one", "two"):
        graph.wait(child, child, kind="care_proceedings", case=case)
        graph.hold(child, ("evidence", "lawyers"))
    calls = actions(found(graph))
    assert len(calls) == things
    assert {call["freed_waits"] for call in calls.values()} == {2 // things}
    assert {call["holder_person_id"] for call in calls.values()} == {None}


def test_the_same_reference_at_another_court_is_another_case():
    graph = TinyGraph()
    for court in ("one", "two"):
        graph.wait(court, court, kind="care_proceedings", case="case", organisation_id=court)
        graph.hold(court, ("evidence", "lawyers"))
    assert len(actions(found(graph))) == 2


def test_what_frees_most_comes_first_then_what_waited_longest():
    graph = TinyGraph()
    for name, days in (("many", 1), ("long", 1), ("short", 1)):
        graph.wait(name, name, days)
    for held, holder, days in (("a", "many", 7), ("b", "many", 7), ("c", "long", 700), ("d", "short", 7)):
        graph.wait(held, holder, days)
        graph.hold(held, holder)
    order = found(graph).rows("select holder_id, position from unblock_action order by position")
    assert [tuple(row.values()) for row in order] == [("many", 1), ("long", 2), ("short", 3)]


def test_a_figure_is_as_sensitive_as_all_that_it_rests_on():
    graph = TinyGraph()
    graph.wait("home", "p", kind="register")
    graph.wait("stay", "p", kind="temporary_accommodation")
    graph.wait("plan", "p", kind="ehcp_plan")
    graph.wait("support", "p", kind="victim_support", sensitivity="safe_address")
    graph.hold("stay", "home")
    graph.hold("plan", "home")
    graph.hold("plan", "support", sensitivity="safe_address")
    engine = found(graph)
    rows = {row["wait_id"]: row["sensitivity"] for row in engine.rows("select * from unblock_wait")}
    assert rows == {"stay": "normal", "plan": "safe_address"}, "that home does not free the plan tells of the support"
    assert path(engine, "p")["sensitivity"] == "safe_address"
    assert {row["sensitivity"] for row in actions(engine).values()} == {"safe_address"}


def test_measures_count_each_wait_once_in_its_backlog_and_in_all():
    graph = TinyGraph()
    graph.wait("home", "p", kind="register")
    graph.wait("stay", "p", kind="temporary_accommodation")
    graph.wait("place", "p", kind="in_year_admission")
    graph.hold("stay", "home", rule_id="one")
    graph.hold("stay", "home", rule_id="two")
    graph.hold("place", "stay")
    rows = found(graph).rows("select * from unblock_measure where scope = 'team'")
    held = {row["backlog"]: (row["held_waits"], row["freed_waits"], row["holders"]) for row in rows}
    assert held == {None: (2, 2, 2), "temporary_accommodation": (1, 1, 2), "school_place": (1, 1, 2)}


def test_ids_and_order_are_the_same_whatever_the_order_of_the_rows():
    graph = TinyGraph()
    for name in "abcdef":
        graph.wait(name, name, case="case", kind="care_proceedings")
        graph.hold(name, ("evidence", "expert"))
    for held, holder in (("b", "a"), ("c", "a"), ("a", "c"), ("d", "b")):
        graph.hold(held, holder)
    tables = ("person_path", "path_step", "deadlock", "unblock_action", "unblock_wait", "unblock_measure")
    engine = found(graph)
    before = {name: sorted(map(str, engine.rows(f"select * from {name}"))) for name in tables}
    graph.waits.reverse()
    graph.blockers.reverse()
    engine = found(graph)
    assert {name: sorted(map(str, engine.rows(f"select * from {name}"))) for name in tables} == before
