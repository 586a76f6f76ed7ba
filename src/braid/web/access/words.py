"""Rows of the published set as projections: codes become words, and what may not be shown becomes its label."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from braid.language.codes import BACKLOGS, CAUSE_GROUPS, CODE_LISTS, WAIT_KINDS
from braid.language.freshness import describe_freshness
from braid.trust.agreements import provider_of_kind
from braid.trust.decide import Outcome, knows_of_protection
from braid.trust.items import JOINED
from braid.trust.roles import PURPOSES
from braid.web.access.blockers import open_blockers
from braid.web.access.decisions import Decisions
from braid.web.access.projections import (
    NOT_FOR_ROLE,
    NOT_IN_AGREEMENT,
    NOT_KNOWN,
    NOT_LISTED,
    NOT_RECORDED,
    WITHHELD,
    BlockerSeen,
    Header,
    InvolvementSeen,
    WaitSeen,
)
from braid.web.access.sight import Sight, run_shown
from braid.web.crosswalk import own_words, standards_of
from braid.web.models import (
    Blocker,
    Contact,
    District,
    Involvement,
    PersonDistrict,
    PersonIdentity,
    PersonWait,
)
from braid.web.written_once import written_once

ORGANISATION_KINDS = {
    "authority": "Combined authority",
    "council": "Council",
    "icb": "Integrated care board",
    "hospital": "Hospital",
    "court": "Court",
    "police": "Police",
    "voluntary": "Voluntary organisation",
}


def organisation_words(kind: str) -> str:
    """Return a kind of organisation in words."""
    return ORGANISATION_KINDS.get(kind, kind.replace("_", " ").capitalize()) or NOT_RECORDED


def holder_words(holder_type: str, kind: str) -> str:
    """Return what holds a wait up, in words: a wait by its name, what is missing by its type and kind."""
    if holder_type == "wait":
        return WAIT_KINDS[kind].name
    return (
        f"{CODE_LISTS['holder_type'].get(holder_type, holder_type)}: {CAUSE_GROUPS.get(kind, kind.replace('_', ' '))}"
    )


def wait_seen(wait: PersonWait) -> WaitSeen:
    """Return a wait with its codes as words."""
    return WaitSeen(
        wait_id=wait.wait_id,
        kind=wait.kind,
        kind_name=WAIT_KINDS[wait.kind].name,
        backlog=wait.backlog,
        backlog_name=BACKLOGS[wait.backlog].name,
        organisation=organisation_words(wait.organisation_kind),
        priority=_code_in_words(wait.priority),
        start_date=wait.start_date,
        start_event=wait.start_event,
        stop_date=wait.stop_date,
        elapsed_days=wait.elapsed_days or 0,
        due_date=wait.due_date,
        due_date_other=wait.due_date_other,
        days_left=wait.days_left,
        clock=wait.clock,
        clock_name=CODE_LISTS["clock_status"].get(wait.clock, wait.clock),
        rule_id=wait.rule_id,
        rule_version=wait.rule_version,
        explanation=wait.explanation,
        as_of_date=wait.as_of_date,
    )


def blockers_seen(decisions: Decisions, waits: Iterable[PersonWait]) -> list[tuple[str, BlockerSeen]]:
    """Return the visible blockers of these waits as (person id, blocker), in the order of their rules."""
    rows = sorted(open_blockers(decisions, waits), key=lambda row: (row.rule_id, row.blocker_id))
    own = _own_standards(decisions.sight) if rows else ()
    return [(row.person_id, _blocker_seen(row, own)) for row in rows]


def _own_standards(sight: Sight) -> tuple[str, ...]:
    """Return the standards that the viewer's organisation sends: whose words it reads."""
    if "own_standards" not in sight.memo:
        sight.memo["own_standards"] = standards_of(run_shown(sight), sight.organisation)
    return sight.memo["own_standards"]


def _blocker_seen(blocker: Blocker, own: tuple[str, ...]) -> BlockerSeen:
    return BlockerSeen(
        problem=blocker.problem,
        problem_name=PURPOSES[blocker.problem],
        rule_id=blocker.rule_id,
        held_wait_id=blocker.held_wait_id,
        held=WAIT_KINDS[blocker.held_wait.kind].name,
        holder_type=blocker.holder_type,
        holder_kind=blocker.holder_kind,
        holder_wait_id=blocker.holder_wait_id or "",
        own_wait_holds=blocker.holder_wait is not None and not _is_of_another(blocker),
        holder=_holder(blocker),
        reason=blocker.reason,
        evidence=blocker.evidence,
        evidence_date=blocker.evidence_date,
        owner_organisation=organisation_words(blocker.owner_organisation),
        owner_role=blocker.owner_role,
        next_action=blocker.next_action,
        holder_own="" if blocker.holder_wait else own_words(own, "cause_group", blocker.holder_kind),
    )


def _holder(blocker: Blocker) -> str:
    if blocker.holder_wait is None:
        return holder_words(blocker.holder_type, blocker.holder_kind)
    name = WAIT_KINDS[blocker.holder_wait.kind].name
    return f"{name} of another person in the case" if _is_of_another(blocker) else name


def _is_of_another(blocker: Blocker) -> bool:
    return blocker.holder_wait is not None and blocker.holder_wait.person_id != blocker.person_id


