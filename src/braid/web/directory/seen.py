"""The directory as anybody may read it. It holds nobody, so no look is taken and no purpose asked."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from braid.web.models import DirectoryEntry

Node = dict[str, Any]


@dataclass(frozen=True)
class Wanted:
    """What a list is narrowed to; each of `words` must be in a name or a description."""

    words: tuple[str, ...] = ()
    exact: Mapping[str, str] = field(default_factory=dict)
    """Columns that have exactly this value."""
    has_term: bool = False
    """It is of one of our kinds of services, whichever."""
    minimum_age: float | None = None
    """The service takes nobody younger than this: its own minimum age is this, or more."""
    maximum_age: float | None = None
    """The service takes nobody older than this."""


def is_directory_there() -> bool:
    """Whether the place shows its directory at all."""
    return DirectoryEntry.objects.exists()


def find_entry(kind: str, identity: str) -> Node | None:
    """Return one entry, whole; `None` where there is none of that id."""
    row = DirectoryEntry.objects.filter(kind=kind, identity=identity).order_by("position").first()
    return json.loads(row.document) if row else None


def find_page(kind: str, wanted: Wanted, number: int, size: int) -> tuple[list[Node], int]:
    """Return the entries of a page, in the order of their ids, and how many there are on all pages."""
    fits = Q(kind=kind, **wanted.exact)
    for word in wanted.words:
        fits &= Q(words__contains=word.lower())
    if wanted.minimum_age is not None:
        fits &= Q(minimum_age__gte=wanted.minimum_age)
    if wanted.maximum_age is not None:
        fits &= Q(maximum_age__lte=wanted.maximum_age)
    rows = DirectoryEntry.objects.filter(fits)
    rows = rows.exclude(term="") if wanted.has_term else rows
    shown = rows.order_by("position")[(number - 1) * size : number * size]
    return [json.loads(row.document) for row in shown], rows.count()
