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
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn

from braid.extracts.json_stored import StoredList
from braid.extracts.model import Reading, UnreadableFile
from braid.language.dates import london_date, parse_date, parse_moment
from braid.language.identifiers import FAIL, check, normalise

_PLAIN_KEY = re.compile(r"[A-Za-z_@][A-Za-z0-9_.:-]{0,63}")
_LISTS = (list, StoredList)
_NO_TEXT = (bool, list, dict, StoredList)
_YES = frozenset({"yes", "true", "y", "1"})
_NO = frozenset({"no", "false", "n", "0"})


@dataclass
class Document:
    """One opened document: the reading it fills, the places that were used, and the records that it gave so far."""

    reading: Reading
    used: set[str] = field(default_factory=set)
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
        key = (person, scheme, value)
        self.emit(
            "identifier", key, node, person_record_id=person, scheme=scheme, value=value, check_result=result, **values
        )


@dataclass(slots=True)
class Node:
    """A JSON value and where it stands. `row_ref` is its JSON pointer, or the XPath in a file that was XML."""

    value: Any
    pointer: str
    path: str
    document: Document
    row_ref: str

    @property
    def is_object(self) -> bool:
        """Whether the value is a JSON object."""
        return isinstance(self.value, dict)

    def has(self, key: str) -> bool:
        """Whether the object has the key with a value other than null."""
        return self.is_object and self.value.get(key) is not None

    def child(self, key: str) -> Node:
        """Return the value of a key; a node of null where there is none."""
        value = self.value.get(key) if isinstance(self.value, dict) else None
        pointer = f"{self.pointer}/{key}"
        row_ref = pointer if self.row_ref == self.pointer else self.row_ref
        return Node(value, pointer, f"{self.path}.{key}" if self.path else key, self.document, row_ref)

    def section(self, key: str) -> Node:
        """Return the object under a key, an empty one where it is absent; warn when it is something else."""
        child = self.child(key)
        if child.value is not None and not child.is_object:
            child.warn("wrong_type", "is not an object")
            return child._below({}, "", child.path)
        return child

    def items(self, key: str, single: bool = False) -> list[Node]:
        """Return the members of the list under a key, none where it is absent; warn when it is something else.

        With `single`, one object stands for a list of one, as in XML.
        """
        child = self.child(key)
        if child.is_list:
            return child.members()
        if single and child.is_object:
            return [child]
        if child.value is not None:
            child.warn("wrong_type", "is not a list")
        return []

    def each(self, key: str | None = None, single: bool = False) -> Iterator[Node]:
        """Yield the members of the list under a key, or of this list: one after another, each a document of its own.

        As with `items`, of which this is the way for lists that grow with a file: when the next member is asked for,
        what nobody used of the last one is counted, and nothing of it is held any more.
        """
        holder = self.child(key) if key is not None else self
        if not isinstance(holder.value, _LISTS):
            yield from self.items(key, single) if key is not None else ()
            return
        for index, value in enumerate(holder.value):
            document = Document(self.document.reading, addresses=self.document.addresses)
            member = replace(holder._below(value, str(index), holder.path), document=document)
            yield member
            count_unmapped(member)
            document.reading.piece_done()
        holder.use()

    def members(self) -> list[Node]:
        """Return the members of this list."""
        return list(self.look())

    def look(self) -> Iterator[Node]:
        """Yield the members of this list to look at them, not to read them."""
        return (self._below(value, str(index), self.path) for index, value in enumerate(self.value))

    @property
    def is_list(self) -> bool:
        """Whether the value is a JSON list, held or left in its file."""
        return isinstance(self.value, _LISTS)

    def text(self, key: str) -> str | None:
        """Return the text under a key, stripped; `None` where it is empty. A number is read as its digits."""
        return self.child(key).as_text()

    def as_text(self) -> str | None:
        """Return the value itself as text, as `text` does."""
        if isinstance(self.value, _NO_TEXT):
            self.warn("wrong_type", "is not text")
            return None
        self.document.used.add(self.pointer)
        if self.value is None:
            return None
        return whole_characters(str(self.value)).strip() or None

    def as_quiet_text(self) -> str | None:
        """Return the value where it is text, without saying or counting anything."""
        return whole_characters(self.value) if isinstance(self.value, str) else None

    def flag(self, key: str, when_unreadable: bool | None = None) -> bool | None:
        """Return a yes or no under a key; `when_unreadable`, with a warning, where it says something else."""
        child = self.child(key)
        if isinstance(child.value, bool) or child.value is None:
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
        child = self.child(key)
        if child.value is None:
            return None
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
        value = self.child(key).value
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
        child = self.child(key)
        text = child.as_text()
        if text is None:
            return None
        found = codes.get(text.lower())
        if found is None:
            child.unknown_code()
        return found

    def unknown_code(self) -> None:
        """Flag the code at this node as one that nobody mapped."""
        if self.warn("code_unknown", "holds a code that is not on the list; it is counted as unmapped"):
            self.document.reading.unmapped[f"{self.path} (code)"] += 1

    def warn(self, rule: str, what: str) -> bool:
        """Flag this field, once a rule: `what` says what is wrong, never what is there. Return whether it was new."""
        if (rule, self.pointer) in self.document.flagged:
            return False
        self.document.flagged.add((rule, self.pointer))
        message = f"{self.path or 'The document'} {what}. Ask the sender to correct it."
        self.document.reading.warn(rule, self.path or None, self.row_ref or "/", message)
        return True

    def use(self) -> None:
        """Mark everything here as used."""
        self.document.used.add(self.pointer)

    def reject(self, part: str, rule: str, message: str) -> None:
        """Refuse the row at this node and keep it whole."""
        self.use()
        row = json.dumps(_held(self.value), ensure_ascii=False)
        position = self.row_ref or "/"
        self.document.reading.row_rejected(part, position, rule, message, whole_characters(row))

    def digest(self) -> str:
        """Return a key made of the content, for a row that has none of its own."""
        text = json.dumps(_held(self.value), sort_keys=True)
        return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()

    def _below(self, value: Any, key: str, path: str) -> Node:
        pointer = f"{self.pointer}/{key}"
        row_ref = self.row_ref if self.row_ref != self.pointer else pointer
        return Node(value, pointer, path, self.document, row_ref)


