"""Walking a JSON document so that nothing is used without a check and nothing is left out without a count.

A field that is not what it should be is flagged and its row read without it; what no connector asked for is counted by
its path. Row references are JSON pointers, or XPath where the file was XML.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NoReturn

from braid.extracts.json_lines import LINE_BROKEN, LINE_BROKEN_ADVICE, BrokenLine, LineList
from braid.extracts.json_stored import StoredList
from braid.extracts.model import Reading, UnreadableFile
from braid.extracts.noughts import RESTORED, RESTORED_ADVICE
from braid.language.dates import london_date, parse_date, parse_moment
from braid.language.identifiers import FAIL, check, has_lost_nought, normalise

_PLAIN_KEY = re.compile(r"[A-Za-z_@][A-Za-z0-9_.:-]{0,63}")
_LISTS = (list, StoredList)
_NO_TEXT = (bool, list, dict, StoredList)
_EMPTY: dict[str, Any] = {}
_YES = frozenset({"yes", "true", "y", "1"})
_NO = frozenset({"no", "false", "n", "0"})


Mark = tuple[int | str, str | int]
"""A place of a document: the identity of the object or list that holds it, and the key or index in that.

Below a list that was left in its file, where every look makes new objects, the pointer of what holds it instead.
"""
_TOP: Mark = (0, "")


@dataclass
class Document:
    """One opened document: the reading it fills, the places that were used, and the records that it gave so far."""

    reading: Reading
    used: set[Mark] = field(default_factory=set)
    emitted: dict[str, dict[str, Any]] = field(default_factory=dict)
    flagged: set[tuple[str, str]] = field(default_factory=set)
    """Rule and place of each doubt, so that a field read twice is flagged once."""
    addresses: dict[str, str] = field(default_factory=dict)
    """What the document's own references mean, where it names its parts by address."""

    def emit(self, record_type: str, natural_key: tuple[str, ...], node: Node, **values: Any) -> str:
        """Add a record read at `node`; one that only repeats an earlier one is dropped.

        A second one that differs stays for `braid.extracts.read` to settle, but if either says that the address is
        safe, the first says so too.
        """
        identity = self.reading.emit(record_type, natural_key, node.row_ref, **values)
        rows = self.reading.records[record_type]
        first = self.emitted.setdefault(identity, rows[-1])
        if first is rows[-1]:
            return identity
        if {**first, "row_ref": ""} == {**rows[-1], "row_ref": ""}:
            rows.pop()
        elif rows[-1]["sensitivity"] == "safe_address":
            protection = {"confidential", "sensitivity"} & rows[-1].keys()
            first.update({name: rows[-1][name] for name in protection})
        return identity

    def emit_identifier(self, person: str, scheme: str, node: Node, **values: Any) -> None:
        """Add the identifier that `node` writes for a person record; flag it where its own check fails, and keep it."""
        text = node.as_text()
        value = normalise(scheme, text) if text else ""
        if not value:
            return
        result = check(scheme, value)
        if result == FAIL:
            node.warn("identifier_check", "does not pass its own check, so it is kept but not trusted")
            values["quality"] = "identifier_check"
        elif scheme == "nhs" and text and has_lost_nought(text):
            node.warn(RESTORED, RESTORED_ADVICE.replace(": ask for the column as text", ""))
        key = (person, scheme, value)
        self.emit(
            "identifier", key, node, person_record_id=person, scheme=scheme, value=value, check_result=result, **values
        )


