"""Ways on foot: a grid's closed form, a slow search, what may be walked, and what cannot be read."""

from __future__ import annotations

import math
import random
from pathlib import Path

import numpy as np
import pytest

from braid.language.documents import DocumentInvalid
from braid.planning.travel.engines.streets import Streets, edges_of, may_walk, network, read_streets, walk_metres
from braid.planning.travel.model import EARTH_METRES, Point, metres_between, standing
from braid.planning.travel.run import Networks, find_routes

from .towns import corner, grid, write_town

SIDE = 8


@pytest.fixture
def town(tmp_path: Path) -> Streets:
    return read_streets(write_town(tmp_path / "town.osm", SIDE, grid(SIDE)))


def test_on_a_grid_the_way_is_the_sum_of_streets_and_avenues(town: Streets) -> None:
    crossings = [(column, row) for column in range(SIDE) for row in range(SIDE)]
    points = [corner(*crossing) for crossing in crossings]
    ways = walk_metres(town, points, points, 5000)
    for one, (column, row) in enumerate(crossings):
        for other, (to_column, to_row) in enumerate(crossings):
            metres = 100 * (abs(column - to_column) + abs(row - to_row))
            assert ways[one, other] == pytest.approx(metres, rel=2e-3, abs=0.1)


def test_a_door_beside_the_street_adds_its_straight_line_and_one_far_from_all_is_not_known(town: Streets) -> None:
    beside, away = corner(-0.5, 0), corner(-6, 0)
    ways = walk_metres(town, [beside, away], [corner(3, 0)], 5000)
    assert ways[0, 0] == pytest.approx(350, rel=2e-3)
    assert math.isinf(ways[1, 0])


def test_ways_longer_than_asked_are_not_told(town: Streets) -> None:
    assert math.isinf(walk_metres(town, [corner(0, 0)], [corner(7, 7)], 1000)[0, 0])


def test_the_search_finds_what_a_slow_one_finds_and_never_less_than_the_straight_line() -> None:
    draw = random.Random(5)
    for _ in range(30):
        nodes = draw.randint(2, 25)
        places = np.array([(-2.2 + draw.random() / 50, 53.5 + draw.random() / 50) for _ in range(nodes)])
        edges = np.array([draw.sample(range(nodes), 2) for _ in range(nodes * 2)])
        streets = network(places, edges, "f", "drawn")
        points = [Point(float(east), float(north)) for east, north in streets.nodes]
        ways = walk_metres(streets, points, points, 1e9)
        slow = _shortest_by_relaxing(len(points), list(edges_of(streets)))
        for one, origin in enumerate(points):
            for other, destination in enumerate(points):
                assert ways[one, other] == pytest.approx(slow[one][other], abs=1e-6)
                assert ways[one, other] >= metres_between(origin, destination) - 0.01


def _shortest_by_relaxing(nodes: int, edges: list[tuple[int, int, float]]) -> list[list[float]]:
    """Bellman's way: relax every edge until nothing changes."""
    found = [[0.0 if one == other else math.inf for other in range(nodes)] for one in range(nodes)]
    for ways in found:
        changed = True
        while changed:
            changed = False
            for one, other, metres in edges:
                for start, end in ((one, other), (other, one)):
                    if ways[start] + metres < ways[end] - 1e-12:
                        ways[end], changed = ways[start] + metres, True
    return found


@pytest.mark.parametrize(
    ("tags", "may"),
    [
        ({"highway": "residential"}, True),
        ({"highway": "steps"}, True),
        ({"highway": "motorway"}, False),
        ({"highway": "trunk"}, False),
        ({"highway": "trunk", "sidewalk": "both"}, True),
        ({"highway": "trunk", "foot": "yes"}, True),
        ({"highway": "residential", "foot": "no"}, False),
        ({"highway": "service", "access": "private"}, False),
        ({"highway": "service", "access": "private", "foot": "permissive"}, True),
        ({"highway": "secondary", "foot": "use_sidepath"}, False),
        ({"highway": "proposed"}, False),
        ({"building": "yes"}, False),
    ],
)
def test_what_may_be_walked(tags: dict[str, str], may: bool) -> None:
    assert may_walk(tags) is may


def test_a_closed_street_is_walked_round(tmp_path: Path) -> None:
    ways = [way for way in grid(3) if way[0][0] != (0, 0) or way[0][-1] != (2, 0)]
    ways.append(([(0, 0), (1, 0), (2, 0)], {"highway": "residential", "foot": "no"}))
    streets = read_streets(write_town(tmp_path / "town.osm", 3, ways))
    assert walk_metres(streets, [corner(0, 0)], [corner(1, 0)], 5000)[0, 0] == pytest.approx(300, rel=2e-3)


def test_an_island_of_the_drawing_is_left_out(tmp_path: Path) -> None:
    ways = [*grid(4)[:0], ([(0, 0), (1, 0), (2, 0)], {"highway": "path"}), ([(0, 3), (1, 3)], {"highway": "path"})]
    streets = read_streets(write_town(tmp_path / "town.osm", 4, ways))
    assert len(streets.nodes) == 3


@pytest.mark.parametrize("text", ["no map", '<osm version="0.6"></osm>', "<osm"])
def test_a_file_that_is_no_extract_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "town.osm"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DocumentInvalid, match=r"town\.osm"):
        read_streets(path)


def test_within_is_said_of_a_routed_way_alone() -> None:
    assert standing(None, 3000, 3218) == "not_known"
    assert standing(None, 3219, 3218) == "beyond"
    assert standing(3218.0, 3000, 3218) == "within"
    assert standing(3300.0, 3000, 3218) == "beyond"


@pytest.mark.parametrize(
    ("metres", "minutes", "reach", "walking"),
    [
        (3375.0, 45.0, "within", "within"),
        (3378.0, 45.1, "beyond", "within"),
        (3378.0004, 45.1, "beyond", "beyond"),
    ],
)
def test_a_way_that_is_a_little_longer_than_a_limit_is_beyond_it(
    metres: float, minutes: float, reach: str, walking: str
) -> None:
    """At 75 metres a minute 3,378 metres take 45.04 minutes: longer than three quarters of an hour."""
    places = np.array([(0.0, 0.0), (0.0, math.degrees(metres / EARTH_METRES))])
    streets = network(places, np.array([(0, 1)]), "f", "drawn")
    start, end = (Point(float(east), float(north)) for east, north in streets.nodes)
    route = find_routes({"h": start}, {"s": end}, Networks(streets)).routes[0]
    assert route.minutes == minutes
    assert standing(route.minutes, 0, 45.0) == reach
    assert standing(route.walk_metres, metres, 3378.0) == walking


def test_doors_far_from_the_middle_of_a_wide_extract_are_as_far_as_the_straight_line_says() -> None:
    """A node in the north, one in the south, and a door 450 metres beside each."""
    places = np.array([(-2.0, 50.0), (-2.0, 56.0)])
    streets = network(places, np.array([(0, 1)]), "f", "drawn")
    for longitude, latitude in places.tolist():
        node = Point(longitude, latitude)
        east = math.degrees(450 / EARTH_METRES / math.cos(math.radians(latitude)))
        door, beyond = Point(longitude + east, latitude), Point(longitude - east, latitude)
        ways = walk_metres(streets, [door], [node, beyond], 5000)[0]
        assert ways[0] == pytest.approx(metres_between(door, node), abs=0.01)
        assert ways[1] >= metres_between(door, beyond) - 0.01
