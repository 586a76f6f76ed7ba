"""A value that no list of a problem can beat, by Lagrangian relaxation, and the prices of scarce sessions with it.

Who may be booked once is given a price for each session instead (Held and Karp, 1970; Fisher, 1981): each case then
finds its cheapest chain of hearings alone, by dynamic programming over starts. The sum of the chains less the prices
of all sessions is a bound for any prices that are not negative; they are improved by subgradient steps after Polyak
(1969). Rooms, and the spread between authorities, are left out: that can only lower it.

A judge's session is weighed by what truly fits: two hearings of an hour fill a session of two and a half, since a third
does not fit. The weights are a dual feasible function of the units (Fekete and Schepers, 2001).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from braid.planning.listing.engines.docket import Docket, Entry

STEPS_PER_SECOND = 25
"""On the machine of the benchmarks, for a thousand hearings and 300 sessions."""
SMOOTHING = 0.6
"""How much of a step's direction is new; the rest is the direction before."""
PATIENCE = 20
"""Steps without a better bound after which steps become smaller."""
SHRINKING = 0.85
SLACK = 1e-7
"""Of the bound: what rounding of sums can be wrong by, many times over."""

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Bound:
    """A proved bound, and the prices that prove it."""

    value: float
    judge_prices: Matrix
    """Of each judge's whole session, in the problem's unit of cost; judges by sessions."""
    person_prices: Matrix
    steps: int


def bound_of(docket: Docket, goal: float, steps: int, is_over: Callable[[], bool] = lambda: False) -> Bound:
    """Return the best bound of so many steps. `goal` is the value of some list, which sizes the steps.

    `is_over` is asked now and then and ends the search early: then it is not repeatable.
    """
    relaxation = _Relaxation(docket)
    prices = relaxation.no_prices()
    best, best_prices = -math.inf, prices
    direction = np.zeros_like(prices)
    scale, waited = 1.0, 0
    for step in range(steps):
        if step % 16 == 15 and is_over():
            break
        value, use = relaxation.solve(prices)
        if value > best + 1e-9 * abs(best if best > -math.inf else 0):
            best, best_prices, waited = value, prices, 0
        else:
            waited += 1
        if waited >= PATIENCE:
            scale, waited, prices = scale * SHRINKING, 0, best_prices
            direction[:] = 0
            continue
        excess = use - 1.0
        excess[(prices <= 0) & (excess < 0)] = 0
        direction = SMOOTHING * excess + (1 - SMOOTHING) * direction
        length = float(np.vdot(direction, direction))
        if length == 0 or scale < 1e-5:
            break
        prices = np.maximum(0.0, prices + scale * max(goal - value, 1e-3 * abs(goal)) / length * direction)
    judges = len(docket.judge_open)
    safe = best - SLACK * max(1.0, abs(best))
    return Bound(max(0.0, math.ceil(safe)), best_prices[:judges], best_prices[judges:], steps)


def usage_of(units: Sequence[int], capacity: int) -> dict[int, float]:
    """Return which share of a session hearings of so many units take, given the sizes that there are.

    Of the dual feasible functions after Fekete and Schepers, the one whose shares are largest in sum; each is valid:
    hearings that fit into a session have shares of at most one.
    """
    sizes = sorted(set(units))
    plain = {size: size / capacity for size in sizes}
    choices = [plain, *({size: _rounded(size, capacity, k) for size in sizes} for k in range(1, capacity + 1))]
    return max(choices, key=lambda shares: sum(shares[size] for size in units))


def _rounded(size: int, capacity: int, k: int) -> float:
    """Return Fekete and Schepers' function u(k) of a size: x where (k + 1) x is whole, else its floor over k."""
    whole, rest = divmod((k + 1) * size, capacity)
    return size / capacity if rest == 0 else whole / k


