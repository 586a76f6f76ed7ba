"""The API's answers about what boards meet about and want, and about nobody."""

import datetime as dt
from uuid import UUID

from ninja import Field, Schema


class BoardPaper(Schema):
    """A paper on an item, in its newest edition."""

    id: UUID
    edition: int
    heading: str
    summary: str
    recommendation: str
    body: str
    options: str = Field(description="What else might be done, and why it is not recommended")
    written_at: dt.datetime


class BoardItem(Schema):
    """An item of an agenda."""

    id: UUID
    number: int
    kind: str
    kind_name: str
    title: str
    asks: str = Field(description="What it asks of the board")
    minutes: int
    is_confidential: bool
    paper: BoardPaper | None
    discussion: str = Field(description="Its minutes, once they are agreed; empty before")
    decisions: list[UUID]
    actions: list[UUID]


class BoardAgenda(Schema):
    """A meeting of a board with its agenda, as far as the caller's seat shows it."""

    id: UUID
    starts_at: dt.datetime
    length_minutes: int
    state: str
    state_name: str
    papers_out_at: dt.datetime | None
    items: list[BoardItem]


class BoardRisk(Schema):
    """What might happen to what a board wants; likelihood and impact from 1 to 5, before and after what is done."""

    id: UUID
    cause: str
    event: str
    effect: str
    owner: str
    likelihood_before: int
    impact_before: int
    likelihood_after: int
    impact_after: int
    response: str
    what_is_done: str
    review_date: dt.date
    rated_at: dt.datetime


class BoardRisks(Schema):
    """The open risks, the highest first."""

    items: list[BoardRisk]


class BoardPriority(Schema):
    """A priority that a decision made; `statements` and `outcomes` are ids."""

    id: UUID
    decision_id: UUID
    title: str
    why: str
    statements: list[str]
    outcomes: list[str]
    measures: str = Field(description="By which figures it is seen, in words")
    from_date: dt.date
    to_date: dt.date


class BoardPriorities(Schema):
    """The priorities that stand, in their order."""

    items: list[BoardPriority]


class OutcomePeriod(Schema):
    """A period as it was published, in steps; `value` is null where too few were counted."""

    first_date: dt.date
    last_date: dt.date
    value: float | None
    low: float | None
    high: float | None
    step: float
    expected: float | None = Field(description="What the way to the target asks for on the last day")


class PlaceOutcome(Schema):
    """An outcome of the place, and where it stands."""

    id: str
    name: str
    framework: str
    better: str = Field(description="Which way is better")
    unit: str
    baseline: float | None
    move: str = Field(description="What rules of control charts find in the last phase, as a code")
    signals: list[str]
    last: OutcomePeriod | None


class PlaceOutcomes(Schema):
    """The outcomes of the place, in the order of their frameworks."""

    items: list[PlaceOutcome]


class OutcomeOfDistrict(OutcomePeriod):
    """A period of one district."""

    district: str


class PlaceOutcomeWithFigures(PlaceOutcome):
    """An outcome with every period that was published."""

    periods: list[OutcomePeriod]
    districts: list[OutcomeOfDistrict]
