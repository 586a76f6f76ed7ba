"""The random sample of pairs by which the error of linking is estimated without a truth.

What is counted are pairs of records: those that linking joined, and those that it compared and left apart. They are
told apart by how they stand and what they weigh, so that rare kinds are looked at too; of each stratum pairs are drawn
with equal chance, below the threshold as above. Pairs that were not compared, or weigh less than the engine hands over,
are in no stratum. Nor are pairs that humans decided, which are no error of linking, nor anybody who is sealed.

A sample is drawn once a quarter and carried from run to run, with how many pairs there were then, by stratum and group.
What reviewers find is put right by the next run; the sample goes on telling how linking did before that. Lots are drawn
by a random secret that is kept beside these numbers: nobody can reckon from a pair's ids whether it will be looked at,
and whoever audits can draw the lots again.
"""

from __future__ import annotations

import datetime as dt
import heapq
import hmac
import secrets
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from braid.language.findings import TABLES
from braid.people.estimates import allocate
from braid.people.expected import ALL, UNKNOWN, chance_of
from braid.people.model import Decisions, Edge
from braid.people.review_queue import DOUBTFUL_BITS, Standing
from braid.store.engine import Engine

SAMPLE_DAYS = 91
PAIRS, LEAST_OF_STRATUM = 400, 40
"""Pairs of a sample: what two people look at in a day. Of each stratum at least so many, or all."""
SALT_BYTES = 32
LEAST_SHARE = 0.01
"""What is expected to be wrong of a stratum, at least: the linkage's own chances are no reason to look at none."""
JOINED = ("joined_heavy", "joined_light", "joined_through")
APART = ("apart_refused", "apart_near", "apart_far")
STRATA = (*JOINED, *APART)
SOURCES = "sources"
"""The characteristic whose groups are pairs of standards."""
TABLES_WRITTEN = ("link_sample", "link_sample_group", "link_frame")

Pair = tuple[str, str]


@dataclass(frozen=True)
class SamplePlan:
    """Of which day a sample is, by which groups of people errors are told, and how many pairs it has.

    `groups` is, for each characteristic, a query of everybody's `person_id` and `group_code`. `salt` is the secret by
    which lots are drawn, of `SALT_BYTES` bytes in hexadecimal figures.
    """

    as_of: dt.date
    groups: Mapping[str, str] = field(default_factory=dict)
    pairs: int = PAIRS
    salt: str = field(default_factory=lambda: secrets.token_hex(SALT_BYTES), repr=False)


@dataclass(frozen=True)
class Sample:
    """A sample: the stratum of each pair in the order in which they are asked, their groups, and what all pairs were.

    `groups` are characteristic and group of each pair; `frame` are rows of `link_frame`.
    """

    drawn_date: dt.date
    strata: Mapping[Pair, str]
    groups: Mapping[Pair, Sequence[tuple[str, str]]]
    frame: Sequence[Mapping[str, Any]]


def find_sample(
    engine: Engine, plan: SamplePlan, standing: Standing, previous_links: Path | None, threshold: float
) -> Sample:
    """Return the sample of the run before where it is of the last quarter, and otherwise a new one.

    Of a carried sample pairs with a record that the run holds no longer, or of somebody sealed since, are gone. The
    engine holds `person_link` and `person_record`, and what the groups ask.
    """
    carried = read_carried(previous_links, plan.as_of)
    return draw_sample(engine, plan, standing, threshold) if carried is None else _still_there(carried, standing)


