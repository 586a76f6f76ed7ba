"""Mappings of brought tables are read strictly: every fault is told, with its place and what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from braid.people.files.mapping import MappingInvalid, load_file_mapping, parse_file_mapping

GOOD: dict[str, Any] = {
    "columns": {"forename": "a", "surname": ["b", "c"]},
    "birth": {"column": "d", "formats": ["dd/mm/yyyy"]},
    "identifiers": [{"column": "e", "scheme": "ssn", "trusted": ["register"]}],
    "compare": [{"name": "height", "column": "f", "kind": "number", "within": [1, 5]}],
    "sources": {"column": "g", "one_row_a_person": ["register"]},
}

FAULTS = [
    ({"colums": {}}, "[colums] is no section"),
    ({"columns": []}, "columns is no table"),
    ({"columns": {"forname": "a", "surname": "b"}}, "[columns] forname is not known"),
    ({"columns": {"surname": 3}}, "[columns] surname is neither"),
    ({"columns": {"surname": []}}, "[columns] surname is neither"),
    ({"columns": {"town": "a"}, "identifiers": []}, "no column of a name or an identifier"),
    ({"birth": {}}, "[birth] needs either column"),
    ({"birth": {"column": "d", "year": "y"}}, "[birth] needs either column"),
    ({"birth": {"column": "d"}}, "[birth] formats is empty"),
    ({"birth": {"column": "d", "formats": ["dd/mm/yy"]}}, "[birth] format 1 is none"),
    ({"birth": {"column": "d", "formats": ["yyyy-mm-dd", "yyyy-mm-mm"]}}, "[birth] format 2 is none"),
    ({"birth": {"column": "d", "formats": ["yyyy-mm-dd"], "month": "m"}}, "[birth] has column as well as month"),
    ({"birth": {"year": "y", "day": "d"}}, "[birth] has day but no month"),
    ({"identifiers": {"column": "e"}}, "identifiers is no list of tables"),
    ({"identifiers": [{"scheme": "ssn"}]}, "[[identifiers]] 1 column is missing"),
    ({"identifiers": [{"column": "e", "scheme": "S-S"}]}, "[[identifiers]] 1 scheme is no word"),
    ({"identifiers": [{"column": "e", "scheme": "ssn", "trusted": "yes"}]}, "[[identifiers]] 1 trusted is neither"),
    ({"identifiers": [{"column": "e", "scheme": "ssn"}, {"column": "h", "scheme": "ssn"}]}, "scheme ssn stands twice"),
    ({"compare": [{"name": "x", "column": "f", "kind": "fuzzy"}]}, "[[compare]] 1 kind is none of"),
    ({"compare": [{"name": "x; drop", "column": "f", "kind": "text"}]}, "[[compare]] 1 name is no word"),
    ({"compare": [{"name": "x", "column": "f", "kind": "text", "within": [1]}]}, "[[compare]] 1 has within"),
    (
        {"compare": [{"name": "x", "column": "f", "kind": "number", "within": [5, 1]}]},
        "[[compare]] 1 within is no list",
    ),
    (
        {"compare": [{"name": "x", "column": "f", "kind": "number", "within": [float("inf")]}]},
        "[[compare]] 1 within is no list",
    ),
    ({"sources": {"one_row_a_person": "register"}}, "[sources] one_row_a_person is no list"),
]


def test_a_good_mapping_names_each_column_once() -> None:
    mapping = parse_file_mapping(GOOD)
    assert mapping.column_names == ("a", "b", "c", "d", "e", "f", "g")
    assert mapping.identifiers[0].is_trusted_in("register") and not mapping.identifiers[0].is_trusted_in("survey")


@pytest.mark.parametrize(("change", "words"), FAULTS)
def test_a_fault_is_told_with_its_place(change: dict[str, Any], words: str) -> None:
    with pytest.raises(MappingInvalid) as refused:
        parse_file_mapping({**GOOD, **change}, "people.toml")
    assert words in str(refused.value)
    assert all(line.startswith("people.toml: ") for line in str(refused.value).splitlines())


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(MappingInvalid) as refused:
        parse_file_mapping({"columns": {"surname": 3, "nickname": "a"}, "birth": {"column": "d"}})
    assert len(str(refused.value).splitlines()) == 4


def test_a_file_that_is_no_mapping_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    with pytest.raises(MappingInvalid, match="cannot be read"):
        load_file_mapping(path)
    path.write_bytes(b"\xff\xfe\xff")
    with pytest.raises(MappingInvalid, match="not UTF-8"):
        load_file_mapping(path)
    path.write_text("[columns", encoding="utf-8")
    with pytest.raises(MappingInvalid, match="no TOML"):
        load_file_mapping(path)
