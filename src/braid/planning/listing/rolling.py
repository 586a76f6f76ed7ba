"""What a way of listing would do to a court over many weeks: hearings slip, some are not ready, the list is made anew.

Every policy meets the same cases, readiness and calendars, drawn once from a seed. `today` books the next hearing of a
case when the one before was heard, by the date expected then, and moves nothing. `aware` does the same by the readiness
feed, and vacates a hearing early that the feed says will not be ready. `optimised` makes the whole list anew each week:
what is frozen stays, what was announced moves at a price. Never compare two policies at different continuity: see
`choices.continuity_frontier`.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from braid.planning.listing.engines.diary import Diary, diary_of
from braid.planning.listing.engines.docket import Docket, docket_of
from braid.planning.listing.engines.first_come import Policy, list_first_come, order_of
from braid.planning.listing.engines.ruin_and_recreate import Search
from braid.planning.listing.model import SESSIONS_A_WEEK, Case, Hearing, Hold, Place, Problem, Sittings, sittings_of

Way = Literal["today", "aware", "optimised"]
FREEZE_SESSIONS = 20
"""Ten working days: a hearing that is nearer stays."""
SHARPENS_SESSIONS = 80
"""A forecast of readiness is as good as its spread eight weeks ahead, and exact on its day."""
NOTICE_SESSIONS = 10
"""A hearing is booked at least a week ahead."""


@dataclass(frozen=True)
class RollingPolicy:
    """A way of listing with its knobs."""

    way: Way
    switch_weeks: int = 6
    """`today` and `aware`: another judge hears where the allocated one is later by more."""
    search_steps: int = 2_000
    """`optimised`: steps of ruin and recreate each week."""

    @property
    def name(self) -> str:
        """How tables call it."""
        return self.way if self.way == "optimised" else f"{self.way}, own judge unless {self.switch_weeks} weeks later"


SWITCH_WEEKS = (0, 2, 4, 6, 8)
JUDGE_PRICES = (60, 120, 300)
"""Knobs of the frontier: policies are compared at the same continuity, never by one point each."""


@dataclass(frozen=True)
class Outcome:
    """What came of some weeks of listing."""

    concluded: int
    mean_weeks: float
    """From issue to conclusion, of the cases concluded."""
    in_26_weeks: float
    """Share of the cases concluded."""
    heard: int
    wasted_judge_days: float
    """Of hearings that were called on and not ready."""
    judge_changed: float
    """Share of the hearings heard by another than the allocated judge."""
    moves_per_heard: float
    """Announced hearings that got another time or judge before their day, for each hearing heard."""


@dataclass
class _Court:
    """The court as it stands in a week."""

    problem: Problem
    sittings: Sittings
    truth: Mapping[str, float]
    hearings: Mapping[str, Hearing]
    cases: Mapping[str, Case]
    booked: dict[str, Place] = field(default_factory=dict)
    heard: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Start and judge of what was heard."""
    adjourned: set[str] = field(default_factory=set)
    wasted_sessions: float = 0.0
    moves: int = 0

    def start(self, place: Place) -> int:
        """Return where a place's session stands in the whole horizon."""
        return self.sittings.position(place.start)

    def forecast(self, hearing: Hearing, now: int) -> float:
        """Return from which session the feed says now that a hearing is ready."""
        median, true = self.sittings.position(hearing.ready), self.truth[hearing.id]
        share = min(1.0, max(0.0, (true - now) / SHARPENS_SESSIONS))
        return true + (median - true) * share

    def waiting(self, now: int) -> list[Hearing]:
        """Return the hearings of issued cases that were not heard, those of a case in their order."""
        day = self.sittings.days[min(now // 2, len(self.sittings.days) - 1)]
        return [
            hearing
            for hearing in self.problem.hearings
            if hearing.id not in self.heard and self.cases[hearing.case].issued_date <= day
        ]

    def next_ones(self, now: int) -> list[Hearing]:
        """Return of each issued case the hearing that comes next."""
        return [hearing for hearing in self.waiting(now) if hearing.after is None or hearing.after in self.heard]

    def earliest(self, hearing: Hearing, ready: float, now: int) -> str:
        """Return from which session a hearing may be booked now."""
        after = self.heard.get(hearing.after or "")
        floor = 0
        if after is not None:
            floor = after[0] + self.hearings[str(hearing.after)].length_sessions + hearing.gap_sessions
        return self.sittings.name(max(now + NOTICE_SESSIONS, floor, round(ready)))


def simulate(problem: Problem, policy: RollingPolicy, weeks: int, seed: int) -> Outcome:
    """Return what a policy makes of a problem's cases in the first weeks of its horizon.

    A hearing's `ready` and `ready_spread_sessions` are what is known of it at first; when it really is ready is drawn
    from them. Cases that are issued after the first day arrive on theirs. The horizon must be longer than `weeks`, so
    that what is booked late has a place; what is held at first stays booked.
    """
    court = _court_of(problem, seed)
    for week in range(weeks):
        now = week * SESSIONS_A_WEEK
        _plan(court, policy, now)
        _sit(court, now)
    return _outcome(court)


def compare_policies(problem: Problem, weeks: int, seed: int, steps: int) -> Iterator[tuple[str, Outcome]]:
    """Yield each policy at each of its knobs with what comes of it, all on the same cases and readiness."""
    ways: tuple[Way, ...] = ("today", "aware")
    for way in ways:
        for switch_weeks in SWITCH_WEEKS:
            policy = RollingPolicy(way, switch_weeks)
            yield policy.name, simulate(problem, policy, weeks, seed)
    for price in JUDGE_PRICES:
        priced = replace(problem, prices=replace(problem.prices, judge_change=price))
        found = simulate(priced, RollingPolicy("optimised", search_steps=steps), weeks, seed)
        yield f"optimised, {price} for another judge", found


def _court_of(problem: Problem, seed: int) -> _Court:
    sittings = sittings_of(problem)
    truth = {
        hearing.id: sittings.position(hearing.ready)
        + random.Random(f"{seed}/{hearing.id}").gauss(0.0, hearing.ready_spread_sessions)
        for hearing in problem.hearings
    }
    court = _Court(
        problem,
        sittings,
        truth,
        {each.id: each for each in problem.hearings},
        {each.id: each for each in problem.cases},
    )
    court.booked = {each.id: each.present for each in problem.hearings if each.present and each.hold != "free"}
    return court


def _plan(court: _Court, policy: RollingPolicy, now: int) -> None:
    if policy.way == "optimised":
        _optimise(court, policy, now)
        return
    if policy.way == "aware":
        for hearing in court.next_ones(now):
            place = court.booked.get(hearing.id)
            start = court.start(place) if place else 0
            if start >= now + FREEZE_SESSIONS and court.forecast(hearing, now) > start:
                del court.booked[hearing.id]
                court.moves += 1
    _book_next(court, policy, now)


def _book_next(court: _Court, policy: RollingPolicy, now: int) -> None:
    """Book what comes next and is not booked, around what is."""
    wanted = []
    for hearing in court.next_ones(now):
        if hearing.id in court.booked:
            wanted.append(_held(hearing, court.booked[hearing.id]))
            continue
        knows = policy.way == "aware" or hearing.id in court.adjourned
        ready = court.forecast(hearing, now) if knows else court.sittings.position(hearing.ready)
        wanted.append(_free(hearing, court.earliest(hearing, ready, now)))
    diary = list_first_come(docket_of(_now(court, wanted, now)), Policy("issued", policy.switch_weeks))
    court.booked = _places(diary)


def _optimise(court: _Court, policy: RollingPolicy, now: int) -> None:
    """Make the list of issued cases anew: the frozen stay, the announced move at the problem's price."""
    announced = {hearing.id for hearing in court.next_ones(now)}
    wanted = []
    for hearing in court.waiting(now):
        place = court.booked.get(hearing.id)
        if place and hearing.id in announced and court.start(place) < now + FREEZE_SESSIONS:
            wanted.append(_held(hearing, place))
            continue
        free = _free(hearing, court.earliest(hearing, court.forecast(hearing, now), now))
        share = min(1.0, max(0.0, (court.truth[hearing.id] - now) / SHARPENS_SESSIONS))
        free = replace(free, ready_spread_sessions=hearing.ready_spread_sessions * share)
        after = hearing.after if hearing.after not in court.heard else None
        present = place if hearing.id in announced else None
        wanted.append(replace(free, after=after, gap_sessions=hearing.gap_sessions if after else 0, present=present))
    diary = _as_announced(docket_of(_now(court, wanted, now)))
    Search(diary, now + 1).run(policy.search_steps)
    before, court.booked = court.booked, _places(diary)
    court.moves += sum(
        (court.booked[name].start, court.booked[name].judge) != (before[name].start, before[name].judge)
        for name in announced & before.keys() & court.booked.keys()
    ) + len((announced & before.keys()) - court.booked.keys())


def _as_announced(docket: Docket) -> Diary:
    """Return diaries in which who was announced stays where that is possible, and the others come as they are ready."""
    diary = diary_of(docket)
    order = order_of(docket, "ready")
    for hearing in order:
        spot, floor = docket.entries[hearing].present, diary.floor(hearing)
        if diary.spots[hearing] is None and spot is not None and floor is not None and spot[0] >= floor:
            found = diary.earliest(hearing, spot[1], diary.starts(hearing) & (1 << spot[0]))
            if found is not None:
                diary.book(hearing, found[1])
    for hearing in order:
        found = diary.find(hearing) if diary.spots[hearing] is None else None
        if found is not None:
            diary.book(hearing, found[1])
    return diary


def _held(hearing: Hearing, place: Place) -> Hearing:
    hold: Hold = "frozen"
    return replace(hearing, after=None, gap_sessions=0, present=place, hold=hold)


def _free(hearing: Hearing, ready: str) -> Hearing:
    hold: Hold = "free"
    return replace(hearing, after=None, gap_sessions=0, ready=ready, ready_spread_sessions=0.0, present=None, hold=hold)


def _now(court: _Court, hearings: Iterable[Hearing], now: int) -> Problem:
    """Return the problem of a week: the horizon from its first day on, and the hearings as they are known now."""
    listed = tuple(hearings)
    cases = {hearing.case for hearing in listed}
    return replace(
        court.problem,
        first_date=court.sittings.days[now // 2],
        cases=tuple(case for case in court.problem.cases if case.id in cases),
        hearings=listed,
    )


def _places(diary: Diary) -> dict[str, Place]:
    return diary.docket.places(diary.spots)


def _sit(court: _Court, now: int) -> None:
    """Hear what is booked in a week and ready; of the rest the judge's time is lost, and it is booked anew."""
    this_week = sorted(
        (court.start(place), name) for name, place in court.booked.items() if court.start(place) < now + SESSIONS_A_WEEK
    )
    for start, name in this_week:
        hearing, place = court.hearings[name], court.booked.pop(name)
        if hearing.after is not None and hearing.after not in court.heard:
            continue  # the hearing before it failed: nobody comes, and it is booked once that was heard
        if court.truth[name] <= start:
            court.heard[name] = start, place.judge
            court.adjourned.discard(name)
        else:
            court.adjourned.add(name)
            court.wasted_sessions += hearing.length_sessions * hearing.units / court.problem.session_units


def _outcome(court: _Court) -> Outcome:
    types = {each.id: each for each in court.problem.types}
    weeks = []
    for name, (start, _) in court.heard.items():
        hearing = court.hearings[name]
        if types[hearing.type].is_final:
            passed = (court.problem.first_date - court.cases[hearing.case].issued_date).days / 7
            weeks.append(passed + (start + hearing.length_sessions) / SESSIONS_A_WEEK)
    changed = sum(court.cases[court.hearings[name].case].judge != judge for name, (_, judge) in court.heard.items())
    heard = len(court.heard)
    return Outcome(
        concluded=len(weeks),
        mean_weeks=sum(weeks) / len(weeks) if weeks else 0.0,
        in_26_weeks=sum(each <= 26 for each in weeks) / len(weeks) if weeks else 0.0,
        heard=heard,
        wasted_judge_days=court.wasted_sessions / 2,
        judge_changed=changed / heard if heard else 0.0,
        moves_per_heard=court.moves / heard if heard else 0.0,
    )
