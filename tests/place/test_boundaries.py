"""Outlines as a place gives them: every fault told; thinned and joined with shared borders kept shared."""

from __future__ import annotations

import csv
import gzip
import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from braid.example.write import write_example
from braid.language.rule_files import RulesInvalid, RulesUnreadable
from braid.pipeline import run_chain
from braid.place.bodies import Ground, ground_of
from braid.place.boundaries import Ring, find_crossing, load_boundaries
from braid.place.outlines import Outlines, find_outlines
from braid.store.place_folder import Place, load_place
from shared import shared_folder

PLACE_TOML = """[place]
id = "here"
name = "Here"
[[district]]
code = "D1"
id = "one"
name = "One"
council = ""
"""
SQUARE = [[-2.0, 53.0], [-1.9, 53.0], [-1.9, 53.1], [-2.0, 53.1], [-2.0, 53.0]]
POSTCODES = "postcode,area_code,district_code\nQB1 1AA,A1,D1\nQB1 1AB,A2,D1\n"


def square(east: float) -> list[list[float]]:
    return [[point[0] + east, point[1]] for point in SQUARE]


def feature(code: Any, rings: Any, kind: str = "Polygon", name: Any = "Some") -> dict[str, Any]:
    properties = {"code": code, "name": name}
    return {"type": "Feature", "properties": properties, "geometry": {"type": kind, "coordinates": rings}}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    (tmp_path / "place.toml").write_text(
        PLACE_TOML.replace('council = ""', 'council = "c"').replace(
            "[[district]]", '[[organisation]]\nid = "c"\nname = "Council"\nkind = "council"\n[[district]]'
        ),
        encoding="utf-8",
    )
    (tmp_path / "geography").mkdir()
    (tmp_path / "geography" / "postcodes.csv").write_text(POSTCODES, encoding="utf-8")
    write(
        tmp_path, "districts", [feature("D1", [[[-2.0, 53.0], [-1.8, 53.0], [-1.8, 53.1], [-2.0, 53.1], [-2.0, 53.0]]])]
    )
    write(tmp_path, "areas", [feature("A1", [SQUARE]), feature("A2", [square(0.1)])])
    return load_place(tmp_path)


def write(folder: Path, name: str, features: list[Any]) -> None:
    document = {"type": "FeatureCollection", "features": features}
    (folder / "geography" / f"{name}.geojson").write_text(json.dumps(document), encoding="utf-8")


def test_sound_outlines_are_read(place: Place) -> None:
    found = load_boundaries(place, ground_of(place))
    assert set(found.areas) == {"A1", "A2"} and set(found.districts) == {"D1"}
    assert found.areas["A1"].rings == (tuple((east, north) for east, north in SQUARE),)


def test_a_place_without_outlines_has_none(place: Place) -> None:
    for name in ("areas", "districts"):
        (place.folder / "geography" / f"{name}.geojson").unlink()
    found = load_boundaries(place, ground_of(place))
    assert not found.areas and not found.districts


def test_a_run_is_refused_before_anything_is_read(place: Place) -> None:
    write(place.folder, "areas", [feature("A1", [SQUARE])])
    with pytest.raises(RulesInvalid, match="no outline of A2"):
        run_chain(place)
    assert not place.lake_folder.exists()


def test_what_the_licence_asks_for_is_read_from_both_files(place: Place) -> None:
    for name, words in (("areas", "Contains OS data."), ("districts", "Contains OS data.")):
        path = place.folder / "geography" / f"{name}.geojson"
        path.write_text(json.dumps({**json.loads(path.read_text()), "attribution": words}), encoding="utf-8")
    assert load_boundaries(place, ground_of(place)).attribution == "Contains OS data."
    path.write_text(json.dumps({**json.loads(path.read_text()), "attribution": ["x"]}), encoding="utf-8")
    with pytest.raises(RulesInvalid, match="attribution must be a text"):
        load_boundaries(place, ground_of(place))


BOW = [[-2.0, 53.0], [-1.9, 53.1], [-1.9, 53.0], [-2.0, 53.1], [-2.0, 53.0]]


