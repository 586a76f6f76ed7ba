from __future__ import annotations

import math
from pathlib import Path

import pytest

from braid.people.comparisons import COMPARISONS
from braid.people.link_engine import count_levels, load_model
from braid.people.model import Facts, LinkageFailed
from braid.people.run import add_missing_tables
from braid.people.standardise import standardise
from braid.people.training import FIXED, TRUE_PAIRS_OF_POOL, label_by_numbers, train_model
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
    counts = {"birth": {"edit": (10_000, 500_000), "else": (0, 500_000)}, "nhs": {"equal": (1, 999), "else": (999, 1)}}
    new = train_model(old, counts, "test")
    assert new["version"] == "test"
    assert new["comparisons"]["birth"]["edit"][0] > 0.9 > old["comparisons"]["birth"]["edit"][0]
    assert new["comparisons"]["birth"]["else"][0] >= 0.0001, "a slip that nobody saw is not impossible"
    assert all(new["comparisons"][name] == old["comparisons"][name] for name in FIXED)


def test_nothing_counted_changes_nothing() -> None:
    old = load_model()
    new = train_model(old, {}, "test")
    for comparison in COMPARISONS:
        for level, pair in new["comparisons"][comparison.name].items():
            assert pair == pytest.approx(old["comparisons"][comparison.name][level], rel=1e-3)


def test_a_pair_of_standards_is_drawn_towards_all_and_one_with_few_pairs_has_none() -> None:
    old = load_release_without_pairs()
    all_levels = {"place": {"exact": (9_000, 100), "else": (1_000, 100_000)}}
    by_pair = {
        "police|wlmds": {"place": {"exact": (100, 0), "else": (300, 0)}},
        "cin|police": {"place": {"exact": (1, 0), "else": (3, 0)}},
    }
    new = train_model(old, all_levels, "test", by_pair)
    pool = new["comparisons"]["place"]["exact"][0]
    expected = (100 + TRUE_PAIRS_OF_POOL * pool) / (400 + TRUE_PAIRS_OF_POOL)
    assert new["source_pairs"]["police|wlmds"]["place"]["exact"] == pytest.approx(expected, rel=1e-3)
    assert 0.25 < expected < pool
    assert list(new["source_pairs"]) == ["police|wlmds"]


def load_release_without_pairs() -> dict[str, object]:
    return {**load_model(), "source_pairs": {}}


def test_records_of_one_trusted_number_are_one_person_to_train_on() -> None:
    facts = {"a": Facts({"nhs": "1"}), "b": Facts({"nhs": "1", "upn": "7"}), "c": Facts({"upn": "7"}), "d": Facts()}
    labels = label_by_numbers("abcd", facts)
    assert labels["a"] == labels["b"] == labels["c"] != labels["d"]
    assert label_by_numbers("dcba", facts) == labels


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
