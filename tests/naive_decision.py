"""The decision as a naive specification: what the brief says, sentence by sentence.

Nothing is shared with the code under test but its nouns. The decision is held to it over a whole lattice of cases, and
the policies of the database row by row.
"""

from __future__ import annotations

import datetime as dt

from braid.trust.decide import Actor, Held, Subject
from braid.trust.roles import ROLES


def naive(actor: Actor, subject: Subject, held: Held, purpose: str | None, now: dt.datetime) -> str:
    """Return allow, mask, step_up or deny."""
    role = ROLES.get(actor.role)
    if role is None or not actor.is_active:
        return "deny"
    if actor.username in subject.excluded or subject.sealed:
        return "deny"
    if subject.restricted_to is not None and actor.username not in subject.restricted_to:
        return "deny"
    if purpose is None or purpose not in role.purposes:
        return "deny"
    live = [f for f in actor.sharings if f.live_from <= now < f.live_to and f.purpose == purpose]
    if (actor.organisation, held.provider, held.code) not in {(f.receiver, f.provider, f.item) for f in live}:
        return "deny"
    is_location, is_vault = (
        held.code in ("district", "household", "contacts", "placement"),
        held.code.startswith("vault."),
    )
    seen = held.sensitivity in role.row_sensitivities
    if held.code.startswith("waits."):
        seen = seen and held.code[6:] in role.backlogs
    elif is_vault:
        seen = seen and actor.role == "advocate"
    elif held.code == "placement":
        seen = seen and actor.role in ("analyst", "placement_officer")
    elif held.code == "hearings":
        seen = seen and actor.role == "listing_officer"
    elif held.code == "household":
        seen = seen and actor.role in ("practitioner", "placement_officer")
    elif is_location:
        seen = seen and actor.role in ("analyst", "practitioner", "placement_officer")
    if not seen:
        return "mask" if is_location else "deny"
    only_by_case = actor.role in ("coordinator", "partner", "responder")
    reached = actor.role == "analyst" or (purpose in subject.concerned and not only_by_case)
    reached |= purpose in subject.in_case or purpose in subject.referred
    reached |= actor.role in ("practitioner", "placement_officer") and purpose in subject.at_home
    for grant in subject.grants:
        if grant.username == actor.username and grant.purpose == purpose and grant.live_from <= now < grant.live_to:
            reached |= held.code.startswith("waits.")
            reached |= held.code in grant.items and (
                grant.approved or held.code in ("blockers", "involvements", "hearings")
            )
    if not reached:
        return "deny"
    if is_vault:
        fresh = actor.confirmed_at is not None and now - actor.confirmed_at < dt.timedelta(minutes=5)
        return "allow" if actor.assurance == 2 and fresh else "step_up"
    return "mask" if is_location and subject.protected else "allow"


def naive_minutes(actor: Actor, subject: Subject, held: Held, purpose: str | None, now: dt.datetime) -> str:
    """Return allow where somebody may send what a meeting decided: who may know of the case, and takes part in it."""
    takes_part = purpose is not None and purpose in subject.in_case
    if held.code != "joint_case":
        may_see = naive(actor, subject, held, purpose, now)
        return may_see if may_see != "allow" else "deny"
    return "allow" if naive(actor, subject, held, purpose, now) == "allow" and takes_part else "deny"
