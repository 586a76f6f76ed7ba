"""The tutorial's file is the one that is checked and run here, on the example place, and its printed words are true."""

from __future__ import annotations

import datetime as dt
import re
from contextlib import closing
from pathlib import Path

import pytest

from braid.cli.problem import check
from braid.example.write import write_example
from braid.language.findings import TABLES
from braid.language.schema import Type
from braid.pipeline import open_run, run_chain
from braid.problems.advice import find_advice
from braid.problems.cohorts_reference import members
from braid.problems.load import parse_statement
from braid.problems.words import explain
from braid.store.lake import Run
from braid.store.place_folder import load_place
from braid.waits.blockers_reference import blockers
from shared import REPOSITORY

PAGE = (REPOSITORY / "docs" / "tutorial-problem.md").read_text(encoding="utf-8")
(FILE,) = re.findall(r"```toml\n(.*?)```", PAGE, flags=re.DOTALL)
(PRINTED,) = re.findall(r"```text\n(.*?)```", PAGE, flags=re.DOTALL)
FILE_NAME = "bnb_past_six_weeks.toml"
STATEMENT = parse_statement(FILE, FILE_NAME)
READ = ("person", "person_link", "person_wait", "stay", "episode", "need", "wait", "event", "cohort", "blocker")


def ran(folder: Path, people: int) -> Run:
    """Return a run of the example place with the tutorial's file."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BRAID_WORKERS", "1")
        write_example(folder, people, 1)
        (folder / "problems").mkdir()
        (folder / "problems" / FILE_NAME).write_text(FILE, encoding="utf-8")
        return run_chain(load_place(folder)).run


def test_the_file_is_sound_and_lacks_nothing() -> None:
    assert find_advice(STATEMENT, FILE_NAME) == []


def test_the_page_shows_the_words_that_check_prints() -> None:
    shown = " ".join(PRINTED.split())
    assert all(" ".join(line.split()) in shown for line in explain(STATEMENT).splitlines())


@pytest.mark.slow
def test_what_the_page_shows_is_what_check_prints(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ran(tmp_path, 20_000)
    assert check(tmp_path / "problems" / FILE_NAME) == 0
    shown = re.sub(r"(?<=In run )\S+", "RUN", capsys.readouterr().out)
    assert " ".join(shown.split()) == " ".join(PRINTED.split())


def test_the_run_finds_whom_and_what_the_statement_says(tmp_path: Path) -> None:
    run = ran(tmp_path, 8000)
    with closing(open_run(run)) as engine:
        rows = {name: engine.rows(f"select {', '.join(columns_of(name))} from {name}") for name in READ}
    as_of = dt.date.fromisoformat(run.manifest["as_of"])
    found = {row["person_id"] for row in rows["cohort"] if row["problem"] == STATEMENT.problem_id}
    assert found == members(rows, STATEMENT.cohort, as_of, sees_secret=False) != set()
    held = [row for row in rows["blocker"] if row["problem"] == STATEMENT.problem_id]
    assert {row["rule_id"] for row in held} == {rule.rule_id for rule in STATEMENT.rules}
    assert {row["purpose"] for row in held} == {"school_from_ta"}
    assert sorted((row["rule_id"], row["held_wait_id"], row["holder_kind"], row["holder_wait_id"]) for row in held) == (
        blockers(rows, rows["person_wait"], STATEMENT.rules, as_of)
    )


def columns_of(table: str) -> list[str]:
    return [column.name for column in TABLES[table].columns if column.type is not Type.TIMESTAMP]
