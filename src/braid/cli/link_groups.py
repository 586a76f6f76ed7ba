"""Error of linking by group of people, against a place whose truth is known."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from braid.language.codes import ethnicity_group
from braid.language.dates import years_lived
from braid.people.quality import score_by_group
from braid.problems.priority.groups import AGES, GROUPS, NAMES, UNKNOWN


def score_groups(
    truth_folder: Path, found: Mapping[str, str], truth: Mapping[str, str], as_of: dt.date
) -> list[dict[str, Any]]:
    """Return pairwise precision and recall by characteristic and group; `found` and `truth` say whose a record is."""
    with (truth_folder / "persons.csv").open(encoding="utf-8", newline="") as file:
        persons = list(csv.DictReader(file))
    rows = []
    for name, group in _groups(as_of).items():
        group_of = {person["true_person_id"]: group(person) for person in persons}
        for code, score in score_by_group(found, truth, group_of).items():
            rows.append(
                {
                    "characteristic": NAMES[name],
                    "group": GROUPS[name].get(code, code),
                    "found": score.found,
                    "true": score.true,
                    "both": score.true_positive,
                    "precision": score.precision,
                    "recall": score.recall,
                }
            )
    return rows


def _groups(as_of: dt.date) -> dict[str, Callable[[Mapping[str, str]], str]]:
    return {
        "age": lambda person: _age(person["birth_date"], as_of),
        "sex": lambda person: person["sex"] or UNKNOWN,
        "ethnicity": lambda person: ethnicity_group(person["ethnicity"]),
        "district": lambda person: person["district_code"],
    }


def _age(birth_date: str, as_of: dt.date) -> str:
    if not birth_date:
        return UNKNOWN
    born = dt.date.fromisoformat(birth_date)
    years = years_lived(born, as_of)
    return next(code for code, (low, under) in AGES.items() if low <= years < under)
