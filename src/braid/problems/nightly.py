"""How a run reckons waits and problems: anew for everybody, or by a nightly delta on the run before."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import braid
from braid.language.calendars import Calendar
from braid.problems.delta import EARLIER_TABLES, Before, Delta, TooMuchTouched
from braid.problems.model import Statement
from braid.store.engine import Engine
from braid.store.lake import Run, fingerprint_of
from braid.store.place_folder import Place
from braid.waits.sources import NOT_SAID, Precedence

CODE = ("language", "store", "waits", "problems")
"""Rooms whose code and data decide what a finding of the stages `waits` and `problems` says."""

ASKED = "asked for"
"""Why everybody is reckoned where somebody wants it so."""

SETTINGS = ("place.toml", "problems/*.toml", "geography/term_dates.csv", "geography/bank_holidays.csv")
"""Files of a place that do: its calendar, the names of its services, its own problem statements."""


def rules_fingerprint(place: Place, libraries: Mapping[str, str]) -> str:
    """Return the fingerprint of all by which waits are reckoned: our code, the libraries' versions, the place's rules.

    Two runs whose rules differ have no row in common that may be kept.
    """
    home = Path(braid.__file__).parent
    code = [path for room in CODE for path in (home / room).rglob("*") if path.suffix in (".py", ".toml", ".csv")]
    settings = [path for pattern in SETTINGS for path in place.folder.glob(pattern)]
    return fingerprint_of(
        {"code": _digest(code, home), "settings": _digest(settings, place.folder), "libraries": dict(libraries)}
    )


def _digest(paths: Iterable[Path], home: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(str(path.relative_to(home)).encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def why_full(previous: Run | None, as_of: dt.date, rules: str, asked: bool) -> str:
    """Return why a run must reckon everybody anew, in words; empty where it may be a delta on `previous`."""
    if asked:
        return ASKED
    if previous is None:
        return "no run before"
    if dt.date.fromisoformat(previous.manifest["as_of"]) > as_of:
        return "the run before speaks of a later day"
    if previous.manifest.get("rules") != rules:
        return "the rules are not those of the run before"
    if any(not previous.table(name).is_file() for name in EARLIER_TABLES):
        return "the run before lacks a table"
    return ""


@dataclass
class Reckoning:
    """On which engine a run reckons waits and problems, and how: `why_full` says why for everybody, where it is so."""

    engine: Engine
    engine_name: str
    previous: Run | None
    why_full: str
    delta: Delta | None = None

    def find_delta(
        self,
        calendar: Calendar,
        as_of: dt.date,
        load_statements: Callable[[], tuple[Statement, ...]],
        feed_services: Mapping[str, str],
        new_engine: Callable[[], Engine],
        precedence: Precedence = NOT_SAID,
    ) -> Delta | None:
        """Return the delta on the run before, begun once; `None` where everybody is reckoned.

        Where a night touches too many people, that is why everybody is.
        """
        if self.why_full or self.previous is None or self.delta is not None:
            return self.delta
        for name in EARLIER_TABLES:
            self.engine.load_parquet(f"earlier_{name}", self.previous.table(name))
        before = Before(
            dt.date.fromisoformat(self.previous.manifest["as_of"]), self.previous.manifest["stages"]["waits"]
        )
        delta = Delta(self.engine, new_engine, calendar, as_of, before, load_statements(), feed_services, precedence)
        try:
            delta.find_touched()
        except TooMuchTouched as much:
            self.why_full = str(much)
            return None
        self.delta = delta
        return delta

    def document(self) -> dict[str, Any]:
        """Return what the manifest says of it."""
        if self.delta is None or self.previous is None:
            return {"engine": self.engine_name, "how": "full", "why": self.why_full}
        touched = asdict(self.delta.touched)
        return {
            "engine": self.engine_name,
            "how": "delta",
            "of": self.previous.id,
            "days": self.delta.night.days,
            **touched,
        }

    def close(self) -> None:
        """Let go of what the delta opened; the engine is whose who opened it."""
        if self.delta is not None:
            self.delta.close()
