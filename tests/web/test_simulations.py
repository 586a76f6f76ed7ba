"""Simulations on pages: a question is built from a form, run beside the server, and answered in words and tables."""

import json
import re
import threading
from dataclasses import replace

import numpy as np
import pytest
from django.db import DatabaseError, connection, transaction
from openpyxl import load_workbook
from page_forms import fill_form
from published_sample import ENTRIES, as_pages
from simulation_sample import LETTINGS, SCHOOL, put_network, small_network

from braid.language.documents import DocumentInvalid, fingerprint, parse
from braid.simulation.answer import Answer, Question, advise, answer
from braid.simulation.intervals import Interval, interval
from braid.simulation.run import RecordWrong, simulate
from braid.simulation.scenarios import CapacityChange, Scenario
from braid.simulation.targets import SensitivityQuestion, Uncertain, find_swings
from braid.trust.roles import ROLES
from braid.web import beside
from braid.web.access.context import asking_as
from braid.web.models import SimulationAnswer, SimulationNetwork, SimulationQuestion
from braid.web.queued_work import MOST_TRIES
from braid.web.simulations import running
from braid.web.simulations.answers import read_sensitivity_answer
from braid.web.simulations.asked import Asked, cost_of, question_of
from braid.web.simulations.form import MOST_SCENARIOS, ScenarioForm, filled_from, initial_of, most_scenarios
from braid.web.simulations.keeping import MOST_WAITING
from braid.web.simulations.running import FAILURES, RUN_LOCK, run_waiting
from braid.web.simulations.words import value_words
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db

MORE_LETTINGS = {"name": "Two more lettings", "weeks": "104", "replications": "8", "seed": "3", "level": "0.95"}
MORE_LETTINGS |= {"s1-name": "More lettings", f"s1-service{LETTINGS}-add": "4", "scenarios": "1", "step": "ask"}
TARGET = {"name": "Shorter list", "service": str(LETTINGS), "measure": "list.lettings", "is_at_most": "yes"}
TARGET |= {"value": "60", "at_week": "52", "from_week": "0", "most": "8", "in_steps": "1"}
TARGET |= {"replications": "5", "seed": "1", "level": "0.9", "step": "ask"}
SIMULATING = {"analyst", "board_member", "commissioner", "ig_lead"}


@pytest.fixture
def network(published):
    put_network()
    with known_asker():
        return SimulationNetwork.objects.get()


@pytest.fixture
def board(network, client_of):
    return client_of("board_member")


def ask(client, network, **more):
    """Send the form, and return the address of the question."""
    answer = client.post("/simulations/ask/", {**MORE_LETTINGS, "network": str(network.pk), **more})
    assert answer.status_code == 302, re.findall(r"error-message.*?</p>", answer.content.decode())
    return answer["Location"]


def text_of(client, address):
    return client.get(address).content.decode()


def kept(address):
    with known_asker():
        return SimulationQuestion.objects.get(pk=address.split("/")[2])


def change(address, **values):
    with known_asker():
        SimulationQuestion.objects.filter(pk=address.split("/")[2]).update(**values)


def test_the_network_is_shown_with_its_loads_sources_and_what_does_not_add_up(board):
    page = text_of(board, "/simulations/")
    for words in ("Sample Vale", "Lettings", "111%", "made up for tests", "nothing of it adds up", "2 November 2026"):
        assert words in page
    assert "Nothing was asked yet" in page and "Visits" not in page.split("What each service has")[1].split("<h3")[0]


def test_before_the_first_network_nothing_can_be_asked(published, client_of):
    client = client_of("board_member")
    assert "No network of the place" in text_of(client, "/simulations/")
    for page in ("/simulations/ask/", "/simulations/target/", "/simulations/sensitivity/"):
        assert "No network yet" in text_of(client, page)
        assert client.post(page, MORE_LETTINGS).status_code == 404


def test_a_network_is_published_once_and_a_wrong_one_not_at_all(published):
    put_network()
    put_network()
    with known_asker():
        first = SimulationNetwork.objects.get()
    put_network(run_id="2026-11-16-sample")
    with known_asker():
        assert SimulationNetwork.objects.get().run_id == "2026-11-16-sample", "nobody asked anything of the first"
        assert first.pk != SimulationNetwork.objects.get().pk
    with pytest.raises(DocumentInvalid):
        put_network(small_network(weeks=0))


