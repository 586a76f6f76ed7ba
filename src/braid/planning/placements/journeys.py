"""Ways to school from every unit, routed over what a place brings, put into a problem of placements."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from braid.planning.placements.model import Journey, Problem
from braid.planning.travel.run import Networks, find_routes, kept_routes


def route_journeys(problem: Problem, networks: Networks, folder: Path | None = None) -> Problem:
    """Return the problem with the journeys that the networks know, in place of those it had.

    Routed are the ways from each unit to each school that a child of the problem goes to. With a folder, routes are
    kept there for the next time.
    """
    attended = {child.school for household in problem.households for child in household.children}
    units = {unit.id: unit.point for unit in problem.units}
    schools = {school.id: school.point for school in problem.schools if school.id in attended}
    routes = kept_routes(folder, units, schools, networks) if folder else find_routes(units, schools, networks)
    journeys = tuple(
        Journey(route.origin, route.destination, route.minutes, route.walk_metres, route.reckoned)
        for route in routes.routes
    )
    return replace(problem, journeys=journeys)
