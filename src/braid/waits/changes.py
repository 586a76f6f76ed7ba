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

    `beside`: it begins only where a wait of one of these kinds runs on the day; empty where it always does.
    """

    wait: str
    does: Does
    reason: str
    law: str
    certainty: Certainty
    beside: frozenset[str] = frozenset()


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


def parse_changes(text: str, file: str) -> dict[str, Change]:
    """Return the changes of a TOML file by code. Raises `ChangesInvalid`."""
    try:
        tables = tomllib.loads(text).get("change", [])
    except tomllib.TOMLDecodeError as error:
        raise ChangesInvalid(f"{file}: not TOML: {error}; mend the line it names") from None
    changes = [_change(table, f"{file}: change {number}") for number, table in enumerate(tables, 1)]
    found = {change.code: change for change in changes}
    if len(found) < len(changes):
        raise ChangesInvalid(f"{file}: two changes have one code; give each its own")
    return found


_CHANGE_KEYS = {"code", "name", "effect", "clears", "until"}


def _change(table: Mapping[str, Any], place: str) -> Change:
    _check_keys(table, _CHANGE_KEYS, {"code", "name", "effect"}, place)
    effects = [_effect(entry, f"{place}, effect {number}") for number, entry in enumerate(table["effect"], 1)]
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
_BESIDE = "beside"


def _effect(entry: Mapping[str, Any], place: str) -> Effect:
    _check_keys(entry, _EFFECT_KEYS | {_BESIDE}, _EFFECT_KEYS, place)
    beside = frozenset(map(str, entry.get(_BESIDE, ())))
    for kind in (entry["wait"], *sorted(beside)):
        if kind not in WAIT_KINDS:
            raise ChangesInvalid(f"{place}: {kind!r} is no kind of wait; use a code of the list wait_kind")
    for key, codes in (("does", Does), ("certainty", Certainty)):
        if entry[key] not in list(codes):
            raise ChangesInvalid(f"{place}: {key} = {entry[key]!r} is not known; use one of {', '.join(codes)}")
    does = Does(entry["does"])
    if beside and does is not Does.BEGINS:
        raise ChangesInvalid(f"{place}: beside says where a wait begins; leave it out, or write does = 'begins'")
    if does is Does.PAUSES and not _may_pause(entry["wait"]):
        raise ChangesInvalid(f"{place}: no law lets the clock of {entry['wait']!r} stand still; write keeps or ends")
    return Effect(entry["wait"], does, entry["reason"], entry["law"], Certainty(entry["certainty"]), beside)


def _may_pause(kind: str) -> bool:
    """Whether a law that still holds leaves days out of the limit of this kind."""
    return any(rule.pauses is not None and rule.pauses.until is None for rule in get_versions(kind))


def _check_keys(table: Mapping[str, Any], known: set[str], needed: set[str], place: str) -> None:
    if unknown := sorted(table.keys() - known):
        raise ChangesInvalid(f"{place}: unknown key {unknown[0]!r}; use {', '.join(sorted(known))}")
    if missing := sorted(needed - table.keys()):
        raise ChangesInvalid(f"{place}: {missing[0]!r} is missing; write it")
