"""Networks of which queueing theory knows the answer, each with what is measured of it.

`longer` makes the exact answers, and never the network, those of a model whose times (where it has none that matter,
its arrivals) are so much longer: a check that cannot tell 1 % is none.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from scipy import stats

from braid.simulation.durations import (
    Duration,
    Erlang,
    Exponential,
    Fixed,
    Lognormal,
    Quantiles,
    Uniform,
    Weibull,
)
from braid.simulation.model import (
    Band,
    Change,
    LeadsTo,
    Network,
    Pathway,
    Present,
    Profile,
    Repeat,
    Service,
    Step,
    Weekly,
)
from braid.simulation.program import Counting, compile_network
from simulation import closed_forms
from simulation.readings import (
    Estimate,
    Identities,
    Measure,
    Ratio,
    Reading,
    Size,
    estimate,
    mean_clock,
    mean_inside,
    mean_of,
    mean_wait,
    mean_wait_of_all,
    read_replications,
    share_leaving,
    share_of_clocks_over,
    share_waiting_over,
    started_a_week,
    weighed_waits,
)

START = dt.date(2025, 1, 1)
WINDOWS = 5
"""Windows of a run; the first is dropped where a model starts empty and is asked for its stationary law."""
SMALL = Size("10^6", seed=1, replications=40, events=25_000)
OPPOSITE = Size("10^6", seed=1, replications=40, events=25_000, is_antithetic=True)
"""The same people with opposite luck."""
LARGE = Size("10^8", seed=2, replications=100, events=1_000_000)
PLAIN = Counting(bins=12, check_weeks=0)
PLAIN = Counting(bins=12, check_weeks=0)
NAME_SEEDS = 1_000
MOST_DEVIATION = 3.0


@dataclass(frozen=True)
class Figure:
    """One exact answer."""

    name: str
    exact: float
    measure: Measure


@dataclass(frozen=True)
class KnownModel:
    """A network whose exact answers are known."""

    theorem: str
    make: Callable[[int], Network]
    """A network of about so many events."""
    figures: tuple[Figure, ...]
    counting: Counting = PLAIN
    is_stationary: bool = True
    """Whether the answers are those of the long run, so that the start is dropped."""
    base: Callable[[int], Network] | None = None


@dataclass(frozen=True)
class Checked:
    """All figures of a model with what was measured of them."""

    estimates: tuple[Estimate, ...]
    identities: Identities
    replications: int

    def deviations(self, model: KnownModel) -> list[float]:
        """Return how many standard errors each estimate is above the exact answer of a model."""
        pairs = zip(self.estimates, model.figures, strict=True)
        return [estimate.deviation(figure.exact) for estimate, figure in pairs]


@cache
def check(name: str, size: Size) -> Checked:
    """Return what was measured of a model at a size; once for all who ask.

    Of many figures some lie beyond three standard errors by chance. Where one does, as many replications again are
    added, at most twice: a bias only stands out more then, and chance goes.
    """
    model = known_model(name)
    network = model.make(size.events)
    window = network.weeks // WINDOWS if model.is_stationary else network.weeks
    base = model.base(size.events) if model.base else None
    program = compile_network(network, replace(model.counting, window_weeks=window), base)
    seed = size.seed * NAME_SEEDS + list(MODELS).index(name)
    measures = [figure.measure for figure in model.figures]
    ratios: list[list[Ratio]] = []
    identities = Identities()
    for upto in (size.replications, 2 * size.replications, 4 * size.replications):
        more, held = read_replications(
            network,
            program,
            replace(size, seed=seed),
            range(len(ratios), upto),
            measures,
            first_window=int(model.is_stationary),
        )
        ratios, identities = ratios + more, identities + held
        checked = Checked(tuple(estimate(each) for each in zip(*ratios, strict=True)), identities, len(ratios))
        if max(map(abs, checked.deviations(model))) <= MOST_DEVIATION:
            break
    return checked


# -- what networks are made of


def _weeks(events: int, events_a_week: float) -> int:
    return max(round(events / events_a_week / WINDOWS), 1) * WINDOWS


def _network(
    weeks: int, services: tuple[Service, ...], *pathways: Pathway, present: tuple[Present, ...] = ()
) -> Network:
    return Network("network", "known", START, weeks, services, pathways, present=present)


def _places(name: str, places: float) -> Service:
    return Service(name, "places", Weekly(places))


def _time(name: str) -> Service:
    return Service(name, "time")


def _pathway(name: str, arrivals: float, *steps: Step) -> Pathway:
    return Pathway(name, steps, Weekly(arrivals))


def _untraced(pathway: Pathway) -> Pathway:
    return replace(pathway, is_traced=False)


def _exponential(mean: float) -> Exponential:
    return Exponential("exponential", mean)


SERVE = ("person", "serve")


def _queue(arrivals: float, duration: Duration, places: int = 1, **details: object) -> Callable[[int], Network]:
    step = Step("serve", ("desk",), duration, **details)  # type: ignore[arg-type]
    return lambda events: _network(
        _weeks(events, 2 * arrivals + 1), (_places("desk", places),), _untraced(_pathway("person", arrivals, step))
    )


# -- one queue


def mm1(longer: float) -> KnownModel:
    """One place, exponential times, at a load of 0.8."""
    arrivals, service = 8.0, 0.1
    exact = service * longer
    waiting_long = closed_forms.mmc_waiting_longer_than(arrivals, exact, 1, 1.0)
    return KnownModel(
        "Erlang 1917; Campbell's theorem",
        _queue(arrivals, _exponential(service)),
        (
            Figure("mean wait", closed_forms.mmc_wait(arrivals, exact), mean_wait(SERVE)),
            Figure(
                "share waiting over 1 week",
                closed_forms.mmc_wait_over(arrivals, exact, 1, 1.0),
                share_waiting_over(1, SERVE),
            ),
            Figure(
                "share inside over 1 week",
                closed_forms.mm1_sojourn_over(arrivals, exact, 1.0),
                share_of_clocks_over(1, "person"),
            ),
            Figure(
                "people waiting", arrivals * closed_forms.mmc_wait(arrivals, exact), mean_of(_step_waiting("serve"))
            ),
            Figure("people waiting over 1 week", waiting_long, _waiting_at_checks(SERVE, 1)),
        ),
        Counting(row_weeks=2, bins=12, check_weeks=10),
    )


def _step_waiting(step: str, pathway: str = "person") -> Callable[[Reading], np.ndarray]:
    return lambda reading: reading.step_column("waiting", (pathway, step))


def _waiting_at_checks(step: tuple[str, str], weeks: int) -> Measure:
    """Measure how many wait at a check and have waited so many weeks or more, of the checks after the first window."""

    def measure(reading: Reading) -> tuple[float, float]:
        first = reading.first_week // reading.program.check_weeks
        ages = reading.record.ages[first:, reading.steps[step], weeks:]
        return float(ages.sum()), len(ages)

    return measure


def mmc(longer: float) -> KnownModel:
    """N1 of the reference networks: ten places at a load of 0.9."""
    arrivals, service, places = 9.0, 1.0, 10
    exact = service * longer
    return KnownModel(
        "Erlang 1917",
        _queue(arrivals, _exponential(service), places),
        (
            Figure("mean wait", closed_forms.mmc_wait(arrivals, exact, places), mean_wait(SERVE)),
            Figure(
                "share waiting over 1 week",
                closed_forms.mmc_wait_over(arrivals, exact, places, 1.0),
                share_waiting_over(1, SERVE),
            ),
            Figure(
                "share of time all places are taken",
                closed_forms.erlang_c(places, arrivals * exact),
                mean_of(_all_busy),
            ),
        ),
    )


def _all_busy(reading: Reading) -> np.ndarray:
    places = reading.network.services[0].capacity.level
    return reading.service_column("busy", reading.network.services[0].id) == places


def md1(longer: float) -> KnownModel:
    """One place, a fixed time."""
    arrivals, service = 3.5, 0.2
    exact = service * longer
    return KnownModel(
        "Erlang 1909; Pollaczek 1930, Khinchine 1932",
        _queue(arrivals, Fixed("fixed", service)),
        (
            Figure("mean wait", closed_forms.mg1_wait(arrivals, exact, exact**2), mean_wait(SERVE)),
            Figure(
                "share waiting over 1 week",
                closed_forms.md1_wait_over(arrivals, exact, 1.0),
                share_waiting_over(1, SERVE),
            ),
        ),
    )


def _mg1(duration: Duration, mean: float, second_moment: float) -> Callable[[float], KnownModel]:
    arrivals = 7.0

    def model(longer: float) -> KnownModel:
        """One place at a load of 0.7, times of some other law."""
        exact = closed_forms.mg1_wait(arrivals, mean * longer, second_moment * longer**2)
        return KnownModel(
            "Pollaczek 1930, Khinchine 1932",
            _queue(arrivals, duration),
            (Figure("mean wait", exact, mean_wait(SERVE)),),
        )

    return model


WEIBULL_2 = _mg1(Weibull("weibull", 0.1, 2.0), 0.1, closed_forms.weibull_second_moment(0.1, 2.0))
WEIBULL_07 = _mg1(Weibull("weibull", 0.1, 0.7), 0.1, closed_forms.weibull_second_moment(0.1, 0.7))
LOGNORMAL = _mg1(Lognormal("lognormal", 0.08, 0.24), *closed_forms.lognormal_moments(0.08, 0.24))
UNIFORM = _mg1(Uniform("uniform", 0.02, 0.18), 0.1, closed_forms.uniform_second_moment(0.02, 0.18))
QUANTILES = _mg1(
    Quantiles("quantiles", (0.0, 0.5, 0.9, 1.0), (0.0, 0.08, 0.2, 0.5)),
    0.5 * 0.04 + 0.4 * 0.14 + 0.1 * 0.35,
    0.5 * closed_forms.uniform_second_moment(0.0, 0.08)
    + 0.4 * closed_forms.uniform_second_moment(0.08, 0.2)
    + 0.1 * closed_forms.uniform_second_moment(0.2, 0.5),
)


def erlang_mixture(longer: float) -> KnownModel:
    """Two kinds of people in one queue, each with Erlang times of its own."""
    kinds = ((4.0, 0.05, 4), (2.0, 0.25, 2))
    arrivals = sum(rate for rate, _mean, _phases in kinds)
    mean = sum(rate * mean for rate, mean, _phases in kinds) / arrivals
    second = sum(rate * closed_forms.erlang_second_moment(mean, phases) for rate, mean, phases in kinds) / arrivals
    pathways = [
        _untraced(_pathway(f"kind{phases}", rate, Step("serve", ("desk",), Erlang("erlang", mean, phases))))
        for rate, mean, phases in kinds
    ]
    steps = [(pathway.id, "serve") for pathway in pathways]
    return KnownModel(
        "Pollaczek 1930, Khinchine 1932",
        lambda events: _network(_weeks(events, 2 * arrivals + 1), (_places("desk", 1),), *pathways),
        (
            Figure(
                "mean wait",
                closed_forms.mg1_wait(arrivals, mean * longer, second * longer**2),
                mean_wait(*steps),
            ),
            Figure(
                "mean wait of the first kind",
                closed_forms.mg1_wait(arrivals, mean * longer, second * longer**2),
                mean_wait(steps[0]),
            ),
        ),
    )


# -- priorities


def cobham(longer: float) -> KnownModel:
    """Three priorities before one place, each with times of its own."""
    arrivals, services = (2.0, 3.0, 1.5), (0.05, 0.1, 0.2)
    seconds = tuple(2 * (mean * longer) ** 2 for mean in services)
    waits = closed_forms.cobham_waits(arrivals, [mean * longer for mean in services], seconds)
    pathways, steps = _classes(arrivals, services)
    return KnownModel(
        "Cobham 1954",
        lambda events: _network(_weeks(events, 14), (_places("desk", 1),), *pathways),
        tuple(
            Figure(f"mean wait of priority {n}", wait, mean_wait(step))
            for n, (wait, step) in enumerate(zip(waits, steps, strict=True))
        ),
    )


def _classes(arrivals: tuple[float, ...], services: tuple[float, ...]) -> tuple[list[Pathway], list[tuple[str, str]]]:
    pathways = [
        replace(_untraced(_pathway(f"class{n}", rate, Step("serve", ("desk",), _exponential(mean)))), priority=n)
        for n, (rate, mean) in enumerate(zip(arrivals, services, strict=True))
    ]
    return pathways, [(pathway.id, "serve") for pathway in pathways]


def ageing(longer: float) -> KnownModel:
    """Three priorities before one place that rise as people wait."""
    arrivals, services = (2.0, 3.0, 1.5), (0.05, 0.1, 0.2)
    means = [mean * longer for mean in services]
    exact = closed_forms.conserved_wait(arrivals, means, [2 * mean**2 for mean in means])
    pathways, steps = _classes(arrivals, services)
    desk = Service("desk", "places", Weekly(1), ageing_weeks=0.2)
    return KnownModel(
        "Kleinrock's conservation law 1965",
        lambda events: _network(_weeks(events, 14), (desk,), *pathways),
        (Figure("sum of load x mean wait", exact, weighed_waits(dict(zip(steps, services, strict=True)))),),
    )


def ageing_at_once(longer: float) -> KnownModel:
    """Three priorities that rise so fast that whoever came first is first."""
    arrivals, services = (2.0, 3.0, 1.5), (0.05, 0.1, 0.2)
    means = [mean * longer for mean in services]
    second = sum(rate * 2 * mean**2 for rate, mean in zip(arrivals, means, strict=True)) / sum(arrivals)
    mean = sum(rate * mean for rate, mean in zip(arrivals, means, strict=True)) / sum(arrivals)
    exact = closed_forms.mg1_wait(sum(arrivals), mean, second)
    pathways, steps = _classes(arrivals, services)
    desk = Service("desk", "places", Weekly(1), ageing_weeks=1e-6)
    return KnownModel(
        "Pollaczek 1930, Khinchine 1932",
        lambda events: _network(_weeks(events, 14), (desk,), *pathways),
        tuple(Figure(f"mean wait of priority {n}", exact, mean_wait(step)) for n, step in enumerate(steps)),
    )


def bands(longer: float) -> KnownModel:
    """Priorities drawn by band: three in ten come before another pathway, the rest after it."""
    share, service = 0.3, 0.1
    first, second, last = closed_forms.cobham_waits_mmc((5 * share, 3.0, 5 * (1 - share)), service * longer, 1)
    step = Step("serve", ("desk",), _exponential(service))
    banded = Pathway(
        "banded", (step,), Weekly(5.0), bands=(Band("high", share, 0), Band("low", 1 - share, 4)), is_traced=False
    )
    middle = Pathway("middle", (step,), Weekly(3.0), priority=2, is_traced=False)
    return KnownModel(
        "Cobham 1954",
        lambda events: _network(_weeks(events, 17), (_places("desk", 1),), banded, middle),
        (
            Figure("mean wait of those with bands", share * first + (1 - share) * last, mean_wait(("banded", "serve"))),
            Figure("mean wait between the bands", second, mean_wait(("middle", "serve"))),
        ),
    )


def longest_clock_first(longer: float) -> KnownModel:
    """Whose clock has run longest is next: those who were elsewhere for 40 weeks or more before come first of all."""
    rates, service = (3.0, 5.0), 0.1
    first, last = closed_forms.cobham_waits_mmc(rates, service * longer, 1)
    serve = Step("serve", ("desk",), _exponential(service))
    away = Step("away", ("home",), Uniform("uniform", 40.0, 50.0))
    later, direct = (
        _pathway("later", rates[0], away, replace(serve, after=("away",))),
        _pathway("direct", rates[1], serve),
    )
    desk = Service("desk", "places", Weekly(1), order="clock")
    return KnownModel(
        "Cobham 1954; departures of M/G/infinity are Poisson (Mirasol 1963)",
        lambda events: _network(_weeks(events, 20), (desk, _time("home")), _untraced(later), _untraced(direct)),
        (
            Figure("mean wait of those who were elsewhere", first, mean_wait(("later", "serve"))),
            Figure("mean wait of those who come directly", last, mean_wait(("direct", "serve"))),
        ),
    )


# -- networks


def jackson(longer: float) -> KnownModel:
    """N2 of the reference networks: A, then B, then for 0.7 C; a quarter of C goes back to B. Two priorities."""
    rates, services, places = (1.2, 2.8), {"a": 1.0, "b": 0.5, "c": 1.25}, {"a": 5, "b": 3, "c": 6}
    total_b = sum(rates) / (1 - 0.7 * 0.25)
    arrivals = {"a": sum(rates), "b": total_b, "c": 0.7 * total_b}
    waits = closed_forms.cobham_waits_mmc(rates, services["a"] * longer, places["a"])
    pathways = tuple(
        _untraced(each) for priority, rate in enumerate(rates) for each in _stations(priority, rate, services)
    )
    steps = {
        station: [(pathway.id, step.id) for pathway in pathways for step in pathway.steps if step.id == station]
        for station in places
    }
    return KnownModel(
        "Jackson 1957; Cobham 1954",
        lambda events: _network(
            _weeks(events, 1 + total_b + sum(arrivals.values())),
            tuple(_places(name, number) for name, number in places.items()),
            *pathways,
        ),
        (
            *(
                Figure(
                    f"people at station {name.upper()}",
                    closed_forms.jackson_inside(arrivals[name], services[name] * longer, places[name]),
                    mean_inside(*steps[name]),
                )
                for name in places
            ),
            *(
                Figure(f"mean wait at A of priority {n}", wait, mean_wait((f"first{n}", "a")))
                for n, wait in enumerate(waits)
            ),
        ),
    )


def _stations(priority: int, rate: float, services: dict[str, float]) -> tuple[Pathway, Pathway]:
    again = f"again{priority}"
    a, b = (Step(name, (name,), _exponential(services[name])) for name in "ab")
    c = Step("c", ("c",), _exponential(services["c"]), ("b",), 0.7, leads_to=(LeadsTo(again, 0.25),))
    return (
        Pathway(f"first{priority}", (a, replace(b, after=("a",)), c), Weekly(rate), priority),
        Pathway(again, (b, c), Weekly(), priority),
    )


def tandem(longer: float) -> KnownModel:
    """One place, and then another."""
    arrivals, first, second = 8.0, 0.1, 1 / 12
    steps = (Step("one", ("one",), _exponential(first)), Step("two", ("two",), _exponential(second), ("one",)))
    one, two = first * longer, second * longer
    return KnownModel(
        "Burke 1956; Reich 1957",
        lambda events: _network(
            _weeks(events, 25), (_places("one", 1), _places("two", 1)), _pathway("person", arrivals, *steps)
        ),
        (
            Figure("mean wait at the second", closed_forms.mmc_wait(arrivals, two), mean_wait(("person", "two"))),
            Figure(
                "mean weeks from end to end", 1 / (1 / one - arrivals) + 1 / (1 / two - arrivals), mean_clock("person")
            ),
            Figure(
                "share over 1 week from end to end",
                closed_forms.tandem_sojourn_over(arrivals, one, two, 1.0),
                share_of_clocks_over(1, "person"),
            ),
        ),
    )


def fork_join(longer: float) -> KnownModel:
    """Two steps at once, each before one place; done when both are."""
    arrivals, service = 7.0, 0.1
    steps = tuple(Step(name, (name,), _exponential(service)) for name in ("one", "other"))
    return KnownModel(
        "Flatto and Hahn 1984; Nelson and Tantawi 1988",
        lambda events: _network(
            _weeks(events, 22), (_places("one", 1), _places("other", 1)), _pathway("person", arrivals, *steps)
        ),
        (
            Figure(
                "mean weeks until both are done",
                closed_forms.fork_join_sojourn(arrivals, service * longer),
                mean_clock("person"),
            ),
        ),
    )


def repeats(longer: float) -> KnownModel:
    """A step done again for two in five, at most three times."""
    arrivals, service, share, most = 5.0, 0.1, 0.4, 3
    times = closed_forms.visits(share, most)
    step = Step("serve", ("desk",), _exponential(service), repeat=Repeat(share, most))
    inside = closed_forms.jackson_inside(arrivals * times, service * longer, 1)
    return KnownModel(
        "Baskett, Chandy, Muntz and Palacios 1975",
        lambda events: _network(
            _weeks(events, 1 + arrivals * (1 + times)),
            (_places("desk", 1),),
            _pathway("person", arrivals, step),
        ),
        (
            Figure("starts a week", arrivals * times, started_a_week(SERVE)),
            Figure("people at the desk", inside, mean_inside(SERVE)),
            Figure("mean weeks inside", inside / arrivals, mean_clock("person")),
        ),
    )


def closed_network(longer: float) -> KnownModel:
    """Twelve people who go away and come back for ever."""
    people, away, service, places = 12, 0.5, 0.2, 3
    steps = (Step("away", ("home",), _exponential(away)), Step("serve", ("desk",), _exponential(service), ("away",)))
    again = replace(steps[1], leads_to=(LeadsTo("person"),))
    exact = closed_forms.closed_network_served(people, away * longer, service * longer, places)
    return KnownModel(
        "Palm 1947",
        lambda events: _network(
            _weeks(events, 1 + 3 * exact),
            (_places("desk", places), _time("home")),
            _untraced(_pathway("person", 0.0, steps[0], again)),
            present=(Present("person", people),),
        ),
        (
            Figure("starts a week", exact, started_a_week(SERVE)),
            Figure("people at the desk", people - exact * away * longer, mean_inside(SERVE)),
        ),
    )


def joint_services(longer: float) -> KnownModel:
    """Some need a place of one service, some of the other, some of both at once; nobody waits."""
    rates, mean, places = (20.0, 15.0, 10.0), 0.1, (4, 3)
    names = (("a",), ("b",), ("a", "b"))
    durations = (_exponential(mean), Weibull("weibull", mean, 2.0), Uniform("uniform", 0.0, 2 * mean))
    needs = ((0,), (1,), (0, 1))
    blocked = closed_forms.joint_services_blocked([rate * mean * longer for rate in rates], needs, places)
    pathways = [
        _untraced(_pathway(f"class{n}", rate, Step("serve", services, duration, patience=Fixed("fixed", 0.0))))
        for n, (rate, services, duration) in enumerate(zip(rates, names, durations, strict=True))
    ]
    return KnownModel(
        "Kelly's loss network 1979",
        lambda events: _network(_weeks(events, 91), (_places("a", 4), _places("b", 3)), *pathways),
        tuple(
            Figure(
                f"share turned away that needs {' and '.join(services)}", share, share_leaving((f"class{n}", "serve"))
            )
            for n, (services, share) in enumerate(zip(names, blocked, strict=True))
        ),
    )


# -- impatience


def loss(longer: float) -> KnownModel:
    """Five places and no patience at all, with times that are not exponential."""
    arrivals, mean, places = 40.0, 0.1, 5
    return KnownModel(
        "Erlang 1917; Sevastyanov 1957",
        _queue(arrivals, Weibull("weibull", mean, 0.7), places, patience=Fixed("fixed", 0.0)),
        (Figure("share turned away", closed_forms.erlang_b(places, arrivals * mean * longer), share_leaving(SERVE)),),
    )


def erlang_a(longer: float) -> KnownModel:
    """More arrive than can be served; who leaves is found out late, on a pathway of one step."""
    arrivals, service, places, patience = 12.0, 1.0, 10, 2.0
    queue = closed_forms.erlang_a_waiting(arrivals, service * longer, places, patience)
    return KnownModel(
        "Palm 1957",
        _queue(arrivals, _exponential(service), places, patience=_exponential(patience)),
        (
            Figure("share leaving", queue / patience / arrivals, share_leaving(SERVE)),
            Figure("mean wait of all", queue / arrivals, mean_wait_of_all(SERVE)),
            Figure("people waiting", queue, mean_of(_step_waiting("serve"))),
        ),
    )


def erlang_a_goto(longer: float) -> KnownModel:
    """The same where who leaves goes past the next step to the one after it, and so leaves on the moment."""
    arrivals, service, places, patience, recovery, stay = 12.0, 1.0, 10, 2.0, 2.0, 3.0
    queue = closed_forms.erlang_a_waiting(arrivals, service * longer, places, patience)
    leaving = queue / patience / arrivals
    steps = (
        Step("serve", ("desk",), _exponential(service), patience=_exponential(patience), on_leave="goto", goto="stay"),
        Step("recover", ("home",), Weibull("weibull", recovery, 2.0), ("serve",)),
        Step("stay", ("home",), Fixed("fixed", stay), ("recover",)),
    )
    return KnownModel(
        "Palm 1957; Little 1961",
        lambda events: _network(
            _weeks(events, 46), (_places("desk", places), _time("home")), _pathway("person", arrivals, *steps)
        ),
        (
            Figure("share leaving", leaving, share_leaving(SERVE)),
            Figure("mean wait of all", queue / arrivals, mean_wait_of_all(SERVE)),
            Figure("people recovering", arrivals * (1 - leaving) * recovery, mean_inside(("person", "recover"))),
            Figure(
                "mean weeks inside",
                queue / arrivals + (1 - leaving) * (service * longer + recovery) + stay,
                mean_clock("person"),
            ),
        ),
    )


def fixed_patience(longer: float) -> KnownModel:
    """One place, more than it can serve, and everybody waits equally long at most."""
    arrivals, service, patience = 12.0, 0.1, 0.3
    exact = closed_forms.fixed_patience_leaving(arrivals, service * longer, patience)
    return KnownModel(
        "Barrer 1957; Baccelli and Hebuterne 1981",
        _queue(arrivals, _exponential(service), patience=Fixed("fixed", patience)),
        (Figure("share leaving", exact, share_leaving(SERVE)),),
    )


# -- slots by the week


def slots(longer: float) -> KnownModel:
    """Ten slots a week for nine who arrive."""
    arrivals, number = 9.0, 10
    return KnownModel(
        "Spitzer 1956; Bailey 1954",
        _slots(arrivals, Weekly(number)),
        (
            Figure(
                "people waiting as a week begins",
                closed_forms.slots_waiting(arrivals * longer, number),
                mean_of(_step_waiting("serve")),
            ),
            Figure(
                "share of weeks that nobody waits",
                closed_forms.slots_none_waiting(arrivals * longer, number),
                mean_of(lambda reading: reading.step_column("waiting", SERVE) == 0),
            ),
            Figure("mean wait", closed_forms.slots_wait(arrivals * longer, (number,)), mean_wait(SERVE)),
            Figure(
                "slots lapsed a week",
                number - arrivals * longer,
                mean_of(lambda reading: np.diff(reading.service_column("lapsed", "clinic"))),
            ),
        ),
    )


def _slots(arrivals: float, capacity: Weekly) -> Callable[[int], Network]:
    step = Step("serve", ("clinic",), Fixed("fixed", 0.0))
    clinic = Service("clinic", "slots", capacity)
    return lambda events: _network(
        _weeks(events, 2 * arrivals + 1) // 2 * 2, (clinic,), _untraced(_pathway("person", arrivals, step))
    )


def half_slots(longer: float) -> KnownModel:
    """Four and a half slots a week: four, then five."""
    arrivals, cycle = 4.0, (4, 5)
    return KnownModel(
        "stationary law of a periodic Markov chain",
        _slots(arrivals, Weekly(4.5)),
        (
            Figure("mean wait", closed_forms.slots_wait(arrivals * longer, cycle), mean_wait(SERVE)),
            Figure(
                "people waiting as a week of four begins",
                closed_forms.slots_waiting_in_cycle(arrivals * longer, cycle),
                mean_of(_waiting_in_even_weeks),
            ),
        ),
    )


def _waiting_in_even_weeks(reading: Reading) -> np.ndarray:
    return reading.step_column("waiting", SERVE)[reading.row_weeks() % 2 == 0]


# -- enough for everybody


CYCLE = (2.0, 1.5, 0.5, 0.0, 1.0, 2.5, 0.25)


def many_at_once(longer: float) -> KnownModel:
    """Enough for everybody, arrivals that come in waves of seven weeks."""
    arrivals, mean, phases, far = 20.0, 6.0, 3, 70
    survival = stats.gamma(phases, scale=mean * longer / phases).sf
    wave = [arrivals * factor for factor in CYCLE]
    inside = [closed_forms.inside_at(lambda week: wave[int(week) % 7], survival, far + place) for place in (2, 5)]
    step = Step("stay", ("home",), Erlang("erlang", mean, phases))
    pathway = replace(_untraced(_pathway("person", 0.0, step)), arrivals=Weekly(values=tuple(wave)))
    return KnownModel(
        "Eick, Massey and Whitt 1993",
        lambda events: _network(_weeks(events, 1 + 2 * arrivals * sum(CYCLE) / 7), (_time("home"),), pathway),
        (
            Figure("people inside in week 2 of 7", inside[0], mean_of(_inside_in_week(2))),
            Figure("people inside in week 5 of 7", inside[1], mean_of(_inside_in_week(5))),
            Figure(
                "mean square from the mean in week 2 of 7",
                inside[0],
                mean_of(lambda reading: (_inside_in_week(2)(reading) - inside[0]) ** 2),
            ),
        ),
    )


def _inside_in_week(place: int) -> Callable[[Reading], np.ndarray]:
    return lambda reading: reading.pathway_column("inside", "person")[reading.row_weeks() % 7 == place]


FACTORS = tuple(round(1 + 0.5 * math.sin(week / 5), 3) for week in range(52))


def _year(arrivals: float, changes: tuple[Change, ...]) -> Network:
    step = Step("note", ("home",), Fixed("fixed", 0.0))
    pathway = replace(_untraced(_pathway("person", 0.0, step)), arrivals=Weekly(arrivals, "year", changes))
    return replace(_network(52, (_time("home"),), pathway), profiles=(Profile("year", FACTORS),))


def _counts(theorem: str, changes: tuple[Change, ...], longer: float, base: tuple[Change, ...] | None) -> KnownModel:
    """Return a model of arrivals by week: season times level, then changes, each week a Poisson number of its own."""

    def rates(events: int) -> np.ndarray:
        numbers = np.array(FACTORS) * (events / 104)
        for change in changes:
            numbers[change.from_week :] = numbers[change.from_week :] * change.times + change.add
        return numbers

    def scaled(reading: Reading) -> np.ndarray:
        """Return by week how far the count is from its mean, in roots of the mean."""
        mean = rates(round(reading.network.pathways[0].arrivals.level * 104))
        return (np.diff(reading.pathway_column("arrived", "person")) - mean) / np.sqrt(mean)

    def share(week: int) -> Measure:
        return lambda reading: (
            float(np.diff(reading.pathway_column("arrived", "person"))[week]),
            float(rates(round(reading.network.pathways[0].arrivals.level * 104))[week]),
        )

    return KnownModel(
        theorem,
        lambda events: _year(events / 104, changes),
        (
            Figure("arrivals of week 7, of their mean", longer, share(7)),
            Figure("arrivals of week 30, of their mean", longer, share(30)),
            Figure("variance of the weeks, of their mean", 1.0, mean_of(lambda reading: scaled(reading) ** 2)),
            Figure(
                "covariance of weeks side by side",
                0.0,
                mean_of(lambda reading: scaled(reading)[1:] * scaled(reading)[:-1]),
            ),
        ),
        is_stationary=False,
        base=None if base is None else lambda events: _year(events / 104, base),
    )


CHANGES = (Change(from_week=20, times=0.6), Change(from_week=40, times=2.5))


def counts(longer: float) -> KnownModel:
    """Arrivals with a season and changes of level."""
    return _counts("Poisson process of a given rate", CHANGES, longer, None)


def counts_of_a_scenario(longer: float) -> KnownModel:
    """The same as a scenario: of a base's arrivals some are left out, and others are added."""
    return _counts("thinning and superposition (Kingman 1993)", CHANGES, longer, ())


