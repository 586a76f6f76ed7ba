"""The decision: may this human see this item of this person, for this purpose, now? Deny unless everything permits.

Order, and the first that refuses decides: exclusion, restriction, seal, purpose of the role, agreement between the
human's organisation and whoever provides the item, what the role may see, a live relationship, the class of the item. A
forbid wins over every permit; a fact that is missing denies. A row that is denied is absent: not counted, not sorted
by, not hinted at. Semantics after Cedar: explicit permit, forbid overrides, default deny.

Pure: facts in, decision out. `braid.web.access` loads the facts in the transaction that reads the rows, and the
policies of the database say the same again in SQL.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from braid.language.codes import BACKLOGS, CODE_LISTS
from braid.language.schema import Sensitivity
from braid.trust.agreements import Sharing
from braid.trust.items import HOUSEHOLD, ITEMS, PLAN_ITEMS, Item, is_wait, needs_approval, waits_item
from braid.trust.roles import PURPOSES, ROLES, Reach, Role
from braid.trust.step_up import needs_step_up


class Outcome(StrEnum):
    """Allow; show as withheld; ask who it is again; or behave as if the row did not exist."""

    ALLOW = "allow"
    MASK = "mask"
    STEP_UP = "step_up"
    DENY = "deny"


@dataclass(frozen=True)
class Decision:
    """An outcome, its reason (a stable code), and the agreement and the relationship that permitted it."""

    outcome: Outcome
    reason: str
    agreement_id: str = ""
    relation: str = ""


@dataclass(frozen=True)
class Actor:
    """A named human of an organisation. `role` is a code of `ROLES`.

    `sharings` are the flows of all agreements; `assurance` is 2 after a second factor, and `confirmed_at` when.
    """

    username: str
    organisation: str
    role: str
    is_active: bool = True
    sharings: tuple[Sharing, ...] = ()
    assurance: int = 1
    confirmed_at: dt.datetime | None = None


@dataclass(frozen=True)
class Grant:
    """Access in an emergency: one human, one person, one purpose, from `live_from` until `live_to`.

    It opens waits, and the `items` that were asked for by name; of those, location and identity only once `approved`
    by a second human.
    """

    username: str
    purpose: str
    live_from: dt.datetime
    live_to: dt.datetime
    items: frozenset[str] = frozenset()
    approved: bool = False


@dataclass(frozen=True)
class Subject:
    """A person, and what is known of who may see them.

    `excluded` users never see them; where `restricted_to` is not `None`, nobody else does. A `sealed` identity, that of
    somebody before an adoption, is seen by nobody. `concerned` holds the problem statements that concern them,
    `at_home` those that concern somebody of their household. `in_case` holds the purposes of open joint cases about
    them of which the human who asks is a member, `referred` those for which they are referred to a team of theirs.
    """

    person_id: str
    protected: bool = False
    sealed: bool = False
    excluded: frozenset[str] = frozenset()
    restricted_to: frozenset[str] | None = None
    concerned: frozenset[str] = frozenset()
    at_home: frozenset[str] = frozenset()
    in_case: frozenset[str] = frozenset()
    referred: frozenset[str] = frozenset()
    grants: tuple[Grant, ...] = ()


@dataclass(frozen=True)
class Held:
    """An item as somebody holds it: its code, who provides it, and the row's own sensitivity where it is a row."""

    code: str
    provider: str
    sensitivity: str = "normal"


def decide(actor: Actor, subject: Subject, item: Held, purpose: str | None, now: dt.datetime) -> Decision:
    """Decide whether `actor` may see `item` of `subject` for `purpose` at `now` (an instant that knows its zone)."""
    forbidden = find_forbidding(actor, subject)
    if forbidden:
        return Decision(Outcome.DENY, forbidden)
    role, known = ROLES.get(actor.role), ITEMS.get(item.code)
    if role is None or known is None or purpose not in PURPOSES or purpose not in role.purposes:
        return Decision(Outcome.DENY, "purpose_not_permitted_to_role")
    sharing = find_sharing(actor, item, purpose, now)
    if sharing is None:
        return Decision(Outcome.DENY, "no_agreement")
    if not _role_sees(role, known, item.sensitivity):
        masks = known.sensitivity is Sensitivity.LOCATION and not known.in_vault
        return Decision(Outcome.MASK if masks else Outcome.DENY, "item_not_permitted_to_role")
    relation = find_relation(actor, role, subject, purpose, now, known)
    if relation is None:
        reached = find_relation(actor, role, subject, purpose, now)
        return Decision(Outcome.DENY, "not_in_grant" if reached else "no_relationship")
    outcome, reason = _by_class(actor, subject, known, now)
    return Decision(outcome, reason, sharing.agreement_id, relation)


def decide_minutes(actor: Actor, subject: Subject, held: Held, purpose: str | None, now: dt.datetime) -> Decision:
    """Decide whether `actor` may send what a meeting decided about `subject`: by taking part in an open case of them.

    `held` is the item `joint_case`. Whoever reaches the person in another way, or sees their waits, may not for that;
    whoever takes part need see none. To whom it goes is decided apart: `may_receive_minutes`.
    """
    decision = decide(actor, subject, held, purpose, now)
    if decision.outcome is not Outcome.ALLOW:
        return decision
    if held.code != "joint_case" or purpose not in subject.in_case:
        return Decision(Outcome.DENY, "no_relationship")
    return replace(decision, relation="case")


