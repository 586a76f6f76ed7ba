"""`braid simulate`: questions from files, the same digits again, and clear words about what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli import forked
from cli.one_process import Ended

DOCS = Path(__file__).resolve().parents[2] / "docs" / "simulation"
TOWN = DOCS / "town.json"
SECRET = "Wellesley Court"


def braid(*words: str | Path) -> Ended:
    return forked.braid("simulate", *words)


def test_a_scenario_is_told_by_who_gains_and_who_waits_longer() -> None:
    told = braid(TOWN, "--scenario", DOCS / "half-a-letting-more.json")
    assert told.returncode == 0, told.stderr
    gains, losses = told.stdout.split("who waits longer, or loses")
    assert "Lettings: waiting on the last day" in gains
    assert "Children who move in the year: mean weeks" in losses
    assert "of what it has" in losses


def test_the_answer_is_one_json_document_and_comes_out_again(tmp_path: Path) -> None:
    question, answer = tmp_path / "question.json", tmp_path / "answer.json"
    made = braid(
        TOWN,
        "--weeks",
        "40",
        "--replications",
        "3",
        "--seed",
        "5",
        "--question-out",
        question,
        "--out",
        answer,
        "--json",
    )
    document = json.loads(made.stdout)
    assert document == json.loads(answer.read_text(encoding="utf-8"))
    assert (document["weeks"], document["replications"], document["seed"]) == (40, 3, 5)
    for engine in ("any", "plain"):
        again = braid(question, "--verify", answer, "--engine", engine)
        assert (again.returncode, again.stdout) == (0, "The same digits came out again.\n"), again.stderr


def test_other_digits_are_told_with_exit_code_1(tmp_path: Path) -> None:
    answer = tmp_path / "answer.json"
    assert braid(TOWN, "--weeks", "20", "--replications", "2", "--out", answer).returncode == 0
    other = braid(TOWN, "--weeks", "20", "--replications", "2", "--seed", "2", "--verify", answer)
    assert other.returncode == 1
    assert "other digits came out. It answers another question." in other.stderr
    document = json.loads(answer.read_text(encoding="utf-8"))
    document["told"][0]["digest"] = "0" * 64
    answer.write_text(json.dumps(document), encoding="utf-8")
    changed = braid(TOWN, "--weeks", "20", "--replications", "2", "--verify", answer, "--json")
    assert (changed.returncode, json.loads(changed.stdout)["same"]) == (1, False)


def test_capacity_for_a_target_is_found() -> None:
    told = braid(TOWN, "--reach", DOCS / "twenty-waiting.json", "--replications", "4")
    assert told.returncode == 0, told.stderr
    assert "more reach list.letting at most 20.0 in week 104" in told.stdout


def test_what_matters_comes_first() -> None:
    told = braid(TOWN, "--sensitivity", DOCS / "what-matters.json", "--replications", "4", "--json")
    reaches = [abs(swing["at_low"]["mean"]) for swing in json.loads(told.stdout)]
    assert len(reaches) == 3
    assert reaches[0] > reaches[2]


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("nothing like json", 3, "it is no JSON; write it as JSON in UTF-8"),
        (json.dumps({"kind": "network", "tenant": SECRET}), 3, "field required"),
        (json.dumps({"kind": "scenario"}), 2, "it is no network and no question"),
    ],
)
def test_a_file_that_cannot_be_simulated_is_told_without_its_values(
    tmp_path: Path, text: str, code: int, words: str
) -> None:
    path = tmp_path / "file.json"
    path.write_text(text, encoding="utf-8")
    told = braid(path)
    assert (told.returncode, told.stdout) == (code, "")
    assert words in told.stderr
    assert SECRET not in told.stderr
    assert "Traceback" not in told.stderr


def test_a_file_that_is_not_there_is_told() -> None:
    told = braid("nowhere.json")
    assert told.returncode == 3
    assert "there is no such file" in told.stderr


def test_every_fault_of_a_network_is_counted(tmp_path: Path) -> None:
    document = json.loads(TOWN.read_text(encoding="utf-8"))
    document["pathways"][0]["steps"][0]["services"] = ["nowhere"]
    document["pathways"][0]["priority"] = 99
    path = tmp_path / "network.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    told = braid(path)
    assert told.returncode == 3
    assert "pathways[0].priority: priorities are 0 to 7" in told.stderr
    assert "(and 1 more)" in told.stderr


def test_england_is_simulated_by_its_published_figures() -> None:
    told = braid("national", "--scale", "0.001", "--weeks", "20", "--replications", "2", "--json")
    assert told.returncode == 0, told.stderr
    document = json.loads(told.stdout)
    assert document["network"].startswith("England")
    assert any("Ministry of Justice" in source for source in document["sources"].values())


def test_a_folder_that_is_no_place_is_told(tmp_path: Path) -> None:
    told = braid(tmp_path)
    assert told.returncode == 2
    assert "place.toml" in told.stderr


def test_replications_are_added_until_a_measure_is_known() -> None:
    told = braid(TOWN, "--known", "list.letting", "--to", "0.2", "--weeks", "60", "--json")
    assert told.returncode == 0, told.stderr
    assert f"{json.loads(told.stdout)['replications']} replications" in told.stderr
    unknown = braid(TOWN, "--known", "list.nowhere")
    assert (unknown.returncode, unknown.stdout) == (2, "")


@pytest.mark.parametrize("words", [("--out", "nowhere/answer.json"), ("--reach", "x.json", "--out", "answer.json")])
def test_what_cannot_be_done_is_told_before_anything_is_run(words: tuple[str, ...]) -> None:
    told = braid(TOWN, *words)
    assert (told.returncode, told.stdout) == (2, "")
