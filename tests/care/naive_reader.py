"""Who sees a line of a return, said once more from the file's own words, slowly and apart from the code."""

from __future__ import annotations

from typing import Any

BEFORE = ("planned", "gathering")
SINCE = ("in_session", "held", "agreed")


def sees(
    table: dict[str, Any],
    independent: bool,
    state: str,
    reader: tuple[str, str, str],
    line: tuple[str, str, str, str],
    shared_with: frozenset[str],
) -> bool:
    """Return whether a reader sees a line. `reader` is organisation, seat, sight; `line` the same two, question, part.

    Whoever wrote it does. Otherwise all of these: the reader sees the whole case; the meeting has begun, or need not
    have; the seat is in the file and lists the question about the part; somebody decided to share it with them.
    """
    reader_organisation, reader_seat, sight = reader
    line_organisation, line_seat, question, part = line
    if (reader_organisation, reader_seat) == (line_organisation, line_seat):
        return True
    open_in = SINCE if independent else BEFORE + SINCE
    seat = [row for row in table["agency"] if row["id"] == reader_seat]
    listed = bool(seat) and f"{question}@{part}" in seat[0]["sees"]
    return sight == "whole" and state in open_in and listed and reader_organisation in shared_with
