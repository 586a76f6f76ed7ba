"""The chain end to end on the example place: counts, truth, idempotence, and what happens to identities."""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import typer

from braid.cli.run import show_report
from braid.cli.what_if import waits_of_cohort, what_if
from braid.language.clocks import reckon
from braid.language.findings import TABLES
from braid.people.quality import score_protection
from braid.pipeline import (
    TABLES_OF_STAGE,
    RunReport,
    input_fingerprint,
    input_hashes,
    new_engine,
    open_run,
    run_chain,
)
from braid.problems.load import load_statements
from braid.store.lake import Lake, Run
from braid.store.place_folder import Place, PlaceInvalid, load_place
from braid.trust.disclosure import publishable_count
from braid.waits.model import stated_extensions
from braid.waits.quality import compare, compare_given_true_links
from braid.waits.stay_totals import stated_pauses

LAST_DAY = dt.date(2026, 11, 15)
FINDINGS = [table.name for stage in ("link", "waits", "problems", "place") for table in TABLES_OF_STAGE[stage]]


def _same_people(one: Run, other: Run) -> bool:
    """Whether two runs hold the same persons, whatever their random ids: equal sets of linked records."""
    return _clusters(one) == _clusters(other)


def _clusters(run: Run) -> set[frozenset[str]]:
    groups: dict[str, set[str]] = {}
    for row in pq.read_table(run.table("person_link")).to_pylist():
        groups.setdefault(row["person_id"], set()).add(row["person_record_id"])
    return {frozenset(group) for group in groups.values()}


def _ids(run: Run) -> dict[str, str]:
    rows = pq.read_table(run.table("person_link")).to_pylist()
    return {row["person_record_id"]: row["person_id"] for row in rows}


def test_every_row_of_every_file_is_read_or_rejected(report: RunReport) -> None:
    feeds = report.run.manifest["stages"]["read"]["feeds"]
    assert len(feeds) >= 9
    for feed in feeds:
        assert feed["rows_in"] == feed["rows_read"] + feed["rows_rejected"], feed["feed"]
        assert feed["rows_read"] > 0, feed["feed"]
    rejected = pq.read_table(report.run.table("reject")).num_rows
    assert rejected == sum(feed["rows_rejected"] for feed in feeds)


def test_joint_work_of_the_web_app_is_that_of_the_person_whose_record_it_names(report: RunReport) -> None:
    """Linking decides nothing of it; what names a record that nobody sends is nobody's, and stops no run."""
    episodes = pq.read_table(report.run.table("episode"), filters=[("kind", "=", "joint_case")]).to_pylist()
    people = _ids(report.run)
    found = {row["episode_ref"]: people.get(row["person_record_id"]) for row in episodes}
    assert found["JC-TEST-01"] and found["JC-TEST-02"] is None
    assert all(row["feed"] == "joint-work" and row["sensitivity"] == "special" for row in episodes)
    assert not {row["feed"] for row in pq.read_table(report.run.table("person_record")).to_pylist()} & {"joint-work"}


def test_every_table_of_the_registry_is_in_the_run(report: RunReport) -> None:
    for name, table in TABLES.items():
        assert pq.read_schema(report.run.table(name)).names == list(table.names)


def test_every_record_belongs_to_exactly_one_person(report: RunReport) -> None:
    records = set(pq.read_table(report.run.table("person_record")).column("record_id").to_pylist())
    links = pq.read_table(report.run.table("person_link")).column("person_record_id").to_pylist()
    assert len(links) == len(set(links))
    assert set(links) == records
    persons = set(pq.read_table(report.run.table("person")).column("person_id").to_pylist())
    assert persons == set(_ids(report.run).values())


def test_findings_name_only_persons_and_waits_that_exist(report: RunReport) -> None:
    persons = set(pq.read_table(report.run.table("person")).column("person_id").to_pylist())
    waits = set(pq.read_table(report.run.table("person_wait")).column("wait_id").to_pylist())
    of_persons = ("person_wait", "blocker", "cohort", "involvement", "multi_backlog", "person_path", "unblock_wait")
    for name in of_persons:
        assert set(pq.read_table(report.run.table(name)).column("person_id").to_pylist()) <= persons, name
    blockers = pq.read_table(report.run.table("blocker"))
    assert blockers.num_rows > 0
    assert set(blockers.column("held_wait_id").to_pylist()) <= waits
    assert set(blockers.column("holder_wait_id").to_pylist()) <= waits | {None}
    held = set(pq.read_table(report.run.table("unblock_wait")).column("wait_id").to_pylist())
    assert held == set(blockers.column("held_wait_id").to_pylist())
    steps = set(pq.read_table(report.run.table("path_step")).column("blocker_id").to_pylist())
    assert set() < steps <= set(blockers.column("blocker_id").to_pylist())


