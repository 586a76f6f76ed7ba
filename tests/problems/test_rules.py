"""Each shipped rule: the smallest place in which it finds something, and what it must leave alone."""

from __future__ import annotations

from typing import Any

import pytest

from braid.language.findings import TABLES
from braid.language.graph_findings import GRAPH_TABLES
from braid.problems import run as problems
from braid.problems.load import shipped_statements
from braid.waits import run as waits
from waits.place import AS_OF, CALENDAR, TinyPlace

CROWN = {"feed": "crown-court", "organisation_id": "hmcts-crown", "sensitivity": "criminal"}
FAMILY = {"feed": "family-court", "organisation_id": "hmcts-family", "sensitivity": "special"}
VICTIM = {"feed": "victim-service", "organisation_id": "refuge-charity", "sensitivity": "safe_address"}


def blockers_of(place: TinyPlace) -> list[dict[str, Any]]:
    engine = place.load()
    waits.run(engine, CALENDAR, AS_OF)
    problems.run(engine, shipped_statements(), AS_OF)
    return engine.rows("select * from blocker order by rule_id, blocker_id")


def rules_of(place: TinyPlace) -> list[str]:
    return [row["rule_id"] for row in blockers_of(place)]


@pytest.mark.parametrize(
    ("rule", "held", "holder"),
    [
        ("ta_waits_for_letting", "temporary_accommodation", "register"),
        ("ehc_plan_waits_for_address", "ehcp_plan", "temporary_accommodation"),
        ("school_place_waits_for_address", "in_year_admission", "temporary_accommodation"),
        ("therapy_waits_for_home", "therapy", "register"),
        ("therapy_waits_for_home", "therapy", "temporary_accommodation"),
        ("assessment_outstanding", "care_proceedings", "cf_assessment"),
    ],
)
def test_one_wait_of_a_person_holds_another(rule, held, holder):
    place = TinyPlace()
    record = place.person("p1")
    held_id = place.wait(record, held, "2026-11-02")
    holder_id = place.wait(record, holder, "2026-03-03")
    (found,) = blockers_of(place)
    assert (found["rule_id"], found["person_id"]) == (rule, "p1")
    assert (found["held_wait_id"], found["holder_wait_id"]) == (held_id, holder_id)
    assert (found["holder_type"], found["holder_kind"], found["holder_person_id"]) == ("wait", holder, None)
    assert "3 March 2026" in found["evidence"]
    assert "{" not in found["reason"]


@pytest.mark.parametrize("ended", ["held", "holder"])
def test_a_wait_that_ended_on_the_as_of_day_neither_holds_nor_is_held(ended):
    place = TinyPlace()
    record = place.person("p1")
    place.wait(record, "temporary_accommodation", "2026-11-02", "2026-11-15" if ended == "held" else None)
    place.wait(record, "register", "2026-03-03", "2026-11-15" if ended == "holder" else None)
    assert rules_of(place) == []


def test_another_persons_register_does_not_hold_a_stay():
    place = TinyPlace()
    place.wait(place.person("p1"), "temporary_accommodation", "2026-11-02")
    place.wait(place.person("p2"), "register", "2026-11-02")
    assert rules_of(place) == []


def test_one_blocker_for_each_holder():
    place = TinyPlace()
    record = place.person("p1")
    place.wait(record, "therapy", "2026-10-01", **VICTIM)
    place.wait(record, "register", "2026-10-01")
    place.wait(record, "temporary_accommodation", "2026-10-01")
    found = [row for row in blockers_of(place) if row["rule_id"] == "therapy_waits_for_home"]
    assert {row["holder_kind"] for row in found} == {"register", "temporary_accommodation"}
    assert {row["sensitivity"] for row in found} == {"safe_address"}


@pytest.mark.parametrize(("start", "expected"), [("2026-10-12", ["school_place_without_outcome"]), ("2026-10-26", [])])
def test_a_school_place_lacks_its_outcome_only_past_15_school_days(start, expected):
    place = TinyPlace()
    place.wait(place.person("p1"), "in_year_admission", start)
    assert rules_of(place) == expected


