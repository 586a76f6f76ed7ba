"""Free text as it is saved: does it hold a location of a protected person? For forms, long before anything is sent."""

from __future__ import annotations

from collections.abc import Iterable

from braid.trust.locations import PayloadTooLarge, Token, find_tokens


def check_text_at_save(text: str, tokens: Iterable[Token]) -> tuple[str, ...]:
    """Return codes of what the text holds, sorted: `location.<kind>`, or `unsearchable` for a text too large to search.

    Empty means that nothing was found, not that nothing is there: a description or two slips in a word pass.
    """
    try:
        return tuple(sorted({f"location.{token.kind}" for token in find_tokens(text, tokens)}))
    except PayloadTooLarge:
        return ("unsearchable",)
