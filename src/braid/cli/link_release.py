"""`braid link train` and `braid link release`: a new linkage release, and what changes before it is taken."""

from __future__ import annotations

import csv
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from braid.cli.arguments import AsJson, PlaceFolder
from braid.cli.output import output, print_json, print_table
from braid.cli.waits import current_run
from braid.people import decisions, seals, wrong_numbers
from braid.people.release import Release as LinkageRelease
from braid.people.release import (
    describe_use,
    find_fitting_release,
    load_release,
    release_path,
    take_release,
    write_release,
)
from braid.people.retraining import count_changes, make_release
from braid.people.run import INPUT_TABLES, add_missing_tables, run
from braid.people.run_call import Course, Said
from braid.pipeline import MEMORY_LIMIT, feed_trust, open_run
from braid.store.engine import Engine
from braid.store.lake import Run
from braid.store.place_folder import Place, PlaceInvalid, load_place
from braid.store.restricted import read_restricted

Version = Annotated[str, typer.Option("--version", help="Name of the release: small letters, digits, dots, hyphens.")]


def train(
    version: Version,
    folder: PlaceFolder = Path(),
    against: Annotated[str, typer.Option("--against", help="`truth` of an example place instead of numbers.")] = "",
    as_json: AsJson = False,
) -> int:
    """Make a new linkage release of the visible run's records: weights of the levels, and how common names are.

    Pairs with a trusted number in common are taken for one person. The release is written into linkage/ and nothing
    follows it until it is taken with `braid link release`.

    Example: braid link train place --version 2027-1
    """
    if against not in ("", "truth"):
        raise typer.BadParameter("write --against truth", param_hint="--against")
    place = load_place(folder)
    path = release_path(place.folder, version)
    engine = _open(current_run(place))
    truth = _truth(place, engine) if against else None
    made = make_release(engine, find_fitting_release(place.folder), version, MEMORY_LIMIT, truth, feed_trust(place))
    engine.close()
    write_release(path, made)
    told = {**asdict(describe_use(made)), **made["trained_on"]}
    if as_json:
        print_json(told)
        return 0
    print_table(f"{place.name}, linkage/{version}.json", ["", "value"], [list(item) for item in told.items()])
    output.print(f"Look at what changes: braid link release {place.folder.name} --version {version}")
    return 0


def release(
    version: Version,
    folder: PlaceFolder = Path(),
    take: Annotated[bool, typer.Option("--take", help="Put it into force from the next run on.")] = False,
    as_json: AsJson = False,
) -> int:
    """Link the visible run's records with a release and with the one in force, say how many links change, and take it.

    Nothing is taken without --take. Decisions, seals and wrong numbers hold in both. Where the release in force does
    not fit any more, the one that Braid ships stands for it.

    Example: braid link release place --version 2027-1 --take
    """
    place = load_place(folder)
    shown = current_run(place)
    now, then = (
        _link(place, shown, each)
        for each in (find_fitting_release(place.folder), load_release(release_path(place.folder, version)))
    )
    changes = asdict(count_changes(now, then))
    if take:
        take_release(place.folder, version)
    if as_json:
        print_json({"run": shown.id, "version": version, "taken": take, **changes})
        return 0
    rows = [[name.replace("_", " "), number] for name, number in changes.items()]
    print_table(f"{place.name}, run {shown.id}, with linkage/{version}.json", ["", "number"], rows)
    output.print("Taken. The next run follows it." if take else "Nothing is taken; add --take to follow it.")
    return 0


def _link(place: Place, shown: Run, used: LinkageRelease) -> dict[str, str]:
    engine = _open(shown)
    said = Said(
        decision_rows=read_restricted(place, decisions.DECISIONS_FILE, decisions.COLUMNS),
        sealed_rows=seals.parse_seals(read_restricted(place, seals.SEALS_FILE, seals.COLUMNS)),
        wrong_rows=read_restricted(place, wrong_numbers.WRONG_NUMBERS_FILE, wrong_numbers.COLUMNS),
        feed_trust=feed_trust(place),
        release=used,
    )
    run(engine, None, said, Course(MEMORY_LIMIT))
    rows = engine.rows("select person_record_id, person_id from person_link")
    engine.close()
    return {row["person_record_id"]: row["person_id"] for row in rows}


def _open(shown: Run) -> Engine:
    engine = open_run(shown, names=INPUT_TABLES)
    add_missing_tables(engine)
    return engine


def _truth(place: Place, engine: Engine) -> dict[str, str]:
    path = place.folder / "truth" / "people.csv"
    if not path.is_file():
        raise PlaceInvalid(f"{place.name} has no truth/ folder; only an example place knows the truth")
    with path.open(encoding="utf-8", newline="") as file:
        known = {(row["feed"], row["partner_record_id"]): row["true_person_id"] for row in csv.DictReader(file)}
    rows = engine.rows("select record_id, feed, partner_record_id from person_record")
    keys = {row["record_id"]: (row["feed"], row["partner_record_id"]) for row in rows}
    return {record: known[key] for record, key in keys.items() if key in known}
