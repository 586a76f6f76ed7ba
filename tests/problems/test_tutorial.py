"""The tutorial's file is the one that is checked and run here, on the example place, and its printed words are true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from braid.cli.problem import check
from braid.example.write import write_example
from braid.pipeline import open_run, run_chain
from braid.problems.advice import find_advice
from braid.problems.cohorts_reference import members
from braid.problems.load import parse_statement
from braid.store.lake import Run
from braid.store.place_folder import load_place
from braid.waits.blockers_reference import blockers
from shared import REPOSITORY

PAGE = (REPOSITORY / "docs" / "tutorial-problem.md").read_text(encoding="utf-8")
(FILE,) = re.findall(r"```toml\n(.*?)```", PAGE, flags=re.DOTALL)
(PRINTED,) = re.findall(r"```text\n(.*?)```", PAGE, flags=re.DOTALL)
STATEMENT = parse_statement(FILE, "bnb_past_six_weeks.toml")
TABLES = ("person", "person_link", "person_wait", "stay", "episode", "need", "wait", "event")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Run]:
    """The place of the tutorial, run with its file."""
    folder = tmp_path_factory.mktemp("place")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BRAID_WORKERS", "1")
        write_example(folder, 20_000, 1)
        (folder / "problems").mkdir()
        (folder / "problems" / "bnb_past_six_weeks.toml").write_text(FILE, encoding="utf-8")
        return folder, run_chain(load_place(folder)).run


def test_the_file_is_sound_and_lacks_nothing() -> None:
    assert find_advice(STATEMENT, "bnb_past_six_weeks.toml") == []


def test_what_the_page_shows_is_what_check_prints(place: tuple[Path, Run], capsys: pytest.CaptureFixture[str]) -> None:
    folder, _ = place
    assert check(folder / "problems" / "bnb_past_six_weeks.toml") == 0
    shown = re.sub(r"(?<=In run )\S+", "RUN", capsys.readouterr().out)
    assert " ".join(shown.split()) == " ".join(PRINTED.split())


def test_the_run_finds_whom_and_what_the_statement_says(place: tuple[Path, Run]) -> None:
    _, run = place
    engine = open_run(run)
    rows = {name: engine.rows(f"select * from {name}") for name in TABLES}
    as_of = load_place(place[0]).as_of or rows["person_wait"][0]["as_of_date"]
    found = {row["person_id"] for row in engine.rows(f"select * from cohort where problem = '{STATEMENT.problem_id}'")}
    assert found == members(rows, STATEMENT.cohort, as_of, sees_secret=False)
    held = engine.rows(f"select * from blocker where problem = '{STATEMENT.problem_id}'")
    engine.close()
    expected = blockers(rows, rows["person_wait"], STATEMENT.rules, as_of)
    assert sorted((row["rule_id"], row["held_wait_id"], row["holder_kind"], row["holder_wait_id"]) for row in held) == (
        expected
    )
    assert found and {row["purpose"] for row in held} == {"school_from_ta"}
