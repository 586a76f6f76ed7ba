"""The crosswalk: what each standard calls what the common language has one code for, and what is lost on the way.

It is read out of what the connectors themselves read by: the code lists of definitions and mappings, and the tables of
the connectors that are code. There is no second table that could say otherwise. What a code is called in words comes
from `braid.language.source_words`; where nobody wrote words down, the code stands alone.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from braid.extracts import checks
from braid.extracts.definition import Cell, Definition, Part, RecordRule, Value
from braid.extracts.definition_files import definition_of, load_definitions
from braid.extracts.mapping import load_mapping
from braid.extracts.standards import (
    core_codes,
    fhir_care,
    fhir_people,
    fpl,
    fpl_parties,
    housing_register,
    ta_stock,
    victim_service,
    wlmds,
)
from braid.language.codes import (
    CODE_LISTS,
    ETHNICITY_CROSSWALKS,
    ETHNICITY_GROUP_ONLY,
    HEARING_CANCELLATION_GROUPS,
)
from braid.language.records import SOURCE_TABLES
from braid.language.source_words import find_word

LISTS: Mapping[str, str] = {
    "need": "Needs",
    "stay_kind": "Where somebody lives",
    "ethnicity": "Ethnicity",
    "sex": "Sex",
    "event_status": "What became of an appointment or hearing",
    "cause_group": "Why a hearing failed",
    "relationship_kind": "Who somebody is to somebody else",
    "need_whose": "Whose need it is",
    "episode_kind": "What a service does for somebody",
    "event_kind": "What happened",
    "wait_kind": "What is waited for",
}
"""The lists of the common language that are crossed, in the order of the page; each a list of `CODE_LISTS`."""
EXACT, GROUP = "exact", "group"
_SPELLING = re.compile(r"[^a-z0-9]")
"""Codes that differ by it alone are one code, written in two ways."""
ETHNICITY_STANDARDS: Mapping[str, tuple[str, ...]] = {
    "dfe": ("school",),
    "nhs": ("wlmds", "fhir_ukcore"),
    "core": ("core",),
}


@dataclass(frozen=True)
class Source:
    """Codes of one standard that a list of ours is read from: the column or element, and what each code is to us."""

    list_name: str
    standard: str
    field: str
    codes: Mapping[str, str | None]
    group_only: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Crossing:
    """One code of a standard beside ours. `word` is what the standard calls it, empty where nobody wrote it down.

    `precision` is exact, or group where it is right to its group alone. `shares` counts the codes of that field that
    become the same code of ours: with more than one, what told them apart is lost. `common` is empty for a code that
    the standard has and that becomes none of ours.
    """

    list_name: str
    common: str
    common_word: str
    standard: str
    field: str
    code: str
    word: str
    precision: str
    shares: int

    @property
    def lost(self) -> str:
        """What is lost, in words; empty where nothing is."""
        if not self.common:
            return "Has no common code by itself: kept as the source's own code"
        found = []
        if self.precision == GROUP:
            found.append("Covers several common codes: right to its group alone")
        if self.shares > 1:
            found.append(f"One of {self.shares} codes that become this one: what told them apart is lost")
        return ". ".join(found)


_SEX_STANDARDS: Mapping[str, tuple[str, str]] = {
    "core": ("core", "sex1"),
    "nhs": ("wlmds", "PERSON_STATED_GENDER_CODE"),
}


def _written_in_code() -> Iterator[Source]:
    """Yield what the connectors that are code read by: their own tables, and no copies of them."""
    yield Source("need", "core", "reason", core_codes.REASON_NEEDS)
    yield Source("need", "core", "reasonable preference", core_codes.PREFERENCES)
    yield Source("need", "core", "illness_type", core_codes.ILLNESSES)
    yield Source("stay_kind", "core", "prevten", core_codes.PREVIOUS_STAYS)
    yield Source("relationship_kind", "core", "relat", core_codes.RELATIONSHIPS)
    yield Source("need", "fpl", "risk", fpl.RISKS)
    yield Source("need", "fpl", "factorsParenting", fpl.PARENTING_FACTORS)
    yield Source("sex", "fpl", "gender", fpl_parties.SEXES)
    yield Source("relationship_kind", "fpl", "relationshipToChild", fpl_parties.RELATIONS_TO_CHILD)
    yield Source("stay_kind", "fpl", "livingSituation", fpl_parties.LIVING_SITUATIONS)
    yield Source("cause_group", "fpl", "cancellationReason", HEARING_CANCELLATION_GROUPS)
    yield Source("sex", "housing_register", "gender", housing_register.SEXES)
    yield Source("relationship_kind", "housing_register", "relationshipType", housing_register.RELATIONSHIPS)
    yield Source("sex", "fhir_ukcore", "gender", fhir_people.SEXES)
    yield Source("relationship_kind", "fhir_ukcore", "relationship", fhir_people.RELATIONSHIPS)
    yield Source("event_status", "fhir_ukcore", "Appointment.status", fhir_care.APPOINTMENT_STATUSES)
    yield Source("stay_kind", "ta_stock", "kind", ta_stock.KINDS)
    yield Source("need", "victim_service", "harm", victim_service.HARMS)
    yield Source("stay_kind", "wlmds", "pseudo postcode", wlmds.STAYS_WITHOUT_ADDRESS)
    for system, (standard, field) in _SEX_STANDARDS.items():
        if system in checks.SEX_CODES:
            yield Source("sex", standard, field, checks.SEX_CODES[system])
    for system, standards in ETHNICITY_STANDARDS.items():
        for standard in standards:
            codes, groups = ETHNICITY_CROSSWALKS[system], ETHNICITY_GROUP_ONLY[system]
            yield Source("ethnicity", standard, "ethnicity", codes, groups)


def _defined(definition: Definition) -> Iterator[Source]:
    """Yield the code lists of a definition that become a common code, by the field of ours that they fill."""
    for part in definition.parts:
        for rule in part.rules:
            for field, value in rule.values.items():
                list_name = _list_of(rule, field)
                for leaf in _leaves(value):
                    codes = leaf.cell.codes if leaf.cell else None
                    if list_name and leaf.cell and codes and leaf.output == "common" and codes.common:
                        meant = {code: codes.find_common(code) for code in dict.fromkeys(codes.codes.values())}
                        groups = frozenset(code for code in meant if codes.precision(code) == GROUP)
                        named = {code: str(common or leaf.default or "") or None for code, common in meant.items()}
                        yield Source(list_name, definition.standard, _place(part, field, leaf.cell), named, groups)


def _place(part: Part, field: str, cell: Cell) -> str:
    """Return the column that a code stands in, and what is asked of it where another list than its own says that."""
    codes, declared = cell.codes, part.columns[cell.column].cell.codes
    is_other = declared is not None and codes is not None and codes.name != declared.name
    return f"{cell.column}, {field}" if is_other else cell.column


def _list_of(rule: RecordRule, field: str) -> str:
    table = next(table for table in SOURCE_TABLES if table.name == rule.type)
    return table.column(field).codes or ""


def _leaves(value: Value) -> Iterator[Value]:
    if value.parts:
        for part in value.parts:
            yield from _leaves(part)
    else:
        yield value


def _sources() -> Iterator[Source]:
    yield from _written_in_code()
    for definition in load_definitions():
        yield from _defined(definition)
    folder = Path(str(resources.files("braid.extracts").joinpath("mappings")))
    for path in sorted(folder.glob("*.toml")):
        found = definition_of(load_mapping(path))
        for source in _defined(found):
            yield Source(source.list_name, path.stem, source.field, source.codes, source.group_only)


@cache
def list_crossings() -> tuple[Crossing, ...]:
    """Return every code of every standard beside ours, by list, common code, standard, field and code."""
    found: dict[tuple[str, ...], Crossing] = {}
    for source in _sources():
        if source.list_name not in LISTS:
            continue
        known = CODE_LISTS[source.list_name]
        meant = {code: common if common in known else None for code, common in source.codes.items()}
        spelt: dict[str, set[str]] = defaultdict(set)
        for code, common in meant.items():
            spelt[common or ""].add(_SPELLING.sub("", code.lower()))
        for code, common in meant.items():
            crossing = Crossing(
                source.list_name,
                common or "",
                known[common] if common else "",
                source.standard,
                source.field,
                code,
                find_word(source.standard, source.field, code),
                GROUP if code in source.group_only else EXACT,
                len(spelt[common]) if common else 0,
            )
            key = (crossing.list_name, crossing.standard, crossing.field, crossing.code, crossing.common)
            found.setdefault(key, crossing)
    order = list(LISTS)
    return tuple(sorted(found.values(), key=lambda one: _place_of(one, order)))


def _place_of(one: Crossing, order: list[str]) -> tuple[object, ...]:
    common = list(CODE_LISTS[one.list_name])
    place = common.index(one.common) if one.common else len(common)
    return order.index(one.list_name), place, one.standard, one.field, one.code


def find_own_words(standards: Iterable[str], list_name: str, common: str) -> tuple[str, ...]:
    """Return what these standards call a common code: each word once, in their order; none where they have none.

    A word that covers several common codes is not theirs for this one, and is left out.
    """
    wanted = list(standards)
    return tuple(
        dict.fromkeys(
            one.word or one.code
            for standard in wanted
            for one in list_crossings()
            if one.standard == standard
            and one.list_name == list_name
            and one.common == common
            and one.precision == EXACT
        )
    )
