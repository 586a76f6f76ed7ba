"""The linkage table by SQL is the one that plain Python makes record by record."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import re
from collections.abc import Iterator
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from braid.language.findings import TABLES
from braid.people import names
from braid.people.names import APOSTROPHES, split_forenames
from braid.people.run import add_missing_tables
from braid.people.standardise import LINKAGE_SCHEMA, standardise
from braid.people.standardise_names import letters
from braid.store.duckdb_engine import DuckDBEngine
from people.little_place import make_place
from people.slow_standardise import repair_postcode, standardise_slowly
from people.test_standardise import LINE
from shared import shared_folder

WORDS = (
    "Mary Ann Zoë O'Neil O\u2019Neil Łukasz Baby of twin one B/O b/o Mrs MR unknown not known no name aka a.k.a. nee"
    " née formerly also known as van der Berg MacDonald Mac Mackintosh Smith-Jones ( ) / ; | bin al-Hassan Jr Muhammad"
    " Bob Ǆemal Ŀ ŉ ﬁona \uff2a\uff4fhn İpek Đorđe þór x na 1 2nd \t \n 山田 Мария"
    " \u0406\u0432\u0430\u0301\u043d-\u0490\u0435\u0301\u043e\u0440\u0433"
    " \u041c\u0410\u0420\u0406'\u042f \u0395\u03bb\u03ad\u03bd\u03b7\u03c2"
    " \u0645\u062d\u0645\u0651\u062f \u092a\u094d\u0930\u093f\u092f\u093e \uae40"
    " \u30b8\u30e7\u30f3\u30fb\u30b9\u30df\u30b9 \u060c \u0968"
).split(" ")
NAMES = st.lists(st.sampled_from(WORDS), max_size=7).map(" ".join) | st.none()
POSTCODES = st.text("OIL01ABQZ29 -", min_size=1, max_size=9) | st.sampled_from(
    ("QB1 1AA", "qb11aa", "GIR 0AA", "SW1A 1AA")
)


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBEngine]:
    engine = DuckDBEngine()
    yield engine
    engine.close()


def check_twins(engine: DuckDBEngine, tables: dict[str, list[dict[str, Any]]]) -> None:
    for name, rows in tables.items():
        engine.load_rows(TABLES[name], rows)
    add_missing_tables(engine)
    slow = standardise_slowly(engine)
    table = standardise(engine)
    assert table.schema == LINKAGE_SCHEMA
    for row, slow_row in zip(table.to_pylist(), slow, strict=True):
        assert row == slow_row


def person(number: int, **values: Any) -> dict[str, Any]:
    return {**LINE, "record_id": f"r{number:06d}", "partner_record_id": str(number), **values}


@given(st.lists(st.tuples(NAMES, NAMES, NAMES), min_size=1, max_size=30))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_drawn_names_are_read_as_one_by_one(engine: DuckDBEngine, drawn: list[tuple[Any, Any, Any]]) -> None:
    rows = [
        person(n, given_name=first, family_name=last, other_names=other) for n, (first, last, other) in enumerate(drawn)
    ]
    check_twins(engine, {"person_record": rows, "identifier": [], "stay": []})


DATES = st.dates(dt.date(1899, 12, 30), dt.date(2026, 11, 15)) | st.sampled_from(
    (dt.date(1900, 1, 1), dt.date(1899, 12, 30), dt.date(1990, 1, 1), dt.date(1753, 1, 1))
)
STAYS = st.fixed_dictionaries(
    {
        "postcode": POSTCODES | st.none(),
        "uprn": st.sampled_from((None, "0", "0012", "100023336956", "12x", "1234567890123")),
        "kind": st.sampled_from(("private_rent", "ta_bnb", "refuge")),
        "start_date": st.none() | st.dates(dt.date(2020, 1, 1), dt.date(2020, 1, 5)),
        "end_date": st.none() | st.just(dt.date(2024, 1, 1)),
        "confidential": st.booleans(),
    }
)
NUMBERS = st.fixed_dictionaries(
    {
        "scheme": st.sampled_from(("nhs", "upn", "former_upn", "la_child", "nino", "pnc")),
        "value": st.sampled_from(("9990000018", "9990000026", "9434765919", "AB123456C", "A1")),
        "check_result": st.sampled_from(("pass", "fail", "none")),
        "status": st.sampled_from((None, "01", "nhs_number_status:02", "03", "")),
    }
)
RECORDS = st.tuples(DATES | st.none(), st.sampled_from((None, "day", "month", "year")), st.lists(STAYS, max_size=4))


@given(st.lists(st.tuples(RECORDS, st.lists(NUMBERS, max_size=4)), min_size=1, max_size=20))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_drawn_dates_stays_and_numbers_are_read_as_one_by_one(engine: DuckDBEngine, drawn: list[Any]) -> None:
    tables: dict[str, list[dict[str, Any]]] = {"person_record": [], "identifier": [], "stay": []}
    for number, ((born, precision, stays), numbers) in enumerate(drawn):
        row = person(number, birth_date=born, birth_date_precision=precision, sex="female")
        tables["person_record"].append(row)
        for kind, rows in (("stay", stays), ("identifier", numbers)):
            more = [
                {**LINE, **one, "record_id": f"{number} {place}", "person_record_id": row["record_id"]}
                for place, one in enumerate(rows)
            ]
            tables[kind] += more
    check_twins(engine, tables)


def test_a_little_place_is_read_as_one_by_one(engine: DuckDBEngine) -> None:
    place = make_place(households=300, seed=5)
    check_twins(engine, {name: place.tables[name] for name in ("person_record", "identifier", "stay")})


def test_labelled_names_are_read_as_one_by_one(engine: DuckDBEngine) -> None:
    history = pq.read_table(shared_folder("labelled", "historical_50k.parquet"))
    texts = {
        text for name in ("full_name", "surname", "first_name") for text in history.column(name).to_pylist() if text
    }
    with gzip.open(shared_folder("labelled", "names.json.gz"), "rt", encoding="utf-8") as file:
        texts |= set(json.load(file)["variants"])
    rows = [
        person(n, given_name=text, family_name=text, other_names=text if n % 9 == 0 else None)
        for n, text in enumerate(sorted(texts))
    ]
    assert len(rows) > 10_000
    check_twins(engine, {"person_record": rows, "identifier": [], "stay": []})


def test_every_letter_of_other_scripts_is_read_as_by_itself(engine: DuckDBEngine) -> None:
    every = (chr(code) for code in range(0x300, 0x3100))
    chars = [char for char in every if char in names.other_letters() or re.match(f"[{names.OTHER_SCRIPTS}]", char)]
    assert len(chars) > 6_000
    texts = ["\u05d0" + "\u05d0".join(chars[at : at + 9]) + "\u05d0" for at in range(0, len(chars), 9)]
    rows = [person(n, given_name=text, family_name=text) for n, text in enumerate(texts)]
    check_twins(engine, {"person_record": rows, "identifier": [], "stay": []})


def test_every_letter_of_the_tables_is_folded_as_by_itself(engine: DuckDBEngine) -> None:
    ones, several, nothing = letters()
    chars = [*ones, *several, *nothing]
    assert len(chars) > 1_400
    rows = [person(n, given_name=f"a{char}a") for n, char in enumerate(chars)]
    engine.load_rows(TABLES["person_record"], rows)
    add_missing_tables(engine)
    found = [row["forenames"] for row in standardise(engine).to_pylist()]
    assert found == [list(split_forenames(f"a{char}a")) or None for char in chars]
    assert set(APOSTROPHES) <= set(nothing)


@pytest.mark.parametrize(
    ("written", "repaired"),
    [
        ("QBI 1AA", "QB1 1AA"),
        ("QB1 IAA", "QB1 1AA"),
        ("M1O OAA", "M10 0AA"),
        ("0X1 2JD", "OX1 2JD"),
        ("SWIA 1AA", "SW1A 1AA"),
        ("qb1-1aa", "QB1 1AA"),
        ("2193", "2193"),
        (" gir 0aa ", "GIR 0AA"),
    ],
)
def test_postcodes_are_repaired_where_only_one_reading_is_left(written: str, repaired: str) -> None:
    assert repair_postcode(written) == repaired


def test_what_is_no_letter_at_a_glance_folds_to_a_space() -> None:
    told = [chr(code) for code in range(0x80, 0x10000) if names.is_no_letter(chr(code))]
    assert len(told) > 50_000
    assert {names.fold(f"a{char}a") for char in told} == {"a a"}
