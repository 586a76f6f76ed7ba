"""The problem of placing households in temporary accommodation, and the plan that answers it.

Everything is named by id, never by position. What the law or guidance says in figures is data of the problem (`Norms`),
with its source; what an aim is worth is data too (`Prices`), so that a place can publish both.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

from braid.language.documents import Part
from braid.planning.contract import Plan
from braid.planning.travel.model import Point, Standing, metres_between

UnitType = Literal["council", "leased", "nightly", "bed_and_breakfast"]
"""`bed_and_breakfast`: not self-contained, with shared toilet, washing or cooking, and not owned by a council, a
registered provider or a voluntary organisation (Homelessness (Suitability of Accommodation) (England) Order 2003,
SI 2003/3326)."""


@dataclass(frozen=True)
class School(Part):
    """Where a child goes to school."""

    id: str
    point: Point


@dataclass(frozen=True)
class Child(Part):
    """A child of a household. One without a school has no journey."""

    id: str
    age_years: int
    school: str | None = None
    is_exam_year: bool = False
    """Whether the child sits public examinations in this school year."""


@dataclass(frozen=True)
class Circle(Part):
    """A part of the ground that a household must not be placed in."""

    centre: Point
    radius_km: float


@dataclass(frozen=True)
class ExclusionZone(Part):
    """Where a household must not be placed for somebody's safety: circles, units and districts together.

    Only those who may know of the protection may read it.
    """

    circles: tuple[Circle, ...] = ()
    units: tuple[str, ...] = ()
    districts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Household(Part):
    """Who is to be placed."""

    id: str
    home_district: str
    """The district whose council owes the duty, and pays."""
    bedrooms_needed: int
    needs_access: bool = False
    """Whether only a wheelchair accessible unit will do."""
    children: tuple[Child, ...] = ()
    is_pregnant: bool = False
    """Whether somebody in it is pregnant: the six weeks in bed and breakfast count for them too."""
    is_young_applicant: bool = False
    """Whether it is somebody of 16 or 17 on their own application."""
    home: Point | None = None
    """Where it comes from; null where it is not known or nobody may know."""
    current_unit: str | None = None
    shared_unit: str | None = None
    """Where it lives beside a household that holds that unit: it is to be placed, having none of its own, and its days
    there count. Null where it has a unit of its own, or lives in none."""
    may_move: bool = True
    """Whether it may be asked to leave a current unit that is still lawful."""
    bed_and_breakfast_days: int = 0
    """Days of bed and breakfast that count against the six weeks so far."""
    accepted_unit: str | None = None
    """The unit that somebody accepted for it: it goes nowhere else. Null where nobody has decided yet."""
    refused_units: tuple[str, ...] = ()
    """Units that somebody refused for it, or that it refused itself: they are not proposed again."""
    exclusion_zone: ExclusionZone = ExclusionZone()

    @property
    def lives_in(self) -> str | None:
        """The unit in which it lives today, its own or shared."""
        return self.current_unit or self.shared_unit

    @property
    def is_family(self) -> bool:
        """Whether it has family commitments in the sense of the Order of 2003."""
        return bool(self.children) or self.is_pregnant


@dataclass(frozen=True)
class Unit(Part):
    """A unit of temporary accommodation."""

    id: str
    district: str
    type: UnitType
    bedrooms: int
    night_pence: float
    """What a night costs; not whole where a rate was averaged."""
    point: Point
    is_accessible: bool = False
    available_from_date: dt.date | None = None
    """First day on which it can be let; null where it can be at once, or once the current household has left."""
    council_district: str | None = None
    """District of the council that lists it; null where that is the council of the district in which it lies."""


@dataclass(frozen=True)
class Journey(Part):
    """A routed way from a unit to a school. It takes the place of the estimate for that pair."""

    unit: str
    school: str
    minutes: float | None
    """One way, door to door, by the better means; null where nothing routed it."""
    metres: float | None
    """The shortest way that a child can walk, accompanied (Education Act 1996 s.444(5)); null where not routed. Never
    shorter than the straight line."""
    reckoned: str
    """By what it was routed: network, means and date, as people should read it."""


@dataclass(frozen=True)
class Travel(Part):
    """How a journey that nobody has routed is estimated, for ranking alone: the better of foot and bus."""

    circuity: float = 1.28
    """Way by straight line."""
    walk_km_per_hour: float = 4.5
    bus_km_per_hour: float = 15.0
    bus_wait_minutes: float = 8.0
    stop_km: float = 0.35
    """From a door to a stop."""
    change_beyond_km: float = 6.0
    """From which way on the bus has to be changed."""
    change_minutes: float = 7.0
    fastest_km_per_hour: float = 60.0
    """Nothing goes faster than this door to door: a journey whose straight line takes longer is surely beyond."""


@dataclass(frozen=True)
class Norms(Part):
    """What law and guidance say in figures."""

    bedrooms_above: int = 1
    """How many bedrooms more than needed a unit may have."""
    primary_minutes: float = 45.0
    """Longest journey one way under `secondary_from_years` (statutory guidance on home to school travel)."""
    secondary_minutes: float = 75.0
    secondary_from_years: int = 11
    walking_km_under: float = 3.218688
    """Statutory walking distance under `walking_from_years`: two miles (Education Act 1996 s.444(5))."""
    walking_km: float = 4.828032
    """Statutory walking distance from `walking_from_years` on: three miles."""
    walking_from_years: int = 8
    bed_and_breakfast_days: int = 42
    """Six weeks: no family stays in bed and breakfast longer in all (SI 2003/3326 article 4)."""


@dataclass(frozen=True)
class Prices(Part):
    """What one unit of each aim counts in the value, the most important first."""

    unplaced: float = 1_000_000.0
    """A household without a unit."""
    out_of_reach: float = 4_000.0
    """A child whose journey takes longer than `Norms` say."""
    exam_year: float = 0.0
    """A child in an examination year that is out of reach, or whose household moves. Over and above the others."""
    bed_and_breakfast: float = 0.0
    """A family in bed and breakfast, also within the six weeks: it is suitable only where nothing else is available (SI
    2003/3326 article 4)."""
    out_of_area: float = 1_500.0
    """A household outside its home district (Housing Act 1996 s.208(1))."""
    beyond_walking: float = 500.0
    """A child beyond the statutory walking distance."""
    school_minutes: float = 1.0
    """A minute that a child travels in a day, there and back."""
    move: float = 60.0
    """A household that leaves its current unit for another."""
    pound: float = 0.4
    """A pound a night."""
    home_km: float = 2.0
    """A kilometre from home, as estimated."""


@dataclass(frozen=True)
class Budget(Part):
    """What the placements may cost a night: of one district's households, or of all where `district` is null."""

    night_pence: float
    district: str | None = None


