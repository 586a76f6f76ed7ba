"""Bodies and grounds on pages: what is published of them, what is drawn, what is kept when bounds change."""

import csv
import gzip
import io
import json
import os
import re
from html import unescape
from pathlib import Path

import pytest
from django.db import connection, transaction
from ground_sample import AREAS, ATTRIBUTION, BODIES_TOML, NORTH, SOUTH, write_counted_run, write_ground
from sample_run import write_run

import braid.web
from braid.language.codes import WAIT_KINDS
from braid.place.rollups import say_span
from braid.store.lake import Lake
from braid.trust.disclosure import possible_counts
from braid.web.figures import get_published_counts
from braid.web.geography.drawings import (
    class_of,
    draw_classes,
    find_classes,
    frame_of,
    middle_of,
    nest_rings,
    path_of,
    say_classes,
)
from braid.web.geography.publishing import load_ground
from braid.web.geography.seen import get_all_body_figures, get_ground, get_part_figures
from braid.web.models import BacklogMeasure, BodyFigure, District, GroundPart, PartFigure, PublishedGround
from braid.web.publish import publish
from braid.web.watch import known_asker
from place.test_boundaries import greater_manchester
from place.test_rollups import nearest, sites_of
from shared import REPOSITORY, shared_folder

pytestmark = pytest.mark.django_db


@pytest.fixture
def ground(published, tmp_path):
    """The sample place with overlapping grounds, published after the one without."""
    place = write_ground(tmp_path / "ground")
    publish(write_counted_run(place), place)
    return place


def words_of(content: bytes) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", content.decode())).split())


def test_the_parts_are_what_the_bounds_leave_in_one_piece(ground):
    parts = {(row.district_code, row.number): set(row.areas) for row in GroundPart.objects.all()}
    assert parts == {(SOUTH, 0): {"S2", "S3"}, (SOUTH, 1): {"S0"}, (SOUTH, 2): {"S1"}}
    found = get_ground()
    assert {body.id: body.served for body in found.bodies if body.kind == "court"} == {
        "far-court": "Southwick Down in part (2 of 4 small areas)",
        "vale-crown-court": "Northmere",
        "vale-family-court": "Northmere, Southwick Down in part (1 of 4 small areas)",
    }


def test_what_is_published_by_ground_holds_what_is_true(ground):
    figures = get_all_body_figures()
    districts = {(cell.kind, cell.district): cell for cell in get_published_counts()}
    assert set(figures) == {body.id for body in get_ground().bodies}
    for kind in WAIT_KINDS:
        north, south = (possible_counts(districts[kind, code].values["waiting"]) for code in (NORTH, SOUTH))
        spans = {body: next(one.span for one in found if one.kind == kind) for body, found in figures.items()}
        assert spans["northmere-council"] == north and spans["southwick-council"] == south
        assert spans["vale-hospital"] == (north[0] + south[0], north[1] + south[1])
        low, high = spans["vale-family-court"]
        assert north[0] <= low <= high <= north[1] + south[1]
    assert any(one.is_said for one in PartFigure.objects.all())
    assert not PartFigure.objects.filter(kind="cla_review", is_said=True).exists(), "three in all: nothing is said"


def test_a_run_without_counts_by_small_area_says_nothing_of_parts(published):
    assert BodyFigure.objects.exists() and not PartFigure.objects.exists() and not GroundPart.objects.exists()
    assert not get_ground().is_drawn


def test_a_ground_that_changes_keeps_the_parts_and_widens_the_range(ground, tmp_path):
    before = {one.kind: one.span for one in get_all_body_figures()["far-court"]}
    kept = sorted((row.district_code, row.number, *row.areas) for row in GroundPart.objects.all())
    place = write_ground(tmp_path / "later", BODIES_TOML.replace('areas = ["S0", "S1"]', 'areas = ["S0", "S1", "S2"]'))
    assert publish(write_counted_run(place, "later"), place).changed
    assert sorted((row.district_code, row.number, *row.areas) for row in GroundPart.objects.all()) == kept
    after = {one.kind: one.span for one in get_all_body_figures()["far-court"]}
    assert all(after[kind][0] == before[kind][0] and after[kind][1] >= before[kind][1] for kind in before)
    assert any(after[kind][1] > before[kind][1] for kind in before)


def test_what_an_older_braid_published_is_published_again(ground):
    PublishedGround.objects.all().delete()
    place = ground
    assert publish(Lake(place.lake_folder).current(), place).changed
    assert PublishedGround.objects.count() == 1


def test_the_page_of_bodies_says_who_serves_what_and_where_bounds_do_not_line_up(ground, client_of):
    content = client_of("board_member").get("/bodies/").content
    words = words_of(content)
    assert "Far Court <b> Court area Southwick Down in part (2 of 4 small areas)" in words
    assert b"Far Court <b>" not in content
    assert "Court area Southwick Down in part (2 of 4 small areas) none" in words, "a gap is said"
    assert "Court area Southwick Down in part (1 of 4 small areas) Far Court <b> , Family Court at Sample Vale" in words
    assert "Family Court at Sample Vale Southwick Down" in words, "a bound through a district"
    assert ATTRIBUTION in words
    assert content.count(b'<svg class="app-chart"') >= 5 and b"<script" not in content


