"""Records that nothing may hold any more: erased, since a person asked for it, or taken back by their partner.

`restricted/withdrawn.csv` names them. They leave every table before anything is read from it, and what runs kept of
them leaves with them. The row of the list is what must be kept: without it the next extract would bring the record
back.
"""

from __future__ import annotations

import csv
import datetime as dt
import html
import io
import json
import re
import secrets
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

import pyarrow as pa

from braid.language.records import REJECT, SOURCE_TABLES, record_id
from braid.store.engine import Engine
from braid.store.place_folder import PlaceInvalid

WITHDRAWN_FILE = "withdrawn"
"""Name of the file under `restricted/`, without its ending."""
COLUMNS = ("feed", "partner_record_id", "cause", "decided_date", "reference")
CAUSES = ("erasure", "retraction")
STOPPED_FILE = "stopped"
"""Name of the list under `restricted/` of records that are kept and not used: a restriction (UK GDPR article 18)."""
STOPPED_COLUMNS = ("feed", "partner_record_id", "since_date", "ended_date", "reference")
LINKS = ("person_record_id", "other_person_record_id")
"""Columns by which a row of a source table is about a person record."""
STAND_IN = "withdrawn "
DELIMITERS = ",;|\t"
_IN_JSON = re.compile(r'"((?:[^"\\]|\\.)*)(?:"|$)|([0-9A-Za-z.+-]+)', re.DOTALL)
"""Texts of JSON, the last perhaps without its end, and what stands between them: numbers and words."""
_IN_XML = re.compile(r">([^<>]*)<|=\"([^\"]*)\"|='([^']*)'")


def parse_withdrawn(rows: Iterable[tuple[int, Mapping[str, str]]]) -> dict[tuple[str, str], str]:
    """Return the cause by feed and partner's key of the rows of `restricted/withdrawn.csv`, each given with its line.

    Raises `PlaceInvalid` naming line and rule at the first that is wrong: an erasure that cannot be read may not lapse.
    """
    found: dict[tuple[str, str], str] = {}
    for line, row in rows:
        feed, key, cause, day, reference = ((row.get(name) or "").strip() for name in COLUMNS)
        where = f"restricted/{WITHDRAWN_FILE}.csv line {line}"
        if not all((feed, key, reference)):
            raise PlaceInvalid(f"{where}: feed, partner_record_id and reference are all needed; fill them")
        if cause not in CAUSES:
            raise PlaceInvalid(f"{where}: cause is {' or '.join(CAUSES)}; write one of them")
        try:
            dt.date.fromisoformat(day)
        except ValueError:
            raise PlaceInvalid(f"{where}: decided_date is no date; write it as yyyy-mm-dd") from None
        if found.get((feed, key)) != "erasure":
            found[feed, key] = cause
    return found


def parse_stopped(rows: Iterable[tuple[int, Mapping[str, str]]]) -> dict[tuple[str, str], str]:
    """Return the reference by feed and partner's key of the rows of `restricted/stopped.csv` that have not ended.

    Their partner's extract keeps them, and who they were is remembered; no table of a run holds them while it lasts.
    Raises `PlaceInvalid` naming line and rule: a restriction that cannot be read may not lapse.
    """
    found: dict[tuple[str, str], str] = {}
    for line, row in rows:
        feed, key, since, ended, reference = ((row.get(name) or "").strip() for name in STOPPED_COLUMNS)
        where = f"restricted/{STOPPED_FILE}.csv line {line}"
        if not all((feed, key, since, reference)):
            raise PlaceInvalid(f"{where}: feed, partner_record_id, since_date and reference are all needed; fill them")
        try:
            for day in filter(None, (since, ended)):
                dt.date.fromisoformat(day)
        except ValueError:
            raise PlaceInvalid(f"{where}: a date is none; write it as yyyy-mm-dd") from None
        if not ended:
            found[feed, key] = reference
    return found


def draw_stand_in() -> str:
    """Return what stands for the key of a withdrawn record where a row must stay: random, so that no key and nobody
    can lead back."""
    return f"{STAND_IN}{secrets.token_hex(12)}"


