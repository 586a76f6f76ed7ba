"""The waits of a person: which count, once, until when, against which limit."""

from __future__ import annotations

import pytest

from braid.language.clock_rules import find_rule
from braid.language.codes import WAIT_KINDS
from braid.language.findings import TABLES
from braid.waits.backlogs import create_multi_backlog
from braid.waits.run import run
from waits.place import AS_OF, CALENDAR, TinyPlace, day


def waits_of(place: TinyPlace):
    engine = place.load()
    summary = run(engine, CALENDAR, AS_OF)
    rows = engine.rows("select * from person_wait order by wait_id")
    return summary, rows


def test_empty_tables_give_empty_findings():
    summary, rows = waits_of(TinyPlace())
    assert rows == []
    assert set(summary.as_document().values()) == {0}


def test_the_tables_have_the_shape_of_the_registry(tmp_path):
    place = TinyPlace()
    record = place.person("p1")
    place.wait(record, "register", "2025-01-01")
    place.wait(record, "rtt", "2025-01-01")
    engine = place.load()
    run(engine, CALENDAR, AS_OF)
    for name in ("person_wait", "involvement", "backlog_measure"):
        assert engine.write(TABLES[name], tmp_path / f"{name}.parquet") > 0


def test_two_records_that_assert_one_case_count_once_from_the_earliest_start():
    place = TinyPlace()
    first, second = place.person("p1"), place.record("p1")
    place.wait(second, "register", "2025-03-01", episode_ref="A1", sensitivity="special")
    kept = place.wait(first, "register", "2025-02-01", episode_ref="A1")
    summary, rows = waits_of(place)
    assert [(row["wait_id"], row["sensitivity"]) for row in rows] == [(kept, "special")]
    assert summary.repeated == 1


def test_same_start_within_an_organisation_counts_once_but_not_across_organisations():
    place = TinyPlace()
    first, second = place.person("p1"), place.record("p1")
    place.wait(first, "in_year_admission", "2026-10-01", episode_ref="A1")
    place.wait(second, "in_year_admission", "2026-10-01", episode_ref="A2")
    place.wait(second, "in_year_admission", "2026-10-01", episode_ref="A2", feed="another")
    place.wait(second, "in_year_admission", "2026-10-01", feed="third", organisation_id="school")
    place.wait(second, "in_year_admission", "2026-10-02", feed="another")
    summary, rows = waits_of(place)
    told = [(row["organisation_id"], row["start_date"].day) for row in rows]
    assert sorted(told) == [("council", 1), ("council", 2), ("school", 1)]
    assert (summary.repeated, summary.told_again) == (1, 1)


def test_two_hospital_pathways_of_one_day_are_two_waits():
    place = TinyPlace()
    record = place.person("p1")
    place.wait(record, "rtt", "2026-10-01", episode_ref="PATH1")
    place.wait(record, "rtt", "2026-10-01", episode_ref="PATH2")
    assert len(waits_of(place)[1]) == 2


def test_a_second_stay_of_one_homelessness_case_is_a_second_wait():
    place = TinyPlace()
    record = place.person("p1")
    place.wait(record, "temporary_accommodation", "2025-10-01", "2025-12-01", episode_ref="H1")
    place.wait(record, "temporary_accommodation", "2026-02-01", episode_ref="H1")
    assert [row["elapsed_days"] for row in waits_of(place)[1]] == [61, 287]


def test_two_assessments_of_one_case_in_one_record_are_two_waits_that_a_second_record_repeats():
    place = TinyPlace()
    first, second = place.person("p1"), place.record("p1")
    for start, stop in (("2026-01-05", "2026-02-01"), ("2026-09-01", None)):
        place.wait(first, "cf_assessment", start, stop, episode_ref="R1")
    place.wait(second, "cf_assessment", "2026-09-02", episode_ref="R1")
    summary, rows = waits_of(place)
    assert {row["start_date"] for row in rows} == {day("2026-01-05"), day("2026-09-01")}
    assert summary.repeated == 1


