"""Silence always escalates: whatever is due is seen by somebody at every level, whether they take part or not."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from late_world import (
    ASKED,
    ASKED_BY_NOBODY,
    ASKED_LEAD,
    ASKED_TEAM,
    ASKER,
    ASKER_LEAD,
    COORDINATORS,
    NEXT_LEAD,
    PEOPLE,
    PUT,
    SAYS_NOTHING_OF_ANYBODY,
    STRANGER,
    Late,
    make_people,
    put_late,
)
from published_sample import REFERENCE
from sample_run import VICTIM
from test_care_steps import acting_as

from braid.care.model import Owner, escalation_of
from braid.care.reminders import ONLY_TOLD, PLURALS, Kind, Thing
from braid.trust.roles import VICTIM_RESPONSE
from braid.web.care.overdue import PAGES
from braid.web.care.things import DUE, list_things
from braid.web.models import CaseMember, CaseOffer, ExclusionEntry, TeamMember, User
from braid.web.overlay.effects import renew_effects
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db
ASKED_TOO = (Kind.NOTICE, Kind.MOVE, Kind.READINESS)
"""Kinds of which whoever asks, the lead or who planned it, is asked as well."""
LONG_AGO = dt.timedelta(days=40)
KINDS = sorted(PUT)


def things_of(username: str, now: dt.datetime) -> dict[str, Thing]:
    """What somebody has to do or has risen to them, by id, under the pages' own role."""
    if not User.objects.filter(username=username, is_active=True).exists():
        return {}
    with acting_as(PEOPLE[username][0], VICTIM_RESPONSE, username):
        return {one.id: one for one in list_things(now)}


def owned(thing: Thing | None, now: dt.datetime) -> bool:
    return thing is not None and bool(thing.mine & set(escalation_of(thing.due_at, now).owners))


def exclude(username: str) -> None:
    with known_asker():
        ExclusionEntry.objects.create(
            subject_id=VICTIM, reason="staff_knows", barred_username=username, entered_by="test-ig_lead"
        )
        renew_effects()


@pytest.fixture
def people(published):
    """Everybody, and nothing that waits."""
    make_people()


@pytest.fixture
def late(people) -> dict[Kind, Late]:
    """One of each kind, begun long ago."""
    return {kind: put_late(kind, timezone.now() - LONG_AGO) for kind in KINDS}


def test_what_is_long_overdue_is_owned_beyond_the_case(late):
    now = timezone.now()
    found = {name: things_of(name, now) for name in PEOPLE}
    assert found[STRANGER] == {}
    for kind, one in late.items():
        assert escalation_of(one.due_at, now).level == 2
        seen = {name: things[one.id] for name, things in found.items() if one.id in things}
        asking = set() if kind in ASKED_BY_NOBODY else {ASKER, ASKER_LEAD}
        assert {name for name, thing in seen.items() if owned(thing, now)} >= asking | {
            ASKED,
            ASKED_LEAD,
            *COORDINATORS,
        }, kind
        for thing in seen.values():
            assert (thing.due_at, thing.kind, thing.reference) == (one.due_at, kind, one.reference)
        for name in COORDINATORS:
            assert seen[name].page == "", "to who stands outside it is a reference"
            assert seen[name].mine == {Owner.ASKER_LEAD}


def test_what_is_not_that_late_is_nobodys_beyond_those_who_lead_the_asked(late):
    for kind, one in late.items():
        before = one.due_at - dt.timedelta(seconds=1)
        outside = (*COORDINATORS, *(() if kind in ASKED_TOO else (ASKER_LEAD,)))
        assert not [name for name in outside if owned(things_of(name, before).get(one.id), before)], kind
        assert owned(things_of(ASKED_LEAD, one.due_at).get(one.id), one.due_at), kind
        assert not [name for name in outside if owned(things_of(name, one.due_at).get(one.id), one.due_at)], kind


def test_who_is_kept_from_somebody_is_told_of_no_silence_about_them(late):
    now, kept_from = timezone.now(), (ASKED_LEAD, ASKER_LEAD, COORDINATORS[0])
    for name in kept_from:
        exclude(name)
    for name in kept_from:
        assert {one.kind for one in things_of(name, now).values()} <= SAYS_NOTHING_OF_ANYBODY, name
    assert {one.kind for one in things_of(COORDINATORS[1], now).values()} == set(KINDS)


def client_for(username: str) -> Client:
    client = Client(headers={"X-Purpose": VICTIM_RESPONSE, "X-Reference": REFERENCE})
    client.force_login(User.objects.get(username=username), backend="django.contrib.auth.backends.ModelBackend")
    client.post("/reason/", {"purpose": VICTIM_RESPONSE, "reference": REFERENCE})
    return client