def shared_coin(longer: float) -> KnownModel:
    """Two steps, the second needed by half of those who need the first."""
    arrivals = 10.0
    steps = (
        Step("one", ("home",), Fixed("fixed", 1.25), share=0.6, coin="both"),
        Step("other", ("home",), Fixed("fixed", 2.5), ("one",), share=0.3, coin="both"),
        Step("apart", ("home",), Fixed("fixed", 4.0), ("other",), share=0.5),
    )
    return KnownModel(
        "one uniform number for both",
        lambda events: _network(_weeks(events, 25), (_time("home"),), _pathway("person", arrivals, *steps)),
        (
            Figure("share of at least a week", 0.8 * longer, share_of_clocks_over(1, "person")),
            Figure("share of all three steps", 0.15 * longer, share_of_clocks_over(7, "person")),
            Figure("mean weeks", (0.6 * 1.25 + 0.3 * 2.5 + 0.5 * 4) * longer, mean_clock("person")),
        ),
    )


# -- holds


def held(longer: float) -> KnownModel:
    """Enough places, each held until a step beside it is done."""
    arrivals = 20.0
    shelter, letting = Weibull("weibull", 0.5, 2.0), Lognormal("lognormal", 0.4, 1.2)
    sigma = math.log(3.0) / float(stats.norm.ppf(0.95))
    scale = 0.5 * longer / math.gamma(1.5)
    longest = closed_forms.mean_longest(
        stats.weibull_min(2.0, scale=scale).sf, stats.lognorm(sigma, scale=0.4 * longer).sf
    )
    steps = (Step("shelter", ("rooms",), shelter, hold_until="letting"), Step("letting", ("home",), letting))
    return KnownModel(
        "M/G/infinity whose stay is the longer of two times",
        lambda events: _network(
            _weeks(events, 61),
            (_places("rooms", 10_000), _time("home")),
            _untraced(_pathway("person", arrivals, *steps)),
        ),
        (
            Figure("places held", arrivals * longest, mean_of(lambda reading: reading.service_column("busy", "rooms"))),
            Figure("mean weeks inside", longest, mean_clock("person")),
        ),
    )


