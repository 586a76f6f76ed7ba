"""How good the links are, against a truth: pairwise and B-cubed, overall and by pair of sources."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Set
from dataclasses import dataclass
from math import comb


@dataclass(frozen=True)
class Score:
    """Precision, recall and F1, each 0 to 1, with the counts behind them."""

    precision: float
    recall: float
    f1: float
    true_positive: int
    found: int
    true: int


def score_pairs(found: Mapping[str, Hashable], truth: Mapping[str, Hashable]) -> Score:
    """Score the pairs implied by `found` (record to person) against those implied by `truth`, over records in both."""
    shared = found.keys() & truth.keys()
    both = _pairs(Counter((found[record], truth[record]) for record in shared))
    return _score(both, _pairs(Counter(found[r] for r in shared)), _pairs(Counter(truth[r] for r in shared)))


def score_b_cubed(found: Mapping[str, Hashable], truth: Mapping[str, Hashable]) -> tuple[float, float, float]:
    """Return B-cubed precision, recall and F1: the mean over records of how pure and how whole its group is."""
    shared = found.keys() & truth.keys()
    if not shared:
        return (1.0, 1.0, 1.0)
    both = Counter((found[record], truth[record]) for record in shared)
    by_found = Counter(found[record] for record in shared)
    by_truth = Counter(truth[record] for record in shared)
    precision = sum(count * count / by_found[group] for (group, _), count in both.items()) / len(shared)
    recall = sum(count * count / by_truth[person] for (_, person), count in both.items()) / len(shared)
    return (precision, recall, _f1(precision, recall))


def score_by_source_pair(
    found: Mapping[str, Hashable], truth: Mapping[str, Hashable], source_of: Mapping[str, str]
) -> dict[tuple[str, str], Score]:
    """Score pairs between every two sources (and within one), by the sorted pair of source names."""
    shared = found.keys() & truth.keys()
    both = _cross(Counter(((found[r], truth[r]), source_of[r]) for r in shared))
    ours = _cross(Counter((found[r], source_of[r]) for r in shared))
    true = _cross(Counter((truth[r], source_of[r]) for r in shared))
    return {pair: _score(both[pair], ours[pair], true[pair]) for pair in sorted(ours.keys() | true.keys())}


def score_by_group(
    found: Mapping[str, Hashable], truth: Mapping[str, str], group_of: Mapping[str, str]
) -> dict[str, Score]:
    """Score pairs for each group of true persons; `group_of` gives the group of a true person.

    A true pair is of its person's group; a pair that was found is of every group that one of its records is of.
    """
    shared = [record for record in found.keys() & truth.keys() if truth[record] in group_of]
    both, ours, true = _cross_groups(shared, found, truth, group_of)
    return {group: _score(both[group], ours[group], true[group]) for group in sorted(set(group_of.values()))}


def _cross_groups(
    records: list[str], found: Mapping[str, Hashable], truth: Mapping[str, str], group_of: Mapping[str, str]
) -> tuple[Counter[str], Counter[str], Counter[str]]:
    both: Counter[str] = Counter()
    true: Counter[str] = Counter()
    for person, count in Counter(truth[record] for record in records).items():
        true[group_of[person]] += comb(count, 2)
    for (_, person), count in Counter((found[record], truth[record]) for record in records).items():
        both[group_of[person]] += comb(count, 2)
    of_group = Counter((found[record], group_of[truth[record]]) for record in records)
    size = Counter(found[record] for record in records)
    ours: Counter[str] = Counter()
    for (person_id, group), count in of_group.items():
        ours[group] += comb(size[person_id], 2) - comb(size[person_id] - count, 2)
    return both, ours, true


def _cross(counts: Counter[tuple[Hashable, str]]) -> Counter[tuple[str, str]]:
    by_group: dict[Hashable, list[tuple[str, int]]] = defaultdict(list)
    for (group, source), count in counts.items():
        by_group[group].append((source, count))
    pairs: Counter[tuple[str, str]] = Counter()
    for sources in by_group.values():
        ordered = sorted(sources)
        for place, (source, count) in enumerate(ordered):
            pairs[source, source] += comb(count, 2)
            for other, other_count in ordered[place + 1 :]:
                pairs[source, other] += count * other_count
    return Counter({pair: count for pair, count in pairs.items() if count})


def _pairs(counts: Counter[Hashable]) -> int:
    return sum(comb(count, 2) for count in counts.values())


def _score(both: int, found: int, true: int) -> Score:
    precision = both / found if found else 1.0
    recall = both / true if true else 1.0
    return Score(precision, recall, _f1(precision, recall), both, found, true)


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


@dataclass(frozen=True)
class ProtectionScore:
    """How well the safe addresses are kept, against a place whose truth is known. Every field counts persons.

    `true` truly protected persons with records; `kept` those of them of whom no person we describe has a district that
    may be shown; `leaks` persons we describe with a district although they truly are protected; `not_shown` persons
    without a district that may be shown, and `not_shown_protected` how many of these truly are protected: the smaller
    their share, the less "not known" says.
    """

    true: int
    kept: int
    leaks: int
    not_shown: int
    not_shown_protected: int


def score_protection(
    persons: Mapping[str, bool], links: Mapping[str, str], truth: Mapping[str, str], protected: Set[str]
) -> ProtectionScore:
    """Score protection: `persons` says of each person id whether a district may be shown, `links` gives the person of a
    record, `truth` its true person, and `protected` holds the true persons whom a safe address protects.
    """
    described: dict[str, set[str]] = defaultdict(set)
    for record, person_id in links.items():
        if truth.get(record) in protected:
            described[truth[record]].add(person_id)
    shown = {person_id for person_id, may_be_shown in persons.items() if may_be_shown}
    truly = {person_id for people in described.values() for person_id in people}
    return ProtectionScore(
        true=len(described),
        kept=sum(not people & shown for people in described.values()),
        leaks=len(truly & shown),
        not_shown=len(persons.keys() - shown),
        not_shown_protected=len(truly - shown),
    )
