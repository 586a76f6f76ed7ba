"""Data sharing agreements as facts: who shares which items with whom, for which purpose, from when until when.

An agreement decides only while it is live: inside its period and not suspended. A party counts only from its signature
on. Periods are half open and in UK time: an agreement that ends at midnight covers 23:59:59 and not 00:00:00.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass

from braid.trust.items import ITEMS, JOINED

Interval = tuple[dt.datetime, dt.datetime]
"""From the first instant on, until just before the second."""


@dataclass(frozen=True)
class Party:
    """An organisation in an agreement.

    `controller_role` is joint_controller, controller or processor. `article_6` and `article_9` are codes of the lawful
    basis and of the condition for special category data (UK GDPR); `schedule_1` is the condition of the Data Protection
    Act 2018 where article 9 or criminal offence data needs one. `provides` and `receives` are item codes.
    `signed_at` is empty until the party signed.
    """

    organisation: str
    controller_role: str
    article_6: str
    article_9: str = ""
    schedule_1: str = ""
    provides: frozenset[str] = frozenset()
    receives: frozenset[str] = frozenset()
    signed_by: str = ""
    signed_at: dt.datetime | None = None
    left_at: dt.datetime | None = None


@dataclass(frozen=True)
class Agreement:
    """A data sharing agreement. `valid_from` is inside the period, `valid_to` is not; both know their time zone.

    `gateways` are the legal gateways as the law names them; `subjects` says whom it concerns, in words; `host` is the
    party that joins the extracts. `law_enforcement` marks a purpose under part 3 of the Data Protection Act 2018.
    `opt_out_applies` says whether the national data opt-out is applied, `opt_out_reason` why or why not. `statements`
    are the problem statements whose people it lets its parties reach; where none is named, those that ship.
    """

    id: str
    version: str
    title: str
    purpose: str
    gateways: tuple[str, ...]
    subjects: str
    items: frozenset[str]
    host: str
    parties: tuple[Party, ...]
    valid_from: dt.datetime
    valid_to: dt.datetime
    review_on: dt.date
    retention_days: int
    retention_reason: str
    dpia: str
    opt_out_applies: bool
    opt_out_reason: str
    law_enforcement: bool = False
    suspended_at: dt.datetime | None = None
    statements: tuple[str, ...] = ()

    def party(self, organisation: str) -> Party | None:
        """Return the party that `organisation` is, or `None`."""
        return next((party for party in self.parties if party.organisation == organisation), None)


@dataclass(frozen=True)
class Sharing:
    """One permitted flow: `receiver` may see `item` of `provider` for `purpose` from `live_from` until `live_to`.

    `provider` is an organisation, `JOINED` for the joined record, or `kind:<kind>` for rows of which only the kind of
    partner may be known: that flow is open only while every partner of the kind who holds such rows provides them.
    """

    agreement_id: str
    agreement_version: str
    purpose: str
    receiver: str
    provider: str
    item: str
    live_from: dt.datetime
    live_to: dt.datetime

    def is_live(self, now: dt.datetime) -> bool:
        """Whether the flow is open at `now`."""
        return self.live_from <= now < self.live_to


def provider_of_kind(kind: str) -> str:
    """Return the provider that stands for every partner of `kind` in the place."""
    return f"kind:{kind}"


def sharings(
    agreements: Iterable[Agreement], kinds: Mapping[str, str], senders: Mapping[str, Set[str]] | None = None
) -> list[Sharing]:
    """Return every flow that the agreements permit, with the interval in which it is open.

    `kinds` maps each organisation of the place to its kind, `senders` each item to the organisations that hold rows of
    it; without it every organisation might. A flow needs the receiver and the provider to be signed parties, the item
    among the agreement's, the provider's and the receiver's. An interval that is empty is left out.
    """
    held = {item: frozenset(kinds) for item in ITEMS} if senders is None else senders
    return [flow for agreement in agreements for flow in _flows(agreement, kinds, held)]


def _flows(agreement: Agreement, kinds: Mapping[str, str], senders: Mapping[str, Set[str]]) -> Iterable[Sharing]:
    signed = [party for party in agreement.parties if party.signed_at is not None]
    for receiver, item in sorted(
        ((party, item) for party in signed for item in agreement.items & party.receives),
        key=lambda pair: (pair[0].organisation, pair[1]),
    ):
        for provider, given in _providers(agreement, item, kinds, senders).items():
            taken = interval_of(agreement, receiver)
            start, end = max(taken[0], given[0]), min(taken[1], given[1])
            if start < end:
                yield Sharing(
                    agreement.id,
                    agreement.version,
                    agreement.purpose,
                    receiver.organisation,
                    provider,
                    item,
                    start,
                    end,
                )


def _providers(
    agreement: Agreement, item: str, kinds: Mapping[str, str], senders: Mapping[str, Set[str]]
) -> dict[str, Interval]:
    """Return who provides an item under the agreement, and when."""
    if item not in ITEMS:
        return {}
    signed = [party for party in agreement.parties if party.signed_at is not None and item in party.provides]
    given = {party.organisation: interval_of(agreement, party) for party in signed}
    together = {}
    host = agreement.party(agreement.host)
    if ITEMS[item].joined and host and host.signed_at:
        together[JOINED] = interval_of(agreement, host)
    for kind in sorted(set(kinds.values())):
        senders_of_kind = [name for name in senders.get(item, ()) if kinds.get(name) == kind]
        if senders_of_kind and given.keys() >= set(senders_of_kind):
            whole = [given[name] for name in senders_of_kind]
            together[provider_of_kind(kind)] = (max(one[0] for one in whole), min(one[1] for one in whole))
    return given | together


def interval_of(agreement: Agreement, party: Party) -> Interval:
    """Return when a party takes part: from its signature until it leaves, the end of the period, or a suspension.

    In UTC: two moments of one zone are compared by their clock faces, and 01:30 comes twice when summer time ends.
    """
    assert party.signed_at is not None
    ends = [agreement.valid_to, *(at for at in (party.left_at, agreement.suspended_at) if at is not None)]
    start = max(at.astimezone(dt.UTC) for at in (agreement.valid_from, party.signed_at))
    return start, min(at.astimezone(dt.UTC) for at in ends)
