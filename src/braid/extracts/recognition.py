"""Which standard, part and collection year a file is of, and why: `braid read FILE` without being told.

A definition tells its parts by columns; connectors of their own are told by `recognised.toml`. Only the beginning of a
file is looked at, but for JSON. Where several standards fit, all are named and none is chosen.
"""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from lxml import etree

from braid.extracts.catalogue import get_standards
from braid.extracts.csv_files import Line, iterate_lines, normalise_heading
from braid.extracts.definition import Definition, Part
from braid.extracts.definition_files import load_definition, load_definitions, resolve
from braid.extracts.files import decode, is_blank
from braid.extracts.json_files import load_json
from braid.extracts.json_stored import StoredList
from braid.extracts.mapping import SHIPPED
from braid.extracts.model import Reading, Source, UnreadableFile
from braid.extracts.tables import HEADING_ROWS, Heading, find_headings, spell
from braid.extracts.workbooks import is_workbook, open_workbook_tables

LOOKED_AT_BYTES = 262_144
ELEMENTS = 5_000
MEMBERS = 20
"""How many members of a list are looked at for the keys of a JSON document."""
DEPTH = 3
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


@dataclass(frozen=True)
class Mark:
    """What tells one part of a standard that has a connector of its own."""

    standard: str
    part: str
    form: str
    all: tuple[str, ...] = ()
    any: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)
    since: Mapping[str, int] = field(default_factory=dict)
    year_at: str = ""
    namespace: str = ""


def recognise(path: Path) -> Recognition:
    """Return what a file may be. Raises `UnreadableFile` for a file that is absent, empty or not text."""
    if is_workbook(path):
        return _of_workbook(path)
    start = _beginning(path)
    text = _text_of(start)
    if text.lstrip().startswith("<"):
        return _of_paths(*_xml_paths(path), "xml")
    if text.lstrip().startswith(("{", "[")):
        return _of_paths(_json_paths(path), {}, "json")
    return _of_rows(_first_rows(text, len(start) == LOOKED_AT_BYTES))


def choose(path: Path) -> Candidate:
    """Return the one standard that a file is of; raise `UnreadableFile` naming the nearest, or all that fit alike."""
    found = recognise(path)
    if len(found.fits) == 1:
        return found.fits[0]
    if found.fits:
        names = "; ".join(f"{one.standard}, part {one.part} ({one.why})" for one in found.fits)
        raise UnreadableFile("standard_ambiguous", f"the file fits several standards alike: {names}. Name one: --as")
    near = "; ".join(f"{one.standard}, part {one.part}, which lacks {', '.join(one.lacks)}" for one in found.nearest)
    known = near or f"known are {', '.join(sorted(get_standards()))}"
    raise UnreadableFile("standard_unknown", f"the file is of no standard known here. Nearest: {known}. Name it: --as")


@cache
def load_marks() -> tuple[Mark, ...]:
    """Return what tells the standards with a connector of their own."""
    text = resources.files("braid.extracts").joinpath("recognised.toml").read_text(encoding="utf-8")
    marks = []
    for entry in tomllib.loads(text)["mark"]:
        lists: dict[str, Any] = {name: tuple(entry.pop(name, ())) for name in ("all", "any", "others")}
        marks.append(Mark(form=entry.pop("form", "table"), **entry, **lists))
    return tuple(marks)