def test_grounds_are_chosen_by_a_plain_form(ground, client_of):
    client = client_of("analyst")
    every, courts = (client.get("/bodies/", query).content.decode() for query in ({}, {"body": "court"}))
    assert 'id="ground-northmere-council-title"' in every and 'id="ground-northmere-council-title"' not in courts
    assert 'id="ground-far-court-title"' in courts
    assert client.get("/bodies/", {"body": "no-such", "wait": "x", "by": "y"}).status_code == 200


def test_the_map_of_waits_has_the_same_in_a_table(ground, client_of):
    client = client_of("analyst")
    kind = "cla_review"
    words = words_of(client.get("/bodies/", {"wait": kind, "by": "district"}).content)
    assert "Northmere not shown" in words and "not shown: too few to tell" in words
    content = client.get("/bodies/", {"wait": "rtt", "by": "part"}).content
    words = words_of(content)
    figures = get_part_figures()
    for part in get_ground().parts:
        told = next(one for one, is_said in figures[part.district, part.number] if one.kind == "rtt" and is_said)
        assert f"{part.name} {told.words}" in words
    assert content.decode().count("url(#class-map-hidden)") == 0


def test_a_body_has_its_ground_its_neighbours_and_its_figures(ground, client_of):
    content = client_of("commissioner").get("/bodies/vale-family-court/").content
    words = words_of(content)
    assert "Its bound runs through Southwick Down" in words
    assert "Far Court <b> Court area 1" in words and "Northmere Council Council 4" in words
    for one in get_all_body_figures()["vale-family-court"]:
        assert f"{one.kind_name} {one.backlog_name} {one.words}" in words
    assert client_of("analyst").get("/bodies/no-such/").status_code == 404


def test_the_map_that_is_moved_is_let_in_on_its_own_page_alone(ground, client_of):
    client = client_of("analyst")
    answer = client.get("/bodies/vale-family-court/")
    policy, page = answer["Content-Security-Policy"], answer.content.decode()
    (script,) = re.findall(r"<script[^>]*>", page)
    nonce = re.search(r'nonce="([^"]+)"', script).group(1)
    assert f"script-src 'nonce-{nonce}'" in policy and "worker-src 'self'" in policy
    assert "default-src 'none'" in policy and "connect-src" not in policy and "unsafe" not in policy
    assert re.search(r'src="/static/braid/map\.js\?v=\w{12}"', script)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=", page)
    assert "script-src 'none'" in client.get("/bodies/")["Content-Security-Policy"]
    assert "worker-src" not in client.get("/bodies/")["Content-Security-Policy"]
    outlines = json.loads(unescape(re.search(r'data-outlines="([^"]*)"', page).group(1)))
    assert [one["properties"]["name"] for one in outlines["districts"]] == ["Northmere", "Southwick Down"]


def test_holes_of_a_ground_are_holes_of_its_outline():
    def box(low: float, high: float) -> tuple:
        return ((low, low), (high, low), (high, high), (low, high), (low, low))

    outer, hole, island, beside = box(0, 9), box(2, 7), box(4, 5), box(20, 21)
    assert nest_rings((hole, island, outer, beside)) == [[island], [outer, hole], [beside]]


def test_the_drawing_of_maps_has_its_licence_and_version():
    folder = Path(braid.web.__file__).parent / "static" / "braid" / "maplibre"
    locked = json.loads((REPOSITORY / "frontend" / "package-lock.json").read_text(encoding="utf-8"))
    version = locked["packages"]["node_modules/maplibre-gl"]["version"]
    assert (folder / "version.txt").read_text(encoding="utf-8").strip() == version
    assert "Redistribution and use in source and binary forms" in (folder / "licence.txt").read_text(encoding="utf-8")
    assert f"/v{version}/" in (folder / "maplibre-gl.mjs").read_text(encoding="utf-8")[:400]


def test_files_have_what_the_pages_have(ground, client_of):
    client = client_of("analyst")
    table = list(csv.reader(io.StringIO(client.get("/bodies/figures.csv").content.decode("utf-8-sig"))))
    figures = get_all_body_figures()
    assert len(table) - 1 == sum(len(found) for found in figures.values())
    hospital = {row[3]: (int(row[5]), int(row[6])) for row in table[1:] if row[0] == "Vale Hospital"}
    assert hospital == {one.kind_name: one.span for one in figures["vale-hospital"]}
    parts = client.get("/bodies/parts.csv").content.decode("utf-8-sig")
    assert "Southwick Down, part 2 (1 of 4 small areas)" in parts
    for form in ("xlsx", "pdf"):
        assert (
            client.get(f"/bodies/figures.{form}").status_code == client.get(f"/bodies/parts.{form}").status_code == 200
        )
    assert client.get("/bodies/figures.exe").status_code == 404


