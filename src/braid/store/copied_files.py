"""Files of a place kept by what they hold: each content once, however many backups name it.

```
files/ab/abcdef…      a file's bytes, named by their SHA-256; never changed, for its own user alone
```
A run of the lake and an extract are never changed, so a backup of the next night copies what is new alone. Whether a
file is as it was is told by its size, its time and its number on the disk, as `rsync` tells it; a drill reads every
byte.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

CHUNK = 1 << 20


@dataclass(frozen=True)
class KeptFile:
    """A file of the place: its path there, the SHA-256 of its bytes, and by what a later backup knows it again."""

    path: str
    sha256: str
    size: int
    mode: int
    mark: str
    """Size, time of change and number on the disk."""

    def document(self) -> dict[str, Any]:
        """Return it as JSON."""
        return asdict(self)


class FileStore:
    """The folder `files` of a backup folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, root: Path, paths: Iterable[Path], known: Mapping[str, KeptFile]) -> list[KeptFile]:
        """Copy what is not there yet; return every file, by path. `known` are those of the newest backup, by path.

        A file that goes while it is copied is left out, as if the backup had begun later.
        """
        kept = []
        for path in sorted(paths):
            try:
                kept.append(self._keep(root, path, known))
            except FileNotFoundError:
                continue
        return kept

    def _keep(self, root: Path, path: Path, known: Mapping[str, KeptFile]) -> KeptFile:
        name, found = path.relative_to(root).as_posix(), path.stat()
        mark = f"{found.st_size}-{found.st_mtime_ns}-{found.st_ino}"
        before = known.get(name)
        if before is not None and before.mark == mark and self.path_of(before.sha256).is_file():
            return before
        sha256, size = self._copy(path)
        return KeptFile(name, sha256, size, found.st_mode & 0o700, mark)

    def path_of(self, sha256: str) -> Path:
        """Return where bytes are kept."""
        return self.folder / sha256[:2] / sha256

    def _copy(self, path: Path) -> tuple[str, int]:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary = self.folder / f"unfinished-{os.getpid()}"
        digest, size = hashlib.sha256(), 0
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with path.open("rb") as source, os.fdopen(descriptor, "wb") as target:
            while block := source.read(CHUNK):
                digest.update(block)
                size += len(block)
                target.write(block)
            target.flush()
            os.fsync(target.fileno())
        kept = self.path_of(digest.hexdigest())
        kept.parent.mkdir(mode=0o700, exist_ok=True)
        temporary.replace(kept)
        return digest.hexdigest(), size

    def put_back(self, files: Iterable[KeptFile], root: Path) -> list[str]:
        """Write the files below a folder; return the paths of those whose bytes are gone or not what they were, or that
        lead out of the folder."""
        broken, home = [], root.resolve()
        for file in files:
            kept, target = self.path_of(file.sha256), root / file.path
            is_within = target.resolve().is_relative_to(home)
            if not is_within or not kept.is_file() or hash_of(kept) != file.sha256:
                broken.append(file.path)
                continue
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            shutil.copyfile(kept, target)
            target.chmod(file.mode)
        return broken

    def drop_unnamed(self, named: frozenset[str], is_free: Callable[[], bool] = lambda: True) -> int:
        """Delete bytes that no backup names any more; return how many files went."""
        gone = 0
        for path in self.folder.glob("??/*"):
            if path.name not in named and is_free():
                path.unlink()
                gone += 1
        return gone


def hash_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
