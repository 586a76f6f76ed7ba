"""What queueing theory says exactly, derived apart from every engine: pure functions of rates and moments.

Rates are people a week, times weeks, loads people in service on average. Nothing here knows a network or a record.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise, product

import numpy as np
import numpy.typing as npt
from scipy import integrate, stats

Array = npt.NDArray[np.float64]
Survival = Callable[[float], float]
MOST_QUEUE, MOST_WAITING = 250, 1_500
"""People from which on a stationary law is cut off: beyond, it holds less than 1e-12 in every case that uses it."""
WALKED = np.arange(1.0, 5_000.0)
"""Weeks over which a random walk is summed; beyond, terms are below 1e-100."""


# -- moments


def weibull_second_moment(mean: float, shape: float) -> float:
    """Return the mean square of a Weibull law, by gamma functions (Johnson, Kotz and Balakrishnan 1994, 21.2)."""
    return mean**2 * math.gamma(1 + 2 / shape) / math.gamma(1 + 1 / shape) ** 2


def lognormal_moments(median: float, p95: float) -> tuple[float, float]:
    """Return mean and mean square of a lognormal law by its median and 95th percentile (the same work, 14.3)."""
    sigma = math.log(p95 / median) / float(stats.norm.ppf(0.95))
    return median * math.exp(sigma**2 / 2), median**2 * math.exp(2 * sigma**2)


def uniform_second_moment(low: float, high: float) -> float:
    """Return the mean square of a uniform law: (high**3 - low**3) / (3 (high - low))."""
    return (high**2 + high * low + low**2) / 3


def erlang_second_moment(mean: float, phases: int) -> float:
    """Return the mean square of a sum of exponential phases: its squared coefficient of variation is 1 / phases."""
    return mean**2 * (1 + 1 / phases)


# -- one queue


def erlang_b(servers: int, load: float) -> float:
    """Return which share finds all servers of M/G/c/c taken (Erlang 1917; Sevastyanov 1957: whatever the service)."""
    blocked = 1.0
    for servers_so_far in range(1, servers + 1):
        blocked = load * blocked / (servers_so_far + load * blocked)
    return blocked


def erlang_c(servers: int, load: float) -> float:
    """Return which share of M/M/c waits at all (Erlang 1917)."""
    blocked = erlang_b(servers, load)
    return blocked / (1 - load / servers * (1 - blocked))


def mmc_wait(arrivals: float, service: float, servers: int = 1) -> float:
    """Return the mean wait in the queue of M/M/c (Erlang 1917)."""
    return erlang_c(servers, arrivals * service) / (servers / service - arrivals)


def mmc_wait_over(arrivals: float, service: float, servers: int, weeks: float) -> float:
    """Return which share of M/M/c waits longer: the wait of those who wait at all is exponential (Erlang 1917)."""
    return erlang_c(servers, arrivals * service) * math.exp(-(servers / service - arrivals) * weeks)


def mm1_sojourn_over(arrivals: float, service: float, weeks: float) -> float:
    """Return which share is longer in M/M/1, waiting and served: an exponential time (Kleinrock 1975, 5.6)."""
    return math.exp(-(1 / service - arrivals) * weeks)


def mmc_waiting_longer_than(arrivals: float, service: float, servers: int, weeks: float) -> float:
    """Return how many, on average, wait at a moment and have waited longer.

    Somebody who arrived u ago still waits with the chance that a wait exceeds u; over all u (Campbell's theorem).
    """
    return arrivals * mmc_wait_over(arrivals, service, servers, weeks) / (servers / service - arrivals)


def mg1_wait(arrivals: float, service: float, second_moment: float) -> float:
    """Return the mean wait in the queue of M/G/1 (Pollaczek 1930, Khinchine 1932)."""
    return arrivals * second_moment / (2 * (1 - arrivals * service))


def md1_wait_over(arrivals: float, service: float, weeks: float) -> float:
    """Return which share of M/D/1 waits longer (Erlang 1909)."""
    terms = (
        (-arrivals * (weeks - k * service)) ** k / math.factorial(k) * math.exp(arrivals * (weeks - k * service))
        for k in range(math.floor(weeks / service + 1e-9) + 1)
    )
    return 1 - (1 - arrivals * service) * math.fsum(terms)


# -- priorities


def cobham_waits(arrivals: Sequence[float], services: Sequence[float], second_moments: Sequence[float]) -> list[float]:
    """Return the mean waits of the classes of M/G/1 with priorities that interrupt nobody (Cobham 1954)."""
    residual = sum(rate * moment for rate, moment in zip(arrivals, second_moments, strict=True)) / 2
    loads = np.cumsum([0.0, *(rate * mean for rate, mean in zip(arrivals, services, strict=True))])
    return [residual / ((1 - before) * (1 - upto)) for before, upto in pairwise(loads)]


def cobham_waits_mmc(arrivals: Sequence[float], service: float, servers: int) -> list[float]:
    """Return the mean waits of the classes of M/M/c, all with one service rate (Cobham 1954)."""
    waits = erlang_c(servers, sum(arrivals) * service) * service / servers
    loads = np.cumsum([0.0, *arrivals]) * service / servers
    return [waits / ((1 - before) * (1 - upto)) for before, upto in pairwise(loads)]


def conserved_wait(arrivals: Sequence[float], services: Sequence[float], second_moments: Sequence[float]) -> float:
    """Return the sum of load times mean wait over the classes of M/G/1.

    It is the same for every order of service that interrupts nobody, idles never and looks at no service time
    (Kleinrock 1965), so also where the priority of those who wait rises with their wait.
    """
    residual = sum(rate * moment for rate, moment in zip(arrivals, second_moments, strict=True)) / 2
    load = sum(rate * mean for rate, mean in zip(arrivals, services, strict=True))
    return load * residual / (1 - load)


# -- networks


def jackson_inside(arrivals: float, service: float, servers: int) -> float:
    """Return how many are at a station of a Jackson network: as if it stood alone, with its whole traffic (1957)."""
    return arrivals * (mmc_wait(arrivals, service, servers) + service)


def tandem_sojourn_over(arrivals: float, first: float, second: float, weeks: float) -> float:
    """Return which share is longer in two M/M/1 in a row: two independent exponential times (Reich 1957)."""
    one, other = 1 / first - arrivals, 1 / second - arrivals
    return (other * math.exp(-one * weeks) - one * math.exp(-other * weeks)) / (other - one)


def fork_join_sojourn(arrivals: float, service: float) -> float:
    """Return the mean until both of two like M/M/1 are done (Flatto and Hahn 1984; Nelson and Tantawi 1988)."""
    return (12 - arrivals * service) / 8 / (1 / service - arrivals)


def visits(share: float, most: int) -> float:
    """Return how often a step is done that is repeated for a share of the times, at most so often: 1 + p + p**2 ..."""
    return math.fsum(share**times for times in range(most + 1))


def closed_network_served(people: int, away: float, service: float, servers: int) -> float:
    """Return how many a week are served where so many people for ever go away and come back to a queue.

    The machine repair model (Palm 1947): a birth and death process on 0 to `people`.
    """
    weight, weights = 1.0, [1.0]
    for inside in range(1, people + 1):
        weight *= (people - inside + 1) / away / (min(inside, servers) / service)
        weights.append(weight)
    busy = sum(min(inside, servers) * weight for inside, weight in enumerate(weights)) / sum(weights)
    return busy / service


def joint_services_blocked(
    loads: Sequence[float], needs: Sequence[Sequence[int]], places: Sequence[int]
) -> list[float]:
    """Return which share of each class is turned away where a class needs a place of several services at once.

    The stationary law is a product of Poisson weights over what fits (Kelly 1979, 3.3), whatever the service times.
    """

    def fits(state: Sequence[int]) -> bool:
        taken = (
            sum(n for n, need in zip(state, needs, strict=True) if service in need) for service in range(len(places))
        )
        return all(used <= room for used, room in zip(taken, places, strict=True))

    ranges = [range(min(places[service] for service in need) + 1) for need in needs]
    weights = {
        state: math.prod(load**n / math.factorial(n) for load, n in zip(loads, state, strict=True))
        for state in product(*ranges)
        if fits(state)
    }
    full = [
        math.fsum(w for state, w in weights.items() if not fits([n + (k == kind) for k, n in enumerate(state)]))
        for kind in range(len(needs))
    ]
    return [each / math.fsum(weights.values()) for each in full]


# -- impatience


def erlang_a_waiting(arrivals: float, service: float, servers: int, patience: float) -> float:
    """Return the mean queue of M/M/c whose people leave after an exponential patience (Palm 1957).

    A birth and death process; queue / arrivals is the mean wait of all, queue / patience / arrivals the share leaving.
    """
    weight, weights = 1.0, [1.0]
    for inside in range(1, MOST_WAITING):
        weight *= arrivals / (min(inside, servers) / service + max(inside - servers, 0) / patience)
        weights.append(weight)
    total = math.fsum(weights)
    return math.fsum(max(inside - servers, 0) * weight / total for inside, weight in enumerate(weights))


def fixed_patience_leaving(arrivals: float, service: float, patience: float) -> float:
    """Return which share of M/M/1 leaves after a fixed patience (Barrer 1957; Baccelli and Hebuterne 1981).

    The work found has, by level crossings, density P0 a exp(-(m - a) x) up to the patience, and falls as exp(-m x)
    beyond.
    """
    served = 1 / service
    at_patience = math.exp(-(served - arrivals) * patience)
    beyond = arrivals * at_patience / served
    idle = 1 / (1 + arrivals * (1 - at_patience) / (served - arrivals) + beyond)
    return idle * beyond


# -- slots by the week


def slots_waiting(arrivals: float, slots: int) -> float:
    """Return how many wait as a week begins where so many slots a week lapse: the maximum of a random walk.

    By Spitzer's identity (1956): the sum over n of E max(arrivals of n weeks - slots of n weeks, 0) / n.
    """
    return float((_excess(arrivals * WALKED, slots * WALKED) / WALKED).sum())


def slots_none_waiting(arrivals: float, slots: int) -> float:
    """Return how often nobody waits as a week begins (Spitzer 1956)."""
    return math.exp(-float((stats.poisson.sf(slots * WALKED, arrivals * WALKED) / WALKED).sum()))


def _excess(mean: Array, most: Array) -> Array:
    """Return E max(N - most, 0) of Poisson numbers N."""
    return np.asarray(mean * stats.poisson.sf(most - 1, mean) - most * stats.poisson.sf(most, mean))


def slots_wait(arrivals: float, slots: tuple[int, ...]) -> float:
    """Return the mean wait for a slot where the slots of the weeks repeat in a cycle.

    The law of the queue at the start of the cycle is solved from its transition matrix, cut off at `MOST_QUEUE`; within
    a week the queue is what was left over and the arrivals so far, less the slots; the wait follows by Little (1961).
    """
    law, waiting = _stationary(arrivals, slots), 0.0
    for each in slots:
        waiting += float(law @ _mean_queue_in_week(arrivals, each))
        law = law @ _week_matrix(arrivals, each)
    return waiting / len(slots) / arrivals


def slots_waiting_in_cycle(arrivals: float, slots: tuple[int, ...]) -> float:
    """Return how many wait as the cycle of weeks begins, before its first slots are given."""
    return float(_stationary(arrivals, slots) @ np.arange(MOST_QUEUE))


@cache
def _week_matrix(arrivals: float, slots: int) -> Array:
    """Return the chances to go from a queue of one week's start to that of the next; the last state takes the rest."""
    queue = np.arange(MOST_QUEUE)
    matrix = np.asarray(stats.poisson.pmf(queue[None, :] - queue[:, None] + slots, arrivals))
    matrix[:, 0] = stats.poisson.cdf(slots - queue, arrivals)
    matrix[:, -1] = 1 - matrix[:, :-1].sum(axis=1)
    return matrix


@cache
def _stationary(arrivals: float, slots: tuple[int, ...]) -> Array:
    """Return the law that a cycle of weeks leaves as it is."""
    cycle = np.eye(MOST_QUEUE)
    for each in slots:
        cycle = cycle @ _week_matrix(arrivals, each)
    equations = cycle.T - np.eye(MOST_QUEUE)
    equations[-1] = 1.0
    return np.linalg.solve(equations, np.eye(MOST_QUEUE)[-1])


def _mean_queue_in_week(arrivals: float, slots: int) -> Array:
    """Return by the queue at a week's start how many wait on average through the week.

    A Poisson number that grows evenly to its mean a is k for a share P(N > k) / a of the week.
    """
    counts = np.arange(200)
    share = stats.poisson.sf(counts, arrivals) / arrivals
    over = np.maximum(np.arange(MOST_QUEUE)[:, None] - slots + counts[None, :], 0)
    return np.asarray(over @ share)


# -- enough for everybody


def inside_at(arrivals: Callable[[float], float], survival: Survival, week: float) -> float:
    """Return the mean number in M(t)/G/infinity, which is a Poisson number (Eick, Massey and Whitt 1993).

    Who arrived `age` ago is still there with the chance that a stay is longer. Rates are steps, one for each week.
    """
    ages = [float(integrate.quad(survival, age, age + 1, epsabs=1e-12)[0]) for age in range(math.ceil(week))]
    return math.fsum(arrivals(week - age - 1) * stay for age, stay in enumerate(ages))


def mean_longest(one: Survival, other: Survival) -> float:
    """Return the mean of the longer of two independent times: the area under the chance that either still lasts."""
    either = integrate.quad(lambda week: 1 - (1 - one(week)) * (1 - other(week)), 0, np.inf, epsabs=1e-12)
    return float(either[0])


def poisson_busy(load: float, places: int) -> float:
    """Return E min(N, places) of a Poisson number N: places taken by those who each need one as long as they are in."""
    return load - float(_excess(np.array(load), np.array(places)))


def still_there(survival: Survival, begun: float, weeks: float) -> float:
    """Return the chance that what has lasted `begun` weeks lasts so many more: S(begun + weeks) / S(begun)."""
    return survival(begun + weeks) / survival(begun)


def still_there_between(survival: Survival, least: float, most: float, weeks: float) -> float:
    """Return the same where what has lasted is uniform between two ends."""
    area = integrate.quad(lambda begun: still_there(survival, begun, weeks), least, most, epsabs=1e-12)
    return float(area[0]) / (most - least)
