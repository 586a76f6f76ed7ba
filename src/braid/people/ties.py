"""Who is tied to whom by what sources say: family and one application."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from braid.store.engine import Engine

LIVE_TOGETHER = ("parent", "child", "sibling", "household", "carer", "partner", "same_family_case")
"""Relationships along which a safe address protects: knowing where the one is tells where the other is."""


def read_family(engine: Engine, person_ids: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return pairs of persons who are of one family, household or application by any source."""
    return persons_of(read_ties(engine), person_ids)


def read_ties(engine: Engine) -> list[tuple[str, str]]:
    """Return pairs of records that are of one family, household or application by any source."""
    return [*_related(engine), *_one_application(engine)]


def persons_of(ties: Iterable[tuple[str, str]], person_ids: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return pairs of records as pairs of persons, where both are known."""
    known = [(left, right) for left, right in ties if left in person_ids and right in person_ids]
    return [(person_ids[left], person_ids[right]) for left, right in known]


def _related(engine: Engine) -> list[tuple[str, str]]:
    kinds = ", ".join(f"'{kind}'" for kind in LIVE_TOGETHER)
    rows = engine.rows(f"select person_record_id, other_person_record_id from relationship where kind in ({kinds})")
    return [(row["person_record_id"], row["other_person_record_id"]) for row in rows]


def _one_application(engine: Engine) -> list[tuple[str, str]]:
    """Return pairs of records on one housing or homelessness application, open or ended, each with its first."""
    rows = engine.rows(
        "select person_record_id, first_value(person_record_id) over"
        " (partition by feed, episode_ref order by person_record_id) as first_record_id from episode"
        " where episode_ref is not null and kind in"
        " ('register', 'homelessness_prevention', 'homelessness_relief', 'main_duty', 'ta', 'cin', 'cla')"
    )
    return [(row["person_record_id"], row["first_record_id"]) for row in rows]
