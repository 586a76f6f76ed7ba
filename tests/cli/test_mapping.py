"""`braid mapping` as a data officer types it, without and at a terminal, and `braid read` by what it wrote."""

from __future__ import annotations

import io
import json
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from braid.cli.app import main

Braid = Callable[..., tuple[int, str, str]]
ROWS = "Ref,Surname,Applied,Housed\n" + "".join(f"R{n},Quill,2026-01-{n + 1:02},\n" for n in range(20))


class Terminal(io.StringIO):
    """Somebody at a terminal, with what they type."""

    def isatty(self) -> bool:
        """Say that a human sits there."""
        return True


@pytest.fixture
def braid(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Braid:
    """Type a command in a folder with a file; return its exit code, standard output and standard error."""
    monkeypatch.chdir(tmp_path)
    Path("x.csv").write_text(ROWS)

    def typed(*arguments: str, answers: str | None = None) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["braid", *arguments])
        monkeypatch.setattr(sys, "stdin", io.StringIO() if answers is None else Terminal(answers))
        with pytest.raises(SystemExit) as stop:
            main()
        said = capsys.readouterr()
        return int(stop.value.code or 0), said.out, said.err

    return typed


def test_a_proposal_is_printed_without_a_question_and_reads_the_file(braid: Braid) -> None:
    code, text, _ = braid("mapping", "new", "x.csv")
    assert code == 0 and tomllib.loads(text)["part"][0]["person"] == "Ref"
    Path("m.toml").write_text(text)
    code, said, _ = braid("read", "x.csv", "--mapping", "m.toml", "--json")
    document = json.loads(said)
    assert code == 0 and document["rows"] == {"row": {"in": 20, "read": 20, "rejected": 0}}
    assert document["records"] == {"person_record": 20}


def test_a_proposal_is_written_where_it_is_asked_for_and_never_over_a_file(braid: Braid) -> None:
    code, said, told = braid("mapping", "new", "x.csv", "--out", "m.toml")
    assert code == 0 and "family name" in said and "m.toml" in told and Path("m.toml").is_file()
    before = Path("m.toml").read_text()
    code, _, told = braid("mapping", "new", "x.csv", "--out", "m.toml")
    assert code == 2 and "there already" in told and Path("m.toml").read_text() == before
    assert "Quill" not in before + said


def test_a_document_says_each_column_with_why(braid: Braid) -> None:
    code, said, _ = braid("mapping", "new", "x.csv", "--json")
    document = json.loads(said)
    assert code == 0 and document["key"] == "Ref" and tomllib.loads(document["mapping"])
    (born,) = [one for one in document["columns"] if one["name"] == "Applied"]
    assert born["certainty"] == "sure" and born["why"] == ["20 of 20 cells are dates"]


def test_at_a_terminal_it_asks_for_the_key_and_what_dates_mean(braid: Braid) -> None:
    code, _, _ = braid("mapping", "new", "x.csv", "--out", "m.toml", answers="9\n1\ny\nqueue\nregister\n")
    assert code == 0
    waits = [one for one in tomllib.loads(Path("m.toml").read_text())["part"][0]["record"] if one["type"] == "wait"]
    assert [one["values"]["kind"]["value"] for one in waits] == ["register"]
    code, said, _ = braid("read", "x.csv", "--mapping", "m.toml", "--json")
    assert code == 0 and json.loads(said)["records"]["wait"] == 20


def test_a_mapping_is_checked_against_the_language_and_a_file(braid: Braid) -> None:
    braid("mapping", "new", "x.csv", "--out", "m.toml")
    code, said, _ = braid("mapping", "check", "m.toml", "--file", "x.csv")
    assert code == 0 and "Every column of the file is mapped" in said
    Path("y.csv").write_text(ROWS.replace("Ref,", "Reference,"))
    code, said, _ = braid("mapping", "check", "m.toml", "--file", "y.csv")
    assert code == 1 and "a row must have it: Ref" in said and "not mapped: Reference" in said
    code, said, _ = braid("mapping", "check", "m.toml", "--json")
    assert code == 0 and json.loads(said)["parts"][0]["records"] == ["person_record person_record-1"]
    Path("m.toml").write_text(Path("m.toml").read_text().replace('person = "Ref"', 'person = "Rof"'))
    code, _, told = braid("mapping", "check", "m.toml")
    assert code == 3 and "there is no column Rof" in told


@pytest.mark.parametrize(("name", "text", "words"), [("none.csv", None, "no readable file"), ("e.csv", "", "is empty")])
def test_a_file_that_cannot_be_read_ends_with_three(braid: Braid, name: str, text: str | None, words: str) -> None:
    if text is not None:
        Path(name).write_text(text)
    code, _, told = braid("mapping", "new", name)
    assert code == 3 and words in told


def test_the_year_is_told_with_why(braid: Braid) -> None:
    Path("core.csv").write_text("startdate,homeless,prevten\n01/06/2024,1,30\n")
    for arguments in ((), ("--as", "core")):
        _, said, _ = braid("read", "core.csv", *arguments, "--json")
        found = json.loads(said)
        assert (found["year"], found["recognised"]["why_year"]) == (2024, "the newest date under startdate is of 2024")
    _, said, _ = braid("read", "core.csv")
    assert "any of the years 2023 to 2030" in said and "read as 2024" in " ".join(said.split())
    _, said, _ = braid("read", "core.csv", "--as", "core:2026", "--json")
    assert json.loads(said)["year"] == 2026
