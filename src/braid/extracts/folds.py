"""What a feed of changes says today: all that it ever sent, laid over each other in the order in which it was sent.

A **node** is an object of the payload that has a key of its own, or a fixed place in one that has: a child, an episode
in it, an assessment in that. A later node of the same key replaces the fields that it holds; what it leaves out stays,
and null empties a field. `purge` takes the node away, and everything below it, whichever file brought it; a node of
that key that comes afterwards begins anew.

Nothing here knows a standard: its shape says where nodes are. How payloads are cut into files changes nothing, since
only their order counts.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from braid.extracts import checks
from braid.extracts.fields import RowRefused

PURGE = "purge"
PLACEHOLDERS = frozenset({"SSD_PH"})
"""What some systems write where they hold nothing: no key and no code."""
ROW_LIMIT = 100_000
TAKEN_OUT: Any = object()
"""Stands in a payload where a partner took something back: as if nothing had been said there."""
Way = tuple[tuple[str, str, str], ...]
"""The way to a node: on each level the name of its list or place, its key, and what stands beside it."""
Node = dict[str, Any]
"""`f`: its fields; `l`: nodes by key, by list; `o`: nodes by place; `at`: file and pointer of the last that said it."""


@dataclass(frozen=True)
class Shape:
    """Where the nodes of a payload are: the part that a node counts as, the field of its key, and what is below it.

    `beside` names a second field that tells apart nodes of one key: a worker's times with a child.
    """

    part: str
    key: str = ""
    beside: str = ""
    fields: frozenset[str] = frozenset()
    lists: Mapping[str, Shape] = field(default_factory=dict)
    objects: Mapping[str, Shape] = field(default_factory=dict)


@dataclass(frozen=True)
class Refused:
    """A node that could not be laid over anything: where it stood, which rule it broke, and the node as it was sent."""

    part: str
    pointer: str
    rule: str
    fld: str | None
    message: str
    row: str


@dataclass
class Log:
    """What one file brought: nodes by part, how many of them took something away, and those that were refused."""

    rows: Counter[str] = field(default_factory=Counter)
    purged: int = 0
    refused: list[Refused] = field(default_factory=list)


def text_of(value: Any) -> str:
    """Return a value of JSON as the text of a cell; nothing for none, for a placeholder and for what is no value."""
    if value is None or isinstance(value, dict | list):
        return ""
    text = ("true" if value else "false") if isinstance(value, bool) else str(value).replace("\xa0", " ").strip()
    return "" if text.upper() in PLACEHOLDERS else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def find_key(payload: Any, shape: Shape) -> str:
    """Return the key of a node in a list. Raises `RowRefused` where it is no object or has none."""
    if not isinstance(payload, dict):
        raise _no_object()
    key = text_of(payload.get(shape.key))
    if not key or checks.is_no_key(key):
        raise RowRefused("key_missing", shape.key)
    return key


def lay(node: Node | None, payload: Mapping[str, Any], shape: Shape, at: tuple[str, str], log: Log) -> Node | None:
    """Return a node with a payload of the same key laid over it; `None` where the payload purges it.

    `at` is the file and the JSON pointer of the payload. What cannot be laid is logged and leaves the node as it was.
    """
    file, pointer = at
    log.rows[shape.part] += 1
    try:
        purges = _purges(payload)
    except RowRefused as refused:
        _refuse(payload, shape.part, pointer, refused, log)
        return node
    if purges:
        log.purged += 1
        return None
    laid: Node = node or {"f": {}, "l": {}, "o": {}}
    laid["at"] = [file, pointer]
    for name, value in payload.items():
        if value is TAKEN_OUT:
            continue
        if name in shape.lists:
            _lay_list(laid["l"].setdefault(name, {}), value, shape.lists[name], (file, f"{pointer}/{name}"), log)
        elif name in shape.objects:
            _lay_object(laid["o"], name, value, shape.objects[name], (file, f"{pointer}/{name}"), log)
        elif name != PURGE:
            laid["f"][name] = value
    return laid


def find_purges(payload: Mapping[str, Any], shape: Shape, here: Way, found: dict[Way, None]) -> None:
    """Add to `found` the ways to the nodes that a payload purges, and take out those that it makes again.

    Called with each payload of a file in their order, it leaves what the file as a whole takes away.
    """
    try:
        purges = _purges(payload)
    except RowRefused:
        return
    if purges:
        found[here] = None
        return
    found.pop(here, None)
    for name, below in shape.lists.items():
        for member in _members(payload.get(name)):
            key = text_of(member.get(below.key)) if isinstance(member, dict) else ""
            if key:
                beside = text_of(member.get(below.beside)) if below.beside else ""
                find_purges(member, below, (*here, (name, key, beside)), found)
    for name, below in shape.objects.items():
        if isinstance(payload.get(name), dict):
            find_purges(payload[name], below, (*here, (name, "", "")), found)


def drop(node: Node, way: Way, shape: Shape) -> None:
    """Take away the node that a way leads to from `node`, and all below it; nothing where there is none."""
    (name, key, beside), *rest = way
    is_list = name in shape.lists
    held = node["l"].get(name, {}) if is_list else node["o"]
    below = shape.lists[name] if is_list else shape.objects[name]
    for place in _named(held, key, beside, below) if is_list else [name]:
        if place in held and rest:
            drop(held[place], tuple(rest), below)
        else:
            held.pop(place, None)


def every_shape(shape: Shape) -> Iterator[Shape]:
    """Give a shape and every shape below it."""
    yield shape
    for below in (*shape.lists.values(), *shape.objects.values()):
        yield from every_shape(below)


def nodes_below(node: Node, shape: Shape) -> Iterator[tuple[Shape, Node]]:
    """Give a node and every node below it, each with its shape."""
    yield shape, node
    for name, below in shape.lists.items():
        for member in node["l"].get(name, {}).values():
            yield from nodes_below(member, below)
    for name, below in shape.objects.items():
        if name in node["o"]:
            yield from nodes_below(node["o"][name], below)


def _purges(payload: Mapping[str, Any]) -> bool:
    text = text_of(payload.get(PURGE))
    found, rule = checks.check_flag(text) if text else (False, None)
    if rule:
        raise RowRefused(rule, PURGE)
    return bool(found)


def _lay_list(held: dict[str, Node], value: Any, shape: Shape, at: tuple[str, str], log: Log) -> None:
    file, pointer = at
    for number, member in enumerate(_members(value)):
        if member is TAKEN_OUT:
            continue
        place = f"{pointer}/{number}"
        try:
            key = find_key(member, shape)
        except RowRefused as refused:
            log.rows[shape.part] += 1
            _refuse(member, shape.part, place, refused, log)
            continue
        (first, *others) = _places(held, key, member, shape)
        _put(held, first, lay(held.get(first), member, shape, (file, place), log))
        for other in others:
            _put(held, other, lay(held.get(other), member, shape, (file, place), Log()))


def _places(held: Mapping[str, Node], key: str, member: Mapping[str, Any], shape: Shape) -> list[str]:
    """Return under which keys a member is held: one, or where it purges and does not say which, all of its key.

    Where it leaves out what tells nodes of one key apart, it speaks of the newest of them.
    """
    beside = text_of(member.get(shape.beside)) if shape.beside else ""
    known = _named(held, key, beside, shape)
    if not shape.beside or beside or not known:
        return known or [key]
    return known if checks.check_flag(text_of(member.get(PURGE)) or "false")[0] else known[-1:]


def _named(held: Mapping[str, Node], key: str, beside: str, shape: Shape) -> list[str]:
    """Return under which keys the nodes of a key are held, the newest last: without `beside` all of them."""
    if not shape.beside:
        return [key]
    if beside:
        return [f"{key} {beside}"]
    return sorted(place for place, node in held.items() if text_of(node["f"].get(shape.key)) == key)


def _lay_object(held: dict[str, Node], name: str, value: Any, shape: Shape, at: tuple[str, str], log: Log) -> None:
    if value is None:
        return
    if not isinstance(value, dict):
        log.rows[shape.part] += 1
        _refuse(value, shape.part, at[1], _no_object(), log)
        return
    _put(held, name, lay(held.get(name), value, shape, at, log))


def _no_object() -> RowRefused:
    return RowRefused("wrong_type", None, "the row is no object with fields: ask the sender to correct it")


def _members(value: Any) -> list[Any]:
    """Return what stands in a list; one that is no list stands for a list of one, and null for an empty one."""
    if value is None or value is TAKEN_OUT:
        return []
    return value if isinstance(value, list) else [value]


def _put(held: dict[str, Node], place: str, node: Node | None) -> None:
    if node is None:
        held.pop(place, None)
    else:
        held[place] = node


def _refuse(payload: Any, part: str, pointer: str, refused: RowRefused, log: Log) -> None:
    log.refused.append(Refused(part, pointer, refused.rule, refused.fld, refused.message, as_row(payload)))


def as_row(payload: Any) -> str:
    """Return a payload as it is kept where it was refused."""
    text = json.dumps(payload, ensure_ascii=False)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\x00", "\ufffd")[:ROW_LIMIT]
