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
    holder_kind: str = Field(description="Kind of wait, document, cause group or capacity that holds")
    holder_wait_id: str
    own_wait_holds: bool = Field(description="The wait that holds is the person's own")
    holder: str
    reason: str
    evidence: str
    evidence_date: dt.date | None
    owner_organisation: str
    owner_role: str
    next_action: str


class Root(Schema):
    """The one thing that alone frees most of the person's waits."""

    holder: str
    holds: list[str] = Field(description="Kinds of the person's waits that it holds, directly or down the line")
    frees: list[str] = Field(description="Of those, the waits that it alone would free")
    is_held: bool = Field(description="It is held up itself, so that something else moves first")
    owner_organisation: str
    owner_role: str
    next_action: str


class Path(Schema):
    """The critical path over the blockers that the caller may see."""

    end: str = Field(description="The person's wait in which it ends")
    steps: list[Blocker] = Field(description="From where it begins to where it ends")
    days: int = Field(description="Days waited, summed over the person's waits on it")
    days_over: int = Field(description="Days past a limit, summed over them")
    deadlock: list[str] = Field(description="The waits of the deadlock in which it begins")
    root: Root


class Involvement(Schema):
    """A service that knows the person."""

    service: str
    organisation: str
    since_date: dt.date | None
    last_date: dt.date | None = Field(description="Latest recorded activity; involvements come newest first")
    ask: str
    as_of_date: dt.date = Field(description="Date of its newest extract")
    or_later: bool = Field(description="Which partner it is, is not told: its extract may be of a later day")
    freshness: str = Field(description="How old the extract is against how often one comes, in words")
    is_late: bool = Field(description="The extract is older than its rhythm allows")


class Kinship(Schema):
    """What somebody is to the person, by one standard."""

    kind: str
    source: str = Field(description="Name of the standard whose records say so")
    since_date: dt.date | None
    as_of_date: dt.date = Field(description="Date of the newest extract that says so")
    freshness: str
    is_late: bool
    legal_responsibility: bool | None = Field(description="They have parental responsibility for the person")


class Member(Schema):
    """Somebody who lives with the person."""

    person_id: str
    name: str
    age: str
    since_date: dt.date
    is_stated: bool = Field(description="A source states the day; else extracts show it from then on")
    how: str = Field(description="What happened on that day, where a source says so")
    kinships: list[Kinship]


class Former(Schema):
    """Somebody who lived with the person before."""

    who: str
    first_month: dt.date = Field(description="First day of the month")
    last_month: dt.date = Field(description="First day of the month")
    why: str


class Household(Schema):
    """Who lives with the person and who did, of those who may be told. An empty list says nothing."""

    is_open: bool = Field(description="Whether role and agreement open households, whoever it is about")
    members: list[Member]
    former: list[Former]


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
    """A part of the list. No count: how many there are is for nobody to know who may not see them."""

    items: list[PersonInList]
    next: str | None = Field(description="The cursor with which the list goes on; null at its end")
    is_cut: bool = Field(description="Whether others, who wait less long, are not listed: narrow the list to find them")


class Rank(Schema):
    """Why the priority rules place a person where they do."""

    problem: str
    problem_name: str
    holds_from: dt.date = Field(description="The version of the rules")
    band_position: int | None = Field(description="Null where what the bands rest on is not open to the caller")
    band: str
    band_count: int
    points: int = Field(description="Of the reasons shown")
    reasons: list[tuple[int, str]] = Field(description="Points and reason of each entry that holds and is open")
    longest_since: dt.date | None
    not_open: list[str] = Field(description="Parts of the rules that are not open to the caller, whoever the person is")
    changes: list[str] = Field(description="What changed since the run before, in words")
    earlier: list[tuple[dt.date, list[str]]] = Field(description="The same of runs of earlier days, newest first")


