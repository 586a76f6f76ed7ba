"""Engines that a test opened are closed after it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from waits.place import close_engines


@pytest.fixture(autouse=True)
def closed_engines() -> Iterator[None]:
    yield
    close_engines()
