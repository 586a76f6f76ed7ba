"""What people decided on earlier court lists, as the next plan takes it: nothing else is learned from them.

Three things may be decided of a hearing: that it stays at a place (locked), that a judge does not hear its case, and
that it is not ready before a session. The court's own list goes before all of them where it holds a hearing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from braid.language.documents import Part
from braid.planning.listing.checker import broken_places
from braid.planning.listing.model import Case, Hearing, Place, Problem, listed_from, sittings_of


@dataclass(frozen=True)
class DecidedHearing(Part):
    """What was decided of one hearing. One of the last three says what."""

    hearing: str
    place: Place | None = None
    """It stays there."""
    excluded_judge: str | None = None
    not_before: str | None = None
    """A session: it is not ready before it."""


def apply_hearing_decisions(problem: Problem, decided: Iterable[DecidedHearing]) -> tuple[Problem, int]:
    """Return the problem with what was decided, and how many decisions it cannot take.

    `decided` is in the order of time: of two that contradict each other the later one holds. A decision is left out
    where the problem knows its hearing, judge or session no more, where the court's own list holds the hearing
    elsewhere, or where what is held could then not be heard.
    """
    wanted = list(decided)
    together, lost = _apply(problem, wanted, lambda _: True)
    # Mostly all of them can be taken: only where they cannot is each looked at by itself.
    return (together, lost) if _can_be_held(together) else _apply(problem, wanted, _can_be_held)


def _apply(
    problem: Problem, decided: Iterable[DecidedHearing], may_be: Callable[[Problem], bool]
) -> tuple[Problem, int]:
    lost = 0
    locked: set[str] = set()
    """Hearings that people locked, not the court's own list."""
    for each in decided:
        found = _with_decision(problem, each, locked)
        if found is None or not may_be(found):
            lost += 1
            continue
        problem = found
        (locked.add if each.place is not None else locked.discard)(each.hearing)
    return problem, lost


def _with_decision(problem: Problem, decided: DecidedHearing, locked: set[str]) -> Problem | None:
    hearing = next((each for each in problem.hearings if each.id == decided.hearing), None)
    if hearing is None:
        return None
    if decided.place is not None:
        return _with_hearing(problem, _locked(hearing, decided.place, hearing.id in locked))
    if decided.not_before is not None:
        return _with_hearing(problem, _not_before(problem, hearing, decided.not_before, hearing.id in locked))
    return _without_judge(problem, hearing, decided.excluded_judge, hearing.id in locked)


def _with_hearing(problem: Problem, hearing: Hearing | None) -> Problem | None:
    if hearing is None:
        return None
    return replace(problem, hearings=tuple(hearing if each.id == hearing.id else each for each in problem.hearings))


def _locked(hearing: Hearing, place: Place, is_ours: bool) -> Hearing | None:
    if hearing.hold != "free" and hearing.present != place and not is_ours:
        return None
    return replace(hearing, present=place, hold="locked")


def _not_before(problem: Problem, hearing: Hearing, session: str, is_ours: bool) -> Hearing | None:
    sittings = sittings_of(problem)
    try:
        wanted = sittings.position(session)
    except ValueError:
        return None
    quantile = next(each.list_at_quantile for each in problem.types if each.id == hearing.type)
    if listed_from(sittings, hearing, quantile) < wanted:
        hearing = replace(hearing, ready=sittings.name(wanted), ready_spread_sessions=0.0)
    is_too_soon = hearing.present is not None and sittings.position(hearing.present.start) < wanted
    return _freed(hearing, is_ours) if is_too_soon else hearing


def _without_judge(problem: Problem, hearing: Hearing, judge: str | None, is_ours: bool) -> Problem | None:
    if judge not in {each.id for each in problem.judges}:
        return None
    cases = tuple(_excluding(each, str(judge)) if each.id == hearing.case else each for each in problem.cases)
    is_before = hearing.present is not None and hearing.present.judge == judge
    return _with_hearing(replace(problem, cases=cases), _freed(hearing, is_ours) if is_before else hearing)


def _excluding(case: Case, judge: str) -> Case:
    return replace(case, excluded_judges=tuple(dict.fromkeys((*case.excluded_judges, judge))))


def _freed(hearing: Hearing, is_ours: bool) -> Hearing:
    """Return a hearing that is refused where it is held. What the court's own list locks stays locked."""
    return hearing if hearing.hold == "locked" and not is_ours else replace(hearing, hold="free")


def _can_be_held(problem: Problem) -> bool:
    held = {each.id: each.present for each in problem.hearings if each.hold != "free" and each.present}
    return not broken_places(problem, held)
