"""A simulation in the paper of a decision: chosen, frozen, beside what was published since, and who sees it."""

import html
import re
import time
import uuid
from types import SimpleNamespace

import pytest
from board_sample import (
    COMMISSIONING,
    DAY,
    OWN,
    WORDS,
    Acts,
    decided,
    held,
    now,
    planned,
    seat,
    seat_usual,
    write_boards_place,
)
from django.db import DatabaseError, connection, transaction
from forecast_sample import NAME, answered, put_followed_decision, put_question
from published_sample import as_pages
from simulation_sample import START, put_network, small_network

from braid.language.dates import london_date
from braid.language.steps import NotPossible
from braid.place.forecasts import read_forecast
from braid.trust.roles import ROLES
from braid.web.access.context import asking_as
from braid.web.access.sight import NotThere
from braid.web.boards.keeping import ItemWords
from braid.web.forecasts import demo
from braid.web.forecasts.attaching import attach_to_item
from braid.web.models import (
    AuditEntry,
    BoardForecast,
    DecisionLink,
    PublishedRun,
    ShownSize,
    SimulationQuestion,
    User,
)
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db
CONFIDENTIAL = ItemWords("decision", "Said in confidence", "Decide it", 20, "", confidential=True)
SECRET = "what nobody else reads"


@pytest.fixture(autouse=True)
def boards_place(tmp_path_factory, monkeypatch):
    folder = write_boards_place(tmp_path_factory.mktemp("boards"))
    monkeypatch.setenv("BRAID_PLACE", str(folder))
    return folder


@pytest.fixture
def question(published):
    """An answered question of two scenarios."""
    seat_usual()
    return put_question()


def attach(item, question, scenario=0, acts=COMMISSIONING):
    with acts.asking():
        attach_to_item(acts.asker, acts.board, item, question, scenario, now())


def decide_with_forecast(question, words=WORDS):
    """Lay a forecast before the board with a paper and have it decided; return item and decision."""
    _, (item,) = held(words)
    attach(item, question)
    return item, decided(item)


