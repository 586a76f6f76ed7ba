"""Opening JSON safely.

A file is refused as a whole when it is too large, empty, binary, cut off, nested too deeply, holds a key twice in one
object or a number that JSON does not have. Everything below that is a matter of one field.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from braid.extracts.blocks import look_over, note_other_encoding
from braid.extracts.files import check_size, read_text
from braid.extracts.json_lines import LineList, find_lines, find_stored_lines
from braid.extracts.json_nodes import Node, document_of
from braid.extracts.json_stored import read_outline, second_document, syntax_refusal
from braid.extracts.json_strict import check_depth, make_object, parse_at
from braid.extracts.model import Reading, UnreadableFile

STORED_BYTES = 8 << 20
"""From this size on a document is read by its members and not held whole."""
_SPACES = " \t\n\r"


def open_json(path: Path, reading: Reading) -> Node:
    """Return the whole document of a JSON file, of a large one without its long lists, which are read as asked for.

    Raises `UnreadableFile` naming the place, never the content; also for a file of one object on each line.
    """
    value = load_json(path, reading)
    if isinstance(value, LineList):
        raise second_document("the second line")
    return document_of(value, reading)


def open_json_or_lines(path: Path, reading: Reading) -> Node:
    """Return the document of a JSON file as `open_json`, or a list of the objects of a file of lines.

    A line that is broken is a member of that list too, which `Node.each` refuses by itself.
    """
    return document_of(load_json(path, reading), reading)


def load_json(path: Path, reading: Reading) -> Any:
    """Return the value of a JSON file, as `open_json_or_lines`."""
    if check_size(path, is_held=False) < STORED_BYTES:
        text = read_text(path, reading)
        lines = find_lines(text)
        return parse_json(text) if lines is None else lines
    text_file = look_over(path)
    note_other_encoding(text_file, reading)
    stored = find_stored_lines(text_file)
    return read_outline(text_file, parse_at, make_object, check_depth) if stored is None else stored


def parse_json(text: str) -> Any:
    """Return the value that a JSON text holds. Raises `UnreadableFile` as `open_json`."""
    value = _parse(text)
    check_depth(value, 0)
    return value


def _parse(text: str) -> Any:
    try:
        value, end = parse_at(text, len(text) - len(text.lstrip(_SPACES)))
    except json.JSONDecodeError as error:
        raise _syntax_error(text, error) from None
    if text[end:].strip(_SPACES):
        end += len(text[end:]) - len(text[end:].lstrip(_SPACES))
        behind = json.JSONDecodeError("Extra data", text, end)
        if text[end] in "[{":
            raise second_document(f"line {behind.lineno}, column {behind.colno}")
        raise _syntax_error(text, behind)
    return value


def _syntax_error(text: str, error: json.JSONDecodeError) -> UnreadableFile:
    is_cut = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated")
    return syntax_refusal(f"line {error.lineno}, column {error.colno}", is_cut)