def overdue_on_page(client: Client) -> list[str]:
    """The rows of what is overdue on a work list, as they are written."""
    page = client.get("/work-list/").content.decode()
    table = page[page.index("Overdue</h2>") : page.index("Waiting on others</h2>")]
    return table.split("<tr ")[2:]


def test_overdue_leads_to_the_page_on_which_something_is_done_or_nowhere(late):
    """Pages of moves are of another purpose than the rest of this place."""
    client = client_for(ASKED)
    rows = overdue_on_page(client)
    for kind, one in late.items():
        found = [row for row in rows if one.reference in row and f">{PLURALS[kind][0].capitalize()}<" in row]
        assert len(found) == 1, (kind, found)
        (href,) = (part.split('"')[0] for part in found[0].split('href="')[1:])
        if kind not in (Kind.NOTICE, Kind.MOVE):
            answer = client.get(href)
            assert answer.status_code == 200 and one.reference in answer.content.decode(), kind
    rows = overdue_on_page(client_for(COORDINATORS[0]))
    assert {one.reference for one in late.values() if any(one.reference in row for row in rows)} == {
        one.reference for one in late.values()
    }
    for word in ("href", VICTIM, ASKER_LEAD, ASKED_LEAD, "harbour", "Words of it", ASKED_TEAM):
        assert not [row for row in rows if word in row], word


def test_a_team_that_nobody_is_left_in_is_silent_to_whoever_asked_at_once(people):
    now = timezone.now()
    late = put_late(Kind.ACTION, now - LONG_AGO)
    with known_asker():
        TeamMember.objects.filter(team_id=ASKED_TEAM).update(ended_at=now)
    for name in (ASKER, ASKER_LEAD, *COORDINATORS):
        assert owned(things_of(name, late.due_at).get(late.id), late.due_at), name


ENDS, LOOKED_AT = "ends by itself", "is told by the thing it belongs to"
HAPPENED = "says when something happened"
DATES: dict[str, Kind | str] = {
    "Team.capacity_until": ENDS,
    "Referral.due_at": Kind.REFERRAL,
    "Referral.look_again_on": Kind.LOOK_AGAIN,
    "Referral.parked_until": ENDS,
    "ReplyLink.expires_at": ENDS,
    "CaseOffer.due_at": Kind.OFFER,
    "CareAction.due_on": Kind.ACTION,
    "Meeting.starts_at": Kind.MEETING_TO_HOLD,
    "Meeting.ended_at": Kind.MINUTES,
    "AgendaItem.review_on": Kind.REVIEW,
    "MeetingReturn.due_at": Kind.RETURN,
    "JointPlan.review_on": Kind.PLAN_REVIEW,
    "PlanGoal.target_on": LOOKED_AT,
    "PlanApproval.due_at": Kind.APPROVAL,
    "PlanReview.next_on": LOOKED_AT,
    "OwnView.expires_at": ENDS,
    "ReadinessDay.day": Kind.READINESS,
    "CaseReadiness.expected_on": LOOKED_AT,
    "PlannedMove.planned_on": Kind.MOVE,
    "PlannedMove.available_on": Kind.NOTICE,
    "ResponseEvent.at": Kind.CLOCK,
    "AppointmentSheet.unsafe_since": Kind.APPOINTMENT,
}
"""Every date of joint work that may lie ahead or start a clock: as which kind of thing it is due, or why not."""
PAST = (
    *("since", "ended_at", "ended_on", "sent_at", "answered_at", "made_at", "used_at", "revoked_at", "opened_at"),
    *("closed_at", "joined_at", "left_at", "added_at", "doubted_at", "offered_at", "begun_at", "agreed_at"),
    *("decided_at", "written_at", "recorded_at", "saved_at", "proposed_at", "approved_at", "held_on", "said_at"),
    *("set_at", "changed_at", "agreed_on", "details_on", "sent_on", "entered_at", "at"),
    *("moved_at", "corrected_at", "was", "wrong_at", "refused_at"),
)
"""Names of what says when something happened: nothing of it is due."""
ROOMS = ("care", "meetings", "plans", "response")


def dates_of_joint_work() -> set[str]:
    found = set()
    for model in apps.get_app_config("braid").get_models():
        if model.__module__.rpartition(".")[2] in ROOMS:
            found |= {
                f"{model.__name__}.{field.name}"
                for field in model._meta.get_fields()
                if isinstance(field, models.DateField)
            }
    return found


