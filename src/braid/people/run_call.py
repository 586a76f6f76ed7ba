"""What a run of the people stage is given: what a place and its humans say, and how it goes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from braid.people.identity import draw_id
from braid.people.lineage import Moment
from braid.people.link_engine import load_model
from braid.people.model import NO_DECISIONS, Decisions
from braid.people.night import Night
from braid.people.release import Release
from braid.people.sampling import SamplePlan
from braid.people.seals import SealedRow
from braid.people.sources import NOT_SAID, FeedTrust
from braid.store.engine import Engine

STEPS = ("standardise", "compare", "resolve", "identify", "describe")
Rows = Iterable[tuple[int, Mapping[str, str]]]
"""Rows of a list, each with its line."""
Progress = Callable[[str, int, int], None]
"""Called with the step that begins, its place from 1, and the number of steps."""


def _be_quiet(step: str, place: int, steps: int) -> None:
    """Say nothing."""


@dataclass(frozen=True)
class Said:
    """What a place and its humans say of a run.

    `decision_rows`, `wrong_rows` and `sealed_rows` are what the place wrote under `restricted/`; `decisions` hold
    besides. `withdrawn` are records that the engine no longer holds and nothing may name, each with its cause.
    `feed_trust` is what the place says of single feeds; `release` the linkage release in force (default: the shipped
    one). `groups` is, for each characteristic by which errors are estimated, a query of everybody's `person_id` and
    `group_code`. With `sample_plan`, pairs are drawn for humans to say how often linking errs.
    """

    decision_rows: Rows = ()
    sealed_rows: Iterable[SealedRow] = ()
    wrong_rows: Rows = ()
    withdrawn: Mapping[str, str] = field(default_factory=dict)
    decisions: Decisions = NO_DECISIONS
    feed_trust: FeedTrust = field(default_factory=lambda: NOT_SAID)
    release: Release | None = None
    groups: Mapping[str, str] = field(default_factory=dict)
    sample_plan: SamplePlan | None = None


@dataclass(frozen=True)
class Course:
    """How a run goes: what it may hold in memory, and what goes to `spill_folder`; who hears of its steps; what draws
    ids; the day it speaks of (default: the newest of an extract), and when it is made (default: now).

    With `night`, who did not change since the run before is not compared again, and only whom that touches is linked
    again (`braid.people.zone`).
    """

    memory_limit: str = "1GB"
    spill_folder: Path | None = None
    progress: Progress = _be_quiet
    draw: Callable[[], str] = draw_id
    as_of: dt.date | None = None
    moment: Moment | None = None
    night: Night | None = None


NOTHING_SAID, ALONE = Said(), Course()


@dataclass(frozen=True)
class Call:
    """What a run is asked for."""

    engine: Engine
    previous_links: Path | None
    said: Said
    course: Course

    @cached_property
    def model(self) -> Release:
        """The release in force."""
        return self.said.release or load_model()

    def begin(self, step: int) -> None:
        """Tell that a step begins."""
        self.course.progress(STEPS[step], step + 1, len(STEPS))
