"""What holds up what over the place, and the problem statements: pages, API and files show what is published."""

import csv
import dataclasses
import io
import json
from html import unescape

import openpyxl
import pyarrow.parquet as pq
import pytest
from django.apps import apps
from django.db import connection
from sample_run import AS_OF, CHILD, _blocker, _wait, sample_tables, write_run

from braid.problems.load import shipped_statements
from braid.trust.roles import ROLES
from braid.trust.unblocking import publish_unblocking
from braid.web.charts import draw_flows
from braid.web.graph_figures import get_blocker_figures
from braid.web.models import DeadlockFigure, ProblemStatement, UnblockFigure
from braid.web.publish import publish

pytestmark = pytest.mark.django_db

COUNTS = ("held_waits", "held_weeks", "held_hidden", "freed_waits", "freed_weeks", "freed_hidden")


def exact_rows(run):
    return pq.read_table(run.table("unblock_measure")).to_pylist()


def test_the_database_holds_what_is_published_and_no_exact_figure(published, sample):
    _, run = sample
    shown = publish_unblocking(exact_rows(run))
    held = list(UnblockFigure.objects.order_by("scope", "backlog", "position").values())
    assert [[row[name] for name in (*COUNTS, "position")] for row in held] == [
        [row[name] for name in (*COUNTS, "position")] for row in shown
    ]
    exact = {row["held_waits"] for row in exact_rows(run)} - {0}
    assert any(count % 5 for count in exact), "or there is nothing to hide"
    assert all(row[name] is None or row[name] % 5 == 0 for row in held for name in ("held_waits", "freed_waits"))


def test_the_page_ranks_what_frees_most_and_draws_what_holds_which_backlog(published, client_of):
    page = unescape(client_of("board_member").get("/blockers/").content.decode())
    assert "Placement officer, Council" in page
    assert "<svg" in page and "Temporary accommodation" in page
    figures = get_blocker_figures()
    (first, *_) = figures.of("action", "")
    assert (first.position, first.holder, first.freed_waits) == (1, "Temporary accommodation", 45)
    drawn = draw_flows([(row.holder, row.backlog_name, row.held_waits) for row in figures.held_by])
    assert len(drawn.bands) == len(figures.held_by)


@pytest.mark.parametrize(
    ("scope", "words"), [("team", "Placement officer"), ("resource", "Missing evidence: outcome letter")]
)
def test_teams_and_resources_and_backlogs_are_tables_of_their_own(scope, words, published, client_of):
    client = client_of("analyst")
    page = unescape(client.get("/blockers/", {"scope": scope, "backlog": "school_place"}).content.decode())
    assert words in page and ": School place, in waits" in page
    assert client.get("/blockers/", {"scope": "x"}).status_code == 400
    assert client.get("/blockers/", {"backlog": "x"}).status_code == 400
    assert "Nothing was found" in client.get("/blockers/", {"backlog": "emergency_care"}).content.decode()


def test_page_api_and_file_show_the_same_figures(published, client_of):
    client = client_of("board_member")
    answer = json.loads(client.get("/api/v1/blockers").content)
    figures = get_blocker_figures()
    assert answer["rows"] == [dataclasses.asdict(row) for row in figures.rows]
    read = list(csv.reader(io.StringIO(client.get("/blockers/figures.csv").content.decode("utf-8-sig"), newline="")))
    assert len(read) == len(figures.rows) + 1
    for line, row in zip(read[1:], figures.rows, strict=True):
        assert line[1:7] == [
            row.backlog_name,
            str(row.position),
            row.owner_organisation,
            row.owner_role,
            row.next_action,
            row.holder,
        ]
        for shown, name in zip(line[7:11], ("held_waits", "held_weeks", "freed_waits", "freed_weeks"), strict=True):
            value = getattr(row, name)
            assert shown in ("[c]", "[z]") if value is None else shown == str(value)
    book = openpyxl.load_workbook(io.BytesIO(client.get("/blockers/figures.xlsx").content))["Figures"]
    assert book.max_row == len(read)
    assert client.get("/blockers/figures.pdf").status_code == 200
    assert client.get("/blockers/figures.exe").status_code == 404


def test_one_protected_person_more_or_less_changes_no_figure(published, sample, tmp_path):
    """A count of 1 to 7 is shown as one, whoever is in it: of one hidden wait nothing can be told."""
    place, _ = sample
    shown = []
    for number in (1, 2):
        tables = sample_tables(0)
        people = [row["person_id"] for row in tables["person"] if row["protected"]][:number]
        for person in people:
            trial = _wait(tables, person, "custody_time_limit", 50)
            _blocker(tables, person, "victim_response", "of_protected", trial, None, "safe_address")
        publish(write_run(dataclasses.replace(place, folder=tmp_path), f"{number}", tables), place)
        shown.append(
            list(UnblockFigure.objects.order_by("scope", "backlog", "position").values_list(*COUNTS, "backlog"))
        )
    assert shown[0] == shown[1]
    assert "crown_court" in {row[-1] for row in shown[0]}


