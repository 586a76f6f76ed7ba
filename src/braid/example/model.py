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


@dataclass(frozen=True)
class Area:
    """A small area: its ring of corners (longitude, latitude), anticlockwise, first corner repeated at the end."""

    code: str
    name: str
    district: int
    ring: tuple[tuple[float, float], ...]
    deprivation_decile: int


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
    """Districts, areas, postcodes and sites. Address `a` is number `a % 15 + 1` of postcode `a // 15`."""

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

    def district_of(self, address: int) -> int:
        """Return the index of the district an address lies in."""
        return self.areas[int(self.postcode_area[address // ADDRESSES_PER_POSTCODE])].district

    def postcode_of(self, address: int) -> str:
        return self.postcodes[address // ADDRESSES_PER_POSTCODE]

    def line_of(self, address: int) -> str:
        return f"{address % ADDRESSES_PER_POSTCODE + 1} {self.streets[address // ADDRESSES_PER_POSTCODE]}"


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


@dataclass(slots=True)
class RegisterApplication:
    """An application to a council's housing register; all members wait."""

    number: int
    district: int
    members: list[int]
    submitted: date
    effective: date
    band: str
    reason: str
    bedrooms: int
    suspended: bool = False
    closed: date | None = None
    closed_reason: str = ""
    sensitive: bool = False
    medical: str = ""


@dataclass(slots=True)
class HomelessCase:
    """A homelessness application, its duties and temporary accommodation."""

    number: int
    district: int
    members: list[int]
    applied: date
    reason: str
    prevention: tuple[date, date | None] | None = None
    relief: tuple[date, date | None] | None = None
    main_duty: tuple[date, date | None] | None = None
    ta_type: str = ""
    ta_entry: date | None = None
    ta_exit: date | None = None
    ta_site: int = -1
    ta_unit: int = 0
    pregnant: bool = False
    needs: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Enrolment:
    """A pupil on a school's roll."""

    person: int
    school: int
    entered: date
    left: date | None
    upn: str
    support: str
    need: str
    year_group: int
    free_meals: bool
    far_since: date | None = None
    """Since when temporary accommodation has put the home far from the school."""
    absent: float = 0.05
    """Share of sessions missed in an ordinary week."""


@dataclass(slots=True)
class Admission:
    """An application for a school place during the year; it waits until the outcome letter."""

    number: int
    person: int
    district: int
    schools: tuple[int, int]
    reason: str
    applied: date
    answered: date | None = None
    outcome: str = ""
    outcome_school: int = -1
    withdrawn: date | None = None
    """A row entered by mistake: the day it vanished."""


@dataclass(slots=True)
class PlanRequest:
    """A request for an education, health and care (EHC) needs assessment."""

    person: int
    district: int
    requested: date
    source: str
    need: str
    decided: date | None = None
    decision: str = ""
    assessed: date | None = None
    assessment: str = ""
    plan: date | None = None
    exception: bool = False

    @property
    def stopped(self) -> date | None:
        """The day the wait for a plan ended: the plan, or the refusal that means there will be none."""
        if self.decision in ("N", "W"):
            return self.decided
        return self.assessed if self.assessment in ("N", "W") else self.plan


@dataclass(slots=True)
class Pathway:
    """A referral-to-treatment pathway."""

    number: int
    person: int
    referred: date
    stopped: date | None
    status: str
    function: str
    priority: str
    admitted: bool
    hospital: int
    booked: date | None = None
    missed: date | None = None
    cancelled: date | None = None
    withdrawn: date | None = None
    """A row entered by mistake: the day it vanished."""


@dataclass(slots=True)
class Hearing:
    """A hearing: `listed` is the day the date was fixed, `failed` the day it was adjourned or vacated."""

    number: str
    kind: str
    day: date
    listed: date
    failed: date | None = None
    status: str = ""
    reason: str = ""
    minutes: int = 60


@dataclass(slots=True)
class FamilyCase:
    """Care proceedings: children are subjects, respondents their parents."""

    number: str
    family_number: str
    district: int
    children: list[int]
    respondents: list[tuple[int, str]]
    issued: date
    hearings: list[Hearing]
    items: dict[int, str]
    closed: date | None = None
    order: str = ""
    extended: bool = False
    hidden: bool = False
    abuse: bool = False
    crisis: bool = False
    """The family has also lost its home, and the children their school: services that all wait on one another."""


@dataclass(slots=True)
class CrownCase:
    """A case in the Crown Court. `urn` is the reference the police and the victim service use."""

    urn: str
    number: str
    defendants: list[tuple[int, str]]
    offence: tuple[str, str]
    offended: date
    charged: date
    magistrates: date
    hearings: list[Hearing]
    victims: list[int]
    closed: date | None = None

    @property
    def opened(self) -> date:
        """The first Crown Court sitting: the clock starts and the case enters the feed."""
        return self.hearings[0].day


@dataclass(slots=True)
class Referral:
    """A referral to the victim service."""

    number: int
    person: int
    service: str
    harm: str
    referred: date
    source: str
    contact: date | None
    support: date | None
    closed: date | None
    closure: str = ""
    score: int = 0
    urn: str = ""
    refuge: int = -1
    safe: bool = False
    withdrawn: date | None = None

    @property
    def kind(self) -> str:
        return "therapy" if self.service == "THERAPY" else "victim_support"

    @property
    def stopped(self) -> date | None:
        """The day the wait ended: support began (therapy), first contact was made (others), or it was closed."""
        return (self.support if self.service == "THERAPY" else self.contact) or self.closed


@dataclass(slots=True)
class ChildCase:
    """A child known to children's social care, from referral to closure."""

    person: int
    district: int
    referred: date
    source: str
    need: str
    assessed: date | None = None
    factors: tuple[str, ...] = ()
    no_action: bool = False
    enquiry: date | None = None
    conference: date | None = None
    conference_needed: bool = True
    plan: date | None = None
    category: str = ""
    plan_end: date | None = None
    reviews: tuple[date, ...] = ()
    pre_proceedings: date | None = None
    to_court: date | None = None
    closed: date | None = None
    closed_reason: str = ""


@dataclass(slots=True)
class Placement:
    """One episode of a looked-after child."""

    start: date
    end: date | None
    reason: str
    legal: str
    place: str
    provider: str
    ended_by: str
    changed_by: str
    address: int


@dataclass(slots=True)
class CareEpisode:
    """A looked-after child: its placements in order, reviews and times missing."""

    person: int
    district: int
    need: str
    placements: list[Placement]
    reviews: list[tuple[date, str]]
    missing: list[tuple[date, date | None]]


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

    def members(self, household: int) -> list[int]:
        """Return the people of a household."""
        return list(range(int(self.households.first[household]), int(self.households.first[household + 1])))

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