def text_of(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    page = re.sub(r"<svg.*?</svg>", "", answer.content.decode().split("<main")[1], flags=re.DOTALL)
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", page).split()))


def kept():
    with known_asker():
        return list(BoardForecast.objects.order_by("written_at"))


def test_the_paper_says_who_gains_and_who_waits_longer(question, client_of):
    _, (item,) = planned()
    attach(item, question)
    page = text_of(client_of("finance_officer"), f"/boards/justice/papers/{item}/")
    for words in (
        "What it would do to every queue",
        "three more lettings",
        "Lettings: 3 more slots a week",
        "at 95%, all measures together",
        "Frozen",
        "nine in ten replications",
    ):
        assert words in page
    assert "two fewer lettings" not in page


def test_the_form_offers_answered_scenarios_and_attaches_the_chosen_one(question, client_of):
    _, (item,) = planned()
    waiting = put_question(is_answered=False)
    client, address = client_of("commissioner"), f"/boards/justice/papers/{item}/"
    page = client.get(address).content.decode()
    assert f"{NAME}: three more lettings" in page
    assert f"{waiting}:" not in page
    answer = client.post(address, {"kind": "forecast", "version": "1", "forecast-scenario": f"{question}:1"})
    assert answer.status_code == 302
    (row,) = kept()
    assert row.scenario == "two fewer lettings"
    assert client.post(address, {"kind": "forecast", "forecast-scenario": f"{question}:7"}).status_code == 400
    assert client.post(address, {"kind": "forecast", "forecast-scenario": f"{question}:1"}).status_code in (400, 409)
    assert len(kept()) == 1


def test_what_was_forecast_stays_though_the_question_is_taken_away(question, client_of):
    _, decision = decide_with_forecast(question)
    client = client_of("analyst")
    before = text_of(client, f"/boards/decisions/{decision}/")
    with known_asker():
        SimulationQuestion.objects.filter(pk=question).delete()
    after = text_of(client, f"/boards/decisions/{decision}/")
    assert "The question is no longer there" in after
    for words in re.findall(r"[\u2212+]\d[^ ]* (?:weeks )?\([^)]*\)", before):
        assert words in after
    assert "three more lettings" in after


def test_a_frozen_forecast_is_the_answer_of_the_day_it_was_frozen(question):
    item, _ = decide_with_forecast(question)
    (row,) = kept()
    forecast = read_forecast(row.document)
    assert (row.question_id, row.answer, row.item_id) == (question, answered()[1].digest, item)
    assert row.question == forecast.question_fingerprint
    assert forecast.answer_digest == answered()[1].digest
    assert [one.measure.id for one in forecast.comparison.differences if one.difference.low is not None]


@pytest.mark.parametrize(
    "statement", ["update braid_boardforecast set document = ''", "delete from braid_boardforecast"]
)
def test_no_forecast_is_changed_or_removed_by_anybody(question, statement):
    decide_with_forecast(question)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert len(kept()) == 1


def test_a_decision_names_the_question_that_lay_before_the_board(question):
    _, decision = decide_with_forecast(question)
    with known_asker():
        links = list(DecisionLink.objects.filter(decision=decision).values_list("kind", "reference"))
        done = AuditEntry.objects.filter(details__what="board forecast attached")
        assert done.count() == 1
    assert links == [("simulation", str(question))]


def test_the_simulation_names_the_decision(question, client_of):
    _, decision = decide_with_forecast(question)
    assert (
        f"/boards/decisions/{decision}/" in client_of("commissioner").get(f"/simulations/{question}/").content.decode()
    )


def test_a_forecast_attached_afterwards_says_so(question, client_of):
    _, (item,) = held()
    decision = decided(item)
    with pytest.raises(NotPossible, match="Attach the forecast to the decision"):
        attach(item, question)
    client = client_of("commissioner")
    address = f"/boards/decisions/{decision}/"
    assert client.post(address, {"kind": "forecast", "forecast-scenario": f"{question}:0"}).status_code == 302
    assert "after the decision" in text_of(client, address)
    with known_asker():
        assert DecisionLink.objects.filter(decision=decision, kind="simulation").count() == 1


def test_who_may_not_prepare_the_board_attaches_nothing(question, client_of):
    _, (item,) = planned()
    for acts in (Acts("test-board_member", "board_member"), Acts("test-analyst", "analyst")):
        with pytest.raises(NotPossible):
            attach(item, question, acts=acts)
    client = client_of("board_member")
    address = f"/boards/justice/papers/{item}/"
    assert client.post(address, {"kind": "forecast", "forecast-scenario": f"{question}:0"}).status_code == 400
    assert kept() == []


def test_a_question_without_an_answer_and_a_scenario_that_is_not_there_are_refused(question):
    _, (item,) = planned()
    waiting = put_question(is_answered=False)
    with pytest.raises(NotPossible, match="no answer yet"):
        attach(item, waiting)
    with pytest.raises(NotPossible, match="from the list"):
        attach(item, question, scenario=2)
    with pytest.raises(NotThere):
        attach(item, uuid.uuid4())
    attach(item, question)
    with pytest.raises(NotPossible, match="already"):
        attach(item, question)


def test_a_forecast_on_a_confidential_item_is_there_for_the_board_alone(question, client_of):
    item, decision = decide_with_forecast(question, CONFIDENTIAL)
    for address in (f"/boards/justice/papers/{item}/", f"/boards/decisions/{decision}/"):
        assert client_of("analyst").get(address).status_code == 404
        assert client_of("board_member").get(address).status_code == 200
    assert (
        f"/boards/decisions/{decision}/" not in client_of("analyst").get(f"/simulations/{question}/").content.decode()
    )
    with as_pages(), asking_as("test-analyst", ""):
        assert not BoardForecast.objects.exists()
    with as_pages(), asking_as("test-board_member", ""):
        assert BoardForecast.objects.count() == 1


@pytest.mark.parametrize("role", ROLES)
def test_rows_are_there_for_who_governs(role, question, client_of):
    decide_with_forecast(question)
    client_of(role)
    with as_pages(), asking_as(f"test-{role}", ""):
        assert BoardForecast.objects.exists() == ROLES[role].governs


def test_the_database_takes_no_forecast_but_of_an_answer_as_it_is(question):
    _, (item,) = planned()
    attach(item, question)
    (row,) = kept()
    other = {"item_id": item, "question_id": question, "question": row.question, "scenario": "another"}
    other |= {"document": row.document, "written_by": "test-commissioner"}
    for wrong in ({"answer": "0" * 64}, {"answer": row.answer, "written_by": "test-analyst"}):
        with pytest.raises(DatabaseError), transaction.atomic(), as_pages(), asking_as("test-commissioner", ""):
            BoardForecast.objects.append_one(BoardForecast(**other | wrong))
    with transaction.atomic(), as_pages(), asking_as("test-commissioner", ""):
        BoardForecast.objects.append_one(BoardForecast(**other, answer=row.answer))


def publish_later(day, **sizes):
    """Have the published run be of a later day, with what was published of registers meanwhile."""
    with known_asker():
        PublishedRun.objects.update(as_of_date=day + 30 * DAY)
        ShownSize.objects.filter(kind="register").delete()
        for at, waiting in sizes.items():
            at_day = START if at == "start" else day + int(at.removeprefix("day")) * DAY
            ShownSize.objects.create(kind="register", day=at_day, waiting=waiting, is_filled_in=False)


def test_published_sizes_stand_beside_the_band_with_what_else_was_decided(question, client_of):
    _, decision = decide_with_forecast(question)
    _, (another,) = held()
    other = decided(another, title="Something else was decided")
    publish_later(london_date(now()), start=120, day7=5000, day14=None)
    client = client_of("analyst")
    page = text_of(client, f"/boards/decisions/{decision}/")
    assert "What was published since: three more lettings" in page
    assert "5,000" in page
    assert "above the band" in page
    assert "[c]" in page
    assert re.search(r"Outside the band on \d of \d published days? since the decision", page)
    assert "Lists that are not compared: 1" in page
    assert "School places: No kind of wait is known to be a queue for it." in page
    assert "What else was decided since" in page
    assert "Something else was decided" in page
    assert "What else was decided since" not in text_of(client, f"/boards/decisions/{other}/")


def test_what_came_of_a_decision_of_some_weeks_ago(published, client_of):
    """The published run's own size counts, and so does every one that was published before it."""
    decision = put_followed_decision("test-commissioner", "justice")
    page = text_of(client_of("finance_officer"), f"/boards/decisions/{decision}/")
    assert "Outside the band on 1 of 3 published days since the decision: 200 on 9 November 2026, above" in page


def test_a_queue_that_begins_otherwise_is_said_not_to_be_compared(question, client_of):
    _, decision = decide_with_forecast(question)
    publish_later(london_date(now()), start=400, day7=5000)
    page = text_of(client_of("analyst"), f"/boards/decisions/{decision}/")
    assert "On its first day the forecast has 120 in the queue and 400 were published" in page
    assert "5,000" not in page


def test_what_was_not_carried_is_not_measured(question, client_of):
    _, (item,) = held()
    attach(item, question)
    decision = decided(item, vote="against")
    page = text_of(client_of("analyst"), f"/boards/decisions/{decision}/")
    assert "three more lettings" in page
    assert "What was published since" not in page


def test_a_confidential_decision_since_is_not_named_to_others(question, client_of):
    _, decision = decide_with_forecast(question)
    _, (another,) = held(CONFIDENTIAL)
    decided(another, title=SECRET)
    address = f"/boards/decisions/{decision}/"
    assert SECRET not in client_of("analyst").get(address).content.decode()
    assert SECRET in client_of("board_member").get(address).content.decode()


def test_a_demo_has_a_forecast_with_what_was_decided_and_in_the_next_paper(published, monkeypatch):
    """Asked and answered while a demo starts, within seconds, once, and never in a place with a life of its own."""
    acts = Acts("demo-commissioner")
    User.objects.create(username=acts.username, role="commissioner", display_name="Demo", password="!")
    seat(acts.username, OWN)
    _, (item,) = held(acts=acts)
    decision = decided(item, acts=acts)
    _, (later,) = planned(acts=acts)
    put_network(small_network(104))
    monkeypatch.setattr(demo, "BOARD", "")
    monkeypatch.setattr(demo, "WANTED", ("lettings",))
    real, fictional = (SimpleNamespace(is_example=is_example) for is_example in (False, True))
    assert not demo.enter_forecast(real)
    began = time.monotonic()
    assert demo.enter_forecast(fictional)
    assert time.monotonic() - began < 5
    assert not demo.enter_forecast(fictional)
    assert {(row.item_id, row.decision_id) for row in kept()} == {(item, decision), (later, None)}