def read_carried(previous_links: Path | None, as_of: dt.date) -> Sample | None:
    """Return the sample of the run before where it is of the last quarter, as it was drawn."""
    paths = [previous_links.with_name(f"{name}.parquet") for name in TABLES_WRITTEN] if previous_links else []
    if not paths or not all(path.is_file() for path in paths):
        return None
    pairs, groups, frame = (pq.read_table(path).to_pylist() for path in paths)
    drawn_date: dt.date | None = frame[0]["drawn_date"] if frame and frame[0].get("salt") else None
    if drawn_date is None or not 0 <= (as_of - drawn_date).days < SAMPLE_DAYS:
        return None
    held: dict[Pair, list[tuple[str, str]]] = defaultdict(list)
    for row in groups:
        held[row["record_a"], row["record_b"]].append((row["characteristic"], row["group_code"]))
    ordered = sorted(pairs, key=lambda row: row["asked_order"])
    return Sample(drawn_date, {(row["record_a"], row["record_b"]): row["stratum"] for row in ordered}, held, frame)


def _still_there(sample: Sample, standing: Standing) -> Sample:
    person_of = {record: person for person, records in standing.persons.items() for record in records}
    sealed = {person_of[record] for record in standing.sealed if record in person_of}
    strata = {
        pair: stratum
        for pair, stratum in sample.strata.items()
        if all(record in person_of and person_of[record] not in sealed for record in pair)
    }
    return Sample(sample.drawn_date, strata, {pair: sample.groups[pair] for pair in strata}, sample.frame)


def draw_sample(engine: Engine, plan: SamplePlan, standing: Standing, threshold: float) -> Sample:
    """Draw a new sample from all pairs that linking joined, or compared and left apart."""
    person_of = {record: person for person, records in standing.persons.items() for record in records}
    sealed = {person_of[record] for record in standing.sealed if record in person_of}
    decided = _find_decided(standing.settled.decisions, person_of)
    create_frame(engine, _table_of((*standing.found.edges, *standing.found.weak)), decided, sealed, threshold)
    engine.create("frame_group", group_pairs("frame_pair", plan.groups))
    frame = [{**row, "drawn_date": plan.as_of, "salt": plan.salt} for row in engine.rows(_FRAME)]
    strata = choose_pairs(_read_frame(engine), plan.salt, plan.pairs)
    ends = (pa.array([pair[place] for pair in strata], pa.string()) for place in (0, 1))
    engine.load_arrow("drawn_pair", pa.table(dict(zip(("record_a", "record_b"), ends, strict=True))))
    groups: dict[Pair, list[tuple[str, str]]] = defaultdict(list)
    for row in engine.rows(
        "select g.record_a, g.record_b, g.characteristic, g.group_code from frame_group g join drawn_pair d"
        " on d.record_a = g.record_a and d.record_b = g.record_b order by g.characteristic, g.group_code"
    ):
        groups[row["record_a"], row["record_b"]].append((row["characteristic"], row["group_code"]))
    for name in ("frame_pair", "frame_group", "drawn_pair", "frame_scored", "frame_decided", "frame_sealed"):
        engine.forget(name)
    return Sample(plan.as_of, strata, groups, frame)


_FRAME = """
  select g.stratum, g.characteristic, g.group_code, count(*) as pairs, max(p.people) as people
  from frame_group g join (
    select characteristic, group_code, count(distinct person_id) as people
    from (
      select characteristic, group_code, person_a as person_id from frame_group
      union all select characteristic, group_code, person_b from frame_group
    ) as ends
    group by characteristic, group_code
  ) as p on p.characteristic = g.characteristic and p.group_code = g.group_code
  group by g.stratum, g.characteristic, g.group_code order by g.stratum, g.characteristic, g.group_code
"""


def _table_of(edges: Iterable[Edge]) -> pa.Table:
    held = tuple(edges)
    return pa.table(
        {
            "record_a": pa.array([min(edge.left, edge.right) for edge in held], pa.string()),
            "record_b": pa.array([max(edge.left, edge.right) for edge in held], pa.string()),
            "weight": pa.array([edge.weight for edge in held], pa.float64()),
        }
    )


