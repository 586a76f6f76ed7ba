"""Whether a run may be a nightly delta on the run before, and what everybody must agree on for that."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

import braid
from braid.problems.delta import EARLIER_TABLES
from braid.store.lake import Run, fingerprint_of
from braid.store.place_folder import Place

CODE = ("language", "store", "waits", "problems")
"""Rooms whose code and data decide what a finding of the stages `waits` and `problems` says."""

SETTINGS = ("place.toml", "problems/*.toml")
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
        return "asked for"
    if previous is None:
        return "no run before"
    if dt.date.fromisoformat(previous.manifest["as_of"]) > as_of:
        return "the run before speaks of a later day"
    if previous.manifest.get("rules") != rules:
        return "the rules are not those of the run before"
    if any(not previous.table(name).is_file() for name in EARLIER_TABLES):
        return "the run before lacks a table"
    return ""
