"""The place folder: what `place.toml` says, and where the folder keeps its extracts and its lake."""

from __future__ import annotations

import csv
import datetime as dt
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from braid.language.calendars import Calendar, england_bank_holidays, revise_bank_holidays
from braid.language.example_mark import EXAMPLE_MARK
from braid.language.freshness import find_rhythm_days
from braid.language.printable import is_printable
from braid.store.portable import ENGINES

LONGEST_RHYTHM_DAYS = 366
SNAPSHOTS, CHANGES, RETURNS = "snapshots", "changes", "returns"
SENDS = (SNAPSHOTS, CHANGES, RETURNS)
DATE_FOLDER = re.compile(r"^\d{4}-\d{2}-\d{2}$")


class PlaceInvalid(Exception):
    """The folder is no place folder, or place.toml breaks a rule. Exit code 2. The message names key and next step."""


@dataclass(frozen=True)
class Organisation:
    """A partner. `kind` is authority, council, icb, hospital, court, police or voluntary."""

    id: str
    name: str
    kind: str
    contact: str = ""


@dataclass(frozen=True)
class District:
    """A district of the place and the council that serves it."""

    code: str
    id: str
    name: str
    council: str


@dataclass(frozen=True)
class Feed:
    """One partner's extract: its standard and collection year, and the service it speaks for.

    `every_days` is how often the partner has agreed to send one, where place.toml says so.
    """

    id: str
    organisation: str
    standard: str
    year: int
    service: str = ""
    mapping: str = ""
    trusted_numbers: tuple[str, ...] | None = None
    """The numbers that the feed vouches for (`nhs`, `upn`); `None` where the place leaves it to the standard."""
    one_row_a_person: bool | None = None
    """Whether two rows are two people; `None` where the place leaves it to the standard."""
    every_days: int | None = None
    precedence: int | None = None
    """Its place among the sources of a wait that several feeds tell; `None` where it is left to the standard."""
    sends: str = SNAPSHOTS
    """What its extracts are: each the whole of what is the case, or changes to it, or each one of several returns."""


