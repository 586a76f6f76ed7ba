"""What is wrong with a network before it is run: every fault by place, with its rule and what to do next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

import numpy as np

from braid.language.documents import ids_twice
from braid.simulation.model import (
    MOST_PRIORITIES,
    MOST_STEPS,
    YEAR,
    Network,
    Pathway,
    Present,
    Service,
    Step,
    Weekly,
    week_numbers,
)

Found = tuple[str, str, str]
"""Place, rule, next step."""
MOST_WEEKS = 5_200
MOST_SERVICES, MOST_PATHWAYS = 250, 120
MOST_ARRIVALS = 500_000
"""A week: above it, arrivals could not be told apart in time."""
MOST_CAPACITY = 100_000_000
MOST_ROWS = 2_000_000
"""Weeks times steps of one record."""
MOST_REPEATS = 15
MOST_TIMELESS = 0.99
"""To how many others each person may lead in the mean, round and round, by steps that take no time."""
MOST_PRESENT = 100_000_000


def faults(network: Network) -> Sequence[Found]:
    """Return everything that is wrong with a network; it may be run where there is nothing."""
    found = list(_form(network))
    return found or list(_meaning(network))


def _form(network: Network) -> Iterator[Found]:
    """Yield ids that are there twice or not at all, and numbers that mean nothing."""
    yield from ids_twice("services", (one.id for one in network.services))
    yield from ids_twice("pathways", (one.id for one in network.pathways))
    yield from ids_twice("profiles", (one.id for one in network.profiles))
    if not 1 <= network.weeks <= MOST_WEEKS:
        yield "weeks", f"there are 1 to {MOST_WEEKS} weeks", "give how many weeks to simulate"
    if not 1 <= len(network.services) <= MOST_SERVICES or not 1 <= len(network.pathways) <= MOST_PATHWAYS:
        yield (
            "network",
            f"there are 1 to {MOST_SERVICES} services and 1 to {MOST_PATHWAYS} pathways",
            "join those that are alike",
        )
    for number, profile in enumerate(network.profiles):
        if len(profile.factors) != YEAR or min(profile.factors) < 0:
            yield f"profiles[{number}].factors", "there are 52 factors, none below 0", "give one for each week"
    profiles = {one.id for one in network.profiles}
    for number, service in enumerate(network.services):
        yield from _service(service, f"services[{number}]", profiles)
    for number, pathway in enumerate(network.pathways):
        yield from _pathway(network, pathway, f"pathways[{number}]", profiles)
    for number, group in enumerate(network.present):
        yield from _present(network, group, f"present[{number}]")
    if sum(max(group.count, 0) for group in network.present) > MOST_PRESENT:
        yield "present", f"at most {MOST_PRESENT} people are there on the first day", "simulate a smaller area"


def _service(service: Service, place: str, profiles: set[str]) -> Iterator[Found]:
    if service.gives != "time":
        yield from _weekly(service.capacity, f"{place}.capacity", profiles, MOST_CAPACITY)
    if service.ageing_weeks is not None and not 0 < service.ageing_weeks <= MOST_WEEKS:
        yield f"{place}.ageing_weeks", "ageing takes some weeks", "give weeks above 0, or null where nobody moves up"


def _weekly(weekly: Weekly, place: str, profiles: set[str], most: float) -> Iterator[Found]:
    if weekly.profile is not None and weekly.profile not in profiles:
        yield f"{place}.profile", "there is no such profile", "name one of the network's profiles"
    if weekly.values is not None and (not weekly.values or weekly.profile is not None or weekly.level):
        yield f"{place}.values", "values stand alone, and there is one or more", "give values, or level and profile"
    numbers = [weekly.level, *(weekly.values or ())]
    if min(numbers) < 0 or max(numbers) > most:
        yield place, f"each week has 0 to {most:,.0f}", "give the number of a week"
    for number, change in enumerate(weekly.changes):
        if change.from_week < 0 or change.times < 0 or abs(change.add) > most or change.times > 1000:
            yield f"{place}.changes[{number}]", "it is from week 0 on, times 0 to 1,000", "give what changes from when"


def _pathway(network: Network, pathway: Pathway, place: str, profiles: set[str]) -> Iterator[Found]:
    yield from ids_twice(f"{place}.steps", (step.id for step in pathway.steps))
    yield from ids_twice(f"{place}.bands", (band.id for band in pathway.bands))
    yield from _weekly(pathway.arrivals, f"{place}.arrivals", profiles, MOST_ARRIVALS)
    if not 1 <= len(pathway.steps) <= MOST_STEPS:
        yield f"{place}.steps", f"there are 1 to {MOST_STEPS} steps", "lead to another pathway for what comes later"
    yield from _priority(pathway.priority, f"{place}.priority")
    for number, band in enumerate(pathway.bands):
        yield from _priority(band.priority, f"{place}.bands[{number}].priority")
        yield from _share(band.share, f"{place}.bands[{number}].share")
    if pathway.bands and abs(sum(band.share for band in pathway.bands) - 1) > 1e-6:
        yield f"{place}.bands", "the shares of the bands make 1", "give each its share of those who arrive"
    steps = {step.id for step in pathway.steps}
    if pathway.clock is not None:
        if not 0 < pathway.clock.weeks <= MOST_WEEKS:
            yield f"{place}.clock.weeks", "a limit is some weeks", "give weeks above 0"
        yield from _known(pathway.clock.start, steps, f"{place}.clock.start", "step")
        yield from _known(pathway.clock.stop, steps, f"{place}.clock.stop", "step")
    for number, step in enumerate(pathway.steps):
        yield from _step(network, step, f"{place}.steps[{number}]", steps)


def _step(network: Network, step: Step, place: str, steps: set[str]) -> Iterator[Found]:
    services = {one.id for one in network.services}
    pathways = {one.id for one in network.pathways}
    if not step.services or len(set(step.services)) != len(step.services):
        yield f"{place}.services", "a step names one or more services, each once", "name what must have room for it"
    for name in step.services:
        yield from _known(name, services, f"{place}.services", "service")
    for name in step.after:
        yield from _known(name, steps, f"{place}.after", "step")
    yield from _known(step.hold_until, steps, f"{place}.hold_until", "step")
    yield from _known(step.goto, steps, f"{place}.goto", "step")
    if (step.on_leave == "goto") != (step.goto is not None) or (step.goto and step.patience is None):
        yield f"{place}.goto", "goto goes with on_leave goto and with patience", "give all three, or none"
    if step.repeat is not None:
        yield from _share(step.repeat.share, f"{place}.repeat.share")
        if not 1 <= step.repeat.most <= MOST_REPEATS or step.hold_until:
            yield f"{place}.repeat", "1 to 15 times, and not of a step that is held", "give how often at most"
    yield from _share(step.share, f"{place}.share")
    if step.priority is not None:
        yield from _priority(step.priority, f"{place}.priority")
    if step.target_weeks is not None and not 0 < step.target_weeks <= MOST_WEEKS:
        yield f"{place}.target_weeks", "a target is some weeks", "give weeks above 0, or null"
    for number, lead in enumerate(step.leads_to):
        yield from _known(lead.pathway, pathways, f"{place}.leads_to[{number}].pathway", "pathway")
        yield from _share(lead.share, f"{place}.leads_to[{number}].share")
    yield from step.duration.faults(f"{place}.duration")
    if step.patience is not None:
        yield from step.patience.faults(f"{place}.patience")


def _present(network: Network, group: Present, place: str) -> Iterator[Found]:
    pathways = {one.id: one for one in network.pathways}
    if group.pathway not in pathways:
        yield f"{place}.pathway", "there is no such pathway", "name one of the network's pathways"
        return
    pathway = pathways[group.pathway]
    steps = {step.id for step in pathway.steps}
    if group.count < 0:
        yield f"{place}.count", "nobody is there below 0 times", "count people"
    for name in (*group.done, *group.begun):
        yield from _known(name, steps, place, "step")
    yield from _known(group.band, {band.id for band in pathway.bands}, f"{place}.band", "band")
    if set(group.done) & set(group.begun):
        yield f"{place}.begun", "a step is done or begun", "name each step once"
    for least, most in (
        (group.least, group.most),
        (group.joined_least, group.joined_most),
        (group.begun_least, group.begun_most),
    ):
        ends = [end for end in (least, most) if end is not None]
        if ends and (min(ends) < 0 or max(ends) > MOST_WEEKS or ends != sorted(ends) or least is None):
            yield place, "weeks are counted back from the first day, from the least to the most", "give both ends"


def _known(name: str | None, known: Iterable[str], place: str, what: str) -> Iterator[Found]:
    if name is not None and name not in known:
        yield place, f"there is no such {what}", f"name a {what} of this network"


def _share(share: float, place: str) -> Iterator[Found]:
    if not 0 <= share <= 1:
        yield place, "a share lies between 0 and 1", "give 0.25 for a quarter"


def _priority(priority: int, place: str) -> Iterator[Found]:
    if not 0 <= priority < MOST_PRIORITIES:
        yield place, f"priorities are 0 to {MOST_PRIORITIES - 1}, 0 first", "give one of them"


def _meaning(network: Network) -> Iterator[Found]:
    """Yield what could never happen, in a network whose names are all known."""
    for number, pathway in enumerate(network.pathways):
        yield from _order(pathway, f"pathways[{number}]")
    yield from _sizes(network)
    yield from _nobody(network)
    yield from _branching(network)
    yield from _deadlocks(network)


def _order(pathway: Pathway, place: str) -> Iterator[Found]:
    behind = {step.id: _behind(pathway, step.id) for step in pathway.steps}
    for number, step in enumerate(pathway.steps):
        where = f"{place}.steps[{number}]"
        if step.id in behind[step.id]:
            yield f"{where}.after", "a step cannot come after itself", "take one of the steps out of the circle"
        if step.hold_until is not None and (step.hold_until in behind[step.id] or step.hold_until == step.id):
            yield f"{where}.hold_until", "what it is held for comes after it and never begins", "name a step beside it"


def _behind(pathway: Pathway, wanted: str) -> set[str]:
    """Return the steps that come after a step."""
    found: set[str] = set()
    for _ in pathway.steps:
        found |= {step.id for step in pathway.steps if set(step.after) & (found | {wanted})}
    return found


def before(pathway: Pathway, wanted: str) -> set[str]:
    """Return the steps that come before a step."""
    steps = {step.id: step for step in pathway.steps}
    found: set[str] = set()
    waiting = [wanted]
    while waiting:
        for name in steps[waiting.pop()].after:
            if name not in found:
                found.add(name)
                waiting.append(name)
    return found


def _nobody(network: Network) -> Iterator[Found]:
    reached = {one.id for one in network.pathways if one.arrivals.level or one.arrivals.values or one.arrivals.changes}
    reached |= {group.pathway for group in network.present}
    for _ in network.pathways:
        leads = (step.leads_to for one in network.pathways if one.id in reached for step in one.steps)
        reached |= {lead.pathway for lead in chain.from_iterable(leads)}
    for number, pathway in enumerate(network.pathways):
        if pathway.id not in reached:
            yield (
                f"pathways[{number}]",
                "nobody ever comes here",
                "give arrivals, people who are there, or a lead to it",
            )


def _sizes(network: Network) -> Iterator[Found]:
    """Yield what changes and profiles make too large, and a record that would not fit."""
    for number, service in enumerate(network.services):
        if service.gives != "time" and week_numbers(service.capacity, network).max() > MOST_CAPACITY:
            yield f"services[{number}].capacity", f"each week has 0 to {MOST_CAPACITY:,}", "change it by less"
    for number, pathway in enumerate(network.pathways):
        if week_numbers(pathway.arrivals, network).max() > MOST_ARRIVALS:
            yield f"pathways[{number}].arrivals", f"each week has 0 to {MOST_ARRIVALS:,}", "split the pathway"
    if network.weeks * sum(len(one.steps) for one in network.pathways) > MOST_ROWS:
        yield "weeks", f"weeks times steps are at most {MOST_ROWS:,}", "simulate fewer weeks"


def _branching(network: Network) -> Iterator[Found]:
    """Yield that people lead to more and more people, or to each other without end at one moment.

    By the largest eigenvalue of how many others each leads to in the mean: above 1 there is no end of them. Where it
    is 1 people go round for ever, which takes time unless nothing that they do does.
    """
    if _growth(network, network.pathways) > 1 + 1e-9:
        yield "pathways", "each person leads to more than one other, without an end", "let fewer lead on"
    timeless = [one for one in network.pathways if all(step.duration.mean == 0 for step in one.steps)]
    if _growth(network, timeless) > MOST_TIMELESS:
        yield "pathways", "people lead to each other without an end at one moment", "let a step take some time"


def _growth(network: Network, among: Sequence[Pathway]) -> float:
    numbers = {one.id: number for number, one in enumerate(network.pathways)}
    leads = np.zeros((len(numbers), len(numbers)))
    for pathway in among:
        for step in pathway.steps:
            for lead in step.leads_to:
                leads[numbers[pathway.id], numbers[lead.pathway]] += step.share * lead.share
    return float(np.abs(np.linalg.eigvals(leads)).max())


def _deadlocks(network: Network) -> Iterator[Found]:
    """Yield holds by which each could wait for a place that another holds.

    Who holds a place of A until a step is done may need places of other services before that. Where such needs go in a
    circle, all places of the circle can be held by people who wait for one of them.
    """
    gives = {one.id: one.gives for one in network.services}
    needs: dict[str, set[str]] = {}
    places: dict[str, str] = {}
    for number, pathway in enumerate(network.pathways):
        steps = {step.id: step for step in pathway.steps}
        for at, step in enumerate(pathway.steps):
            if step.hold_until is None:
                continue
            ahead = {step.hold_until, *before(pathway, step.hold_until)} - before(pathway, step.id) - {step.id}
            wanted = {name for one in ahead for name in steps[one].services if gives[name] == "places"}
            for name in step.services:
                if gives[name] == "places":
                    needs.setdefault(name, set()).update(wanted)
                    places.setdefault(name, f"pathways[{number}].steps[{at}].hold_until")
    for name, place in places.items():
        if name in _reached(needs, name):
            yield place, "places held here wait for places that are held for them", "hold no place in this circle"


def _reached(needs: dict[str, set[str]], start: str) -> set[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        for name in needs.get(waiting.pop(), ()):
            if name not in found:
                found.add(name)
                waiting.append(name)
    return found
