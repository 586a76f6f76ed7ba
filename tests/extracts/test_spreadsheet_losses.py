"""What spreadsheets do to a table: noughts that are gone, months before days, headings blank or there twice."""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from braid.cli.app import app
from braid.extracts import checks, noughts
from braid.extracts.definition_files import definition_of, load_definitions
from braid.extracts.mapping import load_mapping
from braid.extracts.model import Reading, Source, UnreadableFile
from braid.extracts.month_first import is_month_first
from braid.extracts.proposal.propose import propose
from braid.extracts.proposal.samples import take_sample
from braid.extracts.proposal.write import write_mapping
from braid.extracts.read import read_file
from braid.language.dates import parse_date
from braid.language.identifiers import PASS, check, has_lost_nought, nhs_check_digit, normalise
from braid.store.duckdb_engine import DuckDBEngine
from extracts.test_fhir_ukcore import patient
from extracts.twins import read_fast, read_slowly

NINE = st.text("0123456789", min_size=9, max_size=9)
MAPPING = """
[[part]]
name = "case"
person = "Ref"
[part.columns]
Ref = { required = true }
NHS = { type = "identifier", scheme = "nhs" }
Opened = { type = "date", ORDER }
Phone = {}
[[part.record]]
type = "person_record"
[part.record.values]
telephone = "Phone"
[[part.record]]
type = "identifier"
[part.record.values]
scheme = { value = "nhs" }
value = "NHS"
[[part.record]]
type = "event"
key = ["Opened"]
when = [{ column = "Opened" }]
[part.record.values]
kind = { value = "referral" }
start_date = "Opened"
"""
DAY_FIRST, MONTH_FIRST = MAPPING.replace(", ORDER", ""), MAPPING.replace("ORDER", "month_first = true")


def lost_number(chance: random.Random) -> str:
    """Return an NHS number that begins with a nought, without it."""
    while True:
        eight = f"{chance.randrange(10**7, 10**8)}"
        digit = nhs_check_digit("0" + eight)
        if digit is not None:
            return eight + digit


LOST = lost_number(random.Random(1))


def table(folder: Path, rows: list[list[str]], heading: str = "Ref,NHS,Opened,Phone") -> Path:
    path = folder / "table.csv"
    path.write_text("\n".join([heading, *map(",".join, rows)]) + "\n", encoding="utf-8")
    return path


def read(path: Path, mapping: str, folder: Path) -> Reading:
    place = folder / "m.toml"
    place.write_text(mapping, encoding="utf-8")
    return read_file(path, Source("feed", "partner", "mapped_csv", 2026), load_mapping(place))


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBEngine]:
    made = DuckDBEngine("64MB", 1)
    yield made
    made.close()


@given(NINE)
@settings(max_examples=300, deadline=None)
def test_a_nought_comes_back_where_the_check_digit_proves_it_alone(nine: str) -> None:
    holds = check("nhs", "0" + nine) == PASS
    assert has_lost_nought(nine) == has_lost_nought(f"{nine}.0") == holds
    assert normalise("nhs", nine) == ("0" + nine if holds else nine)
    assert normalise("uprn", nine) == nine and normalise("nhs", f"4{nine}") == f"4{nine}"


def test_a_restored_number_is_read_and_said_and_no_number_is_repeated(tmp_path: Path) -> None:
    rows = [
        ["P1", LOST, "", ""],
        ["P2", f"{LOST}.0", "", ""],
        ["P3", "123456780", "", ""],
        ["P4", "9990000018", "", ""],
    ]
    reading = read(table(tmp_path, rows), DAY_FIRST, tmp_path)
    found = [(one["value"], one["check_result"]) for one in reading.records["identifier"]]
    assert found == [("0" + LOST, "pass"), ("0" + LOST, "pass"), ("123456780", "fail"), ("9990000018", "pass")]
    said = [(one.severity, one.field, one.message[:2]) for one in reading.issues if one.rule == noughts.RESTORED]
    assert said == [("warning", "NHS", "2 ")]
    assert all(LOST not in one.message for one in reading.issues)


