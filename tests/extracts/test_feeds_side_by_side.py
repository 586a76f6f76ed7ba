"""Feeds are read side by side where the machine allows it, and one after another where it does not."""

from __future__ import annotations

import pytest

from braid.extracts import run


def test_without_shared_memory_feeds_are_read_one_after_another(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object, **_options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(run, "ProcessPoolExecutor", refuse)
    assert run._open_pool(2) is None


def test_one_worker_needs_no_pool_and_two_have_one() -> None:
    assert run._open_pool(1) is None
    pool = run._open_pool(2)
    assert pool is not None
    pool.shutdown()
