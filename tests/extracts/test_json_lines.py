"""One object on each line: read as a list of them, a broken line refused alone, each record found again by its line."""

from __future__ import annotations

import io
import json
import tempfile
import tracemalloc
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from braid.extracts import blocks, json_files, json_lines
from braid.extracts.json_lines import LINE_BROKEN, are_lines, lines_of
from braid.extracts.mapping import load_mapping
from braid.extracts.model import Reading, Source, UnreadableFile
from braid.extracts.proposal.propose import propose
from braid.extracts.proposal.samples import take_sample
from braid.extracts.read import check_counts, read_file
from braid.extracts.recognition import choose
from braid.extracts.retractions import is_at
from braid.extracts.source_rows import RowNotFound, read_source_row
from braid.extracts.standards.fhir_ukcore import read_fhir_ukcore
from braid.store.duckdb_engine import DuckDBEngine
from extracts import test_common_platform, test_fhir_ukcore, test_fpl
from extracts.documents import CANARY, counts, said
from extracts.fuzz.seeds import OWN_MAPPINGS
from extracts.test_drained import read_large, read_small

RESOURCES = [test_fhir_ukcore.patient(), *test_fhir_ukcore.CARE]
FAMILY = [test_fpl.case(), {"id": "2", "caseData": {"familyManCaseNumber": "QB26C2", "dateSubmitted": "2026-02-05"}}]
SEARCH = {"totalResults": 2, "cases": [test_common_platform.case()]}
HEARING = test_common_platform.hearing("h-9", "CROWN", "Trial", "2026-05-04T09:00:00Z")
CRIMINAL = [SEARCH, {**SEARCH, "cases": [test_common_platform.case(prosecutionCaseReference="20QB0000002")]}, HEARING]
ROWS = [{"Ref": "P1", "Opened": "2026-01-05", "Surname": "Zo\u00eb"}, {"Ref": "P2", "Opened": "2026-02-05"}]
DOCUMENTS: dict[str, list[dict[str, Any]]] = {
    "fhir_ukcore": RESOURCES,
    "fpl": FAMILY,
    "common_platform": CRIMINAL,
    "mapped_csv": ROWS,
}
BROKEN_PARTS = {
    "fhir_ukcore": "OtherResource", "fpl": "cases", "common_platform": "documents", "mapped_csv": "case",
}  # fmt: skip
"""The part of which a broken line is a row."""
BROKEN = [
    f'{{"{CANARY}": "half', f'{{"{CANARY}": 1}} x', f'{{"{CANARY}": 1, "{CANARY}": 2}}', f'{{"{CANARY}": NaN}}',
    f'["{CANARY}"]', f'"{CANARY}"', "{" + CANARY, '{"a":' * 70 + "1" + "}" * 70,
]  # fmt: skip
FLAT = (OWN_MAPPINGS / "flat.toml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDBEngine]:
    with closing(DuckDBEngine("64MB", 1, tmp_path_factory.mktemp("spill"))) as opened:
        yield opened


def as_lines(values: list[Any], end: str = "\n") -> str:
    return "".join(json.dumps(value, ensure_ascii=False) + end for value in values)


def read(path: Path, text: str, standard: str, encoding: str = "utf-8") -> Reading:
    path.write_bytes(text.encode(encoding))
    mapping = load_mapping(OWN_MAPPINGS / "flat.toml") if standard == "mapped_csv" else None
    reading = read_file(path, Source("feed", "partner", standard, 2026, "2026-06-01"), mapping)
    check_counts(reading)
    return reading


def records(reading: Reading) -> dict[str, list[dict[str, Any]]]:
    """Return the records without where they stood."""
    return {
        kind: sorted(
            ({k: v for k, v in row.items() if k not in ("row_ref", "file_sha256")} for row in rows),
            key=lambda row: row["record_id"],
        )
        for kind, rows in reading.records.items()
        if rows
    }


@pytest.mark.parametrize("standard", DOCUMENTS)
@pytest.mark.parametrize(
    ("end", "encoding", "before"),
    [("\n", "utf-8", ""), ("\r\n", "utf-8-sig", "\n"), ("\r", "utf-16", " \n\n"), (" \n\n", "cp1252", "")],
)
def test_lines_say_what_the_list_of_them_says(
    standard: str, end: str, encoding: str, before: str, tmp_path: Path
) -> None:
    values = DOCUMENTS[standard]
    listed = read(tmp_path / "list.json", json.dumps(values), standard)
    lines = read(tmp_path / "lines.ndjson", before + as_lines(values, end), standard, encoding)
    assert records(lines) == records(listed) != {}
    assert counts(lines) == counts(listed) and lines.unmapped == listed.unmapped
    assert all(row["row_ref"].startswith("line ") for rows in lines.records.values() for row in rows)


def test_resources_on_lines_say_what_their_bundle_says(tmp_path: Path) -> None:
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in RESOURCES]}
    whole = read(tmp_path / "a.json", json.dumps(bundle), "fhir_ukcore")
    for values in (RESOURCES, [bundle]):
        assert records(read(tmp_path / "b.json", json.dumps(values), "fhir_ukcore")) == records(whole)
    assert records(read(tmp_path / "c.json", as_lines(RESOURCES), "fhir_ukcore")) == records(whole)


