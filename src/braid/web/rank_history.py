"""What changed of ranks in the runs before the published one, a day each, as far as it may be published."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

import pyarrow.parquet as pq

from braid.language.priority_findings import PRIORITY_RULE, RANK_CHANGE
from braid.store.lake import Lake, Run
from braid.store.place_folder import Place

Key = tuple[str, str]
Change = dict[str, Any]

SHOWN_CAUSES = ("joined", "rule_changed", "reasons_changed", "longest_changed")
"""Not that two records were joined or parted, nor that others moved: both say something of somebody else."""
OF_OTHER_RULES = ("joined", "rule_changed", "reasons_changed")
"""What is told of a run under another version: its reasons are not those of today, nor what they rest on."""
KEPT_DAYS = 365
"""As long as people count among those whom the rules placed after they left."""


def read_changes(run: Run, waiting: Collection[str]) -> dict[Key, Change]:
    """Return of each problem and person what changed in a run: {causes, gained, lost}; only of those who wait."""
    path = run.table(RANK_CHANGE.name)
    if not path.is_file():
        return {}
    names = ["problem", "person_id", "cause", "gained", "lost"]
    found: dict[Key, Change] = {}
    for row in pq.read_table(path, columns=names, filters=[("cause", "in", SHOWN_CAUSES)]).to_pylist():
        if row["person_id"] in waiting:
            known = found.setdefault((row["problem"], row["person_id"]), {"causes": []})
            known["causes"] = sorted([*known["causes"], row["cause"]])
            known |= {name: (row[name] or "").split() for name in ("gained", "lost")}
    return found


def read_earlier(run: Run, place: Place, waiting: Collection[str]) -> dict[Key, list[Change]]:
    """Return the changes of the last run of each earlier day of a year, newest first, each with its `as_of`."""
    digests = _digests(run)
    found: dict[Key, list[Change]] = {}
    for day, earlier in sorted(_runs_before(run, place).items(), reverse=True):
        then = _digests(earlier)
        for key, change in read_changes(earlier, waiting).items():
            if then.get(key[0]) != digests.get(key[0]):
                causes = [cause for cause in change["causes"] if cause in OF_OTHER_RULES]
                change = {"causes": causes, "gained": [], "lost": []}
            if change["causes"]:
                found.setdefault(key, []).append({"as_of": day, **change})
    return found


def _runs_before(run: Run, place: Place) -> Mapping[str, Run]:
    """Return the last run of each earlier day, by day."""
    as_of = str(run.manifest.get("as_of") or "")
    if not as_of:
        return {}
    oldest = (dt.date.fromisoformat(as_of) - dt.timedelta(days=KEPT_DAYS)).isoformat()
    runs = sorted(Lake(place.lake_folder).runs(), key=lambda each: str(each.manifest.get("made_at") or ""))
    return {day: each for each in runs if oldest <= (day := str(each.manifest.get("as_of") or "")) < as_of}


def _digests(run: Run) -> dict[str, str]:
    path = run.table(PRIORITY_RULE.name)
    if not path.is_file():
        return {}
    return {row["problem"]: row["digest"] for row in pq.read_table(path, columns=["problem", "digest"]).to_pylist()}