@dataclass(frozen=True)
class LookAhead(Part):
    """Whom to leave room for: futures are drawn from households that came before."""

    households: tuple[Household, ...]
    """Who came before, as they would come again; their ids and current units do not matter."""
    expected: int
    """How many more are likely to come while these units last. At most 5,000."""
    samples: int = 10
    """Over how many drawn futures the worth of a unit is averaged. At most 50: the work grows with each."""


@dataclass(frozen=True)
class Shortlists(Part):
    """What somebody sees of alternatives who may not know of a protection. The same for every household."""

    quiet_km: float = 8.0
    """Nothing this near to the household's home is ever offered as an alternative. Wide enough for the exclusions."""
    length: int = 8
    """At most so many units are offered."""
    blank_share: float = 0.2
    """Share of households, drawn by keyed hash, for which nothing is offered."""
    left_out_share: float = 0.3
    """Share of units, drawn by keyed hash for each household, that are left out."""


@dataclass(frozen=True)
class Problem(Part):
    """Who is to be placed, in which stock, under which rules and prices."""

    kind: Literal["placements"]
    on_date: dt.date
    """The day the plan is for: its first night. From 1900 to 2200."""
    districts: tuple[str, ...]
    schools: tuple[School, ...]
    units: tuple[Unit, ...]
    households: tuple[Household, ...]
    journeys: tuple[Journey, ...] = ()
    budgets: tuple[Budget, ...] = ()
    within_days: int = 0
    """Units count that can be let at most so many days after `on_date`. At most 3,650."""
    turn_round_days: int = 0
    """Nights that a unit stays empty between two households. At most 90."""
    moves_per_day: int | None = None
    """At most so many moves a day; null where nothing limits them."""
    norms: Norms = Norms()
    travel: Travel = Travel()
    prices: Prices = Prices()
    shortlists: Shortlists = Shortlists()
    look_ahead: LookAhead | None = None
    """Null where nobody else is to come."""


