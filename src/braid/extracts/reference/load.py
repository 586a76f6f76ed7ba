"""One file of a publisher to one dataset of a place: recognised, checked row by row, kept with where it is from."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from braid.extracts.json_nodes import whole_characters
from braid.extracts.model import UnreadableFile
from braid.extracts.reference.areas import check_codes, check_year, is_real
from braid.extracts.reference.files import (
    Line,
    Scanned,
    opened_table,
    opened_text,
    read_features,
    scan_file,
)
from braid.extracts.reference.forms import Fitted, check_vintage, find_form, find_vintage, load_publishers
from braid.extracts.reference.holidays import is_calendar_file, read_calendar_holidays, read_json_holidays
from braid.extracts.reference.model import RowRefused, Tally
from braid.extracts.reference.outlines import LEVELS, SCHEMA, Outlined, check_projection, clean_feature, find_file_year
from braid.extracts.reference.tables import CLEANERS, KEYS, SCHEMAS
from braid.store.reference_data import UNDATED, Dataset, DatasetRows, list_datasets, today, writing_rows

SMALL_DOCUMENT = 64_000_000
"""Characters of a document that is read whole: lists of courts and of holidays are far shorter."""
SUFFIXES = (".csv", ".gz", ".json", ".geojson", ".parquet", ".ics")
"""Ends of the names of files that are looked at in a folder."""
AREA_COLUMNS = {"area_2011": 2011, "area_2021": 2021}
_PART = re.compile(r"_uk_[a-z]{1,2}\.csv")
OUTLINES = "outlines (GeoJSON)"


@dataclass(frozen=True)
class Said:
    """What whoever loads a file says of it, where the file itself does not: its vintage, the census of its areas."""

    vintage: str = ""
    area_year: int | None = None


@dataclass(frozen=True)
class Loaded:
    """What became of a file: its dataset, sentences about what to look at, and whether it was there already."""

    dataset: Dataset
    messages: tuple[str, ...]
    is_fresh: bool = True


class NotKnown(UnreadableFile):
    """The file is no reference data of a kind that is read. Exit code 3."""


def load_file(path: Path, folder: Path, said: Said | None = None) -> Loaded:
    """Read a publisher's file into the place folder `folder`; the same file a second time changes nothing.

    Raises `NotKnown` where no kind of reference data looks so, and `UnreadableFile` with rule and next step where the
    file is cut short or damaged, does not say of which census its small areas are, or holds no row that can be read.
    """
    said = said or Said()
    check_vintage(said.vintage)
    if said.area_year is not None:
        check_year(said.area_year)
    if _PART.search(path.name.lower()):
        words = "the file is one part of the directory: load the whole one, the file of all postcode areas"
        raise UnreadableFile("file_part", words)
    scanned = scan_file(path)
    there = list_datasets(folder)
    for dataset in there:
        if dataset.sha256 == scanned.sha256 and said.vintage in ("", dataset.vintage):
            return Loaded(dataset, ("the same file is loaded already; nothing was done",), is_fresh=False)
    loaded = _load(scanned, folder, said)
    replaced = [
        one.file_name for one in there if (one.kind, one.vintage) == (loaded.dataset.kind, loaded.dataset.vintage)
    ]
    told = [f"it took the place of {name}, which is of the same kind and vintage" for name in replaced]
    return replace(loaded, messages=(*loaded.messages, *told))


def _load(scanned: Scanned, folder: Path, said: Said) -> Loaded:
    start = scanned.head.lstrip()
    if is_calendar_file(start) or (start.startswith("{") and '"england-and-wales"' in start):
        return _load_holidays(scanned, folder, said)
    if start.startswith("{") and '"features"' in start:
        return _load_outlines(scanned, folder, said)
    if start.startswith("["):
        return _load_documents(scanned, folder, said)
    with opened_table(scanned) as sheet:
        fitted = find_form(sheet.headings)
        if fitted is None:
            raise NotKnown(
                "kind_unknown", "no reference data that is known looks so: see docs/reference/geography-files.md"
            )
        return _load_table(scanned, folder, said, _of_year(fitted, said), sheet.lines)


def _of_year(fitted: Fitted, said: Said) -> Fitted:
    """Return how a directory fits where somebody says of which census the small areas of its one column are."""
    if fitted.form.kind != "postcodes" or said.area_year is None or "area_code" not in fitted.positions:
        return fitted
    positions = {f"area_{said.area_year}" if name == "area_code" else name: at for name, at in fitted.positions.items()}
    return replace(fitted, positions=positions)


FAULTS = {
    "row_short": "the row has fewer cells than the heading",
    "row_long": "the row has more cells than the heading",
    "row_quotes": "the quotes of the row are broken",
}


def _load_table(scanned: Scanned, folder: Path, said: Said, fitted: Fitted, rows: Iterable[Line]) -> Loaded:
    kind, tally, seen = fitted.form.kind, Tally(), _Areas()
    with writing_rows(folder, SCHEMAS[kind]) as kept:
        for row in _clean(rows, fitted, tally):
            seen.look(row)
            kept.add(row)
        years = seen.years(fitted, said)
        vintage = said.vintage or fitted.vintage or find_vintage(scanned.path, kind)
        dataset = _describe(scanned, kind, fitted.form.title, vintage, years, fitted.why(), tally)
        _check_rows(kept, kind, tally)
        kept.keep(dataset)
    return Loaded(dataset, _messages(dataset, tally))


def _clean(rows: Iterable[Line], fitted: Fitted, tally: Tally) -> Iterator[dict[str, Any]]:
    clean = CLEANERS[fitted.form.kind]
    for number, cells, fault in rows:
        tally.rows_in += 1
        if fault:
            tally.refuse(fault, FAULTS[fault], number)
            continue
        try:
            row = clean({name: cells[position].strip() for name, position in fitted.positions.items()})
        except RowRefused as refused:
            tally.refuse(refused.rule, refused.message, number)
            continue
        tally.rows_read += 1
        yield row


class _Areas:
    """The codes of small areas of a table: the highest of each column, and whether a census issued any."""

    def __init__(self) -> None:
        self._newest: dict[str, str] = {}
        self._is_real = False

    def look(self, row: dict[str, Any]) -> None:
        for name in ("area_2011", "area_2021", "area_code"):
            code = row.get(name)
            if code and is_real(code):
                self._is_real = self._is_real or name == "area_code"
                if code.startswith("E"):
                    self._newest[name] = max(self._newest.get(name, ""), code)

    def years(self, fitted: Fitted, said: Said) -> tuple[int, ...]:
        """Return the census years of the small areas, checked against their codes."""
        named = {AREA_COLUMNS[name] for name in AREA_COLUMNS if name in fitted.positions}
        for name, census in AREA_COLUMNS.items():
            check_codes(census, self._newest.get(name, ""), has_real=True)
        if "area_code" not in fitted.positions:
            return tuple(sorted(named))
        if len(fitted.area_years) > 1 or (fitted.area_years and said.area_year not in (None, *fitted.area_years)):
            raise UnreadableFile("areas_mixed", "the headings and --areas name two censuses: write the one that holds")
        year = next(iter(fitted.area_years), said.area_year)
        check_codes(year, self._newest.get("area_code", ""), has_real=self._is_real)
        return tuple(sorted({*named, *([year] if year and self._is_real else [])}))


def _load_outlines(scanned: Scanned, folder: Path, said: Said) -> Loaded:
    tally, found = Tally(), Outlined()
    with opened_text(scanned) as text, writing_rows(folder, SCHEMA) as kept:
        _add_features(read_features(text), tally, found, kept)
        if len(found.kinds) > 1:
            raise UnreadableFile("kinds_mixed", "the file has outlines of several kinds of ground: load each by itself")
        _check_rows(kept, "", tally)
        if kept.count_distinct("code") < tally.rows_read:
            raise UnreadableFile("rows_repeated", "a code has two features: ask the publisher for each outline once")
        kind = next(iter(found.kinds))
        year = _outline_year(scanned, kind, found, said)
        title = next(title for known, title in LEVELS.values() if known == kind)
        areas = (year,) if year and kind == "area_boundaries" and found.has_real_areas else ()
        vintage = said.vintage or (str(year) if year else "")
        dataset = _describe(scanned, kind, f"outlines of {title}", vintage, areas, OUTLINES, tally)
        kept.keep(dataset)
    return Loaded(dataset, _messages(dataset, tally))


def _add_features(parts: Iterable[tuple[str, Any]], tally: Tally, found: Outlined, kept: DatasetRows) -> None:
    for name, value in parts:
        if name == "crs":
            check_projection(value)
        if name != "feature":
            continue
        tally.rows_in += 1
        try:
            row = clean_feature(value, found)
        except RowRefused as refused:
            tally.refuse(refused.rule, refused.message, tally.rows_in)
            continue
        tally.rows_read += 1
        kept.add(row)


def _outline_year(scanned: Scanned, kind: str, found: Outlined, said: Said) -> int | None:
    """Return the year of outlines: as their headings say it, else whoever loads them, else the name of the file."""
    if len(found.years) > 1:
        raise UnreadableFile("areas_mixed", "the features name codes of two years: load each year by itself")
    headed = next(iter(found.years), None)
    if kind != "area_boundaries":
        return headed or find_file_year(scanned.path.name)
    named = headed or find_file_year(scanned.path.name)
    if said.area_year and named and said.area_year != named:
        raise UnreadableFile("areas_mixed", "the file and --areas name two censuses: write the one that holds")
    year = named or said.area_year
    check_codes(year, found.newest_code, has_real=found.has_real_areas)
    return check_year(year) if year and found.has_real_areas else year


def _load_holidays(scanned: Scanned, folder: Path, said: Said) -> Loaded:
    tally, text = Tally(), _whole_text(scanned)
    read = read_calendar_holidays if is_calendar_file(text) else read_json_holidays
    days = list(read(text, tally))
    vintage = (
        said.vintage or find_vintage(scanned.path, "bank_holidays") or max((d["date"][:4] for d in days), default="")
    )
    with writing_rows(folder, SCHEMAS["bank_holidays"]) as kept:
        for day in days:
            kept.add(day)
        title = "bank holidays of England and Wales"
        dataset = _describe(scanned, "bank_holidays", title, vintage, (), f"{title}: the form of GOV.UK", tally)
        _check_rows(kept, "bank_holidays", tally)
        kept.keep(dataset)
    return Loaded(dataset, _messages(dataset, tally))


def _load_documents(scanned: Scanned, folder: Path, said: Said) -> Loaded:
    """Read a list of JSON objects of one form as a table, as the courts are given out."""
    parts = read_features(io.StringIO(f'{{"features":{_whole_text(scanned)}}}'))
    objects = [value for name, value in parts if name == "feature" and isinstance(value, dict)]
    headings = tuple(dict.fromkeys(name for each in objects for name in each))
    fitted = find_form(headings)
    if fitted is None:
        raise NotKnown(
            "kind_unknown", "no reference data that is known looks so: see docs/reference/geography-files.md"
        )
    rows = ((number, [_plain(each.get(name)) for name in headings], "") for number, each in enumerate(objects, 1))
    return _load_table(scanned, folder, said, fitted, rows)


def _plain(value: Any) -> str:
    """Return a value as a cell: a list as its parts with semicolons, an object as its values, each part on a line."""
    if isinstance(value, list):
        is_flat = all(not isinstance(one, dict | list) for one in value)
        return ("; " if is_flat else "\n").join(_plain(one) for one in value)
    if isinstance(value, dict):
        return ", ".join(_plain(one) for one in value.values() if one not in (None, ""))
    return "" if value is None else whole_characters(str(value))


def _whole_text(scanned: Scanned) -> str:
    with opened_text(scanned) as file:
        text = file.read(SMALL_DOCUMENT + 1)
    if len(text) > SMALL_DOCUMENT:
        raise UnreadableFile("file_too_large", "the file is larger than any list of its kind: download it again")
    return text


def _check_rows(kept: DatasetRows, kind: str, tally: Tally) -> None:
    if not tally.rows_read:
        words = f"no row of the file could be read: {tally.describe()[0]}" if tally.rejected else "the file has no rows"
        raise UnreadableFile("no_rows", f"{words}. Download it again")
    if kind in KEYS and kept.count_distinct(KEYS[kind]) < tally.rows_read:
        words = f"two rows have the same {KEYS[kind]}: ask the publisher for each once"
        raise UnreadableFile("rows_repeated", words)


def _describe(
    scanned: Scanned, kind: str, title: str, vintage: str, years: tuple[int, ...], why: str, tally: Tally
) -> Dataset:
    publisher = load_publishers()["boundaries" if kind.endswith("_boundaries") else kind]
    date = today()
    return Dataset(
        kind=kind,
        title=title,
        vintage=vintage or UNDATED,
        area_years=years,
        publisher=publisher["publisher"],
        licence=publisher["licence"],
        attribution=tuple(line.format(year=(vintage or date)[:4]) for line in publisher["attribution"]),
        file_name=scanned.path.name,
        sha256=scanned.sha256,
        loaded_date=date,
        recognised_by=why,
        rows_in=tally.rows_in,
        rows_read=tally.rows_read,
        rejected=dict(tally.rejected),
    )


def _messages(dataset: Dataset, tally: Tally) -> tuple[str, ...]:
    undated = "the file does not say of when it is: load it again with --vintage, as in --vintage 2025-11"
    return (*tally.describe(), *([undated] if dataset.vintage == UNDATED else []))


def load_folder(source: Path, folder: Path, said: Said | None = None) -> tuple[list[Loaded], list[str]]:
    """Read every file of a folder and of those in it; return what was loaded, and the names of files of no known kind.

    Raises `UnreadableFile` naming the file where one of a known kind cannot be read.
    """
    loaded, unknown = [], []
    for path in sorted(path for path in source.rglob("[!.]*") if path.suffix in SUFFIXES and path.is_file()):
        try:
            loaded.append(load_file(path, folder, said))
        except NotKnown:
            unknown.append(str(path.relative_to(source)))
        except UnreadableFile as error:
            raise UnreadableFile(error.rule, f"{path.name}: {error.message}") from None
    return loaded, unknown
