"""Where a hearing of a court list could be instead, all else as it is."""

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

    The rules allow each of them, and what the viewer does not see stays where it is. A judge who is not known has none.
    """
    day = CourtDay(hold_still(court.standing, set(court.rows)), court.standing.places)
    known = {each.id for each in court.standing.problem.judges}.intersection(judges)
    here = court.standing.places.get(hearing.id)
    found = []
    for judge in sorted(known):
        there = day.list_places(hearing.id, judge, first, most + 1)
        found += [each for each in there if here is None or (each.judge, each.start) != (here.judge, here.start)][:most]
    return found