@dataclass(frozen=True)
class Place:
    """A place folder that was read and checked."""

    folder: Path
    id: str
    name: str
    as_of: dt.date | None
    organisations: tuple[Organisation, ...]
    districts: tuple[District, ...]
    feeds: tuple[Feed, ...]
    terms: tuple[tuple[dt.date, dt.date], ...] = ()
    closed_days: frozenset[dt.date] = field(default_factory=frozenset)
    engine: str = ENGINES[0]
    """What runs the stages from linking on, where nobody says otherwise of a run."""
    bank_holidays: frozenset[dt.date] = field(default_factory=england_bank_holidays)
    has_fictional_people: bool = False
    """Whether place.toml says that nobody in its extracts is real, although its ground is."""
    is_directory_public: bool = False
    """Whether anybody may read the place's directory of services (`[directory] public = true`)."""

    @property
    def lake_folder(self) -> Path:
        """Where the runs rest."""
        return self.folder / "lake"

    @property
    def state_folder(self) -> Path:
        """Where the web app keeps its database and secrets."""
        return self.folder / "state"

    @property
    def truth_folder(self) -> Path:
        """Where what is true of the people is kept: of everybody in an example, of nobody or a sample elsewhere."""
        return self.folder / "truth"

    @property
    def is_example(self) -> bool:
        """Whether the example wrote the place, so that a demo may fill it and let people in by a password alone.

        A file of its own says so: a place of real people may keep a folder of true pairs, to measure linking by.
        """
        return (self.truth_folder / EXAMPLE_MARK).is_file()

    @property
    def is_fictional(self) -> bool:
        """Whether nobody in the place is real, as place.toml says or the example."""
        return self.has_fictional_people or self.is_example

    @property
    def calendar(self) -> Calendar:
        """The working and school days of the place."""
        return Calendar(self.terms, self.closed_days, self.bank_holidays)

    def organisation(self, identity: str) -> Organisation:
        """Return an organisation by id; raise `KeyError` where place.toml names none."""
        for organisation in self.organisations:
            if organisation.id == identity:
                return organisation
        raise KeyError(f"place.toml names no organisation {identity!r}")

    def district_names(self) -> dict[str, str]:
        """District code to name."""
        return {district.code: district.name for district in self.districts}

    def extract_dates(self) -> list[dt.date]:
        """Every date for which some feed has an extract, in order."""
        dates = {dt.date.fromisoformat(folder.name) for feed in self.feeds for folder in _dated_folders(self, feed)}
        return sorted(dates)

    def extract_files(self, feed: Feed, as_of: dt.date) -> tuple[dt.date | None, list[Path]]:
        """Return the date and files of a feed's newest extract on or before `as_of`; no date and no files if none.

        Of a feed that sends changes or returns, the files are those of all its extracts until then, oldest first.
        """
        dated = [folder for folder in _dated_folders(self, feed) if folder.name <= as_of.isoformat()]
        if not dated:
            return None, []
        read = dated[-1:] if feed.sends == SNAPSHOTS else dated
        return dt.date.fromisoformat(dated[-1].name), [path for folder in read for path in _files_in(folder)]

    def feed_dates(self, feed: Feed, as_of: dt.date) -> list[str]:
        """Return the dates of all extracts of a feed on or before `as_of`, in order, read or not."""
        return [folder.name for folder in _dated_folders(self, feed) if folder.name <= as_of.isoformat()]

    def rhythm_days(self, feed: Feed, as_of: dt.date) -> int | None:
        """Return how often an extract of a feed comes: as place.toml says, else as the folders up to `as_of` show."""
        if feed.every_days is not None:
            return feed.every_days
        dates = [dt.date.fromisoformat(folder.name) for folder in _dated_folders(self, feed)]
        return find_rhythm_days([day for day in dates if day <= as_of])

    def precedence(self) -> dict[str, int]:
        """Return the feeds of which place.toml says where they stand among the sources of a wait."""
        return {feed.id: feed.precedence for feed in self.feeds if feed.precedence is not None}

    def agreement_files(self) -> list[Path]:
        """Return the files of the data sharing agreements, by name; none where the place has no such folder."""
        return sorted(path for path in (self.folder / "agreements").glob("*.toml") if not path.name.startswith("."))

    def reference_rows(self, name: str) -> list[dict[str, str]]:
        """Return the rows of `geography/<name>.csv`; none where the place has no such file."""
        return _reference_rows(self.folder, name)


def _reference_rows(folder: Path, name: str) -> list[dict[str, str]]:
    path = folder / "geography" / f"{name}.csv"
    if not path.is_file():
        return []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))
    except (UnicodeDecodeError, csv.Error):
        raise PlaceInvalid(f"geography/{name}.csv is no CSV in UTF-8; export it again as UTF-8 text") from None


LITTER = frozenset({"thumbs.db", "desktop.ini", "__macosx"})
"""Files and folders that systems leave where people copy or unpack files: nobody sent them."""


def _files_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and not _is_litter(path.relative_to(folder)))


def _is_litter(name: Path) -> bool:
    """Whether a system left a file: hidden, a list of pictures, the mark of a workbook that somebody has open."""
    return name.name.startswith((".", "~$")) or not LITTER.isdisjoint(part.lower() for part in name.parts)


def _dated_folders(place: Place, feed: Feed) -> list[Path]:
    folder = place.folder / "extracts" / feed.id
    if not folder.is_dir():
        return []
    return sorted(child for child in folder.iterdir() if child.is_dir() and DATE_FOLDER.match(child.name))


def load_place(folder: Path) -> Place:
    """Read `place.toml` in `folder`. Raises `PlaceInvalid` naming the key that is wrong and what to write."""
    path = folder / "place.toml"
    if not path.is_file():
        raise PlaceInvalid(f"{folder} is no place folder: it holds no place.toml. Make one with `braid example DIR`.")
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise PlaceInvalid(f"place.toml is not valid TOML: {error}") from None
    except RecursionError:
        raise PlaceInvalid("place.toml is nested too deep; write it as tables and plain lists") from None
    return _place(folder, document)


