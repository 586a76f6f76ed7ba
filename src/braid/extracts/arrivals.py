"""What of a feed came late, was corrected, came again or was taken back, by what the run before read of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from braid.extracts.run import FeedSummary

LATE, CORRECTED, SAME, GONE = "late", "corrected", "same", "gone"


def compare_feed(summary: FeedSummary, before: Mapping[str, Any] | None) -> dict[str, list[str]]:
    """Return dates and file names of a feed, by what became of them since the run before.

    `late`: extracts that came since and are of a day before the newest that was read then. `corrected`: files that have
    the date and name of one that was read then, and another content. `same`: files whose content was read then under
    another date or name. `gone`: files that were read then and are no longer there, though their
    extract is and nobody took them back.
    """
    found: dict[str, list[str]] = {LATE: [], CORRECTED: [], SAME: [], GONE: []}
    if before is None or before.get("as_of_date") is None:
        return found
    known, was = set(before.get("dates", ())), before["files"]
    if "dates" in before:
        found[LATE] = [date for date in summary.dates if date not in known and date < before["as_of_date"]]
    found[CORRECTED] = sorted(name for name, digest in summary.files.items() if was.get(name, digest) != digest)
    fresh = {name: digest for name, digest in summary.files.items() if name not in was}
    found[SAME] = sorted(name for name, digest in fresh.items() if digest in was.values())
    read = {str(PurePath(name).parent) for name in summary.files}
    missing = was.keys() - summary.files.keys() - {f"extracts/{summary.feed}/{name}" for name in summary.retracted}
    found[GONE] = sorted(name for name in missing if str(PurePath(name).parent) in read)
    return found
