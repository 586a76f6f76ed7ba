"""Checking returns against the rules of their standard: SQL over the return's tables, one query a rule.

The tables rest on the engine, which spills what memory has no room for; what a rule found is handed on rule by rule.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from braid.extracts.rules.cin_tables import gather_cin
from braid.extracts.rules.gather import Gathered
from braid.extracts.rules.layouts import LAYOUTS
from braid.extracts.rules.model import Example, Finding, Layout, Rule
from braid.extracts.rules.rule_files import DAY, PLACEHOLDER, load_rules
from braid.extracts.rules.ssda903_tables import gather_ssda903
from braid.language.calendars import ONE_DAY, add_months, england_bank_holidays
from braid.store.engine import Engine


@dataclass(frozen=True)
class Checked:
    """What a rule found: the rows that break it, as `file`, `id` in its table and `position`, each once and in order.

    `missing` names the tables without which it cannot be checked, since no file of them was given; `found` is empty
    then.
    """

    rule: Rule
    found: pa.Table
    missing: tuple[str, ...] = ()

    def findings(self) -> Iterator[Finding]:
        """Give the rows one by one."""
        for row in self.found.to_pylist():
            yield Finding(self.rule, row["file"], row["position"])


EXAMPLE_KEYS = 1000
"""How many children, referrals and the like one example may name."""
NOTHING = pa.table(
    {"file": pa.array([], pa.int32()), "id": pa.array([], pa.int64()), "position": pa.array([], pa.string())}
)


def has_rules(standard: str) -> bool:
    """Whether there are rules of a standard."""
    return standard in LAYOUTS


def check_files(
    files: Sequence[Path], standard: str, year: int | None, engine: Engine, folder: Path
) -> Iterator[Checked]:
    """Check the files of one return, as a connector could read them, against the rules of its year.

    `year` is the collection year where the files do not state one; where neither does, nothing is checked. `folder` is
    where the tables are written; they are personal data and whoever calls deletes it. Files are numbered from 0.
    """
    layout = LAYOUTS[standard]
    stated, rows, paths = _gather(files, layout, folder)
    year = stated or year
    if year is None:
        return
    load_tables(engine, layout, paths, year)
    yield from check_tables(engine, layout, [rule for rule in load_rules(standard) if rule.is_of(year)], year, rows)


def load_tables(engine: Engine, layout: Layout, paths: Mapping[str, Path], year: int) -> None:
    """Load the gathered tables and reckon what the layout derives from them.

    A table that another is derived from under its own name is `raw_<name>`.
    """
    for name, path in paths.items():
        own = f"raw_{name}" if name in layout.derived else name
        engine.load_parquet(f"file_{name}", path)
        engine.create(own, f"select * from file_{name}")
        engine.forget(f"file_{name}")
    for name, sql in layout.derived.items():
        engine.create(name, fill_in(sql, layout, year))


def check_tables(
    engine: Engine, layout: Layout, rules: Sequence[Rule], year: int, rows: Mapping[str, int]
) -> Iterator[Checked]:
    """Run rules over the tables of a layout that are on the engine; `rows` counts those that files were given of.

    What a rule can tell from a row and those that hold it, is asked of all such rules of a table in one query.
    """
    together: dict[str, list[Rule]] = {}
    for rule in rules:
        missing = tuple(sorted(rule.tables_used(layout) - rows.keys()))
        if missing or not rows[rule.table]:
            yield Checked(rule, NOTHING, missing)
        elif "select" in rule.where:
            yield Checked(rule, _ask(engine, layout, rule.table, [rule], year)[0])
        else:
            together.setdefault(rule.table, []).append(rule)
    for table, own in together.items():
        for rule, found in zip(own, _ask(engine, layout, table, own, year), strict=True):
            yield Checked(rule, found)


def _ask(engine: Engine, layout: Layout, table: str, rules: Sequence[Rule], year: int) -> list[pa.Table]:
    """Return the rows of a table that break each of the rules."""
    found = engine.arrow(query_of(layout, table, rules, year))
    return [
        found.filter(found.column(f"breaks_{number}")).select(["file", "id", "position"]).combine_chunks()
        for number in range(len(rules))
    ]


def query_of(layout: Layout, table: str, rules: Sequence[Rule], year: int) -> str:
    """Return the query that gives the rows of a table that break any of the rules, and which: `breaks_0`, `breaks_1`.

    A row stands once for each rule, though several rows hold it: a child that stands twice in a header.
    """
    conditions = [fill_in(rule.where, layout, year) for rule in rules]
    used = {alias for rule in rules for alias in re.findall(r"\b(\w+)\.", rule.where)}
    joins = " ".join(
        f"left join {other} {alias} on {alias}.{theirs} = r.{ours}"
        for alias, (other, theirs, ours) in layout.joins.items()
        if alias in used
    )
    broken = ", ".join(
        f"max(coalesce({condition}, false)) as breaks_{number}" for number, condition in enumerate(conditions)
    )
    either = " or ".join(f"({condition})" for condition in conditions)
    return (
        f"select r.file, r.id, r.position, {broken} from {table} r {joins} where {either}"
        " group by r.file, r.id, r.position order by r.file, r.id"
    )


def fill_in(sql: str, layout: Layout, year: int) -> str:
    """Return SQL with its code lists and days written out, as `{ethnicities}` or `{end_less_45_working_days}`."""

    def value(found: re.Match[str]) -> str:
        name = found[1]
        if name in layout.codes:
            return "(" + ", ".join(f"'{code}'" for code in codes_of(layout, name, year)) + ")"
        return f"date '{day_of(name, year).isoformat()}'"

    return PLACEHOLDER.sub(value, sql)


def codes_of(layout: Layout, name: str, year: int) -> list[str]:
    """Return the codes of a list in a collection year: `K3@2024-` is one since 2024, `Z1@-2025` one until 2025."""
    found = []
    for entry in layout.codes[name]:
        code, _, years = entry.partition("@")
        first, _, last = years.partition("-")
        if int(first or 0) <= year <= int(last or 9999):
            found.append(code)
    return found


def day_of(name: str, year: int) -> dt.date:
    """Return a day of a collection year: its `start`, 1 April of the year before, its `end`, 31 March, or one beside.

    `end_less_45_working_days`, `start_plus_7_days`. Raises `KeyError` for another name.
    """
    days = {"start": dt.date(year - 1, 4, 1), "end": dt.date(year, 3, 31)}
    if name in days:
        return days[name]
    found = DAY.fullmatch(name)
    if found is None:
        raise KeyError(name)
    start, way, count, unit = days[found[1]], 1 if found[2] == "plus" else -1, int(found[3]), found[4]
    if unit in ("months", "years"):
        return add_months(start, way * count * (12 if unit == "years" else 1))
    return _move(start, way, count) if unit == "working_days" else start + way * count * ONE_DAY


def _move(day: dt.date, way: int, count: int) -> dt.date:
    """Return the day that many working days before (`way` -1) or after a day, which is not counted itself."""
    while count:
        day += way * ONE_DAY
        count -= _is_working(day)
    return day


def _is_working(day: dt.date) -> bool:
    return day.weekday() < 5 and day not in england_bank_holidays()


def _gather(files: Sequence[Path], layout: Layout, folder: Path) -> tuple[int | None, dict[str, int], dict[str, Path]]:
    """Write the tables of all files; return the year that they state, the rows of each table given, and their paths."""
    stated: int | None = None
    present: set[str] = set()
    with ExitStack() as stack:
        tables = {table.name: stack.enter_context(Gathered(table, folder)) for table in layout.tables}
        for number, path in enumerate(files):
            if layout.standard == "cin":
                stated = gather_cin(path, number, tables) or stated
                present = set(tables)
            else:
                present |= gather_ssda903(path, number, tables)
    rows = {name: table.count for name, table in tables.items() if name in present}
    return stated, rows, {name: table.path for name, table in tables.items()}


def tables_of_examples(layout: Layout, examples: Sequence[Example], folder: Path) -> dict[str, int]:
    """Write examples of rules' files as the tables of a layout, each as a file of its own; return their rows.

    All rows of an example are of one child, and of one referral, unless a row says otherwise by its keys.
    """
    with ExitStack() as stack:
        for table in layout.tables:
            gathered = stack.enter_context(Gathered(table, folder))
            for file, example in enumerate(examples):
                for number, row in enumerate(example.get(table.name, ()), 1):
                    cells = {name: str(row[name]) for name in table.cells if name in row}
                    if "CHILD" in table.texts:
                        cells["CHILD"] = f"{file}-{cells.get('CHILD', '1')}"
                    keys = {name: file * EXAMPLE_KEYS + int(row.get(name, 0)) for name in table.keys}
                    gathered.add(file, f"row {number}", cells, **keys)
    return {table.name: sum(len(example.get(table.name, ())) for example in examples) for table in layout.tables}