def headers(decisions: Decisions, sensitivities: Mapping[str, str]) -> dict[str, Header]:
    """Return name, birth date and district words by person id, as far as they may be shown.

    `sensitivities` gives each person id the sensitivity of a row through which they are there for the viewer.
    """
    sight = decisions.sight
    names = _identities(sight, list(sensitivities))
    districts = _districts(sight, list(sensitivities))
    found: dict[str, Header] = {}
    for person_id, sensitivity in sensitivities.items():
        identity = decisions.on(person_id, "identity", JOINED, sensitivity)
        who = names.get(person_id) if identity.outcome is Outcome.ALLOW else None
        found[person_id] = Header(
            name=NOT_LISTED if identity.reason == "not_in_grant" else _name(who),
            birth_date=who.birth_date if who else None,
            district=_district(decisions, person_id, sensitivity, districts.get(person_id)),
            given_name=who.given_name if who else "",
            family_name=who.family_name if who else "",
        )
    return found


def names_seen(decisions: Decisions, sensitivities: Mapping[str, str]) -> dict[str, str]:
    """Return the names alone, as far as they may be shown; `sensitivities` as for `headers`."""
    known = _identities(decisions.sight, list(sensitivities))
    found: dict[str, str] = {}
    for person_id, sensitivity in sensitivities.items():
        identity = decisions.on(person_id, "identity", JOINED, sensitivity)
        who = known.get(person_id) if identity.outcome is Outcome.ALLOW else None
        found[person_id] = NOT_LISTED if identity.reason == "not_in_grant" else _name(who)
    return found


def _district(decisions: Decisions, person_id: str, sensitivity: str, known: str | None) -> str:
    """Return the district in words, or why it does not stand here; only who may know of protection is told of it."""
    decision = decisions.on(person_id, "district", JOINED, sensitivity)
    if decision.outcome is Outcome.ALLOW:
        return known or NOT_KNOWN
    if is_told_of_protection(decisions, person_id):
        return WITHHELD
    if decision.reason == "not_in_grant":
        return NOT_LISTED
    return NOT_KNOWN if decision.reason == "location_withheld" else NOT_FOR_ROLE


def is_told_of_protection(decisions: Decisions, person_id: str) -> bool:
    """Whether the viewer is told that this person's location is withheld; to others it is merely not known."""
    return knows_of_protection(decisions.sight.role) and decisions.subjects[person_id].protected


def _identities(sight: Sight, person_ids: Sequence[str]) -> dict[str, PersonIdentity]:
    if not sight.opens("identity"):
        return {}
    return {row.person_id: row for row in _identities_of(list(person_ids))}


@written_once
def _identities_of(people: list[str]) -> QuerySet[PersonIdentity]:
    return PersonIdentity.objects.filter(person_id__among=people)


def _name(row: PersonIdentity | None) -> str:
    if row is None:
        return NOT_IN_AGREEMENT
    return f"{row.given_name} {row.family_name}".strip() or "Name not known"


def _districts(sight: Sight, person_ids: Sequence[str]) -> dict[str, str]:
    """Districts in words of those whose district is published, for a role and an agreement that open it."""
    if not sight.role.sees_location or not sight.opens("district"):
        return {}
    return {person_id: name or NOT_KNOWN for person_id, name in _districts_of(list(person_ids))}


@written_once
def _districts_of(people: list[str]) -> QuerySet[PersonDistrict, Any]:
    name = District.objects.filter(code=OuterRef("district_code")).values("name")
    homes = PersonDistrict.objects.filter(person_id__among=people).annotate(name=Subquery(name))
    return homes.values_list("person_id", "name")


def involvement_seen(
    decisions: Decisions, row: Involvement, contact: Contact | None, as_of: dt.date
) -> InvolvementSeen:
    """Return an involvement; `contact` is whom to ask where that is published, `as_of` the day the run speaks of.

    An organisation that is the only one of its kind in the place is named for everybody; any other, and worker and
    team, where the district may be shown and is known. So a name is missing for the protected exactly where it is
    missing for those whose district nobody knows.
    """
    sight = decisions.sight
    if contact is not None:
        decision = decisions.on(row.person_id, "contacts", contact.provider, row.sensitivity)
        contact = contact if decision.outcome is Outcome.ALLOW else None
    parts = (contact.worker, contact.team, contact.contact) if contact else (row.place_wide_contact,)
    unseen = NOT_RECORDED if sight.role.sees_location else NOT_FOR_ROLE
    name = contact.organisation_name if contact else row.place_wide_name
    fresh = describe_freshness(row.as_of_date, row.every_days, as_of)
    return InvolvementSeen(
        service=row.service,
        organisation=name or organisation_words(row.organisation_kind),
        since_date=row.since_date,
        last_date=row.last_date,
        ask=", ".join(part for part in parts if part)
        or (WITHHELD if is_told_of_protection(decisions, row.person_id) else unseen),
        as_of_date=row.as_of_date,
        or_later=row.provider == provider_of_kind(row.organisation_kind) and not row.place_wide_name,
        freshness=fresh.words,
        is_late=fresh.is_late,
    )


def _code_in_words(triple: str) -> str:
    """Return `system:code` as people read it: the code, and in brackets whose it is."""
    system, separator, code = triple.partition(":")
    return f"{code} ({system.replace('_', ' ')})" if separator else triple