def test_connectors_of_their_own_say_it_row_by_row(tmp_path: Path) -> None:
    resource = patient(identifier=[{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": LOST}])
    path = tmp_path / "a.json"
    path.write_text(json.dumps(resource), encoding="utf-8")
    reading = read_file(path, Source("feed", "partner", "fhir_ukcore", 2026))
    assert [one["value"] for one in reading.records["identifier"] if one["scheme"] == "nhs"] == ["0" + LOST]
    (issue,) = [one for one in reading.issues if one.rule == noughts.RESTORED]
    assert issue.severity == "warning" and LOST not in issue.message


def test_a_telephone_number_without_its_nought_is_kept_and_said(tmp_path: Path) -> None:
    rows = [
        ["P1", "", "", "7700900123"],
        ["P2", "", "", "07700900124"],
        ["P3", "", "", "1632960001"],
        ["P4", "", "", "12"],
    ]
    reading = read(table(tmp_path, rows), DAY_FIRST, tmp_path)
    assert [one["telephone"] for one in reading.records["person_record"]] == [row[3] for row in rows]
    (issue,) = [one for one in reading.issues if one.rule == noughts.LOST]
    assert issue.message.startswith("2 telephone numbers") and "7700900123" not in issue.message


CELL = st.sampled_from(["", LOST, f"{LOST}.0", "123456780", "9990000018", "NULL", "7700900123", " 1632960001 ", "x"])
DATE = st.sampled_from(["04/13/2026", "12/31/2026", "04/03/2026", "31/12/2026", "2026-05-04", "soon", ""])


@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(st.tuples(st.sampled_from(["P1", "P2", ""]), CELL, DATE, CELL), max_size=12),
    is_parquet=st.booleans(),
    month_first=st.booleans(),
)
def test_both_readers_of_tables_say_the_same_of_noughts_and_months(
    rows: list[tuple[str, ...]], is_parquet: bool, month_first: bool, engine: DuckDBEngine,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:  # fmt: skip
    folder = tmp_path_factory.mktemp("twin")
    path = table(folder, [list(row) for row in rows])
    if is_parquet:
        names = ("Ref", "NHS", "Opened", "Phone")
        pq.write_table(pa.table({name: [row[at] for row in rows] for at, name in enumerate(names)}), path)
    place = folder / "m.toml"
    place.write_text(MONTH_FIRST if month_first else DAY_FIRST, encoding="utf-8")
    definition, source = definition_of(load_mapping(place)), Source("feed", "partner", "mapped_csv", 2026)
    assert read_slowly(path, source, definition) == read_fast(path, source, definition, engine)


@given(st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1)))
def test_a_date_month_first_is_read_so_and_iso_in_any_order(day: dt.date) -> None:
    assert parse_date(f"{day:%m/%d/%Y}", "mdy") == parse_date(f"{day:%Y-%m-%d}", "mdy") == day
    assert checks.check_date(f"{day:%d-%b-%Y}", "mdy") == (day, None)


@given(st.lists(st.dates(dt.date(1950, 1, 1), dt.date(2030, 1, 1)), min_size=8, max_size=60))
def test_a_column_is_month_first_only_where_it_can_be_nothing_else(days: list[dt.date]) -> None:
    by_month, by_day = ([f"{day:{form}}" for day in days] for form in ("%m/%d/%Y", "%d/%m/%Y"))
    assert not is_month_first(by_day)
    assert is_month_first(by_month) == (sum(day.day > 12 for day in days) >= 5)
    assert not is_month_first([*by_month, "31/12/2026"])


MONTHS = [["P" + str(number), "", f"04/{number:02}/2026", ""] for number in range(3, 25)]


def test_a_table_month_first_is_refused_with_the_mappings_way_to_say_it(tmp_path: Path) -> None:
    path = table(tmp_path, MONTHS)
    with pytest.raises(UnreadableFile, match=r"column Opened .* month_first = true") as refused:
        read(path, DAY_FIRST, tmp_path)
    assert refused.value.rule == "dates_month_first" and "04/" not in refused.value.message
    reading = read(path, MONTH_FIRST, tmp_path)
    assert reading.records["event"][0]["start_date"] == dt.date(2026, 4, 3)
    assert len(reading.records["event"]) == 22 and not reading.issues


def test_a_standards_table_month_first_is_refused_with_what_to_ask_for(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    rows = [f"C{number},F,WBRI,,9,04/{number:02}/2026,6" for number in range(3, 25)]
    heading = "Child Unique ID,Gender,Ethnicity,Date of Birth,Age of Child (Years),Date of Contact,Contact Source"
    path.write_text("\n".join([heading, *rows]) + "\n", encoding="utf-8")
    with pytest.raises(UnreadableFile, match=r"Date of Contact .* day first"):
        read_file(path, Source("feed", "partner", "annex_a", 2026))


def test_a_proposal_says_month_first_and_reads_its_own_file(tmp_path: Path) -> None:
    path = table(tmp_path, MONTHS)
    proposal = propose(take_sample(path))
    (opened,) = [one for one in proposal.columns if one.name == "Opened"]
    assert opened.content.kind == "date" and any("month first" in one for one in opened.reasons)
    text = write_mapping(proposal)
    assert '"Opened" = { month_first = true, type = "date" }' in text
    assert read(path, text, tmp_path).parts["row"].rows_read == 22


def test_a_proposal_says_which_noughts_are_gone(tmp_path: Path) -> None:
    chance = random.Random(3)
    rows = [
        [f"P{n}", lost_number(chance), "", f"77009{chance.randrange(10**4, 10**5)}", f"{n * 9000}"]
        for n in range(5, 25)
    ]
    proposal = propose(take_sample(table(tmp_path, rows, "Ref,NHS number,Opened,Phone,File no")))
    said = {one.name: " ".join(one.reasons) for one in proposal.columns}
    assert "20 of them lost the nought before them and are read with it" in said["NHS number"]
    assert "telephone number without its first nought" in said["Phone"]
    assert "if all should be 6 wide, a spreadsheet dropped noughts" in said["File no"]
    assert "nought" not in said["Ref"]


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        (["12345", "123456", "234567", "345678", "456789"], "1 of 5 cells have fewer than 6 figures"),
        (["012345", "123456", "234567", "345678", "45678"], ""),
        (["1", "22", "333", "4444", "5555"], ""),
        (["123456"] * 5, ""),
        (["12345", "123456", "2345678", "x", "1"], ""),
    ],
)
def test_only_a_column_that_may_be_of_one_width_is_said(cells: list[str], says: str) -> None:
    assert noughts.describe_widths(cells).startswith(says) and bool(noughts.describe_widths(cells)) == bool(says)


