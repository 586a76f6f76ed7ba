"""What a page or an API answer may hold about people: already filtered, already masked, no way back to the row."""

import datetime as dt
from dataclasses import dataclass

NOT_KNOWN = "Not known"
NOT_RECORDED = "Not recorded"
NOT_FOR_ROLE = "Not shown to your role"
NOT_IN_AGREEMENT = "Not shared under the agreement"
NOT_LISTED = "Not asked for in your emergency access, or not approved yet"
WITHHELD = "Withheld: this person's location is protected"


@dataclass(frozen=True)
class Viewer:
    """A named human who looks, for a purpose, under a reference, at a page. `role` is a code of `ROLES`.

    `assurance` is 2 after a second factor, and `confirmed_at` when.
    """

    username: str
    role: str
    purpose: str
    reference: str
    page: str
    assurance: int = 1
    confirmed_at: dt.datetime | None = None


@dataclass(frozen=True)
class PeopleFilter:
    """What the list is narrowed to and how it is ordered. Empty text narrows nothing; `problem` is a statement's id."""

    problem: str = ""
    district: str = ""
    backlog: str = ""
    kind: str = ""
    sort: str = "longest"


@dataclass(frozen=True)
class Header:
    """Who a person is, and the district in words or the label that stands for it."""

    name: str
    birth_date: dt.date | None
    district: str
    given_name: str = ""
    family_name: str = ""
    """Both empty where the name may not be shown, or is not known: `name` says which."""


@dataclass(frozen=True)
class WaitSeen:
    """A wait that this viewer may see. Days are calendar days."""

    wait_id: str
    kind: str
    kind_name: str
    backlog: str
    backlog_name: str
    organisation: str
    priority: str
    start_date: dt.date
    start_event: str
    stop_date: dt.date | None
    elapsed_days: int
    due_date: dt.date | None
    due_date_other: dt.date | None
    days_left: int | None
    clock: str
    clock_name: str
    rule_id: str
    rule_version: str
    explanation: str
    as_of_date: dt.date


@dataclass(frozen=True)
class BlockerSeen:
    """A reason why a wait cannot end yet. `holder` says in words what holds it.

    `holder_own` is what the viewer's own organisation calls the cause; empty where it has no word for it.
    """

    problem: str
    problem_name: str
    rule_id: str
    held_wait_id: str
    held: str
    holder_type: str
    holder_kind: str
    holder_wait_id: str
    own_wait_holds: bool
    holder: str
    reason: str
    evidence: str
    evidence_date: dt.date | None
    owner_organisation: str
    owner_role: str
    next_action: str
    holder_own: str = ""


@dataclass(frozen=True)
class RootSeen:
    """The one thing that alone frees most of a person's waits: those it holds and of them those it frees, by name.

    `is_held`: it is held up itself, so that something else moves first.
    """

    holder: str
    holds: tuple[str, ...]
    frees: tuple[str, ...]
    is_held: bool
    owner_organisation: str
    owner_role: str
    next_action: str


@dataclass(frozen=True)
class PathSeen:
    """The critical path over the blockers beside it: `steps` from where it begins to the wait `end` that is held last.

    `days` and `days_over` are summed over the person's waits on it. `deadlock` names the waits of one that it begins
    in.
    """

    end: str
    steps: tuple[BlockerSeen, ...]
    days: int
    days_over: int
    deadlock: tuple[str, ...]
    root: RootSeen


@dataclass(frozen=True)
class InvolvementSeen:
    """A service that knows the person; `ask` says whom to ask, where that may be shown.

    `or_later`: which partner of its kind it is, is not told, and the date is that of the oldest extract it could be.
    """

    service: str
    organisation: str
    since_date: dt.date | None
    last_date: dt.date | None
    ask: str
    as_of_date: dt.date
    or_later: bool
    freshness: str
    is_late: bool


@dataclass(frozen=True)
class KinshipSeen:
    """What somebody is to the person, by one standard, and how fresh its newest extract is.

    `legal_responsibility`: they have parental responsibility for the person, where a source says so or not.
    """

    kind: str
    source: str
    since_date: dt.date | None
    as_of_date: dt.date
    freshness: str
    is_late: bool
    legal_responsibility: bool | None


@dataclass(frozen=True)
class MemberSeen:
    """Somebody who lives with the person, `since_date` as a source states it, else as extracts have shown it since."""

    person_id: str
    name: str
    age: str
    since_date: dt.date
    is_stated: bool
    how: str
    kinships: tuple[KinshipSeen, ...]


@dataclass(frozen=True)
class FormerSeen:
    """Somebody who lived with the person, from a month to a month, each as its first day: neither who nor where."""

    who: str
    first_month: dt.date
    last_month: dt.date
    why: str


@dataclass(frozen=True)
class HouseholdSeen:
    """Who lives with the person and who did, of those who may be told; `is_open` does not depend on whom it is about.

    Of nobody told follows nothing: it stands alike where nobody lives with them and where nobody may be named.
    """

    is_open: bool
    members: tuple[MemberSeen, ...] = ()
    former: tuple[FormerSeen, ...] = ()


