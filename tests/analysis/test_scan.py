"""Where names and identifiers rest: every value of the example place is looked for in every file that Braid wrote.

The values come from the truth and from the extracts' own columns for them; the scan reads the files as Parquet and as
text. A table may hold them in the columns that the registry declares to be of the identity or location class alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from analysis.places import Ran, table, truth
from braid.language.findings import FINDING_TABLES, REFERENCE_TABLES, TABLES
from braid.language.records import LOCATION, ORGANISATION, SERVICE
from braid.language.schema import Sensitivity
from braid.people import night
from braid.store.dataset_folder import BuiltDataset

PUBLIC = {each.name for each in (*REFERENCE_TABLES, LOCATION, ORGANISATION, SERVICE)}
"""Public buildings and services: their postcodes are open data."""
HOLDS = {Sensitivity.IDENTITY, Sensitivity.LOCATION}
PERSONAL_SCHEMES = {"nhs", "upn", "former_upn", "uln", "la_child", "nino", "pnc", "asn"}
CASE_SCHEMES = {"case_urn", "family_case", "tenancy", "housing_app", "homelessness_case", "local"}
WORD = re.compile(r"[A-Za-z0-9/'.-]+")


def values_of(ran: Ran) -> dict[str, set[str]]:
    """What must not wander, by kind. Names of three letters or fewer would be found in codes and are left to others."""
    persons = truth(ran, "persons")
    names = {row[part] for row in persons for part in ("given_name", "family_name")}
    identifiers = table(ran, "identifier")
    stays, records = table(ran, "stay"), table(ran, "person_record")
    return {
        "name": {name for name in names if len(name) > 3},
        "number": {row["value"] for row in identifiers if row["scheme"] in PERSONAL_SCHEMES}
        | {row["nhs_number"] for row in listed_opt_outs(ran)},
        "key": {row["partner_record_id"] for row in truth(ran, "people")},
        "postcode": {row["postcode"] for row in stays if row["postcode"]},
        "address": {row["address_lines"] for row in stays if row["address_lines"]},
        "telephone": {row["telephone"] for row in records if row["telephone"]},
    }


def listed_opt_outs(ran: Ran) -> list[dict[str, str]]:
    lines = (ran.place.folder / "restricted" / "opt_outs.csv").read_text(encoding="utf-8").split()
    return [{lines[0]: line} for line in lines[1:]]


def texts(path: Path) -> Iterator[tuple[str, str]]:
    """Every different text of a Parquet file, of lists too, with its column."""
    data = pq.read_table(path)
    for name in data.column_names:
        column = data.column(name)
        if pa.types.is_list(column.type):
            column = pc.list_flatten(column)
        if pa.types.is_string(column.type):
            for value in column.unique().to_pylist():
                if value:
                    yield name, value


def holds(text: str, values: set[str]) -> bool:
    """Whether a text is one of the values or has one as a word of its own."""
    return text in values or any(word in values for word in WORD.findall(text)) or bool(spaced(text) & values)


def spaced(text: str) -> set[str]:
    """Neighbouring words as one, for postcodes and telephone numbers."""
    words = text.split()
    return {" ".join(words[i : i + n]) for n in (2, 3) for i in range(len(words) - n + 1)}


@pytest.fixture(scope="module")
def wandering(ran: Ran) -> dict[str, set[str]]:
    return values_of(ran)


def test_the_scan_finds_what_is_where_it_is_declared(ran: Ran, wandering: dict[str, set[str]]) -> None:
    """The scan is not blind: each kind of value is found in the columns that hold it."""
    homes = {
        "name": ("person", "family_name"),
        "number": ("identifier", "value"),
        "key": ("person_record", "partner_record_id"),
        "postcode": ("stay", "postcode"),
        "address": ("stay", "address_lines"),
        "telephone": ("person_record", "telephone"),
    }
    for kind, (name, column) in homes.items():
        found = [value for where, value in texts(ran.run.table(name)) if where == column]
        share = sum(holds(value, wandering[kind]) for value in found) / len(found)
        assert share > 0.5, kind
    for kind, values in wandering.items():
        assert holds(f"It was for {min(values)} that it waited", values), kind


def may_hold(name: str, column: str) -> bool:
    """Whether a column is declared to hold names, identifiers or places; of what the next night reads, a whole file."""
    if name in night.FILES:
        return name in night.HOLD_IDENTITY
    return TABLES[name].column(column).sensitivity in HOLDS


def test_names_and_identifiers_stand_in_no_column_but_those_declared(ran: Ran, wandering: dict[str, set[str]]) -> None:
    found = set()
    for path in sorted(ran.run.folder.glob("*.parquet")):
        if path.stem not in PUBLIC:
            for column, value in texts(path):
                if not may_hold(path.stem, column):
                    found |= {(kind, path.stem, column) for kind, values in wandering.items() if holds(value, values)}
    assert found == set()


def test_after_people_no_table_but_person_holds_a_name_or_an_identifier(
    ran: Ran, wandering: dict[str, set[str]]
) -> None:
    """In no column at all, whatever its class: from `waits` on, a person is a `person_id`, a case the record of it."""
    cases = {row["episode_ref"] for name in ("episode", "wait", "event") for row in table(ran, name)} - {None}
    assert len(cases) > 100
    found = set()
    for each in FINDING_TABLES:
        for column, value in texts(ran.run.table(each.name)):
            if each.name != "person":
                found |= {(kind, each.name, column) for kind, values in wandering.items() if holds(value, values)}
                found |= {("case", each.name, column)} if holds(value, cases) else set()
    assert found == set()


def test_no_dataset_holds_any_of_it(ran: Ran, built: dict[str, BuiltDataset], wandering: dict[str, set[str]]) -> None:
    cases = {row["value"] for row in table(ran, "identifier") if row["scheme"] in CASE_SCHEMES}
    places = {row["district_code"] for row in table(ran, "person")} - {None}
    organisations = {organisation.id for organisation in ran.place.organisations}
    for one in built.values():
        for path in one.folder.glob("*.parquet"):
            for column, value in texts(path):
                for kind, values in {**wandering, "case": cases, "place": places, "whose": organisations}.items():
                    assert not holds(value, values), (kind, path.stem, column)


def test_no_other_file_of_the_place_holds_a_name_number_or_telephone(
    ran: Ran, built: dict[str, BuiltDataset], wandering: dict[str, set[str]]
) -> None:
    """Manifests, keys, the lock and whatever else stands outside what was given to Braid."""
    given = {"extracts", "truth", "restricted", "geography", "agreements"}
    files = [path for path in ran.place.folder.rglob("*") if path.is_file() and path.suffix != ".parquet"]
    written = [path for path in files if path.relative_to(ran.place.folder).parts[0] not in given | {"place.toml"}]
    assert len(written) > 5
    for path in written:
        text = path.read_text(encoding="utf-8")
        for kind in ("name", "number", "telephone", "postcode", "address"):
            assert not [value for value in wandering[kind] if value in text and holds(text, {value})], (kind, path.name)
