"""Timetables: worked journeys, a slow search that agrees, what GTFS leaves blank, and what cannot be read."""

from __future__ import annotations

import datetime as dt
import itertools
import random
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from braid.language.documents import DocumentInvalid
from braid.planning.travel.engines.streets import read_streets
from braid.planning.travel.model import Point
from braid.planning.travel.run import Networks, find_routes, kept_routes
from braid.planning.travel.timetable import (
    BOARDING_SECONDS,
    FARTHEST_STOP_METRES,
    Connection,
    Timetable,
    latest_at_stops,
    minutes_to,
    read_timetable,
    timetable,
    walk_seconds,
)

from .towns import corner, grid, write_feed, write_town

MONDAY, BELL = dt.date(2027, 1, 11), dt.time(8, 45)
STOPS = """stop_id,stop_lat,stop_lon
home,{0.latitude},{0.longitude}
middle,{1.latitude},{1.longitude}
school,{2.latitude},{2.longitude}
""".format(corner(0, 0), corner(30, 0), corner(60, 0))
FEED = {
    "stops.txt": STOPS,
    "calendar.txt": "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n"
    "week,1,1,1,1,1,0,0,20270101,20270331\n",
    "trips.txt": "route_id,service_id,trip_id\nr,week,early\nr,week,late\n",
    "stop_times.txt": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
    "early,08:00:00,08:00:00,home,1\nearly,,,middle,2\nearly,08:30:00,08:30:00,school,3\n"
    "late,08:30:00,08:30:00,home,1\nlate,08:50:00,08:50:00,school,2\n",
}

NEVER = "trip_id,start_time,end_time,headway_secs\nearly,08:00:00,09:00:00,0\n"


def feed(tmp_path: Path, **changed: str) -> Path:
    return write_feed(tmp_path / "feed.zip", FEED | {f"{name}.txt": text for name, text in changed.items()})


def test_a_journey_ends_at_the_bell_or_up_to_twenty_minutes_before(tmp_path: Path) -> None:
    """The early bus is there at 08:30: aimed at 08:30 the journey is two minutes at the stop and thirty on the bus."""
    table = read_timetable(feed(tmp_path), MONDAY, BELL)
    assert minutes_to(table, [corner(0, 0)], corner(60, 0), BELL) == [32.0]
    later = dt.time(8, 50)
    table = read_timetable(feed(tmp_path), MONDAY, later)
    assert minutes_to(table, [corner(0, 0)], corner(60, 0), later) == [22.0]


def test_a_blank_time_lies_evenly_between_the_known_ones(tmp_path: Path) -> None:
    table = read_timetable(feed(tmp_path), MONDAY, BELL)
    middle = [one for one in table.connections if one.destination == 1]
    assert [(one.departure, one.arrival) for one in middle] == [(8 * 3600, 8 * 3600 + 900)]


def test_the_walk_at_both_ends_counts(tmp_path: Path) -> None:
    table = read_timetable(feed(tmp_path), MONDAY, BELL)
    found = minutes_to(table, [corner(-3, 0)], corner(60, 0), BELL)
    assert found[0] == pytest.approx(32 + walk_seconds(300) / 60, abs=0.1)


def test_where_no_stop_is_near_nothing_is_known(tmp_path: Path) -> None:
    table = read_timetable(feed(tmp_path), MONDAY, BELL)
    assert minutes_to(table, [corner(0, 50)], corner(60, 0), BELL) == [None]
    assert minutes_to(table, [corner(0, 0)], corner(60, 50), BELL) == [None]


@pytest.mark.parametrize(
    ("changed", "minutes"),
    [
        ({"calendar_dates": "service_id,date,exception_type\nweek,20270111,1\n"}, [32.0]),
        ({"frequencies": "trip_id,start_time,end_time,headway_secs\nearly,08:00:00,08:16:00,900\n"}, [32.0]),
        ({"stop_times": FEED["stop_times.txt"].replace("early,08:30:00,08:30:00", "early,08:24:00,08:24:00")}, [27.0]),
        (
            {"stop_times": FEED["stop_times.txt"].replace("08:30:00,08:30:00,school", "32:30:00,32:30:00,school")},
            [None],
        ),
    ],
)
def test_what_a_feed_may_say(changed: dict[str, str], minutes: list[float | None], tmp_path: Path) -> None:
    table = read_timetable(feed(tmp_path, **changed), MONDAY, BELL)
    assert minutes_to(table, [corner(0, 0)], corner(60, 0), BELL) == minutes