@dataclass(frozen=True)
class PersonInList:
    """One person of the list of people in several backlogs."""

    person_id: str
    name: str
    district: str
    backlog_count: int
    wait_count: int
    longest_days: int
    total_days: int
    blocker_count: int
    waits: tuple[WaitSeen, ...]
    top_blocker: BlockerSeen | None


@dataclass(frozen=True)
class RankSeen:
    """Why the rules of a problem statement place a person where they do, in words; empty `changes`: nothing changed.

    Of what the viewer's role and agreement open alone. `not_open` names the parts of the rules that they do not,
    whoever the person is: whether one of them holds of this person is not said, nor in the points.
    """

    problem: str
    problem_name: str
    holds_from: dt.date
    band_position: int | None
    """`None`, and an empty `band`, where the bands are not open."""
    band: str
    band_count: int
    points: int
    """Of the reasons shown."""
    reasons: tuple[tuple[int, str], ...]
    """Points and reason of each entry that holds."""
    longest_since: dt.date | None
    changes: tuple[str, ...]
    earlier: tuple[tuple[dt.date, tuple[str, ...]], ...]
    """What changed in runs of earlier days, newest first."""
    not_open: tuple[str, ...]


@dataclass(frozen=True)
class FrozenSeen:
    """A rank as it stood when something was decided about a person, called `name`.

    `position` is among the `of` people of the order then whom the viewer might see.
    """

    name: str
    position: int
    of: int
    rank: RankSeen
    as_of: dt.date | None
    rules: tuple[str, ...]
    """The rules in words."""
    text: str
    """Their file, whole."""


@dataclass(frozen=True)
class BesideSeen:
    """What sets a person apart from another whom the viewer sees: by name of the statement, in words."""

    person_id: str
    name: str
    said: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class RankedPerson:
    """A person in the order of priority. `position` is among those the viewer may see; some may share one.

    `next_in_order` says what sets the person apart from the one after; empty for the last of a page.
    """

    person_id: str
    name: str
    district: str
    position: int
    rank: RankSeen
    next_in_order: str


@dataclass(frozen=True)
class RankingPage:
    """One page of the order of priority. `count` is over all pages, of visible people only."""

    problem: str
    problem_name: str
    people: tuple[RankedPerson, ...]
    count: int
    page: int
    page_count: int


@dataclass(frozen=True)
class PersonSeen:
    """Everything of one person that this viewer may see."""

    person_id: str
    name: str
    birth_date: dt.date | None
    district: str
    waits: tuple[WaitSeen, ...]
    ended_waits: tuple[WaitSeen, ...]
    blockers: tuple[BlockerSeen, ...]
    path: PathSeen | None
    involvements: tuple[InvolvementSeen, ...]
    problems: tuple[str, ...]
    ranks: tuple[RankSeen, ...]
    household: HouseholdSeen
    beside: BesideSeen | None = None
    involvements_open: bool = True
    """Whether an agreement for the viewer's purpose opens which services know somebody, whoever it is."""
    disputed: frozenset[str] = frozenset()
    """Ids of the waits whose record somebody says is wrong, and which were not corrected at their source since."""

    @property
    def late_involvements(self) -> int:
        """How many of the services speak from an extract that is late."""
        return sum(each.is_late for each in self.involvements)


@dataclass(frozen=True)
class PeoplePage:
    """One page of the list. `count` is over all pages, of visible people only; others wait less long where `is_cut`."""

    people: tuple[PersonInList, ...]
    count: int
    is_cut: bool
    page: int
    page_count: int


@dataclass(frozen=True)
class EntrySeen:
    """One audit entry: person ids, never names; codes as words."""

    recorded_at: dt.datetime
    kind_name: str
    username: str
    organisation: str
    role_name: str
    purpose_name: str
    agreement: str
    relation: str
    reference: str
    person_id: str
    item_classes: str
    decision: str
    page: str


@dataclass(frozen=True)
class EntriesPage:
    """One page of the record, newest first."""

    entries: tuple[EntrySeen, ...]
    count: int
    page: int
    page_count: int


@dataclass(frozen=True)
class WitnessSeen:
    """A witness, the size of the newest checkpoint it signed, when it saw it, and by how many entries it lags."""

    name: str
    size: int
    seen_at: dt.datetime
    behind: int


@dataclass(frozen=True)
class LogSeen:
    """The state of the log. `waiting` entries have no place in it yet, the oldest for `lag_seconds`."""

    size: int
    checkpoint_size: int | None
    signed_at: dt.datetime | None
    note: str
    waiting: int
    lag_seconds: float
    witnesses: tuple[WitnessSeen, ...]


@dataclass(frozen=True)
class AccountLine:
    """One line of what is handed to the person: a named human, where they work, for what, when."""

    recorded_at: dt.datetime
    username: str
    organisation: str
    organisation_kind: str
    role_name: str
    purpose_name: str
    what: str


@dataclass(frozen=True)
class Account:
    """Who looked at a person. `left_out` is for whoever answers the request alone: (reason in words, entries)."""

    person_id: str
    lines: tuple[AccountLine, ...]
    left_out: tuple[tuple[str, int], ...]
