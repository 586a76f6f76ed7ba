"""A hearing is vacated on the day or near it: it gets another place, and its sessions are given to who is ready.

Everybody who is moved must be told again, so that few are: at most `most_touched` other hearings of the list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from braid.planning.listing.engines.diary import Diary, total_cost
from braid.planning.listing.engines.docket import Docket, Spot, docket_of
from braid.planning.listing.model import Place, Problem

MOST_TOUCHED = 3


@dataclass(frozen=True)
class Repair:
    """A list after one hearing was vacated."""

    places: Mapping[str, Place]
    followers: tuple[str, ...]
    """Hearings of the same case that had to move with it."""
    touched: tuple[str, ...]
    """Other listed hearings that took its sessions."""
    newly_listed: tuple[str, ...]
    """Hearings without a place before that took its sessions."""
    gain: int
    """How much less the list costs than with the sessions left empty."""


class CourtDay:
    """A list that is repaired as hearings are vacated. `problem` must have no faults, and `places` keep its rules."""

    def __init__(self, problem: Problem, places: Mapping[str, Place]) -> None:
        self.docket: Docket = docket_of(problem)
        self.rows = {hearing.id: row for row, hearing in enumerate(problem.hearings)}
        self.diary = Diary(self.docket)
        for hearing, spot in enumerate(self.docket.spots(places)):
            if spot is not None:
                self.diary.book(hearing, spot)

    def find_place(self, hearing_id: str) -> Place | None:
        """Return where a hearing is. Raises KeyError for an unknown one."""
        spot = self.diary.spots[self.rows[hearing_id]]
        return None if spot is None else self.docket.place(spot)

    def vacate(
        self, hearing_id: str, ready: str, today: str, most_touched: int = MOST_TOUCHED, *, is_later: bool = True
    ) -> Repair:
        """Take a hearing out of its place, give it one from `ready` on, and fill its sessions from `today` on.

        Both name sessions. Without `is_later` it may start where it did, before another judge, or sooner. Raises
        KeyError for an unknown hearing, ValueError where it has no place or is locked.
        """
        hearing = self.rows[hearing_id]
        if self.diary.spots[hearing] is None or self.docket.problem.hearings[hearing].hold == "locked":
            raise ValueError("a hearing without a place, or locked in it, cannot be vacated; list or unlock it first")
        sittings = self.docket.sittings
        spot = self.diary.release(hearing)
        held_back = max(sittings.position(ready), spot[0] + 1 if is_later else 0)
        followers = self._release_followers(hearing)
        cost = total_cost(self.diary)
        filled = self._fill(hearing, spot, max(0, sittings.position(today)), set(followers), most_touched)
        gain = cost - total_cost(self.diary)
        self._place_again(hearing, held_back)
        for follower, was in followers.items():
            self._place_near(follower, was)
        return self._repair(followers, filled, gain)

    def move(self, hearing_id: str, place: Place, today: str, most_touched: int = MOST_TOUCHED) -> Repair:
        """Give a hearing another place, one of `list_places`, and fill the sessions that it leaves from `today` on.

        Raises KeyError for an unknown hearing, ValueError where it is held or the place is none that the rules allow.
        """
        hearing = self.rows[hearing_id]
        if place not in self.list_places(hearing_id, place.judge, place.start, most=1):
            raise ValueError("no rule-abiding list has the hearing there; choose one of list_places")
        (there,) = self.docket.spots({hearing_id: place})[hearing : hearing + 1]
        assert there is not None
        was = self.diary.spots[hearing]
        if was is not None:
            self.diary.release(hearing)
        self.diary.book(hearing, there)
        if was is None:
            return self._repair({}, [], 0)
        cost = total_cost(self.diary)
        filled = self._fill(hearing, was, max(0, self.docket.sittings.position(today)), set(), most_touched)
        return self._repair({}, filled, cost - total_cost(self.diary))

    def list_places(self, hearing_id: str, judge: str, first: str, most: int) -> list[Place]:
        """Return the first places from a session on where a hearing could be before a judge, all else as it is.

        Its own place is one of them. None where it is held, or the judge may not hear it. Raises KeyError for a hearing
        or a judge that the problem does not know.
        """
        hearing = self.rows[hearing_id]
        judges = {each.id: row for row, each in enumerate(self.docket.problem.judges)}
        was = self.diary.spots[hearing]
        if was is not None:
            self.diary.release(hearing)
        spots = list(self._spots(hearing, judges[judge], self.docket.sittings.position(first), most))
        if was is not None:
            self.diary.book(hearing, was)
        return [self.docket.place(spot) for spot in spots]

    def _spots(self, hearing: int, judge: int, first: int, most: int) -> Iterator[Spot]:
        entry, floor = self.docket.entries[hearing], self.diary.floor(hearing)
        if entry.is_held or floor is None or (judge != entry.own and judge not in entry.others):
            return
        sessions = self.diary.starts(hearing) & (-1 << max(0, floor, first))
        sessions &= (1 << max(0, self.diary.ceiling(hearing) + 1)) - 1
        for _ in range(most):
            found = self.diary.earliest(hearing, judge, sessions)
            if found is None:
                return
            yield found[1]
            sessions &= -1 << (found[1][0] + 1)

    def _repair(self, followers: Mapping[int, Spot], filled: list[tuple[int, Spot | None]], gain: int) -> Repair:
        names = self.docket.problem.hearings
        return Repair(
            places=self.docket.places(self.diary.spots),
            followers=tuple(names[each].id for each, was in followers.items() if self.diary.spots[each] != was),
            touched=tuple(names[each].id for each, was in filled if was is not None),
            newly_listed=tuple(names[each].id for each, was in filled if was is None),
            gain=gain,
        )

    def _release_followers(self, hearing: int) -> dict[int, Spot]:
        """Release the hearings that follow in the case, as far as they are not held, and return where they were."""
        released = {}
        after = self.docket.entries[hearing].after
        while after >= 0 and not self.docket.entries[after].is_held:
            if self.diary.spots[after] is not None:
                released[after] = self.diary.release(after)
            after = self.docket.entries[after].after
        return released

    def _fill(
        self, vacated: int, spot: Spot, today: int, barred: set[int], most_touched: int
    ) -> list[tuple[int, Spot | None]]:
        """Move hearings into vacated sessions while one gains by it; return them with where they were."""
        start, judge, _ = spot
        sessions = ((1 << self.docket.entries[vacated].length) - 1) << start & (-1 << today)
        filled: list[tuple[int, Spot | None]] = []
        done = {vacated, *barred}
        while sessions:
            touched = sum(was is not None for _, was in filled)
            best = self._best_for(sessions, judge, done, touched < most_touched)
            if best is None:
                break
            _, hearing, there = best
            was = self.diary.spots[hearing]
            if was is not None:
                self.diary.release(hearing)
            self.diary.book(hearing, there)
            filled.append((hearing, was))
            done.add(hearing)
        return filled

    def _best_for(self, sessions: int, judge: int, done: set[int], may_touch: bool) -> tuple[int, int, Spot] | None:
        """Return the hearing that gains most by starting in one of some sessions before a judge."""
        best: tuple[int, int, Spot] | None = None
        for hearing, entry in enumerate(self.docket.entries):
            spot = self.diary.spots[hearing]
            if hearing in done or entry.is_held or not entry.window & sessions or (spot is not None and not may_touch):
                continue
            if judge != entry.own and judge not in entry.others:
                continue
            there = self._spot_in(hearing, sessions, judge)
            if there is None:
                continue
            gain = self.diary.cost(hearing) - entry.cost(there[0], judge)
            if gain > 0 and (best is None or gain > best[0]):
                best = gain, hearing, there
        return best

    def _spot_in(self, hearing: int, sessions: int, judge: int) -> Spot | None:
        """Return where a hearing could start in some sessions before a judge, were it not where it is."""
        diary = self.diary
        was = diary.spots[hearing]
        if was is not None:
            diary.release(hearing)
        floor, ceiling = diary.floor(hearing), diary.ceiling(hearing)
        found = None
        if floor is not None:
            allowed = diary.starts(hearing) & sessions & (-1 << max(0, floor)) & ((1 << max(0, ceiling + 1)) - 1)
            found = diary.earliest(hearing, judge, allowed) if allowed else None
        if was is not None:
            diary.book(hearing, was)
        return None if found is None else found[1]

    def _place_again(self, hearing: int, ready: int) -> None:
        """Give the vacated hearing its cheapest place from a session on."""
        entry, floor = self.docket.entries[hearing], self.diary.floor(hearing)
        if floor is None:
            return
        sessions = self.diary.starts(hearing) & (-1 << max(0, floor, ready))
        sessions &= (1 << max(0, self.diary.ceiling(hearing) + 1)) - 1
        judges = entry.others if entry.own < 0 else (entry.own, *entry.others)
        found = [each for judge in judges if (each := self.diary.earliest(hearing, judge, sessions))]
        if found:
            self.diary.book(hearing, min(found)[1])

    def _place_near(self, hearing: int, was: Spot) -> None:
        """Leave a following hearing where it was if it still can follow there, or give it its cheapest place."""
        floor = self.diary.floor(hearing)
        if floor is None:
            return
        start, judge, _ = was
        here = self.diary.starts(hearing) & (1 << start) if start >= floor else 0
        stays = self.diary.earliest(hearing, judge, here) if here else None
        found = stays if stays is not None and stays[1] == was else self.diary.find(hearing)
        if found is not None:
            self.diary.book(hearing, found[1])
