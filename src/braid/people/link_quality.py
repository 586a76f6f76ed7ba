"""What the reviewed sample says of linking: false and missed links by group of people and by pair of standards.

The answers are the decisions of the place's own file. A stratum counts once four in five of its drawn pairs are
decided, and until every stratum does nothing is told: what is looked at first is not drawn by chance.
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

    @property
    def is_decided(self) -> bool:
        """Whether so many are decided that it counts; one without pairs is."""
        return not self.pairs or (self.drawn > 0 and self.decided >= LEAST_DECIDED * self.drawn)


@dataclass(frozen=True)
class GroupQuality:
    """What is estimated of a group: `false` of its links and `missed` of its true ones, as parts of one.

    `links` are the joined pairs, `apart` those compared and left apart; `false_reviewed` and `missed_reviewed` the
    decided pairs of either that the estimate rests on. `None`: nothing says so.
    """

    characteristic: str
    group_code: str
    people: int
    links: int
    apart: int
    false_reviewed: int
    missed_reviewed: int
    false: Estimate | None
    missed: Estimate | None


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
        """Whether enough of every stratum is decided."""
        return all(each.is_decided for each in self.strata)


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
    for pair in decided:
        for group in groups[pair]:
            held[group].append(pair)
    pairs: dict[Group, Counter[str]] = defaultdict(Counter)
    people: dict[Group, int] = {}
    for row in frame:
        group = row["characteristic"], row["group_code"]
        pairs[group][row["stratum"]] += row["pairs"]
        people[group] = row["people"]
    found = _Reckoning(decided, labels)
    ordered = sorted(pairs, key=lambda group: (group[0] != ALL, group))
    of_groups = tuple(found.of_group(group, people[group], pairs[group], held[group]) for group in ordered)
    return LinkQuality(frame[0]["drawn_date"], told, of_groups)


class _Reckoning:
    """Which decided pairs stood in which stratum, and which of them were wrong."""

    def __init__(self, decided: Mapping[Pair, str], labels: Mapping[Pair, bool]) -> None:
        self._stratum = decided
        self._is_wrong = {pair: labels[pair] != (stratum in JOINED) for pair, stratum in decided.items()}
        counts = Counter(decided.values())
        wrong = Counter(stratum for pair, stratum in decided.items() if self._is_wrong[pair])
        self._share = {stratum: wrong[stratum] / count for stratum, count in counts.items()}

    def of_group(self, group: Group, people: int, pairs: Mapping[str, int], decided: Sequence[Pair]) -> GroupQuality:
        """Return the estimates of one group from its own decided pairs."""
        reviewed = Counter(self._stratum[pair] for pair in decided)
        wrong = Counter(self._stratum[pair] for pair in decided if self._is_wrong[pair])
        cells = {name: Cell(pairs.get(name, 0), reviewed[name], wrong[name], self._share.get(name)) for name in STRATA}
        links, apart = (sum(pairs.get(name, 0) for name in names) for names in (JOINED, APART))
        false, missed = (estimate(cells[name] for name in names) for names in (JOINED, APART))
        return GroupQuality(
            *(*group, people, links, apart),
            sum(reviewed[name] for name in JOINED),
            sum(reviewed[name] for name in APART),
            share_of(false, links) if false else None,
            share_missed(missed, links, false) if missed and false else None,
        )
