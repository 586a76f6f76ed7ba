"""The findings about waits that hold up waits: paths, deadlocks, and what would be free were one thing done."""

from __future__ import annotations

from braid.language.person_ids import PERSON_ID
from braid.language.records import BOOLEAN, DECIMAL, INTEGER, TEXT, I, N, S
from braid.language.schema import Column, Table

_HOLDER_TYPE = Column("holder_type", TEXT, N, "What it is", codes="holder_type", required=True)
_HOLDER_KIND = Column("holder_kind", TEXT, S, "Kind of wait, document, cause group or capacity", required=True)
_SENSITIVITY = Column(
    "sensitivity", TEXT, N, "The strictest of all that it rests on", codes="row_sensitivity", required=True
)

PERSON_PATH = Table(
    "person_path",
    "the critical path of a person who has a wait that is held up, and the one holder that frees most of their waits",
    ("person_id",),
    (
        PERSON_ID,
        Column("held_waits", INTEGER, N, "The person's waits that are held up", unit="waits", required=True),
        Column("end_wait_id", TEXT, N, "The person's wait in which the path ends", required=True),
        Column("steps", INTEGER, N, "Blockers on the path; none where it begins in a deadlock", unit="blockers"),
        Column("path_days", INTEGER, N, "Days waited so far, summed over the waits on the path", unit="days"),
        Column("path_waits_over", INTEGER, N, "Waits on the path that are past a limit", unit="waits"),
        Column("path_days_over", INTEGER, N, "Days past a limit, summed over the waits on the path", unit="days"),
        Column(
            "stands_days",
            INTEGER,
            N,
            "Days until path or root blocker may be another although nothing but the date changed; empty for never",
            unit="days",
        ),
        Column("begin_holder_id", TEXT, N, "The holder in which the path begins", required=True),
        Column("begin_holder_type", TEXT, N, "What it is", codes="holder_type", required=True),
        Column("begin_holder_kind", TEXT, S, "Its kind", required=True),
        Column("deadlock_id", TEXT, N, "The deadlock in which the path begins, where it does"),
        Column("root_holder_id", TEXT, N, "The root blocker: the holder that frees most of the person's waits"),
        Column("root_holder_type", TEXT, N, "What it is", codes="holder_type", required=True),
        Column("root_holder_kind", TEXT, S, "Its kind", required=True),
        Column("root_held_waits", INTEGER, N, "The person's waits that it holds, directly or not", unit="waits"),
        Column("root_freed_waits", INTEGER, N, "Of those, the waits that it alone would free", unit="waits"),
        _SENSITIVITY,
    ),
)

PATH_STEP = Table(
    "path_step",
    "a blocker on a person's critical path, in order from the wait in which the path ends",
    ("person_id", "position"),
    (
        PERSON_ID,
        Column("position", INTEGER, N, "1 holds the last wait of the path, 2 holds what holds it", required=True),
        Column("blocker_id", TEXT, N, "The blocker", required=True),
    ),
)

DEADLOCK = Table(
    "deadlock",
    "waits each of which holds up all the others, directly or not, so that none can end first",
    ("deadlock_id",),
    (
        Column("deadlock_id", TEXT, N, "Id: the waits in it", required=True),
        Column("wait_count", INTEGER, N, "Waits in it", unit="waits", required=True),
        Column("person_count", INTEGER, N, "People whose waits they are", unit="people", required=True),
        Column("organisations", TEXT, N, "Organisations whose services wait for each other, by id", required=True),
        Column("kinds", TEXT, S, "Kinds of wait in it, separated by spaces", required=True),
        Column("rules", TEXT, N, "Rules that hold them, separated by spaces", required=True),
        Column("total_days", INTEGER, N, "Days waited, summed over its waits", unit="days", required=True),
        Column("waits_over", INTEGER, N, "Of its waits, those past a limit", unit="waits", required=True),
        Column("total_days_over", INTEGER, N, "Days past a limit, summed over its waits", unit="days", required=True),
        _SENSITIVITY,
    ),
)

DEADLOCK_BLOCKER = Table(
    "deadlock_blocker",
    "a blocker between two waits of one deadlock: lifting some of these is the only way out",
    ("deadlock_id", "blocker_id"),
    (
        Column("deadlock_id", TEXT, N, "The deadlock", required=True),
        Column("blocker_id", TEXT, N, "The blocker", required=True),
        Column("rule_id", TEXT, N, "Its rule", required=True),
        PERSON_ID,
        Column("held_wait_id", TEXT, N, "The wait that is held up", required=True),
        Column("holder_wait_id", TEXT, N, "The wait that holds it", required=True),
    ),
)


