"""A linkage model from counted levels: how often true pairs, and pairs taken blindly, reach each level of agreement.

Training is rare; nights use the frozen model. What is counted is drawn towards the model that stood before, so that a
level nobody happened to reach keeps a sensible weight. Identifiers are not trained: how often two people share one by
chance follows from how they are given out, and a place that is short of mistakes must not make them look certain.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from braid.people.comparisons import COMPARISONS, Comparison

IDENTIFIERS = ("nhs", "upn", "la_child", "nino")
TRUE_PAIRS_OF_OLD_MODEL = 200.0
"""How many true pairs the model that stood before is worth."""
BLIND_PAIRS_OF_OLD_MODEL = 20_000.0
"""How many blind pairs it is worth."""

Counts = Mapping[str, Mapping[str, tuple[int, int]]]
"""By comparison and level: true pairs and blind pairs."""


def train_model(old: Mapping[str, Any], counts: Counts, version: str) -> dict[str, Any]:
    """Return the model `old` with its m and u moved to what was counted, under a new version."""
    comparisons = {
        comparison.name: old["comparisons"][comparison.name]
        if comparison.name in IDENTIFIERS
        else _train_one(comparison, old["comparisons"][comparison.name], counts.get(comparison.name, {}))
        for comparison in COMPARISONS
    }
    return {**old, "version": version, "comparisons": comparisons}


def _train_one(
    comparison: Comparison, old: Mapping[str, tuple[float, float]], counts: Mapping[str, tuple[int, int]]
) -> dict[str, list[float]]:
    levels = comparison.level_names
    true_pairs = sum(counts.get(level, (0, 0))[0] for level in levels)
    blind_pairs = sum(counts.get(level, (0, 0))[1] for level in levels)
    trained = {}
    for level in levels:
        true, blind = counts.get(level, (0, 0))
        m = (true + TRUE_PAIRS_OF_OLD_MODEL * old[level][0]) / (true_pairs + TRUE_PAIRS_OF_OLD_MODEL)
        u = (blind + BLIND_PAIRS_OF_OLD_MODEL * old[level][1]) / (blind_pairs + BLIND_PAIRS_OF_OLD_MODEL)
        trained[level] = [float(f"{m:.4g}"), float(f"{u:.4g}")]
    return trained