def test_an_address_means_somebody_within_its_own_bundle_alone(tmp_path: Path) -> None:
    def bundle(key: str) -> dict[str, Any]:
        patient = test_fhir_ukcore.patient(id=key)
        flag = {
            "resourceType": "Flag", "id": f"f-{key}", "status": "active", "subject": {"reference": "urn:uuid:1"},
            "code": test_fhir_ukcore.concept("x"),
        }  # fmt: skip
        entries = [{"resource": flag}, {"fullUrl": "urn:uuid:1", "resource": patient}]
        return {"resourceType": "Bundle", "entry": entries}

    alone = {"resourceType": "Flag", "id": "f-3", "status": "active", "subject": {"reference": "urn:uuid:1"}}
    reading = read(tmp_path / "a.ndjson", as_lines([bundle("p-1"), bundle("p-2"), alone]), "fhir_ukcore")
    people = {row["record_id"] for row in reading.records["person_record"]}
    assert counts(reading)["Flag"] == (3, 1)
    assert [one.position for one in reading.rejects] == ["line 3"]
    assert len(people) == 2
    assert {row["person_record_id"] for row in reading.records["need"]} <= people


@pytest.mark.parametrize("standard", DOCUMENTS)
@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("at", [0, 1, 99])
def test_a_broken_line_is_one_refused_row_and_the_rest_is_read(
    standard: str, broken: str, at: int, tmp_path: Path
) -> None:
    lines = as_lines(DOCUMENTS[standard] * 2).splitlines()
    whole = read(tmp_path / "a.ndjson", "\n".join(lines) + "\n", standard)
    lines.insert(at, broken)
    number = lines.index(broken) + 1
    if number == 1 and not broken.startswith("{"):
        return  # a file that begins so is no file of lines
    reading = read(tmp_path / "b.ndjson", "\n".join(lines) + "\n", standard)
    assert records(reading) == records(whole)
    refused = [(one.part, one.position, one.rule, one.row) for one in reading.rejects if one.rule == LINE_BROKEN]
    assert refused == [(BROKEN_PARTS[standard], f"line {number}", LINE_BROKEN, broken)]
    (issue,) = [one for one in reading.issues if one.rule == LINE_BROKEN]
    assert (issue.severity, issue.position) == ("reject", f"line {number}") and "correct it" in issue.message
    assert CANARY not in said(reading)
    more = counts(reading)[BROKEN_PARTS[standard]][0] - counts(whole).get(BROKEN_PARTS[standard], (0, 0))[0]
    assert more == 1


@pytest.mark.parametrize("standard", DOCUMENTS)
def test_a_last_line_cut_in_its_middle_is_a_file_cut_short(standard: str, tmp_path: Path) -> None:
    text = as_lines(DOCUMENTS[standard])
    with pytest.raises(UnreadableFile, match=rf"line {len(DOCUMENTS[standard])}\)") as refused:
        read(tmp_path / "a.ndjson", text[:-5], standard)
    assert refused.value.rule == "file_truncated"
    assert records(read(tmp_path / "b.ndjson", text[:-1], standard)) == records(
        read(tmp_path / "c.ndjson", text, standard)
    )