@dataclass(frozen=True)
class SchoolJourney(Part):
    """How a child would get to school from the unit of the plan."""

    child: str
    minutes: float
    """One way."""
    km: float
    reach: Standing
    walking: Standing
    reckoned: str
    """By what: a routed journey's own words, or `estimate`."""


@dataclass(frozen=True)
class Placement(Part):
    """One household in one unit."""

    household: str
    unit: str
    journeys: tuple[SchoolJourney, ...] = ()


@dataclass(frozen=True)
class OutOfArea(Part):
    """What a notice under section 208 of the Housing Act 1996 needs to know of a placement in another district.

    A stopgap there is one too. It names no cause: the true one may be an exclusion, and whoever drafts the notice says
    what may be said.
    """

    household: str
    from_district: str
    to_district: str
    on_date: dt.date
    """The day the unit is made available; the notice is due within fourteen days that begin with it."""
    children_at_school: tuple[str, ...] = ()
    """Children whose school may be told, where their parent agrees (section 213AA)."""


@dataclass(frozen=True)
class Step(Part):
    """One household moves on one day. `from_unit` is null for one that had no unit."""

    on_date: dt.date
    household: str
    from_unit: str | None
    to_unit: str
    is_stopgap: bool = False
    """Whether it goes into a spare unit for a while, so that a circle of moves can begin."""


@dataclass(frozen=True)
class NotPossible(Part):
    """A move of the plan that cannot be made, and why. The household stays where it is."""

    household: str
    why: Literal["circle_without_spare_unit", "unit_stays_held"]
    held_by: tuple[str, ...] = ()
    """The households whose units it waits for, in order."""


@dataclass(frozen=True)
class MovePlan(Part):
    """The moves of a plan in an order in which they can be made: steps of one day in the order they stand here."""

    steps: tuple[Step, ...] = ()
    spare_units: tuple[str, ...] = ()
    """Units that circles are broken with: two at most."""
    not_possible: tuple[NotPossible, ...] = ()
    past_six_weeks: tuple[str, ...] = ()
    """Families that leave bed and breakfast only after the six weeks, counted on the day on which they leave."""


@dataclass(frozen=True, kw_only=True)
class PlacementPlan(Plan):
    """Who goes where. Every household stands in `placements` or in `unplaced`."""

    kind: Literal["placements"] = "placements"
    placements: tuple[Placement, ...]
    unplaced: tuple[str, ...] = ()
    out_of_area: tuple[OutOfArea, ...] = ()
    moves: MovePlan = MovePlan()


Fault = tuple[str, str, str]
MOST_SPARE_UNITS = 2
OLDEST_YEARS = 25
"""Of a child: somebody with an education, health and care plan may be at school until then."""

