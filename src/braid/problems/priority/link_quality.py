"""What the reviewed sample says of linking, as it may be published: by group of people, by pair of standards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from braid.language.codes import CODE_LISTS
from braid.people.estimates import Estimate
from braid.people.expected import ALL
from braid.people.link_quality import GroupQuality, LinkQuality, StratumCount
from braid.people.sampling import JOINED, SOURCES
from braid.problems.priority.groups import GROUPS, NAMES, UNKNOWN, group_sql
from braid.trust.disclosure import publishable_count
from braid.trust.link_error import Share
from braid.trust.link_quality import publish_share

BY_PERSON = ("age", "sex", "ethnicity")
"""Characteristics of the priority rules by which the sample is told; for others it has too few pairs."""
HOME = "home"
HOMES = {
    "fixed": "Fixed address",
    "temporary": "Temporary accommodation",
    "none": "No fixed address",
    UNKNOWN: "Not known or withheld",
}
NAMES_SHOWN = {ALL: "All", **{name: NAMES[name] for name in BY_PERSON}, HOME: "Home", SOURCES: "Pair of standards"}
EVERYBODY = "All links"

HOME_SQL = f"""
select p.person_id, case when p.protected or p.location_withheld then '{UNKNOWN}' when h.without > 0 then 'none'
  when h.temporary > 0 then 'temporary' when h.person_id is not null then 'fixed' else '{UNKNOWN}' end as group_code
from person p left join (
  select l.person_id, sum(case when s.kind in ('rough', 'sofa', 'no_fixed_abode') then 1 else 0 end) as without,
    sum(case when substring(s.kind, 1, 3) = 'ta_' then 1 else 0 end) as temporary
  from stay s join person_link l on l.person_record_id = s.person_record_id
  where s.end_date is null and not s.confidential and s.kind <> 'refuge' group by l.person_id
) as h on h.person_id = p.person_id"""
"""Everybody's home as a group: without a fixed address goes before temporary, and that before any other."""


def quality_groups(as_of: dt.date) -> dict[str, str]:
    """Return, for each characteristic by which the sample is told, a query of everybody's group."""
    return {**{name: group_sql(name, as_of) for name in BY_PERSON}, HOME: HOME_SQL}


@dataclass(frozen=True)
class QualityShown:
    """What is published of a group in words: `false` of its links, `missed` of its true ones; `None`: too few."""

    name: str
    false: Share | None
    missed: Share | None


@dataclass(frozen=True)
class CharacteristicShown:
    """A characteristic in words, with its groups."""

    name: str
    groups: tuple[QualityShown, ...]


@dataclass(frozen=True)
class StratumShown:
    """A stratum in words: pairs there were, were drawn, and are decided, rounded; `None` where few."""

    name: str
    is_joined: bool
    pairs: int | None
    drawn: int | None
    decided: int | None


@dataclass(frozen=True)
class SampleShown:
    """What is published of a sample; the characteristics are none until enough of it is decided."""

    drawn_date: dt.date
    drawn: int | None
    decided: int | None
    strata: tuple[StratumShown, ...]
    characteristics: tuple[CharacteristicShown, ...]

    @property
    def is_told(self) -> bool:
        """Whether the sample says something yet."""
        return bool(self.characteristics)

    @property
    def undecidable(self) -> tuple[str, ...]:
        """The strata that have pairs of which none is decided."""
        return tuple(each.name for each in self.strata if each.pairs != 0 and each.decided == 0)


def publish_quality(quality: LinkQuality) -> SampleShown:
    """Return what may be published of a sample. Pairs of standards of which nothing may be said are left out."""
    strata = tuple(_stratum(each) for each in quality.strata)
    of_groups: dict[str, list[QualityShown]] = {name: [] for name in NAMES_SHOWN}
    for each in _in_order(quality.groups) if quality.is_told else ():
        shown = _shown(each)
        if each.characteristic != SOURCES or shown.false or shown.missed:
            of_groups[each.characteristic].append(shown)
    found = tuple(CharacteristicShown(NAMES_SHOWN[name], tuple(rows)) for name, rows in of_groups.items() if rows)
    drawn, decided = publishable_count(quality.drawn), publishable_count(quality.decided)
    return SampleShown(quality.drawn_date, drawn, decided, strata, found)


def _stratum(each: StratumCount) -> StratumShown:
    counts = (publishable_count(count) for count in (each.pairs, each.drawn, each.decided))
    return StratumShown(CODE_LISTS["link_stratum"][each.stratum], each.stratum in JOINED, *counts)


def _in_order(groups: tuple[GroupQuality, ...]) -> list[GroupQuality]:
    """Return groups in the order of their list; pairs of standards by name."""
    order = {name: list(_words(name)) for name in NAMES_SHOWN}

    def place(each: GroupQuality) -> tuple[int, str]:
        listed = order[each.characteristic]
        return (listed.index(each.group_code) if each.group_code in listed else len(listed)), each.group_code

    return sorted((each for each in groups if each.characteristic in NAMES_SHOWN), key=place)


def _words(characteristic: str) -> Mapping[str, str]:
    return HOMES if characteristic == HOME else GROUPS.get(characteristic, {ALL: EVERYBODY})


def words_of(characteristic: str, group_code: str) -> tuple[str, str]:
    """Return a characteristic and one of its groups in words."""
    if characteristic == SOURCES:
        standards = CODE_LISTS["standard"]
        return NAMES_SHOWN[SOURCES], " and ".join(standards.get(code, code) for code in group_code.split("|"))
    return NAMES_SHOWN[characteristic], _words(characteristic).get(group_code, group_code)


def _shown(each: GroupQuality) -> QualityShown:
    return QualityShown(
        words_of(each.characteristic, each.group_code)[1],
        publish_share(each.people, each.links, each.false_reviewed, _ends(each.false)),
        publish_share(each.people, each.links, each.missed_reviewed, _ends(each.missed)),
    )


def _ends(found: Estimate) -> tuple[float, float, float]:
    return found.number, found.low, found.high


def as_json(shown: SampleShown) -> dict[str, Any]:
    """Return what is published as plain values, for one JSON document."""
    return {**asdict(shown), "drawn_date": shown.drawn_date.isoformat(), "is_told": shown.is_told}


def from_json(values: Mapping[str, Any]) -> SampleShown:
    """Return what was published from its plain values."""

    def share(found: Mapping[str, int] | None) -> Share | None:
        return Share(**found) if found else None

    return SampleShown(
        dt.date.fromisoformat(values["drawn_date"]),
        values["drawn"],
        values["decided"],
        tuple(StratumShown(**each) for each in values["strata"]),
        tuple(
            CharacteristicShown(
                each["name"],
                tuple(QualityShown(row["name"], share(row["false"]), share(row["missed"])) for row in each["groups"]),
            )
            for each in values["characteristics"]
        ),
    )
