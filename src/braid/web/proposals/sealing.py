"""Sheets of proposals, whole lists and their changes at rest: each under a data key of its own, bound to its row."""

from typing import Any
from uuid import UUID

from django.db import models
from django.utils import timezone

from braid.store.vault_keys import KeyRing
from braid.web.models import BoardPaper, ListingChange, Proposal, ProposalAnswer, ShownPlan
from braid.web.vault.sealed_rows import open_columns, seal_columns

_FIELD = "sheet"
_EMPTY = {"wrapped": b"", "sealed": b""}


def seal_sheet(ring: KeyRing, proposal_id: UUID, content: bytes) -> dict[str, object]:
    """Return the columns of a row that hold a sheet: the data key, wrapped, and the sealed bytes."""
    return _seal(ring, _owner(Proposal, proposal_id), content)


def open_sheet(ring: KeyRing, row: Proposal) -> bytes:
    """Return the bytes of a sheet. Raises `VaultKeyNotAvailable` or `VaultSealBroken`."""
    return _open(ring, row)


def seal_plan(ring: KeyRing, kind: str, content: bytes) -> dict[str, object]:
    """Return the columns of a plan that hold what is read of it whole."""
    return _seal(ring, _owner(ShownPlan, kind), content)


def open_plan(ring: KeyRing, row: ShownPlan) -> bytes:
    """Return the bytes of a plan that is read whole. Raises `VaultKeyNotAvailable` or `VaultSealBroken`."""
    return _open(ring, row)


def seal_change(ring: KeyRing, change_id: UUID, content: bytes) -> dict[str, object]:
    """Return the columns of what an answer changed."""
    return _seal(ring, _owner(ListingChange, change_id), content)


def open_change(ring: KeyRing, row: ListingChange) -> bytes:
    """Return the bytes of what an answer changed. Raises `VaultKeyNotAvailable` or `VaultSealBroken`."""
    return _open(ring, row)


def seal_paper(ring: KeyRing, paper_id: UUID, content: bytes) -> dict[str, object]:
    """Return the columns of what is to be printed."""
    return _seal(ring, _owner(BoardPaper, paper_id), content)


def open_paper(ring: KeyRing, row: BoardPaper) -> bytes:
    """Return the bytes of what is to be printed. Raises `VaultKeyNotAvailable` or `VaultSealBroken`."""
    return _open(ring, row)


def reseal_proposals(ring: KeyRing) -> None:
    """Seal all that rests here anew under the current key, a row at a time, in the caller's transaction."""
    for rows in (
        Proposal.objects.all(),
        ShownPlan.objects.filter(sealed__isnull=False),
        ListingChange.objects.exclude(sealed=b""),
        BoardPaper.objects.all(),
    ):
        _reseal(ring, rows)


def forget_changes() -> None:
    """Erase what a lost key sealed of changes: what was decided on court lists ends, and is decided again."""
    now = timezone.now()
    ProposalAnswer.objects.filter(change__isnull=False, ended_at__isnull=True).update(ended_at=now)
    ListingChange.objects.filter(ended_at__isnull=True).update(ended_at=now)
    ListingChange.objects.update(**_EMPTY)


def _reseal(ring: KeyRing, rows: models.QuerySet[Any]) -> None:
    for number in list(rows.values_list("pk", flat=True)):
        row = rows.model.objects.select_for_update().get(pk=number)
        rows.model.objects.filter(pk=number).update(**_seal(ring, _owner(rows.model, number), _open(ring, row)))


def _seal(ring: KeyRing, owner: str, content: bytes) -> dict[str, object]:
    return seal_columns(ring, owner, _FIELD, content)


def _open(ring: KeyRing, row: Any) -> bytes:
    return open_columns(ring, _owner(type(row), row.pk), _FIELD, row.key_id, row.wrapped, row.sealed)


def _owner(model: type[models.Model], number: object) -> str:
    return f"{model._meta.model_name}:{number}"
