"""The slow and obvious twin of every engine: it tries all lists of a tiny problem, and the checker says which hold."""

from __future__ import annotations

from collections.abc import Iterator

from braid.planning.contract import value_of
from braid.planning.listing.checker import broken_places, value_levels
from braid.planning.listing.model import Place, Problem, sittings_of

Places = dict[str, Place]


def best_list(problem: Problem) -> tuple[float, Places]:
    """Return the least value of any list, and the first list found that has it."""
    best: tuple[float, Places] | None = None
    for places in lists_of(problem):
        value = value_of(value_levels(problem, places))
        if best is None or value < best[0]:
            best = value, places
    assert best is not None, "a problem without faults has at least the list of what is held"
    return best


def lists_of(problem: Problem) -> Iterator[Places]:
    """Yield every list that keeps all hard rules."""
    choices = [(hearing.id, list(_choices(problem, hearing.id))) for hearing in problem.hearings]
    yield from _extend(problem, choices, {})


def _extend(problem: Problem, choices: list[tuple[str, list[Place]]], places: Places) -> Iterator[Places]:
    """Yield the lists that begin with some places; two hearings that clash are never extended."""
    if not choices:
        if not broken_places(problem, places):
            yield places
        return
    (hearing, spots), *rest = choices
    for spot in spots:
        longer = {**places, hearing: spot}
        if not _clashes(problem, longer):
            yield from _extend(problem, rest, longer)
    yield from _extend(problem, rest, places)


def _choices(problem: Problem, hearing: str) -> Iterator[Place]:
    """Yield each place that a hearing could have if there were no other."""
    sittings = sittings_of(problem)
    rooms: list[str | None] = [room.id for room in problem.rooms] or [None]
    for session in range(sittings.count):
        for judge in problem.judges:
            for room in rooms:
                place = Place(judge.id, sittings.name(session), room)
                if not _clashes(problem, {hearing: place}):
                    yield place


def _clashes(problem: Problem, places: Places) -> bool:
    """Say whether hearings break a rule that no further hearing can mend."""
    mended = {"before_unlisted", "held_moved"}
    return any(broken.rule not in mended for broken in broken_places(problem, places))
