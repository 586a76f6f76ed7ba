"""From a run to a problem of placements: who is asked about, with which needs, and who is left to people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pytest

from braid.language.documents import write
from braid.language.findings import TABLES
from braid.planning.contract import Limits
from braid.planning.kinds import KINDS
from braid.planning.placements.model import Child, Household
from braid.problems.plans import placements
from braid.problems.plans.decisions import Decided
from braid.problems.plans.placement_sheets import sheets_of
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

    def pose(self, decided: Sequence[Decided] = ()) -> Posed:
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
        return pose(engine, AS_OF, DISTRICTS, decided)


@pytest.fixture
def stock() -> Stock:
    made = Stock()
    made.unit("N/1")
    made.unit("N/2", bedrooms=3)
    return made


def of(posed: Posed, person: str) -> Household:
    """Return the household of somebody who is planned."""
    numbers = [name for name, people in posed.people.items() if person in people and "," not in name]
    (number,) = numbers
    return next(each for each in posed.problem.households if each.id == number)


def child_of(posed: Posed, person: str) -> Child:
    children = [child for each in posed.problem.households for child in each.children]
    return next(child for child in children if posed.people[child.id] == (person,))


def test_a_family_is_one_household_in_its_unit_with_the_rooms_it_needs(stock: Stock) -> None:
    posed = stock.pose()
    household = of(posed, "mother HC1")
    assert KINDS["placements"].faults(posed.problem) == []
    assert (household.home_district, household.current_unit, household.bedrooms_needed) == ("E08990001", "N/1", 3)
    assert {posed.people[child.id][0]: child.age_years for child in household.children} == {
        "son HC1": 15, "daughter HC1": 8,
    }  # fmt: skip
    assert KINDS["placements"].solve(posed.problem, Limits(seconds=1)).placements[0].unit == "N/2"


def test_no_id_says_who_somebody_is(stock: Stock) -> None:
    text = write(stock.pose().problem)
    assert [word for word in ("HC1", "mother", "daughter") if word in text] == []


def test_partners_share_a_room_and_are_nobodys_children(stock: Stock) -> None:
    stock.family("HC2", "N/2", {"one": "2008-01-01", "other": "2008-02-01", "son": "2026-01-01"})
    stock.place.add(
        "relationship", kind="partner",
        person_record_id=stock.record("one HC2"), other_person_record_id=stock.record("other HC2"),
    )  # fmt: skip
    posed = stock.pose()
    household = of(posed, "one HC2")
    assert household.bedrooms_needed == 2
    assert [posed.people[child.id] for child in household.children] == [("son HC2",)]


def test_a_young_applicant_is_one_and_nobodys_child(stock: Stock) -> None:
    stock.family("HC2", "N/2", {"alone": "2009-06-01"})
    household = of(stock.pose(), "alone HC2")
    assert (household.is_young_applicant, household.children, household.is_family) == (True, (), False)
    stock.unit("B/1", kind="ta_bnb")
    found = KINDS["placements"].solve(stock.pose().problem, Limits(seconds=1))
    bed_and_breakfast = {placed.unit for placed in found.placements} & {"B/1"}
    assert bed_and_breakfast == set()


def test_a_child_goes_to_the_school_of_its_roll_and_year_eleven_is_an_examination_year(stock: Stock) -> None:
    for person, group, urn in (("son HC1", "11", "900001"), ("daughter HC1", "3", "999999")):
        stock.place.add(
            "episode", kind="school_roll", person_record_id=stock.record(person), organisation_ref=urn, service=group,
            start_date="2024-09-01",
        )  # fmt: skip
    posed = stock.pose()
    assert (child_of(posed, "son HC1").school, child_of(posed, "son HC1").is_exam_year) == ("900001", True)
    assert child_of(posed, "daughter HC1").school is None, "a school outside the place has no point to travel to"


def test_nights_in_bed_and_breakfast_count_once_a_day_and_in_this_application(stock: Stock) -> None:
    mother = stock.record("mother HC1")
    stock.stay(mother, "HC1", "B/1", kind="ta_bnb", start_date="2026-07-01", end_date="2026-07-11")
    stock.stay(mother, "HC1", "B/1", kind="ta_bnb", start_date="2026-07-06", end_date="2026-07-16")
    stock.stay(mother, "HC0", "B/1", kind="ta_bnb", start_date="2025-07-01", end_date="2025-07-31")
    assert of(stock.pose(), "mother HC1").bed_and_breakfast_days == 15


def held(posed: Posed) -> dict[str | None, Household]:
    """Return by unit the households of which nothing but that they stay is written."""
    return {each.current_unit: each for each in posed.problem.households if each.id not in posed.people}


def test_the_protected_stand_in_the_problem_like_anybody_who_just_stays(stock: Stock) -> None:
    stock.unit("N/3")
    stock.unit("N/4")
    stock.family("HC7", "N/3", {"settled": "1990-01-01"})
    stock.family("HC9", "N/2", {"hidden": "1990-01-01", "son": "2015-01-01"}, protected=True)
    posed = stock.pose()
    settled, hidden = held(posed)["N/3"], held(posed)["N/2"]
    assert set(held(posed)) == {"N/2", "N/3"}
    assert (hidden.children, hidden.may_move, hidden.exclusion_zone) == ((), False, settled.exclusion_zone)
    assert vars(hidden).keys() == vars(settled).keys()
    assert (settled.home_district, settled.may_move, settled.bedrooms_needed) == ("E08990001", False, 2)
    assert hidden.bedrooms_needed == 3, "as many as its unit has, whatever it needs"
    text = f"{posed.people} {write(posed.problem)}"
    assert [word for word in ("hidden", "HC9") if word in text] == []
    plan = KINDS["placements"].solve(posed.problem, Limits(seconds=1))
    assert {placed.household: placed.unit for placed in plan.placements}[hidden.id] == "N/2"


def test_the_problem_is_the_same_whether_who_stays_is_protected_or_settled(stock: Stock) -> None:
    stock.family("HC9", "N/2", {"somebody": "1990-01-01"})
    open_problem = stock.pose()
    for row in stock.place.rows["person"]:
        row["protected"] = row["person_id"] == "somebody HC9"
    assert stock.pose() == open_problem


def test_every_unit_of_somebody_protected_is_taken_and_whoever_shares_an_application_is_left_too(stock: Stock) -> None:
    stock.unit("N/3")
    stock.family("HC9", "N/2", {"hidden": "1990-01-01", "son": "2015-01-01"}, protected=True)
    stock.stay(stock.record("hidden HC9"), "HC8", "N/3", kind="ta_leased", start_date="2026-08-01")
    stock.stay(stock.record("mother HC1"), "HC8", "N/3", kind="ta_leased", start_date="2026-08-01")
    posed = stock.pose()
    assert posed.people == {}
    assert set(held(posed)) == {"N/1", "N/2", "N/3"}


def test_one_protected_member_keeps_the_whole_household_out(stock: Stock) -> None:
    for row in stock.place.rows["person"]:
        row["protected"] = row["person_id"] == "daughter HC1"
    assert stock.pose().people == {}


def test_who_has_left_is_not_placed_and_who_is_still_to_come_neither(stock: Stock) -> None:
    stock.family("HC4", "N/2", {"gone": "1990-01-01"}, end_date=str(AS_OF))
    stock.family("HC5", "N/2", {"coming": "1990-01-01"}, start_date=str(AS_OF + dt.timedelta(days=1)))
    assert [each.current_unit for each in stock.pose().problem.households] == ["N/1"]


def test_a_household_with_somebody_of_unknown_age_is_counted_and_stays(stock: Stock) -> None:
    stock.family("HC6", "N/2", {"unknown": None})
    posed = stock.pose()
    assert posed.left.unknown_birth_date == 1
    assert set(held(posed)) == {"N/2"}


def test_a_unit_is_of_the_council_that_lists_it_wherever_it_lies(stock: Stock) -> None:
    stock.unit("N/far", postcode=SOUTH)
    stock.unit("S/1", postcode=SOUTH, organisation_id="south-council")
    stock.unit("H/1", organisation_id="somebody-else")
    units = {unit.id: unit for unit in stock.pose().problem.units}
    assert {name: (unit.district, unit.council_district) for name, unit in units.items()} == {
        "N/1": ("E08990001", "E08990001"),
        "N/2": ("E08990001", "E08990001"),
        "N/far": ("E08990002", "E08990001"),
        "S/1": ("E08990002", "E08990002"),
        "H/1": ("E08990001", None),
    }


def test_units_withdrawn_soon_or_nowhere_are_left_out_and_later_ones_say_when(stock: Stock) -> None:
    stock.unit("S/1", postcode=SOUTH, available_from_date=AS_OF + dt.timedelta(days=9), night_pence=None)
    stock.unit("S/2", postcode=SOUTH, withdrawn_from_date=AS_OF + dt.timedelta(days=3))
    stock.unit("S/3", postcode="QB3 3CC")
    stock.unit("S/4", postcode="QB9 9ZZ")
    stock.unit("S/1", postcode=SOUTH)
    posed = stock.pose()
    units = {unit.id: unit for unit in posed.problem.units}
    assert set(units) == {"N/1", "N/2", "S/1"}
    assert units["S/1"].available_from_date == AS_OF + dt.timedelta(days=9)
    assert units["S/1"].night_pence == placements.USUAL_NIGHT_PENCE
    left = posed.left
    assert (left.units_without_point, left.units_without_rate, left.units_twice) == (2, 1, 1)


def test_who_lives_in_a_unit_that_is_withdrawn_keeps_it_until_they_are_placed(stock: Stock) -> None:
    stock.units[0]["withdrawn_from_date"] = AS_OF
    assert of(stock.pose(), "mother HC1").current_unit == "N/1"


def test_a_unit_that_no_council_listed_is_counted_and_two_in_one_unit_are_one(stock: Stock) -> None:
    stock.family("HC7", "elsewhere", {"away": "1990-01-01", "son": "2015-01-01"})
    stock.family("HC8", "N/1", {"second": "1990-01-01", "son": "2015-01-01"}, feed="zeta")
    posed = stock.pose()
    assert posed.left.unit_not_listed == 1
    held_units = [each.current_unit for each in posed.problem.households if each.current_unit]
    assert len(held_units) == len(set(held_units))
    assert (of(posed, "second HC8").current_unit, of(posed, "second HC8").shared_unit) == (None, "N/1")
    assert KINDS["placements"].faults(posed.problem) == []


def test_of_two_families_in_one_bed_and_breakfast_unit_both_have_their_days(stock: Stock) -> None:
    """The second holds no unit and is to be placed; where it lives, and for how long, is in its sheet all the same."""
    stock.unit("B/1", kind="ta_bnb")
    stock.family("HC2", "B/1", {"first": "1990-01-01", "son": "2015-01-01"}, kind="ta_bnb", start_date="2026-10-20")
    stock.family("HC3", "B/1", {"second": "1991-01-01", "son": "2016-01-01"}, kind="ta_bnb", start_date="2026-10-25")
    posed = stock.pose()
    held, shares = of(posed, "first HC2"), of(posed, "second HC3")
    assert {(held.current_unit, held.shared_unit), (shares.current_unit, shares.shared_unit)} == {
        ("B/1", None), (None, "B/1"),
    }  # fmt: skip
    plan = KINDS["placements"].solve(posed.problem, Limits(seconds=1))
    assert KINDS["placements"].check(posed.problem, plan).passes
    found = {name: each for each in sheets_of(posed.problem, plan, posed.people, b"k" * 32) for name in each.people}
    days = {"first HC2": (AS_OF - dt.date(2026, 10, 20)).days, "second HC3": (AS_OF - dt.date(2026, 10, 25)).days}
    for name, used in days.items():
        sheet = found[name]
        assert sheet.today is not None and sheet.today.unit.id == "B/1"
        assert (sheet.today_type, sheet.bed_and_breakfast_days, sheet.days_left) == (
            "bed_and_breakfast", used, 42 - used,
        )  # fmt: skip


def test_an_acceptance_moves_nobody_before_a_return_says_that_they_moved(stock: Stock) -> None:
    before = of(stock.pose(), "mother HC1")
    accepted = Decided(frozenset(people_of(stock)), "N/2", is_accepted=True)
    posed = stock.pose((accepted,))
    after = of(posed, "mother HC1")
    assert (before.current_unit, after.current_unit, after.accepted_unit) == ("N/1", "N/1", "N/2")
    plan = KINDS["placements"].solve(posed.problem, Limits(seconds=1))
    (sheet,) = sheets_of(posed.problem, plan, posed.people, b"k" * 32)
    assert sheet.today is not None and sheet.proposed is not None
    assert (sheet.today.unit.id, sheet.proposed.unit.id, sheet.is_move) == ("N/1", "N/2", True)


def people_of(stock: Stock) -> tuple[str, ...]:
    """Return the people of the one household."""
    (people,) = (ids for name, ids in stock.pose().people.items() if "," not in name)
    return people


def test_somebody_in_two_applications_is_placed_with_the_later_one(stock: Stock) -> None:
    mother = stock.record("mother HC1")
    stock.stay(mother, "HCX", "N/2", kind="ta_leased", start_date="2026-10-01", feed="zeta")
    people = [name for persons in stock.pose().people.values() for name in persons]
    assert people.count("mother HC1") <= 1
