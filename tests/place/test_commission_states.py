"""The processes of a commission: sound, walked whole, and each step in the hands of its own side alone."""

import datetime as dt
import itertools
from functools import partial

import pytest
from commission_sample import FROM, TO
from hypothesis import given
from hypothesis import strategies as st

from braid.care.model import Acting
from braid.language.steps import NotPossible, find_faults, is_possible
from braid.place.commissions import episodes, rounds
from braid.place.commissions.episodes import (
    Served,
    attest,
    check_attendance,
    check_moved,
    check_report,
    check_session,
    draws,
    parts_of,
    step_score,
    take_step,
)
from braid.place.commissions.rounds import (
    FIGURES,
    Round,
    check_round,
    compare,
    give,
    is_late,
    shown_figures,
    span_of,
)
from braid.place.commissions.states import EPISODE, MACHINES, PAYABLE, SCORE

WORKER = Acting("worker", "lanternhouse", frozenset({"harbour"}), frozenset())
LEAD = Acting("lead", "lanternhouse", frozenset({"harbour"}), frozenset({"harbour"}))
REFERRER = Acting("referrer", "police", frozenset({"safeguarding"}), frozenset({"safeguarding"}))
THIRD = Acting("third", "police", frozenset({"safeguarding"}), frozenset({"safeguarding"}))
COLLEAGUE = Acting("colleague", "police", frozenset({"safeguarding"}), frozenset())
STRANGER = Acting("stranger", "icb", frozenset({"health"}), frozenset({"health"}))
EVERYBODY = (WORKER, LEAD, REFERRER, THIRD, COLLEAGUE, STRANGER)
NOW = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)


def served(state="referred", referral="accepted", **more):
    return Served("harbour", "referrer", "police", frozenset({"safeguarding"}), referral, state, **more)


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.title)
def test_every_process_is_sound(machine):
    assert find_faults(machine) == []


def test_who_is_on_which_side():
    sides = {by.username: set(parts_of(by, served())) for by in EVERYBODY}
    assert sides == {
        "worker": {"provider"},
        "lead": {"provider"},
        "referrer": {"referrer"},
        "third": {"third"},
        "colleague": set(),
        "stranger": set(),
    }
    both = Acting("referrer", "police", frozenset({"harbour"}), frozenset({"safeguarding"}))
    assert parts_of(both, served()) == {"referrer"}, "whoever referred neither provides nor verifies"


def test_every_step_from_every_state_by_everybody_is_taken_where_the_table_says_alone():
    for by, state, code in itertools.product(EVERYBODY, EPISODE.states, EPISODE.steps):
        step = EPISODE.steps[code]
        side = "referrer" if step.by == "the referrer" else "provider"
        expected = side in parts_of(by, served()) and state in step.sources
        assert is_possible(partial(take_step, by, served(state), code, "lost_contact")) == expected, (by, state, code)


def test_nothing_begins_while_the_referral_is_not_accepted():
    for referral in ("pending", "refused", "revoked"):
        with pytest.raises(NotPossible, match="not accepted"):
            take_step(WORKER, served(referral=referral), "assess")
    ended = take_step(WORKER, served("under_way", "revoked"), "end_early", "person_declined")
    assert take_step(WORKER, ended, "report").state == "reported", "what was begun is brought to its end"


@given(st.lists(st.tuples(st.sampled_from(EVERYBODY), st.sampled_from(sorted(EPISODE.steps))), max_size=40))
def test_however_steps_come_a_service_keeps_its_rules(steps):
    now = served()
    approvals = 0
    for by, step in steps:
        try:
            now = take_step(by, now, step, "lost_contact")
        except NotPossible:
            continue
        approvals += step == "approve_plan"
        assert now.state in EPISODE.states
        assert now.state not in ("under_way", "concluded") or approvals, "nobody is served without an approved plan"
        assert (now.ended_because != "") == (now.state == "ended_early" or now.ended_because != "")


def test_why_it_ends_early_is_from_the_list_and_never_eligible_is_never_paid():
    with pytest.raises(NotPossible, match="list"):
        take_step(WORKER, served("assessed"), "end_early", "words")
    assert take_step(WORKER, served("assessed", eligible_by="concerned"), "end_early", "moved_away").eligible_by
    gone = take_step(WORKER, served("assessed", eligible_by="attested"), "end_early", "not_eligible")
    assert gone.eligible_by == "not_eligible" and gone.ended_because == "not_eligible"


def test_the_referrer_says_once_whether_the_conditions_are_met_and_the_provider_never():
    assert attest(REFERRER, served(), True).eligible_by == "attested"
    assert attest(REFERRER, served(), False).eligible_by == "not_eligible"
    for by, one in ((WORKER, served()), (REFERRER, served(eligible_by="concerned"))):
        with pytest.raises(NotPossible):
            attest(by, one, True)


def test_sessions_are_of_a_service_under_way():
    check_session(WORKER, served("under_way"))
    for by, state in ((WORKER, "assessed"), (WORKER, "reported"), (REFERRER, "under_way")):
        with pytest.raises(NotPossible):
            check_session(by, served(state))