def _place(folder: Path, document: Mapping[str, Any]) -> Place:
    head = document.get("place")
    if not isinstance(head, Mapping):
        raise PlaceInvalid("place.toml has no [place] table; begin it with [place] and an id and a name")
    calendar = document.get("calendar", {})
    if not isinstance(calendar, Mapping):
        raise PlaceInvalid("place.toml: write calendar as a [calendar] table")
    terms, closed_days = _calendar_rows(folder)
    place = Place(
        folder=folder.resolve(),
        id=_text(head, "id", "[place]"),
        name=_text(head, "name", "[place]"),
        as_of=_date(head["as_of"], "[place] as_of") if "as_of" in head else None,
        organisations=tuple(
            Organisation(
                _text(row, "id", where), _text(row, "name", where), _text(row, "kind", where), row.get("contact", "")
            )
            for row, where in _rows(document, "organisation")
        ),
        districts=tuple(
            District(
                _text(row, "code", where), _text(row, "id", where), _text(row, "name", where), row.get("council", "")
            )
            for row, where in _rows(document, "district")
        ),
        feeds=tuple(_feed(row, where) for row, where in _rows(document, "feed")),
        terms=(*(_term(pair) for pair in _list(calendar, "terms")), *terms),
        closed_days=frozenset(
            (*(_date(day, "[calendar] closed_days") for day in _list(calendar, "closed_days")), *closed_days)
        ),
        bank_holidays=_bank_holidays(folder),
        has_fictional_people=_is_fictional(head),
        engine=_engine(head),
        is_directory_public=_is_directory_public(document),
    )
    _check_references(place)
    return place


def _is_directory_public(document: Mapping[str, Any]) -> bool:
    table = document.get("directory", {})
    public = table.get("public", False) if isinstance(table, Mapping) else None
    if not isinstance(public, bool):
        raise PlaceInvalid("place.toml [directory]: public is true or false; write [directory] and public = true")
    return public


def _is_fictional(head: Mapping[str, Any]) -> bool:
    people = head.get("people")
    if people not in (None, "fictional"):
        raise PlaceInvalid('place.toml [place]: people says only that they are fictional; write people = "fictional"')
    return people is not None


def _calendar_rows(folder: Path) -> tuple[list[tuple[dt.date, dt.date]], list[dt.date]]:
    """Return the terms and the closed days of `geography/term_dates.csv`, in the order of the file."""
    terms, closed = [], []
    for row in _reference_rows(folder, "term_dates"):
        first, last = (_date(row.get(name), "geography/term_dates.csv") for name in ("first_date", "last_date"))
        if row.get("kind") == "closed":
            closed += [first + dt.timedelta(days=day) for day in range((last - first).days + 1)]
        else:
            terms.append((first, last))
    return terms, closed


def _bank_holidays(folder: Path) -> frozenset[dt.date]:
    """Return the bank holidays that are held as data, revised by those of `geography/bank_holidays.csv`."""
    rows = _reference_rows(folder, "bank_holidays")
    where = "geography/bank_holidays.csv"
    return revise_bank_holidays(frozenset(_date(row.get("date"), where) for row in rows))


def _feed(row: Mapping[str, Any], where: str) -> Feed:
    year = row.get("year")
    if not isinstance(year, int):
        raise PlaceInvalid(
            f"place.toml {where}: year is missing; write the collection year of the standard, year = 2026"
        )
    return Feed(
        id=_text(row, "id", where),
        organisation=_text(row, "organisation", where),
        standard=_text(row, "standard", where),
        year=year,
        service=str(row.get("service", "")),
        mapping=str(row.get("mapping", "")),
        trusted_numbers=_trusted_numbers(row, where),
        one_row_a_person=_one_row_a_person(row, where),
        every_days=_rhythm(row, where),
        precedence=_precedence(row, where),
        sends=_sends(row, where),
    )


def _sends(row: Mapping[str, Any], where: str) -> str:
    sends = row.get("sends", SNAPSHOTS)
    if sends not in SENDS:
        raise PlaceInvalid(f'place.toml {where}: sends is one of {", ".join(SENDS)}; write sends = "{SNAPSHOTS}"')
    return str(sends)


