"""First come, first served: what a court's diary does, hearing by hearing, with the knobs that a diary has.

The plain policy that every other engine is measured against, at its best setting.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from braid.planning.listing.engines.diary import Diary, Found, diary_of, total_cost
from braid.planning.listing.engines.docket import Docket
from braid.planning.listing.model import SESSIONS_A_WEEK

URGENT_FIRST_SESSIONS = 10
"""By how many sessions an urgent hearing goes before another in order of readiness."""


@dataclass(frozen=True)
class Policy:
    """How a diary is filled."""

    order: str
    """`issued`: case by case as they were issued. `ready`: as hearings become ready, urgent ones first."""
    switch_weeks: int | None
    """Another judge hears only where the allocated one is later by more; None weighs it by the prices."""

    @property
    def name(self) -> str:
        """How tables call it."""
        rule = "least cost" if self.switch_weeks is None else f"own judge unless {self.switch_weeks} weeks later"
        return f"order of {'issue' if self.order == 'issued' else 'readiness'}, {rule}"


POLICIES = tuple(Policy(order, weeks) for order in ("issued", "ready") for weeks in (0, 1, 2, 3, 4, 6, 8, None))
"""The settings that are swept."""


def list_first_come(docket: Docket, policy: Policy) -> Diary:
    """Return diaries filled by a policy."""
    diary = diary_of(docket)
    for hearing in order_of(docket, policy.order):
        if diary.spots[hearing] is not None:
            continue
        found = diary.find(hearing) if policy.switch_weeks is None else _find_own(diary, hearing, policy.switch_weeks)
        if found is not None:
            diary.book(hearing, found[1])
    return diary


def best_first_come(docket: Docket, policies: Sequence[Policy] = POLICIES) -> tuple[Policy, Diary]:
    """Return the policy whose list costs least, the first of equals, and its diaries."""
    made = [(policy, list_first_come(docket, policy)) for policy in policies]
    return min(made, key=lambda each: total_cost(each[1]))


def order_of(docket: Docket, order: str) -> list[int]:
    """Return all hearings in the order of a policy, each after the one before it in its case."""
    cases = {each.id: each for each in docket.problem.cases}
    hearings = docket.problem.hearings
    chains = list(docket.chains)
    if order == "issued":
        chains.sort(key=lambda chain: cases[hearings[chain[0]].case].issued_date)
        return [hearing for chain in chains for hearing in chain]
    keys = [
        entry.ready - URGENT_FIRST_SESSIONS * cases[hearing.case].is_urgent
        for entry, hearing in zip(docket.entries, hearings, strict=True)
    ]
    ordered: dict[int, None] = {}
    for hearing in sorted(range(docket.size), key=lambda hearing: (keys[hearing], hearing)):
        _take(docket, hearing, ordered)
    return list(ordered)


def _take(docket: Docket, hearing: int, ordered: dict[int, None]) -> None:
    """Put a hearing behind those that come before it in its case."""
    waiting = []
    while hearing >= 0 and hearing not in ordered:
        waiting.append(hearing)
        hearing = docket.entries[hearing].before
    for each in reversed(waiting):
        ordered[each] = None


def _find_own(diary: Diary, hearing: int, switch_weeks: int) -> Found | None:
    """Return the earliest spot; another judge's counts as so many weeks later."""
    entry, floor = diary.docket.entries[hearing], diary.floor(hearing)
    if floor is None:
        return None
    sessions = diary.starts(hearing) & (-1 << max(0, floor)) & ((1 << max(0, diary.ceiling(hearing) + 1)) - 1)
    best: tuple[int, Found] | None = None
    for judge in entry.others if entry.own < 0 else (entry.own, *entry.others):
        found = diary.earliest(hearing, judge, sessions)
        if found is None:
            continue
        key = found[1][0] + (0 if judge == entry.own else switch_weeks * SESSIONS_A_WEEK)
        if best is None or key < best[0]:
            best = key, found
    return None if best is None else best[1]