def test_care_proceedings_are_counted_for_each_child():
    place = TinyPlace()
    for child in ("p1", "p2"):
        place.wait(place.person(child), "care_proceedings", "2026-01-05", episode_ref="case")
    assert {row["person_id"] for row in waits_of(place)[1]} == {"p1", "p2"}


def test_a_wait_that_starts_on_the_as_of_day_has_waited_no_days():
    place = TinyPlace()
    place.wait(place.person("p1"), "register", "2026-11-15")
    (row,) = waits_of(place)[1]
    assert (row["elapsed_days"], row["clock"]) == (0, "no_limit")


def test_a_stop_on_the_as_of_day_has_happened_and_a_later_one_has_not():
    place = TinyPlace()
    record = place.person("p1")
    place.wait(record, "register", "2026-11-01", "2026-11-15")
    place.wait(record, "rtt", "2026-11-01", "2026-11-16")
    stops = {row["kind"]: (row["stop_date"], row["clock"]) for row in waits_of(place)[1]}
    assert stops == {"register": (AS_OF, "stopped"), "rtt": (None, "within")}


def test_what_cannot_be_counted_is_left_out_and_said():
    place = TinyPlace()
    record = place.person("p1")
    place.wait(record, "register", "2026-11-16")
    place.wait(record, "rtt", "2026-05-02", "2026-05-01")
    place.wait(record, "nobody_knows_this", "2026-05-02")
    place.wait("a record of nobody", "rtt", "2026-05-02")
    summary, rows = waits_of(place)
    assert rows == []
    excluded = (summary.begins_later, summary.ended_before_start, summary.unknown_kind, summary.unlinked)
    assert excluded == (1, 1, 1, 1)
    assert summary.waits_read == 4


def test_leap_day_counts():
    place = TinyPlace()
    place.wait(place.person("p1"), "register", "2024-02-28", "2024-03-01")
    assert waits_of(place)[1][0]["elapsed_days"] == 2


@pytest.mark.parametrize("kind", [kind for kind in WAIT_KINDS if find_rule(kind, AS_OF) is None])
def test_a_kind_without_a_limit_is_never_past(kind):
    place = TinyPlace()
    place.wait(place.person("p1"), kind, "2012-01-01", stated_due_date="2013-01-01")
    (row,) = waits_of(place)[1]
    assert (row["clock"], row["due_date"], row["days_left"]) == ("no_limit", None, None)


def test_care_proceedings_past_their_26_weeks_unless_extended():
    place = TinyPlace()
    record = place.person("p1")
    place.wait(record, "care_proceedings", "2026-05-18", episode_ref="a")
    place.wait(record, "care_proceedings", "2026-05-17", episode_ref="b")
    place.wait(
        record, "care_proceedings", "2026-03-01", episode_ref="c", extended_to_date="2026-12-01", exception="fpl:X"
    )
    clocks = {row["start_date"]: (row["clock"], row["due_date"]) for row in waits_of(place)[1]}
    assert clocks[day("2026-05-18")] == ("within", day("2026-11-15"))
    assert clocks[day("2026-05-17")] == ("past", day("2026-11-14"))
    assert clocks[day("2026-03-01")] == ("within", day("2026-12-01"))


def victim_place(reference: str = "37xk 0000126") -> TinyPlace:
    place = TinyPlace()
    victim = place.person("victim", protected=True)
    crown = {"feed": "crown-court", "organisation_id": "hmcts", "sensitivity": "criminal"}
    for number, start in enumerate(("2025-06-01", "2025-04-01")):
        defendant = place.person(f"defendant{number}")
        place.wait(defendant, "crown_trial", start, episode_ref="37XK0000126", **crown)
    place.add(
        "episode",
        person_record_id=victim,
        kind="criminal_case",
        role="victim",
        episode_ref=reference,
        sensitivity="safe_address",
    )
    return place


