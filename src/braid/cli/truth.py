"""The truth of an example place, as verbs that judge the chain read it."""

from __future__ import annotations

import csv

from braid.store.place_folder import Place, PlaceInvalid


def read_people(place: Place) -> dict[tuple[str, str], str]:
    """Return the true person of each record, by feed and key. Raises `PlaceInvalid` where the place has no truth."""
    path = place.folder / "truth" / "people.csv"
    if not path.is_file():
        raise PlaceInvalid(f"{place.name} has no truth/ folder; only an example place knows the truth")
    with path.open(encoding="utf-8", newline="") as file:
        return {(row["feed"], row["partner_record_id"]): row["true_person_id"] for row in csv.DictReader(file)}
