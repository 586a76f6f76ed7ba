"""Pytest plugin of `./braid test`: tests marked `browser` run last, and those of one file run on one worker.

Where no browser, Java or Spark is found, tests marked so are skipped with the reason, except in CI, where one that is
skipped is a failure.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator

import pytest
from xdist.scheduler.loadscope import LoadScopeScheduling

IN_CI = os.environ.get("CI", "").lower() in ("1", "true", "yes")
NEEDS = {"browser": ("chromium", "chromium-browser", "google-chrome"), "java": ("java",)}
"""For each marker: the programs of which one must be there."""


ONE_WORKER = ("tests/analysis/", "tests/chain/", "tests/example/")
"""Folders whose files share something dear to make, a place or a run, and so one worker."""


class FilesTogether(LoadScopeScheduling):
    """Shares tests out by file, those of a folder in `ONE_WORKER` together.

    Shared out one by one, what a file makes once for its tests, a served place or a run, would be made on each worker.
    The mark `xdist_group`, which would say the same, is not heard: pytest 9 no longer reads the name that pytest-xdist
    3.8 gives a test to carry its group.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::", 1)[0]
        return next((folder for folder in ONE_WORKER if file.startswith(folder)), file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> FilesTogether:
    """Say how tests are shared out over the workers."""
    return FilesTogether(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put browser tests at the end, and skip what the machine cannot run."""
    for marker, programs in NEEDS.items():
        absent = not any(shutil.which(program) for program in programs)
        for item in items:
            if item.get_closest_marker(marker) and absent:
                item.add_marker(pytest.mark.skip(reason=f"none of {', '.join(programs)} is installed here"))
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