class _Relaxation:
    """The problem of each case alone, under prices for the sessions of judges and people."""

    def __init__(self, docket: Docket) -> None:
        self.docket = docket
        self.judges = len(docket.judge_open)
        self.people = len(docket.person_free)
        self.count = docket.count
        self.constant = 0.0
        self.fixed = np.zeros((self.judges + self.people, self.count))
        self.usage = usage_of([entry.units for entry in docket.entries] or [1], docket.units)
        self.closed = ~self._rows(docket.judge_open)
        self.person_free = self._rows(docket.person_free)
        self.blocked = {
            length: _summed(self.closed.astype(float), 0, length) > 0
            for length in {entry.length for entry in docket.entries}
        }
        self._fix_held()
        self.layers = [_Layer(self, rows) for rows in self._ranks()]

    def _rows(self, calendars: Sequence[int]) -> NDArray[np.bool_]:
        """Return sets of sessions as rows, of which there may be none."""
        rows = [_bits(each, self.count) for each in calendars]
        return np.array(rows, dtype=np.bool_).reshape(len(rows), self.count)

    def no_prices(self) -> Matrix:
        """Return prices of nothing: judges' sessions, then people's."""
        return np.zeros((self.judges + self.people, self.count))

    def solve(self, prices: Matrix) -> tuple[float, Matrix]:
        """Return the bound at prices, and how far each session is used by the cheapest chains."""
        judge_prices = prices[: self.judges]
        behind: _Behind | None = None
        total = self.constant
        for layer in self.layers:
            behind = layer.solve(judge_prices, prices[self.judges :], behind)
            total += behind.whole_chains
        use = self.fixed.copy()
        for layer in reversed(self.layers):
            layer.count_use(use)
        return total - float(prices.sum()) + float((prices * self.fixed).sum()), use

    def _fix_held(self) -> None:
        """Count what is held: its cost is certain, and its sessions are used."""
        for entry in self.docket.entries:
            if not entry.is_held or entry.present is None:
                continue
            start, judge, _ = entry.present
            self.constant += entry.cost(start, judge)
            self.fixed[judge, start : start + entry.length] += self.usage[entry.units]
            for person, first, length in _attended(entry):
                self.fixed[self.judges + person, start + first : start + first + length] += 1

    def _ranks(self) -> list[list[int]]:
        """Return hearings that are free, by how many free ones follow without a held one between; last ones first."""
        ranks: dict[int, int] = {}
        entries = self.docket.entries
        for chain in self.docket.chains:
            rank = 0
            for hearing in reversed(chain):
                if entries[hearing].is_held:
                    rank = 0
                    continue
                ranks[hearing], rank = rank, rank + 1
        layers: list[list[int]] = [[] for _ in range(max(ranks.values(), default=-1) + 1)]
        for hearing, rank in ranks.items():
            layers[rank].append(hearing)
        return layers


@dataclass(frozen=True)
class _Behind:
    """What the hearings of one layer and all behind them cost at least, if they start in or after a session."""

    layer: _Layer
    from_session: Matrix
    """Rows of the layer by sessions, and one column more: no session is left."""
    whole_chains: float
    """The cost of chains that begin in this layer."""


