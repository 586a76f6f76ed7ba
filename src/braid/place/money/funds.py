"""`funds.toml` of a place folder: joint funds with their legal basis, who contributes, and what the money is for.

Money in the file is whole pence. Nothing is posted from it but the opening budget of each year: what was paid in,
committed and spent stands in the ledger.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from braid.language.rule_files import Fault, Fields, RulesInvalid, read_text, read_toml
from braid.place.bodies import Body
from braid.place.money.bases import BASES, Basis
from braid.place.money.periods import first_month_of, year_of
from braid.store.place_folder import Place

FILE, TOP = "funds.toml", "funds"
LONGEST_ID, LONGEST_NAME, LONGEST_TEXT = 60, 100, 400
MOST_PENCE = 10**13
"""A hundred thousand million pounds: larger is a slip of the pen."""
WHOLE = 100
PAID_FOR: Mapping[str, str] = {"posts": "Posts", "services": "Services", "outcomes": "Outcomes"}
"""What a line pays for: posts and services are inputs, paid whatever comes of them; outcomes are paid when they
come."""
UNDERSPENDS: Mapping[str, str] = {
    "return": "is paid back to whoever contributed, in proportion",
    "carry": "is carried into the next year",
    "share": "is shared by the agreed shares",
}
OVERSPENDS: Mapping[str, str] = {
    "host": "is borne by the host",
    "carry": "is carried into the next year",
    "share": "is borne by the agreed shares",
}
_LINKS = ("statement", "outcome", "commission")
_KNOWN = (
    *("id", "name", "basis", "host", "from", "to", "approve_from_pence", "underspend", "overspend", "shares"),
    *("contribution", "line", "agreement", "aims", "functions", "conditions", "most_moved_percent"),
)


@dataclass(frozen=True)
class Line:
    """A budget line: what it pays for, what it serves, and its opening budget by financial year in pence."""

    id: str
    name: str
    paid_for: str
    budgets: Mapping[int, int]
    statement: str = ""
    outcome: str = ""
    commission: str = ""

    @property
    def is_for_outcomes(self) -> bool:
        """Whether it pays for what came of it; otherwise for what was put in."""
        return self.paid_for == "outcomes"


@dataclass(frozen=True)
class Fund:
    """A joint fund. `shares` are whole per cent by body; `contributions` agreed pence by body and financial year."""

    id: str
    name: str
    basis: Basis
    host: str
    from_date: dt.date
    to_date: dt.date
    approve_from_pence: int
    underspend: str
    overspend: str
    contributions: Mapping[tuple[str, int], int]
    lines: Mapping[str, Line]
    shares: Mapping[str, int]
    agreement: str = ""
    aims: str = ""
    functions: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    most_moved_percent: int = WHOLE

    @property
    def bodies(self) -> tuple[str, ...]:
        """Return the bodies that contribute, by id."""
        return tuple(sorted({body for body, _ in self.contributions}))

    @property
    def years(self) -> tuple[int, ...]:
        """Return the financial years in which the fund runs, each by the year in which it begins."""
        return tuple(range(year_of(self.from_date), year_of(self.to_date) + 1))

    @property
    def first_month(self) -> dt.date:
        """Return the first day of the first month of the fund."""
        return first_month_of(self.from_date)

    def budget_of(self, year: int) -> int:
        """Return the opening budget of all lines in a financial year, in pence."""
        return sum(line.budgets.get(year, 0) for line in self.lines.values())

    def contributed_in(self, year: int) -> int:
        """Return what bodies agreed to contribute in a financial year, in pence."""
        return sum(pence for (_, each), pence in self.contributions.items() if each == year)


def load_funds(place: Place, bodies: Collection[Body]) -> tuple[Fund, ...]:
    """Return the funds of a place, by id; none where it has no `funds.toml`.

    Raises `RulesInvalid` with every fault of the file, `RulesUnreadable` where it is no TOML.
    """
    path = place.folder / FILE
    return parse_funds(read_text(path), bodies) if path.is_file() else ()


def parse_funds(text: str, bodies: Collection[Body]) -> tuple[Fund, ...]:
    """Return the funds that a file names, by id. Raises `RulesInvalid` with every fault, `RulesUnreadable`."""
    top = read_toml(text, FILE, TOP)
    top.check_known(("fund",))
    kinds = {body.id: body.kind for body in bodies}
    found = [_fund(fields, kinds) for fields in top.tables("fund")]
    faults = list(top.faults)
    faults += [
        Fault(FILE, "id", f"{one!r} is there twice", "give each fund its own id") for one in _twice(f.id for f in found)
    ]
    if faults:
        raise RulesInvalid(faults)
    return tuple(sorted(found, key=lambda fund: fund.id))


def _fund(fields: Fields, kinds: Mapping[str, str]) -> Fund:
    fields.check_known(_KNOWN)
    basis = BASES.get(fields.code("basis", BASES), BASES["aligned"])
    first, last = fields.day("from"), fields.day("to")
    contributions = _by_year(fields, "contribution", kinds)
    fund = Fund(
        id=_id(fields, "id"),
        name=fields.text("name", LONGEST_NAME),
        basis=basis,
        host=fields.code("host", kinds),
        from_date=first,
        to_date=max(first, last),
        approve_from_pence=fields.number("approve_from_pence", "pence", 1, MOST_PENCE),
        underspend=fields.code("underspend", UNDERSPENDS),
        overspend=fields.code("overspend", OVERSPENDS),
        contributions=contributions,
        lines=_lines(fields),
        shares=_shares(fields),
        agreement=_optional(fields, "agreement"),
        aims=_optional(fields, "aims"),
        functions=_texts(fields, "functions"),
        conditions=_texts(fields, "conditions"),
        most_moved_percent=fields.number("most_moved_percent", "per cent", 0, WHOLE)
        if fields.has("most_moved_percent")
        else WHOLE,
    )
    if last < first:
        fields.refuse("'to' is before 'from'", "write the last day of the fund under to")
    _check_law(fields, fund, kinds)
    _check_sums(fields, fund)
    return fund


def _check_law(fields: Fields, fund: Fund, kinds: Mapping[str, str]) -> None:
    """Leave a fault for each thing that the legal basis asks and the fund does not say."""
    basis, where = fund.basis, f"({fund.basis.law})"
    for key in basis.needs:
        if not fields.has(key):
            fields.refuse(f"{basis.name} needs {key!r} {where}", f"write {key} as the agreement has it")
    for body in fund.bodies:
        if basis.partners and kinds[body] not in basis.partners:
            fields.refuse(
                f"{body!r} cannot be a partner of this basis {where}", "choose another basis, or leave it out"
            )
    for wanted in basis.one_of_each:
        if not any(kinds[body] in wanted for body in fund.bodies):
            fields.refuse(
                f"no contributing body is one of {', '.join(sorted(wanted))} {where}", "name its contribution"
            )
    if not basis.holds_many and len(fund.bodies) > 1:
        fields.refuse(
            "money of several bodies is pooled and not aligned", "make a fund for each, or name another basis"
        )
    if fund.host and fund.host not in fund.bodies and basis.code != "grant":
        fields.refuse("the host contributes nothing", "name its contribution (0 pence is one), or another host")
    if fund.underspend and fund.underspend not in basis.underspends:
        fields.refuse(f"underspend = {fund.underspend!r} does not go with {basis.name}", _use(basis.underspends))
    if fund.overspend and fund.overspend not in basis.overspends:
        fields.refuse(f"overspend = {fund.overspend!r} does not go with {basis.name}", _use(basis.overspends))
    if (fund.underspend == "carry") != (fund.overspend == "carry"):
        fields.refuse(
            "a fund that carries what is left carries what lacks, and the other way round", "write carry twice"
        )
    if "share" in (fund.underspend, fund.overspend) and set(fund.shares) != set(fund.bodies):
        fields.refuse("the shares are not those of the contributing bodies", "give each body its share, in per cent")


def _check_sums(fields: Fields, fund: Fund) -> None:
    for year in sorted(
        {year for _, year in fund.contributions} | {y for li in fund.lines.values() for y in li.budgets}
    ):
        if year not in fund.years:
            fields.refuse(f"{year} is no year of the fund", "name years between from and to")
        if fund.budget_of(year) > fund.contributed_in(year):
            fields.refuse(f"the budget of {year} is more than what is contributed", "lower a budget of that year")


def _by_year(fields: Fields, key: str, kinds: Mapping[str, str]) -> dict[tuple[str, int], int]:
    found: dict[tuple[str, int], int] = {}
    for one in fields.tables(key):
        one.check_known(("body", "year", "pence"))
        pair = (one.code("body", kinds), _year(one))
        if pair in found:
            one.refuse("this body and year are there twice", "add the two up")
        found[pair] = one.number("pence", "pence", 0, MOST_PENCE)
    if not found:
        fields.refuse("nobody contributes", f"begin each contribution with [[fund.{key}]]")
    return {pair: pence for pair, pence in found.items() if pair[0]}


def _lines(fields: Fields) -> dict[str, Line]:
    lines = [_line(one) for one in fields.tables("line")]
    if not lines:
        fields.refuse("the fund has no budget line", "begin each with [[fund.line]]")
    for one in _twice(line.id for line in lines):
        fields.refuse(f"line {one!r} is there twice", "give each line its own id")
    return {line.id: line for line in lines}


def _line(fields: Fields) -> Line:
    fields.check_known(("id", "name", "paid_for", "budget", *_LINKS))
    links = {key: fields.text(key, LONGEST_NAME) for key in _LINKS if fields.has(key)}
    paid_for = fields.code("paid_for", PAID_FOR)
    if paid_for == "outcomes" and "outcome" not in links:
        fields.refuse("a line that pays for outcomes names none", 'write outcome = "…", the id of an outcome')
    budgets: dict[int, int] = {}
    for one in fields.tables("budget"):
        one.check_known(("year", "pence"))
        year = _year(one)
        if year in budgets:
            one.refuse("this year is there twice", "add the two up")
        budgets[year] = one.number("pence", "pence", 0, MOST_PENCE)
    return Line(_id(fields, "id"), fields.text("name", LONGEST_NAME), paid_for, budgets, **links)


def _shares(fields: Fields) -> dict[str, int]:
    if not fields.has("shares"):
        return {}
    table = fields.table("shares")
    shares = {body: table.number(body, "per cent", 0, WHOLE) for body in table.values}
    if sum(shares.values()) != WHOLE:
        table.refuse(f"the shares come to {sum(shares.values())} per cent", "let them come to 100")
    return shares


def _id(fields: Fields, key: str) -> str:
    value = fields.text(key, LONGEST_ID)
    if value and not all(part.isascii() and part.isalnum() for part in value.split("-")):
        fields.refuse(f"{key!r} must be letters, digits and hyphens", f"choose another {key}")
    return value


def _year(fields: Fields) -> int:
    return fields.number("year", "the year in which a financial year begins", 2000, 2100)


def _optional(fields: Fields, key: str) -> str:
    return fields.text(key, LONGEST_TEXT) if fields.has(key) else ""


def _texts(fields: Fields, key: str) -> tuple[str, ...]:
    if not fields.has(key):
        return ()
    values = fields.values[key]
    if not isinstance(values, list) or not values:
        fields.refuse(f"{key!r} must be a list with at least one entry", f'write {key} = ["…"]')
        return ()
    return tuple(fields.named(fields.place, {key: value}).text(key, LONGEST_TEXT) for value in values)


def _use(codes: Collection[str]) -> str:
    return f"use {' or '.join(codes)}"


def _twice(values: Iterable[str]) -> list[str]:
    return sorted(value for value, count in Counter(values).items() if value and count > 1)
