"""How right the findings are, measured against a place whose truth is known.

Every measure compares two sets, what was found and what is true, by precision (the share of the found that is true) and
recall (the share of the true that was found):

* `multi_backlog`: people with running waits in two or more backlogs;
* `backlog_pairs`: a person and a pair of backlogs in both of which they wait;
* `kinds`: a person and a kind of running wait, for each kind;
* `blockers`: a person, the kind held up and the kind that holds, for each rule;
* `held`: a person, a kind of their waits that is held up, and the kind of what holds it, directly or down the line.

A kind of wait that the truth never mentions cannot be judged: it is named in `unjudged` and left out of the others.

A found person stands for the true person who holds most of their records; where several found persons would stand for
one true person, the one with the most of that person's records does, and the others count as found but not true.
The truth knows every wait of the place, also those that no partner's extract shows, so recall can stay below one even
without an error. Comparing the same findings worked out from true links (`compare_given_true_links`) tells the error of
linking from the error of reading and of the rules.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from braid.language.calendars import Calendar
from braid.language.codes import WAIT_KINDS
from braid.language.findings import PERSON, PERSON_LINK
from braid.store.engine import Engine
from braid.waits.blockers import create_blocker
from braid.waits.graph import create_graph
from braid.waits.person_waits import create_person_wait
from braid.waits.rules import BlockerRule
from braid.waits.unblock import create_unblock

Facts = set[tuple[str, ...]]
"""Facts about people; the person comes first."""


@dataclass(frozen=True)
class Score:
    """Two sets compared: how many facts were found, how many are true, how many are both."""

    found: int
    true: int
    both: int

    @property
    def precision(self) -> float | None:
        """Share of the found that is true; `None` where nothing was found."""
        return self.both / self.found if self.found else None

    @property
    def recall(self) -> float | None:
        """Share of the true that was found; `None` where nothing is true."""
        return self.both / self.true if self.true else None

    def as_document(self) -> dict[str, float | int | None]:
        """Return counts and shares by name, for `--json`."""
        counts = {"found": self.found, "true": self.true, "both": self.both}
        return {**counts, "precision": self.precision, "recall": self.recall}


@dataclass(frozen=True)
class TruthReport:
    """The measures of the module's description."""

    multi_backlog: Score
    backlog_pairs: Score
    kinds: dict[str, Score]
    blockers: dict[str, Score]
    held: Score | None
    """`None` where the truth was written before it said what holds what down the line."""
    unjudged: tuple[str, ...]
    """Kinds of wait that were found and that the truth never mentions."""

    def as_document(self) -> dict[str, Any]:
        """Return the measures by name, for `--json`."""
        return {
            "multi_backlog": self.multi_backlog.as_document(),
            "backlog_pairs": self.backlog_pairs.as_document(),
            "kinds": {kind: score.as_document() for kind, score in self.kinds.items()},
            "blockers": {rule: score.as_document() for rule, score in self.blockers.items()},
            "held": self.held.as_document() if self.held else None,
            "unjudged": list(self.unjudged),
        }


def compare(engine: Engine, truth_folder: Path) -> TruthReport:
    """Compare the engine's `person_wait` and `blocker` with the truth in `truth_folder`.

    Reads person_record, person_link, wait and episode of the engine, and people.csv, waits.csv, blockers.csv and
    held.csv of the folder. What holds what down the line is worked out anew from `blocker`, so that a run made before
    these findings is judged too.
    """
    create_graph(engine)
    create_unblock(engine)
    stands = _stands_for(_records_of_persons(engine, truth_folder))
    truth = [row for row in _read(truth_folder, "waits.csv") if row["kind"] in WAIT_KINDS]
    judged = {row["kind"] for row in truth}
    found = engine.rows(_RUNNING)
    waits: Facts = {(_as_true(stands, row["person_id"]), row["kind"]) for row in found if row["kind"] in judged}
    true_waits: Facts = {(row["true_person_id"], row["kind"]) for row in truth if not row["stop_date"]}
    blockers: Facts = {(_as_true(stands, row["person_id"]), *_blocker_fact(row)) for row in engine.rows(_BLOCKERS)}
    true_blockers: Facts = {(row["true_person_id"], *_blocker_fact(row)) for row in _read(truth_folder, "blockers.csv")}
    pairs, true_pairs = _pairs(waits), _pairs(true_waits)
    return TruthReport(
        multi_backlog=_score({fact[:1] for fact in pairs}, {fact[:1] for fact in true_pairs}),
        backlog_pairs=_score(pairs, true_pairs),
        kinds=_scores(waits, true_waits),
        blockers=_scores(blockers, true_blockers),
        held=_score_held(engine, stands, truth_folder),
        unjudged=tuple(sorted({row["kind"] for row in found} - judged)),
    )