class _Layer:
    """Hearings that as many others of their case follow: solved together, row by row the same."""

    def __init__(self, of: _Relaxation, rows: list[int]) -> None:
        self.of = of
        self.rows = rows
        entries = [of.docket.entries[row] for row in rows]
        self.entries = entries
        self.row_of = {hearing: row for row, hearing in enumerate(rows)}
        self.base = np.array([self._base(entry) for entry in entries])
        self.unlisted = np.array([float(entry.unlisted_price) for entry in entries])
        self.change = np.array([float(entry.change_price) for entry in entries])
        self.own = np.array([entry.own for entry in entries])
        free = of.docket.entries
        # The gap of a hearing is the one before it: what follows keeps its own.
        gaps = [free[entry.after].gap if entry.after >= 0 else 0 for entry in entries]
        self.step = np.array([entry.length + gap for entry, gap in zip(entries, gaps, strict=True)])
        self.next = [entry.after if entry.after >= 0 and not free[entry.after].is_held else -1 for entry in entries]
        self.begins = np.array([entry.before < 0 or free[entry.before].is_held for entry in entries])
        self.groups = self._groups()
        self.attendance = self._attendance()
        self.floors = np.zeros(len(rows), dtype=np.intp)

    def _base(self, entry: Entry) -> Matrix:
        """Return the cost of each start, infinite where the hearing, its people or what is held forbid it."""
        starts = np.arange(self.of.count)
        cost = np.where(_bits(entry.window, self.of.count), 0.0, np.inf)
        cost[starts < self._floor(entry)] = np.inf
        for person, first, length in _attended(entry):
            cost[~_runs(self.of.person_free[person], first, length)] = np.inf
        wait = entry.wait_price * np.maximum(0, starts - entry.ready)
        late = entry.late_price * np.maximum(0, starts + entry.length - entry.limit)
        return np.asarray(cost + wait + late + (entry.move_price if entry.present is not None else 0))

    def _floor(self, entry: Entry) -> int:
        before = None if entry.before < 0 else self.of.docket.entries[entry.before]
        if before is None or not before.is_held or before.present is None:
            return 0
        return before.present[0] + before.length + entry.gap

    def _groups(self) -> list[tuple[int, float, NDArray[np.intp]]]:
        """Return rows by length and share of a session."""
        keys = [(entry.length, self.of.usage[entry.units]) for entry in self.entries]
        return [(*key, np.array([row for row, each in enumerate(keys) if each == key])) for key in sorted(set(keys))]

    def _attendance(self) -> list[tuple[int, int, csr_array]]:
        """Return who attends, by how long and from which session of the hearing on, as rows by people."""
        found: dict[tuple[int, int], list[tuple[int, int]]] = {}
        for row, entry in enumerate(self.entries):
            for person, first, length in _attended(entry):
                found.setdefault((length, first), []).append((row, person))
        shape = (len(self.rows), self.of.people)
        parts = []
        for (length, first), pairs in sorted(found.items()):
            rows, people = zip(*pairs, strict=True)
            parts.append((length, first, csr_array((np.ones(len(pairs)), (rows, people)), shape=shape)))
        return parts

    def solve(self, judge_prices: Matrix, person_prices: Matrix, behind: _Behind | None) -> _Behind:
        """Return what chains from this layer on cost at least, and keep their choice for `count_use`."""
        cost, self.judge = self._with_judges(judge_prices)
        for length, first, who in self.attendance:
            cost += who @ _summed(person_prices, first, length)
        self._with_present(cost, judge_prices)
        follow, unlisted = self._follow(behind)
        reach = np.minimum(np.arange(self.of.count)[None, :] + self.step[:, None], self.of.count)
        cost += np.take_along_axis(follow, reach, axis=1)
        least = np.minimum.accumulate(cost[:, ::-1], axis=1)[:, ::-1]
        unlisted = unlisted + self.unlisted
        from_session = np.column_stack([np.minimum(least, unlisted[:, None]), unlisted])
        self.cost, self.from_session, self.behind, self.none = cost, from_session, behind, unlisted
        whole = float(from_session[self.begins, 0].sum())
        return _Behind(self, from_session, whole)

    def _with_judges(self, judge_prices: Matrix) -> tuple[Matrix, NDArray[np.intp]]:
        """Return the cost of each start before the cheapest judge who may hear it, and who that is."""
        cost = np.empty_like(self.base)
        judge = np.empty(self.base.shape, dtype=np.intp)
        for length, share, rows in self.groups:
            of_judge = np.where(self.of.blocked[length], np.inf, share * _summed(judge_prices, 0, length))
            other = np.argmin(of_judge, axis=0)
            cheapest = of_judge[other, np.arange(self.of.count)]
            mine = np.where((self.own[rows] >= 0)[:, None], of_judge[self.own[rows]], np.inf)
            theirs = cheapest[None, :] + self.change[rows][:, None]
            is_other = theirs < mine
            cost[rows] = np.where(is_other, theirs, mine)
            judge[rows] = np.where(is_other, other[None, :], self.own[rows][:, None])
            self._without_excluded(of_judge, rows, cost, judge)
        return cost + self.base, judge

    def _without_excluded(
        self, of_judge: Matrix, rows: NDArray[np.intp], cost: Matrix, judge: NDArray[np.intp]
    ) -> None:
        """Correct the rows of cases that some judges may not hear."""
        for row in rows:
            entry = self.entries[row]
            allowed = [*entry.others, *([entry.own] if entry.own >= 0 else [])]
            if len(allowed) == self.of.judges:
                continue
            if not allowed:
                cost[row] = np.inf
                continue
            changes = np.array([self.change[row] * (each != entry.own) for each in allowed])
            of_allowed = of_judge[allowed] + changes[:, None]
            best = np.argmin(of_allowed, axis=0)
            cost[row] = of_allowed[best, np.arange(self.of.count)]
            judge[row] = np.array(allowed)[best]

    def _with_present(self, cost: Matrix, judge_prices: Matrix) -> None:
        """Take the price of a move off the start and judge that a notified hearing has now."""
        for row, entry in enumerate(self.entries):
            if entry.present is None or not entry.move_price or not entry.window >> entry.present[0] & 1:
                continue
            start, judge, _ = entry.present
            if self.of.blocked[entry.length][judge, start] or (judge != entry.own and judge not in entry.others):
                continue
            mine = judge_prices[judge, start : start + entry.length].sum() * self.of.usage[entry.units]
            chosen = self.judge[row, start]
            theirs = judge_prices[chosen, start : start + entry.length].sum() * self.of.usage[entry.units]
            if not np.isfinite(cost[row, start]):
                continue
            changed = entry.change_price * (int(judge != entry.own) - int(chosen != entry.own))
            stays = cost[row, start] - theirs + mine + changed - entry.move_price
            if stays < cost[row, start]:
                cost[row, start], self.judge[row, start] = stays, judge

    def _follow(self, behind: _Behind | None) -> tuple[Matrix, Matrix]:
        """Return the cost of what follows each row from each session on, and when none of it is listed."""
        follow = np.zeros((len(self.rows), self.of.count + 1))
        unlisted = np.zeros(len(self.rows))
        if behind is not None:
            for row, after in enumerate(self.next):
                if after >= 0:
                    follow[row] = behind.from_session[behind.layer.row_of[after]]
                    unlisted[row] = behind.layer.none[behind.layer.row_of[after]]
        return follow, unlisted

    def count_use(self, use: Matrix) -> None:
        """Add what the cheapest chains use, given the session from which each row may start."""
        earliest = np.where(self.begins, 0, self.floors)
        floors_behind = (
            None if self.behind is None else np.full(len(self.behind.layer.rows), self.of.count, dtype=np.intp)
        )
        for row, entry in enumerate(self.entries):
            start = self._start(row, int(earliest[row]))
            if floors_behind is not None and self.next[row] >= 0:
                place = self.of.count if start is None else min(self.of.count, start + int(self.step[row]))
                assert self.behind is not None
                floors_behind[self.behind.layer.row_of[self.next[row]]] = place
            if start is None:
                continue
            use[self.judge[row, start], start : start + entry.length] += self.of.usage[entry.units]
            for person, first, length in _attended(entry):
                use[self.of.judges + person, start + first : start + first + length] += 1
        if self.behind is not None and floors_behind is not None:
            self.behind.layer.floors = floors_behind

    def _start(self, row: int, floor: int) -> int | None:
        """Return where a row starts at least cost from a session on, or None where it is better unlisted."""
        if floor >= self.of.count or self.from_session[row, floor] >= self.none[row]:
            return None
        return floor + int(np.argmin(self.cost[row, floor:]))