def decide_together(decisions: Iterable[Decision]) -> bool:
    """Whether what is about several people at once may be shown: each forbids it, and one at least must permit it.

    Nobody reaches everybody of a household: an adult who waits for nothing is reached for no purpose. But whoever is
    kept from one of them, or may not know where one is, learns nothing through another.
    """
    found = list(decisions)
    forbidden = FORBIDDING | {"location_withheld"}
    return any(one.outcome is Outcome.ALLOW for one in found) and not any(one.reason in forbidden for one in found)


def may_receive_minutes(receiver: str, taking_part: Collection[str], shared_with: Collection[str]) -> bool:
    """Whether an organisation is sent the minutes of a case: it takes part now, and it was decided to share them."""
    return bool(receiver) and receiver in taking_part and receiver in shared_with


FORBIDDING = frozenset({"unknown_actor", "excluded", "restricted", "sealed"})
"""Reasons of `find_forbidding`."""


def find_forbidding(actor: Actor, subject: Subject) -> str | None:
    """Return what forbids whatever else permits, or `None`."""
    if not actor.is_active or not actor.username or actor.role not in ROLES:
        return "unknown_actor"
    if actor.username in subject.excluded:
        return "excluded"
    if subject.restricted_to is not None and actor.username not in subject.restricted_to:
        return "restricted"
    return "sealed" if subject.sealed else None


def find_sharing(actor: Actor, item: Held, purpose: str, now: dt.datetime) -> Sharing | None:
    """Return the flow that opens `item` to the actor's organisation at `now`, of several the first by agreement."""
    open_now = (
        flow
        for flow in actor.sharings
        if flow.receiver == actor.organisation
        and flow.purpose == purpose
        and flow.provider == item.provider
        and flow.item == item.code
        and flow.is_live(now)
    )
    return min(open_now, key=lambda flow: (flow.agreement_id, flow.agreement_version), default=None)


def _role_sees(role: Role, item: Item, row_sensitivity: str) -> bool:
    if row_sensitivity not in CODE_LISTS["row_sensitivity"] or row_sensitivity not in role.row_sensitivities:
        return False
    if item.in_vault:
        return item.code in role.vault_items
    if item.code in PLAN_ITEMS.values() and not any(PLAN_ITEMS.get(kind) == item.code for kind in role.plans):
        return False
    if item.code == HOUSEHOLD and role.reach is Reach.PLACE:
        return False  # over everybody it would be a register of who lives with whom
    if item.sensitivity is Sensitivity.LOCATION:
        return role.sees_location
    backlog = item.code.removeprefix("waits.")
    return backlog in role.backlogs if backlog in BACKLOGS else True


def find_relation(
    actor: Actor, role: Role, subject: Subject, purpose: str, now: dt.datetime, item: Item | None = None
) -> str | None:
    """Return the relationship under which the role reaches the person for the purpose, or `None`.

    With an `item`, the one that reaches this item of theirs: a grant opens no more than it lists.
    """
    if role.reach is Reach.PLACE:
        return "place"
    if role.reach is not Reach.CASE and purpose in subject.concerned:
        return "concerned"
    if role.reach is Reach.HOUSEHOLD and purpose in subject.at_home:
        return "household"
    if purpose in subject.in_case:
        return "case"
    if purpose in subject.referred:
        return "referral"
    open_now = (grant for grant in subject.grants if _is_open(grant, actor, purpose, now))
    if any(item is None or _opens(grant, item) for grant in open_now):
        return "break_glass"
    return None


def _is_open(grant: Grant, actor: Actor, purpose: str, now: dt.datetime) -> bool:
    is_theirs = grant.username == actor.username and grant.purpose == purpose
    return is_theirs and grant.live_from <= now < grant.live_to


def _opens(grant: Grant, item: Item) -> bool:
    return is_wait(item.code) or (item.code in grant.items and (grant.approved or not needs_approval(item)))


def _by_class(actor: Actor, subject: Subject, item: Item, now: dt.datetime) -> tuple[Outcome, str]:
    if not item.in_vault:
        withheld = item.sensitivity is Sensitivity.LOCATION and subject.protected
        return (Outcome.MASK, "location_withheld") if withheld else (Outcome.ALLOW, "permitted")
    if needs_step_up(item.code, actor.assurance, actor.confirmed_at, now):
        return Outcome.STEP_UP, "confirmation_needed"
    return Outcome.ALLOW, "permitted"


def knows_of_protection(role: Role) -> bool:
    """Whether the role may be told that a location is withheld; to every other it is merely not known."""
    return "safe_address" in role.row_sensitivities


def permitted_rows(role: Role, purpose: str | None) -> tuple[frozenset[str], frozenset[str]]:
    """Return the row sensitivities and backlogs that a role may see for a purpose, before any agreement is asked."""
    if role.code not in ROLES or purpose not in PURPOSES or purpose not in role.purposes:
        return frozenset(), frozenset()
    return role.row_sensitivities, role.backlogs


def permitted_providers(
    actor: Actor, purpose: str | None, backlogs: Collection[str], now: dt.datetime
) -> dict[str, frozenset[str]]:
    """Return of each backlog the providers whose waits the agreements open now, for filtering a list in one query."""
    opened: dict[str, set[str]] = defaultdict(set)
    for flow in actor.sharings:
        if flow.receiver == actor.organisation and flow.purpose == purpose and flow.is_live(now):
            opened[flow.item].add(flow.provider)
    return {backlog: frozenset(opened.get(waits_item(backlog), ())) for backlog in backlogs}
