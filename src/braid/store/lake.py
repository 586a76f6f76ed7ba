"""The lake: one folder a run, visible whole or not at all.

```
lake/current                 the id of the visible run
lake/runs/<run id>/          Parquet tables and manifest.json, never changed again
lake/work/<fingerprint>/     a run being made, with the stages that are done
lake/lock                    held by whoever is writing
```
The folder is made for its own user alone: it holds every person, protected addresses too.

A run is made in `work`, stage by stage. A stage is done when its marker is there, and the marker comes after its tables
are safely on disk; so a run that is killed goes on where it stopped. Publication is one rename of the folder and one
replacement of `current`: a reader sees the run before or the run after, never a part.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class LakeBusy(Exception):
    """Another run is being made in this lake."""


@dataclass(frozen=True)
class Run:
    """A published run."""

    id: str
    folder: Path
    manifest: Mapping[str, Any]

    def table(self, name: str) -> Path:
        """Return the Parquet file of table `name`."""
        return self.folder / f"{name}.parquet"


@dataclass(frozen=True)
class Work:
    """A run being made: tables may be written, stages marked done, nothing is visible yet."""

    folder: Path
    fingerprint: str

    def table(self, name: str) -> Path:
        """Return where table `name` goes."""
        return self.folder / f"{name}.parquet"

    def is_done(self, stage: str) -> bool:
        """Whether the stage was finished by this or an earlier, interrupted attempt."""
        return self._marker(stage).is_file()

    def summary(self, stage: str) -> dict[str, Any]:
        """Return what the finished stage reported."""
        report: dict[str, Any] = json.loads(self._marker(stage).read_text(encoding="utf-8"))
        return report

    def mark_done(self, stage: str, summary: Mapping[str, Any]) -> None:
        """Mark a stage finished, after its tables have reached the disk."""
        for path in self.folder.glob("*.parquet"):
            _sync(path)
        _replace(self._marker(stage), json.dumps(summary, sort_keys=True))

    def _marker(self, stage: str) -> Path:
        return self.folder / f"{stage}.done.json"


class Lake:
    """The lake of one place."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def current(self) -> Run | None:
        """Return the visible run; `None` before the first."""
        pointer = self.folder / "current"
        if not pointer.is_file():
            return None
        return self.run(pointer.read_text(encoding="utf-8").strip())

    def run(self, run_id: str) -> Run:
        """Return a published run by id; raise `FileNotFoundError` where there is none."""
        folder = self.folder / "runs" / run_id
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        return Run(run_id, folder, manifest)

    def runs(self) -> list[Run]:
        """Return all published runs by as-of date, oldest first."""
        folder = self.folder / "runs"
        names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
        return [self.run(name) for name in names if (folder / name / "manifest.json").is_file()]

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the lake's lock. Raises `LakeBusy` at once where another process holds it; a kill releases it."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise LakeBusy("another run is being made in this place; wait for it to end") from None
            yield

    def begin(self, fingerprint: str) -> Work:
        """Return the work folder for a fingerprint, with what an interrupted attempt finished; other leftovers go."""
        work = self.folder / "work"
        work.mkdir(parents=True, exist_ok=True)
        for leftover in work.iterdir():
            if leftover.name != fingerprint:
                shutil.rmtree(leftover)
        folder = work / fingerprint
        folder.mkdir(exist_ok=True)
        for partial in folder.glob("*.tmp"):
            partial.unlink()
        return Work(folder, fingerprint)

    def publish(self, work: Work, run_id: str, manifest: Mapping[str, Any]) -> Run:
        """Make a finished run visible: the folder moves whole, then the pointer moves."""
        _replace(work.folder / "manifest.json", json.dumps(manifest, indent=1, sort_keys=True))
        target = self.folder / "runs" / run_id
        target.parent.mkdir(exist_ok=True)
        work.folder.rename(target)
        _sync(target.parent)
        return self.show(run_id)

    def show(self, run_id: str) -> Run:
        """Point `current` at a published run."""
        run = self.run(run_id)
        _replace(self.folder / "current", run_id)
        return run


def fingerprint_of(parts: Mapping[str, Any]) -> str:
    """Return 16 hexadecimal digits over a JSON document, whatever the order of its keys."""
    text = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _replace(path: Path, text: str) -> None:
    """Write a small file so that it is there whole or not at all."""
    temporary = path.with_name(path.name + ".tmp")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    _sync(path.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
