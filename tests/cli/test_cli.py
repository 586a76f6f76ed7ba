"""The command line is the contract: exit codes, one JSON document, no traceback, no person's value in an error."""

from __future__ import annotations

import csv
import errno
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest
from typer.main import get_command

from braid.cli import app
from cli.forked import braid
from cli.one_process import python
from cli.ran_place import put_ran_place
from lent_database import without_place
from shared import REPOSITORY, shared_folder

ADD = ("user", "add", "auser", "--role")


@pytest.fixture(scope="module")
def put(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict]:
    folder = tmp_path_factory.mktemp("cli") / "place"
    return folder, put_ran_place(folder)


@pytest.fixture(scope="module")
def place(put: tuple[Path, dict]) -> Path:
    return put[0]


@pytest.fixture(scope="module")
def ran(put: tuple[Path, dict]) -> dict:
    return put[1]


def test_no_verb_prints_the_help(tmp_path: Path) -> None:
    result = braid(cwd=tmp_path)
    assert result.returncode in (0, 2)
    assert "example" in result.stdout + result.stderr


def verbs(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Yield every verb that can be typed, with its command."""
    for name, inner in getattr(command, "commands", {}).items():
        yield from verbs(inner, (*path, name))
    if not hasattr(command, "commands"):
        yield " ".join(path), command


@pytest.mark.parametrize("verb", [verb for verb, _ in verbs(get_command(app.app))])
def test_every_verb_has_a_help_text_with_an_example(verb: str) -> None:
    command = dict(verbs(get_command(app.app)))[verb]
    assert f"Example: braid {verb.removesuffix(' show')} " in f"{command.help} ".replace("\n", " ")


def test_every_error_with_a_code_of_its_own_is_where_its_name_says() -> None:
    names = [name for name, _ in app.EXIT_CODES]
    assert len(names) == len(set(names)) > 20
    for name, code in app.EXIT_CODES:
        module, _, kind = name.rpartition(".")
        assert app.find_exit_code(getattr(import_module(module), kind)) == code, name


def test_a_verb_loads_nothing_that_only_others_need() -> None:
    script = "import sys; from braid.cli.app import app; app(['clock', '--help'], standalone_mode=False); "
    script += "print([name for name in ('braid.pipeline', 'django', 'duckdb', 'pyarrow') if name in sys.modules])"
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "src")}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert "Example: braid clock" in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"


def test_help_is_printed() -> None:
    result = python("-m", "braid", "run", "--help")
    assert result.returncode == 0
    assert "Example: braid run" in result.stdout


def test_run_reports_rows_and_the_waits_follow(place: Path, ran: dict) -> None:
    feeds = ran["stages"]["read"]["feeds"]
    assert all(feed["rows_in"] == feed["rows_read"] + feed["rows_rejected"] for feed in feeds)
    listed = braid("waits", "--json", cwd=place)
    assert listed.returncode == 0, listed.stderr
    document = json.loads(listed.stdout)
    assert document["count"] == len(document["people"]) > 0
    person = document["people"][0]
    assert len(person["backlogs"]) >= 2
    assert {"kind", "days", "clock", "explanation"} <= person["waits"][0].keys()
    blockers = [blocker for row in document["people"] for blocker in row["blockers"]]
    assert {"holds", "held_by", "reason", "next_action", "owner_role", "owner_organisation"} <= blockers[0].keys()


def test_the_backlog_is_measured_by_service_and_says_what_it_rests_on(place: Path, ran: dict) -> None:
    document = json.loads(braid("backlog", str(place), "--json").stdout)
    assert document["count"] == len(document["services"]) > 0
    assert "first end shown" in document["rests_on"] and "not for publication" in document["publication"]
    for service in document["services"]:
        assert len(service["weeks"]) == 52
        assert service["weeks"][-1]["waiting"] == service["waiting"]
        known = sum(week["known"] for week in service["weeks"])
        assert service["outlook"] is None or service["outlook"]["weeks"] == known >= 13
    one = json.loads(braid("backlog", str(place), "--kind", "rtt", "--json").stdout)["services"]
    assert {service["kind"] for service in one} == {"rtt"}
    assert one[0]["waiting"] == sum(service["waiting"] for service in one[1:]) > 0
    shown = braid("backlog", str(place), "--kind", "rtt")
    assert "week by week" in shown.stdout and "Its people also waited for" in shown.stdout
    assert "not for publication" in shown.stderr


def test_what_may_be_published_of_the_backlog_is_the_cubes_alone(place: Path, ran: dict) -> None:
    document = json.loads(braid("backlog", str(place), "--publishable", "--json").stdout)
    exact = json.loads(braid("backlog", str(place), "--json").stdout)["services"]
    waiting = {service["kind"]: service["waiting"] for service in exact if service["organisation_id"] is None}
    cells = document["waits_by_kind_and_district"]
    assert {cell["kind"] for cell in cells} <= set(waiting)
    counts = [cell[name] for cell in cells for name in ("waiting", "over_year", "also_elsewhere", "completed")]
    assert any(count is None for count in counts)
    assert all(count is None or count % 5 == 0 for count in counts)
    place_cells = {cell["kind"]: cell for cell in cells if cell["district_code"] is None}
    assert all(abs((cell["waiting"] or 0) - waiting[kind]) <= 12 for kind, cell in place_cells.items())
    for cell in document["how_long_by_kind"]:
        assert "organisation_id" not in cell
        base = place_cells[cell["kind"]]["waiting"]
        assert (cell["p92_days"] is None) == (base is None or base < 100)
    assert "as published" in braid("backlog", str(place), "--publishable").stdout


def test_a_run_from_before_services_were_measured_says_what_to_do(place: Path, ran: dict, tmp_path: Path) -> None:
    folder = tmp_path / "place"
    shutil.copytree(place, folder, ignore=shutil.ignore_patterns("state"))
    (folder / "lake" / "runs" / ran["run"] / "service_measure.parquet").unlink()
    result = braid("backlog", str(folder))
    assert result.returncode == 2
    assert "braid run place --again" in result.stderr and "Traceback" not in result.stderr


def test_outcomes_are_printed_with_interval_definition_and_what_is_not_measured(place: Path, ran: dict) -> None:
    document = json.loads(braid("outcomes", str(place), "--json").stdout)
    assert {one["id"] for one in document["frameworks"]} == {"own", "supporting_families", "statements"}
    (attendance,) = (one for one in document["outcomes"] if one["id"] == "attendance_90")
    assert attendance["chart"]["kind"] == "p'"
    for period in attendance["periods"]:
        assert period["low"] <= period["value"] <= period["high"]
        assert round(100 * period["met"] / period["observations"], 9) == round(period["value"], 9)
    assert len(attendance["chart"]["limits"]) == len(attendance["periods"]) > 20
    shown = braid("outcomes", str(place))
    assert "not measured here, because" in shown.stdout and "not for publication" in shown.stderr


def test_a_run_from_before_outcomes_were_counted_says_what_to_do(place: Path, ran: dict, tmp_path: Path) -> None:
    folder = tmp_path / "place"
    shutil.copytree(place, folder, ignore=shutil.ignore_patterns("state"))
    (folder / "lake" / "runs" / ran["run"] / "outcome_count.parquet").unlink()
    result = braid("outcomes", str(folder))
    assert result.returncode == 2
    assert "braid run place --again" in result.stderr and "Traceback" not in result.stderr


def test_a_fault_of_outcomes_stops_a_run_before_it_reads_anything(place: Path, ran: dict, tmp_path: Path) -> None:
    folder = tmp_path / "place"
    shutil.copytree(place, folder, ignore=shutil.ignore_patterns("state"))
    (folder / "outcomes.toml").write_text('[[outcome]]\nid = "x"\n', encoding="utf-8")
    result = braid("run", str(folder))
    assert result.returncode == 2
    assert "outcomes.toml: outcomes outcome 1" in result.stderr and "Traceback" not in result.stderr


def test_the_directory_of_services_is_written_once_and_names_nobody(place: Path, ran: dict, tmp_path: Path) -> None:
    out = tmp_path / "services.json"
    ended = braid("directory", "write", str(out), str(place), "--json")
    assert ended.returncode == 0, ended.stderr
    page = json.loads(out.read_text(encoding="utf-8"))
    assert json.loads(ended.stdout)["services"] == page["total_items"] == len(page["contents"])
    again = braid("directory", "write", str(out), str(place))
    assert (again.returncode, "name a new one" in again.stderr) == (2, True)
    assert braid("directory", "write", str(tmp_path / "services.csv"), str(place)).returncode == 2


def test_the_analyst_never_hears_of_support_for_victims_and_the_advocate_does(place: Path, ran: dict) -> None:
    hidden = {"victim_support", "therapy", "crown_trial"}
    kinds = {}
    for role in ("analyst", "advocate"):
        people = json.loads(braid("waits", str(place), "--role", role, "--json").stdout)["people"]
        kinds[role] = {wait["kind"] for person in people for wait in person["waits"]}
    assert not kinds["analyst"] & hidden
    assert kinds["advocate"] & hidden


def test_looks_from_the_command_line_are_recorded(place: Path, ran: dict) -> None:
    asked = ("waits", str(place), "--by", "demo-analyst", "--reference", "MTG-2026-777", "--purpose", "school_from_ta")
    people = json.loads(braid(*asked, "--json").stdout)["people"]
    whom = people[0]["person_id"]
    account = ("audit", "person", whom, str(place), "--json", "--by", "demo-ig-lead", "--reference", "SAR-7")
    before = json.loads(braid(*account).stdout)
    assert {line["username"] for line in before} == {"demo-analyst"}
    braid(*asked)
    after = json.loads(braid(*account).stdout)
    assert len(after) == len(before) + 1


def test_issues_say_what_was_wrong_without_a_persons_value(place: Path, ran: dict, tmp_path: Path) -> None:
    out = tmp_path / "issues.csv"
    result = braid("issues", str(place), "--out", str(out), "--json")
    assert result.returncode == 1
    found = json.loads(result.stdout)["issues"]
    rejected = sum(feed["rows_rejected"] for feed in ran["stages"]["read"]["feeds"])
    assert sum(issue["severity"] == "reject" for issue in found) == rejected > 0
    assert len(list(csv.DictReader(out.read_text(encoding="utf-8-sig").splitlines()))) == len(found)
    one = json.loads(braid("issues", str(place), "--feed", "hospital-waiting-list", "--json").stdout)["issues"]
    assert {issue["feed"] for issue in one} == {"hospital-waiting-list"}
    assert braid("issues", str(place), "--feed", "nowhere").returncode == 2
    assert braid("issues", str(place), "--out", str(out)).returncode == 2


def test_linking_is_counted_and_held_against_the_truth(place: Path, ran: dict) -> None:
    document = json.loads(braid("link", str(place), "--against", "truth", "--json").stdout)
    assert document["records"] >= document["persons"] > 0
    whole = document["scores"][0]
    assert whole["precision"] > 0.95
    assert whole["recall"] > 0.8
    everybody = document["expected"][0]
    assert everybody["group"] == "all" and everybody["links"] >= whole["found"], (
        "some records are nobody's in the truth"
    )
    assert everybody["false"] == whole["found"] - whole["both"]
    assert everybody["missed"] == whole["true"] - whole["both"]
    homes = next(score for score in document["scores"] if score["what"].startswith("who lives together"))
    assert homes["found"] > 100
    assert homes["precision"] > 0.97, "a home that is found opens its people to each other's practitioners"


def test_the_quality_of_links_is_told_as_it_may_be_published_and_held_against_the_truth(place: Path, ran: dict) -> None:
    document = json.loads(braid("link", "quality", str(place), "--against", "truth", "--json").stdout)
    sample = document["sample"]
    assert not sample["is_told"] and sample["characteristics"] == [] and sample["decided"] == 0
    assert sample["drawn"] > 100 and sum(each["is_joined"] for each in sample["strata"]) == 3
    assert all(each["pairs"] is None or each["pairs"] % 5 == 0 for each in sample["strata"])
    by_group = {(row["what"], row["group"]): row for row in document["truth"]}
    everybody = by_group["All", "All links"]
    assert everybody["links"] > 300 and everybody["missed"] > 0 and everybody["never_compared"] > 0
    sexes = [row for (what, _), row in by_group.items() if what == "Sex"]
    assert sum(row["links"] for row in sexes) == everybody["links"]
    assert sum(row["missed"] for row in sexes) >= everybody["missed"], "one of two groups counts for each"
    shown = braid("link", "quality", str(place))
    assert "Nothing is told yet" in shown.stdout
    assert braid("link", "quality", str(place), "--against", "nothing").returncode == 2


def test_a_user_is_added_given_a_token_and_closed(place: Path, ran: dict) -> None:
    who = (str(place), "--by", "demo-ig-lead", "--reference", "HR-7")
    added = json.loads(braid(*ADD, "analyst", "--organisation", "arden-vale-ca", "--name", "A user", *who).stdout)
    assert len(added["password"]) > 20
    assert len(json.loads(braid("user", "token", "auser", *who).stdout)["token"]) > 30
    assert json.loads(braid("user", "close", "auser", *who).stdout)["closed"]
    unknown = braid("user", "token", "nobody", *who)
    assert unknown.returncode == 2
    assert "braid user add" in unknown.stderr
    assert braid(*ADD, "king", "--organisation", "arden-vale-ca", "--name", "X", *who).returncode == 2
    refused = braid(*ADD, "analyst", "--organisation", "nobody", "--name", "X", *who)
    assert refused.returncode == 2
    assert "organisations are" in refused.stderr


def test_precision_and_recall_are_printed(place: Path, ran: dict) -> None:
    result = braid("waits", str(place), "--against", "truth", "--json")
    assert result.returncode == 0, result.stderr
    assert {"precision", "recall"} <= json.loads(result.stdout)["multi_backlog"].keys()
    assert "precision" in braid("waits", str(place), "--against", "truth").stdout


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("run", "nowhere"), 2, "braid example"),
        (("waits", "nowhere"), 2, "place.toml"),
        (("waits", "PLACE", "--role", "board_member"), 5, "never people"),
        (("waits", "PLACE", "--role", "king"), 5, "roles are"),
        (("waits", "PLACE", "--by", "nobody"), 5, "braid user add"),
        (("waits", "PLACE", "--by", "demo-analyst"), 5, "--reference"),
        (("waits", "PLACE", "--by", "demo-board-member", "--reference", "MTG-1"), 5, "never people"),
        (("waits", "PLACE", "--purpose", "victim_response"), 5, "purposes of the role"),
        (("backlog", "nowhere"), 2, "place.toml"),
        (("backlog", "PLACE", "--kind", "queue"), 2, "kinds of wait are"),
        (("run", "PLACE", "--as-of", "soon"), 2, "yyyy-mm-dd"),
        (("run", "PLACE", "--as-of", "2026-11-15", "--each-week"), 2, "not both"),
        (("run", "PLACE", "--as-of", "1999-01-01"), 2, "extract"),
        (("read", "PLACE/place.toml", "--as", "nonsense"), 2, "known are"),
        (("read", "PLACE/place.toml", "--as", "cin:1066"), 2, "1066"),
        (("read", "PLACE/place.toml", "--as", "cin"), 3, "place.toml"),
        (("read", "PLACE/nothing.xml", "--as", "cin"), 3, "nothing.xml"),
        (("example", "PLACE"), 2, "not empty"),
        (("frobnicate",), 2, "frobnicate"),
    ],
)
def test_wrong_usage_has_a_code_and_a_next_step(place: Path, ran: dict, arguments, code, words) -> None:
    result = braid(*(argument.replace("PLACE", str(place)) for argument in arguments))
    assert result.returncode == code, result.stderr
    assert words in result.stderr
    assert "Traceback" not in result.stderr
    assert not result.stdout


def test_a_place_that_was_never_run_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "place"
    assert braid("example", str(folder), "--people", "500").returncode == 0
    result = braid("waits", str(folder))
    assert result.returncode == 2
    assert "braid run" in result.stderr


def test_read_prints_one_document_with_every_row_accounted_for() -> None:
    path = shared_folder("fixtures", "cin", "fake_CIN_data.xml")
    result = braid("read", str(path), "--as", "cin:2022", "--json")
    assert result.returncode in (0, 1)
    document = json.loads(result.stdout)
    assert {"standard", "year", "rows", "records", "issues", "unmapped"} <= document.keys()
    assert all(part["in"] == part["read"] + part["rejected"] for part in document["rows"].values())


def test_an_unreadable_file_still_gives_one_document(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{")
    result = braid("read", str(tmp_path / "x.json"), "--as", "fpl", "--json")
    assert result.returncode == 3
    assert json.loads(result.stdout)["error"]["rule"]


def test_what_a_partner_calls_a_column_or_a_file_cannot_steer_the_terminal(tmp_path: Path) -> None:
    heading = "ReferralID,ClientRef,FirstName,Surname,DOB,ReferralDate,Service,[/x],[bold]y,a\x1b[31mb"
    path = tmp_path / "re\x1b[2Jferrals\u202e[b].csv"
    path.write_text(f"{heading}\nVR1,V1,Ann,Example,01/02/1990,01/03/2026,IDVA,1,2,3\n", encoding="utf-8")
    result = braid("read", str(path), "--as", "victim_service")
    assert result.returncode == 0, result.stderr
    assert "[/x]" in result.stdout and "[bold]y" in result.stdout
    absent = braid("read", str(tmp_path / "\x1b[2Jnothing.csv"), "--as", "victim_service")
    assert absent.returncode == 3
    assert not {"\x1b", "\u202e"} & set(result.stdout + result.stderr + absent.stderr)


@pytest.mark.parametrize(
    "value", ["nan", *(pytest.param(each, marks=pytest.mark.slow) for each in ("abc", "inf", "9" * 30))]
)
def test_a_coordinate_that_is_no_number_is_named(place: Path, tmp_path: Path, value: str) -> None:
    folder = tmp_path / "place"
    shutil.copytree(place, folder, ignore=shutil.ignore_patterns("lake", "state"))
    row = f"postcode,easting,northing,district_code\nQB1 0AA,{value},1,E1\n"
    (folder / "geography" / "postcodes.csv").write_text(row)
    for name in ("bodies.toml", "boards.toml", "geography/areas.geojson", "geography/districts.geojson"):
        (folder / name).unlink()  # their small areas are those of the postcodes
    result = braid("run", str(folder))
    assert result.returncode == 2
    assert "geography/postcodes.csv line 2: easting" in result.stderr


def test_a_port_that_is_taken_is_said_before_anything_starts(place: Path, ran: dict) -> None:
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        result = braid("serve", str(place), "--port", str(taken.getsockname()[1]))
    assert result.returncode == 4
    assert "--port" in result.stderr and "Traceback" not in result.stderr
    assert not (place / "state" / "postgres" / "data" / "postmaster.pid").exists()


@pytest.mark.slow
def test_a_killed_server_leaves_no_worker_and_no_database_and_a_killed_worker_is_replaced(
    place: Path, tmp_path: Path
) -> None:
    """On a place that nobody has used, whose database is made from nothing."""
    folder = tmp_path / "place"
    shutil.copytree(place, folder, ignore=shutil.ignore_patterns("state"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "braid", "serve", str(folder), "--port", str(port)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, env=without_place(), **quiet) as server:
        try:
            assert _soon(lambda: _answers(port), 120)
            assert _soon(lambda: _workers(server.pid))
            (killed,) = _workers(server.pid)
            os.kill(killed, signal.SIGKILL)
            assert _soon(lambda: _answers(port) and _workers(server.pid) not in ([], [killed]))
            (worker,) = _workers(server.pid)
        finally:
            server.kill()
    assert _soon(lambda: not Path(f"/proc/{worker}").exists() and not _answers(port))
    assert _soon(lambda: not (folder / "state" / "postgres" / "data" / "postmaster.pid").exists())


def _workers(server: int) -> list[int]:
    """The processes of a server that answer requests; Python's own tracker of resources is another child of it."""
    children = Path(f"/proc/{server}/task/{server}/children").read_text(encoding="utf-8").split()
    commands = {int(child): Path(f"/proc/{child}/cmdline") for child in children}
    return [child for child, command in commands.items() if command.exists() and b"spawn_main" in command.read_bytes()]


def _answers(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def _soon(holds: Callable[[], bool], seconds: float = 40) -> bool:
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.2)
    return holds()


def test_a_link_in_an_extract_is_not_followed(place: Path, tmp_path: Path) -> None:
    folder = tmp_path / "place"
    shutil.copytree(place, folder, ignore=shutil.ignore_patterns("lake", "state"))
    (file,) = folder.glob("extracts/victim-service/*/referrals.csv")
    file.rename(tmp_path / "elsewhere.csv")
    file.symlink_to(tmp_path / "elsewhere.csv")
    report = json.loads(braid("run", str(folder), "--json").stdout)
    (feed,) = [feed for feed in report["stages"]["read"]["feeds"] if feed["feed"] == "victim-service"]
    assert feed["rows_in"] == 0 and feed["unreadable"] == [file.parent.name]


def test_a_full_disk_is_said_and_the_next_run_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    assert app._explain(OSError(errno.ENOSPC, "a path that is not shown")) == 4
    assert app._explain(duckdb.IOException(f'IO Error: Could not write file "x": {os.strerror(errno.ENOSPC)}')) == 4
    assert app.find_closed_folder(duckdb.IOException("IO Error: something else")) is None
    led = RuntimeError("wrapped by a library")
    led.__cause__ = psycopg.errors.DiskFull("could not extend file")
    assert app._explain(led) == 4
    said = capsys.readouterr().err
    assert "no space left" in said and "make room" in said and "not shown" not in said
