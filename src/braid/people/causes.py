"""Why somebody is another person than in the run before: the rule or the human that stands behind each change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace

from braid.people.model import NO_DECISIONS, Decisions, HistoryRow, RefusedEdge, Sides

Pair = tuple[str, str]
CAUSE_OF_REFUSAL = {
    "constraint": "constraint",
    "tie": "tie",
    "bridge": "bridge",
    "protected": "protection",
    "sealed": "seal",
    "decision": "human",
}
"""What a refused edge says of the two whom it did not join, as a code of `change_cause`."""

STRONGEST_FIRST = ("seal", "human", "constraint", "tie", "bridge", "protection")


@dataclass(frozen=True)
class Grounds:
    """What stands behind the persons of a run.

    `before` and `now` map a record to its person. `refused_before` are the pairs that the run before refused, with the
    reason; `by_human` the records that a decision held then, `by_household` those that a household held then and holds
    no longer. `without_households` maps a record to a label of its person as the first pass found it, where a second
    one followed. `withdrawn` are records taken out since, each with why; `ended` the ids that led across a seal.
    """

    before: Mapping[str, str]
    now: Mapping[str, str]
    refused: Sequence[RefusedEdge] = ()
    decisions: Decisions = NO_DECISIONS
    sides: Sides = field(default_factory=dict)
    refused_before: Mapping[Pair, str] = field(default_factory=dict)
    by_human: frozenset[str] = frozenset()
    by_household: frozenset[str] = frozenset()
    without_households: Mapping[str, str] = field(default_factory=dict)
    withdrawn: Mapping[str, str] = field(default_factory=dict)
    ended: frozenset[str] = frozenset()


def explain(history: Iterable[HistoryRow], grounds: Grounds) -> tuple[HistoryRow, ...]:
    """Return the changes, each with its cause."""
    known = _Known(grounds)
    rows = [replace(row, cause=known.cause(row)) for row in history]
    split = {row.person_id: row.cause for row in rows if row.change == "split"}
    return tuple(
        replace(row, cause=split[row.person_id])
        if row.person_id in split and row.change in ("new", "returned")
        else row
        for row in rows
    )


class _Known:
    def __init__(self, grounds: Grounds) -> None:
        self._grounds = grounds
        self._were: dict[str, set[str]] = defaultdict(set)
        for record, person in grounds.before.items():
            self._were[person].add(record)
        self._joined = _neighbours(grounds.decisions.must_link)
        self._parted = _neighbours(grounds.decisions.cannot_link)
        self._refused_before = _reasons(grounds.refused_before.items())
        refused = (((item.edge.left, item.edge.right), item.reason) for item in grounds.refused)
        self._refused = _reasons(refused)

    def cause(self, row: HistoryRow) -> str:
        if row.change == "merged":
            return self._of_merge(row)
        if row.change == "split":
            return self._of_split(row)
        if row.change == "retired":
            if row.person_id in self._grounds.ended:
                return "seal"
            return self._of_absence(self._were[row.person_id])
        return "return" if row.change == "returned" else "arrival"

    def _of_merge(self, row: HistoryRow) -> str:
        now = self._grounds.now
        ours = {record for record in self._were[row.person_id] if now.get(record) == row.other_person_id}
        others = {record for record in self._were[row.other_person_id or ""] if record in now} - ours
        if any(
            other not in ours and now.get(other) == row.other_person_id
            for one in ours
            for other in self._joined.get(one, ())
        ):
            return "human"
        if self._did_households_join(ours, {other for other in others if now[other] == row.other_person_id}):
            return "household"
        return self._strongest(_crossing(ours, others, self._refused_before)) or "edge"

    def _did_households_join(self, ours: Iterable[str], others: Iterable[str]) -> bool:
        """Whether the first pass left these records apart, which are one person now."""
        first = self._grounds.without_households
        return bool(first) and {first[one] for one in ours}.isdisjoint(first[other] for other in others)

    def _of_split(self, row: HistoryRow) -> str:
        grounds = self._grounds
        were = self._were[row.other_person_id or ""]
        ours = {record for record in were if grounds.now.get(record) == row.person_id}
        others = {record for record in were if record in grounds.now} - ours
        if self._are_sealed_apart(ours, others):
            return "seal"
        if any(other in others for one in ours for other in self._parted.get(one, ())):
            return "human"
        found = self._strongest(_crossing(ours, others, self._refused))
        if found:
            return found
        if not grounds.by_human.isdisjoint(ours) and not grounds.by_human.isdisjoint(others):
            return "human"
        if not grounds.by_household.isdisjoint(ours | others):
            return "household"
        gone = were - grounds.now.keys() | (were & grounds.withdrawn.keys())
        return self._of_absence(gone) if gone else "edge"

    def _are_sealed_apart(self, ours: Set[str], others: Set[str]) -> bool:
        sides = self._grounds.sides
        mine = {side for record in ours for side in sides.get(record, ())}
        theirs = {side for record in others for side in sides.get(record, ())}
        return any(seal == other and side != other_side for seal, side in mine for other, other_side in theirs)

    def _of_absence(self, records: Iterable[str]) -> str:
        reasons = {self._grounds.withdrawn[record] for record in records if record in self._grounds.withdrawn}
        return next((reason for reason in ("erasure", "retraction") if reason in reasons), "absence")

    def _strongest(self, reasons: Iterable[str]) -> str:
        found = {CAUSE_OF_REFUSAL[reason] for reason in reasons}
        return next((cause for cause in STRONGEST_FIRST if cause in found), "")


def _neighbours(pairs: Iterable[Pair]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for left, right in pairs:
        found[left].add(right)
        found[right].add(left)
    return found


def _reasons(pairs: Iterable[tuple[Pair, str]]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for (left, right), reason in pairs:
        found[left][right] = found[right][left] = reason
    return found


def _crossing(ours: Iterable[str], others: Set[str], reasons: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    yield from (reason for one in ours for other, reason in reasons.get(one, {}).items() if other in others)
