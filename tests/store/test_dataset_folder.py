"""Datasets on the disk: whole or not at all, and gone when their time is over."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from braid.store.dataset_folder import list_datasets, publish_dataset, sweep_datasets

NOW = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)


def publish(root: Path, name: str, days: int, text: str = "rows") -> None:
    def write(folder: Path) -> dict[str, str]:
        assert not [each for each in list_datasets(root) if each.folder == folder], "nothing is visible yet"
        (folder / "a.parquet").write_text(text, encoding="utf-8")
        return {"expires_at": (NOW + dt.timedelta(days=days)).isoformat()}

    publish_dataset(root, name, "run", write, lambda _: None)


def test_a_build_that_fails_leaves_nothing_and_keeps_what_was_there(tmp_path: Path) -> None:
    def fail(folder: Path) -> dict[str, str]:
        (folder / "a.parquet").write_text("half", encoding="utf-8")
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        publish_dataset(tmp_path, "one", "run", fail, lambda _: None)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    publish(tmp_path, "one", 1)
    with pytest.raises(RuntimeError):
        publish_dataset(tmp_path, "one", "run", fail, lambda _: None)
    assert [path.read_text(encoding="utf-8") for path in tmp_path.rglob("*.parquet")] == ["rows"]


def test_what_is_not_released_is_not_there_and_what_was_there_stays(tmp_path: Path) -> None:
    """Released when all is written, so that the entry comes before anything is visible."""
    publish(tmp_path, "one", 1)
    told: list[object] = []

    def write(folder: Path) -> dict[str, str]:
        (folder / "a.parquet").write_text("new rows", encoding="utf-8")
        return {"expires_at": NOW.isoformat()}

    def refuse(manifest: object) -> None:
        told.append(manifest)
        assert [path.read_text(encoding="utf-8") for path in tmp_path.glob("one/run/*.parquet")] == ["rows"]
        assert len(list(tmp_path.glob("one/.making-*/manifest.json"))) == 1
        raise RuntimeError("no entry")

    with pytest.raises(RuntimeError):
        publish_dataset(tmp_path, "one", "run", write, refuse)
    assert told == [{"expires_at": NOW.isoformat()}]
    assert [path.read_text(encoding="utf-8") for path in tmp_path.rglob("*.parquet")] == ["rows"]


def test_building_again_replaces(tmp_path: Path) -> None:
    publish(tmp_path, "one", 1)
    publish(tmp_path, "one", 2, "new rows")
    assert [path.read_text(encoding="utf-8") for path in tmp_path.rglob("*.parquet")] == ["new rows"]
    assert len(list_datasets(tmp_path)) == 1


def test_a_sweep_deletes_what_is_expired_at_the_second_and_what_does_not_say(tmp_path: Path) -> None:
    for name, days in (("past", -1), ("now", 0), ("later", 1), ("unknown", 5)):
        publish(tmp_path, name, days)
    (tmp_path / "unknown" / "run" / "manifest.json").write_text("{}", encoding="utf-8")
    (tmp_path / "later" / ".making-left").mkdir()
    (tmp_path / ".spill-left").mkdir()
    assert {each.dataset for each in sweep_datasets(tmp_path, NOW)} == {"past", "now", "unknown"}
    assert [each.dataset for each in list_datasets(tmp_path)] == ["later"]
    assert sweep_datasets(tmp_path, NOW) == []
    assert sweep_datasets(tmp_path, NOW + dt.timedelta(days=1, microseconds=-1)) == []
    assert not list(tmp_path.rglob(".*-left"))
    assert sweep_datasets(tmp_path / "nowhere", NOW) == []