def _effect(what: str) -> tuple[Column, ...]:
    """Return the columns that say how much something holds and how much it alone would free."""
    return (
        Column("held_waits", INTEGER, N, f"Waits that {what} holds, directly or down the line", unit="waits"),
        Column("held_people", INTEGER, N, "People whose waits those are", unit="people"),
        Column("held_weeks", DECIMAL, N, "Time waited so far, summed over them", unit="weeks"),
        Column("held_waits_over", INTEGER, N, "Of those, past a limit", unit="waits"),
        Column("held_weeks_over", DECIMAL, N, "Time past a limit, summed over them", unit="weeks"),
        Column("freed_waits", INTEGER, N, f"Of those, the waits that {what} alone would free", unit="waits"),
        Column("freed_people", INTEGER, N, "People whose waits those are", unit="people"),
        Column("freed_weeks", DECIMAL, N, "Time waited so far, summed over them", unit="weeks"),
        Column("freed_waits_over", INTEGER, N, "Of those, past a limit", unit="waits"),
        Column("freed_weeks_over", DECIMAL, N, "Time past a limit, summed over them", unit="weeks"),
    )


UNBLOCK_ACTION = Table(
    "unblock_action",
    "one thing that holds waits up: whom to ask to move it, and what would be free were it gone",
    ("holder_id",),
    (
        Column("holder_id", TEXT, N, "Id of the wait that holds, or of the evidence, event or capacity", required=True),
        _HOLDER_TYPE,
        _HOLDER_KIND,
        Column("holder_person_id", TEXT, I, "Whose wait it is, where it is a wait"),
        Column("is_held", BOOLEAN, N, "It is held up itself, so something else moves first", required=True),
        Column("deadlock_id", TEXT, N, "The deadlock it is part of, where it is"),
        Column("owner_organisation", TEXT, N, "Whose move it is: kind of organisation", required=True),
        Column("owner_role", TEXT, N, "Whose move it is: role", required=True),
        Column("next_action", TEXT, N, "What would move it", required=True),
        Column("action_count", INTEGER, N, "Actions that rules name for it, this one among them", unit="actions"),
        Column("held_directly", INTEGER, N, "Waits that it holds directly", unit="waits", required=True),
        *_effect("it"),
        Column("position", INTEGER, N, "Place in the order of what frees most, from 1", required=True),
        _SENSITIVITY,
    ),
)

UNBLOCK_WAIT = Table(
    "unblock_wait",
    "a wait that one thing holds, directly or down the line, and whether that thing alone would free it",
    ("holder_id", "wait_id"),
    (
        Column("holder_id", TEXT, N, "What holds it", required=True),
        Column("wait_id", TEXT, N, "The wait that is held up", required=True),
        PERSON_ID,
        Column("steps", INTEGER, N, "Fewest blockers between the two", unit="blockers", required=True),
        Column("is_freed", BOOLEAN, N, "Everything that holds it would be gone with that one thing", required=True),
        _SENSITIVITY,
    ),
)

UNBLOCK_MEASURE = Table(
    "unblock_measure",
    "an action, team or resource of the place, and what it holds and alone would free in one backlog, or in all",
    ("scope", "backlog", "unblock_id"),
    (
        Column("unblock_id", TEXT, N, "Id: scope, owner, action and kind of holder", required=True),
        Column("scope", TEXT, N, "What is counted together", codes="unblock_scope", required=True),
        Column("backlog", TEXT, N, "Backlog of the waits counted; empty for all of them", codes="backlog"),
        Column("owner_organisation", TEXT, N, "Kind of organisation; of an action or team"),
        Column("owner_role", TEXT, N, "Role; of an action or team"),
        Column("next_action", TEXT, N, "What would move it; of an action"),
        Column("holder_type", TEXT, N, "What holds; of an action or resource", codes="holder_type"),
        Column("holder_kind", TEXT, N, "Its kind; of an action or resource"),
        Column("holders", INTEGER, N, "Things of all backlogs that it would move", unit="holders", required=True),
        *_effect("it"),
        Column(
            "position", INTEGER, N, "Place in the order of what frees most, in its scope and backlog", required=True
        ),
    ),
)

GRAPH_TABLES = (
    PERSON_PATH,
    PATH_STEP,
    DEADLOCK,
    DEADLOCK_BLOCKER,
    UNBLOCK_ACTION,
    UNBLOCK_WAIT,
    UNBLOCK_MEASURE,
)