@pytest.mark.parametrize("standard", [one for one in DOCUMENTS if one != "mapped_csv"])
def test_detection_names_the_standard_and_says_how_the_objects_stand(standard: str, tmp_path: Path) -> None:
    lines, listed = tmp_path / "lines.json", tmp_path / "list.json"
    lines.write_text('{"half\n' + as_lines(DOCUMENTS[standard] * 2), encoding="utf-8")
    listed.write_text(json.dumps(DOCUMENTS[standard]), encoding="utf-8")
    assert choose(lines).standard == choose(listed).standard == standard
    assert "it holds one object on each line" in choose(lines).why
    assert "it is a list of objects" in choose(listed).why


def test_the_published_form_of_bulk_data_needs_no_bundle(tmp_path: Path) -> None:
    """Several files of one type each, referring to each other, as an export of bulk data writes them."""
    people = read(tmp_path / "Patient.ndjson", as_lines([test_fhir_ukcore.patient()] * 2), "fhir_ukcore")
    care = read(tmp_path / "Care.ndjson", as_lines(test_fhir_ukcore.CARE), "fhir_ukcore")
    known = {row["record_id"] for row in people.records["person_record"]}
    assert known and known <= {row["person_record_id"] for rows in care.records.values() for row in rows
                               if "person_record_id" in row}  # fmt: skip


def test_documents_that_are_none_and_hearings_without_a_case_are_each_settled(tmp_path: Path) -> None:
    whole = {"hearing": {"id": "h-1", "hearingDays": [{"sittingDay": "2026-03-02T10:00:00Z"}], "prosecutionCases": []}}
    other = {"hearing": {**whole["hearing"], "id": "h-2"}}
    reading = read(tmp_path / "a.ndjson", as_lines([whole, other, {"x": CANARY}]), "common_platform")
    assert counts(reading) == {"documents": (3, 1), "hearings": (2, 0), "hearing_days": (2, 0)}
    assert [(one.position, one.rule) for one in reading.rejects] == [("line 3", "document_unknown")]
    assert CANARY not in said(reading)


def test_pages_of_a_search_are_complete_together(tmp_path: Path) -> None:
    def rules(pages: list[Any]) -> set[str]:
        return {one.rule for one in read(tmp_path / "a.ndjson", as_lines(pages), "common_platform").issues}

    assert "page_incomplete" not in rules(CRIMINAL)
    assert "page_incomplete" in rules([CRIMINAL[0], HEARING])


