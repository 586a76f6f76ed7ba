"""The API's answers. Each mirrors a projection of `braid.web.access`, so nothing else can reach an answer."""

import datetime as dt

from ninja import Field, Schema


class Wait(Schema):
    """A wait that the caller may see. Days are calendar days."""

    wait_id: str
    kind: str = Field(description="Code of the list wait_kind")
    kind_name: str
    backlog: str = Field(description="Code of the list backlog")
    backlog_name: str
    organisation: str = Field(description="Kind of organisation whose clock it is")
    priority: str
    start_date: dt.date
    start_event: str
    stop_date: dt.date | None
    elapsed_days: int
    due_date: dt.date | None = Field(description="Last day inside the limit; null where the law sets none")
    due_date_other: dt.date | None
    days_left: int | None
    clock: str = Field(description="Code of the list clock_status")
    clock_name: str
    rule_id: str
    rule_version: str
    explanation: str
    as_of_date: dt.date


class Blocker(Schema):
    """A reason why a wait cannot end yet."""

    problem: str
    problem_name: str
    rule_id: str
    held_wait_id: str
    held: str
    holder_type: str = Field(description="Code of the list holder_type")
    holder_wait_id: str
    own_wait_holds: bool = Field(description="The wait that holds is the person's own")
    holder: str
    reason: str
    evidence: str
    evidence_date: dt.date | None
    owner_organisation: str
    owner_role: str
    next_action: str


class Involvement(Schema):
    """A service that knows the person."""

    service: str
    organisation: str
    since_date: dt.date | None
    last_date: dt.date | None
    ask: str
    as_of_date: dt.date


class PersonInList(Schema):
    """A person who waits in two or more backlogs."""

    person_id: str
    name: str
    district: str
    backlog_count: int
    wait_count: int
    longest_days: int
    total_days: int
    blocker_count: int
    waits: list[Wait]
    top_blocker: Blocker | None


class People(Schema):
    """One page of the list, 25 people at most."""

    people: list[PersonInList]
    count: int = Field(description="Visible people over all pages")
    page: int
    page_count: int


class Person(Schema):
    """Everything of one person that the caller may see."""

    person_id: str
    name: str
    birth_date: dt.date | None
    district: str
    waits: list[Wait]
    ended_waits: list[Wait]
    blockers: list[Blocker]
    involvements: list[Involvement]
    problems: list[str]


class Figures(Schema):
    """One kind of wait in one area. A null figure is not published, or there is nothing to count."""

    kind: str
    kind_name: str
    backlog: str
    backlog_name: str
    article: bool
    waiting: int | None
    median_days: int | None
    has_limit: bool = Field(description="Whether law or a standard sets a limit for this kind of wait")
    within_share: int | None = Field(description="Per cent of running waits with a limit that are within it")
    over_year: int | None
    also_elsewhere: int | None
    completed: int | None = Field(description="Waits that ended in the 91 days before")
    completed_within_share: int | None


class District(Schema):
    """A district and its figures."""

    name: str
    kinds: list[Figures]


class Feed(Schema):
    """A source and the date its newest extract speaks of."""

    feed: str
    organisation: str
    service: str
    standard: str
    as_of_date: dt.date | None


class Place(Schema):
    """The figures of the published run."""

    place_name: str
    run_id: str
    as_of_date: dt.date | None
    kinds: list[Figures]
    districts: list[District]
    feeds: list[Feed]


class Size(Schema):
    """How many waited on a day, as published."""

    day: dt.date
    waiting: int | None
    is_filled_in: bool = Field(description="Reckoned once, at the first publication, to the nearest 10")


class Quarter(Schema):
    """What began and what ended in the 91 days up to a day."""

    day: dt.date
    additions: int | None
    completed: int | None


class Overlap(Schema):
    """What people wait for too."""

    other_kind: str
    other_name: str
    time_share: int = Field(description="Per cent of the time, to the nearest 5; 5 is 5 or less, 95 is 95 or more")


class Backlog(Schema):
    """One queue of the whole place. A null figure is not published, or there is nothing to count."""

    figures: Figures
    is_known: bool = Field(description="Whether all that began and ended in the last 91 days are in the extracts")
    p92_days: int | None
    completed_median_days: int | None
    completed_p92_days: int | None
    clearance_weeks: int | None = Field(description="Waiting by ended a week, were nobody to come")
    additions: int | None = Field(description="Waits that began in the last 91 days")
    change: int | None = Field(description="By how many the queue grew in 91 days")
    trend: str = Field(description="grows, falls, steady or not_known")
    limit_weeks: float | None = Field(description="About how many weeks the limit in law or standard is")
    sizes: list[Size]
    quarters: list[Quarter]
    overlaps: list[Overlap]


class Backlogs(Schema):
    """Every queue of the published run."""

    place_name: str
    run_id: str
    as_of_date: dt.date | None
    backlogs: list[Backlog]


class Problem(Schema):
    """Why there is no answer."""

    detail: str
