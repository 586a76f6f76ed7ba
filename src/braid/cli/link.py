"""`braid link [DIR]`: how records became persons in the visible run, and how right that is against the truth."""

from __future__ import annotations

import csv
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from braid.cli.arguments import AsJson, PlaceFolder
from braid.cli.output import print_json, print_table
from braid.cli.waits import current_run
from braid.people.quality import (
    ProtectionScore,
    score_b_cubed,
    score_by_source_pair,
    score_pairs,
    score_protection,
)
from braid.pipeline import open_run
from braid.store.lake import Run
from braid.store.place_folder import Place, PlaceInvalid, load_place


def link(
    folder: PlaceFolder = Path(),
    against: Annotated[str, typer.Option("--against", help="`truth` prints precision and recall.")] = "",
    as_json: AsJson = False,
) -> int:
    """Show how records became persons: counts, what constraints refused, and precision and recall by pair of sources.

    Example: braid link place --against truth
    """
    place = load_place(folder)
    run = current_run(place)
    if against not in ("", "truth"):
        raise typer.BadParameter("write --against truth", param_hint="--against")
    counts = {name: value for name, value in run.manifest["stages"]["link"].items() if name != "rows"}
    scores, protection = _scores(place, run) if against else ([], None)
    if as_json:
        judged = {"scores": scores, "protection": asdict(protection)} if protection else {}
        print_json({"run": run.id, **counts, **judged})
        return 0
    print_table(
        f"{place.name}, run {run.id}", ["", "number"], [[name.replace("_", " "), counts[name]] for name in counts]
    )
    if against:
        columns = ("what", "found", "true", "both", "precision", "recall", "f1")
        print_table("Against the truth", columns, [[_shown(score[name]) for name in columns] for score in scores])
    if protection:
        print_table("Safe addresses, in persons", ["", "number"], [list(item) for item in _named(protection).items()])
    return 0


def _named(protection: ProtectionScore) -> dict[str, int]:
    return {
        "truly protected, with records": protection.true,
        "of them, no district may be shown": protection.kept,
        "described with a district all the same": protection.leaks,
        "described without a district": protection.not_shown,
        "of them, truly protected": protection.not_shown_protected,
    }


def _scores(place: Place, run: Run) -> tuple[list[dict[str, Any]], ProtectionScore]:
    """Return pairwise scores over all records and by pair of standards, B-cubed, and the score of protection."""
    engine = open_run(run, names=("person_record", "person_link", "person"))
    persons = engine.rows("select person_id, district_code is not null and not location_withheld as shown from person")
    records = engine.rows("select record_id, feed, partner_record_id, standard from person_record")
    links = engine.rows("select person_record_id, person_id from person_link")
    engine.close()
    known = _truth(place)
    keys = {row["record_id"]: (row["feed"], row["partner_record_id"]) for row in records}
    truth = {record: known[key] for record, key in keys.items() if key in known}
    found = {row["person_record_id"]: row["person_id"] for row in links if row["person_record_id"] in truth}
    standards = {row["record_id"]: row["standard"] for row in records}
    scored = [("all pairs of records", score_pairs(found, truth))]
    scored += [(" - ".join(pair), score) for pair, score in score_by_source_pair(found, truth, standards).items()]
    rows = [
        {
            "what": name,
            "found": score.found,
            "true": score.true,
            "both": score.true_positive,
            "precision": score.precision,
            "recall": score.recall,
            "f1": score.f1,
        }
        for name, score in scored
    ]
    precision, recall, f1 = score_b_cubed(found, truth)
    blank = {"found": None, "true": None, "both": None}
    b_cubed = {"what": "B-cubed", **blank, "precision": precision, "recall": recall, "f1": f1}
    shown = {row["person_id"]: row["shown"] for row in persons}
    return [rows[0], b_cubed, *rows[1:]], score_protection(shown, found, truth, _truly_protected(place))


def _truly_protected(place: Place) -> set[str]:
    with (place.folder / "truth" / "persons.csv").open(encoding="utf-8", newline="") as file:
        return {row["true_person_id"] for row in csv.DictReader(file) if row["protected"] == "true"}


def _truth(place: Place) -> dict[tuple[str, str], str]:
    path = place.folder / "truth" / "people.csv"
    if not path.is_file():
        raise PlaceInvalid(f"{place.name} has no truth/ folder; only an example place knows the truth")
    with path.open(encoding="utf-8", newline="") as file:
        return {(row["feed"], row["partner_record_id"]): row["true_person_id"] for row in csv.DictReader(file)}


def _shown(value: object) -> object:
    return f"{value:.4f}" if isinstance(value, float) else value
