"""Referrals of several people and teams while time passes: nothing is silent, washed off or answered twice."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from itertools import product

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from braid.care.model import Owner
from braid.care.referrals import (
    ASSESSMENTS,
    CHANGES,
    REFUSALS,
    URGENCIES,
    Answer,
    Effect,
    Referral,
    answer,
    answer_by_link,
    check_send,
    due_at,
    revoke,
    silence_on,
)
from braid.care.teams import CAPACITIES
from braid.language.calendars import england_bank_holidays
from braid.language.dates import LONDON, london_date
from braid.language.steps import NotPossible
from care.table import acting, london, team

PEOPLE = {
    one.username: one
    for one in (
        acting("officer", "council", "housing"),
        acting("manager", "council", "housing", leads=("housing",)),
        acting("matron", "hospital", "clinic", leads=("clinic",)),
        acting("nurse", "hospital", "clinic"),
        acting("both", "hospital", "clinic", "housing"),
        acting("visitor", "police"),
    )
}
TEAMS = {
    "clinic": team("clinic", "hospital", "matron", "nurse", "both"),
    "housing": team("housing", "council", "manager", "officer", "both"),
}
NEXT = {
    ("pending", "accept"): "accepted",
    ("pending", "refuse"): "refused",
    ("accepted", "complete"): "done",
    ("pending", "revoke"): "revoked",
    ("accepted", "revoke"): "revoked",
}
HOLDS = {"full": {"standard"}, "closed": {"standard", "urgent", "same_day"}}
USERNAMES, TEAM_IDS = st.sampled_from(sorted(PEOPLE)), st.sampled_from(sorted(TEAMS))


@dataclass
class Held:
    """What the last answer of a team about a person and service holds against the next attempt, kept apart."""

    effect: Effect | None = None
    until: dt.date | None = None


def second_level_at(due: dt.datetime) -> dt.datetime:
    day = due.astimezone(LONDON).date() + dt.timedelta(days=1)
    while day.weekday() >= 5 or day in england_bank_holidays():
        day += dt.timedelta(days=1)
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), LONDON).astimezone(dt.UTC)


class Referrals(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now = london("2026-12-21T10:00")
        self.all: list[Referral] = []
        self.teams, self.people = dict(TEAMS), dict(PEOPLE)
        self.held = {key: Held() for key in product(("p1", "p2"), ("therapy",), TEAMS)}

    @rule()
    def they_leave_it(self) -> None:
        self.people["visitor"] = PEOPLE["visitor"]

    @rule(hours=st.integers(1, 200))
    def time_passes(self, hours: int) -> None:
        self.now += dt.timedelta(hours=hours)

    @rule(name=TEAM_IDS, capacity=st.just("open") | st.sampled_from(sorted(CAPACITIES)))
    def a_team_says_what_it_takes(self, name: str, capacity: str) -> None:
        self.teams[name] = replace(self.teams[name], capacity=capacity)

    @rule(
        username=st.sampled_from(["of another team", "visitor", "visitor"]),
        person=st.just("p1") | st.sampled_from(["p1", "p2"]),
        name=TEAM_IDS,
        urgency=st.sampled_from(sorted(URGENCIES)),
        since=st.just("") | st.sampled_from(["assessed_again", "moved", "made up"]),
    )
    def somebody_sends(self, username: str, person: str, name: str, urgency: str, since: str) -> None:
        if username == "of another team":
            username = "manager" if name == "clinic" else "matron"
        by, asked, key = self.people[username], self.teams[name], (person, "therapy", name)
        due = due_at(self.now, urgency)
        new = Referral(person, "therapy", name, urgency, username, by.organisation, self.now, due, since=since)
        earlier = [one for one in self.all if (one.person_id, one.service, one.team) == key]
        held = self.held[key]
        may = (
            name not in by.teams
            and since != "made up"
            and urgency not in HOLDS.get(asked.capacity, set())
            and all(one.state in ("refused", "done", "revoked") for one in earlier)
            and not (held.effect is Effect.PARK and held.until and london_date(self.now) < held.until)
            and not (held.effect is Effect.REASSESS and since not in ASSESSMENTS)
            and not (held.effect is Effect.NOT_ELIGIBLE and since not in CHANGES)
        )
        try:
            check_send(by, new, asked, reversed(earlier), self.now)
        except NotPossible:
            assert not may
            return
        assert may
        self.all.append(new)
        self.now += dt.timedelta(seconds=1)

    @precondition(lambda self: self.all)
    @rule(
        which=st.just(0) | st.integers(0, 99),
        username=st.sampled_from(["of the team", "who sent it"]) | USERNAMES,
        step=st.sampled_from(["accept", "refuse", "refuse", "complete", "revoke", "reopen"]),
        reason=st.sampled_from(["criteria", "not_reached"]) | st.sampled_from([*REFUSALS, ""]),
        parked_days=st.integers(1, 20) | st.none() | st.integers(-2, 200),
        by_link=st.booleans(),
        link_hours=st.integers(-5, 5),
    )
    def somebody_takes_a_step(
        self,
        which: int,
        username: str,
        step: str,
        reason: str,
        parked_days: int | None,
        by_link: bool,
        link_hours: int,
    ) -> None:
        index = len(self.all) - 1 - which % len(self.all)
        one, today = self.all[index], london_date(self.now)
        username = {"of the team": sorted(TEAMS[one.team].members)[-1], "who sent it": one.sent_by}.get(
            username, username
        )
        by = self.people[username]
        until = None if parked_days is None else today + dt.timedelta(days=parked_days)
        parks = reason != "" and REFUSALS[reason].effect is Effect.PARK
        sound = step != "refuse" or (
            reason != "" and (not parks or (parked_days is not None and 1 <= parked_days <= 183))
        )
        given, senders = Answer(step, reason, until), self.people[one.sent_by].teams
        if step == "revoke":
            allowed = username == one.sent_by or (by.organisation == one.sent_from and bool(by.leads & senders))
        elif by_link:
            allowed = link_hours > 0 and step in ("accept", "refuse") and sound
        else:
            allowed = one.team in by.teams and username != one.sent_by and sound
        target = NEXT.get((one.state, step)) if allowed else None
        try:
            if step == "revoke":
                after = revoke(by, one, senders)
            elif by_link:
                after = answer_by_link(one, given, self.now + dt.timedelta(hours=link_hours), self.now)
            else:
                after = answer(by, one, given, self.now)
        except NotPossible:
            assert target is None
            return
        assert after.state == target
        same = replace(after, state=one.state, refusal=one.refusal, parked_until=one.parked_until)
        assert same == one
        self.all[index] = after
        if step in ("refuse", "complete"):  # what was accepted and then taken back leaves an earlier refusal standing
            refuses = step == "refuse"
            held = Held(REFUSALS[reason].effect, until if parks else None) if refuses else Held()
            self.held[(one.person_id, one.service, one.team)] = held

    @precondition(lambda self: self.all)
    @rule(step=st.sampled_from(["accept", "refuse", "complete"]), reason=st.sampled_from(sorted(REFUSALS)))
    def the_team_answers_the_last(self, step: str, reason: str) -> None:
        self.somebody_takes_a_step(0, "of the team", step, reason, 5, by_link=False, link_hours=1)

    @precondition(lambda self: self.all)
    @rule(step=st.sampled_from(["revoke", "revoke", "accept"]), joins=st.booleans())
    def whoever_sent_the_last_acts(self, step: str, joins: bool) -> None:
        """They may be of the team that was asked by then, and still answer nothing of their own."""
        if joins and self.all[-1].sent_by == "visitor":
            self.people["visitor"] = acting("visitor", "police", self.all[-1].team)
        self.somebody_takes_a_step(0, "who sent it", step, "", None, by_link=False, link_hours=1)

    @precondition(lambda self: self.all)
    @rule(
        since=st.sampled_from(["", "assessed_again", "moved"]), username=st.sampled_from(["of another team", "visitor"])
    )
    def the_last_is_sent_again(self, since: str, username: str) -> None:
        last = self.all[-1]
        self.somebody_sends(username, last.person_id, last.team, "same_day", since)

    @invariant()
    def silence_always_rises_and_ends_with_an_answer(self) -> None:
        for one in self.all:
            silence = silence_on(one, self.now)
            if one.state != "pending":
                assert silence is None
                continue
            assert silence is not None
            assert Owner.INBOX in silence.owners
            past, far_past = self.now >= one.due_at, self.now >= second_level_at(one.due_at)
            assert (silence.level >= 1, silence.level == 2) == (past, far_past)
            assert (Owner.TEAM_LEAD in silence.owners) is past
            assert (Owner.ASKER_LEAD in silence.owners) is far_past

    @invariant()
    def one_team_has_one_open_referral_of_a_person_for_a_service(self) -> None:
        keys = [(one.person_id, one.service, one.team) for one in self.all if one.is_open]
        assert len(set(keys)) == len(keys)


TestReferrals = Referrals.TestCase
TestReferrals.settings = settings(max_examples=max(300, settings().max_examples), stateful_step_count=40)
