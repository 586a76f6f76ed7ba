"""`braid plan place` for the court of an example place, held against what the example wrote, to the last hearing."""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as parquet
import pytest

from braid.cli.plan import open_tables
from braid.example.errors import NONE, USUAL, ErrorRates
from braid.example.write import write_example
from braid.language.documents import parse
from braid.language.findings import TABLES
from braid.pipeline import run_chain
from braid.planning.contract import Limits
from braid.planning.kinds import KINDS
from braid.planning.listing.hearing_management import Office, read_requests
from braid.planning.listing.model import Hearing
from braid.problems.plans.listing import Diary
from braid.problems.plans.run import (
    LEFT_FILE,
    PEOPLE_FILE,
    PLAN_FILE,
    PROBLEM_FILE,
    SIGNALS_FILE,
    PlannedList,
    plan_kinds,
    plan_listing,
    plan_placements,
)
from braid.store.lake import Run
from braid.store.place_folder import Place, load_place
from cli.forked import braid
from cli.one_process import Ended

LIMITS = Limits(seconds=2)
TYPES = {
    "CASE_MANAGEMENT": "ABA3-CMH",
    "FURTHER_CASE_MANAGEMENT": "ABA3-FCM",
    "ISSUE_RESOLUTION": "ABA3-IRH",
    "FINAL": "ABA3-FNL",
}