FIRST_DATE, LAST_DATE = dt.date(1900, 1, 1), dt.date(2200, 12, 31)
"""Of a plan. Between them and the ends of the calendar lies more than all days that a plan may add."""
MOST_WITHIN_DAYS = 3_650
MOST_TURN_ROUND_DAYS = 90
MOST_BEDROOMS = 100
MOST_PRICE = 1e9
MOST_PENCE = 1e9
"""Of a night: ten million pounds."""
MOST_BUDGET_PENCE = 1e15
MOST_MINUTES = 10_000.0
MOST_METRES = 30_000_000.0
"""Of a way or a circle: three quarters round the Earth."""
MOST_OF_TRAVEL = 10_000.0
LEAST_SPEED = 0.01
"""Of what divides: km an hour, and way by straight line."""
MOST_OF_NORMS = 1_000_000
MOST_DAYS_IN_BED_AND_BREAKFAST = 36_500
MOST_EXPECTED, MOST_SAMPLES = 5_000, 50
"""Households of a drawn future, and futures: no clock ends the pricing of them."""
SHORTEST_WAY = 0.99
"""By its straight line. What is left allows for rounding and for other radii of the Earth."""
SHORTER_METRES = 1.0
"""What rounding may take off a short way."""


def faults(problem: Problem) -> list[Fault]:
    """Return what is wrong between the parts of a problem: each a place, a rule and a next step."""
    return [
        *_twice(problem),
        *_unknown(problem),
        *_held_twice(problem),
        *_decided_twice(problem),
        *_told_nothing(problem),
        *_too_short(problem),
        *_impossible(problem),
        *_of_look_ahead(problem),
    ]


def _twice(problem: Problem) -> list[Fault]:
    found = []
    children = [(f"households[{h}].children", c.id) for h, each in enumerate(problem.households) for c in each.children]
    named = {
        "districts": [("districts", each) for each in problem.districts],
        "schools": [("schools", each.id) for each in problem.schools],
        "units": [("units", each.id) for each in problem.units],
        "households": [("households", each.id) for each in problem.households],
        "children": children,
        "journeys": [("journeys", f"{each.unit}\n{each.school}") for each in problem.journeys],
        "budgets": [("budgets", each.district or "") for each in problem.budgets],
    }
    for rows in named.values():
        seen: set[str] = set()
        for position, (place, name) in enumerate(rows):
            if name in seen:
                found.append((f"{place}[{position}]", "it is there twice", "keep one"))
            seen.add(name)
    return found


def _unknown(problem: Problem) -> list[Fault]:
    districts, schools = set(problem.districts), {each.id for each in problem.schools}
    units = {each.id for each in problem.units}
    asked: list[tuple[str, str | None, set[str]]] = []
    for place, unit in _placed("units", problem.units):
        asked.append((f"{place}.district", unit.district, districts))
    for place, household in _placed("households", problem.households):
        asked.append((f"{place}.home_district", household.home_district, districts))
        asked.append((f"{place}.current_unit", household.current_unit, units))
        asked.append((f"{place}.shared_unit", household.shared_unit, units))
        asked.append((f"{place}.accepted_unit", household.accepted_unit, units))
        asked += [(f"{place}.refused_units", each, units) for each in household.refused_units]
        asked += [(f"{place}.exclusion_zone.units", each, units) for each in household.exclusion_zone.units]
        asked += [(f"{place}.exclusion_zone.districts", each, districts) for each in household.exclusion_zone.districts]
        asked += [(f"{place}.children[{c}].school", each.school, schools) for c, each in enumerate(household.children)]
    for place, journey in _placed("journeys", problem.journeys):
        asked += [(f"{place}.unit", journey.unit, units), (f"{place}.school", journey.school, schools)]
    asked += [(f"{place}.district", each.district, districts) for place, each in _placed("budgets", problem.budgets)]
    return [
        (place, "it names what is not in the problem", "add it, or correct the name")
        for place, name, known in asked
        if name is not None and name not in known
    ]


