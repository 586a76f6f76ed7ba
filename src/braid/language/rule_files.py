"""Reading the fields of a file of rules strictly: what is there, what must be there, and nothing else.

A field that breaks a rule leaves a fault behind and a value that stands for nothing, so that one reading finds every
fault of a file. Whoever reads must refuse the file where any was left.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from braid.language.printable import is_printable


@dataclass(frozen=True)
class Fault:
    """A rule that a file breaks, or advice about it: the file, the place in it, the rule, what to do next."""

    file: str
    place: str
    rule: str
    next_step: str

    def __str__(self) -> str:
        return f"{self.file}: {self.place}: {self.rule}; {self.next_step}"


class RulesInvalid(Exception):
    """A file of rules breaks rules of its form. Exit code 2. The message names file, rule and next step."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        others = len(faults) - 1
        more = f" (and {others} more)" if others else ""
        super().__init__(f"{faults[0]}{more}")


class RulesUnreadable(RulesInvalid):
    """A file of rules is no text, or no TOML: nothing in it could be read. Exit code 3."""


def read_text(path: Path) -> str:
    """Return a file as text. Raises `RulesUnreadable` with file, rule and next step."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        fault = Fault(path.name, "file", "there is no such file", "name one that is there")
        raise RulesUnreadable([fault]) from error
    except (OSError, UnicodeDecodeError) as error:
        fault = Fault(path.name, "file", "the file cannot be read as text", "save it as UTF-8 TOML")
        raise RulesUnreadable([fault]) from error


def read_toml(text: str, file: str, top: str) -> Fields:
    """Return the fields at the top of a file, whose place is called `top`. Raises `RulesUnreadable`."""
    try:
        return Fields(file, top, tomllib.loads(text))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise RulesUnreadable([Fault(file, "file", f"not TOML ({error})", "correct that line")]) from error
    except ValueError as error:
        # A number of more digits than Python reads is no fault of form to tomllib.
        raise RulesUnreadable([Fault(file, "file", "a number is too long to be read", "shorten it")]) from error


@dataclass(frozen=True)
class Fields:
    """One table of a file of rules, with the file's name and the place in it, for messages."""

    file: str
    place: str
    values: dict[str, Any]
    faults: list[Fault] = field(default_factory=list)
    """What was found wrong so far, in all of the file."""

    def refuse(self, rule: str, next_step: str) -> None:
        """Leave a fault with file, place, rule and next step."""
        self.faults.append(Fault(self.file, self.place, rule, next_step))

    def named(self, place: str, values: dict[str, Any] | None = None) -> Fields:
        """Return these fields, or `values` below them, under another name in messages."""
        return Fields(self.file, place, self.values if values is None else values, self.faults)

    def has(self, key: str) -> bool:
        """Whether the key is there."""
        return key in self.values

    def check_known(self, known: Collection[str]) -> None:
        """Leave a fault for each key that is not among `known`."""
        for unknown in sorted(self.values.keys() - set(known)):
            self.refuse(f"unknown key {unknown!r}", f"use {', '.join(sorted(known))}")

    def text(self, key: str, longest: int | None = None) -> str:
        """Return a text that must be there, not be empty and have no more than `longest` characters."""
        value = self.values.get(key)
        if not isinstance(value, str) or not value.strip():
            self.refuse(f"{key!r} must be a text", f'write {key} = "…"')
            return ""
        if longest is not None and len(value.strip()) > longest:
            self.refuse(f"{key!r} is longer than {longest} characters", "shorten it")
        if not is_printable(value):
            self.refuse(f"{key!r} holds a character that cannot be printed", "write it without")
            return ""
        return value.strip()

    def name(self, key: str, longest: int) -> str:
        """Return a text of lower case letters, digits and underscores."""
        value = self.text(key, longest)
        if value and (not value.isascii() or not value.replace("_", "").isalnum() or value != value.lower()):
            self.refuse(f"{key!r} must be lower case letters, digits and underscores", f"choose another {key}")
        return value

    def code(self, key: str, known: Collection[str]) -> str:
        """Return a text that must be one of `known`."""
        value = self.text(key)
        if value and value not in known:
            self.refuse(f"{key} = {value!r} is not known", f"use one of {_listed(known)}")
            return ""
        return value

    def codes(self, key: str, known: Collection[str]) -> tuple[str, ...]:
        """Return a list, not empty, of texts that must each be one of `known` and stand there once."""
        values = self.values.get(key)
        if not isinstance(values, list) or not values:
            self.refuse(f"{key!r} must be a list with at least one entry", f'write {key} = ["…"]')
            return ()
        unknown = [value for value in values if not isinstance(value, str) or value not in known]
        for value in unknown:
            shown = repr(value) if isinstance(value, str) else "what is no text"
            self.refuse(f"{key} holds {shown}, which is not known", f"use {_listed(known)}")
        kept = [value for value in values if value not in unknown]
        if len(set(kept)) < len(kept):
            self.refuse(f"{key} names one thing twice", "name it once")
        return tuple(kept)

    def number(self, key: str, what: str, least: int = 0, most: int | None = None) -> int:
        """Return a whole number from `least` to `most`; `what` says what it counts."""
        value, largest = self.values.get(key), LARGEST if most is None else most
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= largest:
            self.refuse(
                f"{key!r} must be a whole number of {what}, from {least} to {largest}", f"write {key} = {least + 18}"
            )
            return least
        return value

    def day(self, key: str) -> dt.date:
        """Return a day, written as a date without quotation marks."""
        value = self.values.get(key)
        if not isinstance(value, dt.date) or isinstance(value, dt.datetime):
            self.refuse(f"{key!r} must be a date", f"write {key} = 2026-04-01, without quotation marks")
            return dt.date.min
        return value

    def measure(self, key: str) -> float:
        """Return a number of any kind."""
        value = self.values.get(key)
        if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) <= LARGEST:
            self.refuse(f"{key!r} must be a number", f"write {key} = 44")
            return 0.0
        return float(value)

    def flag(self, key: str) -> bool:
        """Return a truth that must be there."""
        value = self.values.get(key)
        if not isinstance(value, bool):
            self.refuse(f"{key!r} must be true or false", f"write {key} = true, without quotation marks")
            return False
        return value

    def table(self, key: str) -> Fields:
        """Return the table under `key`, which must be there."""
        value = self.values.get(key)
        if not isinstance(value, dict):
            self.refuse(f"{key!r} must be a table", f"begin it with [{key}]")
            return Fields(self.file, key, {})
        return self.named(f"{self._where}{key}", value)

    def tables(self, key: str) -> list[Fields]:
        """Return the tables of the list under `key`; none where it is absent."""
        values = self.values.get(key, [])
        if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
            self.refuse(f"{key!r} must be a list of tables", f"begin each with [[{key}]]")
            return []
        return [self.named(f"{self._where}{key} {number}", value) for number, value in enumerate(values, start=1)]

    @property
    def _where(self) -> str:
        return "" if self.place in TOPS else f"{self.place} "


def _listed(known: Collection[str]) -> str:
    return ", ".join(sorted(known)) if len(known) <= MOST_LISTED else "what the reference page lists"


MOST_LISTED = 60
"""So many codes a message names; more nobody reads."""

TOP, RULES_TOP, CASE_TYPE_TOP = TOPS = ("statement", "rules", "case type")
"""The place of what stands at the top of a file of each kind."""

LARGEST = 36_525
"""No number of a file of rules is larger: a hundred years in days."""
