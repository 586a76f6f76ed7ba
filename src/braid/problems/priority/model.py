"""Priority rules as nouns: bands, points with their reasons, and the rank that they give a person."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass

from braid.problems.model import Cohort


@dataclass(frozen=True)
class Band:
    """People who come before everybody of the later bands. The last band holds whoever is in no other: no `when`."""

    band_id: str
    name: str
    when: Cohort | None


@dataclass(frozen=True)
class Points:
    """So many points for a reason. Points are only ever added: nobody is put back for what they are."""

    points_id: str
    points: int
    reason: str
    when: Cohort


@dataclass(frozen=True)
class PriorityRules:
    """One version of the rules of a problem statement. `basis` says who agreed them and where that is written."""

    problem: str
    purpose_code: str
    holds_from: dt.date
    basis: str
    places: int
    """How many people the team can take up at a time. Whoever stands among so many is reached."""
    longest_of: tuple[str, ...]
    """Kinds of wait; between equal points the longest of these that runs comes first."""
    bands: tuple[Band, ...]
    points: tuple[Points, ...]
    text: str
    """The file, whole: a run keeps it, so that a rank can always be held against the rules that gave it."""

    @property
    def digest(self) -> str:
        """SHA-256 of the text, in hexadecimal."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True)
class Reason:
    """Why somebody has a rank: the band they are in, which has no points, or an entry of points."""

    reason_id: str
    reason: str
    points: int | None = None


@dataclass(frozen=True)
class Rank:
    """Where a person stands. People whom the rules do not tell apart share a position, and the next one is left out."""

    person_id: str
    band_position: int
    """1 is the first band."""
    points: int
    longest_since: dt.date | None
    """The day on which the longest running wait of the statement's kinds began; empty where none runs."""
    position: int
    reasons: tuple[Reason, ...]
    """The band first, then the points in the order of the rules."""