def find_withdrawn(named: Mapping[tuple[str, str], str]) -> dict[str, str]:
    """Return the cause by record id."""
    return {record_id(feed, "person_record", key): cause for (feed, key), cause in named.items()}


def keys_by_feed(named: Mapping[tuple[str, str], str]) -> dict[str, frozenset[str]]:
    """Return the partner's keys of the people by feed."""
    found: dict[str, set[str]] = {}
    for feed, key in named:
        found.setdefault(feed, set()).add(key)
    return {feed: frozenset(keys) for feed, keys in found.items()}


def withdraw(engine: Engine, named: Mapping[tuple[str, str], str]) -> None:
    """Take every row about the records out of the source tables of `engine`, and refused rows that hold their key.

    Connectors compose some keys: of a case, say, and a person's place in it. The first part of such a key stands in the
    row. A refused row holds a key where one of its values is the key, all of it: a short key stands inside many a date
    and postcode. Which column a value is of nobody knows of a row that could not be read, so a row goes where another
    column than the key's has that very value: rather that than too few.
    """
    if not named:
        return
    ids = {"record_id": pa.array(find_withdrawn(named), pa.string())}
    engine.load_arrow("withdrawn_row", pa.table(ids))
    for table in SOURCE_TABLES:
        columns = ["record_id"] if table.name == "person_record" else [name for name in LINKS if name in table.names]
        if columns:
            about = " or ".join(f"w.record_id = t.{name}" for name in columns)
            _keep_others(engine, table.name, about)
    _withdraw_refused(engine, named)


def _keep_others(engine: Engine, name: str, about: str) -> None:
    engine.create(name, f"select t.* from {name} t where not exists (select 1 from withdrawn_row w where {about})")


def _withdraw_refused(engine: Engine, named: Iterable[tuple[str, str]]) -> None:
    keys: dict[str, set[str]] = defaultdict(set)
    for feed, key in named:
        keys[feed] |= {_fold(key), _fold(key.split("/")[0] or key)}
    feeds = pa.table({"feed": pa.array(sorted(keys), pa.string())})
    engine.load_arrow("withdrawn_feed", feeds)
    rows = engine.rows(
        "select r.feed, r.file_sha256, r.part, r.position, r.row from reject r join withdrawn_feed f on f.feed = r.feed"
    )
    places = ("file_sha256", "part", "position")
    found = [row for row in rows if not keys[row["feed"]].isdisjoint(read_values(row["row"]))]
    columns = {name: pa.array([row[name] for row in found], pa.string()) for name in places}
    engine.load_arrow("withdrawn_row", pa.table(columns))
    _keep_others(engine, REJECT.name, " and ".join(f"w.{name} = t.{name}" for name in places))


def read_values(row: str) -> set[str]:
    """Return the values that a refused row holds, whole, in small letters: cells of a table, texts and attributes of
    XML, or what stands in JSON. A row so broken that nothing of it can be told apart holds itself."""
    found = {*_read_cells(row), *(html.unescape(text) for match in _IN_XML.findall(row) for text in match)}
    try:
        found |= set(_read_json(json.loads(row, parse_int=str, parse_float=str, parse_constant=str)))
    except (ValueError, RecursionError):  # it is no JSON, or a line of it that is broken
        found |= set(_read_broken_json(row) if row.startswith(("{", "[")) else ())
    return {folded for value in found if (folded := _fold(value))}


def _read_cells(row: str) -> Iterator[str]:
    for delimiter in DELIMITERS:
        try:
            for cells in csv.reader(io.StringIO(row), delimiter=delimiter):
                yield from cells
        except csv.Error:
            yield from row.split(delimiter)


def _read_json(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _read_json(each)
    elif isinstance(value, str):
        yield value


def _read_broken_json(row: str) -> Iterator[str]:
    """Yield the texts and numbers that stand in a line of JSON that was refused as broken, names of keys among them."""
    for text, number in _IN_JSON.findall(row):
        try:
            yield number or json.loads(f'"{text}"', strict=False)
        except ValueError:
            yield text


def _fold(text: str) -> str:
    return " ".join(text.casefold().split())
