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


class Rank(Schema):
    """Why the priority rules place a person where they do."""

    problem: str
    problem_name: str
    holds_from: dt.date = Field(description="The version of the rules")
    band_position: int
    band: str
    band_count: int
    points: int
    reasons: list[tuple[int, str]] = Field(description="Points and reason of each entry that holds")
    longest_since: dt.date | None
    changes: list[str] = Field(description="What changed since the run before, in words")


class RankedPerson(Schema):
    """A person in the order of priority."""

    person_id: str
    name: str
    district: str
    position: int = Field(description="Among the people whom the caller may see; some may share one")
    rank: Rank
    next_in_order: str = Field(description="What sets the person apart from the next; empty for the last of a page")


class Ranking(Schema):
    """One page of the order of priority, 25 people at most."""

    problem: str
    problem_name: str
    people: list[RankedPerson]
    count: int = Field(description="Visible people over all pages")
    page: int
    page_count: int


class FairnessGroup(Schema):
    """A group of people. A null figure is suppressed, left out, or a share of nobody or everybody."""

    name: str
    reached: int | None
    never_reached: int | None
    in_doubt: int | None = Field(description="People with a link that a human has to decide")
    share: int | None = Field(description="Per cent never reached, of the published counts")
    low: int | None = Field(description="Lower end of its 95 % Wilson interval")
    high: int | None


class Characteristic(Schema):
    """The groups of a characteristic, and the columns left out for all of them."""

    name: str
    withheld: list[str]
    groups: list[FairnessGroup]


class PriorityRules(Schema):
    """The rules of a problem statement, and whom they never reached."""

    problem: str
    name: str
    holds_from: dt.date
    digest: str = Field(description="SHA-256 of the text")
    words: list[str]
    text: str
    fairness: list[Characteristic]


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
    ranks: list[Rank]


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


class Problem(Schema):
    """Why there is no answer."""

    detail: str
