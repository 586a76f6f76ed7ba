"""What becomes of requests beside the pages, as the owner of the tables: gathered, and once approved put on their way.

What was approved is made into a pack and goes into the outbox: the guard asks at the instant of sending, as of every
message. What the check or the guard holds back is with whoever handles it again, with the code of why.
"""

import logging
import os
from collections.abc import Callable
from pathlib import Path

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from braid.language.steps import NotPossible
from braid.outbound import DraftRefused
from braid.store.exports import ExportUnsafe
from braid.store.place_folder import Place, load_place
from braid.store.vault_keys import VaultKeyNotAvailable, VaultSealBroken
from braid.trust.subject_rights import party_of_asker
from braid.trust.subject_rights_terms import ACCESS
from braid.web.access.projections import Viewer
from braid.web.models import OutboxMessage, RightsRequest, RightsStep
from braid.web.outbound.outbox import queue_message
from braid.web.published import holding
from braid.web.rights.effects import apply_effect, waiting_effects
from braid.web.rights.gathering import gather_request
from braid.web.rights.keeping import PAGE
from braid.web.rights.pack import PackUnsafe, compose, make_draft
from braid.web.served_place import PLACE_SETTING
from braid.web.vault.keys import get_key_ring
from braid.web.watch import known_asker

RIGHTS_LOCK = 7_303_060
HELD = {
    "changed": "What is given is not what was approved.",
    "pack_unsafe": "The pack held something that was withheld.",
    "not_renderable": "The channel cannot carry it: choose another, or look for odd letters.",
    "refused": "The guard refused it when it was to leave: see the task that it left.",
    "failed": "It could not be delivered: see the task that it left.",
    "cancelled": "It was taken back.",
}
"""Why a pack is back with whoever handles it, by code."""
logger = logging.getLogger(__name__)


def work_on_requests(is_stopped: Callable[[], bool] = lambda: False) -> int:
    """Take each request that waits for Braid one step on; return how many went on."""
    folder = os.environ.get(PLACE_SETTING, "")
    with known_asker():
        if not folder or not (_waiting().exists() or waiting_effects()):
            return 0
        with holding(RIGHTS_LOCK) as is_alone:
            return work_in(load_place(Path(folder)), is_stopped) if is_alone else 0


def work_in(place: Place, is_stopped: Callable[[], bool] = lambda: False) -> int:
    """Do the same for a place, inside `known_asker`."""
    done = 0
    for row in [*_waiting(), *waiting_effects()]:
        if is_stopped():
            break
        try:
            done += _step(place, row)
        except Exception as error:
            # Whatever it is, the next one goes on all the same. Its text may hold a value, so its kind alone is said.
            logger.error("a rights request did not go on: %s; it is tried again", type(error).__name__)
    return done


def _waiting() -> QuerySet[RightsRequest]:
    """Return the requests for access that wait for Braid, oldest first."""
    rows = RightsRequest.objects.filter(kind="access", state__in=("waiting", "approved", "leaving"))
    return rows.order_by("opened_at", "pk")


def _step(place: Place, row: RightsRequest) -> int:
    if row.kind != "access":
        return apply_effect(place, row)
    if row.state == "waiting":
        gather_request(place, row)
        _note(row, "gather")
        return 1
    return _put_on_its_way(row) if row.state == "approved" else _see_what_became(row)


@transaction.atomic
def _put_on_its_way(row: RightsRequest) -> int:
    now = timezone.now()
    told = compose(get_key_ring(), row)
    if told.digest != row.approved_digest:
        return _hold(row, "changed")
    try:
        draft = make_draft(row, told, now)
    except PackUnsafe:
        return _hold(row, "pack_unsafe")
    except (ExportUnsafe, DraftRefused):
        return _hold(row, "not_renderable")
    except (VaultKeyNotAvailable, VaultSealBroken):
        return 0
    author = Viewer(row.second_by, "ig_lead", "", row.reference, PAGE)
    party = party_of_asker(row.subject_id, row.asker, row.asker_person_id)
    try:
        message = queue_message(author, draft, [("person", party)], rights_id=row.pk)
    except NotPossible:
        return _hold(row, "not_renderable")
    _go(row, "leave", message_id=message.pk)
    return 1


def _see_what_became(row: RightsRequest) -> int:
    state = OutboxMessage.objects.filter(pk=row.message_id).values_list("state", flat=True).first()
    if state == "sent":
        _go(row, "deliver", ended_at=timezone.now())
        return 1
    return _hold(row, state) if state in ("refused", "failed", "cancelled") else 0


def _hold(row: RightsRequest, because: str) -> int:
    nobody = {"second_by": "", "third_party": "", "harm": "", "approved_digest": "", "message_id": None}
    _go(row, "hold", because, held_because=because, **nobody)
    return 1


def _go(row: RightsRequest, step: str, reason: str = "", **values: object) -> None:
    after = ACCESS.after(row.state, step)
    RightsRequest.objects.filter(pk=row.pk, state=row.state).update(state=after, **values)
    _note(row, step, reason)


def _note(row: RightsRequest, step: str, reason: str = "") -> None:
    RightsStep.objects.append_one(RightsStep(request=row, step=step, reason=reason))
