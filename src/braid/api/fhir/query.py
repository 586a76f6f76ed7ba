"""What a search asks: every parameter is one that the CapabilityStatement names, or the search is refused.

A parameter that is ignored widens a search without anybody noticing, and whoever asked takes what comes for an answer.
So what is not known, twice there, or not of its form is refused, by its name and never by its value.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.http import QueryDict

from braid.api.cursors import MOST, USUAL
from braid.api.fhir.outcome import NotAnswered
from braid.language.dates import LONDON

ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
DATE = re.compile(r"(eq|ne|gt|lt|ge|le)?(\d{4})(?:-(\d\d)(?:-(\d\d)(T[0-9:.+Z-]{1,30})?)?)?", re.ASCII)
MOST_DATES = 2
ALWAYS = ("_id", "_count", "_format", "cursor")
JSON_FORMATS = frozenset({"json", "application/json", "application/fhir+json"})
FAR = dt.date.max
Day = tuple[dt.date, dt.date]
"""First and last day of what a date may mean: a year, a month or a day."""
Stretch = tuple[dt.datetime, dt.datetime]
"""The instant at which what a date means begins, and the one at which it is over."""
MANY_TIMES = frozenset({"date", "instant"})


@dataclass(frozen=True)
class Parameter:
    """A search parameter: `kind` is reference, token, date or string, as FHIR has it. `of` are the codes of a token."""

    name: str
    kind: str
    words: str
    of: frozenset[str] = frozenset()


LAST_UPDATED = Parameter(
    "_lastUpdated", "instant", "When the run was published that it is told from: a day in London, or an instant"
)
"""Of every resource that a run tells: all of a run are of one moment, at which it took the place of the run before."""


@dataclass(frozen=True)
class Search:
    """What is asked, checked. `dates` are (parameter, prefix, first day, last day); `codes` by parameter."""

    identity: str
    patient: str
    texts: Mapping[str, str]
    codes: Mapping[str, frozenset[str]]
    dates: tuple[tuple[str, str, Day], ...]
    updated: tuple[tuple[str, Stretch], ...]
    """Prefixes and stretches of time of `_lastUpdated`."""
    count: int
    begins_at: str
    """The sealed place at which a page begins, as the parameter `cursor` gave it; empty for the first."""
    given: tuple[tuple[str, str], ...]
    """What was asked as it was sent, without the cursor, for the links of the answer."""


def check_format(given: QueryDict) -> None:
    """Raise `NotAnswered` for a `_format` that is not JSON."""
    for value in given.getlist("_format"):
        if value.strip().lower() not in JSON_FORMATS:
            raise NotAnswered("not-supported", "Only JSON is answered. Leave _format out.", ["_format"], status=406)


def check_read(given: QueryDict) -> None:
    """Raise `NotAnswered` where a read has any parameter but `_format`."""
    if set(given) - {"_format"}:
        raise NotAnswered("not-supported", "A read takes no parameters but _format. Search instead.")
    check_format(given)


def read_search(given: QueryDict, parameters: Collection[Parameter]) -> Search:
    """Return what is asked by the parameters of a kind of resource. Raises `NotAnswered`."""
    known = {one.name: one for one in parameters}
    if unknown := set(given) - {*known, *ALWAYS}:
        words = "A parameter is not known here, and none is ignored. The CapabilityStatement names those there are."
        raise NotAnswered("not-supported", words, unknown & {f"{name}:missing" for name in known})
    check_format(given)
    tokens = [one for one in parameters if one.kind == "token"]
    single = {name: _only(given, name) for name in given if name not in known or known[name].kind not in MANY_TIMES}
    references = [single[name] for name, one in known.items() if one.kind == "reference" and name in single]
    if len(references) > 1:
        raise NotAnswered("invalid", "Name one patient, by one parameter.", ["patient", "subject"])
    return Search(
        identity=_id(single.get("_id", ""), "_id"),
        patient=_patient(references[0]) if references else "",
        texts={name: single[name] for name, one in known.items() if one.kind == "string" and name in single},
        codes={one.name: _codes(one, single[one.name]) for one in tokens if one.name in single},
        dates=tuple(each for name, one in known.items() if one.kind == "date" for each in _dates(given, name)),
        updated=tuple(read_stretch(each, LAST_UPDATED.name) for each in _times(given, LAST_UPDATED.name)),
        count=_count(single.get("_count", "")),
        begins_at=single.get("cursor", ""),
        given=tuple((name, value) for name in sorted(given) if name != "cursor" for value in given.getlist(name)),
    )


def _only(given: QueryDict, name: str) -> str:
    values = given.getlist(name)
    if len(values) != 1 or not values[0].strip() or not values[0].isprintable():
        raise NotAnswered("invalid", "Send the parameter once, with a value of letters, digits and signs.", [name])
    return str(values[0])


def _id(value: str, name: str) -> str:
    if value and not ID.fullmatch(value):
        raise NotAnswered("value", "An id has up to 64 letters, digits, hyphens and full stops.", [name])
    return value


def _patient(value: str) -> str:
    kind, separator, identity = value.rpartition("/")
    if (separator and kind != "Patient") or not identity:
        raise NotAnswered("value", "Name one patient, as Patient/id or by the id alone.", ["patient"])
    return _id(identity, "patient")


def _codes(parameter: Parameter, value: str) -> frozenset[str]:
    codes = frozenset(value.split(","))
    if parameter.of and not codes <= parameter.of:
        words = f"Send one or more of {', '.join(sorted(parameter.of))}, with commas between them."
        raise NotAnswered("code-invalid", words, [parameter.name])
    return codes


def _count(value: str) -> int:
    if not value:
        return USUAL
    if not (value.isascii() and value.isdecimal() and len(value) <= 6 and int(value) >= 1):
        raise NotAnswered("value", f"_count is a number from 1; a page holds at most {MOST}.", ["_count"])
    return min(int(value), MOST)


def _dates(given: QueryDict, name: str) -> list[tuple[str, str, Day]]:
    return [(name, *read_date(value, name)) for value in _times(given, name)]


def _times(given: QueryDict, name: str) -> list[str]:
    values = given.getlist(name)
    if len(values) > MOST_DATES:
        raise NotAnswered("invalid", f"Send a date at most {MOST_DATES} times: from, and until.", [name])
    return values


def read_date(value: str, name: str = "date") -> tuple[str, Day]:
    """Return the prefix of a date in a search, and the days that it means in London. Raises `NotAnswered`."""
    found = DATE.fullmatch(value)
    try:
        if found is None:
            raise ValueError
        prefix, year, month, day, time = found.groups()
        if time:
            at = dt.datetime.fromisoformat(value[len(prefix or "") :])
            if at.tzinfo is None:
                raise ValueError
            first = last = at.astimezone(LONDON).date()
        else:
            first = dt.date(int(year), int(month or 1), int(day or 1))
            last = first if day else _last_day(first, has_month=bool(month))
    except (ValueError, OverflowError):
        words = "A date is a year, a month, a day or an instant with its offset, after eq, ne, gt, lt, ge or le."
        raise NotAnswered("value", words, [name]) from None
    return prefix or "eq", (first, last)


def read_stretch(value: str, name: str) -> tuple[str, Stretch]:
    """Return the prefix of a date, and the stretch of time that it means: days in London, or a second of an instant.

    Raises `NotAnswered`.
    """
    prefix, (first, last) = read_date(value, name)
    if "T" in value:
        at = dt.datetime.fromisoformat(value.lstrip("abcdefghijklmnopqrstuvwxyz")).replace(microsecond=0)
        return prefix, (at, at + dt.timedelta(seconds=1))
    if last >= FAR:
        raise NotAnswered("value", "A date is before the year 9999.", [name])
    midnight = dt.time()
    begins, ends = first, last + dt.timedelta(days=1)
    return prefix, (dt.datetime.combine(begins, midnight, LONDON), dt.datetime.combine(ends, midnight, LONDON))


def is_at(prefix: str, wanted: Stretch, at: dt.datetime) -> bool:
    """Whether an instant is found, as it is told: to the second."""
    told = at.replace(microsecond=0)
    begins, ends = wanted
    equal = begins <= told < ends
    return {
        "eq": equal,
        "ne": not equal,
        "gt": told >= ends,
        "lt": told < begins,
        "ge": told >= begins,
        "le": told < ends,
    }[prefix]


def _last_day(first: dt.date, *, has_month: bool) -> dt.date:
    year, month = (first.year, first.month + 1) if has_month and first.month < 12 else (first.year + 1, 1)
    return dt.date(year, month, 1) - dt.timedelta(days=1) if year <= dt.MAXYEAR else FAR


def is_within(prefix: str, wanted: Day, start: dt.date | None, end: dt.date | None) -> bool:
    """Whether what begins and ends on these days is found (HL7 FHIR R4, 3.1.1.4.8); `None` reaches without an end."""
    first, last = start or dt.date.min, end or FAR
    equal = wanted[0] <= first and last <= wanted[1]
    return {
        "eq": equal,
        "ne": not equal,
        "gt": last > wanted[1],
        "lt": first < wanted[0],
        "ge": equal or last > wanted[1],
        "le": equal or first < wanted[0],
    }[prefix]
