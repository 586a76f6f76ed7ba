"""The record of the vault: one audit row for each field read, refused or withheld. The item, never its value."""

from braid.web.models import Look


def record_vault_read(
    *, username: str, role: str, purpose: str, reference: str, person_id: str, item: str, outcome: str = "read"
) -> None:
    """Write the row in the transaction that reads. `outcome` is read, refused, step_up, withheld or guard."""
    Look.objects.create(
        username=username,
        role=role,
        purpose=purpose,
        reference=reference,
        person_id=person_id,
        page=item if outcome == "read" else f"{item} {outcome}",
    )
