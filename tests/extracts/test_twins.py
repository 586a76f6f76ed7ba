"""Both readers of a definition say the same of every example, of drawn files, of damaged ones and of large ones."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from braid.extracts.column_cells import pass_nhs_check
from braid.extracts.column_ids import identify
from braid.extracts.definition import UNIT, Definition
from braid.extracts.definition_files import definition_of, load_definitions
from braid.extracts.mapping import load_mapping
from braid.extracts.model import Source
from braid.language.identifiers import check, nhs_check_digit
from braid.language.records import record_id
from braid.store.duckdb_engine import DuckDBEngine
from extracts.connector_page import MAPPINGS, load_examples
from extracts.twins import read_fast, read_slowly

DEFINITIONS: dict[str, Definition] = {one.standard: one for one in load_definitions() if not one.is_walked}
DEFINITIONS["hclic"] = definition_of(load_mapping(MAPPINGS / "hclic.toml"))
EXAMPLES = [one for one in load_examples() if one["standard"] in DEFINITIONS and one["file"].endswith(".csv")]
drawn = settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBEngine]:
    made = DuckDBEngine("256MB", 1)
    yield made
    made.close()


def compare(path: Path, standard: str, year: int, engine: DuckDBEngine, block_bytes: int = 1 << 20) -> object:
    """Read a file both ways, hold them against each other, and return what they say."""
    source = Source("feed", "partner", standard, year, "2026-11-15")
    slow = read_slowly(path, source, DEFINITIONS[standard])
    fast = read_fast(path, source, DEFINITIONS[standard], engine, block_bytes)
    assert fast == slow
    return slow


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: f"{one['standard']}-{one['file']}")
@pytest.mark.parametrize("block_bytes", [64, 1 << 20])
def test_every_example(example: dict, block_bytes: int, tmp_path: Path, engine: DuckDBEngine) -> None:
    path = tmp_path / example["file"]
    path.write_text(example["text"].lstrip("\n"), encoding="utf-8")
    said = compare(path, example["standard"], example["year"], engine, block_bytes)
    assert isinstance(said, dict) and said["records"]


@given(numbers=st.lists(st.integers(0, 10**10 - 1), min_size=1, max_size=60))
def test_the_check_of_many_numbers_is_that_of_one(numbers: list[int]) -> None:
    texts = [f"{number:010}" for number in numbers]
    valid = [text[:9] + digit for text in texts if (digit := nhs_check_digit(text[:9]))]
    every = [*texts, *valid, *(digit * 10 for digit in "0123456789")]
    assert pass_nhs_check(pa.array(every)).tolist() == [check("nhs", text) == "pass" for text in every]
    assert all(pass_nhs_check(pa.array([one for one in valid if one != one[0] * 10] or ["9990000018"])))


def test_an_id_of_many_is_that_of_one() -> None:
    keys = ["", "a", f"P1{UNIT}wait-1{UNIT}2026-01-05", "Zoë"]
    assert identify(f"feed{UNIT}wait{UNIT}", pa.array(keys)).to_pylist() == [
        record_id("feed", "wait", *key.split(UNIT)) for key in keys
    ]


CELLS = st.one_of(
    st.sampled_from(
        [
            "", " ", "\u00a0", "#N/A", "2026-02-30", "31/01/2026", "1/2/2026", "2026-01-05T10:00", "01/02/26",
            "43831",
            "\u0661/\u0662/2026", "nope", "Y", "yes", "0", "²", "9990000018", "999 000 0018", "9990000019", "qb1 1aa",
            "QB1",
            "A", "a", "ß", "ZZ", "1", "01", "x;y;x", "mental_health;;nope; Pregnancy ", "a) Female", "q) 6: Police",
            'with "quotes"', "two\nlines", "a,b", "Zoë", "\u2003wide\u2003", "\x1fsep\x1f", "' or 1=1 --", "1e3", "-1",
        ]
    ),
    st.text(max_size=6),
    st.dates().map(str),
)  # fmt: skip


@given(data=st.data())
@drawn
def test_drawn_files(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory, engine: DuckDBEngine) -> None:
    example = data.draw(st.sampled_from(EXAMPLES))
    rows = list(csv.reader(io.StringIO(example["text"].lstrip("\n"))))
    header, body = rows[0], rows[1:]
    made = []
    for _ in range(data.draw(st.integers(1, 8))):
        row = list(data.draw(st.sampled_from(body)))
        for _ in range(data.draw(st.integers(0, 4))):
            row[data.draw(st.integers(0, len(row) - 1))] = data.draw(CELLS)
        made.append(row)
    stream = io.StringIO()
    end = data.draw(st.sampled_from(["\n", "\r\n"]))
    csv.writer(stream, lineterminator=end).writerows([header, *made])
    path = tmp_path_factory.mktemp("drawn") / example["file"]
    text = stream.getvalue().replace("\x00", "")
    path.write_bytes(text.encode("utf-8", "replace"))
    compare(path, example["standard"], example["year"], engine, data.draw(st.sampled_from([80, 400, 1 << 20])))


@given(data=st.data())
@drawn
def test_damaged_files(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory, engine: DuckDBEngine) -> None:
    example = data.draw(st.sampled_from(EXAMPLES))
    text = example["text"].lstrip("\n")
    body = text.index("\n") + 1
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(body if data.draw(st.booleans()) else 0, len(text)))
        new = data.draw(
            st.one_of(
                st.sampled_from(['"', ",", "\n", "\r", "\r\n", ",,,", "\n\n", " ", "é", '"x']), st.text(max_size=5)
            )
        )
        text = text[:start] + new + text[start + data.draw(st.integers(0, 12)) :]
    encoding = data.draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252", "iso-8859-1"]))
    path = tmp_path_factory.mktemp("damaged") / example["file"]
    path.write_bytes(text.encode(encoding, "replace"))
    compare(path, example["standard"], example["year"], engine, data.draw(st.sampled_from([50, 300, 1 << 20])))
