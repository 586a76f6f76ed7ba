"""The same bytes under two names are one file; a return of a year that nobody described is told as that."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from braid.cli.app import app
from braid.extracts import feed_columns
from braid.extracts.model import Source, UnreadableFile
from braid.extracts.read import read_file
from braid.extracts.recognition import choose, find_year, recognise
from braid.extracts.run import FeedSummary, FeedTask, read_one_feed
from braid.extracts.same_files import REPEATED, find_repeated
from braid.store.duckdb_engine import DuckDBEngine
from braid.store.place_folder import Feed, Place
from extracts.test_badly_filled import as_text, rows_of
from extracts.test_csc_api import CENSUS
from extracts.test_modules_in_workbooks import EPISODES, HEADER

LIST = as_text(rows_of("rtt_open_pathways"))
OTHER = LIST.replace(b"P1", b"P9") + b"\n"


def read(
    folder: Path, files: dict[str, bytes], standard: str, sends: str = "snapshots", engine: bool = False
) -> tuple[FeedSummary, list[dict[str, str]]]:
    place = Place(folder, "here", "Here", None, (), (), (Feed("list", "trust", standard, 2026, sends=sends),))
    for name, data in files.items():
        path = folder / "extracts" / "list" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    parts = folder / "parts"
    parts.mkdir()
    opened = (lambda place: DuckDBEngine("64MB", 1, place)) if engine else None
    summary = read_one_feed(FeedTask(place, place.feeds[0], dt.date(2026, 11, 30), parts, opened))
    written = [row for path in parts.glob("issue.*.parquet") for row in pq.read_table(path).to_pylist()]
    return summary, [one for one in written if one["rule"] == REPEATED]


@pytest.mark.parametrize("is_large", [False, True])
def test_the_same_bytes_under_another_name_are_counted_once_and_said(
    is_large: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_columns, "LARGE_BYTES", 1 if is_large else 1 << 40)
    one, none = read(tmp_path / "one", {"2026-11-15/a.csv": LIST, "2026-11-15/c.csv": OTHER}, "rtt_open_pathways",
                     engine=is_large)  # fmt: skip
    files = {"2026-11-15/a.csv": LIST, "2026-11-15/b copy.csv": LIST, "2026-11-15/c.csv": OTHER}
    two, said = read(tmp_path / "two", files, "rtt_open_pathways", engine=is_large)
    assert (two.rows_in, two.rows_read, two.records) == (one.rows_in, one.rows_read, one.records) and one.rows_in
    assert two.issues - one.issues == {REPEATED: 1} and not none
    ((name, message),) = [(issue["file_name"], issue["message"]) for issue in said]
    assert name == "b copy.csv" and "what a.csv holds" in message and "send one of the two" in message
    assert len(two.files) == 3 and len(set(two.files.values())) == 2


def test_returns_of_two_days_and_empty_modules_are_never_one(tmp_path: Path) -> None:
    header = as_text(HEADER)
    summary, said = read(
        tmp_path, {"2025-05-01/header.csv": header, "2026-05-01/header.csv": header}, "ssda903", "returns"
    )
    assert summary.rows_in == 4 and not said
    empty = {"reviews.csv": b"", "missing.csv": b"\n", "oc2.csv": b"", "episodes.csv": as_text(EPISODES)}
    for name, data in empty.items():
        (tmp_path / name).write_bytes(data)
    assert find_repeated(sorted(tmp_path / name for name in empty)) == {}


def test_the_command_counts_a_repeated_file_once(tmp_path: Path) -> None:
    for name, data in {"a.csv": LIST, "b.csv": LIST, "c.csv": OTHER}.items():
        (tmp_path / name).write_bytes(data)
    out = CliRunner().invoke(app, ["read", *(str(tmp_path / name) for name in ("a.csv", "b.csv", "c.csv")), "--json"])
    first, second, third = json.loads(out.stdout)["files"]
    assert first["rows"] and third["rows"] and not second["rows"] and not second["records"]
    assert second["same_as"] == "a.csv" and [one["rule"] for one in second["issues"]] == [REPEATED]
    shown = CliRunner().invoke(app, ["read", str(tmp_path / "a.csv"), str(tmp_path / "b.csv")])
    assert "holds what a.csv holds" in " ".join(shown.stdout.split())


def test_rules_look_at_a_repeated_file_once(tmp_path: Path) -> None:
    for name, rows in {"header.csv": HEADER, "episodes.csv": EPISODES, "episodes-again.csv": EPISODES}.items():
        (tmp_path / name).write_bytes(as_text(rows))

    def found(*names: str) -> Counter[str]:
        paths = [str(tmp_path / name) for name in names]
        out = CliRunner().invoke(app, ["read", *paths, "--as", "ssda903:2026", "--json"])
        rules = [one["rules"] for one in json.loads(out.stdout)["files"] if "rules" in one]
        return sum((Counter(one["found"]) for one in rules), Counter())

    assert found("header.csv", "episodes.csv", "episodes-again.csv") == found("header.csv", "episodes.csv") != Counter()


def census(year: str, children: str = "Children") -> str:
    text = CENSUS[CENSUS.index("<Message") :].replace("<Year>2026</Year>", f"<Year>{year}</Year>")
    return text.replace("<Children>", f"<{children}>").replace("</Children>", f"</{children}>")


@pytest.mark.parametrize("children", ["Children", "ChildrenAndFamilies"])
@pytest.mark.parametrize("year", ["2034", "2031", "2016"])
def test_a_census_of_a_year_that_nobody_described_is_told_as_that(year: str, children: str, tmp_path: Path) -> None:
    path = tmp_path / "census.xml"
    path.write_text(census(year, children), encoding="utf-8")
    for ask in (choose, lambda path: find_year(path, "cin")):
        with pytest.raises(
            UnreadableFile, match=f"this is the {year} return of cin, .* known are 2017 to 2030"
        ) as told:
            ask(path)
        assert told.value.rule == "year_unknown" and "definitions.md" in told.value.message
        assert f"--as cin:{2017 if year == '2016' else 2030}" in told.value.message
    out = CliRunner().invoke(app, ["read", str(path), "--as", "cin"])
    assert isinstance(out.exception, UnreadableFile) and out.exception.rule == "year_unknown"


def test_said_to_be_of_a_known_year_it_is_read_with_the_doubt(tmp_path: Path) -> None:
    path = tmp_path / "census.xml"
    path.write_text(census("2034"), encoding="utf-8")
    reading = read_file(path, Source("feed", "partner", "cin", 2030))
    assert reading.records["person_record"]
    (issue,) = [one for one in reading.issues if one.rule == "year_unknown"]
    assert issue.severity == "warning" and "2017 to 2030" in issue.message


def test_a_module_whose_newest_date_lies_beyond_the_years_known_is_told_as_that(tmp_path: Path) -> None:
    path = tmp_path / "episodes.csv"
    path.write_bytes(as_text(EPISODES).replace(b"2025", b"2033"))
    assert recognise(path, dt.date(2034, 1, 1)).fits[0].unknown_year == 2034
    with pytest.raises(UnreadableFile, match="this is the 2034 return of ssda903"):
        choose(path, dt.date(2034, 6, 1))
    assert choose(path, dt.date(2026, 11, 30)).standard == "ssda903", "what lies after today is mistyped"


def test_a_year_asked_for_that_nobody_described_says_how_to_add_it(tmp_path: Path) -> None:
    path = tmp_path / "census.xml"
    path.write_text(census("2026"), encoding="utf-8")
    out = CliRunner().invoke(app, ["read", str(path), "--as", "cin:2034"])
    assert "how to add a year stands in docs/reference/definitions.md" in str(out.exception)