@pytest.mark.parametrize(
    ("at", "attendance", "why_not", "fine"),
    [
        (NOW, "yes", "", True),
        (NOW, "late", "", True),
        (NOW, "no", "unacceptable", True),
        (NOW, "no", "logistics_place", True),
        (NOW, "no", "", False),
        (NOW, "no", "words", False),
        (NOW, "yes", "unacceptable", False),
        (NOW, "perhaps", "", False),
        (NOW + dt.timedelta(minutes=1), "yes", "", False),
    ],
)
def test_what_came_of_a_session_fits_itself(at, attendance, why_not, fine):
    assert is_possible(lambda: check_attendance(at, attendance, why_not, NOW)) == fine


def test_a_session_is_moved_before_it_is_written_down_to_a_time_ahead():
    later = NOW + dt.timedelta(days=1)
    check_moved("", "safety", later, NOW)
    for arguments in (("yes", "safety", later), ("", "words", later), ("", "safety", NOW)):
        with pytest.raises(NotPossible):
            check_moved(*arguments, NOW)


def test_a_report_scores_every_desired_outcome():
    check_report(WORKER, served("concluded"), {"safer": "partly", "waits": "not"}, ("safer", "waits"))
    for by, state, scores in (
        (WORKER, "concluded", {"safer": "partly"}),
        (WORKER, "concluded", {"safer": "partly", "waits": "words"}),
        (WORKER, "concluded", {"safer": "partly", "waits": "not", "more": "not"}),
        (WORKER, "under_way", {"safer": "partly", "waits": "not"}),
        (REFERRER, "concluded", {"safer": "partly", "waits": "not"}),
    ):
        with pytest.raises(NotPossible):
            check_report(by, served(state), scores, ("safer", "waits"))


def test_no_way_leads_to_a_payable_score_that_one_human_walks_alone():
    """Exhaustive: of every set of walks by one side, none comes to a score that is paid."""
    for by in EVERYBODY:
        reached, before = {SCORE.first}, set()
        while reached != before:
            before = set(reached)
            for state, step in itertools.product(before, SCORE.steps):
                if is_possible(partial(step_score, by, served("reported"), state, step)):
                    reached.add(SCORE.steps[step].target)
        paid = reached & set(PAYABLE)
        assert not paid or by is REFERRER, by
    assert not is_possible(lambda: step_score(WORKER, served("reported"), "said", "confirm"))
    assert not is_possible(lambda: take_step(REFERRER, served("concluded"), "report")), "who confirms, says nothing"
    assert is_possible(lambda: step_score(THIRD, served("reported"), "disputed", "uphold"))
    assert not is_possible(lambda: step_score(REFERRER, served("reported"), "confirmed", "verify"))


def test_the_sample_is_as_large_as_the_terms_say():
    assert sum(draws(10, number) for number in range(100)) == 10
    assert all(draws(100, number) for number in range(100))


def test_rounds_do_not_overlap_and_leave_time():
    first = Round(FROM, dt.date(2026, 6, 30), dt.date(2026, 7, 10))
    check_round(first, [])
    check_round(Round(dt.date(2026, 7, 1), dt.date(2026, 9, 30), dt.date(2026, 10, 5)), [first])
    for wrong in (
        Round(dt.date(2026, 6, 30), dt.date(2026, 9, 30), dt.date(2026, 10, 5)),
        Round(dt.date(2026, 7, 1), dt.date(2026, 9, 30), dt.date(2026, 10, 4)),
        Round(TO, FROM, TO),
    ):
        with pytest.raises(NotPossible):
            check_round(wrong, [first])


def test_a_return_is_the_leads_whole_and_told_as_published_counts():
    figures = dict.fromkeys(FIGURES, 3) | {"referred": 23}
    assert give(LEAD, "harbour", "asked", figures, "none") == give(LEAD, "harbour", "queried", figures, "money")
    for by, state, sent, risk in (
        (WORKER, "asked", figures, "none"),
        (LEAD, "accepted", figures, "none"),
        (LEAD, "asked", {"referred": 3}, "none"),
        (LEAD, "asked", figures | {"referred": -1}, "none"),
        (LEAD, "asked", figures, "words"),
    ):
        with pytest.raises(NotPossible):
            give(by, "harbour", state, sent, risk)
    recorded = dict.fromkeys(FIGURES, span_of([None])) | {"referred": span_of([15, 10, None])}
    assert recorded["referred"] == (22, 36)
    kept = shown_figures(figures, recorded)
    assert kept == dict.fromkeys(FIGURES, None) | {"referred": 25}
    different = [one.code for one in compare(kept, recorded | {"referred": (40, 60)}) if not one.is_same]
    assert different == ["referred"] and all(one.is_same for one in compare(kept, recorded))
    beside = shown_figures(figures | {"referred": 17}, recorded | {"referred": span_of([10, 10, None])})
    assert beside["referred"] == 20, "15 beside parts of 10, 10 and a few would tell how few"


def test_a_return_is_late_from_the_day_after():
    due = dt.date(2026, 7, 10)
    after = due + dt.timedelta(days=1)
    assert not is_late("asked", due, None, due) and is_late("asked", due, None, after)
    assert not is_late("given", due, due, after) and is_late("accepted", due, after, after)
    assert rounds.LEAST_DAYS_TO_ANSWER == 5 and episodes.OVER[-1] == "reported"
