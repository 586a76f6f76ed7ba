"""Which pairs of records linking joins falsely, and which it misses: each of them by its kind.

    python benchmarks/linkage/mistakes.py place DIR [--show 20]
    python benchmarks/linkage/mistakes.py little --households 8000 --seed 5

Weights and constraints are judged, so nobody is guarded; seals hold. A false pair is of the first kind that fits:
`sealed`, `copied number` (both records hold one), `through a number` (a record without a name between the two holds the
number of the one and is of the other), `twins`, `namesakes of a home`, `parent and child`, `of a home`, `strangers`. A
missed pair is told by what became of it: `no key`, `weight below -4`, `weak` (below the threshold), or why its edge was
refused; and by the levels that speak against it.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "src"), str(REPOSITORY / "tests"), str(Path(__file__).parent)]

import pyarrow as pa  # noqa: E402 - the path is set first
from example_places import Human, little_humans, read_humans, read_place, read_seals  # noqa: E402

from braid.people.facts import read_facts, read_standards, with_apart  # noqa: E402
from braid.people.guarded import Evidence, settle  # noqa: E402
from braid.people.link_engine import explain_pairs, find_candidates, find_edges, load_model  # noqa: E402
from braid.people.linkage import find_comparable  # noqa: E402
from braid.people.model import Edge, EdgeSet, Facts, FieldWeight, Resolution, Rest, Sides  # noqa: E402
from braid.people.protection import Protection  # noqa: E402
from braid.people.quality import score_pairs  # noqa: E402
from braid.people.release import Release  # noqa: E402
from braid.people.run import add_missing_tables  # noqa: E402
from braid.people.seals import SealedRow, find_seals  # noqa: E402
from braid.people.second_pass import look_again  # noqa: E402
from braid.people.standardise import standardise  # noqa: E402
from braid.store.duckdb_engine import DuckDBEngine  # noqa: E402
from people.little_place import make_place  # noqa: E402

Pair = tuple[str, str]
GENERATION_YEARS = 15
SHOWN = ("feed", "forename", "surname", "birth_date", "sex", "postcodes", "nhs", "upn")


@dataclass
class Linked:
    """A place linked where nobody is guarded."""

    records: pa.Table
    facts: Mapping[str, Facts]
    sides: Sides
    standards: Mapping[str, str]
    found: EdgeSet
    second: tuple[Edge, ...]
    """Edges of the second pass."""
    resolution: Resolution

    @cached_property
    def rows(self) -> dict[str, dict[str, Any]]:
        """The rows of the linkage table by record id."""
        return {row["record_id"]: row for row in self.records.to_pylist()}

    @cached_property
    def person_of(self) -> dict[str, str]:
        """The first record of everybody's person."""
        return {record: group[0] for group in self.resolution.groups for record in group}


def link(engine: DuckDBEngine, sealed: Collection[SealedRow], release: Release, memory_limit: str = "1GB") -> Linked:
    """Return the persons that both passes make where nobody is guarded: weights, constraints, households and seals."""
    add_missing_tables(engine)
    records = standardise(engine)
    standards, sides = read_standards(engine), find_seals(engine, sealed).sides
    found = find_edges(records, release, memory_limit, standards=standards)
    unlike = found.apart | {(edge.left, edge.right) for edge in found.confused}
    evidence = Evidence(
        record_ids=records.column("record_id").to_pylist(),
        edges=found.edges,
        facts=with_apart(read_facts(engine, records), unlike),
        certain=frozenset(found.edges),
        sides=sides,
        rest=Rest(found.weak, find_comparable(records)),
    )
    settled = settle(evidence, frozenset(), _protect_nobody)
    second = look_again(engine, records, evidence, settled)
    if second:
        evidence = replace(evidence, edges=(*evidence.edges, *second), certain=evidence.certain | frozenset(second))
        settled = settle(evidence, frozenset(), _protect_nobody)
    return Linked(records, evidence.facts, sides, standards, found, second, settled.resolution)


def _protect_nobody(_resolution: Resolution, _labels: Mapping[str, str]) -> Protection:
    return Protection(frozenset(), frozenset())


def pairs_of(person_of: Mapping[str, str], records: Collection[str]) -> set[Pair]:
    """Return the pairs of records that are one person."""
    members: dict[str, list[str]] = defaultdict(list)
    for record in sorted(records):
        members[person_of[record]].append(record)
    return {pair for held in members.values() for pair in combinations(held, 2)}


def name_false(pair: Pair, linked: Linked, truth: Mapping[str, str], humans: Mapping[str, Human]) -> str:
    """Return the kind of a false pair."""
    left, right = (linked.rows[record] for record in pair)
    one, other = (humans[truth[record]] for record in pair)
    if linked.sides.get(pair[0]) and linked.sides.get(pair[1]):
        return "sealed"
    if (left["nhs"] and left["nhs"] == right["nhs"]) or set(left["upns"] or ()) & set(right["upns"] or ()):
        return "copied number"
    if _through_a_number(pair, linked, truth):
        return "through a number"
    if one.household != other.household:
        return "strangers"
    if one.born == other.born:
        return "twins"
    if one.given == other.given:
        return "namesakes of a home"
    apart = abs(int(one.born[:4]) - int(other.born[:4]))
    return "parent and child" if apart >= GENERATION_YEARS else "of a home"


