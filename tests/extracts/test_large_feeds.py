"""Large files: the chain reads them by columns, says the same as by rows, and holds no more than a batch in memory."""

from __future__ import annotations

import datetime as dt
import json
import multiprocessing
import resource
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from braid.cli import read as command
from braid.extracts import feed_columns, joined, run
from braid.extracts.columns import read_by_columns
from braid.extracts.definition_files import load_definitions
from braid.extracts.definition_years import resolve
from braid.extracts.drains import ParquetDrain, settle_files
from braid.extracts.model import Source
from braid.store.duckdb_engine import DuckDBEngine
from braid.store.place_folder import Feed, Place
from extracts.connector_page import load_examples

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks" / "extracts"
HEADER = "Child Unique ID,Gender,Date of Birth,Date of Contact,Contact Source\n"
FIRST = HEADER + "C1,F,01/02/2015,03/03/2026,6\nC2,M,,soon,6\nC1,M,,03/04/2026,4\n"
SECOND = HEADER + "C1,F,02/02/2015,03/03/2026,99\nC3,F,,05/03/2026,6\n"


def open_engine(spill_folder: Path) -> DuckDBEngine:
    return DuckDBEngine("256MB", 1, spill_folder)


def made_place(folder: Path) -> Place:
    feed = Feed("north", "council", "annex_a", 2026)
    place = Place(folder, "here", "Here", None, (), (), (feed,))
    extract = folder / "extracts" / "north" / "2026-05-01"
    extract.mkdir(parents=True)
    (extract / "a_list_1.csv").write_text(FIRST)
    (extract / "b_list_1.csv").write_text(SECOND)
    return place


def tables(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Return every row that was written, by table."""
    found: dict[str, list[dict[str, Any]]] = {}
    for path in folder.glob("*.parquet"):
        found.setdefault(path.name.split(".")[0], []).extend(pq.read_table(path).to_pylist())
    return {name: sorted(rows, key=repr) for name, rows in found.items()}


@pytest.mark.parametrize("are_large", [False, True])
def test_a_feed_is_read_alike_large_or_small(are_large: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_columns, "LARGE_BYTES", 1 if are_large else 1 << 40)
    place = made_place(tmp_path)
    parts = tmp_path / "parts"
    (summary,) = run.read_place(place, dt.date(2026, 6, 1), parts, 1, open_engine=open_engine)
    assert (summary.rows_in, summary.rows_read, summary.rows_rejected) == (5, 4, 1)
    assert summary.unmapped == Counter({"Contact Source:code-unknown": 1})
    assert summary.issues == Counter({"date_invalid": 1, "record_disagrees": 2, "code_unknown": 1})
    assert bool(list(parts.glob("*.columns-*.parquet"))) == are_large
    found = tables(parts)
    assert summary.records == sum(len(rows) for name, rows in found.items() if name not in ("issue", "reject"))
    (child,) = [row for row in found["person_record"] if row["partner_record_id"] == "C1"]
    assert (child["birth_date"], child["sex"], child["row_ref"]) == (dt.date(2015, 2, 1), "female", "line 2")
    assert len(found["event"]) == 4, "a contact that both files hold is one, but for its unknown source"
    notes = Counter(
        (row["file_name"], row["field"], row["message"]) for row in found["issue"] if row["severity"] == "note"
    )
    assert notes[("b_list_1.csv", "person_record", "1 person_record records repeat an earlier one")] == 1
    assert [row["row"] for row in found["reject"]] == ["C2,M,,soon,6"]
    assert not list(parts.glob(".columns-*"))


RETURNS = {
    "header.csv": "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB\nA,1,01/02/2012,WBRI,,0,\nB,2,01/02/2013,WBRI,,0,\n",
    "episodes.csv": "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC\n"
    "A,01/04/2025,S,C2,N1,U1,PR1,01/06/2025,X1\nB,01/05/2025,P,C2,N1,U1,PR1,,\nA,01/06/2025,P,C2,N1,U4,PR1,,\n"
    "C,soon,S,C2,N1,U1,PR1,,\nD,01/05/2025,S,C2,N1,U1,PR1,01/09/2025,E4A\n",
    "late_episodes.csv": "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC\n"
    "A,01/02/2026,P,C2,N1,U4,PR1,01/03/2026,E4A\nD,01/12/2025,S,C2,N1,U1,PR1,,\n",
    "reviews.csv": "CHILD,DOB,REVIEW,REVIEW_CODE\nA,01/02/2012,20/04/2025,PN1\nA,01/02/2012,01/07/2025,PN1\n"
    "B,01/02/2013,01/08/2025,PN1\n",
}


@pytest.mark.parametrize("leave_out", ["", "reviews.csv"])
def test_the_modules_of_a_large_return_say_together_what_those_of_a_small_one_say(
    leave_out: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Periods joined over files and clocks of reviews, some people at a time; without reviews no clock."""
    monkeypatch.setattr(joined, "MOST_ROWS", 2)
    said = []
    for size in (1 << 40, 1):
        monkeypatch.setattr(feed_columns, "LARGE_BYTES", size)
        folder = tmp_path / str(size)
        extract = folder / "extracts" / "north" / "2026-05-01"
        extract.mkdir(parents=True)
        for name, text in RETURNS.items():
            if name != leave_out:
                (extract / name).write_text(text)
        feed = Feed("north", "council", "ssda903", 2026)
        place = Place(folder, "here", "Here", None, (), (), (feed,))
        (summary,) = run.read_place(place, dt.date(2026, 6, 1), folder / "parts", 1, open_engine=open_engine)
        assert bool(list((folder / "parts").glob("*.columns-*.parquet"))) == (size == 1)
        said.append((summary.rows_in, summary.rows_rejected, summary.records, tables(folder / "parts")))
    assert said[0] == said[1]
    found = said[0][3]
    assert len([row for row in found["episode"] if row["kind"] == "cla"]) == 4
    assert len(found.get("wait", [])) == (0 if leave_out else 6)


def test_the_command_says_the_same_of_a_large_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "list_1.csv"
    path.write_text(FIRST)
    said = []
    for size in (1 << 40, 1):
        monkeypatch.setattr(feed_columns, "LARGE_BYTES", size)
        assert command.read([path], as_json=True) == 1
        said.append(json.loads(capsys.readouterr().out))
    small, large = said
    assert large.pop("issues_by_rule") == {"date_invalid": 1, "record_disagrees": 1}
    for report in said:
        report["issues"].sort(key=repr)
    assert small == large
    assert small["recognised"]["part"] == "List 1" and small["rows"]["List 1"] == {"in": 3, "read": 2, "rejected": 1}


def test_an_unreadable_large_file_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_columns, "LARGE_BYTES", 1)
    place = made_place(tmp_path)
    (tmp_path / "extracts" / "north" / "2026-05-01" / "b_list_1.csv").write_text(SECOND + '"open')
    parts = tmp_path / "parts"
    (summary,) = run.read_place(place, dt.date(2026, 6, 1), parts, 1, open_engine=open_engine)
    assert summary.unreadable == ["2026-05-01"] and summary.rows_in == 0
    assert [path.name for path in parts.iterdir()] == ["issue.north.parquet"]


