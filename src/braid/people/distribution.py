"""Candidate keys and weights where the records rest on a cluster.

Keys are the portable queries of `candidate_keys`, run by the engine over all its workers. Pairs are shared out in
parts, each with the records that it names, and a worker scores its part by the code that one machine scores all of them
with: so a weight is the same number on either, and not one that a second implementation of each string measure comes
near to (decision 60).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import pyarrow as pa

from braid.people.candidate_keys import PLACE_KEYS, KeyCounts, make_candidates
from braid.people.link_engine import SCORED_SCHEMA, Scoring, score_part, with_numbers
from braid.store.engine import DistributedEngine, Engine

PAIRS_A_PART = 200_000
"""Pairs that a worker scores at once: so few that they fit into a small worker with their records, and so many that the
half second that scoring takes to begin is little beside them."""


def find_cluster(engine: Engine) -> OnEngine | None:
    """Return where pairs are scored, if not in this process: on the engine, where that is a distributed one."""
    return OnEngine(engine) if isinstance(engine, DistributedEngine) else None


@dataclass(frozen=True)
class OnEngine:
    """`braid.people.link_engine.Cluster` on a distributed engine."""

    engine: DistributedEngine

    def find_candidates(self, records: pa.Table, caps: Mapping[str, int] | None = None) -> tuple[KeyCounts, pa.Table]:
        """Make keys and pairs on the engine. The pairs come back as well, sixteen bytes each: a run keeps them."""
        self.engine.load_arrow("records", with_numbers(records))
        counts = make_candidates(self.engine, records.num_rows, PLACE_KEYS, caps)
        for name in ("candidate_key", "key_size"):
            self.engine.forget(name)
        return counts, self.engine.arrow("select left_id, right_id from candidate_pair")

    def score(self, chosen: pa.Table | None, scoring: Scoring) -> pa.Table:
        """Score pairs of the records that candidates were found of."""
        if chosen is not None:
            self.engine.load_arrow("candidate_pair", chosen)
        pairs = int(self.engine.rows("select count(*) as found from candidate_pair")[0]["found"])
        parts = math.ceil(pairs / PAIRS_A_PART)
        self.engine.create("pair_part", f"select left_id % {parts} as part, left_id, right_id from candidate_pair")
        self.engine.create("record_part", _RECORD_PARTS)
        found = self.engine.over_parts("record_part", "pair_part", "part", partial(score_part, scoring), SCORED_SCHEMA)
        for name in ("records", "candidate_pair", "pair_part", "record_part"):
            self.engine.forget(name)
        return found


_RECORD_PARTS = """
  select p.part, r.* from (
    select part, left_id as named from pair_part union select part, right_id from pair_part
  ) as p join records r on r.unique_id = p.named
"""
"""Each record in every part of which a pair names it."""