def test_a_trip_that_only_sets_down_cannot_be_boarded(tmp_path: Path) -> None:
    times = FEED["stop_times.txt"].splitlines()
    marked = "\n".join([times[0] + ",pickup_type", times[1] + ",1", *(line + ",0" for line in times[2:])]) + "\n"
    table = read_timetable(feed(tmp_path, stop_times=marked), MONDAY, BELL)
    assert minutes_to(table, [corner(0, 0)], corner(60, 0), BELL) == [None]


@pytest.mark.parametrize("date", [dt.date(2027, 1, 10), dt.date(2027, 4, 5)])
def test_a_day_on_which_nothing_runs_is_said(date: dt.date, tmp_path: Path) -> None:
    with pytest.raises(DocumentInvalid, match="no trip runs on"):
        read_timetable(feed(tmp_path), date, BELL)


def test_an_exception_takes_a_day_out(tmp_path: Path) -> None:
    path = feed(tmp_path, calendar_dates="service_id,date,exception_type\nweek,20270111,2\n")
    with pytest.raises(DocumentInvalid, match="no trip runs on"):
        read_timetable(path, MONDAY, BELL)


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"stops": "stop_id,stop_lat,stop_lon\nhome,north,\n"}, "stops.txt line 2"),
        ({"stops": STOPS.replace("middle,", "middle,nan,0\nother,", 1)}, "stops.txt line 3"),
        ({"stops": STOPS.replace("middle,", "middle,53,inf\nother,", 1)}, "stops.txt line 3"),
        ({"stops": "stop_id\nhome\n"}, "stops.txt line 1"),
        ({"stop_times": FEED["stop_times.txt"] + "late,9 o'clock,,home,3\n"}, "stop_times.txt line 7"),
        ({"stop_times": FEED["stop_times.txt"] + "late,09:00:00,,moon,3\n"}, "stop_times.txt line 7"),
        (
            {"frequencies": "trip_id,start_time,end_time,headway_secs\nearly,08:00:00,09:00:00,0\n"},
            "frequencies.txt line 2",
        ),
    ],
)
def test_a_row_that_cannot_be_read_is_named(changed: dict[str, str], place: str, tmp_path: Path) -> None:
    with pytest.raises(DocumentInvalid) as refused:
        read_timetable(feed(tmp_path, **changed), MONDAY, BELL)
    assert refused.value.faults[0].place == place


@pytest.mark.parametrize("row", ["station,,,1", "disused,,,0", "abroad,nan,nan,", "entrance,,,2"])
def test_a_place_that_no_trip_calls_at_may_lack_a_place(row: str, tmp_path: Path) -> None:
    head, *stops = STOPS.splitlines()
    text = "\n".join([head + ",location_type", row, *(stop + "," for stop in stops)]) + "\n"
    table = read_timetable(feed(tmp_path, stops=text), MONDAY, BELL)
    assert len(table.stops) == 3
    assert minutes_to(table, [corner(0, 0)], corner(60, 0), BELL) == [32.0]


@pytest.mark.parametrize("name", ["stops.txt", "trips.txt", "stop_times.txt", "calendar.txt"])
def test_text_that_is_not_utf_8_is_refused_in_words(name: str, tmp_path: Path) -> None:
    path = tmp_path / "feed.zip"
    with zipfile.ZipFile(path, "w") as written:
        for table, text in FEED.items():
            written.writestr(table, text.encode("utf-8") + (b"caf\xe9,\xff\n" if table == name else b""))
    with pytest.raises(DocumentInvalid, match="its text is not UTF-8") as refused:
        read_timetable(path, MONDAY, BELL)
    assert refused.value.faults[0].place == name


def test_a_file_that_is_no_feed_is_refused(tmp_path: Path) -> None:
    (tmp_path / "feed.zip").write_text("no zip", encoding="utf-8")
    with pytest.raises(DocumentInvalid, match="no zip file"):
        read_timetable(tmp_path / "feed.zip", MONDAY, BELL)
    path = write_feed(tmp_path / "less.zip", {"stops.txt": STOPS})
    with pytest.raises(DocumentInvalid, match=r"it has no trips\.txt"):
        read_timetable(path, MONDAY, BELL)


