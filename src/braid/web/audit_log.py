"""The log over the audit entries: gives each entry its place, hashes it into a Merkle tree, and signs checkpoints.

It runs with the rights of the tables' owner; the pages only read it. Entries commit in another order than their ids, so
what has no leaf yet is looked for, and never what lies beyond the newest id. Functions take a cursor, of psycopg or of
Django alike, and need no models.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from braid.store.signing_key import SigningKey, find_cosigned_at
from braid.trust.audit import CHAIN_START, COLUMNS, chain, encode_entry
from braid.trust.checkpoint import (
    Checkpoint,
    LogRefused,
    Request,
    Signature,
    VerifierKey,
    read_checkpoint,
    read_note,
)
from braid.trust.merkle import (
    EMPTY_ROOT,
    CompactRange,
    Node,
    consistency_ranges,
    hash_leaf,
    hash_range,
    nodes_of,
)

ENTRY_COLUMNS = ", ".join(f"e.{column}" for column in COLUMNS)
LOCK = 0x6272_6169_6400
"""Number of the advisory lock that lets one sequencer at a time append."""
LOOK_BACK = 10_000
"""How many ids below the newest sequenced one are searched every time; the whole table is, less often."""
BATCH = 20_000
"""Entries sequenced in one transaction."""
T = TypeVar("T")


class LogBroken(Exception):
    """The log in the database contradicts itself or what was signed. Exit code 5. Run `braid audit verify`."""


@dataclass(frozen=True)
class Sealed:
    """What one call did: entries sequenced, the size of the log, and the checkpoint where one was signed."""

    appended: int
    size: int
    checkpoint: Checkpoint | None


@dataclass(frozen=True)
class LogState:
    """The size of the log, its newest checkpoint with when and as text, entries without a place, the oldest's time."""

    size: int
    checkpoint: Checkpoint | None
    signed_at: dt.datetime | None
    note: str
    waiting: int
    oldest_at: dt.datetime | None


def seal(connection: Any, key: SigningKey, *, sign: bool = True, whole: bool = True) -> Sealed:
    """Sequence the entries that have no leaf, in the order of their ids, and sign a checkpoint where `sign`.

    `connection` is a psycopg connection of the owner in no transaction. `whole` searches all entries, else those near
    the newest. A checkpoint is signed only where the log still begins with the one signed before. Raises
    `LogBroken`.
    """
    appended = 0
    while True:
        with connection.transaction(), connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s)", [LOCK])
            size, last = get_end(cursor)
            rows = _unsequenced(cursor, size, whole)
            tree = CompactRange(size, _hashes_of(cursor, size))
            _append(cursor, tree, last, rows)
            appended += len(rows)
            if len(rows) == BATCH:
                continue
            checkpoint = _sign(cursor, tree, key) if sign else None
            return Sealed(appended, tree.size, checkpoint)


def get_end(cursor: Any) -> tuple[int, bytes]:
    """Return the size of the log and the last hash of its chain."""
    cursor.execute("select position, chain_hash from braid_auditleaf order by position desc limit 1")
    row = cursor.fetchone()
    return (row[0] + 1, bytes(row[1])) if row else (0, CHAIN_START)


def _hashes_of(cursor: Any, size: int) -> list[bytes]:
    known = get_hashes(cursor, nodes_of((0, size)))
    return [known[node] for node in nodes_of((0, size))]


def _unsequenced(cursor: Any, size: int, whole: bool) -> list[tuple[Any, ...]]:
    floor = 0
    if size and not whole:
        cursor.execute("select max(entry_id) from braid_auditleaf")
        floor = cursor.fetchone()[0] - LOOK_BACK
    cursor.execute(
        f"select {ENTRY_COLUMNS} from braid_auditentry e"
        " where e.id > %s and not exists (select 1 from braid_auditleaf l where l.entry_id = e.id)"
        " order by e.id limit %s",
        [floor, BATCH],
    )
    return list(cursor.fetchall())


