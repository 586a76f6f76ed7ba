"""Which standard, part and collection year a file is of, and why: `braid read FILE` without being told.

A definition tells its parts by columns; connectors of their own are told by `recognised.toml`. Only the beginning of a
file is looked at, but for JSON. Where several standards fit, all are named and none is chosen.
"""

from __future__ import annotations

import datetime as dt
import itertools
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from braid.extracts import checks
from braid.extracts.catalogue import get_standards, how_to_add
from braid.extracts.csv_files import Line, iterate_lines, match_heading, normalise_heading
from braid.extracts.definition import Definition, Part
from braid.extracts.definition_files import load_definition, load_definitions
from braid.extracts.definition_years import resolve
from braid.extracts.files import check_no_page, check_text, decode, is_blank
from braid.extracts.mapping import SHIPPED
from braid.extracts.model import Reading, Source, UnreadableFile
from braid.extracts.parquet_files import is_parquet, open_parquet_table
from braid.extracts.recognition_marks import Mark, json_paths, load_marks, xml_paths
from braid.extracts.recognition_years import CALENDAR_YEAR, Dated, YearRule, choose_year, find_newest
from braid.extracts.tables import HEADING_ROWS, Heading, find_headings, spell
from braid.extracts.workbooks import is_workbook, open_workbook_tables
from braid.language.dates import LONDON

LOOKED_AT_BYTES = 262_144
LOOKED_AT_ROWS = 5_000
"""How many rows of a worksheet are looked at for dates."""
NEAREST = 3


@dataclass(frozen=True)
class Candidate:
    """A standard and part that a file may be of: the collection years that fit, why, and which columns it lacks."""

    standard: str
    part: str
    first_year: int
    last_year: int
    reasons: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    known: int = 0
    """How many of its columns or paths the file has."""
    dated: Dated | None = None
    """The newest date in the columns that tell the year."""
    year: int = 0
    """The collection year that it is read as, of those that fit."""
    year_reason: str = ""
    """What told that year."""
    unknown_year: int = 0
    """The collection year that a return states or its newest date tells, where that is one that nobody described."""
    header: tuple[str, ...] | None = None
    dated_by: tuple[str, ...] = ()

    @property
    def why(self) -> str:
        """Why it fits, as a sentence without its end."""
        return "; ".join(self.reasons)

    @property
    def years(self) -> str:
        """The years that fit."""
        alone = self.first_year == self.last_year
        return str(self.first_year) if alone else f"{self.first_year} to {self.last_year}"


@dataclass(frozen=True)
class Recognition:
    """What a file may be: every standard that fits alike, and where none does the nearest with what they lack."""

    fits: tuple[Candidate, ...]
    nearest: tuple[Candidate, ...] = ()


def recognise(path: Path, today: dt.date | None = None) -> Recognition:
    """Return what a file may be, and of the years that fit the one it is read as.

    `today` is the day after which dates tell nothing, the day of the machine unless stated. Raises `UnreadableFile` for
    a file that is absent, empty or not text.
    """
    today = today or dt.datetime.now(LONDON).date()
    found = _recognise(path, today)
    return replace(found, fits=tuple(_with_year(one, today) for one in found.fits))


def _recognise(path: Path, today: dt.date) -> Recognition:
    if is_workbook(path):
        return _of_workbook(path, today)
    if is_parquet(path):
        return _of_rows(list(itertools.islice(open_parquet_table(path).lines, LOOKED_AT_ROWS)), "", today)
    start = _beginning(path)
    text = _text_of(start)
    check_no_page(text)
    if text.lstrip().startswith("<"):
        return _of_paths(*xml_paths(path), "xml")
    if text.lstrip().startswith(("{", "[")):
        paths, shape = json_paths(path)
        return _with_reason(_of_paths(paths, {}, "json"), shape)
    is_cut = len(start) == LOOKED_AT_BYTES
    return _of_rows(_first_rows(text, is_cut), "", today, _last_rows(path) if is_cut else ())


def _with_reason(found: Recognition, reason: str) -> Recognition:
    """Return what a file may be, each with one reason more."""
    more = (reason,) if reason else ()
    return replace(found, fits=tuple(replace(one, reasons=(*one.reasons, *more)) for one in found.fits))


