"""Weights from counted levels: how often true pairs, and pairs taken blindly, reach each level of agreement.

Training is rare; nights use the frozen release. What is counted is drawn towards the release that stood before, so that
a level nobody happened to reach keeps a sensible weight, and the levels of a pair of standards towards those of all:
police are not hospitals, but a pair of sources with few people in common says little by itself.

Identifiers are not trained: how often two people share one by chance follows from how they are given out, and a place
that is short of mistakes must not make them look certain.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from braid.people.comparisons import COMPARISONS, Comparison
from braid.people.model import Facts

IDENTIFIERS = ("nhs", "upn", "la_child", "nino")
FIXED = (*IDENTIFIERS, "sex")
"""What is not trained. Of links of hospital records to the NHS register 0.11 % disagree on sex or birth date."""
LEAST_AGAINST = 1e-4
"""The least share of true pairs at a level that speaks against one person: a place that has seen no such slip yet must
not take it for impossible."""
TRUE_PAIRS_OF_OLD_MODEL = 200.0
"""How many true pairs the release that stood before is worth."""
BLIND_PAIRS_OF_OLD_MODEL = 20_000.0
"""How many blind pairs it is worth."""
TRUE_PAIRS_OF_POOL = 200.0
"""How many true pairs the levels of all sources are worth beside those of one pair of standards."""
FEWEST_TRUE_PAIRS = 50
"""A pair of standards with fewer true pairs has the levels of all."""
BY_PAIR = ("forename", "surname", "middle", "birth", "place")
"""What is written otherwise from source to source."""

REGISTER_EQUAL_BITS = 21.7
"""What an equal number of a register weighs: the published weight of a trusted identifier in the Core Person Record of
HM Prison and Probation Service (Ministry of Justice, 2026). Chance alone would give the logarithm of the numbers in
issue, some 26 bits of NHS numbers; the rest is numbers copied from one person to another."""
REGISTER_UNEQUAL_SHARE = 0.002
"""How often two records of one person hold two unequal numbers of a register, both with a check that holds: the same
release gives 0.001, and audited pairs stay under this."""

Levels = Mapping[str, tuple[int, int]]
Counts = Mapping[str, Levels]
"""By comparison and level: true pairs and blind pairs."""


def register_levels() -> dict[str, list[float]]:
    """Return the levels of a number of which each person has one, with a check: fixed, whatever is counted."""
    m = 1 - REGISTER_UNEQUAL_SHARE
    u = float(f"{m / 2**REGISTER_EQUAL_BITS:.3g}")
    return {"equal": [m, u], "else": [REGISTER_UNEQUAL_SHARE, 1 - u]}


def train_model(
    old: Mapping[str, Any], counts: Counts, version: str, by_pair: Mapping[str, Counts] | None = None
) -> dict[str, Any]:
    """Return the release `old` with its m and u moved to what was counted, under a new version.

    `by_pair` are the counts by pair of standards; without them a new release has none of its own.
    """
    comparisons = {
        comparison.name: old["comparisons"][comparison.name]
        if comparison.name in FIXED
        else _train_one(comparison, old["comparisons"][comparison.name], counts.get(comparison.name, {}))
        for comparison in COMPARISONS
    }
    found = {pair: _train_pair(comparisons, levels) for pair, levels in sorted((by_pair or {}).items())}
    source_pairs = {pair: levels for pair, levels in found.items() if levels}
    return {**old, "version": version, "comparisons": comparisons, "source_pairs": source_pairs}


def _train_one(
    comparison: Comparison, old: Mapping[str, tuple[float, float]], counts: Levels
) -> dict[str, list[float]]:
    levels = comparison.level_names
    true_pairs = sum(counts.get(level, (0, 0))[0] for level in levels)
    blind_pairs = sum(counts.get(level, (0, 0))[1] for level in levels)
    trained = {}
    for level in levels:
        true, blind = counts.get(level, (0, 0))
        m = (true + TRUE_PAIRS_OF_OLD_MODEL * old[level][0]) / (true_pairs + TRUE_PAIRS_OF_OLD_MODEL)
        u = (blind + BLIND_PAIRS_OF_OLD_MODEL * old[level][1]) / (blind_pairs + BLIND_PAIRS_OF_OLD_MODEL)
        m = max(m, min(u, LEAST_AGAINST))
        trained[level] = [float(f"{m:.4g}"), float(f"{u:.4g}")]
    return trained


def _train_pair(pool: Mapping[str, Mapping[str, Any]], counts: Counts) -> dict[str, dict[str, float]]:
    """Return m by comparison and level for one pair of standards, drawn towards that of all."""
    found: dict[str, dict[str, float]] = {}
    for comparison in COMPARISONS:
        levels = counts.get(comparison.name, {})
        true_pairs = sum(levels.get(level, (0, 0))[0] for level in comparison.level_names)
        if comparison.name in BY_PAIR and true_pairs >= FEWEST_TRUE_PAIRS:
            found[comparison.name] = {
                level: float(
                    f"{_shrunk(levels.get(level, (0, 0))[0], true_pairs, pool[comparison.name][level][0]):.4g}"
                )
                for level in comparison.level_names
            }
    return found


def _shrunk(true: int, true_pairs: int, m: float) -> float:
    return (true + TRUE_PAIRS_OF_POOL * m) / (true_pairs + TRUE_PAIRS_OF_POOL)


def label_by_numbers(record_ids: Iterable[str], facts: Mapping[str, Facts]) -> dict[str, str]:
    """Return a person of each record that holds a trusted number: pairs to train on where nobody knows the truth.

    Records of one number are one person, and a person with two numbers of two registers is one too. Records without any
    stand for themselves. People who hold numbers are better recorded than others, so what is learned of slips is a
    lower bound.
    """
    person_of = {record_id: record_id for record_id in sorted(record_ids)}
    holder: dict[tuple[str, str], str] = {}
    for record_id in person_of:
        for number in sorted(facts[record_id].claims.items()) if record_id in facts else ():
            first = _root(person_of, holder.setdefault(number, record_id))
            person_of[_root(person_of, record_id)] = first
    return {record_id: _root(person_of, record_id) for record_id in person_of}


def _root(person_of: dict[str, str], record_id: str) -> str:
    while person_of[record_id] != record_id:
        person_of[record_id] = person_of[person_of[record_id]]
        record_id = person_of[record_id]
    return record_id