def _append(cursor: Any, tree: CompactRange, last: bytes, rows: Sequence[tuple[Any, ...]]) -> None:
    leaves, nodes = [], []
    for row in rows:
        leaf = hash_leaf(encode_entry(row))
        last = chain(last, leaf)
        leaves.append((tree.size, row[0], leaf, last))
        nodes += [(level, index, value) for (level, index), value in tree.append(leaf)]
    _copy(cursor, "braid_auditleaf (position, entry_id, leaf_hash, chain_hash)", leaves)
    _copy(cursor, "braid_auditnode (level, index, node_hash)", nodes)


def _copy(cursor: Any, target: str, rows: Iterable[tuple[Any, ...]]) -> None:
    with cursor.copy(f"copy {target} from stdin") as copy:
        for row in rows:
            copy.write_row(row)


def _sign(cursor: Any, tree: CompactRange, key: SigningKey) -> Checkpoint | None:
    """Sign the tree unless the last checkpoint is of this size; first make sure that it begins with that one."""
    root = tree.root()
    cursor.execute("select size, root from braid_auditcheckpoint order by size desc, id desc limit 1")
    row = cursor.fetchone()
    if row:
        size, before = row[0], bytes(row[1])
        if size > tree.size or get_root(cursor, size) != before:
            raise LogBroken(
                f"the log no longer begins with the checkpoint of {size} entries that was signed; nothing is signed."
                " Next step: braid audit verify, and keep a copy of the database as it is"
            )
        if size == tree.size:
            return None
    checkpoint = Checkpoint(key.name, tree.size, root)
    cursor.execute(
        "insert into braid_auditcheckpoint (origin, size, root, signature) values (%s, %s, %s, %s)",
        [key.name, tree.size, root, key.sign(checkpoint.text()).line()],
    )
    return checkpoint


def get_hashes(cursor: Any, nodes: Iterable[Node]) -> dict[Node, bytes]:
    """Return the hashes of complete subtrees and leaves. Raises `LogBroken` where one is missing."""
    wanted = set(nodes)
    found: dict[Node, bytes] = {}
    if leaves := [index for level, index in wanted if level == 0]:
        cursor.execute("select position, leaf_hash from braid_auditleaf where position = any(%s)", [leaves])
        found |= {(0, position): bytes(value) for position, value in cursor.fetchall()}
    if higher := [node for node in wanted if node[0]]:
        cursor.execute(
            "select n.level, n.index, n.node_hash from braid_auditnode n"
            " join unnest(%s::int[], %s::bigint[]) as w (level, index) on w.level = n.level and w.index = n.index",
            [[level for level, _ in higher], [index for _, index in higher]],
        )
        found |= {(level, index): bytes(value) for level, index, value in cursor.fetchall()}
    if len(found) != len(wanted):
        raise LogBroken("the log lacks a node that its size needs. Next step: braid audit verify")
    return found


def get_root(cursor: Any, size: int) -> bytes:
    """Return the root over the first `size` leaves. Raises `LogBroken`."""
    if not size:
        return EMPTY_ROOT
    return hash_range((0, size), get_hashes(cursor, nodes_of((0, size))).__getitem__)


def get_proof(cursor: Any, old: int, new: int) -> list[bytes]:
    """Return the proof that the log of `new` entries begins with that of `old`. Raises `LogBroken`, `ValueError`."""
    ranges = consistency_ranges(old, new)
    known = get_hashes(cursor, [node for leaves in ranges for node in nodes_of(leaves)])
    return [hash_range(leaves, known.__getitem__) for leaves in ranges]