def _with_year(candidate: Candidate, today: dt.date) -> Candidate:
    rule = _year_rules().get(candidate.standard, CALENDAR_YEAR)
    year, why = choose_year(rule, candidate.first_year, candidate.last_year, candidate.dated, today)
    unknown = candidate.unknown_year or _find_unknown_year(candidate, rule)
    return replace(candidate, year=year, year_reason=why, unknown_year=unknown)


def _find_unknown_year(candidate: Candidate, rule: YearRule) -> int:
    """Return the year that the newest date of a return tells, where it is later than any that is known; else 0.

    Of other standards a date beyond them says nothing of what the file may hold.
    """
    if candidate.dated is None or candidate.standard not in _returns():
        return 0
    said = rule.year_of(candidate.dated.date)
    return said if said > get_standards()[candidate.standard][1] else 0


@cache
def _returns() -> frozenset[str]:
    return frozenset(one.standard for one in load_definitions() if one.is_walked)


def _check_year_is_known(candidate: Candidate) -> None:
    """Raise `UnreadableFile` for a return of a year that nobody described: its structure may be another."""
    if candidate.unknown_year:
        first, last = get_standards()[candidate.standard]
        raise UnreadableFile(
            "year_unknown",
            f"this is the {candidate.unknown_year} return of {candidate.standard}, and the years known are {first} to"
            f" {last}: {how_to_add(candidate.standard, candidate.unknown_year)}",
        )


@cache
def _year_rules() -> Mapping[str, YearRule]:
    rules = {mark.standard: mark.year_rule for mark in load_marks() if mark.year_rule != CALENDAR_YEAR}
    return rules | {one.standard: one.year_rule for one in _definitions() if one.year_rule != CALENDAR_YEAR}


def find_year(path: Path, standard: str) -> Candidate | None:
    """Return a file as the standard that somebody says it is, with the year that it is of; none where it is not.

    Raises `UnreadableFile` where it is a return of a year that nobody described.
    """
    try:
        fits = recognise(path).fits
    except UnreadableFile:
        return None
    found = next((one for one in fits if one.standard == standard), None)
    if found is not None:
        _check_year_is_known(found)
    return found


def year_of_return(files: Sequence[Candidate], today: dt.date | None = None) -> tuple[int, str] | None:
    """Return the year that the files of one return are of together, and why; none where no year fits them all.

    The newest date in any of them tells: a file of the return that holds none is of the same year as the others.
    """
    if not files:
        return None
    first, last = max(one.first_year for one in files), min(one.last_year for one in files)
    if first > last:
        return None
    dated = max((one.dated for one in files if one.dated), key=lambda one: one.date, default=None)
    rule = _year_rules().get(files[0].standard, CALENDAR_YEAR)
    return choose_year(rule, first, last, dated, today or dt.datetime.now(LONDON).date())


def choose(path: Path, today: dt.date | None = None) -> Candidate:
    """Return the one standard that a file is of; raise `UnreadableFile` naming the nearest, or all that fit alike."""
    found = recognise(path, today)
    if len(found.fits) == 1:
        _check_year_is_known(found.fits[0])
        return found.fits[0]
    if found.fits:
        names = "; ".join(f"{one.standard}, part {one.part} ({one.why})" for one in found.fits)
        raise UnreadableFile("standard_ambiguous", f"the file fits several standards alike: {names}. Name one: --as")
    near = "; ".join(f"{one.standard}, part {one.part}, which lacks {', '.join(one.lacks)}" for one in found.nearest)
    known = near or f"known are {', '.join(sorted(get_standards()))}"
    raise UnreadableFile(
        "standard_unknown",
        f"the file is of no standard known here. Nearest: {known}. Name it:"
        " --as, or describe the file: braid mapping new",
    )


