"""A timetable of one day, read from GTFS, and the connection scan that finds when to leave to be somewhere in time.

GTFS is the General Transit Feed Specification (schedule), in which bus operators of England publish. Read are stops,
trips, stop times (blank ones laid evenly between known ones), calendars, exceptions and frequencies; fares, shapes and
`transfers.txt` are not. The scan is that of Dibbelt, Pajor, Strasser and Wagner, *Connection Scan Algorithm* (2018),
run backwards: from the bell, connections by falling arrival.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import itertools
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from braid.language.documents import DocumentInvalid
from braid.language.rule_files import Fault
from braid.planning.travel.model import CIRCUITY, WALK_METRES_A_MINUTE, Point, metres_between

FARTHEST_STOP_METRES = 800.0
"""Straight line to a stop that somebody walks to."""
FARTHEST_CHANGE_METRES = 250.0
"""Straight line between two stops where somebody changes."""
BOARDING_SECONDS = 120
"""To be at a stop before a departure."""
WINDOW_SECONDS = 3 * 3600
"""How long before the bell the earliest connection that counts departs."""
BELL_SLACKS = (0, 300, 600, 900, 1200)
"""Seconds before the bell by which somebody may be there: the quickest of these journeys counts."""
PLAIN_STOP = ("", "0")
"""`location_type` of where people board, which must have a place."""
NEEDED = ("stops.txt", "trips.txt", "stop_times.txt")
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True)
class Connection:
    """One vehicle from one stop to the next, in seconds from midnight."""

    trip: int
    sequence: int
    origin: int
    destination: int
    departure: int
    arrival: int
    may_board: bool = True
    may_alight: bool = True


@dataclass(frozen=True)
class Timetable:
    """The stops by number, what runs between them on a day, and which stops lie beside each other."""

    stops: tuple[Point, ...]
    connections: tuple[Connection, ...]
    """By falling arrival, then falling departure: as the scan wants them."""
    changes: Mapping[int, Sequence[tuple[int, int]]]
    """For each stop those within reach on foot, with seconds."""
    fingerprint: str
    words: str


def timetable(stops: Sequence[Point], connections: Sequence[Connection], fingerprint: str, words: str) -> Timetable:
    """Return a timetable of connections in any order."""
    ordered = sorted(connections, key=lambda one: (-one.arrival, -one.departure, one.trip, -one.sequence))
    return Timetable(tuple(stops), tuple(ordered), _changes(stops), fingerprint, words)


def walk_seconds(metres: float) -> int:
    """Return how long a straight line takes on foot, over ways that are longer than it."""
    return round(metres * CIRCUITY / WALK_METRES_A_MINUTE * 60)


def latest_at_stops(table: Timetable, destination: Point, deadline: int) -> dict[int, int]:
    """Return for each stop the last second at which somebody there still reaches the destination by the deadline."""
    latest = {
        stop: deadline - walk_seconds(metres)
        for stop, point in enumerate(table.stops)
        if (metres := metres_between(point, destination)) <= FARTHEST_STOP_METRES
    }
    never = -1
    on_the_way: set[int] = set()
    for one in table.connections:
        if one.arrival > deadline:
            continue
        if one.trip not in on_the_way:
            if not one.may_alight or one.arrival > latest.get(one.destination, never):
                continue
            on_the_way.add(one.trip)
        if one.may_board:
            at = one.departure - BOARDING_SECONDS
            for stop, seconds in ((one.origin, 0), *table.changes.get(one.origin, ())):
                if at - seconds > latest.get(stop, never):
                    latest[stop] = at - seconds
    return latest


def minutes_to(table: Timetable, origins: Sequence[Point], destination: Point, bell: dt.time) -> list[float | None]:
    """Return from each origin the minutes of the quickest journey that is there at the bell or up to 20 minutes before.

    A journey that arrives early counts until the bell minute aimed at. None where no stop leads there.
    """
    ring = bell.hour * 3600 + bell.minute * 60
    best: list[float | None] = [None] * len(origins)
    near = [_near(table, origin) for origin in origins]
    for slack in BELL_SLACKS:
        latest = latest_at_stops(table, destination, ring - slack)
        for number, stops in enumerate(near):
            leaving = [latest[stop] - seconds for stop, seconds in stops if stop in latest]
            if leaving:
                minutes = (ring - slack - max(leaving)) / 60
                known = best[number]
                best[number] = minutes if known is None else min(known, minutes)
    return best


def _near(table: Timetable, origin: Point) -> list[tuple[int, int]]:
    found = ((stop, metres_between(origin, point)) for stop, point in enumerate(table.stops))
    return [(stop, walk_seconds(metres)) for stop, metres in found if metres <= FARTHEST_STOP_METRES]


def _changes(stops: Sequence[Point]) -> dict[int, list[tuple[int, int]]]:
    """Return the stops beside each stop, found by cells so that a region's stops need no table of all pairs."""
    side = FARTHEST_CHANGE_METRES / 60_000
    cells: dict[tuple[int, int], list[int]] = defaultdict(list)
    for number, point in enumerate(stops):
        cells[int(point.longitude // side), int(point.latitude // side)].append(number)
    found: dict[int, list[tuple[int, int]]] = {}
    for number, point in enumerate(stops):
        east, north = int(point.longitude // side), int(point.latitude // side)
        beside = [
            (other, walk_seconds(metres))
            for column in range(east - 1, east + 2)
            for row in range(north - 1, north + 2)
            for other in cells.get((column, row), ())
            if other != number and (metres := metres_between(point, stops[other])) <= FARTHEST_CHANGE_METRES
        ]
        if beside:
            found[number] = beside
    return found


def read_timetable(path: Path, date: dt.date, bell: dt.time) -> Timetable:
    """Return what runs on a date in the hours before the bell, from a GTFS file (.zip). Raises `DocumentInvalid`."""
    try:
        fingerprint = hashlib.sha256(path.read_bytes()).hexdigest()
        with zipfile.ZipFile(path) as feed:
            missing = [name for name in NEEDED if name not in feed.namelist()]
            if missing:
                rule, step = f"it has no {missing[0]}", "give a GTFS file as its publisher made it"
                raise DocumentInvalid([Fault(path.name, "file", rule, step)])
            return _Feed(path.name, feed).timetable(date, bell, fingerprint)
    except (OSError, zipfile.BadZipFile) as error:
        raise DocumentInvalid([Fault(path.name, "file", "it is no zip file", "give a GTFS file (.zip)")]) from error


class _Feed:
    """The tables of a GTFS file while they are read; a row that cannot be read is named by its table and line."""

    def __init__(self, name: str, feed: zipfile.ZipFile) -> None:
        self.name = name
        self.feed = feed

    def timetable(self, date: dt.date, bell: dt.time, fingerprint: str) -> Timetable:
        running = self._services(date)
        trips = {row["trip_id"]: row["service_id"] for _, row in self._rows("trips.txt", ("trip_id", "service_id"))}
        running_trips = {trip for trip, service in trips.items() if service in running}
        if not running_trips:
            rule = f"no trip runs on {date.isoformat()}"
            raise DocumentInvalid([Fault(self.name, "calendar.txt", rule, "choose a date inside the timetable")])
        numbers, points, nowhere = self._stops()
        ring = bell.hour * 3600 + bell.minute * 60
        connections = list(self._connections(running_trips, numbers, nowhere, ring - WINDOW_SECONDS, ring))
        return timetable(points, connections, fingerprint, f"timetable {self.name} of {date.isoformat()}")

    def _rows(self, table: str, needed: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
        try:
            with self.feed.open(table) as raw:
                rows = csv.DictReader(io.TextIOWrapper(raw, encoding="utf-8-sig", newline=""))
                lacking = [column for column in needed if column not in (rows.fieldnames or ())]
                if lacking:
                    raise self._fault(table, 1, f"it has no column {lacking[0]}")
                for line, row in enumerate(rows, 2):
                    yield line, {key: (value or "").strip() for key, value in row.items() if isinstance(key, str)}
        except UnicodeDecodeError:
            rule, step = "its text is not UTF-8", "save it as UTF-8, as GTFS asks"
            raise DocumentInvalid([Fault(self.name, table, rule, step)]) from None

    def _fault(self, table: str, line: int, rule: str) -> DocumentInvalid:
        step = "ask who published it, or take another feed"
        return DocumentInvalid([Fault(self.name, f"{table} line {line}", rule, step)])

    def _services(self, date: dt.date) -> set[str]:
        found: set[str] = set()
        asked = date.strftime("%Y%m%d")
        if "calendar.txt" in self.feed.namelist():
            for _, row in self._rows("calendar.txt", ("service_id", "start_date", "end_date", *DAYS)):
                if row["start_date"] <= asked <= row["end_date"] and row[DAYS[date.weekday()]] == "1":
                    found.add(row["service_id"])
        if "calendar_dates.txt" in self.feed.namelist():
            for _, row in self._rows("calendar_dates.txt", ("service_id", "date", "exception_type")):
                if row["date"] == asked:
                    (found.add if row["exception_type"] == "1" else found.discard)(row["service_id"])
        return found

    def _stops(self) -> tuple[dict[str, int], list[Point], dict[str, int]]:
        """Return stops by number, where they are, and the lines of plain stops without a place.

        A station, entrance or other part of one is passed by where it has no place: no trip calls there.
        """
        numbers: dict[str, int] = {}
        points: list[Point] = []
        nowhere: dict[str, int] = {}
        for line, row in self._rows("stops.txt", ("stop_id", "stop_lat", "stop_lon")):
            kind = row.get("location_type", "")
            if kind in ("2", "3", "4"):
                continue
            point = _find_point(row["stop_lon"], row["stop_lat"])
            if point is not None:
                numbers[row["stop_id"]] = len(points)
                points.append(point)
            elif kind in PLAIN_STOP:
                nowhere[row["stop_id"]] = line
        return numbers, points, nowhere

    def _connections(
        self, running: set[str], numbers: Mapping[str, int], nowhere: Mapping[str, int], earliest: int, latest: int
    ) -> Iterator[Connection]:
        calls: dict[str, list[_Call]] = defaultdict(list)
        needed = ("trip_id", "stop_id", "stop_sequence", "arrival_time", "departure_time")
        for line, row in self._rows("stop_times.txt", needed):
            if row["trip_id"] in running:
                if row["stop_id"] in nowhere:
                    raise self._fault("stops.txt", nowhere[row["stop_id"]], "a stop has no longitude and latitude")
                calls[row["trip_id"]].append(self._call(line, row, numbers))
        frequencies = self._frequencies()
        number = 0
        for trip, unordered in calls.items():
            timed = _timed(sorted(unordered, key=lambda call: call.sequence))
            for shift in _shifts(timed, frequencies.get(trip, ())):
                number += 1
                for before, after in itertools.pairwise(timed):
                    departure, arrival = before.departure + shift, after.arrival + shift
                    if departure >= earliest and arrival <= latest and arrival >= departure:
                        yield Connection(
                            number, before.sequence, before.stop, after.stop, departure, arrival,
                            before.may_board, after.may_alight,
                        )  # fmt: skip

    def _call(self, line: int, row: Mapping[str, str], numbers: Mapping[str, int]) -> _Call:
        try:
            stop, sequence = numbers[row["stop_id"]], int(row["stop_sequence"])
            arrival, departure = _seconds(row["arrival_time"]), _seconds(row["departure_time"])
        except (KeyError, ValueError):
            raise self._fault("stop_times.txt", line, "its stop, sequence or times cannot be read") from None
        board, alight = row.get("pickup_type", "") != "1", row.get("drop_off_type", "") != "1"
        return _Call(sequence, stop, _or(arrival, departure), _or(departure, arrival), board, alight)

    def _frequencies(self) -> dict[str, list[tuple[int, int, int]]]:
        found: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
        if "frequencies.txt" in self.feed.namelist():
            for line, row in self._rows("frequencies.txt", ("trip_id", "start_time", "end_time", "headway_secs")):
                try:
                    start, end, headway = (
                        _seconds(row["start_time"]),
                        _seconds(row["end_time"]),
                        int(row["headway_secs"]),
                    )
                except ValueError:
                    raise self._fault("frequencies.txt", line, "its times cannot be read") from None
                if start is None or end is None or headway <= 0:
                    raise self._fault("frequencies.txt", line, "it needs a start, an end and a headway above 0")
                found[row["trip_id"]].append((start, end, headway))
        return found


@dataclass(frozen=True)
class _Call:
    """A trip at a stop; times below 0 were left blank."""

    sequence: int
    stop: int
    arrival: int
    departure: int
    may_board: bool
    may_alight: bool


def _find_point(longitude: str, latitude: str) -> Point | None:
    """Return a place on the ground; None where the words say none: blank, no figure, or no degrees of the Earth."""
    try:
        point = Point(float(longitude), float(latitude))
    except ValueError:
        return None
    return point if abs(point.longitude) <= 180 and abs(point.latitude) <= 90 else None


def _seconds(text: str) -> int | None:
    """Return seconds from midnight of a GTFS time, which may pass 24:00:00; None where it is blank."""
    if not text:
        return None
    hours, minutes, seconds = map(int, text.split(":"))
    return hours * 3600 + minutes * 60 + seconds


def _or(one: int | None, other: int | None) -> int:
    return one if one is not None else other if other is not None else -1


def _timed(calls: Sequence[_Call]) -> list[_Call]:
    """Lay blank times evenly between known ones; calls before the first or after the last known one are left out."""
    known = [at for at, call in enumerate(calls) if call.arrival >= 0]
    if not known:
        return []
    timed = [calls[known[0]]]
    for start, end in itertools.pairwise(known):
        for at in range(start + 1, end):
            share = (at - start) / (end - start)
            second = round(calls[start].departure + share * (calls[end].arrival - calls[start].departure))
            call = calls[at]
            timed.append(_Call(call.sequence, call.stop, second, second, call.may_board, call.may_alight))
        timed.append(calls[end])
    return timed


def _shifts(calls: Sequence[_Call], frequencies: Sequence[tuple[int, int, int]]) -> list[int]:
    """Return by how many seconds each run of a trip is later than its stop times; none but 0 without frequencies."""
    if not frequencies or not calls:
        return [0]
    first = calls[0].departure
    return [leaving - first for start, end, headway in frequencies for leaving in range(start, end, headway)]
