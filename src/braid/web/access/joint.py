"""Who somebody of a referral or a case is, for whoever takes part: `decide()` on their identity, and the look."""

from collections.abc import Collection
from typing import Any

from django.db.models import QuerySet

from braid.language.dates import london_date
from braid.trust.decide import Outcome
from braid.trust.items import JOINED
from braid.web.access.decisions import decisions_on
from braid.web.access.sight import Sight, people_with_waits, record_look
from braid.web.models import PersonDistrict, PersonIdentity
from braid.web.written_once import written_once

NAME_NOT_HELD = "Name not held any more"


def find_names(sight: Sight, person_ids: Collection[str]) -> dict[str, str]:
    """Return the name of each person whom the viewer may see as one of a case or referral of theirs; record the look.

    Of whom the decision denies there is no entry at all: call it for people through whom the viewer got here.
    """
    wanted = sorted(set(person_ids) - {""})
    if not wanted:
        return {}
    decisions = decisions_on(sight, wanted)
    sensitivity = min(sight.sensitivities)
    allowed = [
        person_id
        for person_id in wanted
        if decisions.on(person_id, "identity", JOINED, sensitivity).outcome is Outcome.ALLOW
    ]
    record_look(sight, {person_id: decisions.relation_to(person_id) for person_id in allowed})
    names = {person_id: f"{given} {family}".strip() for person_id, given, family in _identities(allowed)}
    return {person_id: names.get(person_id) or NAME_NOT_HELD for person_id in allowed}


@written_once
def _identities(people: list[str]) -> QuerySet[PersonIdentity, Any]:
    return PersonIdentity.objects.filter(pk__among=people).values_list("pk", "given_name", "family_name")


def find_age(sight: Sight, person_id: str) -> int | None:
    """Return the age in years of one of a case of the viewer's; `None` where it is not known, or not theirs to see."""
    on_identity = decisions_on(sight, [person_id]).on(person_id, "identity", JOINED, min(sight.sensitivities))
    if on_identity.outcome is not Outcome.ALLOW:
        return None
    born = PersonIdentity.objects.filter(pk=person_id).values_list("birth_date", flat=True).first()
    if born is None:
        return None
    today = london_date(sight.now)
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def find_district(sight: Sight, person_id: str) -> str | None:
    """Return the code of the district of somebody; `None` where the viewer may not see it, or it is not published."""
    if person_id not in find_located(sight, [person_id]):
        return None
    return PersonDistrict.objects.filter(pk=person_id).values_list("district_code", flat=True).first()


def find_with_page(sight: Sight, person_ids: Collection[str]) -> set[str]:
    """Return those of these people whose page the viewer may open: a name in a case may be all that they see."""
    wanted = sorted(set(person_ids) - {""})
    if not wanted:
        return set()
    return people_with_waits(sight, wanted)


def find_located(sight: Sight, person_ids: Collection[str]) -> frozenset[str]:
    """Return those of these people whose district the viewer may see: it is published, and `decide()` allows it.

    Of whoever is protected it is published to nobody, and the pages cannot tell them from those whose district nobody
    knows: what is done for the ones is done for the others.
    """
    wanted = sorted(set(person_ids) - {""})
    if not wanted or not sight.role.sees_location or not sight.opens("district"):
        return frozenset()
    known = PersonDistrict.objects.filter(person__in=wanted).values_list("person_id", flat=True)
    decisions, sensitivity = decisions_on(sight, wanted), min(sight.sensitivities)
    return frozenset(
        one for one in known if decisions.on(one, "district", JOINED, sensitivity).outcome is Outcome.ALLOW
    )
