"""`braid link FILE…` as a user types it: without a place, in one document, written whole or not at all."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from braid.cli.app import main

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


@dataclass(frozen=True)
class Typed:
    """Types `braid link …` in this process; gives exit code, standard output and standard error."""

    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        self.monkeypatch.setattr(sys, "argv", ["braid", "link", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = self.capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    def of(self, folder: Path, *more: str, name: str = "people.csv", out: str = "out.parquet") -> tuple[int, str, str]:
        needed = ("--mapping", str(folder / "people.toml"), "--id", "row", "--out", str(folder / out))
        return self(str(folder / name), *needed, *more)


@pytest.fixture
def link(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Typed:
    return Typed(monkeypatch, capsys)


def test_tables_are_linked_scored_and_written(folder: Path, link: Typed) -> None:
    code, stdout, stderr = link.of(folder, "--truth", "who", "--json")
    assert code == 0, stderr
    report = json.loads(stdout)
    assert (report["records"], report["clusters"], report["largest_cluster"]) == (4, 3, 2)
    assert report["weights"] == "published" and report["pairs_compared"] == 3
    assert {row["what"]: row["f1"] for row in report["scores"]} == {"pairs": 1.0, "B-cubed": 1.0}
    assert [report["scores"][0][name] for name in ("found", "true", "both")] == [1, 1, 1]
    assert (report["keys_over_cap"], report["pairs_lost"]) == (0, 0)
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
    words = link.of(folder)
    assert words[0] == 0 and "clusters" in words[1] and "Against the truth" not in words[1]


def test_what_is_wrong_is_told_and_nothing_is_written(folder: Path, link: Typed) -> None:
    (folder / "twice.csv").write_text(ROWS + ROWS.splitlines()[1] + "\n", encoding="utf-8")
    ended = [
        link.of(folder, name="twice.csv"),
        link.of(folder, name="absent.csv"),
        link.of(folder, "--truth", "nobody"),
        link.of(folder, out="people.csv"),
        link.of(folder, out="no/such/folder.parquet"),
        link.of(folder, out="out.csv"),
        link.of(folder, "--memory-limit", "much"),
    ]
    (folder / "people.toml").write_text(MAPPING.replace("[birth]", "[borth]"), encoding="utf-8")
    ended.append(link.of(folder))
    assert [code for code, _, _ in ended] == [3, 3, 3, 2, 2, 2, 2, 2]
    words = [
        "rows 1 and 5 have the same row",
        "no readable file",
        "lacks nobody",
        "one of the tables",
        "folder",
        "ends in .parquet",
        "its unit",
        "borth",
    ]
    assert all(word in stderr for word, (_, _, stderr) in zip(words, ended, strict=True)), ended
    assert not any("Traceback" in stderr or SECRET in stderr for _, _, stderr in ended)
    assert sorted(path.name for path in folder.iterdir()) == ["people.csv", "people.toml", "twice.csv"]
    assert (folder / "people.csv").read_text(encoding="utf-8") == ROWS


def test_keys_that_too_many_rows_share_are_told(folder: Path, link: Typed) -> None:
    rows = "".join(f"s{n},Ann,{SECRET},1980-04-03,,survey,{n}\n" for n in range(300))
    (folder / "people.csv").write_text(ROWS + rows, encoding="utf-8")
    code, stdout, stderr = link.of(folder, "--truth", "who")
    assert code == 0, stderr
    assert "too many rows share" in " ".join(stdout.split()) and "pairs lost" in stdout
    code, stdout, _ = link.of(folder, "--json")
    assert json.loads(stdout)["pairs_lost"] > 299 * 300 / 2


def test_a_folder_is_a_place_all_the_same(folder: Path, link: Typed) -> None:
    (folder / "place.csv").mkdir()
    for name in ("", "place.csv"):
        code, _, stderr = link(str(folder / name), "--against", "truth")
        assert code == 2 and "place.toml" in stderr
    code, _, stderr = link(str(folder / "people.csv"))
    assert code == 2 and "--mapping" in stderr
