"""Example places that the tests of this folder read: written once, small."""

from __future__ import annotations

import pytest
from example_files import PEOPLE, Written

from braid.example import errors
from braid.example.write import write_example


def _write(factory: pytest.TempPathFactory, name: str, **options: object) -> Written:
    folder = factory.mktemp(name)
    return Written(folder, write_example(folder, people=PEOPLE, **options))  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """A place whose partners make no mistakes."""
    return _write(tmp_path_factory, "plain", errors=errors.NONE)


@pytest.fixture(scope="session")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """A place with the usual mistakes."""
    return _write(tmp_path_factory, "usual", errors=errors.USUAL)


@pytest.fixture(scope="session")
def high(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """A place with many mistakes."""
    return _write(tmp_path_factory, "high", errors=errors.HIGH)


@pytest.fixture(scope="session")
def month(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """A place with five weekly extracts."""
    return _write(tmp_path_factory, "month", errors=errors.USUAL, weeks=5)
