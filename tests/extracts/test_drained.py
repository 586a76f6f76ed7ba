"""Large files are read piece by piece, and say the same as small ones; what is wrong with one is found alike."""

from __future__ import annotations

import datetime as dt
import gc
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from braid.extracts import blocks, csv_files, feed_columns, json_files, json_stored, run, xml_files
from braid.extracts.catalogue import CONNECTORS
from braid.extracts.definition_files import definition_of, load_definitions
from braid.extracts.definition_years import resolve
from braid.extracts.document_trees import Node
from braid.extracts.documents import open_document_tables
from braid.extracts.drains import ParquetDrain, settle_files
from braid.extracts.mapping import load_mapping
from braid.extracts.model import Reading, Source, UnreadableFile
from braid.extracts.read import check_counts, read_file
from braid.extracts.standards import fhir_ukcore
from braid.extracts.standards.ssda903_episodes import EpisodeRow, find_runs
from braid.language.findings import TABLES
from braid.store.arrow_types import to_arrow
from braid.store.duckdb_engine import DuckDBEngine
from braid.store.place_folder import Feed, Place
from extracts.connector_page import load_examples
from extracts.documents import damaged
from extracts.fuzz.seeds import OWN_MAPPINGS
from extracts.twins import read_in_pieces
from shared import shared_folder

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks" / "extracts"
DOCUMENTS = sorted({connector.standard for connector in CONNECTORS if connector.is_piecewise})
DESCRIBED = {one.standard for one in load_definitions() if one.is_of_documents}
EXAMPLES = [example for example in load_examples() if example["standard"] in {*DOCUMENTS, *DESCRIBED}]
CASES = [
    {
        "id": f"case-{number}",
        "caseData": {
            "dateSubmitted": "2026-02-03",
            "newField": "x",
            "children1": [
                {
                    "id": f"child-{number % 3}",
                    "value": {"party": {"firstName": "A", "dateOfBirth": f"2015-01-{number}"}},
                }
            ],
            "risks": {"neglect": "Yes", "unheardOf": "Yes"},
        },
    }
    for number in range(11, 18)
] + ["no case"]
SEARCH = {
    "totalResults": 9,
    "cases": [
        {
            "prosecutionCaseReference": f"20GD{number}",
            "defendantSummary": [
                {"defendantId": f"D{number % 2}", "defendantFirstName": f"A{number}", "defendantDOB": "1990-01-01"}
            ],
        }
        for number in range(5)
    ],
}
CHILD = (
    "<Child><ChildIdentifiers><LAchildID>C{0}</LAchildID><Sex>{1}</Sex>stray</ChildIdentifiers>"
    "<CINdetails><CINreferralDate>{2}</CINreferralDate><NewBlock/></CINdetails></Child>"
)
CENSUS = (
    "<Message><Header><Collection>CIN</Collection><Year>2026</Year></Header><Children>"
    + "\n".join(
        CHILD.format(number % 3, "F" if number % 2 else "9", "2026-01-05" if number % 3 else "soon")
        for number in range(9)
    )
    + "text behind<Section47><S47ActualStartDate>2026-01-01</S47ActualStartDate></Section47></Children>"
    "<Children><Child><Child/></Child></Children><CINdetails/></Message>"
)


