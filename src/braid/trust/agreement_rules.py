"""What an agreement must keep to before it decides anything: each rule with its law and the next step."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from braid.language.dates import LONDON
from braid.language.schema import Sensitivity
from braid.trust.agreement_terms import (
    CHILD_PROTECTION,
    CRIMINAL_ITEMS,
    LONGEST_YEARS,
    PUBLIC_KINDS,
    SCHEDULE_1_OF,
)
from braid.trust.agreements import Agreement, Party
from braid.trust.items import ITEMS
from braid.trust.roles import VICTIM_RESPONSE

SPECIAL = frozenset({Sensitivity.SPECIAL, Sensitivity.EXISTENCE})
ENDS_SOON = dt.timedelta(days=30)


@dataclass(frozen=True)
class Problem:
    """What is wrong in which clause of an agreement; the message names the rule, its law and the next step."""

    clause: str
    message: str


def find_problems(agreement: Agreement, kinds: Mapping[str, str]) -> list[Problem]:
    """Return every reason why an agreement decides nothing. `kinds` maps each organisation of the place to its kind."""
    problems = [*_period(agreement), *_host(agreement, kinds), *_items(agreement)]
    for number, party in enumerate(agreement.parties, 1):
        clause = f"[[party]] number {number}"
        rules = (*_party(agreement, party, kinds), *_basis(agreement, party, kinds), *_conditions(agreement, party))
        problems += [Problem(f"{clause} ({party.organisation})", message) for message in rules]
    return problems


def find_warnings(agreement: Agreement, now: dt.datetime) -> list[Problem]:
    """Return what somebody should know about a sound agreement at `now`: where it decides less than it could."""
    warnings = [
        Problem(f"party {party.organisation}", "is not signed, so it counts for nothing; have it signed")
        for party in agreement.parties
        if party.signed_at is None
    ]
    if sum(party.signed_at is not None for party in agreement.parties) < 2:
        warnings.append(Problem("party", "fewer than two parties are signed, so the agreement decides nothing yet"))
    elif not any(party.organisation == agreement.host and party.signed_at for party in agreement.parties):
        warnings.append(Problem("host", "is not signed, so nothing of the joined record is shared; have it sign"))
    if agreement.suspended_at is not None and agreement.suspended_at <= now:
        warnings.append(Problem("suspended_at", "is suspended and decides nothing; take the line out to resume"))
    if now < agreement.valid_from:
        warnings.append(Problem("valid_from", "is not yet valid and decides nothing until then"))
    elif now >= agreement.valid_to:
        warnings.append(Problem("valid_to", "has expired and decides nothing; agree and sign a new version"))
    elif now + ENDS_SOON >= agreement.valid_to:
        warnings.append(Problem("valid_to", "ends within 30 days; agree and sign the next version now"))
    if agreement.review_on <= now.astimezone(LONDON).date() and now < agreement.valid_to:
        warnings.append(Problem("review_on", "the review is due; review, and write the next date"))
    return warnings


def _period(agreement: Agreement) -> Iterator[Problem]:
    start, end = agreement.valid_from.astimezone(LONDON), agreement.valid_to.astimezone(LONDON)
    if agreement.valid_to <= agreement.valid_from:
        yield Problem("valid_to", "must be after valid_from (ICO Data Sharing Code); put the two in order")
        return
    if (end.year - LONGEST_YEARS, end.month, end.day) > (start.year, start.month, start.day):
        yield Problem("valid_to", f"an agreement runs {LONGEST_YEARS} years at most; end it earlier and renew it")
    if not start.date() < agreement.review_on < end.date():
        yield Problem("review_on", "must lie inside the period (ICO Data Sharing Code: review); write a day in it")
    if agreement.suspended_at is not None and not agreement.valid_from <= agreement.suspended_at < agreement.valid_to:
        yield Problem("suspended_at", "must lie inside the period; write when the agreement was suspended")


def _host(agreement: Agreement, kinds: Mapping[str, str]) -> Iterator[Problem]:
    names = [party.organisation for party in agreement.parties]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Problem("party", f"{name!r} stands twice; write each party once")
    if len(set(names)) < 2:
        yield Problem("party", "an agreement has two parties at least; add the other [[party]]")
    if sum(party.controller_role == "joint_controller" for party in agreement.parties) == 1:
        yield Problem("party", "one joint controller alone (UK GDPR article 26); mark the other, or write controller")
    host = agreement.party(agreement.host)
    if host is None:
        yield Problem("host", f"{agreement.host!r} is no party; name one of the parties, or add it as a [[party]]")
    elif host.controller_role == "processor":
        yield Problem("host", "a processor joins nothing of its own (UK GDPR article 28); name a controller as host")
    if agreement.law_enforcement and not any(kinds.get(name) in ("police", "court") for name in names):
        yield Problem("law_enforcement", "no party is a competent authority (DPA 2018 section 30); set it to false")


def _items(agreement: Agreement) -> Iterator[Problem]:
    for item in sorted(agreement.items):
        providers = [party for party in agreement.parties if item in party.provides]
        if not ITEMS[item].joined and not providers:
            yield Problem("items", f"{item!r} has no provider; add it to provides of a party, or take it out")
        if providers and all(party.controller_role == "processor" for party in providers):
            yield Problem("items", f"only a processor provides {item!r} (UK GDPR article 28); name its controller")
        if not any(item in party.receives for party in agreement.parties):
            yield Problem("items", f"nobody receives {item!r} (UK GDPR article 5(1)(c)); take it out")


def _party(agreement: Agreement, party: Party, kinds: Mapping[str, str]) -> Iterator[str]:
    if party.organisation not in kinds:
        yield "is no organisation of place.toml; add it there, or correct the id"
    for item in sorted((party.provides | party.receives) - agreement.items):
        yield f"{item!r} is not among the items of the agreement; add it to items, or take it out"
    for item in sorted(party.provides & agreement.items):
        if ITEMS[item].joined:
            yield f"{item!r} is of the joined record, which the host gives; take it out of provides"
    if not party.provides and not party.receives and party.organisation != agreement.host:
        yield "provides nothing and receives nothing; write what, or take the party out"
    if (party.signed_at is None) != (not party.signed_by):
        yield "write signed_by and signed_at together, or neither"
    if party.signed_at is not None and party.signed_at >= agreement.valid_to:
        yield "signed_at is after the end of the period; agree and sign a new version"
    if party.left_at is not None and (party.signed_at is None or party.left_at <= party.signed_at):
        yield "left_at must be after signed_at; correct it"


def _basis(agreement: Agreement, party: Party, kinds: Mapping[str, str]) -> Iterator[str]:
    public = kinds.get(party.organisation) in PUBLIC_KINDS
    if public and party.article_6 in ("legitimate_interests", "recognised_legitimate_interest"):
        yield (
            "a public authority may not rest its tasks on legitimate interests, recognised or not"
            " (UK GDPR article 6(1)); write public_task or legal_obligation"
        )
    if party.article_6 == "consent":
        if agreement.purpose == VICTIM_RESPONSE:
            yield "consent cannot be the basis of a victim response (it may alert or bind); write public_task"
        elif CHILD_PROTECTION & set(agreement.gateways):
            yield "consent cannot be the basis of child protection (Children Act 1989 section 47); write public_task"


def _conditions(agreement: Agreement, party: Party) -> Iterator[str]:
    handled = (party.provides | party.receives) & ITEMS.keys()
    if party.organisation == agreement.host:
        handled |= agreement.items
    if any(ITEMS[item].sensitivity in SPECIAL for item in handled) and not party.article_9:
        yield "handles special category data without a condition (UK GDPR article 9); write article_9"
    fitting = SCHEDULE_1_OF.get(party.article_9, frozenset())
    if fitting and party.schedule_1 not in fitting:
        fit = ", ".join(sorted(fitting))
        yield f"article_9 {party.article_9!r} needs a condition (DPA 2018 section 10); write schedule_1 as {fit}"
    if handled & CRIMINAL_ITEMS and not agreement.law_enforcement and not party.schedule_1:
        yield "handles criminal offence data (UK GDPR article 10, DPA 2018 section 10(5)); write schedule_1"
