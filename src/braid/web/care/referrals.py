"""Referrals as kept: sent to an inbox, answered by its team, taken back, and where the silence on each stands."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, replace
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from braid.care.links import check_reply_link
from braid.care.model import Escalation
from braid.care.referrals import (
    BY_TEAM,
    MACHINE,
    OPEN_STATES,
    REFUSALS,
    URGENCIES,
    Answer,
    answer,
    check_look_again,
    check_send,
    due_at,
    look_again_day,
    revoke,
    silence_on,
)
from braid.care.referrals import Referral as Noun
from braid.care.services import SERVICES
from braid.language.steps import NotPossible, is_possible
from braid.web.access.decisions import decisions_on
from braid.web.access.frozen import find_frozen
from braid.web.access.joint import find_names, find_with_page
from braid.web.access.projections import FrozenSeen
from braid.web.access.sight import NotThere, Sight, visible_waits
from braid.web.care.kept import (
    acting_of,
    change,
    check_joint,
    load_team,
    new_reference,
    now_of_database,
    record_step,
    teams_of,
)
from braid.web.models import Referral, Team
from braid.web.written_once import written_once

LONGEST_NOTE = 2000
ALREADY = "The team has this referral already. Look at your referrals for where it stands"


@dataclass(frozen=True)
class ReferralSeen:
    """A referral for somebody who may see it. `name` is empty where the person is not shown to them any more,
    `person_id` where their page is not there for them."""

    id: UUID
    reference: str
    person_id: str
    name: str
    service_name: str
    team_name: str
    organisation: str
    urgency_name: str
    note: str
    state: str
    state_name: str
    refusal: str
    effect: str
    parked_until: dt.date | None
    sent_by: str
    sent_at: dt.datetime
    due_at: dt.datetime
    answered_by: str
    silence: Escalation | None
    steps: tuple[tuple[str, str], ...]
    """Steps that whoever looks may take, as (code, words)."""
    look_again_on: dt.date | None
    may_look_again: bool
    may_revoke: bool
    version: int
    may_link: bool = False
    """Whether whoever looks may make a link by which a team without an account replies."""


@dataclass(frozen=True)
class Alike:
    """Another referral of the same person that the sender may know of, shown before they send."""

    reference: str
    team_name: str
    service_name: str
    state_name: str


def noun_of(row: Referral) -> Noun:
    """Return a row as the rules know it."""
    return Noun(
        row.person_id,
        row.service,
        row.team_id,
        row.urgency,
        row.sent_by,
        row.sent_from,
        row.sent_at,
        row.due_at,
        row.state,
        row.since,
        row.refusal,
        row.parked_until,
    )


def find_alike(person_id: str) -> list[Alike]:
    """Return the open referrals of a person that the human of this transaction may see; of others not even a count."""
    rows = Referral.objects.filter(person_id=person_id, state__in=OPEN_STATES).select_related("team")
    return [
        Alike(row.reference, row.team.name, SERVICES[row.service].name, MACHINE.states[row.state].name)
        for row in rows.order_by("-sent_at")
    ]


def check_sees(sight: Sight, person_id: str) -> str:
    """Return the relationship under which the viewer reaches a person. Raises `NotThere` for one they do not see."""
    rows = visible_waits(sight).filter(person=person_id)
    decisions = decisions_on(sight, [person_id])
    if not decisions.permitted_waits(rows):
        raise NotThere
    return decisions.relation_to(person_id)


def send(
    sight: Sight, person_id: str, team_id: str, service: str, urgency: str, note: str = "", since: str = ""
) -> Referral:
    """Refer a person to a team's inbox and record it. Raises `NotPossible`, and `NotThere` as for the person's page."""
    relation = check_sees(sight, person_id)
    check_joint(sight)
    by, team, now = acting_of(sight), load_team(team_id), now_of_database()
    purpose = sight.viewer.purpose
    if service not in SERVICES or purpose not in SERVICES[service].purposes:
        raise NotPossible("Nobody is referred to that service for your purpose. Choose another")
    if urgency not in URGENCIES:
        raise NotPossible("Say how soon an answer is needed")
    if len(note) > LONGEST_NOTE:
        raise NotPossible(f"Say in {LONGEST_NOTE} characters what the team must know")
    noun = Noun(
        person_id, service, team.id, urgency, by.username, by.organisation, now, due_at(now, urgency), since=since
    )
    earlier = Referral.objects.filter(person_id=person_id, service=service, team_id=team.id)
    check_send(by, noun, team, map(noun_of, earlier), now)
    row = Referral(
        reference=new_reference("RF"),
        purpose=purpose,
        person_id=person_id,
        service=service,
        team_id=team.id,
        urgency=urgency,
        note=note,
        since=since,
        sent_by=by.username,
        sent_from=by.organisation,
        sent_at=now,
        due_at=noun.due_at,
    )
    try:
        with transaction.atomic():
            Referral.objects.append_one(row)
    except IntegrityError:
        # Their own, sent twice. That somebody else sent one is not told: the team finds both in its inbox.
        raise NotPossible(ALREADY) from None
    record_step(
        sight, "referral sent", [person_id], relation, kind="disclosure", team=team.id, service=service, urgency=urgency
    )
    return row


def get_row(referral_id: UUID) -> Referral:
    """Return a referral that the human of this transaction may see. Raises `NotThere`."""
    row = Referral.objects.select_related("team").filter(pk=referral_id).first()
    if row is None:
        raise NotThere
    return row


def answer_referral(sight: Sight, referral_id: UUID, seen: int, given: Answer) -> Referral:
    """Answer a referral for its team: accept, refuse, or mark as done. Raises `NotPossible`, `NotThere`.

    With an acceptance the database keeps where the priority rules placed the person.
    """
    row = get_row(referral_id)
    now = now_of_database()
    _keep(row, seen, answer(acting_of(sight), noun_of(row), given, now), sight.viewer.username, now)
    record_step(sight, f"referral {row.state}", [row.person_id], "referral", refusal=row.refusal, team=row.team_id)
    return row


def look_again(sight: Sight, referral_id: UUID, seen: int, day: dt.date | None) -> Referral:
    """Say by which day the team looks at an accepted referral again. Raises `NotPossible`, `NotThere`."""
    row = get_row(referral_id)
    change(row, seen, look_again_on=check_look_again(acting_of(sight), noun_of(row), day, now_of_database()))
    record_step(sight, "referral: looked at again", [row.person_id], "referral", team=row.team_id)
    return row


def revoke_referral(sight: Sight, referral_id: UUID, seen: int) -> Referral:
    """Take a referral back. Raises `NotPossible`, `NotThere`."""
    row = get_row(referral_id)
    after = revoke(acting_of(sight), noun_of(row), teams_of(row.sent_by))
    _keep(row, seen, after, sight.viewer.username, now_of_database())
    record_step(sight, "referral revoked", [row.person_id], team=row.team_id)
    return row


def _keep(row: Referral, seen: int, after: Noun, by: str, now: dt.datetime) -> None:
    change(
        row,
        seen,
        state=after.state,
        refusal=after.refusal,
        parked_until=after.parked_until,
        answered_by=by,
        answered_at=now,
        ended_at=None if after.is_open else now,
    )


def get_referral(sight: Sight, referral_id: UUID) -> ReferralSeen:
    """Return a referral as whoever sent or received it sees it, and record the look. Raises `NotThere`."""
    row, by = get_row(referral_id), acting_of(sight)
    theirs = teams_of(row.sent_by)
    return replace(
        see([row], sight)[0],
        may_link=is_possible(lambda: check_reply_link(by, row.sent_by, row.sent_from, row.state, theirs)),
        may_revoke=is_possible(lambda: revoke(by, noun_of(row), theirs)),
    )


def find_ranks_at_acceptance(sight: Sight, seen: ReferralSeen) -> tuple[FrozenSeen, ...]:
    """Return where the priority rules placed the person when the referral was accepted, for whoever may see ranks."""
    return find_frozen(sight, get_row(seen.id), {seen.person_id: seen.name} if seen.person_id else {})


def list_inbox(sight: Sight) -> list[ReferralSeen]:
    """Return the open referrals to the viewer's teams, those longest overdue first."""
    return see(_open_to(sorted(acting_of(sight).teams)), sight)