@pytest.mark.parametrize(
    ("second", "told"),
    [
        (feature("", [square(0.1)]), "feature 2: it has no code"),
        ("no feature", "feature 2: it has no code"),
        (feature("A2", [square(0.1)], name=None), "feature 2 (A2): name must be a text"),
        (feature("A2", [square(0.1)], kind="LineString"), "no Polygon or MultiPolygon"),
        (feature("A2", []), "no Polygon or MultiPolygon"),
        (feature("A2", [[]], kind="MultiPolygon"), "has no ring"),
        (feature("A2", [[["x", 53], *square(0.1)]]), "a point is not two numbers"),
        (feature("A2", [[[376741, 387644], *square(0.1)]]), "metres of the National Grid"),
        (feature("A2", [square(0.1)[:-1]]), "a ring is open"),
        (feature("A2", [[[1, 50], [1, 51], [1, 50]]]), "fewer than 4 points"),
        (feature("A2", [BOW]), "crosses itself"),
        (feature("A1", [square(0.1)]), "'A1' is there twice"),
        (feature("A3", [square(0.1)]), "feature A3: the code is not a small area of postcodes.csv"),
        (feature("A1", [SQUARE]), "there is no outline of A2"),
    ],
)
def test_every_fault_of_an_outline_is_told(place: Place, second: Any, told: str) -> None:
    write(place.folder, "areas", [feature("A1", [SQUARE]), second])
    with pytest.raises(RulesInvalid) as invalid:
        load_boundaries(place, ground_of(place))
    messages = [str(fault) for fault in invalid.value.faults]
    assert any(message.startswith("areas.geojson: ") and told in message for message in messages)
    assert all(message.count(";") >= 1 for message in messages)


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"type": "FeatureCollection"}', b"\xff", b"[" * 100_000])
def test_what_is_no_collection_is_not_readable(place: Place, content: bytes) -> None:
    (place.folder / "geography" / "areas.geojson").write_bytes(content)
    with pytest.raises(RulesUnreadable, match=r"areas\.geojson: file"):
        load_boundaries(place, ground_of(place))


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("QB1 1AC,A1,D2\n", "area_code A1: the small area lies in 'D1' and 'D2'"),
        ("QB1 1AC,A9,D2\n", "area_code A9: district_code 'D2' is no district of place.toml"),
    ],
)
def test_small_areas_lie_in_one_district_of_the_place(place: Place, rows: str, told: str) -> None:
    with (place.folder / "geography" / "postcodes.csv").open("a", encoding="utf-8") as file:
        file.write(rows)
    with pytest.raises(RulesInvalid) as invalid:
        load_boundaries(place, ground_of(place))
    assert any(f"postcodes.csv: {told}" in str(fault) for fault in invalid.value.faults)


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=3, max_size=7, unique=True))
def test_a_ring_crosses_itself_where_trying_every_pair_of_sides_says_so(points: list[tuple[int, int]]) -> None:
    ring = tuple((float(x), float(y)) for x, y in [*points, points[0]])
    sides = list(itertools.pairwise(ring))
    met = any(
        meet(*sides[a], *sides[b])
        for a in range(len(sides))
        for b in range(a + 2, len(sides))
        if not (a == 0 and b == len(sides) - 1)
    )
    assert find_crossing(ring) == met


def meet(a, b, c, d) -> bool:
    """Whether two sides have more in common than an end of both, in whole numbers."""

    def turn(p, q, r) -> float:
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])

    def on(p, q, r) -> bool:
        between = all(min(p[axis], q[axis]) <= r[axis] <= max(p[axis], q[axis]) for axis in (0, 1))
        return turn(p, q, r) == 0 and between

    proper = turn(a, b, c) * turn(a, b, d) < 0 and turn(c, d, a) * turn(c, d, b) < 0
    ends = {a, b} & {c, d}
    touched = {r for p, q, r in ((a, b, c), (a, b, d), (c, d, a), (c, d, b)) if on(p, q, r)}
    return proper or bool(touched - ends)


def test_a_ring_may_come_back_to_a_point_and_not_along_a_side() -> None:
    two_fields = ((0, 0), (1, 0), (1, 1), (2, 1), (2, 2), (1, 2), (1, 1), (0, 1), (0, 0))
    assert not find_crossing(tuple((float(x), float(y)) for x, y in two_fields))
    assert find_crossing(((0.0, 0.0), (4.0, 0.0), (4.0, 1.0), (2.0, 0.0), (0.0, 1.0), (0.0, 0.0)))


def enclosed(rings: tuple[Ring, ...]) -> float:
    """The ground inside rings, each in another or beside it: those inside others are holes."""
    return abs(
        sum(_signed(ring) * (-1) ** sum(_inside(ring, other) for other in rings if other is not ring) for ring in rings)
    )


def _signed(ring: Ring) -> float:
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in itertools.pairwise(ring)) / 2)


def _inside(ring: Ring, other: Ring) -> bool:
    x = (ring[0][0] + ring[1][0]) / 2
    y = (ring[0][1] + ring[1][1]) / 2
    crossings = 0
    for (x1, y1), (x2, y2) in itertools.pairwise(other):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            crossings += 1
    return crossings % 2 == 1