def held_and_scarce(longer: float) -> KnownModel:
    """Five places for all who wait for a letting: the number of those is Poisson, whoever has a place."""
    arrivals, letting, places = 20.0, 0.3, 5
    load = arrivals * letting * longer
    busy = closed_forms.poisson_busy(load, places)
    steps = (
        Step("shelter", ("rooms",), Fixed("fixed", 0.0), hold_until="letting"),
        Step("letting", ("home",), _exponential(letting)),
    )
    return KnownModel(
        "M/M/infinity; exponential times have no memory",
        lambda events: _network(
            _weeks(events, 56),
            (_places("rooms", places), _time("home")),
            _untraced(_pathway("person", arrivals, *steps)),
        ),
        (
            Figure("places held", busy, mean_of(lambda reading: reading.service_column("busy", "rooms"))),
            Figure("people waiting for one", load - busy, mean_of(_step_waiting("shelter"))),
            Figure(
                "share who never get one",
                (load - busy) / load,
                share_leaving(("person", "shelter")),
            ),
        ),
    )


# -- who is there on the first day


def present(longer: float) -> KnownModel:
    """People in the middle of a step, and people who have waited for long."""
    weibull, lognormal = Weibull("weibull", 5.0, 2.0), Lognormal("lognormal", 4.0, 12.0)
    sigma = math.log(3.0) / float(stats.norm.ppf(0.95))
    laws = {
        "weibull": stats.weibull_min(2.0, scale=5.0 * longer / math.gamma(1.5)).sf,
        "lognormal": stats.lognorm(sigma, scale=4.0 * longer).sf,
    }
    stay = {"weibull": Step("stay", ("home",), weibull), "drawn": Step("stay", ("home",), lognormal)}
    patient = Step("stay", ("shut",), Fixed("fixed", 1.0), patience=lognormal)
    away = replace(patient, on_leave="step")
    groups = (
        (Pathway("begun", (stay["weibull"],)), {"begun": ("stay",), "least": 9.0, "begun_least": 4.0}),
        (Pathway("between", (stay["drawn"],)), {"begun": ("stay",), "begun_least": 1.0, "begun_most": 6.0}),
        (Pathway("waiting", (patient,)), {"least": 6.0}),
        (Pathway("waiting_too", (away,)), {"least": 8.0, "joined_least": 1.0, "joined_most": 6.0}),
    )
    exact = (
        closed_forms.still_there(laws["weibull"], 4.0, 3.0),
        closed_forms.still_there_between(laws["lognormal"], 1.0, 6.0, 3.0),
        closed_forms.still_there(laws["lognormal"], 6.0, 3.0),
        closed_forms.still_there_between(laws["lognormal"], 1.0, 6.0, 3.0),
    )
    names = (
        "in a step since 4 weeks",
        "in a step since 1 to 6 weeks",
        "waiting for 6 weeks",
        "waiting for 1 to 6 weeks",
    )

    def make(events: int) -> Network:
        count = round(events / len(groups) / 0.95)  # of whom so many are gone by the end
        there = tuple(Present(pathway.id, count, **details) for pathway, details in groups)  # type: ignore[arg-type]
        pathways = [_untraced(pathway) for pathway, _details in groups]
        return _network(10, (_time("home"), _places("shut", 0)), *pathways, present=there)

    return KnownModel(
        "conditional survival S(a + t) / S(a)",
        make,
        tuple(
            Figure(f"share still there after 3 weeks, {name}", share, _still_there(pathway.id, 3))
            for name, share, (pathway, _details) in zip(names, exact, groups, strict=True)
        ),
        is_stationary=False,
    )


