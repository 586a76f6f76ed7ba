"""Diaries of judges, people and rooms as sets of sessions, and the search for a hearing's best place in them.

What a hearing costs grows with its start, so that of each judge only the earliest session counts. A set of sessions is
an integer, and a place that suits everybody is what their sets have in common.
"""

from __future__ import annotations

from braid.planning.listing.engines.docket import NO_ROOM, Docket, Entry, List, Spot

Found = tuple[int, Spot]
"""What a hearing costs at a spot, and the spot."""


class Diary:
    """Who is booked when. Every booking keeps the hard rules; whoever books asks `find` first."""

    def __init__(self, docket: Docket) -> None:
        self.docket = docket
        self.free = list(docket.person_free)
        self.room: list[list[int]] = [[0] + [each] * docket.units for each in docket.judge_open]
        """`room[judge][units]` is the set of sessions in which a judge has so many units left."""
        self.left = [[docket.units if each >> s & 1 else 0 for s in range(docket.count)] for each in docket.judge_open]
        self.seats: list[list[list[int]]] = [[[] for _ in range(docket.count)] for _ in docket.judge_open]
        """`seats[judge][session]` are the hearings before a judge in a session."""
        self.spots: List = [None] * docket.size
        self.rooms = _Rooms(docket) if docket.room_open else None

    def book(self, hearing: int, spot: Spot) -> None:
        """Give a hearing a spot that `find` found for it."""
        start, judge, room = spot
        entry = self.docket.entries[hearing]
        self._toggle(entry, start)
        self._fill(entry, start, judge, entry.units)
        seats = self.seats[judge]
        for session in range(start, start + entry.length):
            seats[session].append(hearing)
        self.spots[hearing] = spot
        if self.rooms is not None:
            self.rooms.enter(judge, room, start, entry.length)

    def release(self, hearing: int) -> Spot:
        """Take a hearing's spot away and return it."""
        spot = self.spots[hearing]
        assert spot is not None
        start, judge, room = spot
        entry = self.docket.entries[hearing]
        self._toggle(entry, start)
        self._fill(entry, start, judge, -entry.units)
        seats = self.seats[judge]
        for session in range(start, start + entry.length):
            seats[session].remove(hearing)
        self.spots[hearing] = None
        if self.rooms is not None:
            self.rooms.leave(judge, room, start, entry.length)
        return spot

    def _fill(self, entry: Entry, start: int, judge: int, units: int) -> None:
        """Take units of a judge's sessions, or give them back where the number is negative."""
        left, sets, full = self.left[judge], self.room[judge], self.docket.units
        if entry.units == full:
            block = ((1 << entry.length) - 1) << start
            for rest in range(1, full + 1):
                sets[rest] ^= block
            left[start : start + entry.length] = [left[start] - units] * entry.length
            return
        for session in range(start, start + entry.length):
            had = left[session]
            now = left[session] = had - units
            for rest in range(min(had, now) + 1, max(had, now) + 1):
                sets[rest] ^= 1 << session

    def _toggle(self, entry: Entry, start: int) -> None:
        """Make those who attend busy, or free again."""
        free = self.free
        if entry.length == 1:
            bit = 1 << start
            for person in entry.everyone:
                free[person] ^= bit
            return
        whole = ((1 << entry.length) - 1) << start
        day = (1 << entry.span) - 1
        for person in entry.whole:
            free[person] ^= whole
        for person in entry.first:
            free[person] ^= day << start
        for person in entry.last:
            free[person] ^= day << (start + entry.length - entry.span)

    def floor(self, hearing: int) -> int | None:
        """Return the session before which a hearing cannot start for the one before it; None where that has no spot."""
        entry = self.docket.entries[hearing]
        if entry.before < 0:
            return 0
        before = self.spots[entry.before]
        return None if before is None else before[0] + self.docket.entries[entry.before].length + entry.gap

    def ceiling(self, hearing: int) -> int:
        """Return the last session in which a hearing can start for the one after it."""
        entry = self.docket.entries[hearing]
        after = None if entry.after < 0 else self.spots[entry.after]
        if after is None:
            return self.docket.count
        return after[0] - self.docket.entries[entry.after].gap - entry.length

    def starts(self, hearing: int) -> int:
        """Return the sessions in which everybody who attends could start, whoever the judge."""
        entry, free = self.docket.entries[hearing], self.free
        if entry.length == 1:
            sessions = entry.window
            for person in entry.everyone:
                sessions &= free[person]
            return sessions
        whole = -1
        for person in entry.whole:
            whole &= free[person]
        sessions = entry.window & runs(whole, entry.length)
        for person in entry.first:
            sessions &= runs(free[person], entry.span)
        for person in entry.last:
            sessions &= runs(free[person], entry.span) >> (entry.length - entry.span)
        return sessions

    def starts_before(self, hearing: int, judge: int) -> int:
        """Return the sessions in which a judge could start a hearing, whoever attends."""
        entry = self.docket.entries[hearing]
        return runs(self.room[judge][entry.units], entry.length)

    def find(self, hearing: int, skipped: int = 0) -> Found | None:
        """Return the cheapest spot for a hearing without one, or None where there is none.

        `skipped` leaves out so many of the earliest sessions of every judge: a search that never errs never leaves the
        place where it stands.
        """
        floor = self.floor(hearing)
        if floor is None:
            return None
        sessions = self.starts(hearing) & (-1 << max(0, floor))
        ceiling = self.ceiling(hearing)
        if ceiling < self.docket.count:
            sessions &= (1 << max(0, ceiling + 1)) - 1
        if not sessions:
            return None
        if self.rooms is not None:
            found = self._find_with_room(hearing, sessions, skipped)
        else:
            found = self._find(hearing, sessions, skipped)
        return self._or_present(hearing, sessions, found)

    def earliest(self, hearing: int, judge: int, sessions: int) -> Found | None:
        """Return the earliest spot before one judge in a set of sessions, whatever it costs."""
        entry = self.docket.entries[hearing]
        best: Spot | None = None
        for room in entry.rooms if self.rooms is not None else (NO_ROOM,):
            both = self.room[judge][entry.units]
            if self.rooms is not None:
                both &= self.rooms.open_for(judge, room)
            open_ = sessions & runs(both, entry.length)
            if open_ and (best is None or (open_ & -open_).bit_length() - 1 < best[0]):
                best = ((open_ & -open_).bit_length() - 1, judge, room)
        return None if best is None else (entry.cost(best[0], judge), best)

    def _find(self, hearing: int, sessions: int, skipped: int) -> Found | None:
        entry = self.docket.entries[hearing]
        units, length, judge = entry.units, entry.length, entry.own
        own = -1
        if judge >= 0:
            open_ = sessions & (self.room[judge][units] if length == 1 else runs(self.room[judge][units], length))
            while skipped and open_ & (open_ - 1):
                open_, skipped = open_ & (open_ - 1), skipped - 1
            if open_:
                own = (open_ & -open_).bit_length() - 1
                # Another judge must be earlier by what a change of judge costs.
                slope = entry.wait_price + entry.late_price
                sessions &= (1 << max(0, own - (entry.change_price // slope if slope else own))) - 1
        start, other, room = -1, -1, self.room
        for each in entry.others:
            open_ = sessions & room[each][units]
            if open_ and length > 1:
                open_ = sessions & runs(room[each][units], length)
            if open_:
                start, other = (open_ & -open_).bit_length() - 1, each
                sessions &= (1 << start) - 1
                if not sessions:
                    break
        return _cheaper(entry, (own, judge, NO_ROOM), (start, other, NO_ROOM))

    def _find_with_room(self, hearing: int, sessions: int, skipped: int) -> Found | None:
        assert self.rooms is not None
        entry = self.docket.entries[hearing]
        own: Spot = (-1, -1, NO_ROOM)
        other: Spot = (-1, -1, NO_ROOM)
        judges = entry.others if entry.own < 0 else (entry.own, *entry.others)
        for judge in judges:
            for room in entry.rooms:
                both = self.room[judge][entry.units] & self.rooms.open_for(judge, room)
                open_ = sessions & runs(both, entry.length)
                while skipped and open_ & (open_ - 1):
                    open_, skipped = open_ & (open_ - 1), skipped - 1
                if not open_:
                    continue
                start = (open_ & -open_).bit_length() - 1
                if judge == entry.own:
                    own = (start, judge, room) if own[0] < 0 or start < own[0] else own
                else:
                    other = (start, judge, room) if other[0] < 0 or start < other[0] else other
        return _cheaper(entry, own, other)

    def _or_present(self, hearing: int, sessions: int, found: Found | None) -> Found | None:
        """Return the present spot of a notified hearing where it is possible and no dearer than what was found."""
        entry = self.docket.entries[hearing]
        if entry.present is None or not entry.move_price:
            return found
        start, judge, room = entry.present
        if not sessions >> start & 1 or (judge != entry.own and judge not in entry.others):
            return found
        if room != NO_ROOM and room not in entry.rooms:
            return found
        both = self.room[judge][entry.units]
        if self.rooms is not None:
            both &= self.rooms.open_for(judge, room)
        cost = entry.cost(start, judge)
        if runs(both, entry.length) >> start & 1 and (found is None or cost <= found[0]):
            return cost, entry.present
        return found

    def cost(self, hearing: int) -> int:
        """Return what a hearing costs where it is, or unlisted."""
        spot, entry = self.spots[hearing], self.docket.entries[hearing]
        return entry.unlisted_price if spot is None else entry.cost(spot[0], spot[1])


class _Rooms:
    """Which judge sits in which room when: a room has one judge in a session, and a judge one room."""

    def __init__(self, docket: Docket) -> None:
        self.open = docket.room_open
        judges, rooms, count = len(docket.judge_open), len(docket.room_open), docket.count
        self.sits = [[0] * rooms for _ in range(judges)]
        """`sits[judge][room]`: the sessions in which a judge sits in a room."""
        self.taken = [0] * rooms
        self.seated = [0] * judges
        self.times = [[[0] * count for _ in range(rooms)] for _ in range(judges)]

    def open_for(self, judge: int, room: int) -> int:
        """Return the sessions in which a judge could hear in a room."""
        return self.sits[judge][room] | (self.open[room] & ~self.taken[room] & ~self.seated[judge])

    def enter(self, judge: int, room: int, start: int, length: int) -> None:
        """Count a hearing of a judge in a room."""
        times = self.times[judge][room]
        for session in range(start, start + length):
            times[session] += 1
            if times[session] == 1:
                self._toggle(judge, room, 1 << session)

    def leave(self, judge: int, room: int, start: int, length: int) -> None:
        """Count a hearing of a judge in a room no more."""
        times = self.times[judge][room]
        for session in range(start, start + length):
            times[session] -= 1
            if times[session] == 0:
                self._toggle(judge, room, 1 << session)

    def _toggle(self, judge: int, room: int, bit: int) -> None:
        self.sits[judge][room] ^= bit
        self.taken[room] ^= bit
        self.seated[judge] ^= bit


def runs(sessions: int, length: int) -> int:
    """Return the sessions from which on so many sessions of a set follow each other; in steps that double."""
    had = 1
    while had < length and sessions:
        step = min(had, length - had)
        sessions &= sessions >> step
        had += step
    return sessions


def _cheaper(entry: Entry, own: Spot, other: Spot) -> Found | None:
    """Return the cheaper of the allocated judge's and another's spot; a start of -1 is none."""
    if own[0] < 0 and other[0] < 0:
        return None
    if other[0] < 0:
        return entry.cost(own[0], own[1]), own
    cost = entry.cost(other[0], other[1])
    if own[0] >= 0 and entry.cost(own[0], own[1]) <= cost:
        return entry.cost(own[0], own[1]), own
    return cost, other


def diary_of(docket: Docket) -> Diary:
    """Return diaries in which only what is held where it is has its spot."""
    diary = Diary(docket)
    for hearing, entry in enumerate(docket.entries):
        if entry.is_held and entry.present is not None:
            diary.book(hearing, entry.present)
    return diary


def total_cost(diary: Diary) -> int:
    """Return the cost of all hearings, the spread between authorities aside."""
    return sum(diary.cost(hearing) for hearing in range(diary.docket.size))
