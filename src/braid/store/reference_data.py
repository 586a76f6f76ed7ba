"""Reference data of a place: what publishers say of its ground, each dataset with where it is from and its vintage.

`reference/<kind>/<vintage>.parquet` holds the rows and `<vintage>.json` who published them, under which licence, which
file they were read from and when. The rows come first, so that a dataset without its description is none.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from braid.store.place_folder import PlaceInvalid

FOLDER = "reference"
UNDATED = "undated"
"""The vintage of a file that does not say of when it is."""
WRITTEN = "written.json"
"""Which files of `geography/` were written from datasets, by their hash: no other file is written over."""
BATCH_ROWS = 20_000
_DATED = re.compile(r"(.+) (\d{4})\.")
_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]*")


@dataclass(frozen=True)
class Dataset:
    """One file of a publisher as it was read: what it is, whose it is, and how much of it could be read.

    `vintage` is a year, a month or a day in ISO form, or `undated`. `area_years` are the census years of the small
    areas in it: none where it has no small areas, or the place's own.
    """

    kind: str
    title: str
    vintage: str
    area_years: tuple[int, ...]
    publisher: str
    licence: str
    attribution: tuple[str, ...]
    """Lines that the licence asks to be shown with the data."""
    file_name: str
    sha256: str
    loaded_date: str
    recognised_by: str
    rows_in: int
    rows_read: int
    rejected: Mapping[str, int] = field(default_factory=dict)
    """Rows that were not read, by the rule that they break."""

    @property
    def rows_rejected(self) -> int:
        """How many rows were not read."""
        return sum(self.rejected.values())

    def document(self) -> dict[str, Any]:
        """Return the dataset as a JSON document."""
        return {**self.__dict__, "rows_rejected": self.rows_rejected}


def list_datasets(folder: Path) -> list[Dataset]:
    """Return the datasets of a place folder by kind and vintage; none where it has no reference data.

    Raises `PlaceInvalid` where a description cannot be read.
    """
    return [_described(path) for path in sorted((folder / FOLDER).glob("*/*.json"))]


def find_dataset(folder: Path, kind: str) -> Dataset | None:
    """Return the newest dataset of a kind, `None` where the place has none; an undated one counts as the oldest."""
    found = [dataset for dataset in list_datasets(folder) if dataset.kind == kind]
    return max(found, key=lambda one: (one.vintage != UNDATED, one.vintage), default=None)


def attribution_lines(folder: Path) -> tuple[str, ...]:
    """Return what the licences of all datasets of a place ask to be shown: each line once, with all its years."""
    years: dict[str, set[str]] = {}
    for line in (line for dataset in list_datasets(folder) for line in dataset.attribution):
        dated = _DATED.fullmatch(line)
        years.setdefault(dated[1] if dated else line, set()).update([dated[2]] if dated else [])
    return tuple(f"{line} {', '.join(sorted(said))}." if said else line for line, said in years.items())


def rows_of(folder: Path, dataset: Dataset, columns: Sequence[str] | None = None) -> Iterator[dict[str, Any]]:
    """Yield the rows of a dataset, a batch in memory at a time."""
    with pq.ParquetFile(folder / FOLDER / dataset.kind / f"{dataset.vintage}.parquet") as file:
        for batch in file.iter_batches(BATCH_ROWS, columns=list(columns) if columns else None):
            yield from batch.to_pylist()


@contextmanager
def writing_rows(folder: Path, schema: pa.Schema) -> Iterator[DatasetRows]:
    """Give what takes rows of a dataset; unless they are kept by then, they are gone at the end."""
    target = folder / FOLDER
    target.mkdir(parents=True, exist_ok=True)
    path = target / f".unfinished-{os.getpid()}.parquet"
    try:
        with pq.ParquetWriter(path, schema, compression="zstd") as writer:
            yield DatasetRows(path, schema, writer)
    finally:
        path.unlink(missing_ok=True)
        if not any(target.iterdir()):
            target.rmdir()


class DatasetRows:
    """The rows of one dataset on their way to the disk: no more of them than a batch are in memory."""

    def __init__(self, path: Path, schema: pa.Schema, writer: pq.ParquetWriter) -> None:
        self._path, self._schema, self._writer = path, schema, writer
        self._batch: list[dict[str, Any]] = []

    def add(self, row: dict[str, Any]) -> None:
        """Take a row."""
        self._batch.append(row)
        if len(self._batch) >= BATCH_ROWS:
            self._flush()

    def count_distinct(self, column: str) -> int:
        """Return how many values a column of all rows has. No row is taken after it."""
        self._close()
        return len(pq.read_table(self._path, columns=[column]).column(0).unique())

    def keep(self, dataset: Dataset) -> None:
        """Put the rows and their description in the place of what was there of this kind and vintage."""
        self._close()
        if not _NAME.fullmatch(dataset.vintage):
            raise ValueError("a vintage is a year, a month or a day")
        described = self._path.parent / dataset.kind / f"{dataset.vintage}.json"
        described.parent.mkdir(exist_ok=True)
        described.unlink(missing_ok=True)
        self._path.replace(described.with_suffix(".parquet"))
        fresh = described.with_name(".unfinished.json")
        fresh.write_text(json.dumps(dataset.__dict__, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        fresh.replace(described)

    def _flush(self) -> None:
        if self._batch:
            self._writer.write_batch(pa.RecordBatch.from_pylist(self._batch, schema=self._schema))
            self._batch = []

    def _close(self) -> None:
        self._flush()
        self._writer.close()


def _described(path: Path) -> Dataset:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        dataset = Dataset(**document)
        attribution, years = tuple(map(str, dataset.attribution)), tuple(map(int, dataset.area_years))
    except (ValueError, TypeError, OSError):
        where = f"{FOLDER}/{path.parent.name}/{path.name}"
        raise PlaceInvalid(f"{where} is no description of a dataset; load the publisher's file again") from None
    return Dataset(**{**dataset.__dict__, "attribution": attribution, "area_years": years})


class GeographyFiles:
    """The files of `geography/` that are written from datasets. One that somebody else wrote is never written over."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "geography"
        self._known = folder / FOLDER / WRITTEN
        self._hashes: dict[str, str] = (
            json.loads(self._known.read_text(encoding="utf-8")) if self._known.is_file() else {}
        )

    def is_free(self, name: str) -> bool:
        """Whether there is no such file, or it is as it was written from datasets."""
        path = self._folder / name
        return not path.is_file() or _hash(path) == self._hashes.get(name)

    def write_table(self, name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
        """Write a table as CSV and return how many rows it has."""
        self._folder.mkdir(exist_ok=True)
        fresh, count = self._folder / f".{name}.part", 0
        with fresh.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(columns)
            for row in rows:
                writer.writerow(["" if value is None else value for value in row])
                count += 1
        self._put(fresh, name)
        return count

    def write_features(self, name: str, features: Iterable[Mapping[str, Any]], attribution: str) -> int:
        """Write outlines as GeoJSON with what must stand beside every drawing; return how many there are."""
        self._folder.mkdir(exist_ok=True)
        fresh, count = self._folder / f".{name}.part", 0
        with fresh.open("w", encoding="utf-8") as file:
            said = json.dumps(attribution, ensure_ascii=False)
            file.write(f'{{"type": "FeatureCollection", "attribution": {said}, "features": [')
            for count, feature in enumerate(features, 1):
                file.write((",\n" if count > 1 else "\n") + json.dumps(feature, ensure_ascii=False))
            file.write("\n]}\n")
        self._put(fresh, name)
        return count

    def _put(self, fresh: Path, name: str) -> None:
        self._hashes[name] = _hash(fresh)
        self._known.parent.mkdir(exist_ok=True)
        self._known.write_text(json.dumps(self._hashes, indent=1) + "\n", encoding="utf-8")
        fresh.replace(self._folder / name)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def today() -> str:
    """Return the date on which something is loaded, in ISO form."""
    return dt.datetime.now(dt.UTC).date().isoformat()
