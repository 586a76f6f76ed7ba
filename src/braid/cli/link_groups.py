"""Error of linking by group of people, against a place whose truth is known."""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from itertools import combinations
from math import comb, sqrt
from pathlib import Path
from typing import Any

from braid.language.codes import ethnicity_group
from braid.language.dates import years_lived
from braid.people.expected import ALL
from braid.people.quality import score_by_group
from braid.problems.priority.groups import AGES, GROUPS, NAMES, UNKNOWN
from braid.trust.fairness import Z

LEAST_LINKS = 100
"""Of a group with fewer links, expectation and truth say nothing of each other."""


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


def score_expected(
    rows: Iterable[Mapping[str, Any]],
    found: Mapping[str, str],
    truth: Mapping[str, str],
    groups: Mapping[str, Mapping[str, str]],
) -> list[dict[str, Any]]:
    """Return by group what `rows` of `link_error` expect beside what is true; groups of fewer than 100 links left out.

    `groups` gives, by characteristic, the group of each person. A missed link counts for them as `link_error` does.
    """
    held: dict[str, Counter[str]] = defaultdict(Counter)
    for record, person in found.items():
        held[person][truth[record]] += 1
    false = {person: comb(sum(of.values()), 2) - sum(comb(n, 2) for n in of.values()) for person, of in held.items()}
    grouped = {ALL: dict.fromkeys(held, ALL), **groups}
    missed = {name: _missed_by_group(found, truth, group_of) for name, group_of in grouped.items()}
    scored = []
    for row in sorted(rows, key=lambda each: (each["characteristic"] != ALL, each["characteristic"])):
        name, code = row["characteristic"], row["group_code"]
        if row["source_a"] != ALL or row["links"] < LEAST_LINKS:
            continue
        people = [person for person in held if grouped[name][person] == code]
        scored.append(
            {
                "characteristic": NAMES.get(name, ALL),
                "group": GROUPS.get(name, {}).get(code, code),
                "links": row["links"],
                "false_expected": row["false_links"],
                "false_give_or_take": Z * sqrt(row["false_variance"]),
                "false": sum(false[person] for person in people),
                "missed_expected": row["missed_links"],
                "missed_give_or_take": Z * sqrt(row["missed_variance"]),
                "missed": missed[name][code],
            }
        )
    return scored


def _missed_by_group(
    found: Mapping[str, str], truth: Mapping[str, str], group_of: Mapping[str, str]
) -> dict[str, float]:
    """Return the missed links by group: half for each person's, and all for the other's where one is not known."""
    parts: dict[str, Counter[str]] = defaultdict(Counter)
    for record, person in found.items():
        parts[truth[record]][person] += 1
    missed: dict[str, float] = defaultdict(float)
    for sizes in parts.values():
        for left, right in combinations(sizes, 2):
            sides = [group_of[left], group_of[right]]
            known = [side for side in sides if side != UNKNOWN] or sides
            for side in known:
                missed[side] += sizes[left] * sizes[right] / len(known)
    return missed


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