def _held_twice(problem: Problem) -> list[Fault]:
    held: set[str] = set()
    found = []
    for place, household in _placed("households", problem.households):
        if household.current_unit in held:
            found.append((f"{place}.current_unit", "another household holds this unit", "correct one of the two"))
        if household.current_unit is not None:
            held.add(household.current_unit)
        if household.current_unit is not None and household.shared_unit is not None:
            found.append((f"{place}.shared_unit", "it has a unit of its own as well", "leave out one of the two"))
    return found


def _decided_twice(problem: Problem) -> list[Fault]:
    """Return what was decided of one unit in two ways: accepted for two households, or accepted and refused."""
    accepted: set[str] = set()
    found = []
    for place, household in _placed("households", problem.households):
        unit = household.accepted_unit
        if unit in accepted:
            found.append((f"{place}.accepted_unit", "another household was accepted for this unit", "take one back"))
        if unit is not None and unit in household.refused_units:
            found.append((f"{place}.accepted_unit", "the unit was refused for it as well", "take one of the two back"))
        accepted |= {unit} if unit is not None else set()
    return found


Row = TypeVar("Row")


def _told_nothing(problem: Problem) -> list[Fault]:
    return [
        (place, "it has neither minutes nor metres", "leave the journey out")
        for place, each in _placed("journeys", problem.journeys)
        if each.minutes is None and each.metres is None
    ]


def _too_short(problem: Problem) -> list[Fault]:
    """Return the routed ways that are shorter than the straight line, as no way can be."""
    units = {each.id: each.point for each in problem.units if _is_point(each.point)}
    schools = {each.id: each.point for each in problem.schools if _is_point(each.point)}
    return [
        (f"{place}.metres", "it is shorter than the straight line", "route it anew, or leave the journey out")
        for place, each in _placed("journeys", problem.journeys)
        if each.metres is not None and each.unit in units and each.school in schools
        if each.metres < _straight_metres(units[each.unit], schools[each.school]) * SHORTEST_WAY - SHORTER_METRES
    ]


def _straight_metres(one: Point, other: Point) -> float:
    return metres_between(one, other)


def _placed(name: str, rows: Sequence[Row]) -> list[tuple[str, Row]]:
    return [(f"{name}[{position}]", each) for position, each in enumerate(rows)]


def _impossible(problem: Problem) -> list[Fault]:
    wrong = [place for place, is_wrong in _figures(problem) if is_wrong]
    nowhere = [place for place, point in _points(problem) if not _is_point(point)]
    return [
        *((place, "it is outside what can be", "correct the figure") for place in wrong),
        *((place, "it is no place on the ground", "give longitude and latitude in degrees") for place in nowhere),
    ]


Figures = list[tuple[str, bool]]
"""Places of figures, and whether each is outside what can be."""


def _figures(problem: Problem) -> Figures:
    rules = problem.shortlists
    speeds = ("circuity", "walk_km_per_hour", "bus_km_per_hour", "fastest_km_per_hour")
    return [
        ("on_date", not FIRST_DATE <= problem.on_date <= LAST_DATE),
        ("within_days", not 0 <= problem.within_days <= MOST_WITHIN_DAYS),
        ("turn_round_days", not 0 <= problem.turn_round_days <= MOST_TURN_ROUND_DAYS),
        ("moves_per_day", problem.moves_per_day is not None and problem.moves_per_day < 1),
        ("shortlists.blank_share", not 0 <= rules.blank_share <= 1),
        ("shortlists.left_out_share", not 0 <= rules.left_out_share <= 1),
        ("shortlists.length", rules.length < 0),
        ("shortlists.quiet_km", rules.quiet_km < 0),
        *((f"travel.{name}", getattr(problem.travel, name) < LEAST_SPEED) for name in speeds),
        *((f"travel.{name}", not 0 <= value <= MOST_OF_TRAVEL) for name, value in vars(problem.travel).items()),
        *((f"norms.{name}", not 0 <= value <= MOST_OF_NORMS) for name, value in vars(problem.norms).items()),
        *((f"prices.{name}", not 0 <= value <= MOST_PRICE) for name, value in vars(problem.prices).items()),
        *(
            (f"{place}.night_pence", not 0 <= each.night_pence <= MOST_BUDGET_PENCE)
            for place, each in _placed("budgets", problem.budgets)
        ),
        *(figure for place, unit in _placed("units", problem.units) for figure in _figures_of_unit(place, unit)),
        *(figure for place, each in _placed("households", problem.households) for figure in _of_household(place, each)),
        *(figure for place, each in _placed("journeys", problem.journeys) for figure in _of_journey(place, each)),
    ]


