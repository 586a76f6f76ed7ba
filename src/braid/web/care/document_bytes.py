"""The bytes of documents at rest: each version under a data key of its own, bound to the row that holds it."""

from dataclasses import dataclass, field
from uuid import UUID

from braid.store.vault_keys import KeyRing, WrappedKey, make_data_key, seal_bytes, unseal_bytes, unwrap
from braid.web.models import DocumentVersion

_FIELD = "document"
EMPTY = {"key_id": "", "wrapped": b"", "sealed": b""}
"""What is left of a version whose content was erased."""


@dataclass(frozen=True)
class SealedBytes:
    """What a row keeps of a file: the data key, wrapped, and the sealed bytes."""

    key_id: str
    wrapped: bytes = field(repr=False)
    sealed: bytes = field(repr=False)


def seal_version(ring: KeyRing, version_id: UUID, content: bytes) -> SealedBytes:
    """Seal the bytes of a version under a new data key."""
    owner = _owner(version_id)
    data_key, wrapped = make_data_key(ring, owner)
    return SealedBytes(wrapped.key_id, wrapped.wrapped, seal_bytes(data_key, content, owner, wrapped.key_id, _FIELD))


def open_version(ring: KeyRing, row: DocumentVersion) -> bytes:
    """Return the bytes of a version. Raises `VaultKeyNotAvailable` or `VaultSealBroken`."""
    owner = _owner(row.pk)
    data_key = unwrap(ring, owner, WrappedKey(row.key_id, bytes(row.wrapped)))
    return unseal_bytes(data_key, bytes(row.sealed), owner, row.key_id, _FIELD)


def reseal_documents(ring: KeyRing) -> None:
    """Seal every document anew under the ring's current key, one at a time, in the caller's transaction."""
    for number in list(DocumentVersion.objects.exclude(sealed=b"").values_list("pk", flat=True)):
        row = DocumentVersion.objects.select_for_update().get(pk=number)
        sealed = seal_version(ring, row.pk, open_version(ring, row))
        row.key_id, row.wrapped, row.sealed = sealed.key_id, sealed.wrapped, sealed.sealed
        row.save(update_fields=["key_id", "wrapped", "sealed"])


def forget_documents() -> None:
    """Erase the bytes that a lost key sealed: nobody can open them again. That there were documents stays known."""
    DocumentVersion.objects.exclude(sealed=b"").update(**EMPTY)


def _owner(version_id: UUID) -> str:
    return f"document:{version_id}"
