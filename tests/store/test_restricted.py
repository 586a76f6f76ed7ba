"""The lists under `restricted/`: read whole or refused, and written for their owner alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from braid.store.place_folder import Place, PlaceInvalid
from braid.store.restricted import append_restricted, read_restricted

COLUMNS = ("feed", "key")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path, "vale", "Vale", None, (), (), ())


def test_rows_come_back_with_their_lines(place: Place) -> None:
    assert read_restricted(place, "list", COLUMNS) == []
    append_restricted(place, "list", COLUMNS, {"feed": "f", "key": "one, two"})
    append_restricted(place, "list", COLUMNS, {"feed": "g", "key": "3"})
    found = read_restricted(place, "list", COLUMNS)
    assert found == [(2, {"feed": "f", "key": "one, two"}), (3, {"feed": "g", "key": "3"})]
    path = place.folder / "restricted" / "list.csv"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_list_written_by_hand_goes_on_in_its_own_order(place: Place) -> None:
    path = place.folder / "restricted" / "list.csv"
    path.parent.mkdir()
    path.write_text("\ufeffkey,feed,note\n1,f,seen", encoding="utf-8")
    append_restricted(place, "list", COLUMNS, {"feed": "g", "key": "2"})
    assert [row["key"] + row["feed"] for _, row in read_restricted(place, "list", COLUMNS)] == ["1f", "2g"]


@pytest.mark.parametrize("content", [b"feed\nf\n", b"feed,key\n\xff,1\n"], ids=["no such column", "not UTF-8"])
def test_a_list_that_cannot_be_read_is_refused(place: Place, content: bytes) -> None:
    path = place.folder / "restricted" / "list.csv"
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(PlaceInvalid, match=r"restricted/list\.csv"):
        read_restricted(place, "list", COLUMNS)
    with pytest.raises(PlaceInvalid):
        append_restricted(place, "list", COLUMNS, {"feed": "f", "key": "1"})
    assert path.read_bytes() == content


def test_before_a_row_is_written_its_line_is_told_and_nothing_is_where_that_raises(place: Place) -> None:
    told: list[int] = []
    append_restricted(place, "list", COLUMNS, {"feed": "f", "key": "1"}, told.append)
    append_restricted(place, "list", COLUMNS, {"feed": "g", "key": "in two\nlines"}, told.append)
    path = place.folder / "restricted" / "list.csv"
    before = path.read_bytes()

    def refuse(_line: int) -> None:
        assert path.read_bytes() == before
        raise RuntimeError("no entry")

    with pytest.raises(RuntimeError):
        append_restricted(place, "list", COLUMNS, {"feed": "h", "key": "2"}, refuse)
    assert path.read_bytes() == before
    append_restricted(place, "list", COLUMNS, {"feed": "h", "key": "2"}, told.append)
    assert told == [2, 3, 5]
    assert read_restricted(place, "list", COLUMNS)[-1][0] == 5


def test_a_first_row_that_is_refused_leaves_a_file_that_can_be_read(place: Place) -> None:
    def refuse(_line: int) -> None:
        raise RuntimeError("no entry")

    with pytest.raises(RuntimeError):
        append_restricted(place, "list", COLUMNS, {"feed": "f", "key": "1"}, refuse)
    assert read_restricted(place, "list", COLUMNS) == []
    told: list[int] = []
    append_restricted(place, "list", COLUMNS, {"feed": "f", "key": "1"}, told.append)
    assert [line for line, _ in read_restricted(place, "list", COLUMNS)] == told == [2]
