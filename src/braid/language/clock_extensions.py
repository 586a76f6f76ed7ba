"""A chain of extensions: where the period ends after them, and which of them the law does not let be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace

from braid.language.calendars import Calendar
from braid.language.clock_model import Extension, ExtensionLaw, Limit
from braid.language.clock_periods import limit_ends


@dataclass(frozen=True)
class Doubt:
    """An extension that ends later than its law lets it, counted from the period it extends.

    Where the day of the grant is known, `lawful_until` is the last day the law gives and the period ends there. Where
    it is not known, `needs_grant_on` is the first day on which the extension as stated could have been granted; it
    stands, since the court may have granted it then, or may have granted another before it.
    """

    extension: Extension
    lawful_until: dt.date | None = None
    needs_grant_on: dt.date | None = None


@dataclass(frozen=True)
class Chain:
    """The end of a period after its extensions, and the doubts they leave."""

    due: dt.date
    doubts: tuple[Doubt, ...] = ()


def extend(due: dt.date, extensions: Iterable[Extension], law: ExtensionLaw | None, calendar: Calendar) -> Chain:
    """Return where a period that ends on `due` ends after `extensions`, each applied to the end of those before it.

    One that ends no later than the period shortens nothing. Without `law` none of them counts.
    """
    chain = Chain(due)
    for extension in sorted(extensions, key=_order):
        if law is not None and extension.until > chain.due:
            chain = _add(chain, extension, law.each, calendar)
    return chain


def _order(extension: Extension) -> tuple[dt.date, dt.date]:
    return extension.until, extension.granted or dt.date.min


def _add(chain: Chain, extension: Extension, each: Limit | None, calendar: Calendar) -> Chain:
    if each is None:
        return replace(chain, due=extension.until)
    later = max(chain.due, extension.granted) if extension.granted else chain.due
    longest = limit_ends(later, each, calendar)
    if extension.until <= longest:
        return replace(chain, due=extension.until)
    if extension.granted is not None:
        return Chain(longest, (*chain.doubts, Doubt(extension, lawful_until=longest)))
    grant = extension.until - (longest - later)
    return Chain(extension.until, (*chain.doubts, Doubt(extension, needs_grant_on=grant)))
