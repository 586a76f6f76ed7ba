"""Ranks, their reasons and their changes: the queries say exactly what the definition says, one person at a time."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from braid.language.priority_findings import PRIORITY_TABLES
from braid.language.rule_files import RulesInvalid
from braid.problems.cohorts import create_cohort
from braid.problems.load import shipped_statements
from braid.problems.model import Aged, Cohort
from braid.problems.priority import run as priority
from braid.problems.priority.changes import EARLIER
from braid.problems.priority.freeze import find_faults, freeze
from braid.problems.priority.groups import group_in_place, groups_of_place
from braid.problems.priority.load import in_force, load_versions, parse_rules, shipped_texts
from braid.problems.priority.model import PriorityRules, Rank, Reason
from braid.problems.priority.reference import rank_people
from braid.problems.priority.simulate import simulate
from braid.problems.priority.words import explain, why_not
from braid.trust.fairness import exact_counts
from braid.trust.roles import COURT_READINESS
from braid.waits import reference
from braid.waits.blockers import create_blocker
from braid.waits.run import run
from problems.test_cohorts import places, stated
from waits.place import AS_OF, CALENDAR, TinyPlace, close_engines

STATEMENTS = {statement.problem_id: statement for statement in shipped_statements()}
EVERYBODY = Cohort((Aged(0, None),), ())
LAST_BAND = '[[band]]\nid = "rest"\nname = "Everybody else"\n'


def rules_text(points: dict[str, tuple[int, str]], bands: dict[str, str], places: int = 2) -> str:
    """Return a file of rules for `drawn` whose bands and points each have one condition, as TOML."""
    lines = [
        'problem = "drawn"',
        "holds_from = 2026-04-01",
        'basis = "Drawn."',
        f"places = {places}",
        'longest_of = ["temporary_accommodation", "bnb_family", "register"]',
    ]
    lines += [
        f'[[band]]\nid = "{name}"\nname = "{name}"\nwhen = {{ any_of = [{{ {c} }}] }}' for name, c in bands.items()
    ]
    lines.append(LAST_BAND)
    lines += [
        f'[[points]]\nid = "{name}"\npoints = {number}\nreason = "{name}"\nwhen = {{ any_of = [{{ {condition} }}] }}'
        for name, (number, condition) in points.items()
    ]
    return "\n".join(lines)


CONDITIONS = {
    "in_bnb": 'wait = ["bnb_family"]',
    "past_limit": 'wait = ["bnb_family"], clock = ["past"]',
    "child": "age_under = 18",
    "in_need": 'episode = ["cin"]',
    "several": "backlogs_at_least = 2",
    "sen": 'need = ["sen"]',
}
DRAWN = replace(stated(EVERYBODY, name="drawn"), waits=("temporary_accommodation", "bnb_family", "register", "rtt"))


@st.composite
def rules_of(draw: st.DrawFn) -> PriorityRules:
    names = draw(st.permutations(sorted(CONDITIONS)))
    bands = {f"band_{name}": CONDITIONS[name] for name in names[: draw(st.integers(0, 2))]}
    scored = names[: draw(st.integers(0, 4))]
    points = {name: (draw(st.sampled_from([5, 10])), CONDITIONS[name]) for name in scored}
    return parse_rules(rules_text(points, bands), "drawn.toml", {"drawn": DRAWN})


def tables_of(place: TinyPlace, as_of: dt.date) -> dict[str, list[dict[str, Any]]]:
    return {**place.rows, "person_wait": reference.person_waits(place.rows, CALENDAR, as_of)}


def ranked(place: TinyPlace, rules: list[PriorityRules], as_of: dt.date, earlier: dict[str, Any] | None = None):
    """Return an engine in which `place` is ranked; `earlier` holds the tables of the run before, by name."""
    engine = place.load()
    run(engine, CALENDAR, as_of)
    create_blocker(engine, (), as_of)
    statement = replace(DRAWN, cohort=EVERYBODY)
    create_cohort(engine, (statement,), as_of)
    for name, table in (earlier or {}).items():
        engine.load_arrow(f"{EARLIER}{name}", table)
    priority.run(engine, (statement,), rules, as_of, has_earlier=earlier is not None)
    return engine


def ranks_in(engine, rules: PriorityRules) -> dict[str, Rank]:
    words = {band.band_id: (band.name, None) for band in rules.bands}
    words |= {entry.points_id: (entry.reason, entry.points) for entry in rules.points}
    order = list(words)
    reasons: dict[str, list[Reason]] = {}
    for row in engine.rows("select * from priority_reason"):
        reason, points = words[row["reason_id"]]
        assert row["points"] == points
        reasons.setdefault(row["person_id"], []).append(Reason(row["reason_id"], reason, points))
    return {
        row["person_id"]: Rank(
            row["person_id"],
            row["band_position"],
            row["points"],
            row["longest_since_date"],
            row["position"],
            tuple(sorted(reasons[row["person_id"]], key=lambda each: order.index(each.reason_id))),
        )
        for row in engine.rows("select * from priority_rank")
    }


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(places(), rules_of())
def test_queries_and_definition_place_everybody_alike(drawn: tuple[TinyPlace, dt.date], rules: PriorityRules) -> None:
    place, as_of = drawn
    engine = ranked(place, [rules], as_of)
    people = {row["person_id"] for row in engine.rows("select person_id from cohort")}
    assert ranks_in(engine, rules) == rank_people(rules, people, tables_of(place, as_of), as_of)
    close_engines()


def taken(engine) -> dict[str, Any]:
    return {table.name: engine.arrow(f"select * from {table.name}") for table in priority.CARRIED}


@settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(places(), rules_of(), rules_of(), st.data())
def test_every_change_of_rank_has_its_causes_by_definition(
    drawn: tuple[TinyPlace, dt.date], before: PriorityRules, after: PriorityRules, data: st.DataObject
) -> None:
    place, as_of = drawn
    after = data.draw(st.sampled_from([before, after]))
    first = ranked(place, [before], as_of)
    was, carried = ranks_in(first, before), taken(first)
    for row in place.rows["person"]:
        if data.draw(st.booleans()):
            row["birth_date"] = data.draw(st.sampled_from([None, dt.date(2020, 1, 1), dt.date(1980, 1, 1)]))
    for row in list(place.rows["wait"]):
        if data.draw(st.booleans()):
            place.rows["wait"].remove(row)
    merged = data.draw(st.sampled_from([None, "p0"]))
    if merged:
        place.add("person_history", person_id=merged, change="merged", other_person_id="p9", cause="identifier")
    day = as_of + dt.timedelta(days=1)
    engine = ranked(place, [after], day, carried)
    now = ranks_in(engine, after)
    people = {row["person_id"] for row in engine.rows("select person_id from cohort")}
    then = rank_people(before, people, tables_of(place, day), day)
    found: dict[str, set[str]] = {}
    for row in engine.rows("select * from rank_change"):
        found.setdefault(row["person_id"], set()).add(row["cause"])
        old, new = was.get(row["person_id"]), now.get(row["person_id"])
        assert (row["from_position"], row["to_position"]) == (old and old.position, new and new.position)
        held, holds = ({r.reason_id for r in rank.reasons} if rank else set() for rank in (old, new))
        assert set((row["gained"] or "").split()) == holds - held
        assert set((row["lost"] or "").split()) == held - holds
    expected = {person: causes(was.get(person), then.get(person), now.get(person)) for person in {*was, *now}}
    if merged and expected.get(merged):
        expected[merged] = (expected[merged] | {"identity_changed"}) - {"others_moved"}
    assert found == {person: cause for person, cause in expected.items() if cause}
    close_engines()


def causes(was: Rank | None, then: Rank | None, now: Rank | None) -> set[str]:
    if was is None or now is None:
        return {"joined"} if was is None else {"left"}
    if (was.position, was.band_position, was.points) == (now.position, now.band_position, now.points):
        return set()
    assert then is not None
    ids = [{reason.reason_id for reason in rank.reasons} for rank in (was, then, now)]
    found = set()
    if ids[0] != ids[1]:
        found.add("reasons_changed")
    if (ids[1], then.points, then.band_position) != (ids[2], now.points, now.band_position):
        found.add("rule_changed")
    if was.longest_since != now.longest_since:
        found.add("longest_changed")
    return found or {"others_moved"}


def two_people() -> TinyPlace:
    place = TinyPlace()
    place.wait(place.person("ada"), "bnb_family", "2026-09-01")
    place.wait(place.person("ben"), "bnb_family", "2026-11-01")
    return place


def test_who_is_not_told_apart_shares_a_place_and_the_next_one_is_left_out() -> None:
    place = TinyPlace()
    for name in ("ada", "ben", "cem"):
        place.wait(place.person(name), "register", "2026-01-01" if name != "cem" else "2026-02-01")
    rules = parse_rules(rules_text({}, {}), "r.toml", {"drawn": DRAWN})
    found = ranks_in(ranked(place, [rules], AS_OF), rules)
    assert {name: rank.position for name, rank in found.items()} == {"ada": 1, "ben": 1, "cem": 3}
    assert why_not(found["ada"], found["ben"], rules).startswith("Neither comes first")


def test_the_words_say_why_not_the_other() -> None:
    rules = parse_rules(
        rules_text({"in_bnb": (10, CONDITIONS["in_bnb"])}, {"late": CONDITIONS["past_limit"]}),
        "r.toml",
        {"drawn": DRAWN},
    )
    found = ranks_in(ranked(two_people(), [rules], AS_OF), rules)
    assert why_not(found["ben"], found["ada"], rules) == (
        "Comes later: this is band 2, Everybody else, and the other late."
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"points": 20}, "Comes first: in the same band, 20 points against 10 (this alone: x, 10)."),
        (
            {"longest_since": dt.date(2026, 1, 1)},
            "Comes first: the same band and points, and a longer wait, by 31 days.",
        ),
        ({"longest_since": None, "position": 2}, "Comes later: the same band and points, and the other waits where"),
    ],
)
def test_the_first_difference_decides_and_is_said(change: dict[str, Any], said: str) -> None:
    rules = parse_rules(rules_text({}, {}), "r.toml", {"drawn": DRAWN})
    rest = (Reason("rest", "Everybody else"),)
    other = Rank("other", 1, 10, dt.date(2026, 2, 1), 2 if "position" not in change else 1, rest)
    extra = (Reason("x", "x", 10),) if "points" in change else ()
    this = replace(other, **{"person_id": "this", "position": 1, **change}, reasons=(*rest, *extra))
    assert why_not(this, other, rules).startswith(said)


def test_rules_hold_from_their_day_and_a_places_own_replace_those_that_ship(tmp_path) -> None:
    text = shipped_texts()["school_from_ta.toml"]
    (tmp_path / "priority").mkdir()
    for name, day in (("a.toml", "2026-05-01"), ("b.toml", "2026-07-01")):
        changed = re.sub(r"holds_from = \S+", f"holds_from = {day}", text)
        (tmp_path / "priority" / name).write_text(changed, encoding="utf-8")
    versions = load_versions(STATEMENTS.values(), tmp_path)

    def held(day: str) -> dict[str, dt.date]:
        return {rules.problem: rules.holds_from for rules in in_force(versions, dt.date.fromisoformat(day))}

    assert "school_from_ta" not in held("2026-04-30")
    assert held("2026-06-30")["school_from_ta"] == dt.date(2026, 5, 1)
    assert held("2026-07-01")["school_from_ta"] == dt.date(2026, 7, 1)
    assert held("2026-07-01")["court_readiness"] == dt.date(2026, 4, 1)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('problem = "school_from_ta"', 'problem = "schools"', "'schools' is not known"),
        ("holds_from = 2026-04-01", 'holds_from = "2026-04-01"', "must be a date"),
        ("places = 20", "places = 0", "whole number of people, from 1 to 10000"),
        ("points = 20", "points = -20", "whole number of points, from 1 to 1000"),
        ('id = "exam_years"', 'id = "limit_past"', "two bands or points are called 'limit_past'"),
        ('"temporary_accommodation", "bnb_family"', '"therapy", "bnb_family"', "'therapy', which is not known"),
        ("[[points]]", "[[point]]", "unknown key 'point'"),
        ('episode = ["cin", "cpp", "cla"]', 'episode = ["marac"]', "only a statement for the purpose"),
        (
            'id = "no_limit_near"\nname = "No limit in law is past or near"',
            'id = "no_limit_near"\nname = "x"\nwhen = { all_of = [{ age_under = 18 }] }',
            "the last band is for everybody",
        ),
        (
            '[band.when]\nany_of = [{ wait = ["bnb_family", "in_year',
            '[band.x]\nany_of = [{ wait = ["bnb_family", "in_year',
            "without when",
        ),
    ],
)
def test_a_fault_names_its_place_its_rule_and_what_to_do(old: str, new: str, said: str) -> None:
    text = shipped_texts()["school_from_ta.toml"]
    assert old in text
    with pytest.raises(RulesInvalid) as caught:
        parse_rules(text.replace(old, new, 1) if old != "[[points]]" else text.replace(old, new), "r.toml", STATEMENTS)
    found = [str(fault) for fault in caught.value.faults]
    assert any(said in fault and fault.startswith("r.toml: ") and "; " in fault for fault in found), found


def test_how_long_somebody_waits_as_a_victim_orders_no_other_purpose() -> None:
    text = shipped_texts()["court_readiness.toml"].replace(
        '"care_proceedings", "care_first_hearing"]\n\n', '"crown_trial"]\n\n', 1
    )
    with pytest.raises(RulesInvalid, match="may tell that somebody was harmed"):
        parse_rules(
            text, "r.toml", {"court_readiness": replace(STATEMENTS["court_readiness"], purpose_code=COURT_READINESS)}
        )


def test_rules_that_ship_are_of_statements_that_ship_and_say_that_nobody_agreed_them() -> None:
    versions = load_versions(STATEMENTS.values())
    assert {rules.problem for rules in versions} == set(STATEMENTS)
    for rules in versions:
        assert "No place has agreed it yet" in rules.basis
        assert len(explain(rules)) == 2 + len(rules.bands) + len(rules.points)
        assert set(rules.longest_of) <= set(STATEMENTS[rules.problem].waits)


def test_a_run_keeps_the_rules_whole_so_that_a_rank_can_be_held_against_them() -> None:
    rules = parse_rules(rules_text({}, {}), "r.toml", {"drawn": DRAWN})
    engine = ranked(two_people(), [rules], AS_OF)
    (row,) = engine.rows("select * from priority_rule")
    again = parse_rules(row["text"], "kept", {"drawn": DRAWN})
    assert (row["digest"], again) == (rules.digest, rules)


def test_reached_is_who_was_ever_among_so_many_and_who_left_unreached_is_remembered_for_a_year() -> None:
    rules = parse_rules(rules_text({}, {}, places=1), "r.toml", {"drawn": DRAWN})
    first = ranked(two_people(), [rules], AS_OF)
    place = two_people()
    place.rows["person"][1]["birth_date"] = None
    later = AS_OF + dt.timedelta(days=30)
    second = ranked(place, [rules], later, taken(first))
    found = {row["person_id"]: row for row in second.rows("select * from priority_reach")}
    assert (found["ada"]["reached_date"], found["ada"]["ranked_since_date"]) == (AS_OF, AS_OF)
    assert (found["ben"]["reached_date"], found["ben"]["left_date"]) == (None, later)
    (women,) = second.rows("select * from priority_fairness where characteristic = 'disability'")
    assert (women["people"], women["reached"], women["never_reached"]) == (2, 1, 1)
    year = later + dt.timedelta(days=365)
    third = ranked(place, [rules], year, taken(second))
    assert {row["person_id"] for row in third.rows("select person_id from priority_reach")} == {"ada"}


def test_groups_of_every_characteristic_add_up_to_the_same_people() -> None:
    rules = parse_rules(rules_text({}, {}, places=1), "r.toml", {"drawn": DRAWN})
    engine = ranked(two_people(), [rules], AS_OF)
    rows = engine.rows(
        "select characteristic, sum(people) as people, sum(reached) as reached from priority_fairness group by 1"
    )
    assert {(int(row["people"]), int(row["reached"])) for row in rows} == {(2, 1)}
    assert len(rows) == 6


def test_who_lives_outside_the_place_counts_there_in_every_table() -> None:
    rules = parse_rules(rules_text({}, {}, places=1), "r.toml", {"drawn": DRAWN})
    place = two_people()
    place.rows["person"][0]["district_code"] = "E09000099"
    engine = ranked(place, [rules], AS_OF)
    groups = groups_of_place({"E08990001": "North"})
    found = simulate(engine, rules, rules, AS_OF, 1, groups).composition["district"]
    assert {groups["district"][code]: people for code, (people, *_) in found.items()} == {
        "Outside the place": 1,
        "North": 1,
    }
    exact = exact_counts(engine.rows("select * from priority_fairness"), groups, group_in_place)
    for column in ("reached", "never_reached"):
        assert len({sum(group[column] for group in each.values()) for each in exact.values()}) == 1
    assert exact["district"]["outside"]["reached"] + exact["district"]["outside"]["never_reached"] == 1


def test_without_rules_nobody_is_ranked_and_every_table_is_there() -> None:
    engine = ranked(two_people(), [], AS_OF)
    assert {table.name: len(engine.rows(f"select * from {table.name}")) for table in PRIORITY_TABLES} == {
        table.name: 0 for table in PRIORITY_TABLES
    }


def test_earlier_rules_that_nobody_can_read_any_more_count_as_changed_rules() -> None:
    rules = parse_rules(rules_text({"in_bnb": (10, CONDITIONS["in_bnb"])}, {}), "r.toml", {"drawn": DRAWN})
    without = parse_rules(rules_text({}, {}), "r.toml", {"drawn": DRAWN})
    carried = taken(ranked(two_people(), [rules], AS_OF))
    engine = two_people().load()
    engine.load_arrow("kept", carried["priority_rule"])
    carried["priority_rule"] = engine.arrow("select problem, holds_from_date, digest, 'no rules' as text from kept")
    engine = ranked(two_people(), [without], AS_OF, carried)
    assert {row["cause"] for row in engine.rows("select cause from rank_change")} == {"rule_changed"}


def frozen() -> dict[str, Any]:
    rules = parse_rules(
        rules_text({"in_bnb": (10, CONDITIONS["in_bnb"])}, {"late": CONDITIONS["past_limit"]}),
        "r.toml",
        {"drawn": DRAWN},
    )
    found = ranks_in(ranked(two_people(), [rules], AS_OF), rules)
    return freeze(found["ada"], len(found), rules, "run", AS_OF)


def test_a_frozen_rank_follows_from_the_rules_frozen_with_it_and_names_nobody() -> None:
    document = json.loads(json.dumps(frozen()))
    assert find_faults(document, {"drawn": DRAWN}) == []
    assert "ada" not in json.dumps({**document, "rules": {}})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"points": 20}, "do not add up"),
        ({"band": "early"}, "no such band"),
        ({"band": "rest"}, "not among the reasons"),
        ({"reasons": ["late", "in_bnb", "tall"]}, "not in the rules"),
        ({"position": 3}, "not among so many"),
        ({"problem": "schools"}, "another problem"),
        ({"holds_from": "2026-04-02"}, "another day"),
        ({"text": "problem = 1"}, "not those whose digest"),
    ],
)
def test_what_was_changed_of_a_frozen_rank_is_found(change: dict[str, Any], said: str) -> None:
    document = frozen()
    for name, value in change.items():
        (document if name in document else document["rules"])[name] = value
    assert any(said in fault for fault in find_faults(document, {"drawn": DRAWN}))
