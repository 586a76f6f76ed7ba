"""A part of the pairs, scored by itself, weighs as it does among all of them."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from braid.people.distribution import find_cluster
from braid.people.facts import read_standards
from braid.people.link_engine import Scoring, count_values, load_model, score_pairs, score_part, with_numbers
from braid.people.run import add_missing_tables
from braid.people.standardise import standardise
from braid.store.duckdb_engine import DuckDBEngine
from people.little_place import make_place

pytestmark = pytest.mark.filterwarnings("ignore:Arrow output on a DB-API result:UserWarning")


@pytest.mark.parametrize("parts", [1, 3])
def test_parts_together_are_the_whole(parts: int, tmp_path: Path) -> None:
    with closing(make_place(households=60, seed=2).engine()) as engine:
        add_missing_tables(engine)
        records, standards = standardise(engine), read_standards(engine)
    model = {**load_model(), "term_frequencies": count_values(records, "200MB")}
    whole = score_pairs(records, model, records.num_rows, "200MB", standards=standards)
    scoring = Scoring(model, records.num_rows, standards, "200MB")
    numbered, found = with_numbers(records), []
    for part in range(parts):
        wanted = pa.array([pair % parts == part for pair in range(whole.candidates.num_rows)])
        pairs = whole.candidates.filter(wanted)
        ends = pa.concat_arrays([pairs[name].combine_chunks() for name in ("left_id", "right_id")])
        named = numbered.filter(pc.is_in(numbered["unique_id"], ends))
        found += score_part(scoring, named, pairs, tmp_path).to_pylist()
    ids = records["record_id"].to_pylist()
    ours = {(ids[row["unique_id_l"]], ids[row["unique_id_r"]]): row["bits"] for row in found}
    theirs = {(row["left"], row["right"]): row["weight"] for row in whole.found.to_pylist()}
    assert len(ours) == len(found) > 50
    assert ours == theirs
    assert not list(tmp_path.iterdir())


def test_the_embedded_engine_is_no_cluster() -> None:
    with closing(DuckDBEngine(threads=1)) as engine:
        assert find_cluster(engine) is None
