"""Feeds whose files are laid over each other: which standards have them, and what reading one gives.

A feed that sends changes is the fold of all its files until the day; its state is kept beside the lake's runs from
night to night. A snapshot of such a standard is the fold of its own files alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from braid.extracts.fold_state import Sent, State, find_later, fold
from braid.extracts.folds import Shape
from braid.extracts.model import Reading, Source, UnreadableFile
from braid.extracts.read import settle_repeats
from braid.extracts.retractions import date_of, hash_of
from braid.extracts.standards.csc_api import emit_state
from braid.extracts.standards.csc_shape import CHILD
from braid.store.place_folder import CHANGES, Feed, Place

FOLDER = "changes"
"""Folder of the lake where the states of feeds rest, each a file."""


@dataclass(frozen=True)
class Folded:
    """How the payloads of a standard are laid: their shape, and what makes records of what is left."""

    shape: Shape
    emit: Callable[[State, Callable[[str], Reading]], None]


FOLDED: Mapping[str, Folded] = {"csc_api": Folded(CHILD, emit_state)}


@dataclass
class FoldedFeed:
    """What reading a feed gave: a reading for each file, the hash of each by path, and what could not be read."""

    readings: list[Reading] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)
    issues: list[dict[str, Any]] = field(default_factory=list)


def read_folded(
    place: Place,
    feed: Feed,
    files: Sequence[Path],
    source: Source,
    without: Set[str] = frozenset(),
    rows: Set[tuple[str, str]] = frozenset(),
    taken_back: Set[str] = frozenset(),
) -> FoldedFeed:
    """Read the files of a feed of changes, or of one snapshot, in their order; keys in `without` are left out.

    `rows` are places of files, by hash, that were taken back: changes are laid as if nothing had ever stood there.
    `taken_back` are hashes of files that were; none of them is among `files`.
    Raises `UnreadableFile` for a file of a snapshot. A file of changes that cannot be read is passed over alone: what
    the others say does not hang on it, and it is said.
    """
    folded = FOLDED[feed.standard]
    sent = [_sent(place, feed, path) for path in files]
    state = _fold(place, feed, sent, folded.shape, Gone(without, rows, taken_back))
    found = FoldedFeed(
        files={str(path.relative_to(place.folder)): one.sha256 for path, one in zip(files, sent, strict=True)}
    )
    readings: dict[str, Reading] = {}
    for one in sent:
        readings.setdefault(one.sha256, Reading(source, one.sha256, one.name))
    folded.emit(state, readings.__getitem__)
    found.readings = list(readings.values())
    settle_repeats(found.readings)
    for one, brought in zip(state.files, state.brought, strict=True):
        if brought.unreadable:
            _note_unreadable(found, feed, one, brought.unreadable)
        if brought.repeats:
            readings[one.sha256].note(
                "file_repeated", None, None, f"the file came first on {brought.repeats}: only what it purges was done"
            )
    return found


@dataclass(frozen=True)
class Gone:
    """Of what nothing may be held: keys of people, places of files by hash, hashes of files."""

    keys: Set[str]
    rows: Set[tuple[str, str]]
    files: Set[str]


def _fold(place: Place, feed: Feed, sent: Sequence[Sent], shape: Shape, gone: Gone) -> State:
    if feed.sends != CHANGES:
        state = fold(sent, shape, None, gone.keys)
        for one, brought in zip(state.files, state.brought, strict=True):
            if brought.unreadable:
                raise UnreadableFile(*brought.unreadable, one.name)
        return state
    keep = place.lake_folder / FOLDER / f"{feed.id}.jsonl"
    later = find_later(keep, sent)
    looks_back = bool(later) and all(_still_stands(place, feed, one, gone.files) for one in later)
    return fold(sent, shape, None if looks_back else keep, gone.keys, gone.rows)


def _still_stands(place: Place, feed: Feed, listed: Sequence[str], taken_back: Set[str]) -> bool:
    """Whether a later file that a state was made of is there as it was and was not taken back.

    A look back must not cost the next night its state; but what a file said that is gone, nothing may keep.
    """
    date, name, digest = listed
    path = place.folder / "extracts" / feed.id / date / name
    return digest not in taken_back and path.is_file() and hash_of(path) == digest


def _sent(place: Place, feed: Feed, path: Path) -> Sent:
    date = date_of(place, feed, path)
    name = str(path.relative_to(place.folder / "extracts" / feed.id / date))
    return Sent(date, name, hash_of(path), path)


def _note_unreadable(found: FoldedFeed, feed: Feed, sent: Sent, why: tuple[str, str]) -> None:
    rule, message = why
    found.unreadable.append(sent.date)
    found.issues.append(
        {
            "feed": feed.id,
            "file_sha256": sent.sha256,
            "file_name": sent.name,
            "severity": "reject",
            "rule": rule,
            "message": f"{message} What it changes or takes back is not done.",
        }
    )
