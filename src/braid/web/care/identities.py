"""Joint work follows the people it is about, when a run finds that two ids are one person, or one id was two people.

Merged: what was about the id that is gone is about the one it became, so that whoever works on it goes on seeing it.
Parted: what stood under one of the ids before they were merged goes back to it. Any other case stays with the id it
named, and says so until somebody of it has looked: the rule cannot know who was meant. Runs as the owner of the tables,
in the transaction of publication.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import pyarrow.parquet as pq
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from braid.care.referrals import OPEN_STATES
from braid.language.findings import PERSON
from braid.people.seals import PRE_ADOPTIVE
from braid.store.lake import Run
from braid.web.acting import Actor
from braid.web.models import CaseSubject, Referral
from braid.web.overlay.seals import read_sides
from braid.web.recording import Facts, record
from braid.web.run_history import history_rows

PUBLICATION = Actor("", "", "", "", "publication")
"""Who did it, for the record: no human."""


@dataclass(frozen=True)
class History:
    """Changes of identity in the runs of a lake: into which id one was merged, and which ids were parted from one."""

    merged: Mapping[str, str]
    parted: Mapping[str, frozenset[str]]

    def now(self, person_id: str, living: Collection[str]) -> str:
        """Return the id that a person has in a run with these people: their own, or what it was merged into since.

        Nothing where none of them is there: nobody holds rows of them any more.
        """
        seen: set[str] = set()
        while person_id not in living and person_id in self.merged and person_id not in seen:
            seen.add(person_id)
            person_id = self.merged[person_id]
        return person_id if person_id in living else ""


def read_history(run: Run, since: str = "") -> History:
    """Return the merges that led to `run`, and the partings since the run of id `since`, which was published before."""
    merged: dict[str, str] = {}
    for person_id, change, other in history_rows(run):
        if change == "merged":
            merged.setdefault(person_id, other)  # newest first: who was one with another twice is who they are now
    parted: dict[str, set[str]] = defaultdict(set)
    for person_id, change, other in history_rows(run, since):
        if change == "split":
            parted[other].add(person_id)
    return History(merged, {person: frozenset(ids) for person, ids in parted.items()})


def follow(run: Run, since: str = "") -> int:
    """Let open joint work follow the identities of `run`; return how much of it changed.

    `since` is the id of the run that was published before.
    """
    open_referrals = Referral.objects.filter(state__in=sorted(OPEN_STATES))
    subjects = CaseSubject.objects.filter(ended_at__isnull=True).exclude(person_id="").select_related("case")
    if not open_referrals.exists() and not subjects.exists():
        return 0
    history, living, sealed = read_history(run, since), _people(run), read_sides(run)[PRE_ADOPTIVE]
    changed = 0
    for row in (*subjects, *open_referrals):
        back = find_earlier(row.earlier_ids, history.parted.get(row.person_id, ()), living)
        if row.person_id not in living:
            changed += _move(row, history.now(row.person_id, living), sealed)
        elif back:
            changed += _give_back(row, back, sealed)
    for subject in subjects:
        changed += _doubt(subject, history)
    return changed


def _people(run: Run) -> set[str]:
    return set(pq.read_table(run.table(PERSON.name), columns=["person_id"]).column(0).to_pylist())


def _move(row: CaseSubject | Referral, person_id: str, sealed: Collection[str]) -> int:
    """Write the new id. An identity that an adoption ended is nobody's to be led to; two of one are joined."""
    if not person_id or person_id in sealed or row.person_id in sealed:
        return 0
    return _write(row, person_id, [*row.earlier_ids, row.person_id], "identity merged")


def find_earlier(earlier: Sequence[str], parted: Collection[str], living: Collection[str]) -> str:
    """Return the latest of `earlier` ids that was parted now from the id that something has; empty for none."""
    return next((one for one in reversed(earlier) if one in parted and one in living), "")


def _give_back(row: CaseSubject | Referral, person_id: str, sealed: Collection[str]) -> int:
    """Write the id that it stood under before two were merged who are two again."""
    if person_id in sealed or row.person_id in sealed:
        return 0
    earlier = row.earlier_ids[: row.earlier_ids.index(person_id)]
    return _write(row, person_id, earlier, "identity given back")


def _write(row: CaseSubject | Referral, person_id: str, earlier: list[str], what: str) -> int:
    before = row.person_id
    try:
        with transaction.atomic():
            type(row)._base_manager.filter(pk=row.pk).update(person_id=person_id, earlier_ids=earlier)
            _record(what, [before, person_id], row)
    except IntegrityError:
        # Both ids were in the case, or referred for the same: the one that stays is enough, and this one is over.
        _end(row)
    row.person_id = person_id
    return 1


def _end(row: CaseSubject | Referral) -> None:
    now = timezone.now()
    if isinstance(row, CaseSubject):
        CaseSubject.objects.filter(pk=row.pk).update(ended_at=now)
    else:
        Referral.objects.filter(pk=row.pk).update(state="revoked", ended_at=now, version=F("version") + 1)
    _record("identity named twice", [row.person_id], row)


def _doubt(subject: CaseSubject, history: History) -> int:
    new = history.parted.get(subject.person_id, frozenset()) - set(subject.parted_ids)
    if not new:
        return 0
    known = sorted({*subject.parted_ids, *new})
    CaseSubject.objects.filter(pk=subject.pk).update(parted_ids=known, doubted_at=timezone.now())
    _record("identity parted", [subject.person_id], subject)
    return 1


def _record(what: str, people: list[str], row: CaseSubject | Referral) -> None:
    reference = row.case.reference if isinstance(row, CaseSubject) else row.reference
    record("changed", PUBLICATION, people, Facts(details={"what": what, "reference": reference}))
