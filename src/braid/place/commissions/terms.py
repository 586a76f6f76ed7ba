"""The terms of a joint commission: a document that nobody edits. A variation is another document, signed anew.

Prices are whole pence. What a lot may cost is split over the components of its price in hundredths of a per cent; the
parts sum to the lot to the penny.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from braid.care.services import SERVICES
from braid.language.documents import Part, check_faults, ids_twice, parse
from braid.language.rule_files import RulesInvalid
from braid.place.commissions.eligibility import read_eligibility
from braid.place.commissions.safeguards import ATTACHMENT_FLOOR, LEAST_SAMPLE_PERCENT, WHOLE

FILE = "terms"
LONGEST_TITLE, LONGEST_WORDS, LONGEST_ELIGIBILITY = 120, 2000, 4000
MOST_LOTS, MOST_BODIES, MOST_VOLUME = 12, 12, 100_000
MOST_PENCE = 10**13

LEGAL_BASES: Mapping[str, str] = {
    "nhs_s75": "National Health Service Act 2006, section 75: a pooled fund of NHS bodies and councils",
    "nhs_s65z5": "National Health Service Act 2006, section 65Z5: joint working and delegation of NHS functions",
    "lga_s101": "Local Government Act 1972, section 101: one council acts for others",
    "lga_s1": "Localism Act 2011, section 1: general power of competence",
    "asb_s143": "Anti-social Behaviour, Crime and Policing Act 2014, section 143: services for victims",
    "da_s57": "Domestic Abuse Act 2021, section 57: support in safe accommodation",
}
"""On which law bodies commission together. Which one holds is for their lawyers; it is shown, never inferred."""
PRICE_MODELS: Mapping[str, str] = {
    "block": "Block: a sum for the whole time, in equal parts by month",
    "session": "Per session that was attended",
    "outcome": "Per outcome, with a fee once the service has begun",
    "mixed": "Mixed: a share of the lot for each way",
}
COMPONENTS: Mapping[str, str] = {
    "block": "Block",
    "attachment": "Once the service has begun",
    "session": "Sessions attended",
    "outcome": "Confirmed outcomes",
}
"""Parts of a price, in the order in which they are paid where a cap leaves too little for all."""
_OF_MODEL: Mapping[str, frozenset[str]] = {
    "block": frozenset({"block"}),
    "session": frozenset({"session"}),
    "outcome": frozenset({"attachment", "outcome"}),
}
PARTS: Mapping[str, str] = {"prime": "Prime provider", "sub": "Sub-provider"}
Faults = Iterator[tuple[str, str, str]]


@dataclass(frozen=True)
class Provider(Part):
    """A body that provides through a team of its own; referrals to that team are served by the lot."""

    body: str
    team: str
    part: str
    """A code of `PARTS`; one of a lot is the prime."""


@dataclass(frozen=True)
class OutcomePrice(Part):
    """What one person's confirmed score of one desired outcome is worth."""

    outcome: str
    achieved_pence: int
    partly_pence: int


@dataclass(frozen=True)
class Share(Part):
    """How much of a lot one component may cost at most, in hundredths of a per cent."""

    component: str
    hundredths: int


@dataclass(frozen=True)
class Lot(Part):
    """A part of a commission: one service, for whom, on which ground, by whom, at what price.

    `volume` is how many people are meant to be served, `capacity` how many at once. `value_pence` caps all that is
    paid. A referral sent from `window_from` to `window_to`, both days included, is served.
    """

    id: str
    name: str
    service: str
    volume: int
    capacity: int
    value_pence: int
    model: str
    shares: tuple[Share, ...]
    providers: tuple[Provider, ...]
    window_from: dt.date
    window_to: dt.date
    bodies: tuple[str, ...] = ()
    """Bodies whose ground it is, and `districts` by code; with neither the ground of all commissioning bodies."""
    districts: tuple[str, ...] = ()
    eligibility: str = ""
    """Conditions beyond those of the problem statement, in its own language (TOML); empty for none."""
    attachment_pence: int = 0
    session_pence: int = 0
    prices: tuple[OutcomePrice, ...] = ()

    def price_of(self, outcome: str) -> OutcomePrice | None:
        """Return the price of an outcome; `None` where the lot pays for none such."""
        return next((one for one in self.prices if one.outcome == outcome), None)

    def share_of(self, component: str) -> int:
        """Return the share of a component in hundredths of a per cent."""
        return sum(one.hundredths for one in self.shares if one.component == component)


