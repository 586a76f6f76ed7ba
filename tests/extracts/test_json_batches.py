"""A JSON array read member by member: what reading it whole gives, whatever the bytes and wherever a block ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from braid.extracts import json_batches
from braid.extracts.json_batches import iterate_members
from braid.extracts.model import UnreadableFile

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-99, 10**9)
    | st.text(max_size=6)
    | st.floats(allow_nan=False, width=16).filter(lambda x: abs(x) < 1e4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


def _read(path: Path, content: bytes) -> list[tuple[str, object]]:
    path.write_bytes(content)
    return list(iterate_members(path))


@settings(max_examples=50, deadline=None)
@given(st.lists(VALUES, max_size=5), st.integers(1, 9), st.sampled_from([None, 1]))
def test_members_are_those_of_the_whole_document(
    tmp_path_factory: pytest.TempPathFactory, members: list[object], block: int, indent: int | None
) -> None:
    path = tmp_path_factory.mktemp("json") / "file.json"
    text = json.dumps(members, ensure_ascii=False, indent=indent).encode("utf-8", "replace")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_batches, "BLOCK_BYTES", block)
        found = _read(path, b"\xef\xbb\xbf" + text + b"\n")
    assert found == [(f"/{number}", member) for number, member in enumerate(json.loads(text))]


def test_one_object_is_an_array_of_itself(tmp_path: Path) -> None:
    assert _read(tmp_path / "one.json", b' {"a": 1} ') == [("", {"a": 1})]


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "file_empty"),
        (b" \n ", "file_empty"),
        (b"\xef\xbb\xbf", "file_empty"),
        (b"PK\x03\x04abc", "file_binary"),
        (b'[{"a"\x00: 1}]', "file_binary"),
        (b'[{"name": "Zzcanary', "file_truncated"),
        (b'[{"name": "Zzcanary"}', "file_truncated"),
        (b'[{"name": "Zzcanary"},', "file_truncated"),
        (b'{"name": "Zzcanary"', "file_truncated"),
        (b'[{"name": ', "file_truncated"),
        (b"<xml>Zzcanary</xml>", "not_json"),
        (b"[1 2]", "not_json"),
        (b"[1,]", "not_json"),
        (b"[1] Zzcanary", "not_json"),
        (b'[{"a": 1, Zzcanary}, ' + b" " * 99 + b"1]", "not_json"),
        (b'[{"a": NaN}]', "json_number"),
        (b'[{"a": 1e999}]', "json_number"),
        (b'[{"a": ' + b"9" * 5000 + b"}]", "json_number"),
        (b'[{"Zzcanary": 1, "Zzcanary": 2}]', "json_repeated_key"),
        (b"[" * 65 + b"]" * 65, "json_too_deep"),
        (b"[" * 200_000, "json_too_deep"),
        ('[{"a": "é"}]'.encode("latin-1"), "encoding"),
        ('[{"a": "é"}]'.encode("utf-16"), "encoding"),
    ],
)
def test_what_is_no_json_is_refused_and_never_repeated(tmp_path: Path, content: bytes, rule: str) -> None:
    with pytest.raises(UnreadableFile) as refusal:
        _read(tmp_path / "file.json", content)
    assert refusal.value.rule == rule
    assert "Zzcanary" not in refusal.value.message


def test_no_more_is_held_than_the_largest_member_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file.json"
    path.write_text(json.dumps([{"number": number, "fill": "x" * 200} for number in range(5000)]), encoding="utf-8")
    monkeypatch.setattr(json_batches, "BLOCK_BYTES", 1024)
    most = 0
    whole = json_batches._Text._more

    def watched(text: json_batches._Text, blocks: int) -> bool:
        nonlocal most
        found = whole(text, blocks)
        most = max(most, len(text._held))
        return found

    monkeypatch.setattr(json_batches._Text, "_more", watched)
    assert sum(1 for _ in iterate_members(path)) == 5000
    assert most < 8 * 1024 < path.stat().st_size // 100
