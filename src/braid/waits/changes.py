"""Changes that somebody may plan, and what each does to running waits: rules held as data in `changes.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from typing import Any

from braid.language.clock_rules import get_versions
from braid.language.codes import WAIT_KINDS


class Does(StrEnum):
    """What becomes of the clock of a wait."""

    ENDS = "ends"
    RESTARTS = "restarts"
    BEGINS = "begins"
    EXTENDS = "extends"
    PAUSES = "pauses"
    KEEPS = "keeps"


class Certainty(StrEnum):
    """On what an effect rests. What is practice differs from place to place."""

    LAW = "law"
    GUIDANCE = "guidance"
    PRACTICE = "practice"


class ChangesInvalid(Exception):
    """The changes break a rule of their form. The message names file, rule and next step."""


@dataclass(frozen=True)
class Effect:
    """What a change does to the waits of one kind, why, and on what that rests.

    A wait begins only where none of its kind runs on the day, and none of the kinds `unless`. `aged` says from which
    age and under which; it decides where the age is known. Otherwise `beside` does: it begins only where a wait of one
    of these kinds runs. With neither it always begins.
    """

    wait: str
    does: Does
    reason: str
    law: str
    certainty: Certainty
    beside: frozenset[str] = frozenset()
    unless: frozenset[str] = frozenset()
    aged: tuple[int, int] | None = None


@dataclass(frozen=True)
class Change:
    """One thing that may happen. `clears` are kinds of missing evidence that it brings; `until` names a second day."""

    code: str
    name: str
    effects: Mapping[str, Effect]
    clears: frozenset[str]
    until: str = ""


@lru_cache(maxsize=1)
def shipped_changes() -> dict[str, Change]:
    """Return the changes that ship with Braid, by code."""
    text = resources.files("braid.waits").joinpath("changes.toml").read_text(encoding="utf-8")
    return parse_changes(text, "changes.toml")


@lru_cache(maxsize=1)
def shipped_kinds() -> dict[str, frozenset[str]]:
    """Return the groups of kinds of wait that the shipped changes name, by name."""
    text = resources.files("braid.waits").joinpath("changes.toml").read_text(encoding="utf-8")
    return {name: frozenset(kinds) for name, kinds in tomllib.loads(text)["kinds"].items()}


def parse_changes(text: str, file: str) -> dict[str, Change]:
    """Return the changes of a TOML file by code. Raises `ChangesInvalid`."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ChangesInvalid(f"{file}: not TOML: {error}; mend the line it names") from None
    groups = document.get("kinds", {})
    tables = enumerate(document.get("change", []), 1)
    changes = [_change(table, groups, f"{file}: change {number}") for number, table in tables]
    found = {change.code: change for change in changes}
    if len(found) < len(changes):
        raise ChangesInvalid(f"{file}: two changes have one code; give each its own")
    return found


_CHANGE_KEYS = {"code", "name", "effect", "clears", "until"}


def _change(table: Mapping[str, Any], groups: Mapping[str, Any], place: str) -> Change:
    _check_keys(table, _CHANGE_KEYS, {"code", "name", "effect"}, place)
    effects = [_effect(entry, groups, f"{place}, effect {number}") for number, entry in enumerate(table["effect"], 1)]
    by_wait = {effect.wait: effect for effect in effects}
    if len(by_wait) < len(effects):
        raise ChangesInvalid(f"{place}: two effects name one kind of wait; write one that says it all")
    clears = frozenset(map(str, table.get("clears", ())))
    until = str(table.get("until", ""))
    if not until and any(effect.does in (Does.EXTENDS, Does.PAUSES) for effect in effects):
        raise ChangesInvalid(
            f'{place}: what extends or pauses a clock needs a second day; write until = "the last day …"'
        )
    return Change(str(table["code"]), str(table["name"]), by_wait, clears, until)


_EFFECT_KEYS = {"wait", "does", "reason", "law", "certainty"}
_CONDITIONS = ("beside", "unless", "aged")


def _effect(entry: Mapping[str, Any], groups: Mapping[str, Any], place: str) -> Effect:
    _check_keys(entry, _EFFECT_KEYS | set(_CONDITIONS), _EFFECT_KEYS, place)
    beside, unless = (_kinds(entry, key, groups, place) for key in ("beside", "unless"))
    for kind in (entry["wait"], *sorted(beside | unless)):
        if kind not in WAIT_KINDS:
            raise ChangesInvalid(f"{place}: {kind!r} is no kind of wait; use a code of the list wait_kind")
    for key, codes in (("does", Does), ("certainty", Certainty)):
        if entry[key] not in list(codes):
            raise ChangesInvalid(f"{place}: {key} = {entry[key]!r} is not known; use one of {', '.join(codes)}")
    does = Does(entry["does"])
    for key in _CONDITIONS:
        if key in entry and does is not Does.BEGINS:
            raise ChangesInvalid(f"{place}: {key} says where a wait begins; leave it out, or write does = 'begins'")
    if does is Does.PAUSES and not _may_pause(entry["wait"]):
        raise ChangesInvalid(f"{place}: no law lets the clock of {entry['wait']!r} stand still; write keeps or ends")
    return Effect(
        entry["wait"],
        does,
        entry["reason"],
        entry["law"],
        Certainty(entry["certainty"]),
        beside,
        unless,
        _aged(entry, place),
    )


def _kinds(entry: Mapping[str, Any], key: str, groups: Mapping[str, Any], place: str) -> frozenset[str]:
    """Return kinds of wait named one by one, or by the name of a group of the file."""
    named = entry.get(key, ())
    if isinstance(named, str):
        if named not in groups:
            raise ChangesInvalid(f"{place}: {key} = {named!r} is no group; write it under [kinds], or list the kinds")
        named = groups[named]
    return frozenset(map(str, named))


def _aged(entry: Mapping[str, Any], place: str) -> tuple[int, int] | None:
    aged = entry.get("aged")
    if aged is None:
        return None
    if not (
        isinstance(aged, list) and len(aged) == 2 and all(isinstance(age, int) for age in aged) and aged[0] < aged[1]
    ):
        raise ChangesInvalid(f"{place}: aged is no pair of ages; write from which age and under which, as in [0, 18]")
    return aged[0], aged[1]


def _may_pause(kind: str) -> bool:
    """Whether a law that still holds leaves days out of the limit of this kind."""
    return any(rule.pauses is not None and rule.pauses.until is None for rule in get_versions(kind))


def _check_keys(table: Mapping[str, Any], known: set[str], needed: set[str], place: str) -> None:
    if unknown := sorted(table.keys() - known):
        raise ChangesInvalid(f"{place}: unknown key {unknown[0]!r}; use {', '.join(sorted(known))}")
    if missing := sorted(needed - table.keys()):
        raise ChangesInvalid(f"{place}: {missing[0]!r} is missing; write it")
