"""The sheets of proposals at rest: each under a data key of its own, bound to the row that holds it."""

from uuid import UUID

from braid.store.vault_keys import KeyRing, WrappedKey, make_data_key, seal_bytes, unseal_bytes, unwrap
from braid.web.models import Proposal

_FIELD = "sheet"


def seal_sheet(ring: KeyRing, proposal_id: UUID, content: bytes) -> dict[str, object]:
    """Return the columns of a row that hold a sheet: the data key, wrapped, and the sealed bytes."""
    owner = _owner(proposal_id)
    data_key, wrapped = make_data_key(ring, owner)
    sealed = seal_bytes(data_key, content, owner, wrapped.key_id, _FIELD)
    return {"key_id": wrapped.key_id, "wrapped": wrapped.wrapped, "sealed": sealed}


def open_sheet(ring: KeyRing, row: Proposal) -> bytes:
    """Return the bytes of a sheet. Raises `VaultKeyNotAvailable` or `VaultSealBroken`."""
    owner = _owner(row.pk)
    data_key = unwrap(ring, owner, WrappedKey(row.key_id, bytes(row.wrapped)))
    return unseal_bytes(data_key, bytes(row.sealed), owner, row.key_id, _FIELD)


def reseal_proposals(ring: KeyRing) -> None:
    """Seal every sheet anew under the ring's current key, one at a time, in the caller's transaction."""
    for number in list(Proposal.objects.values_list("pk", flat=True)):
        row = Proposal.objects.select_for_update().get(pk=number)
        Proposal.objects.filter(pk=number).update(**seal_sheet(ring, number, open_sheet(ring, row)))


def _owner(proposal_id: UUID) -> str:
    return f"proposal:{proposal_id}"
