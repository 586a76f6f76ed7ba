"""Where a hearing of a court list could be instead, all else as it is.

What is offered is the same whoever attends the hearings that the viewer may not see: else a session that is offered to
one hearing and not to another would say whom a hidden hearing needs.
"""

from collections.abc import Iterable

from braid.planning.listing.model import Hearing, Place
from braid.planning.listing.repair import CourtDay
from braid.problems.plans.court_lists import hold_still
from braid.web.proposals.court import Court

PLACES_OFFERED = 20
"""Sessions of one judge that are offered at once."""


def list_offered(
    court: Court, hearing: Hearing, judges: Iterable[str], first: str, most: int = PLACES_OFFERED
) -> list[Place]:
    """Return the first places, up to `most` before each judge, from a session on; never where it is already.

    The rules allow each of them, and what the viewer does not see stays where it is. A hearing that somebody must
    attend is offered no session in which a hearing is heard that the viewer does not see, before whatever judge. A
    judge who is not known has none.
    """
    day = CourtDay(hold_still(court.standing, court.rows), court.standing.places)
    known = {each.id for each in court.standing.problem.judges}.intersection(judges)
    here = court.standing.places.get(hearing.id)
    taken = _unseen_sessions(court) if hearing.attendance else frozenset()
    found = []
    for judge in sorted(known):
        there = day.list_places(hearing.id, judge, first, court.sittings.count)
        found += [
            each
            for each in there
            if (here is None or (each.judge, each.start) != (here.judge, here.start))
            and taken.isdisjoint(_sessions(court, hearing, each))
        ][:most]
    return found


def _unseen_sessions(court: Court) -> frozenset[int]:
    places = court.standing.places.items()
    return frozenset(
        session
        for name, place in places
        if name not in court.rows
        for session in _sessions(court, court.hearings[name], place)
    )


def _sessions(court: Court, hearing: Hearing, place: Place) -> range:
    start = court.sittings.position(place.start)
    return range(start, start + hearing.length_sessions)