@dataclass(frozen=True)
class Terms(Part):
    """What several bodies commission together. `statement` is the id of the problem statement that it answers."""

    title: str
    bodies: tuple[str, ...]
    lead: str
    legal_basis: str
    problem: str
    statement: str
    outcomes: tuple[str, ...]
    fund: str
    value_pence: int
    from_date: dt.date
    to_date: dt.date
    lots: tuple[Lot, ...]
    sample_percent: int = LEAST_SAMPLE_PERCENT
    """How many in a hundred confirmed scores somebody else verifies."""

    def lot(self, lot_id: str) -> Lot:
        """Return a lot by id. Raises `KeyError`."""
        return {one.id: one for one in self.lots}[lot_id]

    def served_by(self, team: str, service: str, day: dt.date) -> Lot | None:
        """Return the lot that serves a referral to a team for a service, sent on a day; `None` where none does."""
        for lot in self.lots:
            serves = lot.service == service and any(one.team == team for one in lot.providers)
            if serves and lot.window_from <= day <= lot.window_to:
                return lot
        return None


@dataclass(frozen=True)
class Known:
    """What terms may name: ids of bodies, districts, problem statements and teams with their body and services."""

    bodies: Collection[str]
    districts: Collection[str]
    statements: Mapping[str, str]
    """Problem statement to the purpose under which people may be looked at."""
    teams: Mapping[str, tuple[str, Collection[str]]]
    funds: Collection[str] = ()
    """Ids of the funds of `funds.toml`; none where the place names none, so that any id may stand."""


def parse_terms(text: str) -> Terms:
    """Return terms as they were kept. Raises `DocumentInvalid`."""
    return parse(text, Terms, FILE)


def check_terms(terms: Terms, known: Known) -> None:
    """Raise `DocumentInvalid` with every rule that terms break, each with its place and what to do."""
    check_faults(FILE, list(_faults(terms, known)))


def _faults(terms: Terms, known: Known) -> Faults:
    yield from _words(terms)
    if known.funds and terms.fund.strip() and terms.fund not in known.funds:
        yield "fund", "there is no such fund", f"name one of funds.toml: {', '.join(sorted(known.funds))}"
    yield from _joint(terms, known)
    yield from _money(terms)
    if not terms.from_date < terms.to_date:
        yield "to_date", "the commission ends before it begins", "let it end after it begins"
    if not 1 <= len(terms.lots) <= MOST_LOTS:
        yield "lots", f"there must be 1 to {MOST_LOTS} lots", "add a lot, or join some"
    yield from ids_twice("lots", [lot.id for lot in terms.lots])
    for lot in terms.lots:
        yield from _lot(f"lot {lot.id}", lot, terms, known)
    yield from _served_once(terms)


def _words(terms: Terms) -> Faults:
    for place, text, most in (("title", terms.title, LONGEST_TITLE), ("problem", terms.problem, LONGEST_WORDS)):
        if not text.strip() or len(text) > most:
            yield place, f"it must have 1 to {most} characters", "write it, or shorten it"
    if terms.legal_basis not in LEGAL_BASES:
        yield "legal_basis", "it is not in the list", f"use one of {', '.join(LEGAL_BASES)}"
    if not terms.fund.strip() or len(terms.fund) > 60:
        yield "fund", "no fund is named", "name the fund by its id, of at most 60 characters"
    if not terms.outcomes:
        yield "outcomes", "no outcome is desired", "name one at least: outcomes are bought, not posts"
    if len(set(terms.outcomes)) < len(terms.outcomes):
        yield "outcomes", "an outcome is named twice", "name it once"


def _joint(terms: Terms, known: Known) -> Faults:
    if not 2 <= len(set(terms.bodies)) == len(terms.bodies) <= MOST_BODIES:
        yield "bodies", f"a joint commission has 2 to {MOST_BODIES} bodies, each once", "name who commissions together"
    if set(terms.bodies) - set(known.bodies):
        yield "bodies", "a body is not known", "use ids of bodies.toml"
    if terms.lead not in terms.bodies:
        yield "lead", "the lead body is none of those that commission", "choose one of them"
    if terms.statement not in known.statements:
        yield "statement", "there is no such problem statement", "name the problem statement that it answers"


def _money(terms: Terms) -> Faults:
    if not 0 < terms.value_pence <= MOST_PENCE:
        yield "value_pence", "the value must be more than nothing", "give it in whole pence"
    if sum(lot.value_pence for lot in terms.lots) > terms.value_pence:
        yield "lots", "the lots come to more than the commission", "lower a lot, or raise the whole"
    if not LEAST_SAMPLE_PERCENT <= terms.sample_percent <= 100:
        yield "sample_percent", f"it must be {LEAST_SAMPLE_PERCENT} to 100", "verify at least so many in a hundred"


