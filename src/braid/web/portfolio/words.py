"""A study in words: the price of the silo, what each body gains and who pays whom, and why something is not bought."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from braid.place.money.amounts import say_pence
from braid.place.portfolio.model import GRADES, Offer, Portfolio
from braid.place.portfolio.study import Study, Swing
from braid.planning.portfolio.draws import Band

MINUS, NOTHING = "\N{MINUS SIGN}", "\N{EN DASH}"
SURE, UNSURE = 0.9, 0.1
"""A choice that stands in so many draws is called robust; one that stands in so few, robustly left out."""


def say_pounds(pounds: float, *, is_signed: bool = False) -> str:
    """Return an amount in whole pounds: £1,234; below zero with a minus sign; with a sign +£12."""
    whole = round(pounds)
    sign = MINUS if whole < 0 else "+" if is_signed and whole > 0 else ""
    return f"{sign}£{abs(whole):,}"


def say_share(share: float | None) -> str:
    """Return a share in per cent; nothing known where it is none."""
    return "no share of nothing" if share is None else f"{round(100 * share, 1) + 0.0:.1f}%".replace("-", MINUS)


def say_band(band: Band) -> str:
    """Return an interval of shares in words."""
    if band.low is None or band.high is None:
        return "without an interval: in many draws separate purses bring nothing"
    return f"{say_share(band.low)} to {say_share(band.high)}"


@dataclass(frozen=True)
class OfferRow:
    """One intervention as the table of what is chosen shows it."""

    id: str
    name: str
    lead: str
    statement: str
    silo: str
    pooled: str
    cost: str
    share: str
    verdict: str
    why_not: str
    sources: str


def offer_rows(study: Study) -> list[OfferRow]:
    """Return a row for each intervention: at which size each purse has it, how robust that is, and why it is not."""
    portfolio = study.portfolio
    names = {purse.body: purse.name for purse in portfolio.purses}
    return [_offer_row(study, offer, names) for offer in portfolio.offers]


def _offer_row(study: Study, offer: Offer, names: Mapping[str, str]) -> OfferRow:
    portfolio, pooled = study.portfolio, study.plan("pooled")
    grades = {source.id: GRADES[source.grade] for source in portfolio.sources}
    sources = sorted({grades[effect.source] for effect in offer.effects})
    if offer not in portfolio.offered:
        why = f"It begins on {offer.from_date:%-d %B %Y}, after the period"
        return OfferRow(
            offer.id,
            offer.name,
            names[offer.lead],
            offer.statement,
            NOTHING,
            NOTHING,
            NOTHING,
            NOTHING,
            "",
            why,
            ", ".join(sources),
        )
    share = study.uncertainty.chosen_pooled[offer.id]
    at = pooled.choices.get(offer.id)
    cost = say_pounds(sum(offer.sizes[at].costs.values()) / 100) if at is not None else NOTHING
    why = (
        ""
        if at is not None
        else "; ".join(_say_reason(rule, about, portfolio, names) for rule, about in pooled.left_out.get(offer.id, ()))
    )
    return OfferRow(
        offer.id,
        offer.name,
        names[offer.lead],
        offer.statement,
        _size(offer, study.plan("silo").choices.get(offer.id)),
        _size(offer, at),
        cost,
        f"{100 * share:.0f}%",
        _verdict(share, at is not None),
        why,
        ", ".join(sources),
    )


def _size(offer: Offer, at: int | None) -> str:
    return NOTHING if at is None else offer.sizes[at].name


def _verdict(share: float, is_chosen: bool) -> str:
    if is_chosen:
        return "Robust" if share >= SURE else "Hangs on effects"
    return "Robustly left out" if share <= UNSURE else "Hangs on effects"


def _say_reason(rule: str, about: str, portfolio: Portfolio, names: Mapping[str, str]) -> str:
    offers = {offer.id: offer.name for offer in portfolio.offers}
    return {
        "requires": f"It needs “{offers.get(about, about)}”, which is not bought",
        "excludes": f"“{offers.get(about, about)}” is bought, and excludes it",
        "budget": f"{names.get(about, about)} has too little left" if about else "Too little money is left",
        "payers": "Those who may pay for it have too little",
        "others bring more": "Others bring more for the money",
    }.get(rule, rule)


@dataclass(frozen=True)
class BodyRow:
    """What one body brings, pays, has and would have after the sharing."""

    name: str
    brings: str
    pays: str
    apart: str
    pooled: str
    gain: str
    no_loser: str
    alone: str
    fair: str
    error: str
    steady: str
    transfer: str
    is_short: bool
    """Whether it would owe more than it has left of its money."""


def body_rows(study: Study) -> list[BodyRow]:
    """Return a row for each body, in the order of the purses."""
    found = []
    silo, pooled, sharing = study.plan("silo"), study.plan("pooled"), study.sharing
    for purse in study.portfolio.purses:
        body = purse.body
        transfer = sharing.transfers[body]
        words = (
            f"receives {say_pence(transfer)}"
            if transfer > 0
            else f"pays {say_pence(-transfer)}"
            if transfer
            else NOTHING
        )
        found.append(
            BodyRow(
                purse.name,
                say_pounds(study.budgets[body] / 100),
                say_pounds(pooled.paid[body] / 100),
                say_pounds(silo.by_body[body]),
                say_pounds(sharing.has[body]),
                say_pounds(sharing.has[body] - silo.by_body[body], is_signed=True),
                say_pounds(study.plan("no_loser").by_body[body]),
                say_pounds(sharing.alone[body]),
                say_pounds(sharing.fair[body]),
                say_pounds(sharing.errors[body]) if sharing.errors[body] else "",
                say_pounds(sharing.steady[body]) if body in sharing.steady else NOTHING,
                words,
                -transfer > study.budgets[body] - pooled.paid[body],
            )
        )
    return found


def say_payments(study: Study) -> list[str]:
    """Return who pays whom, to the penny."""
    names = {purse.body: purse.name for purse in study.portfolio.purses}
    return [f"{names[payer]} pays {names[payee]} {say_pence(pence)}" for payer, payee, pence in study.sharing.payments]


def say_core(study: Study) -> str:
    """Return whether any group of bodies would do better alone than the sharing gives it."""
    sharing = study.sharing
    names = {purse.body: purse.name for purse in study.portfolio.purses}
    if sharing.is_in_core is None:
        return "Whether a group of bodies would do better alone was not looked at: there are too many groups."
    if sharing.is_in_core:
        return "No group of bodies would have more by itself than this sharing gives it."
    group = ", ".join(names[body] for body in sharing.worst)
    more = say_pounds(sharing.worst_excess or 0.0)
    if sharing.complaint is not None and sharing.complaint > 0:
        return f"{group} would have {more} more by themselves, and no sharing at all satisfies every group."
    return (
        f"{group} would have {more} more by themselves. Another sharing would satisfy every group: see the nucleolus."
    )


@dataclass(frozen=True)
class SwingRow:
    """What would be bought otherwise if something were otherwise."""

    title: str
    words: str
    price: str


def swing_rows(study: Study) -> list[SwingRow]:
    """Return a row for each weight at its low and its high end, and for a tenth more money."""
    return [
        SwingRow(_title(study, swing), _say_swing(study, swing), say_share(swing.price_of_silo))
        for swing in study.swings
    ]


def _title(study: Study, swing: Swing) -> str:
    if swing.about == "money":
        return "A tenth more money"
    weight = study.portfolio.weight(swing.about)
    pence = weight.low_pence if swing.end == "low" else weight.high_pence
    return f"{weight.name}: {say_pounds(pence / 100)} a unit instead of {say_pounds(weight.pence / 100)}"


def _say_swing(study: Study, swing: Swing) -> str:
    if swing.is_same:
        return "The same is bought"
    names = {offer.id: offer.name for offer in study.portfolio.offers}
    parts = (("Also", swing.added), ("No longer", swing.dropped), ("At another size", swing.resized))
    return ". ".join(f"{word}: {', '.join(names[one] for one in those)}" for word, those in parts if those)
