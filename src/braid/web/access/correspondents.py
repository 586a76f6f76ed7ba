"""Whom a viewer may write to about a person: the person, their household as far as it is seen, and the partners."""

from collections.abc import Mapping
from dataclasses import dataclass

from braid.language.person_ids import is_person_id
from braid.web.access.decisions import decisions_on
from braid.web.access.sight import NotThere, Sight, record_look, visible_waits
from braid.web.access.words import headers
from braid.web.flows import gateways_in_force
from braid.web.models import Person
from braid.web.published import find_published_run

MOST_OF_A_HOUSEHOLD = 20


@dataclass(frozen=True)
class Correspondents:
    """Names by id of the person and of whom the viewer sees of their household; partners by id.

    `gateways` are the codes of law that the agreements in force for the purpose name, for each partner; `organisations`
    are all of the place.
    """

    person_id: str
    people: dict[str, str]
    partners: tuple[str, ...]
    gateways: Mapping[str, frozenset[str]]
    organisations: tuple[str, ...]


def get_correspondents(sight: Sight, person_id: str) -> Correspondents:
    """Return whom to write to, and record the look; inside `looking`. Raises `NotThere`.

    Partners are those to whom an agreement for the purpose opens anything now.
    """
    if not is_person_id(person_id):
        raise NotThere
    if not visible_waits(sight).filter(person=person_id).exists():
        raise NotThere
    home = Person.objects.filter(person_id=person_id).values_list("household_id", flat=True).first()
    together = visible_waits(sight).filter(person__household_id=home) if home else visible_waits(sight).none()
    others = together.exclude(person=person_id).order_by("person_id").values_list("person_id", flat=True).distinct()
    ids = [person_id, *others[:MOST_OF_A_HOUSEHOLD]]
    decisions = decisions_on(sight, ids)
    seen: dict[str, str] = {}
    for wait in decisions.permitted_waits(visible_waits(sight).filter(person__in=ids).order_by("wait_id")):
        seen.setdefault(wait.person_id, wait.sensitivity)
    if person_id not in seen:
        raise NotThere
    ids = [one for one in ids if one in seen]
    record_look(sight, {one: decisions.relation_to(one) for one in ids})
    known = headers(decisions, {one: seen[one] for one in ids})
    gateways = {receiver: frozenset(named) for receiver, named in gateways_in_force(sight.viewer.purpose).items()}
    run = find_published_run()
    everybody = set(gateways) | (set(run.kinds) if run else set())
    names = {one: known[one].name for one in ids}
    return Correspondents(person_id, names, tuple(sorted(gateways)), gateways, tuple(sorted(everybody)))
