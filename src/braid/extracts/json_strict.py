"""What of JSON is read, whoever reads it: no key twice, no number that JSON does not have, no endless depth."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

from braid.extracts.model import UnreadableFile

MAXIMUM_DEPTH = 64


def parse_at(text: str, at: int) -> tuple[Any, int]:
    """Return the value that begins at a place of a text, and where it ends; raise `JSONDecodeError` where none does."""
    try:
        return _DECODER.raw_decode(text, at)
    except json.JSONDecodeError:
        raise
    except RecursionError:
        raise _too_deep() from None
    except ValueError:
        raise _not_a_number() from None


def make_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the object of these pairs; raise `UnreadableFile` where a key stands twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        message = "An object holds one key twice, so that it says two things. Ask the sender to export it again."
        raise UnreadableFile("json_repeated_key", message)
    return found


def _not_a_number() -> UnreadableFile:
    return UnreadableFile(
        "json_number", "The file holds a number that JSON does not have. Ask the sender to correct it."
    )


def _no_number(_: str) -> NoReturn:
    raise _not_a_number()


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise _not_a_number()
    return number


def _too_deep() -> UnreadableFile:
    return UnreadableFile(
        "json_too_deep", f"The file is nested deeper than {MAXIMUM_DEPTH} levels. Check what was sent."
    )


_DECODER = json.JSONDecoder(object_pairs_hook=make_object, parse_constant=_no_number, parse_float=_finite)


def check_depth(value: Any, levels: int) -> None:
    """Raise `UnreadableFile` where a value below so many levels goes deeper than a document may."""
    level = [value] if value.__class__ in _HOLDERS else []
    for _ in range(MAXIMUM_DEPTH - levels - 1):
        level = [
            below
            for outer in level
            for below in (outer.values() if outer.__class__ is dict else outer)
            if below.__class__ in _HOLDERS
        ]
        if not level:
            return
    if any(level):
        raise _too_deep()


_HOLDERS = (dict, list)
