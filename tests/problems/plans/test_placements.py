"""From a run to a problem of placements: who is asked about, with which needs, and who is left to people."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from braid.language.findings import TABLES
from braid.planning.contract import Limits
from braid.planning.kinds import KINDS
from braid.planning.placements.model import Household, Problem
from braid.problems.plans import placements
from braid.problems.plans.placements import Posed, pose
from waits.place import AS_OF, TinyPlace

DISTRICTS = {"north-council": "E08990001", "south-council": "E08990002"}
NORTH, SOUTH = "QB1 1AA", "QB2 2BB"


class Stock:
    """A tiny place with two districts, a school, units, and families in some of them."""

    def __init__(self) -> None:
        self.place = TinyPlace()
        self.units: list[dict[str, Any]] = []
        self.family("HC1", "N/1", {"mother": "1990-01-01", "son": "2010-11-16", "daughter": "2018-01-01"})

    def family(self, reference: str, unit: str, born: dict[str, str | None], **more: Any) -> None:
        """Add a household of people by name and date of birth, in a unit since September."""
        values = {"kind": "ta_leased", "start_date": "2026-09-01", "organisation_id": "north-council"} | more
        person = {name: values.pop(name) for name in ("protected",) if name in values}
        for name, birth_date in born.items():
            sex = "male" if name == "son" else "female"
            key = f"{name} {reference}"
            record = self.place.person(key, birth_date or "2000-01-01", sex=sex, **person)
            if birth_date is None:
                self.place.rows["person"][-1]["birth_date"] = None
            self.place.add(
                "stay",
                confidential=False,
                person_record_id=record,
                household_ref=reference,
                location_ref=unit,
                **values,
            )

    def stay(self, record: str, reference: str, unit: str, **values: Any) -> None:
        """Add a stay of a record."""
        about = {"person_record_id": record, "household_ref": reference, "location_ref": unit, "confidential": False}
        self.place.add("stay", **about, **values)

    def unit(self, reference: str, **more: Any) -> None:
        """Add a unit to the stock."""
        values = {"kind": "ta_leased", "bedrooms": 2, "is_accessible": False, "postcode": NORTH, "night_pence": 4000}
        names = TABLES["unit"].names
        lineage = {column: value for column, value in self.place.rows["stay"][0].items() if column in names}
        row = dict.fromkeys(names) | lineage
        self.units.append(row | {"record_id": reference, "unit_ref": reference} | values | more)

    def record(self, person: str) -> str:
        """Return the record of a person."""
        links = self.place.rows["person_link"]
        return next(str(link["person_record_id"]) for link in links if link["person_id"] == person)

    def pose(self) -> Posed:
        """Return the problem of the place."""
        engine = self.place.load()
        engine.load_rows(TABLES["unit"], self.units)
        points = {
            NORTH: (-2.2, 53.5, "E08990001"),
            SOUTH: (-2.1, 53.4, "E08990002"),
            "QB3 3CC": (None, None, "E08990002"),
        }
        engine.load_rows(
            TABLES["postcode"],
            [
                dict.fromkeys(TABLES["postcode"].names)
                | {"postcode": code, "easting": 1, "northing": 1, "district_code": district}
                | {"longitude": longitude, "latitude": latitude}
                for code, (longitude, latitude, district) in points.items()
            ],
        )
        school = {"urn": "900001", "name": "A", "kind": "primary", "district_code": "E08990001", "postcode": NORTH}
        where = {"easting": 1, "northing": 1, "longitude": -2.2, "latitude": 53.5}
        engine.load_rows(TABLES["school"], [dict.fromkeys(TABLES["school"].names) | school | where])
        return pose(engine, AS_OF, DISTRICTS)


@pytest.fixture
def stock() -> Stock:
    made = Stock()
    made.unit("N/1")
    made.unit("N/2", bedrooms=3)
    return made


def only(posed: Posed) -> Household:
    (household,) = posed.problem.households
    return household


def test_a_family_is_one_household_in_its_unit_with_the_rooms_it_needs(stock: Stock) -> None:
    posed = stock.pose()
    household = only(posed)
    assert KINDS["placements"].faults(posed.problem) == []
    assert (household.id, household.home_district, household.current_unit) == ("daughter HC1", "E08990001", "N/1")
    assert household.bedrooms_needed == 3
    assert {child.id: child.age_years for child in household.children} == {"son HC1": 15, "daughter HC1": 8}
    assert KINDS["placements"].solve(posed.problem, Limits(seconds=1)).placements[0].unit == "N/2"


def test_partners_share_a_room(stock: Stock) -> None:
    stock.family("HC2", "N/2", {"one": "1980-01-01", "other": "1982-01-01"})
    stock.place.add(
        "relationship", kind="partner",
        person_record_id=stock.record("one HC2"), other_person_record_id=stock.record("other HC2"),
    )  # fmt: skip
    rooms = {each.id: each.bedrooms_needed for each in stock.pose().problem.households}
    assert rooms["one HC2"] == 1


def test_a_child_goes_to_the_school_of_its_roll_and_year_eleven_is_an_examination_year(stock: Stock) -> None:
    for person, group, urn in (("son HC1", "11", "900001"), ("daughter HC1", "3", "999999")):
        stock.place.add(
            "episode", kind="school_roll", person_record_id=stock.record(person), organisation_ref=urn, service=group,
            start_date="2024-09-01",
        )  # fmt: skip
    children = {child.id: child for child in only(stock.pose()).children}
    assert (children["son HC1"].school, children["son HC1"].is_exam_year) == ("900001", True)
    assert children["daughter HC1"].school is None, "a school outside the place has no point to travel to"


def test_nights_in_bed_and_breakfast_count_over_all_stays(stock: Stock) -> None:
    mother = stock.record("mother HC1")
    stock.stay(mother, "HC0", "B/1", kind="ta_bnb", start_date="2026-07-01", end_date="2026-07-11")
    assert only(stock.pose()).bed_and_breakfast_days == 10
    stock.family("HC3", "N/2", {"single": "1990-01-01"}, kind="ta_bnb", start_date="2026-11-01")
    days = {each.id: each.bed_and_breakfast_days for each in stock.pose().problem.households}
    assert days["single HC3"] == 14


def test_whoever_is_protected_is_in_no_part_of_the_problem_and_their_unit_is_not_to_be_had(stock: Stock) -> None:
    before = stock.pose()
    stock.family("HC9", "N/2", {"hidden": "1990-01-01", "son": "2015-01-01"}, protected=True)
    posed = stock.pose()
    assert posed.problem.households == before.problem.households
    assert posed.left == before.left, "not even their number is told"
    assert [unit.id for unit in posed.problem.units] == ["N/1"]
    assert "HC9" not in repr(posed)


def test_one_protected_member_keeps_the_whole_household_out(stock: Stock) -> None:
    for row in stock.place.rows["person"]:
        row["protected"] = row["person_id"] == "daughter HC1"
    assert stock.pose().problem.households == ()


def test_who_has_left_is_not_placed_and_who_is_still_to_come_neither(stock: Stock) -> None:
    stock.family("HC4", "N/2", {"gone": "1990-01-01"}, end_date=str(AS_OF))
    stock.family("HC5", "N/2", {"coming": "1990-01-01"}, start_date=str(AS_OF + dt.timedelta(days=1)))
    assert only(stock.pose()).id == "daughter HC1"


def test_a_household_with_somebody_of_unknown_age_is_counted_and_keeps_its_unit(stock: Stock) -> None:
    stock.family("HC6", "N/2", {"unknown": None})
    posed = stock.pose()
    assert posed.left.unknown_birth_date == 1
    assert [unit.id for unit in posed.problem.units] == ["N/1"]


def test_units_withdrawn_or_nowhere_are_left_out_and_later_ones_say_when(stock: Stock) -> None:
    stock.unit("S/1", postcode=SOUTH, available_from_date=AS_OF + dt.timedelta(days=9), night_pence=None)
    stock.unit("S/2", postcode=SOUTH, withdrawn_from_date=AS_OF)
    stock.unit("S/3", postcode="QB3 3CC")
    posed = stock.pose()
    units = {unit.id: unit for unit in posed.problem.units}
    assert set(units) == {"N/1", "N/2", "S/1"}
    assert units["S/1"].available_from_date == AS_OF + dt.timedelta(days=9)
    assert units["S/1"].night_pence == placements.USUAL_NIGHT_PENCE
    assert (posed.left.units_without_point, posed.left.units_without_rate) == (1, 1)


def test_a_unit_that_no_council_listed_is_none_and_two_in_one_unit_are_one(stock: Stock) -> None:
    stock.family("HC7", "elsewhere", {"away": "1990-01-01"})
    stock.family("HC8", "N/1", {"second": "1990-01-01"}, feed="zeta")
    by_id = {each.id: each for each in stock.pose().problem.households}
    assert by_id["away HC7"].current_unit is None
    held = [each.current_unit for each in by_id.values() if each.current_unit]
    assert len(held) == len(set(held))
    assert KINDS["placements"].faults(stock.pose().problem) == []


def test_somebody_in_two_applications_is_placed_once(stock: Stock) -> None:
    mother = stock.record("mother HC1")
    stock.stay(mother, "HCX", "N/2", kind="ta_leased", start_date="2026-10-01", feed="zeta")
    assert isinstance(stock.pose().problem, Problem)
    assert only(stock.pose()).bedrooms_needed == 3