def test_no_wait_is_past_a_limit_that_does_not_exist(report: RunReport) -> None:
    for wait in pq.read_table(report.run.table("person_wait")).to_pylist():
        if wait["due_date"] is None:
            assert wait["clock"] not in ("past", "within", "stopped_past", "stopped_within")
        elif wait["stop_date"] is None:
            assert (wait["clock"] == "past") == (wait["days_left"] < 0)


def test_every_running_clock_can_be_reckoned_again_from_its_row(place: Place, report: RunReport) -> None:
    """What a look ahead rests on: kind, start, extension and exception of a wait give the clock that the run gave."""
    waits = [row for row in pq.read_table(report.run.table("person_wait")).to_pylist() if row["stop_date"] is None]
    assert any(row["extended_to_date"] for row in waits) and len(waits) > 400
    for row in waits:
        found = reckon(
            row["kind"],
            row["counted_from_date"] or row["start_date"],
            LAST_DAY,
            place.calendar,
            extensions=stated_extensions(row["extended_to_date"]),
            pauses=stated_pauses(row["pauses"]),
            exception=row["exception"],
        )
        assert (found.clock, found.due_date, found.days_left) == (row["clock"], row["due_date"], row["days_left"])


def test_every_action_that_holds_something_is_a_move_of_a_statement(report: RunReport) -> None:
    """By these codes the page of a statement finds what is published of its moves."""
    words = ("owner_role", "next_action", "holder_type", "holder_kind")
    rows = pq.read_table(report.run.table("unblock_measure")).to_pylist()
    acting = {(row["owner_organisation"], *(row[name] for name in words)) for row in rows if row["scope"] == "action"}
    statements = report.run.manifest["stages"]["problems"]["statements"]
    moves = {
        (move["owner_kind"], *(move[name] for name in words))
        for statement in statements
        for rule in statement["rules"]
        for move in rule["moves"]
    }
    assert len(acting) > 8
    assert acting <= moves


