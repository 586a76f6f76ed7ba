"""The plans of a run: one folder a run and kind of plan beside the runs, readable by its own user alone."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from braid.store.lake import Run

FOLDER = "plans"


def plan_folder(lake_folder: Path, run: Run, kind: str) -> Path:
    """Return where the plans of a kind for a run rest."""
    return lake_folder / FOLDER / run.id / kind


def put_plan(folder: Path, documents: Mapping[str, str]) -> None:
    """Write the documents of a plan by file name, all or none; those of an earlier plan are replaced."""
    fresh = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700, parents=True)
    for name, text in documents.items():
        with os.fdopen(
            os.open(fresh / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
        ) as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    before = folder.with_name(f".{folder.name}.before")
    shutil.rmtree(before, ignore_errors=True)
    if folder.exists():
        folder.rename(before)
    fresh.rename(folder)
    shutil.rmtree(before, ignore_errors=True)
