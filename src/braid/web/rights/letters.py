"""Letters to whoever asked, in the words of whoever handles the request: sealed beside it, each with its step.

Braid sends none: whoever handles the request posts it. Words that say where somebody can be found are not kept, so that
none is posted by mistake. Every function runs inside `asking_as`, for an information governance lead.
"""

from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone

from braid.care.words import find_whereabouts
from braid.language.dates import london_date
from braid.language.steps import NotPossible
from braid.store.vault_keys import VaultKeyNotAvailable
from braid.trust.subject_rights import Line
from braid.trust.subject_rights_terms import LETTERS
from braid.web.care.kept import ChangedMeanwhile
from braid.web.models import RightsItem, RightsRequest, User
from braid.web.overlay.entries import check_lead
from braid.web.rights.keeping import note
from braid.web.rights.sealed_lines import seal_lines
from braid.web.vault.keys import get_key_ring

LETTER = "letter"
FIRST_POSITION = 100_001
"""Letters stand behind whatever is gathered, which is numbered anew when it is gathered again."""
LONGEST_LETTER = 4000
NO_KEY = "It cannot be kept safely just now, so nothing was kept. Try again later"


@transaction.atomic
def tell(by: User, row: RightsRequest, seen: int, about: str, words: str) -> RightsItem:
    """Keep what whoever asked is told, and that they are told now. Raises `NotPossible`, `ChangedMeanwhile`.

    `about` is a code of `LETTERS`. A request that has ended may still be told of: what was decided comes last.
    """
    check_lead(by)
    if row.handled_by != by.username:
        raise NotPossible("Whoever handles the request writes to who asked: take it over first")
    if about not in LETTERS:
        raise NotPossible("Choose what the letter tells")
    text = words.strip()
    if not text:
        raise NotPossible("Enter the words of the letter")
    if len(text) > LONGEST_LETTER:
        raise NotPossible(f"Enter {LONGEST_LETTER} characters at most")
    if found := find_whereabouts(text):
        raise NotPossible(f"Leave out {found[0]}: whoever reads the letter could find somebody by it")
    item = _keep(by, row, about, text)
    _count_up(row, seen)
    note(by, row, "tell", about)
    return item


def _count_up(row: RightsRequest, seen: int) -> None:
    """Refuse a second letter of the same page; of a request that has ended, or lies with Braid, the version stays."""
    there = RightsRequest.objects.filter(pk=row.pk, version=seen)
    if not there.update(version=F("version") + 1) and not there.exists():
        raise ChangedMeanwhile


def _keep(by: User, row: RightsRequest, about: str, text: str) -> RightsItem:
    letters = RightsItem.objects.filter(request=row, kind=LETTER)
    last = letters.aggregate(last=Max("position"))["last"] or FIRST_POSITION - 1
    now = timezone.now()
    item = RightsItem(
        request=row,
        position=last + 1,
        kind=LETTER,
        title=LETTERS[about],
        held_on=london_date(now),
        line_count=1,
        locked_count=0,
        kept=[0],
        decided_by=by.username,
        decided_at=now,
    )
    try:
        sealed = seal_lines(get_key_ring(), item.pk, [Line("Letter", text, "S")])
    except VaultKeyNotAvailable:
        raise NotPossible(NO_KEY) from None
    for column, value in sealed.items():
        setattr(item, column, value)
    RightsItem.objects.append_one(item)
    return item
