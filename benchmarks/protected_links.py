"""What it costs that no score joins a protected person, and what human decisions give back.

    python benchmarks/protected_links.py DIR [DIR ...]    place folders with a run and a truth/

Each way of linking is run on the same source records and read against the truth: precision and recall of pairs of
records, recall of pairs of backlogs, persons in two backlogs or more who truly are protected, true protected persons of
whom a district may be shown (leaks), and proposals. The last way lets two made-up people decide every proposal by the
truth, round after round until none is left.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pyarrow as pa

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(REPOSITORY / "src")]

from braid.language.records import SOURCE_TABLES  # noqa: E402 - the path is set first
from braid.people import guarded  # noqa: E402
from braid.people import run as people  # noqa: E402
from braid.people.decisions import COLUMNS  # noqa: E402
from braid.people.evidence import COLUMNS as WITNESSED  # noqa: E402
from braid.people.evidence import find_doubts  # noqa: E402
from braid.people.model import Edge, Facts, LinkSummary  # noqa: E402
from braid.people.quality import score_pairs, score_protection  # noqa: E402
from braid.people.run_call import Course, Said  # noqa: E402
from braid.people.seals import COLUMNS as SEALED  # noqa: E402
from braid.people.seals import SEALS_FILE, SealedRow, parse_seals  # noqa: E402
from braid.problems.load import load_statements  # noqa: E402
from braid.store.duckdb_engine import DuckDBEngine  # noqa: E402
from braid.store.lake import Lake, Run  # noqa: E402
from braid.store.place_folder import Place, load_place  # noqa: E402
from braid.store.restricted import read_restricted  # noqa: E402
from braid.waits.blockers import create_blocker  # noqa: E402
from braid.waits.person_waits import create_person_wait  # noqa: E402
from braid.waits.quality import compare  # noqa: E402

Doubts = Callable[[Iterable[Edge], pa.Table, Mapping[str, Facts]], dict[Edge, str]]
Rows = list[tuple[int, dict[str, str]]]
MOST_ROUNDS = 12


def _none(_edges: Iterable[Edge], _records: pa.Table, _facts: Mapping[str, Facts]) -> dict[Edge, str]:
    """Doubt nothing: every score counts, as before the rule."""
    return {}


def _all(edges: Iterable[Edge], _records: pa.Table, _facts: Mapping[str, Facts]) -> dict[Edge, str]:
    """Doubt everything: only humans join a guarded record."""
    return dict.fromkeys(edges, "identifier")


def _with_forenames(edges: Iterable[Edge], records: pa.Table, facts: Mapping[str, Facts]) -> dict[Edge, str]:
    """Doubt an edge also where one record holds no forename."""
    edges = list(edges)
    held = dict(zip(records["record_id"].to_pylist(), records["forename"].to_pylist(), strict=True))
    nameless = {edge: "forename" for edge in edges if not (held[edge.left] and held[edge.right])}
    return nameless | find_doubts(edges, records, facts)


def _national(edges: Iterable[Edge], records: pa.Table, facts: Mapping[str, Facts]) -> dict[Edge, str]:
    """Doubt a council's own number of a child."""
    blank = pa.nulls(records.num_rows, pa.string())
    columns = {name: blank if name == "la_child" else records[name] for name in WITNESSED}
    return find_doubts(edges, pa.table(columns), facts)


def _unless_all_agrees(edges: Iterable[Edge], records: pa.Table, facts: Mapping[str, Facts]) -> dict[Edge, str]:
    """Doubt by the rule, but not where forename, surname, birth date and postcode are equal and held by one set only.

    Not taken: no register guarantees it. Here to show what it would give.
    """
    names = ("record_id", "forename", "surname", "birth_date", "postcode")
    rows = {row["record_id"]: tuple(row[name] for name in names[1:]) for row in records.select(names).to_pylist()}
    doubts = find_doubts(edges, records, facts)
    return {edge: why for edge, why in doubts.items() if rows[edge.left] != rows[edge.right] or None in rows[edge.left]}


def _own_alone(_groups: Iterable[Sequence[str]], own: frozenset[str], _others: frozenset[str]) -> frozenset[str]:
    """Guard only records with a safe address or of a service for victims; whoever is joined to one is with it."""
    return own


WAYS: dict[str, Doubts] = {
    "score, as before": _none,
    "humans alone": _all,
    "number and forename on both": _with_forenames,
    "national number": _national,
    "the rule, and all of name, birth date, postcode": _unless_all_agrees,
    "national or council's number (the rule)": find_doubts,
}


@dataclass(frozen=True)
class Measured:
    """Figures of one way of linking."""

    summary: LinkSummary
    precision: float
    recall: float
    backlog_recall: float
    protected_in_several: int
    leaks: int
    """True protected people of whom some person that we describe has a district that may be shown."""
    proposals: list[tuple[str, str]]


@dataclass(frozen=True)
class Bench:
    """A place, its run, and who every record truly is."""

    place: Place
    run: Run
    truth: dict[str, str]
    keys: dict[str, tuple[str, str]]
    protected: frozenset[str]
    seals: tuple[SealedRow, ...]


