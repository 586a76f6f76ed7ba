"""Exact search in a neighbourhood: some hearings may move, all others stay, and CP-SAT finds their best places.

One yes-or-no variable for each hearing, judge and start that calendars and the hearings that stay allow.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from random import Random

from ortools.sat.python import cp_model

from braid.planning.listing.engines.diary import Diary, runs
from braid.planning.listing.engines.docket import NO_ROOM, Spot

MOST_CHOICES = 60_000
"""Variables of the largest neighbourhood that is tried."""
HEARINGS_OF_A_NEIGHBOURHOOD = 50
NEIGHBOURHOODS_PER_SECOND = 15
"""On the machine of the benchmarks."""
WORK_OF_A_NEIGHBOURHOOD = 1.0
"""CP-SAT's deterministic time for one neighbourhood."""


@dataclass(frozen=True)
class Answer:
    """What a neighbourhood search found: how much less the list costs, whether that is the best, and at what work."""

    gain: int
    is_best: bool
    work: float
    """CP-SAT's own deterministic time."""


def improve(diary: Diary, hearings: Iterable[int], most_work: float, seed: int) -> Answer:
    """Give hearings the best places that CP-SAT finds within some work, all others staying; never a worse list.

    Hearings that are held, and rooms, stay as they are: a hearing in a room is left where it is.
    """
    free = [each for each in dict.fromkeys(hearings) if not diary.docket.entries[each].is_held]
    if not free or diary.rooms is not None:
        return Answer(0, not free, 0.0)
    before = {hearing: diary.spots[hearing] for hearing in free}
    cost = sum(diary.cost(hearing) for hearing in free)
    for hearing in _last_first(diary, free):
        if diary.spots[hearing] is not None:
            diary.release(hearing)
    model = _Model(diary, free)
    found = model.solve(before, most_work, seed) if len(model.choices) <= MOST_CHOICES else None
    for hearing, spot in (found.spots if found else before).items():
        if spot is not None:
            diary.book(hearing, spot)
    gain = cost - sum(diary.cost(hearing) for hearing in free)
    return Answer(gain, found is not None and found.is_best, found.work if found else 0.0)


def polish(diary: Diary, times: int, seed: int, is_over: Callable[[], bool] = lambda: False) -> int:
    """Search so many neighbourhoods exactly, each around one hearing, and return how much less the list costs.

    A neighbourhood is a hearing that waits, and the hearings of those who attend it and of its judge near it in time.
    """
    random, entries, gain = Random(seed).random, diary.docket.entries, 0
    movable = [hearing for hearing, entry in enumerate(entries) if not entry.is_held]
    for _ in range(times if movable else 0):
        if is_over():
            break
        centre = max((movable[int(random() * len(movable))] for _ in range(3)), key=diary.cost)
        gain += improve(diary, _around(diary, centre), WORK_OF_A_NEIGHBOURHOOD, seed).gain
    return gain


def _around(diary: Diary, centre: int) -> list[int]:
    """Return the hearings nearest in time to one, of those that share its judge or somebody who attends."""
    entries, spots = diary.docket.entries, diary.spots
    middle = (spots[centre] or (entries[centre].ready, 0, 0))[0]
    people = set(entries[centre].everyone)
    shares = [
        hearing
        for hearing, entry in enumerate(entries)
        if entry.own == entries[centre].own or not people.isdisjoint(entry.everyone)
    ]
    shares.sort(key=lambda hearing: abs((spots[hearing] or (entries[hearing].ready, 0, 0))[0] - middle))
    return shares[:HEARINGS_OF_A_NEIGHBOURHOOD]


def _last_first(diary: Diary, hearings: list[int]) -> list[int]:
    """Return hearings so that what is released never stands before something booked of its own case."""
    return sorted(hearings, key=lambda hearing: -(diary.spots[hearing] or (0, 0, 0))[0])


@dataclass(frozen=True)
class _Found:
    spots: dict[int, Spot | None]
    is_best: bool
    work: float


