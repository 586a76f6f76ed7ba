"""The keys of pseudonyms: made once a purpose, private, and gone when they are rotated or deleted."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from braid.store.engine import EngineNotAvailable
from braid.store.pseudonym_keys import (
    FOLDER,
    delete_pseudonym_key,
    list_pseudonym_keys,
    open_pseudonym_key,
    rotate_pseudonym_key,
)


def test_a_key_is_made_once_for_each_purpose_and_is_private(tmp_path: Path) -> None:
    first, second = open_pseudonym_key(tmp_path, "one"), open_pseudonym_key(tmp_path, "two")
    assert open_pseudonym_key(tmp_path, "one") == first
    assert first.secret != second.secret and len(first.secret) == len(second.secret) == 32
    assert [key.purpose for key in list_pseudonym_keys(tmp_path)] == ["one", "two"]
    assert stat.S_IMODE((tmp_path / FOLDER).stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / FOLDER).iterdir()} == {0o600}
    assert str(first.secret) not in repr(first)


def test_a_rotated_or_deleted_key_is_nowhere_any_more(tmp_path: Path) -> None:
    old = open_pseudonym_key(tmp_path, "one")
    new = rotate_pseudonym_key(tmp_path, "one")
    assert new.secret != old.secret and new.key_id != old.key_id
    assert open_pseudonym_key(tmp_path, "one") == new
    assert len(list((tmp_path / FOLDER).iterdir())) == 1
    assert delete_pseudonym_key(tmp_path, "one") and not delete_pseudonym_key(tmp_path, "one")
    assert list_pseudonym_keys(tmp_path) == []


@pytest.mark.parametrize("text", ["", "id", "id !!", "id AAAA", "a b c"])
def test_a_broken_key_is_refused_and_not_replaced(tmp_path: Path, text: str) -> None:
    open_pseudonym_key(tmp_path, "one")
    path = tmp_path / FOLDER / "one"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(EngineNotAvailable, match="pseudonym key of one"):
        open_pseudonym_key(tmp_path, "one")
    assert path.read_text(encoding="utf-8") == text


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    open_pseudonym_key(tmp_path, "one")
    (tmp_path / FOLDER / "one").chmod(0o640)
    with pytest.raises(EngineNotAvailable, match="chmod 600"):
        open_pseudonym_key(tmp_path, "one")


def test_a_purpose_is_no_path(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="letters"):
        open_pseudonym_key(tmp_path, "../one")