def test_headings_that_are_blank_or_doubled_are_named_with_what_to_do(tmp_path: Path) -> None:
    path = table(tmp_path, [["P1", "a", "b", "c", "d", ""]] * 3, "Ref,Name,, NAME ,Note,")
    proposal = propose(take_sample(path))
    assert [one.name for one in proposal.columns] == ["Ref", "Note"]
    assert proposal.left_out == (
        "Not read, since nothing stands above: column 3 (C). Give each a heading in the file, and propose again.",
        "Not read, since all are headed Name: column 2 (B), column 4 (D). Nobody could say which is meant: rename all"
        " but one in the file, or ask the sender which to keep, and propose again.",
    )
    text = write_mapping(proposal)
    assert all(f"# {said}" in text for said in proposal.left_out)
    assert read(path, text, tmp_path).parts["row"].rows_read == 3


def test_where_no_column_has_a_name_of_its_own_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"column 1 \(A\), column 2 \(B\).*rename") as refused:
        take_sample(table(tmp_path, [["x", "y"]], "Name,name"))
    assert refused.value.rule == "no_heading"


def test_the_command_says_what_it_leaves_out(tmp_path: Path) -> None:
    path = table(tmp_path, [["P1", "a", "b"]] * 3, "Ref,Name,Name")
    out = CliRunner().invoke(app, ["mapping", "new", str(path), "--json"])
    assert out.exit_code == 0 and len(json.loads(out.stdout)["left_out"]) == 1


def test_no_standard_reads_a_telephone_or_nhs_number_without_looking() -> None:
    looked = {one.standard for one in load_definitions() for part in one.parts if noughts.find_columns(part)}
    assert {"csds", "mhsds", "ecds", "rtt_open_pathways"} <= looked
