"""Scans bytes, files and folders for canaries, and says how much it looked at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from canaries.needles import Canary, make_needles
from canaries.search import Search
from canaries.unfold import CannotUnfold, readings, unfold

_NOT_SQUASHED = bytes(code for code in range(256) if not bytes((code,)).isalnum())
_LINE_ENDS = b"\r\n"


@dataclass(frozen=True, order=True)
class Hit:
    """Where a canary was found, and in which way of writing; never what it says."""

    where: str
    canary: str
    way: str


@dataclass
class Report:
    """What was found, and how much was looked at: files as they lie, and bytes with everything unfolded."""

    hits: set[Hit] = field(default_factory=set)
    files: int = 0
    file_bytes: int = 0
    bytes_looked_at: int = 0
    unopened: list[str] = field(default_factory=list)


class Scanner:
    """Looks for a set of canaries."""

    def __init__(self, canaries: Iterable[Canary]) -> None:
        """Make the needles ready."""
        self.canaries = list(canaries)
        needles = make_needles(self.canaries)
        self.exact, self.lower = Search(needles.exact), Search(needles.lower)
        self.squashed = Search(needles.squashed)
        self.count = len(needles.exact) + len(needles.lower) + len(needles.squashed)

    def scan_bytes(self, name: str, content: bytes, report: Report) -> None:
        """Look at one file's content and everything within it."""
        report.files += 1
        report.file_bytes += len(content)
        try:
            for where, part in unfold(name, content):
                for reading in dict.fromkeys(readings(part)):
                    self._look(where, reading, report)
        except CannotUnfold as error:
            report.unopened.append(str(error))

    def scan_file(self, path: Path, name: str, report: Report) -> None:
        """Look at a file and at its name."""
        report.hits |= {Hit("name of a file", needle.canary.name, needle.way) for needle in self._in_name(path.name)}
        self.scan_bytes(name, path.read_bytes(), report)

    def scan_folder(self, folder: Path, report: Report, leave_out: Iterable[str] = ()) -> None:
        """Look at every file below a folder, but for paths that begin with one of `leave_out`."""
        left_out = tuple(leave_out)
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder).as_posix()
            if path.is_file() and not name.startswith(left_out):
                self.scan_file(path, name, report)

    def _in_name(self, name: str) -> list:
        return list(self.squashed.find(name.lower().encode().translate(None, _NOT_SQUASHED)))

    def _look(self, where: str, content: bytes, report: Report) -> None:
        report.bytes_looked_at += len(content)
        lower = content.lower()
        views = [
            (self.exact, content),
            (self.lower, lower),
            (self.squashed, lower.translate(None, _NOT_SQUASHED)),
        ]
        if b"\n" in content or b"\r" in content:
            views.append((self.exact, content.translate(None, _LINE_ENDS)))
        for search, view in views:
            report.hits |= {Hit(where, needle.canary.name, needle.way) for needle in search.find(view)}
