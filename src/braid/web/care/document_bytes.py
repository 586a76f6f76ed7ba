"""The bytes of documents at rest: each version under a data key of its own, bound to the row that holds it."""

from uuid import UUID

from braid.store.vault_keys import KeyRing
from braid.web.models import DocumentVersion
from braid.web.vault.sealed_rows import Columns, open_columns, seal_columns

_FIELD = "document"
EMPTY = {"key_id": "", "wrapped": b"", "sealed": b""}
"""What is left of a version whose content was erased."""


def seal_version(ring: KeyRing, version_id: UUID, content: bytes) -> Columns:
    """Return the columns of a version that hold its bytes, sealed under a new data key."""
    return seal_columns(ring, _owner(version_id), _FIELD, content)


def open_version(ring: KeyRing, row: DocumentVersion) -> bytes:
    """Return the bytes of a version. Raises `VaultKeyNotAvailable` or `VaultSealBroken`."""
    return open_columns(ring, _owner(row.pk), _FIELD, row.key_id, row.wrapped, row.sealed)


def reseal_documents(ring: KeyRing) -> None:
    """Seal every document anew under the ring's current key, one at a time, in the caller's transaction."""
    for number in list(DocumentVersion.objects.exclude(sealed=b"").values_list("pk", flat=True)):
        row = DocumentVersion.objects.select_for_update().get(pk=number)
        DocumentVersion.objects.filter(pk=number).update(**seal_version(ring, number, open_version(ring, row)))


def forget_documents() -> None:
    """Erase the bytes that a lost key sealed: nobody can open them again. That there were documents stays known."""
    DocumentVersion.objects.exclude(sealed=b"").update(**EMPTY)


def _owner(version_id: UUID) -> str:
    return f"document:{version_id}"
