"""What headings mean: learned from every definition that ships, and some that local exports use beside them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from braid.extracts.definition import MISSING, Definition, Part, RecordRule, Value
from braid.extracts.definition_files import load_definition, load_definitions
from braid.extracts.mapping import SHIPPED

_LETTERS = re.compile(r"[^a-z0-9]+")
TAKEN = ("person_record", "identifier", "stay")
"""Record types that a heading alone may fill. What a date began or ended is asked, not guessed."""


@dataclass(frozen=True)
class Meaning:
    """What a column is: a field of a record, or the key of the person (record and field are then `key`)."""

    record: str
    field: str
    scheme: str = ""


KEY = Meaning("key", "key")
COMMON: Mapping[str, Meaning] = {
    heading: meaning
    for headings, meaning in (
        ("firstname forename givenname givennames forenames", Meaning("person_record", "given_name")),
        ("surname lastname familyname", Meaning("person_record", "family_name")),
        ("aka alias aliases previousname formername", Meaning("person_record", "other_names")),
        ("dob dateofbirth birthdate", Meaning("person_record", "birth_date")),
        ("dod dateofdeath deathdate", Meaning("person_record", "death_date")),
        ("sex gender", Meaning("person_record", "sex")),
        ("ethnicity ethnicgroup ethnicorigin", Meaning("person_record", "ethnicity")),
        ("telephone phone mobile tel phonenumber mobilenumber", Meaning("person_record", "telephone")),
        ("language firstlanguage preferredlanguage", Meaning("person_record", "language_code")),
        ("postcode homepostcode", Meaning("stay", "postcode")),
        ("address address1 addressline1 street", Meaning("stay", "address_lines")),
        ("uprn", Meaning("stay", "uprn")),
        ("nhsnumber nhsno nhsnum", Meaning("identifier", "value", "nhs")),
        ("upn", Meaning("identifier", "value", "upn")),
        ("uln", Meaning("identifier", "value", "uln")),
        ("nino ninumber nationalinsurancenumber", Meaning("identifier", "value", "nino")),
        ("personid clientid clientref customerid pupilid patientid personref uniqueid", KEY),
    )
    for heading in headings.split()
}
"""Headings of local exports, letters and digits alone."""


def plain(heading: str) -> str:
    """Return a heading in small letters and digits alone."""
    return _LETTERS.sub("", heading.lower())


def find_meanings(heading: str) -> dict[Meaning, tuple[str, ...]]:
    """Return what a heading means and which standards use it so; `local exports` for headings of `COMMON`.

    A path of a document is told by its last name, or by the last two together.
    """
    found: dict[Meaning, tuple[str, ...]] = {}
    for name in _names(heading):
        if name in COMMON:
            found[COMMON[name]] = ("local exports",)
        for meaning, standards in learned().get(name, {}).items():
            found[meaning] = (*found.get(meaning, ()), *standards)
        if found:
            return found
    return found


def _names(heading: str) -> Iterator[str]:
    yield plain(heading)
    steps = re.split(r"[./]", heading)
    if len(steps) > 1:
        yield plain("".join(steps[-2:]))
        yield plain(steps[-1])


@cache
def learned() -> Mapping[str, Mapping[Meaning, tuple[str, ...]]]:
    """Return every heading of the definitions that ship, with what it is there and in which standards."""
    found: dict[str, dict[Meaning, set[str]]] = defaultdict(lambda: defaultdict(set))
    shipped = [(path.stem, load_definition(path)) for path in sorted(SHIPPED.glob("*.toml"))]
    for standard, definition in [*((one.standard, one) for one in load_definitions()), *shipped]:
        for heading, meaning in _meanings(definition):
            found[plain(heading)][meaning].add(standard)
    return {name: {one: tuple(sorted(by)) for one, by in meanings.items()} for name, meanings in found.items()}


def _meanings(definition: Definition) -> Iterator[tuple[str, Meaning]]:
    for part in definition.parts:
        if part.person:
            yield from ((heading, KEY) for heading in _headings(part, part.person))
        for rule in part.rules:
            if rule.person is None:
                yield from _of_rule(part, rule)


def _of_rule(part: Part, rule: RecordRule) -> Iterator[tuple[str, Meaning]]:
    for field, value in rule.values.items():
        scheme = rule.values.get("scheme")
        meaning = Meaning(rule.type, field, str(scheme.literal) if scheme and scheme.literal is not MISSING else "")
        if rule.type == "identifier" and field != "value":
            continue
        for column in _columns(value):
            yield from ((heading, meaning) for heading in _headings(part, column))


def _columns(value: Value) -> Iterator[str]:
    if value.output in ("source", "precision") or value.is_item:
        return
    if value.cell is not None:
        yield value.cell.column
    for part in value.parts:
        yield from _columns(part)


def _headings(part: Part, column: str) -> tuple[str, ...]:
    return (column, *part.columns[column].aliases)
