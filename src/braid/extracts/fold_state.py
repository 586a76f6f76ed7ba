"""The state of a feed of changes, kept from night to night: files that were laid once are not parsed again.

What is kept is known by the list of the files that made it, by date, name and hash. A night goes on from it where that
list is how the list of tonight begins; a file that came late, was corrected or was taken back makes another list, and
all files are laid anew. So a night finds what reading everything would find, and nothing that was purged or taken back
is kept.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from braid.extracts.fields import RowRefused
from braid.extracts.folds import TAKEN_OUT, Log, Node, Refused, Shape, Way, as_row, drop, find_key, find_purges, lay
from braid.extracts.json_batches import iterate_members
from braid.extracts.model import UnreadableFile
from braid.extracts.retractions import is_at

VERSION = 1
"""Of what is kept and of how it is laid: another one begins anew."""


@dataclass(frozen=True)
class Sent:
    """A file of the feed: the date of its extract, its name below that folder, its hash, and where it lies."""

    date: str
    name: str
    sha256: str
    path: Path = field(compare=False, repr=False)

    @property
    def listed(self) -> list[str]:
        """What the list of files says of it."""
        return [self.date, self.name, self.sha256]


@dataclass
class Brought:
    """What a file brought: nodes by part, what was refused, or why it could not be read at all."""

    rows: Counter[str] = field(default_factory=Counter)
    purged: int = 0
    refused: list[Refused] = field(default_factory=list)
    unreadable: tuple[str, str] | None = None
    repeats: str = ""
    """The date on which the same file came first."""


@dataclass
class State:
    """All nodes of a feed by key, as JSON text, and what each file brought, by its place in the list."""

    files: list[Sent] = field(default_factory=list)
    brought: list[Brought] = field(default_factory=list)
    nodes: dict[str, str] = field(default_factory=dict)
    without: frozenset[str] = frozenset()
    """Digests of the keys that were left out."""
    rows: frozenset[tuple[str, str]] = frozenset()
    """Places of files, by hash, that were passed over."""

    def each(self) -> Iterator[Node]:
        """Give the nodes in the order of their keys."""
        for key in sorted(self.nodes):
            node: Node = json.loads(self.nodes[key])
            yield node


def fold(
    files: Sequence[Sent],
    shape: Shape,
    keep: Path | None = None,
    without: Set[str] = frozenset(),
    rows: Set[tuple[str, str]] = frozenset(),
) -> State:
    """Return the state that the files make, in their order; with `keep`, go on from the one kept there and keep this.

    `without` are keys of which nothing may be held: erased, or taken back. `rows` are places of files, each with the
    hash of its file, that were taken back: files are laid as if nothing stood there. A file that cannot be read is
    passed over whole, and says why.
    """
    digests = frozenset(_digest(key) for key in without)
    found = _find(keep, files, digests, rows) if keep else None
    state = found or State(rows=frozenset(rows))
    fresh = files[len(state.files) :]
    for sent in fresh:
        _lay_file(state, sent, shape)
    _leave_out(state, without)
    is_other = found is None or bool(fresh) or digests != state.without
    state.files, state.without = list(files), digests
    if keep and is_other:
        _write(keep, state)
    return state


def _leave_out(state: State, without: Set[str]) -> None:
    for key in without & state.nodes.keys():
        del state.nodes[key]
    for brought in state.brought:
        brought.refused = [one for one in brought.refused if not any(key in one.row for key in without)]


def find_later(keep: Path, files: Sequence[Sent]) -> list[list[str]]:
    """Return date, name and hash of the files that what is kept was made of besides, where it begins with these."""
    head = _read_head(keep)
    listed = [sent.listed for sent in files]
    made_of = head["files"] if head else []
    return made_of[len(listed) :] if made_of[: len(listed)] == listed else []


def _lay_file(state: State, sent: Sent, shape: Shape) -> None:
    """Lay a file over the state, or none of it where it cannot be read to its end.

    The same file, by name and content, that comes again may only take away: what it says was said at its first coming
    and may have changed since, but whoever sends a purge twice means it, unless the file itself makes the node again.
    """
    earlier = state.files[: len(state.brought)]
    repeats = next((one.date for one in earlier if (one.name, one.sha256) == (sent.name, sent.sha256)), "")
    gone = [place for digest, place in state.rows if digest == sent.sha256]
    changed: dict[str, str | None] = {}
    purges: dict[Way, None] = {}
    log, members, has_key = Log(), 0, False
    try:
        for pointer, payload in iterate_members(sent.path):
            members += 1
            has_key |= isinstance(payload, dict) and shape.key in payload
            if any(is_at(pointer, place) for place in gone):
                continue
            for place in gone:
                _take_out(payload, pointer, place)
            if repeats:
                _find_member_purges(payload, shape, purges)
            else:
                _lay_member(state, changed, payload, shape, (sent.sha256, pointer), log)
        if members and not has_key:
            raise UnreadableFile("wrong_standard", f"nothing in the file has a {shape.key}: check its standard")
    except UnreadableFile as error:
        state.brought.append(Brought(unreadable=(error.rule, error.message)))
        state.files = [*earlier, sent]
        return
    for way in purges:
        _drop(state, changed, way, shape)
    for key, text in changed.items():
        if text is None:
            state.nodes.pop(key, None)
        else:
            state.nodes[key] = text
    state.brought.append(Brought(log.rows, log.purged, log.refused, None, repeats))
    state.files = [*earlier, sent]


def _take_out(payload: Any, pointer: str, place: str) -> None:
    """Take what stands at a place out of the payload at a pointer, where it is below that; what is beside it keeps its
    place. An object that stands where a list should is a list of one.
    """
    if not place.startswith(f"{pointer}/"):
        return
    holder: Any = None
    name: str | int = ""
    value = payload
    for step in place[len(pointer) + 1 :].split("/"):
        if isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            holder, name = value, int(step)
        elif isinstance(value, dict) and step in value:
            holder, name = value, step
        elif not (isinstance(value, dict) and step == "0"):
            return
        value = holder[name]
    if holder is not None:
        holder[name] = TAKEN_OUT


def _lay_member(
    state: State, changed: dict[str, str | None], payload: Any, shape: Shape, at: tuple[str, str], log: Log
) -> None:
    try:
        key = find_key(payload, shape)
    except RowRefused as refused:
        log.rows[shape.part] += 1
        row = as_row(payload)
        log.refused.append(Refused(shape.part, at[1] or "/", refused.rule, refused.fld, refused.message, row))
        return
    changed[key] = _text(lay(_held(state, changed, key), payload, shape, at, log))


def _find_member_purges(payload: Any, shape: Shape, purges: dict[Way, None]) -> None:
    try:
        key = find_key(payload, shape)
    except RowRefused:
        return
    find_purges(payload, shape, (("", key, ""),), purges)


def _drop(state: State, changed: dict[str, str | None], way: Way, shape: Shape) -> None:
    key, rest = way[0][1], way[1:]
    held = _held(state, changed, key)
    if held is not None and rest:
        drop(held, rest, shape)
    changed[key] = _text(held) if rest else None


def _held(state: State, changed: Mapping[str, str | None], key: str) -> Node | None:
    text = changed[key] if key in changed else state.nodes.get(key)
    node: Node | None = None if text is None else json.loads(text)
    return node


def _text(node: Node | None) -> str | None:
    return None if node is None else json.dumps(node, separators=(",", ":"))


def _digest(key: str) -> str:
    return hashlib.blake2b(key.encode(), digest_size=16).hexdigest()


def _read_head(keep: Path) -> dict[str, Any] | None:
    try:
        with keep.open(encoding="utf-8") as file:
            head: dict[str, Any] = json.loads(file.readline())
    except (OSError, ValueError):
        return None
    return head if head.get("version") == VERSION else None


def _find(keep: Path, files: Sequence[Sent], digests: frozenset[str], rows: Set[tuple[str, str]]) -> State | None:
    """Return the state that is kept, where these files begin with those that made it and it left out nothing else."""
    head = _read_head(keep)
    if head is None or not frozenset(head["without"]) <= digests:
        return None
    if {tuple(one) for one in head.get("rows", ())} != rows:
        return None
    made_of = head["files"]
    if [sent.listed for sent in files[: len(made_of)]] != made_of:
        return None
    brought = [
        Brought(
            Counter(one["rows"]),
            one["purged"],
            [Refused(**refused) for refused in one["refused"]],
            tuple(one["unreadable"]) if one["unreadable"] else None,
            one["repeats"],
        )
        for one in head["brought"]
    ]
    with keep.open(encoding="utf-8") as file:
        file.readline()
        nodes = dict(_pairs(file))
    if len(nodes) != head["nodes"]:
        return None
    return State(list(files[: len(made_of)]), brought, nodes, frozenset(head["without"]), frozenset(rows))


def _pairs(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        key, _, text = line.rstrip("\n").partition("\t")
        yield json.loads(key), text


def _write(keep: Path, state: State) -> None:
    """Write the state whole or not at all, for its own user alone: it holds everybody of the feed."""
    keep.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    head = {
        "version": VERSION,
        "files": [sent.listed for sent in state.files],
        "brought": [
            {**vars(one), "rows": dict(one.rows), "refused": [vars(refused) for refused in one.refused]}
            for one in state.brought
        ],
        "without": sorted(state.without),
        "rows": sorted(state.rows),
        "nodes": len(state.nodes),
    }
    fresh = keep.with_name(f"{keep.name}.tmp")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(json.dumps(head) + "\n")
        for key in sorted(state.nodes):
            file.write(f"{json.dumps(key)}\t{state.nodes[key]}\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(keep)
