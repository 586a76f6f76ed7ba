"""What a viewer may see, worked out once from their role, their organisation's agreements and the purpose.

Every function here runs inside `asking_as`: facts and rows are read in one transaction, so that what was revoked is
gone with the next statement.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.core.paginator import InvalidPage, Paginator
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from braid.trust.agreements import Sharing
from braid.trust.decide import Actor, permitted_providers, permitted_rows
from braid.trust.items import ITEMS, JOINED
from braid.trust.roles import ROLES, Reach, Role
from braid.web.access.context import asking_as
from braid.web.access.projections import Viewer
from braid.web.models import (
    Blocker,
    Flow,
    Hidden,
    PersonWait,
    Suspension,
    User,
    Within,
)
from braid.web.models import Reach as ReachRow
from braid.web.reasons import find_fault
from braid.web.recording import Facts, record


class NotPermitted(Exception):
    """This role may not look, or not for this purpose: 403, whoever the person is."""


class NotThere(Exception):
    """No such person or page, or none that this viewer may see: 404, the same for both."""


@dataclass(frozen=True)
class Sight:
    """A viewer, the flows open to their organisation now, and the rows that role and agreements permit.

    `providers` maps each permitted backlog to those whose waits the agreement of the purpose opens. `flows` holds
    (purpose, provider, item) of everything that is open.
    """

    viewer: Viewer
    role: Role
    sensitivities: frozenset[str]
    providers: dict[str, frozenset[str]]
    flows: frozenset[tuple[str, str, str]]
    agreements: str
    organisation: str

    def opens(self, item: str, provider: str = JOINED) -> bool:
        """Whether an agreement for the viewer's purpose opens this item of this provider."""
        return (self.viewer.purpose, provider, item) in self.flows

    @property
    def problems(self) -> frozenset[str]:
        """Purposes of the role whose agreement is open: the problem statements that may be named."""
        return frozenset(code for code in self.role.purposes if (code, JOINED, "blockers") in self.flows)


@contextmanager
def looking(viewer: Viewer) -> Iterator[Sight]:
    """Open the viewer's transaction; raise `NotPermitted` without role, permitted purpose and valid reference."""
    role = ROLES.get(viewer.role)
    if role is None or not viewer.username or find_fault(role, viewer.purpose, viewer.reference):
        raise NotPermitted
    with asking_as(viewer.username, viewer.purpose):
        yield _sight_of(viewer, role)


def _sight_of(viewer: Viewer, role: Role) -> Sight:
    user = User.objects.filter(username=viewer.username, is_active=True, role=role.code).first()
    sensitivities, backlogs = permitted_rows(role, viewer.purpose)
    if user is None or not sensitivities:
        raise NotPermitted
    suspended = Suspension.objects.filter(lifted_at__isnull=True, agreement_id=OuterRef("agreement_id"))
    rows = Flow.objects.filter(receiver=user.organisation, live_from__lte=Now(), live_to__gt=Now())
    flows = list(rows.exclude(Exists(suspended)).exclude(receiver="").annotate(now=Now()))
    if not flows:
        return Sight(viewer, role, sensitivities, {}, frozenset(), "", user.organisation)
    actor = Actor(user.username, user.organisation, user.role, sharings=tuple(map(_sharing, flows)))
    return Sight(
        viewer,
        role,
        sensitivities,
        permitted_providers(actor, viewer.purpose, backlogs, flows[0].now),
        frozenset((flow.purpose, flow.provider, flow.item) for flow in flows),
        " ".join(sorted({flow.agreement_id for flow in flows if flow.purpose == viewer.purpose})),
        user.organisation,
    )


def _sharing(flow: Flow) -> Sharing:
    return Sharing(
        flow.agreement_id,
        flow.agreement_version,
        flow.purpose,
        flow.receiver,
        flow.provider,
        flow.item,
        flow.live_from,
        flow.live_to,
    )


def visible_waits(sight: Sight) -> QuerySet[PersonWait]:
    """Return the waits that may be seen: rows the agreements open, of people within reach who are not kept away."""
    opened = Q(pk__in=[])
    for providers, backlogs in _by_providers(sight).items():
        opened |= Q(backlog__in=backlogs, provider__in=sorted(providers))
    rows = PersonWait.objects.filter(opened, sensitivity__in=sight.sensitivities)
    rows = rows.exclude(Exists(Hidden.objects.filter(person_id=OuterRef("person_id"))))
    within = Within.objects.filter(person_id=OuterRef("person_id"))
    return rows if sight.role.reach is Reach.PLACE else rows.filter(Exists(within))


def _by_providers(sight: Sight) -> dict[frozenset[str], list[str]]:
    groups: dict[frozenset[str], list[str]] = {}
    for backlog, providers in sorted(sight.providers.items()):
        if providers:
            groups.setdefault(providers, []).append(backlog)
    return groups


def visible_blockers(sight: Sight) -> QuerySet[Blocker]:
    """Return the blockers of which every part may be seen: the row, the wait held and the wait that holds it."""
    seen = visible_waits(sight)
    return Blocker.objects.filter(
        Q(holder_wait__isnull=True) | Exists(seen.filter(pk=OuterRef("holder_wait"))),
        Exists(seen.filter(pk=OuterRef("held_wait"))),
        sensitivity__in=sight.sensitivities,
        problem__in=sight.problems,
    )


def record_look(sight: Sight, person_ids: Sequence[str]) -> None:
    """Write one audit entry for each person, in the transaction that reads them."""
    shown = {ITEMS[item].sensitivity for purpose, _, item in sight.flows if purpose == sight.viewer.purpose}
    record(
        "look",
        sight.viewer,
        person_ids,
        Facts(
            organisation=sight.organisation,
            agreement_ids=sight.agreements,
            relations=_relations(sight, person_ids),
            item_classes=" ".join(sorted(shown)),
            channel="api" if sight.viewer.page.startswith("api") else "page",
        ),
    )


def _relations(sight: Sight, person_ids: Sequence[str]) -> dict[str, str]:
    """Return by person the relationship under which the role reaches them, as `braid.trust.decide` names it."""
    if sight.role.reach is Reach.PLACE:
        return dict.fromkeys(person_ids, "place")
    relations = ["concerned", "household"] if sight.role.reach is Reach.HOUSEHOLD else ["concerned"]
    rows = ReachRow.objects.filter(person__in=person_ids, purpose=sight.viewer.purpose, relation__in=relations)
    reached = {row.person_id: row.relation for row in rows.order_by("-relation")}
    return {person_id: reached.get(person_id, "break_glass") for person_id in person_ids}


def page_of(rows: QuerySet[Any, Any], size: int, number: object) -> tuple[list[Any], Paginator, int]:
    """Return the rows of one page, its paginator and its number; raise `NotThere` where there is no such page."""
    paginator = Paginator(rows, size)
    try:
        page = paginator.page(number)
    except InvalidPage:
        raise NotThere from None
    return list(page.object_list), paginator, page.number
