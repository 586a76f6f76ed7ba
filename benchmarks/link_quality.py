"""How often linking errs by the drawn sample, were it answered by the truth, beside what is true.

    python benchmarks/link_quality.py DIR [DIR ...]    place folders with a run and a truth/

Read from the sample of the visible run, which is to be the one that drew it; nothing is written. The truth is that of
`braid link quality DIR --against truth`.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter, defaultdict
from contextlib import closing
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(REPOSITORY / "src")]

from braid.cli.link_quality import score_truth  # noqa: E402 - the path is set first
from braid.cli.truth import read_people  # noqa: E402
from braid.people.estimates import Estimate  # noqa: E402
from braid.people.link_quality import LinkQuality, reckon  # noqa: E402
from braid.people.sampling import JOINED  # noqa: E402
from braid.pipeline import open_run  # noqa: E402
from braid.problems.priority.link_quality import words_of  # noqa: E402
from braid.store.lake import Lake, Run  # noqa: E402
from braid.store.place_folder import Place, load_place  # noqa: E402

NAMES = ("link_frame", "link_sample", "link_sample_group", "person_record")


def answer_by_truth(place: Place, run: Run) -> LinkQuality:
    """Return what the sample says where each pair is answered by the truth."""
    known = read_people(place)
    with closing(open_run(run, names=NAMES)) as engine:
        rows = engine.rows("select record_id, feed, partner_record_id from person_record")
        frame = engine.rows("select * from link_frame")
        drawn = engine.rows("select record_a, record_b, stratum from link_sample order by asked_order")
        grouped = engine.rows("select * from link_sample_group")
    true = {row["record_id"]: known.get((row["feed"], row["partner_record_id"])) for row in rows}
    strata = {(row["record_a"], row["record_b"]): row["stratum"] for row in drawn}
    groups = defaultdict(list)
    for row in grouped:
        groups[row["record_a"], row["record_b"]].append((row["characteristic"], row["group_code"]))
    labels = {}
    for pair, stratum in strata.items():
        one, other = (true[record] for record in pair)
        labels[pair] = one == other if one and other else stratum in JOINED  # a broken row counts as right
    return reckon(frame, strata, groups, labels)


def main() -> None:
    """Print strata, and estimates beside the truth of groups of 100 links or more, for each place."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    for folder in parser.parse_args().folders:
        place = load_place(folder)
        run = Lake(place.lake_folder).current()
        if run is None:
            raise SystemExit(f"{place.name} has no run; make one first: braid run {folder}")
        quality = answer_by_truth(place, run)
        print(f"{folder}: {quality.drawn} pairs drawn")
        for each in quality.strata:
            print(f"  {each.stratum:<15} {each.pairs:>7} pairs, {each.drawn:>4} drawn")
        truth = {(row["what"], row["group"]): row for row in score_truth(place, run)}
        held: Counter[str] = Counter()
        for group in quality.groups:
            row = truth.get(words_of(group.characteristic, group.group_code))
            if row is None or group.links < 100 or group.false is None or group.missed is None:
                continue
            told = {"false": (group.false, row["false_share"]), "missed": (group.missed, row["missed_share"])}
            for what, (found, share) in told.items():
                held[what] += found.low - 1e-9 <= share <= found.high + 1e-9
                held[f"{what} groups"] += 1
            words = ", ".join(f"{what} {_words(*both)}" for what, both in told.items())
            print(f"  {row['what']}: {row['group']}: {words}; of all {100 * row['missed_share_of_all']:.1f}")
        print(f"  truth within the interval: {dict(held)}")


def _words(found: Estimate, share: float) -> str:
    low, high = 100 * found.low, 100 * found.high
    return f"{100 * found.number:.1f} ({low:.1f} to {high:.1f}), true {100 * share:.1f}"


if __name__ == "__main__":
    main()
