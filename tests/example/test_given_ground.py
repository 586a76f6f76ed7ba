"""Invented people on real ground: no real household, school or court is among them, and every file says so."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import example_files as partner
import pytest

from braid.example.given_ground import MOST_DISTRICTS, name_districts
from braid.example.write import write_example
from braid.extracts.reference.ground import read_open_ground
from braid.extracts.reference.load import load_folder
from braid.language.open_ground import OpenGround
from braid.place.geography import load_geography
from braid.store.place_folder import Place, load_place
from extracts.reference import publishers
from shared import shared_folder

PEOPLE = 1500
NUMBER = re.compile(r"^(\d+) (Fictional .+)$")


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> OpenGround:
    folder = tmp_path_factory.mktemp("ground")
    load_folder(publishers.write_all(folder / "given"), folder)
    return read_open_ground(folder)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, ground: OpenGround) -> Place:
    folder = tmp_path_factory.mktemp("place")
    write_example(folder, people=PEOPLE, seed=3, ground=ground)
    return load_place(folder)


def texts(folder: Path) -> str:
    found = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return "\n".join(path.read_text(encoding="utf-8", errors="replace") for path in found)


def test_the_place_stands_on_the_districts_and_small_areas_of_the_files(place: Place, ground: OpenGround) -> None:
    geography = load_geography(place)
    assert place.district_names() == {one.code: one.name for one in ground.districts}
    assert set(geography.ground.area_districts) == {one.code for one in ground.areas}
    assert "Crown copyright" in geography.boundaries.attribution


def test_every_title_says_that_the_people_are_fictional(place: Place) -> None:
    assert place.has_fictional_people
    assert place.name == "Fictional people on the ground of Six Towns"


def test_nobody_lives_at_an_address_that_there_can_be(place: Place) -> None:
    """A real postcode is shared by some fifteen real households: number and street must be none of theirs."""
    rows = [row for path in place.folder.glob("extracts/*-schools/*/roll.csv") for row in partner.table(path)]
    lines = Counter(bool(NUMBER.match(row["AddressLine1"])) for row in rows if row["AddressLine1"])
    assert len(rows) > 50 and set(lines) == {True}
    assert all(9001 <= int(NUMBER.match(row["AddressLine1"])[1]) <= 9015 for row in rows if row["AddressLine1"])  # type: ignore[index]
    assert all(row["UPRN"].startswith("99") and len(row["UPRN"]) == 12 for row in rows if row["UPRN"])


def test_people_live_where_no_mail_goes_any_more_as_far_as_there_are_such_postcodes(
    place: Place, ground: OpenGround
) -> None:
    terminated = {each.postcode for each in ground.postcodes if each.is_terminated}
    rows = [row for path in place.folder.glob("extracts/*-schools/*/roll.csv") for row in partner.table(path)]
    postcodes = [re.sub(r"\s+", "", row["PostCode"]).upper() for row in rows if row["PostCode"]]
    at_home = Counter(postcode[:-3] + " " + postcode[-3:] in terminated for postcode in postcodes)
    assert at_home[True] > 0.8 * len(postcodes), "the others are in temporary accommodation, or moved"


def test_no_real_school_court_or_council_is_named(place: Place, ground: OpenGround) -> None:
    told = texts(place.folder)
    for name in (
        "Law Courts",
        "Café House",
        "Primary\n",
        "cranfold-family-court",
        *(f"{n} Council" for n in publishers.NAMES),
    ):
        assert name not in told
    for row in publishers.school_rows():
        assert row["URN"] not in {each["urn"] for each in place.reference_rows("schools")}
    for name in ("schools", "courts", "hospitals", "accommodation"):
        assert all(row["name"].startswith("Fictional ") for row in place.reference_rows(name))
    assert {row["urn"][:3] for row in place.reference_rows("schools")} == {"900"}


def test_schools_and_courts_stand_where_real_ones_of_their_kind_do(place: Place, ground: OpenGround) -> None:
    real = {(site.kind, site.postcode) for site in ground.sites}
    schools = {(row["kind"], row["postcode"]) for row in place.reference_rows("schools")}
    of_real = {each for each in real if each[0] in ("primary", "secondary")}
    assert of_real <= schools
    homes = {
        row["PostCode"] for path in place.folder.glob("extracts/*-schools/*/roll.csv") for row in partner.table(path)
    }
    assert not homes & {postcode for _, postcode in real}, "a school has its postcode to itself"


def test_no_real_postcode_is_ever_that_of_a_refuge(place: Place, ground: OpenGround) -> None:
    refuges = partner.table(place.folder / "restricted" / "refuges.csv")
    assert refuges and all(row["postcode"].startswith("QB") for row in refuges)
    assert not {row["postcode"] for row in refuges} & {each.postcode for each in ground.postcodes}
    assert not any(row["postcode"].startswith("QB") for row in place.reference_rows("postcodes"))
    assert len({row["postcode"] for row in refuges}) == len(refuges)


def test_the_same_ground_and_seed_write_the_same_bytes(tmp_path: Path, place: Place, ground: OpenGround) -> None:
    write_example(tmp_path, people=PEOPLE, seed=3, ground=ground)
    files = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(place.folder) for path in place.folder.rglob("*") if path.is_file())
    assert all((tmp_path / name).read_bytes() == (place.folder / name).read_bytes() for name in files)


def test_a_place_without_a_ground_is_marked_by_nothing(plain: partner.Written) -> None:
    assert "people" not in partner.place(plain.folder)["place"]
    assert not load_place(plain.folder).has_fictional_people
    assert "attribution" not in json.loads((plain.folder / "geography" / "areas.geojson").read_text(encoding="utf-8"))
    assert not (plain.folder / "reference").exists()


def test_a_ground_that_is_too_small_or_too_large_is_refused(tmp_path: Path, ground: OpenGround) -> None:
    with pytest.raises(ValueError, match="give the open data of a place of 5 to 15"):
        write_example(tmp_path, people=500, ground=replace(ground, districts=ground.districts[:4]))
    with pytest.raises(ValueError, match=f"has {MOST_DISTRICTS + 3} districts"):
        name_districts(replace(ground, districts=ground.districts * 3))
    with pytest.raises(ValueError, match="too few postcodes"):
        write_example(tmp_path, people=50_000, ground=ground)


def test_councils_of_many_districts_have_invented_names_and_numbers_of_their_own(ground: OpenGround) -> None:
    districts = name_districts(ground)
    assert [one.institution_name for one in districts][4:] == ["Fenhallow", "Brindlecote"]
    assert [one.la_number for one in districts] == [991, 992, 993, 994, 995, 990]
    assert len({one.telephone for one in districts}) == len(districts)
    assert sum(one.weight for one in districts) == pytest.approx(1)


def test_people_live_in_all_districts_of_greater_manchester(tmp_path: Path) -> None:
    source = shared_folder("places", "greater-manchester")
    load_folder(source, tmp_path / "loaded")
    given = read_open_ground(tmp_path / "loaded")
    assert (given.name, len(given.districts), len(given.areas)) == ("Greater Manchester", 10, 1702)
    write_example(tmp_path / "place", people=2000, seed=1, ground=given)
    place = load_place(tmp_path / "place")
    load_geography(place)
    with (place.folder / "truth" / "persons.csv").open(encoding="utf-8", newline="") as file:
        lived = Counter(row["district_code"] for row in csv.DictReader(file))
    assert set(lived) == {f"E080000{number:02d}" for number in range(1, 11)}
    real = {postcode for kind, postcode in _sites(source / "services" / "schools.csv")}
    assert {row["postcode"] for row in place.reference_rows("schools")} <= real


def _sites(path: Path) -> set[tuple[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return {(row["phase"], row["postcode"]) for row in csv.DictReader(file)}