def load(folder: Path) -> Bench:
    """Return what is measured in a place folder."""
    place = load_place(folder)
    run = Lake(place.lake_folder).current()
    if run is None:
        raise SystemExit(f"{folder} has no run; run `braid run {folder}` first")
    engine = _engine(run)
    rows = engine.rows("select record_id, feed, partner_record_id from person_record")
    engine.close()
    keys = {row["record_id"]: (row["feed"], row["partner_record_id"]) for row in rows}
    true = {(row["feed"], row["partner_record_id"]): row["true_person_id"] for row in _read(folder, "people")}
    protected = {row["true_person_id"] for row in _read(folder, "persons") if row["protected"] == "true"}
    seals = parse_seals(read_restricted(place, SEALS_FILE, SEALED))
    truth = {record: true[key] for record, key in keys.items() if key in true}
    return Bench(place, run, truth, keys, frozenset(protected), seals)


def measure(bench: Bench, doubts: Doubts, decided: Rows) -> Measured:
    """Link in one way, reckon the waits, and read both against the truth."""
    engine = _engine(bench.run)
    people.find_doubts = doubts  # type: ignore[attr-defined] - the one thing in which the ways differ
    serial = count()
    summary = people.run(
        engine,
        None,
        Said(decision_rows=decided, sealed_rows=bench.seals),
        Course(draw=lambda: f"{next(serial):032x}"),
    )
    as_of = dt.date.fromisoformat(bench.run.manifest["as_of"])
    create_person_wait(engine, bench.place.calendar, as_of)
    rules = [rule for statement in load_statements(bench.place.folder) for rule in statement.rules]
    create_blocker(engine, rules, as_of)
    report = compare(engine, bench.place.folder / "truth")
    links = {row["person_record_id"]: row["person_id"] for row in engine.rows("select * from person_link")}
    rows = engine.rows("select person_id, district_code is not null and not location_withheld as shown from person")
    score = score_pairs(links, bench.truth)
    kept = score_protection({row["person_id"]: row["shown"] for row in rows}, links, bench.truth, bench.protected)
    several = engine.rows(
        "select person_id from person_wait where stop_date is null group by person_id"
        " having count(distinct backlog) > 1"
    )
    truly = {links[record] for record, person in bench.truth.items() if person in bench.protected}
    proposals = [(row["record_a"], row["record_b"]) for row in engine.rows("select * from link_proposal")]
    engine.close()
    return Measured(
        summary=summary,
        precision=score.precision,
        recall=score.recall,
        backlog_recall=report.backlog_pairs.recall or 0.0,
        protected_in_several=len(truly & {row["person_id"] for row in several}),
        leaks=kept.true - kept.kept,
        proposals=proposals,
    )


def decide_all(bench: Bench) -> tuple[Measured, int, int]:
    """Return what is left when two people decide every proposal by the truth; the decisions and rounds it took."""
    decided: Rows = []
    for number in range(MOST_ROUNDS):
        found = measure(bench, find_doubts, decided)
        if not found.proposals:
            return found, len(decided), number
        for left, right in found.proposals:
            is_same = left in bench.truth and bench.truth[left] == bench.truth.get(right)
            values = (*bench.keys[left], *bench.keys[right], "same" if is_same else "different")
            row = dict(zip(COLUMNS, (*values, "A. Example", "B. Example", "2026-11-16", ""), strict=True))
            decided.append((len(decided) + 2, row))
    return found, len(decided), MOST_ROUNDS


def _engine(run: Run) -> DuckDBEngine:
    engine = DuckDBEngine()
    for name in (*(table.name for table in SOURCE_TABLES), "postcode"):
        if run.table(name).exists():
            engine.load_parquet(name, run.table(name))
    return engine


def _read(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / "truth" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _line(name: str, found: Measured) -> str:
    return (
        f"| {name} | {found.precision:.4f} | {found.recall:.3f} | {found.backlog_recall:.3f} |"
        f" {found.protected_in_several} | {found.leaks} | {len(found.proposals)} |"
    )


def main() -> None:
    """Print a table for each place folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+", metavar="DIR")
    for folder in parser.parse_args().folders:
        bench = load(folder)
        print(f"\n{folder.name}: {len(bench.keys)} records")
        print("| way | precision | recall | recall of pairs of backlogs | protected in several | leaks | proposals |")
        print("|---|---|---|---|---|---|---|")
        for name, doubts in WAYS.items():
            print(_line(name, measure(bench, doubts, [])), flush=True)
        inherited, guarded.find_touched = guarded.find_touched, _own_alone
        print(_line("the rule, on records guarded of themselves", measure(bench, find_doubts, [])), flush=True)
        guarded.find_touched = inherited
        found, decisions, rounds = decide_all(bench)
        print(_line(f"the rule, and {decisions} decisions in {rounds} rounds", found), flush=True)


if __name__ == "__main__":
    main()