def test_before_the_first_run_there_is_nothing(client_of):
    client = client_of("analyst")
    assert b"Nothing is published yet" in client.get("/bodies/").content
    for address in ("/bodies/vale-hospital/", "/bodies/figures.csv", "/bodies/parts.csv"):
        assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    ("span", "words"), [((0, 0), "none"), ((0, 12), "at most 12"), ((3, 3), "3"), ((1205, 1255), "1,205 to 1,255")]
)
def test_ranges_in_words(span, words):
    assert say_span(span) == words


def test_classes_hold_every_area_once_and_say_their_bounds():
    spans = [(8, 12), (8, 12), (18, 22), None, (98, 102), (998, 1002), (0, 0), (48, 52)]
    classes = find_classes(spans)
    said = say_classes(spans, classes)
    assert len(said) == len(classes) + 1 <= 5
    assert {class_of(span, classes) for span in spans if span is not None} == set(range(len(said)))
    assert next(one.words for one in said).startswith(("none", "about at most"))
    assert say_classes([None], find_classes([None])) == ()
    assert find_classes([(8, 12)] * 3) == () and [one.words for one in say_classes([(8, 12)], ())] == ["about 10"]


def test_drawings_lie_in_their_frame_and_names_in_their_areas(ground):
    found = get_ground()
    rings = tuple(ring for district in found.districts for ring in district.rings)
    frame = frame_of(rings, 640)
    numbers = [float(one) for ring in rings for one in re.findall(r"[\d.]+", path_of((ring,), frame))]
    assert min(numbers) >= 0 and max(numbers) <= max(frame.width, frame.height) <= 641
    for district in found.districts:
        for axis, middle in enumerate(middle_of(district.rings)):
            ends = [point[axis] for ring in district.rings for point in ring]
            assert min(ends) < middle < max(ends)
    drawn = draw_classes(found, [("hidden", found.districts[0].rings, None)], ())
    assert [shape.fill for shape in drawn.shapes] == [-1]
    assert set(AREAS) == {area for row in GroundPart.objects.all() for area in row.areas} | {f"N{n}" for n in range(4)}


def test_the_real_boundaries_of_greater_manchester_are_drawn(published, client_of, tmp_path):
    """Ten districts of 1,702 small areas, and the ground nearest to each court, which cuts most of them."""
    place, land = greater_manchester(tmp_path)
    with gzip.open(shared_folder("places", "greater-manchester", "lsoa21.csv.gz"), "rt", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    courts = nearest(lines, sites_of(shared_folder("places", "greater-manchester", "services", "courts.csv")), "court")
    parts = []
    for one in courts:
        parts.append(f'[[body]]\nid = "{one.id}"\nname = {json.dumps(one.name)}\nkind = "court"\n')
        parts.append(f"areas = {json.dumps(sorted(one.areas))}\n\n")
    text = "".join(parts)
    (tmp_path / "bodies.toml").write_text(text, encoding="utf-8")
    counts = {line["lsoa21cd"]: int(line["residents_2021"]) % 23 for line in lines}
    areas = [
        {"kind": "register", "district_code": land.area_districts[area], "area_code": area, "waiting": count}
        for area, count in counts.items()
    ]
    measures = [
        measure_of("register", code, sum(counts[area] for area in land.areas_of([code]))) for code in land.districts
    ]
    measures.append(measure_of("register", "", sum(counts.values())))
    run = write_run(place, "real", {"backlog_measure": measures, "area_measure": areas})
    with known_asker(), transaction.atomic(), connection.cursor() as cursor:
        for model in (BodyFigure, PartFigure, District, BacklogMeasure):
            model.objects.all().delete()
        District.objects.bulk_create(District(code=code, name=name) for code, name in land.districts.items())
        BacklogMeasure.objects.bulk_create(BacklogMeasure(**row) for row in measures)
        load_ground(cursor, run, place)
    client = client_of("board_member")
    pages = {
        name: client.get(address).content
        for name, address in {
            "bodies": "/bodies/?body=court",
            "parts": "/bodies/?body=council&by=part",
            "body": f"/bodies/{courts[0].id}/",
        }.items()
    }
    for name in land.districts.values():
        assert f">{name}</text>" in pages["bodies"].decode()
    sizes = {name: len(content) for name, content in pages.items()}
    print(f"bytes of pages with real outlines: {sizes}")
    assert max(sizes.values()) < 600_000
    assert len(get_ground().parts) > 20
    assert pages["parts"].decode().count('fill="#') > 30
    kept = os.environ.get("BRAID_PICTURES")
    for name, content in pages.items() if kept else ():
        Path(kept, f"{name}.html").write_bytes(content)


def measure_of(kind: str, district: str, waiting: int) -> dict:
    nothing = dict.fromkeys(("over_year", "with_limit", "within_limit", "completed", "completed_within"), 0)
    nothing |= {"completed_with_limit": 0, "also_elsewhere": 0, "median_days": 100.0, "p92_days": 400.0}
    return {**nothing, "kind": kind, "backlog": WAIT_KINDS[kind].backlog, "district_code": district, "waiting": waiting}
