"""Ruin and recreate: take related hearings out of the list, put them back in another order, and keep what is better.

After Schrimpf et al. (2000) and the slack induction of Christiaens and Vanden Berghe (2020), with what courts have for
neighbours: a judge's weeks, the people who attend, and whatever stands where a hearing wants to be. What is worse is
accepted by simulated annealing, at a temperature in the cost of one hearing, so that steps can begin small at once.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import inf, log
from random import Random

from braid.planning.listing.engines.diary import Diary, runs
from braid.planning.listing.engines.docket import Entry, List, Spot
from braid.planning.listing.model import SESSIONS_A_WEEK

STEPS_PER_SECOND = 6_500
"""On the machine of the benchmarks: what turns a number of seconds into steps."""
FIRST_TEMPERATURE = 130.0
LAST_TEMPERATURE = 4.0
"""In cost of one hearing: a list that is worse by so much is kept once in e times."""
IN_THE_WAY_OF_SIX = 4
"""How often in six a ruin clears the way of one hearing: it is small, and so quick."""
MOST_REMOVED = 24
"""Hearings that one ruin chooses at most, before those that follow them in their cases."""
SKIP_SHARE = 0.04
"""How often the recreation passes over a hearing's earliest session."""


@dataclass
class Progress:
    """How a search went."""

    steps: int = 0
    kept: int = 0
    best_cost: float = 0


