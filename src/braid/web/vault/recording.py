"""The record of the vault: one audit entry for each field read, refused or withheld. The item, never its value."""

from dataclasses import dataclass

from braid.web.recording import Facts, record

WRITTEN_AS = {
    "read": ("vault_read", "allow"),
    "refused": ("refused", "deny"),
    "step_up": ("refused", "step_up"),
    "withheld": ("withheld", "deny"),
    "guard": ("vault_read", "allow"),
}
"""Of each outcome the kind of entry and the decision that stands in it."""


@dataclass(frozen=True)
class _Asker:
    username: str
    role: str
    purpose: str
    reference: str
    page: str


def record_vault_read(
    *, username: str, role: str, purpose: str, reference: str, person_id: str, item: str, outcome: str = "read"
) -> None:
    """Write the entry in the transaction that reads. `outcome` is read, refused, step_up, withheld or guard."""
    page = item if outcome == "read" else f"{item} {outcome}"
    kind, decision = WRITTEN_AS[outcome]
    facts = Facts(item_classes=item, decision=decision, reason=outcome, assurance=2 if outcome == "read" else 1)
    record(kind, _Asker(username, role, purpose, reference, page), (person_id,), facts)
