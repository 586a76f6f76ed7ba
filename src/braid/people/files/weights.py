"""Starting weights for brought tables: how often true pairs agree is published, how often others do is counted.

The share of true pairs at a level (m) says how people and systems err, and is taken from `file_weights.json`. The share
of other pairs (u) says how common values are, which only the table itself can tell: it is counted over pairs taken
blindly, freed of the true pairs that are among them, and drawn towards the published one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from braid.people.comparisons import Comparison, Design
from braid.people.files.mapping import FileMapping

WEIGHTS_PATH = Path(__file__).with_name("file_weights.json")
PUBLISHED_PAIRS = 20_000.0
"""How many blind pairs the published u is worth."""


def load_weights(path: Path = WEIGHTS_PATH) -> Mapping[str, Any]:
    """Return the published weights: `version`, `threshold` (bits) and by comparison and level the pair `[m, u]`."""
    weights: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return weights


def kind_of(comparison: Comparison, mapping: FileMapping) -> str:
    if comparison.name.startswith("id_"):
        return "identifier"
    kinds = {f"value_{item.name}": item.kind for item in mapping.comparables}
    return kinds.get(comparison.name, comparison.name)


def make_model(
    weights: Mapping[str, Any],
    mapping: FileMapping,
    design: Design,
    blind: Mapping[str, Mapping[str, int]],
    record_count: int,
) -> dict[str, Any]:
    prior = min(0.5, 2 * design.true_pairs_per_record / max(1, record_count - 1))
    comparisons = {}
    for comparison in design.comparisons:
        kind = kind_of(comparison, mapping)
        published = _published(weights["comparisons"][kind], comparison)
        comparisons[comparison.name] = (
            published
            if kind == "identifier"
            else _with_counted(published, comparison, blind.get(comparison.name, {}), prior)
        )
    return {"version": weights["version"], "threshold": weights["threshold"], "comparisons": comparisons}


def _published(levels: Mapping[str, tuple[float, float]], comparison: Comparison) -> dict[str, list[float]]:
    found = {name: list(levels[name if name in levels else name.split("_")[0]]) for name in comparison.level_names}
    m_sum, u_sum = (sum(pair[side] for pair in found.values()) for side in (0, 1))
    return {name: [pair[0] / m_sum, pair[1] / u_sum] for name, pair in found.items()}


def _with_counted(
    published: Mapping[str, list[float]], comparison: Comparison, counts: Mapping[str, int], prior: float
) -> dict[str, list[float]]:
    total = sum(counts.get(level, 0) for level in comparison.level_names)
    found = {}
    for level in comparison.level_names:
        m, u = published[level]
        others = max(0.0, counts.get(level, 0) - prior * m * total)
        found[level] = [m, (others + PUBLISHED_PAIRS * u) / (total + PUBLISHED_PAIRS)]
    return found