@pytest.mark.parametrize("standard", DOCUMENTS)
@pytest.mark.parametrize(
    ("end", "encoding"), [("\n", "utf-8"), ("\r\n", "utf-8-sig"), ("\r", "utf-8"), ("\n", "utf-16")]
)
def test_every_record_is_found_again_by_its_line(standard: str, end: str, encoding: str, tmp_path: Path) -> None:
    path, values = tmp_path / "a.ndjson", DOCUMENTS[standard]
    reading = read(path, end + as_lines(values, end + end), standard, encoding)
    data = path.read_bytes()
    places = {row["row_ref"] for rows in reading.records.values() for row in rows}
    assert len(places) >= len(values) - 1
    for place in places:
        line, _, pointer = place.removeprefix("line ").partition("/")
        wanted: Any = values[int(line) // 2 - 1]
        for step in pointer.split("/") if pointer else ():
            wanted = wanted[int(step)] if isinstance(wanted, list) else wanted[step]
        found = read_source_row(path, place)
        assert json.loads(found.text) == wanted
        assert found.form == ("value" if pointer else "line")
        if encoding != "utf-16":
            assert data[found.first_byte : (found.last_byte or 0) + 1].decode() == found.text


def test_what_stands_in_no_line_is_not_found(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    path.write_text('{"a": {"b": 1}}\n\n{"a": 2}\n', encoding="utf-8")
    for place in ("line 2", "line 9", "line 3/a/b", "line 1/c", "line 1/a/c"):
        with pytest.raises(RowNotFound):
            read_source_row(path, place)


def test_what_is_taken_back_by_a_line_is_that_line_alone() -> None:
    assert is_at("line 3", "line 3") and is_at("line 3/entry/0", "line 3")
    assert not is_at("line 30", "line 3") and not is_at("line 30/entry", "line 3")


def test_a_mapping_is_proposed_of_lines_though_one_is_broken(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    path.write_text(as_lines(ROWS[:1]) + "{broken\n" + as_lines(ROWS[1:] * 4), encoding="utf-8")
    proposal = propose(take_sample(path))
    assert (proposal.rows, {one.name for one in proposal.columns}) == (5, {"Ref", "Opened", "Surname"})


def test_of_several_parts_a_broken_line_is_a_row_of_the_first(tmp_path: Path) -> None:
    cases = [{"ref": f"C{n}", "members": [{"id": f"M{n}", "name": {"family": "Quill"}}]} for n in (1, 2)]
    path = tmp_path / "a.ndjson"
    path.write_text(as_lines(cases) + "{broken\n", encoding="utf-8")
    text = (
        '[[part]]\nname = "case"\nperson = "ref"\n[part.columns]\nref = {}\n[[part.record]]\ntype = "person_record"\n'
        '[part.record.values]\nfamily_name = "ref"\n'
        '[[part]]\nname = "member"\nrows = "members"\nperson = "id"\n[part.columns]\nid = {}\n'
        '[[part.record]]\ntype = "person_record"\n[part.record.values]\nfamily_name = "id"\n'
    )
    mapping = tmp_path / "m.toml"
    mapping.write_text(text, encoding="utf-8")
    reading = read_file(path, Source("feed", "partner", "mapped_csv", 2026), load_mapping(mapping))
    assert counts(reading) == {"case": (3, 1), "member": (2, 0)}


VALUE = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=80, deadline=None)
@given(value=VALUE, indent=st.sampled_from([None, 0, 1, 4]), cut=st.integers(0, 40))
def test_no_single_document_is_taken_for_lines_whole_or_cut(value: Any, indent: int | None, cut: int) -> None:
    text = json.dumps(value, indent=indent)
    for part in (text, text[: max(len(text) - cut, 0)]):
        assert not are_lines(io.StringIO(part, newline=""))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(["", "a", "bb", "\u2028", "\x85", "\n", "\r", "\r\n"]), max_size=12), st.integers(1, 4))
def test_lines_are_those_of_the_whole_text_however_it_is_cut(parts: list[str], size: int) -> None:
    text = "".join(parts)
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    assert list(lines_of(pieces)) == list(io.StringIO(text, newline=""))


LINE = st.sampled_from([*map(json.dumps, FAMILY), *BROKEN, "", " ", "{}", '{"caseData": 1}'])


@settings(max_examples=12, deadline=None)
@given(lines=st.lists(LINE, max_size=6), tail=st.sampled_from(["", "\n", "\r\n", '{"caseDa']))
def test_lines_are_read_alike_large_or_small(lines: list[str], tail: str, engine: DuckDBEngine) -> None:
    source = Source("feed", "partner", "fpl", 2026, "2026-06-01")
    with tempfile.TemporaryDirectory() as text:
        path = Path(text) / "a.ndjson"
        path.write_text("\n".join(lines) + tail, encoding="utf-8")
        assert read_small(path, source) == read_large(path, source, engine)


def test_of_a_large_file_no_more_than_a_line_is_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_files, "STORED_BYTES", 0)
    monkeypatch.setattr(blocks.iterate_text, "__defaults__", (1 << 16,))
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 1 << 16)
    path = tmp_path / "a.ndjson"
    path.write_text(as_lines([{"resourceType": "Observation", "id": str(n), "note": "x" * 50_000} for n in range(300)]))
    reading = Reading(Source("feed", "partner", "fhir_ukcore", 2026), "", path.name)
    tracemalloc.start()
    try:
        read_fhir_ukcore(path, reading)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert counts(reading) == {"Observation": (300, 0)}
    assert peak < 3_000_000 < path.stat().st_size / 4


def test_a_line_without_end_is_refused_before_it_is_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_files, "STORED_BYTES", 0)
    monkeypatch.setattr(json_lines, "LONGEST_VALUE", 1000)
    text = as_lines(FAMILY[1:] * 2) + '{"caseData": "' + "x" * (3 << 20) + '"}\n'
    with pytest.raises(UnreadableFile) as refused:
        read(tmp_path / "a.ndjson", text, "fpl")
    assert refused.value.rule == "json_value_too_long"