def _figures_of_unit(place: str, unit: Unit) -> Figures:
    return [
        (f"{place}.bedrooms", not 0 <= unit.bedrooms <= MOST_BEDROOMS),
        (f"{place}.night_pence", not 0 <= unit.night_pence <= MOST_PENCE),
    ]


def _of_journey(place: str, journey: Journey) -> Figures:
    minutes, metres = journey.minutes, journey.metres
    return [
        (f"{place}.minutes", not 0 <= (minutes or 0) <= MOST_MINUTES),
        (f"{place}.metres", not 0 <= (metres or 0) <= MOST_METRES),
    ]


def _of_household(place: str, household: Household) -> Figures:
    children = _placed(f"{place}.children", household.children)
    circles = _placed(f"{place}.exclusion_zone.circles", household.exclusion_zone.circles)
    return [
        (f"{place}.bedrooms_needed", not 0 <= household.bedrooms_needed <= MOST_BEDROOMS),
        (
            f"{place}.bed_and_breakfast_days",
            not 0 <= household.bed_and_breakfast_days <= MOST_DAYS_IN_BED_AND_BREAKFAST,
        ),
        *((f"{at}.age_years", not 0 <= child.age_years <= OLDEST_YEARS) for at, child in children),
        *((f"{at}.radius_km", not 0 <= circle.radius_km <= MOST_METRES / 1000) for at, circle in circles),
    ]


def _points(problem: Problem) -> list[tuple[str, Point]]:
    found = [(f"{place}.point", each.point) for place, each in _placed("units", problem.units)]
    found += [(f"{place}.point", each.point) for place, each in _placed("schools", problem.schools)]
    for place, household in _placed("households", problem.households):
        circles = _placed(f"{place}.exclusion_zone.circles", household.exclusion_zone.circles)
        found += [(f"{at}.centre", circle.centre) for at, circle in circles]
        found += [(f"{place}.home", household.home)] if household.home else []
    return found


def _of_look_ahead(problem: Problem) -> list[Fault]:
    """Return what is wrong with those who came before: they are read as the households of the problem are."""
    ahead = problem.look_ahead
    if ahead is None:
        return []
    named = [replace(as_newcomer(each), id=str(row)) for row, each in enumerate(ahead.households)]
    before = replace(problem, households=tuple(named), look_ahead=None)
    said = [each for each in faults(before) if each[0].startswith("households")]
    found = [(f"look_ahead.{place}", rule, next_step) for place, rule, next_step in said]
    if not (0 <= ahead.expected <= MOST_EXPECTED and 1 <= ahead.samples <= MOST_SAMPLES):
        rule = f"it expects 0 to {MOST_EXPECTED} households and draws 1 to {MOST_SAMPLES} futures"
        found.append(("look_ahead", rule, "correct the figure"))
    if problem.budgets:
        found.append(("look_ahead", "budgets cannot be kept while looking ahead", "leave out one of the two"))
    return found


def as_newcomer(household: Household) -> Household:
    """Return a household as one like it would come: in no unit, with nothing decided."""
    return replace(household, current_unit=None, shared_unit=None, accepted_unit=None, refused_units=())


def _is_point(point: Point) -> bool:
    return abs(point.longitude) <= 180 and abs(point.latitude) <= 90
