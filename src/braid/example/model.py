"""The nouns of the example world.

People and households are columns (one numpy array a property), so that a million of them fit in memory; what services
record about some of them are small objects. A person is an index into the columns; dates of the columns are day numbers
(`date.toordinal`), all others are dates.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy
from numpy.typing import NDArray

from braid.example.records import (
    Admission,
    CareEpisode,
    ChildCase,
    CrownCase,
    Enrolment,
    FamilyCase,
    HomelessCase,
    Pathway,
    PlanRequest,
    Referral,
    RegisterApplication,
)
from braid.example.records_further import (
    Adopter,
    AdoptionPlan,
    Attendance,
    CareLeaver,
    EarlyHelp,
    HealthReferral,
    RiskReferral,
)
from braid.language.open_ground import OpenGround

Integers = NDArray[numpy.int64]


@dataclass(frozen=True)
class District:
    """A district council's area. `la_number` is its number in education returns, 991 to 995: in use nowhere."""

    code: str
    slug: str
    name: str
    la_number: int
    weight: float
    telephone: str
    invented_name: str = ""
    """What its council and buildings are called where the district itself is a real one: nobody real sends anything."""

    @property
    def institution_name(self) -> str:
        """The name that its council, courts and hospital bear; always an invented one."""
        return self.invented_name or self.name

    @property
    def council_name(self) -> str:
        """What its council is called."""
        return f"{self.institution_name} Council"


@dataclass(frozen=True)
class Area:
    """A small area: its ring of corners (longitude, latitude), anticlockwise, first corner repeated at the end."""

    code: str
    name: str
    district: int
    ring: tuple[tuple[float, float], ...]
    """Empty where the place stands on open ground: its outline is there."""
    deprivation_decile: int | None


@dataclass(frozen=True, slots=True)
class Site:
    """A building with a public address: school, court, hospital, temporary accommodation or refuge."""

    reference: str
    name: str
    kind: str
    district: int
    address: int
    """Index of the address."""
    capacity: int = 0


