"""The periods of care of the looked-after children return: runs of rows of its episodes module.

A run goes on while a row ends with reason X1 on the day the child's next row starts. A run whose first row is not a
start (reason S) began before the file: its true start stands in an earlier year's file.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from braid.extracts.fields import Fields
from braid.extracts.model import Reading
from braid.extracts.walked import read_row, walked

STANDARD = "ssda903"
EPISODES = "episodes"
CONTINUES = f"{STANDARD}:X1"


@dataclass(frozen=True)
class EpisodeRow:
    """One row of the module, as far as a run needs it. `quality` is what the checks of the row found."""

    child: str
    position: str
    start_date: dt.date
    end_date: dt.date | None
    start_reason: str | None
    end_reason: str | None
    legal_basis: str | None
    quality: str | None

    def is_followed_by(self, later: EpisodeRow) -> bool:
        """Return whether `later` carries on the same period of care."""
        return self.end_date == later.start_date and self.end_reason in (CONTINUES, None)


def find_runs(rows: list[EpisodeRow]) -> list[list[EpisodeRow]]:
    """Return one child's rows as runs in order of start: a new run wherever a row does not carry on the one before."""
    runs: list[list[EpisodeRow]] = []
    for row in sorted(rows, key=lambda row: (row.start_date, row.end_date or dt.date.max)):
        if runs and runs[-1][-1].is_followed_by(row):
            runs[-1].append(row)
        else:
            runs.append([row])
    return runs


def read_episode(fields: Fields) -> EpisodeRow:
    """Read one row of the module, and add what it makes. Raises `RowRefused` for one without child or start."""
    row = read_row(walked(STANDARD).part(EPISODES), fields)
    start = row.date("DECOM")
    assert start is not None  # a row without it was refused
    return EpisodeRow(
        fields.key("CHILD"), fields.position, start, row.date("DEC"), row.source("RNE"), row.source("REC"),
        row.source("LS"), fields.quality,
    )  # fmt: skip


def emit_run(reading: Reading, run: list[EpisodeRow]) -> None:
    """Add the period of care that a run of rows is."""
    first, last = run[0], run[-1]
    start = first.start_date.isoformat()
    rules = [row.quality for row in run if row.quality]
    if first.start_reason != f"{STANDARD}:S":
        rules.append("start_before_file")
    reading.emit(
        "episode", (first.child, "cla", start), first.position, "special",
        " ".join(dict.fromkeys(" ".join(rules).split())) or None,
        person_record_id=reading.person_record_id(first.child), episode_ref=f"{first.child}/cla/{start}", kind="cla",
        status="open" if last.end_date is None else "closed", start_date=first.start_date,
        start_reason=first.start_reason, end_date=last.end_date, end_reason=last.end_reason,
        legal_basis=last.legal_basis,
    )  # fmt: skip
