"""`unit_costs.csv` of a place folder: what a unit of a service costs whom, with its price year and its source.

Columns: `table` (stay, episode, event or wait), `code` (its kind in the common language), `unit` (day, each or week),
`payer` (a body of the place, or a kind of payer in words of its own), `pence`, `price_year`, `valid_from`, `valid_to`
(empty while it holds), `source`. A unit cost is an average that somebody published or the place worked out: it says
what a service costs, not what would be saved at once if somebody did without.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from braid.language.codes import EPISODE_KINDS, EVENT_KINDS, STAY_KINDS, WAIT_KINDS
from braid.language.dates import parse_date
from braid.language.printable import is_printable
from braid.language.rule_files import Fault, RulesInvalid, RulesUnreadable, read_text
from braid.store.place_folder import Place

FILE = "unit_costs.csv"
COLUMNS = ("table", "code", "unit", "payer", "pence", "price_year", "valid_from", "valid_to", "source")
KNOWN: Mapping[str, frozenset[str]] = {
    "stay": frozenset(STAY_KINDS),
    "episode": frozenset(EPISODE_KINDS),
    "event": frozenset(EVENT_KINDS),
    "wait": frozenset(WAIT_KINDS),
}
UNITS: Mapping[str, tuple[str, ...]] = {
    "stay": ("day", "each"),
    "episode": ("day", "each"),
    "event": ("each",),
    "wait": ("week",),
}
"""What each table may be costed by: a day that it lasts, its beginning, or a week that somebody waits."""
MOST_PENCE, LONGEST_PAYER, LONGEST_SOURCE = 10**9, 60, 300
FIRST_YEAR, LAST_YEAR = 2000, 2100


@dataclass(frozen=True)
class UnitCost:
    """What one unit costs one payer on the days from `valid_from` to before `valid_to` (`None` while it holds)."""

    table: str
    code: str
    unit: str
    payer: str
    pence: int
    price_year: int
    valid_from: dt.date
    valid_to: dt.date | None
    source: str


def load_unit_costs(place: Place) -> tuple[UnitCost, ...]:
    """Return the unit costs of a place; none where it has no such file. Raises `RulesInvalid` with every fault."""
    path = place.folder / FILE
    return parse_unit_costs(read_text(path)) if path.is_file() else ()


def parse_unit_costs(text: str) -> tuple[UnitCost, ...]:
    """Return the unit costs of a file. Raises `RulesInvalid` with every fault, `RulesUnreadable` where it is no CSV."""
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        if tuple(reader.fieldnames or ()) != COLUMNS:
            fault = Fault(FILE, "row 1", "the columns are not as they must be", f"write {','.join(COLUMNS)}")
            raise RulesUnreadable([fault])
        rows = list(reader)
    except csv.Error:
        raise RulesUnreadable([Fault(FILE, "file", "not CSV", "export it again as CSV in UTF-8")]) from None
    faults: list[Fault] = []
    costs = [_cost(number, row, faults) for number, row in enumerate(rows, start=2)]
    found = [cost for cost in costs if cost is not None]
    faults += _overlaps(found)
    if faults:
        raise RulesInvalid(faults)
    return tuple(found)


def _cost(number: int, row: Mapping[str, str | None], faults: list[Fault]) -> UnitCost | None:
    def refuse(rule: str, next_step: str) -> None:
        faults.append(Fault(FILE, f"row {number}", rule, next_step))

    before = len(faults)
    if None in row or any(value is None for value in row.values()):
        refuse("it has more or fewer cells than the first row", "give each column a cell")
        return None
    cells = {name: str(row[name]).strip() for name in COLUMNS}
    table, unit = cells["table"], cells["unit"]
    if table not in KNOWN:
        refuse("the table is not one that costs are reckoned over", f"use {', '.join(KNOWN)}")
    elif cells["code"] not in KNOWN[table]:
        refuse(f"the code is no kind of {table}", "use a code of the schema reference")
    elif unit not in UNITS[table]:
        refuse(f"a {table} is not costed by that unit", f"use {' or '.join(UNITS[table])}")
    for name, longest in (("payer", LONGEST_PAYER), ("source", LONGEST_SOURCE)):
        if not cells[name] or len(cells[name]) > longest or not is_printable(cells[name]):
            refuse(f"{name} must be a text of at most {longest} characters", f"write {name}")
    pence = _whole(cells["pence"], 0, MOST_PENCE)
    year = _whole(cells["price_year"], FIRST_YEAR, LAST_YEAR)
    if pence is None:
        refuse("pence must be a whole number", "write the cost in pence, without a point")
    if year is None:
        refuse("price_year must be a year", "write the year in which a financial year begins")
    first, last = _day(cells["valid_from"]), _day(cells["valid_to"])
    if first is None or (cells["valid_to"] and (last is None or last <= first)):
        refuse("valid_from and valid_to must be days, one after the other", "write yyyy-mm-dd")
    if len(faults) > before or pence is None or year is None or first is None:
        return None
    return UnitCost(table, cells["code"], unit, cells["payer"], pence, year, first, last, cells["source"])


def _whole(text: str, least: int, most: int) -> int | None:
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        return None
    return int(text) if least <= int(text) <= most else None


def _day(text: str) -> dt.date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def _overlaps(costs: Sequence[UnitCost]) -> list[Fault]:
    """Return a fault for each cost that holds on a day on which another of the same unit and payer holds."""
    found = []
    ordered = sorted(costs, key=lambda cost: (cost.table, cost.code, cost.unit, cost.payer, cost.valid_from))
    for one, other in pairwise(ordered):
        same = (one.table, one.code, one.unit, one.payer) == (other.table, other.code, other.unit, other.payer)
        if same and (one.valid_to is None or other.valid_from < one.valid_to):
            place, rule = f"{one.table} {one.code} by {one.unit}", "two costs of one payer hold on one day"
            found.append(Fault(FILE, place, rule, "end the first where the second begins"))
    return found
