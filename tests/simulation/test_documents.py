"""Documents of simulations: read strictly, written back the same, with the published schemas; pages made from them."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from braid.language.documents import DocumentInvalid, as_json_document, parse, read_document, write
from braid.simulation.answer import Answer, Question, answer, faults
from braid.simulation.model import Network
from braid.simulation.scenarios import CapacityChange, Scenario
from simulation.drawn_networks import drawn_network
from simulation.small_networks import one_list
from simulation_schemas import schemas
from simulation_tutorial import PAGE, page

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference"
SECRET = "Wellesley Court"


@pytest.mark.parametrize("name", schemas())
def test_the_published_schema_is_that_of_the_code(name: str) -> None:
    assert (REFERENCE / name).read_text(encoding="utf-8") == schemas()[name], "run python tools/simulation_schemas.py"


def test_networks_come_back_from_json_as_they_were() -> None:
    published = json.loads(schemas()["simulation-network.schema.json"])
    for seed in range(60):
        network = drawn_network(seed)
        assert parse(write(network), Network, "network.json") == network
        jsonschema.validate(as_json_document(network), published)


def test_an_answer_comes_back_from_json_and_keeps_its_schema() -> None:
    more = Scenario("scenario", "more", (CapacityChange("capacity", "desk", add=1.0),))
    question = Question("simulation_question", one_list(weeks=60), (more,), 3)
    found = answer(question)
    assert parse(write(found), Answer, "answer.json") == found
    jsonschema.validate(as_json_document(found), json.loads(schemas()["simulation-answer.schema.json"]))
    jsonschema.validate(as_json_document(question), json.loads(schemas()["simulation-question.schema.json"]))


def test_an_answer_with_nobody_in_it_is_still_json() -> None:
    found = answer(Question("simulation_question", one_list(arrivals=0.0, weeks=5), (), 2))
    assert parse(write(found), Answer, "answer.json") == found
    nobody = {figure.measure.id for figure in found.figures if figure.value.mean is None}
    assert nobody == {"wait.desk", "weeks.person"}


def test_a_file_that_says_something_unknown_is_refused_without_its_value() -> None:
    document = as_json_document(one_list()) | {"tenant": SECRET}
    with pytest.raises(DocumentInvalid) as told:
        parse(json.dumps(document), Network, "network.json")
    assert "field that the schema does not know" in str(told.value)
    assert SECRET not in str(told.value)


@pytest.mark.parametrize(
    ("place", "changes"),
    [
        ("replications", {"replications": 0}),
        ("level", {"level": 1.0}),
        ("seed", {"seed": -1}),
        ("scenarios", {"scenarios": (Scenario("scenario", "as it is", ()),)}),
        ("scenarios", {"scenarios": tuple(Scenario("scenario", str(number), ()) for number in range(11))}),
        (
            "scenarios[0].changes[0].service",
            {"scenarios": (Scenario("scenario", "x", (CapacityChange("capacity", "nowhere"),)),)},
        ),
        (
            "scenarios[0].services[0].capacity.changes[0]",
            {"scenarios": (Scenario("scenario", "x", (CapacityChange("capacity", "desk", times=-1.0),)),)},
        ),
        ("network.weeks", {"network": one_list(weeks=0)}),
    ],
)
def test_what_is_wrong_with_a_question_is_told_by_place(place: str, changes: dict[str, object]) -> None:
    question = Question("simulation_question", one_list())
    asked = Question(**{**vars(question), **changes})  # type: ignore[arg-type]
    assert [where for where, *_ in faults(asked)] == [place]


def test_the_tutorial_shows_what_its_files_give() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run python tools/simulation_tutorial.py"


def test_the_files_of_the_tutorial_are_read() -> None:
    assert read_document(PAGE.with_name("town.json"), Network).name == "A town of 100,000"