def _beginning(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(LOOKED_AT_BYTES)
    except (OSError, ValueError):
        raise UnreadableFile("file_absent", "there is no readable file of this name: check the path") from None


def _text_of(start: bytes) -> str:
    if is_blank(start):
        raise UnreadableFile("file_empty", "the file is empty: ask the partner to send it again")
    check_text(start)
    try:
        return decode(start)[0].lstrip("\ufeff")
    except UnreadableFile:
        return decode(start[: len(start) // 2 * 2])[0]


def _first_rows(text: str, is_cut: bool) -> list[Line]:
    if is_cut:
        text = text[: text.rfind("\n") + 1]
    found = _while_readable(iterate_lines(text))
    if len(found) >= HEADING_ROWS or (found and not is_cut):
        return found
    first = "".join(line + "\n" for line in text.splitlines()[:HEADING_ROWS] if '"' not in line)
    return max(found, _while_readable(iterate_lines(first)), key=len)


def _while_readable(lines: Iterator[Line]) -> list[Line]:
    """Return the rows up to the first place at which nobody can say what a row is."""
    found: list[Line] = []
    try:
        for line in lines:
            found.append(line)
    except UnreadableFile:
        pass  # reading the file says where it breaks
    return found


def _last_rows(path: Path) -> list[Line]:
    """Return the rows at the end of a long file, as far as they can be told apart: files are often in order of date."""
    try:
        with path.open("rb") as stream:
            stream.seek(-LOOKED_AT_BYTES, os.SEEK_END)
            end = stream.read()
        text = decode(end[end.find(b"\n") + 1 :])[0]
    except (OSError, UnreadableFile):
        return []
    return _while_readable(iterate_lines("".join(line + "\n" for line in text.splitlines() if '"' not in line)))


def _of_rows(rows: Sequence[Line], sheet: str, today: dt.date, end: Sequence[Line] = ()) -> Recognition:
    """Return what a table is by its first rows; `end` are rows of a long one's end, for their dates."""
    first = rows[:HEADING_ROWS]
    fits = [one for definition in _definitions() for one in _fits_of(definition, first, sheet)]
    fits += [one for mark in load_marks() if mark.form == "table" for one in _fits_of_mark(mark, first)]
    if fits:
        best = max(one.known for one in fits)
        return Recognition(_once(_date(one, (*rows, *end), today) for one in fits if one.known == best))
    return Recognition((), _nearest_of(first))


def _date(candidate: Candidate, rows: Sequence[Line], today: dt.date) -> Candidate:
    """Return a candidate with the newest date that the rows hold in the columns that tell its year."""
    if candidate.first_year == candidate.last_year or candidate.header is None:
        return candidate
    return replace(candidate, dated=find_newest(candidate.header, rows, candidate.dated_by, today))


def _nearest_of(rows: Sequence[Line]) -> tuple[Candidate, ...]:
    parts = ((definition, part) for definition in _definitions() for part in definition.parts if not part.rows)
    near = [one for definition, part in parts for one in _near(definition, part, rows)]
    near += [one for mark in load_marks() if mark.form == "table" for one in _near_mark(mark, rows)]
    near.sort(key=lambda one: (len(one.lacks) - one.known, one.standard))
    return tuple(near[:NEAREST])


def _of_workbook(path: Path, today: dt.date) -> Recognition:
    """Return the standards that most sheets of a workbook are of, and the parts of it that they are."""
    said = Reading(Source("", "", "", 0), "", path.name)
    held = [
        (list(itertools.islice(table.lines, LOOKED_AT_ROWS)), table.sheet) for table in open_workbook_tables(path, said)
    ]
    if not any(rows for rows, _ in held):
        raise UnreadableFile("file_empty", "no sheet of the workbook holds anything: ask the partner to send it again")
    sheets = [_of_rows(rows, sheet, today) for rows, sheet in held]
    found: dict[str, list[Candidate]] = {}
    for sheet in sheets:
        for candidate in sheet.fits:
            found.setdefault(candidate.standard, []).append(candidate)
    if not found:
        return Recognition((), tuple(one for sheet in sheets for one in sheet.nearest)[:NEAREST])
    most = max(map(len, found.values()))
    return Recognition(tuple(_merged(one) for one in found.values() if len(one) == most))


def _merged(sheets: Sequence[Candidate]) -> Candidate:
    """Return the sheets of one standard as one candidate, in the years that all of them fit."""
    years = max(one.first_year for one in sheets), min(one.last_year for one in sheets)
    parts = ", ".join(dict.fromkeys(one.part for one in sheets))
    reasons = tuple(dict.fromkeys(reason for one in sheets for reason in one.reasons))
    known = sum(one.known for one in sheets)
    dated = max((one.dated for one in sheets if one.dated), key=lambda one: one.date, default=None)
    return Candidate(sheets[0].standard, parts, min(years), max(years), reasons, (), known, dated)


def _by_standard(fits: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Return one candidate for each standard: a list, or a file of lines, may hold several parts of one."""
    found: dict[str, dict[str, Candidate]] = {}
    for one in fits:
        found.setdefault(one.standard, {})[one.part] = one
    return tuple(
        _merged([*parts.values()]) if len(parts) > 1 else next(iter(parts.values())) for parts in found.values()
    )


def _once(candidates: Iterator[Candidate]) -> tuple[Candidate, ...]:
    return tuple({(one.standard, one.part): one for one in candidates}.values())


@cache
def _definitions() -> tuple[Definition, ...]:
    years = get_standards()
    shipped = []
    for path in sorted(SHIPPED.glob("*.toml")):
        first, last = years[path.stem]
        shipped.append(replace(load_definition(path), standard=path.stem, first_year=first, last_year=last))
    return (*load_definitions(), *shipped)


def _fits_of(definition: Definition, rows: Sequence[Line], sheet: str) -> list[Candidate]:
    """Return the parts of a definition that the rows are of, each in the years that know most of its columns."""
    by_year = {}
    for year in range(definition.first_year, definition.last_year + 1):
        headings = find_headings(resolve(definition, year), rows, sheet)
        if headings:
            by_year[year] = headings
    if not by_year:
        return []
    best = max(one.known for headings in by_year.values() for one in headings)
    parts = dict.fromkeys(one.part.name for headings in by_year.values() for one in headings if one.known == best)
    return [_candidate(definition, name, by_year, best) for name in parts]


def _candidate(definition: Definition, name: str, by_year: Mapping[int, list[Heading]], best: int) -> Candidate:
    held = {
        year: one
        for year, headings in by_year.items()
        for one in headings
        if (one.part.name, one.known) == (name, best)
    }
    years, heading = sorted(held), held[max(held)]
    part = next(part for part in definition.parts if part.name == name)
    reasons = [f"it has {', '.join(part.told_by)}"]
    if heading.is_by_sheet:
        reasons.append(f"its sheet is {part.sheet}")
    reasons += _year_reasons(part, heading)
    return Candidate(
        definition.standard, name, years[0], years[-1], tuple(reasons), (), best,
        header=heading.header, dated_by=part.dated_by,
    )  # fmt: skip


def _year_reasons(part: Part, heading: Heading) -> Iterator[str]:
    for column in part.columns.values():
        if column.name in heading.header and column.since:
            yield f"{column.name} is there from {column.since} on"
        if column.name in heading.header and column.until < 9999:
            yield f"{column.name} is there until {column.until}"


def _fits_of_mark(mark: Mark, rows: Sequence[Line]) -> list[Candidate]:
    for line in rows:
        cells = {normalise_heading(cell) for cell in line.cells}
        if all(normalise_heading(name) in cells for name in mark.all):
            known = sum(normalise_heading(name) in cells for name in (*mark.all, *mark.others))
            first, last = get_standards()[mark.standard]
            header = match_heading(line.cells, mark.dated_by)
            why = (f"it has {', '.join(mark.all)}",)
            return [
                Candidate(mark.standard, mark.part, first, last, why, (), known, header=header, dated_by=mark.dated_by)
            ]
    return []


def _near(definition: Definition, part: Part, rows: Sequence[Line]) -> list[Candidate]:
    headers = [set(spell(part, line.cells)) for line in rows]
    return _nearest(
        definition.standard, part.name, part.told_by, (len(h & part.columns.keys()) for h in headers), headers
    )


def _near_mark(mark: Mark, rows: Sequence[Line]) -> list[Candidate]:
    names = {normalise_heading(name): name for name in (*mark.all, *mark.others)}
    headers = [{names.get(normalise_heading(cell), "") for cell in line.cells} - {""} for line in rows]
    return _nearest(mark.standard, mark.part, mark.all, (len(header) for header in headers), headers)


def _nearest(
    standard: str, part: str, told_by: Sequence[str], known: Iterator[int], headers: Sequence[set[str]]
) -> list[Candidate]:
    """Return a part as near where a row has some of its columns."""
    counted = [
        (count, tuple(name for name in told_by if name not in header))
        for count, header in zip(known, headers, strict=True)
    ]
    if not counted or max(counted)[0] == 0:
        return []
    count, lacks = max(counted, key=lambda one: (one[0], -len(one[1])))
    first, last = get_standards()[standard]
    return [Candidate(standard, part, first, last, (), lacks, count)]


def _of_paths(paths: set[str], texts: Mapping[str, str], form: str) -> Recognition:
    fits: list[Candidate] = []
    near: list[Candidate] = []
    for mark in load_marks():
        if mark.form != form:
            continue
        if unknown := _find_stated_unknown(mark, texts):
            return Recognition((replace(_of_mark(mark, paths, texts, ()), unknown_year=unknown),))
        lacks = tuple(path for path in mark.all if path not in paths)
        lacks += tuple(f"{path} = {text}" for path, text in mark.texts.items() if texts.get(path) != text)
        lacks += (mark.namespace,) if mark.namespace and mark.namespace not in paths else ()
        if mark.any and not any(path in paths for path in mark.any):
            lacks += (f"one of {', '.join(mark.any)}",)
        (near if lacks else fits).append(_of_mark(mark, paths, texts, lacks))
    near.sort(key=lambda one: (len(one.lacks) - one.known, one.standard))
    return Recognition(_by_standard(fits), () if fits else tuple(one for one in near if one.known)[:NEAREST])


def _find_stated_unknown(mark: Mark, texts: Mapping[str, str]) -> int:
    """Return the year that a document states which says itself that it is of a standard, where nobody described it.

    Asked before its elements are looked at: another year may have others.
    """
    stated = texts.get(mark.year_at, "")
    first, last = get_standards()[mark.standard]
    says_itself = bool(mark.texts) and all(texts.get(path) == text for path, text in mark.texts.items())
    is_year = len(stated) == 4 and stated.isdecimal() and stated.isascii()
    return int(stated) if says_itself and is_year and not first <= int(stated) <= last else 0


@cache
def _since_of(standard: str) -> Mapping[str, int]:
    """Return the paths that a walked definition of XML has from some year on, each with the first of them."""
    found: dict[str, int] = {}
    walked = [one for one in load_definitions() if one.is_walked and one.standard == standard]
    for part in (part for one in walked for part in one.parts):
        for column in (one for one in part.columns.values() if part.rows and one.since):
            found |= {"/".join((part.rows, *group, column.name)): column.since for group in ((), *_each(part.groups))}
        first = min((one.since for one in part.columns.values() if not one.is_given), default=0)
        found |= {part.rows: first} if part.rows and first else {}
    return found


def _each(names: Sequence[str]) -> list[tuple[str, ...]]:
    return [(name,) for name in names]


def _of_mark(mark: Mark, paths: set[str], texts: Mapping[str, str], lacks: tuple[str, ...]) -> Candidate:
    first, last = get_standards()[mark.standard]
    found = [path for path in (*mark.all, *mark.any, mark.namespace) if path in paths]
    reasons = [f"it has {', '.join(found)}"] + [f"{path} is {text}" for path, text in mark.texts.items()]
    for path, year in {**mark.since, **_since_of(mark.standard)}.items():
        if path in paths:
            first = max(first, year)
            reasons.append(f"{path} is there from {year} on")
    dates = ((checks.check_date(texts.get(path, ""))[0], path) for path in mark.dated_by)
    dated = max((Dated(date, path) for date, path in dates if date), key=lambda one: one.date, default=None)
    stated = texts.get(mark.year_at, "")
    if stated.isdigit() and first <= int(stated) <= last:
        first = last = int(stated)
        reasons.append(f"it states the year {stated} itself")
    return Candidate(mark.standard, mark.part, first, last, tuple(reasons), lacks, len(found), dated)
