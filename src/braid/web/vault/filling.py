"""Filling the vault from a run: everything class L of its protected persons, sealed, replaced whole at publication.

Only the columns that hold a location are read, in batches, and of protected persons alone.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from braid.language.findings import INVOLVEMENT, PERSON, PERSON_LINK, POSTCODE, SCHOOL
from braid.language.records import EPISODE, EVENT, PERSON_RECORD, STAY
from braid.store.lake import Run
from braid.store.place_folder import Place
from braid.store.vault_keys import KeyRing, VaultKeyNotAvailable
from braid.web.refusals import NotPublishable
from braid.web.vault.keys import open_key_ring
from braid.web.vault.sealing import seal_person
from braid.web.vault.values import VaultValue

ROWS_AT_ONCE = 20_000
Row = Mapping[str, Any]
Found = tuple[str, str, VaultValue]
"""A person id, the item, and one value of it."""
Items = dict[str, list[VaultValue]]
_SEEN = ("person_record_id", "organisation_id", "as_of_date", "sensitivity")


def fill_vault(cursor: Any, run: Run, place: Place) -> int:
    """Replace the vault by the locations of the run's protected persons; return how many persons it holds.

    Raises `NotPublishable` where a table or the key is missing: the set published before stays.
    """
    protected = {row["person_id"] for row in _rows(run, PERSON.name, ["person_id"], "protected", [True])}
    try:
        ring = open_key_ring()  # before the vault is emptied: an empty one would let a missing file be made anew
    except VaultKeyNotAvailable as error:
        raise NotPublishable(f"the locations of protected persons cannot be sealed: {error}") from None
    empty_vault(cursor)
    found = _by_person(_found(run, place, protected))
    store_sealed(cursor, ring, {person_id: found.get(person_id, {}) for person_id in protected})
    cursor.execute("insert into vault.filled values (%s)", [run.id])
    return len(protected)


def is_filled(cursor: Any, run: Run) -> bool:
    """Whether the vault holds the locations of this run: a place published before it had a vault has none."""
    cursor.execute("select exists (select 1 from vault.filled where run_id = %s)", [run.id])
    return bool(cursor.fetchone()[0])


def empty_vault(cursor: Any) -> None:
    """Delete what the vault holds, and that it was filled."""
    for table in ("filled", "field", "data_key"):
        cursor.execute(f"delete from vault.{table}")


def store_sealed(cursor: Any, ring: KeyRing, people: Mapping[str, Mapping[str, Iterable[VaultValue]]]) -> None:
    """Seal the items of people of whom the vault holds nothing, each under a data key of their own, and add them."""
    sealed = {person_id: seal_person(ring, person_id, items) for person_id, items in people.items()}
    with cursor.copy("copy vault.data_key (person_id, key_id, wrapped) from stdin") as copy:
        for person_id, (key, _) in sealed.items():
            copy.write_row([person_id, key.key_id, key.wrapped])
    with cursor.copy("copy vault.field (person_id, item, sealed) from stdin") as copy:
        for person_id, (_, items) in sealed.items():
            for item, content in items.items():
                copy.write_row([person_id, item, content])


def _by_person(found: Iterable[Found]) -> dict[str, Items]:
    """Gather values, each once: of equal ones the one that lasts, else the newest."""
    kept: dict[tuple[str, str, str, str], VaultValue] = {}
    for person_id, item, value in found:
        key = (person_id, item, value.kind, value.value)
        kept[key] = _better(kept.get(key), value)
    people: dict[str, Items] = defaultdict(lambda: defaultdict(list))
    for (person_id, item, _, _), value in kept.items():
        people[person_id][item].append(value)
    return people


def _better(known: VaultValue | None, new: VaultValue) -> VaultValue:
    if known is None:
        return new
    best = max(known, new, key=lambda value: (value.is_current, str(value.as_of_date), str(value.until_date)))
    is_confidential = known.confidential or new.confidential
    return VaultValue(best.value, best.kind, best.source, best.as_of_date, best.until_date, is_confidential)


def _found(run: Run, place: Place, protected: set[str]) -> Iterator[Found]:
    links = _rows(run, PERSON_LINK.name, ["person_record_id", "person_id"], "person_id", protected)
    people = {row["person_record_id"]: row["person_id"] for row in links}
    names = {organisation.id: organisation.name for organisation in place.organisations}
    stays = list(_of(run, STAY.name, "uprn address_lines postcode area_code district_code location_ref", people))
    areas = _areas(run, {row["postcode"] for row in stays if row["postcode"]})
    for row in stays:
        code = row["district_code"] or areas.get(row["postcode"])
        district = place.district_names().get(code, code) if code else None
        yield from _of_stay(row, people[row["person_record_id"]], district, names)
    columns = ["record_id", "organisation_id", "as_of_date", "sensitivity", "telephone"]
    for row in _rows(run, PERSON_RECORD.name, columns, "record_id", people):
        yield from _value(people[row["record_id"]], "vault.telephone", "telephone", row["telephone"], row, names)
    schools = {row["urn"]: row["name"] for row in _reference(run, SCHOOL.name, ["urn", "name"])}
    for row in _of(run, EPISODE.name, "standard kind organisation_ref worker team", people):
        yield from _of_episode(row, people[row["person_record_id"]], schools, names)
    for row in _of(run, EVENT.name, "standard place", people):
        at_school = row["standard"] == "school"
        where = schools.get(row["place"], row["place"])
        item, kind = ("vault.school", "school") if at_school else ("vault.contacts", "venue")
        yield from _value(people[row["person_record_id"]], item, kind, where, row, names)
    yield from _involved(run, place, protected, names)


def _of_stay(row: Row, person_id: str, district: str | None, names: Mapping[str, str]) -> Iterator[Found]:
    lines = ", ".join(part for part in (row["address_lines"], row["postcode"]) if part) if row["address_lines"] else ""
    for item, kind, value in (
        ("vault.address", "address", lines),
        ("vault.address", "venue", row["location_ref"]),
        ("vault.address", "uprn", row["uprn"]),
        ("vault.postcode", "postcode", row["postcode"]),
        ("vault.district", "ward", district),
        ("vault.district", "ward", row["area_code"]),
    ):
        yield from _value(person_id, item, kind, value, row, names)


def _of_episode(row: Row, person_id: str, schools: Mapping[str, str], names: Mapping[str, str]) -> Iterator[Found]:
    at_school = row["kind"] == "school_roll"
    where = schools.get(row["organisation_ref"], row["organisation_ref"])
    item, kind = ("vault.school", "school") if at_school else ("vault.contacts", "provider")
    yield from _value(person_id, item, kind, where, row, names)
    for column in ("worker", "team"):
        yield from _value(person_id, "vault.contacts", "patch", row[column], row, names)


def _involved(run: Run, place: Place, protected: set[str], names: Mapping[str, str]) -> Iterator[Found]:
    """Yield who is involved, but for an organisation that is the only one of its kind: it says nothing of where."""
    counts = Counter(organisation.kind for organisation in place.organisations)
    kinds = {organisation.id: organisation.kind for organisation in place.organisations}
    columns = ["organisation_id", "worker", "team", "as_of_date", "sensitivity"]
    for row in _rows(run, INVOLVEMENT.name, ["person_id", *columns], "person_id", protected):
        organisation = row["organisation_id"]
        tells = row["sensitivity"] == "safe_address" or counts[kinds.get(organisation, "")] != 1
        name = names.get(organisation, organisation) if tells else None
        for kind, value in (("provider", name), ("patch", row["worker"]), ("patch", row["team"])):
            yield from _value(row["person_id"], "vault.contacts", kind, value, row, names)


def _value(
    person_id: str, item: str, kind: str, value: str | None, row: Row, names: Mapping[str, str]
) -> Iterator[Found]:
    if value:
        end, seen = row.get("end_date"), row["as_of_date"]
        until = end if end and (seen is None or end <= seen) else None
        source = names.get(row["organisation_id"], row["organisation_id"])
        confidential = bool(row.get("confidential")) or row["sensitivity"] == "safe_address"
        yield person_id, item, VaultValue(value, kind, source, seen, until, confidential)


def _of(run: Run, table: str, columns: str, people: Mapping[str, str]) -> Iterator[Row]:
    """Yield rows about these records, with their columns, dates and whose they are."""
    ends = ["end_date", "confidential"] if table == STAY.name else ["end_date"]
    return _rows(run, table, [*_SEEN, *ends, *columns.split()], "person_record_id", people)


def _rows(run: Run, table: str, columns: Sequence[str], key: str, wanted: Collection[Any]) -> Iterator[Row]:
    """Yield the rows of a table whose `key` is among `wanted`, a batch at a time."""
    path = run.table(table)
    if not path.is_file():
        raise NotPublishable(f"run {run.id} holds no table {table}; run the chain again before publishing")
    with pq.ParquetFile(path) as file:
        values = pa.array(list(wanted), file.schema_arrow.field(key).type)
        for batch in file.iter_batches(ROWS_AT_ONCE, columns=sorted({*columns, key})):
            yield from batch.filter(pc.is_in(batch[key], value_set=values)).to_pylist()


def _areas(run: Run, postcodes: Collection[str]) -> dict[str, str]:
    """Return the district code of each of these postcodes, where the place's reference data hold it."""
    if not run.table(POSTCODE.name).is_file():
        return {}
    found = _rows(run, POSTCODE.name, ["postcode", "district_code"], "postcode", postcodes)
    return {row["postcode"]: row["district_code"] for row in found}


def _reference(run: Run, table: str, columns: Sequence[str]) -> Iterator[Row]:
    """Yield the rows of a table of reference data, which a place may not have supplied."""
    if run.table(table).is_file():
        with pq.ParquetFile(run.table(table)) as file:
            for batch in file.iter_batches(ROWS_AT_ONCE, columns=list(columns)):
                yield from batch.to_pylist()
