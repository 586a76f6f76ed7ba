"""Emergency access as a state machine on a clock: never outside the window, never past a forbid, no review no right."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from braid.trust.agreements import Sharing
from braid.trust.break_glass import (
    ACKNOWLEDGE_WITHIN,
    FINDINGS,
    MOST_OVERDUE,
    OPEN_FOR,
    REASONS,
    REFERENCE_KINDS,
    NotGranted,
    Request,
    Review,
    check_request,
    is_suspended,
    listable_items,
    review_due_at,
    standing_of,
    waits_for_approval,
)
from braid.trust.decide import Actor, Grant, Held, Outcome, Subject, decide
from braid.trust.roles import ROLES

START = dt.datetime(2026, 12, 23, 9, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
PURPOSE = "school_from_ta"
USERS, PEOPLE = ("anna", "bert"), ("p", "q")
FLOW = Sharing("a", "1", PURPOSE, "here", "", "waits.school_place", START - HOUR, START + 10_000 * HOUR)


def request(username: str = "anna", person: str = "p", **changes: str) -> Request:
    return replace(Request(username, person, PURPOSE, "missing_person", "incident", "INC-1", "carl"), **changes)


class EmergencyAccess(RuleBasedStateMachine):
    """Requests, looks, reviews, exclusions and a clock that runs, against what was written down along the way."""

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.grants: list[tuple[str, Grant]] = []
        self.reviews: list[Review] = []
        self.excluded: dict[str, set[str]] = {who: set() for who in PEOPLE}
        self.ended: set[str] = set()

    @rule(user=st.sampled_from(USERS), who=st.sampled_from(PEOPLE))
    def ask(self, user: str, who: str) -> None:
        unreviewed = [one for one in self.reviews if one.username == user and one.reviewed_at is None]
        overdue = [one for one in unreviewed if self.now >= one.due_at]
        try:
            check_request(request(user, who), self.reviews, self.now)
        except NotGranted:
            assert len(overdue) >= 2
            return
        assert len(overdue) < 2
        self.grants.append((who, Grant(user, PURPOSE, self.now, self.now + OPEN_FOR)))
        self.reviews.append(Review(user, self.now, review_due_at(self.now)))

    @rule(hours=st.sampled_from([1, 3, 4, 25, 80]))
    def wait(self, hours: int) -> None:
        self.now += hours * HOUR

    @rule(data=st.data())
    def review(self, data: st.DataObject) -> None:
        if self.reviews:
            place = data.draw(st.integers(0, len(self.reviews) - 1))
            self.reviews[place] = replace(self.reviews[place], reviewed_at=self.now)

    @rule(user=st.sampled_from(USERS), who=st.sampled_from(PEOPLE))
    def exclude(self, user: str, who: str) -> None:
        self.excluded[who].add(user)

    @invariant()
    def looks_open_exactly_inside_a_window_of_ones_own_and_past_no_exclusion(self) -> None:
        for who in PEOPLE:
            grants = tuple(grant for person, grant in self.grants if person == who)
            subject = Subject(who, excluded=frozenset(self.excluded[who]), grants=grants)
            for user in USERS:
                actor = Actor(user, "here", "placement_officer", sharings=(FLOW,))
                outcome = decide(actor, subject, Held("waits.school_place", ""), PURPOSE, self.now).outcome
                asked = [grant.live_from for grant in grants if grant.username == user]
                in_window = any(dt.timedelta(0) <= self.now - at < dt.timedelta(hours=4) for at in asked)
                expected = in_window and user not in self.excluded[who]
                assert (outcome is Outcome.ALLOW) == expected


TestEmergencyAccess = EmergencyAccess.TestCase
TestEmergencyAccess.settings = settings(max_examples=150, stateful_step_count=25, deadline=None)


def test_a_role_asks_by_name_for_what_it_could_be_shown_and_for_no_waits() -> None:
    assert (
        set(listable_items(ROLES["advocate"]))
        == {"identity", "blockers", "priority", "involvements"} | ROLES["advocate"].vault_items
    )
    assert set(listable_items(ROLES["practitioner"])) == {
        *("identity", "district", "blockers", "priority", "involvements", "contacts")
    }
    assert not waits_for_approval(["blockers", "involvements", "unheard_of"])
    assert all(waits_for_approval([code]) for code in ("identity", "district", "contacts", "vault.entry"))


@pytest.mark.parametrize(
    ("granted", "due"),
    [
        ("2026-11-26T10:00+00:00", "2026-11-28T00:00+00:00"),  # Thursday: the end of Friday
        ("2026-11-27T10:00+00:00", "2026-12-01T00:00+00:00"),  # Friday: the end of Monday
        ("2026-12-24T23:59+00:00", "2026-12-30T00:00+00:00"),  # 25 and 28 December are bank holidays, 26 a Saturday
        ("2026-06-10T23:30+00:00", "2026-06-12T23:00+00:00"),  # already the 11th in London, summer time
        ("2026-10-23T10:00+00:00", "2026-10-27T00:00+00:00"),  # over the end of summer time
    ],
)
def test_a_review_is_due_at_the_end_of_the_next_working_day(granted: str, due: str) -> None:
    assert review_due_at(dt.datetime.fromisoformat(granted)) == dt.datetime.fromisoformat(due)


@pytest.mark.parametrize("reason", [*REASONS, "curiosity", ""])
@pytest.mark.parametrize("kind", [*REFERENCE_KINDS, "rumour", ""])
@pytest.mark.parametrize("colleague", ["carl", "anna", ""])
def test_a_request_needs_reason_kind_and_somebody_else(reason: str, kind: str, colleague: str) -> None:
    asked = request(reason=reason, reference_kind=kind, colleague=colleague)
    if reason in REASONS and kind in REFERENCE_KINDS and colleague == "carl":
        check_request(asked, [], START)
    else:
        with pytest.raises(NotGranted):
            check_request(asked, [], START)


def test_a_refusal_says_nothing_of_the_person() -> None:
    for asked in (request(reason=""), request(colleague="anna"), request(reference="")):
        with pytest.raises(NotGranted) as refused:
            check_request(replace(asked, person_id="person-777"), [], START)
        assert "777" not in str(refused.value)


def test_the_right_ends_at_the_second_overdue_review_and_comes_back_with_a_review() -> None:
    due = START + HOUR
    reviews = [Review("anna", START, due)] * MOST_OVERDUE
    assert not is_suspended("anna", reviews, due - dt.timedelta.resolution)
    assert is_suspended("anna", reviews, due)
    assert not is_suspended("bert", reviews, due)
    assert not is_suspended("anna", reviews[1:], due)
    assert not is_suspended("anna", [replace(reviews[0], reviewed_at=due), *reviews[1:]], due + HOUR)


def test_an_alert_is_overdue_at_the_last_instant_of_its_clock_and_has_a_second_owner() -> None:
    tick = dt.timedelta.resolution
    before = standing_of(START, None, START + ACKNOWLEDGE_WITHIN - tick)
    assert (before.state, before.owners) == ("open", ("ig_lead",))
    at = standing_of(START, None, START + ACKNOWLEDGE_WITHIN)
    assert (at.state, at.owners, at.age) == ("overdue", ("ig_lead", "board_member"), dt.timedelta(hours=1))
    late = standing_of(START, None, START + 58 * HOUR)
    assert (late.state, late.age) == ("overdue", 58 * HOUR)
    assert standing_of(START, START + HOUR / 2, START + 58 * HOUR).state == "acknowledged"


def test_more_information_is_a_finding_that_ends_no_review() -> None:
    from braid.trust.break_glass import CLOSING_FINDINGS

    assert set(FINDINGS) - CLOSING_FINDINGS == {"more_information"}
