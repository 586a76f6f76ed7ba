"""How many errors a hundred looks at the queue of links under review find.

    python benchmarks/link_reviews.py DIR [DIR ...]    place folders with a run and a truth/

Read from `link_review` of the visible run against the truth: a look finds an error where the two records are joined and
two people, or apart and one. Told of the first 20, 50, 100, 200 and of all, and by cause.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(REPOSITORY / "src")]

from braid.pipeline import open_run  # noqa: E402 - the path is set first
from braid.store.lake import Lake  # noqa: E402
from braid.store.place_folder import Place, load_place  # noqa: E402

FIRST = (20, 50, 100, 200)


def read_looks(place: Place) -> list[tuple[str, bool]]:
    """Return of each pair of the queue, in order, its cause and whether a look at it finds an error."""
    run = Lake(place.lake_folder).current()
    if run is None:
        raise SystemExit(f"{place.name} has no run; make one first: braid run {place.folder}")
    with (place.folder / "truth" / "people.csv").open(encoding="utf-8", newline="") as file:
        truth = {(row["feed"], row["partner_record_id"]): row["true_person_id"] for row in csv.DictReader(file)}
    with closing(open_run(run, names=("link_review", "person_record"))) as engine:
        rows: list[dict[str, Any]] = engine.rows(
            "select v.cause, v.is_joined, a.feed as feed_a, a.partner_record_id as key_a, b.feed as feed_b,"
            " b.partner_record_id as key_b from link_review v join person_record a on a.record_id = v.record_a"
            " join person_record b on b.record_id = v.record_b where v.position > 0 order by v.position"
        )
    looks = []
    for row in rows:
        one, other = (row["feed_a"], row["key_a"]), (row["feed_b"], row["key_b"])
        is_same = truth.get(one, one) == truth.get(other, other)  # a broken row is nobody's in the truth
        looks.append((row["cause"], row["is_joined"] != is_same))
    return looks


def main() -> None:
    """Print a table for each place."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    for folder in parser.parse_args().folders:
        looks = read_looks(load_place(folder))
        print(f"{folder}: {len(looks)} pairs, {sum(is_wrong for _, is_wrong in looks)} errors")
        for most in (*(one for one in FIRST if one < len(looks)), len(looks)):
            found = sum(is_wrong for _, is_wrong in looks[:most])
            print(f"  first {most:>4}: {found:>4} errors, {100 * found / max(most, 1):.0f} a hundred looks")
        asked, found_by = Counter(cause for cause, _ in looks), Counter(cause for cause, is_wrong in looks if is_wrong)
        for cause, count in asked.most_common():
            print(f"  {cause:<16} {count:>4} asked, {found_by[cause]:>4} errors")


if __name__ == "__main__":
    main()
