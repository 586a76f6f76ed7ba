"""What the vault holds of one item of one person: several values, each with its source and date."""

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class VaultValue:
    """One location as a source wrote it.

    `kind` is one of `braid.trust.locations.KINDS`, for the outbound guard. `source` and the dates are sealed with the
    value: which council sent a row says where somebody lives. `until_date` is empty while it lasts.
    """

    value: str = field(repr=False)
    kind: str
    source: str = field(default="", repr=False)
    as_of_date: dt.date | None = None
    until_date: dt.date | None = None
    confidential: bool = False

    @property
    def is_current(self) -> bool:
        """Whether it has no end, as far as the sources know."""
        return self.until_date is None


def to_text(values: Iterable[VaultValue]) -> str:
    """Return values as the text that is sealed: current ones first, then the newest."""
    rows = [
        [value.value, value.kind, value.source, _iso(value.as_of_date), _iso(value.until_date), value.confidential]
        for value in sorted(values, key=_order)
    ]
    return json.dumps(rows, ensure_ascii=False)


def from_text(text: str) -> tuple[VaultValue, ...]:
    """Return the values that `to_text` wrote, in its order."""
    return tuple(
        VaultValue(value, kind, source, _date(as_of), _date(until), confidential)
        for value, kind, source, as_of, until, confidential in json.loads(text)
    )


def _order(value: VaultValue) -> tuple[bool, int, int, str, str]:
    ended, seen = value.until_date or dt.date.max, value.as_of_date or dt.date.min
    return (not value.is_current, -ended.toordinal(), -seen.toordinal(), value.kind, value.value)


def _iso(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None


def _date(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None