def court_place(sitting: str | None = None, status: str | None = "booked") -> TinyPlace:
    place = TinyPlace()
    victim, defendant = place.person("victim", protected=True), place.person("defendant")
    place.wait(defendant, "crown_trial", "2025-06-01", episode_ref="37XK0000126", **CROWN)
    place.add(
        "episode", person_record_id=victim, kind="criminal_case", role="victim", episode_ref="37xk0000126", **VICTIM
    )
    if sitting:
        place.add(
            "event",
            person_record_id=defendant,
            kind="hearing",
            episode_ref="37XK0000126",
            start_date=sitting,
            status=status,
            **CROWN,
        )
    return place


@pytest.mark.parametrize(
    ("sitting", "status", "expected"),
    [
        (None, None, ["trial_has_no_date"]),
        ("2026-11-14", "booked", ["trial_has_no_date"]),
        ("2026-11-15", "booked", []),
        ("2027-02-01", None, []),
        ("2027-02-01", "vacated", ["trial_has_no_date"]),
    ],
)
def test_a_victims_trial_without_a_sitting_day_to_come(sitting, status, expected):
    found = blockers_of(court_place(sitting, status))
    assert [row["rule_id"] for row in found] == expected
    assert all(row["person_id"] == "victim" and row["sensitivity"] == "safe_address" for row in found)


def test_therapy_waits_for_the_trial_of_the_victim_but_not_of_the_defendant():
    place = court_place("2027-02-01")
    place.wait(place.record("victim"), "therapy", "2026-10-01", **VICTIM)
    place.wait(place.record("defendant"), "therapy", "2026-10-01", **VICTIM)
    (found,) = blockers_of(place)
    assert (found["rule_id"], found["person_id"], found["holder_person_id"]) == (
        "therapy_waits_for_trial",
        "victim",
        None,
    )


def family_place(*respondents: str) -> TinyPlace:
    place = TinyPlace()
    for child in ("child1", "child2"):
        record = place.person(child)
        place.wait(record, "care_proceedings", "2026-09-01", episode_ref="case", **FAMILY)
        place.add("episode", person_record_id=record, kind="family_case", role="child", episode_ref="case", **FAMILY)
    for name in respondents:
        record = (
            place.record(name) if any(row["person_id"] == name for row in place.rows["person"]) else place.person(name)
        )
        place.add(
            "episode", person_record_id=record, kind="family_case", role="respondent", episode_ref="case", **FAMILY
        )
    return place


@pytest.mark.parametrize(
    ("rule", "kind", "sensitivity"),
    [
        ("parallel_criminal_case", "crown_trial", "criminal"),
        ("parent_waits_for_treatment", "rtt", "special"),
        ("family_waits_for_home", "register", "special"),
        ("family_waits_for_home", "temporary_accommodation", "special"),
    ],
)
def test_a_respondents_wait_holds_the_case_of_every_child(rule, kind, sensitivity):
    place = family_place("parent")
    holder = place.wait(place.record("parent"), kind, "2026-03-03", episode_ref="own", sensitivity=sensitivity)
    found = blockers_of(place)
    assert {row["person_id"] for row in found} == {"child1", "child2"}
    for row in found:
        assert (row["rule_id"], row["holder_person_id"], row["holder_wait_id"]) == (rule, "parent", holder)
        assert row["sensitivity"] == sensitivity


def test_a_victims_trial_is_never_shown_as_what_holds_her_childs_case():
    place = court_place("2027-02-01")
    family = family_place("victim", "defendant")
    for table in ("wait", "episode", "person", "person_record", "person_link"):
        taken = {row.get("record_id") for row in place.rows[table]}
        for row in family.rows[table]:
            moved = dict(row)
            for column in ("record_id", "person_record_id"):
                if moved.get(column):
                    moved[column] = f"family {moved[column]}"
            assert moved.get("record_id") is None or moved["record_id"] not in taken
            if table != "person" or all(row["person_id"] != known["person_id"] for known in place.rows["person"]):
                place.rows[table].append(moved)
    found = blockers_of(place)
    assert {row["rule_id"] for row in found} == {"parallel_criminal_case"}
    assert {row["holder_person_id"] for row in found} == {"defendant"}


def test_a_respondent_of_another_case_holds_nothing():
    place = family_place()
    record = place.person("parent")
    place.add("episode", person_record_id=record, kind="family_case", role="respondent", episode_ref="other", **FAMILY)
    place.wait(record, "rtt", "2026-03-03")
    assert rules_of(place) == []


