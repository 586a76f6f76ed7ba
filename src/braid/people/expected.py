"""How many links are likely false, and how many likely missed, by the linkage's own chances: no truth is asked.

A person is held together by joins: each the best edge between two parts, false with the chance that its weight leaves,
and then every pair of records across it is false at once. A gap is two persons whom a scored pair suggests are one:
missed with the chance of its weight, and then every pair across it is missed. Where one record fits several who
contradict each other, at most one of them is missed. Persons who contradict each other, whom humans parted, or of whom
one is sealed make no gap.

It sees only pairs that were compared. Two records that share no blocking key are in no gap, so what is missed is told
from below; `docs/measured.md` says by how much on the example place. Most of what it cannot see are records without a
name, which a shared number, or birthday and home, alone can find: how many a group has of them stands beside.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

import pyarrow as pa

from braid.language.findings import LINK_ERROR
from braid.people.model import Edge
from braid.people.resolve import Contradictions
from braid.store.engine import Engine

ALL = "all"
"""Of standards: between whichever. Of characteristics and groups: everybody."""
UNKNOWN = "unknown"
"""The group of people of whom the characteristic is not known: a gap counts for the other side then."""

Pairs = Mapping[tuple[str, str], int]
_SOURCES = [("source_a", pa.string()), ("source_b", pa.string()), ("pairs", pa.int64()), ("chance", pa.float64())]
JOIN_SCHEMA = pa.schema([("person_id", pa.string()), *_SOURCES])
"""`link_join`: of a join the pairs of records by their two standards, and the chance that it is false."""
GAP_SCHEMA = pa.schema(
    [
        *(("person_id", pa.string()), ("other_person_id", pa.string()), *_SOURCES),
        *(("share", pa.float64()), ("other_share", pa.float64())),
    ]
)
"""`link_gap`: the same of a gap, with the chances by the rivals on either side."""


@dataclass(frozen=True)
class Join:
    """Two parts of a person and the chance that their being one is false; `pairs` by the standards of the records."""

    person_id: str
    pairs: Pairs
    false: float


@dataclass(frozen=True)
class Gap:
    """Two persons and the chance that they are one; `pairs` by the standards of the records.

    `shares` are the chances by the rivals on either side: the less of them counts.
    """

    person_id: str
    other_person_id: str
    pairs: Pairs
    missed: float
    shares: tuple[float, float] = (1.0, 1.0)


def chance_of(weight: float) -> float:
    """Return the chance that two records are one person, by the weight of the evidence in bits, prior included."""
    return float(1 / (1 + 2**-weight))


def find_joins(
    persons: Mapping[str, Sequence[str]], edges: Iterable[Edge], standards: Mapping[str, str]
) -> Iterator[Join]:
    """Yield the joins of each person: their records, the scored pairs, and the standard of each record.

    What no scored pair joins, humans joined, and it counts as certain.
    """
    person_of = {record: person for person, records in persons.items() for record in records}
    within: dict[str, list[Edge]] = defaultdict(list)
    for edge in edges:
        if person_of[edge.left] == person_of[edge.right]:
            within[person_of[edge.left]].append(edge)
    for person_id, records in persons.items():
        if len(records) > 1:
            yield from _joins_of(person_id, records, within[person_id], standards)


def _joins_of(
    person_id: str, records: Sequence[str], edges: Sequence[Edge], standards: Mapping[str, str]
) -> Iterator[Join]:
    part_of = {record: [record] for record in records}
    for edge in sorted(edges, key=lambda each: -each.weight):
        left, right = part_of[edge.left], part_of[edge.right]
        if left is not right:
            yield Join(person_id, _pairs(left, right, standards), 1 - chance_of(edge.weight))
            _unite(part_of, left, right)
    first = part_of[records[0]]
    for record in records:
        if part_of[record] is not first:
            yield Join(person_id, _pairs(first, part_of[record], standards), 0.0)
            _unite(part_of, first, part_of[record])


def _unite(part_of: dict[str, list[str]], left: list[str], right: list[str]) -> None:
    left += right
    for record in right:
        part_of[record] = left


def find_gaps(
    persons: Mapping[str, Sequence[str]],
    edges: Iterable[Edge],
    standards: Mapping[str, str],
    contradictions: Contradictions,
    standing: Mapping[tuple[str, str], tuple[float, float]] | None = None,
    asked: Set[str] | None = None,
) -> Iterator[Gap]:
    """Yield the gaps between persons, by the best scored pair of each two.

    With `asked`, the pairs are all of these persons, each with one of them or another; what is known of a gap by the
    rivals of another, `standing` says: the shares of each gap between one of them and another.
    """
    person_of = {record: person for person, records in persons.items() for record in records}
    best: dict[tuple[str, str], float] = {}
    for edge in edges:
        left, right = sorted((person_of[edge.left], person_of[edge.right]))
        if left != right and edge.weight > best.get((left, right), float("-inf")):
            best[left, right] = edge.weight
    open_gaps = {
        pair: weight
        for pair, weight in best.items()
        if not contradictions.between(*(persons[person] for person in pair), apart_if_sealed=True)
    }
    beside: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for (left, right), weight in open_gaps.items():
        beside[left].append((right, weight))
        beside[right].append((left, weight))
    for (left, right), weight in open_gaps.items():
        ours, theirs = (
            _share(persons, beside[one], other, weight, contradictions)
            if asked is None or one in asked
            else (standing or {})[left, right][place]
            for place, (one, other) in enumerate(((left, right), (right, left)))
        )
        pairs = _pairs(persons[left], persons[right], standards)
        yield Gap(left, right, pairs, min(ours, theirs), (ours, theirs))


def _share(
    persons: Mapping[str, Sequence[str]],
    beside: Sequence[tuple[str, float]],
    other: str,
    weight: float,
    contradictions: Contradictions,
) -> float:
    """Return the chance of one of the persons `beside` somebody: of those who contradict each other one at most is."""
    odds = 2**weight
    rivals = math.fsum(
        2**rival_weight
        for rival, rival_weight in beside
        if rival != other and contradictions.between(persons[other], persons[rival])
    )
    return float(odds / (1 + odds + rivals))


def _pairs(left: Sequence[str], right: Sequence[str], standards: Mapping[str, str]) -> Pairs:
    found: Counter[tuple[str, str]] = Counter()
    ours, theirs = (Counter(standards[record] for record in side) for side in (left, right))
    for one, count in ours.items():
        for other, other_count in theirs.items():
            found[min(one, other), max(one, other)] += count * other_count
    return found


def load_errors(engine: Engine, joins: Iterable[Join], gaps: Iterable[Gap]) -> None:
    """Create `link_join` and `link_gap`, a row for each pair of standards, and one over all."""
    engine.load_arrow("link_join", _join_table(joins))
    engine.load_arrow("link_gap", _gap_table(gaps))


def create_link_error(engine: Engine, records: pa.Table, groups: Mapping[str, str]) -> None:
    """Create `link_error`: sums by group of people and pair of standards, and over all of either. No pair is kept.

    `records` is the linkage table; the engine holds `person_record`, `person_link`, `person`, and what `load_errors`
    makes. `groups` is, for each characteristic, a query of everybody's `person_id` and `group_code`.
    """
    engine.load_arrow("link_name", records.select(["record_id", "forename", "surname"]))
    engine.create("link_named", _NAMED)
    everybody = f"select person_id, '{ALL}' as group_code from person"
    found = [_sums(name, query) for name, query in {ALL: everybody, **groups}.items()]
    engine.create(LINK_ERROR.name, " union all ".join(found))


def _join_table(joins: Iterable[Join]) -> pa.Table:
    rows = [
        (each.person_id, *pair, pairs, each.false)
        for each in joins
        for pair, pairs in {**each.pairs, (ALL, ALL): sum(each.pairs.values())}.items()
    ]
    return _table(rows, JOIN_SCHEMA)


def _gap_table(gaps: Iterable[Gap]) -> pa.Table:
    rows = [
        (each.person_id, each.other_person_id, *pair, pairs, each.missed, *each.shares)
        for each in gaps
        for pair, pairs in {**each.pairs, (ALL, ALL): sum(each.pairs.values())}.items()
    ]
    return _table(rows, GAP_SCHEMA)


def _table(rows: Sequence[Sequence[object]], schema: pa.Schema) -> pa.Table:
    columns = zip(*rows, strict=True) if rows else ((),) * len(schema)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


def _added(name: str) -> str:
    """Return the sum of a column, the same in whatever order the rows come: decimals add up exactly, floats do not."""
    return f"cast(sum(cast({name} as decimal(38, 12))) as double) as {name}"


def _sums(characteristic: str, groups: str) -> str:
    """Return a query of the sums of one characteristic. A gap counts half for the group of each of its two persons."""
    sides = " union all ".join(
        f"select j.{mine} as person_id, {code}.group_code, j.source_a, j.source_b, {share} as share, j.pairs, j.chance"
        f" from link_gap j join ({groups}) g on g.person_id = j.person_id join ({groups}) h"
        " on h.person_id = j.other_person_id"
        for mine, code, share in (
            ("person_id", "g", _SHARE.format(one="g", other="h", same=1)),
            ("other_person_id", "h", _SHARE.format(one="h", other="g", same=0)),
        )
    )
    return f"""
    select '{characteristic}' as characteristic, e.group_code, e.source_a, e.source_b, e.people,
      cast(sum(n.records) as bigint) as records, cast(sum(n.unnamed) as bigint) as unnamed, e.links, e.false_links,
      e.false_variance, e.missed_links, e.missed_variance
    from (
      select group_code, source_a, source_b, count(distinct person_id) as people, cast(sum(links) as bigint) as links,
        {_added("false_links")}, {_added("false_variance")}, {_added("missed_links")}, {_added("missed_variance")}
      from (
        select j.person_id, g.group_code, j.source_a, j.source_b, j.pairs as links, j.pairs * j.chance as false_links,
          j.pairs * j.pairs * j.chance * (1 - j.chance) as false_variance, 0.0 as missed_links, 0.0 as missed_variance
        from link_join j join ({groups}) g on g.person_id = j.person_id
        union all
        select person_id, group_code, source_a, source_b, 0, 0.0, 0.0, share * pairs * chance,
          share * share * pairs * pairs * chance * (1 - chance)
        from ({sides}) s) each_side
      group by group_code, source_a, source_b) e
    join (
      select g.group_code, m.standard, count(*) as records, sum(m.unnamed) as unnamed
      from link_named m join ({groups}) g on g.person_id = m.person_id group by g.group_code, m.standard) n
    on n.group_code = e.group_code and (e.source_a = '{ALL}' or n.standard in (e.source_a, e.source_b))
    group by e.group_code, e.source_a, e.source_b, e.people, e.links, e.false_links, e.false_variance, e.missed_links,
      e.missed_variance"""


_NAMED = """
select l.person_id, r.standard, case when n.forename is null or n.surname is null then 1 else 0 end as unnamed
from person_link l join person_record r on r.record_id = l.person_record_id
join link_name n on n.record_id = r.record_id"""

_SHARE = (
    "case when {one}.group_code = {other}.group_code then {same}.0"
    f" when {{one}}.group_code = '{UNKNOWN}' then 0.0 when {{other}}.group_code = '{UNKNOWN}' then 1.0 else 0.5 end"
)