def test_a_question_is_asked_run_and_answered_in_words(board, network):
    address = ask(board, network)
    waiting = board.get(address)
    assert "Waits for its turn" in waiting.content.decode() and waiting["Refresh"] == "2"
    assert not board.get(f"{address}?watch=no").has_header("Refresh"), "whoever reads may stop it"
    assert run_waiting() == 1 and run_waiting() == 0
    response = board.get(address)
    page = response.content.decode()
    assert not response.has_header("Refresh")
    worse = page.split('id="worse-1"')[1].split("</table>")[0]
    better = page.split('id="better-1"')[1].split("</table>")[0]
    assert "School places: waiting on the last day" in worse, "who waits longer because of it"
    assert "Lettings: waiting on the last day" in better and "School places" not in better
    assert "could not be told apart from chance" in page
    longer = re.search(r"Waits get longer because of it: (.*?)\.<", page)[1]
    assert "Children who move (+" in longer and "Lettings" not in longer
    assert "Lettings: asked for 111%" in page and "Homeless families, Letting" in page, "by titles, not by ids"
    for words in ("How each list goes", "Where the weeks go", "Before you believe it", "Lettings: 4 more slots a week"):
        assert words in page
    row = kept(address)
    for words in (network.fingerprint, row.answer.digest, "made up for tests"):
        assert words in page


def test_the_answer_is_what_the_simulation_says_of_the_whole_question(board, network):
    address = ask(board, network)
    run_waiting()
    row = kept(address)
    found = parse(row.answer.document, Answer, "answer")
    form = ScenarioForm(MORE_LETTINGS, network=small_network(), scenarios=1)
    assert form.is_valid()
    expected = answer(question_of(form.asked, small_network()))
    assert found == expected
    page = text_of(board, address)
    better = sum(len(comparison.gains()) for comparison in expected.comparisons)
    worse = sum(len(comparison.losses()) for comparison in expected.comparisons)
    assert better and worse
    assert f"{better} measure" in page and f"{worse} get" in page
    document = board.get(f"{address}answer.json")
    assert parse(document.content, Answer, "answer") == expected and document["Content-Type"] == "application/json"


