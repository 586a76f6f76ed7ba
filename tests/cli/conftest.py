"""A place that was run, and its pages' database open, once for each file of tests of verbs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.one_process import Opened, opened
from cli.ran_place import put_ran_place


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli") / "place"
    put_ran_place(folder)
    return folder


@pytest.fixture(scope="module")
def served(place: Path) -> Iterator[Opened]:
    with opened(place) as up:
        yield up
