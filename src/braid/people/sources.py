"""What linking takes for granted of a source: which numbers it vouches for, and whether it holds everybody once.

The standards say it in `sources.toml`; a place says otherwise of one of its feeds in `place.toml`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

NUMBERS = frozenset(("nhs", "upn"))
"""Schemes of which a person holds one: the numbers that a source can vouch for."""


@dataclass(frozen=True)
class SourceTrust:
    """The numbers that a source vouches for, and whether two of its rows are two people."""

    trusted_numbers: frozenset[str] = NUMBERS
    one_row_a_person: bool = False


FeedTrust = Mapping[str, SourceTrust]
"""What a place says of single feeds, by feed."""

NOT_SAID: FeedTrust = {}


def trust_of(standard: str) -> SourceTrust:
    """Return what is taken for granted of the records of a standard."""
    return _standards().get(standard, _default())


def with_said(trust: SourceTrust, trusted_numbers: Iterable[str] | None, one_row_a_person: bool | None) -> SourceTrust:
    """Return what holds where a place says something of a feed; `None` leaves what was taken for granted."""
    return SourceTrust(
        trust.trusted_numbers if trusted_numbers is None else frozenset(trusted_numbers),
        trust.one_row_a_person if one_row_a_person is None else one_row_a_person,
    )


def find_trust(standards: Mapping[str, str], said: FeedTrust = NOT_SAID) -> dict[str, SourceTrust]:
    """Return what holds of each feed of `standards` (feed to standard): what the place said, else the standard."""
    return {feed: said.get(feed) or trust_of(standard) for feed, standard in standards.items()}


@cache
def _document() -> dict[str, Any]:
    return tomllib.loads(resources.files("braid.people").joinpath("sources.toml").read_text(encoding="utf-8"))


@cache
def _default() -> SourceTrust:
    return _trust(_document()["default"])


@cache
def _standards() -> dict[str, SourceTrust]:
    document = _document()
    return {name: _trust({**document["default"], **row}) for name, row in document["standard"].items()}


def _trust(row: Mapping[str, Any]) -> SourceTrust:
    return SourceTrust(frozenset(row["trusted_numbers"]), bool(row["one_row_a_person"]))
