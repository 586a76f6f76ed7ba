"""What all tests share: how hard the generated ones try, how many processes read a place, and what is made once."""

from __future__ import annotations

import atexit
import gc
import os
import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings

from lent_database import discard_kept
from made_once import KEPT

# Every change is held to the same examples, so that none fails for the luck of the draw; --full draws new ones.
settings.register_profile("quick", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("full", max_examples=2000, deadline=None, suppress_health_check=list(HealthCheck))
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))

# Places of tests are small: processes of their own take longer to begin than to read. Tests of the chain begin some.
os.environ.setdefault("BRAID_WORKERS", "1")


def _keep() -> None:
    """Make the folder of what all processes of this run share; who makes it deletes it."""
    folder = Path(tempfile.mkdtemp(prefix="braid-tests-kept-"))
    os.environ[KEPT] = str(folder)

    def discard() -> None:
        discard_kept(folder)
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(discard)


if KEPT not in os.environ:
    _keep()


def pytest_collection_finish() -> None:
    """Leave what all tests are made of out of every later collection of garbage, and collect less often: a twelfth."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def pytest_unconfigure() -> None:
    """Let the end of the process find everything again."""
    gc.unfreeze()
