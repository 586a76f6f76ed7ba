"""What somebody began to write and has not sent: theirs alone, gone once it is sent or has lain for two weeks."""

import datetime as dt
from collections.abc import Mapping
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from braid.care.words import check_words
from braid.language.steps import NotPossible
from braid.web.access.sight import Sight
from braid.web.care.kept import record_step
from braid.web.models import AgendaItem, Draft
from braid.web.written_once import written_once

FORMS = ("return", "note", "dissent", "decide")
"""The forms of a case on an agenda that take more than a line to fill in."""
MOST_FIELDS, LONGEST_FIELD = 200, 2000
LASTS = dt.timedelta(days=14)


def save_draft(sight: Sight, item_id: UUID, form: str, fields: Mapping[str, str]) -> None:
    """Keep what was typed into a form, in place of what was kept before. Raises `NotPossible`.

    Words that may not be sent are not kept either.
    """
    if form not in FORMS:
        raise NotPossible("That cannot be kept as a draft. Send it, or leave it")
    kept = {name: text for name, text in fields.items() if text.strip()}
    if len(kept) > MOST_FIELDS or any(len(text) > LONGEST_FIELD for text in kept.values()):
        raise NotPossible(f"A draft keeps {LONGEST_FIELD} characters to a field. Shorten it")
    for text in kept.values():
        check_words(text)
    values = {"fields": kept, "saved_at": Now()}
    if not _mine(sight, item_id, form).update(**values):
        Draft.objects.append_one(
            Draft(
                item_id=item_id, username=sight.viewer.username, form=form, fields=kept, organisation=sight.organisation
            )
        )
    reference = AgendaItem.objects.filter(pk=item_id).values_list("case__reference", flat=True).first() or ""
    record_step(sight, "draft kept", [], case=reference)


def find_drafts(sight: Sight, item_id: UUID) -> dict[str, Draft]:
    """Return what the viewer keeps of the forms of a case on an agenda, by form."""
    return {row.form: row for row in _drafts(item_id, sight.viewer.username) if row.fields}


@written_once
def _drafts(item_id: UUID, username: str) -> QuerySet[Draft]:
    return Draft.objects.filter(item_id=item_id, username=username)


def drop_draft(sight: Sight, item_id: UUID, form: str) -> None:
    """Empty a draft, which was sent or is not wanted any more."""
    _mine(sight, item_id, form).update(fields={})


def forget_old_drafts() -> int:
    """Empty drafts that have lain for two weeks, or whose meeting is over, as the owner; return how many."""
    over = Q(saved_at__lt=Now() - LASTS) | Q(item__meeting__state__in=("agreed", "cancelled"))
    return Draft.objects.filter(over).exclude(fields={}).update(fields={})


def _mine(sight: Sight, item_id: UUID, form: str) -> QuerySet[Draft]:
    return Draft.objects.filter(item_id=item_id, username=sight.viewer.username, form=form)
