"""Opening JSON safely.

A file is refused as a whole when it is too large, empty, binary, cut off, nested too deeply, holds a key twice in one
object or a number that JSON does not have. Everything below that is a matter of one field.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any, NoReturn

from braid.extracts.files import read_text
from braid.extracts.json_nodes import Node, document_of
from braid.extracts.model import Reading, UnreadableFile

MAXIMUM_DEPTH = 64


def open_json(path: Path, reading: Reading) -> Node:
    """Return the whole document of a JSON file. Raises `UnreadableFile` naming the place, never the content."""
    return document_of(parse_json(read_text(path, reading)), reading)


def parse_json(text: str) -> Any:
    """Return the value that a JSON text holds. Raises `UnreadableFile` as `open_json`."""
    value = _parse(text)
    _check_depth(value)
    return value


def _parse(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_no_number, parse_float=_finite)
    except json.JSONDecodeError as error:
        raise _syntax_error(text, error) from None
    except RecursionError:
        raise _too_deep() from None
    except ValueError:
        raise _not_a_number() from None


def _syntax_error(text: str, error: json.JSONDecodeError) -> UnreadableFile:
    place = f"line {error.lineno}, column {error.colno}"
    if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated"):
        return UnreadableFile("file_truncated", f"The file ends in the middle of a value ({place}). Send it again.")
    return UnreadableFile("not_json", f"The file is not JSON from {place} on. Check which standard it follows.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
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


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(MAXIMUM_DEPTH):
        level = [below for outer in level for below in _inside(outer)]
        if not level:
            return
    raise _too_deep()


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
