"""`braid retract FEED`: what a partner takes back, so that no run reads it any more."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import pyarrow.parquet as pq
import typer

from braid.cli.acting import Acting, By, Reference, acting
from braid.cli.arguments import PlaceFolder
from braid.cli.output import output
from braid.extracts.retractions import COLUMNS, FILE, RECORD, RETRACTED_FILE, ROW, hash_of, is_at, parse_retracted
from braid.language.records import SOURCE_TABLES, record_id
from braid.people import withdrawals
from braid.store.lake import Lake, Run
from braid.store.place_folder import DATE_FOLDER, Feed, Place, load_place
from braid.store.restricted import append_restricted, read_restricted

PERSON = "person"
RETRACTION = "retraction"


@dataclass(frozen=True)
class Taken:
    """One thing that is taken back: its kind, its key, and the ids of the people whom the visible run knows of it."""

    kind: str
    key: str
    people: tuple[str, ...] = ()


def retract(
    feed: Annotated[str, typer.Argument(help="The feed, as place.toml names it.")],
    by: By,
    reference: Reference,
    folder: PlaceFolder = Path(),
    extract: Annotated[str, typer.Option("--extract", help="Take back all files of the extract of a day.")] = "",
    file: Annotated[
        str, typer.Option("--file", help="Take back one file, as it lies below the feed's folder: DAY/NAME.")
    ] = "",
    row: Annotated[
        str, typer.Option("--row", help="With --file: only what stands there, as `braid issues` names places: line 12.")
    ] = "",
    person: Annotated[str, typer.Option("--person", help="Take back all about a person, by the partner's key.")] = "",
) -> int:
    """Write down what a partner takes back; the next run reads it no more, nor what was made of it.

    Whoever acts has an open account whose role accounts for the record; exit code 5 where not. The reference is that of
    the partner's message. Who was concerned, when and by whom is in the record; the list is under restricted/.

    Example: braid retract northmere-cin place --extract 2026-11-15 --by lead-1 --reference IG-2026-17
    """
    if [bool(extract), bool(file), bool(person)].count(True) != 1:
        raise typer.BadParameter("name one of --extract, --file and --person", param_hint="--extract")
    if row and not file:
        raise typer.BadParameter("a row is named with its file: --file DAY/NAME --row PLACE", param_hint="--row")
    place = load_place(folder)
    named = next((one for one in place.feeds if one.id == feed), None)
    if named is None:
        known = ", ".join(sorted(one.id for one in place.feeds))
        raise typer.BadParameter(f"place.toml has no feed of that name; there are {known}", param_hint="FEED")
    parse_retracted(read_restricted(place, RETRACTED_FILE, COLUMNS))
    taken = list(_find(place, named, extract, file, row, person))
    with acting(folder, by, reference, "retract") as acts:
        acts.check_role(lambda role: role.sees_audit, "take back what a partner sent")
        for one in taken:
            _write(acts, named, one)
    output.print(f"Written. The next run reads it no more: braid run {place.folder.name}", markup=False)
    return 0


def _find(place: Place, feed: Feed, extract: str, file: str, row: str, person: str) -> Iterator[Taken]:
    run = Lake(place.lake_folder).current()
    if person:
        yield Taken(PERSON, person, _people(run, {record_id(feed.id, "person_record", person)}))
        return
    paths = _files(place, feed, extract, file)
    if not row:
        yield from (Taken(FILE, digest) for digest in dict.fromkeys(map(hash_of, paths)))
        return
    digest = hash_of(paths[0])
    records, about = _at(run, feed, digest, row)
    yield Taken(ROW, f"{digest} {row}", _people(run, about))
    yield from (Taken(RECORD, each) for each in sorted(records))


def _files(place: Place, feed: Feed, extract: str, file: str) -> Sequence[Path]:
    """Return the files of an extract, or the one named; raise where there is none or the name leads elsewhere."""
    home = place.folder / "extracts" / feed.id
    day = extract or file.partition("/")[0]
    if not DATE_FOLDER.match(day):
        raise typer.BadParameter("an extract is named by its day: yyyy-mm-dd, and a file in it yyyy-mm-dd/NAME")
    held = [path for path in sorted((home / day).rglob("*")) if path.is_file() and not path.is_symlink()]
    found = held if extract else [path for path in held if str(path.relative_to(home)) == file]
    if not found:
        raise typer.BadParameter(f"there is no such file of {feed.id}; look under extracts/{feed.id}/")
    return found


def _at(run: Run | None, feed: Feed, digest: str, place: str) -> tuple[set[str], set[str]]:
    """Return the ids of the records that the visible run read at a place, and of the person records they are about."""
    records: set[str] = set()
    about: set[str] = set()
    for table in SOURCE_TABLES if run else ():
        assert run is not None
        path = run.table(table.name)
        is_person = table.name == "person_record"
        if not path.is_file():
            continue
        who = "person_record_id" if "person_record_id" in table.names else "record_id"
        columns = list(dict.fromkeys(["record_id", "row_ref", who]))
        filters = [("feed", "=", feed.id), ("file_sha256", "=", digest)]
        for one in pq.read_table(path, columns=columns, filters=filters).to_pylist():
            if is_at(one["row_ref"], place):
                records.add(one["record_id"])
                about |= {one[who]} if is_person or who != "record_id" else set()
    return records, about


def _people(run: Run | None, records: set[str]) -> tuple[str, ...]:
    """Return the ids of whom the visible run takes person records for."""
    if run is None or not run.table("person_link").is_file():
        return ()
    links = pq.read_table(run.table("person_link"), columns=["person_record_id", "person_id"]).to_pylist()
    return tuple(sorted({link["person_id"] for link in links if link["person_record_id"] in records}))


def _write(acts: Acting, feed: Feed, taken: Taken) -> None:
    """Add a row to the list of its kind; the entry of the record comes first, and says no key."""
    today = dt.datetime.now(dt.UTC).date().isoformat()
    said = {"feed": feed.id, "decided_date": today, "reference": acts.actor.reference}
    name: str = RETRACTED_FILE
    columns: Sequence[str] = COLUMNS
    row = {**said, "kind": taken.kind, "key": taken.key, "by": acts.actor.username}
    if taken.kind == PERSON:
        name, columns = withdrawals.WITHDRAWN_FILE, withdrawals.COLUMNS
        row = {**said, "partner_record_id": taken.key, "cause": RETRACTION}
    append_restricted(
        acts.place,
        name,
        columns,
        row,
        before=lambda line: acts.record(
            "changed", "retracted", {"feed": feed.id, "kind": taken.kind, "line": line}, taken.people or ("",)
        ),
    )
