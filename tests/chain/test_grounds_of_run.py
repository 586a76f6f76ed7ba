"""The counts by small area of a run, full and nightly, against the slow twin; and what is told of them by body."""

from __future__ import annotations

from contextlib import closing

from braid.pipeline import RunReport, open_run
from braid.place.bodies import ground_of, load_bodies
from braid.place.rollups import area_counts, find_parts, is_close, publish_rollups
from braid.place.rollups_reference import area_measures
from braid.store.place_folder import Place
from braid.trust.cubes import WAITS_BY_KIND_AND_DISTRICT as CUBE
from braid.trust.cubes import publish

READ = ("postcode", "person_link", "person", "person_wait", "stay")


def test_the_run_counts_by_small_area_what_the_slow_twin_counts(first_week: RunReport, report: RunReport) -> None:
    for run in (first_week.run, report.run):
        with closing(open_run(run, names=("area_measure", *READ))) as engine:
            tables = {name: engine.rows(f"select * from {name}") for name in READ}
            found = engine.rows("select kind, district_code, area_code, waiting from area_measure order by 1, 2, 3")
        expected = area_measures(tables)
        assert found == expected and len(found) > 50


def test_small_areas_come_to_districts_and_bodies_are_told_in_ranges(place: Place, report: RunReport) -> None:
    with closing(open_run(report.run, names=("area_measure", "backlog_measure"))) as engine:
        areas = engine.rows("select * from area_measure")
        exact = engine.rows("select * from backlog_measure")
    by_district: dict[tuple[str, str], int] = {}
    for row in areas:
        key = row["kind"], row["district_code"]
        by_district[key] = by_district.get(key, 0) + row["waiting"]
    for row in exact:
        if row["district_code"]:
            assert by_district.get((row["kind"], row["district_code"]), 0) <= row["waiting"]
    bodies, ground = load_bodies(place), ground_of(place)
    cells = publish(CUBE, exact, list(ground.districts))
    counts = area_counts(areas, ground)
    found = publish_rollups(bodies, ground, find_parts(bodies, ground), cells, counts)
    there = [one for one in found.bodies if one.span[1] > 0]
    close = [one for one in there if is_close(one.span)]
    said = [one for one in found.parts if one.is_said]
    print(
        f"{len(there)} kinds of wait by body, {len(close)} of them close; {len(said)} of {len(found.parts)} parts said"
    )
    assert len(there) > 100 and close
    grounds = {body.id: body.areas for body in bodies}
    for one in found.bodies:
        low, high = one.span
        own = sum(count for area, count in counts.get(one.kind, {}).items() if area in grounds[one.body])
        assert own <= high and low <= high