class RankedPerson(Schema):
    """A person in the order of priority."""

    person_id: str
    name: str
    district: str
    position: int = Field(description="Among the people whom the caller may see; some may share one")
    rank: Rank
    next_in_order: str = Field(description="What sets the person apart from the next; empty for the last of a part")


class Ranking(Schema):
    """A part of the order of priority."""

    problem: str
    problem_name: str
    items: list[RankedPerson]
    next: str | None = Field(description="The cursor with which the order goes on; null at its end")


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


class Beside(Schema):
    """What sets a person apart from another."""

    person_id: str
    name: str
    said: list[tuple[str, str]] = Field(description="By name of the problem statement, in words")


class Person(Schema):
    """Everything of one person that the caller may see."""

    person_id: str
    name: str
    birth_date: dt.date | None
    district: str
    waits: list[Wait]
    ended_waits: list[Wait]
    blockers: list[Blocker]
    path: Path | None = Field(description="Null where no blocker may be seen")
    involvements: list[Involvement]
    problems: list[str]
    ranks: list[Rank]
    household: Household
    beside: Beside | None = Field(description="What sets them apart from the person asked for as `beside`")


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


class Unblocking(Schema):
    """What an action, team or resource holds and alone would free. A null figure is not published."""

    scope: str = Field(description="Code of the list unblock_scope")
    scope_name: str
    backlog: str = Field(description="Backlog of the waits counted; empty for all of them")
    backlog_name: str
    position: int = Field(description="Place in its scope and backlog, by what is published")
    owner_organisation: str
    owner_role: str
    next_action: str
    holder: str
    held_waits: int | None
    held_weeks: int | None = Field(description="The published count times the mean, in whole weeks")
    held_hidden: int = Field(description="Actions whose count is not published; a team's is the sum of the others")
    freed_waits: int | None = Field(description="Of those held, the waits that nothing else known holds")
    freed_weeks: int | None
    freed_hidden: int


class Deadlock(Schema):
    """Services that wait for each other."""

    organisations: list[str]
    waits: int | None


class Blockers(Schema):
    """What holds up what over the place."""

    place_name: str
    run_id: str
    as_of_date: dt.date | None
    rows: list[Unblocking]
    deadlocks: list[Deadlock]


class StatementInList(Schema):
    """A problem statement, and how many people it concerns."""

    id: str
    name: str
    purpose: str
    concerns: str
    people: int | None


class Move(Schema):
    """One owner and action that a rule names."""

    holder: str
    reason: str
    owner_organisation: str
    owner_role: str
    next_action: str
    cleared_by: str
    held_waits: int | None = Field(
        description="Waits that the action holds in the backlog of the rule; null: not shown"
    )
    freed_waits: int | None


class Rule(Schema):
    """A blocker rule."""

    id: str
    words: str
    held: str
    backlog: str
    clock: str = Field(description="Law of the clock of the wait that is held")
    moves: list[Move]


class Outcome(Schema):
    """What would prove that the joint response worked."""

    name: str
    unit: str
    better: str
    how: str
    baseline: float | None
    baseline_source: str


class Fund(Schema):
    """Money that could pay."""

    name: str
    holder: str
    basis: str


class Statement(StatementInList):
    """A problem statement, whole."""

    purpose_code: str
    partners: list[str]
    waits: list[str]
    plan: str
    rules: list[Rule]
    outcomes: list[Outcome]
    funds: list[Fund]


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


class WaitsOfPerson(Schema):
    """The waits of one person that the caller may see."""

    person_id: str
    open: list[Wait]
    ended: list[Wait]


class WaitOfPerson(Schema):
    """One wait, with what holds it up."""

    person_id: str
    wait: Wait
    blockers: list[Blocker]


class ProblemDetails(Schema):
    """Why there is no answer (RFC 9457): never a value, and the same for what is hidden and what does not exist."""

    type: str = Field(description="urn:braid:problem: and a code that a program reads")
    title: str
    status: int
    detail: str
    fields: list[str] = Field([], description="Names of what is not valid")
