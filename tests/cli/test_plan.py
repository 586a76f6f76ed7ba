"""`braid plan`: a problem from a file is answered by a plan that passes, and a changed plan does not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from braid.cli.portfolio import show as silo_in_words
from braid.example.write_interventions import write_interventions
from braid.language.documents import parse, write
from braid.place.portfolio.study import Study
from cli import forked
from cli.one_process import Ended
from planning.listing.test_rolling import court
from planning.portfolio.drawn_problems import drawn_problem

SECRET = "Wellesley Court"
PLACE = '[place]\nid = "here"\nname = "Here"\n' + "".join(
    f'[[organisation]]\nid = "{one}"\nname = "{one}"\nkind = "{kind}"\n'
    for one, kind in (
        ("hallowmere-council", "council"),
        ("arden-vale-icb", "icb"),
        ("arden-vale-police", "police"),
        ("arden-vale-cafcass", "voluntary"),
        ("arden-vale-ca", "authority"),
    )
)
"""The bodies of the example place that bring money, and nothing else."""


def braid(*words: str | Path) -> Ended:
    return forked.braid("plan", *words)


@pytest.fixture
def problem(tmp_path: Path) -> Path:
    path = tmp_path / "problem.json"
    path.write_text(write(drawn_problem(1)), encoding="utf-8")
    return path


def test_a_plan_is_written_checked_and_told_as_one_document(problem: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    made = braid("portfolio", problem, "--out", plan, "--seconds", "2", "--json")
    assert made.returncode == 0, made.stderr
    assert json.loads(made.stdout) == json.loads(plan.read_text(encoding="utf-8"))
    told = braid("check", problem, plan, "--json")
    found = json.loads(told.stdout)
    assert (told.returncode, found["feasible"], found["broken"]) == (0, True, [])
    assert found["value"] == pytest.approx(json.loads(made.stdout)["certificate"]["value"])


def test_a_plan_that_was_changed_is_refused_with_each_broken_rule(problem: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    assert braid("portfolio", problem, "--out", plan, "--seconds", "2").returncode == 0
    document: dict[str, Any] = json.loads(plan.read_text(encoding="utf-8"))
    document["contributions"][0]["pence"] += 1
    plan.write_text(json.dumps(document), encoding="utf-8")
    told = braid("check", problem, plan)
    assert told.returncode == 1
    assert "broken rule: contributions_pay_it" in told.stderr


def test_what_changed_since_the_plan_before_is_counted(problem: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    assert braid("portfolio", problem, "--out", plan, "--seconds", "2").returncode == 0
    again = braid("portfolio", problem, "--before", plan, "--seconds", "2")
    assert "0 changed since the plan before" in again.stdout


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("{", "file"),
        ('{"kind": "moon"}', "kind"),
        (f'{{"kind": "portfolio", "purse": "{SECRET}", "bodies": [], "interventions": []}}', "purse"),
    ],
)
def test_a_file_that_is_no_problem_is_refused_without_its_values(text: str, place: str, tmp_path: Path) -> None:
    path = tmp_path / "problem.json"
    path.write_text(text, encoding="utf-8")
    told = braid("check", path, path)
    assert told.returncode == 3
    assert f"problem.json: {place}: " in told.stderr
    assert SECRET not in told.stderr
    assert "Traceback" not in told.stderr


def test_a_plan_that_cannot_be_written_is_said_so(problem: Path, tmp_path: Path) -> None:
    told = braid("portfolio", problem, "--out", tmp_path / "no" / "plan.json", "--seconds", "1")
    assert (told.returncode, "it cannot be written" in told.stderr) == (3, True)


def test_floors_that_cannot_be_kept_are_no_plan(tmp_path: Path) -> None:
    path = tmp_path / "problem.json"
    document = json.loads(write(drawn_problem(1))) | {"purse": "no_loser", "risk": None}
    document["floors"] = {body["id"]: 1e6 for body in document["bodies"]}
    path.write_text(json.dumps(document), encoding="utf-8")
    told = braid("portfolio", path)
    assert (told.returncode, "Next step: lower a floor" in told.stderr) == (1, True)


def test_the_purses_are_compared_and_the_price_of_the_silo_is_said(tmp_path: Path) -> None:
    path = tmp_path / "problem.json"
    document = json.loads(write(drawn_problem(9))) | {
        "purse": "pooled",
        "risk": None,
        "floors": {},
        "change_price": 0.0,
    }
    path.write_text(json.dumps(document), encoding="utf-8")
    told = braid("compare", path, "--json")
    assert told.returncode == 0, told.stderr
    found = json.loads(told.stdout)
    value = {each["purse"]: each["value"] for each in found["purses"]}
    assert value["silo"] <= value["aligned"] <= value["pooled"]
    assert found["price_of_silo"] == pytest.approx(value["pooled"] / value["silo"] - 1)
    assert "The price of the silo is" in braid("compare", path).stdout


def test_a_place_is_told_what_its_separate_purses_cost(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "place.toml").write_text(PLACE, encoding="utf-8")
    told = braid("silo", tmp_path)
    assert told.returncode == 3
    assert "interventions.toml" in told.stderr
    assert "Traceback" not in told.stderr
    write_interventions(tmp_path)
    told = braid("silo", tmp_path, "--draws", "4", "--json")
    assert told.returncode == 0, told.stderr
    found = json.loads(told.stdout)
    value = {plan["name"]: plan["value"] for plan in found["plans"]}
    assert found["price_of_silo"] == pytest.approx(value["pooled"] / value["silo"] - 1)
    assert sum(found["sharing"]["transfers"].values()) == 0
    silo_in_words(parse(told.stdout, Study, "study"))
    in_words = capsys.readouterr().out
    assert "The price of the silo is" in in_words
    assert " pays " in in_words


def test_a_place_whose_run_is_older_than_the_stock_is_told_what_to_do(tmp_path: Path) -> None:
    told = braid("place", tmp_path)
    assert told.returncode == 2
    assert "Traceback" not in told.stderr


def test_ways_of_listing_are_told_as_a_frontier(tmp_path: Path) -> None:
    path = tmp_path / "court.json"
    path.write_text(write(court(1)), encoding="utf-8")
    told = braid("policies", path, "--weeks", "6", "--steps", "20", "--json")
    assert told.returncode == 0, told.stderr
    names = [each["policy"] for each in json.loads(told.stdout)["outcomes"]]
    assert len(names) == len(set(names)) == 13
    assert "weeks to conclusion" in braid("policies", path, "--weeks", "2", "--steps", "5").stdout
