"""Builds the world, each part in the order of its causes."""

from __future__ import annotations

from datetime import date

from braid.example.adoptions import simulate_adoptions
from braid.example.children_services import simulate_childrens_services
from braid.example.crown_court import simulate_crown_court
from braid.example.family_court import assign_items, simulate_family_court
from braid.example.geography import build_geography
from braid.example.given_ground import build_on_ground
from braid.example.hospital import simulate_hospital
from braid.example.households import build_households
from braid.example.housing import simulate_housing
from braid.example.model import World
from braid.example.names import name_people
from braid.example.numbers import nhs_numbers
from braid.example.proportions import scale
from braid.example.schools import simulate_schools
from braid.example.victims import simulate_harm, simulate_victim_service
from braid.language.open_ground import OpenGround


def build_world(people: int, seed: int, as_of: date, intensity: float = 5.0, ground: OpenGround | None = None) -> World:
    """Return the world of exactly `people` people as it stands on the as-of date, on a real ground where one is given.

    Harm comes first, since it brings people to the courts, to refuges, to the housing queue and to children's services;
    then courts, homes, children's services, schools (which feel where children live) and hospitals.
    """
    geography = build_geography(people, seed) if ground is None else build_on_ground(ground, people, seed)
    households, columns = build_households(people, seed, as_of, geography)
    named = name_people(columns, len(households.first) - 1, seed, as_of)
    named.nhs = nhs_numbers(people, seed)
    world = World(seed, as_of, intensity, geography, named, households)
    sizes = scale(people, intensity)
    harmed = simulate_harm(world, sizes)
    simulate_crown_court(world, sizes, harmed)
    simulate_victim_service(world, harmed)
    simulate_family_court(world, sizes, harmed)
    assign_items(world)
    simulate_housing(world, sizes, harmed)
    simulate_childrens_services(world, harmed)
    simulate_schools(world)
    simulate_hospital(world, sizes)
    simulate_adoptions(world)
    return world
