"""Opening JSON safely.

A file is refused as a whole when it is too large, empty, binary, cut off, nested too deeply, holds a key twice in one
object or a number that JSON does not have. Everything below that is a matter of one field.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any, NoReturn

from braid.extracts.blocks import look_over, note_other_encoding
from braid.extracts.files import check_size, read_text
from braid.extracts.json_nodes import Node, document_of
from braid.extracts.json_stored import read_outline, syntax_refusal
from braid.extracts.model import Reading, UnreadableFile

MAXIMUM_DEPTH = 64
STORED_BYTES = 8 << 20
"""From this size on a document is read by its members and not held whole."""
_SPACES = " \t\n\r"


def open_json(path: Path, reading: Reading) -> Node:
    """Return the whole document of a JSON file, of a large one without its long lists, which are read as asked for.

    Raises `UnreadableFile` naming the place, never the content.
    """
    return document_of(load_json(path, reading), reading)


def load_json(path: Path, reading: Reading) -> Any:
    """Return the value of a JSON file, as `open_json`."""
    if check_size(path, is_held=False) < STORED_BYTES:
        return parse_json(read_text(path, reading))
    text_file = look_over(path)
    note_other_encoding(text_file, reading)
    return read_outline(text_file, _parse_at, _object, _check_depth)


def parse_json(text: str) -> Any:
    """Return the value that a JSON text holds. Raises `UnreadableFile` as `open_json`."""
    value = _parse(text)
    _check_depth(value, 0)
    return value


def _parse(text: str) -> Any:
    try:
        value, end = _parse_at(text, len(text) - len(text.lstrip(_SPACES)))
    except json.JSONDecodeError as error:
        raise _syntax_error(text, error) from None
    if text[end:].strip(_SPACES):
        end += len(text[end:]) - len(text[end:].lstrip(_SPACES))
        raise _syntax_error(text, json.JSONDecodeError("Extra data", text, end))
    return value


def _parse_at(text: str, at: int) -> tuple[Any, int]:
    """Return the value that begins at a place of a text, and where it ends; raise `JSONDecodeError` where none does."""
    try:
        return _DECODER.raw_decode(text, at)
    except json.JSONDecodeError:
        raise
    except RecursionError:
        raise _too_deep() from None
    except ValueError:
        raise _not_a_number() from None


def _syntax_error(text: str, error: json.JSONDecodeError) -> UnreadableFile:
    is_cut = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated")
    return syntax_refusal(f"line {error.lineno}, column {error.colno}", is_cut)


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


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_no_number, parse_float=_finite)


def _check_depth(value: Any, levels: int) -> None:
    """Raise `UnreadableFile` where a value below so many levels goes deeper than a document may."""
    level = [value]
    for _ in range(MAXIMUM_DEPTH - levels):
        level = [below for outer in level for below in _inside(outer)]
        if not level:
            return
    raise _too_deep()


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
