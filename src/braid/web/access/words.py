"""Rows of the published set as projections: codes become words, and what may not be shown becomes its label."""

from collections.abc import Sequence

from braid.language.codes import BACKLOGS, CAUSE_GROUPS, CODE_LISTS, WAIT_KINDS
from braid.trust.decide import knows_of_protection
from braid.trust.roles import PURPOSES
from braid.web.access.projections import (
    NOT_FOR_ROLE,
    NOT_IN_AGREEMENT,
    NOT_KNOWN,
    NOT_RECORDED,
    WITHHELD,
    BlockerSeen,
    Header,
    InvolvementSeen,
    WaitSeen,
)
from braid.web.access.sight import Sight, visible_blockers
from braid.web.models import (
    Blocker,
    Contact,
    District,
    Involvement,
    PersonDistrict,
    PersonIdentity,
    PersonWait,
    Protection,
)

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


def blockers_seen(sight: Sight, person_ids: Sequence[str]) -> list[tuple[str, BlockerSeen]]:
    """Return the visible blockers of these people as (person id, blocker), in the order of their rules."""
    rows = visible_blockers(sight).filter(person__in=person_ids, held_wait__stop_date__isnull=True)
    rows = rows.select_related("held_wait", "holder_wait").order_by("rule_id", "blocker_id")
    return [(row.person_id, _blocker_seen(row)) for row in rows]


def _blocker_seen(blocker: Blocker) -> BlockerSeen:
    return BlockerSeen(
        problem=blocker.problem,
        problem_name=PURPOSES[blocker.problem],
        rule_id=blocker.rule_id,
        held_wait_id=blocker.held_wait_id,
        held=WAIT_KINDS[blocker.held_wait.kind].name,
        holder_type=blocker.holder_type,
        holder_wait_id=blocker.holder_wait_id or "",
        own_wait_holds=blocker.holder_wait is not None and not _is_of_another(blocker),
        holder=_holder(blocker),
        reason=blocker.reason,
        evidence=blocker.evidence,
        evidence_date=blocker.evidence_date,
        owner_organisation=organisation_words(blocker.owner_organisation),
        owner_role=blocker.owner_role,
        next_action=blocker.next_action,
    )


def _holder(blocker: Blocker) -> str:
    if blocker.holder_wait is None:
        kind = CAUSE_GROUPS.get(blocker.holder_kind, blocker.holder_kind.replace("_", " "))
        return f"{CODE_LISTS['holder_type'].get(blocker.holder_type, blocker.holder_type)}: {kind}"
    name = WAIT_KINDS[blocker.holder_wait.kind].name
    return f"{name} of another person in the case" if _is_of_another(blocker) else name


def _is_of_another(blocker: Blocker) -> bool:
    return blocker.holder_wait is not None and blocker.holder_wait.person_id != blocker.person_id


def headers(sight: Sight, person_ids: Sequence[str]) -> dict[str, Header]:
    """Return name, birth date and district words by person id, as far as they may be shown."""
    names = _identities(sight, person_ids)
    districts = _districts(sight, person_ids)
    told = _told_of_protection(sight, person_ids)
    unseen = NOT_KNOWN if sight.role.sees_location and sight.opens("district") else NOT_FOR_ROLE
    return {
        person_id: Header(
            name=_name(names.get(person_id)),
            birth_date=names[person_id].birth_date if person_id in names else None,
            district=districts.get(person_id, WITHHELD if person_id in told else unseen),
        )
        for person_id in person_ids
    }


def _identities(sight: Sight, person_ids: Sequence[str]) -> dict[str, PersonIdentity]:
    if not sight.opens("identity"):
        return {}
    return {row.person_id: row for row in PersonIdentity.objects.filter(person__in=person_ids)}


def _name(row: PersonIdentity | None) -> str:
    if row is None:
        return NOT_IN_AGREEMENT
    return f"{row.given_name} {row.family_name}".strip() or "Name not known"


def _districts(sight: Sight, person_ids: Sequence[str]) -> dict[str, str]:
    """Districts in words of those whose district is published, for a role and an agreement that open it."""
    if not sight.role.sees_location or not sight.opens("district"):
        return {}
    names = dict(District.objects.values_list("code", "name"))
    homes = PersonDistrict.objects.filter(person__in=person_ids).values_list("person_id", "district_code")
    return {person_id: names.get(code, NOT_KNOWN) for person_id, code in homes}


def _told_of_protection(sight: Sight, person_ids: Sequence[str]) -> set[str]:
    """Only who may know of protection is told of it; to others a district is merely not known."""
    if not knows_of_protection(sight.role):
        return set()
    return set(Protection.objects.filter(person__in=person_ids).values_list("person_id", flat=True))


def involvement_seen(sight: Sight, row: Involvement, contact: Contact | None, *, told: bool) -> InvolvementSeen:
    """Return an involvement; `contact` is whom to ask where that is published, `told` whether to say it is withheld.

    An organisation that is the only one of its kind in the place is named for everybody; any other, and worker and
    team, where the district may be shown and is known. So a name is missing for the protected exactly where it is
    missing for those whose district nobody knows.
    """
    if contact is not None and not sight.opens("contacts", contact.provider):
        contact = None
    parts = (contact.worker, contact.team, contact.contact) if contact else (row.place_wide_contact,)
    unseen = NOT_RECORDED if sight.role.sees_location else NOT_FOR_ROLE
    name = contact.organisation_name if contact else row.place_wide_name
    return InvolvementSeen(
        service=row.service,
        organisation=name or organisation_words(row.organisation_kind),
        since_date=row.since_date,
        last_date=row.last_date,
        ask=", ".join(part for part in parts if part) or (WITHHELD if told else unseen),
        as_of_date=row.as_of_date,
    )


def _code_in_words(triple: str) -> str:
    """Return `system:code` as people read it: the code, and in brackets whose it is."""
    system, separator, code = triple.partition(":")
    return f"{code} ({system.replace('_', ' ')})" if separator else triple
