"""What may not be contradicted: trusted identifiers, and the people of one case, who are different people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from itertools import chain

from braid.people.model import Facts
from braid.people.standardise import read_identifiers
from braid.store.engine import Engine

SHARED_CASES = (
    "register",
    "homelessness_prevention",
    "homelessness_relief",
    "main_duty",
    "ta",
    "family_case",
    "criminal_case",
)
"""Kinds of episode whose reference several people share, each by a row: application, homelessness or court case."""


def read_facts(engine: Engine) -> dict[str, Facts]:
    """Return what each record may not contradict. Records that say nothing of the kind are absent.

    An identifier counts where its check holds, the source does not call it unverified and the record holds only one.
    """
    councils = {
        row["record_id"]: row["organisation_id"]
        for row in engine.rows("select record_id, organisation_id from person_record")
    }
    identifiers = read_identifiers(engine)
    cases = read_cases(engine)
    return {
        record_id: Facts(
            _claims(identifiers.get(record_id, {}), councils.get(record_id, "")),
            frozenset(identifiers.get(record_id, {}).get("former_upn", ())),
            frozenset(cases.get(record_id, ())),
        )
        for record_id in identifiers.keys() | cases.keys()
    }


def read_cases(engine: Engine) -> dict[str, set[str]]:
    """Return the cases each record shares with other records of its feed, as opaque texts."""
    members: dict[str, set[str]] = defaultdict(set)
    kinds = ", ".join(f"'{kind}'" for kind in SHARED_CASES)
    episodes = engine.rows(
        "select person_record_id, feed, episode_ref as ref from episode"
        f" where episode_ref is not null and kind in ({kinds})"
    )
    stays = engine.rows("select person_record_id, feed, household_ref as ref from stay where household_ref is not null")
    for row in chain(episodes, stays):
        members[f"{row['feed']}\x1f{row['ref']}"].add(row["person_record_id"])
    for row in engine.rows("select person_record_id, other_person_record_id from relationship"):
        pair = sorted((row["person_record_id"], row["other_person_record_id"]))
        members["\x1f".join(pair)] |= set(pair)
    return _by_record({case: records for case, records in members.items() if len(records) > 1})


def _by_record(members: Mapping[str, set[str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for case, records in members.items():
        for record_id in records:
            found[record_id].add(case)
    return found


def _claims(identifiers: Mapping[str, list[str]], council: str) -> dict[str, str]:
    names = {"nhs": "nhs", "upn": "upn", "la_child": f"la_child {council}"}
    return {name: identifiers[scheme][0] for scheme, name in names.items() if len(identifiers.get(scheme, ())) == 1}
