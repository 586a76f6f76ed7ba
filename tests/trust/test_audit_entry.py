"""The canonical form: each entry has its own, and whoever read its docstring can take it apart again."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from braid.trust.audit import COLUMNS, KINDS, EntryInvalid, check_entry, encode_entry

VALUES = st.one_of(
    st.none(),
    st.text(max_size=600),
    st.integers(-(2**40), 2**40),
    st.datetimes(timezones=st.sampled_from([dt.UTC, dt.timezone(dt.timedelta(hours=1))])),
    st.dictionaries(st.text(max_size=4), st.one_of(st.integers(), st.text(max_size=4)), max_size=3),
)
ENTRIES = st.lists(VALUES, min_size=len(COLUMNS), max_size=len(COLUMNS))


def decode(form: bytes) -> list:
    """Take a form apart: the version, then type and value with their length before them."""
    head, rest, values = form[:19], form[19:], []
    assert head == b"braid-audit-entry/1"
    while rest:
        length = int.from_bytes(rest[:4], "big")
        kind, text, rest = rest[4:5], rest[5 : 4 + length], rest[4 + length :]
        values.append(
            {
                b"n": lambda _: None,
                b"s": lambda part: part.decode(),
                b"i": int,
                b"t": lambda part: dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=int(part)),
                b"j": json.loads,
            }[kind](text)
        )
    return values


@given(ENTRIES)
def test_a_form_can_be_taken_apart(values):
    assert decode(encode_entry(values)) == values


@given(ENTRIES, ENTRIES)
def test_two_entries_have_two_forms(one, other):
    assert (encode_entry(one) == encode_entry(other)) is (
        one == other and list(map(type, one)) == list(map(type, other))
    )


def test_a_value_cannot_slip_into_the_next_column():
    blank = [""] * (len(COLUMNS) - 2)
    for one, other in ((["ab", "c"], ["a", "bc"]), (["as", "c"], ["a", "sc"]), (["ai1", ""], ["a", "i1"])):
        assert encode_entry([*one, *blank]) != encode_entry([*other, *blank]), "marks of a type are letters too"
    with pytest.raises(ValueError, match="each column"):
        encode_entry(["a"])


def test_an_entry_holds_codes_and_counts_alone():
    check_entry("look", "I L S", {"field": "vault.address", "rows": 3})
    for kind, classes, details in (
        ("gossip", "", {}),
        ("look", "I, L", {}),
        ("look", "", {"name": "Ada Example (born 2019)"}),
        ("look", "", {"name": ["a"]}),
        ("look", "", {"share": 0.5}),
    ):
        with pytest.raises(EntryInvalid) as refusal:
            check_entry(kind, classes, details)
        assert "Ada" not in str(refusal.value)
    assert set(KINDS) >= {"look", "refused", "vault_read", "changed", "sent", "withheld", "break_glass", "exported"}
