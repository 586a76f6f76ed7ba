"""Instances that other people published, read from a folder that whoever runs them names, as problems of Braid.

Of each set: how its files are read, which problem an instance is, what a plan says in the set's own terms, and what
that is worth by the set's own rules. The rules are written here from the sets' descriptions and share nothing with
Braid's engines or checkers. No instance is kept in this repository.

- *Generalised assignment* (OR-Library `gapa` to `gapd`; Chu and Beasley 1997): each job goes to one agent, agents have
  capacities, least cost. A portfolio of separate purses: an intervention for each job and agent, led by the agent.
- *Multidimensional knapsack* (OR-Library `mknap`; Chu and Beasley 1998): items take of several budgets at once. A
  portfolio of separate purses: each item costs every body what it takes of that body's budget.
- *Assignment* (OR-Library `assign100` to `assign800`; Beasley 1990): placements with a routed journey for each pair.
- *Talent scheduling* (Cheng, Diamond and Lin 1993; the files of Garcia de la Banda, Stuckey and Chu 2011): an agenda.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, islice
from pathlib import Path
from typing import Any

from braid.planning.agendas.model import AgendasPlan, AgendasProblem, Item, Meeting
from braid.planning.agendas.model import Prices as AgendaPrices
from braid.planning.placements.model import (
    Child,
    Household,
    Journey,
    Norms,
    PlacementPlan,
    Prices,
    Problem,
    School,
    Unit,
)
from braid.planning.portfolio.model import Body, Intervention, Pair, PortfolioPlan, PortfolioProblem, Scale
from braid.planning.travel.model import Point

DATE = dt.date(2026, 12, 1)
BEST_KNOWN = "best_known.csv"
"""In the folder of a set: a line for each instance, its name and the best value that anybody published."""
LEFT_OUT = 5
"""Worth of a job that is done, by the largest cost: so much that none is left out."""


class NotASolution(Exception):
    """A plan breaks a rule of the set. The message names the rule."""


@dataclass(frozen=True)
class Gap:
    """A generalised assignment problem: costs and weights by agent and job, capacities by agent."""

    name: str
    costs: Sequence[Sequence[int]]
    weights: Sequence[Sequence[int]]
    capacities: Sequence[int]

    @property
    def jobs(self) -> int:
        """How many jobs there are."""
        return len(self.costs[0])


@dataclass(frozen=True)
class Knapsack:
    """A multidimensional knapsack problem: what items bring, what they take by budget, and the budgets."""

    name: str
    worth: Sequence[int]
    takes: Sequence[Sequence[int]]
    budgets: Sequence[int]


@dataclass(frozen=True)
class Matching:
    """An assignment problem: costs by row and column."""

    name: str
    costs: Sequence[Sequence[int]]


@dataclass(frozen=True)
class Talent:
    """A talent scheduling problem: which actor plays in which scene, what a day of each costs, how long scenes take."""

    name: str
    plays: Sequence[Sequence[bool]]
    pay: Sequence[int]
    days: Sequence[int]


def numbers_of(path: Path) -> Iterator[int]:
    """Yield the whole numbers of a file."""
    return (int(word) for word in path.read_text(encoding="utf-8").split())


def _take(numbers: Iterator[int], count: int) -> list[int]:
    found = list(islice(numbers, count))
    if len(found) < count:
        raise ValueError("the file ends before its instance does: fetch it anew")
    return found


def _block(numbers: Iterator[int], rows: int, columns: int) -> list[list[int]]:
    return [_take(numbers, columns) for _ in range(rows)]


def read_gaps(path: Path) -> list[Gap]:
    """Read generalised assignment problems: one in a file, or several after their number (OR-Library)."""
    numbers = list(numbers_of(path))
    is_one = len(numbers) == 2 + 2 * numbers[0] * numbers[1] + numbers[0]
    rest = iter(numbers if is_one else numbers[1:])
    found = []
    for number in range(1 if is_one else numbers[0]):
        agents, jobs = _take(rest, 2)
        name = path.stem if is_one else f"{path.stem}-{number + 1}"
        parts = _block(rest, agents, jobs), _block(rest, agents, jobs)
        found.append(Gap(name, *parts, _take(rest, agents)))
    return found


def gap_problem(gap: Gap) -> PortfolioProblem:
    """Return a generalised assignment problem as a portfolio: agents are bodies that each pay for what they lead.

    A job is as many interventions as agents could do it, of which each excludes the others; it costs its weight and
    brings a worth that none leaves out, less its cost. Any plan that does every job is a solution, and the bound holds
    for all of them.
    """
    bodies = [f"agent {agent}" for agent in range(len(gap.capacities))]
    done = gap_worth(gap)
    return PortfolioProblem(
        kind="portfolio",
        purse="aligned",
        bodies=tuple(Body(body, capacity) for body, capacity in zip(bodies, gap.capacities, strict=True)),
        interventions=tuple(
            Intervention(
                f"{job} by {agent}",
                body,
                (Scale(gap.weights[agent][job], {body: float(done - gap.costs[agent][job])}),),
            )
            for job in range(gap.jobs)
            for agent, body in enumerate(bodies)
        ),
        excludes=tuple(
            Pair(f"{job} by {one}", f"{job} by {other}")
            for job in range(gap.jobs)
            for one, other in combinations(range(len(bodies)), 2)
        ),
    )


def gap_worth(gap: Gap) -> int:
    """Return what doing a job is worth, whatever it costs."""
    return LEFT_OUT * max(max(row) for row in gap.costs)


def gap_bound(gap: Gap, bound: float) -> float:
    """Return the bound of the portfolio as one of costs."""
    return gap.jobs * gap_worth(gap) - bound


def gap_answer(gap: Gap, plan: PortfolioPlan) -> list[int]:
    """Return the agent of each job; -1 where none does it."""
    agents = [-1] * gap.jobs
    for choice in plan.choices:
        job, agent = choice.intervention.split(" by ")
        agents[int(job)] = int(agent)
    return agents


def gap_value(gap: Gap, agents: Sequence[int]) -> int:
    """Return the cost of an assignment. Raises `NotASolution`."""
    if len(agents) != gap.jobs or not all(0 <= agent < len(gap.capacities) for agent in agents):
        raise NotASolution("each job is done by one agent")
    for agent, capacity in enumerate(gap.capacities):
        if sum(gap.weights[agent][job] for job in range(gap.jobs) if agents[job] == agent) > capacity:
            raise NotASolution("no agent does more than its capacity")
    return sum(gap.costs[agent][job] for job, agent in enumerate(agents))


def read_knapsacks(path: Path) -> list[Knapsack]:
    """Read the multidimensional knapsack problems of a file of the OR-Library. The best known that it names is left."""
    numbers = numbers_of(path)
    found = []
    for number in range(*_take(numbers, 1)):
        items, budgets, _ = _take(numbers, 3)
        worth = _take(numbers, items)
        takes = _block(numbers, budgets, items)
        found.append(Knapsack(f"{path.stem}-{number + 1}", worth, takes, _take(numbers, budgets)))
    return found


def knapsack_problem(knapsack: Knapsack) -> PortfolioProblem:
    """Return a multidimensional knapsack problem as a portfolio to which each body pays its own share of each item."""
    bodies = [f"budget {number}" for number in range(len(knapsack.budgets))]
    return PortfolioProblem(
        kind="portfolio",
        purse="aligned",
        bodies=tuple(Body(body, budget) for body, budget in zip(bodies, knapsack.budgets, strict=True)),
        interventions=tuple(
            Intervention(
                str(item),
                bodies[0],
                (
                    Scale(
                        sum(takes[item] for takes in knapsack.takes),
                        {bodies[0]: float(worth)},
                        {body: takes[item] for body, takes in zip(bodies[1:], knapsack.takes[1:], strict=True)},
                    ),
                ),
            )
            for item, worth in enumerate(knapsack.worth)
        ),
    )


def knapsack_answer(_: Knapsack, plan: PortfolioPlan) -> list[int]:
    """Return the items that are taken."""
    return [int(choice.intervention) for choice in plan.choices]


def knapsack_value(knapsack: Knapsack, items: Sequence[int]) -> int:
    """Return what items bring. Raises `NotASolution`."""
    if len(set(items)) < len(items) or not set(items) <= set(range(len(knapsack.worth))):
        raise NotASolution("each item is taken once at most")
    for takes, budget in zip(knapsack.takes, knapsack.budgets, strict=True):
        if sum(takes[item] for item in items) > budget:
            raise NotASolution("no budget is exceeded")
    return sum(knapsack.worth[item] for item in items)


def read_matchings(path: Path) -> list[Matching]:
    """Read an assignment problem of the OR-Library: its size and the costs by row."""
    numbers = numbers_of(path)
    (size,) = _take(numbers, 1)
    return [Matching(path.stem, _block(numbers, size, size))]


def matching_problem(matching: Matching) -> Problem:
    """Return an assignment problem as placements: a cost is the minutes that a household's child travels in a day.

    Every pair has a routed journey; no other aim has a price, and no norm or distance rules anything out.
    """
    size = range(len(matching.costs))
    here = Point(0.0, 0.0)
    return Problem(
        kind="placements",
        on_date=DATE,
        districts=("district",),
        schools=tuple(School(f"school {row}", here) for row in size),
        units=tuple(Unit(f"unit {column}", "district", "council", 1, 0.0, here) for column in size),
        households=tuple(
            Household(f"household {row}", "district", 1, children=(Child(f"child {row}", 7, f"school {row}"),))
            for row in size
        ),
        journeys=tuple(
            Journey(f"unit {column}", f"school {row}", cost / 2, None, "as published")
            for row, costs in enumerate(matching.costs)
            for column, cost in enumerate(costs)
        ),
        norms=Norms(primary_minutes=100_000.0, secondary_minutes=100_000.0),
        prices=Prices(home_km=0.0, pound=0.0, move=0.0),
    )


def matching_answer(matching: Matching, plan: PlacementPlan) -> list[int]:
    """Return the column of each row; -1 where it has none."""
    columns = [-1] * len(matching.costs)
    for placement in plan.placements:
        columns[int(placement.household.removeprefix("household "))] = int(placement.unit.removeprefix("unit "))
    return columns


def matching_value(matching: Matching, columns: Sequence[int]) -> int:
    """Return the cost of an assignment. Raises `NotASolution`."""
    if sorted(columns) != list(range(len(matching.costs))):
        raise NotASolution("each row has one column and each column one row")
    return sum(matching.costs[row][column] for row, column in enumerate(columns))


def read_talents(path: Path) -> list[Talent]:
    """Read a talent scheduling problem: a name, scenes, actors, a row of 0 and 1 with its pay by actor, and days."""
    words = path.read_text(encoding="utf-8").split("\n", 1)[1].split()
    numbers = (int(word) for word in words)
    scenes, actors = _take(numbers, 2)
    rows = _block(numbers, actors, scenes + 1)
    plays = [[bool(each) for each in row[:scenes]] for row in rows]
    return [Talent(path.stem, plays, [row[scenes] for row in rows], _take(numbers, scenes))]


def talent_problem(talent: Talent) -> AgendasProblem:
    """Return a talent scheduling problem as one meeting: an actor is as many people as a day of theirs costs.

    They come and go together, so that their attendance is what they are paid. No other aim has a price but that every
    item is discussed.
    """
    return AgendasProblem(
        kind="agendas",
        slot_minutes=1,
        meetings=(Meeting("film", DATE, sum(talent.days)),),
        items=tuple(
            Item(f"scene {scene}", tuple(_people(talent, scene)), DATE, DATE, 1, days)
            for scene, days in enumerate(talent.days)
        ),
        prices=AgendaPrices(unscheduled=1_000_000, urgent_first=0),
    )


def _people(talent: Talent, scene: int) -> Iterator[str]:
    for actor, (row, pay) in enumerate(zip(talent.plays, talent.pay, strict=True)):
        if row[scene]:
            yield from (f"actor {actor}, {number}" for number in range(pay))


def talent_answer(_: Talent, plan: AgendasPlan) -> list[int]:
    """Return the scenes in the order in which they are shot."""
    return [int(each.item.removeprefix("scene ")) for each in sorted(plan.placed, key=lambda each: each.position)]


def talent_value(talent: Talent, order: Sequence[int]) -> int:
    """Return what all actors are paid from their first scene to their last. Raises `NotASolution`."""
    if sorted(order) != list(range(len(talent.days))):
        raise NotASolution("each scene is shot once")
    paid = 0
    for row, pay in zip(talent.plays, talent.pay, strict=True):
        mine = [at for at, scene in enumerate(order) if row[scene]]
        paid += pay * sum(talent.days[scene] for scene in order[mine[0] : mine[-1] + 1]) if mine else 0
    return paid


@dataclass(frozen=True)
class Set:
    """How the instances of a set are read, posed, answered and judged."""

    kind: str
    read: Callable[[Path], Sequence[Any]]
    problem: Callable[[Any], Any]
    answer: Callable[[Any, Any], list[int]]
    value: Callable[[Any, Sequence[int]], int]
    bound: Callable[[Any, float], float]


SETS = {
    "gap": Set("portfolio", read_gaps, gap_problem, gap_answer, gap_value, gap_bound),
    "knapsack": Set(
        "portfolio", read_knapsacks, knapsack_problem, knapsack_answer, knapsack_value, lambda _, bound: bound
    ),
    "assignment": Set(
        "placements", read_matchings, matching_problem, matching_answer, matching_value, lambda _, bound: bound
    ),
    "talent": Set("agendas", read_talents, talent_problem, talent_answer, talent_value, lambda _, bound: bound),
}


def best_known(folder: Path) -> dict[str, float]:
    """Return the best published value of each instance, where the folder brings them."""
    path = folder / BEST_KNOWN
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as lines:
        return {row[0]: float(row[1]) for row in csv.reader(lines) if len(row) > 1}


def instances_of(kind: Set, folder: Path) -> Iterator[Any]:
    """Yield the instances of a folder, by name of the file; whatever is not a table of numbers is passed over."""
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.name != BEST_KNOWN:
            yield from kind.read(path)