def test_the_scan_finds_what_a_slow_search_finds() -> None:
    """200 drawn timetables, with changes on foot between stops that lie beside each other."""
    for seed in range(200):
        table, destination = _drawn(seed)
        deadline = 8 * 3600 + 2700
        assert latest_at_stops(table, destination, deadline) == _latest_by_relaxing(table, destination, deadline), seed


def _drawn(seed: int) -> tuple[Timetable, Point]:
    draw = random.Random(seed)
    stops = [corner(draw.uniform(0, 12), draw.uniform(0, 12)) for _ in range(draw.randint(3, 12))]
    connections = []
    for trip in range(draw.randint(1, 12)):
        second = 8 * 3600 + draw.randint(-3000, 1500)
        route = [draw.randrange(len(stops)) for _ in range(draw.randint(2, 5))]
        for sequence, (one, other) in enumerate(itertools.pairwise(route)):
            arrival = second + draw.randint(60, 900)
            may_board, may_alight = draw.random() < 0.9, draw.random() < 0.9
            connections.append(Connection(trip, sequence, one, other, second, arrival, may_board, may_alight))
            second = arrival + draw.choice((0, 30))
    draw.shuffle(connections)
    return timetable(stops, connections, "f", "drawn"), corner(draw.uniform(0, 12), draw.uniform(0, 12))


def _latest_by_relaxing(table: Timetable, destination: Point, deadline: int) -> dict[int, int]:
    """Try every ride from every call to every later call of its trip, again and again until nothing is later."""
    latest = latest_at_stops(replace(table, connections=()), destination, deadline)
    trips: dict[int, list[Connection]] = {}
    for one in table.connections:
        trips.setdefault(one.trip, []).append(one)
    changed = True
    while changed:
        changed = False
        for rides in trips.values():
            rides.sort(key=lambda one: one.sequence)
            for start, board in enumerate(rides):
                for alight in rides[start:]:
                    arrives = alight.may_alight and alight.arrival <= min(deadline, latest.get(alight.destination, -1))
                    if not (board.may_board and arrives):
                        continue
                    at = board.departure - BOARDING_SECONDS
                    for stop, seconds in [(board.origin, 0), *table.changes.get(board.origin, ())]:
                        if at - seconds > latest.get(stop, -1):
                            latest[stop], changed = at - seconds, True
    return latest


def test_the_quicker_of_foot_and_bus_is_told_with_what_it_rests_on(tmp_path: Path) -> None:
    streets = read_streets(write_town(tmp_path / "town.osm", 8, grid(8)))
    networks = Networks(streets, read_timetable(feed(tmp_path), MONDAY, BELL), BELL)
    homes = {"near": corner(1, 0), "off the map": corner(0, 70)}
    goals = {"corner school": corner(5, 0), "far school": corner(60, 0)}
    found = {(route.origin, route.destination): route for route in find_routes(homes, goals, networks).routes}
    assert set(found) == {("near", "corner school"), ("near", "far school")}
    walk = found["near", "corner school"]
    assert (walk.walk_metres, walk.minutes) == (pytest.approx(400, abs=2), 5.4)
    assert walk.reckoned == "routed on foot: streets of town.osm"
    ride = found["near", "far school"]
    assert ride.walk_metres is None
    assert ride.reckoned == "routed by 08:45: timetable feed.zip of 2027-01-11"


def test_routes_are_kept_until_a_network_or_a_point_changes(tmp_path: Path) -> None:
    streets = read_streets(write_town(tmp_path / "town.osm", 4, grid(4)))
    homes, goals, folder = {"h": corner(0, 0)}, {"s": corner(3, 0)}, tmp_path / "kept"
    first = kept_routes(folder, homes, goals, Networks(streets))
    assert kept_routes(folder, homes, goals, Networks(streets)) == first == find_routes(homes, goals, Networks(streets))
    assert len(list(folder.iterdir())) == 1
    kept_routes(folder, {"h": corner(1, 0)}, goals, Networks(streets))
    kept_routes(folder, homes, goals, Networks(replace(streets, fingerprint="another")))
    assert len(list(folder.iterdir())) == 3


def test_a_stop_is_as_near_as_the_straight_line_says() -> None:
    table = timetable([corner(0, 0), corner(2, 0), corner(9, 0)], [], "f", "w")
    assert {stop: [other for other, _ in beside] for stop, beside in table.changes.items()} == {0: [1], 1: [0]}
    reached = latest_at_stops(table, corner(8.5, 0), 1000)
    assert set(reached) == {1, 2} if FARTHEST_STOP_METRES < 850 else {0, 1, 2}
