"""Large JSON documents, of which no more than one member is held at a time.

Documents that grow hold their many members in one list: the document itself, or one directly inside it (`entry`,
`cases`, `contents`). The file is read through once, which finds every fault that concerns it as a whole; a long list is
left where it stands and read again, member by member, as it is needed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from braid.extracts.blocks import TextFile, iterate_text
from braid.extracts.model import UnreadableFile

LONGEST_VALUE = 32 << 20
"""Characters of one member of a list, or of all that stands beside the lists. Nothing a person is about comes near."""
KEPT_LIST = 1 << 20
"""Characters of a list that is kept as it is; a longer one is left in the file."""
_NEAR_END = 64
"""A value that is cut by the end of what was read so far breaks no further from it than this, or inside a text."""
_SPACES = " \t\n\r"

Parse = Callable[[str, int], tuple[Any, int]]
"""Parses one value of a text from a place on; returns it and where it ends."""


class StoredList:
    """A list that was left in its file: its length is known, its members are read again as they are asked for."""

    def __init__(self, length: int, read: Callable[[], Iterator[Any]]) -> None:
        """Take how many members there are and what reads them from the first on."""
        self._length = length
        self._read = read

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[Any]:
        return self._read()


class Window:
    """A stretch of the text of a file, moved on as values are taken from it."""

    def __init__(self, text_file: TextFile, parse: Parse) -> None:
        self.text_file = text_file
        self.parse = parse
        self._chunks = iterate_text(text_file)
        self._text = ""
        self._at = 0
        self._gone = 0
        self._lines_gone = 0
        self._column = 1
        self._is_end = False

    @property
    def place(self) -> int:
        """How many characters of the file stand before the next one."""
        return self._gone + self._at

    def skip(self, place: int) -> None:
        """Go on to a place of the file."""
        while self._gone + len(self._text) <= place and not self._is_end:
            self._at = len(self._text)
            self._move_on()
        self._at = place - self._gone

    def peek(self) -> str:
        """Return the next character that is no space, and stand on it; nothing at the end."""
        while True:
            text, at = self._text, self._at
            while at < len(text) and text[at] in _SPACES:
                at += 1
            self._at = at
            if at < len(text) or self._is_end:
                return text[at : at + 1]
            self._move_on()

    def take(self, wanted: str) -> str:
        """Step over the next character, which is one of those wanted; raise `UnreadableFile` where it is another."""
        found = self.peek()
        if not found or found not in wanted:
            raise self.broken(self._at, is_cut=not found)
        self._at += 1
        return found

    def value(self) -> Any:
        """Return the next value and step over it; raise `UnreadableFile` where there is none, or it has no end."""
        self.peek()
        while True:
            try:
                value, end = self.parse(self._text, self._at)
            except json.JSONDecodeError as error:
                is_open = error.msg.startswith("Unterminated")
                if self._is_end or not (is_open or error.pos >= len(self._text) - _NEAR_END):
                    raise self.broken(error.pos, is_open or error.pos >= len(self._text.rstrip(_SPACES))) from None
            else:
                if end < len(self._text) or self._is_end:
                    self._at = end
                    return value
            if len(self._text) - self._at > LONGEST_VALUE:
                raise UnreadableFile(
                    "json_value_too_long",
                    f"One value of the file is longer than {LONGEST_VALUE >> 20} million characters. Check what was"
                    " sent.",
                )
            self._move_on()

    def members(self) -> Iterator[tuple[Any, int]]:
        """Yield the members of the list that comes next, each with the place where it ends, and step over the list."""
        self.take("[")
        if self.peek() == "]":
            self.take("]")
            return
        while True:
            yield self.value(), self.place
            if self.take(",]") == "]":
                return

    def _move_on(self) -> None:
        """Read more, and forget what was stepped over."""
        rest, gone = self._text[self._at :], self._text[: self._at]
        lines = gone.count("\n")
        self._lines_gone += lines
        self._column = len(gone) - gone.rfind("\n") if lines else self._column + len(gone)
        self._gone += self._at
        self._at = 0
        more, wanted = [], max(len(rest), 1)
        while wanted > 0:
            chunk = next(self._chunks, None)
            if chunk is None:
                self._is_end = True
                break
            more.append(chunk)
            wanted -= len(chunk)
        self._text = rest + "".join(more)

    def stray(self) -> UnreadableFile:
        """Return the refusal of a file in which something stands where nothing should."""
        return self.broken(self._at, False)

    def broken(self, at: int, is_cut: bool) -> UnreadableFile:
        """Return the refusal of a file that is no JSON from a place of the window on."""
        return syntax_refusal(self._place_of(at), is_cut)

    def second(self) -> UnreadableFile:
        """Return the refusal of a file in which another document stands behind the first."""
        return second_document(self._place_of(self._at))

    def _place_of(self, at: int) -> str:
        before = self._text[:at]
        lines = before.count("\n")
        column = at - before.rfind("\n") if lines else self._column + at
        return f"line {self._lines_gone + lines + 1}, column {column}"


def second_document(place: str) -> UnreadableFile:
    """Return the refusal of a file in which something stands behind its document: JSON lines, or what got in."""
    return UnreadableFile(
        "not_json",
        f"A second document begins at {place}. Send all in one list, or describe the file: braid mapping new reads one"
        " object on each line.",
    )


def syntax_refusal(place: str, is_cut: bool) -> UnreadableFile:
    """Return the refusal of a file that ends in the middle of a value, or is no JSON from a place on."""
    if is_cut:
        return UnreadableFile("file_truncated", f"The file ends in the middle of a value ({place}). Send it again.")
    return UnreadableFile("not_json", f"The file is not JSON from {place} on. Check which standard it follows.")


def read_outline(
    text_file: TextFile, parse: Parse, make_object: Callable[[list[tuple[str, Any]]], Any], check: Callable[..., None]
) -> Any:
    """Return the document of a file, long lists in it left there.

    `check(value, levels)` is called of each value with the levels that stand above it. Raises `UnreadableFile`.
    """
    window = Window(text_file, parse)
    first = window.peek()
    if first == "[":
        value = _read_list(window, 1, check)
    elif first == "{":
        value = make_object(list(_read_pairs(window, check)))
    else:
        value = window.value()
        check(value, 0)
    behind = window.peek()
    if behind:
        raise window.second() if behind in "[{" else window.stray()
    return value


def _read_pairs(window: Window, check: Callable[..., None]) -> Iterator[tuple[str, Any]]:
    held = 0
    window.take("{")
    if window.peek() == "}":
        window.take("}")
        return
    while True:
        if window.peek() != '"':
            window.take('"')
        start, key = window.place, window.value()
        window.take(":")
        if window.peek() == "[":
            value = _read_list(window, 2, check)
        else:
            value = window.value()
            check(value, 1)
        held += 0 if isinstance(value, StoredList) else window.place - start
        if held > LONGEST_VALUE:
            raise UnreadableFile(
                "json_value_too_long", "The file holds too much beside its lists. Check what was sent."
            )
        yield key, value
        if window.take(",}") == "}":
            return


def _read_list(window: Window, levels: int, check: Callable[..., None]) -> list[Any] | StoredList:
    start, length = window.place, 0
    kept: list[Any] | None = []
    for value, end in window.members():
        check(value, levels)
        length += 1
        if kept is not None:
            kept.append(value)
            if end - start > KEPT_LIST:
                kept = None
    if kept is not None:
        return kept
    return StoredList(length, lambda: _read_members(window.text_file, start, window.parse))


def _read_members(text_file: TextFile, start: int, parse: Parse) -> Iterator[Any]:
    window = Window(text_file, parse)
    window.skip(start)
    return (value for value, _ in window.members())
