"""Notes, keys and requests: what is written is read again, and what is not of the format is refused."""

from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from braid.trust.checkpoint import (
    Checkpoint,
    LogRefused,
    Memory,
    NoteInvalid,
    Request,
    Signature,
    VerifierKey,
    check_next,
    cosigned_text,
    read_checkpoint,
    read_note,
    read_request,
    read_verifier_key,
    write_note,
)
from braid.trust.merkle import EMPTY_ROOT, hash_leaf, hash_node

ROOT = bytes(range(32))
ZERO = "A" * 43 + "="
NOTE = write_note(Checkpoint("braid/x/audit", 3, ROOT).text(), [Signature("braid/x/audit", b"abcd", bytes(64))])


def test_a_checkpoint_is_written_as_the_specification_says():
    expected = f"braid/x/audit\n3\n{base64.b64encode(ROOT).decode()}\n"
    assert Checkpoint("braid/x/audit", 3, ROOT).text() == expected
    signature = base64.b64encode(b"abcd" + bytes(64)).decode()
    assert f"{expected}\n— braid/x/audit {signature}\n" == NOTE
    assert cosigned_text(expected, 1700000000) == f"cosignature/v1\ntime 1700000000\n{expected}".encode()


def test_a_key_has_the_hash_of_name_kind_and_key():
    key = VerifierKey("council", 4, ROOT)
    assert key.key_id == hashlib.sha256(b"council\n\x04" + ROOT).digest()[:4]
    assert read_verifier_key(key.text()) == key


@given(st.integers(0, 10**17), st.lists(st.binary(min_size=32, max_size=32), max_size=8))
def test_a_request_is_read_as_written(size, proof):
    request = Request(size, tuple(proof), NOTE)
    assert read_request(request.text()) == request
    text, signatures = read_note(read_request(request.text()).note)
    assert read_checkpoint(text) == Checkpoint("braid/x/audit", 3, ROOT)
    assert [signature.name for signature in signatures] == ["braid/x/audit"]


@given(st.data())
def test_a_note_with_one_letter_changed_says_something_else_or_is_refused(data):
    place = data.draw(st.integers(0, len(NOTE) - 1))
    letter = data.draw(st.characters(codec="utf-8").filter(lambda each: each != NOTE[place]))
    changed = NOTE[:place] + letter + NOTE[place + 1 :]
    try:
        text, signatures = read_note(changed)
        read_checkpoint(text)
    except NoteInvalid:
        return
    assert (text, signatures) != read_note(NOTE)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "a\n1\nAAAA\n",
        f"a b\n1\n{ZERO}\n",
        f"a\n01\n{ZERO}\n",
        f"a\n-1\n{ZERO}\n",
        f"a\n1\n{ZERO}",
        f"a\n1\n{'A' * 42}B=\n",
        f"a\n1\n{ZERO}\nmore\n",
        f"a\n{'9' * 30}\n{ZERO}\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text):
    with pytest.raises(NoteInvalid):
        read_checkpoint(text)


@pytest.mark.parametrize(
    "text", ["", "old\n\nx", "old x\n\nx", "new 1\n\nx", "old 1\n?\n\nx", "old 1\n" + "AAAA\n" * 64]
)
def test_what_is_no_request_is_refused(text):
    with pytest.raises(NoteInvalid):
        read_request(f"{text}\n\nx")


def test_a_witness_refuses_another_past():
    one, two, other = hash_leaf(b"1"), hash_leaf(b"2"), hash_leaf(b"x")
    seen = Memory(1, one)
    check_next(Memory(0, EMPTY_ROOT), Request(0, (), ""), Checkpoint("a", 1, one))
    check_next(seen, Request(1, (two,), ""), Checkpoint("a", 2, hash_node(one, two)))
    check_next(seen, Request(1, (), ""), Checkpoint("a", 1, one))
    for request, checkpoint, words in (
        (Request(1, (two,), ""), Checkpoint("a", 2, hash_node(other, two)), "another past"),
        (Request(1, (), ""), Checkpoint("a", 1, other), "another past"),
        (Request(1, (), ""), Checkpoint("a", 0, EMPTY_ROOT), "rolled back"),
        (Request(0, (), ""), Checkpoint("a", 2, hash_node(one, two)), "saw 1 entries last"),
    ):
        with pytest.raises(LogRefused, match=words):
            check_next(seen, request, checkpoint)
