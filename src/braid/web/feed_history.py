"""What is published of each feed: how fresh it is, what the last runs read of it, what is missing, what changed.

Counts about files. It is for whoever reads sources: of a small feed they say how few people it holds.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from braid.language.feed_findings import FEED_SHAPE
from braid.language.freshness import Freshness, describe_freshness
from braid.store.lake import Lake, Run
from braid.store.place_folder import Feed, Place
from braid.web.charts import Bars, draw_bars
from braid.web.copying import rows_if_there
from braid.web.models import PublishedRun

RUNS = 12
"""Runs that are told of."""
MOST_MISSING = 60
"""Names of empty columns, and of what nobody mapped, that are told of a feed."""
BAR_LENGTH, BAR_HEIGHT = 110, 26
Document = dict[str, Any]


def feed_history(run: Run, place: Place) -> list[Document]:
    """Return a document for each feed of a place: who sends it, how often, and what the last runs read of it."""
    runs = _runs_until(run, place)
    missing = _missing(run)
    as_of = dt.date.fromisoformat(str(run.manifest["as_of"])) if run.manifest.get("as_of") else dt.date.max
    return [_feed_document(feed, place, runs, missing.get(feed.id, []), as_of) for feed in place.feeds]


def _runs_until(run: Run, place: Place) -> list[Run]:
    """Return the last runs up to this one by the day they speak of; of several of one day the one made last."""
    of_day: dict[str, Run] = {}
    known = sorted([*Lake(place.lake_folder).runs(), run], key=lambda one: str(one.manifest.get("made_at", "")))
    for one in known:
        day = str(one.manifest.get("as_of", ""))
        if day < str(run.manifest.get("as_of", "")):
            of_day[day] = one
    return [*(of_day[day] for day in sorted(of_day)[-RUNS + 1 :]), run]


def _missing(run: Run) -> dict[str, list[str]]:
    """Return of each feed the columns of its tables that no row fills."""
    found: dict[str, list[str]] = {}
    for row in rows_if_there(run, FEED_SHAPE.name, FEED_SHAPE.names):
        if row["measure"] == "filled" and row["value"] == 0 and row["base"] > 0:
            found.setdefault(row["feed"], []).append(f"{row['table_name']}.{row['column_name']}")
    return {feed: sorted(names)[:MOST_MISSING] for feed, names in found.items()}


def _feed_document(feed: Feed, place: Place, runs: Sequence[Run], missing: list[str], as_of: dt.date) -> Document:
    told = [(one, row) for one in runs for row in _read_stage(one) if row["feed"] == feed.id]
    return {
        "feed": feed.id,
        "organisation": place.organisation(feed.organisation).name,
        "standard": feed.standard,
        "service": feed.service,
        "every_days": place.rhythm_days(feed, as_of),
        "missing": missing,
        "told_again": _told_again(runs[-1]).get(feed.id, 0),
        "runs": [_run_document(one, row) for one, row in told],
        "issues": dict(told[-1][1].get("issues", {})) if told else {},
        "unmapped": _most(told[-1][1].get("unmapped", {})) if told else {},
        "unreadable": list(told[-1][1].get("unreadable", [])) if told else [],
    }


def _most(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:MOST_MISSING])


def _read_stage(run: Run) -> list[Document]:
    found: list[Document] = run.manifest.get("stages", {}).get("read", {}).get("feeds", [])
    return found


def _told_again(run: Run) -> dict[str, int]:
    """Return of each feed how many of its waits another feed of its organisation tells too."""
    found: dict[str, int] = run.manifest.get("stages", {}).get("waits", {}).get("told_again_by_feed", {})
    return found


def _run_document(run: Run, row: Mapping[str, Any]) -> Document:
    return {
        "run": run.id,
        "day": str(run.manifest.get("as_of", "")),
        "extract": row.get("as_of_date"),
        "rows_in": row.get("rows_in", 0),
        "rows_read": row.get("rows_read", 0),
        "rows_rejected": row.get("rows_rejected", 0),
        "issues": sum(row.get("issues", {}).values()),
        "unmapped": sum(row.get("unmapped", {}).values()),
        "alerts": [str(alert["words"]) for alert in row.get("alerts", [])],
    }


@dataclass(frozen=True)
class RunSeen:
    """What one run read of a feed. `extract_date` is empty where there was none."""

    run_id: str
    day: str
    extract_date: dt.date | None
    rows_in: int
    rows_read: int
    rows_rejected: int
    issues: int
    unmapped: int
    alerts: tuple[str, ...]


@dataclass(frozen=True)
class FeedSeen:
    """A feed as its page shows it. `runs` begin with the newest; there are none of a feed that no run has read."""

    feed: str
    organisation: str
    standard: str
    service: str
    freshness: Freshness | None
    runs: tuple[RunSeen, ...]
    rules: tuple[tuple[str, int], ...]
    unmapped: tuple[tuple[str, int], ...]
    unreadable: tuple[str, ...]
    missing: tuple[str, ...]
    told_again: int
    """Waits of it that another feed of its organisation tells too, each of which counts once."""

    @property
    def newest(self) -> RunSeen | None:
        """What the published run read of it."""
        return self.runs[0] if self.runs else None

    @property
    def alerts(self) -> tuple[str, ...]:
        """What of it changed suddenly in the published run."""
        return self.runs[0].alerts if self.runs else ()


def list_feeds(run: PublishedRun | None) -> tuple[FeedSeen, ...]:
    """Return the feeds of the published run: those with an alert first, then the late, then by name."""
    if run is None:
        return ()
    found = [_feed_seen(one, run.as_of_date) for one in run.feed_history]
    return tuple(sorted(found, key=lambda one: (not one.alerts, not _is_late(one), one.feed)))


def _is_late(feed: FeedSeen) -> bool:
    return feed.freshness is None or feed.freshness.is_late


def _feed_seen(document: Document, as_of: dt.date | None) -> FeedSeen:
    runs = tuple(_run_seen(one) for one in reversed(document["runs"]))
    extract = runs[0].extract_date if runs else None
    fresh = describe_freshness(extract, document["every_days"], as_of) if extract and as_of else None
    return FeedSeen(
        document["feed"],
        document["organisation"],
        document["standard"],
        document["service"],
        fresh,
        runs,
        _by_count(document["issues"]),
        _by_count(document["unmapped"]),
        tuple(document["unreadable"]),
        tuple(document["missing"]),
        document.get("told_again", 0),
    )


def _by_count(counts: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts.items(), key=lambda one: (-one[1], one[0])))


def _run_seen(document: Document) -> RunSeen:
    extract = document["extract"]
    return RunSeen(
        document["run"],
        document["day"],
        dt.date.fromisoformat(extract) if extract else None,
        document["rows_in"],
        document["rows_read"],
        document["rows_rejected"],
        document["issues"],
        document["unmapped"],
        tuple(document["alerts"]),
    )


def draw_rows(feed: FeedSeen) -> Bars:
    """Return the rows of the last runs as bars, the newest first."""
    return draw_bars([(one.day, one.rows_in) for one in feed.runs], BAR_LENGTH, BAR_HEIGHT)
