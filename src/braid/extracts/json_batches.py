"""A JSON array read one member after another, so that a file of any size costs the memory of its largest member.

A file that holds one object is an array of that one. Whatever the bytes are, the only exception that leaves is
`UnreadableFile`, and no message repeats what stood in the file. Members that were given before a fault was found are no
use without the rest: whoever reads takes all of a file or none of it.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from braid.extracts.files import check_signature, check_size
from braid.extracts.json_strict import check_depth, parse_at
from braid.extracts.model import UnreadableFile

BLOCK_BYTES = 1 << 16
LONGEST_MARK = 16
"""No number, word or escape of JSON whose end is missing is told to be wrong further than this before the end."""
ENDS_NUMBER = ",]} \t\r\n"
_SPACE = " \t\r\n"


def iterate_members(path: Path) -> Iterator[tuple[str, Any]]:
    """Give each member of the array with its JSON pointer. Raises `UnreadableFile` naming rule and place."""
    check_size(path)
    text = _Text(path)
    opening = text.peek()
    if opening == "":
        raise UnreadableFile("file_empty", "the file is empty: ask the partner to send it again")
    if opening == "{":
        yield "", text.value()
    elif opening == "[":
        text.skip()
        yield from _members(text)
    else:
        raise _no_json(text)
    if text.peek():
        raise _no_json(text)


def _members(text: _Text) -> Iterator[tuple[str, Any]]:
    number = 0
    while text.peek() != "]" or number:
        yield f"/{number}", text.value()
        number += 1
        mark = text.peek()
        if mark not in (",", "]"):
            raise _no_json(text) if mark else _truncated()
        text.skip()
        if mark == "]":
            return
    text.skip()


class _Text:
    """The text of a file, of which only what is not yet read is held."""

    def __init__(self, path: Path) -> None:
        self._blocks = _decoded(path)
        self._held = ""
        self._at = 0
        self.passed = 0
        """Characters that were read and let go."""

    @property
    def position(self) -> int:
        """How many characters stand before the next one."""
        return self.passed + self._at

    def peek(self) -> str:
        """Return the next character that is no space; nothing at the end."""
        while True:
            while self._at < len(self._held):
                if self._held[self._at] not in _SPACE:
                    return self._held[self._at]
                self._at += 1
            if not self._more(1):
                return ""

    def skip(self) -> None:
        """Pass over one character."""
        self._at += 1

    def value(self) -> Any:
        """Return the value that begins here. One that could go on is read only once what follows it is there."""
        if not self.peek():
            raise _truncated()
        blocks = 1
        while True:
            try:
                value, end = parse_at(self._held, self._at)
            except json.JSONDecodeError as error:
                if not self._may_be_cut(error):
                    return self._last()
                end = len(self._held)
            if end < len(self._held) and self._is_whole(value, end):
                self._at = end
                check_depth(value, 1)
                return value
            if not self._more(blocks):
                return self._last()
            blocks *= 2

    def _is_whole(self, value: Any, end: int) -> bool:
        """Whether a value could not go on at its end: a number could, were its point or power not held yet."""
        return not isinstance(value, int | float) or isinstance(value, bool) or self._held[end] in ENDS_NUMBER

    def _may_be_cut(self, error: json.JSONDecodeError) -> bool:
        """Whether a value may be broken only because what is held ends within it."""
        return error.msg.startswith("Unterminated") or len(self._held) - error.pos < LONGEST_MARK

    def _last(self) -> Any:
        """Return the value that ends with the file."""
        try:
            value, self._at = parse_at(self._held, self._at)
        except json.JSONDecodeError as error:
            if error.pos >= len(self._held.rstrip()) or error.msg.startswith("Unterminated"):
                raise _truncated() from None
            self._at = error.pos
            raise _no_json(self) from None
        check_depth(value, 1)
        return value

    def _more(self, blocks: int) -> bool:
        """Let go of what was read and take in so many blocks more; return whether there were any."""
        self.passed += self._at
        parts = [self._held[self._at :]]
        self._at = 0
        for _ in range(blocks):
            block = next(self._blocks, "")
            if not block:
                break
            parts.append(block)
        self._held = "".join(parts)
        return len(parts) > 1


def _decoded(path: Path) -> Iterator[str]:
    """Give the text of a file block by block. The exchange of JSON is in UTF-8 (RFC 8259, section 8.1)."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    try:
        with path.open("rb") as stream:
            is_first = True
            while block := stream.read(BLOCK_BYTES):
                if is_first:
                    check_signature(block)
                    is_first = False
                    if block.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                        raise _not_utf8()
                if b"\x00" in block:
                    raise UnreadableFile("file_binary", "the file holds NUL bytes: export it again as UTF-8 text")
                if text := decoder.decode(block):
                    yield text
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise _not_utf8() from None
    except OSError:
        raise UnreadableFile("file_absent", "the file cannot be opened: check that it may be read") from None


def _not_utf8() -> UnreadableFile:
    return UnreadableFile("encoding", "the file is not UTF-8, as JSON must be: export it again as UTF-8")


def _no_json(text: _Text) -> UnreadableFile:
    place = f"character {text.position + 1}"
    return UnreadableFile("not_json", f"The file is not JSON from {place} on. Check which standard it follows.")


def _truncated() -> UnreadableFile:
    return UnreadableFile("file_truncated", "The file ends in the middle of a value. Send it again.")
