"""The owner of the database changes the past in every way we know of: what is seen, alone and with a witness.

Triggers are no hindrance here, as they are none to a superuser. Each trial changes a copy of one log, asks, and takes
the change back. Where the verifier alone is blind, the table says so, and the test holds it to that too.
"""

import datetime as dt
import random
from collections import defaultdict

import psycopg
import pytest
from audit_sample import add_entries, own_log
from psycopg.types.json import Jsonb

from braid.store.signing_key import open_key
from braid.store.witness_memory import Witness, cosign_next
from braid.trust.audit import COLUMNS, encode_entry
from braid.trust.checkpoint import LogRefused, Memory
from braid.trust.merkle import hash_leaf
from braid.web.audit_check import verify
from braid.web.audit_log import get_request, seal

pytestmark = pytest.mark.django_db
FIRST, SECOND, LAST = 150, 90, 40
"""Entries before the first checkpoint, between it and the second, which the witness saw, and after."""
BLIND_ALONE = {"cut off the tail", "cut off everything", "rewrite with the key", "fork with the key", "older backup"}
"""What nobody can see without having seen the log before."""
ROWS_PER_COLUMN = 8


class Log:
    """A sealed log with a witness that saw its second checkpoint, and a state to go back to."""

    def __init__(self, connection, key, witness_key) -> None:
        self.connection, self.key = connection, key
        add_entries(connection, FIRST, seed=1)
        seal(connection, key)
        add_entries(connection, SECOND, seed=2)
        seal(connection, key)
        with connection.cursor() as cursor:
            request = get_request(cursor, 0)
        self.witness, _, _ = cosign_next(Witness(key.public()), request, witness_key)
        add_entries(connection, LAST, seed=3)
        seal(connection, key)
        self.size = FIRST + SECOND + LAST

    def sees(self, memory: Memory | None) -> bool:
        memories = {"council": memory} if memory else {}
        return bool(verify(self.connection, self.key.public(), (), memories).misfits)


