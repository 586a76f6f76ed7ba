"""What reading a file of reference data gives besides its rows: how many there are, and which rules others break."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

SHOWN_LINES = 5
"""Rows that one message names for each rule."""


class RowRefused(Exception):
    """A row cannot be read. `rule` is a stable code; the message says what is wrong, without the value."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule, self.message = rule, message


@dataclass
class Tally:
    """Rows in, rows read, and rows refused by rule, with where the first of each stand."""

    rows_in: int = 0
    rows_read: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    messages: dict[str, str] = field(default_factory=dict)
    lines: dict[str, list[int]] = field(default_factory=dict)

    def refuse(self, rule: str, message: str, line: int) -> None:
        """Count a row that was not read."""
        self.rejected[rule] += 1
        self.messages.setdefault(rule, message)
        lines = self.lines.setdefault(rule, [])
        if len(lines) < SHOWN_LINES:
            lines.append(line)

    def describe(self) -> list[str]:
        """Return a sentence for each rule that rows break, the most frequent first."""
        return [
            f"{self.messages[rule]}: {count} {'row' if count == 1 else 'rows'}, "
            f"{'line' if len(self.lines[rule]) == 1 else 'lines'} {', '.join(map(str, self.lines[rule]))}"
            f"{' …' if count > len(self.lines[rule]) else ''}"
            for rule, count in self.rejected.most_common()
        ]