@dataclass(frozen=True)
class Geography:
    """Districts, areas, postcodes and sites. Address `a` is number `a % 15` from the first of postcode `a // 15`."""

    districts: tuple[District, ...]
    areas: tuple[Area, ...]
    postcodes: tuple[str, ...]
    streets: tuple[str, ...]
    postcode_area: Integers
    postcode_points: NDArray[numpy.float64]
    """Longitude, latitude of each postcode."""
    first_home: tuple[int, ...]
    """First address of each district, and one past the last."""
    schools: tuple[Site, ...]
    courts: tuple[Site, ...]
    hospitals: tuple[Site, ...]
    accommodation: tuple[Site, ...]
    refuges: tuple[Site, ...]
    open_ground: OpenGround | None = None
    """The real ground that the people are put on, where they are."""
    postcode_metres: Integers | None = None
    """Easting and northing of each postcode of a real ground, on the National Grid."""
    first_number: int = 1
    """The house number of the first address of a postcode."""

    def district_of(self, address: int) -> int:
        """Return the index of the district an address lies in."""
        return self.areas[int(self.postcode_area[address // ADDRESSES_PER_POSTCODE])].district

    def postcode_of(self, address: int) -> str:
        return self.postcodes[address // ADDRESSES_PER_POSTCODE]

    def line_of(self, address: int) -> str:
        return (
            f"{address % ADDRESSES_PER_POSTCODE + self.first_number} {self.streets[address // ADDRESSES_PER_POSTCODE]}"
        )


ADDRESSES_PER_POSTCODE = 15

HEAD, PARTNER, CHILD, GRANDPARENT, SHARER = range(5)
"""Roles in a household."""


@dataclass
class People:
    """One column a property, one row a person; `household` is the index of the household they belong to."""

    household: Integers
    role: Integers
    birth: Integers
    female: NDArray[numpy.bool_]
    tradition: Integers
    given: list[str]
    family: list[str]
    ethnicity: list[str]
    former_family: dict[int, str] = field(default_factory=dict)
    """Name before marriage."""
    married: dict[int, date] = field(default_factory=dict)
    nhs: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.household)


@dataclass
class Households:
    """`first` is the index of the first member of each household, and one past the last person at its end."""

    first: Integers
    address: Integers
    former_address: Integers
    """Address before the latest move; -1 where they have not moved in three years."""
    moved: Integers
    """Day number of the latest move; 0 where none."""
    tenure: Integers
    """0 owned, 1 private rent, 2 social rent."""


@dataclass(slots=True)
class Stay:
    """Somewhere a person lives that is not the household's home."""

    start: date
    end: date | None
    kind: str
    address: int
    site: str = ""


@dataclass(frozen=True, slots=True)
class Adoption:
    """A sealed adoption: the person as whom a child stands before it, and the one since."""

    seal: str
    before: int
    since: int


@dataclass
class World:
    """Everything that happened in the example place up to its as-of date."""

    seed: int
    as_of: date
    intensity: float
    geography: Geography
    people: People
    households: Households
    stays: dict[int, list[Stay]] = field(default_factory=dict)
    former_partners: dict[int, int] = field(default_factory=dict)
    units: dict[int, set[int]] = field(default_factory=dict)
    """Units of each temporary accommodation site in which a household was placed."""
    register: list[RegisterApplication] = field(default_factory=list)
    homeless: list[HomelessCase] = field(default_factory=list)
    enrolments: list[Enrolment] = field(default_factory=list)
    admissions: list[Admission] = field(default_factory=list)
    plan_requests: list[PlanRequest] = field(default_factory=list)
    pathways: list[Pathway] = field(default_factory=list)
    family_cases: list[FamilyCase] = field(default_factory=list)
    crown_cases: list[CrownCase] = field(default_factory=list)
    referrals: list[Referral] = field(default_factory=list)
    child_cases: list[ChildCase] = field(default_factory=list)
    care_episodes: list[CareEpisode] = field(default_factory=list)
    adoptions: list[Adoption] = field(default_factory=list)
    attendances: list[Attendance] = field(default_factory=list)
    """This and what follows is empty unless a format is asked for that tells of it."""
    health_referrals: list[HealthReferral] = field(default_factory=list)
    early_help: list[EarlyHelp] = field(default_factory=list)
    care_leavers: list[CareLeaver] = field(default_factory=list)
    adoption_plans: list[AdoptionPlan] = field(default_factory=list)
    adopters: list[Adopter] = field(default_factory=list)
    risk_referrals: list[RiskReferral] = field(default_factory=list)

    def members(self, household: int) -> list[int]:
        """Return the people of a household."""
        return list(range(int(self.households.first[household]), int(self.households.first[household + 1])))

    def units_of(self, site: int) -> int:
        """Return how many units a temporary accommodation site has."""
        return max(self.geography.accommodation[site].capacity, *self.units.get(site, (0,)))

    def household_of(self, person: int) -> int:
        return int(self.people.household[person])

    def birth_date(self, person: int) -> date:
        return date.fromordinal(int(self.people.birth[person]))

    def age_years(self, person: int, day: date | None = None) -> int:
        """Return completed years of age on a day, the as-of date unless given."""
        born, on = self.birth_date(person), day or self.as_of
        return on.year - born.year - ((on.month, on.day) < (born.month, born.day))

    def district_of(self, person: int) -> int:
        """Return the district of the household's home: the council that owes them services, wherever it houses them."""
        return self.geography.district_of(int(self.households.address[self.household_of(person)]))

    def home_address(self, person: int, day: date) -> int:
        """Return the address of the household's home on a day."""
        household = self.household_of(person)
        before = int(self.households.former_address[household])
        moved = int(self.households.moved[household])
        return before if before >= 0 and day.toordinal() < moved else int(self.households.address[household])

    def address(self, person: int, day: date) -> int:
        """Return the address services know on a day: temporary accommodation or the home, never a refuge."""
        for stay in self.stays.get(person, ()):
            if stay.kind != "refuge" and stay.start <= day and (stay.end is None or day < stay.end):
                return stay.address
        return self.home_address(person, day)

    def in_refuge(self, person: int, day: date) -> bool:
        """Return whether the person lives in a refuge on a day."""
        stays = self.stays.get(person, ())
        return any(s.kind == "refuge" and s.start <= day and (s.end is None or day < s.end) for s in stays)
