"""Published sets with known answers, linked as brought files: a guard against getting worse; no claim is made on them.

Each floor stands a little below what was measured when it was written, so that no other way of linking passes by
chance: joining nobody has recall 0, joining everybody precision near 0.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from braid.people.files.linking import link_tables, score_clusters
from braid.people.files.mapping import load_file_mapping
from braid.people.files.tables import read_tables
from shared import shared_folder

MAPPINGS = Path(__file__).with_name("file_mappings")
slow = pytest.mark.slow

SETS = [
    pytest.param(("fake_1000",), "unique_id", "cluster", "fake_1000", (0.99, 0.74, 0.99, 0.80), id="fake_1000"),
    pytest.param(("febrl3",), "rec_id", "cluster", "febrl3", (0.999, 0.995, 0.999, 0.995), id="febrl3"),
    pytest.param(
        ("febrl4a", "febrl4b"), "rec_id", "cluster", "febrl4", (0.999, 0.997, 0.999, 0.998), id="febrl4", marks=slow
    ),
    pytest.param(
        ("historical_50k",),
        "unique_id",
        "cluster",
        "historical_50k",
        (0.97, 0.86, 0.985, 0.865),
        id="historical",
        marks=slow,
    ),
    pytest.param(
        ("pseudopeople_default",),
        "record_id",
        "simulant_id",
        "pseudopeople_default",
        (0.994, 0.99, 0.997, 0.993),
        id="pseudopeople",
        marks=slow,
    ),
]


@pytest.mark.parametrize(("files", "id_column", "truth_column", "mapping", "floors"), SETS)
def test_a_set_is_linked_as_well_as_before(
    files: tuple[str, ...], id_column: str, truth_column: str, mapping: str, floors: tuple[float, ...]
) -> None:
    document = load_file_mapping(MAPPINGS / f"{mapping}.toml")
    paths = [shared_folder("labelled", f"{name}.parquet") for name in files]
    brought = read_tables(paths, document, id_column, truth_column)
    linked = link_tables(brought, document)
    pairs, b_cubed = score_clusters(linked.clusters, brought.truth)
    reached = (pairs["precision"], pairs["recall"], b_cubed["precision"], b_cubed["recall"])
    assert all(value >= floor for value, floor in zip(reached, floors, strict=True)), reached


def test_training_on_a_file_finds_more_of_its_people() -> None:
    document = load_file_mapping(MAPPINGS / "fake_1000.toml")
    brought = read_tables([shared_folder("labelled", "fake_1000.parquet")], document, "unique_id", "cluster")
    published, trained = (link_tables(brought, document, is_trained=is_trained) for is_trained in (False, True))
    assert (published.weights, trained.weights) == ("published", "trained")
    scores = [score_clusters(linked.clusters, brought.truth)[1]["f1"] for linked in (published, trained)]
    assert scores[1] > scores[0] + 0.02
    again = link_tables(brought, document, is_trained=True)
    assert again.clusters == trained.clusters
