"""The backlog pages: published figures alone, the same on page, in files and in the API, and what it would take."""

import ast
import csv
import dataclasses
import datetime as dt
import html
import io
import json
import re
from pathlib import Path

import pytest
from sample_run import AS_OF, KNOWN_WEEKS, MEASURED_KINDS, NOT_KNOWN_KIND, sample_tables, write_run
from test_web_figures import FORMS, names, trees

import braid.web
from braid.language.codes import WAIT_KINDS
from braid.web.backlogs import get_backlogs
from braid.web.models import ServiceMeasure, ServiceOverlap, ShownSize
from braid.web.publish import publish

pytestmark = pytest.mark.django_db
QUARTER = dt.timedelta(91)


def words_of(page: bytes) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page.decode())))


def publish_later(sample, tmp_path, days: int, grow: int = 0) -> dt.date:
    """Publish the sample again as of so many days later, each queue longer by so many."""
    place, _ = sample
    day, tables = AS_OF + dt.timedelta(days), sample_tables(0)
    for row in tables["backlog_measure"]:
        row["waiting"] += round(grow * {None: 1.0, "E08990001": 0.6, "E08990002": 0.4}[row["district_code"]])
    for row in tables["service_week"]:
        row["week_end_date"] += dt.timedelta(days)
    run = write_run(dataclasses.replace(place, folder=tmp_path / str(days)), f"later-{days}", tables)
    publish(dataclasses.replace(run, manifest={**run.manifest, "as_of": day.isoformat()}), place)
    return day


def test_every_queue_of_the_place_has_a_page_with_its_published_figures(published, client_of):
    client = client_of("board_member")
    overview = client.get("/backlogs/").content.decode()
    found = get_backlogs().backlogs
    assert len(found) == len(WAIT_KINDS)
    for backlog in found:
        address = f"/backlogs/{backlog.figures.kind}/"
        assert f'href="{address}"' in overview
    for kind in ("rtt", "cla_review", NOT_KNOWN_KIND, "ehcp_plan"):
        page = words_of(client.get(f"/backlogs/{kind}/").content)
        backlog = get_backlogs().find(kind)
        assert WAIT_KINDS[kind].name in page
        assert f"{backlog.figures.waiting:,}" in page if backlog.figures.waiting else "Few wait" in page
        assert ("not known in full" in page) == (kind == NOT_KNOWN_KIND)


def everything_shown(client) -> list[str]:
    addresses = [f"/backlogs/{kind}/" for kind in MEASURED_KINDS] + ["/backlogs/", "/api/v1/backlogs"]
    addresses += [f"/backlogs/{table}.csv" for table in ("figures", "sizes", "overlaps")]
    return [client.get(address).content.decode() for address in addresses]


def test_other_exact_figures_that_are_published_alike_change_nothing_that_is_shown(published, client_of):
    """So no page, file or answer tells the one from the other."""
    client = client_of("analyst")
    before = everything_shown(client)
    for row in ServiceMeasure.objects.exclude(additions=None):
        nearest = 5 * round(row.additions / 5)
        row.additions = nearest + (1 if row.additions == nearest + 2 else 2)
        row.save()
    ServiceMeasure.objects.update(open_p92_days=402.4, completed_median_days=96.1, completed_p92_days=298.0)
    for row in ServiceOverlap.objects.all():
        row.people, row.share = (12 if row.people < 13 else 4000), row.share - 0.008
        row.save()
    assert everything_shown(client) == before
    ServiceMeasure.objects.update(open_p92_days=403.0)
    assert everything_shown(client) != before, "or nothing of these figures is shown at all"


def test_figures_by_provider_and_by_week_never_reach_the_database(published):
    assert ServiceMeasure.objects.count() == len(MEASURED_KINDS)
    assert ServiceOverlap.objects.count() == 5
    assert all(row.waiting % 10 == 0 for row in ShownSize.objects.filter(is_filled_in=True))