def _trusted_numbers(row: Mapping[str, Any], where: str) -> tuple[str, ...] | None:
    numbers = row.get("trusted_numbers")
    if numbers is not None and (not isinstance(numbers, list) or not set(numbers) <= {"nhs", "upn"}):
        raise PlaceInvalid(
            f'place.toml {where}: trusted_numbers is a list of "nhs" and "upn"; write such a list, or []'
        )
    return None if numbers is None else tuple(numbers)


def _one_row_a_person(row: Mapping[str, Any], where: str) -> bool | None:
    holds = row.get("one_row_a_person")
    if holds is not None and not isinstance(holds, bool):
        raise PlaceInvalid(f"place.toml {where}: one_row_a_person is true or false; write one of them")
    return holds


def _rhythm(row: Mapping[str, Any], where: str) -> int | None:
    days = row.get("every_days")
    if days is None:
        return None
    if not isinstance(days, int) or isinstance(days, bool) or not 1 <= days <= LONGEST_RHYTHM_DAYS:
        raise PlaceInvalid(f"place.toml {where}: every_days is days between extracts, 1 to 366; write every_days = 7")
    return days


def _precedence(row: Mapping[str, Any], where: str) -> int | None:
    number = row.get("precedence")
    if number is not None and (not isinstance(number, int) or isinstance(number, bool) or not 0 <= number <= 99):
        raise PlaceInvalid(
            f"place.toml {where}: precedence is a number from 0, which stands before all, to 99; write precedence = 0"
        )
    return number


def _check_references(place: Place) -> None:
    known = {organisation.id for organisation in place.organisations}
    for feed in place.feeds:
        if feed.organisation not in known:
            raise PlaceInvalid(
                f"place.toml feed {feed.id!r}: organisation {feed.organisation!r} is not among [[organisation]]; add it"
            )
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", feed.id):
            raise PlaceInvalid(f"place.toml feed {feed.id!r}: an id has small letters, digits and hyphens only")
    for name, ids in (
        ("feed", [feed.id for feed in place.feeds]),
        ("organisation", [o.id for o in place.organisations]),
    ):
        double = sorted({identity for identity in ids if ids.count(identity) > 1})
        if double:
            raise PlaceInvalid(f"place.toml has two [[{name}]] tables with the id {double[0]!r}; rename one")


def _rows(document: Mapping[str, Any], name: str) -> list[tuple[Mapping[str, Any], str]]:
    rows = document.get(name, [])
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise PlaceInvalid(f"place.toml: write {name} as [[{name}]] tables")
    return [(row, f"[[{name}]] number {number}") for number, row in enumerate(rows, 1)]


def _text(row: Mapping[str, Any], key: str, where: str) -> str:
    value = row.get(key)
    if not isinstance(value, str) or not value:
        raise PlaceInvalid(f'place.toml {where}: {key} is missing; write {key} = "…"')
    if not is_printable(value):
        raise PlaceInvalid(f"place.toml {where}: {key} holds a character that cannot be printed; write it without")
    return value


def _date(value: object, where: str) -> dt.date:
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    try:
        return dt.date.fromisoformat(str(value))
    except ValueError:
        file = "" if where.startswith("geography/") else "place.toml "
        raise PlaceInvalid(f"{file}{where}: write a date as yyyy-mm-dd") from None


def _list(table: Mapping[str, Any], key: str) -> list[Any]:
    value = table.get(key, [])
    if not isinstance(value, list):
        raise PlaceInvalid(f"place.toml [calendar] {key}: write a list in square brackets")
    return value


def _engine(head: Mapping[str, Any]) -> str:
    engine = head.get("engine", ENGINES[0])
    if engine not in ENGINES:
        raise PlaceInvalid(f'place.toml [place]: engine is "{ENGINES[0]}" or "{ENGINES[1]}"; write one of them')
    return str(engine)


def _term(pair: object) -> tuple[dt.date, dt.date]:
    if not isinstance(pair, list) or len(pair) != 2:
        raise PlaceInvalid("place.toml [calendar] terms: write each term as [first day, last day]")
    return _date(pair[0], "[calendar] terms"), _date(pair[1], "[calendar] terms")
