"""The same dataset, built row by row from the run's files in plain Python: slow, obvious, and the judge."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
from collections import Counter, defaultdict
from typing import Any

from analysis.places import Ran, table
from braid.analysis.model import Dataset, DatasetTable, Permission
from braid.store.pseudonym_keys import PseudonymKey

Row = dict[str, Any]


def pseudonym(secret: bytes, kind: str, identity: str) -> str:
    return hmac.digest(secret, f"braid pseudonym 1\x1f{kind}\x1f{identity}".encode(), hashlib.sha256)[:16].hex()


def written(value: Any, rung: str, as_of: dt.date, commons: set[str]) -> str | None:
    if value is None or rung == "none":
        return None
    if rung == "code":
        return str(value)
    if rung == "common":
        return value if value in commons else "other"
    if rung in ("month", "quarter", "year"):
        return {
            "month": f"{value.year}-{value.month:02}",
            "quarter": f"{value.year}-Q{(value.month - 1) // 3 + 1}",
            "year": f"{value.year}",
        }[rung]
    if rung.startswith("days_"):
        width = int(rung.removeprefix("days_"))
        low = value // width * width
        return f"{low}-{low + width - 1}"
    age = as_of.year - value.year - ((as_of.month, as_of.day) < (value.month, value.day))
    if rung == "age_child_or_adult":
        return "under 18" if age < 18 else "18 and over"
    width = int(rung.removeprefix("age_"))
    low = age // width * width
    return "85 and over" if age >= 85 else f"{low}-{low + width - 1}"


def chosen_rows(ran: Ran, dataset: Dataset, permission: Permission) -> dict[str, list[Row]]:
    """The rows of person, person_wait and blocker that may be in the dataset."""
    out = (
        {row["person_id"] for row in table(ran, "sealed_person")} if ran.run.table("sealed_person").exists() else set()
    )
    if dataset.optout_applies:
        out |= {row["person_id"] for row in table(ran, "opted_out_person")}
    people = {row["person_id"]: row for row in table(ran, "person") if row["person_id"] not in out}
    concerned = {row["person_id"] for row in table(ran, "cohort") if row["problem"] == dataset.cohort}
    waits = {}
    for row in table(ran, "person_wait"):
        shared = row["organisation_id"] in permission.providers.get(row["backlog"], ())
        secret = row["sensitivity"] == "safe_address" and not dataset.existence_rows
        if row["person_id"] in people and shared and not secret:
            waits[row["wait_id"]] = row
    waiting = {row["person_id"] for row in waits.values()}
    kept = {p for p in people if p in waiting and (not dataset.cohort or p in concerned)}
    blockers = [
        row
        for row in table(ran, "blocker")
        if row["person_id"] in kept
        and waits.get(row["held_wait_id"], {}).get("person_id") == row["person_id"]
        and (row["holder_wait_id"] is None or row["holder_wait_id"] in waits)
        and (row["holder_person_id"] is None or row["holder_person_id"] in people)
        and (dataset.existence_rows or row["sensitivity"] != "safe_address")
    ]
    return {
        "person": [people[p] for p in kept],
        "person_wait": [row for row in waits.values() if row["person_id"] in kept],
        "blocker": blockers,
    }


def build_naively(ran: Ran, dataset: Dataset, permission: Permission, key: PseudonymKey) -> dict[str, list[Row]]:
    """Return the tables of the dataset, each sorted."""
    as_of = dt.date.fromisoformat(ran.run.manifest["as_of"])
    chosen = chosen_rows(ran, dataset, permission)
    homes = {row["person_id"]: row["household_id"] or row["person_id"] for row in chosen["person"]}

    def unit_of(row: Row) -> str:
        if dataset.unit == "row":
            return row["wait_id"]
        return homes[row["person_id"]] if dataset.unit == "household" else row["person_id"]

    def at(each: DatasetTable, level: int) -> list[tuple[Row, Row]]:
        rows = chosen[each.taken]
        counts = {column.name: Counter(row[column.taken] for row in rows) for column in each.columns}
        many = {name: {value for value, n in found.items() if n >= dataset.k} for name, found in counts.items()}
        return [
            (
                row,
                {
                    column.name: written(row[column.taken], column.ladder[level], as_of, many[column.name])
                    for column in each.columns
                },
            )
            for row in rows
        ]

    left = {unit_of(row) for rows in chosen.values() for row in rows if dataset.unit != "row" or "wait_id" in row}
    result: dict[str, list[Row]] = {each.name: [] for each in dataset.tables}
    for level in range(dataset.levels):
        said: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
        holders: dict[str, str] = {}
        levels = {each.name: at(each, level) for each in dataset.tables}
        for name, pairs in levels.items():
            for row, values in pairs:
                said[unit_of(row)][row["person_id"]].append((name, tuple(values.values())))
                holders[unit_of(row)] = row["person_id"] if dataset.unit == "row" else unit_of(row)
        alike: dict[str, set[str]] = defaultdict(set)
        likeness = {
            unit: repr(sorted(repr(sorted(map(repr, rows))) for rows in members.values()))
            for unit, members in said.items()
            if unit in left
        }
        for unit, text in likeness.items():
            alike[text].add(holders[unit])
        here = {unit for unit, text in likeness.items() if len(alike[text]) >= dataset.k}
        left -= here
        for each in dataset.tables:
            for row, values in levels[each.name]:
                if unit_of(row) in here:
                    ids = {"person": row["person_id"], "household": row.get("household_id"), "wait": row.get("wait_id")}
                    own = {kind: ids[kind] and pseudonym(key.secret, kind, ids[kind]) for kind in each.pseudonyms}
                    result[each.name].append({**own, **values})
    return {name: sorted(rows, key=order) for name, rows in result.items()}


def order(row: Row) -> list[tuple[bool, str]]:
    return [(value is None, value or "") for value in row.values()]
