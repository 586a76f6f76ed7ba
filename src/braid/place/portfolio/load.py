"""Reading `interventions.toml` strictly: every fault at once, each with place, rule and next step."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from braid.language.rule_files import LARGEST, Fault, Fields, RulesInvalid, read_text, read_toml
from braid.place.bodies import load_bodies
from braid.place.portfolio.model import (
    GRADES,
    Z95,
    EffectOn,
    Estimate,
    Interaction,
    Joined,
    Offer,
    Portfolio,
    Purse,
    Size,
    Source,
    Weight,
)
from braid.problems.load import load_statements
from braid.problems.model import OutcomeMeasure
from braid.store.place_folder import Place

FILE = "interventions.toml"
TOP = "interventions"
LONGEST_ID, LONGEST_NAME, LONGEST_TEXT = 60, 100, 400
MOST_PENCE = 10**13
"""A hundred billion pounds."""
MOST_BODIES, MOST_OFFERS, MOST_SIZES = 12, 400, 6


@dataclass(frozen=True)
class Known:
    """What the file may name: bodies by id, statements, and outcomes of them with their names and units."""

    bodies: Mapping[str, str]
    statements: Collection[str]
    outcomes: Mapping[str, OutcomeMeasure]


def known_of(place: Place) -> Known:
    """Return what `interventions.toml` of a place may name. Raises `RulesInvalid`."""
    statements = load_statements(place.folder)
    return Known(
        {body.id: body.name for body in load_bodies(place)},
        {statement.problem_id for statement in statements},
        {outcome.measure_id: outcome for statement in statements for outcome in statement.outcomes},
    )


def find_portfolio(place: Place) -> Portfolio | None:
    """Return the portfolio of a place; None where it has no `interventions.toml`.

    Raises `RulesInvalid` with every fault of the file, `RulesUnreadable` where it is no TOML.
    """
    path = place.folder / FILE
    return parse_portfolio(read_text(path), known_of(place)) if path.is_file() else None


def parse_portfolio(text: str, known: Known) -> Portfolio:
    """Return the portfolio that a file describes. Raises `RulesInvalid` or `RulesUnreadable`."""
    top = read_toml(text, FILE, TOP)
    top.check_known(("portfolio", "outcome", "source", "purse", "intervention", "interaction", "needs", "excludes"))
    head = top.table("portfolio")
    head.check_known(("name", "note", "from", "to"))
    weights = tuple(_weight(fields, known) for fields in top.tables("outcome"))
    sources = tuple(_source(fields) for fields in top.tables("source"))
    purses = tuple(_purse(fields, known) for fields in top.tables("purse"))
    names = _Names(
        {purse.body for purse in purses},
        {weight.outcome for weight in weights},
        {source.id for source in sources},
        set(known.statements),
    )
    offers = tuple(_offer(fields, names) for fields in top.tables("intervention"))
    ids = {offer.id for offer in offers}
    found = Portfolio(
        head.text("name", LONGEST_NAME),
        head.text("note", LONGEST_TEXT) if head.has("note") else "",
        head.day("from"),
        head.day("to"),
        weights,
        sources,
        purses,
        offers,
        tuple(_interaction(fields, names, ids) for fields in top.tables("interaction")),
        tuple(_joined(fields, ids) for fields in top.tables("needs")),
        tuple(_joined(fields, ids) for fields in top.tables("excludes")),
    )
    faults = [*top.faults, *_of_whole(found)]
    if faults:
        raise RulesInvalid(faults)
    return found


@dataclass(frozen=True)
class _Names:
    """What an intervention may name: bodies with a purse, outcomes with a weight, sources, statements."""

    bodies: set[str]
    outcomes: set[str]
    sources: set[str]
    statements: set[str]


def _weight(fields: Fields, known: Known) -> Weight:
    fields.check_known(("id", "name", "counted_in", "pence", "low_pence", "high_pence", "why"))
    identifier = fields.name("id", LONGEST_ID)
    of_statement = known.outcomes.get(identifier)
    name = of_statement.name if of_statement and not fields.has("name") else fields.text("name", LONGEST_NAME)
    pence = fields.number("pence", "pence", 0, MOST_PENCE)
    low = fields.number("low_pence", "pence", 0, MOST_PENCE) if fields.has("low_pence") else pence
    high = fields.number("high_pence", "pence", 0, MOST_PENCE) if fields.has("high_pence") else pence
    if not low <= pence <= high:
        fields.refuse("'pence' lies outside 'low_pence' to 'high_pence'", "let the weight lie between its bounds")
    return Weight(
        identifier, name, fields.text("counted_in", LONGEST_NAME), pence, low, high, fields.text("why", LONGEST_TEXT)
    )


def _source(fields: Fields) -> Source:
    fields.check_known(("id", "name", "grade", "together"))
    together = _share(fields, "together") if fields.has("together") else 0.0
    return Source(
        fields.text("id", LONGEST_ID), fields.text("name", LONGEST_TEXT), fields.code("grade", GRADES), together
    )


def _share(fields: Fields, key: str) -> float:
    value = fields.measure(key)
    if not 0 <= value <= 1:
        fields.refuse(f"{key!r} must be a share from 0 to 1", f"write {key} = 0.5")
    return value


def _purse(fields: Fields, known: Known) -> Purse:
    fields.check_known(("body", "pence", "fund"))
    body = fields.code("body", known.bodies)
    fund = fields.text("fund", LONGEST_ID) if fields.has("fund") else ""
    return Purse(body, known.bodies.get(body, ""), fields.number("pence", "pence", 0, MOST_PENCE), fund)


OFFER_KEYS = (
    *("id", "name", "about", "lead", "from", "size", "least_units", "least_why"),
    *("payers", "payers_why", "statement", "effect"),
)


def _offer(fields: Fields, names: _Names) -> Offer:
    fields.check_known(OFFER_KEYS)
    sizes = tuple(_size(each, names) for each in fields.tables("size"))
    if not 1 <= len(sizes) <= MOST_SIZES:
        fields.refuse(f"an intervention has from one to {MOST_SIZES} sizes", "begin each with [[intervention.size]]")
    units = [size.units for size in sizes]
    if units != sorted(set(units)):
        fields.refuse("sizes are not in order of their units", "write the smallest first, each once")
    payers = fields.codes("payers", names.bodies) if fields.has("payers") else ()
    lead = fields.code("lead", names.bodies)
    if payers and any(body not in payers for size in sizes for body, pence in size.costs.items() if pence):
        fields.refuse("a body that may not pay for it has a cost", "leave it out of costs, or add it to payers")
    return Offer(
        id=fields.text("id", LONGEST_ID),
        name=fields.text("name", LONGEST_NAME),
        about=fields.text("about", LONGEST_TEXT),
        lead=lead,
        from_date=fields.day("from"),
        sizes=sizes,
        least=_least(fields, units),
        least_why=fields.text("least_why", LONGEST_TEXT) if fields.has("least_units") else "",
        payers=payers,
        payers_why=fields.text("payers_why", LONGEST_TEXT) if payers else "",
        statement=fields.code("statement", names.statements) if fields.has("statement") else "",
        effects=tuple(_effect(each, names, len(sizes)) for each in fields.tables("effect")),
    )


def _least(fields: Fields, units: Sequence[int]) -> int:
    """Return the first size with at least so many units."""
    if not fields.has("least_units"):
        return 0
    least = fields.number("least_units", "units", 1, LARGEST)
    found = next((at for at, size in enumerate(units) if size >= least), None)
    if found is None:
        fields.refuse("no size has 'least_units'", "add a larger size, or ask for fewer units")
    return found or 0


def _size(fields: Fields, names: _Names) -> Size:
    fields.check_known(("name", "units", "costs"))
    costs = fields.table("costs")
    costs.check_known(names.bodies)
    amounts = {body: costs.number(body, "pence", 0, MOST_PENCE) for body in costs.values if body in names.bodies}
    if not amounts:
        fields.refuse("it costs nobody anything", 'write costs = { "body" = 1200000 }, in pence')
    return Size(fields.text("name", LONGEST_NAME), fields.number("units", "units", 1, LARGEST), amounts)


EFFECT_KEYS = ("outcome", "body", "low", "central", "high", "standard_error", "source")


def _effect(fields: Fields, names: _Names, sizes: int) -> EffectOn:
    fields.check_known(EFFECT_KEYS)
    central = _figures(fields, "central", sizes)
    if fields.has("standard_error") == (fields.has("low") or fields.has("high")):
        fields.refuse("how sure it is is not said once", "write low and high, or standard_error, a figure a size")
    if fields.has("standard_error"):
        errors = _figures(fields, "standard_error", sizes)
        low = [middle - Z95 * error for middle, error in zip(central, errors, strict=True)]
        high = [middle + Z95 * error for middle, error in zip(central, errors, strict=True)]
    else:
        low, high = _figures(fields, "low", sizes), _figures(fields, "high", sizes)
    estimates = tuple(map(Estimate, low, central, high))
    _check_order(fields, estimates)
    return EffectOn(
        fields.code("outcome", names.outcomes),
        fields.code("body", names.bodies),
        estimates,
        fields.code("source", names.sources),
    )


def _check_order(fields: Fields, estimates: Iterable[Estimate]) -> None:
    if any(not each.low <= each.central <= each.high for each in estimates):
        fields.refuse("the central figure lies outside its interval", "let low, central and high rise")


def _figures(fields: Fields, key: str, sizes: int) -> list[float]:
    """Return one figure for each size."""
    values = fields.values.get(key)
    sound = isinstance(values, list) and len(values) == sizes
    if not sound or not all(_is_figure(value) for value in values or ()):
        fields.refuse(f"{key!r} must be a list of {sizes} numbers, one a size", f"write {key} = [120, 200]")
        return [0.0] * sizes
    assert isinstance(values, list)
    return [float(value) for value in values]


def _is_figure(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and abs(value) < 1e9


def _interaction(fields: Fields, names: _Names, ids: Collection[str]) -> Interaction:
    fields.check_known(("between", "outcome", "body", "low", "central", "high", "source", "why"))
    one, other = _pair(fields, "between", ids)
    for key in ("low", "central", "high"):
        fields.measure(key)
    estimate = Estimate(fields.measure("low"), fields.measure("central"), fields.measure("high"))
    _check_order(fields, [estimate])
    return Interaction(
        one,
        other,
        fields.code("outcome", names.outcomes),
        fields.code("body", names.bodies),
        estimate,
        fields.code("source", names.sources),
        fields.text("why", LONGEST_TEXT),
    )


def _pair(fields: Fields, key: str, ids: Collection[str]) -> tuple[str, str]:
    values = fields.codes(key, ids)
    if values and len(values) != 2:
        fields.refuse(f"{key!r} must name two interventions", f'write {key} = ["one", "other"]')
    return (values[0], values[1]) if len(values) == 2 else ("", "")


def _joined(fields: Fields, ids: Collection[str]) -> Joined:
    fields.check_known(("between", "why"))
    one, other = _pair(fields, "between", ids)
    return Joined(one, other, fields.text("why", LONGEST_TEXT))


def _of_whole(found: Portfolio) -> list[Fault]:
    """Return what is wrong beyond one table: ids twice, two effects on one thing, and sizes of the whole."""
    faults = []
    for what, ids in (
        ("outcome", [each.outcome for each in found.weights]),
        ("source", [each.id for each in found.sources]),
        ("purse", [each.body for each in found.purses]),
        ("intervention", [each.id for each in found.offers]),
    ):
        faults += [
            Fault(FILE, what, f"{one!r} is there twice", "write each once")
            for one in sorted({one for one in ids if one and ids.count(one) > 1})
        ]
    for offer in found.offers:
        pairs = [(effect.outcome, effect.body) for effect in offer.effects]
        if len(set(pairs)) < len(pairs):
            rule = "two effects are on one outcome of one body"
            faults.append(Fault(FILE, f"intervention {offer.id}", rule, "add them up into one"))
    if found.to_date < found.from_date:
        faults.append(Fault(FILE, "portfolio", "it ends before it begins", "let 'to' lie after 'from'"))
    if not found.offers or len(found.offers) > MOST_OFFERS:
        faults.append(
            Fault(FILE, "intervention", f"there are none, or more than {MOST_OFFERS}", "name what can be bought")
        )
    if not found.purses or len(found.purses) > MOST_BODIES:
        faults.append(Fault(FILE, "purse", f"there are none, or more than {MOST_BODIES}", "say who brings money"))
    if found.offers and not found.offered and found.to_date > dt.date.min:
        faults.append(Fault(FILE, "intervention", "none can begin before the end", "bring a 'from' forward"))
    return faults
