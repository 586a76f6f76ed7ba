"""`braid link FILE…` as a user types it: without a place, in one document, written whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from cli.one_process import python

SECRET = "Featherstonehaugh"
MAPPING = """
[columns]
forename = "first"
surname = "last"
[birth]
column = "born"
formats = ["yyyy-mm-dd"]
[[identifiers]]
column = "number"
scheme = "ssn"
trusted = ["register"]
[sources]
column = "of"
"""
ROWS = f"""row,first,last,born,number,of,who
r1,Ann,{SECRET},1980-04-03,123456789,register,1
r2,Anne,{SECRET},1980-04-03,123456789,survey,1
r3,Ann,{SECRET},1980-04-03,987654321,register,2
r4,Karl,Ng,1950-10-30,,survey,3
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "people.csv").write_text(ROWS, encoding="utf-8")
    (tmp_path / "people.toml").write_text(MAPPING, encoding="utf-8")
    return tmp_path


def link(folder: Path, *more: str, name: str = "people.csv", out: str = "out.parquet") -> tuple[int, str, str]:
    needed = ("--mapping", str(folder / "people.toml"), "--id", "row", "--out", str(folder / out))
    ended = python("-m", "braid", "link", str(folder / name), *needed, *more)
    return ended.returncode, ended.stdout, ended.stderr


def test_tables_are_linked_scored_and_written(folder: Path) -> None:
    code, stdout, stderr = link(folder, "--truth", "who", "--json")
    assert code == 0, stderr
    report = json.loads(stdout)
    assert (report["records"], report["clusters"], report["largest_cluster"]) == (4, 3, 2)
    assert report["weights"] == "published" and report["pairs_compared"] == 3
    assert {row["what"]: row["f1"] for row in report["scores"]} == {"pairs": 1.0, "B-cubed": 1.0}
    assert report["cpu_seconds"] > 0 and report["peak_memory_mb"] > 10
    found = {row["record_id"]: row for row in pq.read_table(folder / "out.parquet").to_pylist()}
    assert {record: row["cluster_id"] for record, row in found.items()} == {
        "r1": "r1",
        "r2": "r1",
        "r3": "r3",
        "r4": "r4",
    }
    assert found["r1"]["weight"] == found["r2"]["weight"] > 20 and found["r4"]["weight"] is None
    assert SECRET not in stdout + stderr
    words = link(folder)
    assert words[0] == 0 and "clusters" in words[1] and "Against the truth" not in words[1]


def test_what_is_wrong_is_told_and_nothing_is_written(folder: Path) -> None:
    (folder / "twice.csv").write_text(ROWS + ROWS.splitlines()[1] + "\n", encoding="utf-8")
    ended = [
        link(folder, name="twice.csv"),
        link(folder, name="absent.csv"),
        link(folder, "--truth", "nobody"),
        link(folder, out="people.csv"),
        link(folder, out="no/such/folder.parquet"),
    ]
    (folder / "people.toml").write_text(MAPPING.replace("[birth]", "[borth]"), encoding="utf-8")
    ended.append(link(folder))
    assert [code for code, _, _ in ended] == [3, 3, 3, 2, 2, 2]
    words = [
        "rows 1 and 5 have the same row",
        "no readable file",
        "lacks nobody",
        "one of the tables",
        "folder",
        "borth",
    ]
    assert all(word in stderr for word, (_, _, stderr) in zip(words, ended, strict=True)), ended
    assert not any("Traceback" in stderr or SECRET in stderr for _, _, stderr in ended)
    assert sorted(path.name for path in folder.iterdir()) == ["people.csv", "people.toml", "twice.csv"]
    assert (folder / "people.csv").read_text(encoding="utf-8") == ROWS


def test_a_folder_is_a_place_all_the_same(folder: Path) -> None:
    (folder / "place.csv").mkdir()
    for name in ("", "place.csv"):
        ended = python("-m", "braid", "link", str(folder / name), "--against", "truth")
        assert ended.returncode == 2 and "place.toml" in ended.stderr
    ended = python("-m", "braid", "link", str(folder / "people.csv"))
    assert ended.returncode == 2 and "--mapping" in ended.stderr
