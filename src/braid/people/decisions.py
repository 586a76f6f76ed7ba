"""What people decided about two records: `restricted/link_decisions.csv`, dated rows, of which the last one decides.

Two records that a safe address or a seal concerns take two people: one decides, another approves. A row that breaks a
rule decides nothing and is reported by file, line and rule; it never stops a run.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace

import pyarrow as pa

from braid.language.records import record_id
from braid.people.model import Decisions
from braid.store.engine import Engine

DECISIONS_FILE = "link_decisions"
"""Name of the file under `restricted/`, without its ending."""
COLUMNS = (
    "feed_a",
    "partner_record_id_a",
    "feed_b",
    "partner_record_id_b",
    "decision",
    "decided_by",
    "approved_by",
    "decided_date",
    "reference",
)
SAME, DIFFERENT = "same", "different"
TWO_PEOPLE = (
    "a protected or sealed person is concerned, so this takes two different people; let another person approve it"
    " with `braid link decide --approve`"
)
FORBIDDEN = "a decision or a seal that stands above it says otherwise; take the row out or have the other one lifted"


@dataclass(frozen=True)
class Decision:
    """One row: whether two records, by their source and its key, are one person, who says so, and since when."""

    line: int
    left: tuple[str, str]
    right: tuple[str, str]
    is_same: bool
    decided_by: str
    approved_by: str
    decided_date: dt.date
    reference: str

    @property
    def has_two_people(self) -> bool:
        """Whether two different named people stand behind it."""
        return bool(self.approved_by) and fold_name(self.approved_by) != fold_name(self.decided_by)


@dataclass(frozen=True)
class Decided:
    """The decisions on records that some extract holds, as pairs of record ids, and what was wrong with others."""

    pairs: tuple[tuple[tuple[str, str], Decision], ...] = ()
    problems: tuple[str, ...] = ()
    unknown: int = 0


NOTHING_DECIDED = Decided()


def fold_name(name: str) -> str:
    """Return a name so that ways of writing it do not make two people of one."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def parse_decisions(rows: Iterable[tuple[int, Mapping[str, str]]]) -> tuple[tuple[Decision, ...], tuple[str, ...]]:
    """Return the rows that can be read, each given with its line, and what is wrong with the others."""
    found: list[Decision] = []
    problems: list[str] = []
    for line, row in rows:
        decision = parse_decision(line, {name: (row.get(name) or "").strip() for name in COLUMNS})
        if isinstance(decision, str):
            problems.append(problem_at(line, decision))
        else:
            found.append(decision)
    return tuple(found), tuple(problems)


def parse_decision(line: int, row: Mapping[str, str]) -> Decision | str:
    """Return the decision that a row states, or the rule that it breaks."""
    left, right = ((row[f"feed_{side}"], row[f"partner_record_id_{side}"]) for side in ("a", "b"))
    if not all((*left, *right)):
        return "feed and partner_record_id of both records are needed; fill them"
    if left == right:
        return "it names one record twice; name two"
    if row["decision"] not in (SAME, DIFFERENT):
        return f"decision is {SAME} or {DIFFERENT}; write one of them"
    if not row["decided_by"]:
        return "decided_by is empty; name the person who decided"
    try:
        day = dt.date.fromisoformat(row["decided_date"])
    except ValueError:
        return "decided_date is no date; write it as yyyy-mm-dd"
    is_same = row["decision"] == SAME
    return Decision(line, left, right, is_same, row["decided_by"], row["approved_by"], day, row["reference"])


def problem_at(line: int, rule: str) -> str:
    """Return a sentence that names file, line and rule."""
    return f"restricted/{DECISIONS_FILE}.csv line {line}: {rule}"


def find_decided(engine: Engine, rows: Iterable[tuple[int, Mapping[str, str]]]) -> Decided:
    """Return the decisions of `rows` on records of `engine`."""
    decisions, problems = parse_decisions(rows)
    if not decisions:
        return Decided(problems=problems)
    keys = find_records(engine, (end for item in decisions for end in (item.left, item.right)))
    pairs = [
        ((min(keys[item.left], keys[item.right]), max(keys[item.left], keys[item.right])), item)
        for item in decisions
        if item.left in keys and item.right in keys
    ]
    return Decided(tuple(pairs), problems, len(decisions) - len(pairs))


def find_records(engine: Engine, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Return the record of each of `keys`, a feed and the partner's key, of which `engine` holds one."""
    asked = sorted(set(keys))
    names = ("feed", "partner_record_id")
    columns = {name: pa.array([key[place] for key in asked], pa.string()) for place, name in enumerate(names)}
    engine.load_arrow("asked_key", pa.table(columns))
    rows = engine.rows(
        "select r.record_id, r.feed, r.partner_record_id from person_record r join asked_key k"
        " on k.feed = r.feed and k.partner_record_id = r.partner_record_id"
    )
    engine.forget("asked_key")
    return {(row["feed"], row["partner_record_id"]): row["record_id"] for row in rows}


def find_parted_by_withdrawn(
    rows: Iterable[tuple[int, Mapping[str, str]]], withdrawn: Collection[str]
) -> dict[tuple[str, str], Decision]:
    """Return the last decision of each pair that names a withdrawn record, which no engine holds any more.

    What humans said of it goes on holding for the others of its person: see `braid.people.lineage.keep_apart`.
    """
    found: dict[tuple[str, str], Decision] = {}
    decisions = parse_decisions(rows)[0] if withdrawn else ()
    for item in sorted(decisions, key=lambda item: (item.decided_date, item.line)):
        one, other = sorted(record_id(feed, "person_record", key) for feed, key in (item.left, item.right))
        if one in withdrawn or other in withdrawn:
            found[one, other] = item
    return found


def forget_record(
    row: Mapping[str, str], withdrawn: Collection[tuple[str, str]], stand_in: Callable[[tuple[str, str]], str]
) -> dict[str, str]:
    """Return a row of the file in which something that leads to nobody stands for the key of a withdrawn record.

    Who decided what and when stays, and so does the other record; the partner's key of the one goes.
    """
    changed = dict(row)
    for side in ("a", "b"):
        key = (row.get(f"feed_{side}") or "").strip(), (row.get(f"partner_record_id_{side}") or "").strip()
        if key in withdrawn:
            changed[f"partner_record_id_{side}"] = stand_in(key)
    return changed


def of_two_people(decided: Decided) -> Decided:
    """Return the decisions behind which two people stand: they hold whoever is guarded."""
    return replace(decided, pairs=tuple(item for item in decided.pairs if item[1].has_two_people))


def choose(decided: Decided, guarded: frozenset[str], given: Decisions) -> tuple[Decisions, tuple[str, ...]]:
    """Return what holds while `guarded` are the records that take two people, over the decisions `given`; and what is
    wrong with the rows left out.

    Of two rows on one pair the later date holds, of one date the later line. A row left out does not undo one before.
    """
    latest: dict[tuple[str, str], Decision] = {}
    problems: list[str] = []
    for pair, decision in sorted(decided.pairs, key=lambda item: (item[1].decided_date, item[1].line)):
        if guarded.isdisjoint(pair) or decision.has_two_people:
            latest[pair] = decision
        else:
            problems.append(problem_at(decision.line, TWO_PEOPLE))
    same = {pair for pair, decision in latest.items() if decision.is_same}
    different = latest.keys() - same
    return (
        Decisions((given.must_link - different) | same, (given.cannot_link - same) | different),
        tuple(problems),
    )
