"""How long what Braid keeps is kept: a schedule as data, each rule with its law. A hold beats every rule."""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

FILE = "retention.toml"
SWEEP = "sweep"
_FIELDS = {"code", "name", "from", "days", "law", "why", "swept"}


class ScheduleInvalid(Exception):
    """The schedule has a fault. Names the rule, what is wrong and the next step."""


@dataclass(frozen=True)
class RetentionRule:
    """One rule: for how many days after what something is kept, by which law, and who removes it.

    `days` is `None` where it is kept for good, or where a clock of its own says how long.
    """

    code: str
    name: str
    begins: str
    days: int | None
    law: str
    why: str
    swept: str

    @property
    def is_swept(self) -> bool:
        """Whether the sweep removes it."""
        return self.swept == SWEEP

    def before(self, today: dt.date) -> dt.date:
        """Return the day before whose beginning what ended goes on `today`. Raises `ScheduleInvalid` where it stays."""
        if self.days is None:
            raise ScheduleInvalid(f"{FILE}, rule {self.code}: it has no days, and is swept by nobody")
        return today - dt.timedelta(days=self.days)


@lru_cache(maxsize=1)
def load_schedule() -> tuple[RetentionRule, ...]:
    """Return the rules of the schedule in their order. Raises `ScheduleInvalid`."""
    text = resources.files("braid.trust").joinpath(FILE).read_text(encoding="utf-8")
    return parse_schedule(text)


def parse_schedule(text: str) -> tuple[RetentionRule, ...]:
    """Return the rules that a text writes. Raises `ScheduleInvalid` at the first fault."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise ScheduleInvalid(f"{FILE} is no TOML; mend it") from None
    rules = tuple(_rule(number, row) for number, row in enumerate(document.get("rule", []), 1))
    codes = [rule.code for rule in rules]
    if len(set(codes)) < len(codes):
        raise ScheduleInvalid(f"{FILE}: two rules have one code; give each its own")
    return rules


def _rule(number: int, row: dict[str, Any]) -> RetentionRule:
    where = f"{FILE}, rule {number}"
    if set(row) - _FIELDS or _FIELDS - {"days"} - set(row):
        raise ScheduleInvalid(f"{where}: the fields are {', '.join(sorted(_FIELDS))}; days alone may be left out")
    if not all(isinstance(row[name], str) and row[name] for name in _FIELDS - {"days"}):
        raise ScheduleInvalid(f"{where}: every field but days is a text; fill it")
    days = row.get("days")
    if days is not None and (not isinstance(days, int) or isinstance(days, bool) or days < 1):
        raise ScheduleInvalid(f"{where}: days is a whole number from 1 on; correct it")
    if (row["swept"] == SWEEP) != (days is not None):
        raise ScheduleInvalid(f"{where}: what the sweep removes has days, and nothing else has; correct it")
    return RetentionRule(row["code"], row["name"], row["from"], days, row["law"], row["why"], row["swept"])
