"""Which problem statements an agreement covers, and so whom its parties may reach for its purpose.

An agreement that names statements covers those, whoever wrote their files. One that names none covers the statements
that ship with Braid for its purpose, as they ship: a file that somebody drops into a place reaches nobody until the
parties have named it (UK GDPR article 5(1)(b): data is used for the purposes that were specified).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from braid.trust.agreements import Agreement, interval_of

AS_THEY_SHIP = ""
"""Stands for the statements that ship for the purpose, as they ship."""


@dataclass(frozen=True)
class Coverage:
    """That `receiver` reaches for `purpose` whom `statement` concerns, from `live_from` until `live_to`."""

    agreement_id: str
    purpose: str
    receiver: str
    statement: str
    live_from: dt.datetime
    live_to: dt.datetime


def coverages(agreements: Iterable[Agreement]) -> list[Coverage]:
    """Return which statements each signed party that receives anything reaches, and when."""
    found = []
    for agreement in agreements:
        for party in agreement.parties:
            if party.signed_at is None or not agreement.items & party.receives:
                continue
            start, end = interval_of(agreement, party)
            if start < end:
                names = agreement.statements or (AS_THEY_SHIP,)
                found += [
                    Coverage(agreement.id, agreement.purpose, party.organisation, name, start, end) for name in names
                ]
    return found


def covered_at(agreements: Iterable[Agreement], purpose: str, now: dt.datetime) -> frozenset[str]:
    """Return the statements that any agreement of a purpose covers at `now`."""
    mine = (each for each in coverages(agreements) if each.purpose == purpose)
    return frozenset(each.statement for each in mine if each.live_from <= now < each.live_to)


def is_covered(statement: str, ships: bool, covered: Collection[str]) -> bool:
    """Whether a statement, which `ships` as it stands or does not, is among those covered."""
    return statement in covered or (ships and AS_THEY_SHIP in covered)
