"""What a list means for children and courts, in the words in which it is spoken of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from braid.planning.listing.checker import Reading, mean_wait_weeks, start_of, wait_sessions
from braid.planning.listing.model import SESSIONS_A_WEEK, Hearing, Place, Placed, Problem

WEEKS_LIMIT = 26
"""The limit of care proceedings: Children Act 1989, section 32."""


@dataclass(frozen=True)
class Measures:
    """Measures of a list. A hearing without a place counts as heard as long after the horizon as the prices say."""

    mean_wait_weeks: float
    """Between readiness and hearing."""
    mean_duration_weeks: float | None
    """From issue to the end of the final hearing; None where none is final."""
    in_26_weeks: float | None
    """Share of final hearings that end within 26 weeks of issue."""
    judge_changes: int
    judge_changed: float
    """Share of the hearings with a place that another judge hears."""
    unlisted: int
    moves: int
    wait_weeks_by_authority: Mapping[str, float]

    @property
    def spread_weeks(self) -> float:
        """Weeks between the longest and the shortest mean wait of an authority."""
        waits = self.wait_weeks_by_authority.values()
        return max(waits) - min(waits) if waits else 0.0


def measures_of(problem: Problem, places: Mapping[str, Place]) -> Measures:
    """Return the measures of hearings at places."""
    placed = tuple(Placed(hearing, place) for hearing, place in places.items())
    reading = Reading.of(problem, placed, ())
    waits = [wait_sessions(reading, hearing) / SESSIONS_A_WEEK for hearing in problem.hearings]
    finals = [hearing for hearing in problem.hearings if reading.type_of(hearing).is_final]
    durations = [_duration_weeks(reading, hearing) for hearing in finals]
    changes = sum(each.place.judge != reading.case_of(each.hearing).judge for each in reading.heard)
    return Measures(
        mean_wait_weeks=sum(waits) / len(waits) if waits else 0.0,
        mean_duration_weeks=sum(durations) / len(durations) if durations else None,
        in_26_weeks=sum(each <= WEEKS_LIMIT for each in durations) / len(durations) if durations else None,
        judge_changes=changes,
        judge_changed=changes / len(reading.heard) if reading.heard else 0.0,
        unlisted=len(problem.hearings) - len(reading.first),
        moves=sum(_has_moved(reading, hearing) for hearing in problem.hearings),
        wait_weeks_by_authority=mean_wait_weeks(reading),
    )


def _duration_weeks(reading: Reading, hearing: Hearing) -> float:
    """Return the weeks from a case's issue to the end of its final hearing: what has passed, and sittings to come."""
    passed = (reading.problem.first_date - reading.case_of(hearing).issued_date).days / 7
    return passed + (start_of(reading, hearing) + hearing.length_sessions) / SESSIONS_A_WEEK


def _has_moved(reading: Reading, hearing: Hearing) -> bool:
    heard, present = reading.first.get(hearing.id), hearing.present
    if present is None:
        return False
    return heard is None or (heard.place.judge, heard.place.start) != (present.judge, present.start)
