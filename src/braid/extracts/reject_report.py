"""What a partner's data officer gets back: each refused row and each doubt by place, rule and next step, and sums.

A row is named by file, part and position. What stood in it is added only where somebody asks for it through trust; the
rules and messages never hold a value. What nobody mapped is listed with how often it occurred.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from braid.language.codes import CODE_LISTS
from braid.store.engine import Engine

MOST_FAULTS = 100_000
"""Faults that are listed one by one, refused rows first; the sums by rule count them all."""
LONGEST_NAME = 80
LONGEST_ROW = 20_000
"""Letters of a refused row that are shown: a cell of a workbook holds no more than some thirty thousand."""
VALUES_WITHHELD = "withheld: the row names somebody whose records may not be shown"


@dataclass(frozen=True)
class Fault:
    """One thing that was wrong. `outcome` is a code of the list `severity`; `row` is empty unless asked for."""

    feed: str
    file_name: str
    part: str
    position: str
    outcome: str
    rule: str
    field: str
    message: str
    row: str = ""


@dataclass(frozen=True)
class RuleSum:
    """How often a rule was broken in the files of a feed, in which field, and what to do about it."""

    feed: str
    outcome: str
    rule: str
    field: str
    times: int
    message: str


@dataclass(frozen=True)
class Unmapped:
    """A column, element or code list entry of which nothing was made, and how often it occurred."""

    feed: str
    what: str
    times: int


@dataclass(frozen=True)
class RejectReport:
    """All that goes back to a partner. `count` counts every fault, also those beyond `MOST_FAULTS`."""

    faults: tuple[Fault, ...]
    rules: tuple[RuleSum, ...]
    unmapped: tuple[Unmapped, ...]
    count: int

    @property
    def rows_refused(self) -> int:
        """How many rows and files were refused."""
        return sum(one.times for one in self.rules if one.outcome == "reject")


_MESSAGES = (
    "select file_sha256, position, rule, min(field) as field, min(message) as message from issue"
    " where severity = 'reject' and feed = ? group by file_sha256, position, rule"
)


def make_report(
    engine: Engine,
    feed: str,
    unmapped: Mapping[str, int],
    *,
    keys_kept: Collection[str] | None = None,
    rule: str = "",
) -> RejectReport:
    """Return the report on one feed of a run.

    `engine` holds `issue` and `reject`, `unmapped` is what the run's summary says of it. With `rule` the report holds
    what broke that rule alone. With `keys_kept` the refused rows are in it as they stand in the files, but those that
    hold one of these keys of the partner's: the keys of people whose records are kept from whoever asks.
    """
    refused = _refused(engine, feed, keys_kept)
    doubts = _doubts(engine, feed)
    found = [one for one in (*refused, *doubts) if rule in ("", one.rule)]
    return RejectReport(
        tuple(found[:MOST_FAULTS]),
        _sum_rules(found),
        tuple(
            Unmapped(feed, _tidy(name), times)
            for name, times in sorted(unmapped.items(), key=lambda one: (-one[1], one[0]))
        ),
        len(found),
    )


def _refused(engine: Engine, feed: str, keys_kept: Collection[str] | None) -> list[Fault]:
    said = {(row["file_sha256"], row["position"], row["rule"]): row for row in engine.rows(_MESSAGES, [feed])}
    rows = engine.rows(
        'select file_sha256, file_name, part, position, rule, "row" from reject where feed = ?'
        " order by file_name, part, position, rule",
        [feed],
    )
    kept = {(row["file_sha256"], row["position"], row["rule"]) for row in rows}
    found = [
        Fault(
            feed,
            row["file_name"],
            row["part"],
            row["position"],
            "reject",
            row["rule"],
            *_said(said.get((row["file_sha256"], row["position"], row["rule"]))),
            "" if keys_kept is None else _values(row["row"], keys_kept),
        )
        for row in sorted(rows, key=_by_place)
    ]
    files = [
        one
        for one in engine.rows(_WITHOUT_ROW, [feed])
        if (one["file_sha256"], one["position"], one["rule"]) not in kept
    ]
    return [
        *(
            Fault(feed, row["file_name"], "", row["position"] or "", "reject", row["rule"], *_said(row))
            for row in files
        ),
        *found,
    ]


_WITHOUT_ROW = (
    "select file_sha256, file_name, position, rule, field, message from issue where severity = 'reject' and feed = ?"
    " order by file_name, rule"
)


def _said(row: Mapping[str, Any] | None) -> tuple[str, str]:
    return ("", "") if row is None else (row["field"] or "", row["message"])


def _doubts(engine: Engine, feed: str) -> list[Fault]:
    rows = engine.rows(
        "select file_name, position, severity, rule, field, message from issue where severity <> 'reject' and feed = ?"
        " order by severity desc, file_name, rule, field, position",
        [feed],
    )
    return [
        Fault(feed, row["file_name"], "", row["position"] or "", row["severity"], row["rule"], *_said(row))
        for row in rows
    ]


def _by_place(row: Mapping[str, Any]) -> tuple[str, str, int, str]:
    """Order by file and part, then by the number of the row where its position ends in one."""
    number = row["position"].rpartition(" ")[2]
    return row["file_name"], row["part"], int(number) if number.isdigit() else 0, row["position"]


def _values(row: str, keys_kept: Collection[str]) -> str:
    """Return a row as it stands, or why not; a short key may withhold too many rows, which harms nobody."""
    return VALUES_WITHHELD if any(key in row for key in keys_kept) else row[:LONGEST_ROW]


def _sum_rules(faults: Sequence[Fault]) -> tuple[RuleSum, ...]:
    times = Counter((one.feed, one.outcome, one.rule, one.field) for one in faults)
    first: dict[tuple[str, ...], str] = {}
    for one in faults:
        first.setdefault((one.feed, one.outcome, one.rule, one.field), one.message)
    order = list(CODE_LISTS["severity"])
    ranked = sorted(times.items(), key=lambda one: (order.index(one[0][1]), -one[1], one[0]))
    return tuple(RuleSum(*key, count, first[key]) for key, count in ranked)


def _tidy(name: str) -> str:
    """Return the name of what was not mapped, cut short: a heading is the partner's own text."""
    return name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}…"
