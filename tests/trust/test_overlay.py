"""The overlay against a twin in Boolean matrices; more never admits more; two people for whatever widens."""

from __future__ import annotations

import datetime as dt
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from braid.language.steps import NotPossible
from braid.trust.overlay import CONFLICT_REASONS, EXCLUSION_REASONS, Effects, Exclusion, Restriction, spread
from braid.trust.overlay_change import TRANSITIONS, State, Step, asks, check_proposer, check_step, is_shortening

NOW = dt.datetime(2026, 11, 27, 12, tzinfo=dt.UTC)
PEOPLE = tuple("abcdefgh")
USERS = ("u", "v", "w")
person = st.sampled_from(PEOPLE)
pairs = st.frozensets(st.tuples(person, person), max_size=5)
exclusions = st.builds(
    Exclusion,
    subject=person,
    reason=st.just("relative"),
    entered_by=st.just("lead"),
    since=st.just(NOW),
    barred_user=st.sampled_from(USERS),
) | st.builds(
    Exclusion,
    subject=person,
    reason=st.just("perpetrator"),
    entered_by=st.just("lead"),
    since=st.just(NOW),
    barred_person=person,
)
restrictions = st.builds(
    Restriction,
    subject=person,
    admitted=st.frozensets(st.sampled_from([*USERS, ""])),
    reason=st.just("witness"),
    entered_by=st.just("lead"),
    since=st.just(NOW),
)
entries = st.frozensets(exclusions | restrictions, max_size=4)
households = st.dictionaries(person, st.sampled_from(("home-1", "home-2", "home-3")))
Matrix = list[list[bool]]


def _times(left: Matrix, right: Matrix) -> Matrix:
    size = range(len(PEOPLE))
    return [[any(left[i][k] and right[k][j] for k in size) for j in size] for i in size]


def _related(test) -> Matrix:
    return [[i == j or test(i, j) or test(j, i) for j in PEOPLE] for i in PEOPLE]


def _twin(given_entries, homes, ties, merges) -> Effects:
    """Reach as one product of relations: ids, home, ids, family, ids, home, ids. Nothing shared but the nouns."""
    same_id = _related(lambda i, j: (i, j) in merges)
    for _ in PEOPLE:
        same_id = _times(same_id, same_id)
    at_home = _related(lambda i, j: i in homes and homes.get(i) == homes.get(j))
    family = _related(lambda i, j: (i, j) in ties)
    reach = same_id
    for step in (at_home, same_id, family, same_id, at_home, same_id):
        reach = _times(reach, step)
    barred, parties, admitted = set(), set(), {}
    for row, subject in enumerate(PEOPLE):
        for column, other in enumerate(PEOPLE):
            for entry in given_entries:
                if entry.subject != subject or not reach[row][column]:
                    continue
                if isinstance(entry, Exclusion):
                    if entry.barred_user:
                        barred.add((other, entry.barred_user))
                    elif entry.barred_person != other:
                        parties.add((other, entry.barred_person))
                else:
                    admitted.setdefault(other, set(USERS)).intersection_update(entry.admitted)
    return Effects(frozenset(barred), frozenset(parties), {who: frozenset(users) for who, users in admitted.items()})


@settings(max_examples=300, deadline=None)
@given(entries, households, pairs, pairs)
def test_effects_are_those_of_the_naive_twin(given_entries, homes, ties, merges) -> None:
    assert spread(given_entries, homes, ties, merges) == _twin(given_entries, homes, ties, merges)


@settings(max_examples=200, deadline=None)
@given(entries, entries, households, pairs, pairs, pairs, pairs)
def test_more_of_anything_never_admits_more(first, more, homes, ties, more_ties, merges, more_merges) -> None:
    """Who sees whom with more entries, ties and merges is a part of who saw whom without."""
    before = spread(first, homes, ties, merges)
    after = spread(first | more, homes, ties | more_ties, merges | more_merges)
    assert before.barred <= after.barred and before.barred_parties <= after.barred_parties
    for who, users in before.admitted.items():
        assert after.admitted[who] <= users


