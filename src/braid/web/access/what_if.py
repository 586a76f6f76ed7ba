"""What if, for a person: the waits that the viewer sees, without a change that somebody plans and with it.

Only waits and blockers that the viewer sees enter, and a date of birth they see, so that what is hidden from them
changes nothing that is said. Which
kinds of wait a change begins follows from rules that anybody may read; it is said of kinds that the viewer may see.
Nothing is stored but the look.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from braid.language.calendars import Calendar
from braid.language.codes import CODE_LISTS, WAIT_KINDS
from braid.waits.changes import Certainty, Effect
from braid.waits.model import stated_extensions
from braid.waits.stay_totals import stated_pauses
from braid.waits.what_if import Hold, Planned, Position, Row, Running, Upshot, compare, side_by_side
from braid.web.access.person import looking_at
from braid.web.access.projections import BlockerSeen, Viewer
from braid.web.access.sight import Sight
from braid.web.access.words import blockers_seen, headers
from braid.web.models import PersonWait

UPSHOTS = {
    Upshot.ENDED: "Ends",
    Upshot.RESTARTED: "Begins again",
    Upshot.BEGUN: "Begins",
    Upshot.BREACHED: "Past its limit",
    Upshot.SAVED: "Back within its limit",
    Upshot.PAUSED: "Stands still for a time",
    Upshot.FREED: "Nothing holds it up any more",
    Upshot.UNCHANGED: "As without it",
}
"""What a wait comes to, in words."""
CERTAINTIES = {
    Certainty.LAW: "law",
    Certainty.GUIDANCE: "guidance",
    Certainty.PRACTICE: "practice, which differs from place to place: check it",
}
"""On what a rule rests, in words."""


@dataclass(frozen=True)
class StandSeen:
    """How a wait stands on the day looked at. Days left are calendar days; `held_by` says in words what holds it up."""

    start_date: dt.date
    due_date: dt.date | None
    days_left: int | None
    clock: str
    clock_name: str
    not_before: dt.date | None
    held_by: tuple[str, ...]
    explanation: str


@dataclass(frozen=True)
class RuleSeen:
    """Why a change does what it does to a wait, by which law, and on what that rests."""

    reason: str
    law: str
    certainty: str


@dataclass(frozen=True)
class OutcomeSeen:
    """What a wait comes to with an option: a code of `Upshot`, its words, how it stands, and the rules that say so."""

    upshot: str
    upshot_name: str
    stand: StandSeen | None
    rules: tuple[RuleSeen, ...]


@dataclass(frozen=True)
class ComparedSeen:
    """A wait without any option, and with each of them in their order; an option may not know of a wait."""

    kind_name: str
    without: StandSeen | None
    options: tuple[OutcomeSeen | None, ...]


@dataclass(frozen=True)
class WhatIfSeen:
    """Who the person is for the viewer, and their running waits side by side."""

    person_id: str
    name: str
    waits: tuple[ComparedSeen, ...]


@dataclass(frozen=True)
class Plan:
    """The options to lay side by side, by name, and the day on which all are looked at; the findings are of `as_of`."""

    options: Mapping[str, Sequence[Planned]]
    as_of: dt.date
    looked_at: dt.date
    calendar: Calendar


def get_what_if(viewer: Viewer, person_id: str, plan: Plan) -> WhatIfSeen:
    """Return the person's running waits without the options and with them, and record the look.

    Raises `NotPermitted`, or `NotThere` where there is no such person, or none of whose waits may be seen.
    """
    with looking_at(viewer, person_id) as (decisions, waits):
        open_waits = [wait for wait in waits if wait.stop_date is None]
        blockers = [blocker for _, blocker in blockers_seen(decisions, open_waits)]
        header = headers(decisions, {person_id: waits[0].sensitivity})[person_id]
        compared = _compared(decisions.sight, open_waits, blockers, header.birth_date, plan)
    return WhatIfSeen(person_id, header.name, compared)


def running(wait: PersonWait) -> Running:
    """Return what is needed to reckon a wait's clock again."""
    return Running(
        wait.wait_id,
        wait.kind,
        wait.start_date,
        stated_extensions(wait.extended_to_date),
        stated_pauses(wait.pauses),
        wait.exception or None,
        counted_from=wait.counted_from_date,
    )


def may_begin(sight: Sight, kind: str) -> bool:
    """Whether the viewer may see waits of a kind that a change begins."""
    known = WAIT_KINDS[kind]
    return known.backlog in sight.providers and known.sensitivity in sight.sensitivities


def _compared(
    sight: Sight,
    waits: Sequence[PersonWait],
    blockers: Sequence[BlockerSeen],
    birth_date: dt.date | None,
    plan: Plan,
) -> tuple[ComparedSeen, ...]:
    rows = {
        name: [
            row
            for row in compare(
                [running(wait) for wait in waits],
                [Hold(blocker.held_wait_id, _holder(blocker)) for blocker in blockers],
                planned,
                plan.calendar,
                plan.as_of,
                plan.looked_at,
                birth_date,
            )
            if row.without is not None or may_begin(sight, row.kind)
        ]
        for name, planned in plan.options.items()
    }
    words = {_holder(blocker): blocker.holder for blocker in blockers}
    return tuple(
        _row_seen([by_option.get(name) for name in plan.options], words) for by_option in side_by_side(rows).values()
    )


def _holder(blocker: BlockerSeen) -> str:
    """Return what a change may take away: the wait that holds, or the kind of what is missing."""
    return blocker.holder_wait_id or blocker.holder_kind


def _row_seen(rows: Sequence[Row | None], words: Mapping[str, str]) -> ComparedSeen:
    known = next(row for row in rows if row is not None)
    return ComparedSeen(
        WAIT_KINDS[known.kind].name,
        _stand_seen(known.without, words),
        tuple(row and _outcome_seen(row, words) for row in rows),
    )


def _outcome_seen(row: Row, words: Mapping[str, str]) -> OutcomeSeen:
    return OutcomeSeen(row.upshot, UPSHOTS[row.upshot], _stand_seen(row.with_changes, words), _rules(row.effects))


def _stand_seen(position: Position | None, words: Mapping[str, str]) -> StandSeen | None:
    if position is None:
        return None
    clock = position.clock
    return StandSeen(
        position.start,
        clock.due_date,
        clock.days_left,
        clock.clock,
        CODE_LISTS["clock_status"][clock.clock],
        position.not_before,
        tuple(sorted({words[holder] for holder in position.held_by})),
        clock.explanation,
    )


def _rules(effects: Iterable[Effect]) -> tuple[RuleSeen, ...]:
    said = dict.fromkeys((effect.reason, effect.law, CERTAINTIES[effect.certainty]) for effect in effects)
    return tuple(RuleSeen(*each) for each in said)