EPISODE_HEADING = "CHILD,DECOM,RNE,LS,CIN,PLACE,DEC,REC\n"
EPISODE_DAYS = ["01/04/2026", "01/05/2026", "01/06/2026", "soon", ""]
EPISODE = st.builds(
    "{},{},{},C2,N1,U1,{},{}\n".format,
    st.sampled_from(["A", "A", "B", "C", " A ", "", "Ä"]),
    st.sampled_from(EPISODE_DAYS),
    st.sampled_from(["S", "P", "zz"]),
    st.sampled_from(EPISODE_DAYS),
    st.sampled_from(["X1", "E4A", ""]),
)
EPISODE_LINES = EPISODE | st.sampled_from(
    [EPISODE_HEADING, "A\n", '"A"x,1\n', "A,01/04/2026,S,C2,N1,U1,,,more\n", "\n"]
)


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every document read as a large one, a few characters at a time."""
    make_tiny(monkeypatch)


def make_tiny(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(json_files, "STORED_BYTES", 0)
    patch.setattr(fhir_ukcore, "STORED_BYTES", 0)
    patch.setattr(json_stored, "KEPT_LIST", 40)
    patch.setattr(xml_files, "BLOCK_BYTES", 50)
    patch.setattr(blocks.iterate_text, "__defaults__", (50,))
    patch.setattr(csv_files, "HELD_BYTES", 0)
    patch.setattr(blocks.iterate_blocks, "__defaults__", (50,))


def read_small(path: Path, source: Source, mapping: dict[str, Any] | None = None) -> dict[str, Any] | str:
    """Return what a file held in memory says, in a form that can be compared."""
    try:
        reading = read_file(path, source, mapping)
    except UnreadableFile as refusal:
        return f"{refusal.rule}: {refusal.message}"
    records = {name: to_arrow(TABLES[name], rows).to_pylist() for name, rows in reading.records.items() if rows}
    return {
        "parts": {part: vars(count) for part, count in reading.parts.items()},
        "unmapped": +reading.unmapped,
        "records": {name: sorted(rows, key=lambda row: str(row["record_id"])) for name, rows in records.items()},
        "issues": Counter((i.severity, i.rule, i.field, i.position, i.message) for i in reading.issues),
        "rejects": Counter((r.part, r.position, r.rule, r.row) for r in reading.rejects),
    }


def read_large(
    path: Path, source: Source, engine: DuckDBEngine, mapping: dict[str, Any] | None = None
) -> dict[str, Any] | str:
    """Return what a file read piece by piece says, in the same form; records are handed over one piece at a time."""
    with tempfile.TemporaryDirectory() as text, pytest.MonkeyPatch.context() as patch:
        make_tiny(patch)
        folder = Path(text)
        drain = ParquetDrain(folder)
        try:
            reading = read_in_pieces(path, source, drain, mapping, 1)
        except UnreadableFile as refusal:
            return f"{refusal.rule}: {refusal.message}"
        check_counts(reading)
        (folder / "whole").mkdir()
        written = settle_files([reading], [drain], engine, folder / "whole")
        rows = {
            name: [row for place in places for row in pq.read_table(place).to_pylist()]
            for name, places in written.items()
        }
    issues, rejects = rows.pop("issue", []), rows.pop("reject", [])
    return {
        "parts": {part: vars(count) for part, count in reading.parts.items()},
        "unmapped": +reading.unmapped,
        "records": {name: sorted(found, key=lambda row: str(row["record_id"])) for name, found in rows.items()},
        "issues": Counter((i["severity"], i["rule"], i["field"], i["position"], i["message"]) for i in issues),
        "rejects": Counter((r["part"], r["position"], r["rule"], r["row"]) for r in rejects),
    }


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDBEngine]:
    with closing(DuckDBEngine("64MB", 1, tmp_path_factory.mktemp("spill"))) as opened:
        yield opened


def source_of(standard: str, year: int = 2026) -> Source:
    return Source("feed", "partner", standard, year, "2026-11-15")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example['standard']}-{example['file']}")
def test_every_worked_example_says_the_same_piece_by_piece(
    example: dict[str, Any], engine: DuckDBEngine, tmp_path: Path
) -> None:
    path = tmp_path / example["file"]
    path.write_text(example["text"].lstrip("\n"), encoding="utf-8")
    source = source_of(example["standard"], example["year"])
    small = read_small(path, source)
    assert isinstance(small, dict) and read_large(path, source, engine) == small


@pytest.mark.parametrize("standard", ["cin", "common_platform", "fhir_ukcore", "fpl", "oruk"])
def test_every_published_document_says_the_same_piece_by_piece(standard: str, engine: DuckDBEngine) -> None:
    for path in sorted(shared_folder("fixtures", standard).iterdir()):
        small = read_small(path, source_of(standard))
        assert isinstance(small, dict), path.name
        assert read_large(path, source_of(standard), engine) == small, path.name


def test_what_repeats_in_several_pieces_is_settled_alike(engine: DuckDBEngine, tmp_path: Path) -> None:
    cases, census = tmp_path / "cases.json", tmp_path / "census.xml"
    cases.write_text(json.dumps(SEARCH))
    census.write_text(CENSUS)
    for path, standard, parts in (
        (cases, "common_platform", {"cases": (5, 0), "defendants": (5, 0)}),
        (census, "cin", {"Child": (11, 2), "CINdetails": (10, 4), "Section47": (1, 1)}),
    ):
        small = read_small(path, source_of(standard))
        assert isinstance(small, dict)
        found = {part: (count["rows_in"], count["rows_rejected"]) for part, count in small["parts"].items()}
        assert found.items() >= parts.items()
        assert any(rule == "record_repeated" for _, rule, *_ in small["issues"])
        assert any(rule == "record_disagrees" for _, rule, *_ in small["issues"])
        assert read_large(path, source_of(standard), engine) == small


TABLES_OF_CONNECTORS = [example for example in EXAMPLES if example["file"].endswith(".csv")]


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_damaged_tables_say_the_same_row_by_row(data: st.DataObject, engine: DuckDBEngine) -> None:
    example = data.draw(st.sampled_from(TABLES_OF_CONNECTORS))
    text = example["text"].lstrip("\n")
    for _ in range(data.draw(st.integers(0, 3))):
        at = data.draw(st.integers(0, len(text)))
        junk = data.draw(st.sampled_from(['"', ",", ";", "\t", "\n", "\r", "\r\n", '"a\nb"', "é", "", "\n\n  \n"]))
        text = text[:at] + junk + text[at + data.draw(st.integers(0, 3)) :]
    encoding = data.draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]))
    end = data.draw(st.sampled_from(["\n", "\r\n", "\r"]))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / example["file"]
        path.write_bytes(text.replace("\n", end).encode(encoding, "replace"))
        source = source_of(example["standard"], example["year"])
        assert read_large(path, source, engine) == read_small(path, source)


@settings(max_examples=40, deadline=None)
@given(document=damaged(CASES), indent=st.sampled_from([None, 1]), cut=st.integers(0, 400))
def test_damaged_and_cut_documents_say_the_same(
    document: Any, indent: int | None, cut: int, engine: DuckDBEngine
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cases.json"
        text = json.dumps(document, indent=indent)
        path.write_text(text[: len(text) - cut] if cut > 200 else text)
        assert read_large(path, source_of("fpl"), engine) == read_small(path, source_of("fpl"))


@settings(max_examples=40, deadline=None)
@given(at=st.integers(0, len(CENSUS) - 1), junk=st.sampled_from(["", "<", ">", "&", "</Child>", "<Child>", "é", "\n"]))
def test_damaged_censuses_say_the_same(at: int, junk: str, engine: DuckDBEngine) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "census.xml"
        path.write_text(CENSUS[:at] + junk + CENSUS[at + 1 :], encoding="cp1252")
        assert read_large(path, source_of("cin"), engine) == read_small(path, source_of("cin"))


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b'{"a": [1, 2', "file_truncated"),
        (b'{"a": [1, 2]', "file_truncated"),
        (b'{"name": "Zzcanary', "file_truncated"),
        (b"[1, 2,", "file_truncated"),
        (b"[1, 2,]", "not_json"),
        (b"[1 Zzcanary]", "not_json"),
        (b'{"a": 1} Zzcanary', "not_json"),
        (b'{Zzcanary": 1}', "not_json"),
        (b'{"a": NaN}', "json_number"),
        (b'[1, {"a": 1e999}]', "json_number"),
        (b"[" + b"9" * 5000 + b"]", "json_number"),
        (b'{"Zzcanary": [], "Zzcanary": 2}', "json_repeated_key"),
        (b'[{"Zzcanary": 1, "Zzcanary": 2}]', "json_repeated_key"),
        (b"[" * 65 + b"]" * 65, "json_too_deep"),
        (b'{"a":' + b"[" * 64 + b"]" * 64 + b"}", "json_too_deep"),
        (b"[" * 200_000, "json_too_deep"),
        (b"   \n", "file_empty"),
    ],
)
def test_a_large_document_is_refused_by_the_same_rule(
    content: bytes, rule: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "document.json"
    path.write_bytes(content)
    small = read_small(path, source_of("fpl"))
    make_tiny(monkeypatch)
    large = read_small(path, source_of("fpl"))
    assert isinstance(large, str) and large.startswith(f"{rule}: ") and large == small
    assert "Zzcanary" not in large


def test_a_piece_that_never_ends_is_refused_before_it_is_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_tiny(monkeypatch)
    monkeypatch.setattr(json_stored, "LONGEST_VALUE", 1000)
    monkeypatch.setattr(xml_files, "LONGEST_PIECE", 1000)
    cases, census = tmp_path / "cases.json", tmp_path / "census.xml"
    cases.write_text('[{"caseData": {"children1": ["' + "x" * 100_000 + '"]}}]')
    census.write_text("<Message><Children><Child>" + "<CINdetails/>" * 10_000 + "</Child></Children></Message>")
    assert str(read_small(cases, source_of("fpl"))).startswith("json_value_too_long")
    assert str(read_small(census, source_of("cin"))).startswith("xml_piece_too_long")
    beside = tmp_path / "beside.json"
    beside.write_text(json.dumps({"caseData": {}, **{f"key{number}": "x" * 100 for number in range(100)}}))
    assert str(read_small(beside, source_of("fpl"))).startswith("json_value_too_long")


@pytest.mark.parametrize("are_large", [False, True])
def test_the_chain_reads_documents_alike_large_or_small(
    are_large: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_columns, "LARGE_BYTES", 1 if are_large else 1 << 40)
    if are_large:
        make_tiny(monkeypatch)
    place = Place(tmp_path, "here", "Here", None, (), (), (Feed("court", "council", "fpl", 2026),))
    extract = tmp_path / "extracts" / "court" / "2026-05-01"
    extract.mkdir(parents=True)
    (extract / "cases.json").write_text(json.dumps(CASES))
    (extract / "more.json").write_text(json.dumps(CASES[:2]))
    parts = tmp_path / "parts"
    (summary,) = run.read_place(
        place, dt.date(2026, 6, 1), parts, 1, open_engine=lambda folder: DuckDBEngine("64MB", 1, folder)
    )
    assert bool(list(parts.glob("*.columns-*.parquet"))) == are_large
    assert (summary.rows_in, summary.rows_rejected) == (37, 1)
    assert summary.issues["code_unknown"] == 9 and summary.unmapped["caseData.newField"] == 9
    tables = {
        name: sum(pq.read_metadata(path).num_rows for path in parts.glob(f"{name}.*.parquet"))
        for name in ("person_record", "issue", "reject")
    }
    assert tables["person_record"] == 7 and tables["reject"] == 1 and tables["issue"] > 10


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "megabytes"),
    [("census.xml", 200), ("search-result.json", 100), ("bundle.xml", 100), ("resources.ndjson", 100)],
)
def test_memory_does_not_grow_with_a_document(name: str, megabytes: int, tmp_path: Path) -> None:
    sys.path.insert(0, str(BENCHMARKS))
    from large_files import FILES, read_large
    from throughput import apart

    standard, write = FILES[name]
    peaks = []
    for size in (megabytes // 5, megabytes):
        folder = tmp_path / str(size)
        folder.mkdir()
        write(folder / name, size * 1_000_000)
        peaks.append(apart(read_large, folder / name, standard, "64MB")["peak"])
    assert peaks[1] < peaks[0] + 96, f"five times the file: {peaks[0]:.0f} and then {peaks[1]:.0f} MB at the peak"


@settings(max_examples=20, deadline=None)
@given(st.lists(EPISODE_LINES, max_size=12))
def test_periods_of_care_are_those_of_each_childs_rows_wherever_these_stand(lines: list[str]) -> None:
    """Held whole or not, and against the plain way: all rows of the file first, then the runs of each child."""
    source = Source("feed", "council", "ssda903", 2026, "2026-06-01")
    with tempfile.TemporaryDirectory() as text, closing(DuckDBEngine("128MB", 1)) as engine:
        path = Path(text) / "episodes.csv"
        path.write_text(EPISODE_HEADING + "".join(lines), encoding="utf-8")
        whole = read_small(path, source)
        assert whole == read_large(path, source, engine)
        if isinstance(whole, str):
            return
        rows: dict[str, list[EpisodeRow]] = {}
        for number, line in enumerate(lines, 2):
            cells = [cell.strip() for cell in line.rstrip("\n").split(",")]
            if len(cells) == 8 and cells[0] not in ("", "CHILD") and (start := day_of(cells[1])):
                said, left = day_of(cells[6]), f"ssda903:{cells[7]}" if cells[7] else None
                end = said if said and said >= start else None
                row = EpisodeRow(cells[0], f"line {number}", start, end, cells[2], left, None, None)
                rows.setdefault(cells[0], []).append(row)
        runs = {(child, run[0].start_date, run[-1].end_date) for child, own in rows.items() for run in find_runs(own)}
        periods = [row for row in whole["records"].get("episode", []) if row["kind"] == "cla"]
        told = {(row["episode_ref"].split("/")[0], row["start_date"]) for row in periods}
        assert told == {(child, start) for child, start, _ in runs}
        ends = {(row["episode_ref"].split("/")[0], row["start_date"], row["end_date"]) for row in periods}
        assert ends <= runs


def day_of(text: str) -> dt.date | None:
    return dt.date.fromisoformat("-".join(reversed(text.split("/")))) if "/" in text else None


CASE = st.fixed_dictionaries(
    {},
    optional={
        "ref": st.sampled_from(["C1", "C2", "", 3, None]),
        "opened": st.sampled_from([{"on": "2026-01-05"}, {"on": "soon"}, None, []]),
        "needs": st.lists(st.fixed_dictionaries({"code": st.sampled_from("ab")}), max_size=2),
        "members": st.lists(
            st.fixed_dictionaries(
                {"id": st.sampled_from(["M1", "M2", "", 3])},
                optional={"name": st.sampled_from([{"family": "Quill"}, {}, None]), "shoe size": st.just("9")},
            )
            | st.just("no member"),
            max_size=3,
        ),
    },
)
FLAT = st.fixed_dictionaries(
    {"Ref": st.sampled_from(["P1", "P2", "", 7]), "Opened": st.sampled_from(["2026-01-05", "soon", None])},
    optional={"Surname": st.just("Zo\u00eb"), "Open": st.booleans(), "Other": st.just("x")},
)
TAIL = st.sampled_from(["", "", "", " ", "\n", "]", "{", ",", '"', "\x00"])


@settings(max_examples=20, deadline=None)
@given(st.lists(CASE, max_size=4), st.lists(FLAT, max_size=4), TAIL)
def test_json_that_a_mapping_describes_is_read_alike_large_or_small(
    cases: list[dict[str, Any]], rows: list[dict[str, Any]], tail: str
) -> None:
    """A list below a name, a list at the top, and objects line by line; with what stands behind, whole or not."""
    source = Source("feed", "partner", "mapped_csv", 2026, "2026-06-01")
    texts = [
        ("cases.toml", json.dumps({"cases": cases, "sent": "2026-06-01"}, indent=1)),
        ("cases.toml", json.dumps(cases)),
        ("flat.toml", json.dumps(rows)),
        ("flat.toml", "\n".join(json.dumps(row) for row in rows)),
    ]
    with tempfile.TemporaryDirectory() as text, closing(DuckDBEngine("128MB", 1)) as engine:
        path = Path(text) / "file.json"
        for name, content in texts:
            mapping = load_mapping(OWN_MAPPINGS / name)
            path.write_text(content + tail, encoding="utf-8")
            assert read_small(path, source, mapping) == read_large(path, source, engine, mapping)


XML_PERSON = st.sampled_from(
    [
        '<Person Id="P1"><Name><Surname>Quill</Surname></Name><DateOfBirth>1990-01-01</DateOfBirth></Person>',
        '<Person Id="P2"><DateOfBirth>soon</DateOfBirth><Note>x</Note></Person>tail',
        "<Person/>",
        "<Other><Person Id='P9'/></Other>",
    ]
)
XML_CASE = st.builds(
    "<Case>{}<ApplicationDate>{}</ApplicationDate><People>{}</People>{}</Case>".format,
    st.sampled_from(["<CaseReference>C1</CaseReference>", "<CaseReference>C2</CaseReference>", ""]),
    st.sampled_from(["2026-01-05", "soon", ""]),
    st.lists(XML_PERSON, max_size=3).map("".join),
    st.sampled_from(["", "<Strange>x</Strange>", "<!-- a --> ", "<Case/>"]),
)


@settings(max_examples=20, deadline=None)
@given(st.lists(XML_CASE, max_size=4), st.sampled_from(["", "<Case/>", "<Cases><Case/></Cases>", "text", "<Case>"]))
def test_xml_that_a_mapping_describes_is_read_alike_large_or_small(cases: list[str], tail: str) -> None:
    source = Source("feed", "partner", "mapped_csv", 2026, "2026-06-01")
    mapping = load_mapping(OWN_MAPPINGS / "submission.toml")
    with tempfile.TemporaryDirectory() as text, closing(DuckDBEngine("128MB", 1)) as engine:
        path = Path(text) / "file.xml"
        for namespace in ("", ' xmlns="urn:example"'):
            path.write_text(f"<Submission{namespace}><Sent/><Cases>{''.join(cases)}</Cases>{tail}</Submission>")
            assert read_small(path, source, mapping) == read_large(path, source, engine, mapping)


def test_of_mapped_xml_a_case_is_let_go_of_before_the_next_is_read(tiny: None, tmp_path: Path) -> None:
    path = tmp_path / "cases.xml"
    person = '<Case><CaseReference>C{0}</CaseReference><People><Person Id="P{0}"/></People></Case>'
    path.write_text(f"<Submission><Cases>{''.join(map(person.format, range(40)))}</Cases></Submission>")
    reading = Reading(Source("feed", "partner", "mapped_csv", 2026), "0" * 64, path.name)
    definition = definition_of(load_mapping(OWN_MAPPINGS / "submission.toml"))
    tables = open_document_tables(path, reading, resolve(definition, 2026), "xml")
    for known in tables:
        held = []
        for line in known.lines:
            held.append(sum(type(one) is Node for one in gc.get_objects()) if line.number == 30 else 0)
        assert len(held) == 40 and max(held) <= 2


def test_of_mapped_json_no_row_is_held_but_the_one_that_is_read(tiny: None, tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    path.write_text(json.dumps([{"Ref": f"P{number}", "Opened": "2026-01-05"} for number in range(40)]))
    reading = Reading(Source("feed", "partner", "mapped_csv", 2026), "0" * 64, path.name)
    definition = definition_of(load_mapping(OWN_MAPPINGS / "flat.toml"))
    (table,) = open_document_tables(path, reading, resolve(definition, 2026), "json")
    for line in table.lines:
        assert table.table.position(line.number) == f"/{line.number}"
        if line.number == 30:
            assert sum(type(one) is Node for one in gc.get_objects()) <= 2
    assert line.number == 39
