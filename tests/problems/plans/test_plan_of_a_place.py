"""`braid plan place` over an example place: a plan that passes, kept for its own user, and better than staying."""

from __future__ import annotations

import json

import pytest

from braid.cli.plan import open_tables
from braid.example.write import write_example
from braid.pipeline import run_chain
from braid.planning.contract import Limits
from braid.planning.kinds import KINDS
from braid.problems.plans.run import PEOPLE_FILE, PLAN_FILE, PROBLEM_FILE, plan_placements
from braid.store.lake import Run
from braid.store.place_folder import Place, load_place

LIMITS = Limits(seconds=2)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Place, Run]:
    folder = tmp_path_factory.mktemp("planned")
    write_example(folder, people=3000, seed=2)
    place = load_place(folder)
    return place, run_chain(place, None, tell=lambda _step, _detail: None).run


def test_a_place_gets_a_plan_that_passes_and_is_no_worse_than_staying(ran: tuple[Place, Run]) -> None:
    planned = plan_placements(*ran, open_tables, LIMITS)
    assert len(planned.problem.households) > 10
    assert KINDS["placements"].check(planned.problem, planned.plan).passes
    assert len(planned.plan.unplaced) <= planned.staying.unlawful
    assert any(household.children for household in planned.problem.households)


def test_what_is_kept_is_for_its_own_user_and_says_of_nobody_who_they_are(ran: tuple[Place, Run]) -> None:
    folder = plan_placements(*ran, open_tables, LIMITS).folder
    assert {path.name: oct(path.stat().st_mode & 0o777) for path in folder.iterdir()} == {
        PROBLEM_FILE: "0o600", PLAN_FILE: "0o600", PEOPLE_FILE: "0o600",
    }  # fmt: skip
    people = json.loads((folder / PEOPLE_FILE).read_text(encoding="utf-8"))
    persons = {person for each in people.values() for person in each}
    text = (folder / PROBLEM_FILE).read_text(encoding="utf-8") + (folder / PLAN_FILE).read_text(encoding="utf-8")
    assert persons
    assert [person for person in persons if person in text] == []


def test_nobody_protected_is_among_the_people_of_a_plan(ran: tuple[Place, Run]) -> None:
    place, run = ran
    folder = plan_placements(place, run, open_tables, LIMITS).folder
    engine = open_tables(run, ("person",))
    try:
        protected = {row["person_id"] for row in engine.rows("select person_id from person where protected")}
    finally:
        engine.close()
    people = json.loads((folder / PEOPLE_FILE).read_text(encoding="utf-8"))
    assert protected
    assert {person for each in people.values() for person in each} & protected == set()


def test_planned_again_nothing_changes_and_a_plan_of_an_older_form_is_no_obstacle(ran: tuple[Place, Run]) -> None:
    first = plan_placements(*ran, open_tables, LIMITS)
    again = plan_placements(*ran, open_tables, LIMITS)
    assert again.plan.diff is not None
    assert again.plan.diff.changes == ()
    (first.folder / PLAN_FILE).write_text('{"kind": "placements", "of": "another time"}', encoding="utf-8")
    assert plan_placements(*ran, open_tables, LIMITS).plan.diff is None
