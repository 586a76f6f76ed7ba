"""People, waits and services as a standard of exchange wants them: names in parts, codes beside words, ids that stay.

The same choke point as `braid.web.access.person`: the same rows, the same decisions and the same record of the look.
"""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TypeVar

from braid.language.person_ids import is_person_id
from braid.web.access.decisions import Decisions, decisions_on
from braid.web.access.people import Place, find_places_after
from braid.web.access.person import involvements_of, looking_at
from braid.web.access.projections import (
    NOT_FOR_ROLE,
    NOT_KNOWN,
    NOT_LISTED,
    NOT_RECORDED,
    WITHHELD,
    Header,
    InvolvementSeen,
    PeopleFilter,
    Viewer,
    WaitSeen,
)
from braid.web.access.search import find
from braid.web.access.sight import NotThere, Sight, looking, record_look, visible_waits
from braid.web.access.waits import find_person_of_wait
from braid.web.access.words import headers, is_told_of_protection, wait_seen
from braid.web.models import Involvement

GIVE_HEALTH_CARE = frozenset({"hospital", "icb"})
LABELS = frozenset({NOT_KNOWN, NOT_FOR_ROLE, NOT_LISTED, NOT_RECORDED, WITHHELD})
"""Words that stand where something is not shown: a program is given nothing instead."""
ID_DIGITS = 24
NOBODY = "0" * 32
Told = TypeVar("Told")


@dataclass(frozen=True)
class Identified:
    """Who somebody is, as far as it may be shown; `district` is empty where it may not, or is not known.

    `is_protected` only where the viewer may be told so.
    """

    person_id: str
    header: Header
    district: str
    is_protected: bool


@dataclass(frozen=True)
class WaitTold:
    """A wait, whose it is, and its priority as the partner's code (`system:code`), empty where there is none."""

    person_id: str
    seen: WaitSeen
    priority: str


@dataclass(frozen=True)
class ServiceTold:
    """A service that knows a person. `id` stays the same from run to run, and for every viewer."""

    id: str
    person_id: str
    seen: InvolvementSeen
    ask: str
    """Whom to ask, empty where that may not be shown."""
    is_health: bool
    """Whether it is of a partner that gives health care."""


def get_identified(viewer: Viewer, person_id: str) -> Identified:
    """Return who somebody is, and record the look. Raises as `get_person` does."""
    with looking_at(viewer, person_id) as (decisions, waits):
        return _identified(decisions, {person_id: waits[0].sensitivity})[0]


def get_identified_after(
    viewer: Viewer, after: Place | None, limit: int
) -> tuple[list[Identified], Place | None, bool]:
    """Return the people of the list of `get_people_after`, longest wait first, and record the look at each."""
    with looking(viewer) as sight:
        places, follows, is_cut = find_places_after(sight, PeopleFilter(), after, limit)
        return _seen(sight, [person_id for _, person_id in places]), follows, is_cut


def find_identified(viewer: Viewer, name: str) -> tuple[list[Identified], bool]:
    """Return the people whose name fits and whose page the viewer may open, best first, and whether there may be more.

    Records the look at each, as a search on a page does.
    """
    with looking(viewer) as sight:
        found = find(sight, name)
        shown = [one.person_id for one in found.people if one.person_id]
        return _seen(sight, shown, is_recorded=True), found.is_cut


def _seen(sight: Sight, person_ids: Collection[str], *, is_recorded: bool = False) -> list[Identified]:
    """Return these people as far as they may be seen; record the look at each, where that was not done already."""
    decisions = decisions_on(sight, person_ids)
    rows = visible_waits(sight).filter(person__in=list(person_ids)).order_by("-elapsed_days", "wait_id")
    through: dict[str, str] = {}
    for wait in decisions.permitted_waits(rows):
        through.setdefault(wait.person_id, wait.sensitivity)
    shown = {one: through[one] for one in person_ids if one in through}
    if not is_recorded:
        record_look(sight, {one: decisions.relation_to(one) for one in shown})
    return _identified(decisions, shown)


def _identified(decisions: Decisions, sensitivities: dict[str, str]) -> list[Identified]:
    return [
        Identified(
            person_id,
            header,
            "" if header.district in LABELS else header.district,
            is_told_of_protection(decisions, person_id),
        )
        for person_id, header in headers(decisions, sensitivities).items()
    ]


def get_waits_told(viewer: Viewer, person_id: str) -> list[WaitTold]:
    """Return the waits of a person, open and ended, and record the look. Raises as `get_person` does."""
    with looking_at(viewer, person_id) as (_, waits):
        return [WaitTold(person_id, wait_seen(wait), wait.priority) for wait in waits]


def get_wait_told(viewer: Viewer, wait_id: str) -> WaitTold:
    """Return one wait, and record the look at whose it is. Raises as `get_person` does."""
    with looking(viewer) as sight:
        person_id = find_person_of_wait(sight, wait_id)
    if person_id is None:
        raise NotThere
    return _only(one for one in get_waits_told(viewer, person_id) if one.seen.wait_id == wait_id)


def get_services_told(viewer: Viewer, person_id: str) -> list[ServiceTold]:
    """Return the services that know a person, and record the look. Raises as `get_person` does."""
    with looking_at(viewer, person_id) as (decisions, _):
        rows = involvements_of(decisions, person_id)
    names = name_services([row for row, _ in rows])
    return [
        ServiceTold(name, person_id, seen, _ask_of(seen), row.organisation_kind in GIVE_HEALTH_CARE)
        for name, (row, seen) in zip(names, rows, strict=True)
    ]


def name_services(rows: Iterable[Involvement]) -> list[str]:
    """Return an id for each service that knows somebody: the same at each run, for rows in the order of publication.

    It says whose it is, so that it is found without another table, and hashes the rest. Partners of a kind that are not
    told apart are told apart by their order.
    """
    earlier: Counter[str] = Counter()
    names = []
    for row in rows:
        key = "|".join((row.person_id, row.provider, row.organisation_kind, row.service))
        digest = hashlib.sha256(f"{key}|{earlier[key]}".encode()).hexdigest()[:ID_DIGITS]
        names.append(f"{row.person_id}-{digest}")
        earlier[key] += 1
    return names


def _ask_of(seen: InvolvementSeen) -> str:
    return "" if seen.ask in LABELS else seen.ask


def get_service_told(viewer: Viewer, service_id: str) -> ServiceTold:
    """Return one such service. Raises as `get_person` does.

    An id of another form is asked for as one of somebody who does not exist, so that no answer comes sooner.
    """
    person_id, _, _ = service_id.partition("-")
    person_id = person_id if is_person_id(person_id) else NOBODY
    return _only(one for one in get_services_told(viewer, person_id) if one.id == service_id)


def _only(found: Iterable[Told]) -> Told:
    for one in found:
        return one
    raise NotThere