def _still_there(pathway: str, week: int) -> Measure:
    def measure(reading: Reading) -> tuple[float, float]:
        inside = reading.pathway_column("inside", pathway)
        return float(inside[week]), float(inside[0])

    return measure


MODELS: dict[str, Callable[[float], KnownModel]] = {
    "M/M/1": mm1,
    "M/M/10": mmc,
    "M/D/1": md1,
    "M/G/1, Weibull of shape 2": WEIBULL_2,
    "M/G/1, Weibull of shape 0.7": WEIBULL_07,
    "M/G/1, lognormal": LOGNORMAL,
    "M/G/1, uniform": UNIFORM,
    "M/G/1, measured quantiles": QUANTILES,
    "M/G/1, mixture of Erlang laws": erlang_mixture,
    "M/M/1, three priorities, unequal times": cobham,
    "M/M/1, priorities that rise with the wait": ageing,
    "M/M/1, priorities by bands": bands,
    "M/M/1, longest clock first": longest_clock_first,
    "three stations with feedback, two priorities": jackson,
    "two M/M/1 in a row": tandem,
    "fork and join of two M/M/1": fork_join,
    "M/M/1 whose people come back": repeats,
    "closed network of twelve people": closed_network,
    "two services needed at once": joint_services,
    "M/G/5/5": loss,
    "M/M/10+M": erlang_a,
    "M/M/10+M, who leaves goes elsewhere": erlang_a_goto,
    "M/M/1+D": fixed_patience,
    "ten slots a week that lapse": slots,
    "four and a half slots a week": half_slots,
    "M(t)/G/infinity": many_at_once,
    "arrivals by week": counts,
    "arrivals by week of a scenario": counts_of_a_scenario,
    "steps that the same people need": shared_coin,
    "places held until a letting": held,
    "five places held until a letting": held_and_scarce,
    "people who are there on the first day": present,
    "M/M/1, priorities that rise at once": ageing_at_once,
}
"""By name. A seed is by place in this list: add at its end."""


@cache
def known_model(name: str, longer: float = 1.0) -> KnownModel:
    """Return a model, with its answers or with those that are wrong."""
    return MODELS[name](longer)