def test_a_cohorts_planned_change_is_counted_and_published_with_fixed_weeks_alone(
    place: Place, report: RunReport, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = {"problem": "school_from_ta", "change": "placement_ends", "as_json": True}
    people = waits_of_cohort(report.run, "school_from_ta")
    waits = pq.read_table(report.run.table("person_wait")).to_pylist()
    cohort = pq.read_table(report.run.table("cohort")).to_pylist()
    concerned = {row["person_id"] for row in cohort if row["problem"] == "school_from_ta"}
    running = Counter(row["kind"] for row in waits if row["stop_date"] is None and row["person_id"] in concerned)
    assert Counter(wait.kind for mine, *_ in people for wait in mine) == running
    assert what_if(place.folder, **asked) == 0
    shown = json.loads(capsys.readouterr().out)["rows"]
    assert {row["week"] for row in shown} == {6, 12, 26}
    assert all(row["waits"] is None or row["waits"] % 5 == 0 for row in shown)
    assert not any(row["upshot"] == "unchanged" for row in shown), "or every option would add up to the same total"
    restarted = [row for row in shown if (row["kind"], row["upshot"]) == ("temporary_accommodation", "restarted")]
    assert [row["waits"] for row in restarted] == [publishable_count(running["temporary_accommodation"])] * 3
    for wrong in ({"problem": "none"}, {"change": "none"}):
        with pytest.raises(typer.BadParameter):
            what_if(place.folder, **{**asked, **wrong})
    for other in ({"week": 9}, {"against": 9}, {"until": 3}, {"look": 30}):
        with pytest.raises(typer.BadParameter, match="--by USER --reference REF"):
            what_if(place.folder, **asked, **other)


def test_the_five_backlogs_of_public_debate_are_visible(report: RunReport) -> None:
    measures = pq.read_table(report.run.table("backlog_measure")).to_pylist()
    waiting = {row["backlog"] for row in measures if row["district_code"] is None and row["waiting"] > 0}
    assert {"social_housing", "hospital_treatment", "care_proceedings", "crown_court", "school_place"} <= waiting


def test_the_list_is_close_to_the_truth(place: Place, report: RunReport) -> None:
    engine, spare = open_run(report.run), new_engine()
    rules = [rule for statement in load_statements() for rule in statement.rules]
    truth = place.folder / "truth"
    given = compare_given_true_links(engine, spare, truth, place.calendar, LAST_DAY, rules).multi_backlog
    found = compare(engine, truth).multi_backlog
    spare.close()
    engine.close()
    assert found.precision >= 0.95
    assert found.recall >= 0.85
    assert given.precision >= 0.97
    assert given.recall >= 0.95


def test_running_again_changes_nothing(place: Place, report: RunReport) -> None:
    before = sorted(path.name for path in place.lake_folder.rglob("*"))
    second = run_chain(place, dt.date.fromisoformat(report.run.manifest["as_of"]))
    assert not second.fresh
    assert second.run.id == report.run.id
    assert sorted(path.name for path in place.lake_folder.rglob("*")) == before


def test_every_week_run_again_makes_no_run_twice(place: Place, first_week: RunReport, report: RunReport) -> None:
    lake = Lake(place.lake_folder)
    before = [run.id for run in lake.runs()]
    again = [run_chain(place, day) for day in (LAST_DAY - dt.timedelta(days=7), LAST_DAY)]
    assert [run.run.id for run in again] == [first_week.run.id, report.run.id]
    assert not any(run.fresh for run in again)
    assert [run.id for run in lake.runs()] == before
    assert lake.current().id == report.run.id


def test_a_run_killed_before_its_pointer_moved_is_taken_up(ran_place: Place) -> None:
    first = Lake(ran_place.lake_folder).current()
    (ran_place.lake_folder / "current").unlink()
    second = run_chain(ran_place)
    assert second.run.id == first.id
    assert len(Lake(ran_place.lake_folder).runs()) == 1


@pytest.mark.parametrize(
    "written", ["geography/schools.csv", "problems/own.toml", "own_mapping.toml", "restricted/sealed.csv"]
)
def test_what_the_place_wrote_is_part_of_the_input(private_place: Place, written: str) -> None:
    feed = replace(private_place.feeds[0], mapping="own_mapping.toml")
    place = replace(private_place, feeds=(feed, *private_place.feeds[1:]))
    inputs = input_hashes(place, LAST_DAY)
    before = input_fingerprint(place, LAST_DAY, inputs)
    path = place.folder / written
    path.parent.mkdir(exist_ok=True)
    path.write_text((path.read_text(encoding="utf-8") if path.is_file() else "") + "\n", encoding="utf-8")
    assert input_fingerprint(place, LAST_DAY, inputs) != before


def test_a_forced_second_run_gives_the_same_tables_with_the_same_ids(ran_place: Place) -> None:
    first = Lake(ran_place.lake_folder).current()
    second = run_chain(ran_place, again=True)
    assert second.fresh
    assert second.run.id != first.id
    assert _ids(first) == _ids(second.run)
    for name in FINDINGS:
        if name not in ("person_history", "household_history"):
            assert pq.read_table(first.table(name)).equals(pq.read_table(second.run.table(name))), name
    for name in ("person_history", "household_history"):
        assert pq.read_table(second.run.table(name)).num_rows == 0


def test_ids_stay_from_week_to_week(first_week: RunReport, report: RunReport) -> None:
    before, after = _ids(first_week.run), _ids(report.run)
    kept = before.keys() & after.keys()
    assert len(kept) > 0.9 * len(before)
    moved = sum(before[record] != after[record] for record in kept)
    assert moved <= 0.01 * len(kept)
    history = pq.read_table(report.run.table("person_history")).to_pylist()
    assert {row["change"] for row in history} & {"new"}


@pytest.mark.slow
def test_a_look_back_costs_nobody_their_id(ran_place: Place) -> None:
    first = Lake(ran_place.lake_folder).current()
    earlier = run_chain(ran_place, LAST_DAY - dt.timedelta(days=7))
    assert _ids(first).keys() - _ids(earlier.run).keys()
    assert _ids(run_chain(ran_place, LAST_DAY, again=True).run) == _ids(first)


def test_ids_are_random_not_derived(run_once: Place, report: RunReport) -> None:
    alone = Lake(run_once.lake_folder).current()
    assert alone.manifest["as_of"] == report.run.manifest["as_of"]
    assert not set(_ids(alone).values()) & set(_ids(report.run).values())


def test_a_file_that_cannot_be_read_leaves_its_feed_at_the_week_before(private_place: Place) -> None:
    feed = next(feed for feed in private_place.feeds if feed.id == "hospital-waiting-list")
    date, files = private_place.extract_files(feed, dt.date(2026, 11, 15))
    files[0].write_bytes(files[0].read_bytes()[:3] + b"\x00\xff\x00" * 50)
    report = run_chain(private_place)
    found = next(row for row in report.run.manifest["stages"]["read"]["feeds"] if row["feed"] == feed.id)
    assert found["unreadable"] == [date.isoformat()]
    assert found["as_of_date"] < date.isoformat()
    assert found["rows_read"] > 0
    assert report.rejected > 0


def test_the_manifest_names_no_person(place: Place, report: RunReport) -> None:
    text = json.dumps(report.run.manifest)
    for row in pq.read_table(report.run.table("person_record")).to_pylist()[:500]:
        assert row["partner_record_id"] not in text
    for row in pq.read_table(report.run.table("stay")).to_pylist()[:500]:
        assert not row["postcode"] or row["postcode"] not in text


def test_issues_never_carry_a_persons_value(report: RunReport) -> None:
    values = set()
    for row in pq.read_table(report.run.table("person_record")).to_pylist():
        values |= {row["family_name"], row["given_name"], str(row["birth_date"])}
    values |= set(pq.read_table(report.run.table("stay")).column("postcode").to_pylist())
    values |= set(pq.read_table(report.run.table("identifier")).column("value").to_pylist())
    values = {value for value in values if value and len(value) > 4 and value.lower() not in ("child",)}
    for issue in pq.read_table(report.run.table("issue")).to_pylist():
        words = set(issue["message"].replace(",", " ").replace(".", " ").split())
        assert not words & values, issue["rule"]


def test_only_one_run_is_visible_and_older_ones_are_kept(
    place: Place, report: RunReport, first_week: RunReport
) -> None:
    lake = Lake(place.lake_folder)
    assert lake.current().id == report.run.id
    assert first_week.run.id in [run.id for run in lake.runs()]
    assert not any(Path(place.lake_folder / "work").iterdir())


@pytest.mark.slow
def test_a_corrected_extract_that_stood_in_is_read_again(private_place: Place) -> None:
    feed = next(feed for feed in private_place.feeds if feed.id == "hospital-waiting-list")
    _, newest = private_place.extract_files(feed, LAST_DAY)
    newest[0].write_bytes(b"\x00")
    first = run_chain(private_place)
    assert not run_chain(private_place).fresh
    _, stood_in = private_place.extract_files(feed, LAST_DAY - dt.timedelta(days=7))
    lines = stood_in[0].read_text(encoding="utf-8").splitlines(keepends=True)
    stood_in[0].write_text("".join(lines[:-1]), encoding="utf-8", newline="")
    corrected = run_chain(private_place)
    assert corrected.fresh
    assert corrected.run.id != first.run.id


def test_a_mapping_that_is_not_there_is_the_places_fault_not_the_partners(private_place: Place) -> None:
    path = private_place.folder / "place.toml"
    for mapping in ("nowhere", "../../secret"):
        text = path.read_text(encoding="utf-8").replace('mapping = "hclic"', f'mapping = "{mapping}"')
        path.write_text(text, encoding="utf-8")
        with pytest.raises(PlaceInvalid, match="mapping"):
            run_chain(load_place(private_place.folder))
        path.write_text(text.replace(f'mapping = "{mapping}"', 'mapping = "hclic"'), encoding="utf-8")


def test_whoever_comes_back_is_the_same_person(ran_place: Place) -> None:
    first = Lake(ran_place.lake_folder).current()
    feed = next(feed for feed in ran_place.feeds if feed.id == "hospital-waiting-list")
    for date in (LAST_DAY, LAST_DAY - dt.timedelta(days=7)):
        folder = ran_place.folder / "extracts" / feed.id / date.isoformat()
        folder.rename(folder.with_name(f"away-{date}"))
    without = run_chain(ran_place)
    assert _ids(without.run).keys() < _ids(first).keys()
    for date in (LAST_DAY, LAST_DAY - dt.timedelta(days=7)):
        folder = ran_place.folder / "extracts" / feed.id / date.isoformat()
        folder.with_name(f"away-{date}").rename(folder)
    again = run_chain(ran_place, again=True)
    assert _ids(again.run) == _ids(first)
    changes = {row["change"] for row in pq.read_table(again.run.table("person_history")).to_pylist()}
    assert "returned" in changes
    assert "new" not in changes


def test_safe_addresses_are_kept_and_not_known_says_little(place: Place, report: RunReport) -> None:
    persons = {
        row["person_id"]: row["district_code"] is not None and not row["location_withheld"]
        for row in pq.read_table(report.run.table("person")).to_pylist()
    }
    with (place.folder / "truth" / "people.csv").open(encoding="utf-8", newline="") as file:
        true = {(row["feed"], row["partner_record_id"]): row["true_person_id"] for row in csv.DictReader(file)}
    records = pq.read_table(report.run.table("person_record")).to_pylist()
    truth = {row["record_id"]: true.get((row["feed"], row["partner_record_id"]), "") for row in records}
    with (place.folder / "truth" / "persons.csv").open(encoding="utf-8", newline="") as file:
        protected = {row["true_person_id"] for row in csv.DictReader(file) if row["protected"] == "true"}
    score = score_protection(persons, _ids(report.run), truth, protected)
    assert score.true > 10
    assert score.kept >= 0.9 * score.true
    assert score.not_shown_protected <= 0.35 * score.not_shown


def test_a_feed_that_lost_rows_is_pointed_out(ran_place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    feed = next(feed for feed in ran_place.feeds if feed.id == "hospital-waiting-list")
    _, files = ran_place.extract_files(feed, LAST_DAY)
    lines = files[0].read_text(encoding="utf-8").splitlines(keepends=True)
    files[0].write_text("".join(lines[: len(lines) // 2]), encoding="utf-8", newline="")
    show_report(ran_place, run_chain(ran_place))
    assert "rows fewer than in the run before" in capsys.readouterr().out


def test_sealed_identities_stay_two_and_the_seal_cannot_lapse(
    place: Place, report: RunReport, ran_place: Place
) -> None:
    with (place.folder / "truth" / "sealed.csv").open(encoding="utf-8", newline="") as file:
        seals = list(csv.DictReader(file))
    with (place.folder / "truth" / "people.csv").open(encoding="utf-8", newline="") as file:
        true = {(row["feed"], row["partner_record_id"]): row["true_person_id"] for row in csv.DictReader(file)}
    ids = _ids(report.run)
    records = pq.read_table(report.run.table("person_record")).to_pylist()
    persons: dict[str, set[str]] = {}
    for row in records:
        persons.setdefault(true.get((row["feed"], row["partner_record_id"]), ""), set()).add(ids[row["record_id"]])
    pairs = {
        seal: [row["true_person_id"] for row in seals if row["seal"] == seal] for seal in {r["seal"] for r in seals}
    }
    assert len(pairs) >= 2
    for before, since in pairs.values():
        assert persons[before].isdisjoint(persons[since])
    listed = {row["person_id"] for row in pq.read_table(report.run.table("sealed_person")).to_pylist()}
    assert {person for row in seals for person in persons[row["true_person_id"]]} == listed
    (ran_place.folder / "restricted" / "sealed.csv").unlink()
    with pytest.raises(PlaceInvalid, match="never lapses"):
        run_chain(ran_place)


def test_two_weeks_of_the_same_systems_tell_of_no_sudden_change(report: RunReport) -> None:
    feeds = report.run.manifest["stages"]["read"]["feeds"]
    assert len(feeds) > 20 and {feed["feed"]: feed["alerts"] for feed in feeds if feed["alerts"]} == {}
    shapes = pq.read_table(report.run.table("feed_shape")).to_pylist()
    assert {row["feed"] for row in shapes} == {feed["feed"] for feed in feeds}


@pytest.mark.slow
def test_a_column_that_a_partner_no_longer_fills_is_told_in_the_run(
    ran_place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    feed = next(feed for feed in ran_place.feeds if feed.id == "hospital-waiting-list")
    before = ran_place.folder / "extracts" / feed.id / LAST_DAY.isoformat()
    after = before.with_name((LAST_DAY + dt.timedelta(days=7)).isoformat())
    after.mkdir()
    for path in before.iterdir():
        with path.open(encoding="utf-8", newline="") as file:
            header, *rows = list(csv.reader(file))
        column = header.index("POSTCODE")
        emptied = [[*row[:column], "", *row[column + 1 :]] for row in rows]
        with (after / path.name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([header, *emptied])
    report = run_chain(ran_place, LAST_DAY + dt.timedelta(days=7))
    alerts = {one["feed"]: one["alerts"] for one in report.run.manifest["stages"]["read"]["feeds"]}
    assert {(one["kind"], one["table"]) for one in alerts.pop(feed.id)} & {
        ("column_gone", "stay"),
        ("records_gone", "stay"),
    }
    assert not any(alerts.values()), "of everybody else nothing changed"
    show_report(ran_place, report)
    assert "before, " in " ".join(capsys.readouterr().out.split())
