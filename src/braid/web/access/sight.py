"""What a viewer may see, worked out once from their role, their organisation's agreements and the purpose.

Every function here runs inside `asking_as`: facts and rows are read in one transaction, so that what was revoked is
gone with the next statement.
"""

import datetime as dt
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from functools import cached_property, lru_cache
from itertools import product
from types import MappingProxyType
from typing import Any

from django.contrib.postgres.aggregates import StringAgg
from django.core.paginator import InvalidPage, Paginator
from django.db.models import BooleanField, Exists, Func, OuterRef, Q, QuerySet, Subquery, TextField, Value
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
from braid.web.written_once import written_once

FlowsOpen = Mapping[tuple[str, str, str], tuple[Sharing, ...]]
"""Flows by purpose, provider and item."""
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
    flows: FlowsOpen
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

    @cached_property
    def wait_classes(self) -> list[str]:
        """The classes of waits that role and agreements open: backlog/provider/sensitivity."""
        return sorted(
            f"{backlog}/{provider}/{sensitivity}"
            for backlog, providers in self.providers.items()
            for provider, sensitivity in product(providers, self.sensitivities)
        )

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
    found = _account(viewer.username, role.code)
    sensitivities, backlogs = permitted_rows(role, viewer.purpose)
    if not found or not sensitivities:
        raise NotPermitted
    (user,) = found
    binding = current_binding()
    if user.is_system and binding is None:
        raise NotPermitted
    open_now, flows = _flows_told(user.open_now or "")
    if binding is not None and binding.agreement_id:
        open_now = tuple(flow for flow in open_now if flow.agreement_id == binding.agreement_id)
        flows = _by_what_they_open(open_now)
    actor = Actor(
        user.username, user.organisation, user.role, assurance=viewer.assurance, confirmed_at=viewer.confirmed_at
    )
    return Sight(
        viewer,
        role,
        actor,
        user.now,
        sensitivities,
        permitted_providers(replace(actor, sharings=open_now), viewer.purpose, backlogs, user.now),
        flows,
        " ".join(sorted({flow.agreement_id for flow in open_now if flow.purpose == viewer.purpose})),
        user.organisation,
    )


@written_once
def _account(username: str, role: str) -> QuerySet[User]:
    """The account of a human who is let in, the clock of the database, and the flows open to their organisation."""
    flow = Func(*_CODES, *(Cast(name, TextField()) for name in _CLOCK), function="json_build_array")
    flows = flows_in_force().filter(receiver=OuterRef("organisation")).exclude(receiver="").order_by()
    told = flows.values("receiver").annotate(told=StringAgg(Cast(flow, TextField()), "\n", order_by="pk"))
    rows = User.objects.filter(username=username, is_active=True, role=role)
    rows = rows.annotate(now=Now(), open_now=Subquery(told.values("told")))
    return rows.only("username", "organisation", "role", "is_system")


@lru_cache(maxsize=64)
def _flows_told(told: str) -> tuple[tuple[Sharing, ...], FlowsOpen]:
    """Return flows as the database told them at this statement, a line each: the same words are read at every look.

    What an agreement opens or opens no more is told in other words, so nothing of it outlives them.
    """
    flows = tuple(_sharing(*json.loads(line)) for line in told.split("\n") if line)
    return flows, _by_what_they_open(flows)


def _sharing(*values: str) -> Sharing:
    *codes, since, until = values
    return Sharing(*codes, dt.datetime.fromisoformat(since), dt.datetime.fromisoformat(until))


def _by_what_they_open(flows: Iterable[Sharing]) -> FlowsOpen:
    found: dict[tuple[str, str, str], tuple[Sharing, ...]] = {}
    for flow in flows:
        key = (flow.purpose, flow.provider, flow.item)
        found[key] = (*found.get(key, ()), flow)
    return MappingProxyType(found)


def waits_opened(sight: Sight) -> QuerySet[PersonWait]:
    """Return the waits that role and agreements open, whoever's they are: to ask of somebody who is there already."""
    return PersonWait.objects.filter(wait_class__among=sight.wait_classes)


def visible_waits(sight: Sight) -> QuerySet[PersonWait]:
    """Return the waits that may be seen: rows the agreements open, of people within reach who are not kept away.

    Neither condition is asked with EXISTS, which becomes a join: of fifty people it would first gather all within
    reach, and go through all who are kept away for each wait.
    """
    rows = seen_anywhere(sight.wait_classes)
    return rows if sight.role.reach is Reach.PLACE else rows.filter(is_within_reach())


def seen_anywhere(classes: list[str]) -> QuerySet[PersonWait]:
    """Return the waits of these classes of people who are not kept away from whoever asks, within reach or not."""
    return PersonWait.objects.filter(wait_class__among=classes).exclude(
        person_id__in=Hidden.objects.values("person_id")
    )


def is_within_reach() -> Subquery:
    """Return the condition that the person of a wait is within reach of whoever asks."""
    within = Within.objects.filter(person_id=OuterRef("person_id")).values(yes=Value(True))[:1]
    return Subquery(within, output_field=BooleanField())


@written_once
def _waits_anywhere(classes: list[str], people: list[str]) -> QuerySet[PersonWait]:
    return seen_anywhere(classes).filter(person_id__among=people).order_by("-elapsed_days", "wait_id")


@written_once
def _waits_within(classes: list[str], people: list[str]) -> QuerySet[PersonWait]:
    rows = seen_anywhere(classes).filter(is_within_reach(), person_id__among=people)
    return rows.order_by("-elapsed_days", "wait_id")


def waits_of(sight: Sight, person_ids: Collection[str]) -> list[PersonWait]:
    """Return the waits of these people that may be seen, longest first: those of `visible_waits`."""
    ask = _waits_anywhere if sight.role.reach is Reach.PLACE else _waits_within
    return ask(sight.wait_classes, list(person_ids))


@written_once
def _people_anywhere(classes: list[str], people: list[str]) -> QuerySet[PersonWait, str]:
    return seen_anywhere(classes).filter(person_id__among=people).values_list("person_id", flat=True)


@written_once
def _people_within(classes: list[str], people: list[str]) -> QuerySet[PersonWait, str]:
    return seen_anywhere(classes).filter(is_within_reach(), person_id__among=people).values_list("person_id", flat=True)


def people_with_waits(sight: Sight, person_ids: Collection[str]) -> set[str]:
    """Return those of these people who have a wait that may be seen, by `visible_waits`."""
    ask = _people_anywhere if sight.role.reach is Reach.PLACE else _people_within
    return set(ask(sight.wait_classes, list(person_ids)))


def blocker_rows(sight: Sight) -> QuerySet[Blocker]:
    """Return the blockers whose row may be seen, whoever's wait or event holds: the waits they join are asked apart."""
    return blockers_of_classes(sorted(sight.sensitivities), sorted(sight.problems))


def blockers_of_classes(sensitivities: list[str], problems: list[str]) -> QuerySet[Blocker]:
    """Return the blockers of these classes whose holder is not kept away from whoever asks."""
    return Blocker.objects.filter(
        ~Exists(Hidden.objects.filter(person_id=OuterRef("holder_person_id"))),
        sensitivity__among=sensitivities,
        problem__among=problems,
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
