"""What somebody has to do, as things with a due time: for reminders, calendars and what is overdue.

Everything is read under the policies of whoever it is for, without a name of anybody: references and due times alone,
so that no look is taken. Runs inside `asking_as`, as the role of the pages.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from braid.care.calendar_feed import Appointment
from braid.care.meetings import minutes_due_at
from braid.care.model import Acting, Owner
from braid.care.reminders import Kind, Thing
from braid.care.reviews import is_on_work_list
from braid.language.dates import LONDON, london_date
from braid.web.care.actions import noun_of
from braid.web.care.kept import case_type_of
from braid.web.care.reviews import last_times, led_with_review
from braid.web.models import CareAction, CaseMember, CaseOffer, Meeting, MeetingReturn, Referral, TeamMember

COMING = ("planned", "gathering", "in_session")
ASKED_IN = ("gathering", "in_session")
FEED_BACK = dt.timedelta(days=31)
"""How long meetings that are over stay in a calendar."""


@dataclass(frozen=True)
class _Teams:
    """Who acts, and of which teams everybody of their teams is: whose lead they are."""

    by: Acting
    teams_of: dict[str, set[str]]

    def leads(self, username: str) -> bool:
        """Whether they lead a team of somebody."""
        return bool(self.by.leads & self.teams_of.get(username, set()))

    def of_team(self, team: str, owner: str = "") -> set[Owner]:
        """Return as whose they have what a team was asked; `owner` is who of the team took it on."""
        is_theirs = owner in ("", self.by.username)
        found = {Owner.INBOX} if team in self.by.teams and is_theirs else set()
        return found | ({Owner.TEAM_LEAD} if team in self.by.leads else set())

    def of_asker(self, username: str) -> set[Owner]:
        """Return whether they have it as the lead of whoever asked, or as a coordinator who takes part."""
        return {Owner.ASKER_LEAD} if self.by.coordinates or self.leads(username) else set()


def list_things(by: Acting, now: dt.datetime, due_until: dt.datetime | None = None) -> list[Thing]:
    """Return what somebody has to do or has risen to them, for the purpose of this transaction, those due first.

    With `due_until`, of what has a day of its own only what is due by then is read.
    """
    teams = _Teams(by, _teams_of(by.leads) if by.leads else {})
    dated = {"due_at__lte": due_until} if due_until else {}
    found = [
        *_referrals(teams, dated),
        *_offers(teams, dated),
        *_returns(teams, dated),
        *_actions(teams, {"due_on__lt": london_date(due_until)} if due_until else {}),
        *_reviews(by, now),
        *_minutes(by),
    ]
    return sorted((one for one in found if one.mine), key=lambda one: (one.due_at, one.kind, one.reference))


def _teams_of(leads: Collection[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    rows = TeamMember.objects.filter(team_id__in=leads, ended_at__isnull=True).values_list("username", "team_id")
    for username, team in rows:
        found.setdefault(username, set()).add(team)
    return found


def _thing(kind: Kind, known_by: object, reference: str, due_at: dt.datetime, mine: Iterable[Owner]) -> Thing:
    return Thing(kind, str(known_by), reference, due_at, frozenset(mine))


def _referrals(teams: _Teams, dated: Mapping[str, object]) -> Iterable[Thing]:
    for row in Referral.objects.filter(state="pending", **dated):
        # A coordinator owns the silence on what they take part in; a referral is nobody's who did not send or get it.
        mine = teams.of_team(row.team_id) | ({Owner.ASKER_LEAD} if teams.leads(row.sent_by) else set())
        yield _thing(Kind.REFERRAL, row.pk, row.reference, row.due_at, mine)


def _offers(teams: _Teams, dated: Mapping[str, object]) -> Iterable[Thing]:
    for row in CaseOffer.objects.filter(state="offered", **dated):
        mine = teams.of_team(row.team_id) | teams.of_asker(row.offered_by)
        yield _thing(Kind.OFFER, row.pk, row.case_reference, row.due_at, mine)


def _returns(teams: _Teams, dated: Mapping[str, object]) -> Iterable[Thing]:
    rows = MeetingReturn.objects.filter(state="asked", item__meeting__state__in=ASKED_IN, **dated)
    rows = rows.exclude(item__state="taken_off").select_related("item__case", "item__meeting")
    listed = list(rows)
    seats: dict[tuple[object, str, str], set[str]] = {}
    members = CaseMember.objects.filter(case__in=[row.item.case_id for row in listed], left_at__isnull=True)
    for member in members:
        seats.setdefault((member.case_id, member.organisation, member.agency), set()).add(member.username)
    for row in listed:
        asked = seats.get((row.item.case_id, row.organisation, row.agency), set())
        mine = {Owner.INBOX} if teams.by.username in asked else set()
        mine |= {Owner.TEAM_LEAD} if any(teams.leads(name) for name in asked) else set()
        mine |= teams.of_asker(row.item.meeting.chair)
        yield _thing(Kind.RETURN, row.pk, row.item.case.reference, row.due_at, mine)


def _actions(teams: _Teams, dated: Mapping[str, object]) -> Iterable[Thing]:
    for row in CareAction.objects.filter(state="open", **dated).select_related("case"):
        mine = teams.of_team(row.team_id, row.owner) | teams.of_asker(row.made_by)
        yield _thing(Kind.ACTION, row.pk, row.case.reference, noun_of(row).due_at, mine)


def _reviews(by: Acting, now: dt.datetime) -> Iterable[Thing]:
    rows = led_with_review(by.username)
    for case_id, last in (last_times(rows) if rows else {}).items():
        if last.review_on is not None and is_on_work_list(last, london_date(now)):
            due = dt.datetime.combine(last.review_on + dt.timedelta(days=1), dt.time(), LONDON)
            yield _thing(Kind.REVIEW, case_id, rows[case_id].reference, due.astimezone(dt.UTC), {Owner.INBOX})


def _minutes(by: Acting) -> Iterable[Thing]:
    for row in Meeting.objects.filter(chair=by.username, state="held", ended_at__isnull=False):
        due_at = minutes_due_at(row.ended_at, case_type_of(row.case_type))
        yield _thing(Kind.MINUTES, row.pk, row.reference, due_at, {Owner.INBOX})


def list_meetings(now: dt.datetime) -> list[Thing]:
    """Return the meetings to come of whoever this transaction is for."""
    rows = Meeting.objects.filter(state__in=COMING, starts_at__gt=now).order_by("starts_at", "pk")
    return [_thing(Kind.MEETING, row.pk, row.reference, row.starts_at, {Owner.INBOX}) for row in rows]


def list_appointments(now: dt.datetime) -> list[Appointment]:
    """Return the meetings of whoever this transaction is for, for a calendar: those to come, and of the last month."""
    rows = Meeting.objects.filter(starts_at__gt=now - FEED_BACK).order_by("starts_at", "pk")
    return [
        Appointment(str(row.pk), row.reference, row.starts_at, row.length_minutes, row.state == "cancelled")
        for row in rows
    ]
