"""Unfolds what would leave into the words that a recipient could read, so that the guard can search them.

Whatever cannot be read in full stays closed, and the guard withholds it: a picture, something encrypted, a file of a
kind that is not known, an archive that unfolds too far.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from braid.outbound.mail_file import is_mail, open_mail
from braid.outbound.opened import DEEPEST, Budget, CannotOpen, Opened
from braid.outbound.pdf_file import open_pdf
from braid.outbound.xml_text import xml_texts
from braid.outbound.zip_file import open_gzip, open_zip

_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")
_TAG = re.compile(r"<[^<>]{0,2000}>", re.DOTALL)
_FOLDED = re.compile(r"\r?\n[ \t]")
_UNREADABLE_TEXT = ("{\\rtf", "%!PS")


@dataclass(frozen=True)
class Leaf:
    """One thing unfolded: UTF-8 text, or, where `closed` says why, content that nobody could read."""

    name: str
    content: bytes = field(repr=False)
    closed: str = ""


def open_container(content: bytes) -> list[tuple[str, bytes]]:
    """Return name and text (UTF-8) of everything within `content`. Raise `CannotOpen` if any of it stays closed."""
    leaves = unfold("content", content)
    for leaf in leaves:
        if leaf.closed:
            raise CannotOpen(leaf.closed)
    return [(leaf.name, leaf.content) for leaf in leaves]


def unfold(name: str, content: bytes) -> list[Leaf]:
    """Return everything within `content`; what cannot be read is a leaf that says why. Never raises, never hangs."""
    budget = Budget()
    return _unfold(name, content, budget, 0)


def _unfold(name: str, content: bytes, budget: Budget, depth: int) -> list[Leaf]:
    leaves = [Leaf("name", name.encode("utf-8", "replace"))] if depth else []
    try:
        if depth > DEEPEST:
            raise CannotOpen("it holds containers inside one another too deep; send them one by one")
        opened = _open(content, budget)
    except CannotOpen as reason:
        return [*leaves, Leaf(name, content, str(reason))]
    except Exception:  # whatever breaks a reader, of a file that somebody else made: it was not read in full
        return [*leaves, Leaf(name, content, "it is damaged; save it again")]
    leaves += [Leaf(f"{name}: {part}", text.encode("utf-8", "replace")) for part, text in opened.texts if text]
    for inner_name, inner in opened.inner:
        leaves += _unfold(inner_name, inner, budget, depth + 1)
    return leaves


def _open(content: bytes, budget: Budget) -> Opened:
    """Return one layer. The order matters: a mail or a page is text as well."""
    openers: dict[bytes, Callable[[bytes, Budget], Opened]] = {
        b"PK": open_zip,
        b"\x1f\x8b": open_gzip,
        b"%PDF": open_pdf,
    }
    for start, opener in openers.items():
        if content.startswith(start):
            return opener(content, budget)
    text = _text(content)
    budget.take(len(content))
    if is_mail(content):
        return open_mail(content)
    if content.lstrip().startswith(b"<?xml"):
        return Opened([("XML", words) for words in xml_texts(content)])
    return Opened([("text", words) for words in _readings(text)])


def _text(content: bytes) -> str:
    """Return the content as text; raise `CannotOpen` unless it is text and nothing else."""
    coding = next((coding for mark, coding in _MARKS if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(coding)
    except UnicodeDecodeError:
        raise CannotOpen("it is a picture or a file of an unknown kind; send it as text or have it declared") from None
    if _NOT_TEXT.search(text) or text.startswith(_UNREADABLE_TEXT):
        raise CannotOpen("it is a file of an unknown kind; send it as text or PDF") from None
    return text


def _readings(text: str) -> list[str]:
    """Return the text, and as it reads without tags, without the folds of a calendar's long lines, and without the
    escapes of a JSON document.
    """
    readings = [text]
    if "<" in text:
        readings.append(_TAG.sub("", text))
    if text.lstrip().startswith("BEGIN:"):
        readings.append(re.sub(r"\\([,;\\])", r"\1", _FOLDED.sub("", text)).replace("\\n", "\n"))
    if text.lstrip().startswith(("{", "[")):
        with contextlib.suppress(ValueError):
            readings.append("\n".join(_strings(json.loads(text))))
    return readings


def _strings(value: object) -> Iterator[str]:
    """Yield names and values of a JSON document: an escaped line end is a letter more in the document itself."""
    if isinstance(value, dict):
        for name, held in value.items():
            yield name
            yield from _strings(held)
    elif isinstance(value, list):
        for held in value:
            yield from _strings(held)
    else:
        yield str(value)