def test_page_files_and_answer_show_the_same_figures(published, client_of):
    client = client_of("board_member")
    answer = json.loads(client.get("/api/v1/backlogs").content)["backlogs"]
    files = {
        table: list(csv.reader(io.StringIO(client.get(f"/backlogs/{table}.csv").content.decode("utf-8-sig"))))
        for table in ("figures", "sizes", "overlaps")
    }
    overview = words_of(client.get("/backlogs/").content)
    assert len(files["figures"]) == len(answer) + 1
    for line, one in zip(files["figures"][1:], answer, strict=True):
        figures = one["figures"]
        values = [figures["waiting"], one["additions"], figures["completed"], one["change"], one["clearance_weeks"]]
        assert line[:2] == [figures["kind_name"], figures["backlog_name"]]
        for cell, value in zip(line[2:7], values, strict=True):
            assert cell in ("[c]", "[x]", "[z]") if value is None else cell == str(value)
        assert (line[3] == "[x]") == (not one["is_known"])
        if one["additions"] is not None:
            row = f"{figures['kind_name']} {figures['waiting']:,} {one['additions']:,} {figures['completed']:,}"
            assert row in overview
    sizes = [[one["figures"]["kind_name"], size["day"]] for one in answer for size in one["sizes"]]
    assert [line[:2] for line in files["sizes"][1:]] == sizes
    shares = [
        [one["figures"]["kind_name"], other["other_name"], str(other["time_share"])]
        for one in answer
        for other in one["overlaps"]
    ]
    assert [line[:3] for line in files["overlaps"][1:]] == shares
    assert ["Social housing register", "Temporary accommodation", "30"] in shares
    assert not {"Looked-after review", "Care proceedings"} & {name for share in shares for name in share[:2]}


def test_each_table_is_handed_out_in_each_form_and_no_other(published, client_of):
    client = client_of("analyst")
    for table, name in (("figures", "backlogs"), ("sizes", "sizes"), ("overlaps", "overlaps")):
        for form, content_type in FORMS.items():
            answer = client.get(f"/backlogs/{table}.{form}")
            assert answer.status_code == 200 and answer["Content-Type"] == content_type
            assert answer["Content-Disposition"] == f'attachment; filename="{name}-2026-11-15.{form}"'
        assert client.get(f"/backlogs/{table}.exe").status_code == 404


def test_what_the_first_publication_fills_in_is_never_filled_in_again(published, sample, tmp_path):
    filled = set(ShownSize.objects.filter(is_filled_in=True).values_list("kind", "day", "waiting"))
    assert len(filled) > KNOWN_WEEKS
    assert min(day for _, day, _ in filled) >= AS_OF - dt.timedelta(weeks=KNOWN_WEEKS)
    assert NOT_KNOWN_KIND not in {kind for kind, day, _ in filled if day < AS_OF - dt.timedelta(weeks=5)}
    day = publish_later(sample, tmp_path, 8, grow=40)
    assert set(ShownSize.objects.filter(is_filled_in=True).values_list("kind", "day", "waiting")) == filled
    kept = {(row.kind, row.day): row for row in ShownSize.objects.filter(is_filled_in=False)}
    assert {key[1] for key in kept} == {AS_OF, day}
    shown = get_backlogs().find("rtt")
    assert kept["rtt", day].waiting == shown.figures.waiting == shown.sizes[-1].waiting
    assert [size.day for size in shown.sizes][-2:] == [AS_OF, day]


def test_after_thirteen_weeks_additions_are_what_published_sizes_say(published, sample, tmp_path):
    before = get_backlogs().find("rtt").figures.waiting
    day = publish_later(sample, tmp_path, QUARTER.days, grow=60)
    shown = get_backlogs().find("rtt")
    assert shown.change == shown.figures.waiting - before == 60
    assert shown.additions == 60 + shown.figures.completed
    assert shown.trend == "grows"
    assert [quarter.day for quarter in shown.quarters] == [day, AS_OF]
    earlier = shown.quarters[1]
    then = next(size.waiting for size in shown.sizes if size.day == AS_OF - QUARTER)
    assert earlier.additions == before - then + earlier.completed


def test_a_run_without_measures_is_published_without_them(published, sample, tmp_path, client_of):
    place, _ = sample
    run = write_run(dataclasses.replace(place, folder=tmp_path), "old", sample_tables(0))
    for name in ("service_measure", "service_week", "service_overlap"):
        run.table(name).unlink()
    assert publish(run, place).changed and not publish(run, place).changed
    assert not ServiceMeasure.objects.exists()
    page = words_of(client_of("analyst").get("/backlogs/rtt/").content)
    assert "not known in full" in page and "not all that began in 13 weeks are in the extracts" in page