def document_of(value: Any, reading: Reading) -> Node:
    """Return the root node over a parsed document."""
    return Node(value, "", "", Document(reading), "")


def refuse_shape(expected: str) -> NoReturn:
    """Refuse a well-formed document that is not of the standard."""
    raise UnreadableFile("wrong_standard", f"This is JSON, but not {expected}. Check which standard the file follows.")


def count_unmapped(root: Node) -> None:
    """Count every value that nobody used, by its path without list positions."""
    for pointer, path in _unused(root):
        name = path if pointer else "(document)"
        root.document.reading.unmapped[name] += 1


def _unused(root: Node) -> Iterator[tuple[str, str]]:
    stack = [(root.value, root.pointer, root.path)]
    used = root.document.used
    while stack:
        value, pointer, path = stack.pop()
        if pointer in used or value is None or value == "":
            continue
        if isinstance(value, dict):
            for key, below in reversed(value.items()):
                name = key if _PLAIN_KEY.fullmatch(key) else "(other)"
                stack.append((below, f"{pointer}/{key}", f"{path}.{name}" if path else name))
        elif isinstance(value, StoredList):
            for index, below in enumerate(value):
                yield from _unused(replace(root, value=below, pointer=f"{pointer}/{index}", path=path))
        elif isinstance(value, list):
            stack.extend((below, f"{pointer}/{index}", path) for index, below in reversed(list(enumerate(value))))
        else:
            yield pointer, path


def _held(value: Any) -> Any:
    """Return a value with the lists in it that were left in their file."""
    if isinstance(value, dict):
        return {key: list(below) if isinstance(below, StoredList) else below for key, below in value.items()}
    return list(value) if isinstance(value, StoredList) else value


def _day(text: str) -> str:
    if len(text) > 10 and re.search(r"(Z|[+-]\d\d:?\d\d)$", text):
        return london_date(parse_moment(text)).isoformat()
    return parse_date(text).isoformat()


def whole_characters(text: str) -> str:
    """Replace half characters, which JSON escapes can write and no encoding can store."""
    if text.isascii():
        return text.replace("\x00", "\ufffd") if "\x00" in text else text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\x00", "\ufffd")
