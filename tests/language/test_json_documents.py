"""Plan files: what goes out comes in again, and whatever is wrong is said by its place, never by its value."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from braid.language.documents import DocumentInvalid, Part, fingerprint, parse, read_document, schema, write
from braid.planning.contract import Level

SECRET = "Wellesley Court"


@dataclass(frozen=True)
class Paper(Part):
    kind: str
    levels: tuple[Level, ...] = ()


@given(st.text(), st.lists(st.tuples(st.text(), st.floats(-1e9, 1e9, width=32))))
def test_a_document_comes_back_as_it_went_out(kind: str, levels: list[tuple[str, float]]) -> None:
    paper = Paper(kind, tuple(Level(name, amount, 1.0) for name, amount in levels))
    assert parse(write(paper), Paper, "p.json") == paper
    assert fingerprint(parse(write(paper), Paper, "p.json")) == fingerprint(paper)


def test_a_fingerprint_does_not_hang_on_space_or_order() -> None:
    one = parse('{"kind": "a", "levels": [{"name": "n", "amount": 1, "price": 2}]}', Paper, "p.json")
    other = parse('{"levels":[{"price":2.0,"amount":1.0,"name":"n"}],\n"kind":"a"}', Paper, "p.json")
    assert fingerprint(one) == fingerprint(other) != fingerprint(Paper("b"))


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("{", ["file"]),
        ("[]", ["file"]),
        ("\x00", ["file"]),
        ('{"kind": 3}', ["kind"]),
        ("{}", ["kind"]),
        (f'{{"kind": "a", "levels": [{{"name": "{SECRET}", "amount": "{SECRET}", "price": NaN}}]}}',
         ["levels[0].amount", "levels[0].price"]),
        (f'{{"kind": "a", "levels": {{"{SECRET}": 1}}}}', ["levels"]),
        ('{"kind": "a", "level": []}', ["file"]),
        (f'{{"kind": "a", "levels": [{{"name": "n", "amount": 1, "price": 1, "{SECRET}": 1}}]}}', ["levels[0]"]),
        ('{"kind": "a", "levels": [{"name": "n", "amount": 1e300, "price": 1}]}', ["levels[0].amount"]),
    ],
)  # fmt: skip
def test_every_fault_is_named_by_its_place_and_no_value_is_said(text: str, places: list[str]) -> None:
    with pytest.raises(DocumentInvalid) as refused:
        parse(text, Paper, "p.json")
    assert [fault.place for fault in refused.value.faults] == places
    assert SECRET not in str(refused.value.faults)
    assert all(fault.rule and fault.next_step for fault in refused.value.faults)


def test_a_file_that_is_not_there_or_not_readable_is_said_so(tmp_path: Path) -> None:
    for path in (tmp_path / "none.json", tmp_path):
        with pytest.raises(DocumentInvalid):
            read_document(path, Paper)


def test_the_schema_forbids_what_the_reader_refuses() -> None:
    made = schema(Paper, "Paper")
    assert made["additionalProperties"] is False
    assert made["required"] == ["kind"]
    assert made["title"] == "Paper"