def find_checkpoint_note(cursor: Any) -> tuple[int, Checkpoint, dt.datetime, str] | None:
    """Return id, checkpoint, when it was signed, and its note with all signatures; `None` before the first."""
    cursor.execute(
        "select id, origin, size, root, signed_at, signature from braid_auditcheckpoint"
        " order by size desc, id desc limit 1"
    )
    row = cursor.fetchone()
    if row is None:
        return None
    checkpoint = Checkpoint(row[1], row[2], bytes(row[3]))
    cursor.execute("select signature from braid_witnesssignature where checkpoint_id = %s order by id", [row[0]])
    note = f"{checkpoint.text()}\n{row[5]}{''.join(line for (line,) in cursor.fetchall())}"
    return row[0], checkpoint, row[4], note


def find_newest_note(connection: Any) -> str | None:
    """Return the newest checkpoint with its signatures, or `None` before the first."""
    with connection.cursor() as cursor:
        found = find_checkpoint_note(cursor)
    return found[3] if found else None


def find_signed_proof(connection: Any, old: int, new: int) -> list[bytes] | None:
    """Return the proof from `old` to `new` entries; `None` beyond the newest checkpoint, where nothing is signed."""
    with connection.cursor() as cursor:
        found = find_checkpoint_note(cursor)
        if found is None or not 0 <= old <= new <= found[1].size:
            return None
        try:
            return get_proof(cursor, old, new)
        except LogBroken:
            return None


def find_state(connection: Any) -> LogState:
    """Return the size of the log, its newest checkpoint, and what waits for a place."""
    with connection.cursor() as cursor:
        size, _ = get_end(cursor)
        found = find_checkpoint_note(cursor)
        cursor.execute(
            "select count(*), min(recorded_at) from braid_auditentry e"
            " where not exists (select 1 from braid_auditleaf l where l.entry_id = e.id)"
        )
        waiting, oldest = cursor.fetchone()
    return LogState(
        size, found[1] if found else None, found[2] if found else None, found[3] if found else "", waiting, oldest
    )


def get_request(cursor: Any, old_size: int) -> Request:
    """Return what a witness that saw `old_size` entries needs to go on. Raises `LogBroken`."""
    found = find_checkpoint_note(cursor)
    if found is None:
        raise LogBroken("no checkpoint was signed yet. Next step: braid serve, or braid audit checkpoint")
    _, checkpoint, _, note = found
    proof = get_proof(cursor, old_size, checkpoint.size) if old_size <= checkpoint.size else []
    return Request(old_size, tuple(proof), note)


def reading(connection: Any, ask: Callable[[Any], T]) -> T:
    """Return what `ask` finds with a cursor, in one transaction that sees one state of the log."""
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute("set transaction isolation level repeatable read")
        return ask(cursor)


def accept_cosignature(connection: Any, note: str, witness_keys: Sequence[VerifierKey]) -> str:
    """Keep a witness's signature of a checkpoint that this log signed; return the witness's name.

    Raises `LogRefused` where no witness of this place signed the note, or this log never signed such a checkpoint.
    """
    text, signatures = read_note(note)
    checkpoint = read_checkpoint(text)
    for signature in signatures:
        for key in witness_keys:
            seen_at = find_cosigned_at(text, signature, key)
            if seen_at is not None and _keep_cosignature(connection, checkpoint, signature, seen_at):
                return key.name
    raise LogRefused(
        "no witness of this place signed a checkpoint of this log there. Next step: put the witness's public key into"
        " witnesses.txt of the place folder (braid audit key --witness), and let it sign again"
    )


def _keep_cosignature(connection: Any, checkpoint: Checkpoint, signature: Signature, seen_at: int) -> bool:
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute(
            "select id from braid_auditcheckpoint where origin = %s and size = %s and root = %s order by id limit 1",
            [checkpoint.origin, checkpoint.size, checkpoint.root],
        )
        row = cursor.fetchone()
        if row is None:
            return False
        cursor.execute(
            "insert into braid_witnesssignature (checkpoint_id, witness, signature, seen_at)"
            " values (%s, %s, %s, to_timestamp(%s)) on conflict do nothing",
            [row[0], signature.name, signature.line(), seen_at],
        )
        return True