@dataclass(frozen=True)
class Listed:
    """A place that was run, and the list of its court."""

    place: Place
    run: Run
    planned: PlannedList

    def extract(self, file: str, feed: str = "court-list") -> Any:
        """Return a file of the newest extract of a feed."""
        folder = max((self.place.folder / "extracts" / feed).iterdir())
        return json.loads((folder / file).read_text(encoding="utf-8"))

    def truth(self) -> list[dict[str, str]]:
        """Return the hearings that the example says are still to come."""
        with (self.place.folder / "truth" / "hearings.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Return a table of the run."""
        engine = open_tables(self.run, (table,))
        try:
            return engine.rows(f"select * from {table}")
        finally:
            engine.close()


def _planned(folder: Path, errors: ErrorRates, seed: int) -> Listed:
    write_example(folder, people=3000, seed=seed, errors=errors, intensity=40.0)
    place = load_place(folder)
    run = run_chain(place, None, tell=lambda _step, _detail: None).run
    return Listed(place, run, plan_listing(place, run, open_tables, LIMITS))


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Listed:
    """A place whose partners make no mistakes."""
    return _planned(tmp_path_factory.mktemp("plain"), NONE, 3)


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Listed:
    """A place with the usual mistakes."""
    return _planned(tmp_path_factory.mktemp("usual"), USUAL, 4)


def hearings_of(listed: Listed) -> dict[str, Hearing]:
    return {hearing.id: hearing for hearing in listed.planned.problem.hearings}


def test_the_problem_holds_exactly_the_coming_hearings_of_open_cases(plain: Listed) -> None:
    truth = {row["request_ref"]: row for row in plain.truth()}
    hearings, left = hearings_of(plain), plain.planned.left.requests
    assert len(truth) > 30
    assert hearings.keys() | left.keys() == truth.keys()
    assert plain.planned.left.unreadable == 0
    for name in left.keys() - hearings.keys():
        is_stuck = "listed where the rules forbid it" in left[name]
        assert is_stuck or (truth[name]["is_linked"] == "true" and not truth[name]["listed_date"])
    for name, hearing in hearings.items():
        assert (hearing.case, hearing.type) == (truth[name]["case_number"], TYPES[truth[name]["kind"]])
        assert (hearing.present.start[:10] if hearing.present else "") == truth[name]["listed_date"]


@pytest.mark.slow
def test_with_mistakes_nothing_is_listed_that_is_not_to_come(usual: Listed) -> None:
    truth = {row["request_ref"] for row in usual.truth()}
    assert usual.planned.left.unreadable >= 1
    assert hearings_of(usual).keys() | usual.planned.left.requests.keys() <= truth


def test_some_hearings_are_frozen_and_the_list_leaves_them(plain: Listed, usual: Listed) -> None:
    for listed in (plain, usual):
        placed = {each.hearing: each.place for each in listed.planned.plan.placed}
        frozen = [each for each in listed.planned.problem.hearings if each.hold == "frozen"]
        assert [placed[each.id] for each in frozen] == [each.present for each in frozen]
    assert any(each.hold == "frozen" for each in plain.planned.problem.hearings)


def test_the_list_passes_its_checker_and_is_tight(plain: Listed) -> None:
    problem, plan = plain.planned.problem, plain.planned.plan
    assert KINDS["listing"].check(problem, plan).passes
    assert len(plan.unlisted) <= len(problem.hearings) // 5
    levels = {level.name: level.amount for level in plan.certificate.levels}
    assert levels["waited_sessions"] > 0 and levels["judge_changes"] > 0


def test_people_attend_several_cases(plain: Listed) -> None:
    cases: defaultdict[str, set[str]] = defaultdict(set)
    for hearing in plain.planned.problem.hearings:
        for each in hearing.attendance:
            cases[each.person].add(hearing.case)
    roles = {person.id: person.role for person in plain.planned.problem.people}
    assert {roles[name] for name, of in cases.items() if len(of) > 1} == {"LAPP", "SWKR", "GRDN", "LGRP"}
    assert any(person.absences for person in plain.planned.problem.people)


def test_the_same_seed_gives_the_same_list(plain: Listed) -> None:
    again = plan_listing(plain.place, plain.run, open_tables, LIMITS)
    assert again.problem == plain.planned.problem
    assert (again.plan.placed, again.plan.certificate.value) == (
        plain.planned.plan.placed,
        plain.planned.plan.certificate.value,
    )
    assert again.plan.diff is not None and again.plan.diff.changes == ()


def test_what_is_kept_of_a_request_makes_the_problem_that_the_whole_request_makes(plain: Listed) -> None:
    (row,) = plain.rows("court_diary")
    document = json.loads(row["diary"])
    document["court"] |= {"people": [], "cases": [], "hearings": []}
    diary = parse(json.dumps(document), Diary, "diary.json")
    as_of = plain.planned.problem.first_date
    office = Office(diary.court, as_of, diary.gap_sessions, diary.features, diary.applicant_roles)
    whole = sorted(plain.extract("hearings.json"), key=lambda each: each["requestDetails"]["hearingRequestID"])
    kept = sorted(plain.rows("hearing_request"), key=lambda each: each["request_ref"])
    assert read_requests([json.loads(each["request"]) for each in kept], office) == read_requests(whole, office)


def test_a_case_is_about_the_people_whom_the_case_system_names(plain: Listed) -> None:
    person = {row["person_record_id"]: row["person_id"] for row in plain.rows("person_link")}
    record = {
        row["partner_record_id"]: person[row["record_id"]]
        for row in plain.rows("person_record")
        if row["feed"] == "family-court"
    }
    people = json.loads((plain.planned.folder / PEOPLE_FILE).read_text(encoding="utf-8"))
    cases = {case["id"]: case["caseData"] for case in plain.extract("cases.json", "family-court")}
    assert people.keys() == {hearing.case for hearing in plain.planned.problem.hearings}
    for case, parties in people.items():
        children, others = (
            {record[f"{case}/{each['id']}"] for each in cases[case][part]} for part in ("children1", "respondents1")
        )
        assert (set(parties["children"]), set(parties["others"])) == (children, others - children)
        assert children


def secrets_of(requests: list[dict[str, Any]]) -> tuple[set[str], set[str]]:
    """Return the names of a feed, and its contacts and notes, which stand nowhere else."""
    names, contacts = set(), set()
    for request in requests:
        contacts |= {request["hearingDetails"]["listingComments"], request["caseDetails"]["hmctsInternalCaseName"]}
        for party in request["partyDetails"]:
            details = party.get("individualDetails", {})
            names |= {details.get("firstName", ""), details.get("lastName", "")}
            contacts |= {*details.get("hearingChannelEmail", ()), *details.get("hearingChannelPhone", ())}
    return names - {""}, contacts - {""}


def test_no_name_contact_or_note_of_a_request_is_in_any_table_or_plan(usual: Listed) -> None:
    names, contacts = secrets_of(usual.extract("hearings.json"))
    assert len(names) > 20 and any("@" in each for each in contacts) and any("seat" in each for each in contacts)
    kept = [path.read_text(encoding="utf-8") for path in usual.planned.folder.iterdir()]
    for table in ("court_diary", "hearing_request"):
        kept += [repr(row) for row in usual.rows(table)]
    for table in ("reject", "issue"):
        kept += [repr(row) for row in usual.rows(table) if row["feed"] == "court-list"]
    text = "\n".join(kept)
    assert [name for name in names if re.search(rf"\b{re.escape(name)}\b", text)] == []
    written = {each for each in contacts if not each.startswith("07700")}
    for table in TABLES:
        path = usual.run.table(table)
        if path.is_file():
            everything = "\n".join(map(repr, parquet.read_table(path).to_pylist()))
            assert [each for each in written if each in everything] == [], table
    assert [each for each in contacts if each in text] == []


def test_what_is_kept_is_for_its_own_user_and_no_person_id_stands_in_problem_or_plan(plain: Listed) -> None:
    folder = plain.planned.folder
    assert {path.name: oct(path.stat().st_mode & 0o777) for path in folder.iterdir()} == dict.fromkeys(
        (PROBLEM_FILE, PLAN_FILE, PEOPLE_FILE, SIGNALS_FILE, LEFT_FILE), "0o600"
    )
    people = json.loads((folder / PEOPLE_FILE).read_text(encoding="utf-8"))
    persons = {person for each in people.values() for part in each.values() for person in part}
    text = "".join((folder / name).read_text(encoding="utf-8") for name in (PROBLEM_FILE, PLAN_FILE, SIGNALS_FILE))
    assert persons
    assert [person for person in persons if person in text] == []


def test_hearings_wait_for_what_the_hearing_before_failed_for(plain: Listed) -> None:
    cases = {case["id"]: case["caseData"] for case in plain.extract("cases.json", "family-court")}
    as_of = plain.run.manifest["as_of"]
    waiting = {each.case for each in plain.planned.problem.hearings if each.ready_spread_sessions}
    assert waiting
    for name in waiting:
        held = [each["value"]["startDate"][:10] for each in cases[name]["hearingDetails"]]
        failed = [each["value"]["startDate"][:10] for each in cases[name]["cancelledHearingDetails"]]
        assert max(failed) > max((day for day in held if day <= as_of), default="")


def braid_plan_place(folder: Path, *words: str) -> Ended:
    return braid("plan", "place", folder, "--seconds", "0.5", *words)


@pytest.mark.slow
def test_the_command_tells_sums_with_an_entry_for_each_kind(plain: Listed) -> None:
    told = braid_plan_place(plain.place.folder, "--json")
    assert told.returncode == 0, told.stderr
    found = json.loads(told.stdout)
    assert {name: each["kind"] for name, each in found.items()} == {"placements": "placements", "listing": "listing"}
    assert found["listing"]["hearings"] == len(plain.planned.problem.hearings)
    assert sum(found["listing"]["left"]["requests"].values()) == len(plain.planned.left.requests)
    references = [*hearings_of(plain), *(case.id for case in plain.planned.problem.cases)]
    assert [each for each in references if each in told.stdout + told.stderr] == []
    alone = braid_plan_place(plain.place.folder, "--kind", "listing")
    assert alone.returncode == 0, alone.stderr
    assert "hearings without a place" in alone.stdout and "households" not in alone.stdout


@pytest.fixture(scope="module")
def unlisted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Place, Run]:
    """A place whose court sends no list."""
    folder = tmp_path_factory.mktemp("unlisted")
    write_example(folder, people=800, seed=1)
    shutil.rmtree(folder / "extracts" / "court-list")
    place = load_place(folder)
    return place, run_chain(place, None, tell=lambda _step, _detail: None).run


@pytest.mark.slow
def test_a_run_without_a_court_list_says_so_and_plans_the_rest(unlisted: tuple[Place, Run]) -> None:
    place, run = unlisted
    limits = Limits(seconds=0.5)
    planned, hindered = plan_kinds(
        {
            "placements": lambda: plan_placements(place, run, open_tables, limits),
            "listing": lambda: plan_listing(place, run, open_tables, limits),
        }
    )
    assert list(planned) == ["placements"]
    assert "no court's diary" in str(hindered["listing"])
    assert not (place.folder / "lake" / "plans" / run.id / "listing").exists()


@pytest.mark.slow
def test_the_command_says_what_is_missing_and_fails_only_where_nothing_is_left(unlisted: tuple[Place, Run]) -> None:
    folder = unlisted[0].folder
    told = braid_plan_place(folder, "--json")
    assert told.returncode == 0, told.stderr
    found = json.loads(told.stdout)
    assert found["placements"]["households"] > 0
    assert "feed hearing_management" in found["listing"]["not_planned"]
    alone = braid_plan_place(folder, "--kind", "listing")
    assert alone.returncode == 2
    assert "feed hearing_management" in alone.stderr.replace("\n", " ") and "Traceback" not in alone.stderr
