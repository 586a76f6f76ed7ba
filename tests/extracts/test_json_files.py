"""Opening JSON: what is refused as a whole, and what is flagged field by field."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from braid.extracts import json_files, json_stored
from braid.extracts.json_files import open_json
from braid.extracts.json_nodes import Node, count_unmapped
from braid.extracts.json_stored import StoredList
from braid.extracts.json_strict import MAXIMUM_DEPTH, check_depth
from braid.extracts.model import Reading, Source, UnreadableFile


def _reading() -> Reading:
    return Reading(Source("feed", "organisation", "fpl", 2026), "0" * 64, "document.json")


def _open(folder: Path, content: bytes | str) -> Node:
    path = folder / "document.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return open_json(path, _reading())


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "file_empty"),
        (b" \n ", "file_empty"),
        (b"\xef\xbb\xbf", "file_empty"),
        (b"PK\x03\x04abc", "file_binary"),
        (b'{"a"\x00: 1}', "file_binary"),
        (b'{"name": "Zzcanary', "file_truncated"),
        (b'{"name": "Zzcanary"', "file_truncated"),
        (b'{"name": ', "file_truncated"),
        (b"[1, 2,", "file_truncated"),
        (b"<xml>Zzcanary</xml>", "not_json"),
        (b"Zzcanary,b\n1,2\n", "not_json"),
        (b'{"a": 1} Zzcanary', "not_json"),
        (b'{"a": "\\Z"}', "not_json"),
        (b'{"a": NaN}', "json_number"),
        (b'{"a": -Infinity}', "json_number"),
        (b'{"a": 1e999}', "json_number"),
        (b'{"a": ' + b"9" * 5000 + b"}", "json_number"),
        (b'{"Zzcanary": 1, "Zzcanary": 2}', "json_repeated_key"),
        (b"[" * 65 + b"]" * 65, "json_too_deep"),
        (b"[" * 200_000, "json_too_deep"),
    ],
)
def test_refuses_what_is_no_json_and_never_repeats_it(tmp_path: Path, content: bytes, rule: str) -> None:
    with pytest.raises(UnreadableFile) as refusal:
        _open(tmp_path, content)
    assert refusal.value.rule == rule
    assert "Zzcanary" not in refusal.value.message


def test_names_line_and_column_of_the_break(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="line 3, column 5"):
        _open(tmp_path, '{"a": 1,\n "b": 2\n    c}')


@pytest.mark.parametrize(
    "content", ['\ufeff{"a": "é"}'.encode(), '{"a": "é"}'.encode("utf-16"), '{"a": "é"}'.encode("cp1252")]
)
def test_reads_other_encodings(tmp_path: Path, content: bytes) -> None:
    assert _open(tmp_path, content).text("a") == "é"


def test_sixty_three_levels_are_read(tmp_path: Path) -> None:
    assert isinstance(_open(tmp_path, "[" * 63 + "1" + "]" * 63).value, list)


def test_a_pointer_names_every_value(tmp_path: Path) -> None:
    root = _open(tmp_path, '{"cases": [{"id": "a"}, {"id": "b"}]}')
    second = root.items("cases")[1]
    assert (second.row_ref, second.child("id").pointer, second.child("id").path) == (
        "/cases/1",
        "/cases/1/id",
        "cases.id",
    )


def test_a_field_of_another_type_is_flagged_and_counted(tmp_path: Path) -> None:
    root = _open(tmp_path, '{"name": ["Zzcanary"], "list": 3, "object": [1], "date": {"a": 1}}')
    assert (root.text("name"), root.items("list"), root.section("object").value, root.date("date")) == (
        None,
        [],
        {},
        None,
    )
    count_unmapped(root)
    reading = root.document.reading
    assert [issue.rule for issue in reading.issues] == ["wrong_type"] * 4
    assert dict(reading.unmapped) == {"name": 1, "list": 1, "object": 1, "date.a": 1}
    assert not any("Zzcanary" in issue.message for issue in reading.issues)


def test_half_characters_are_replaced(tmp_path: Path) -> None:
    root = _open(tmp_path, '{"a": "x\\ud800y", "b": "x\\u0000y"}')
    assert root.text("a") == root.text("b") == "x\ufffdy"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-03-29", "2026-03-29"),
        ("2026-07-01T23:30:00Z", "2026-07-02"),
        ("2026-01-01T23:30:00.000Z", "2026-01-01"),
        ("2023-05-18T17:50:00+07:00", "2023-05-18"),
        ("2023-05-18T03:50:00+07:00", "2023-05-17"),
        ("2050-01-01T15:15:00", "2050-01-01"),
        ("TO BE FILLED WITH VALID DATA", None),
        ("2026-02-30", None),
        ("0001-01-01T00:00:00Z", None),
        ("9999-12-31T23:59:59-12:00", None),
    ],
)
def test_the_day_is_the_one_in_london(tmp_path: Path, text: str, day: str | None) -> None:
    root = _open(tmp_path, f'{{"at": "{text}"}}')
    assert root.date("at") == day
    assert [issue.rule for issue in root.document.reading.issues] == ([] if day else ["date_not_readable"])


@pytest.mark.parametrize(
    ("word", "flag"), [("true", True), ('"Yes"', True), ('"N"', False), ("null", None), ('""', None)]
)
def test_flags(tmp_path: Path, word: str, flag: bool | None) -> None:
    assert _open(tmp_path, f'{{"hidden": {word}}}').flag("hidden", when_unreadable=True) is flag


@pytest.mark.parametrize("word", ['"Zzcanary"', "[]", "{}", "7"])
def test_a_flag_that_cannot_be_read_is_what_the_caller_fears(tmp_path: Path, word: str) -> None:
    root = _open(tmp_path, f'{{"hidden": {word}}}')
    assert root.flag("hidden", when_unreadable=True) is True
    assert [issue.rule for issue in root.document.reading.issues] == ["flag_not_readable"]


def test_unmapped_values_are_counted_by_path_without_positions_or_values(tmp_path: Path) -> None:
    root = _open(tmp_path, '{"a": [{"b": 1, "c": null}, {"b": 2, "Zz canary": 3}], "d": "", "e": "used"}')
    root.text("e")
    count_unmapped(root)
    assert dict(root.document.reading.unmapped) == {"a.b": 2, "a.(other)": 1}


def test_a_repeated_record_keeps_the_stricter_protection(tmp_path: Path) -> None:
    root = _open(tmp_path, "{}")
    emit = root.document.emit
    common = {"person_record_id": "p", "kind": "unknown"}
    emit("stay", ("p",), root, confidential=False, **common)
    emit("stay", ("p",), root, confidential=True, sensitivity="safe_address", **common)
    first = root.document.reading.records["stay"][0]
    assert (first["confidential"], first["sensitivity"]) == (True, "safe_address")


@pytest.mark.parametrize("inside", [1, None, "a", [], {}, [[]], {"a": 1}], ids=str)
@pytest.mark.parametrize("levels", [0, 1, 2])
def test_a_document_is_as_deep_as_its_deepest_value(inside: Any, levels: int) -> None:
    """Beside the plain way to reckon it, for every depth around the bound."""

    def is_too_deep(value: Any) -> bool:
        try:
            check_depth(value, levels)
        except UnreadableFile:
            return True
        return False

    def depth_of(value: Any) -> int:
        below = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        return max((1 + depth_of(one) for one in below), default=0)

    for depth in range(MAXIMUM_DEPTH - levels - 4, MAXIMUM_DEPTH - levels + 3):
        value = inside
        for number in range(depth):
            value = [value] if number % 2 else {"a": value, "b": 1}
        assert is_too_deep(value) == (depth_of(value) >= MAXIMUM_DEPTH - levels), depth


def test_what_was_used_below_a_list_left_in_its_file_is_known_at_every_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each look makes other objects of the members: they are known by where they stand."""
    monkeypatch.setattr(json_files, "STORED_BYTES", 0)
    monkeypatch.setattr(json_stored, "KEPT_LIST", 10)
    members = [{"used": str(number), "left": number, "deep": {"used": 1, "left": [number, ""]}} for number in range(50)]
    root = _open(tmp_path, json.dumps({"rows": members}))
    assert isinstance(root.value["rows"], StoredList)
    for row in root.items("rows"):
        assert row.text("used") is not None and row.text("unheard of") is None
        assert row.section("deep").text("used") == "1"
    count_unmapped(root)
    assert root.document.reading.unmapped == {"rows.left": 50, "rows.deep.left": 50}
