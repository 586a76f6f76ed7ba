"""What a decision is about: links to other things of the place, by kind and id alone.

A link outlives what it points to. It is a kind and an id as text; what it is called and where it stands is found anew
at each look, and a thing that is not found is shown as what was written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from braid.language.steps import NotPossible


@dataclass(frozen=True)
class LinkKind:
    """A kind of thing that a decision may be about. `by_number`: its ids are those of things entered, not of files."""

    name: str
    by_number: bool


LINK_KINDS: Mapping[str, LinkKind] = {
    "statement": LinkKind("Problem statement", False),
    "outcome": LinkKind("Outcome", False),
    "fund": LinkKind("Fund", False),
    "commission": LinkKind("Commission", True),
    "simulation": LinkKind("Simulation", True),
    "portfolio": LinkKind("Portfolio choice", True),
    "decision": LinkKind("Decision", True),
}
_FILE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}")


def tidy_link(kind: str, reference: str) -> str:
    """Return the id of a link as it is kept. Raises `NotPossible` for an unknown kind or what is no id of it."""
    known = LINK_KINDS.get(kind)
    if known is None:
        raise NotPossible("Choose from the list what it is about")
    text = reference.strip()
    if known.by_number:
        try:
            return str(UUID(text))
        except ValueError:
            raise NotPossible(f"Enter the number of the {known.name.lower()} as it stands in its address") from None
    if not _FILE_ID.fullmatch(text):
        raise NotPossible(f"Enter the id of the {known.name.lower()}: letters, digits, hyphens and underscores")
    return text