def test_every_due_time_of_joint_work_is_somebodys():
    """A model with a new date fails here until somebody says as what it is due, or that it is not."""
    not_said = {one for one in dates_of_joint_work() - set(DATES) if one.partition(".")[2] not in PAST}
    assert not not_said and set(DATES) <= dates_of_joint_work()
    kinds = set(Kind) - ONLY_TOLD
    assert kinds == {one for one in DATES.values() if isinstance(one, Kind)} == set(DUE) == set(PAGES) == set(PUT)


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


class Place(RuleBasedStateMachine):
    """Things wait, people leave cases and teams, accounts close, leads change, exclusions come, hours pass."""

    def __init__(self) -> None:
        super().__init__()
        self.undone = undone()
        self.undone.__enter__()
        self.start = self.now = timezone.now()
        self.late: list[Late] = []
        self.lead = ASKED_LEAD
        self.gone: set[str] = set()
        self.kept_from: set[str] = set()
        self.asked_left_team = False
        self.asked_left_cases = False

    def teardown(self) -> None:
        self.undone.__exit__(None, None, None)

    @initialize()
    def a_place(self) -> None:
        make_people()

    @rule(kind=st.sampled_from(KINDS), days=st.integers(0, 40), hours=st.integers(0, 23))
    def something_waits(self, kind: Kind, days: int, hours: int) -> None:
        self.late.append(put_late(kind, self.now - dt.timedelta(days=days, hours=hours)))
        if self.asked_left_cases:
            self._leave_cases()

    @rule(hours=st.integers(1, 90))
    def time_passes(self, hours: int) -> None:
        self.now += dt.timedelta(hours=hours)

    @rule()
    def who_was_asked_leaves_every_case(self) -> None:
        self.asked_left_cases = True
        self._leave_cases()

    def _leave_cases(self) -> None:
        with known_asker():
            leaving = CaseMember.objects.filter(username=ASKED, left_at__isnull=True, is_lead=False)
            leaving.update(left_at=self.start)

    @rule()
    def who_was_asked_leaves_the_team(self) -> None:
        self.asked_left_team = True
        with known_asker():
            TeamMember.objects.filter(username=ASKED, ended_at__isnull=True).update(ended_at=self.start)

    @rule(name=st.sampled_from([ASKED, ASKER, ASKER_LEAD, COORDINATORS[0]]))
    def an_account_closes(self, name: str) -> None:
        self.gone.add(name)
        User.objects.filter(username=name).update(is_active=False)

    @rule()
    def another_leads(self) -> None:
        before, self.lead = self.lead, NEXT_LEAD if self.lead == ASKED_LEAD else ASKED_LEAD
        with known_asker():
            of_team = TeamMember.objects.filter(team_id=ASKED_TEAM, ended_at__isnull=True)
            of_team.filter(username=before).update(is_lead=False)
            of_team.filter(username=self.lead).update(is_lead=True)

    @rule(name=st.sampled_from([ASKED_LEAD, NEXT_LEAD, ASKER, ASKER_LEAD, COORDINATORS[0]]))
    def somebody_is_kept_from_them(self, name: str) -> None:
        if name not in self.kept_from:
            self.kept_from.add(name)
            exclude(name)

    @invariant()
    def whoever_owns_it_sees_it_and_nobody_else(self) -> None:
        if not self.late:
            return
        found = {name: things_of(name, self.now) for name in PEOPLE}
        for late in self.late:
            holders = {name for name, things in found.items() if owned(things.get(late.id), self.now)}
            owners, level = self._owners(late)
            assert holders >= owners, (late.kind, level, owners - holders)
            assert not holders & self.gone and STRANGER not in holders
            if late.kind not in SAYS_NOTHING_OF_ANYBODY:
                assert not holders & self.kept_from
            assert level < 2 or holders, late.kind

    def _owners(self, late: Late) -> tuple[set[str], int]:
        """Who must see it, said again and slowly: from roles in the story, not from rows."""
        level = escalation_of(late.due_at, self.now).level
        owners: set[str] = set()
        if level >= 1:
            owners |= {self.lead}
            owners |= set() if self.asked_left_team or self.asked_left_cases else {ASKED}
        if level == 2:
            owners |= {*COORDINATORS} | (set() if late.kind in ASKED_BY_NOBODY else {ASKER, ASKER_LEAD})
        kept_from = set() if late.kind in SAYS_NOTHING_OF_ANYBODY else self.kept_from
        return owners - self.gone - kept_from, level


def test_silence_always_escalates(published):
    run_state_machine_as_test(
        Place,
        settings=settings(
            max_examples=12,
            stateful_step_count=10,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
            derandomize=True,
        ),
    )
    assert CaseOffer.objects.count() == 0, "each example is undone"
    assert connection.in_atomic_block