def _lot(place: str, lot: Lot, terms: Terms, known: Known) -> Faults:
    if not lot.id or not lot.id.replace("_", "").isalnum() or len(lot.id) > 20 or not lot.id.isascii():
        yield place, "the id must be letters, digits and underscores, 20 at most", "choose another id"
    if lot.service not in SERVICES or known.statements.get(terms.statement) not in SERVICES[lot.service].purposes:
        yield f"{place} service", "nobody is referred to it for this problem statement", "choose another service"
    if not 0 < lot.volume <= MOST_VOLUME or not 0 < lot.capacity <= MOST_VOLUME:
        yield f"{place} volume", "volume and capacity must be 1 or more", "say how many, in all and at once"
    if not terms.from_date <= lot.window_from <= lot.window_to <= terms.to_date:
        yield f"{place} window", "the referral window lies outside the commission", "let it begin and end within"
    if set(lot.bodies) - set(known.bodies) or set(lot.districts) - set(known.districts):
        yield f"{place} area", "a body or district is not known", "use ids of bodies.toml and codes of districts"
    yield from _providers(f"{place} providers", lot, known)
    yield from _price(f"{place} price", lot, terms)
    yield from _eligibility(f"{place} eligibility", lot, terms, known)


def _providers(place: str, lot: Lot, known: Known) -> Faults:
    if [one.part for one in lot.providers].count("prime") != 1:
        yield place, "a lot has one prime provider", "mark one as prime and the others as sub"
    for one in lot.providers:
        body, services = known.teams.get(one.team, ("", ()))
        if one.part not in PARTS:
            yield place, "a part is not in the list", f"use one of {', '.join(PARTS)}"
        if body != one.body or lot.service not in services:
            yield place, "a team is not of its body, or does not offer the service", "choose a team of teams.toml"
    if len({one.team for one in lot.providers}) < len(lot.providers):
        yield place, "a team is named twice", "name it once"


def _price(place: str, lot: Lot, terms: Terms) -> Faults:
    used = {one.component for one in lot.shares if one.hundredths > 0}
    if not 0 < lot.value_pence <= MOST_PENCE:
        yield place, "the value of the lot must be more than nothing", "give it in whole pence"
    if lot.model not in PRICE_MODELS or not used <= set(COMPONENTS) or len(used) != len(lot.shares):
        yield place, "the model or a share of it is not in the list, there twice or nothing", "name each share once"
        return
    if sum(one.hundredths for one in lot.shares) != WHOLE:
        yield place, "the shares do not come to the whole", f"let them sum to {WHOLE} hundredths of a per cent"
    if used != _OF_MODEL.get(lot.model, used) or (lot.model == "mixed" and len(used) < 2):
        yield place, "the shares are not those of the model", "give it its shares, or call it mixed"
    yield from _unit_prices(place, lot, terms, used)


def _unit_prices(place: str, lot: Lot, terms: Terms, used: set[str]) -> Faults:
    if ("session" in used) != (lot.session_pence > 0) or ("attachment" in used) != (lot.attachment_pence > 0):
        yield place, "a share has no price, or a price no share", "give both or neither"
    if ("outcome" in used) != bool(lot.prices) or len({one.outcome for one in lot.prices}) < len(lot.prices):
        yield place, "outcomes that are paid for need a price each, once", "price them, or take the share away"
    if {one.outcome for one in lot.prices} - set(terms.outcomes):
        yield place, "an outcome is priced that nobody desires", "price desired outcomes alone"
    if any(not 0 <= one.partly_pence <= one.achieved_pence or not one.achieved_pence for one in lot.prices):
        yield (
            place,
            "what is achieved in part costs more than the whole, or nothing costs",
            "let it cost at most as much",
        )
    best = sum(one.achieved_pence for one in lot.prices)
    if best and WHOLE * lot.attachment_pence < ATTACHMENT_FLOOR * (lot.attachment_pence + best):
        yield (
            place,
            f"less than {ATTACHMENT_FLOOR // 100}% of what one person may earn is paid once the service has begun",
            "raise that fee: where nearly all hangs on success, hard cases are refused",
        )


def _eligibility(place: str, lot: Lot, terms: Terms, known: Known) -> Faults:
    if len(lot.eligibility) > LONGEST_ELIGIBILITY:
        yield place, f"it is longer than {LONGEST_ELIGIBILITY} characters", "shorten it"
        return
    try:
        read_eligibility(lot.eligibility, known.statements.get(terms.statement, ""))
    except RulesInvalid as refusal:
        for fault in refusal.faults:
            yield f"{place}, {fault.place}", fault.rule, fault.next_step


def _served_once(terms: Terms) -> Faults:
    """No referral may be of two lots: whose it is would then be a matter of order."""
    seen: list[tuple[str, str, Lot]] = []
    for lot in terms.lots:
        for one in lot.providers:
            for team, service, other in seen:
                is_same = (team, service) == (one.team, lot.service) and other.id != lot.id
                if is_same and lot.window_from <= other.window_to and other.window_from <= lot.window_to:
                    yield (
                        f"lot {lot.id}",
                        f"its window overlaps that of lot {other.id} for one team",
                        "part the windows",
                    )
            seen.append((one.team, lot.service, lot))