def read_measured(path: Path, folder: Path) -> float:
    """Read a file by columns in small batches and return by how many megabytes the process grew while it did."""
    definition = next(one for one in load_definitions() if one.standard == "csds")
    engine = DuckDBEngine("64MB", 1, folder)
    drain = ParquetDrain(folder)
    warm = folder / "warm.csv"
    warm.write_text("".join(line for line, _ in zip(_lines(path), range(2000), strict=False)))
    source = Source("feed", "partner", "csds", 2026)
    read_by_columns(warm, source, resolve(definition, 2026), ParquetDrain(folder), 1 << 19)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    reading = read_by_columns(path, source, resolve(definition, 2026), drain, 1 << 19)
    settle_files([reading], [drain], engine, folder)
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


def _lines(path: Path) -> Iterator[str]:
    with path.open() as stream:
        yield from stream


@pytest.mark.slow
def test_memory_is_bounded_by_the_batch_and_not_by_the_file(tmp_path: Path) -> None:
    sys.path.insert(0, str(BENCHMARKS))
    from throughput import write_file

    part = resolve(next(one for one in load_definitions() if one.standard == "csds"), 2026).parts[1]
    grown = []
    for rows in (50_000, 400_000):
        path = tmp_path / f"{rows}.csv"
        write_file(part, path, rows)
        folder = tmp_path / str(rows)
        folder.mkdir()
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            grown.append(pool.apply(read_measured, (path, folder)))
    assert (tmp_path / "400000.csv").stat().st_size > 40 << 19, "many times a batch"
    assert grown[1] < grown[0] + 48, f"eight times the rows, {grown[0]:.0f} and then {grown[1]:.0f} MB more"


def test_every_example_is_of_a_standard_with_a_definition_or_a_connector() -> None:
    defined = {one.standard for one in load_definitions()}
    assert defined <= {one["standard"] for one in load_examples()}, "each standard by definition has a worked example"