@pytest.fixture(scope="module")
def sealed(django_db_setup, django_db_blocker, tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    with django_db_blocker.unblock(), own_log("audit_tamper_test") as connection:
        log = Log(connection, open_key(folder / "log", "braid/sample/audit"), open_key(folder / "council", "council"))
        assert not log.sees(log.witness.memory)
        yield log


def _flipped(column: str, value, choose: random.Random):
    """Return the value with one bit turned that its column can hold."""
    if isinstance(value, dt.datetime):
        return value + dt.timedelta(microseconds=1 << choose.randrange(20))
    if isinstance(value, int):
        return value ^ (1 << choose.randrange(14))
    if isinstance(value, dict):
        key = choose.choice(sorted(value))
        turned = value[key] ^ 1 if isinstance(value[key], int) else _turn_letter(value[key], choose)
        return Jsonb({**value, key: turned})
    return _turn_letter(value, choose) if value else "x"


def _turn_letter(text: str, choose: random.Random) -> str:
    place = choose.randrange(len(text))
    bits = [bit for bit in range(7) if 32 < ord(text[place]) ^ (1 << bit) < 127]
    return text[:place] + chr(ord(text[place]) ^ (1 << choose.choice(bits))) + text[place + 1 :]


def flips(log: Log, choose: random.Random):
    """Turn one bit in each column of some rows."""
    for column in COLUMNS:
        for _ in range(ROWS_PER_COLUMN):
            identity = choose.randrange(1, log.size + 1)

            def turn(connection, column=column, identity=identity):
                found = connection.execute(f"select {column} from braid_auditentry where id = %s", [identity])
                value = _flipped(column, found.fetchone()[0], choose)
                if column == "id":
                    value = 10_000 + value
                drop = "alter table braid_auditentry alter column id drop identity if exists"
                connection.execute(drop)
                connection.execute(f"update braid_auditentry set {column} = %s where id = %s", [value, identity])

            yield turn


def _delete(connection, identity):
    connection.execute("delete from braid_auditentry where id = %s", [identity])


def _delete_with_leaf(connection, identity):
    _delete(connection, identity)
    connection.execute("delete from braid_auditleaf where entry_id = %s", [identity])


def _swap(connection, one, other):
    columns = [name for name in COLUMNS if name != "id"]
    connection.execute(
        f"update braid_auditentry a set ({', '.join(columns)}) = (select {', '.join(f'b.{name}' for name in columns)}"
        " from braid_auditentry b where b.id = case a.id when %(one)s then %(other)s else %(one)s end)"
        " where a.id in (%(one)s, %(other)s)",
        {"one": one, "other": other},
    )


def _swap_places(connection, one, other):
    """Swap two leaves, hashes and all."""
    connection.execute("update braid_auditleaf set position = -1 - position where entry_id in (%s, %s)", [one, other])
    places = dict(
        connection.execute("select entry_id, -1 - position from braid_auditleaf where position < 0").fetchall()
    )
    for identity, place in ((one, places[other]), (other, places[one])):
        connection.execute("update braid_auditleaf set position = %s where entry_id = %s", [place, identity])


def _insert(connection, before):
    """Put an entry in as if it had been made back then, with an id between two others."""
    connection.execute("update braid_auditentry set id = -id where id >= %s", [before])
    connection.execute("update braid_auditentry set id = 1 - id where id < 0")
    connection.execute("update braid_auditleaf set entry_id = -entry_id where entry_id >= %s", [before])
    connection.execute("update braid_auditleaf set entry_id = 1 - entry_id where entry_id < 0")
    names = ", ".join(name for name in COLUMNS if name not in ("id", "recorded_at"))
    connection.execute(
        f"insert into braid_auditentry (id, recorded_at, {names}) overriding system value select %s,"
        f" recorded_at - interval '1 day', {names} from braid_auditentry where id = %s",
        [before, before - 1],
    )


def _insert_unhashed(connection, before):
    """Put an entry in beside the log, dated back."""
    names = ", ".join(name for name in COLUMNS if name not in ("id", "recorded_at"))
    connection.execute(
        f"insert into braid_auditentry (recorded_at, {names}) select recorded_at - interval '1 day', {names}"
        " from braid_auditentry where id = %s",
        [before],
    )


def _cut(connection, size):
    """Take away all that came after `size`, checkpoints and nodes too, as if it had never been."""
    connection.execute("delete from braid_auditentry where id > %s", [size])
    connection.execute("delete from braid_auditleaf where position >= %s", [size])
    connection.execute("delete from braid_auditnode where (index + 1) * (1::bigint << level) > %s", [size])
    connection.execute("delete from braid_auditcheckpoint where size > %s", [size])


def _forget(connection):
    """Take away leaves and nodes, so that the log is made anew from the entries as they are now."""
    for table in ("auditleaf", "auditnode"):
        connection.execute(f"truncate braid_{table}")


def _rehash(connection, key, identity):
    """Change an entry and compute every hash again, without the key."""
    connection.execute("update braid_auditentry set username = 'nobody' where id = %s", [identity])
    _forget(connection)
    seal(connection, key, sign=False)


def _rewrite(connection, key, identity):
    """Change an entry, compute every hash again, and sign every checkpoint again with the stolen key."""
    sizes = [size for (size,) in connection.execute("select size from braid_auditcheckpoint order by size").fetchall()]
    connection.execute("truncate braid_auditcheckpoint")
    connection.execute("update braid_auditentry set username = 'nobody' where id = %s", [identity])
    _forget(connection)
    connection.execute("create temporary table kept on commit drop as select * from braid_auditentry")
    connection.execute("truncate braid_auditentry")
    before = 0
    for size in sizes:
        connection.execute(
            "insert into braid_auditentry overriding system value select * from kept where id > %s and id <= %s",
            [before, size],
        )
        seal(connection, key)
        before = size
    connection.execute("drop table kept")


def _fork(connection, key, size):
    """Go back to `size` and go on from there differently, signed with the stolen key."""
    _cut(connection, size)
    connection.execute("delete from braid_auditcheckpoint where size > %s", [size])
    add_entries(connection, FIRST + SECOND + LAST - size + 7, seed=size)
    seal(connection, key)


def trials(log: Log, choose: random.Random):
    """Give (kind, what to do) for every trial."""
    key, seen = log.key, FIRST + SECOND
    for turn in flips(log, choose):
        yield "turn a bit of a column", turn
    for _ in range(20):
        one, other = choose.sample(range(2, log.size), 2)
        yield "delete an entry", lambda c, one=one: _delete(c, one)
        yield "delete an entry and its leaf", lambda c, one=one: _delete_with_leaf(c, one)
        yield "swap two entries", lambda c, one=one, other=other: _swap(c, one, other)
        yield "swap two leaves", lambda c, one=one, other=other: _swap_places(c, one, other)
        yield "insert, moving the others", lambda c, one=one: _insert(c, one)
        yield "insert, dated back", lambda c, one=one: _insert_unhashed(c, one)
        yield "change and hash again", lambda c, one=one: _rehash(c, key, one)
    for column in ("leaf_hash", "chain_hash"):
        for place in choose.sample(range(log.size), 10):
            yield (
                "change a leaf or the chain",
                lambda c, column=column, place=place: c.execute(
                    f"update braid_auditleaf set {column} = sha256({column}) where position = %s", [place]
                ),
            )
    for change in ("root = sha256(root)", "size = size + 1", "size = size - 1", "signature = ''", "origin = 'other'"):
        for ordinal in range(3):
            text = (
                f"update braid_auditcheckpoint set {change} where id ="
                " (select id from braid_auditcheckpoint order by id offset %s limit 1)"
            )
            yield "change a checkpoint", lambda c, text=text, ordinal=ordinal: c.execute(text, [ordinal])
    for level in range(1, 8):
        text = "update braid_auditnode set node_hash = sha256(node_hash) where level = %s and index = 0"
        yield "change a node", lambda c, text=text, level=level: c.execute(text, [level])
    for size in choose.sample(range(1, seen), 15):
        yield "cut off the tail", lambda c, size=size: _cut(c, size)
    for _ in range(3):
        yield "cut off everything", lambda c: _cut(c, 0)
        yield "older backup", lambda c: _cut(c, FIRST)
    for identity in choose.sample(range(1, seen), 8):
        yield "rewrite with the key", lambda c, identity=identity: _rewrite(c, key, identity)
    for size in choose.sample(range(1, seen), 8):
        yield "fork with the key", lambda c, size=size: _fork(c, key, size)


def test_every_change_of_the_past_is_seen_by_a_witness_and_which_without(sealed, capsys):
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for kind, change in trials(sealed, random.Random(8)):
        with sealed.connection.transaction(force_rollback=True):
            change(sealed.connection)
            counts[kind][0] += 1
            counts[kind][1] += sealed.sees(None)
            counts[kind][2] += sealed.sees(sealed.witness.memory)
    with capsys.disabled():
        print(f"\n{'kind':32} trials  alone  witness")
        for kind, (total, alone, seen) in counts.items():
            print(f"{kind:32} {total:6} {alone:6} {seen:8}")
    for kind, (total, alone, seen) in counts.items():
        assert seen == total, kind
        assert alone == (0 if kind in BLIND_ALONE else total), kind
    assert not sealed.sees(sealed.witness.memory), "every change was taken back"


def test_a_witness_signs_no_fork_and_no_rollback(sealed):
    for change in (
        lambda c: _cut(c, FIRST),
        lambda c: _fork(c, sealed.key, FIRST),
        lambda c: _rewrite(c, sealed.key, 5),
    ):
        with sealed.connection.transaction(force_rollback=True):
            change(sealed.connection)
            with sealed.connection.cursor() as cursor:
                request = get_request(cursor, sealed.witness.memory.size)
            with pytest.raises(LogRefused, match=r"rolled back|another past"):
                cosign_next(sealed.witness, request, sealed.key)


def test_the_first_entry_that_does_not_fit_is_named(sealed):
    with sealed.connection.transaction(force_rollback=True):
        sealed.connection.execute("update braid_auditentry set reference = 'MTG-1' where id in (41, 77)")
        report = verify(sealed.connection, sealed.key.public())
    first = report.misfits[0]
    assert (first.rule, first.position, first.entry_id) == ("entry_changed", 40, 41)
    assert first.recorded_at is not None
    assert "MTG" not in first.message


@pytest.mark.parametrize(
    "statement",
    ["update {} set {} = {}", "delete from {}", "truncate {} cascade"],
)
def test_the_database_refuses_to_change_the_log(statement, published):
    from django.db import connection, transaction

    for table, column in (("leaf", "entry_id"), ("node", "level"), ("checkpoint", "size")):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                {
                    "leaf": "insert into braid_auditleaf values (0, 1, '', '')",
                    "node": "insert into braid_auditnode (level, index, node_hash) values (1, 0, '')",
                    "checkpoint": "insert into braid_auditcheckpoint (origin, size, root, signature) values"
                    " ('x', 1, '', '')",
                }[table]
            )
        with pytest.raises(Exception) as refusal, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement.format(f"braid_audit{table}", column, column))
        assert isinstance(refusal.value.__cause__, psycopg.errors.RaiseException)


