"""The lines of an item at rest: sealed under a data key of its own, bound to the row that holds them."""

import json
from collections.abc import Iterable
from uuid import UUID

from braid.store.vault_keys import KeyRing
from braid.trust.subject_rights import Line
from braid.web.models import RightsItem, RightsRequest
from braid.web.vault.sealed_rows import Columns, open_columns, seal_columns

_FIELD = "lines"
EMPTY = {"key_id": "", "wrapped": b"", "sealed": b""}
"""What is left of an item whose words were erased."""


def seal_lines(ring: KeyRing, item_id: UUID, lines: Iterable[Line]) -> Columns:
    """Return the columns of an item that hold its lines, sealed under a new data key."""
    rows = [[one.label, one.words, one.sensitivity, one.locked, one.hint] for one in lines]
    return seal_columns(ring, _owner(item_id), _FIELD, json.dumps(rows, ensure_ascii=False).encode())


def open_lines(ring: KeyRing, row: RightsItem) -> tuple[Line, ...]:
    """Return the lines of an item; none once they were erased. Raises `VaultKeyNotAvailable`, `VaultSealBroken`."""
    if not row.key_id:
        return ()
    return tuple(Line(*one) for one in json.loads(_open(ring, row)))


def _open(ring: KeyRing, row: RightsItem) -> bytes:
    return open_columns(ring, _owner(row.pk), _FIELD, row.key_id, row.wrapped, row.sealed)


def reseal_items(ring: KeyRing) -> None:
    """Seal every item anew under the ring's current key, one at a time, in the caller's transaction."""
    for number in list(RightsItem.objects.exclude(sealed=b"").values_list("pk", flat=True)):
        row = RightsItem.objects.select_for_update().get(pk=number)
        sealed = seal_columns(ring, _owner(number), _FIELD, _open(ring, row))
        RightsItem.objects.filter(pk=number).update(**sealed)


def forget_items() -> None:
    """Erase the words that a lost key sealed; requests that were not answered yet are gathered again."""
    unanswered = RightsItem.objects.exclude(sealed=b"").filter(request__state__in=("deciding", "review", "approved"))
    numbers = set(unanswered.values_list("request_id", flat=True))
    RightsItem.objects.exclude(sealed=b"").update(**EMPTY)
    RightsRequest.objects.filter(pk__in=numbers).update(
        state="waiting", second_by="", third_party="", harm="", approved_digest=""
    )


def _owner(item_id: UUID) -> str:
    return f"rights item:{item_id}"