def _beginning(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(LOOKED_AT_BYTES)
    except (OSError, ValueError):
        raise UnreadableFile("file_absent", "there is no readable file of this name: check the path") from None


def _text_of(start: bytes) -> str:
    if is_blank(start):
        raise UnreadableFile("file_empty", "the file is empty: ask the partner to send it again")
    try:
        return decode(start)[0].lstrip("\ufeff")
    except UnreadableFile:
        return decode(start[: len(start) // 2 * 2])[0]


def _first_rows(text: str, is_cut: bool) -> list[Line]:
    if is_cut:
        text = text[: text.rfind("\n") + 1]
    try:
        return list(itertools.islice(iterate_lines(text), HEADING_ROWS))
    except UnreadableFile:
        first = "".join(line + "\n" for line in text.splitlines()[:HEADING_ROWS] if '"' not in line)
        return list(itertools.islice(iterate_lines(first), HEADING_ROWS))


def _of_rows(rows: Sequence[Line], sheet: str = "") -> Recognition:
    fits = [one for definition in _definitions() for one in _fits_of(definition, rows, sheet)]
    fits += [one for mark in load_marks() if mark.form == "table" for one in _fits_of_mark(mark, rows)]
    if fits:
        best = max(one.known for one in fits)
        return Recognition(_once(one for one in fits if one.known == best))
    near = [one for definition in _definitions() for part in definition.parts for one in _near(definition, part, rows)]
    near += [one for mark in load_marks() if mark.form == "table" for one in _near_mark(mark, rows)]
    near.sort(key=lambda one: (len(one.lacks) - one.known, one.standard))
    return Recognition((), tuple(near[:NEAREST]))


def _of_workbook(path: Path) -> Recognition:
    """Return the standards that most sheets of a workbook are of, and the parts of it that they are."""
    said = Reading(Source("", "", "", 0), "", path.name)
    sheets = [
        _of_rows(list(itertools.islice(table.lines, HEADING_ROWS)), table.sheet)
        for table in open_workbook_tables(path, said)
    ]
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
    return Candidate(sheets[0].standard, parts, min(years), max(years), reasons, (), sum(one.known for one in sheets))


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
    return Candidate(
        definition.standard, name, years[0], years[-1], (*reasons, *_year_reasons(part, heading)), (), best
    )


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
            return [Candidate(mark.standard, mark.part, first, last, (f"it has {', '.join(mark.all)}",), (), known)]
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
        lacks = tuple(path for path in mark.all if path not in paths)
        lacks += tuple(f"{path} = {text}" for path, text in mark.texts.items() if texts.get(path) != text)
        lacks += (mark.namespace,) if mark.namespace and mark.namespace not in paths else ()
        if mark.any and not any(path in paths for path in mark.any):
            lacks += (f"one of {', '.join(mark.any)}",)
        (near if lacks else fits).append(_of_mark(mark, paths, texts, lacks))
    near.sort(key=lambda one: (len(one.lacks) - one.known, one.standard))
    return Recognition(_once(iter(fits)), () if fits else tuple(one for one in near if one.known)[:NEAREST])


def _of_mark(mark: Mark, paths: set[str], texts: Mapping[str, str], lacks: tuple[str, ...]) -> Candidate:
    first, last = get_standards()[mark.standard]
    found = [path for path in (*mark.all, *mark.any, mark.namespace) if path in paths]
    reasons = [f"it has {', '.join(found)}"] + [f"{path} is {text}" for path, text in mark.texts.items()]
    for path, year in mark.since.items():
        if path in paths:
            first = max(first, year)
            reasons.append(f"{path} is there from {year} on")
    stated = texts.get(mark.year_at, "")
    if stated.isdigit() and first <= int(stated) <= last:
        first = last = int(stated)
        reasons.append(f"it states the year {stated} itself")
    return Candidate(mark.standard, mark.part, first, last, tuple(reasons), lacks, len(found))


def _xml_paths(path: Path) -> tuple[set[str], dict[str, str]]:
    """Return the paths of the first elements, the namespace of the root, and the texts that stand in them."""
    paths: set[str] = set()
    texts: dict[str, str] = {}
    here: list[str] = []
    options = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}
    try:
        with path.open("rb") as stream:
            events = etree.iterparse(stream, events=("start", "end"), recover=True, **options)
            for event, element in itertools.islice(events, ELEMENTS):
                _look_at(event, element, here, paths, texts)
    except (etree.XMLSyntaxError, OSError):
        pass  # What was read so far is what can be told; reading the file says where it breaks.
    return paths - {""}, texts


def _look_at(event: str, element: Any, here: list[str], paths: set[str], texts: dict[str, str]) -> None:
    if not isinstance(element.tag, str):
        return
    if event == "end":
        texts.setdefault("/".join(here), (element.text or "").strip())
        here.pop()
        return
    namespace, _, name = element.tag.rpartition("}")
    here.append(name)
    paths |= {"/".join(here), namespace.lstrip("{")}


def _json_paths(path: Path) -> set[str]:
    value = load_json(path, Reading(Source("", "", "", 0), "", path.name))
    paths: set[str] = set()
    _walk(value, "", DEPTH, paths)
    return paths


def _walk(value: Any, here: str, depth: int, paths: set[str]) -> None:
    if isinstance(value, list | StoredList):
        for member in itertools.islice(value, MEMBERS):
            _walk(member, here, depth, paths)
    elif isinstance(value, dict) and depth:
        for key, below in value.items():
            name = f"{here}/{key}" if here else key
            paths.add(name)
            _walk(below, name, depth - 1, paths)