class Search:
    """One search over one diary, which it changes; the best list is left in it at the end."""

    def __init__(self, diary: Diary, seed: int, movable: Iterable[int] | None = None) -> None:
        self.diary = diary
        self.docket = diary.docket
        self.entries = diary.docket.entries
        self.random = Random(seed).random
        chosen = range(self.docket.size) if movable is None else movable
        self.movable = [hearing for hearing in chosen if not self.entries[hearing].is_held]
        self.may_move = bytearray(self.docket.size)
        for hearing in self.movable:
            self.may_move[hearing] = 1
        self.costs = [diary.cost(hearing) for hearing in range(self.docket.size)]
        self.spread = _Spread(diary)
        self.of_person: list[list[int]] = [[] for _ in self.docket.person_free]
        for hearing in self.movable:
            for person in self.entries[hearing].everyone:
                self.of_person[person].append(hearing)
        self.ruins: tuple[Callable[[], list[int]], ...] = (
            *[self._in_the_way] * IN_THE_WAY_OF_SIX,
            self._around_people,
            self._for_the_hungry,
        )
        self.calendars = Diary(self.docket)
        self.possible: dict[tuple[int, int], list[int]] = {}
        self.favoured = -1
        self.of_judge: list[list[int]] = [[] for _ in self.docket.judge_open]
        for hearing in self.movable:
            if self.entries[hearing].own >= 0:
                self.of_judge[self.entries[hearing].own].append(hearing)
        self.worth = [_worth(entry) for entry in self.entries]
        self.worth_of_chain = self._worth_of_chains()
        self.orders: tuple[Callable[[int], float], ...] = (
            lambda _: self.random(),
            lambda hearing: -self.worth[hearing] * (0.5 + self.random()),
            lambda hearing: -self.worth_of_chain[hearing] * (0.5 + self.random()),
            lambda hearing: self.entries[hearing].ready,
            lambda hearing: -self.entries[hearing].length * self.entries[hearing].units,
        )

    def _worth_of_chains(self) -> list[float]:
        """Return what a session earlier is worth to each hearing and those that follow, by the session it takes."""
        worth = [0.0] * self.docket.size
        for chain in self.docket.chains:
            slope = 0.0
            for hearing in reversed(chain):
                entry = self.entries[hearing]
                slope += entry.wait_price + entry.late_price
                worth[hearing] = slope / (entry.length * entry.units)
        return worth

    def run(
        self,
        steps: int,
        first_temperature: float = FIRST_TEMPERATURE,
        last_temperature: float = LAST_TEMPERATURE,
        is_over: Callable[[], bool] = lambda: False,
    ) -> Progress:
        """Search so many steps and leave the best list of them in the diary.

        `is_over` is asked now and then and ends the search early: then it is not repeatable.
        """
        total: float = sum(self.costs) + self.spread.price()
        best, best_spots = total, list(self.diary.spots)
        progress = Progress(best_cost=total)
        if not self.movable:
            return progress
        cooling = (last_temperature / first_temperature) ** (1 / max(1, steps))
        temperature = first_temperature
        for step in range(steps):
            if step % 256 == 0 and is_over():
                break
            change, undo = self._step()
            progress.steps += 1
            temperature *= cooling
            if change > 0 and change > -temperature * log(self.random() or 1e-300):
                self._put_back(undo)
                continue
            progress.kept += 1
            total += change
            if total < best:
                best, best_spots = total, list(self.diary.spots)
        self._restore(best_spots)
        progress.best_cost = best
        return progress

    def _step(self) -> tuple[float, dict[int, tuple[Spot | None, int]]]:
        """Ruin and recreate once. Return what it changed in cost, and the spots and costs of before."""
        self.favoured = -1
        chosen = self.ruins[int(self.random() * len(self.ruins))]()
        removed = self._with_followers(chosen)
        spread = self.spread.price()
        undo = {hearing: (self.diary.spots[hearing], self.costs[hearing]) for hearing in removed}
        for hearing in reversed(removed):
            if self.diary.spots[hearing] is not None:
                self.diary.release(hearing)
        self._recreate(removed)
        if any(self._is_stranded(hearing) for hearing in removed):
            return inf, undo
        change: float = sum(self.costs[hearing] - cost for hearing, (_, cost) in undo.items())
        if self.docket.spread_price:
            for hearing, (spot, _) in undo.items():
                self.spread.move(hearing, spot, self.diary.spots[hearing])
            change += self.spread.price() - spread
        return change, undo

    def _is_stranded(self, hearing: int) -> bool:
        """Say whether a hearing has no place though one that follows it and may not move in this search has."""
        after = self.entries[hearing].after
        if after < 0 or self.diary.spots[hearing] is not None or self.diary.spots[after] is None:
            return False
        return not self.entries[after].is_held

    # Ruins: each returns hearings to take out.

    def _around_people(self) -> list[int]:
        """Choose hearings near one in time that share somebody with it."""
        seed = self.movable[int(self.random() * len(self.movable))]
        spot, spots = self.diary.spots[seed], self.diary.spots
        middle = self.entries[seed].ready if spot is None else spot[0]
        reach = SESSIONS_A_WEEK * (1 + int(self.random() * 5))
        found = {seed: None}
        for person in self.entries[seed].everyone:
            for hearing in self.of_person[person]:
                at = spots[hearing]
                if at is None or abs(at[0] - middle) <= reach:
                    found[hearing] = None
        return self._some(list(found))

    def _in_the_way(self) -> list[int]:
        """Choose a hearing that waits, and what stands where it could be heard sooner; it goes back first."""
        diary, seed = self.diary, self._waiting()
        self.favoured = seed
        entry, spot = self.entries[seed], diary.spots[seed]
        judge = entry.own if entry.own >= 0 and self.random() < 0.8 else int(self.random() * len(diary.seats))
        starts = self._possible_starts(seed, judge)
        low = bisect_left(starts, max(0, diary.floor(seed) or 0))
        high = len(starts) if spot is None else bisect_left(starts, spot[0])
        if low >= high:
            return [seed]
        start = starts[low + int(self.random() * (high - low))]
        end = start + entry.length
        found = {seed: None}
        if entry.units > min(diary.left[judge][start:end]):
            for session in diary.seats[judge][start:end]:
                for hearing in session:
                    found[hearing] = None
        for person in entry.everyone:
            for hearing in self.of_person[person]:
                at = diary.spots[hearing]
                if at is not None and at[0] < end and at[0] + self.entries[hearing].length > start:
                    found[hearing] = None
        return list(found)

    def _waiting(self) -> int:
        """Choose a hearing, sooner the dearer of two."""
        one, other = (self.movable[int(self.random() * len(self.movable))] for _ in range(2))
        return one if self.costs[one] >= self.costs[other] else other

    def _possible_starts(self, hearing: int, judge: int) -> list[int]:
        """Return the starts before a judge that all calendars allow, whatever is booked."""
        key = (hearing, judge)
        if key not in self.possible:
            entry = self.entries[hearing]
            sessions = self.calendars.starts(hearing) & runs(self.calendars.room[judge][entry.units], entry.length)
            self.possible[key] = [start for start in range(self.docket.count) if sessions >> start & 1]
        return self.possible[key]

    def _for_the_hungry(self) -> list[int]:
        """Choose what a judge hears in some days, and hearings that wait for sessions of that judge from then on."""
        random, diary = self.random, self.diary
        judge = int(random() * len(diary.seats))
        seats = diary.seats[judge]
        length = 2 + int(random() * 9)
        first = int(random() * len(seats))
        found = {hearing: None for session in seats[first : first + length] for hearing in session}
        hungry = []
        for hearing in self.of_judge[judge]:
            if self.entries[hearing].ready < first + length and hearing not in found:
                spot = diary.spots[hearing]
                if spot is None or spot[0] >= first + length:
                    hungry.append(hearing)
        return [*found, *self._some(hungry)]

    def _some(self, hearings: list[int]) -> list[int]:
        """Return at most so many of some hearings, each as likely as the others."""
        most = 4 + int(self.random() * (MOST_REMOVED - 3))
        while len(hearings) > most:
            at = int(self.random() * len(hearings))
            hearings[at] = hearings[-1]
            hearings.pop()
        return hearings

    def _with_followers(self, chosen: list[int]) -> list[int]:
        """Return hearings with all that follow them in their cases, but what is held."""
        found: dict[int, None] = {}
        for hearing in chosen:
            while hearing >= 0 and hearing not in found:
                if self.may_move[hearing]:
                    found[hearing] = None
                hearing = self.entries[hearing].after
        return list(found)

    # Recreation.

    def _recreate(self, removed: list[int]) -> None:
        """Put hearings back one by one, in one of several orders, each after the one before it in its case."""
        order = self.orders[int(self.random() * len(self.orders))]
        keys = {hearing: order(hearing) for hearing in removed}
        if self.favoured in keys:
            keys[self.favoured] = -inf
        waiting = dict.fromkeys(sorted(removed, key=keys.__getitem__))
        entries, diary, costs, random = self.entries, self.diary, self.costs, self.random
        for hearing in list(waiting):
            line = []
            while hearing in waiting:
                del waiting[hearing]
                line.append(hearing)
                hearing = entries[hearing].before
            for each in reversed(line):
                found = diary.find(each, int(random() < SKIP_SHARE))
                if found is None:
                    costs[each] = entries[each].unlisted_price
                else:
                    costs[each] = found[0]
                    diary.book(each, found[1])

    def _put_back(self, undo: dict[int, tuple[Spot | None, int]]) -> None:
        """Restore the list of before a step."""
        diary = self.diary
        moved = [hearing for hearing, (spot, _) in undo.items() if diary.spots[hearing] != spot]
        for hearing in moved:
            if self.docket.spread_price:
                self.spread.move(hearing, diary.spots[hearing], undo[hearing][0])
        for hearing in moved:
            if diary.spots[hearing] is not None:
                diary.release(hearing)
        for hearing in moved:
            spot, self.costs[hearing] = undo[hearing]
            if spot is not None:
                diary.book(hearing, spot)

    def _restore(self, spots: List) -> None:
        """Put every hearing where a list of spots has it."""
        diary = self.diary
        moved = [hearing for hearing, spot in enumerate(spots) if diary.spots[hearing] != spot]
        for hearing in moved:
            if diary.spots[hearing] is not None:
                diary.release(hearing)
        for hearing in moved:
            spot = spots[hearing]
            if spot is not None:
                diary.book(hearing, spot)
            self.costs[hearing] = diary.cost(hearing)
        self.spread = _Spread(diary)


