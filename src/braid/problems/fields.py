"""Reading the fields of a problem file strictly: what is there, what must be there, and nothing else."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from braid.problems.model import ProblemInvalid


@dataclass(frozen=True)
class Fields:
    """One table of a problem file, with the file's name and the place in it, for messages."""

    file: str
    place: str
    values: dict[str, Any]

    def refuse(self, rule: str, next_step: str) -> ProblemInvalid:
        """Return the error that names file, place, rule and next step."""
        return ProblemInvalid(f"{self.file}: {self.place}: {rule}; {next_step}")

    def check_known(self, known: Collection[str]) -> None:
        """Raise `ProblemInvalid` for the first key that is not among `known`."""
        unknown = sorted(self.values.keys() - set(known))
        if unknown:
            raise self.refuse(f"unknown key {unknown[0]!r}", f"use {', '.join(sorted(known))}")

    def text(self, key: str) -> str:
        """Return a text that must be there and not be empty."""
        value = self.values.get(key)
        if not isinstance(value, str) or not value.strip():
            raise self.refuse(f"{key!r} must be a text", f'write {key} = "…"')
        return value.strip()

    def code(self, key: str, known: Collection[str]) -> str:
        """Return a text that must be one of `known`."""
        value = self.text(key)
        if value not in known:
            raise self.refuse(f"{key} = {value!r} is not known", f"use one of {', '.join(sorted(known))}")
        return value

    def codes(self, key: str, known: Collection[str]) -> tuple[str, ...]:
        """Return a list, not empty, of texts that must each be one of `known`."""
        values = self.values.get(key)
        if not isinstance(values, list) or not values:
            raise self.refuse(f"{key!r} must be a list with at least one entry", f'write {key} = ["…"]')
        for value in values:
            if not isinstance(value, str) or value not in known:
                raise self.refuse(f"{key} holds {value!r}, which is not known", f"use {', '.join(sorted(known))}")
        return tuple(values)

    def number(self, key: str) -> int:
        """Return a whole number of at least 0."""
        value = self.values.get(key)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise self.refuse(f"{key!r} must be a whole number of years", f"write {key} = 18")
        return value

    def table(self, key: str) -> Fields:
        """Return the table under `key`, which must be there."""
        value = self.values.get(key)
        if not isinstance(value, dict):
            raise self.refuse(f"{key!r} must be a table", f"begin it with [{key}]")
        return Fields(self.file, key, value)

    def tables(self, key: str) -> list[Fields]:
        """Return the tables of the list under `key`; none where it is absent."""
        values = self.values.get(key, [])
        if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
            raise self.refuse(f"{key!r} must be a list of tables", f"begin each with [[{key}]]")
        return [Fields(self.file, f"{key} {number}", value) for number, value in enumerate(values, start=1)]
