"""What the reviewed sample says of linking: false and missed links by group of people and by pair of standards.

The answers are the decisions of the place's own file. Nothing is told before four in five of the drawn pairs are
decided, of the joined ones and of those apart. Those that nobody decided are right at one end of an interval and wrong
at the other; so a stratum of which no pair can be decided, or is held any longer, widens what is told and silences
nothing.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from braid.people.decisions import choose, find_decided
from braid.people.estimates import Cell, Estimate, estimate, share_missed, share_of
from braid.people.expected import ALL
from braid.people.model import NO_DECISIONS, Decisions
from braid.people.sampling import APART, JOINED, STRATA, count_strata
from braid.store.engine import Engine

TABLES_READ = ("link_frame", "link_sample", "link_sample_group", "person_record")
LEAST_DECIDED = 0.8
Pair = tuple[str, str]
Group = tuple[str, str]
Rows = Iterable[tuple[int, Mapping[str, str]]]


@dataclass(frozen=True)
class StratumCount:
    """A stratum: how many pairs there were, were drawn, and are decided."""

    stratum: str
    pairs: int
    drawn: int
    decided: int


@dataclass(frozen=True)
class GroupQuality:
    """What is estimated of a group: `false` of its links and `missed` of its true ones, as parts of one.

    `links` are the joined pairs, `apart` those compared and left apart; `false_reviewed` and `missed_reviewed` the
    decided pairs of either that the estimate rests on.
    """

    characteristic: str
    group_code: str
    people: int
    links: int
    apart: int
    false_reviewed: int
    missed_reviewed: int
    false: Estimate
    missed: Estimate


@dataclass(frozen=True)
class LinkQuality:
    """A sample, how far it is decided, and what it says once enough of it is."""

    drawn_date: dt.date
    strata: tuple[StratumCount, ...]
    groups: tuple[GroupQuality, ...]

    @property
    def drawn(self) -> int:
        """Pairs drawn."""
        return sum(each.drawn for each in self.strata)

    @property
    def decided(self) -> int:
        """Of them, pairs that humans decided."""
        return sum(each.decided for each in self.strata)

    @property
    def is_told(self) -> bool:
        """Whether enough is decided: of the pairs that were joined, and of those left apart."""
        is_empty = not any(each.pairs for each in self.strata)
        return is_empty or (self.drawn > 0 and all(self._is_decided(names) for names in (JOINED, APART)))

    def _is_decided(self, names: Collection[str]) -> bool:
        drawn, decided = (
            sum(getattr(each, name) for each in self.strata if each.stratum in names) for name in ("drawn", "decided")
        )
        return bool(decided >= LEAST_DECIDED * drawn)


def read_quality(engine: Engine, decision_rows: Rows) -> LinkQuality:
    """Return what the sample of a run says with the decisions of the place's file.

    The engine holds `TABLES_READ` of a run that drew pairs.
    """
    frame = engine.rows("select * from link_frame")
    drawn = engine.rows("select record_a, record_b, stratum, needs_two from link_sample")
    strata = {(row["record_a"], row["record_b"]): row["stratum"] for row in drawn}
    guarded = {(row["record_a"], row["record_b"]) for row in drawn if row["needs_two"]}
    labels = _read_labels(engine, decision_rows, guarded)
    groups: dict[Pair, list[Group]] = defaultdict(list)
    for row in engine.rows("select * from link_sample_group"):
        groups[row["record_a"], row["record_b"]].append((row["characteristic"], row["group_code"]))
    return reckon(frame, strata, groups, labels)


def _read_labels(engine: Engine, decision_rows: Rows, guarded: Collection[Pair]) -> dict[Pair, bool]:
    """Return of each pair that humans decided whether it is one person; of a guarded one where two people say so."""
    decided = find_decided(engine, decision_rows)
    everybody = frozenset(record for pair, _ in decided.pairs for record in pair)
    by_one, by_two = (_labels_of(choose(decided, takes_two, NO_DECISIONS)[0]) for takes_two in (frozenset(), everybody))
    return {pair: is_same for pair, is_same in by_one.items() if pair not in guarded} | {
        pair: is_same for pair, is_same in by_two.items() if pair in guarded
    }


def _labels_of(decisions: Decisions) -> dict[Pair, bool]:
    return dict.fromkeys(decisions.must_link, True) | dict.fromkeys(decisions.cannot_link, False)


def reckon(
    frame: Sequence[Mapping[str, Any]],
    strata: Mapping[Pair, str],
    groups: Mapping[Pair, Sequence[Group]],
    labels: Mapping[Pair, bool],
) -> LinkQuality:
    """Return the estimates: `frame` are rows of `link_frame`, `strata` and `groups` of the drawn pairs, and `labels`
    says of those decided whether the two records are one person.
    """
    drawn = Counter(strata.values())
    decided = {pair: stratum for pair, stratum in strata.items() if pair in labels}
    counts, sizes = Counter(decided.values()), count_strata(frame)
    told = tuple(StratumCount(name, sizes[name], drawn[name], counts[name]) for name in STRATA)
    held: dict[Group, list[Pair]] = defaultdict(list)
    for pair in strata:
        for group in groups[pair]:
            held[group].append(pair)
    pairs: dict[Group, Counter[str]] = defaultdict(Counter)
    people: dict[Group, int] = {}
    for row in frame:
        group = row["characteristic"], row["group_code"]
        pairs[group][row["stratum"]] += row["pairs"]
        people[group] = row["people"]
    found = _Reckoning(strata, labels)
    ordered = sorted(pairs, key=lambda group: (group[0] != ALL, group))
    of_groups = tuple(found.of_group(group, people[group], pairs[group], held[group]) for group in ordered)
    return LinkQuality(frame[0]["drawn_date"], told, of_groups)


class _Reckoning:
    """Which drawn pairs stood in which stratum, and which of the decided ones were wrong."""

    def __init__(self, strata: Mapping[Pair, str], labels: Mapping[Pair, bool]) -> None:
        self._stratum = strata
        decided = {pair: stratum for pair, stratum in strata.items() if pair in labels}
        self._is_wrong = {pair: labels[pair] != (stratum in JOINED) for pair, stratum in decided.items()}
        counts = Counter(decided.values())
        wrong = Counter(stratum for pair, stratum in decided.items() if self._is_wrong[pair])
        self._share = {stratum: wrong[stratum] / count for stratum, count in counts.items()}

    def of_group(self, group: Group, people: int, pairs: Mapping[str, int], drawn: Sequence[Pair]) -> GroupQuality:
        """Return the estimates of one group from its own drawn pairs."""
        reviewed = Counter(self._stratum[pair] for pair in drawn if pair in self._is_wrong)
        undecided = Counter(self._stratum[pair] for pair in drawn if pair not in self._is_wrong)
        wrong = Counter(self._stratum[pair] for pair in drawn if self._is_wrong.get(pair))
        cells = {
            name: Cell(pairs.get(name, 0), reviewed[name], wrong[name], self._share.get(name), undecided[name])
            for name in STRATA
        }
        links, apart = (sum(pairs.get(name, 0) for name in names) for names in (JOINED, APART))
        false, missed = (estimate(cells[name] for name in names) for names in (JOINED, APART))
        return GroupQuality(
            *(*group, people, links, apart),
            sum(reviewed[name] for name in JOINED),
            sum(reviewed[name] for name in APART),
            share_of(false, links),
            share_missed(missed, links, false),
        )
