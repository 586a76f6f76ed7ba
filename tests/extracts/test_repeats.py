"""Whether an id stands twice is told by numbers in files, of any size, and never missed."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from braid.extracts.repeats import may_repeat, numbers_of
from braid.language.records import record_id


def written(folder: Path, files: list[list[str]]) -> list[Path]:
    paths = []
    for number, ids in enumerate(files):
        paths.append(folder / str(number))
        paths[-1].write_bytes(numbers_of(pa.array(ids, pa.string())).tobytes())
    return paths


@given(
    files=st.lists(st.lists(st.integers(0, 400), max_size=40), min_size=1, max_size=3),
    most=st.sampled_from([1, 3, 7, 1 << 22]),
)
def test_an_id_stands_twice_where_its_key_does(files: list[list[int]], most: int) -> None:
    keys = [[record_id("feed", "wait", str(key)) for key in file] for file in files]
    every = [key for file in keys for key in file]
    with tempfile.TemporaryDirectory() as folder:
        assert may_repeat(written(Path(folder), keys), most) == (len(set(every)) < len(every))


def test_ids_that_differ_in_one_letter_have_different_numbers() -> None:
    one = record_id("feed", "wait", "1")
    others = {one[:place] + letter + one[place + 1 :] for place in range(20) for letter in "0123456789abcdef"}
    assert len(set(numbers_of(pa.array(sorted(others))).tolist())) == len(others) == 301


def test_a_part_of_a_column_has_the_numbers_of_its_own_ids() -> None:
    ids = pa.array([record_id("feed", "wait", str(number)) for number in range(9)])
    assert numbers_of(ids.slice(3, 4)).tolist() == numbers_of(ids).tolist()[3:7]
    assert numbers_of(ids.slice(9)).tolist() == []


@pytest.mark.parametrize("ids", [["short"], [None], ["a" * 19, "a" * 21]])
def test_what_is_no_id_has_no_number(ids: list[str | None]) -> None:
    with pytest.raises(ValueError, match="twenty letters"):
        numbers_of(pa.array(ids, pa.string()))
