"""`braid board` as a user types it: boards as their file has them, and what a pack is refused for at once."""

from __future__ import annotations

import json
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from braid.cli.app import main
from braid.cli.board import write_pack
from shared import REPOSITORY

sys.path.insert(0, str(REPOSITORY / "tests" / "web"))
from board_texts import BOARDS_TOML
from sample_run import PLACE_TOML

Braid = Callable[..., tuple[int, str, str]]
WHO = ("--by", "somebody", "--reference", "MTG-1")


@pytest.fixture
def braid(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Braid:
    """Type a command; return its exit code, standard output and standard error."""
    monkeypatch.delenv("DATABASE_URL", raising=False)

    def typed(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["braid", "board", *arguments])
        with pytest.raises(SystemExit) as stop:
            main()
        said = capsys.readouterr()
        return int(stop.value.code or 0), said.out, said.err

    return typed


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "place.toml").write_text(PLACE_TOML, encoding="utf-8")
    (tmp_path / "boards.toml").write_text(BOARDS_TOML, encoding="utf-8")
    return tmp_path


def test_a_place_that_was_never_served_lists_its_boards_from_their_file_and_makes_no_database(
    braid: Braid, place: Path
) -> None:
    before = sorted(path.name for path in place.iterdir())
    code, said, _ = braid(str(place), "--json")
    assert code == 0
    boards = json.loads(said)["boards"]
    assert [one["board"] for one in boards] == ["justice", "safety"]
    assert {one["open_actions"] for one in boards} == {None}
    assert boards[0]["chair"] == "northmere-council"
    assert sorted(path.name for path in place.iterdir()) == before
    code, said, _ = braid("list", str(place))
    assert code == 0 and "Sample Justice Board" in said and "not known" in said


def test_without_a_folder_it_lists_the_place_of_this_one(
    braid: Braid, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(place)
    code, said, _ = braid()
    assert code == 0 and "Sample Safety Partnership" in said


def test_a_pack_of_no_board_or_in_no_form_is_refused_before_a_database_is_made(braid: Braid, place: Path) -> None:
    before = sorted(path.name for path in place.iterdir())
    code, _, told = braid("pack", str(place), "--board", "nowhere", "--out", str(place / "x.pdf"), *WHO)
    assert code != 0 and "it has justice, safety" in " ".join(told.split())
    code, _, told = braid("pack", str(place), "--board", "justice", "--out", str(place / "x.doc"), *WHO)
    assert code != 0 and "pdf, xlsx, json" in " ".join(told.split())
    assert sorted(path.name for path in place.iterdir()) == before
    code, _, told = braid("pack", str(place), "--board", "justice", "--out", str(place / "no" / "x.pdf"), *WHO)
    assert code != 0 and "there is no such folder" in " ".join(told.split())
    assert sorted(path.name for path in place.iterdir()) == before


def test_a_pack_for_members_alone_is_a_file_for_its_own_user_alone(tmp_path: Path) -> None:
    """Also where a file of that name was there before, for everybody to read."""
    path = tmp_path / "pack.pdf"
    path.write_bytes(b"of before")
    path.chmod(0o644)
    write_pack(path, b"public", is_confidential=False)
    assert path.read_bytes() == b"public"
    write_pack(path, b"for members", is_confidential=True)
    assert path.read_bytes() == b"for members"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["pack.pdf"]
