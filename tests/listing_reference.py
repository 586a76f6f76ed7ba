"""The list of people in several backlogs as SQL over a run: the slow obvious twin of `braid.web.access`.

It knows what a role may see and nothing of agreements: it is held against the pages where every agreement is open.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from braid.store.engine import Engine
from braid.trust.decide import permitted_rows
from braid.trust.roles import Reach, Role

WAIT_COLUMNS = (
    "wait_id, person_id, kind, backlog, organisation_id, start_date, elapsed_days, due_date, due_date_other, days_left,"
    " clock, rule_id, explanation, as_of_date"
)
BLOCKER_COLUMNS = (
    "person_id, rule_id, problem, held_wait_id, holder_type, holder_wait_id, reason, evidence, evidence_date,"
    " owner_organisation, owner_role, next_action, sensitivity"
)


def list_people(engine: Engine, role: Role, least_backlogs: int = 2) -> list[dict[str, Any]]:
    """Return people with open, visible waits in at least `least_backlogs` backlogs, longest wait first.

    Each has `person_id`, `backlogs`, `longest_days`, `waits` (longest first) and `blockers` with the kinds they hold
    and are held by. Reads the tables `person`, `person_wait`, `blocker` and `cohort`. An unknown or people-blind role
    gives an empty list.
    """
    sensitivities, backlogs = _permitted(role)
    if not backlogs:
        return []
    _create_reached(engine, role)
    permitted = f"stop_date is null and sensitivity in ({_quoted(sensitivities)}) and backlog in ({_quoted(backlogs)})"
    engine.create("permitted_wait", f"select * from person_wait where {permitted}")
    engine.create("visible_wait", "select * from permitted_wait where person_id in (select person_id from reached)")
    engine.create(
        "listed_person",
        "select person_id from visible_wait group by person_id"
        f" having count(distinct backlog) >= {int(least_backlogs)}",
    )
    waits = engine.rows(
        f"select {WAIT_COLUMNS} from visible_wait where person_id in (select person_id from listed_person)"
        " order by person_id, elapsed_days desc, wait_id"
    )
    blockers = engine.rows(
        f"select {BLOCKER_COLUMNS} from blocker where held_wait_id in (select wait_id from visible_wait)"
        " and (holder_wait_id is null or holder_wait_id in (select wait_id from permitted_wait))"
        f" and sensitivity in ({_quoted(sensitivities)}) and problem in ({_quoted(role.purposes)})"
        " and person_id in (select person_id from listed_person)"
        " order by person_id, blocker_id"
    )
    kinds = {row["wait_id"]: row["kind"] for row in engine.rows("select wait_id, kind from permitted_wait")}
    people = [_person(group, by_person, kinds) for group, by_person in _group(waits, blockers)]
    return sorted(people, key=lambda person: (-person["longest_days"], person["person_id"]))


def _create_reached(engine: Engine, role: Role) -> None:
    """Create `reached`: the people within the role's reach for any of its purposes, as `decide_person` decides."""
    if role.reach is Reach.PLACE:
        engine.create("reached", "select person_id from person")
        return
    if role.reach is Reach.CASE:
        engine.create("reached", "select person_id from person where false")
        return
    concerned = f"select person_id from cohort where problem in ({_quoted(role.purposes)})"
    homes = f"select household_id from person where household_id is not null and person_id in ({concerned})"
    at_home = f" or household_id in ({homes})" if role.reach is Reach.HOUSEHOLD else ""
    engine.create("reached", f"select person_id from person where person_id in ({concerned}){at_home}")


def _permitted(role: Role) -> tuple[frozenset[str], frozenset[str]]:
    sensitivities: frozenset[str] = frozenset()
    backlogs: frozenset[str] = frozenset()
    for purpose in role.purposes:
        rows, queues = permitted_rows(role, purpose)
        sensitivities |= rows
        backlogs |= queues
    return sensitivities, backlogs


def _group(
    waits: Iterable[dict[str, Any]], blockers: Iterable[dict[str, Any]]
) -> Iterable[tuple[list[dict[str, Any]], list[dict[str, Any]]]]:
    grouped: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for wait in waits:
        grouped[wait["person_id"]].append(wait)
    held: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for blocker in blockers:
        held[blocker["person_id"]].append(blocker)
    return [(group, held[person_id]) for person_id, group in grouped.items()]


def _person(waits: list[dict[str, Any]], blockers: list[dict[str, Any]], kinds: dict[str, str]) -> dict[str, Any]:
    return {
        "person_id": waits[0]["person_id"],
        "backlogs": list(dict.fromkeys(wait["backlog"] for wait in waits)),
        "longest_days": waits[0]["elapsed_days"],
        "total_days": sum(wait["elapsed_days"] for wait in waits),
        "waits": [_wait(wait) for wait in waits],
        "blockers": [_blocker(blocker, kinds) for blocker in blockers],
    }


def _wait(wait: dict[str, Any]) -> dict[str, Any]:
    days = {"days": wait["elapsed_days"]}
    return {**{key: value for key, value in wait.items() if key not in ("person_id", "elapsed_days")}, **days}


def _blocker(blocker: dict[str, Any], kinds: dict[str, str]) -> dict[str, Any]:
    """A blocker with the kinds of the waits it joins, or what it is where no wait holds."""
    shown = {key: value for key, value in blocker.items() if key not in ("person_id", "sensitivity")}
    held_by = kinds.get(blocker["holder_wait_id"], blocker["holder_type"])
    return {**shown, "holds": kinds[blocker["held_wait_id"]], "held_by": held_by}


def _quoted(codes: Iterable[str]) -> str:
    return ", ".join(f"'{code}'" for code in sorted(codes))
