"""A list under `restricted/` is changed whole or not at all, and every row keeps its line."""

from __future__ import annotations

import csv
from multiprocessing import get_context
from pathlib import Path

import pytest

from braid.store.place_folder import Place, PlaceInvalid, load_place
from braid.store.restricted import append_restricted, change_restricted, read_restricted, restricted_path

COLUMNS = ("one", "other")
NAME = "a_list"
APPENDED = 40


@pytest.fixture(name="place")
def _place(tmp_path: Path) -> Place:
    (tmp_path / "place.toml").write_text(
        '[place]\nid = "little"\nname = "Little"\n[[organisation]]\nid = "little-council"\nname = "Little"\n'
        'kind = "council"\n',
        encoding="utf-8",
    )
    (tmp_path / "restricted").mkdir()
    return load_place(tmp_path)


def write(place: Place, text: str) -> None:
    restricted_path(place, NAME).write_bytes(text.encode())


def forget(row: dict[str, str]) -> dict[str, str]:
    return {**row, "other": "nobody"} if row["other"] == "gone" else row


def test_rows_that_change_keep_their_line_and_columns_of_others_stay(place: Place) -> None:
    write(place, '\ufeffother,note,one\r\ngone,"two\r\nlines",1\r\nstays,,2\r\ngone,x,3\r\n')
    before = read_restricted(place, NAME, COLUMNS)
    assert change_restricted(place, NAME, COLUMNS, forget) == 2
    after = read_restricted(place, NAME, COLUMNS)
    assert [line for line, _ in after] == [line for line, _ in before]
    assert [row["other"] for _, row in after] == ["nobody", "stays", "nobody"]
    assert [row["note"] for _, row in after] == ["two\r\nlines", "", "x"]
    assert oct(restricted_path(place, NAME).stat().st_mode)[-3:] == "600"


def test_what_nothing_changes_is_not_written_again(place: Place) -> None:
    write(place, "one,other\n1,stays\n")
    before = restricted_path(place, NAME).stat()
    assert change_restricted(place, NAME, COLUMNS, forget) == 0
    after = restricted_path(place, NAME).stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    restricted_path(place, NAME).unlink()
    assert change_restricted(place, NAME, COLUMNS, forget) == 0 and not restricted_path(place, NAME).exists()


def test_a_list_of_other_columns_is_left_alone(place: Place) -> None:
    write(place, "one\n1\n")
    with pytest.raises(PlaceInvalid, match="has no column other"):
        change_restricted(place, NAME, COLUMNS, forget)
    assert restricted_path(place, NAME).read_text() == "one\n1\n"


def test_a_change_that_raises_leaves_the_file_as_it_was(place: Place) -> None:
    write(place, "one,other\n1,gone\n")

    def fail(_row: dict[str, str]) -> dict[str, str]:
        raise ValueError("a row of another kind")

    with pytest.raises(ValueError, match="a row of another kind"):
        change_restricted(place, NAME, COLUMNS, fail)
    assert restricted_path(place, NAME).read_text() == "one,other\n1,gone\n"


def _append(folder: Path) -> None:
    place = load_place(folder)
    for number in range(APPENDED):
        append_restricted(place, NAME, COLUMNS, {"one": str(number), "other": "gone"})


def test_no_row_is_lost_that_somebody_adds_while_the_list_is_replaced(place: Place) -> None:
    """An appender that waited for the lock has the replaced file open; it must not write there."""
    write(place, "one,other\n")
    appender = get_context("spawn").Process(target=_append, args=(place.folder,))
    appender.start()
    changed = 0
    while appender.is_alive():
        changed += change_restricted(place, NAME, COLUMNS, forget)
    appender.join()
    changed += change_restricted(place, NAME, COLUMNS, forget)
    assert appender.exitcode == 0
    with restricted_path(place, NAME).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["one"] for row in rows] == [str(number) for number in range(APPENDED)]
    assert changed == APPENDED and {row["other"] for row in rows} == {"nobody"}
