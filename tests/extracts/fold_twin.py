"""The fold of payloads the slow and obvious way: one flat table of paths, read anew from every file each time."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from braid.extracts.folds import Node, Shape, text_of

Path_ = tuple[str, ...]
Table = dict[Path_, dict[str, Any]]


def fold_slowly(paths: Iterable[Path], shape: Shape) -> Table:
    """Return the fields of every node that is left, by its path of keys and names."""
    table: Table = {}
    for path in paths:
        document = json.loads(path.read_text(encoding="utf-8"))
        for payload in document if isinstance(document, list) else [document]:
            _apply(table, (payload[shape.key],), payload, shape)
    return table


def _apply(table: Table, here: Path_, payload: dict[str, Any], shape: Shape) -> None:
    if payload.get("purge") is True:
        for path in [path for path in table if path[: len(here)] == here]:
            del table[path]
        return
    fields = table.setdefault(here, {})
    for name, value in payload.items():
        if name in shape.objects:
            _apply(table, (*here, name), value, shape.objects[name])
        elif name in shape.lists:
            below = shape.lists[name]
            for member in value:
                beside = f" {member[below.beside]}" if below.beside else ""
                _apply(table, (*here, name, f"{member[below.key]}{beside}"), member, below)
        elif name != "purge":
            fields[name] = value


def flatten(nodes: Iterable[Node], shape: Shape) -> Table:
    """Return nodes as the slow way has them."""
    table: Table = {}
    for node in nodes:
        _flatten(table, (text_of(node["f"][shape.key]),), node, shape)
    return table


def _flatten(table: Table, here: Path_, node: Node, shape: Shape) -> None:
    table[here] = node["f"]
    for name, held in node["l"].items():
        for key, below in held.items():
            _flatten(table, (*here, name, key), below, shape.lists[name])
    for name, below in node["o"].items():
        _flatten(table, (*here, name), below, shape.objects[name])
