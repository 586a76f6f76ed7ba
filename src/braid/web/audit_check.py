"""Verifying the log: every leaf computed again from its entry, chain, tree, checkpoints, and what witnesses remember.

Needs the database, the log's public key and the memories of witnesses, and trusts nothing else. A finding names ids,
positions and times, never a value.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus

from braid.store.signing_key import find_cosigned_at, find_log_signature
from braid.trust.audit import CHAIN_START, chain, encode_entry
from braid.trust.checkpoint import Checkpoint, Memory, NoteInvalid, VerifierKey, read_signature
from braid.trust.merkle import EMPTY_ROOT, CompactRange, Node, hash_leaf
from braid.web.audit_log import ENTRY_COLUMNS, LogBroken, get_hashes

BATCH = 10_000
MOST_FINDINGS = 20
LATE = dt.timedelta(minutes=10)
"""An entry gets its place within seconds. One from so long before a checkpoint that lacks it was put in afterwards."""


@dataclass(frozen=True)
class Misfit:
    """Something that does not fit: which rule, where, and in words."""

    rule: str
    message: str
    position: int | None = None
    entry_id: int | None = None
    recorded_at: dt.datetime | None = None


@dataclass
class Verified:
    """What was checked. It holds where there is no misfit."""

    entries: int = 0
    root: bytes = EMPTY_ROOT
    checkpoints: int = 0
    cosignatures: int = 0
    witnesses: int = 0
    vault_calls: int = 0
    link_uses: int = 0
    waiting: int = 0
    """Entries without a place in the log yet: fresh ones, while Braid is served."""
    misfits: list[Misfit] = field(default_factory=list)

    def add(self, rule: str, message: str, **where: Any) -> None:
        """Add a misfit, up to `MOST_FINDINGS`."""
        if len(self.misfits) < MOST_FINDINGS:
            self.misfits.append(Misfit(rule, message, **where))


@dataclass
class _Walk:
    """Where the walk along the leaves is, and the roots it passed that somebody signed or remembers."""

    wanted: frozenset[int]
    signed: dict[int, dt.datetime]
    """When checkpoints were signed, by their size."""
    signed_at: dt.datetime | None = None
    """When the newest checkpoint was signed whose end the walk has passed."""
    tree: CompactRange = field(default_factory=CompactRange)
    last: bytes = CHAIN_START
    roots: dict[int, bytes] = field(default_factory=lambda: {0: EMPTY_ROOT})
    nodes: dict[Node, bytes] = field(default_factory=dict)


def verify(
    connection: psycopg.Connection[Any],
    key: VerifierKey,
    witness_keys: Sequence[VerifierKey] = (),
    memories: Mapping[str, Memory] | None = None,
) -> Verified:
    """Verify the log. `memories` are what witnesses saw last, by the witness's name."""
    report = Verified()
    is_first = connection.info.transaction_status == TransactionStatus.IDLE
    with connection.transaction():
        if is_first:
            connection.execute("set transaction isolation level repeatable read read only")
        checkpoints = connection.execute(
            "select id, origin, size, root, signature, signed_at from braid_auditcheckpoint order by size, id"
        ).fetchall()
        sizes = {row[2] for row in checkpoints} | {memory.size for memory in (memories or {}).values()}
        walk = _Walk(frozenset(sizes), {row[2]: row[5] for row in checkpoints})
        try:
            with connection.transaction():
                for rows in _leaves(connection):
                    _walk_on(walk, rows, report)
                    _check_nodes(connection, walk, report)
        except psycopg.DataError:
            report.add("entry_unreadable", "an entry holds what its column cannot", position=walk.tree.size)
        report.entries, report.root = walk.tree.size, walk.tree.root()
        _check_counts(connection, walk, report)
        _check_vault(connection, report)
        _check_links(connection, report)
        for row in checkpoints:
            _check_checkpoint(connection, row, walk.roots, key, witness_keys, report)
    for name, memory in (memories or {}).items():
        _check_memory(name, memory, walk.roots, report)
    return report


