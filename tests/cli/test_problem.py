"""`braid problem`: what is sound exits with 0, what is refused with 1 and every fault, what nobody can read with 3."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer

from braid.cli.problem import check, new
from braid.problems.load import shipped_text
from cli.forked import braid

PLACE = """
[place]
id = "p"
name = "P"
[[district]]
code = "E08990001"
id = "northmere"
name = "Northmere"
council = "c"
[[organisation]]
id = "c"
name = "C"
kind = "council"
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "place.toml").write_text(PLACE, encoding="utf-8")
    return tmp_path


def test_a_new_file_is_sound_until_it_is_changed_for_the_worse(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert new("care_leavers", place) == 0
    path = place / "problems" / "care_leavers.toml"
    assert check(path) == 0
    shown = capsys.readouterr().out
    assert "care_leavers.toml: sound" in shown
    assert "It concerns people who are under 18" in shown
    assert "Advice" not in shown
    wrong = path.read_text(encoding="utf-8").replace('"placements"', '"hope"') + "\nwaits = 1"
    path.write_text(wrong, encoding="utf-8")
    assert check(place, as_json=True) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["statements"] == []
    assert [fault["place"] for fault in document["refused"]] == ["statement", "fund 1"]
    assert all(fault.keys() == {"file", "place", "rule", "next_step"} for fault in document["refused"])


def test_what_is_there_is_never_written_over(place: Path) -> None:
    new("mine", place)
    with pytest.raises(typer.BadParameter, match="there already"):
        new("mine", place)
    for name in ("Mine", "../mine", "", "mine.toml"):
        with pytest.raises(typer.BadParameter):
            new(name, place)


def test_a_shipped_name_begins_with_the_shipped_statement(place: Path) -> None:
    new("court_readiness", place)
    written = (place / "problems" / "court_readiness.toml").read_text(encoding="utf-8")
    assert written == shipped_text("court_readiness")
    assert check(place) == 0


def test_districts_are_named_and_unknown_ones_advised_against(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    new("mine", place)
    path = place / "problems" / "mine.toml"
    text = path.read_text(encoding="utf-8").replace("    # { district", "    { district")
    path.write_text(text, encoding="utf-8")
    assert check(path.parent, as_json=True) == 0
    (statement,) = json.loads(capsys.readouterr().out)["statements"]
    assert "live in Northmere" in statement["words"][1]
    assert statement["advice"] == []
    path.write_text(text.replace("E08990001", "E08990009"), encoding="utf-8")
    assert check(path) == 0
    assert "Advice: cohort: no district of the place has the code 'E08990009'" in capsys.readouterr().out


def test_a_place_without_files_of_its_own_is_told_what_holds(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(place) == 0
    assert "school_from_ta, victim_response" in capsys.readouterr().err


def test_a_folder_that_is_none_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(typer.BadParameter):
        check(tmp_path)


def test_what_nobody_can_read_exits_with_3(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(place / "problems" / "none.toml", as_json=True) == 3
    (fault,) = json.loads(capsys.readouterr().out)["refused"]
    assert fault["next_step"] == "name one that is there"


def test_from_the_command_line_no_value_steers_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('id = "mine"\nname = "M"\npartners = ["\\u001b[31mred"]\n', encoding="utf-8")
    result = braid("problem", "check", path)
    assert result.returncode == 1
    assert "mine.toml: REFUSED" in result.stdout
    assert "\x1b" not in result.stdout + result.stderr
    assert "Traceback" not in result.stderr
