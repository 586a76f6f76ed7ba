"""Why something is late, unbooked or moved, and what nobody may reckon from it."""

from __future__ import annotations

import random
from dataclasses import replace

from braid.language.documents import write
from braid.planning.appointments.model import AppointmentsProblem, Booking, Presence
from braid.planning.appointments.reasons import reasons_of, seen_by
from braid.planning.appointments.run import solve
from braid.planning.contract import NOT_OFFERED, Binding, Limits, Reason
from planning.appointments.instances import random_problem
from planning.appointments.made import BOOKINGS, MONDAY, PROBLEM, TUESDAY, plan, plan_with

NOBODY: frozenset[str] = frozenset()


def _reasons(problem: AppointmentsProblem, *changed: Booking, without: tuple[str, ...] = ()) -> dict[str, Reason]:
    return {each.item: each for each in reasons_of(problem, plan_with(*changed, without=without, problem=problem))}


def test_a_moved_appointment_says_what_keeps_it_from_its_time() -> None:
    reason = _reasons(PROBLEM)["bela/idva"]
    assert reason.about == "moved"
    assert reason.bindings == (Binding("offered", "", "", 1, True),)
    busy = _reasons(PROBLEM, Booking("anna/idva", "idva-2", MONDAY, 540))["bela/idva"]
    assert busy.bindings == (Binding("staff_booked", "idva-2", "", 1), Binding("offered", "", "", 0, True))


def test_an_unbooked_task_counts_every_time_once() -> None:
    reason = _reasons(PROBLEM, without=("anna/housing",))["anna/housing"]
    assert reason.about == "unbooked"
    starts_a_day = (1080 - 60 - 540) // 15 + 1
    assert sum(each.times for each in reason.bindings) == 2 * 3 * starts_a_day
    told = {(each.rule, each.resource): each for each in reason.bindings}
    assert told["order", "anna/idva"].is_safety is False
    # south on Tuesday: starts from 09:00 to 11:45 end after 09:00 and begin before 12:00
    assert told["perpetrator_near", "south"].times == 12
    assert told["perpetrator_near", "south"].is_safety


def test_who_may_not_know_is_told_of_diaries_and_bookings_alone() -> None:
    made = plan_with(without=("anna/housing",))
    made = replace(made, reasons=reasons_of(PROBLEM, made))
    told = seen_by(PROBLEM, made, frozenset({"bela"}))
    anna = next(each for each in told.reasons if each.item == "anna/housing")
    assert {each.rule for each in anna.bindings} == {"order", "staff_booked", "not_offered"}
    assert anna.bindings[-1] == NOT_OFFERED
    assert told.certificate.problem == ""
    assert seen_by(PROBLEM, made, frozenset({"anna", "bela"})) == made


def elsewhere(problem: AppointmentsProblem, chance: random.Random) -> AppointmentsProblem:
    """Return the problem with other presences, or none."""
    victims = []
    for victim in problem.victims:
        presences = tuple(
            Presence(chance.choice(problem.sites), MONDAY, begin, begin + 45)
            for begin in chance.sample(range(500, 900, 15), chance.choice((0, 1, 3)))
        )
        victims.append(replace(victim, presences=presences))
    return replace(problem, victims=tuple(victims))


def test_the_reasons_of_the_same_bookings_are_the_same_wherever_the_perpetrator_is() -> None:
    differed = 0
    for seed in range(80):
        problem = random_problem(seed)
        made = solve(problem, Limits(seconds=0.05))
        other = elsewhere(problem, random.Random(seed))
        bare = replace(made, reasons=reasons_of(other, made))
        assert write(seen_by(other, bare, NOBODY)) == write(seen_by(problem, made, NOBODY))
        differed += bare.reasons != made.reasons
    assert differed > 8, "those who may know read no difference either: the comparison shows nothing"


def test_two_problems_that_come_to_the_same_bookings_are_read_the_same_but_for_what_one_may_know() -> None:
    """Each side is solved by itself, so that what its own search wrote into the certificate is compared too."""
    compared, bounds = 0, 0
    for seed in range(60):
        problem = random_problem(seed, victims=5, tasks=9)
        other = elsewhere(problem, random.Random(seed))
        one, two = (solve(each, Limits(seconds=0.05)) for each in (problem, other))
        if one.bookings != two.bookings or one.certificate.problem == two.certificate.problem:
            continue
        assert write(seen_by(problem, one, NOBODY)) == write(seen_by(other, two, NOBODY))
        compared += 1
        bounds += one.certificate.bound != two.certificate.bound
    assert compared > 8, "hardly any two problems have the same bookings: the comparison shows nothing"
    assert bounds, "no bound differs: the comparison says nothing of it"


def test_what_one_may_know_of_one_victim_says_nothing_of_another() -> None:
    problem = replace(
        PROBLEM,
        victims=(PROBLEM.victims[0], replace(PROBLEM.victims[1], presences=(Presence("north", TUESDAY, 540, 600),))),
    )
    made = plan(problem, tuple(each for name, each in BOOKINGS.items() if "anna" in name))
    made = replace(made, reasons=reasons_of(problem, made))
    anna, bela = (seen_by(problem, made, frozenset({name})) for name in ("anna", "bela"))
    rules = [{(each.item, one.rule) for each in view.reasons for one in each.bindings} for view in (anna, bela)]
    assert not any(rule == "perpetrator_near" for item, rule in rules[0] if item.startswith("bela"))
    assert any(rule == "perpetrator_near" for item, rule in rules[1] if item.startswith("bela"))
