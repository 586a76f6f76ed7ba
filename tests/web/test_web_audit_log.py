"""The log on a real PostgreSQL: its root is the tree's, in whatever order entries commit; proofs and witnesses."""

import base64
from functools import partial

import psycopg
import pytest
from audit_sample import add_entries, own_log
from django.test import Client

from braid.store.engine import EngineNotAvailable
from braid.store.signing_key import open_key
from braid.store.witness_memory import Witness, cosign_next, find_witness, keep_witness
from braid.trust.audit import COLUMNS, encode_entry
from braid.trust.checkpoint import (
    COSIGNATURE,
    LogRefused,
    NoteInvalid,
    read_checkpoint,
    read_note,
    read_request,
    read_verifier_key,
    write_note,
)
from braid.trust.merkle import CompactRange, check_consistency, hash_leaf
from braid.web.audit_check import verify
from braid.web.audit_log import LogBroken, accept_cosignature, get_request, get_root, reading, seal
from braid.web.sealer import sealing

pytestmark = pytest.mark.django_db


@pytest.fixture
def key(tmp_path):
    return open_key(tmp_path / "key", "braid/sample/audit")


@pytest.fixture
def log(db):
    with own_log("audit_log_test") as connection:
        yield connection


def _tree(connection) -> CompactRange:
    """The tree over the entries in the order of their leaves, put together outside the code under test."""
    tree = CompactRange()
    columns = ", ".join(f"e.{name}" for name in COLUMNS)
    order = "join braid_auditleaf l on l.entry_id = e.id order by l.position"
    for row in connection.execute(f"select {columns} from braid_auditentry e {order}").fetchall():
        tree.append(hash_leaf(encode_entry(row)))
    return tree


def test_the_log_grows_by_what_has_no_place_and_its_root_is_the_trees(log, key):
    for count in (1, 6, 0, 25, 100):
        add_entries(log, count, seed=count)
        sealed = seal(log, key, whole=False)
        assert sealed.appended == count
        with log.cursor() as cursor:
            assert get_root(cursor, sealed.size) == _tree(log).root()
    assert seal(log, key).checkpoint is None, "a log that did not grow has its checkpoint already"
    assert verify(log, key.public()).misfits == []


def test_an_entry_that_commits_late_gets_its_place(log, key):
    add_entries(log, 20)
    late = log.execute("delete from braid_auditentry where id = 7 returning *").fetchone()
    seal(log, key)
    marks = ", ".join(["%s"] * len(late))
    values = [psycopg.types.json.Jsonb(value) if isinstance(value, dict) else value for value in late]
    log.execute(f"insert into braid_auditentry overriding system value values ({marks})", values)
    assert seal(log, key, whole=False).appended == 1
    assert log.execute("select entry_id from braid_auditleaf order by position desc limit 1").fetchone() == (7,)


def test_every_two_checkpoints_prove_each_other(log, key):
    roots = {}
    for _ in range(12):
        add_entries(log, 3)
        sealed = seal(log, key)
        roots[sealed.size] = sealed.checkpoint.root
    newest = max(roots)
    for size, root in roots.items():
        request = reading(log, partial(get_request, old_size=size))
        assert read_request(request.text()) == request
        check_consistency(size, newest, root, roots[newest], request.proof)


def test_a_witness_goes_on_and_refuses_what_is_not_the_past(log, key, tmp_path):
    witness_key, state = open_key(tmp_path / "witness", "council"), tmp_path / "state.json"
    seen = Witness(key.public())
    for _ in range(3):
        add_entries(log, 5)
        seal(log, key)
        request = reading(log, partial(get_request, old_size=seen.memory.size))
        seen, signed, signature = cosign_next(seen, request, witness_key)
        keep_witness(state, seen)
        note = write_note(signed.text(), [signature])
        assert accept_cosignature(log, note, [witness_key.public(COSIGNATURE)]) == "council"
    assert find_witness(state) == seen
    report = verify(log, key.public(), [witness_key.public(COSIGNATURE)], {"council": seen.memory})
    assert (report.misfits, report.cosignatures, report.entries) == ([], 3, 15)
    with pytest.raises(LogRefused, match="no witness"):
        accept_cosignature(log, note, [open_key(tmp_path / "other", "council").public(COSIGNATURE)])
    stranger = open_key(tmp_path / "stranger", key.name)
    with pytest.raises(LogRefused, match="not signed"):
        cosign_next(Witness(stranger.public()), request, witness_key)


def test_a_key_is_of_its_owner_alone_and_a_copied_one_is_checked(key, tmp_path):
    (tmp_path / "key").chmod(0o644)
    with pytest.raises(EngineNotAvailable, match="others may read"):
        open_key(tmp_path / "key", "x")
    text = key.public().text()
    assert read_verifier_key(text) == key.public()
    for bad in (text[:-4], text.replace("braid", "broid"), "x", ""):
        with pytest.raises(NoteInvalid):
            read_verifier_key(bad)


def test_a_log_that_contradicts_what_was_signed_signs_no_more(log, key):
    add_entries(log, 20)
    seal(log, key)
    log.execute("update braid_auditnode set node_hash = sha256('x') where level = 4")
    add_entries(log, 1)
    with pytest.raises(LogBroken, match="no longer begins"):
        seal(log, key)
    assert log.execute("select count(*) from braid_auditcheckpoint").fetchone() == (1,)


def test_the_thread_beside_the_server_seals_and_ends(log, key):
    add_entries(log, 8)
    url = psycopg.conninfo.make_conninfo(
        dbname=log.info.dbname, user=log.info.user, host=log.info.host, options="-c search_path=audit_log_test"
    )
    with sealing(url, key):
        pass
    assert log.execute("select size from braid_auditcheckpoint").fetchone() == (8,)
    with sealing("postgresql://nobody@127.0.0.1:1/none", key):
        """A database that is gone stops nothing."""


def test_witnesses_get_checkpoint_and_proof_without_signing_in(published, client_of, key):
    from django.db import connection

    client = Client()
    assert client.get("/audit/checkpoint.txt").status_code == 404
    client_of("analyst", "school_from_ta").get("/people/")
    connection.ensure_connection()
    seal(connection.connection, key)
    answer = client.get("/audit/checkpoint.txt")
    newest = read_checkpoint(read_note(answer.content.decode())[0])
    assert (answer.status_code, newest.size) == (200, 25)
    assert answer["Content-Type"].startswith("text/plain")
    lines = client.get("/audit/consistency/9/25").content.decode().split()
    with connection.cursor() as cursor:
        old = get_root(cursor, 9)
    check_consistency(9, 25, old, newest.root, [base64.b64decode(line) for line in lines])
    for route in ("/audit/consistency/9/26", "/audit/consistency/25/9", "/audit/consistency/9/99999999999999999999"):
        assert client.get(route).status_code == 404, route