def compare_given_true_links(
    engine: Engine,
    spare: Engine,
    truth_folder: Path,
    calendar: Calendar,
    as_of: dt.date,
    rules: Iterable[BlockerRule],
) -> TruthReport:
    """Compare what the same source records give when every record is linked to its true person.

    `spare` is an empty engine that the source tables are copied into, so that the findings of `engine` stay.
    """
    for name in ("person_record", "wait", "episode", "event"):
        spare.load_arrow(name, engine.arrow(f"select * from {name}"))
    links = [
        {"person_id": row["true_person_id"], "person_record_id": row["record_id"], "method": "human"}
        for row in _true_records(engine, truth_folder)
    ]
    spare.load_rows(PERSON_LINK, links)
    spare.load_rows(PERSON, [])
    create_person_wait(spare, calendar, as_of)
    create_blocker(spare, rules, as_of)
    return compare(spare, truth_folder)


_RUNNING = "select distinct person_id, kind from person_wait where stop_date is null"
_BLOCKERS = """
select b.person_id, b.rule_id, w.kind as held_kind, b.holder_kind
from blocker b join person_wait w on w.wait_id = b.held_wait_id"""


_HELD = """
select distinct u.person_id, w.kind as held_kind, n.holder_kind
from unblock_wait u join person_wait w on w.wait_id = u.wait_id join graph_node n on n.holder_id = u.holder_id"""


def _score_held(engine: Engine, stands: dict[str, str], truth_folder: Path) -> Score | None:
    if not (truth_folder / "held.csv").is_file():
        return None
    found: Facts = {(_as_true(stands, row["person_id"]), *_held_fact(row)) for row in engine.rows(_HELD)}
    true: Facts = {(row["true_person_id"], *_held_fact(row)) for row in _read(truth_folder, "held.csv")}
    return _score(found, true)


def _held_fact(row: dict[str, Any]) -> tuple[str, str]:
    return (row["held_kind"], row["holder_kind"])


def _blocker_fact(row: dict[str, Any]) -> tuple[str, str, str]:
    return (row["rule_id"], row["held_kind"], row["holder_kind"])


def _read(folder: Path, name: str) -> Iterator[dict[str, str]]:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _true_records(engine: Engine, truth_folder: Path) -> list[dict[str, str]]:
    """Return record_id and true_person_id of every person record that the truth knows."""
    truth = {
        (row["feed"], row["partner_record_id"]): row["true_person_id"] for row in _read(truth_folder, "people.csv")
    }
    records = engine.rows("select record_id, feed, partner_record_id from person_record")
    keyed = [(row["record_id"], truth.get((row["feed"], row["partner_record_id"]))) for row in records]
    return [{"record_id": record, "true_person_id": person} for record, person in keyed if person]


def _records_of_persons(engine: Engine, truth_folder: Path) -> Counter[tuple[str, str]]:
    """Count the records that a found person and a true person have in common."""
    true_person = {row["record_id"]: row["true_person_id"] for row in _true_records(engine, truth_folder)}
    links = engine.rows("select person_id, person_record_id from person_link")
    return Counter(
        (link["person_id"], true_person[link["person_record_id"]])
        for link in links
        if link["person_record_id"] in true_person
    )


def _stands_for(common: Counter[tuple[str, str]]) -> dict[str, str]:
    """Return the true person that each found person stands for; a found person may stand for nobody."""
    ranked = sorted(common, key=lambda pair: (-common[pair], pair))
    best: dict[str, str] = {}
    for found, true in ranked:
        best.setdefault(found, true)
    stands: dict[str, str] = {}
    taken: set[str] = set()
    for found, true in ranked:
        if best[found] == true and true not in taken:
            taken.add(true)
            stands[found] = true
    return stands


def _as_true(stands: dict[str, str], found: str) -> str:
    """Return the true person, or a mark that no true person has."""
    return stands.get(found, f"nobody: {found}")


def _pairs(waits: Facts) -> Facts:
    backlogs: dict[str, set[str]] = defaultdict(set)
    for person, kind in waits:
        backlogs[person].add(WAIT_KINDS[kind].backlog)
    return {(person, *pair) for person, held in backlogs.items() for pair in combinations(sorted(held), 2)}


def _score(found: Facts, true: Facts) -> Score:
    return Score(len(found), len(true), len(found & true))


def _scores(found: Facts, true: Facts) -> dict[str, Score]:
    """Return a score for each second part of the facts: the kind, or the rule."""
    groups = sorted({fact[1] for fact in found | true})
    return {
        group: _score({fact for fact in found if fact[1] == group}, {fact for fact in true if fact[1] == group})
        for group in groups
    }
