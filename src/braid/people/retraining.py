"""A new linkage release from the records of a place, and what would change with it: made rarely, looked at first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from math import comb

from braid.people.facts import read_facts, read_standards
from braid.people.link_engine import ALL_PAIRS, count_frequencies, count_levels_by_pair, find_edges
from braid.people.model import LinkageFailed
from braid.people.release import Release, made_for
from braid.people.sources import NOT_SAID, FeedTrust
from braid.people.standardise import standardise
from braid.people.training import label_by_numbers, train_model
from braid.store.engine import Engine

FEWEST_TRUE_PAIRS = 200
"""Pairs from which a release is trained: fewer would say less than the release that stands."""


def make_release(
    engine: Engine,
    old: Release,
    version: str,
    memory_limit: str,
    truth: Mapping[str, str] | None = None,
    said: FeedTrust = NOT_SAID,
) -> Release:
    """Return a release made of the source records of `engine`, drawn towards `old`.

    Pairs that are one person are those of one trusted number, or those of `truth` (record to person) where somebody
    knows it. Raises `LinkageFailed` where there are too few of them.
    """
    records, standards = standardise(engine), read_standards(engine)
    labels = truth or label_by_numbers(records.column("record_id").to_pylist(), read_facts(engine, records, said))
    counts = count_levels_by_pair(records, labels, memory_limit, standards)
    pairs = sum(comb(held, 2) for held in Counter(labels.values()).values())
    if pairs < FEWEST_TRUE_PAIRS:
        raise LinkageFailed(
            f"{pairs} pairs of records are known to be one person, and {FEWEST_TRUE_PAIRS} are needed; stay with the"
            " release that stands until more feeds have numbers in common"
        )
    by_pair = {pair: levels for pair, levels in counts.items() if pair != ALL_PAIRS}
    trained = {
        **train_model(old, counts[ALL_PAIRS], version, by_pair),
        "made_for": made_for(),
        "trained_on": {"pairs_by": "truth" if truth else "numbers", "true_pairs": pairs, "records": records.num_rows},
        "term_frequencies": count_frequencies(records, memory_limit),
    }
    levels = find_edges(records, trained, memory_limit, standards=standards).levels
    return {**trained, "edge_levels": {name: dict(counted) for name, counted in levels.items()}}


@dataclass(frozen=True)
class LinkChanges:
    """What another release makes of the same records, in pairs of records and in persons."""

    links: int
    links_made: int
    links_lost: int
    persons: int
    persons_then: int


def count_changes(now: Mapping[str, Hashable], then: Mapping[str, Hashable]) -> LinkChanges:
    """Return how the links of `then` differ from those of `now`; both map the same records to persons.

    Raises `KeyError` where one of them lacks a record.
    """
    ours, theirs = _pairs(Counter(now.values())), _pairs(Counter(then.values()))
    both = _pairs(Counter((now[record], then[record]) for record in now.keys() | then.keys()))
    return LinkChanges(ours, theirs - both, ours - both, len(set(now.values())), len(set(then.values())))


def _pairs(sizes: Counter[Hashable]) -> int:
    return sum(comb(held, 2) for held in sizes.values())
