"""How often sudden changes are told of feeds that did not change, and how often of those that did.

    PYTHONPATH=src python benchmarks/extracts/feed_alerts.py --people 2000 --weeks 16 --seeds 3

Weekly extracts of fictional places are read and measured as a run does. Each extract from the third on is compared with
those before it: an alert is false, since nobody changed how the files are made. Then one change at a time is made to
the newest shape of each feed that is large enough for it, and it is counted whether an alert names it.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from contextlib import closing
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "src"), str(REPOSITORY / "tests")]

from braid.example.write import write_example  # noqa: E402
from braid.extracts.feed_alerts import Shape, find_alerts  # noqa: E402
from braid.extracts.feed_shape import create_feed_shape, shape_of  # noqa: E402
from braid.extracts.run import gather, read_place  # noqa: E402
from braid.pipeline import new_engine  # noqa: E402
from braid.store.place_folder import load_place  # noqa: E402
from extracts.feed_changes import CHANGES, change_shape  # noqa: E402


def measure(folder: Path) -> dict[str, list[Shape]]:
    """Return the shapes of each feed of a place, oldest extract first."""
    place = load_place(folder)
    found: dict[str, list[Shape]] = {feed.id: [] for feed in place.feeds}
    for day in place.extract_dates():
        with tempfile.TemporaryDirectory() as parts, closing(new_engine(Path(parts))) as engine:
            summaries = read_place(place, day, Path(parts) / "parts", 1)
            gather(engine, Path(parts) / "parts")
            create_feed_shape(engine, summaries)
            rows = engine.rows("select * from feed_shape")
        for summary in summaries:
            if summary.as_of_date == day.isoformat():
                found[summary.feed].append(shape_of(row for row in rows if row["feed"] == summary.feed))
    return found


def main() -> None:
    """Print the rates as one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=2000)
    parser.add_argument("--weeks", type=int, default=16)
    parser.add_argument("--seeds", type=int, default=3)
    asked = parser.parse_args()
    compared, false, told, tried = 0, Counter(), Counter(), Counter()
    for seed in range(1, asked.seeds + 1):
        with tempfile.TemporaryDirectory() as folder:
            write_example(Path(folder) / "place", asked.people, seed, asked.weeks)
            shapes = measure(Path(folder) / "place")
        for series in shapes.values():
            for position in range(2, len(series)):
                compared += 1
                alerts = find_alerts(series[position], series[:position])
                false.update(one.kind for one in alerts)
                false["any"] += bool(alerts)
            if len(series) < 3:
                continue
            for change in CHANGES:
                changed, wanted = change_shape(series[-1], change)
                if changed is not None:
                    tried[change] += 1
                    told[change] += any(one.kind in wanted for one in find_alerts(changed, series[:-1]))
    rates = {change: {"tried": tried[change], "told": told[change]} for change in CHANGES}
    print(json.dumps({"extracts": compared, "false": dict(false), "changes": rates}, indent=1))


if __name__ == "__main__":
    main()