def hearing(place: TinyPlace, day: str, status: str, cause: str | None = None) -> None:
    place.add(
        "event",
        person_record_id=place.rows["person_record"][0]["record_id"],
        kind="hearing",
        episode_ref="case",
        start_date=day,
        status=status,
        cause_group=cause,
        **FAMILY,
    )


@pytest.mark.parametrize(
    ("hearings", "cause"),
    [
        ([("2026-10-01", "adjourned", "lawyers")], "lawyers"),
        ([("2026-10-01", "vacated", "court_capacity"), ("2026-09-01", "completed", None)], "court_capacity"),
        ([("2026-11-15", "adjourned", "expert")], "expert"),
        ([("2026-10-01", "adjourned", "external")], None),
        ([("2026-10-01", "adjourned", "not_a_failure")], None),
        ([("2026-10-01", "adjourned", None)], None),
        ([("2026-10-01", "adjourned", "lawyers"), ("2026-10-01", "completed", None)], None),
        ([("2026-10-01", "adjourned", "lawyers"), ("2026-10-20", "completed", None)], None),
        ([("2026-10-01", "adjourned", "lawyers"), ("2026-12-20", "booked", None)], "lawyers"),
        ([("2026-12-20", "vacated", "lawyers")], None),
        ([("2026-10-01", "adjourned", "lawyers"), ("2026-10-20", "entered_in_error", None)], "lawyers"),
    ],
)
def test_the_latest_hearing_that_failed_holds_the_case_until_one_is_completed(hearings, cause):
    place = family_place()
    for entry in hearings:
        hearing(place, *entry)
    found = blockers_of(place)
    assert {row["holder_kind"] for row in found} == ({cause} if cause else set())
    assert len(found) == (2 if cause else 0)


def test_blockers_are_counted_for_people_in_several_backlogs():
    place = TinyPlace()
    record = place.person("p1")
    place.wait(record, "temporary_accommodation", "2026-11-02")
    place.wait(record, "register", "2026-03-03")
    engine = place.load()
    waits.run(engine, CALENDAR, AS_OF)
    problems.run(engine, shipped_statements(), AS_OF)
    assert [row["blocker_count"] for row in engine.rows("select * from multi_backlog")] == [1]


def test_one_letting_frees_the_stay_and_the_school_place_that_waits_for_it():
    place = TinyPlace()
    record = place.person("p1")
    stay = place.wait(record, "temporary_accommodation", "2026-11-02")
    school = place.wait(record, "in_year_admission", "2026-11-09")
    letting = place.wait(record, "register", "2026-03-03")
    engine = place.load()
    waits.run(engine, CALENDAR, AS_OF)
    problems.run(engine, shipped_statements(), AS_OF)
    first = engine.rows("select * from unblock_action order by position")[0]
    assert (first["holder_id"], first["owner_role"], first["freed_waits"]) == (letting, "Lettings manager", 2)
    (path,) = engine.rows("select * from person_path")
    assert (path["end_wait_id"], path["begin_holder_id"], path["root_holder_id"]) == (school, letting, letting)
    steps = "select b.held_wait_id from path_step s join blocker b on b.blocker_id = s.blocker_id order by s.position"
    assert [row["held_wait_id"] for row in engine.rows(steps)] == [school, stay]


def test_the_cohort_holds_children_in_temporary_accommodation_and_says_why():
    place = TinyPlace()
    for person, born in (("child", "2015-11-15"), ("on birthday", "2007-11-15"), ("day before", "2007-11-16")):
        place.wait(place.person(person, birth_date=born), "temporary_accommodation", "2026-11-02")
    place.person("housed")
    engine = place.load()
    waits.run(engine, CALENDAR, AS_OF)
    problems.run(engine, shipped_statements(), AS_OF)
    rows = engine.rows("select * from cohort where problem = 'school_from_ta' order by person_id")
    assert [row["person_id"] for row in rows] == ["child", "day before"]
    assert "under 19" in rows[0]["reason"]
    assert "wait (" in rows[0]["reason"]
    assert "live in" not in rows[0]["reason"]


def test_empty_tables_give_empty_findings_of_the_registrys_shape(tmp_path):
    engine = TinyPlace().load()
    waits.run(engine, CALENDAR, AS_OF)
    problems.run(engine, shipped_statements(), AS_OF)
    for name in ("blocker", *(table.name for table in GRAPH_TABLES), "cohort", "multi_backlog"):
        assert engine.write(TABLES[name], tmp_path / f"{name}.parquet") == 0