@dataclass(slots=True)
class Node:
    """A JSON value and where it stands: under `key` of what `holder` holds, or at the top.

    Its pointer and path are made when they are asked for, since few of a million fields are ever spoken of.
    """

    value: Any
    holder: Node | None
    key: str | int
    document: Document
    fixed_ref: str | None = None
    """The XPath that everything of a row is said to stand at, in a file that was XML."""
    is_passing: bool = False
    """Whether it stands below a list that was left in its file, and is another object at every look."""
    _pointer: str | None = None

    @property
    def pointer(self) -> str:
        """The JSON pointer of the value; in a file of lines that in its line, behind it: `line 3/entry/0`."""
        if self._pointer is None:
            self._pointer = self._find_pointer()
        return self._pointer

    def _find_pointer(self) -> str:
        if self.holder is None:
            return ""
        if isinstance(self.holder.value, LineList):
            return f"line {self.key}"
        return f"{self.holder.pointer}/{self.key}"

    @property
    def path(self) -> str:
        """The names from the top down to the value, without places in lists."""
        if self.holder is None:
            return ""
        above = self.holder.path
        if isinstance(self.key, int) or not self.key:
            return above
        return f"{above}.{self.key}" if above else self.key

    @property
    def row_ref(self) -> str:
        """Where the row stands: its JSON pointer, or the XPath in a file that was XML."""
        return self.pointer if self.fixed_ref is None else self.fixed_ref

    @property
    def mark(self) -> Mark:
        """What the value is remembered by when it is used."""
        if self.holder is None:
            return _TOP
        return (self.holder.pointer if self.is_passing else id(self.holder.value), self.key)

    @property
    def is_object(self) -> bool:
        """Whether the value is a JSON object."""
        return isinstance(self.value, dict)

    def has(self, key: str) -> bool:
        """Whether the object has the key with a value other than null."""
        value = self.value
        return value.__class__ is dict and value.get(key) is not None

    def child(self, key: str) -> Node:
        """Return the value of a key; a node of null where there is none."""
        value = self.value
        below = value.get(key) if value.__class__ is dict else None
        return Node(below, self, key, self.document, self.fixed_ref, self.is_passing)

    def section(self, key: str) -> Node:
        """Return the object under a key, an empty one where it is absent; warn when it is something else."""
        child = self.child(key)
        if child.value is not None and not child.is_object:
            child.warn("wrong_type", "is not an object")
            return child._below(_EMPTY, "")
        return child

    def items(self, key: str, single: bool = False) -> list[Node]:
        """Return the members of the list under a key, none where it is absent; warn when it is something else.

        With `single`, one object stands for a list of one, as in XML.
        """
        if not self.has(key):
            return []
        child = self.child(key)
        if child.is_list:
            return child.members()
        if single and child.is_object:
            return [child]
        child.warn("wrong_type", "is not a list")
        return []

    def each(self, key: str | None = None, single: bool = False, part: str = "") -> Iterator[Node]:
        """Yield the members of the list under a key, or of this list: one after another, each a document of its own.

        As with `items`, of which this is the way for lists that grow with a file: when the next member is asked for,
        what nobody used of the last one is counted, and nothing of it is held any more. A broken line of a file of
        lines is not handed out but refused as a row of `part`.
        """
        holder = self.child(key) if key is not None else self
        if not isinstance(holder.value, _LISTS):
            yield from self.items(key, single) if key is not None else ()
            return
        for index, value in _numbered(holder.value):
            document = Document(self.document.reading, addresses=self.document.addresses)
            member = Node(value, holder, index, document, self.fixed_ref)
            if isinstance(value, BrokenLine):
                member._refuse_line(value, part)
            else:
                yield member
                count_unmapped(member)
            document.reading.piece_done()
        holder.use()

    def members(self) -> list[Node]:
        """Return the members of this list."""
        return list(self.look())

    def look(self) -> Iterator[Node]:
        """Yield the members of this list to look at them, not to read them."""
        return (self._below(value, index) for index, value in _numbered(self.value))

    @property
    def is_list(self) -> bool:
        """Whether the value is a JSON list, held or left in its file."""
        return isinstance(self.value, _LISTS)

    def text(self, key: str) -> str | None:
        """Return the text under a key, stripped; `None` where it is empty. A number is read as its digits."""
        holder = self.value
        value = holder.get(key) if holder.__class__ is dict else None
        if value is None:
            return None
        if value.__class__ is str and not self.is_passing:
            self.document.used.add((id(holder), key))
            return whole_characters(value).strip() or None
        return self.child(key).as_text()

    def as_text(self) -> str | None:
        """Return the value itself as text, as `text` does."""
        if isinstance(self.value, _NO_TEXT):
            self.warn("wrong_type", "is not text")
            return None
        self.use()
        if self.value is None:
            return None
        return whole_characters(str(self.value)).strip() or None

    def as_quiet_text(self) -> str | None:
        """Return the value where it is text, without saying or counting anything."""
        return whole_characters(self.value) if isinstance(self.value, str) else None

    def flag(self, key: str, when_unreadable: bool | None = None) -> bool | None:
        """Return a yes or no under a key; `when_unreadable`, with a warning, where it says something else."""
        if not self.has(key):
            return None
        child = self.child(key)
        if isinstance(child.value, bool):
            child.use()
            return child.value
        word = str(child.value).strip().lower()
        if word in _YES or word in _NO:
            child.use()
            return word in _YES
        if word:
            child.warn("flag_not_readable", "is neither yes nor no")
        return when_unreadable if word else None

    def number(self, key: str) -> float | None:
        """Return a number under a key; `None`, with a warning, where it is none."""
        if not self.has(key):
            return None
        child = self.child(key)
        try:
            if isinstance(child.value, _NO_TEXT):
                raise ValueError
            number = float(child.value)
        except (ValueError, OverflowError):
            number = math.nan
        if not math.isfinite(number):
            child.warn("number_not_readable", "is not a number")
            return None
        child.use()
        return number

    def date(self, key: str) -> str | None:
        """Return the ISO date under a key, a moment with an offset as its day in Europe/London; warn if unreadable."""
        text = self.text(key)
        if text is None:
            return None
        try:
            return _day(text)
        except (ValueError, OverflowError):
            self.child(key).warn("date_not_readable", "is not a date, so the row is read without it")
            return None

    def can_read_date(self, key: str) -> bool:
        """Whether the key is empty or holds a date; nothing is flagged."""
        value = self.value.get(key) if isinstance(self.value, dict) else None
        try:
            return value in (None, "") or bool(_day(str(value).strip()))
        except (ValueError, OverflowError):
            return False

    def moment(self, key: str) -> dt.datetime | None:
        """Return the moment in UTC under a key; `None` where it is only a day. Unreadable text is left to `date`."""
        text = self.text(key)
        if text is None or len(text) <= 10:
            return None
        try:
            moment = parse_moment(text)
            london_date(moment)
            return moment
        except (ValueError, OverflowError):
            return None

    def code(self, key: str, codes: Mapping[str, str]) -> str | None:
        """Return what the code under a key means; warn and count it as unmapped where the list does not have it.

        Codes are looked up in lower case.
        """
        text = self.text(key)
        if text is None:
            return None
        found = codes.get(text.lower())
        if found is None:
            self.child(key).unknown_code()
        return found

    def unknown_code(self) -> None:
        """Flag the code at this node as one that nobody mapped."""
        if self.warn("code_unknown", "holds a code that is not on the list; it is counted as unmapped"):
            self.document.reading.unmapped[f"{self.path} (code)"] += 1

    def warn(self, rule: str, what: str) -> bool:
        """Flag this field, once a rule: `what` says what is wrong, never what is there. Return whether it was new."""
        pointer, path = self.pointer, self.path
        if (rule, pointer) in self.document.flagged:
            return False
        self.document.flagged.add((rule, pointer))
        message = f"{path or 'The document'} {what}. Ask the sender to correct it."
        self.document.reading.warn(rule, path or None, self.row_ref or "/", message)
        return True

    def use(self) -> None:
        """Mark everything here as used."""
        self.document.used.add(self.mark)

    def reject(self, part: str, rule: str, message: str) -> None:
        """Refuse the row at this node and keep it whole."""
        self.use()
        row = json.dumps(_held(self.value), ensure_ascii=False)
        position = self.row_ref or "/"
        self.document.reading.row_rejected(part, position, rule, message, whole_characters(row))

    def _refuse_line(self, line: BrokenLine, part: str) -> None:
        """Count and refuse a line that is broken, and keep it as it stands."""
        reading = self.document.reading
        reading.row_in(part)
        message = f"{self.pointer}: {LINE_BROKEN_ADVICE}."
        reading.row_rejected(part, self.pointer, LINE_BROKEN, message, whole_characters(line.text))

    def digest(self) -> str:
        """Return a key made of the content, for a row that has none of its own."""
        text = json.dumps(_held(self.value), sort_keys=True)
        return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()

    def _below(self, value: Any, key: str | int) -> Node:
        is_passing = self.is_passing or isinstance(self.value, StoredList)
        return Node(value, self, key, self.document, self.fixed_ref, is_passing)


