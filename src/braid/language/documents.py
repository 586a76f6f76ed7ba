"""Documents in JSON, of a plan or of a simulation: read strictly, written canonically, with a published schema.

Whoever reads gets every fault at once, each with its place, its rule and what to do; never the value that was there.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

from braid.language.rule_files import Fault, RulesInvalid

Document = TypeVar("Document")
UNKNOWN_FIELD = ("unexpected_keyword_argument", "extra_forbidden")
LARGEST_NUMBER = 1e15
FIRST_YEAR, LAST_YEAR = 1900, 2500
LONGEST = 1 << 30
"""Bytes of the largest file that is read."""


@dataclass(frozen=True)
class Part:
    """A noun of a document. Read from JSON strictly: every field known, of its type, no NaN."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(
        strict=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True
    )


class DocumentInvalid(RulesInvalid):
    """A document cannot be read, or breaks a rule of its form. Exit code 3."""


_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    """Return what reads and writes documents of a dataclass; made once, since making it takes longer than reading."""
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def read_document(path: Path, kind: type[Document]) -> Document:
    """Return the document in a JSON file. Raises `DocumentInvalid` with every fault of its form."""
    try:
        if path.stat().st_size > LONGEST:
            raise DocumentInvalid([Fault(path.name, "file", "it is larger than 1 GiB", "split it by area")])
        return parse(path.read_bytes(), kind, path.name)
    except FileNotFoundError as error:
        raise DocumentInvalid([Fault(path.name, "file", "there is no such file", "name one that is there")]) from error
    except OSError as error:
        raise DocumentInvalid([Fault(path.name, "file", "it cannot be read", "let this user read it")]) from error


def parse(text: str | bytes, kind: type[Document], file: str) -> Document:
    """Return the document that a JSON text holds. Raises `DocumentInvalid` with every fault of its form."""
    try:
        document: Document = _adapter(kind).validate_json(text)
    except ValidationError as error:
        raise DocumentInvalid(_faults(error, file)) from None
    check_faults(file, list(_too_large(document, "")))
    return document


def _too_large(part: Any, place: str) -> Iterator[tuple[str, str, str]]:
    """Yield the numbers and dates with which nothing can be reckoned: no sum of them may leave what JSON can write."""
    if isinstance(part, bool | str) or part is None:
        return
    if isinstance(part, int | float):
        if abs(part) > LARGEST_NUMBER:
            yield (
                place,
                "the number is larger than can be reckoned with",
                "give one of at most fifteen digits",
            )
    elif isinstance(part, dt.date):
        if not FIRST_YEAR <= part.year <= LAST_YEAR:
            yield place, f"the date lies outside {FIRST_YEAR} to {LAST_YEAR}", "give a date of its own time"
    elif isinstance(part, tuple):
        for number, each in enumerate(part):
            yield from _too_large(each, f"{place}[{number}]")
    elif isinstance(part, Mapping):
        for each in part.values():
            yield from _too_large(each, f"{place}[…]")
    elif is_dataclass(part):
        for known in fields(part):
            yield from _too_large(getattr(part, known.name), f"{place}.{known.name}" if place else known.name)


def _faults(error: ValidationError, file: str) -> list[Fault]:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return [Fault(file, *_told(each["type"], each["loc"], each["msg"])) for each in found]


def _told(code: str, location: Sequence[int | str], message: str) -> tuple[str, str, str]:
    """Say a fault by place, rule and next step. A field that nobody knows may be somebody's data: it is not named."""
    if code in UNKNOWN_FIELD:
        return _place(location[:-1]), "it has a field that the schema does not know", "see the schema in docs/reference"
    return _place(location), _rule(code, message), _next_step(code)


def _place(location: Sequence[int | str]) -> str:
    words = ""
    for step in location:
        words += f"[{step}]" if isinstance(step, int) else f".{step}" if words else step
    return words or "file"


def _rule(code: str, message: str) -> str:
    """Say a broken rule without what stood there."""
    if code == "json_invalid":
        return "it is no JSON"
    return message[:1].lower() + message[1:]


def _next_step(code: str) -> str:
    return "write it as JSON in UTF-8" if code == "json_invalid" else "see the schema in docs/reference"


def write(document: object) -> str:
    """Return a document as JSON for people and programs, indented, with its fields in their order."""
    return json.dumps(as_json_document(document), ensure_ascii=False, indent=1) + "\n"


def fingerprint(document: object) -> str:
    """Return the SHA-256 of a document's canonical JSON: keys in order, no space, UTF-8."""
    text = json.dumps(as_json_document(document), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def as_json_document(document: object) -> Any:
    """Return a document as JSON's own types."""
    return _adapter(type(document)).dump_python(document, mode="json")


def schema(kind: type[object], title: str) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of the documents of a dataclass."""
    made = _adapter(kind).json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made, "title": title}


def check_faults(file: str, faults: Sequence[tuple[str, str, str]]) -> None:
    """Raise `DocumentInvalid` where a document says what cannot be: each fault a place, a rule and a next step."""
    if faults:
        raise DocumentInvalid([Fault(file, *fault) for fault in faults])


def ids_twice(place: str, ids: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Yield a fault for each entry of a list whose id an entry before it has."""
    seen: set[str] = set()
    for number, one in enumerate(ids):
        if one in seen:
            yield f"{place}[{number}]", "an id stands once", "give each its own id"
        seen.add(one)


Faults = Callable[[Any], Sequence[tuple[str, str, str]]]
"""Says what is wrong between the parts of a document: unknown ids, an id twice, an end before its start."""
