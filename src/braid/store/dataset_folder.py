"""Where datasets for analysts rest: `analysis/<dataset>/<run id>/` of the place folder, whole or not at all.

Each holds Parquet files and `manifest.json`, for this user alone. A dataset is made in a hidden folder beside its place
and renamed; building it again replaces it. Past the end of its retention a sweep deletes it.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class BuiltDataset:
    """A dataset that was built. `expires_at` is `None` where its manifest does not say: it counts as expired."""

    dataset: str
    run_id: str
    folder: Path
    manifest: Mapping[str, Any]
    expires_at: dt.datetime | None

    def is_expired(self, now: dt.datetime) -> bool:
        """Whether it may be kept no longer."""
        return self.expires_at is None or self.expires_at <= now


def publish_dataset(
    root: Path,
    dataset: str,
    run_id: str,
    write: Callable[[Path], Mapping[str, Any]],
    release: Callable[[Mapping[str, Any]], None],
) -> BuiltDataset:
    """Let `write` fill a hidden folder and return the manifest, then make the folder visible under its name.

    `release` is given the manifest when all is written and before anything is visible: it decides once more and writes
    the entry. Where `write` or `release` raises, nothing is left and what was there before stays.
    """
    home = root / dataset
    for folder in (root, home):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
    hidden = Path(tempfile.mkdtemp(prefix=".making-", dir=home))
    try:
        manifest = write(hidden)
        (hidden / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True), encoding="utf-8")
        for path in hidden.iterdir():
            path.chmod(0o600)
            _sync(path)
        release(manifest)
        target = home / run_id
        if target.exists():
            target.rename(hidden.with_name(f"{hidden.name}-old"))
        hidden.rename(target)
        _sync(home)
    except BaseException:
        shutil.rmtree(hidden, ignore_errors=True)
        raise
    finally:
        shutil.rmtree(hidden.with_name(f"{hidden.name}-old"), ignore_errors=True)
    return _read(target)


def list_datasets(root: Path) -> list[BuiltDataset]:
    """Return every dataset that is visible, by name and run."""
    homes = sorted(path for path in root.iterdir() if path.is_dir() and path.name[0] != ".") if root.is_dir() else []
    folders = [path for home in homes for path in sorted(home.iterdir()) if path.is_dir()]
    return [_read(path) for path in folders if not path.name.startswith(".")]


def sweep_datasets(root: Path, now: dt.datetime) -> list[BuiltDataset]:
    """Delete what is expired at `now`, and what a kill left half made; return the datasets that went."""
    expired = [built for built in list_datasets(root) if built.is_expired(now)]
    for built in expired:
        shutil.rmtree(built.folder)
    for leftover in [*root.glob("*/.making-*"), *root.glob(".spill-*")]:
        shutil.rmtree(leftover)
    return expired


def _read(folder: Path) -> BuiltDataset:
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        expires_at = dt.datetime.fromisoformat(manifest["expires_at"])
    except (OSError, ValueError, KeyError, TypeError):
        manifest, expires_at = {}, None
    return BuiltDataset(folder.parent.name, folder.name, folder, manifest, expires_at)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