def _find_decided(decisions: Decisions, person_of: Mapping[str, str]) -> set[tuple[str, str, str]]:
    """Return what humans decided: pairs of records, and pairs of persons whom they parted."""
    parted = (pair for pair in decisions.cannot_link if all(record in person_of for record in pair))
    decided = {(one, other, "record") for one, other in (*decisions.must_link, *decisions.cannot_link)}
    return decided | {(person_of[one], person_of[other], "person") for one, other in parted}


def create_frame(
    engine: Engine,
    scored: pa.Table,
    decided: Collection[tuple[str, str, str]],
    sealed: Collection[str],
    threshold: float,
) -> None:
    """Create `frame_pair`, all pairs that a sample is drawn from, with `stratum`.

    `scored` has `record_a`, `record_b` in order and `weight`; `decided` are two ids, and whether they are of a `record`
    or a `person`; `sealed` are persons. The engine holds `person_link` and `person_record`.
    """
    engine.load_arrow("frame_scored", scored)
    both = sorted({*decided, *((other, one, of) for one, other, of in decided)})
    columns = {
        name: pa.array([row[place] for row in both], pa.string()) for place, name in enumerate(("one", "other", "kind"))
    }
    engine.load_arrow("frame_decided", pa.table(columns))
    engine.load_arrow("frame_sealed", pa.table({"person_id": pa.array(sorted(sealed), pa.string())}))
    engine.create("frame_pair", _PAIRS.format(threshold=threshold, doubtful=DOUBTFUL_BITS))


_PAIRS = """
  select record_a, record_b, person_a, person_b, standard_a, standard_b, weight,
    case when person_a = person_b and (weight is null or weight < {threshold}) then 'joined_through'
      when person_a = person_b and weight <= {doubtful} then 'joined_light'
      when person_a = person_b then 'joined_heavy'
      when weight >= {threshold} then 'apart_refused'
      when weight >= 0 then 'apart_near' else 'apart_far' end as stratum
  from (
    select e.record_a, e.record_b, e.person_a, e.person_b, e.weight, r.standard as standard_a, t.standard as standard_b
    from (
      select l.person_record_id as record_a, m.person_record_id as record_b, l.person_id as person_a,
        m.person_id as person_b, s.weight
      from person_link l join person_link m
        on m.person_id = l.person_id and l.person_record_id < m.person_record_id
      left join frame_scored s on s.record_a = l.person_record_id and s.record_b = m.person_record_id
      union all
      select s.record_a, s.record_b, l.person_id, m.person_id, s.weight
      from frame_scored s join person_link l on l.person_record_id = s.record_a
      join person_link m on m.person_record_id = s.record_b
      where l.person_id <> m.person_id
    ) as e
    join person_record r on r.record_id = e.record_a
    join person_record t on t.record_id = e.record_b
    left join frame_decided d on d.one = e.record_a and d.other = e.record_b and d.kind = 'record'
    left join frame_decided p on p.one = e.person_a and p.other = e.person_b and p.kind = 'person'
    left join frame_sealed a on a.person_id = e.person_a
    left join frame_sealed b on b.person_id = e.person_b
    where d.one is null and p.one is null and a.person_id is null and b.person_id is null
  ) as compared
"""


def group_pairs(table: str, groups: Mapping[str, str]) -> str:
    """Return a query of the groups of each pair of a table like `frame_pair`.

    A pair is of every group that one of its two people is in; of a group that is not known only where neither's is.
    """
    kept = "p.record_a, p.record_b, p.person_a, p.person_b, p.stratum"
    standards = "least(p.standard_a, p.standard_b) || '|' || greatest(p.standard_a, p.standard_b)"
    queries = [
        f"select {kept}, '{ALL}' as characteristic, '{ALL}' as group_code from {table} p",
        f"select {kept}, '{SOURCES}' as characteristic, {standards} as group_code from {table} p",
    ]
    for name, query in groups.items():
        queries += [
            f"select {kept}, '{name}' as characteristic, {mine}.group_code from {table} p"
            f" join ({query}) a on a.person_id = p.person_a join ({query}) b on b.person_id = p.person_b"
            f" where {mine}.group_code <> '{UNKNOWN}' or {other}.group_code = '{UNKNOWN}'"
            for mine, other in (("a", "b"), ("b", "a"))
        ]
    return " union ".join(queries)


