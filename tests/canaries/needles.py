"""What to look for: each way in which a location could stand in a file, as bytes."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

POSTCODE = re.compile(r"\b([A-Z]{1,2}\d[A-Z\d]?) ?(\d[A-Z]{2})\b", re.IGNORECASE)
PHONE, ADDRESS, POSITION = "telephone", "address", "position"
SHORTEST = 6


@dataclass(frozen=True)
class Canary:
    """A location of somebody; `name` says whose and which without saying what, and is all that a report shows."""

    name: str
    kind: str
    value: str = field(repr=False)


@dataclass(frozen=True)
class Needle:
    """Bytes that give a canary away in one view of a file; `beside` must stand within a line's reach, where given."""

    content: bytes = field(repr=False)
    canary: Canary
    way: str
    beside: re.Pattern[bytes] | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Needles:
    """Needles by the view in which they are looked for.

    `exact`: bytes without line ends. `lower`: bytes with small letters. `squashed`: small letters and digits alone.
    """

    exact: list[Needle]
    lower: list[Needle]
    squashed: list[Needle]


def make_needles(canaries: list[Canary]) -> Needles:
    """Return all needles; raise `ValueError` naming a canary too short to tell from chance."""
    for canary in canaries:
        if len(squash(canary.value)) < SHORTEST:
            raise ValueError(f"the canary {canary.name} is shorter than {SHORTEST} letters and digits")
    return Needles(
        [needle for canary in canaries for needle in _exact(canary)],
        [needle for canary in canaries for needle in _lower(canary)],
        [needle for canary in canaries for needle in _squashed(canary)],
    )


def squash(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def written(canary: Canary) -> set[str]:
    """The value as people and programs write it."""
    value = canary.value
    forms = {value, value.lower(), value.upper(), value.replace(" ", ""), value.lower().replace(" ", ""), squash(value)}
    if canary.kind == PHONE:
        core = _core(value)
        forms |= {f"0{core}", f"+44{core}", f"0044{core}", f"44{core}", f"+44 (0){core}", core}
    if canary.kind == ADDRESS and (postcode := POSTCODE.search(value)):
        forms |= {postcode[0], squash(postcode[0]), squash(postcode[0]).upper()}
        forms.add(value.split(",")[0])
    return {form for form in forms if len(squash(form)) >= SHORTEST}


def _exact(canary: Canary) -> Iterator[Needle]:
    for form in sorted(written(canary)):
        data = form.encode()
        for shift in range(3):
            packed = base64.b64encode(b"\0" * shift + data)
            start, end = (0, 2, 3)[shift], len(packed) - 4 if (len(data) + shift) % 3 else len(packed)
            for letters in {packed[start:end], packed[start:end].replace(b"+", b"-").replace(b"/", b"_")}:
                if len(letters) >= 8:
                    yield Needle(letters, canary, "base64")
        for way in ("md5", "sha1", "sha256"):
            yield Needle(hashlib.new(way, data, usedforsecurity=False).digest(), canary, f"{way}, bytes")


def _lower(canary: Canary) -> Iterator[Needle]:
    yield Needle(canary.value.lower().encode(), canary, "plain")
    postcode, house = POSTCODE.search(canary.value), re.match(r"\d+[a-z]?\b", canary.value, re.IGNORECASE)
    if canary.kind == ADDRESS and postcode and house:
        beside = re.compile(rb"(?<![a-z0-9])" + house[0].lower().encode() + rb"(?![a-z0-9])[^\n]{0,40}$")
        yield Needle(postcode[1].lower().encode() + b" ", canary, "house and outward code", beside)
    if canary.kind == POSITION:
        north, east = (f"{float(number):.4f}".encode() for number in canary.value.split(","))
        yield Needle(north, canary, "position", re.compile(re.escape(east)))


def _squashed(canary: Canary) -> Iterator[Needle]:
    forms = written(canary)
    for form in {squash(form) for form in forms}:
        if canary.kind != PHONE or len(form) >= 10:
            yield Needle(form.encode(), canary, "squashed")
    for form in forms:
        data = form.encode()
        yield Needle(data.hex().encode(), canary, "hexadecimal")
        for way in ("md5", "sha1", "sha256"):
            yield Needle(hashlib.new(way, data, usedforsecurity=False).hexdigest().encode(), canary, way)


def _core(number: str) -> str:
    digits = re.sub(r"\D", "", number)
    return re.sub(r"^(?:0044|44)?0?", "", digits)
