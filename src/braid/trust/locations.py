"""What could lead somebody to where a protected person is, and where it stands in a text or in bytes, however written.

Both sides are brought to one form (accents, look-alikes, case and punctuation off), and the bytes are read in the ways
that a mail, a page, a file or a careless hash carries them. An address is found shortened, turned round and in part too
(`braid.trust.written_addresses`). Misspellings are found by chance only: one slip in a long token. What is found is a
code and a person, never the value.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import html
import quopri
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import unquote_plus

from braid.trust.written_addresses import (
    POSTCODE,
    WrittenAddress,
    WrittenInstitution,
    read_address,
    read_institution,
    spaced,
)

KINDS = frozenset(
    "address postcode uprn position telephone email school gp venue provider ward patch landlord vehicle".split()
)
_FUZZY = frozenset("address email school gp venue provider ward landlord".split())
_FUZZY_FROM = 10
_DEPTH = 3
_MOST_BYTES = 64_000_000
_LOOKALIKES = str.maketrans(
    "авеёіјкмнорсӏтухѕԁԛԝαβεηικμνορτυχ",
    "abeeijkmhopcltyxsdqwabenikmvoptux",
    "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff",  # letters without width, taken out
)
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-](?:[A-Za-z0-9+/_-]|\r?\n){6,}")
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})")
_HASH = re.compile("[0-9a-f]{32}")
_NUMBER = re.compile(r"-?\d{1,3}\.\d{4,}")
_DIGITS = re.compile(r"\d+")


FullName = tuple[str, str]
"""Given names and family name."""


class PayloadTooLarge(ValueError):
    """The payload unfolds to more than can be searched: it is withheld, not sent unsearched."""


@dataclass(frozen=True)
class Token:
    """One location of one protected person: `kind` is one of `KINDS`; `value` is never shown or logged."""

    person_id: str
    kind: str
    value: str = field(repr=False)

    def __post_init__(self) -> None:
        """Raise `ValueError` for a kind that nobody knows how to search for, or a value too short to search for."""
        if self.kind not in KINDS:
            raise ValueError(f"Token.kind is not one of {sorted(KINDS)}: add the kind and how it is searched for.")
        if len(normalise(self.value)) < 4:
            raise ValueError(f"Token of kind {self.kind} has under 4 letters and digits: it would be found everywhere.")

    @cached_property
    def forms(self) -> tuple[str, ...]:
        """The normal forms any of which gives the token away. Made once: a message has many parts to search."""
        return _forms(self)

    @cached_property
    def digests(self) -> tuple[str, ...]:
        """The unsalted hashes (hexadecimal) of the token as people write it."""
        return _digests(self)

    @cached_property
    def raw_digests(self) -> tuple[bytes, ...]:
        """The same hashes as bytes."""
        return tuple(bytes.fromhex(digest) for digest in self.digests)

    @cached_property
    def written(self) -> WrittenAddress | WrittenInstitution | None:
        """An address, a school or a practice as people write it; `None` of other kinds."""
        if self.kind == "address":
            return read_address(_fold(self.value))
        return read_institution(_fold(self.value), self.kind) if self.kind in ("school", "gp") else None


def normalise(text: str) -> str:
    """Return the letters and digits of `text` alone: accents, look-alikes, case, spaces and punctuation are off."""
    return "".join(letter for letter in _fold(text) if letter.isalnum())


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).casefold().translate(_LOOKALIKES)
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def find_tokens(payload: str | bytes | Unfolded, tokens: Iterable[Token]) -> list[Token]:
    """Return those of `tokens` that `payload` holds in any encoding. Raise `PayloadTooLarge` if it unfolds too far."""
    unfolded = payload if isinstance(payload, Unfolded) else unfold(payload)
    return [token for token in tokens if _holds(token, unfolded)]


def find_names(unfolded: Unfolded, names: Mapping[str, Collection[FullName]]) -> set[str]:
    """Return the persons of whom a full name stands in the payload: given and family name, either way round.

    A word or two may stand between (a middle name), and the space may be missing. A given name alone names nobody.
    """
    return {
        person for person, known in names.items() if any(_is_named(given, family, unfolded) for given, family in known)
    }


def _is_named(given: str, family: str, unfolded: Unfolded) -> bool:
    first, last = spaced(_fold(given)).split()[:1], spaced(_fold(family)).split()
    if not first or not last or last[0] not in unfolded.words or first[0] not in unfolded.words:
        return False
    one, other = re.escape(first[0]), " ?".join(map(re.escape, last))
    ways = rf"{one} ?(?:\w+ ){{0,2}}{other}|{other} ?{one}"
    return re.search(rf"(?<![^\W_])(?:{ways})(?:s)?(?![^\W_])", unfolded.words) is not None


def unfold(payload: str | bytes) -> Unfolded:
    """Return every reading of a payload, to search it more than once. Raise `PayloadTooLarge`."""
    views = list(_views(payload.encode() if isinstance(payload, str) else payload))
    texts = [_fold(text) for text in dict.fromkeys(text for view in views for text in _texts(view))]
    return Unfolded(
        b"\n".join(views),
        "\n".join(map(spaced, texts)),
        "\n".join("".join(letter for letter in text if letter.isalnum()) for text in texts),
        [numbers for text in texts if (numbers := _positions(text))],
    )


def is_at_point(token: Token, contact: str) -> bool:
    """Whether a contact point is itself this location, so that it tells whoever uses it nothing new.

    Narrower than the search: the same street or postcode is not the same home.
    """
    if isinstance(token.written, WrittenAddress):
        return token.written.is_same_home(read_address(_fold(contact)))
    return any(form in normalise(contact) for form in token.forms)


@dataclass(frozen=True)
class Unfolded:
    """A payload in every reading, a line end between two: as bytes, as words, as letters and digits alone, and for each
    reading the numbers that could be of a position, to four places.
    """

    views: bytes
    words: str
    squashed: str
    positions: list[set[str]]

    @cached_property
    def has_hash(self) -> bool:
        """Whether anything could be a hash written out."""
        return _HASH.search(self.squashed) is not None


def _views(payload: bytes) -> Iterator[bytes]:
    """Yield the payload and what its escapes and base64 runs hold, up to `_DEPTH` inside one another."""
    seen, layer, size = {payload}, [payload], len(payload)
    yield payload
    for _ in range(_DEPTH):
        inner = []
        for outer in layer:
            for view in _decoded(outer):
                if view in seen:
                    continue
                size += len(view)
                if size > _MOST_BYTES:
                    raise PayloadTooLarge("The payload unfolds too far to be searched: send it in smaller parts.")
                seen.add(view)
                inner.append(view)
                yield view
        layer = inner


def _decoded(outer: bytes) -> Iterator[bytes]:
    text = outer.decode("utf-8", "replace")
    yield html.unescape(text).encode()
    yield unquote_plus(text).encode()
    yield _ESCAPE.sub(lambda match: chr(int(match[1] or match[2], 16)), text).encode("utf-8", "replace")
    yield quopri.decodestring(outer)
    if b"\0" in outer:
        for start in (0, 1):
            for order in ("utf-16-le", "utf-16-be"):
                yield outer[start:].decode(order, "replace").encode("utf-8", "replace")
    for run in _BASE64.findall(outer):
        letters = re.sub(rb"\s", b"", run).replace(b"-", b"+").replace(b"_", b"/")
        for start in range(4):  # a run may begin inside other letters, so every alignment is read
            part = letters[start:]
            try:
                yield base64.b64decode(part[: len(part) // 4 * 4] + _tail(part))
            except binascii.Error:
                continue


def _tail(part: bytes) -> bytes:
    left = len(part) % 4
    return part[-left:] + b"=" * (4 - left) if left > 1 else b""


def _texts(view: bytes) -> Iterator[str]:
    yield view.decode("utf-8", "replace")
    yield view.decode("latin-1")


def _holds(token: Token, unfolded: Unfolded) -> bool:
    if any(form in unfolded.squashed for form in token.forms):
        return True
    if unfolded.has_hash and any(digest in unfolded.squashed for digest in token.digests):
        return True
    if any(digest in unfolded.views for digest in token.raw_digests):
        return True
    if token.kind == "position":
        wanted = {f"{float(number):.4f}" for number in _NUMBER.findall(token.value)}
        return bool(wanted) and any(wanted <= found for found in unfolded.positions)
    if token.written and token.written.is_in(unfolded.words):
        return True
    long = [form for form in token.forms if len(form) >= _FUZZY_FROM and token.kind in _FUZZY]
    return any(_is_near(form, unfolded.squashed) for form in long)


def _forms(token: Token) -> tuple[str, ...]:
    """Return the normal forms any of which gives the token away."""
    whole = normalise(token.value)
    if token.kind == "telephone":
        return (re.sub(r"^(?:0044|44)?0?", "", whole),)
    if token.kind == "address":
        postcode = POSTCODE.search(token.value)
        first, *rest = (normalise(part) for part in token.value.split(","))
        lines = [first, *(line for line in rest if any(letter.isdigit() for letter in line))]  # a flat, then its house
        return tuple(
            {
                whole,
                *(line for line in lines if len(line) > 5),
                *([normalise(postcode[0])] if postcode else []),
                *_numbered(token),
            }
        )
    return (whole,)


def _digests(token: Token) -> tuple[str, ...]:
    """Return the unsalted hashes of the token as people write it: a hash of an address is an address."""
    value, forms = token.value, set(token.forms)
    written = {value, value.lower(), value.upper(), value.replace(" ", ""), normalise(value), *forms}
    written |= {form.upper() for form in forms}
    if token.kind == "telephone":
        (digits,) = forms
        written |= {f"{prefix}{digits}" for prefix in ("0", "+44", "0044", "44")}
    kinds = (hashlib.md5, hashlib.sha1, hashlib.sha256)
    return tuple(make(text.encode(), usedforsecurity=False).hexdigest() for make in kinds for text in sorted(written))


def _numbered(token: Token) -> frozenset[str]:
    """Return number and street of an address in every short form, long enough not to stand in a text by chance."""
    if not isinstance(token.written, WrittenAddress):
        return frozenset()
    return frozenset(form for form in token.written.squashed if len(form) > 7)


def _positions(text: str) -> set[str]:
    """Return the numbers of a text that could be of a position, cut and rounded to four places (11 metres)."""
    numbers = _NUMBER.findall(text)
    return {number[: number.index(".") + 5] for number in numbers} | {f"{float(number):.4f}" for number in numbers}


def _is_near(form: str, text: str) -> bool:
    """Whether `text` holds `form` with one slip: one half is then whole, and the other is compared around it."""
    middle = len(form) // 2
    for half, offset in ((form[:middle], 0), (form[middle:], middle)):
        at = text.find(half)
        while at >= 0:
            starts = range(max(0, at - offset - 1), at - offset + 2) if offset else (at,)
            if any(_is_slip(form, text[s : s + len(form) + d]) for s in starts for d in (-1, 0, 1)):
                return True
            at = text.find(half, at + 1)
    return False


def _is_slip(form: str, other: str) -> bool:
    """Whether it is one slip in a letter: with another number it is another house."""
    return _one_slip(form, other) and _DIGITS.findall(form) == _DIGITS.findall(other)


def _one_slip(form: str, other: str) -> bool:
    """Whether one letter put in, left out or changed, or two neighbours swapped, turns `form` into `other`."""
    start = next((i for i, (a, b) in enumerate(zip(form, other, strict=False)) if a != b), min(len(form), len(other)))
    rest, other_rest = form[start:], other[start:]
    swapped = rest[1:2] + rest[:1] + rest[2:]
    return rest[1:] in (other_rest, other_rest[1:]) or rest == other_rest[1:] or swapped == other_rest
