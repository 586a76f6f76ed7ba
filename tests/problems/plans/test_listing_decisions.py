"""What people decided on a court list: as the next problem takes it, and what it makes of the list at once."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from random import Random

import pytest

from braid.planning.contract import Limits
from braid.planning.listing.checker import broken_places
from braid.planning.listing.engines.docket import docket_of
from braid.planning.listing.engines.first_come import best_first_come
from braid.planning.listing.faults import faults
from braid.planning.listing.model import Case, Hearing, HearingType, Judge, Place, Placed, Problem, sittings_of
from braid.planning.listing.run import solve
from braid.problems.plans.court_lists import CourtList, Standing, amounts_of, lock, move, stand, veto
from braid.problems.plans.listing_decisions import DecidedHearing, apply_hearing_decisions
from planning.listing.small_courts import small_court

MONDAY = dt.date(2027, 1, 4)
TYPES = (HearingType("final", is_final=True, starts_in_morning=True, list_at_quantile=0.8), HearingType("short"))


def _court(**changes: object) -> Problem:
    hearing = Hearing("H1", "C1", "short", 1, 5, "2027-01-04 am", (), **changes)  # type: ignore[arg-type]
    follows = Hearing("H2", "C1", "final", 2, 5, "2027-01-06 am", (), 2.0, after="H1")
    case = Case("C1", "Ashby", "J1", MONDAY, "2027-02-01 am")
    last = MONDAY + dt.timedelta(days=11)
    return Problem("listing", MONDAY, last, (Judge("J1"), Judge("J2")), (), TYPES, (case,), (hearing, follows))


def _taken(problem: Problem, *decided: DecidedHearing) -> tuple[Hearing, Problem, int]:
    found, lost = apply_hearing_decisions(problem, decided)
    assert faults(found) == []
    return found.hearings[0], found, lost


def test_an_acceptance_becomes_a_lock_at_its_place():
    place = Place("J2", "2027-01-05 am")
    hearing, _, lost = _taken(_court(), DecidedHearing("H1", place=place))
    assert (hearing.present, hearing.hold, lost) == (place, "locked", 0)


def test_a_judge_is_excluded_from_the_case_once_and_for_every_hearing_of_it():
    decided = DecidedHearing("H1", excluded_judge="J1")
    _, problem, lost = _taken(_court(), decided, decided)
    assert problem.cases[0].excluded_judges == ("J1",) and lost == 0
    plan = solve(problem, Limits(seconds=0.1))
    assert {each.place.judge for each in plan.placed} == {"J2"}


def test_a_day_makes_it_ready_then_and_never_sooner_than_it_was():
    hearing, _, _ = _taken(_court(), DecidedHearing("H1", not_before="2027-01-07 pm"))
    assert (hearing.ready, hearing.ready_spread_sessions) == ("2027-01-07 pm", 0.0)
    problem = _court()
    same, lost = apply_hearing_decisions(problem, [DecidedHearing("H2", not_before="2027-01-05 am")])
    assert same == problem and lost == 0, "it is expected later than that anyway, spread and all"


def test_what_is_refused_where_it_is_held_is_free_again_and_what_is_not_stays_held():
    held = _court(present=Place("J1", "2027-01-05 am"), hold="frozen")
    assert _taken(held, DecidedHearing("H1", excluded_judge="J1"))[0].hold == "free"
    assert _taken(held, DecidedHearing("H1", not_before="2027-01-06 am"))[0].hold == "free"
    # It was heeded: the court listed it anew, told everybody, and it is near. Then nothing moves it.
    assert _taken(held, DecidedHearing("H1", excluded_judge="J2"))[0].hold == "frozen"
    assert _taken(held, DecidedHearing("H1", not_before="2027-01-05 am"))[0].hold == "frozen"


def test_the_courts_own_list_goes_before_an_older_lock():
    own = Place("J1", "2027-01-05 am")
    for hold in ("frozen", "locked"):
        held = _court(present=own, hold=hold)
        hearing, problem, lost = _taken(held, DecidedHearing("H1", place=Place("J2", "2027-01-06 am")))
        assert (hearing.present, lost) == (own, 1) and problem == held
    locked = _court(present=own, hold="locked")
    for decided in (DecidedHearing("H1", excluded_judge="J1"), DecidedHearing("H1", not_before="2027-01-07 am")):
        assert _taken(locked, decided)[0].hold == "locked"


def test_of_two_that_contradict_each_other_the_later_holds():
    first, second = Place("J1", "2027-01-05 am"), Place("J2", "2027-01-06 am")
    decided = [DecidedHearing("H1", place=first), DecidedHearing("H1", excluded_judge="J1")]
    hearing, problem, lost = _taken(_court(), *decided)
    assert (hearing.hold, lost, problem.cases[0].excluded_judges) == ("free", 0, ("J1",))
    hearing, _, lost = _taken(_court(), DecidedHearing("H1", place=first), DecidedHearing("H1", place=second))
    assert (hearing.present, lost) == (second, 0)


@pytest.mark.parametrize(
    "decided",
    [
        DecidedHearing("gone", place=Place("J1", "2027-01-05 am")),
        DecidedHearing("H1", place=Place("J1", "2026-12-01 am")),
        DecidedHearing("H1", place=Place("J9", "2027-01-05 am")),
        DecidedHearing("H1", place=Place("J1", "2027-01-05 am", "R1")),
        DecidedHearing("H1", excluded_judge="J9"),
        DecidedHearing("H1", not_before="next week"),
        DecidedHearing("H1"),
    ],
)
def test_what_a_problem_cannot_take_is_left_out_and_counted(decided):
    kept = DecidedHearing("H2", place=Place("J1", "2027-01-08 am"))
    _, problem, lost = _taken(_court(), decided, kept)
    assert lost == 1
    assert problem == apply_hearing_decisions(_court(), [kept])[0]


def test_of_two_locks_that_cannot_both_hold_the_first_does():
    problem = _court()
    place = Place("J1", "2027-01-11 am")
    _, found, lost = _taken(problem, DecidedHearing("H1", place=place), DecidedHearing("H2", place=place))
    assert lost == 1
    assert [each.hold for each in found.hearings] == ["locked", "free"]


def _listed(problem: Problem) -> CourtList:
    _, diary = best_first_come(docket_of(problem))
    places = docket_of(problem).places(diary.spots)
    placed = tuple(Placed(name, place) for name, place in places.items())
    return CourtList(problem, placed, {}, {each.id: each.id for each in problem.hearings})


@pytest.mark.parametrize("seed", range(40))
def test_whatever_is_decided_the_list_keeps_every_rule_and_is_undone(seed):
    """Some hearings are hidden: they stay where they are, and each change undone gives the list from before it."""
    random = Random(seed)
    problem = small_court(seed, days=8, hearings=12)
    planned = _listed(problem)
    hidden_cases = set(random.sample([each.id for each in problem.cases], 2))
    seen = {each.id for each in problem.hearings if each.case not in hidden_cases}
    changes, states = [], [stand(planned, [])]
    for _ in range(12):
        standing = states[-1]
        change = _random_change(random, standing, seen)
        if change is None:
            continue
        after = stand(planned, [*changes, change])
        if after is None:
            continue
        for name in set(standing.places) | set(after.places):
            if name not in seen:
                assert after.places.get(name) == standing.places.get(name), name
        moved = {each.hearing for each in change.moved if each.was != each.place}
        assert moved <= seen
        assert not broken_places(after.problem, after.places)
        assert faults(after.problem) == []
        changes.append(change)
        states.append(after)
    assert len(changes) > 2
    for count in range(len(changes)):
        assert stand(planned, changes[:count]) == states[count]


def _random_change(random: Random, standing: Standing, seen: set[str]):
    free = [each for each in standing.problem.hearings if each.id in seen and each.hold == "free"]
    listed = [each for each in free if each.id in standing.places]
    if not listed:
        return None
    hearing = random.choice(listed)
    place = standing.places[hearing.id]
    kind = random.choice(("lock", "judge", "day", "day", "move"))
    if kind == "lock":
        return lock(standing, hearing.id)
    if kind == "judge":
        return veto(standing, seen, DecidedHearing(hearing.id, excluded_judge=place.judge))
    sittings = sittings_of(standing.problem)
    if kind == "day":
        later = sittings.position(place.start) + random.choice((1, 4))
        return veto(standing, seen, DecidedHearing(hearing.id, not_before=sittings.name(later)))
    wanted = replace(place, start=sittings.name(random.randrange(sittings.count)))
    is_allowed = not broken_places(standing.problem, {**standing.places, hearing.id: wanted})
    if not is_allowed:
        with pytest.raises(ValueError, match="list_places"):
            move(standing, seen, hearing.id, wanted)
        return None
    try:
        return move(standing, seen, hearing.id, wanted)
    except ValueError:
        # Another room of the same session suits as well: the first that does is offered.
        assert wanted.room is not None
        return None


def test_amounts_leave_out_who_is_not_seen():
    problem = small_court(3, days=8, hearings=12)
    planned = _listed(problem)
    places = {each.hearing: each.place for each in planned.placed}
    everybody = {each.id for each in problem.hearings}
    parts = [amounts_of(problem, places, {name}) for name in sorted(everybody)]
    whole = amounts_of(problem, places, everybody)
    assert whole.wait_weeks == pytest.approx(sum(each.wait_weeks for each in parts))
    assert whole.late == sum(each.late for each in parts) and whole.unlisted == sum(each.unlisted for each in parts)
    assert amounts_of(problem, places, set()).wait_weeks == 0