class _Model:
    """A neighbourhood as a CP-SAT model."""

    def __init__(self, diary: Diary, free: list[int]) -> None:
        self.diary = diary
        self.free = free
        self.model = cp_model.CpModel()
        self.choices: dict[tuple[int, int, int], cp_model.IntVar] = {}
        self.of: dict[int, list[tuple[Spot, cp_model.IntVar]]] = {}
        self.unlisted = {hearing: self.model.new_bool_var("") for hearing in free}
        for hearing in free:
            self.of[hearing] = list(self._choices(hearing))
            self.model.add_exactly_one([self.unlisted[hearing], *(each for _, each in self.of[hearing])])
            if self._is_needed(hearing):
                self.model.add(self.unlisted[hearing] == 0)
        self._share_sessions()
        self._follow()
        self._minimise()

    def _is_needed(self, hearing: int) -> bool:
        """Say whether a hearing that stays, and is not held, follows this one."""
        after = self.diary.docket.entries[hearing].after
        if after < 0 or after in self.unlisted or self.diary.spots[after] is None:
            return False
        return not self.diary.docket.entries[after].is_held

    def _choices(self, hearing: int) -> Iterator[tuple[Spot, cp_model.IntVar]]:
        """Yield each place that a hearing could have, with its variable."""
        diary, entry = self.diary, self.diary.docket.entries[hearing]
        floor = 0 if entry.before in self.unlisted else diary.floor(hearing)
        ceiling = diary.docket.count if entry.after in self.unlisted else diary.ceiling(hearing)
        if floor is None:
            return
        sessions = diary.starts(hearing) & (-1 << max(0, floor)) & ((1 << max(0, ceiling + 1)) - 1)
        for judge in (entry.own, *entry.others):
            if judge < 0:
                continue
            open_ = sessions & runs(diary.room[judge][entry.units], entry.length)
            while open_:
                start = (open_ & -open_).bit_length() - 1
                open_ &= open_ - 1
                variable = self.model.new_bool_var("")
                self.choices[hearing, judge, start] = variable
                yield (start, judge, NO_ROOM), variable

    def _share_sessions(self) -> None:
        """Nobody attends twice in a session, and no judge's session is fuller than what the others leave."""
        attending: dict[tuple[int, int], list[cp_model.IntVar]] = defaultdict(list)
        hearing_: dict[tuple[int, int], list[tuple[int, cp_model.IntVar]]] = defaultdict(list)
        for hearing in self.free:
            entry = self.diary.docket.entries[hearing]
            late = entry.length - entry.span
            for (start, judge, _), variable in self.of[hearing]:
                for session in range(start, start + entry.length):
                    hearing_[judge, session].append((entry.units, variable))
                    for person in entry.whole:
                        attending[person, session].append(variable)
                for session in range(start, start + entry.span):
                    for person in entry.first:
                        attending[person, session].append(variable)
                    for person in entry.last:
                        attending[person, session + late].append(variable)
        for variables in attending.values():
            if len(variables) > 1:
                self.model.add_at_most_one(variables)
        for (judge, session), taken in hearing_.items():
            self._limit(taken, self.diary.left[judge][session])

    def _limit(self, taken: list[tuple[int, cp_model.IntVar]], left: int) -> None:
        if 2 * min(units for units, _ in taken) > left:
            self.model.add_at_most_one([variable for _, variable in taken])
        elif sum(units for units, _ in taken) > left:
            self.model.add(sum(units * variable for units, variable in taken) <= left)

    def _follow(self) -> None:
        """A hearing comes after the one before it: not before its end and gap, and not at all without it."""
        entries = self.diary.docket.entries
        for hearing in self.free:
            before = entries[hearing].before
            if before not in self.unlisted:
                continue
            self.model.add_implication(self.unlisted[before], self.unlisted[hearing])
            step = entries[before].length + entries[hearing].gap
            start = sum(spot[0] * variable for spot, variable in self.of[hearing])
            start_before = sum((spot[0] + step) * variable for spot, variable in self.of[before])
            self.model.add(start_before <= start).only_enforce_if(self.unlisted[hearing].negated())

    def _minimise(self) -> None:
        terms = []
        for hearing in self.free:
            entry = self.diary.docket.entries[hearing]
            terms.append(entry.unlisted_price * self.unlisted[hearing])
            terms += [entry.cost(spot[0], spot[1]) * variable for spot, variable in self.of[hearing]]
        self.model.minimize(sum(terms))

    def solve(self, before: dict[int, Spot | None], most_work: float, seed: int) -> _Found | None:
        """Return the best places found, or None where CP-SAT found none within the work."""
        for hearing in self.free:
            spot = before[hearing]
            self.model.add_hint(self.unlisted[hearing], spot is None)
            for each, variable in self.of[hearing]:
                self.model.add_hint(variable, each == spot)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = seed
        solver.parameters.max_deterministic_time = most_work
        solver.parameters.cp_model_probing_level = 0
        status = solver.solve(self.model)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return None
        spots = {hearing: self._chosen(solver, hearing) for hearing in self.free}
        return _Found(spots, status == cp_model.OPTIMAL, solver.response_proto.deterministic_time)

    def _chosen(self, solver: cp_model.CpSolver, hearing: int) -> Spot | None:
        return next((spot for spot, variable in self.of[hearing] if solver.boolean_value(variable)), None)