def _sees(effects: Effects, who: str, user: str) -> bool:
    return (who, user) not in effects.barred and user in effects.admitted.get(who, frozenset(USERS))


def test_worked_example_of_a_family() -> None:
    """Mother a and child b at home; b's sibling c lives with d elsewhere; e is d's friend; z nobody's."""
    barring = Exclusion("a", "relative", "lead", NOW, barred_user="u")
    effects = spread([barring], {"a": "h1", "b": "h1", "c": "h2", "d": "h2"}, [("b", "c"), ("d", "e")], [])
    assert effects.barred == {(who, "u") for who in "abcd"}


def test_a_merge_and_a_split_keep_the_most_restrictive() -> None:
    """a was merged into b: the entry for a reaches b. b was split into b and c: both keep it."""
    admitting = Restriction("a", frozenset({"u", "v"}), "witness", "lead", NOW)
    narrower = Restriction("b", frozenset({"v", "w"}), "witness", "lead", NOW)
    effects = spread([admitting, narrower], {}, [], [("a", "b"), ("c", "b")])
    assert effects.admitted == {who: frozenset({"v"}) for who in "abc"}
    assert [user for user in USERS if _sees(effects, "c", user)] == ["v"]


def test_restrictions_that_have_nobody_in_common_admit_nobody() -> None:
    both = [Restriction("a", frozenset({user}), "witness", "lead", NOW) for user in "uv"]
    assert spread(both, {}, [], []).admitted == {"a": frozenset()}


def test_every_conflict_is_a_reason_of_exclusion() -> None:
    assert set(CONFLICT_REASONS) < set(EXCLUSION_REASONS)


WHO = ("anna", "bert", "carl", "")


def test_every_step_of_every_state_by_everybody() -> None:
    """The whole table: allowed exactly where the proposal is open and it is the right person's step."""
    allowed = 0
    for state, step, proposer, by, barred in product(State, Step, WHO[:3], WHO, ("", "carl")):
        right = (by == proposer) if step == "withdraw" else (by != proposer)
        if state == "proposed" and right and by != "" and by != barred:
            after = check_step(state, step, proposer, by, barred)
            assert after == {"approve": "approved", "refuse": "refused", "withdraw": "withdrawn"}[step]
            allowed += 1
        else:
            with pytest.raises(NotPossible):
                check_step(state, step, proposer, by, barred)
    withdrawals, pairs_of_two = 3 + 2, 3 * 2 + 2 * 2
    assert allowed == withdrawals + 2 * pairs_of_two


def test_what_was_decided_stays_decided() -> None:
    assert {state for state, _ in TRANSITIONS} == {State.PROPOSED}


def test_whom_an_entry_bars_does_not_propose_to_lift_it() -> None:
    check_proposer("anna", "bert")
    for by in ("bert", ""):
        with pytest.raises(NotPossible):
            check_proposer(by, "bert")


@pytest.mark.parametrize(
    ("old", "new", "shortens"),
    [(None, NOW, True), (NOW, None, False), (None, None, False), (NOW, NOW, False), (NOW, NOW - dt.timedelta(1), True)],
)
def test_asking_earlier_is_a_shortening(old, new, shortens) -> None:
    assert is_shortening(old, new) is shortens


def test_an_entry_asks_from_its_last_instant_on_and_its_effect_goes_on() -> None:
    second = dt.timedelta(seconds=1)
    assert [asks(NOW, NOW + step) for step in (-second, second * 0, second)] == [False, True, True]
    assert not asks(None, NOW)
    ended = Exclusion("a", "relative", "lead", NOW, barred_user="u", until=NOW - dt.timedelta(days=400))
    assert spread([ended], {}, [], []).barred == {("a", "u")}