def _through_a_number(pair: Pair, linked: Linked, truth: Mapping[str, str]) -> bool:
    person_of = linked.person_of
    group = next(g for g in linked.resolution.groups if g[0] == person_of[pair[0]])
    between = [record for record in group if record not in pair and not linked.rows[record]["forename"]]
    return any(
        linked.rows[record]["nhs"]
        and linked.rows[record]["nhs"] == linked.rows[end]["nhs"]
        and truth.get(record) != truth.get(end)
        for record in between
        for end in group
        if end != record
    )


class Fates:
    """What became of the pairs of a place that were not joined."""

    def __init__(self, linked: Linked, memory_limit: str) -> None:
        _, pairs = find_candidates(linked.records, memory_limit)
        ids = linked.records.column("record_id").to_pylist()
        columns = (pairs.column(name).to_pylist() for name in ("left_id", "right_id"))
        self._keyed = {_in_order(ids[left], ids[right]) for left, right in zip(*columns, strict=True)}
        refused = linked.resolution.refused
        self._refused = {_in_order(item.edge.left, item.edge.right): item.reason for item in refused}
        self._weak = {_in_order(edge.left, edge.right) for edge in linked.found.weak}
        self._strong = {_in_order(edge.left, edge.right) for edge in linked.found.edges}
        self._apart = {_in_order(*pair) for pair in linked.found.apart}

    def name(self, pair: Pair) -> str:
        """Return what became of a pair."""
        if pair in self._refused:
            return f"refused: {self._refused[pair]}"
        if pair in self._apart:
            return "like two of a family"
        if pair in self._strong:
            return "edge that leads to others"
        if pair in self._weak:
            return "weak"
        return "weight below -4" if pair in self._keyed else "no key"


def _in_order(left: str, right: str) -> Pair:
    return (left, right) if left < right else (right, left)


def against(fields: Collection[FieldWeight]) -> str:
    """Return the levels that speak against one person."""
    return " ".join(f"{one.comparison}:{one.level}" for one in fields if one.bits < -0.5 and one.comparison != "prior")


def report(linked: Linked, truth: Mapping[str, str], humans: Mapping[str, Human], release: Release, show: int) -> None:
    """Print scores, and false and missed pairs by kind; of `show` false ones each record."""
    person_of = linked.person_of
    wrong = sum(truth.get(edge.left) != truth.get(edge.right) for edge in linked.second)
    print(f"second pass: {len(linked.second)} edges, {wrong} false")
    for title, are_named in (("records with names", True), ("all records", False)):
        chosen = [r for r in person_of if r in truth and (linked.rows[r]["forename"] or not are_named)]
        score = score_pairs({r: person_of[r] for r in chosen}, truth)
        print(f"{title}: P {score.precision:.4f} R {score.recall:.4f} F1 {score.f1:.4f}", end=" ")
        print(f"({score.found - score.true_positive} false of {score.found}, {score.true} true)")
        joined, true = pairs_of(person_of, chosen), pairs_of(truth, chosen)
        false = Counter(name_false(pair, linked, truth, humans) for pair in joined - true)
        print("  false:", dict(false.most_common()), flush=True)
        if are_named:
            _report_missed(sorted(true - joined), linked, release, show)
            for pair in sorted(joined - true)[:show]:
                _show(pair, linked, truth, humans)


def _report_missed(missed: list[Pair], linked: Linked, release: Release, show: int) -> None:
    fates = Fates(linked, "1GB")
    explained = explain_pairs(linked.records, release, missed, "1GB", standards=linked.standards)
    print("  missed:", dict(Counter(fates.name(pair) for pair in missed).most_common()))
    kinds = Counter((fates.name(pair), against(explained[pair])) for pair in missed)
    for (fate, levels), count in kinds.most_common(show):
        print(f"    {count:4} {fate:20} {levels}")


def _show(pair: Pair, linked: Linked, truth: Mapping[str, str], humans: Mapping[str, Human]) -> None:
    group = next(group for group in linked.resolution.groups if pair[0] in group)
    people = len({truth.get(record) for record in group})
    print(f"  {name_false(pair, linked, truth, humans)}: two of {len(group)} records of {people} people")
    for record in pair:
        print("    ", humans[truth[record]], [linked.rows[record][column] for column in SHOWN])


def main() -> None:
    """Link a place and print its mistakes."""
    arguments = _parse()
    release = load_model()
    sealed: tuple[SealedRow, ...] = ()
    if arguments.command == "little":
        place = make_place(arguments.households, arguments.seed)
        engine, truth, humans = place.engine(), place.truth, little_humans(place)
    else:
        engine, truth = read_place(arguments.folder)
        humans, sealed = read_humans(arguments.folder), read_seals(arguments.folder)
    report(link(engine, sealed, release), truth, humans, release, arguments.show)
    engine.close()


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    place, little = commands.add_parser("place"), commands.add_parser("little")
    place.add_argument("folder", type=Path)
    little.add_argument("--households", type=int, default=8_000)
    little.add_argument("--seed", type=int, default=5)
    for command in (place, little):
        command.add_argument("--show", type=int, default=12)
    return parser.parse_args()


if __name__ == "__main__":
    main()
