"""A children in need census of one child, for the tests of its clocks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from braid.extracts.model import Source
from braid.extracts.read import read_file


def read_census(tmp_path: Path, inside: str) -> list[dict[str, Any]]:
    """Return the waits of a census of one child, referred on 6 January 2025, with blocks inside the referral."""
    path = tmp_path / "census.xml"
    path.write_text(
        "<Message><Children><Child><ChildIdentifiers><LAchildID>C1</LAchildID></ChildIdentifiers><CINdetails>"
        f"<CINreferralDate>2025-01-06</CINreferralDate>{inside}</CINdetails></Child></Children></Message>",
        encoding="utf-8",
    )
    return read_file(path, Source("feed", "partner", "cin", 2026)).records["wait"]


def clocks_of(waits: list[dict[str, Any]], *kinds: str) -> list[tuple[str, str, str, str | None, str | None]]:
    """Return kind, start and stop with their events, of the waits of some kinds in the order of the file."""
    return [
        (
            row["kind"],
            row["start_date"].isoformat(),
            row["start_event"],
            row["stop_date"] and row["stop_date"].isoformat(),
            row["stop_event"],
        )
        for row in waits
        if row["kind"] in kinds
    ]
