"""Who lived together on days past, as linking says it, against a place whose truth is known."""

from __future__ import annotations

import csv
import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from braid.people.quality import Score, score_pairs

DAYS_BEFORE = (0, 30, 91, 182, 365)
Homes = Mapping[str, list[tuple[dt.date, dt.date, str]]]
"""Of each person the households, each with its first and last day."""


def score_homes(
    truth_folder: Path, members: Iterable[Mapping[str, Any]], people: Mapping[str, str], as_of: dt.date
) -> dict[str, Score]:
    """Return, for days back from `as_of`, the score of pairs of people who lived in one household that day.

    `members` are rows of `household_member`, `people` gives the true person of each person id. Counted are, on each
    day, the people of whom extracts show a household on it.
    """
    found: dict[str, list[tuple[dt.date, dt.date, str]]] = defaultdict(list)
    for row in members:
        found[row["person_id"]].append((row["shown_from_date"], row["shown_to_date"], row["household_id"]))
    truth = read_true_homes(truth_folder)
    scores: dict[str, Score] = {}
    for days in DAYS_BEFORE:
        day = as_of - dt.timedelta(days=days)
        ours = {person_id: home for person_id in found if (home := _home_on(found[person_id], day))}
        true = {
            person_id: home
            for person_id, true_person in people.items()
            if (home := _home_on(truth.get(true_person, []), day))
        }
        name = f"who lived together {days} days before, pairs of people" if days else "who lives together by spells"
        scores[name] = score_pairs(ours, true)
    return scores


def read_true_homes(truth_folder: Path) -> Homes:
    """Return the true households: those of `homes.csv`, and of everybody else the one of `persons.csv` on every day."""
    found: dict[str, list[tuple[dt.date, dt.date, str]]] = defaultdict(list)
    path = truth_folder / "homes.csv"
    if path.is_file():
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                first = dt.date.fromisoformat(row["from_date"]) if row["from_date"] else dt.date.min
                last = dt.date.fromisoformat(row["to_date"]) if row["to_date"] else dt.date.max
                found[row["true_person_id"]].append((first, last, row["household_id"]))
    with (truth_folder / "persons.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["true_person_id"], [(dt.date.min, dt.date.max, row["household_id"])])
    return found


def _home_on(homes: Iterable[tuple[dt.date, dt.date, str]], day: dt.date) -> str:
    return next((home for first, last, home in homes if first <= day <= last), "")
