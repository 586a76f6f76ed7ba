"""The waits that a joint case is to end or shorten: chosen from those that whoever takes part may see."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction

from braid.care.cases import check_edits
from braid.language.steps import NotPossible
from braid.people.households import LARGEST_HOUSEHOLD
from braid.web.access.decisions import decisions_on
from braid.web.access.joint import find_names
from braid.web.access.projections import WaitSeen
from braid.web.access.sight import Sight, visible_waits
from braid.web.access.words import wait_seen
from braid.web.care import cases
from braid.web.care.kept import acting_of, now_of_database, record_step
from braid.web.models import CaseWait, JointCase


@dataclass(frozen=True)
class WaitOfCase:
    """A wait of somebody whom a case is about, as the viewer may see it."""

    person_id: str
    wait: WaitSeen
    is_chosen: bool
    """Whether the case is to end or shorten it."""


def list_waits(sight: Sight, row: JointCase) -> list[WaitOfCase]:
    """Return the running waits of whom a case is about, chosen ones first, and the chosen ones that have ended since.

    Each as far as the viewer may see it by role and agreement: taking part in a case opens no wait.
    """
    people = cases.people_of(row)
    if not people:
        return []
    rows = visible_waits(sight).filter(person__in=people).order_by("-elapsed_days", "wait_id")
    permitted = decisions_on(sight, people).permitted_waits(rows)
    chosen = set(CaseWait.objects.filter(case=row, ended_at__isnull=True).values_list("wait_id", flat=True))
    found = [
        WaitOfCase(wait.person_id, wait_seen(wait), wait.wait_id in chosen)
        for wait in permitted
        if wait.stop_date is None or wait.wait_id in chosen
    ]
    return sorted(found, key=lambda one: not one.is_chosen)


def choose_waits(sight: Sight, case_id: UUID, wait_ids: Iterable[str]) -> None:
    """Choose the waits that the case is to end or shorten; one that is left out is no longer. Raises `NotPossible`."""
    row, by = cases.get_row(case_id), acting_of(sight)
    check_edits(by, cases.noun_of(row))
    seen = {one.wait.wait_id: one for one in list_waits(sight, row)}
    wanted = set(wait_ids)
    if not wanted <= seen.keys():
        raise NotPossible("Choose from the waits on the page. Look at it again: a new run may have changed them")
    left = {wait_id for wait_id, one in seen.items() if one.is_chosen} - wanted
    CaseWait.objects.filter(case=row, wait_id__in=left, ended_at__isnull=True).update(ended_at=now_of_database())
    for wait_id in sorted(wanted):
        if not seen[wait_id].is_chosen:
            _choose(row, wait_id, by.username)
    people = sorted({seen[wait_id].person_id for wait_id in wanted | left})
    record_step(sight, "waits of the case chosen", people, "case", case=row.reference, waits=len(wanted))


def _choose(row: JointCase, wait_id: str, username: str) -> None:
    try:
        with transaction.atomic():
            CaseWait.objects.append_one(CaseWait(case=row, wait_id=wait_id, added_by=username))
    except IntegrityError:
        return  # another chose it a moment ago


def list_household(sight: Sight, row: JointCase) -> dict[str, str]:
    """Return the names by person id of whom the viewer sees of the households of the case and who are not in it.

    Nobody where that is more people than a home holds: strangers whom one building or a chain of records joins.
    """
    people = cases.people_of(row)
    own = visible_waits(sight).filter(person__in=people).select_related("person")
    homes = {one.person.household_id for one in own} - {""}
    if not homes:
        return {}
    rows = visible_waits(sight).filter(person__household_id__in=homes).exclude(person__in=people)
    decisions = decisions_on(sight, sorted(set(rows.values_list("person_id", flat=True))))
    found = {wait.person_id for wait in decisions.permitted_waits(rows)}
    return find_names(sight, found) if len(found) <= LARGEST_HOUSEHOLD else {}
