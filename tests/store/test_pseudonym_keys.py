"""The keys of pseudonyms: made once a dataset, private, and gone when they are rotated or deleted."""

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


def test_a_key_is_made_once_for_each_dataset_and_purpose_and_is_private(tmp_path: Path) -> None:
    names = [("one", "other"), ("one", "set"), ("two", "set")]
    keys = [open_pseudonym_key(tmp_path, *name) for name in names]
    assert [open_pseudonym_key(tmp_path, *name) for name in names] == keys
    assert len({key.secret for key in keys}) == len({key.key_id for key in keys}) == 3
    assert {len(key.secret) for key in keys} == {32}
    assert [(key.purpose, key.dataset) for key in list_pseudonym_keys(tmp_path)] == names
    assert stat.S_IMODE((tmp_path / FOLDER).stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / FOLDER).iterdir()} == {0o600}
    assert not any(str(key.secret) in repr(key) for key in keys)


def test_rotating_one_key_leaves_the_other_of_its_purpose(tmp_path: Path) -> None:
    other = open_pseudonym_key(tmp_path, "one", "other")
    open_pseudonym_key(tmp_path, "one", "set")
    rotate_pseudonym_key(tmp_path, "one", "set")
    assert delete_pseudonym_key(tmp_path, "one", "set")
    assert open_pseudonym_key(tmp_path, "one", "other") == other


def test_a_rotated_or_deleted_key_is_nowhere_any_more(tmp_path: Path) -> None:
    old = open_pseudonym_key(tmp_path, "one", "set")
    new = rotate_pseudonym_key(tmp_path, "one", "set")
    assert new.secret != old.secret and new.key_id != old.key_id
    assert open_pseudonym_key(tmp_path, "one", "set") == new
    assert len(list((tmp_path / FOLDER).iterdir())) == 1
    assert delete_pseudonym_key(tmp_path, "one", "set") and not delete_pseudonym_key(tmp_path, "one", "set")
    assert list_pseudonym_keys(tmp_path) == []


@pytest.mark.parametrize("text", ["", "id", "id !!", "id AAAA", "a b c"])
def test_a_broken_key_is_refused_and_not_replaced(tmp_path: Path, text: str) -> None:
    open_pseudonym_key(tmp_path, "one", "set")
    path = tmp_path / FOLDER / "one.set"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(EngineNotAvailable, match=r"pseudonym key of one\.set"):
        open_pseudonym_key(tmp_path, "one", "set")
    assert path.read_text(encoding="utf-8") == text


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    open_pseudonym_key(tmp_path, "one", "set")
    (tmp_path / FOLDER / "one.set").chmod(0o640)
    with pytest.raises(EngineNotAvailable, match="chmod 600"):
        open_pseudonym_key(tmp_path, "one", "set")


@pytest.mark.parametrize("name", [("../one", "set"), ("one", "../set"), ("one", "a.b"), ("one", "")])
def test_a_purpose_or_dataset_is_no_path(tmp_path: Path, name: tuple[str, str]) -> None:
    with pytest.raises(ValueError, match="letters"):
        open_pseudonym_key(tmp_path, *name)
