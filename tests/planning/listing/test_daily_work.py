"""What a court does with a list besides making one: repairs, reasons, choices, areas."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from braid.planning.contract import Limits, value_of
from braid.planning.listing.areas import solve_areas, with_busy
from braid.planning.listing.checker import RULES, Reading, broken_places, check, value_levels
from braid.planning.listing.choices import continuity_frontier, fairness_frontier, worth_of_day
from braid.planning.listing.engines.docket import docket_of
from braid.planning.listing.engines.first_come import best_first_come
from braid.planning.listing.measures import measures_of
from braid.planning.listing.model import Absence, Place, Placed, sittings_of
from braid.planning.listing.reasons import reasons_of, why_not_earlier
from braid.planning.listing.repair import CourtDay
from braid.planning.listing.run import solve

from .small_courts import small_court
from .test_checker import COURT, LIST, _at


def _listed(problem):
    docket = docket_of(problem)
    _, diary = best_first_come(docket)
    return docket.places(diary.spots)


@pytest.mark.parametrize("seed", range(25))
def test_a_repair_keeps_every_rule_and_touches_few(seed):
    problem = small_court(seed, days=8, hearings=12)
    places = _listed(problem)
    free = [each for each in problem.hearings if each.id in places and each.hold == "free"]
    vacated = free[seed % len(free)]
    was = places[vacated.id]
    repair = CourtDay(problem, places).vacate(vacated.id, ready=was.start, today=_at(0), most_touched=2)
    assert not broken_places(problem, dict(repair.places))
    assert repair.places.get(vacated.id) != was
    assert len(repair.touched) <= 2
    moved = {each for each in places if repair.places.get(each) != places[each]}
    assert moved <= {vacated.id, *repair.followers, *repair.touched}
    listed = set(repair.places) - set(places)
    assert listed <= set(repair.newly_listed)
    assert repair.gain >= 0


def test_a_vacated_hearing_makes_way_for_who_waits_longest_for_it():
    # H6 waits till session 12 for J1; H1's session is free when it is vacated, and H6's people are free then.
    places = {**LIST, "H5": Place("J1", _at(16), "R1")}
    repair = CourtDay(COURT, places).vacate("H1", ready=_at(4), today=_at(0), most_touched=1)
    assert len(repair.touched) == 1
    assert repair.places[repair.touched[0]].start == _at(2)
    assert not broken_places(COURT, dict(repair.places))


@pytest.mark.parametrize("seed", range(25))
def test_places_offered_are_those_that_keep_every_rule(seed):
    problem = small_court(seed, days=5, hearings=8)
    places = _listed(problem)
    day, sittings, rooms = (
        CourtDay(problem, places),
        sittings_of(problem),
        [each.id for each in problem.rooms] or [None],
    )
    for hearing in problem.hearings:
        for judge in problem.judges:
            offered = day.list_places(hearing.id, judge.id, _at(0), most=99)
            possible = {
                start
                for start in range(sittings.count)
                for room in rooms
                if hearing.hold == "free"
                and not broken_places(problem, {**places, hearing.id: Place(judge.id, sittings.name(start), room)})
            }
            assert {sittings.position(each.start) for each in offered} == possible, (hearing.id, judge.id)
            assert all(not broken_places(problem, {**places, hearing.id: each}) for each in offered)
    assert day.docket.places(day.diary.spots) == places, "asking moves nothing"


@pytest.mark.parametrize("seed", range(25))
def test_a_move_keeps_every_rule_and_touches_few(seed):
    problem = small_court(seed, days=12, hearings=10)
    places = _listed(problem)
    day = CourtDay(problem, places)
    offers = [
        (hearing.id, place)
        for hearing in problem.hearings
        for judge in problem.judges
        for place in day.list_places(hearing.id, judge.id, _at(0), most=99)
        if place != places.get(hearing.id)
    ]
    hearing, place = offers[seed % len(offers)]
    repair = day.move(hearing, place, _at(0), most_touched=2)
    assert repair.places[hearing] == place and not broken_places(problem, dict(repair.places))
    assert {each for each in places if repair.places[each] != places[each]} <= {hearing, *repair.touched}
    assert len(repair.touched) <= 2 and repair.gain >= 0


def test_a_move_against_the_rules_is_refused():
    with pytest.raises(ValueError, match="list_places"):
        CourtDay(COURT, LIST).move("H4", Place("J1", _at(1), "R1"), _at(0))
    with pytest.raises(KeyError):
        CourtDay(COURT, LIST).move("H9", Place("J1", _at(1), "R1"), _at(0))


def test_another_judge_may_hear_it_in_the_same_session():
    problem = replace(COURT, cases=tuple(replace(each, excluded_judges=("J1",)) for each in COURT.cases))
    kept = CourtDay(problem, LIST).vacate("H1", ready=LIST["H1"].start, today=_at(0), is_later=False).places.get("H1")
    later = CourtDay(problem, LIST).vacate("H1", ready=LIST["H1"].start, today=_at(0)).places.get("H1")
    assert kept is not None and kept.judge != "J1"
    assert later is None or later.start > kept.start or later == kept


def test_what_is_locked_or_has_no_place_cannot_be_vacated():
    with pytest.raises(ValueError, match="unlock"):
        CourtDay(COURT, LIST).vacate("H4", ready=_at(15), today=_at(0))
    with pytest.raises(KeyError):
        CourtDay(COURT, LIST).vacate("H9", ready=_at(15), today=_at(0))


def test_reasons_name_what_was_in_the_way():
    found = {binding.rule: binding for binding in why_not_earlier(COURT, LIST, "H6").bindings}
    # Before session 12 J1 is closed once (8) and full or too full in sessions 6, 7, 10 and 11; E is at H5 in session 3.
    assert found["judge_closed"].times == 1
    assert found["judge_full"].times == 4
    assert (found["person_elsewhere"].resource, found["person_elsewhere"].when) == ("E", _at(3))
    assert "gap" in {binding.rule for binding in why_not_earlier(COURT, LIST, "H2").bindings}


def test_reasons_are_given_for_what_is_unlisted_late_or_moved():
    places = {name: place for name, place in LIST.items() if name not in ("H1", "H2")}
    about = {reason.item: reason.about for reason in reasons_of(COURT, places)}
    assert about == {"H1": "unlisted", "H2": "unlisted", "H6": "moved"}
    late = {**LIST, "H2": Place("J1", _at(14), "R1")}
    assert {reason.item: reason.about for reason in reasons_of(COURT, late)}["H2"] == "late"


@pytest.mark.parametrize("seed", range(20))
def test_a_session_that_nothing_rules_out_is_one_that_the_rules_allow(seed):
    """What `why_not_earlier` does not explain is possible, and what it explains is not."""
    problem = replace(small_court(seed, days=6, hearings=8), rooms=())
    problem = replace(
        problem, hearings=tuple(replace(each, features=(), present=None, hold="free") for each in problem.hearings)
    )
    places = _listed(problem)
    hearing = [each for each in problem.hearings if each.id in places][-1]
    reading = Reading.of(problem, tuple(Placed(name, place) for name, place in places.items()), ())
    end = reading.first[hearing.id].start
    judge = reading.case_of(hearing).judge
    others = {name: place for name, place in places.items() if name != hearing.id}
    possible = [
        start
        for start in range(end)
        if not broken_places(problem, {**others, hearing.id: Place(judge, reading.sittings.name(start))})
    ]
    explained = sum(binding.times for binding in why_not_earlier(problem, places, hearing.id).bindings)
    assert end - len(possible) <= explained or judge in reading.case_of(hearing).excluded_judges


def test_continuity_costs_duration_and_a_dearer_change_of_judge_never_changes_more():
    problem = small_court(11, days=10, hearings=30)
    cheap, dear = continuity_frontier(problem, 400, prices=(0, 500))
    assert dear.measures.judge_changes <= cheap.measures.judge_changes
    assert dear.price == 500


def test_fairness_is_bought_at_a_price():
    problem = replace(small_court(11, days=10, hearings=30), prices=replace(COURT.prices, spread=0))
    plain, fair = fairness_frontier(problem, 1500, prices=(0, 400))
    assert fair.measures.spread_weeks <= plain.measures.spread_weeks + 1e-9


def test_one_more_day_of_a_judge_is_worth_something_where_it_is_scarce():
    closed = tuple(replace(judge, closed=(Absence(_at(0), _at(15)),)) for judge in COURT.judges)
    court = replace(
        COURT, judges=closed, hearings=tuple(replace(each, present=None, hold="free") for each in COURT.hearings)
    )
    worth = worth_of_day(court, {}, "J1", date(2027, 1, 5), steps=200)
    assert worth.value > 0
    assert worth.weeks_sooner > 0
    assert worth.cases_sooner >= 1
    with pytest.raises(ValueError, match="sitting day"):
        worth_of_day(court, {}, "J1", date(2027, 1, 9), steps=10)


def test_areas_share_people_and_never_book_them_twice():
    one, other = small_court(5, days=8, hearings=10), small_court(6, days=8, hearings=10)
    plans = solve_areas({"Ashby": one, "Barton": other}, Limits(seconds=0.2), solve)
    assert check(one, plans["Ashby"]).passes
    reading = Reading.of(one, plans["Ashby"].placed, ())
    busy: dict[str, list[Absence]] = {}
    for heard in reading.heard:
        for attendance in heard.hearing.attendance:
            if attendance.part == "whole":
                name = reading.sittings.name
                busy.setdefault(attendance.person, []).append(Absence(name(heard.start), name(heard.end - 1)))
    places = {each.hearing: each.place for each in plans["Barton"].placed}
    assert not broken_places(with_busy(other, busy), places)


def test_measures_are_those_reckoned_by_hand():
    measures = measures_of(COURT, LIST)
    assert measures.mean_wait_weeks == pytest.approx(45 / 6 / 10)
    assert measures.mean_duration_weeks == pytest.approx(0.8)
    assert measures.in_26_weeks == 1
    assert (measures.judge_changes, measures.unlisted, measures.moves) == (1, 0, 1)
    assert measures.judge_changed == pytest.approx(1 / 6)
    assert value_of(value_levels(COURT, LIST)) == 45 + 20 + 7
    assert len(RULES) == 17
