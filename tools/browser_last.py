"""Pytest plugin of `./braid test`: tests marked `browser` run last, those of one file one after another on one worker.

Those marked `java` share one Spark session, so they are one worker's too. Where no browser, Java or Spark is found such
tests are skipped with the reason, except in CI, where one that is skipped is a failure.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator

import pytest

IN_CI = os.environ.get("CI", "").lower() in ("1", "true", "yes")
NEEDS = {"browser": ("chromium", "chromium-browser", "google-chrome"), "java": ("java",)}
"""For each marker: the programs of which one must be there."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put browser tests at the end, a group for each file, and skip what the machine cannot run."""
    for marker, programs in NEEDS.items():
        absent = not any(shutil.which(program) for program in programs)
        for item in items:
            if item.get_closest_marker(marker) and absent:
                item.add_marker(pytest.mark.skip(reason=f"none of {', '.join(programs)} is installed here"))
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.xdist_group(f"browser {item.path.stem}"))
        elif item.get_closest_marker("java"):
            item.add_marker(pytest.mark.xdist_group("java"))
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI, turn a skipped test of a marker in `NEEDS` into a failure that says why it was skipped."""
    report = yield
    needy = [marker for marker in NEEDS if item.get_closest_marker(marker)]
    if IN_CI and report.skipped and not hasattr(report, "wasxfail") and needy:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else "no reason given"
        report.outcome = "failed"
        report.longrepr = f"{needy[0]} test skipped in CI: {reason}"
    return report