def test_deadlocks_are_counted_by_the_services_that_wait_for_each_other(published, sample, tmp_path, client_of):
    place, _ = sample
    assert "None was found." in client_of("analyst").get("/blockers/").content.decode()
    tables = sample_tables(20)
    for row in [row for row in tables["blocker"] if row["holder_wait_id"] and row["person_id"] != CHILD]:
        held, holder = row["holder_wait_id"], row["held_wait_id"]
        _blocker(tables, row["person_id"], "school_from_ta", "the_other_way", held, holder, "normal")
    publish(write_run(dataclasses.replace(place, folder=tmp_path), "stuck", tables), place)
    found = dict(DeadlockFigure.objects.values_list("organisations", "waits"))
    assert found == {"council": 45, "council court": None}, "pairs of waits of 22 children, and two of a trial"
    page = unescape(client_of("analyst").get("/blockers/").content.decode())
    assert "Council and Court" in page and "1 to 7, not shown" in page
    assert "and a few more" not in page


def test_a_run_made_before_says_so_and_hands_out_nothing_wrong(published, sample, tmp_path, client_of):
    place, _ = sample
    run = write_run(dataclasses.replace(place, folder=tmp_path), "old", sample_tables(0))
    for name in ("unblock_measure", "deadlock"):
        run.table(name).unlink()
    publish(dataclasses.replace(run, manifest={"as_of": AS_OF.isoformat()}), place)
    client = client_of("analyst")
    assert "Nothing was found to hold up a wait here." in client.get("/blockers/").content.decode()
    assert "The published run has none." in client.get("/problems/").content.decode()
    assert client.get("/problems/school_from_ta/").status_code == 404
    assert json.loads(client.get("/api/v1/problems").content) == []


def test_every_statement_is_there_with_whom_what_and_whose_move(published, client_of):
    client = client_of("board_member")
    listed = json.loads(client.get("/api/v1/problems").content)
    assert [each["id"] for each in listed] == [each.problem_id for each in shipped_statements()]
    assert listed[0]["people"] == 40 and listed[1]["people"] is None
    for statement in shipped_statements():
        page = unescape(client.get(f"/problems/{statement.problem_id}/").content.decode())
        whole = json.loads(client.get(f"/api/v1/problems/{statement.problem_id}").content)
        assert statement.name in page and statement.purpose in page
        assert [rule["id"] for rule in whole["rules"]] == [rule.rule_id for rule in statement.rules]
        for rule in whole["rules"]:
            assert rule["words"] in page and rule["clock"] in page
            for move in rule["moves"]:
                assert move["next_action"] in page and move["owner_role"] in page
        for part in (*statement.outcomes, *statement.funds):
            assert part.name in page
    assert client.get("/problems/none/").status_code == 404
    assert client.get("/api/v1/problems/none").status_code == 404


def test_the_moves_of_a_rule_have_the_figures_of_the_blockers_page(published, client_of):
    client = client_of("analyst")
    row = UnblockFigure.objects.filter(scope="action", backlog="school_place").first()
    asked = "/api/v1/problems/school_from_ta"
    (rule,) = [rule for rule in json.loads(client.get(asked).content)["rules"] if "without_outcome" in rule["id"]]
    assert rule["moves"][0]["held_waits"] == 0, "the sample's action has other words"
    words = {"owner_organisation": "council", "owner_role": "Admissions manager", "holder_type": "evidence"}
    words |= {"holder_kind": "outcome_letter", "next_action": rule["moves"][0]["next_action"]}
    UnblockFigure.objects.filter(pk=row.pk).update(**words)
    (rule,) = [rule for rule in json.loads(client.get(asked).content)["rules"] if "without_outcome" in rule["id"]]
    assert (rule["moves"][0]["held_waits"], rule["moves"][0]["freed_waits"]) == (row.held_waits, row.freed_waits)


def test_the_list_of_a_statement_is_offered_to_whoever_may_look_for_it(published, client_of):
    link = "People whom it concerns"
    for role, shown in (("analyst", True), ("advocate", False), ("board_member", False)):
        assert (link in client_of(role).get("/problems/school_from_ta/").content.decode()) is shown
    shown_to = {role for role in ROLES if link in client_of(role).get("/problems/victim_response/").content.decode()}
    assert shown_to == {"advocate", "coordinator", "responder"}, "to the last two it lists whom they work for jointly"


def test_the_file_of_statements_has_a_row_for_each_move(published, client_of):
    read = list(
        csv.reader(
            io.StringIO(client_of("ig_lead").get("/problems/figures.csv").content.decode("utf-8-sig"), newline="")
        )
    )
    moves = sum(len(rule["moves"]) for row in ProblemStatement.objects.all() for rule in row.words["rules"])
    assert len(read) == moves + 1
    assert {line[1] for line in read[1:]} == {"40", "[c]", "10"}


def test_nothing_in_the_tables_of_figures_names_a_person(published):
    """Ids of people and waits are nowhere in them."""
    with connection.cursor() as cursor:
        for model in (UnblockFigure, DeadlockFigure, ProblemStatement):
            cursor.execute(f"select t::text from {model._meta.db_table} t")
            text = " ".join(row[0] for row in cursor.fetchall())
            assert CHILD not in text and "Example" not in text
    assert not any(field.is_relation for model in (UnblockFigure, DeadlockFigure) for field in model._meta.fields)
    assert apps.get_model("braid", "unblockfigure") is UnblockFigure