def _read_frame(engine: Engine) -> dict[str, list[tuple[Pair, float]]]:
    """Return all pairs of `frame_pair` by stratum, each with the chance that it is wrong as it stands."""
    held: dict[str, list[tuple[Pair, float]]] = {name: [] for name in STRATA}
    for row in engine.rows("select stratum, record_a, record_b, weight from frame_pair"):
        held[row["stratum"]].append(((row["record_a"], row["record_b"]), _chance_wrong(row)))
    return held


def choose_pairs(frame: Mapping[str, Sequence[tuple[Pair, float]]], salt: str, pairs: int) -> dict[Pair, str]:
    """Return the pairs drawn, each with its stratum, in an order that says nothing.

    `frame` has, by stratum, all pairs with the chance that each is wrong as it stands; `salt` is the secret by which
    lots are drawn, in hexadecimal figures.
    """
    key = bytes.fromhex(salt)
    shares = [_mean(chance for _, chance in rows) for rows in frame.values()]
    counts = allocate([len(rows) for rows in frame.values()], shares, pairs, LEAST_OF_STRATUM)
    drawn: dict[tuple[bytes, Pair], str] = {}
    for (name, rows), count in zip(frame.items(), counts, strict=True):
        lots = ((_lot(key, pair), pair) for pair, _ in rows)
        drawn |= dict.fromkeys(heapq.nsmallest(count, lots), name)
    return {pair: drawn[lot, pair] for lot, pair in sorted(drawn)}


def _lot(key: bytes, pair: Pair) -> bytes:
    """Return a number of a pair that is another for each sample, and that nobody knows without the secret of it."""
    return hmac.digest(key, f"{pair[0]} {pair[1]}".encode(), "sha256")


def _chance_wrong(row: Mapping[str, Any]) -> float:
    """Return the chance that a pair is wrong as it stands; of one that was not scored, the least that is expected."""
    if row["weight"] is None:
        return LEAST_SHARE
    chance = chance_of(row["weight"])
    return 1 - chance if row["stratum"] in JOINED else chance


def _mean(chances: Iterable[float]) -> float:
    """Return the mean, but neither as good as none nor as good as all."""
    found = list(chances)
    return min(max(sum(found) / len(found), LEAST_SHARE), 1 - LEAST_SHARE) if found else LEAST_SHARE


def write_sample(engine: Engine, sample: Sample, rows: Iterable[Mapping[str, Any]]) -> None:
    """Create `link_sample`, `link_sample_group` and `link_frame`. `rows` are those of the queue for each pair."""
    engine.load_rows(
        TABLES["link_sample"],
        [
            {
                **{name: row[name] for name in _KEPT},
                "stratum": sample.strata[row["record_a"], row["record_b"]],
                "asked_order": place,
            }
            for place, row in enumerate(rows, 1)
        ],
    )
    engine.load_rows(
        TABLES["link_sample_group"],
        [
            {"record_a": pair[0], "record_b": pair[1], "characteristic": name, "group_code": code}
            for pair, groups in sample.groups.items()
            for name, code in groups
        ],
    )
    engine.load_rows(TABLES["link_frame"], sample.frame)


_KEPT = tuple(name for name in TABLES["link_sample"].names if name not in ("stratum", "asked_order"))


def count_strata(frame: Iterable[Mapping[str, Any]]) -> Counter[str]:
    """Return how many pairs each stratum had when the sample was drawn."""
    found = Counter(dict.fromkeys(STRATA, 0))
    for row in frame:
        if row["characteristic"] == ALL:
            found[row["stratum"]] += row["pairs"]
    return found