def _attended(entry: Entry) -> list[tuple[int, int, int]]:
    """Return who attends: person, first session of the hearing, number of sessions."""
    late = entry.length - entry.span
    return (
        [(person, 0, entry.length) for person in entry.whole]
        + [(person, 0, entry.span) for person in entry.first]
        + [(person, late, entry.span) for person in entry.last]
    )


def _bits(sessions: int, count: int) -> NDArray[np.bool_]:
    """Return a set of sessions as an array."""
    text = np.frombuffer(format(sessions, f"0{count}b")[::-1].encode(), dtype=np.uint8)
    return np.asarray(text[:count] == ord("1"))


def _summed(prices: Matrix, first: int, length: int) -> Matrix:
    """Return for each start the sum of prices over the sessions attended, cut at the horizon."""
    if length == 1 and first == 0:
        return prices
    count = prices.shape[1]
    running = np.concatenate([np.zeros((prices.shape[0], 1)), np.cumsum(prices, axis=1)], axis=1)
    begin = np.minimum(np.arange(count) + first, count)
    return np.asarray(running[:, np.minimum(begin + length, count)] - running[:, begin])


def _runs(free: NDArray[np.bool_], first: int, length: int) -> NDArray[np.bool_]:
    """Return the starts for which somebody is free in the sessions attended."""
    return np.asarray(_summed((~free)[None, :].astype(float), first, length)[0] == 0)
