"""What one run of tests makes once, for all its processes: whoever asks first makes it while the others wait.

Nothing is shared where a control is switched off: what was made with it would not show that.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

KEPT = "BRAID_TESTS_KEPT"
"""Names the folder of what one run of tests makes once."""


def make_once(name: str, make: Callable[[Path], None]) -> Path | None:
    """Return the folder that `make` was called with, once for each name; None where this run of tests keeps nothing."""
    kept = os.environ.get(KEPT)
    if not kept or os.environ.get("BRAID_SABOTAGE"):
        return None
    made = Path(kept) / f"{name}.made"
    with (Path(kept) / f"{name}.lock").open("a") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not made.exists():
            make(Path(kept) / name)
            made.touch()
    return Path(kept) / name
