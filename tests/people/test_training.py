from __future__ import annotations

import math
from pathlib import Path

import pytest

from braid.people.comparisons import COMPARISONS
from braid.people.link_engine import count_levels, load_model
from braid.people.model import LinkageFailed
from braid.people.run import add_missing_tables
from braid.people.standardise import standardise
from braid.people.training import IDENTIFIERS, train_model
from people.little_place import make_place


def test_the_shipped_model_is_a_model() -> None:
    model = load_model()
    for comparison in COMPARISONS:
        pairs = model["comparisons"][comparison.name].values()
        for side in (0, 1):
            assert math.isclose(sum(pair[side] for pair in pairs), 1.0, abs_tol=0.01)
            assert all(0 < pair[side] < 1 for pair in pairs)
        best, worst = comparison.level_names[0], comparison.level_names[-1]
        weight = {name: math.log2(m / u) for name, (m, u) in model["comparisons"][comparison.name].items()}
        assert weight[best] > 0 > weight[worst]


def test_training_moves_towards_the_counts_and_leaves_identifiers() -> None:
    old = load_model()
    counts = {"sex": {"equal": (10_000, 500_000), "else": (0, 500_000)}, "nhs": {"equal": (1, 999), "else": (999, 1)}}
    new = train_model(old, counts, "test")
    assert new["version"] == "test"
    assert new["comparisons"]["sex"]["equal"][0] > old["comparisons"]["sex"]["equal"][0]
    assert all(new["comparisons"][name] == old["comparisons"][name] for name in IDENTIFIERS)


def test_nothing_counted_changes_nothing() -> None:
    old = load_model()
    new = train_model(old, {}, "test")
    for comparison in COMPARISONS:
        for level, pair in new["comparisons"][comparison.name].items():
            assert pair == pytest.approx(old["comparisons"][comparison.name][level], rel=1e-3)


def test_levels_of_true_and_blind_pairs_are_counted() -> None:
    place = make_place(households=60, seed=3)
    engine = place.engine()
    add_missing_tables(engine)
    counts = count_levels(standardise(engine), place.truth, "500MB")
    engine.close()
    true_pairs, blind_pairs = (sum(pair[side] for pair in counts["sex"].values()) for side in (0, 1))
    people = list(place.truth.values())
    assert true_pairs == sum(people.count(person) * (people.count(person) - 1) // 2 for person in set(people))
    assert blind_pairs > true_pairs
    assert counts["birth"]["exact"][0] > 0.8 * sum(
        pair[0] for name, pair in counts["birth"].items() if name != "missing"
    )


def test_a_model_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    path.write_text('{"version": "x", "threshold": 4, "comparisons": {}}', encoding="utf-8")
    with pytest.raises(LinkageFailed):
        load_model(path)
