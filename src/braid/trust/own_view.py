"""What of the record is handed to the person it is about: who looked at them, and which entries are left out, and why.

Everybody may ask who looked at them (UK GDPR article 15). The paper may be read by somebody else: a partner who opens
the post, a parent, whoever stands beside the person at the counter. So an entry is left out where reading it would
tell such a reader that somebody is protected or supported, or that the police work on a matter (UK GDPR article 15(4);
Data Protection Act 2018 schedule 2 paragraphs 2 and 16). What is left out leaves no trace in what is handed out: no
count, no gap, no mark, and nothing says whether this person is among those of whom something was. The person may see
the rest with their support worker, in a place that is safe.

Left out are entries
- for victim response, whoever looked: that the purpose concerns the person is itself the secret, and where the person
  is the one accused, that somebody is on record who fears them;
- by a role that may know of protection, for whatever purpose: the role's name says what the look was about;
- under an agreement for law enforcement, or by an organisation that is the police: telling may prejudice the matter;
- made because somebody of their household is concerned: they are about that other person;
- of kinds that only protection leaves behind (a read of the vault, something withheld, protection set or lifted), or
  with a reason that does: each says that there is something to keep from somebody;
- of a decision to share with a partner or not to: its reason may be what somebody else fears;
- in an emergency, before its review and after: its reason may be any of the above. What a review found not justified,
  the lead tells the person; nothing of it is handed out here.
Where facts are missing (a purpose that is not known), the entry is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass, field

from braid.trust.audit import Entry
from braid.trust.decide import knows_of_protection
from braid.trust.roles import PURPOSES, ROLES, VICTIM_RESPONSE

LEFT_OUT = {
    "support": "For victim response, or by a role that knows of protection",
    "police_matter": "Under an agreement for law enforcement, or by the police",
    "of_another": "Made because somebody of the household is concerned",
    "protection": "A trace that only protection leaves",
    "emergency": "In an emergency",
    "decision": "A decision to share or not to share",
    "not_known": "The purpose is not known",
}
"""Why entries are left out, for whoever answers the request; never for whoever asked."""
KINDS_TOLD = frozenset({"look", "changed", "sent", "exported"})
"""The only kinds that are handed out; every other that shows the person to somebody is a trace of protection."""
REASONS_OF_PROTECTION = frozenset({"excluded", "restricted", "sealed", "location_withheld", "confirmation_needed"})
NOT_OF_A_READER = frozenset(
    {"refused", "signed_in", "signed_out", "suspended", "reviewed", "audit_read", "account_changed"}
)
"""Kinds in which nobody saw anything of the person."""


@dataclass(frozen=True)
class Secrets:
    """What of the place the rule needs: organisations that are the police, agreements for law enforcement."""

    police: Set[str] = field(default_factory=frozenset)
    law_enforcement: Set[str] = field(default_factory=frozenset)


def find_reason_to_leave_out(entry: Entry, secrets: Secrets) -> str | None:
    """Return the code of `LEFT_OUT` for which an entry is not handed out, or `None` where it is."""
    role = ROLES.get(entry.role)
    if entry.purpose == VICTIM_RESPONSE or (role is not None and knows_of_protection(role)):
        return "support"
    if entry.organisation in secrets.police or secrets.law_enforcement & set(entry.agreement_id.split()):
        return "police_matter"
    if entry.kind == "break_glass" or entry.relation == "break_glass":
        return "emergency"
    if entry.kind == "disclosure":
        return "decision"
    if entry.kind not in KINDS_TOLD or entry.reason in REASONS_OF_PROTECTION:
        return "protection"
    if entry.relation == "household":
        return "of_another"
    if entry.purpose not in PURPOSES or role is None:
        return "not_known"
    return None


def share_out(
    entries: Iterable[Entry], person_id: str, secrets: Secrets
) -> tuple[tuple[Entry, ...], tuple[tuple[str, Entry], ...]]:
    """Return the entries about a person that are handed out, and with its reason each that is not, in their order."""
    handed, left = [], []
    for entry in entries:
        if entry.person_id != person_id or entry.kind in NOT_OF_A_READER:
            continue
        reason = find_reason_to_leave_out(entry, secrets)
        if reason is None:
            handed.append(entry)
        else:
            left.append((reason, entry))
    return tuple(handed), tuple(left)