def test_grounds_are_joined_along_their_shared_borders() -> None:
    cells = {f"{x}{y}": (box(x, y),) for x in range(3) for y in range(3)}
    outlines = find_outlines(cells, 0.0)
    assert [len(ring) - 1 for ring in outlines.around(cells)] == [12]
    ring_of_eight = outlines.around([code for code in cells if code != "11"])
    assert sorted(len(ring) - 1 for ring in ring_of_eight) == [4, 12]
    assert enclosed(ring_of_eight) == 8
    assert enclosed(outlines.around(["00", "22"])) == 2
    assert outlines.around(["nowhere"]) == ()


def box(x: int, y: int) -> Ring:
    return ((x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1), (x, y))


def test_an_area_in_another_is_a_hole_and_no_ring_falls_flat() -> None:
    outer = tuple((x * 10.0, y * 10.0) for x, y in box(0, 0))
    inner = tuple((4 + x / 10, 4 + y / 10) for x, y in box(0, 0))
    outlines = find_outlines({"out": (outer, inner), "in": (inner[::-1],)}, 5.0)
    assert enclosed(outlines.around(["out", "in"])) == pytest.approx(100)
    assert enclosed(outlines.around(["in"])) > 0
    assert all(len(ring) >= 4 for ring in outlines.around(["out"]))


def sizes(outlines: Outlines, codes) -> float:
    return sum(enclosed(outlines.around([code])) for code in codes)


def test_the_example_place_is_sound_and_its_districts_are_their_areas(tmp_path: Path) -> None:
    write_example(tmp_path / "place", people=2000, seed=1, weeks=1)
    place = load_place(tmp_path / "place")
    ground = ground_of(place)
    found = load_boundaries(place, ground)
    assert set(found.areas) == set(ground.area_districts) and set(found.districts) == set(ground.districts)
    outlines = find_outlines({code: one.rings for code, one in found.areas.items()}, 0.0)
    for code in ground.districts:
        own = enclosed(found.districts[code].rings)
        assert enclosed(outlines.around(ground.areas_of([code]))) == pytest.approx(own, rel=1e-9)


@pytest.mark.parametrize("tolerance", [0.0, 0.0005, 0.002])
def test_real_outlines_are_thinned_without_a_gap_between_neighbours(tmp_path: Path, tolerance: float) -> None:
    """Greater Manchester: thinned, its 1,702 small areas still come to just what is inside the border of all."""
    place, ground = greater_manchester(tmp_path)
    found = load_boundaries(place, ground)
    outlines = find_outlines({code: one.rings for code, one in found.areas.items()}, tolerance)
    points = sum(len(arc) for arc in outlines.arcs)
    print(f"tolerance {tolerance}: {points:,} points")
    whole = enclosed(outlines.around(found.areas))
    districts = sum(enclosed(outlines.around(ground.areas_of([code]))) for code in ground.districts)
    assert districts == pytest.approx(whole, rel=1e-6)
    if tolerance < 0.001:
        assert sizes(outlines, found.areas) == pytest.approx(whole, rel=1e-3)


def greater_manchester(folder: Path) -> tuple[Place, Ground]:
    """A place folder of the real boundaries, as a place would write one: codes and names named as Braid asks."""
    given_files = shared_folder("places", "greater-manchester")
    with gzip.open(given_files / "lsoa21.csv.gz", "rt", encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    names = {line["lad22cd"]: line["lad22nm"] for line in lines}
    parts = ['[place]\nid = "gm"\nname = "Greater Manchester"\n']
    for code, name in sorted(names.items()):
        slug = name.lower()
        parts.append(f'[[organisation]]\nid = "{slug}-council"\nname = "{name} Council"\nkind = "council"\n')
        parts.append(f'[[district]]\ncode = "{code}"\nid = "{slug}"\nname = "{name}"\ncouncil = "{slug}-council"\n')
    parts.append('[[organisation]]\nid = "gm-icb"\nname = "NHS Greater Manchester"\nkind = "icb"\n')
    (folder / "place.toml").write_text("\n".join(parts), encoding="utf-8")
    (folder / "geography").mkdir(exist_ok=True)
    rows = [f"M{number},{line['lsoa21cd']},{line['lad22cd']}\n" for number, line in enumerate(lines)]
    text = "postcode,area_code,district_code\n" + "".join(rows)
    (folder / "geography" / "postcodes.csv").write_text(text, encoding="utf-8")
    for source, name in (("lsoa21", "areas"), ("lad23", "districts")):
        document = json.loads((given_files / "geo" / f"{source}.geojson").read_text(encoding="utf-8"))
        for one in document["features"]:
            old = one["properties"]
            one["properties"] = {"code": old["area_code"], "name": old["area_name"]}
        write(folder, name, document["features"])
    place = load_place(folder)
    return place, ground_of(place)