def test_the_form_asks_what_it_says():
    """Every field of a scenario comes to the change that it names, and a question fills the form in as it was."""
    network = small_network()
    data = {
        **MORE_LETTINGS,
        f"s1-service{LETTINGS}-from": "10",
        f"s1-service{SCHOOL}-order": "clock",
        f"s1-service{SCHOOL}-ageing": "6",
        "s1-pathway0-arrivals": "-10",
        "s1-pathway1-priority": "0",
        "s2-name": "Fewer school places",
        f"s2-service{SCHOOL}-add": "-1.5",
    }
    form = ScenarioForm(data, network=network, scenarios=2)
    assert form.is_valid(), form.errors
    asked = form.asked
    first, second = asked.scenarios
    assert [one.of for one in first.changes] == ["capacity", "order", "arrivals", "priority"]
    assert (first.changes[0].add, first.changes[0].from_week) == (4.0, 10)
    assert (first.changes[1].order, first.changes[1].ageing_weeks) == ("clock", 6.0)
    assert first.changes[2].times == 0.9 and first.changes[3].priority == 0
    assert second.changes[0].add == -1.5
    again = ScenarioForm(
        {"name": "again", **{key: str(value) for key, value in initial_of(asked, network).items()}},
        network=network,
        scenarios=2,
    )
    assert again.is_valid() and again.asked == asked


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "", "Enter a name for the question"),
        ("weeks", "0", "Enter how many weeks to look ahead as a whole number from 1 to 520"),
        ("replications", "4", "Enter how many replications as a whole number from 5 to 100"),
        ("replications", "many", "Enter how many replications as a whole number from 5 to 100"),
        ("seed", "-1", "Enter a seed as a whole number"),
        ("level", "0.5", "Choose one from the list"),
        ("s1-name", "", "Enter a name for scenario 1"),
        ("s1-name", "as it is", "Give each scenario a name of its own"),
        (f"s1-service{LETTINGS}-add", "two", "Enter the change of Lettings as a number"),
        (f"s1-service{LETTINGS}-add", "", "Change something in scenario 1"),
        (f"s1-service{LETTINGS}-from", "104", "Enter a week of Lettings before the last, 104"),
        (f"s1-service{SCHOOL}-from", "3", "Enter the change of School places, or leave its week empty"),
        ("s1-pathway0-arrivals", "-101", "Enter the change of arrivals of Homeless families"),
        ("s1-pathway1-priority", "8", "Enter the priority of Children who move as a whole number from 0 to 7"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_lost(field, value, words, board, network):
    sent = {**MORE_LETTINGS, "network": str(network.pk), "name": "Kept <name>", field: value}
    response = board.post("/simulations/ask/", sent)
    page = response.content.decode()
    assert response.status_code == 400 and "<title>Error: " in page
    summary, rest = page.split("govuk-error-summary", 1)[1].split("<h1", 1)
    assert words in summary and words in rest
    assert 'href="#id_' in summary
    for name, kept_value in sent.items():
        if name.startswith("s1-") and name != field and not name.endswith("order"):
            assert f'name="{name}" type="text" value="{kept_value}"' in rest
    with known_asker():
        assert not SimulationQuestion.objects.exists()


def test_scenarios_are_added_and_taken_away_and_what_is_filled_in_stays(board, network):
    page = text_of(board, "/simulations/ask/")
    assert "Scenario 2" not in page
    sent = {**MORE_LETTINGS, "network": str(network.pk), "weeks": "what"}
    for count in range(1, MOST_SCENARIOS):
        response = board.post("/simulations/ask/", {**sent, "scenarios": str(count), "step": "add"})
        page = response.content.decode()
        assert response.status_code == 200 and f"Scenario {count + 1} (added)" in page and "Error" not in page
        assert 'value="More lettings"' in page and 'value="what"' in page
    assert 'value="add"' not in page, "three at most"
    sent |= {"s2-name": "Second", "s2-pathway0-arrivals": "7", "scenarios": "2", "step": "remove 1"}
    page = board.post("/simulations/ask/", sent).content.decode()
    assert 'name="s1-name" type="text" value="Second"' in page and 'value="7"' in page and "More lettings" not in page


def test_what_is_filled_in_moves_up_when_a_scenario_before_it_goes():
    data = {"name": "x", "s1-name": "one", "s2-name": "two", "s3-name": "three", "step": "remove 2"}
    assert filled_from(data, without=2) == {"name": "x", "s1-name": "one", "s2-name": "three", "step": "remove 2"}
    assert filled_from(data) == data


def test_what_would_take_too_long_is_refused_before_it_is_run(board, network, monkeypatch):
    monkeypatch.setattr("braid.web.simulations.asked.MOST_EVENTS", {"compiled": 1000, "plain": 1000})
    for page, sent in (
        ("/simulations/ask/", MORE_LETTINGS),
        ("/simulations/target/", TARGET),
        ("/simulations/sensitivity/", SENSITIVITY),
    ):
        response = board.post(page, {**sent, "network": str(network.pk)})
        assert response.status_code == 400 and "This would take too long" in response.content.decode()


def test_the_cost_that_is_reckoned_is_about_what_it_takes():
    network = small_network()
    asked = Asked("simulation_asked", (), network.weeks, 5, 1, 0.95)
    runs = simulate(network, 5, 1)
    events = sum(int(record.counts[0]) for record in runs.records)
    kept_bytes = sum(value.nbytes for record in runs.records for value in vars(record).values())
    cost = cost_of(asked, network)
    assert 0.5 < cost.events / events < 2
    assert 0.5 < cost.bytes / kept_bytes < 2


def test_a_large_network_has_fewer_scenarios_in_a_form_than_a_request_could_not_hold():
    network = small_network()
    many = tuple(replace(network.services[0], id=f"service {number}") for number in range(150))
    assert most_scenarios(network) == 3
    large = replace(network, services=many)
    assert most_scenarios(large) == 1
    form = ScenarioForm(None, network=large, scenarios=1)
    assert len(form.fields) + 20 <= 1000


def test_one_human_asks_so_many_at_once(board, network, client_of):
    for _ in range(MOST_WAITING):
        ask(board, network)
    response = board.post("/simulations/ask/", {**MORE_LETTINGS, "network": str(network.pk)})
    assert response.status_code == 400 and "of your questions wait" in response.content.decode()
    ask(client_of("analyst"), network)
    assert run_waiting() == MOST_WAITING + 1
    done = ask(board, network)
    run_waiting()
    for _ in range(MOST_WAITING):
        ask(board, network)
    again = board.post(done, {"kind": "again"})
    assert "It is not run again now" in board.get(again.headers["Location"]).content.decode()
    assert kept(done).state == "done"


def test_a_network_that_is_gone_is_said_and_nothing_is_lost(board, network):
    put_network(small_network(name="Newer"), run_id="2026-11-16-newer")
    response = board.post("/simulations/ask/", {**MORE_LETTINGS, "network": str(network.pk)})
    page = response.content.decode()
    assert response.status_code == 400 and "no longer there" in page and 'value="More lettings"' in page


def test_run_again_says_whether_the_digits_are_the_same(board, network):
    address = ask(board, network)
    run_waiting()
    before = kept(address).answer
    assert board.post(address, {"kind": "again"}).status_code == 302
    assert "Waits for its turn" in text_of(board, address) and before.digest in text_of(board, address)
    run_waiting()
    assert "the same digits" in text_of(board, address)
    with known_asker():
        SimulationAnswer.objects.filter(pk=before.pk).update(digest="0" * 64)
    board.post(address, {"kind": "again"})
    run_waiting()
    page = text_of(board, address)
    assert "it came to other digits" in page and kept(address).answer.document == before.document


def test_asked_again_with_changes_the_form_is_filled_in(board, network):
    address = ask(board, network, **{"s1-pathway0-arrivals": "5"})
    question_id = address.split("/")[2]
    page = text_of(board, f"/simulations/ask/?like={question_id}")
    for filled in ('value="Two more lettings"', 'value="More lettings"', 'value="4"', 'value="5"', 'value="8"'):
        assert filled in page
    for other in ("", "x", "00000000-0000-4000-8000-000000000000"):
        assert board.get(f"/simulations/ask/?like={other}").status_code == 200


def test_whoever_asked_renames_it_and_takes_it_away_and_nobody_else(board, network, client_of):
    address = ask(board, network)
    run_waiting()
    other = client_of("analyst")
    for step in ({"kind": "rename", "name": "Mine"}, {"kind": "again"}, {"kind": "take_away"}):
        assert other.post(address, step).status_code == 404
    assert "Rename it" not in text_of(other, address) and "Two more lettings" in text_of(other, address)
    assert board.post(address, {"kind": "rename", "name": ""}).status_code == 400
    board.post(address, {"kind": "rename", "name": "Lettings, first try"})
    assert "Lettings, first try" in text_of(other, "/simulations/")
    assert board.post(address, {"kind": "take_away"})["Location"] == "/simulations/?done=taken_away"
    for client in (board, other):
        assert client.get(address).status_code == 404 and "first try" not in text_of(client, "/simulations/")
        assert client.get(f"{address}answer.json").status_code == 404
    run_waiting()
    with known_asker():
        assert not SimulationQuestion.objects.exists() and not SimulationAnswer.objects.exists(), "erased"
    kinds = [entry.details["what"] for entry in ENTRIES.filter(kind="changed").order_by("pk")]
    assert kinds == ["simulation asked", "simulation renamed", "simulation taken away"]


def test_how_much_more_reaches_a_target(board, network):
    address = board.post("/simulations/target/", {**TARGET, "network": str(network.pk)})["Location"]
    run_waiting()
    page = text_of(board, address)
    assert re.search(r"\d more slots a week of Lettings reach the target", page)
    question_id = address.split("/")[2]
    assert 'value="60"' in text_of(board, f"/simulations/target/?like={question_id}")
    filled = text_of(board, f"/simulations/ask/?like={question_id}")
    assert re.search(r'name="s1-service0-add" type="text" value="\d"', filled)
    assert json.loads(board.get(f"{address}answer.json").content)["reach"]["service"] == "lettings"
    assert board.get(f"{address}measures.csv").status_code == 404


SENSITIVITY = {"name": "What moves it", "measure": "list.lettings", "of": ["capacity", "arrivals"], "by": "20"}
SENSITIVITY |= {"weeks": "52", "replications": "5", "seed": "1", "level": "0.8", "step": "ask"}


def test_what_moves_a_measure(board, network):
    address = board.post("/simulations/sensitivity/", {**SENSITIVITY, "network": str(network.pk)})["Location"]
    run_waiting()
    page = text_of(board, address)
    rows = page.split('id="swings-table"')[1].split("</table>")[0].split("<tr")[2:]
    assert len(rows) == 4, "two services with queues, two pathways"
    assert "Lettings: capacity" in "".join(rows[:2]) and "Homeless families: arrivals" in "".join(rows[:2])
    assert all("Not told apart" in row for row in rows if "Children who move" in row), "they never wait for a letting"
    uncertain = tuple(
        Uncertain(of, about, 0.8, 1.2)
        for of, about in (
            *(("capacity", one) for one in ("lettings", "school")),
            *(("arrivals", one) for one in ("family", "child")),
        )
    )
    question = SensitivityQuestion("sensitivity_question", "list.lettings", uncertain)
    expected = find_swings(small_network(52), question, replications=5, level=0.8)
    found = read_sensitivity_answer(board.get(f"{address}answer.json").content)
    assert found.swings == expected
    assert (found.asked.seed, found.asked.replications, found.asked.level) == (1, 5, 0.8)
    assert found.network_fingerprint == fingerprint(small_network(52))
    filled = text_of(board, f"/simulations/sensitivity/?like={address.split('/')[2]}")
    assert filled.count(" checked") == 2 and 'value="20"' in filled
    wrong = board.post("/simulations/sensitivity/", {**SENSITIVITY, "of": [], "network": str(network.pk)})
    assert wrong.status_code == 400 and "Choose at least one kind" in wrong.content.decode()
    for page in ("ask", "target"):
        assert board.get(f"/simulations/{page}/?like={address.split('/')[2]}").status_code == 200


@pytest.mark.parametrize(
    ("ends", "unit", "is_difference", "words"),
    [
        ((12.34, 11.8, 12.9), "weeks", False, "12.34 weeks (11.80 to 12.90)"),
        ((1234.5, 1200.0, 1269.0), "people", False, "1,234 (1,200 to 1,269)"),
        ((0.052, -0.022, 0.126), "share", False, "5.2% (0.0 to 12.6)"),
        ((0.9976, 0.993, 1.0023), "share", False, "99.76% (99.30 to 100.00)"),
        ((3.0, -4.0, 10.0), "people", False, "3.0 (0.0 to 10.0)"),
        ((-0.66, -0.84, -0.49), "share", True, "\N{MINUS SIGN}66 points (\N{MINUS SIGN}84 to \N{MINUS SIGN}49)"),
        ((0.7, 0.6, 0.8), "weeks", True, "+0.70 weeks (+0.60 to +0.80)"),
        ((0.0, -1.0, 1.0), "people", True, "0.0 (\N{MINUS SIGN}1.0 to +1.0)"),
        ((5.0, None, None), "weeks", False, "5.0 weeks"),
        ((None, None, None), "weeks", False, "nobody to measure"),
    ],
)
def test_a_value_is_said_with_its_interval(ends, unit, is_difference, words):
    assert value_words(Interval(*ends, 20), unit, 20, is_difference=is_difference) == words


def test_a_value_says_where_not_all_replications_had_somebody_or_all_gave_the_same():
    found = interval(np.array([4.0, np.nan, 6.0]), 0.95)
    assert value_words(found, "weeks", 3).endswith(", of 2 replications")
    assert value_words(interval(np.array([4.0, 6.0]), 0.95), "weeks", 2).endswith(")")
    same = interval(np.array([0.0, 0.0, 0.0]), 0.95)
    assert value_words(same, "people", 3) == "0.0 (the same in every replication)"
    assert not interval(np.array([0.0]), 0.95).is_always_the_same


def test_a_load_that_a_scenario_makes_is_said_of_the_scenario():
    small = small_network()
    fewer = Scenario("scenario", "Fewer", (CapacityChange("capacity", small.services[LETTINGS].id, times=0.01),))
    asked = Question("simulation_question", small, (fewer,))
    told = [words for words in advise(asked) if "Fewer" in words]
    assert told and "its list grows" in told[0]
    assert not [words for words in advise(replace(asked, scenarios=())) if "Fewer" in words]


def test_files_leave_through_the_exporter_and_on_record(board, network, tmp_path):
    address = ask(board, network)
    for name in ("measures.csv", "answer.json"):
        assert board.get(f"{address}{name}").status_code == 404, "not yet answered"
    run_waiting()
    found = parse(kept(address).answer.document, Answer, "answer")
    lines = {}
    for table in ("measures", "lists", "weeks"):
        response = board.get(f"{address}{table}.csv")
        assert response.status_code == 200 and response["Content-Type"].startswith("text/csv")
        lines[table] = response.content.decode().splitlines()
        workbook = tmp_path / f"{table}.xlsx"
        workbook.write_bytes(board.get(f"{address}{table}.xlsx").content)
        assert load_workbook(workbook).worksheets[0].max_row > 3
    measures = len(found.figures) + sum(len(one.differences) for one in found.comparisons)
    assert sum(line.startswith(('"as it is"', '"More lettings"')) for line in lines["measures"]) == measures
    weeks = sum(len(fan.weeks) for told in found.told for fan in told.fans)
    assert sum(line.startswith(('"as it is"', '"More lettings"')) for line in lines["lists"]) == weeks
    board.get(f"{address}answer.json")
    assert ENTRIES.filter(kind="exported").count() == 7
    assert board.get(f"{address}measures.exe").status_code == 404


@pytest.mark.parametrize(
    ("error", "code"),
    [(RecordWrong("x"), "contradiction"), (MemoryError(), "memory"), (ValueError("secret 123"), "fault")],
)
def test_what_fails_says_so_in_a_sentence_and_the_next_is_run(error, code, board, network, monkeypatch, caplog):
    failing, fine = ask(board, network), ask(board, network, name="Fine")
    make = running.make_answer

    def fail(asked, *rest):
        if kept(failing).state == "running":
            raise error
        return make(asked, *rest)

    monkeypatch.setattr(running, "make_answer", fail)
    assert run_waiting() == 2
    page = text_of(board, failing)
    assert FAILURES[code] in page and "secret" not in page + caplog.text and "Traceback" not in page + caplog.text
    assert kept(fine).state == "done"
    monkeypatch.setattr(running, "make_answer", make)
    board.post(failing, {"kind": "again"})
    run_waiting()
    assert kept(failing).state == "done" and FAILURES[code] not in text_of(board, failing)


def test_a_killed_process_leaves_its_question_waiting_and_not_for_ever(board, network):
    address = ask(board, network)
    change(address, state="running", done=5, tries=1)
    assert "5 of 16 replications" in text_of(board, address)
    assert run_waiting() == 1 and kept(address).state == "done"
    address = ask(board, network)
    change(address, state="running", tries=MOST_TRIES)
    run_waiting()
    assert kept(address).state == "failed" and FAILURES["interrupted"] in text_of(board, address)


def test_one_process_runs_at_a_time(board, network):
    address = ask(board, network)
    beside = connection.copy()
    try:
        with beside.cursor() as cursor:
            cursor.execute("select pg_advisory_lock(%s)", [RUN_LOCK])
        assert run_waiting() == 0 and kept(address).state == "waiting"
    finally:
        beside.close()
    assert run_waiting() == 1 and kept(address).state == "done"


def test_progress_is_written_and_what_nobody_wants_is_ended(board, network, monkeypatch):
    monkeypatch.setattr(running, "TELL_SECONDS", 0)
    address, told = ask(board, network), []
    make = running.make_answer

    def make_and_look(asked, network, engine, progress):
        def look(done, of):
            progress(done, of)
            told.append((kept(address).done, of))
            if done == 6:
                change(address, ended_at="2026-11-15T10:00:00Z", ended_by="test-board_member")

        return make(asked, network, engine, look)

    monkeypatch.setattr(running, "make_answer", make_and_look)
    run_waiting()
    assert told == [(number, 16) for number in range(1, 7)]
    with known_asker():
        assert not SimulationAnswer.objects.exists()


@pytest.mark.parametrize("kind", ["ask", "target", "sensitivity"])
def test_a_server_that_ends_puts_the_question_back(board, network, kind):
    asks = {"target": TARGET, "sensitivity": SENSITIVITY}
    if kind == "ask":
        address = ask(board, network)
    else:
        address = board.post(f"/simulations/{kind}/", {**asks[kind], "network": str(network.pk)})["Location"]
    asked = []

    def is_stopped():
        asked.append(1)
        return len(asked) > 3

    run_waiting(is_stopped)
    row = kept(address)
    assert (row.state, row.tries, row.done) == ("waiting", 0, 0)
    assert len(asked) < row.of, "it did not go on to the end"
    run_waiting()
    assert kept(address).state == "done"


@pytest.mark.parametrize("role", sorted(ROLES))
def test_the_policies_show_simulations_to_roles_that_simulate_alone(role, board, network, user_of):
    ask(board, network)
    run_waiting()
    user_of(role)
    seen = []
    with as_pages(), asking_as(f"test-{role}", ""), connection.cursor() as cursor:
        for table in ("network", "question", "answer"):
            cursor.execute(f"select count(*) from braid_simulation{table}")
            seen.append(cursor.fetchone()[0])
    assert seen == ([1, 1, 1] if role in SIMULATING else [0, 0, 0])


def _refused(cursor, statement):
    with pytest.raises(DatabaseError), transaction.atomic():
        cursor.execute(statement)


def test_pages_can_neither_answer_nor_ask_for_somebody_else(board, network):
    address = ask(board, network)
    question_id = address.split("/")[2]
    tries = (
        "insert into braid_simulationanswer (question_id, document, digest, engine, seconds)"
        f" values ('{question_id}', '', '', '', 0)",
        "insert into braid_simulationquestion (id, network_id, kind, name, document, asked_by, state, done, of, tries,"
        f" failure) values (gen_random_uuid(), '{network.pk}', 'scenarios', '', '', 'test-analyst', 'waiting', 0, 1, 0,"
        " '')",
        f"update braid_simulationquestion set document = '' where id = '{question_id}'",
        f"delete from braid_simulationquestion where id = '{question_id}'",
        "update braid_simulationnetwork set name = ''",
    )
    for statement in tries:
        with as_pages(), asking_as("test-board_member", ""), connection.cursor() as cursor:
            _refused(cursor, statement)
    with as_pages(), asking_as("test-analyst", ""), connection.cursor() as cursor:
        cursor.execute("update braid_simulationquestion set name = 'theirs'")
        assert cursor.rowcount == 0


def test_the_form_of_the_page_itself_can_be_sent(board, network):
    sent = fill_form(text_of(board, "/simulations/ask/"), {"scenarios": "1"}, {})
    assert sent["network"] == str(network.pk)
    assert {"seed", f"s1-service{SCHOOL}-ageing", "s1-pathway1-priority", f"s1-service{LETTINGS}-order"} <= set(sent)
    filled = {name: "" for name in sent if name.startswith("s1-")} | MORE_LETTINGS
    assert board.post("/simulations/ask/", sent | filled).status_code == 302


def test_the_simulator_goes_on_after_a_fault_and_ends_with_its_block(monkeypatch, caplog):
    looks, went_on = [], threading.Event()

    def fail_first(is_stopped):
        looks.append(is_stopped())
        if len(looks) == 1:
            raise ValueError("secret 123")
        went_on.set()
        return 0

    monkeypatch.setattr(running, "run_waiting", fail_first)
    monkeypatch.setattr(beside, "LOOK_SECONDS", 0.01)
    with beside.making_what_waits("simulator", "braid.web.simulations.running", "run_waiting"):
        assert went_on.wait(10)
    assert not any(looks) and "ValueError" in caplog.text and "secret" not in caplog.text
    assert [thread for thread in threading.enumerate() if thread.name == "simulator"] == []