def _mutations(values: list, per_value: int, choose: random.Random):
    for place, value in enumerate(values):
        for _ in range(per_value):
            turned = _flipped("", value, choose)
            yield place, turned.obj if isinstance(turned, Jsonb) else turned


def _rows(connection, count: int) -> list[list]:
    columns = ", ".join(COLUMNS)
    return [list(row) for row in connection.execute(f"select {columns} from braid_auditentry limit {count}").fetchall()]


def _count_undetected(rows: list[list], per_value: int) -> tuple[int, int]:
    choose, total, undetected = random.Random(5), 0, 0
    for row in rows:
        leaf = hash_leaf(encode_entry(row))
        for place, turned in _mutations(row, per_value, choose):
            total += 1
            undetected += hash_leaf(encode_entry([*row[:place], turned, *row[place + 1 :]])) == leaf
    return total, undetected


def test_a_bit_turned_in_any_column_changes_the_leaf(sealed):
    total, undetected = _count_undetected(_rows(sealed.connection, 60), 5)
    assert undetected == 0
    assert total == 60 * len(COLUMNS) * 5


@pytest.mark.slow
def test_a_hundred_thousand_bits_turned_and_none_unseen(sealed):
    total, undetected = _count_undetected(_rows(sealed.connection, 280), 16)
    assert total >= 100_000
    assert undetected == 0


