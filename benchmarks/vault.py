"""How long the vault takes to fill and to rotate, and how much memory: `python benchmarks/vault.py`.

A made-up run of PEOPLE persons is written to a folder that is deleted, three in a hundred of them protected, each with
three records, stays, episodes and events. Prints one line a figure.
"""

import argparse
import contextlib
import multiprocessing
import os
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from braid.language.findings import TABLES
from braid.store.arrow_types import schema_of
from braid.store.lake import Run
from braid.store.place_folder import load_place
from braid.web.serve import place_database, vault_keys

PROTECTED_IN = 33
RECORDS_EACH = 3
PLACE = """
[place]
id = "bench"
name = "Bench"
[[district]]
code = "E08990001"
id = "northmere"
name = "Northmere"
council = "northmere-council"
[[organisation]]
id = "northmere-council"
name = "Northmere Council"
kind = "council"
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=200_000)
    people = parser.parse_args().people
    with tempfile.TemporaryDirectory() as folder:
        place_folder = Path(folder) / "place"
        place_folder.mkdir()
        (place_folder / "place.toml").write_text(PLACE, encoding="utf-8")
        run = Run("bench", Path(folder), {})
        with timed(f"write a run of {people:,} people"):
            writer = multiprocessing.get_context("spawn").Process(target=write_run, args=(run, people))
            writer.start()  # in a process of its own, so that its memory is not counted
            writer.join()
        os.environ.pop("DATABASE_URL", None)
        with place_database(place_folder):
            measure(run, place_folder)


def measure(run: Run, place_folder: Path) -> None:
    from django.db import connection, transaction

    from braid.web.vault.filling import fill_vault
    from braid.web.watch import known_asker

    place = load_place(place_folder)
    before = peak_megabytes()
    with known_asker():
        with timed("fill the vault"), transaction.atomic(), connection.cursor() as cursor:
            persons = fill_vault(cursor, run, place)
        print(f"{persons:,} protected persons; peak memory {before:.0f} -> {peak_megabytes():.0f} MB")
        with connection.cursor() as cursor:
            cursor.execute("select count(*), pg_size_pretty(pg_total_relation_size('vault.field')) from vault.field")
            print("fields, on disk:", *cursor.fetchone())
    with timed("rotate every key"):
        vault_keys().rotate_vault()
    print(f"peak memory {peak_megabytes():.0f} MB")


def write_run(run: Run, people: int) -> None:
    draw = random.Random(1)
    lineage = {"feed": "f", "organisation_id": "northmere-council", "standard": "housing_register"}
    lineage |= {"collection_year": 2026, "file_sha256": "0" * 64, "row_ref": "1", "sensitivity": "normal"}
    persons = range(people)
    records = [(f"{number:020d}", f"p{number // RECORDS_EACH}") for number in range(people * RECORDS_EACH)]
    rows = {
        "person": (
            {"person_id": f"p{n}", "protected": n % PROTECTED_IN == 0, "location_withheld": False, "record_count": 3}
            for n in persons
        ),
        "person_link": ({"person_record_id": r, "person_id": p, "method": "single"} for r, p in records),
        "person_record": (
            {**lineage, "record_id": r, "partner_record_id": r, "telephone": f"07700 900{int(r) % 1000:03d}"}
            for r, _ in records
        ),
        "stay": (
            {**lineage, "record_id": r, "person_record_id": r, "kind": "tenancy", "confidential": False}
            | {"address_lines": f"{draw.randrange(200)} Bench Street", "postcode": "QB99 9ZZ", "uprn": r[-12:]}
            | {"district_code": "E08990001"}
            for r, _ in records
        ),
        "episode": (
            {
                **lineage,
                "record_id": r,
                "person_record_id": r,
                "kind": "cin",
                "worker": f"W {int(r) % 300}",
                "team": "T1 team",
            }
            for r, _ in records
        ),
        "event": (
            {**lineage, "record_id": r, "person_record_id": r, "kind": "meeting", "place": f"Room {int(r) % 50}"}
            for r, _ in records
        ),
        "involvement": (),
    }
    for name, found in rows.items():
        schema = schema_of(TABLES[name])
        with pq.ParquetWriter(run.table(name), schema) as writer:
            for part in batches(found):
                columns = {field.name: [row.get(field.name) for row in part] for field in schema}
                writer.write_table(pa.Table.from_pydict(columns, schema=schema))


def batches(rows: Iterator[dict]) -> Iterator[list[dict]]:
    part: list[dict] = []
    for row in rows:
        part.append(row)
        if len(part) == 50_000:
            yield part
            part = []
    if part:
        yield part


def peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@contextlib.contextmanager
def timed(what: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    print(f"{what}: {time.perf_counter() - start:.1f} s")


if __name__ == "__main__":
    main()
