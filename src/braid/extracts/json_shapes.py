"""What of a JSON document is kept: fields that a shape names, each of a known form. All else is left behind.

For documents that carry more about people than anybody needs: a shape is an allow-list. A field of another form than
its own is a fault and is not kept either, since nobody knows what it holds.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from braid.extracts import checks
from braid.extracts.json_nodes import Node

FIRST_YEAR, LAST_YEAR = 1900, 2200
"""A date outside them is none that anybody could reckon with."""
KEY_MISSING, WRONG_TYPE = "key_missing", "wrong_type"
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./:-]{0,63}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(?!\d)")
_SESSION = re.compile(r"(\d{4}-\d{2}-\d{2}) (?:am|pm)")


@dataclass(frozen=True)
class Form:
    """One value: `read` returns it as it is kept, or None where it has another form, against `rule` in `words`."""

    read: Callable[[Any], Any]
    rule: str
    words: str


@dataclass(frozen=True)
class Every:
    """A list, each member of one shape."""

    each: Shape


@dataclass(frozen=True)
class ByCode:
    """An object whose keys are codes, each value of one shape."""

    each: Shape


@dataclass(frozen=True)
class Parts:
    """An object: the fields that are kept, those of them that must be there, and known ones that never are."""

    kept: Mapping[str, Shape]
    needed: frozenset[str] = frozenset()
    dropped: frozenset[str] = frozenset()


Shape = Form | Every | ByCode | Parts


@dataclass(frozen=True)
class ShapeFault:
    """A field that broke a rule: where it is, which rule, and what is wrong with it in words."""

    node: Node
    rule: str
    words: str

    @property
    def message(self) -> str:
        """Place, rule and next step, without the value."""
        return f"{self.node.path or 'The document'} {self.words}. Ask the sender to correct it."


@dataclass
class Kept:
    """What was kept of a document, and what was wrong with it."""

    value: Any = None
    faults: list[ShapeFault] = field(default_factory=list)


def keep(node: Node, shape: Shape) -> Kept:
    """Return what of the value at a node has its shape, with every fault. Fields kept or dropped count as used."""
    kept = Kept()
    kept.value = _keep(node, shape, kept.faults)
    return kept


def _keep(node: Node, shape: Shape, faults: list[ShapeFault]) -> Any:
    if isinstance(shape, Form):
        return _keep_value(node, shape, faults)
    if isinstance(shape, Every):
        return _keep_list(node, shape, faults)
    if not node.is_object:
        return _refuse(node, faults, WRONG_TYPE, "is no object with fields")
    return _keep_parts(node, shape, faults) if isinstance(shape, Parts) else _keep_by_code(node, shape, faults)


def _refuse(node: Node, faults: list[ShapeFault], rule: str, words: str) -> None:
    node.use()
    faults.append(ShapeFault(node, rule, words))


def _keep_value(node: Node, form: Form, faults: list[ShapeFault]) -> Any:
    value = None if node.is_object or node.is_list else form.read(node.value)
    if value is None:
        return _refuse(node, faults, form.rule, form.words)
    node.use()
    return value


def _keep_list(node: Node, shape: Every, faults: list[ShapeFault]) -> Any:
    if not node.is_list:
        return _refuse(node, faults, WRONG_TYPE, "is no list")
    found = [_keep(member, shape.each, faults) for member in node.members()]
    return [value for value in found if value is not None]


def _keep_parts(node: Node, shape: Parts, faults: list[ShapeFault]) -> dict[str, Any]:
    found = {}
    for name, below in shape.kept.items():
        child = node.child(name)
        if child.value is None or child.value == "":
            if name in shape.needed:
                faults.append(ShapeFault(child, KEY_MISSING, "is missing"))
            continue
        value = _keep(child, below, faults)
        if value is not None:
            found[name] = value
    for name in shape.dropped & node.value.keys():
        node.child(name).use()
    return found


def _keep_by_code(node: Node, shape: ByCode, faults: list[ShapeFault]) -> Any:
    if not all(_CODE.fullmatch(name) for name in node.value):
        return _refuse(node, faults, checks.CODE_UNKNOWN, "has a key that is no code")
    found = {name: _keep(node.child(name), shape.each, faults) for name in node.value}
    return {name: value for name, value in found.items() if value is not None}


def code() -> Form:
    """Return the form of a reference or a code: letters, digits and `_ . / : -`, no space; a number as its digits."""
    return Form(_read_code, checks.CODE_UNKNOWN, "is no code or reference: letters, digits and dashes, without spaces")


def _read_code(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value) if _CODE.fullmatch(str(value)) else None


def one_of(words: Iterable[str]) -> Form:
    """Return the form of a word of a list, in any case; it is kept as the list writes it."""
    known = {word.lower(): word for word in words}
    return Form(
        lambda value: known.get(value.lower()) if isinstance(value, str) else None,
        checks.CODE_UNKNOWN,
        f"is none of {', '.join(known.values())}",
    )


def whole(lowest: int, highest: int) -> Form:
    """Return the form of a whole number in a range."""
    return Form(
        lambda value: value if _is_number(value, int) and lowest <= value <= highest else None,
        checks.NUMBER_INVALID,
        f"is no whole number from {lowest} to {highest}",
    )


def share() -> Form:
    """Return the form of a number from 0 to 1."""
    return Form(
        lambda value: float(value) if _is_number(value, int | float) and 0 <= value <= 1 else None,
        checks.NUMBER_INVALID,
        "is no number from 0 to 1",
    )


def _is_number(value: Any, kind: Any) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool)


FLAG = Form(lambda value: value if isinstance(value, bool) else None, checks.FLAG_INVALID, "is neither true nor false")
DATE = Form(lambda value: _read_date(value), checks.DATE_INVALID, "is no date as yyyy-mm-dd")
MOMENT = Form(lambda value: _read_moment(value), checks.DATE_INVALID, "is no date and time as yyyy-mm-ddThh:mm:ssZ")
SESSION = Form(lambda value: _read_session(value), checks.DATE_INVALID, "is no half day as yyyy-mm-dd am")


def _read_date(value: Any) -> str | None:
    """Return the day of a date, also of one that is written with a time."""
    moment = _read_moment(value)
    return None if moment is None else moment[:10]


def _read_moment(value: Any) -> str | None:
    if not isinstance(value, str) or not _DAY.match(value):
        return None
    try:
        year = dt.datetime.fromisoformat(value).year
    except ValueError:
        return None
    return value if FIRST_YEAR <= year <= LAST_YEAR else None


def _read_session(value: Any) -> str | None:
    found = _SESSION.fullmatch(value) if isinstance(value, str) else None
    return value if found and _read_date(found[1]) else None
