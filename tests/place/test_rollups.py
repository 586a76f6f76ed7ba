"""Counts by small area as a slow twin finds them; what is published by ground of them, and how much of it is close."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import random
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from braid.example.write import write_example
from braid.language.findings import TABLES
from braid.place import rollups
from braid.place.bodies import Body, Ground, ground_of, load_bodies
from braid.place.rollups import area_counts, create_area_measure, find_parts, is_close, publish_rollups
from braid.place.rollups_reference import area_measures
from braid.store.duckdb_engine import DuckDBEngine
from braid.store.place_folder import load_place
from braid.store.portable import compile_sql
from braid.trust.cubes import WAITS_BY_KIND_AND_DISTRICT as CUBE
from braid.trust.cubes import publish
from drawn import drawn
from shared import shared_folder

AS_OF = dt.date(2026, 11, 15)
Row = dict[str, Any]
NOBODY = dict.fromkeys((*CUBE.columns, "median_days"), 0)
POSTCODES = {"QB1 1AA": ("D1", "A1"), "QB1 1AB": ("D1", "A2"), "QB2 1AA": ("D2", "B1"), "QB2 1AB": ("D2", None)}
DATES = st.none() | st.sampled_from([AS_OF - dt.timedelta(days=days) for days in (3, 40, 400)])


def filled(table: str, **values: Any) -> Row:
    """A row with what is required filled in."""
    kinds = {"boolean": False, "date": AS_OF, "integer": 1}
    row = {
        column.name: kinds.get(str(column.type), "any") if column.required else None for column in TABLES[table].columns
    }
    return {**row, **values}


@st.composite
def places(draw: st.DrawFn) -> dict[str, list[Row]]:
    """Up to five people with up to three stays each, some protected, some at a refuge or an address kept secret."""
    tables: dict[str, list[Row]] = {name: [] for name in ("person", "person_link", "stay", "person_wait")}
    tables["postcode"] = [
        filled("postcode", postcode=code, district_code=district, area_code=area)
        for code, (district, area) in POSTCODES.items()
    ]
    for number in range(draw(st.integers(1, 5))):
        person, record = f"p{number}", f"r{number}"
        tables["person_link"].append(filled("person_link", person_id=person, person_record_id=record))
        stays = [_stay(draw, f"{record}-{each}", record) for each in range(draw(st.integers(0, 3)))]
        tables["stay"] += stays
        for each in range(draw(st.integers(0, 2))):
            stopped = draw(st.sampled_from([None, None, AS_OF]))
            kind = draw(st.sampled_from(["rtt", "register"]))
            row = filled("person_wait", wait_id=f"{person}-{each}", person_id=person, kind=kind, stop_date=stopped)
            tables["person_wait"].append(row)
        tables["person"].append(filled("person", person_id=person, protected=draw(st.booleans())))
    return tables


def _stay(draw: st.DrawFn, identity: str, record: str) -> Row:
    return filled(
        "stay",
        record_id=identity,
        person_record_id=record,
        kind=draw(st.sampled_from(["own_home", "own_home", "refuge"])),
        postcode=draw(st.sampled_from([None, "ZZ9 9ZZ", *POSTCODES])),
        district_code=draw(st.sampled_from([None, "D1", "D2"])),
        area_code=draw(st.sampled_from([None, "A9"])),
        start_date=draw(DATES),
        end_date=draw(st.none() | st.just(AS_OF)),
        confidential=draw(st.booleans()),
    )


def measured(tables: dict[str, list[Row]]) -> list[Row]:
    """The rows of the query, with districts of people as the stage before finds them."""
    with closing(DuckDBEngine()) as engine:
        for name, rows in tables.items():
            engine.load_rows(TABLES[name], rows)
        engine.create("home", rollups.LATEST_HOME)
        people = {row["person_id"]: row["district_code"] for row in engine.rows("select * from home")}
        located = [
            {**row, "district_code": None if row["protected"] else people.get(row["person_id"])}
            for row in tables["person"]
        ]
        engine.load_rows(TABLES["person"], located)
        create_area_measure(engine)
        return engine.rows("select kind, district_code, area_code, waiting from area_measure order by 1, 2, 3")


@drawn(60, 600)
@given(places())
def test_the_query_finds_what_the_slow_twin_finds(tables: dict[str, list[Row]]) -> None:
    assert measured(tables) == area_measures(tables)


def test_the_query_is_portable() -> None:
    for engine in ("duckdb", "spark"):
        assert compile_sql(rollups._AREA_MEASURE, engine)


def test_protected_people_and_homes_of_no_known_area_are_in_no_small_area() -> None:
    tables: dict[str, list[Row]] = {name: [] for name in ("person", "person_link", "stay", "person_wait", "postcode")}
    tables["postcode"] = [
        filled("postcode", postcode=code, district_code=district, area_code=area)
        for code, (district, area) in POSTCODES.items()
    ]
    for number, (postcode, protected) in enumerate([("QB1 1AA", False), ("QB1 1AA", True), ("QB2 1AB", False)]):
        person = f"p{number}"
        tables["person"].append(filled("person", person_id=person, protected=protected))
        tables["person_link"].append(filled("person_link", person_id=person, person_record_id=person))
        stay = filled("stay", record_id=person, person_record_id=person, kind="own_home", postcode=postcode)
        tables["stay"].append(stay)
        tables["person_wait"].append(filled("person_wait", wait_id=person, person_id=person, kind="rtt"))
    found = [{"kind": "rtt", "district_code": "D1", "area_code": "A1", "waiting": 1}]
    assert measured(tables) == area_measures(tables) == found


def test_a_small_area_that_the_ground_has_elsewhere_is_left_out() -> None:
    rows = [
        {"kind": "rtt", "district_code": "D1", "area_code": "A1", "waiting": 4},
        {"kind": "rtt", "district_code": "D2", "area_code": "A2", "waiting": 5},
        {"kind": "rtt", "district_code": "D2", "area_code": "Z9", "waiting": 6},
    ]
    assert area_counts(rows, GROUND) == {"rtt": {"A1": 4}}


GROUND = Ground({"D1": "One", "D2": "Two"}, {"A1": "D1", "A2": "D1", "B1": "D2"})
COURT = Body("court", "Court", "court", frozenset({"D2"}), frozenset({"A1", "B1"}))
COUNCIL = Body("council", "Council", "council", frozenset({"D1"}), frozenset({"A1", "A2"}))


def cells_of(by_district: dict[str, int], nowhere: int = 0):
    rows = [{**NOBODY, "kind": "rtt", "district_code": code, "waiting": count} for code, count in by_district.items()]
    total = sum(by_district.values()) + nowhere
    return publish(CUBE, [*rows, {**NOBODY, "kind": "rtt", "district_code": "", "waiting": total}], list(by_district))


def test_a_body_is_as_many_as_its_whole_districts_and_its_parts_may_have() -> None:
    """District one has 43 (45: 43 to 47), two 20 (18 to 22). A1 and A2 have one area each; A1 is the rest."""
    parts = find_parts([COURT, COUNCIL], GROUND)
    found = publish_rollups(
        [COURT, COUNCIL], GROUND, parts, cells_of({"D1": 43, "D2": 20}), {"rtt": {"A1": 14, "A2": 29, "B1": 20}}
    )
    assert [(one.number, one.span, one.is_said) for one in found.parts] == [(0, (11, 19), True), (1, (28, 32), True)]
    assert {one.body: one.span for one in found.bodies} == {"court": (11 + 18, 19 + 22), "council": (43, 47)}


def test_of_few_people_nothing_is_said_but_what_the_districts_say() -> None:
    parts = find_parts([COURT, COUNCIL], GROUND)
    found = publish_rollups([COURT, COUNCIL], GROUND, parts, cells_of({"D1": 9, "D2": 0}), {"rtt": {"A1": 9, "A2": 0}})
    assert not any(one.is_said for one in found.parts)
    assert {one.body: one.span for one in found.bodies} == {"court": (0, 12), "council": (8, 12)}


def test_a_place_without_small_areas_rolls_up_whole_districts() -> None:
    ground = Ground({"D1": "One", "D2": "Two"}, {})
    body = Body("court", "Court", "court", frozenset({"D2"}), frozenset())
    found = publish_rollups([body], ground, find_parts([body], ground), cells_of({"D1": 43, "D2": 20}), {})
    assert [(one.body, one.span) for one in found.bodies] == [("court", (18, 22))]


@pytest.mark.parametrize(("span", "close"), [((8, 12), True), ((0, 7), False), ((90, 110), True), ((90, 120), False)])
def test_what_is_called_close(span: tuple[int, int], close: bool) -> None:
    assert is_close(span) is close


def told(bodies: list[Body], ground: Ground, cells, counts) -> dict[str, tuple[int, int, int]]:
    """Of bodies of whole districts and of those that cut one: cells where anybody may wait, close ones, said ones.

    Said: the range is tighter than what follows from the figures of districts alone.
    """
    parts = find_parts(bodies, ground)
    found = publish_rollups(bodies, ground, parts, cells, counts)
    without = {(one.kind, one.body): one.span for one in publish_rollups(bodies, ground, (), cells, counts).bodies}
    whole = {body.id for body in bodies if ground.areas_of(body.districts) == body.areas}
    tally = {"whole": [0, 0, 0], "cutting": [0, 0, 0]}
    for one in found.bodies:
        if one.span[1] > 0:
            row = tally["whole" if one.body in whole else "cutting"]
            row[0] += 1
            row[1] += is_close(one.span)
            row[2] += one.span != without[one.kind, one.body]
    return {name: tuple(row) for name, row in tally.items()}


def nearest(lines: list[Row], sites: list[tuple[str, float, float]], kind: str) -> list[Body]:
    """A body for each site: the small areas that are nearest to it."""
    grounds: dict[str, set[str]] = {}
    for line in lines:
        east, north = float(line["lon"]) * 0.6, float(line["lat"])
        name = min(sites, key=lambda site: (site[1] * 0.6 - east) ** 2 + (site[2] - north) ** 2)[0]
        grounds.setdefault(name, set()).add(line["lsoa21cd"])
    return [
        Body(f"{kind}-{number}", name, kind, frozenset(), frozenset(areas))
        for number, (name, areas) in enumerate(sorted(grounds.items()))
    ]


def sites_of(path: Path) -> list[tuple[str, float, float]]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["lon"]]
    return [(row["name"], float(row["lon"]), float(row["lat"])) for row in rows]


@pytest.mark.parametrize(("total", "least"), [(500, 0), (3_000, 2), (30_000, 60), (300_000, 95)])
def test_how_close_the_figures_of_bodies_are_on_real_ground(total: int, least: int) -> None:
    """Greater Manchester: ten councils, one board, and the ground nearest to each hospital and each court.

    Nobody knows waits by small area there; so many are spread over residents by chance, with a heavy tail.
    """
    folder = shared_folder("places", "greater-manchester")
    with gzip.open(folder / "lsoa21.csv.gz", "rt", encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    names = {line["lad22cd"]: line["lad22nm"] for line in lines}
    ground = Ground(names, {line["lsoa21cd"]: line["lad22cd"] for line in lines})
    bodies = [Body(f"council-{code}", code, "council", frozenset({code}), ground.areas_of([code])) for code in names]
    bodies += [Body("icb", "Board", "icb", frozenset(names), ground.areas_of(names))]
    bodies += nearest(lines, sites_of(folder / "services" / "hospitals.csv"), "hospital")
    bodies += nearest(lines, sites_of(folder / "services" / "courts.csv"), "court")
    chance = random.Random(total)
    weights = [float(line["residents_2021"]) * chance.expovariate(1) for line in lines]
    drawn_areas = chance.choices([line["lsoa21cd"] for line in lines], weights, k=total)
    counts: dict[str, int] = {}
    by_district = dict.fromkeys(names, 0)
    for area in drawn_areas:
        counts[area] = counts.get(area, 0) + 1
        by_district[ground.area_districts[area]] += 1
    tally = told(bodies, ground, cells_of(by_district), {"rtt": counts})
    print(f"{total:,} waits, {len(find_parts(bodies, ground))} parts: {tally}")
    assert tally["whole"][0] == tally["whole"][1] == 11
    there, close, _ = tally["cutting"]
    assert 100 * close >= least * there


def test_the_grounds_of_the_example_place_cut_its_districts(tmp_path: Path) -> None:
    write_example(tmp_path / "place", people=2000, seed=1, weeks=1)
    place = load_place(tmp_path / "place")
    bodies, ground = load_bodies(place), ground_of(place)
    parts = find_parts(bodies, ground)
    cut = {ground.districts[part.district] for part in parts}
    assert cut == {"Hallowmere", "Tarnwick"}
    served = [{body.id for body in bodies if part.areas <= body.areas} for part in parts]
    assert {"beacon-schools"} in [one ^ other for one in served for other in served]
