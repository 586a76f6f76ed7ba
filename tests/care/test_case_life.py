"""A joint case while members of several organisations come, go, move and hand over: one lead, and nobody sees more."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from braid.care.cases import (
    Case,
    Member,
    Offer,
    Right,
    Sight,
    accept_offer,
    add_colleague,
    check_edits,
    check_offer,
    check_sound,
    close,
    decline_offer,
    remove_member,
    reopen,
    stand_in,
    withdraw_offer,
)
from braid.care.model import Acting
from braid.care.unsettled import Unsettled
from braid.language.steps import NotPossible
from care.table import acting, is_refused, london

DUE = london("2026-11-27T10:00")
PEOPLE = {
    one.username: one
    for one in (
        acting("officer", "council", "housing"),
        acting("manager", "council", "housing", leads=("housing",)),
        acting("worker", "council", "social_work"),
        acting("nurse", "hospital", "clinic"),
        acting("matron", "hospital", "clinic", leads=("clinic",)),
        acting("advocate", "charity", "support", leads=("support",)),
    )
}
TEAMS = {"housing": "council", "social_work": "council", "clinic": "hospital", "support": "charity"}
NEAR = ["the lead", "a member", "another member"]
USERNAMES = st.sampled_from(NEAR) | st.sampled_from(sorted(PEOPLE))
"""Whoever acts: mostly somebody of the case, so that much of what is drawn is possible."""
OF_TEAM = st.sampled_from(["of the team, first", "of the team, last"])
RIGHTS, SIGHTS, TEAM_IDS = st.sampled_from(list(Right)), st.sampled_from(list(Sight)), st.sampled_from(sorted(TEAMS))


class JointCase(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.people = dict(PEOPLE)
        self.case = Case("open", (Member("officer", "council", "housing", is_lead=True),))
        self.offers: list[Offer] = []
        self.open_actions = 0

    @initialize(right=st.sampled_from([Right.EDIT, Right.VIEW]), sight=SIGHTS)
    def others_take_part(self, right: Right, sight: Sight) -> None:
        others = (Member("matron", "hospital", "clinic", right, sight), Member("advocate", "charity", "support"))
        self.case = replace(self.case, members=(*self.case.members, *others))

    def name_of(self, drawn: str) -> str:
        """Return the username that was drawn, or that of the member it speaks of."""
        members = self.case.members
        near = dict(zip(NEAR, (self.case.lead.username, members[0].username, members[-1].username), strict=True))
        return near.get(drawn, drawn)

    def whole_for(self, case: Case) -> set[tuple[str, str]]:
        """Who sees the whole, for which organisation."""
        return {(one.username, one.organisation) for one in case.members if one.sight is Sight.WHOLE}

    @rule(username=USERNAMES, colleague=st.just("") | USERNAMES, right=RIGHTS, sight=SIGHTS)
    def somebody_brings_in_a_colleague(self, username: str, colleague: str, right: Right, sight: Sight) -> None:
        username = self.name_of(username)
        by = self.people[username]
        new = [one for name, one in sorted(self.people.items()) if self.case.member(name) is None]
        same = [one for one in new if one.organisation == by.organisation]
        other = self.people[self.name_of(colleague)] if colleague else (same or [by])[0]
        own = self.case.member(username)
        try:
            after = add_colleague(by, self.case, other, right, sight)
        except NotPossible:
            return
        assert own is not None
        assert other.organisation == by.organisation == own.organisation
        gained = self.whole_for(after) - self.whole_for(self.case)
        assert not gained or own.sight is Sight.WHOLE
        assert after.members[:-1] == self.case.members
        assert not after.members[-1].is_lead
        self.case = after

    @rule(username=USERNAMES, other=USERNAMES)
    def somebody_is_taken_out(self, username: str, other: str) -> None:
        username, other = self.name_of(username), self.name_of(other)
        by = self.people[username]
        try:
            after = remove_member(by, self.case, other)
        except NotPossible:
            return
        lead = self.case.lead
        gone, own = self.case.member(other), self.case.member(username)
        assert gone is not None
        assert own is not None
        assert gone != lead
        assert own.organisation == by.organisation
        assert other == username or own == lead or own.organisation == gone.organisation
        self.case = after

    @rule(name=TEAM_IDS, right=RIGHTS, sight=SIGHTS)
    def the_lead_offers_it(self, name: str, right: Right, sight: Sight) -> None:
        self.somebody_offers_it(self.case.lead.username, name, right, sight)

    @rule(username=USERNAMES, name=TEAM_IDS, right=RIGHTS, sight=SIGHTS)
    def somebody_offers_it(self, username: str, name: str, right: Right, sight: Sight) -> None:
        username = self.name_of(username)
        new = Offer(name, name, right, sight, username, DUE)
        try:
            check_offer(self.people[username], self.case, new, self.offers)
        except NotPossible:
            return
        assert self.case.lead.username == username
        self.offers.append(new)

    @precondition(lambda self: self.offers)
    @rule(
        which=st.integers(0, 99), username=OF_TEAM | USERNAMES, how=st.sampled_from(["accept", "decline", "withdraw"])
    )
    def somebody_answers_an_offer(self, which: int, username: str, how: str) -> None:
        index = len(self.offers) - 1 - which % len(self.offers)
        one, lead = self.offers[index], self.case.lead
        of_team = [name for name, person in sorted(self.people.items()) if one.team in person.teams]
        if username.startswith("of the team"):
            if not of_team:
                return
            username = of_team[-1 if username.endswith("last") else 0]
        username = self.name_of(username)
        by = self.people[username]
        after = self.case
        try:
            if how == "accept":
                after, done = accept_offer(by, self.case, one)
            elif how == "decline":
                done = decline_offer(by, one)
            else:
                done = withdraw_offer(by, self.case, one)
        except NotPossible:
            return
        assert one.state == "offered"
        assert done.state != "offered"
        if how == "withdraw":
            assert (username, by.organisation) == (lead.username, lead.organisation)
        else:
            assert one.team in by.teams
        gained = self.whole_for(after) - self.whole_for(self.case)
        assert gained <= {(username, by.organisation)}
        assert not gained or one.sight is Sight.WHOLE or one.right is Right.HAND_OVER
        assert after.lead.username == (username if how == "accept" and one.right is Right.HAND_OVER else lead.username)
        for member in self.case.members:
            if member.username != username:
                kept = after.member(member.username)
                assert kept is not None
                assert replace(kept, is_lead=member.is_lead) == member
        self.case, self.offers[index] = after, done

    @rule(name=TEAM_IDS, right=RIGHTS, sight=SIGHTS, username=OF_TEAM)
    def a_team_is_offered_it_and_accepts(self, name: str, right: Right, sight: Sight, username: str) -> None:
        self.somebody_offers_it("the lead", name, right, sight)
        if self.offers:
            self.somebody_answers_an_offer(0, username, "accept")

    @rule(username=st.sampled_from(NEAR), right=RIGHTS, sight=SIGHTS)
    def a_member_brings_in_whoever_is_near(self, username: str, right: Right, sight: Sight) -> None:
        self.somebody_brings_in_a_colleague(username, "", right, sight)

    @rule(username=USERNAMES, name=TEAM_IDS)
    def somebody_moves_to_another_team(self, username: str, name: str) -> None:
        """Their place in the case stands for the organisation that they had it for, until somebody takes it out."""
        username = self.name_of(username)
        self.people[username] = Acting(username, TEAMS[name], frozenset({name}))

    @rule(username=USERNAMES)
    def somebody_stands_in_for_the_lead(self, username: str) -> None:
        username = self.name_of(username)
        before, by = self.case.lead, self.people[username]
        try:
            self.case = stand_in(by, self.case, PEOPLE[before.username].teams)
        except NotPossible:
            return
        assert by.organisation == before.organisation
        assert self.case.lead.username == username != before.username
        assert self.case.member(before.username) is not None

    @rule(more=st.sampled_from([-1, 1]))
    def actions_come_and_are_done(self, more: int) -> None:
        if self.case.state == "open":
            self.open_actions = max(0, self.open_actions + more)

    @rule(username=USERNAMES)
    def somebody_closes_it(self, username: str) -> None:
        username = self.name_of(username)
        waiting = sum(one.state == "offered" for one in self.offers)
        try:
            after = close(self.people[username], self.case, "goals_met", Unsettled(self.open_actions, waiting))
        except NotPossible:
            return
        assert self.open_actions == waiting == 0
        assert self.case.lead.username == username
        assert self.case.state == "open"
        self.case = after

    @rule(username=USERNAMES)
    def somebody_opens_it_again(self, username: str) -> None:
        username = self.name_of(username)
        try:
            after = reopen(self.people[username], self.case)
        except NotPossible:
            return
        assert self.case.lead.username == username
        assert self.case.state == "closed"
        self.case = after

    @invariant()
    def there_is_always_one_lead(self) -> None:
        check_sound(self.case)

    @invariant()
    def whoever_takes_no_part_can_do_nothing(self) -> None:
        """Who left, who never came, and who moved to another organisation."""
        for by in self.people.values():
            member = self.case.member(by.username)
            if member is not None and member.organisation == by.organisation:
                continue
            other = next(iter(self.case.members)).username
            new = Offer("support", "support", Right.VIEW, Sight.OWN, by.username, DUE)
            assert is_refused(check_edits, by, self.case)
            assert is_refused(add_colleague, by, self.case, by, Right.VIEW, Sight.OWN)
            assert is_refused(remove_member, by, self.case, other)
            assert is_refused(check_offer, by, self.case, new, [])
            assert is_refused(close, by, self.case, "goals_met", 0, 0)
            assert is_refused(reopen, by, self.case)
            assert all(is_refused(withdraw_offer, by, self.case, one) for one in self.offers)

    @invariant()
    def offers_are_single(self) -> None:
        waiting = [one for one in self.offers if one.state == "offered"]
        assert len({one.team for one in waiting}) == len(waiting)
        assert sum(one.right is Right.HAND_OVER for one in waiting) <= 1

    @invariant()
    def a_closed_case_has_nothing_to_do(self) -> None:
        if self.case.state == "closed":
            assert self.open_actions == 0
            assert all(one.state != "offered" for one in self.offers)


TestJointCase = JointCase.TestCase
TestJointCase.settings = settings(max_examples=max(200, settings().max_examples), stateful_step_count=40)
