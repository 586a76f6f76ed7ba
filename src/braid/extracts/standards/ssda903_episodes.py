"""The episodes module of the looked-after children return: a stay and a move a row, an episode of care a run of rows.

A run goes on while a row ends with reason X1 on the day the child's next row starts. A run whose first row is not a
start (reason S) began before the file: its true start stands in an earlier year's file.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

from braid.extracts.csv_files import Sheet
from braid.extracts.fields import Fields, read_rows
from braid.extracts.model import Reading

SYSTEM = "ssda903"
EPISODE_COLUMNS = ("CIN", "PLACE", "PLACE_PROVIDER", "DEC", "REC", "REASON_PLACE_CHANGE", "HOME_POST", "PL_POST", "URN")
STARTS = frozenset("SLPTBU")
LEGAL_STATUSES = frozenset(["C1", "C2", "D1", "E1", "V2", "V3", "V4", "L1", "L2", "L3", "J1", "J2", "J3"])
NEEDS = {
    "N1": "other", "N2": "physical_disability", "N3": "other", "N4": "other", "N5": "other", "N6": "antisocial",
    "N7": "income", "N8": "other",
}  # fmt: skip
PLACES = frozenset(
    [
        "A3",
        "A4",
        "A5",
        "A6",
        "H5",
        "K1",
        "K2",
        "K3",
        "P1",
        "P2",
        "P3",
        "R1",
        "R2",
        "R3",
        "R5",
        "S1",
        "T0",
        "T1",
        "T2",
        "T3",
        "T4",
        "U1",
        "U2",
        "U3",
        "U4",
        "U5",
        "U6",
        "Z1",
        "Z11",
        "Z12",
        "Z13",
        "Z14",
    ]
)
STAY_KINDS = {
    "R2": "hospital",
    "T1": "hospital",
    "R5": "custody",
    "H5": "supported",
    "K3": "supported",
    "P1": "family_friends",
}
PROVIDERS = frozenset(f"PR{digit}" for digit in range(6))
ENDS = frozenset(
    [
        "X1",
        "E2",
        "E3",
        "E4A",
        "E4B",
        "E5",
        "E6",
        "E7",
        "E8",
        "E9",
        "E11",
        "E12",
        "E13",
        "E14",
        "E15",
        "E16",
        "E17",
        "E41",
        "E45",
        "E46",
        "E47",
        "E48",
    ]
)
CHANGES = frozenset(
    ["CARPL", "CLOSE", "ALLEG", "STAND", "APPRR", "CREQB", "CREQO", "CHILD", "LAREQ", "PLACE", "CUSTOD", "OTHER"]
)
CONTINUES = f"{SYSTEM}:X1"


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


def read_episodes(sheet: Sheet, reading: Reading) -> None:
    """Read the rows of the module, then build the runs of each child."""
    rows: dict[str, list[EpisodeRow]] = defaultdict(list)

    def keep_row(fields: Fields) -> None:
        row = read_row(fields)
        rows[row.child].append(row)

    read_rows(sheet, reading, "episodes", keep_row)
    for own in rows.values():
        for run in find_runs(own):
            emit_run(reading, run)


def find_runs(rows: list[EpisodeRow]) -> list[list[EpisodeRow]]:
    """Return one child's rows as runs in order of start: a new run wherever a row does not carry on the one before."""
    runs: list[list[EpisodeRow]] = []
    for row in sorted(rows, key=lambda row: (row.start_date, row.end_date or dt.date.max)):
        if runs and runs[-1][-1].is_followed_by(row):
            runs[-1].append(row)
        else:
            runs.append([row])
    return runs


def read_row(row: Fields) -> EpisodeRow:
    """Read one row of the module: the placement and the move there; a period of care is made of all rows of a child."""
    child, start = row.key("CHILD"), row.required_date("DECOM")
    end = row.end_date("DEC", start)
    start_reason = row.code("RNE", SYSTEM, STARTS)
    end_reason = row.code("REC", SYSTEM, ENDS)
    legal_basis = row.code("LS", SYSTEM, LEGAL_STATUSES)
    _emit_placement(row, child, start, end)
    _emit_need(row, child, start)
    return EpisodeRow(child, row.position, start, end, start_reason, end_reason, legal_basis, row.quality)


def _emit_placement(row: Fields, child: str, start: dt.date, end: dt.date | None) -> None:
    """Add where the child was placed, and the move there; temporary and respite moves count like any other."""
    place = row.code("PLACE", SYSTEM, PLACES)
    provider = row.code("PLACE_PROVIDER", SYSTEM, PROVIDERS)
    changed = row.code("REASON_PLACE_CHANGE", SYSTEM, CHANGES)
    postcode = row.postcode("PL_POST")
    owner = row.reading.person_record_id(child)
    day = start.isoformat()
    kind = STAY_KINDS.get((place or "").removeprefix(f"{SYSTEM}:"), "care_placement")
    row.reading.emit(
        "stay", (child, "placement", day), row.position, "special", row.quality,
        person_record_id=owner, kind=kind, postcode=postcode, start_date=start, end_date=end, reason_in=place,
        reason_out=changed, location_ref=row.text("URN"), confidential=False,
    )  # fmt: skip
    row.reading.emit(
        "event", (child, "move", day), row.position, "special", row.quality,
        person_record_id=owner, episode_ref=None, kind="move", subkind=place, start_date=start, status="completed",
        status_reason=row.code("RNE", SYSTEM, STARTS) if row.text("RNE") in STARTS else None, mode=provider,
    )  # fmt: skip
    _emit_home(row, child)


def _emit_home(row: Fields, child: str) -> None:
    """Add the home the child entered care from, once a postcode."""
    home = row.postcode("HOME_POST")
    if home:
        row.reading.emit(
            "stay", (child, "home", home), row.position, "special", row.quality,
            person_record_id=row.reading.person_record_id(child), kind="unknown", postcode=home, confidential=False,
        )  # fmt: skip


def _emit_need(row: Fields, child: str, start: dt.date) -> None:
    source_code = row.code("CIN", SYSTEM, NEEDS)
    if source_code:
        row.reading.emit(
            "need", (child, "CIN", source_code, start.isoformat()), row.position, "special", row.quality,
            person_record_id=row.reading.person_record_id(child), whose="person",
            code=NEEDS[source_code.removeprefix(f"{SYSTEM}:")], source_code=source_code, assessed_date=start,
            source_type="assessed",
        )  # fmt: skip


def emit_run(reading: Reading, run: list[EpisodeRow]) -> None:
    """Add the period of care that a run of rows is."""
    first, last = run[0], run[-1]
    start = first.start_date.isoformat()
    rules = [row.quality for row in run if row.quality]
    if first.start_reason != f"{SYSTEM}:S":
        rules.append("start_before_file")
    reading.emit(
        "episode", (first.child, "cla", start), first.position, "special",
        " ".join(dict.fromkeys(" ".join(rules).split())) or None,
        person_record_id=reading.person_record_id(first.child), episode_ref=f"{first.child}/cla/{start}", kind="cla",
        status="open" if last.end_date is None else "closed", start_date=first.start_date,
        start_reason=first.start_reason, end_date=last.end_date, end_reason=last.end_reason,
        legal_basis=last.legal_basis,
    )  # fmt: skip
