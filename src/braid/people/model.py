"""The nouns of linking: what is known of a record, an edge between two records, and what a run did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


class LinkageFailed(Exception):
    """Linking could not be done: says what is missing and what to do, never a person's value."""


@dataclass(frozen=True)
class Edge:
    """Two records believed to be one person, with the weight of the evidence in bits."""

    left: str
    right: str
    weight: float


@dataclass(frozen=True)
class FieldWeight:
    """What one field of two records says: the level of agreement that it reached, and the bits that this adds."""

    comparison: str
    level: str
    bits: float


@dataclass(frozen=True)
class Facts:
    """What a record may not contradict.

    `claims` maps a scheme to the trusted identifier the record holds of it; a person holds one of each. `formers` are
    identifiers the record says are superseded. `cases` are the cases, applications and households of one feed in which
    the record is one of several distinct people: two records that share a case are two persons.
    """

    claims: Mapping[str, str] = field(default_factory=dict)
    formers: frozenset[str] = frozenset()
    cases: frozenset[str] = frozenset()


NO_FACTS = Facts()


@dataclass(frozen=True)
class Decisions:
    """What people decided after review, as pairs of record ids: these are, or are not, one person."""

    must_link: frozenset[tuple[str, str]] = frozenset()
    cannot_link: frozenset[tuple[str, str]] = frozenset()


NO_DECISIONS = Decisions()

Sides = Mapping[str, frozenset[tuple[str, str]]]
"""Of a sealed record, by its id: each seal and the side of it on which the record stands."""


@dataclass(frozen=True)
class Barriers:
    """What weight cannot buy.

    `guarded` are the records that a score never joins; `certain` the edges that may join them all the same, without a
    human. `sides` are the seals: no person holds records of two sides of one seal, whatever anybody says.
    """

    guarded: frozenset[str] = frozenset()
    certain: frozenset[Edge] = frozenset()
    sides: Sides = field(default_factory=dict)


NO_BARRIERS = Barriers()


@dataclass(frozen=True)
class Rest:
    """What is known of pairs beside the edges: how two groups weigh against each other, and not their best pair alone.

    `weak` are pairs that were scored and weigh less than an edge. `comparable` are records that hold a name and a birth
    date: two of them that were never scored, or weigh less than any pair that is kept, speak against one person.
    """

    weak: tuple[Edge, ...] = ()
    comparable: frozenset[str] = frozenset()


NO_REST = Rest()


@dataclass(frozen=True)
class RefusedEdge:
    """An edge that was not followed, and why: `constraint`, `bridge`, `tie`, `protected`, `sealed` or `decision`."""

    edge: Edge
    reason: str


@dataclass(frozen=True)
class Resolution:
    """Groups of records, sorted; the best edge that holds each record; what was refused.

    `proposed` are the fewest refused edges that a human would have to confirm for the guarded records to be whole.
    `contested` are refused edges, one between two persons, of which nobody is sealed, and which numbers alone or the
    rest of their records keep apart: whether a human should see them is for the records to say.
    """

    groups: tuple[tuple[str, ...], ...]
    held_by: Mapping[str, Edge]
    refused: tuple[RefusedEdge, ...]
    proposed: tuple[Edge, ...] = ()
    contested: tuple[RefusedEdge, ...] = ()


@dataclass(frozen=True)
class HistoryRow:
    """A change of identity since the run before; `cause` is a code of `change_cause`, empty until it is found."""

    person_id: str
    change: str
    other_person_id: str | None
    cause: str


@dataclass(frozen=True)
class Identities:
    """Who each record is now, and what changed since the run before."""

    person_ids: Mapping[str, str]
    history: tuple[HistoryRow, ...]


@dataclass(frozen=True)
class EdgeSet:
    """What the linkage engine returns: edges above the threshold, and how much it compared."""

    edges: tuple[Edge, ...]
    pairs_scored: int
    keys_over_cap: int
    """Parts of blocking keys that too many records share; their pairs were not compared by that key."""
    weak: tuple[Edge, ...] = ()
    """Pairs below the threshold that may be one person all the same: they join nobody, and count as links missed."""
    levels: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """How many edges reach each level, by comparison."""
    keys_refined: int = 0
    """Blocking keys that too many records share, and that were divided."""
    pairs_lost: int = 0
    """Pairs that share a divided key but no part of it; another key may have brought them together all the same."""
    apart: frozenset[tuple[str, str]] = frozenset()
    """Pairs of records that look like two people of one family, whatever they weigh: twins, or parent and child."""
    confused: frozenset[Edge] = frozenset()
    """Edges that a shared number makes, of pairs that look like two people of one family in all else."""


@dataclass(frozen=True)
class LinkSummary:
    """Counts of one run of the people stage."""

    records: int
    pairs_scored: int
    keys_over_cap: int
    edges: int
    refused_by_constraint: int
    refused_by_tie: int
    refused_by_protection: int
    proposals: int
    persons: int
    new: int
    merged: int
    split: int
    retired: int
    protected: int
    model_version: str
    decisions_used: int = 0
    decisions_refused: int = 0
    decisions_unknown: int = 0
    """Decisions on a record that no extract holds now."""
    sealed_persons: int = 0
    sealed_records_unknown: int = 0
    ids_ended_by_seal: int = 0
    """Person ids that had led across a seal: what the overlay holds on them must be entered again."""
    refused_by_bridge: int = 0
    contested: int = 0
    """Proposals on joins that numbers alone, or the rest of the records, refused."""
    release: Mapping[str, str] = field(default_factory=dict)
    """Version and fingerprint of the linkage release, and whether its name frequencies are frozen."""
    drift: Mapping[str, float] = field(default_factory=dict)
    """The comparisons whose levels among the edges have shifted since the release was made, each with its index."""
    wrong_numbers: int = 0
    wrong_numbers_lapsed: int = 0
    second_pass: int = 0
    """Pairs of records that households suggest beside the scored ones."""
    reviews: int = 0
    """Pairs of records that a human is to look at."""
    withdrawn: int = 0
    """Records that were erased or taken back."""
    compared: str = "full"
    """Whether every record was compared or, in a `night`, those that changed."""
    records_changed: int = 0
    records_linked: int = 0
    """Of how many records it was asked anew who they are: whom the night touched, and who hangs together with them."""
    problems: tuple[str, ...] = ()
    """Decisions that were refused: file, line and rule, and nobody's value."""
    keys_refined: int = 0
    pairs_lost: int = 0
    """By keys that were too large: pairs that were not compared by that key. Another may have found them."""
