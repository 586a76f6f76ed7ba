"""What a night of a feed of changes costs, beside reading all its days again.

    PYTHONPATH=src python benchmarks/extracts/changes.py --children 2000 --days 400 --a-day 40

Prints CPU seconds of laying all days anew, of the night that lays the last day alone, and of making records of the
state, and whether the two states are the same.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from braid.extracts.fold_state import Sent, fold
from braid.extracts.model import Reading, Source
from braid.extracts.retractions import hash_of
from braid.extracts.standards.csc_api import emit_state
from braid.extracts.standards.csc_shape import CHILD

T = TypeVar("T")


def main() -> None:
    """Write the days, lay them, and print what it cost."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, value in (("--children", 2000), ("--days", 400), ("--a-day", 40)):
        parser.add_argument(name, type=int, default=value)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sent = _write(folder, given.children, given.days, given.a_day)
        keep = folder / "keep"
        fold(sent[:-1], CHILD, keep)
        anew, whole = _timed(lambda: fold(sent, CHILD))
        night, kept = _timed(lambda: fold(sent, CHILD, keep))
        reading = Reading(Source("feed", "council", "csc_api", 2026), "", "")
        emitted, _ = _timed(lambda: emit_state(kept, lambda _: reading))
        records = sum(map(len, reading.records.values()))
        print(
            f"{given.children:,} children, {len(sent):,} days, {sum(one.path.stat().st_size for one in sent):,} bytes"
        )
        print(f"all days anew        {anew:6.2f} CPU seconds")
        print(f"the night            {night:6.2f} CPU seconds")
        print(f"records of the state {emitted:6.2f} CPU seconds, {records:,} records")
        print(f"the same state: {'yes' if kept.nodes == whole.nodes else 'NO'}")


def _write(folder: Path, children: int, days: int, a_day: int) -> list[Sent]:
    draw = random.Random(1)
    sent = []
    for day in range(days):
        date = (dt.date(2025, 1, 1) + dt.timedelta(days=day)).isoformat()
        keys = range(children) if day == 0 else (draw.randrange(children) for _ in range(a_day))
        path = folder / f"{date}.json"
        path.write_text(json.dumps([_payload(key, date, whole=day == 0) for key in keys]), encoding="utf-8")
        sent.append(Sent(date, path.name, hash_of(path), path))
    return sent


def _payload(key: int, date: str, *, whole: bool) -> dict[str, Any]:
    episode: dict[str, Any] = {"social_care_episode_id": f"S{key}", "closure_date": None if whole else date}
    if whole:
        episode |= {"referral_date": "2024-10-01", "referral_source": "4"}
        episode["child_and_family_assessments"] = [
            {"child_and_family_assessment_id": f"A{key}", "start_date": "2024-10-02", "factors": ["3B", "4A"]}
        ]
        episode["child_in_need_plans"] = [{"child_in_need_plan_id": f"P{key}", "start_date": "2024-11-01"}]
    details = {"child_details": {"date_of_birth": "2015-03-27", "sex": "F", "ethnicity": "WBRI"}} if whole else {}
    return {"la_child_id": f"C{key}", **details, "social_care_episodes": [episode]}


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    begun = time.process_time()
    found = work()
    return time.process_time() - begun, found


if __name__ == "__main__":
    main()