def _leaves(connection: psycopg.Connection[Any]) -> Iterator[list[tuple[Any, ...]]]:
    with connection.cursor(name="braid_verify") as cursor:
        cursor.itersize = BATCH
        cursor.execute(
            "select l.position, l.entry_id, l.leaf_hash, l.chain_hash, e.id is not null,"
            f" {ENTRY_COLUMNS} from braid_auditleaf l left join braid_auditentry e on e.id = l.entry_id"
            " order by l.position"
        )
        while rows := cursor.fetchmany(BATCH):
            yield rows


def _walk_on(walk: _Walk, rows: list[tuple[Any, ...]], report: Verified) -> None:
    for position, entry_id, kept, chained, is_there, *entry in rows:
        where = {"position": position, "entry_id": entry_id, "recorded_at": entry[1]}
        walk.signed_at = walk.signed.get(walk.tree.size, walk.signed_at)
        if position != walk.tree.size:
            report.add("leaf_missing", "the log skips or repeats a place", **where)
        if is_there:
            leaf = hash_leaf(encode_entry(entry))
            if leaf != kept:
                report.add("entry_changed", "the entry is not the one that was hashed", **where)
            elif walk.signed_at and entry[1] < walk.signed_at - LATE:
                report.add(
                    "entry_late", "the entry is older than a checkpoint that lacks it: put in afterwards", **where
                )
        else:
            leaf = bytes(kept)
            report.add("entry_missing", "the entry is gone and its leaf is there", **where)
        walk.last = chain(walk.last, leaf)
        if walk.last != chained:
            report.add("chain_broken", "the chain does not lead here", **where)
            walk.last = bytes(chained)
        walk.nodes.update(walk.tree.append(leaf))
        if walk.tree.size in walk.wanted:
            walk.roots[walk.tree.size] = walk.tree.root()


def _check_nodes(connection: psycopg.Connection[Any], walk: _Walk, report: Verified) -> None:
    """Compare the nodes that the last leaves completed with those kept, and forget them."""
    try:
        with connection.cursor() as cursor:
            kept = get_hashes(cursor, walk.nodes)
    except LogBroken:
        report.add("node_missing", "a node of the tree is gone", position=walk.tree.size - 1)
    else:
        if kept != walk.nodes:
            report.add(
                "node_changed", "a node of the tree is not the hash of what is below", position=walk.tree.size - 1
            )
    walk.nodes = {}


def _check_counts(connection: psycopg.Connection[Any], walk: _Walk, report: Verified) -> None:
    size = walk.tree.size
    found = connection.execute("select count(*) from braid_auditnode").fetchone()
    if found is None or found[0] != size - size.bit_count():
        report.add("node_count", "the tree has another number of nodes than its size needs")
    newest = max(walk.signed.values(), default=None)
    waiting = connection.execute(
        "select e.id, e.recorded_at from braid_auditentry e"
        " where not exists (select 1 from braid_auditleaf l where l.entry_id = e.id) order by e.id"
    ).fetchall()
    report.waiting = len(waiting)
    for identity, moment in waiting:
        if newest and moment < newest - LATE:
            report.add(
                "entry_late",
                "the entry is older than the newest checkpoint, which lacks it",
                entry_id=identity,
                recorded_at=moment,
            )


def _check_vault(connection: psycopg.Connection[Any], report: Verified) -> None:
    """Compare the calls that the vault itself kept with the entries of fields read or withheld, by who, whom and item.

    A call and its entry are one transaction: more calls than entries were made past the pages, or their entries are
    gone; a read without its call was never one, or somebody cleared the vault's own list.
    """
    found = connection.execute("select to_regclass('vault.call') is null").fetchone()
    if found is None or found[0]:
        return
    rows = connection.execute(
        "select c.n, e.n, e.allowed, e.id, coalesce(c.at, e.at) from"
        " (select username, purpose, person_id, item, count(*) as n, min(called_at) as at"
        " from vault.call where permitted"
        " group by 1, 2, 3, 4) c full join"
        " (select username, purpose, person_id, item_classes as item, count(*) as n,"
        " count(*) filter (where kind = 'vault_read') as allowed, min(id) as id, min(recorded_at) as at"
        " from braid_auditentry where kind in ('vault_read', 'withheld')"
        " and (item_classes like 'vault.%' or item_classes = 'safe_contact')"
        " group by 1, 2, 3, 4) e using (username, purpose, person_id, item)"
    ).fetchall()
    for calls, entries, allowed, identity, moment in rows:
        report.vault_calls += calls or 0
        where = {"entry_id": identity, "recorded_at": moment}
        if (calls or 0) > (entries or 0):
            report.add("vault_call_without_entry", "the vault gave a field that no entry tells of", **where)
        elif (allowed or 0) > (calls or 0):
            report.add("vault_entry_without_call", "an entry tells of a field that the vault did not give", **where)


