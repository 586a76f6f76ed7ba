"""What a viewer may see, worked out once from their role, their organisation's agreements and the purpose.

Every function here runs inside `asking_as`: facts and rows are read in one transaction, so that what was revoked is
gone with the next statement.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache
from itertools import product
from typing import Any

from django.core.paginator import InvalidPage, Paginator
from django.db.models import BooleanField, Exists, OuterRef, Q, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Cast, Now

from braid.trust.agreements import Sharing
from braid.trust.decide import Actor, permitted_providers, permitted_rows
from braid.trust.items import ITEMS, JOINED
from braid.trust.roles import ROLES, Reach, Role
from braid.web.access.context import asking_as, current_binding
from braid.web.access.projections import Viewer
from braid.web.flows import flows_in_force
from braid.web.models import (
    Blocker,
    Hidden,
    PersonWait,
    PublishedRun,
    User,
    Within,
)
from braid.web.published import find_published_run
from braid.web.reasons import find_fault
from braid.web.recording import Facts, record

_CLOCK = ("live_from", "live_to")
_CODES = tuple(one.name for one in fields(Sharing) if one.name not in _CLOCK)


class NotPermitted(Exception):
    """This role may not look, or not for this purpose: 403, whoever the person is."""


class NotThere(Exception):
    """No such person or page, or none that this viewer may see: 404, the same for both."""


@dataclass(frozen=True)
class Sight:
    """A viewer, the flows open to their organisation now, and the rows that role and agreements permit.

    `actor` is the viewer as `decide` knows them, without flows. `providers` maps each permitted backlog to those whose
    waits the agreement of the purpose opens. `flows` holds what is open by (purpose, provider, item). `now` is the
    database's, at which all of it holds.
    """

    viewer: Viewer
    role: Role
    actor: Actor
    now: dt.datetime
    sensitivities: frozenset[str]
    providers: dict[str, frozenset[str]]
    flows: dict[tuple[str, str, str], tuple[Sharing, ...]]
    agreements: str
    organisation: str
    memo: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)
    """What was read once in this transaction and is asked for by several parts of one answer."""

    def opens(self, item: str, provider: str = JOINED) -> bool:
        """Whether an agreement for the viewer's purpose opens this item of this provider."""
        return (self.viewer.purpose, provider, item) in self.flows

    def actor_for(self, purpose: str, provider: str, item: str) -> Actor:
        """Return the viewer as `decide` wants them, with those of their flows alone that could open the item."""
        return replace(self.actor, sharings=self.flows.get((purpose, provider, item), ()))

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
    mine = User.objects.filter(username=viewer.username, is_active=True, role=role.code)
    user = mine.annotate(now=Now()).first()
    sensitivities, backlogs = permitted_rows(role, viewer.purpose)
    if user is None or not sensitivities:
        raise NotPermitted
    rows = flows_in_force().filter(receiver=user.organisation).exclude(receiver="")
    binding = current_binding()
    if user.is_system and binding is None:
        raise NotPermitted
    if binding is not None and binding.agreement_id:
        rows = rows.filter(agreement_id=binding.agreement_id)
    since, until = (Cast(name, TextField()) for name in _CLOCK)
    open_now = [_sharing(*values) for values in rows.values_list(*_CODES, since, until)]
    flows: dict[tuple[str, str, str], tuple[Sharing, ...]] = {}
    for flow in open_now:
        key = (flow.purpose, flow.provider, flow.item)
        flows[key] = (*flows.get(key, ()), flow)
    actor = Actor(
        user.username, user.organisation, user.role, assurance=viewer.assurance, confirmed_at=viewer.confirmed_at
    )
    return Sight(
        viewer,
        role,
        actor,
        user.now,
        sensitivities,
        permitted_providers(replace(actor, sharings=tuple(open_now)), viewer.purpose, backlogs, user.now),
        flows,
        " ".join(sorted({flow.agreement_id for flow in open_now if flow.purpose == viewer.purpose})),
        user.organisation,
    )


def waits_opened(sight: Sight) -> QuerySet[PersonWait]:
    """Return the waits that role and agreements open, whoever's they are: to ask of somebody who is there already."""
    opened = [
        f"{backlog}/{provider}/{sensitivity}"
        for backlog, providers in sight.providers.items()
        for provider, sensitivity in product(providers, sight.sensitivities)
    ]
    return PersonWait.objects.filter(wait_class__in=sorted(opened))


@lru_cache(maxsize=8192)
def _sharing(*values: str) -> Sharing:
    """Return a flow as the database has it at this statement: the same few hundred are read at every look."""
    *codes, since, until = values
    return Sharing(*codes, dt.datetime.fromisoformat(since), dt.datetime.fromisoformat(until))


def visible_waits(sight: Sight) -> QuerySet[PersonWait]:
    """Return the waits that may be seen: rows the agreements open, of people within reach who are not kept away.

    Neither condition is asked with EXISTS, which becomes a join: of fifty people it would first gather all within
    reach, and go through all who are kept away for each wait.
    """
    rows = waits_opened(sight).exclude(person_id__in=Hidden.objects.values("person_id"))
    within = Within.objects.filter(person_id=OuterRef("person_id")).values(yes=Value(True))[:1]
    is_within = Subquery(within, output_field=BooleanField())
    return rows if sight.role.reach is Reach.PLACE else rows.filter(is_within)


def blocker_rows(sight: Sight) -> QuerySet[Blocker]:
    """Return the blockers whose row may be seen, whoever's wait or event holds: the waits they join are asked apart."""
    return Blocker.objects.filter(
        ~Exists(Hidden.objects.filter(person_id=OuterRef("holder_person_id"))),
        sensitivity__in=sight.sensitivities,
        problem__in=sight.problems,
    )


def visible_blockers(sight: Sight) -> QuerySet[Blocker]:
    """Return the blockers of which every part may be seen: the row, the wait held, what holds it and whose that is."""
    seen = visible_waits(sight)
    return blocker_rows(sight).filter(
        Q(holder_wait__isnull=True) | Exists(seen.filter(pk=OuterRef("holder_wait"))),
        Exists(seen.filter(pk=OuterRef("held_wait"))),
    )


def record_look(sight: Sight, relations: Mapping[str, str]) -> None:
    """Write one audit entry for each person, in the transaction that reads them.

    `relations` gives each person id the relationship under which the viewer reaches them.
    """
    shown = {ITEMS[item].sensitivity for purpose, _, item in sight.flows if purpose == sight.viewer.purpose}
    record(
        "look",
        sight.viewer,
        list(relations),
        Facts(
            organisation=sight.organisation,
            agreement_ids=sight.agreements,
            relations=relations,
            item_classes=" ".join(sorted(shown)),
            channel="api" if sight.viewer.page.startswith("api") else "page",
        ),
    )


def run_shown(sight: Sight) -> PublishedRun | None:
    """Return the run that the pages show, read once for an answer; `None` before the first."""
    if "run" not in sight.memo:
        sight.memo["run"] = find_published_run()
    run: PublishedRun | None = sight.memo["run"]
    return run


def page_of(rows: QuerySet[Any, Any], size: int, number: object) -> tuple[list[Any], Paginator, int]:
    """Return the rows of one page, its paginator and its number; raise `NotThere` where there is no such page."""
    paginator = Paginator(rows, size)
    try:
        page = paginator.page(number)
    except InvalidPage:
        raise NotThere from None
    return list(page.object_list), paginator, page.number
