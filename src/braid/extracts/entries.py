"""Tables of a TOML document read strictly: every word is asked for by name, and one that nobody asked for is an error.

Errors are `UnreadableFile` with the place in the document, the rule and the next step.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from braid.extracts.model import UnreadableFile


def invalid(reason: str) -> UnreadableFile:
    """Return the error for a definition or mapping that breaks a rule of the language."""
    return UnreadableFile("mapping_invalid", f"the mapping will not do: {reason}")


class Entry:
    """One table of the document and where it stands."""

    def __init__(self, content: Any, where: str) -> None:
        if not isinstance(content, Mapping):
            raise invalid(f"{where} is no table")
        self.content: Mapping[str, Any] = content
        self.where = where
        self._asked: set[str] = set()

    def has(self, name: str) -> bool:
        """Return whether the table has an entry of a name."""
        self._asked.add(name)
        return name in self.content

    def get(self, name: str, default: Any = None) -> Any:
        """Return an entry as it stands."""
        self._asked.add(name)
        return self.content.get(name, default)

    def text(self, name: str) -> str:
        """Return a text that must be there."""
        found = self.get(name)
        if not isinstance(found, str) or not found:
            raise invalid(f"{self.where} lacks {name}")
        return found

    def find_text(self, name: str) -> str | None:
        """Return a text that may be absent."""
        return self.text(name) if self.has(name) else None

    def number(self, name: str, default: int) -> int:
        """Return a whole number, `default` where it is absent."""
        found = self.get(name, default)
        if isinstance(found, bool) or not isinstance(found, int):
            raise invalid(f"{self.where}: {name} is no whole number")
        return found

    def flag(self, name: str) -> bool:
        """Return true or false; false where it is absent."""
        found = self.get(name, False)
        if not isinstance(found, bool):
            raise invalid(f"{self.where}: {name} is neither true nor false")
        return found

    def list(self, name: str) -> list[Any]:
        """Return a list, an empty one where it is absent."""
        found = self.get(name, [])
        if not isinstance(found, list):
            raise invalid(f"{self.where}: {name} is no list")
        return found

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts."""
        found = self.list(name)
        if not all(isinstance(text, str) for text in found):
            raise invalid(f"{self.where}: {name} is no list of texts")
        return tuple(found)

    def table(self, name: str) -> dict[str, Any]:
        """Return a table under a name, an empty one where it is absent."""
        return dict(self.entry(name).content) if self.has(name) else {}

    def entry(self, name: str) -> Entry:
        """Return a table under a name as an entry."""
        return Entry(self.get(name), f"{self.where}: {name}")

    def finish(self) -> None:
        """Raise where the table has a word that nobody asked for."""
        strange = sorted(set(self.content) - self._asked)
        if strange:
            near = difflib.get_close_matches(strange[0], sorted(self._asked), 1)
            known = f"did you mean {near[0]}?" if near else f"it knows {', '.join(sorted(self._asked))}"
            raise invalid(f"{self.where} has {strange[0]}, which the language has not: {known}")