@written_once
def _open_to(teams: list[str]) -> QuerySet[Referral]:
    rows = Referral.objects.filter(team_id__among=teams, state__in=OPEN_STATES).select_related("team")
    return rows.order_by("due_at", "reference")


@written_once
def _teams() -> QuerySet[Team]:
    return Team.objects.order_by("organisation", "name")


def list_sent(sight: Sight) -> list[ReferralSeen]:
    """Return the referrals that the viewer sent, and of their teams' people where they lead: waiting on others."""
    mine = acting_of(sight)
    return see(_sent(mine.username, sorted(mine.teams) or [""]), sight)


@written_once
def _sent(username: str, teams: list[str]) -> QuerySet[Referral]:
    rows = Referral.objects.filter(Q(sent_by=username) | ~Q(team_id__among=teams)).select_related("team")
    return rows.order_by("state", "due_at", "reference")[:200]


def see(rows: Collection[Referral], sight: Sight) -> list[ReferralSeen]:
    """Return rows as the viewer sees them, each person's name by one decision and one look."""
    rows = list(rows)
    by, now = acting_of(sight), sight.now
    names = find_names(sight, {row.person_id for row in rows})
    paged = find_with_page(sight, names)
    return [
        _seen(row, names.get(row.person_id, ""), row.person_id in paged, by.username, by.teams, now) for row in rows
    ]


def _seen(row: Referral, name: str, has_page: bool, me: str, teams: frozenset[str], now: dt.datetime) -> ReferralSeen:
    is_theirs = row.team_id in teams and row.sent_by != me
    steps = [code for code in MACHINE.steps_from(row.state) if code in BY_TEAM] if is_theirs else []
    reason = REFUSALS.get(row.refusal)
    return ReferralSeen(
        id=row.pk,
        reference=row.reference,
        person_id=row.person_id if has_page else "",
        name=name,
        service_name=SERVICES[row.service].name,
        team_name=row.team.name,
        organisation=row.team.organisation,
        urgency_name=URGENCIES[row.urgency].name,
        note=row.note if name else "",
        state=row.state,
        state_name=MACHINE.states[row.state].name,
        refusal=reason.name if reason else "",
        effect=reason.effect if reason else "",
        parked_until=row.parked_until,
        sent_by=row.sent_by,
        sent_at=row.sent_at,
        due_at=row.due_at,
        answered_by=row.answered_by,
        silence=silence_on(noun_of(row), now),
        steps=tuple((code, MACHINE.steps[code].name) for code in steps),
        look_again_on=look_again_day(row.answered_at or now, row.look_again_on) if row.state == "accepted" else None,
        may_look_again=row.state == "accepted" and row.team_id in teams,
        may_revoke=row.sent_by == me and "revoke" in MACHINE.steps_from(row.state),
        version=row.version,
    )


def list_teams(purpose: str) -> list[Team]:
    """Return the teams that offer anything for a purpose, by organisation and name."""
    return [
        row for row in _teams() if any(purpose in SERVICES[one].purposes for one in row.services if one in SERVICES)
    ]
