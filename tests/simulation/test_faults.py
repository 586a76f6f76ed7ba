"""Everything that a network says wrongly is told by place, and nothing else is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from braid.simulation.faults import faults
from braid.simulation.loads import loads, times_done, visits_a_week
from braid.simulation.model import (
    Band,
    Change,
    Clock,
    LeadsTo,
    Network,
    Pathway,
    Present,
    Profile,
    Repeat,
    Service,
    Weekly,
)
from braid.simulation.run import simulate
from simulation.drawn_networks import drawn_network
from simulation.small_networks import exponential, fixed, network, one_list, places, slots, step

TWO = Pathway("p", (step("a", "s"), step("b", "t", after=("a",))), Weekly(1.0))
SERVICES = (places("s", 3), slots("t", 2))
SOUND = network(SERVICES, (TWO,))


def with_steps(*steps):
    return network(SERVICES, (replace(TWO, steps=steps),))


def with_pathway(**changes):
    return network(SERVICES, (replace(TWO, **changes),))


def with_present(**changes):
    return replace(SOUND, present=(Present("p", 3, **changes),))


WRONG = {
    "weeks": replace(SOUND, weeks=0),
    "network": replace(SOUND, services=()),
    "services[2]": network((*SERVICES, places("s", 1)), (TWO,)),
    "services[0].capacity": network((places("s", -1), SERVICES[1]), (TWO,)),
    "services[0].capacity.profile": network((replace(SERVICES[0], capacity=Weekly(1, "term")), SERVICES[1]), (TWO,)),
    "services[0].capacity.values": network(
        (replace(SERVICES[0], capacity=Weekly(1, values=(1.0,))), SERVICES[1]), (TWO,)
    ),
    "services[0].capacity.changes[0]": network(
        (replace(SERVICES[0], capacity=Weekly(1, changes=(Change(times=-1),))), SERVICES[1]), (TWO,)
    ),
    "services[0].ageing_weeks": network((replace(SERVICES[0], ageing_weeks=0.0), SERVICES[1]), (TWO,)),
    "profiles[0].factors": replace(SOUND, profiles=(Profile("term", (1.0,)),)),
    "pathways[0].steps": with_pathway(steps=()),
    "pathways[0].steps[1]": with_steps(step("a", "s"), step("a", "t")),
    "pathways[0].arrivals": with_pathway(arrivals=Weekly(600_000.0)),
    "pathways[0].priority": with_pathway(priority=8),
    "pathways[0].bands": with_pathway(bands=(Band("one", 0.5, 0),)),
    "pathways[0].bands[0].share": with_pathway(bands=(Band("one", 1.5, 0), Band("two", -0.5, 0))),
    "pathways[0].clock.weeks": with_pathway(clock=Clock(0.0)),
    "pathways[0].clock.start": with_pathway(clock=Clock(26.0, "nowhere")),
    "pathways[0].steps[0].services": with_steps(step("a", "nowhere")),
    "pathways[0].steps[0].after": with_steps(step("a", "s", after=("nowhere",))),
    "pathways[0].steps[0].hold_until": with_steps(step("a", "s", hold_until="nowhere")),
    "pathways[0].steps[0].goto": with_steps(step("a", "s", on_leave="goto")),
    "pathways[0].steps[0].repeat": with_steps(step("a", "s", repeat=Repeat(0.5, 16))),
    "pathways[0].steps[0].repeat.share": with_steps(step("a", "s", repeat=Repeat(1.5, 2))),
    "pathways[0].steps[0].share": with_steps(step("a", "s", share=-0.1)),
    "pathways[0].steps[0].priority": with_steps(step("a", "s", priority=9)),
    "pathways[0].steps[0].target_weeks": with_steps(step("a", "s", target_weeks=0.0)),
    "pathways[0].steps[0].leads_to[0].pathway": with_steps(step("a", "s", leads_to=(LeadsTo("nowhere"),))),
    "pathways[0].steps[0].duration.mean": with_steps(step("a", "s", exponential(0.0))),
    "pathways[0].steps[0].patience.weeks": with_steps(step("a", "s", patience=fixed(-1.0))),
    "present[0].pathway": replace(SOUND, present=(Present("nowhere", 1),)),
    "present[0].count": replace(SOUND, present=(Present("p", -1),)),
    "present[0]": with_present(done=("nowhere",)),
    "present[0].band": with_present(band="one"),
    "present[0].begun": with_present(done=("a",), begun=("a",)),
    "present": replace(SOUND, present=(Present("p", 200_000_000),)),
}


@pytest.mark.parametrize("place", WRONG)
def test_what_is_wrong_is_told_by_its_place_with_rule_and_next_step(place: str) -> None:
    found = faults(WRONG[place])
    assert place in [where for where, _rule, _step in found]
    assert all(where and rule and next_step for where, rule, next_step in found)


def test_sound_networks_have_no_fault() -> None:
    assert faults(SOUND) == faults(one_list()) == []


@pytest.mark.parametrize(
    "ends", [{"least": 3.0, "most": 2.0}, {"joined_least": -1.0}, {"begun_most": 2.0}, {"least": 1e6}]
)
def test_weeks_of_those_present_go_back_from_the_least_to_the_most(ends: dict[str, float]) -> None:
    assert [where for where, *_ in faults(with_present(**ends))] == ["present[0]"]


def test_a_step_after_itself_is_told() -> None:
    circle = with_steps(step("a", "s", after=("b",)), step("b", "t", after=("a",)))
    assert [where for where, *_ in faults(circle)] == ["pathways[0].steps[0].after", "pathways[0].steps[1].after"]


def test_a_place_held_for_what_comes_after_it_is_told() -> None:
    held = with_steps(step("a", "s", hold_until="b"), step("b", "t", after=("a",)))
    assert [where for where, *_ in faults(held)] == ["pathways[0].steps[0].hold_until"]


def test_holds_by_which_each_waits_for_the_other_are_told() -> None:
    one = Pathway("one", (step("bed", "s", hold_until="ward"), step("ward", "t")), Weekly(1.0))
    other = Pathway("other", (step("bed", "t", hold_until="ward"), step("ward", "s")), Weekly(1.0))
    both = (places("s", 3), places("t", 3))
    assert faults(network(both, (one,))) == []
    found = faults(network(both, (one, other)))
    assert [where for where, *_ in found] == [
        "pathways[0].steps[0].hold_until",
        "pathways[1].steps[0].hold_until",
    ]
    assert faults(network((places("s", 3), slots("t", 3)), (one, other))) == [], "slots are given anew each week"


def test_a_deadlock_that_is_told_really_happens_and_none_happens_untold() -> None:
    """Held places that are never given back: nobody finishes any more, in spite of all the time in the world."""

    def pathway(name: str, bed: str, ward: str) -> Pathway:
        steps = (step("bed", bed, hold_until="ward"), step("think", "mind"), step("ward", ward, after=("think",)))
        return Pathway(name, steps, Weekly(2.0))

    services = (places("s", 1), places("t", 1), Service("mind", "time"))
    one, other = pathway("one", "s", "t"), pathway("other", "t", "s")
    for pathways, is_stuck in (((one,), False), ((one, other), True)):
        made = network(services, pathways, 520)
        assert bool(faults(made)) == is_stuck
        rows = simulate(made, 1).records[0].rows
        finished = rows[-1] - rows[-104]
        assert (sum(finished[-4 * number + 1] for number in range(1, len(pathways) + 1)) == 0) == is_stuck


def test_people_who_lead_to_ever_more_people_are_told() -> None:
    more = replace(TWO, steps=(step("a", "s", share=0.6, leads_to=(LeadsTo("p"), LeadsTo("q"))),))
    other = Pathway("q", (step("a", "s", leads_to=(LeadsTo("p"),)),))
    assert [where for where, *_ in faults(network(SERVICES, (more, other)))] == ["pathways"]
    fewer = replace(other, steps=(step("a", "s", leads_to=(LeadsTo("p", 0.5),)),))
    assert faults(network(SERVICES, (more, fewer))) == []
    closed = replace(TWO, steps=(step("a", "s", leads_to=(LeadsTo("p"),)),))
    assert faults(network(SERVICES, (closed,))) == [], "people may go round for ever"


def test_people_who_go_round_without_time_are_told() -> None:
    closed = replace(TWO, steps=(step("a", "s", fixed(0.0), leads_to=(LeadsTo("p"),)),))
    assert [where for where, *_ in faults(network(SERVICES, (closed,)))] == ["pathways"]


def test_what_changes_make_too_large_is_told() -> None:
    grown = Weekly(1.0, changes=(Change(add=90_000_000.0), Change(times=10.0)))
    assert [where for where, *_ in faults(network((replace(SERVICES[0], capacity=grown), SERVICES[1]), (TWO,)))] == [
        "services[0].capacity"
    ]
    crowd = Weekly(1.0, changes=(Change(times=1000.0), Change(times=1000.0)))
    assert [where for where, *_ in faults(with_pathway(arrivals=crowd))] == ["pathways[0].arrivals"]
    pathways = tuple(
        replace(TWO, id=f"p{number}", steps=tuple(step(f"s{n}", "s") for n in range(16))) for number in range(100)
    )
    assert [where for where, *_ in faults(network(SERVICES, pathways, 5_000))] == ["weeks"]


def test_a_pathway_that_nobody_ever_comes_to_is_told() -> None:
    lonely = replace(TWO, id="lonely", arrivals=Weekly())
    assert [where for where, *_ in faults(network(SERVICES, (TWO, lonely)))] == ["pathways[1]"]
    led = replace(TWO, steps=(step("a", "s", leads_to=(LeadsTo("lonely", 0.5),)),))
    assert faults(network(SERVICES, (led, lonely))) == []


def test_drawn_networks_are_sound_but_for_what_is_odd_in_them() -> None:
    rules = {rule for seed in range(200) for _place, rule, _step in faults(drawn_network(seed))}
    assert rules <= {"nobody ever comes here", "places held here wait for places that are held for them"}


def test_loads_are_what_is_asked_of_each_service() -> None:
    again = LeadsTo("p", 0.25)
    steps = (step("a", "s", fixed(2.0), repeat=Repeat(0.5, 2)), step("b", "t", share=0.5, leads_to=(again,)))
    made = network(SERVICES, (replace(TWO, steps=steps, arrivals=Weekly(1.4)),))
    people = 1.4 / (1 - 0.5 * 0.25)
    assert visits_a_week(made)["p", "b"] == pytest.approx(people * 0.5)
    by_service = {load.service: load for load in loads(made)}
    assert by_service["s"].asked == pytest.approx(people * 1.75 * 2.0)
    assert by_service["s"].share == pytest.approx(people * 3.5 / 3)
    assert by_service["t"].asked == pytest.approx(people * 0.5)
    assert times_done(steps[0]) == 1.75


def test_a_service_without_anything_is_infinitely_loaded_if_anybody_asks() -> None:
    none: Network = network((places("s", 0), slots("t", 2)), (TWO,))
    assert loads(none)[0].share == float("inf")
