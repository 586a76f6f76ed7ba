"""Where the sample extracts that other people published rest: outside the project, never committed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]


def shared_folder(*parts: str) -> Path:
    """Return a folder or file under the shared material; skip the test, saying why, where it is absent."""
    root = Path(os.environ.get("BRAID_SHARED", REPOSITORY.parent / "shared"))
    path = root.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"shared material {'/'.join(parts)} is not beside the project; set BRAID_SHARED to its folder")
    return path