@pytest.mark.slow
def test_every_bit_of_every_canonical_form_is_hashed(sealed):
    total = 0
    for row in _rows(sealed.connection, 100):
        form = encode_entry(row)
        leaf = hash_leaf(form)
        for bit in range(len(form) * 8):
            turned = bytearray(form)
            turned[bit // 8] ^= 1 << bit % 8
            assert hash_leaf(bytes(turned)) != leaf
            total += 1
    assert total > 300_000


def test_what_came_after_the_last_witnessed_checkpoint_can_be_cut_off_unseen(sealed):
    """The window that remains: how long it is, is how often a witness comes."""
    with sealed.connection.transaction(force_rollback=True):
        _cut(sealed.connection, FIRST + SECOND)
        assert not sealed.sees(sealed.witness.memory)
    with sealed.connection.transaction(force_rollback=True):
        _cut(sealed.connection, FIRST + SECOND - 1)
        assert sealed.sees(sealed.witness.memory)


@pytest.mark.parametrize(
    "change",
    [
        "update braid_auditentry set recorded_at = 'infinity' where id = 30",
        "update braid_auditentry set recorded_at = 'infinity' where id = 1",
        "alter table braid_auditentry alter column username drop not null;"
        " update braid_auditentry set username = null where id = 30",
        "alter table braid_auditentry alter column recorded_at drop not null;"
        " update braid_auditentry set recorded_at = null where id = 30",
        "update braid_auditcheckpoint set signature = 'no signature at all'",
    ],
)
def test_what_no_column_should_hold_is_a_finding_and_no_fault(sealed, change):
    with sealed.connection.transaction(force_rollback=True):
        sealed.connection.execute(change)
        assert sealed.sees(None)