def _worth(entry: Entry) -> float:
    """Return what a session earlier is worth to a hearing, by the sessions it takes."""
    return (entry.wait_price + entry.late_price) / (entry.length * entry.units)


class _Spread:
    """The weeks between the longest and the shortest mean wait of an authority, kept up with each step."""

    def __init__(self, diary: Diary) -> None:
        self.docket = diary.docket
        self.waits = [0] * len(self.docket.authorities)
        self.counts = [0] * len(self.docket.authorities)
        for hearing, entry in enumerate(self.docket.entries):
            self.waits[entry.authority] += self._wait(hearing, diary.spots[hearing])
            self.counts[entry.authority] += 1

    def _wait(self, hearing: int, spot: Spot | None) -> int:
        unheard = self.docket.count + self.docket.problem.prices.unlisted_after_sessions
        return max(0, (unheard if spot is None else spot[0]) - self.docket.entries[hearing].ready)

    def price(self) -> float:
        """Return what the spread costs now."""
        if not self.docket.spread_price or not self.waits:
            return 0.0
        means = [wait / count for wait, count in zip(self.waits, self.counts, strict=True)]
        return self.docket.spread_price * (max(means) - min(means)) / SESSIONS_A_WEEK

    def move(self, hearing: int, was: Spot | None, now: Spot | None) -> None:
        """Count a hearing where it is now, no longer where it was."""
        self.waits[self.docket.entries[hearing].authority] += self._wait(hearing, now) - self._wait(hearing, was)