def test_measures_that_an_older_braid_did_not_publish_are_published(published, sample):
    place, run = sample
    ServiceMeasure.objects.all().delete()
    assert publish(run, place).changed
    assert ServiceMeasure.objects.count() == len(MEASURED_KINDS)


def test_the_theory_begins_with_the_queues_own_figures(published, client_of):
    backlog = get_backlogs().find("rtt")
    page = client_of("board_member").get("/backlogs/rtt/").content.decode()
    assert f'name="size" type="text" value="{backlog.figures.waiting}"' in page
    assert f'value="{backlog.additions / 13:.1f}"' in page
    assert 'name="target" type="text" value="18"' in page
    words = words_of(page.encode())
    assert "From this queue's published figures" in words
    assert "Queue load" in words and "Target queue size" in words and "What this assumes" in words


def test_other_figures_are_worked_out_and_said_to_be_others(published, client_of):
    answer = client_of("board_member").get("/backlogs/rtt/?size=1,000&demand=10&capacity=30&target=18&weeks=26")
    words = words_of(answer.content)
    assert answer.status_code == 200
    assert "which are not this queue's published ones: 1,000 waiting, demand 10 a week" in words
    assert "The queue falls by 20 a week: in 26 weeks 480 would wait, and in 50 weeks nobody." in words
    assert re.search(r"Queue load 0\.33 ", words) and re.search(r"Target queue size 45 ", words)


def test_what_is_no_number_is_named_at_its_field(published, client_of):
    client = client_of("board_member")
    for value in ("", "ten", "nan", "inf", "-1", "1e99", "\x00", "1" * 5000, "<script>"):
        for field in ("demand", "weeks"):
            entered = {"size": "10", "demand": "1", "capacity": "2", "target": "18", "weeks": "26", field: value}
            answer = client.get("/backlogs/rtt/", entered)
            page = answer.content.decode()
            assert answer.status_code == 400, value
            assert f'href="#id_{field}"' in page and f'id="id_{field}-error"' in page
            assert "<title>Error: " in page and "Queue load" not in page and "<script>" not in page


def test_a_queue_may_be_asked_about_without_a_target(published, client_of):
    words = words_of(client_of("board_member").get("/backlogs/register/").content)
    assert "Without a target theory says no more" in words and "Relief capacity" not in words


def test_what_the_place_does_not_count_has_no_page(published, client_of):
    for kind in ("no-such", "RTT", "rtt2", "figures"):
        assert client_of("analyst").get(f"/backlogs/{kind}/").status_code == 404


def test_before_the_first_run_there_is_nothing(client_of):
    client = client_of("analyst")
    assert b"Nothing is published yet" in client.get("/backlogs/").content
    for address in ("/backlogs/rtt/", "/backlogs/figures.csv", "/api/v1/backlogs"):
        assert client.get(address).status_code == 404, address


EXACT = {"ServiceMeasure": "_exact_measures", "ServiceOverlap": "_exact_overlaps"}


def test_exact_figures_of_services_are_handed_to_the_cubes_alone():
    """They are named where they are published and read; and what reads them hands them to a rule of trust."""
    for model, reader in EXACT.items():
        naming = {path.name for path, tree in trees(braid.web).items() if names(tree) & {model}}
        assert naming <= {"backlogs.py", "service_figures.py", "published.py", "__init__.py"}, model
        tree = trees(braid.web)[Path(braid.web.__file__).parent / "backlogs.py"]
        readers = {
            function.name
            for function in ast.walk(tree)
            if isinstance(function, ast.FunctionDef) and model in names(function)
        }
        assert readers - {"_known_kinds"} == {reader}
        uses = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == reader]
        handed = [
            argument.func
            for call in ast.walk(tree)
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id.startswith("publish_")
            for argument in call.args
            if isinstance(argument, ast.Call) and isinstance(argument.func, ast.Name) and argument.func.id == reader
        ]
        assert len(uses) == len(handed) > 0