def test_a_victim_waits_for_the_trial_of_the_case_the_referral_names():
    summary, rows = waits_of(victim_place())
    (own,) = [row for row in rows if row["person_id"] == "victim"]
    assert (own["kind"], own["start_date"], own["stop_date"]) == ("crown_trial", day("2025-04-01"), None)
    assert (own["sensitivity"], own["clock"]) == ("safe_address", "no_limit")
    assert {row["sensitivity"] for row in rows if row["person_id"] != "victim"} == {"criminal"}
    assert (summary.inherited, summary.victims_without_case) == (1, 0)


def test_the_victims_wait_ends_only_when_every_defendants_has():
    place = victim_place()
    place.rows["wait"][0]["stop_date"] = day("2026-01-01")
    (own,) = [row for row in waits_of(place)[1] if row["person_id"] == "victim"]
    assert own["stop_date"] is None
    place.rows["wait"][1]["stop_date"] = day("2026-02-01")
    (own,) = [row for row in waits_of(place)[1] if row["person_id"] == "victim"]
    assert own["stop_date"] == day("2026-02-01")


def test_a_case_nobody_lists_is_counted_and_not_invented():
    summary, rows = waits_of(victim_place("99ZZ0000126"))
    assert not [row for row in rows if row["person_id"] == "victim"]
    assert summary.victims_without_case == 1


def test_one_person_in_two_backlogs_with_the_longest_first():
    place = TinyPlace()
    record = place.person("p1")
    place.wait(record, "rtt", "2026-11-01", episode_ref="x")
    place.wait(record, "register", "2026-10-01")
    place.wait(place.person("p2"), "register", "2026-10-01")
    engine = place.load()
    run(engine, CALENDAR, AS_OF)
    create_multi_backlog(engine)
    (row,) = engine.rows("select * from multi_backlog")
    assert row["backlogs"] == "social_housing hospital_treatment"
    assert (row["longest_days"], row["total_days"], row["wait_count"]) == (45, 59, 2)


def test_two_waits_of_one_backlog_are_not_two_backlogs():
    place = TinyPlace()
    record = place.person("p1")
    place.wait(record, "ehcp_plan", "2026-10-01")
    place.wait(record, "ehcp_decision", "2026-10-01")
    assert waits_of(place)[0].people_in_several == 0


def test_the_district_of_a_protected_person_is_withheld_from_lists_and_counts():
    place = TinyPlace()
    record = place.person("p1", protected=True)
    place.wait(record, "rtt", "2026-11-01")
    place.wait(record, "register", "2026-10-01")
    engine = place.load()
    run(engine, CALENDAR, AS_OF)
    create_multi_backlog(engine)
    assert [row["district_code"] for row in engine.rows("select district_code from multi_backlog")] == [None]
    measures = engine.rows("select kind, district_code, waiting from backlog_measure order by kind")
    assert measures == [
        {"kind": "register", "district_code": None, "waiting": 1},
        {"kind": "rtt", "district_code": None, "waiting": 1},
    ]


def test_involvement_takes_the_latest_worker_and_the_strictest_sensitivity():
    place = TinyPlace()
    record = place.person("p1")
    episode = {"person_record_id": record, "kind": "cin"}
    place.add("episode", start_date="2024-01-01", end_date="2024-06-01", worker="Old", team="A", **episode)
    place.add("episode", start_date="2025-01-01", worker="New", team="B", sensitivity="special", **episode)
    place.add("event", person_record_id=record, kind="visit", start_date="2026-12-01")
    engine = place.load()
    run(engine, CALENDAR, AS_OF, feed_services={"feed": "Family help"})
    (row,) = engine.rows("select * from involvement")
    assert (row["service"], row["worker"], row["team"], row["sensitivity"]) == ("Family help", "New", "B", "special")
    assert (row["since_date"], row["last_date"]) == (day("2024-01-01"), day("2025-01-01"))