def _numbered(values: Any) -> Iterator[tuple[int, Any]]:
    """Return the members of a list with their index from 0, of a file of lines with their line from 1."""
    return values.numbered() if isinstance(values, LineList) else enumerate(values)


def document_of(value: Any, reading: Reading) -> Node:
    """Return the root node over a parsed document."""
    return Node(value, None, "", Document(reading))


def refuse_shape(expected: str) -> NoReturn:
    """Refuse a well-formed document that is not of the standard."""
    raise UnreadableFile("wrong_standard", f"This is JSON, but not {expected}. Check which standard the file follows.")


def count_unmapped(root: Node) -> None:
    """Count every value that nobody used, by its path without list positions."""
    unmapped = root.document.reading.unmapped
    is_whole = root.holder is None and not isinstance(root.value, (dict, *_LISTS))
    for path in _unused(root.value, root.mark, root.path, root.document.used):
        unmapped["(document)" if is_whole else path] += 1


def _unused(value: Any, mark: Mark, path: str, used: set[Mark], pointer: str | None = None) -> Iterator[str]:
    """Yield the path of each value that is not marked as used, in the order of the document.

    `pointer` is that of the value where marks below it are by pointer.
    """
    if mark in used or value is None or value == "":
        return
    if isinstance(value, dict):
        holder = id(value) if pointer is None else pointer
        for key, below in value.items():
            if below is None or below == "" or (holder, key) in used:
                continue
            name = key if _is_plain(key) else "(other)"
            inside = None if pointer is None else f"{pointer}/{key}"
            yield from _unused(below, (holder, key), f"{path}.{name}" if path else name, used, inside)
    elif isinstance(value, _LISTS):
        if isinstance(value, StoredList):  # stands at the top or directly inside it
            pointer = "" if mark == _TOP else f"/{mark[1]}"
        holder = id(value) if pointer is None else pointer
        for index, below in enumerate(value):
            inside = None if pointer is None else f"{pointer}/{index}"
            yield from _unused(below, (holder, index), path, used, inside)
    else:
        yield path


@lru_cache(maxsize=4096)
def _is_plain(key: str) -> bool:
    """Whether a key looks like a name, not like a value that somebody made a key."""
    return bool(_PLAIN_KEY.fullmatch(key))


def _held(value: Any) -> Any:
    """Return a value with the lists in it that were left in their file."""
    if isinstance(value, dict):
        return {key: list(below) if isinstance(below, StoredList) else below for key, below in value.items()}
    return list(value) if isinstance(value, StoredList) else value


@lru_cache(maxsize=16384)
def _day(text: str) -> str:
    if len(text) > 10 and re.search(r"(Z|[+-]\d\d:?\d\d)$", text):
        return london_date(parse_moment(text)).isoformat()
    return parse_date(text).isoformat()


def whole_characters(text: str) -> str:
    """Replace half characters, which JSON escapes can write and no encoding can store."""
    if text.isascii():
        return text.replace("\x00", "\ufffd") if "\x00" in text else text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\x00", "\ufffd")