def _check_links(connection: psycopg.Connection[Any], report: Verified) -> None:
    """Compare what was done by links without an account, answers and words, with the entries that name the link.

    A use and its entry are one transaction: a use without its entry was made past the pages.
    """
    found = connection.execute("select to_regclass('braid_ownview') is null").fetchone()
    if found is None or found[0]:
        return
    rows = connection.execute(
        "select u.n, e.n, e.id, e.at from (select 'link ' || reference as username, count(*) as n from"
        " (select reference from braid_replylink where used_at is not null union all"
        " select v.reference from braid_ownwords w join braid_ownview v on v.id = w.view_id) of_each group by 1) u"
        " full join (select username, count(*) as n, min(id) as id, min(recorded_at) as at from braid_auditentry"
        " where kind = 'changed' and username like 'link %' group by 1) e using (username)"
    ).fetchall()
    for uses, entries, identity, moment in rows:
        report.link_uses += uses or 0
        where = {"entry_id": identity, "recorded_at": moment}
        if (uses or 0) > (entries or 0):
            report.add("link_use_without_entry", "something was done by a link that no entry tells of", **where)
        elif (entries or 0) > (uses or 0):
            report.add("link_entry_without_use", "an entry tells of a use of a link that left nothing", **where)


def _check_checkpoint(
    connection: psycopg.Connection[Any],
    row: tuple[Any, ...],
    roots: Mapping[int, bytes],
    key: VerifierKey,
    witness_keys: Sequence[VerifierKey],
    report: Verified,
) -> None:
    identity, origin, size, root, line, _ = row
    report.checkpoints += 1
    text = Checkpoint(origin, size, bytes(root)).text()
    if not _is_signed(text, line, key):
        report.add("checkpoint_not_signed", f"the checkpoint of {size} entries has no signature of this log's key")
    elif size not in roots:
        report.add("log_cut_off", f"a checkpoint was signed over {size} entries, and the log has fewer")
    elif roots[size] != bytes(root):
        report.add("root_differs", f"the first {size} entries are not those that were signed")
    known = {witness.name: witness for witness in witness_keys}
    signatures = connection.execute(
        "select witness, signature from braid_witnesssignature where checkpoint_id = %s", [identity]
    ).fetchall()
    for witness, line in signatures:
        report.cosignatures += 1
        if witness in known and not _is_cosigned(text, line, known[witness]):
            report.add("cosignature_false", f"a signature of a witness under {size} entries is not theirs")


def _is_signed(text: str, line: str, key: VerifierKey) -> bool:
    try:
        return find_log_signature(text, [read_signature(line.rstrip("\n"))], key) is not None
    except NoteInvalid:
        return False


def _is_cosigned(text: str, line: str, key: VerifierKey) -> bool:
    try:
        return find_cosigned_at(text, read_signature(line.rstrip("\n")), key) is not None
    except NoteInvalid:
        return False


def _check_memory(name: str, memory: Memory, roots: Mapping[int, bytes], report: Verified) -> None:
    report.witnesses += 1
    if memory.size not in roots:
        report.add(
            "witness_saw_more", f"{name} saw {memory.size} entries, and the log has fewer: cut off or rolled back"
        )
    elif roots[memory.size] != memory.root:
        report.add("witness_saw_other", f"{name} saw other entries among the first {memory.size}: a fork or a rewrite")
