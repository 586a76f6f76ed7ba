"""Who relied on a wrong join: what is kept under the id of a person whose records humans parted.

Each part is read for a purpose of the reviewer's role, as on its own page: what is not theirs to see is not there.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse

from braid.trust.roles import PURPOSES, Role
from braid.web.access.context import asking_as
from braid.web.access.projections import Viewer
from braid.web.models import AnsweredPerson, CaseSubject, FrozenRank, Referral, ShareDecision


@dataclass(frozen=True)
class Relied:
    """One thing that rests on the join: what it is, how it is called, where it is, for which purpose."""

    what: str
    name: str
    href: str = ""
    purpose: str = ""


def list_relied(viewer: Viewer, role: Role, person_id: str) -> list[Relied]:
    """Return what the viewer may see of what rests on a person id: cases, referrals, decisions, plans."""
    found: list[Relied] = []
    for purpose in sorted(role.purposes):
        with asking_as(viewer.username, purpose):
            found += [Relied(*one, PURPOSES[purpose]) for one in _kept(person_id)]
    return found


def _kept(person_id: str) -> Iterator[tuple[str, str, str]]:
    subjects = CaseSubject.objects.filter(person_id=person_id).select_related("case").order_by("pk")
    for subject in subjects:
        yield "Joint case", subject.case.reference, reverse("case", args=[subject.case_id])
    for referral in Referral.objects.filter(person_id=person_id).order_by("pk"):
        yield "Referral", referral.reference, reverse("referral", args=[referral.pk])
    counts = (
        ("Decisions with the person's rank", FrozenRank.objects.filter(person_id=person_id).count()),
        ("Answers to proposals of plans", AnsweredPerson.objects.filter(person_id=person_id).count()),
        ("Decisions to share or not", ShareDecision.objects.filter(person_id=person_id).count()),
    )
    for what, count in counts:
        if count:
            yield what, str(count), ""
